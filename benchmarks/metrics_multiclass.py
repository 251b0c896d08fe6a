"""Metrics of many classes against scikit-learn: the score matrix in one pass, and areas under ROC curves.

usage: python benchmarks/metrics_multiclass.py [--rows ROWS] [--classes K] [--repeats N]

CPU seconds, medians, both in one process: macro F1 + log-loss + top-5 accuracy + Brier score + ECE (in scikit-learn
f1_score, log_loss, top_k_accuracy_score, brier_score_loss and calibration_curve's bins) in at most 1/20, the macro
one-vs-rest area in at most 1/10 of its time. The values must agree within 1e-12. Exits with 1 where a limit is passed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
from sklearn import metrics as peer

from mlcheck.model.predictions import Multiclass, Predictions
from mlcheck.registry import metrics
from mlcheck.stats.metrics.multiclass.view import MulticlassView, view
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Codes

MATRIX = ("macro_f1", "log_loss", "top_k_accuracy@5", "brier", "ece")
MOST = {"macro F1 + log-loss + top-5 + Brier + ECE": 1 / 20, "one-vs-rest AUC": 1 / 10}


def predictions(rows: int, classes: int) -> tuple[Codes, Floats]:
    """Return truth and softmax scores of a model that is right some six times in ten."""
    random = np.random.default_rng(0)
    truth = random.integers(classes, size=rows).astype(np.int32)
    scores = np.empty((rows, classes))
    for start in range(0, rows, 100_000):
        block = scores[start : start + 100_000]
        block[:] = random.normal(size=block.shape)
        block[np.arange(len(block)), truth[start : start + 100_000]] += 2.8
        np.exp(block, out=block)
        block /= block.sum(axis=1, keepdims=True)
    return truth, scores


def fresh(truth: Codes, scores: Floats) -> MulticlassView:
    """Return a view that has computed nothing yet."""
    labels = tuple(f"{i:04d}" for i in range(scores.shape[1]))
    content = Multiclass(labels=labels, truth=truth, predicted=None, scores=scores)
    whole = Predictions(id="", source="", reader="", task="multiclass", content=content, rows=len(truth))
    return view(whole, Sampling(), Parameters())


def ours(names: tuple[str, ...], truth: Codes, scores: Floats) -> list[float]:
    """Return the metrics by those names."""
    known = {metric.name: metric.value for metric in metrics("multiclass")}
    shared = fresh(truth, scores)
    return [known[name](shared) for name in names]


def matrix_by_peer(truth: Codes, scores: Floats) -> list[float]:
    """Return scikit-learn's values; its ECE by the bins of NumPy, for it has none."""
    labels = np.arange(scores.shape[1])
    predicted = scores.argmax(axis=1)
    confidence, right = scores.max(axis=1), predicted == truth
    bins = np.digitize(confidence, np.linspace(0, 1, 16)[1:-1], right=True)
    gaps = [(confidence[bins == b] - right[bins == b]).sum() for b in range(15)]
    return [
        peer.f1_score(truth, predicted, average="macro"),
        peer.log_loss(truth, scores, labels=labels),
        peer.top_k_accuracy_score(truth, scores, k=5, labels=labels),
        peer.brier_score_loss(truth, scores, labels=labels),
        float(np.abs(gaps).sum()) / len(truth),
    ]


def area_by_peer(truth: Codes, scores: Floats) -> list[float]:
    """Return scikit-learn's one-vs-rest area."""
    return [peer.roc_auc_score(truth, scores, multi_class="ovr", average="macro")]


def cost(function: Callable[[], list[float]], repeats: int) -> tuple[float, list[float]]:
    """Return the median CPU seconds of some calls, and what they return."""
    taken, found = [], []
    for _ in range(repeats):
        started = time.process_time()
        found = function()
        taken.append(time.process_time() - started)
    return statistics.median(taken), found


def compare(
    name: str, mine: Callable[[], list[float]], others: Callable[[], list[float]], repeats: int
) -> bool:
    """Print one line; say whether the limit is kept and the values agree."""
    seconds, values = cost(mine, 2 * repeats + 1)
    peer_seconds, expected = cost(others, repeats)
    ratio = seconds / peer_seconds
    if not np.allclose(values, expected, rtol=0, atol=1e-12):
        print(f"{name} | expected {expected}, found {values}")
        return False
    good = ratio <= MOST[name]
    told = "ok" if good else "NOT REACHED"
    print(
        f"{name} | {seconds:.2f} s | {peer_seconds:.2f} s | 1/{1 / ratio:.1f} | 1/{1 / MOST[name]:.0f} | {told}"
    )
    return good


def main() -> int:
    """Run both rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=1)
    chosen = parser.parse_args()
    truth, scores = predictions(chosen.rows, chosen.classes)
    print("work | ours | scikit-learn | ratio | limit |")
    first, second = MOST
    return int(
        not all(
            [
                compare(
                    first,
                    lambda: ours(MATRIX, truth, scores),
                    lambda: matrix_by_peer(truth, scores),
                    chosen.repeats,
                ),
                compare(
                    second,
                    lambda: ours(("roc_auc_ovr",), truth, scores),
                    lambda: area_by_peer(truth, scores),
                    chosen.repeats,
                ),
            ]
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
