"""Make a table of data curves whose scores are losses of any scale.

usage: python benchmarks/datacurve_losses.py LOSSES.csv.gz

LCDB and its like hold accuracies only, so the constants of `mlcheck datacurve` for other scales are fitted on what this
script measures: regression (root mean square error, mean absolute error, one minus R squared) and classification (log
loss, its exponential) by linear models, neighbours, trees, kernels and small networks on the data sets that ship with
scikit-learn and on generated ones. Each group is one data set with one measure; a group's scale is drawn at random, so
that nothing can be learned from it. Sizes grow by the root of 2; each is repeated with its own sample. One core, some
minutes.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlcheck.model.common import Floats

SEED = 7
REPEATS = 3
LEAST, MOST = 24, 1024
HELD_OUT = 600
MEASURES = ("rmse", "mae", "one_minus_r2")
CLASS_MEASURES = ("log_loss", "perplexity")


class Data(NamedTuple):
    """A data set: rows (n, features), targets (n,), and whether the targets are classes."""

    name: str
    x: Floats
    y: Floats
    classes: bool


def data_sets() -> Iterator[Data]:
    """Yield the data sets that ship with scikit-learn and the generated ones."""
    from sklearn import datasets

    random = np.random.default_rng(SEED)
    made: list[tuple[str, Any]] = [
        ("friedman1", datasets.make_friedman1(2000, 10, noise=1.0, random_state=1)),
        ("friedman2", datasets.make_friedman2(2000, noise=50.0, random_state=2)),
        ("friedman3", datasets.make_friedman3(2000, noise=0.1, random_state=3)),
        ("linear", datasets.make_regression(2000, 40, n_informative=10, noise=20.0, random_state=4)),
        ("wide", datasets.make_regression(2000, 150, n_informative=60, noise=40.0, random_state=5)),
        ("sparse", datasets.make_sparse_uncorrelated(2000, 30, random_state=6)),
        ("diabetes", datasets.load_diabetes(return_X_y=True)),
    ]
    for name, (x, y) in made:
        yield Data(name, x, y, classes=False)
    yield from _drawn(random)
    x, y = datasets.load_digits(return_X_y=True)
    yield Data("digits", x, y, classes=True)
    x, y = datasets.load_breast_cancer(return_X_y=True)
    yield Data("cancer", x, y, classes=True)
    for i, (features, informative, classes, flip, apart) in enumerate(
        (
            (20, 6, 2, 0.05, 1.0),
            (40, 10, 4, 0.1, 1.5),
            (60, 8, 3, 0.0, 0.7),
            (10, 4, 2, 0.2, 1.0),
            (30, 15, 6, 0.02, 1.2),
        )
    ):
        x, y = datasets.make_classification(
            2000,
            features,
            n_informative=informative,
            n_classes=classes,
            flip_y=flip,
            class_sep=apart,
            random_state=i,
        )
        yield Data(f"classes{i}", x, y, classes=True)


def _drawn(random: np.random.Generator) -> Iterator[Data]:
    """Yield smooth, periodic and heavy-tailed functions of a few features with noise of several sizes."""
    shapes: tuple[tuple[str, Callable[[Floats], Floats]], ...] = (
        ("periodic", lambda x: np.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2]),
        ("steps", lambda x: np.floor(2 * x[:, 0]) + (x[:, 1] > 0) * x[:, 2]),
        ("peaks", lambda x: np.exp(-(x[:, :3] ** 2).sum(axis=1)) * 5),
        ("heavy", lambda x: np.exp(0.7 * x[:, 0]) + np.abs(x[:, 1])),
    )
    for variant, (features, noise) in enumerate(((4, 0.05), (8, 0.3), (16, 1.0))):
        for name, shape in shapes:
            x = random.standard_normal((2000, features))
            y = shape(x) + noise * random.standard_normal(len(x))
            yield Data(f"{name}{variant}", x, y, classes=False)


def learners(*, classes: bool) -> dict[str, Callable[[], Any]]:
    """Return what makes each learner."""
    from sklearn import (
        ensemble,
        linear_model,
        naive_bayes,
        neighbors,
        neural_network,
        pipeline,
        preprocessing,
        svm,
        tree,
    )

    def scaled(model: Any) -> Any:
        return pipeline.make_pipeline(preprocessing.StandardScaler(), model)

    if classes:
        return {
            "logistic": lambda: scaled(linear_model.LogisticRegression(max_iter=150)),
            "bayes": lambda: scaled(naive_bayes.GaussianNB(var_smoothing=1e-2)),
            "neighbours": lambda: scaled(neighbors.KNeighborsClassifier(15)),
            "forest": lambda: ensemble.RandomForestClassifier(
                n_estimators=15, min_samples_leaf=3, random_state=0
            ),
            "network": lambda: scaled(
                neural_network.MLPClassifier(
                    hidden_layer_sizes=(16,), max_iter=25, alpha=1e-2, random_state=0
                )
            ),
        }
    return {
        "ridge": lambda: scaled(linear_model.Ridge(1.0)),
        "lasso": lambda: scaled(linear_model.Lasso(0.01, max_iter=300, tol=1e-3)),
        "neighbours": lambda: scaled(neighbors.KNeighborsRegressor(5)),
        "tree": lambda: tree.DecisionTreeRegressor(min_samples_leaf=2, random_state=0),
        "forest": lambda: ensemble.RandomForestRegressor(n_estimators=12, min_samples_leaf=2, random_state=0),
        "kernel": lambda: scaled(svm.SVR(C=3.0)),
        "network": lambda: scaled(
            neural_network.MLPRegressor(
                hidden_layer_sizes=(24,), max_iter=60, learning_rate_init=0.01, random_state=0
            )
        ),
    }


def measured(model: Any, x: Floats, y: Floats, *, classes: bool) -> dict[str, float]:
    """Return every measure of a fitted model."""
    if classes:
        made = model.predict_proba(x)
        seen = np.asarray(model.classes_)
        chance = np.full((len(y), int(y.max()) + 1), 0.0)
        chance[:, seen.astype(int)] = made
        chance = (chance + 1e-3) / (1 + 1e-3 * chance.shape[1])
        loss = float(-np.log(chance[np.arange(len(y)), y.astype(int)]).mean())
        return {"log_loss": loss, "perplexity": float(np.exp(min(loss, 20.0)))}
    off = model.predict(x) - y
    square = float((off**2).mean())
    return {"rmse": square**0.5, "mae": float(np.abs(off).mean()), "one_minus_r2": square / float(y.var())}


def curves(data: Data, random: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Yield a row for each learner, size, repeat and measure of one data set."""
    count = len(data.y)
    held = min(HELD_OUT, count // 4)
    most = min(MOST, count - held)
    steps = int(np.floor(2 * np.log2(most / LEAST)))
    sizes = np.unique([round(most / 2 ** (i / 2)) for i in range(steps + 1)])
    makers = learners(classes=data.classes)
    for repeat in range(REPEATS):
        order = random.permutation(count)
        test, pool = order[:held], order[held:]
        for n in sizes:
            mine = random.permutation(pool)[:n]
            if data.classes and len(np.unique(data.y[mine])) < 2:
                continue
            for name, make in makers.items():
                model = make().fit(data.x[mine], data.y[mine])
                out = measured(model, data.x[test], data.y[test], classes=data.classes)
                train = measured(model, data.x[mine], data.y[mine], classes=data.classes)
                for measure, value in out.items():
                    yield {
                        "group": f"loss-{data.name}", "key": f"loss-{data.name}/{name}/{measure}", "seed": repeat, "n": int(n),
                        "error": value, "train_error": train[measure],
                    }  # fmt: skip


def main() -> int:
    """Measure everything and write the table."""
    if len(sys.argv) != 2:
        print((__doc__ or "").split("\n\n")[1])
        return 2
    warnings.simplefilter("ignore")  # networks that stop early are meant: people's do
    random = np.random.default_rng(SEED)
    found: list[dict[str, Any]] = []
    for data in data_sets():
        found += curves(data, random)
        print(f"{data.name:12} {len(found):7,} rows", flush=True)
    table = pd.DataFrame(found)
    factor = {key: 10 ** random.uniform(-3, 3) for key in table["key"].unique()}
    scale = table["key"].map(factor)
    table["error"], table["train_error"] = table["error"] * scale, table["train_error"] * scale
    table.to_csv(sys.argv[1], index=False, float_format="%.5g")
    print(f"{table['key'].nunique()} curves of {table['group'].nunique()} data sets: {sys.argv[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
