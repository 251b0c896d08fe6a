"""Reports of `mlcheck baseline` are read as references; whatever else is refused in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.reference import Level
from mlcheck.readers.reference import read_reference

if TYPE_CHECKING:
    from pathlib import Path


def document(**changed: Any) -> dict[str, Any]:
    """Return a report with two rungs, a model and a setting that was varied."""
    rung = {
        "metric": "accuracy",
        "low": 0.7,
        "high": 0.9,
        "log_loss": 0.5,
        "log_loss_low": 0.4,
        "log_loss_high": None,
    }
    measures = {
        "constant": {**rung, "score": 0.6},
        "linear": {**rung, "score": 0.8, "gain": 0.2, "gain_low": 0.1, "gain_high": 0.3},
        "model": {**rung, "score": 0.9},
        "width=2": {"score": 0.7, "train_error": 0.1, "train_error_low": 0.0, "train_error_high": 0.2},
    }
    return {"schema": "mlcheck/1", "command": "baseline", "subjects": [{"measures": measures}], **changed}


def written(folder: Path, content: object) -> str:
    """Write JSON (a text as it is) and return the path."""
    path = folder / "report.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def test_rungs_are_read_with_all_their_measures(tmp_path: Path) -> None:
    """The ladder's own metric and those beside it; neither the model nor what was varied is a rung."""
    found = read_reference(written(tmp_path, document()))
    assert list(found.rungs) == ["constant", "linear"]
    assert set(found.rungs["linear"]) == {"accuracy", "log_loss"}
    assert found.rungs["linear"]["accuracy"] == Level(value=0.8, low=0.7, high=0.9)
    assert found.rungs["linear"]["log_loss"] == Level(value=0.5, low=0.4, high=None)
    assert found.source == "report.json"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("epoch,loss", "found no JSON"),
        ("[1, 2]", "found other JSON"),
        ({"a": 1}, "found other JSON"),
        (document(command="diagnose"), "found one of mlcheck diagnose"),
        (document(subjects=[]), "on one data set, found 0"),
        (document(subjects=[{"measures": {}}]), "one that learns, found none"),
        (document(subjects=[{"measures": {"constant": {"metric": "r2", "score": 0.0}}}]), "one that learns, found 'constant'"),
        (document(subjects=[{"measures": {"linear": {"metric": "r2", "score": None}}}]), "found none"),
    ],
)  # fmt: skip
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: object, told: str) -> None:
    """The message names the file, what was expected and what was found."""
    path = written(tmp_path, content)
    with pytest.raises(MlcheckError, match=told) as caught:
        read_reference(path)
    assert caught.value.where == path
    assert "\n" not in str(caught.value)


def test_a_number_beyond_all_floats_is_none(tmp_path: Path) -> None:
    """JSON bears whole numbers of any length, and NaN: neither is a level."""
    rung = '{"metric": "accuracy", "score": %s, "low": NaN, "high": 1e999}'
    text = json.dumps(document()).replace(
        '"subjects": [{"measures": {', '"subjects": [{"measures": {"bert": ' + rung % ("9" * 400) + ", "
    )
    assert "bert" not in read_reference(written(tmp_path, text)).rungs


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """The system's reason stands in the message."""
    with pytest.raises(MlcheckError, match="no such file"):
        read_reference(str(tmp_path / "none.json"))
