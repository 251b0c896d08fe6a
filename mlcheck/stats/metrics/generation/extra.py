"""The libraries of the extra `text`, imported where they are used; a missing one says how to install it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from types import ModuleType


def library(name: str, purpose: str) -> ModuleType:
    """Import a module of the extra `text`; raise MlcheckError with the command that installs it where it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise MlcheckError(
            purpose,
            f"expected the library {package} to be installed, found it missing",
            'try pip install "mlcheck-runs[text]"',
        ) from error
