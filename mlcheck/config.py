"""Limits and options: defaults < file < flags, checked, with a suggestion for a name that is nearly right.

The file is YAML (`--config FILE`, else mlcheck.yaml) or the table [tool.mlcheck] of the nearest pyproject.toml.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from mlcheck.errors import MlcheckError

FailOn: TypeAlias = Literal["note", "warning", "error", "never"]
FAIL_ON: tuple[FailOn, ...] = get_args(FailOn)
FILE_NAME = "mlcheck.yaml"
LEAST = {"seed": 0, "jobs": 1, "classes": 2, "val_size": 1, "bootstrap": 10}
"""The smallest whole number that makes sense, by setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every option that a file may set. Codes in `select` and `ignore` are whole or prefixes (DIA, DIA2, DIA201).

    `level` is the confidence level of intervals (0..1), `bootstrap` the number of samples
    behind those that are resampled (None: 1000, and none for so many rows that a formula is as good). `jobs` is the number of processes, None for one a core where it
    pays. `limits` maps a rule's code to its keyword limits. `columns`
    maps a role (train_loss, val_loss, step, ...) to a column name. `classes` (K), `val_size` (examples) and
    `target_loss` are what the user knows of the task.
    """

    format: str = "rich"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: FailOn = "error"
    seed: int = 0
    level: float = 0.95
    bootstrap: int | None = None
    jobs: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    classes: int | None = None
    val_size: int | None = None
    target_loss: float | None = None
    limits: Mapping[str, Mapping[str, float | int | bool | str]] = field(default_factory=dict)

    def digest(self) -> str:
        """Return 8 hexadecimal digits that change with every setting that changes a judgement."""
        judged = {k: v for k, v in asdict(self).items() if k not in ("format", "fail_on", "jobs")}
        return hashlib.sha256(json.dumps(judged, sort_keys=True, default=str).encode()).hexdigest()[:8]


KNOWN = tuple(f.name.replace("_", "-") for f in fields(Settings))


def load(path: str | None, start: Path, base: Settings | None = None) -> Settings:
    """Return the settings of the file at `path`, else of the nearest one above `start`, over the defaults `base`.

    Raises MlcheckError for a file that cannot be read, an unknown key or a value of the wrong kind.
    """
    base = base or Settings()
    if path is not None:
        file = Path(path)
        return _checked(path, _pyproject(file) or {} if file.name == "pyproject.toml" else _yaml(file), base)
    folders = (start, *start.parents)
    for folder in folders:
        file = folder / "pyproject.toml"
        if file.is_file():
            table = _pyproject(file)
            if table is not None:
                return _checked(str(file), table, base)
            break
    for folder in folders:
        if (folder / FILE_NAME).is_file():
            return _checked(str(folder / FILE_NAME), _yaml(folder / FILE_NAME), base)
    return base


def with_flags(settings: Settings, flags: Mapping[str, object]) -> Settings:
    """Return the settings with the flags that were given (not None, not empty) in place of the file's."""
    given = {name: value for name, value in flags.items() if value is not None and value != ()}
    checked = {name: _value("--" + name.replace("_", "-"), name, value) for name, value in given.items()}
    return replace(settings, **checked)  # type: ignore[arg-type]  # each value was checked by _value


def suggestion(name: str, known: tuple[str, ...] | list[str]) -> str:
    """Return a hint that names the nearest known name, or them all."""
    import difflib

    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"


def check_limits(settings: Settings, allowed: Mapping[str, Mapping[str, object]]) -> None:
    """Raise MlcheckError for a limit of no rule, or a code that is no prefix of any. `allowed`: code -> limit -> default."""
    for code, limits in settings.limits.items():
        if code not in allowed:
            raise MlcheckError(
                f"limits.{code}", "expected the code of a rule", suggestion(code, list(allowed))
            )
        for name, value in limits.items():
            if name not in allowed[code]:
                raise MlcheckError(
                    f"limits.{code}.{name}",
                    f"expected a limit of {code}",
                    suggestion(name, list(allowed[code])),
                )
            default = allowed[code][name]
            if isinstance(default, int | float) and (
                isinstance(value, str | bool) or not isinstance(value, int | float)
            ):
                raise MlcheckError(
                    f"limits.{code}.{name}", f"expected a number such as {default}, found {value!r}"
                )
    for option, codes in (("--select", settings.select), ("--ignore", settings.ignore)):
        for code in codes:
            if not any(rule.startswith(code) for rule in allowed):
                raise MlcheckError(
                    option,
                    f"expected a code or prefix such as DIA, DIA3 or DIA301, found {code!r}",
                    suggestion(code, list(allowed)),
                )


