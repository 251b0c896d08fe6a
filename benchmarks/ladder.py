"""The ladder of baselines: whether its verdicts are right where the answer is known, and its cost beside the fits.

usage: python benchmarks/ladder.py [--verdicts] [--time] [--seeds 20] [--cases linear-classes,xor,...] [--rows 100000]

--verdicts: the data sets of ladder_cases.py, drawn anew from each seed, read from their files and climbed by the core
rungs with the settings of the command; the share of right verdicts (and findings, where one is expected) of every kind
must be 0.95 at least.

--time: the ladder (random, constant, linear, simple-nn, boosting) on 100,000 rows of 30 columns in five folds against the
sum of the same scikit-learn fits written by hand, in processor seconds of one thread: at most 1.1 times. Both have the
same folds, seeds and hyperparameters (of simple-nn those that it has from 20,000 rows on); the ladder scores, compares and judges beside. Reading the file is in neither.

Without an option both. Exits with 1 where a number is not reached.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ladder_cases import CASES, TARGET
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from mlcheck import registry
from mlcheck.commands import baseline, ladder_task
from mlcheck.config import Settings
from mlcheck.model.baseline import Asked
from mlcheck.model.dataset import Column, DataRead, Dataset, DataWanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ladder_cases import Case

    from mlcheck.model import Report

CORE = ("random", "constant", "linear", "simple-nn", "boosting")
LEAST_RIGHT = 0.95
MOST_RATIO = 1.1
ALIKE = 0.01
"""Difference of accuracies up to which two ways to one fit are the same: the penalty is chosen on other rows."""
COLUMNS, FOLDS = 30, 5
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1, 0.01, 0.001)
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def climbed(case: Case, seed: int) -> Report:
    """Write a data set, read it as the command does, and climb the core rungs."""
    with tempfile.TemporaryDirectory() as folder:
        path = case.write(Path(folder), seed)
        read = registry.datasets_room().read_datasets(DataWanted(train=str(path), target=case.target))
    asked = Asked(rungs=CORE, metric=case.metric, score=case.score)
    return baseline.baseline(read, asked, Settings(jobs=1))


def is_right(case: Case, made: Report) -> bool:
    """Whether the verdict is one of those expected, with the findings that must come with it."""
    (subject,) = made.subjects
    return subject.verdict in case.verdicts and set(case.findings) <= {f.name for f in subject.findings}


def verdicts(cases: Sequence[Case], seeds: int) -> bool:
    """Print the share of right verdicts of every kind of data set and return whether all are reached."""
    print("data set | expected | right | limit | said | reached")
    passed = True
    for case in cases:
        said: Counter[str] = Counter()
        right = 0
        for seed in range(seeds):
            made = climbed(case, seed)
            right += is_right(case, made)
            said[made.subjects[0].verdict] += 1
        reached = right / seeds >= LEAST_RIGHT
        passed &= reached
        counted = ", ".join(f"{count} {verdict}" for verdict, count in said.most_common())
        expected = " or ".join((*case.verdicts, *case.findings))
        mark = "ok" if reached else "NOT REACHED"
        print(
            f"{case.name} | {expected} | {right / seeds:.2f} | {LEAST_RIGHT} | {counted} | {mark}", flush=True
        )
    return passed


def made_up(rows: int) -> DataRead:
    """Return a data set of two classes: a linear part, a few products, noise."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(rows, COLUMNS))
    leaning = x[:, :10] @ draw.normal(size=10) + 2 * x[:, 10] * x[:, 11] + np.abs(x[:, 12])
    codes = (leaning + draw.logistic(size=rows) > np.median(leaning)).astype(np.int32)
    columns = [Column(name=f"x{i}", kind="number", numbers=x[:, i].copy()) for i in range(COLUMNS)]
    columns.append(Column(name=TARGET, kind="category", codes=codes, names=("no", "yes")))
    train = Dataset(
        id="made up",
        source="made up",
        reader="none",
        columns=tuple(columns),
        target=TARGET,
        goal="classification",
    )
    return DataRead(train=train, digest="made up")


