"""Generated predictions of two classes: ties, weights, extremes, both float types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mlcheck.model.predictions import Binary, BinaryBlocks, Predictions, ScoreKind
from mlcheck.stats.metrics.binary.view import view
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model.predictions import Bools, Reals
    from mlcheck.stats.metrics.binary.rows import BinaryView


class Case(NamedTuple):
    """Truth, probabilities (float64 or float32) and weights."""

    truth: Bools
    score: Reals
    weight: npt.NDArray[np.float64] | None


def predictions(
    content: Binary | BinaryBlocks, rows: int, weight: npt.NDArray[np.float64] | None = None
) -> Predictions:
    """Return predictions with this content."""
    return Predictions(
        id="a", source="a.csv", reader="table", task="binary", content=content, rows=rows, weight=weight
    )


def viewed(
    truth: Any,
    score: Any = None,
    *,
    weight: Any = None,
    predicted: Any = None,
    kind: ScoreKind = "probability",
    sampling: Sampling | None = None,
    whole: bool = True,
    **chosen: Any,
) -> BinaryView:
    """Return the view of a few arrays."""
    content = Binary(
        truth=np.asarray(truth, dtype=bool),
        score=None if score is None else np.asarray(score),
        predicted=None if predicted is None else np.asarray(predicted, dtype=bool),
        kind=kind,
    )
    weights = None if weight is None else np.asarray(weight, dtype=np.float64)
    read = predictions(content, len(content.truth), weights)
    return view(read, sampling or Sampling(replicates=200), Parameters(**chosen), whole=whole)


def cases(count: int, *, most: int = 60, seed: int = 0) -> Iterator[Case]:
    """Yield cases with both classes: distinct, rounded, constant or extreme scores, with and without weights."""
    random = np.random.default_rng(seed)
    for number in range(count):
        n = int(random.integers(2, most))
        truth = random.random(n) < random.uniform(0.05, 0.95)
        truth[random.permutation(n)[:2]] = [True, False]
        score = random.random(n) * 0.6 + 0.4 * truth * random.random()
        shape = number % 6
        if shape == 1:
            score = np.round(score, 1)
        elif shape == 2:
            score = np.full(n, random.random())
        elif shape == 3:
            score = random.choice([0.0, 1.0, 0.5, 1e-300, 1 - 1e-16, 1e-17], n)
        elif shape == 4:
            score = score**40
        weight = None if number % 2 else random.choice([0.0, 0.5, 1.0, 3.7], n) + 0.01 * random.random(n)
        yield Case(truth, score.astype(np.float32) if number % 5 == 0 else score, weight)
