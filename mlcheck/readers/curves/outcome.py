"""What a training run came to: its held-out score, from its series or from what it printed or wrote at the end."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.curves import Outcome
from mlcheck.readers import hparams, read_inputs
from mlcheck.readers.curves.names import HELD_OUT, LOWER, MEASURES, folded
from mlcheck.readers.listing import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model.curves import Better, CurvesWanted
    from mlcheck.model.run import Run, Series

PAIR = re.compile(
    r"([A-Za-z][\w@./ -]{0,60}?)[\"']?\s*(?:[:=]|\bis\b|\s)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(%?)(?![\w.])"
)
SUFFIXES = frozenset((".log", ".txt", ".out", ".json"))
MOST_BYTES = 1 << 16
"""Bytes of a text's end, and of a JSON file, in which a final score is looked for."""
FINAL = frozenset(
    (
        "score",
        "accuracy",
        "acc",
        "f1",
        "auc",
        "roc_auc",
        "average_precision",
        "r2",
        "map",
        "ndcg",
        "bleu",
        "iou",
    )
)
"""Measures that are told at the end without a word on the split; a bare loss may be that of training."""


def read_outcome(folder: str, wanted: CurvesWanted) -> Outcome:
    """Return the score of the one training whose logs are in a folder. Raises MlcheckError where there is none."""
    reading = read_inputs([folder])
    found = [outcome for run in reading.runs for outcome in outcomes(run, wanted)]
    told = [] if found and wanted.score is None else list(_told(Path(folder), wanted))
    either = [*found, *told]
    if either:
        return either[0]
    logged = sorted({series.role.name for run in reading.runs for series in run.series})
    what = listed(logged, 6) if logged else "no named numbers"
    name = "a held-out score (val_accuracy, val_loss, ...)" if wanted.score is None else f"{wanted.score!r}"
    raise MlcheckError(
        folder,
        f"expected {name} in what the run printed or wrote, found {what}",
        "print it, or name what is logged with --score",
    )


def outcomes(run: Run, wanted: CurvesWanted) -> Iterator[Outcome]:
    """Yield the held-out scores of a run, the likeliest to be meant first: metrics before the loss, validation before test."""
    for series in _candidates(run, wanted.score):
        better: Better = wanted.better or _better(series)
        finite = np.flatnonzero(np.isfinite(series.value))
        if not len(finite):
            continue
        value = series.value[finite]
        best = int(value.argmax() if better == "higher" else value.argmin())
        at = int(finite[best if wanted.take == "best" else -1])
        yield Outcome(
            metric=series.role.name, better=better, value=float(series.value[at]), train=_train(run, series, at),
            source=run.source, reader=run.reader,
        )  # fmt: skip


def _candidates(run: Run, score: str | None) -> list[Series]:
    if score is not None:
        wanted = folded(score)
        named = [s for s in run.series if wanted in (folded(s.role.name), folded(s.name))]
        return named or [
            s for s in run.series if s.role.measure == score and s.role.split in ("validation", "test")
        ]
    held = [s for split in ("validation", "test") for s in run.series if s.role.split == split]
    metrics = [s for s in held if s.role.quantity == "metric" and s.role.better is not None]
    bare = [
        s
        for s in run.series
        if s.role.quantity == "metric" and s.role.split is None and s.role.better is not None
    ]
    losses = [s for s in held if s.role.quantity == "loss"]
    return [*metrics, *(bare if not metrics else []), *losses]


def _better(series: Series) -> Better:
    if series.role.better is not None:
        return series.role.better
    return "lower" if series.role.quantity == "loss" or LOWER.search(folded(series.name)) else "higher"


def _train(run: Run, series: Series, at: int) -> float:
    """Return the same measure on the training examples at the moment that counts, NaN where it was not logged."""
    for other in run.series:
        same = other.role.quantity == series.role.quantity and other.role.measure == series.role.measure
        if same and other.role.split == "train" and other is not series and len(other):
            by_epoch = series.epoch is not None and other.epoch is not None
            here, there = (series.epoch, other.epoch) if by_epoch else (series.step, other.step)
            assert here is not None  # noqa: S101  (by_epoch)
            assert there is not None  # noqa: S101
            return float(other.value[int(np.abs(there - here[at]).argmin())])
    return math.nan


def _told(folder: Path, wanted: CurvesWanted) -> Iterator[Outcome]:
    """Yield the score that was printed once, or written to a small JSON file: the last such line, held out before plain."""
    for path in sorted(folder.iterdir() if folder.is_dir() else ()):
        if path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        pairs = list(_json(path) if path.suffix.lower() == ".json" else _printed(path))
        found = _named(pairs, wanted.score)
        if found is None:
            continue
        name, value = found
        better: Better = wanted.better or ("lower" if LOWER.search(name) else "higher")
        train = _named(pairs, f"train_{name.split('_', 1)[-1] if name.startswith(HELD_OUT) else name}")
        yield Outcome(
            metric=name, better=better, value=value, train=math.nan if train is None else train[1],
            source=f"{folder.name}/{path.name}", reader="text",
        )  # fmt: skip


def _printed(path: Path) -> Iterator[tuple[str, float]]:
    """Yield the names and numbers of a text's last lines, the last line first."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - MOST_BYTES))
        text = file.read(MOST_BYTES).decode("utf-8", "replace")
    for line in reversed(text.splitlines()):
        for found in PAIR.finditer(line):
            yield folded(found[1]), float(found[2])


def _json(path: Path) -> Iterator[tuple[str, float]]:
    if path.stat().st_size > MOST_BYTES:
        return
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        for name, value in hparams.scalars(document).items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield folded(name), float(value)


def _named(pairs: Sequence[tuple[str, float]], score: str | None) -> tuple[str, float] | None:
    """Return the first pair whose name ends in the score, or in a held-out measure, and how it is called."""
    if score is not None:
        groups = [[folded(score)]]
    else:
        groups = [[f"{split}_{measure}" for split in HELD_OUT for measure in MEASURES], sorted(FINAL)]
    for names in groups:
        for name, value in pairs:
            likely = next((w for w in names if name == w or name.endswith(f"_{w}")), None)
            if (
                likely is not None
                and math.isfinite(value)
                and (score is not None or "train" not in name.split("_"))
            ):
                return likely, value
    return None