def by_hand(x: Any, y: Any, folds: Sequence[tuple[Any, Any]], seeds: Sequence[int]) -> dict[str, float]:
    """Fit what the rungs are on the same folds and return the mean accuracy of each."""
    scores: dict[str, list[float]] = {name: [] for name in CORE}
    for (learn, check), seed in zip(folds, seeds, strict=True):
        scaler = StandardScaler().fit(x[learn])
        train, test = scaler.transform(x[learn]), scaler.transform(x[check])
        network = MLPClassifier(
            (128, 64), early_stopping=True, n_iter_no_change=10, max_iter=200, batch_size=200,
            learning_rate_init=2e-3, random_state=seed,
        )  # fmt: skip
        fitted: dict[str, tuple[Any, Any, Any]] = {
            "random": (DummyClassifier(strategy="stratified", random_state=seed), train, test),
            "constant": (DummyClassifier(strategy="prior"), train, test),
            "linear": (
                LogisticRegression(C=1 / penalty(train, y[learn], seed), max_iter=500, tol=1e-3),
                train,
                test,
            ),
            "simple-nn": (network, train.astype(np.float32), test.astype(np.float32)),
            "boosting": (HistGradientBoostingClassifier(random_state=seed), x[learn], x[check]),
        }
        for name, (model, rows, others) in fitted.items():
            shares = model.fit(rows, y[learn]).predict_proba(others)
            scores[name].append(accuracy_score(y[check], shares.argmax(axis=1)))
    return {name: float(np.mean(values)) for name, values in scores.items()}


def penalty(x: Any, y: Any, seed: int) -> float:
    """Choose the strength of the penalty on a held-out fifth, from strong to weak, until two in a row are worse."""
    order = np.random.default_rng(seed).permutation(len(y))
    check, learn = order[: len(y) // 5], order[len(y) // 5 :]
    model = LogisticRegression(max_iter=500, tol=1e-3, warm_start=True)
    losses: list[float] = []
    for strength in PENALTIES:
        model.set_params(C=1 / strength).fit(x[learn], y[learn])
        losses.append(log_loss(y[check], model.predict_proba(x[check])))
        if len(losses) - 1 - int(np.argmin(losses)) >= 2:
            break
    return PENALTIES[int(np.argmin(losses))]


def cost(rows: int) -> bool:
    """Print what the ladder costs against the fits by hand and return whether the limit is kept."""
    read = made_up(rows)
    asked, settings = Asked(rungs=CORE, folds=FOLDS), Settings(jobs=1)
    setup = ladder_task.setup(read, asked, settings)
    x = np.stack([c.numbers for c in setup.features.columns if c.numbers is not None], axis=1)
    folds = [(fold.train, fold.test) for fold in setup.splits.folds]
    seeds = [int(np.random.SeedSequence((settings.seed, i)).generate_state(1)[0]) for i in range(len(folds))]
    start = time.process_time()
    theirs = by_hand(x, setup.target, folds, seeds)
    peer = time.process_time() - start
    start = time.process_time()
    made = baseline.baseline(read, asked, settings)
    ours = time.process_time() - start
    print("rung | accuracy of the ladder | by hand")
    alike = True
    for name, measure in made.subjects[0].measures.items():
        score = float(measure["score"] or 0.0)
        alike &= abs(score - theirs[name]) <= ALIKE
        print(f"{name} | {score:.4f} | {theirs[name]:.4f}")
    reached = alike and ours / peer <= MOST_RATIO
    mark = "ok" if reached else "NOT REACHED" if alike else "THE FITS DIFFER"
    print("what | ours | by hand | ratio | limit | reached")
    print(
        f"ladder on {rows:,} x {COLUMNS}, {FOLDS} folds | {ours:.1f} s | {peer:.1f} s | {ours / peer:.3f} | {MOST_RATIO} | {mark}"
    )
    return reached


def main() -> int:
    """Run what is asked for."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)  # noqa: S606  (itself)
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--verdicts", action="store_true")
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument(
        "--cases", default="", help="names of kinds of data sets, separated by commas; all by default"
    )
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    chosen = [case for case in CASES if not given.cases or case.name in given.cases.split(",")]
    if not chosen:
        parser.error(f"--cases: known are {', '.join(case.name for case in CASES)}")
    passed = True
    if given.verdicts or not given.time:
        passed &= verdicts(chosen, given.seeds)
    if given.time or not given.verdicts:
        passed &= cost(given.rows)
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
