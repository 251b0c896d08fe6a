"""The JSON report of `mlcheck baseline`, read as the reference that a run is compared with."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from mlcheck.errors import MlcheckError
from mlcheck.model.reference import BLIND, CONSTANT, Level, Reference
from mlcheck.readers.listing import listed

MAX_BYTES = 8 << 20
LARGEST = 1e300
TRY = "mlcheck baseline DATA --target COL --format json --output report.json"
MODEL, GAIN = "model", "gain"
"""Not a rung; not a measure, though it has an interval."""


def read_reference(path: str) -> Reference:
    """Return the rungs of a report. Raises MlcheckError, in one line, for a file that is no report of `mlcheck baseline`."""
    document = _document(path)
    command = document.get("command")
    if not str(document.get("schema", "")).startswith("mlcheck/"):
        raise MlcheckError(path, "expected the JSON report of mlcheck baseline, found other JSON", TRY)
    if command != "baseline":
        raise MlcheckError(
            path, f"expected a report of mlcheck baseline, found one of mlcheck {command}", TRY
        )
    subjects = document.get("subjects")
    if not isinstance(subjects, list) or len(subjects) != 1 or not isinstance(subjects[0], Mapping):
        count = len(subjects) if isinstance(subjects, list) else 0
        raise MlcheckError(path, f"expected a report on one data set, found {count}", TRY)
    measures = subjects[0].get("measures")
    rungs = {
        str(name): levels
        for name, numbers in (measures.items() if isinstance(measures, Mapping) else ())
        if name != MODEL and isinstance(numbers, Mapping) and (levels := _levels(numbers))
    }
    if CONSTANT not in rungs or not rungs.keys() - BLIND:
        found = listed(rungs, 8) if rungs else "none"
        raise MlcheckError(
            path,
            f"expected the constant rung and one that learns, found {found}",
            "run mlcheck baseline with --rungs constant,linear",
        )
    return Reference(source=Path(path).name, rungs=rungs)


def _document(path: str) -> Mapping[str, object]:
    file = Path(path)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise MlcheckError(
                path, f"expected a report of mlcheck baseline, found a file over {MAX_BYTES >> 20} MiB", TRY
            )
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise MlcheckError(
            path, f"expected a report of mlcheck baseline, found: {reason}", "check --baseline"
        ) from error
    except (ValueError, RecursionError) as error:
        raise MlcheckError(
            path, "expected the JSON report of mlcheck baseline, found no JSON", TRY
        ) from error
    if not isinstance(document, Mapping):
        raise MlcheckError(path, "expected the JSON report of mlcheck baseline, found other JSON", TRY)
    return document


def _levels(numbers: Mapping[str, object]) -> dict[str, Level]:
    """Return the levels of a rung by measure: that of its `metric`, and others that stand beside it with their names."""
    found: dict[str, Level] = {}
    metric = numbers.get("metric")
    if not isinstance(metric, str):  # no rung: a setting that was varied, a group that was left out
        return found
    for name, value in numbers.items():
        if name == "score":
            prefix, measure = "", metric
        elif f"{name}_low" in numbers and name != GAIN:
            prefix, measure = f"{name}_", name
        else:
            continue
        level = _number(value)
        if level is not None:
            low, high = (_number(numbers.get(f"{prefix}{end}")) for end in ("low", "high"))
            found[measure] = Level(value=level, low=low, high=high)
    return found


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        return None
    return float(value) if math.isfinite(value) else None
