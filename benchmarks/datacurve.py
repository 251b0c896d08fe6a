"""What `mlcheck datacurve` is worth on data sets that its constants were not fitted on.

usage: MLCHECK_BENCH=... python benchmarks/datacurve.py [--losses TABLE.csv.gz]

The constants are fitted on one half of the data sets (seed 1 of benchmarks/fit_datacurve.py) and the command's own forecast
is asked about the curves of the other half, and the other way round: error at four times the last size, interval, whether
"four times the data gains more than 0.01" is said rightly, and the examples that the score at four times needs, as a range.
Beside it stand the last point and the best single family (a power law with an offset, noise-weighted). Then the same with
curves cut earlier, whose later points are the truth at 2, 4 and 8 times; with --losses for the table of losses of any scale
that benchmarks/datacurve_losses.py makes. Last, the time of the whole command per curve. Exits with 1 where a number is
not reached.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import fit_datacurve as fitting
import numpy as np
import pandas as pd

from mlcheck.stats.curves.families import MEMBERS, fitted, weights
from mlcheck.stats.curves.forecast import constants, forecast, needed

if TYPE_CHECKING:
    from collections.abc import Callable

    from fit_datacurve import Case

    from mlcheck.model.common import Floats
    from mlcheck.stats.curves.forecast import Constants

LEVEL, RANGE = 0.9, 0.8


class Line(NamedTuple):
    """One row of the answer."""

    what: str
    ours: float
    limit: str
    reached: bool


def halves(cases: list[Case], *, bounded: bool) -> list[tuple[Constants, list[Case]]]:
    """Return constants and the cases of the data sets that they were not fitted on, for both halves."""
    data = fitting.rows(cases)
    side = fitting.halves(data.group)
    made = []
    for k in (0, 1):
        learn = side != k
        whole = fitting.fit(data.of(learn), bounded=bounded)
        # the widths come from the half that was fitted on: each of its data sets by a fit without it
        mine = data.of(learn)
        inner, wide = fitting.left_out(mine, bounded=bounded)
        known = constants(fitting.told_of(whole, mine, inner, wide))
        made.append((known, [case for case, there in zip(cases, ~learn, strict=True) if there]))
    return made


def asked(parts: list[tuple[Constants, list[Case]]], kind: str, octaves: float | None) -> pd.DataFrame:
    """Return what the forecast says of every case of that kind."""
    found = []
    for known, cases in parts:
        for case in cases:
            if case.kind != kind or (octaves is not None and abs(case.octaves - octaves) > 0.1):
                continue
            with np.errstate(all="ignore"):
                made = forecast(case.course, known)
                low, high = made.interval(case.octaves, LEVEL)
                ends = needed(made, case.truth, RANGE)
            last = float(case.course.error[-1])
            found.append(
                (case.truth, last, made.error(case.octaves), low, high, case.octaves, *ends, case.course.unit)
            )
    return pd.DataFrame(
        found, columns=["truth", "last", "said", "low", "high", "octaves", "from_", "median", "to", "unit"]
    )  # fmt: skip


def scores(t: pd.DataFrame, gains: Floats | None = None) -> dict[str, float]:
    """Return the numbers of a table of forecasts; the gain that counts is 0.01, or 5 % of a loss where `gains` is given."""
    off = (t.said - t.truth).abs()
    least = 0.01 if gains is None else gains
    gained, said = t["last"] - t.truth > least, t["last"] - t.said > least
    # a score that is not above the last one needs nothing more: only those that more data reached are asked about
    ahead = t[t["last"] - t.truth > 0]
    twice = (ahead["median"] - ahead.octaves).abs() <= 1
    inside = (ahead.from_ <= ahead.octaves) & (ahead.octaves <= ahead.to)
    return {
        "mae": off.mean(), "median": off.median(),
        "coverage": ((t.low <= t.truth) & (t.truth <= t.high)).mean(), "width": (t.high - t.low).median(),
        "balanced": (said[gained].mean() + (~said[~gained]).mean()) / 2,
        "needed": twice.mean(), "needed_range": inside.mean(),
    }  # fmt: skip


def single_family(cases: list[Case], octaves: float) -> float:
    """Return the mean error of the power law with an offset alone."""
    mine = MEMBERS["pow4"] | MEMBERS["pow3"]
    off = []
    for case in cases:
        if case.kind == "whole":
            with np.errstate(all="ignore"):
                made = fitted(case.course, np.array([2.0**octaves]))
                said = weights(made.evidence[mine]) @ made.predicted[mine, 0] * case.course.unit
            off.append(abs(said - case.truth))
    return float(np.mean(off))


def milliseconds_a_curve(bench: Path) -> float:
    """Return CPU milliseconds of the whole command by curve."""
    table = bench / "datacurve" / "observed.csv.gz"
    curves = len(pd.read_csv(table)[["dataset", "learner"]].drop_duplicates())
    with tempfile.TemporaryDirectory() as place:
        command = [
            sys.executable, "-m", "mlcheck", "datacurve", str(table), "--by", "dataset,learner", "--n", "n", "--score",
            "val_score", "--train-score", "train_score", "--seed-column", "seed", "--predict-at", "4x", "--format", "json",
            "--output", str(Path(place, "report.json")), "--fail-on", "never",
        ]  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / curves


def main() -> int:
    """Fit, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--losses", help="the table that benchmarks/datacurve_losses.py makes")
    options = parser.parse_args()
    bench = os.environ.get("MLCHECK_BENCH")
    if not bench:
        print("expected the folder of labelled curves in MLCHECK_BENCH")
        return 2
    table, truth = fitting.accuracy_table(Path(bench))
    cases = list(fitting.cases(table, truth, bounded=True))
    parts = halves(cases, bounded=True)
    whole = asked(parts, "whole", None)
    found = scores(whole)
    plain = (whole["last"] - whole.truth).abs()
    print(
        f"{len(whole)} curves to 4n: last point {plain.mean():.4f} / {plain.median():.4f}; power law alone {single_family(cases, 2.0):.4f}"
    )
    between: Callable[[float, float, float], bool] = lambda x, low, high: low <= x <= high  # noqa: E731
    lines = [
        Line("MAE (accuracy)", found["mae"], "<= .0250", found["mae"] <= 0.025),
        Line("median", found["median"], "<= .0120", found["median"] <= 0.012),
        Line(
            "coverage of the 90 % interval",
            found["coverage"],
            ".88-.92",
            between(found["coverage"], 0.88, 0.92),
        ),
        Line("its median width", found["width"], "<= .080", found["width"] <= 0.08),
        Line(
            'balanced accuracy of "gains more than .01"',
            found["balanced"],
            ">= .79",
            found["balanced"] >= 0.79,
        ),
        Line("required n within a factor of 2", found["needed"], ">= .40", found["needed"] >= 0.4),
        Line(
            "coverage of its 80 % range",
            found["needed_range"],
            ".75-.85",
            between(found["needed_range"], 0.75, 0.85),
        ),
    ]
    spent = milliseconds_a_curve(Path(bench))
    lines.append(Line("CPU milliseconds a curve, whole command", spent, "<= 10", spent <= 10))
    for line in lines:
        print(
            f"{line.what:45} | {line.ours:8.4f} | {line.limit:9} | {'reached' if line.reached else 'NOT REACHED'}"
        )
    _others(parts, options.losses, bench)
    return int(not all(line.reached for line in lines))