def _pyproject(path: Path) -> Mapping[str, object] | None:
    """Return the table [tool.mlcheck], None where there is none; the file is parsed only if it names it."""
    raw = _text(path)
    if "tool.mlcheck" not in raw:
        return None
    import tomllib

    try:
        document = tomllib.loads(raw)
    except tomllib.TOMLDecodeError as error:
        raise MlcheckError(str(path), f"expected valid TOML: {error}") from error
    table = document.get("tool", {}).get("mlcheck")
    return table if isinstance(table, Mapping) else None


def _yaml(path: Path) -> Mapping[str, object]:
    import yaml

    try:
        document = yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise MlcheckError(
            where, f"expected plain YAML: {getattr(error, 'problem', None) or error}"
        ) from error
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        raise MlcheckError(
            str(path), "expected names with values, found something else", "write one `name: value` a line"
        )
    return document


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise MlcheckError(
            str(path),
            f"expected a configuration file, found: {(error.strerror or '').lower()}",
            "check --config",
        ) from error
    except UnicodeDecodeError as error:
        raise MlcheckError(str(path), "expected UTF-8 text, found binary data") from error


def _checked(where: str, table: Mapping[str, object], base: Settings) -> Settings:
    values: dict[str, object] = {}
    for key, value in table.items():
        name = str(key).replace("-", "_")
        if name.replace("_", "-") not in KNOWN:
            raise MlcheckError(where, f"unknown key {str(key)!r}", suggestion(str(key), list(KNOWN)))
        values[name] = _value(f"{where}: {key}", name, value)
    return replace(base, **values)  # type: ignore[arg-type]  # each value was checked by _value


def _value(where: str, name: str, value: object) -> object:
    """Check one value and bring it into its type; raises MlcheckError that says what was expected."""
    if name in ("select", "ignore"):
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(i, str) for i in items):
            raise MlcheckError(where, f"expected codes such as DIA301, found {value!r}")
        return tuple(code.strip().upper() for item in items for code in str(item).split(",") if code.strip())
    if name == "fail_on":
        return _one_of(where, value, FAIL_ON)
    if name == "format":
        return _of_type(where, value, str, "a name")
    if name in LEAST:
        return _count(where, value, least=LEAST[name])
    if name in ("level", "target_loss"):
        return _real(where, value, inside=(0.0, 1.0) if name == "level" else None)
    return _mapping(where, name, value)


def _one_of(where: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise MlcheckError(where, f"expected one of {', '.join(known)}, found {value!r}")
    return str(value)


def _of_type(where: str, value: object, kind: type, told: str) -> object:
    if not isinstance(value, kind):
        raise MlcheckError(where, f"expected {told}, found {value!r}")
    return value


def _count(where: str, value: object, *, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise MlcheckError(where, f"expected a whole number of at least {least}, found {value!r}")
    return value


def _real(where: str, value: object, *, inside: tuple[float, float] | None) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MlcheckError(where, f"expected a number, found {value!r}")
    if inside and not inside[0] < value < inside[1]:
        raise MlcheckError(
            where, f"expected a number between {inside[0]:g} and {inside[1]:g}, found {value!r}"
        )
    return float(value)


def _mapping(where: str, name: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise MlcheckError(where, f"expected names with values, found {value!r}")
    if name == "limits" and not all(isinstance(v, Mapping) for v in value.values()):
        raise MlcheckError(where, "expected rules with their limits, such as DIA301: {rise: 0.1}")
    return {str(k): v for k, v in value.items()}
