"""What a baseline report adds to a verdict: the scores move by where the run stands between the constant and the best rung.

Two numbers beside those of the curve. `lost` is what the training level lacks to the best rung, `gap` by how much the
validation is behind the training, both as shares of the way from the constant rung to the best one; the log odds rise
or fall with each in two straight pieces. They stand in verdict_reference.json, fitted by benchmarks/baseline_context.py
to runs that were retrained with each remedy.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mlcheck.stats.reference import standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model import Run
    from mlcheck.stats.reference import Standing

BEND = 0.3
"""Share of the way at which the two pieces meet: beyond it no one doubts that something is lost."""
BELOW = "DIA203"
"""Its cause is no matter of the rule alone: a run can be below a rung for each of three reasons."""
LEARNED_BY_HEART = 0.25
"""Share of the way by which train is better than validation where a run below a rung overfits."""


@cache
def constants() -> Mapping[str, tuple[float, ...]]:
    """Return by cause (intercept, weight of each of `pieces`)."""
    text = Path(__file__).with_name("verdict_reference.json").read_text(encoding="utf-8")
    return {cause: tuple(values) for cause, values in json.loads(text)["weights"].items()}


def numbers(place: Standing) -> tuple[float, float]:
    """Return (lost, gap); without a training level the validation stands for it.

    Where no rung beats the constant one, that is as good as it gets: nothing is lost there.
    """
    wanted = 1.0 if place.is_learnable else 0.0
    train = place.best if place.train is None else place.train
    return min(max(wanted - train, -0.25), 1.25), min(max(train - place.validation, -0.25), 1.5)


def pieces(place: Standing) -> tuple[float, float, float, float, float, float]:
    """Return what the log odds are linear in: 1, `lost` and `gap` up to BEND and beyond it, and how little there is of both.

    The last is 1 for a run that is as good as the best rung in training and validation, 0 from BEND on.
    """
    lost, gap = numbers(place)
    hard = max(0.0, 1 - (max(lost, 0.0) + max(gap, 0.0)) / BEND)
    return 1.0, min(lost, BEND), max(lost - BEND, 0.0), min(gap, BEND), max(gap - BEND, 0.0), hard


def with_reference(
    scores: Mapping[str, float], run: Run, weights: Mapping[str, tuple[float, ...]] | None = None
) -> dict[str, float]:
    """Return the scores moved by the run's standing; as they are without a report that tells of it plainly."""
    place = standing(run)
    if place is None or place.is_vague:
        return dict(scores)
    held = pieces(place)
    moved = {
        cause: score
        * math.exp(sum(w * x for w, x in zip((weights or constants())[cause], held, strict=True)))
        for cause, score in scores.items()
    }
    total = sum(moved.values())
    return {cause: score / total for cause, score in moved.items()}


def is_hard(run: Run) -> bool:
    """Whether the run does as well as the best rung (where none learns, as the constant one) and train no better."""
    place = standing(run)
    if place is None or place.is_vague:
        return False
    lost, gap = numbers(place)
    return lost <= max(0.1, place.margin) and gap <= max(0.2, place.margin)


def cause_below(run: Run, scores: Mapping[str, float]) -> str:
    """Return what a run that is below a rung suffers from: overfit where train is far better, else the likelier of two."""
    place = standing(run)
    if place is not None and numbers(place)[1] > max(LEARNED_BY_HEART, place.margin):
        return "overfit"
    return max(("optimization", "underfit"), key=lambda cause: scores[cause])
