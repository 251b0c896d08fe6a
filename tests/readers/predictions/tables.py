"""What the tests of this folder share: files of predictions written and read in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Wanted
from mlcheck.readers.predictions import read_predictions

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model.predictions import Predictions

Content = TypeVar("Content")


def written(folder: Path, name: str, content: str | bytes) -> str:
    """Write a file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def read(*files: str | Path, **wanted: Any) -> Predictions:
    """Read one model's predictions; a problem is raised."""
    found = read_predictions(Wanted(files=tuple(map(str, files)), **wanted))
    (predictions,) = found.predictions
    return predictions


def content_of(kind: type[Content], *files: str | Path, **wanted: Any) -> Content:
    """Read one model's predictions and return its content, which must be of a kind."""
    content = read(*files, **wanted).content
    assert isinstance(content, kind)
    return content


def refusal(*files: str | Path, **wanted: Any) -> str:
    """Return what is said of files that cannot be read, on one line."""
    with pytest.raises(MlcheckError) as caught:
        read(*files, **wanted)
    told = str(caught.value)
    assert "\n" not in told
    return told
