"""Hyperparameters beside a log: hparams.yaml, config.json, args.yaml and the like, read safely and flattened."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model import Scalar

NAMES = frozenset(
    f"{stem}{suffix}"
    for stem in (
        "hparams",
        "config",
        "args",
        "params",
        "hyperparameters",
        "hyperparams",
        "opt",
        "hyp",
        "training_args",
        "settings",
    )
    for suffix in (".yaml", ".yml", ".json")
)
MAX_BYTES = 1 << 20
MAX_VALUES = 500
NOTES = frozenset(("_wandb", "wandb_version"))
MAX_NODES = 20_000
"""YAML's aliases let a small file unfold without end: so many names are looked at."""


def is_settings(path: Path) -> bool:
    """Whether a file's name says that it holds hyperparameters."""
    return path.name.lower() in NAMES


def beside(folder: Path) -> Iterator[Path]:
    """Yield the settings files in a folder."""
    for name in sorted(NAMES):
        if (folder / name).is_file():
            yield folder / name


def read(path: Path) -> dict[str, Scalar]:
    """Return the file's scalars by dotted name.

    Raises MlcheckError where it cannot be read, is no mapping, or needs Python objects (never built from YAML).
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MlcheckError(str(path), "expected hyperparameters, found a file over 1 MiB")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MlcheckError(
            str(path),
            f"expected a file of hyperparameters, found: {(error.strerror or '').lower()}",
            "check the path",
        ) from error
    except UnicodeDecodeError as error:
        raise MlcheckError(str(path), "expected YAML or JSON text, found binary data") from error
    document = _parse(path, text)
    if not isinstance(document, Mapping):
        raise MlcheckError(
            str(path), "expected names with values, found something else", "write one `name: value` a line"
        )
    return scalars(document)


def scalars(document: Mapping[object, object] | Mapping[str, object]) -> dict[str, Scalar]:
    """Return the first scalars of nested mappings by dotted name; what W&B notes of itself is left out."""
    return dict(itertools.islice(_flatten({k: v for k, v in document.items() if k not in NOTES}), MAX_VALUES))


def _parse(path: Path, text: str) -> object:
    try:
        return json.loads(text) if path.suffix.lower() == ".json" else _yaml(path, text)
    except json.JSONDecodeError as error:
        raise MlcheckError(
            f"{path}:{error.lineno}:{error.colno}", f"expected valid JSON: {error.msg.lower()}"
        ) from error
    except (RecursionError, ValueError) as error:
        raise MlcheckError(
            str(path), f"expected hyperparameters, found what cannot be read ({error})"
        ) from error


def _yaml(path: Path, text: str) -> object:
    import yaml

    class Plain(yaml.SafeLoader):
        """Builds nothing but plain values: what carries a tag of its own (a Python object) is left out."""

    Plain.add_multi_constructor("", lambda *_: None)
    try:
        return yaml.load(text, Loader=Plain)  # noqa: S506  (a safe loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise MlcheckError(
            where, f"expected plain YAML: {getattr(error, 'problem', None) or error}"
        ) from error


def _flatten(document: Mapping[object, object]) -> Iterator[tuple[str, Scalar]]:
    """Yield the scalars in order, nested names joined with dots."""
    stack: list[tuple[str, object]] = [("", document)]
    for _ in range(MAX_NODES):
        if not stack:
            return
        name, value = stack.pop()
        if isinstance(value, Mapping):
            if "value" in value and set(value) <= {"value", "desc"}:  # W&B's config
                stack.append((name, value["value"]))
            else:
                stack += [
                    (f"{name}.{key}" if name else str(key), inner)
                    for key, inner in reversed(list(value.items()))
                ]
        elif value is None or isinstance(value, bool | int | float):
            yield name, value
        elif isinstance(value, str):
            yield name, _number_or_text(value)


def _number_or_text(text: str) -> Scalar:
    """PyYAML reads 1e-5 as text (YAML 1.1 wants a dot): a number all the same."""
    try:
        return float(text)
    except ValueError:
        return text
