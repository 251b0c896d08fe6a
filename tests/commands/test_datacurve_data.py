"""A rung of the ladder trained on nested subsets of a data set."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.commands import climb, datacurve, datacurve_data, ladder_task
from mlcheck.commands.datacurve_asked import Asked as Questions
from mlcheck.commands.datacurve_data import Training, curves
from mlcheck.config import Settings
from mlcheck.engines import fitting
from mlcheck.errors import MlcheckError
from mlcheck.model.baseline import Asked
from mlcheck.model.dataset import DataRead, DataWanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.curves import CurvesRead
    from mlcheck.model.ladder import Fold, Predicted

SETTINGS = Settings(jobs=1)
DIGITS = Path(__file__).parents[2] / "sample_runs/data/digits.csv"
QUICK = Training(rung="constant")


def written(
    path: Path, rows: int = 300, *, classes: int = 3, extra: str = "", goal: str = "class"
) -> DataRead:
    """Write a data set whose classes lie apart a little, and read it."""
    random = np.random.default_rng(0)
    target = np.arange(rows) % classes
    points = random.normal(size=(rows, 2)) + 1.5 * target[:, None]
    lines = []
    for i, (a, b) in enumerate(points):
        y = f"c{target[i]}" if goal == "class" else f"{a + 2 * b + random.normal():.4f}"
        more = {"": "", "group": f",g{i // 10}", "time": f",{2000 + i}"}[extra]
        lines.append(f"{a:.4f},{b:.4f},{y}{more}")
    random.shuffle(lines)
    path.write_text(f"a,b,y{',' + extra if extra else ''}\n" + "\n".join(lines) + "\n")
    group, time = (extra if extra == role else None for role in ("group", "time"))
    return datacurve.read_data(DataWanted(train=str(path), target="y", group=group, time=time))


def subsets(read: DataRead, training: Training = QUICK) -> tuple[ladder_task.Setup, list[Fold]]:
    """Return what would be trained on, repeat by repeat."""
    setup = ladder_task.setup(read, Asked(folds=5, repeats=-(-training.repeats // 5)), SETTINGS)
    return setup, datacurve_data._subsets(read, setup, training, 0)


def test_subsets_are_nested_geometric_and_never_judged_on(tmp_path: Path) -> None:
    """From a few of each class to all training rows; a larger one holds each smaller one; each repeat holds out others."""
    setup, folds = subsets(written(tmp_path / "d.csv"))
    sizes = sorted({len(fold.train) for fold in folds})
    assert len(folds) == 5 * len(sizes)
    assert (sizes[0], sizes[-1]) == (16, 240)
    assert 7 <= len(sizes) <= 10
    assert max(b / a for a, b in pairwise(sizes)) < 1.6
    for small, large in pairwise(folds):
        if len(small.train) < len(large.train):
            assert set(small.train) < set(large.train)
        assert not set(large.train) & set(large.test)
    held = [frozenset(fold.test.tolist()) for fold in folds if len(fold.train) == 240]
    assert len(frozenset.union(*held)) == len(setup.target)


def test_classes_keep_their_shares_in_every_subset(tmp_path: Path) -> None:
    """Counts of equally frequent classes differ by one at most."""
    setup, folds = subsets(written(tmp_path / "d.csv"))
    for fold in folds:
        counts = np.bincount(setup.target[fold.train].astype(int), minlength=3)
        assert counts.max() - counts.min() <= 2


def test_groups_come_and_are_held_out_whole(tmp_path: Path) -> None:
    """At most one group is cut by the end of a subset."""
    setup, folds = subsets(written(tmp_path / "d.csv", extra="group"))
    assert setup.clusters is not None
    for fold in folds:
        seen, counts = np.unique(setup.clusters[fold.train], return_counts=True)
        assert not set(seen) & set(setup.clusters[fold.test])
        assert np.count_nonzero(counts < 10) <= 1


def test_with_a_time_the_latest_rows_are_held_out(tmp_path: Path) -> None:
    """Each repeat draws other subsets of the rows before."""
    read = written(tmp_path / "d.csv", extra="time")
    _, folds = subsets(read)
    when = read.train.column("time").numbers
    assert when is not None
    assert all(when[fold.train].max() < when[fold.test].min() for fold in folds)
    smallest = [fold.train.tolist() for fold in folds if len(fold.train) == len(folds[0].train)]
    assert len(smallest) == 5
    assert smallest[0] != smallest[1]


def test_the_curve_rises_with_the_examples() -> None:
    """Held-out and training score by the metric that fits the target, a row for each size and repeat; the same each time."""
    wanted = DataWanted(train=str(DIGITS), target="target")
    training = Training(sizes=(20, 60, 180, 400), repeats=2)
    (curve,) = curves(datacurve.read_data(wanted), training, SETTINGS).curves
    assert (curve.id, curve.metric, curve.better) == ("digits", "accuracy", "higher")
    assert curve.columns == (("target", "target"), ("rung", "linear"), ("judged on", "other rows"))
    assert curve.n.tolist() == [20, 60, 180, 400] * 2
    assert (np.diff(curve.score.reshape(2, 4).mean(axis=0)) > 0).all()
    assert curve.score[curve.n == 400].min() > 0.9
    assert (curve.train > 0.99).all()
    again = curves(datacurve.read_data(wanted), replace(training, repeats=1), SETTINGS).curves[0]
    assert again.score.tolist() == curve.score[:4].tolist()


def test_numbers_are_judged_by_r2_or_as_asked(tmp_path: Path) -> None:
    """A loss is better where it is lower."""
    read = written(tmp_path / "d.csv", goal="number")
    training = Training(sizes=(10, 30, 90, 240), repeats=2)
    assert (curves(read, training, SETTINGS).curves[0].metric) == "r2"
    curve = curves(read, replace(training, metric="rmse"), SETTINGS).curves[0]
    assert (curve.metric, curve.better) == ("rmse", "lower")
    assert 0.9 < curve.score[curve.n == 240].mean() < 1.2


def test_a_test_set_judges_every_repeat(tmp_path: Path) -> None:
    """All of the other file's rows may be learnt from."""
    written(tmp_path / "test.csv", 90)
    written(tmp_path / "d.csv")
    wanted = DataWanted(train=str(tmp_path / "d.csv"), test=str(tmp_path / "test.csv"), target="y")
    curve = curves(datacurve.read_data(wanted), Training(rung="constant", repeats=2), SETTINGS).curves[0]
    assert curve.n.max() == 300
    assert dict(curve.columns)["judged on"] == "test set"