def _others(parts: list[tuple[Constants, list[Case]]], losses: str | None, bench: str) -> None:
    """Print the same numbers for other kinds of curves, other horizons, and losses of any scale (in shares of the loss)."""
    print("kind       at | MAE    median | last point | 90 %  width | needed: factor 2, range")
    for kind in ("single", "thin", "untrained", "cut"):
        for octaves in (1.0, 2.0, 3.0):
            _print(kind, octaves, asked(parts, kind, octaves), scaled=False)
    if losses:
        table, truth = fitting.accuracy_table(Path(bench))
        made = [
            *fitting.cases(table, truth, bounded=False),
            *fitting.cases(pd.read_csv(losses), {}, bounded=False),
        ]
        scaled = [
            (known, [c for c in some if c.group.startswith("loss")])
            for known, some in halves(made, bounded=False)
        ]
        for octaves in (1.0, 2.0, 3.0):
            _print("loss", octaves, asked(scaled, "cut", octaves), scaled=True)


def _print(name: str, octaves: float, t: pd.DataFrame, *, scaled: bool) -> None:
    if len(t) < 50:
        return
    if scaled:
        ends: dict[str, Any] = {c: t[c] / t.unit for c in ("truth", "last", "said", "low", "high")}
        t = t.assign(**ends)
    found, plain = scores(t, 0.05 * t["last"].to_numpy() if scaled else None), (t["last"] - t.truth).abs()
    print(
        f"{name:10} {2**octaves:2.0f}n | {found['mae']:.4f} {found['median']:.4f} | {plain.mean():.4f} {plain.median():.4f} | "
        f"{found['coverage']:.3f} {found['width']:.4f} | {found['needed']:.3f} {found['needed_range']:.3f} ({len(t)} curves)"
    )


if __name__ == "__main__":
    sys.exit(main())
