"""Make the sample data curves for `mlcheck datacurve`: three models trained on ever more examples, nothing drawn.

usage: python sample_runs/curves/make_curves.py [FOLDER]   (scikit-learn; this folder by default; about a minute)

climbing and plateaued are two models on the same generated problem (20 columns, 8 clusters in each of two classes, 5 % of
the labels flipped): boosted trees keep learning from more examples, a straight line has nothing left to learn after a few
hundred. ill_behaved is least squares of minimum norm on scikit-learn's digits (64 columns): its error peaks where examples
and columns are equally many (Loog et al. 2020, A brief prehistory of double descent).
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.datasets import load_digits, make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEEDS = 5
SIZES = (100, 200, 400, 800, 1600, 3200, 6400)
PEAKING = (16, 24, 32, 45, 64, 90, 128, 180, 256, 362, 512)
HELD_OUT = 4000


class MinimumNorm:
    """Least squares of minimum norm on the indicators of the classes."""

    def fit(self, features: np.ndarray, target: np.ndarray) -> MinimumNorm:
        """Learn the weights."""
        self._weights = np.linalg.pinv(features) @ np.eye(10)[target]
        return self

    def score(self, features: np.ndarray, target: np.ndarray) -> float:
        """Return the accuracy."""
        return float(((features @ self._weights).argmax(axis=1) == target).mean())


def rows(
    make: Callable[[int], Any], data: tuple[Any, Any], sizes: tuple[int, ...], held_out: int
) -> Iterator[tuple[float, ...]]:
    """Yield n, seed, accuracy on held-out and on training examples; subsets are nested, each seed divides anew."""
    features, target = data
    for seed in range(SEEDS):
        order = np.random.default_rng(seed).permutation(len(target))
        test, train = order[:held_out], order[held_out:]
        for n in sizes:
            part = train[:n]
            model = make(seed).fit(features[part], target[part])
            scores = (model.score(features[p], target[p]) for p in (test, part))
            yield (n, seed, *(round(float(score), 5) for score in scores))


def write(folder: Path, name: str, made: Iterator[tuple[float, ...]]) -> None:
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("n", "seed", "test_accuracy", "train_accuracy"))
        writer.writerows(sorted(made))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    clusters = make_classification(
        n_samples=HELD_OUT + SIZES[-1], n_features=20, n_informative=10, n_redundant=4, n_clusters_per_class=8,
        class_sep=1.2, flip_y=0.05, random_state=3,
    )  # fmt: skip
    trees = lambda seed: HistGradientBoostingClassifier(random_state=seed, max_iter=150)  # noqa: E731
    write(folder, "climbing", rows(trees, clusters, SIZES, HELD_OUT))
    write(folder, "plateaued", rows(lambda _: LogisticRegression(max_iter=1000), clusters, SIZES, HELD_OUT))
    digits = load_digits()
    write(
        folder, "ill_behaved", rows(lambda _: MinimumNorm(), (digits.data / 16, digits.target), PEAKING, 1000)
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