def test_an_interrupted_call_tells_what_was_done_and_the_next_one_takes_it_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept is not trained again, and the curve is that of a call that was never interrupted."""
    read = written(tmp_path / "d.csv")
    training = Training(sizes=(20, 40, 80, 160), repeats=3)
    whole = curves(read, training, SETTINGS)
    real, fits = climb.fitted, 0

    def interrupted(*arguments: object, **options: object) -> Iterator[Predicted]:
        """Be stopped by Ctrl-C during the eighth training."""
        for done, made in enumerate(real(*arguments, **options)):  # type: ignore[arg-type]
            if done == 7:
                raise KeyboardInterrupt
            yield made

    def call() -> CurvesRead:
        return curves(read, training, SETTINGS, cache=str(tmp_path / "kept"))

    monkeypatch.setattr(climb, "fitted", interrupted)
    part = call()
    assert part.interrupted
    assert [p.message for p in part.problems] == ["7 of 12 trainings done and kept"]
    assert part.curves[0].n.tolist() == [20, 40, 80, 160, 20, 40, 80]
    report = datacurve.datacurve(part, SETTINGS, Questions())
    assert report.exit_code == 130
    assert [s.verdict for s in report.subjects]
    monkeypatch.setattr(climb, "fitted", real)
    original = fitting.fitted

    def counted(work: fitting.Work, index: int) -> Predicted:
        nonlocal fits
        fits += 1
        return original(work, index)

    monkeypatch.setattr(fitting, "fitted", counted)
    resumed = call()
    assert fits == 4
    assert resumed.curves[0].score.tolist() == whole.curves[0].score.tolist()
    assert not resumed.interrupted


@pytest.mark.parametrize(
    ("training", "told"),
    [
        (Training(rung="liner"), "--rung: expected the name of a rung, found 'liner'; .*linear"),
        (
            Training(sizes=(100, 200, 300, 400)),
            "expected 4 sizes to train on of at most 240 rows, found 2; name smaller --sizes",
        ),
        (Training(metric="r2"), "--metric: expected a metric of 3 classes, found 'r2'"),
        (
            Training(rung="bert"),
            "--rung: expected a rung that can be trained here|expected the name of a rung",
        ),
    ],
)
def test_what_cannot_be_trained_is_one_line(tmp_path: Path, training: Training, told: str) -> None:
    """With the option to change."""
    with pytest.raises(MlcheckError, match=told):
        curves(written(tmp_path / "d.csv"), training, SETTINGS)


def test_too_few_rows_are_one_line(tmp_path: Path) -> None:
    """Four sizes need eight training rows at the least."""
    with pytest.raises(
        MlcheckError, match=r"expected 4 sizes to train on of at most 7 rows|expected at least"
    ):
        curves(written(tmp_path / "d.csv", 9), QUICK, SETTINGS)
