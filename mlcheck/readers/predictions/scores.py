"""What scores are: probabilities, their logarithms, logits, or the confidence in whatever was predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.listing import short
from mlcheck.readers.predictions import names

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.predictions import Bools, Reals, ScoreKind

ROUNDING = 1e-6
"""What float32 arithmetic may leave a probability beyond 0 or 1."""
ADDS_TO_ONE = 0.01
AT_ONCE = 1 << 20
PROBABILITY = frozenset(["prob", "probs", "proba", "probas", "probability", "probabilities"])


def asked_as_probability(name: str) -> bool:
    """Whether the name of a column promises a probability."""
    words = set(names.normal(name).split("_"))
    return bool(words & PROBABILITY) and not names.is_logarithm(name) and not names.is_logit(name)


def kind_of(where: str, name: str, score: Reals) -> tuple[Reals, ScoreKind]:
    """Return the scores with what they are: probabilities within 0..1, logarithms of them, else logits.

    What rounding left beyond 0 or 1 is cut. Raises MlcheckError for a column named as a probability that is none.
    """
    low, high = (float(score.min()), float(score.max())) if score.size else (0.0, 0.0)
    if names.is_logarithm(name) and high <= ROUNDING:
        return reals(np.minimum(score, 0)), "log-probability"
    if names.is_logit(name) and not (low >= 0 and high <= 1 and asked_as_probability(name)):
        return score, "logit"
    if low >= 0 and high <= 1:
        return score, "probability"
    if low >= -ROUNDING and high <= 1 + ROUNDING:
        return reals(np.clip(score, 0, 1)), "probability"
    if asked_as_probability(name):
        raise outside(where, name, score)
    return score, "logit"


def outside(where: str, name: str, score: Reals) -> MlcheckError:
    """Return what to say of probabilities outside 0..1: how many, the first row, what they may be."""
    bad = ~((score >= -ROUNDING) & (score <= 1 + ROUNDING))
    row = int(np.argmax(bad.any(axis=1) if bad.ndim == 2 else bad))
    value = score[row][bad[row]][0] if bad.ndim == 2 else score[row]
    percent = bool(score.min() >= 0 and 1 < score.max() <= 100)
    return MlcheckError(
        where,
        f"expected probabilities within 0..1 in {short(name)!r}, found {value:g} in row {row + 1} and {int(np.count_nonzero(bad)):,} outside in all",
        "are they percentages? divide them by 100" if percent else "if they are logits, name the column so",
    )


def demand_sum(where: str, told: str, score: Reals) -> None:
    """Raise MlcheckError where probabilities of a row do not add to 1, with the first such row and how many there are."""
    bad, first, total = 0, -1, 0.0
    tolerance = ADDS_TO_ONE + 5e-4 * score.shape[1] ** 0.5
    for start in range(0, len(score), AT_ONCE):
        sums = score[start : start + AT_ONCE].sum(axis=1, dtype=np.float64)
        off = np.abs(sums - 1) > tolerance
        if off.any() and first < 0:
            first = start + int(np.argmax(off))
            total = float(sums[np.argmax(off)])
        bad += int(np.count_nonzero(off))
    if bad:
        raise MlcheckError(
            where,
            f"expected the probabilities of a row ({told}) to add to 1, found {total:.4g} in row {first + 1} and {bad:,} such row(s)",
            "name the right columns with --score, or give --task multilabel where an example may carry several labels",
        )


def is_of_predicted(score: Reals, predicted: Bools, name: str) -> bool:
    """Whether a score between one half and 1 belongs to the predicted class, whichever that is.

    It never is below one half though both classes are predicted, and no threshold on it gives the prediction, or the
    name says confidence.
    """
    if not predicted.any() or predicted.all():
        return names.is_confidence(name) and bool(score.min() >= 0.5) and not predicted.all()
    if score.min() >= 0.5 - ROUNDING:
        return names.is_confidence(name) or bool(score[~predicted].max() > score[predicted].min())
    return False


def one_block(columns: list[npt.NDArray[Any]]) -> Reals:
    """Return columns (n,) beside each other as (n, k): float32 where all are, else float64."""
    kind = np.float32 if all(c.dtype == np.float32 for c in columns) else np.float64
    block = np.empty((len(columns[0]), len(columns)), dtype=kind)
    for place, column in enumerate(columns):
        block[:, place] = column
    return block


def reals(value: npt.NDArray[Any]) -> Reals:
    """Return numbers as float32 where they are, else float64."""
    return value if value.dtype in (np.float32, np.float64) else value.astype(np.float64)
