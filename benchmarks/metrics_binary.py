"""Metrics of two classes against scikit-learn and confidenceinterval: CPU seconds and memory.

usage: python benchmarks/metrics_binary.py [--rows N]

Rows are N scores (10^7 by default) of float32 and of float64: AUC, average precision, the best F1, log-loss, Brier and
ECE against the sum of scikit-learn's functions, in seconds and in peak memory above the input; then DeLong's interval of
10^6 rows against confidenceinterval, and 1000 exact bootstrap samples of the AUC against a loop over scikit-learn (some
of them timed, the rest by proportion). Medians of the same run, one thread. Exits with 1 where a ratio is not reached.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any, NamedTuple

from mlcheck.cli.processor import choose_sort, keep_memory

os.environ["OPENBLAS_NUM_THREADS"] = "1"
choose_sort()  # as the command does, for both sides
keep_memory()

import numpy as np  # noqa: E402

from mlcheck.model.predictions import Binary, Predictions  # noqa: E402
from mlcheck.stats.metrics.binary.ranking import auc_interval  # noqa: E402
from mlcheck.stats.metrics.binary.resampled import auc_draws  # noqa: E402
from mlcheck.stats.metrics.binary.view import view  # noqa: E402
from mlcheck.stats.metrics.parameters import Parameters  # noqa: E402
from mlcheck.stats.metrics.resample import Sampling  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.stats.metrics.binary.rows import BinaryView

ROUNDS = 5
PEER_ROUNDS = 3
SAMPLES = 1000
TIMED_SAMPLES = 40


class Row(NamedTuple):
    """One line of the answer; `ours` may be at most `limit` times `peer`."""

    work: str
    ours: float
    peer: float
    limit: float
    unit: str = "s"

    @property
    def reached(self) -> bool:
        """Whether the limit is kept."""
        return self.ours <= self.limit * self.peer

    def __str__(self) -> str:
        verdict = "ok" if self.reached else "NOT REACHED"
        return (
            f"{self.work:58} | {self.ours:9.4f} {self.unit} | {self.peer:9.4f} {self.unit} | "
            f"1/{self.peer / self.ours:.0f} | 1/{1 / self.limit:.0f} | {verdict}"
        )


def scores(rows: int, kind: type[np.floating[Any]]) -> tuple[Any, Any]:
    """Return a truth and probabilities that know something of it."""
    random = np.random.default_rng(0)
    logit = random.normal(size=rows)
    truth = random.random(rows) < 1 / (1 + np.exp(1 - 1.5 * logit))
    return truth, (1 / (1 + np.exp(1.2 - 1.3 * logit))).astype(kind)


def viewed(truth: Any, score: Any, replicates: int = SAMPLES) -> BinaryView:
    """Return the view of a truth and its scores."""
    content = Binary(truth=truth, score=score, predicted=None)
    read = Predictions(id="", source="", reader="", task="binary", content=content, rows=len(truth))
    return view(read, Sampling(replicates=replicates), Parameters(), whole=False)


def ours(truth: Any, score: Any) -> tuple[float, ...]:
    """Return the six numbers by mlcheck."""
    made = viewed(truth, score)
    sums = made.chances
    return (
        made.ranks.auc,
        made.ranks.average_precision,
        made.ranks.best_f,
        sums.loss / sums.weight,
        sums.square / sums.weight,
        sums.calibration_error,
    )


def theirs(truth: Any, score: Any) -> tuple[float, ...]:
    """Return the six numbers by scikit-learn."""
    from sklearn import metrics
    from sklearn.calibration import calibration_curve

    precision, recall, _ = metrics.precision_recall_curve(truth, score)
    with np.errstate(invalid="ignore"):
        best = np.nanmax(2 * precision * recall / (precision + recall))
    del precision, recall
    share, mean = calibration_curve(truth, score, n_bins=15)
    edges = np.linspace(0, 1, 16)
    weight = np.bincount(np.searchsorted(edges[1:-1], score), minlength=15)
    return (
        float(metrics.roc_auc_score(truth, score)),
        float(metrics.average_precision_score(truth, score)),
        float(best),
        float(metrics.log_loss(truth, score)),
        float(metrics.brier_score_loss(truth, score)),
        float(np.dot(np.abs(share - mean), weight[weight > 0]) / len(truth)),
    )


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median of CPU seconds."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def peak(work: Callable[[], object]) -> float:
    """Return the most MB that are held at once above what was held before."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def six_metrics(rows: int, kind: type[np.floating[Any]], limit: float) -> list[Row]:
    """Compare time and memory of the six metrics; raises where the numbers are not the same."""
    truth, score = scores(rows, kind)
    tolerance = 1e-10 if kind is np.float64 else 1e-5  # scikit-learn takes means of float32 in float32
    np.testing.assert_allclose(ours(truth, score), theirs(truth, score), rtol=tolerance)
    name = f"{rows:,} {kind.__name__}: AUC, AP, F1, log-loss, Brier, ECE"
    return [
        Row(
            name,
            seconds(lambda: ours(truth, score), ROUNDS),
            seconds(lambda: theirs(truth, score), PEER_ROUNDS),
            limit,
        ),
        Row(
            f"{name}, memory",
            peak(lambda: ours(truth, score)),
            peak(lambda: theirs(truth, score)),
            1 / 5,
            "MB",
        ),
    ]


def delong(rows: int, kind: type[np.floating[Any]]) -> Row:
    """Compare DeLong's interval; raises where the variance is not the same."""
    import confidenceinterval
    from confidenceinterval.delong import delong_roc_variance

    truth, score = scores(rows, kind)
    np.testing.assert_allclose(
        viewed(truth, score).area.variance, delong_roc_variance(truth, score)[1], rtol=1e-9
    )
    return Row(
        f"{rows:,} {kind.__name__}: DeLong's interval",
        seconds(lambda: auc_interval(viewed(truth, score)), ROUNDS),
        seconds(lambda: confidenceinterval.roc_auc_score(truth, score), PEER_ROUNDS),
        1 / 100,
    )


def bootstrap(rows: int) -> Row:
    """Compare bootstrap samples of the AUC, exact on both sides."""
    from sklearn.metrics import roc_auc_score

    truth, score = scores(rows, np.float64)
    random = np.random.default_rng(0)

    def peer() -> None:
        drawn = random.integers(rows, size=rows)
        roc_auc_score(truth[drawn], score[drawn])

    ready = viewed(truth, score, TIMED_SAMPLES)
    sort = seconds(lambda: viewed(truth, score).segments, ROUNDS)
    mine = seconds(lambda: auc_draws(ready), 3) / TIMED_SAMPLES * SAMPLES + sort
    return Row(
        f"{rows:,} rows: {SAMPLES:,} bootstrap samples of the AUC", mine, seconds(peer, 9) * SAMPLES, 1 / 15
    )


def main() -> int:
    """Run every comparison."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    print("work | ours | peer | ratio | limit |")
    made = []
    parts: tuple[Callable[[], list[Row]], ...] = (
        lambda: six_metrics(rows, np.float32, 1 / 50),
        lambda: six_metrics(rows, np.float64, 1 / 35),
        lambda: [delong(1_000_000, np.float32), delong(1_000_000, np.float64)],
        lambda: [bootstrap(1_000_000)],
    )
    for part in parts:
        for row in part():
            print(row, flush=True)
            made.append(row)
    return 0 if all(row.reached for row in made) else 1


if __name__ == "__main__":
    sys.exit(main())
