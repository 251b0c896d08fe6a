"""Train every sample run again with each remedy, write what each gained, and name the cause that follows.

usage: interventions.py [RUN …]     only these runs are retrained; the others' rows are kept

gain = (lowest validation loss of the run - the remedy's) / (loss of a constant predictor - lowest loss seen on the task);
of early stopping: (last validation loss - lowest) / the same. A loss that is not finite or beyond 1.5 times the constant
predictor's counts as that. Written: interventions.csv, and expected.csv with the verdict of each run.
"""

import csv
import importlib
import math
import sys
from collections.abc import Iterator
from typing import Any

from common import SAMPLES, SCRIPTS, Group, Sample

COLUMNS = ("run", "task", "remedy", "setting", "group", "val_loss_min", "val_loss_last", "gain")
TABLE, EXPECTED = SAMPLES / "interventions.csv", SAMPLES / "expected.csv"
CLEAR_GAIN, CLEAR_RATIO, NO_GAIN = 0.15, 2.0, 0.05

Row = dict[str, str]


def retrain(run: Sample[Any]) -> Iterator[Row]:
    """Rows of the constant predictor, the run as logged, stopping it early, and every other remedy."""
    constant = run.constant_loss()

    def row(remedy: str, setting: str, group: Group, losses: list[float]) -> Row:
        finite = [loss if math.isfinite(loss) else math.inf for loss in losses]
        low, last = (min(loss, 1.5 * constant) for loss in (min(finite), finite[-1]))
        values = (run.name, run.task, remedy, setting, group, f"{low:.4f}", f"{last:.4f}", "")
        return dict(zip(COLUMNS, values, strict=True))

    logged = run.train(run.config)
    yield row("constant predictor", "", "none", [constant])
    yield row("as logged", "", "none", logged)
    yield row("early-stop", "", "overfit", logged)
    for remedy in run.remedies(run.config):
        yield row(remedy.name, remedy.setting, remedy.group, run.train(remedy.config))


def with_gains(rows: list[Row]) -> Iterator[Row]:
    """Fill in the column `gain`, which needs the lowest loss of all runs of a task."""
    best: dict[str, float] = {}
    for row in rows:
        best[row["task"]] = min(best.get(row["task"], math.inf), float(row["val_loss_min"]))
    constant, logged = (
        {r["run"]: r for r in rows if r["remedy"] == name} for name in ("constant predictor", "as logged")
    )
    for row in rows:
        base = logged[row["run"]]["val_loss_last" if row["remedy"] == "early-stop" else "val_loss_min"]
        scale = float(constant[row["run"]]["val_loss_min"]) - best[row["task"]]
        gain = (float(base) - float(row["val_loss_min"])) / scale
        yield row | {"gain": "" if row["group"] == "none" else f"{gain:.3f}"}


def gains(rows: list[Row]) -> dict[str, float]:
    """Best gain of each group of remedies, best first."""
    best = {"optimization": 0.0, "underfit": 0.0, "overfit": 0.0}
    for row in rows:
        if row["group"] in best:
            best[row["group"]] = max(best[row["group"]], float(row["gain"]))
    return dict(sorted(best.items(), key=lambda item: -item[1]))


def cause(rows: list[Row]) -> str:
    """Return the group that gains most, `healthy` where none gains, or `unclear`."""
    (first, most), (_, next_most), _ = gains(rows).items()
    if most < NO_GAIN:
        return "healthy"
    return first if most >= max(CLEAR_GAIN, CLEAR_RATIO * next_most) else "unclear"


def kept(names: list[str]) -> list[Row]:
    """Rows of the runs that are not to be retrained."""
    if not names or not TABLE.exists():
        return []
    with TABLE.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["run"] not in names]


def write(rows: list[Row]) -> None:
    """Write both tables."""
    rows = sorted(with_gains(rows), key=lambda row: row["run"])
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    runs = {row["run"]: [r for r in rows if r["run"] == row["run"]] for row in rows}
    with EXPECTED.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("run", "verdict"))
        lines.writerows((name, cause(own)) for name, own in runs.items())


def main() -> None:
    """Retrain the runs that are named, or all; what is done is written after each."""
    names = sys.argv[1:]
    rows = kept(names)
    for script in SCRIPTS:
        for run in importlib.import_module(script).RUNS:
            if not names or run.name in names:
                print(run.name, flush=True)
                rows.extend(retrain(run))
                write(rows)
    for name in sorted({row["run"] for row in rows}):
        own = [row for row in with_gains(rows) if row["run"] == name]
        print(
            f"{name:24}{cause(own):14}"
            + "  ".join(f"{group} {gain:.3f}" for group, gain in gains(own).items())
        )


if __name__ == "__main__":
    main()
