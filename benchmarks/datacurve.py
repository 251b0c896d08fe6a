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

from mlcheck.commands.datacurve_told import HOPELESS
from mlcheck.stats.curves.families import MEMBERS, fitted, weights
from mlcheck.stats.curves.forecast import constants, forecast, needed

if TYPE_CHECKING:
    from fit_datacurve import Case

    from mlcheck.model.common import Floats
    from mlcheck.stats.curves.forecast import Constants

LEVEL, RANGE = 0.9, 0.8
MOST_ASKED = 900
"""Curves of each half and kind that are asked about at most, evenly taken."""


class Line(NamedTuple):
    """One row of the answer."""

    what: str
    ours: float
    limit: str
    reached: bool


def halves(cases: list[Case], seed: int, *, bounded: bool) -> list[tuple[Constants, list[Case]]]:
    """Return constants and the cases of the data sets that they were not fitted on, for both halves."""
    data = fitting.rows(cases)
    side = fitting.halves(data.group, seed)
    made = []
    for k in (0, 1):
        # the widths come from the half that was fitted on: each of its data sets by a fit without it
        mine = data.of(side != k)
        whole = fitting.fit(mine, bounded=bounded)
        known = constants(fitting.told_of(whole, mine, *fitting.left_out(mine, bounded=bounded)))
        made.append((known, [case for case, there in zip(cases, side == k, strict=True) if there]))
    return made


def asked(parts: list[tuple[Constants, list[Case]]], kind: str, octaves: float | None) -> pd.DataFrame:
    """Return what the forecast says of every case of that kind."""
    found = []
    for known, cases in parts:
        wanted = [c for c in cases if c.kind == kind and (octaves is None or abs(c.octaves - octaves) < 0.1)]
        for case in wanted[:: max(1, len(wanted) // MOST_ASKED)]:
            with np.errstate(all="ignore"):
                made = forecast(case.course, known)
                low, high = made.interval(case.octaves, LEVEL)
                need = needed(made, case.truth, RANGE)
            last = float(case.course.error[-1])
            found.append((
                case.truth, last, case.level, made.error(case.octaves), low, high, case.octaves, *need, case.course.unit,
            ))  # fmt: skip
    names = [
        "truth",
        "last",
        "level",
        "said",
        "low",
        "high",
        "octaves",
        "from_",
        "median",
        "to",
        "chance",
        "unit",
    ]
    return pd.DataFrame(found, columns=names)


def scores(t: pd.DataFrame, gains: Floats | None = None) -> dict[str, float]:
    """Return the numbers of a table of forecasts; the gain that counts is 0.01, or 5 % of a loss where `gains` is given.

    Whether it is gained is told by the truth at both ends; what is said, by the last mean that was seen.
    """
    off = (t.said - t.truth).abs()
    least = 0.01 if gains is None else gains
    gained, said = t["level"] - t.truth > least, t["last"] - t.said > least
    # a score that is not above the last one needs nothing more: only those that more data reached are asked about;
    # where the command says "not reachable on this curve" it is wrong
    ahead = t[t["last"] - t.truth > 0]
    told = ahead.chance > HOPELESS
    twice = told & ((ahead["median"] - ahead.octaves).abs() <= 1)
    inside = told & (ahead.from_ <= ahead.octaves) & (ahead.octaves <= ahead.to)
    return {
        "mae": off.mean(), "median": off.median(),
        "coverage": ((t.low <= t.truth) & (t.truth <= t.high)).mean(), "width": (t.high - t.low).median(),
        "balanced": (said[gained].mean() + (~said[~gained]).mean()) / 2,
        "needed": twice.mean(), "needed_range": inside.mean(), "hopeless": 1 - told.mean(),
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


def _lines(found: dict[str, float], spent: float) -> list[Line]:
    """Return what is to be reached, with what was."""

    def most(what: str, name: str, limit: float) -> Line:
        return Line(what, found[name], f"<= {limit:.4g}", found[name] <= limit)

    def least(what: str, name: str, limit: float) -> Line:
        return Line(what, found[name], f">= {limit:.4g}", found[name] >= limit)

    def between(what: str, name: str, low: float, high: float) -> Line:
        return Line(what, found[name], f"{low:.2f}-{high:.2f}", low <= found[name] <= high)

    return [
        most("MAE (accuracy)", "mae", 0.025),
        most("median", "median", 0.012),
        between("coverage of the 90 % interval", "coverage", 0.88, 0.92),
        most("its median width", "width", 0.08),
        least('balanced accuracy of "gains more than .01"', "balanced", 0.79),
        least("required n within a factor of 2", "needed", 0.4),
        between("coverage of its 80 % range", "needed_range", 0.75, 0.85),
        Line("CPU milliseconds a curve, whole command", spent, "<= 10", spent <= 10),
    ]


def main() -> int:
    """Fit, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--losses", help="the table that benchmarks/datacurve_losses.py makes")
    parser.add_argument("--seed", type=int, default=fitting.SEED, help="of the halves")
    parser.add_argument(
        "--brief", action="store_true", help="leave the other kinds of curves and horizons out"
    )
    options = parser.parse_args()
    bench = os.environ.get("MLCHECK_BENCH")
    if not bench:
        print("expected the folder of labelled curves in MLCHECK_BENCH")
        return 2
    table, truth = fitting.accuracy_table(Path(bench))
    cases = list(fitting.cases(table, truth, bounded=True))
    parts = halves(cases, options.seed, bounded=True)
    whole = asked(parts, "whole", None)
    plain = (whole["last"] - whole.truth).abs()
    alone = single_family(cases, 2.0)
    print(
        f"{len(whole)} curves to 4n: last point {plain.mean():.4f} / {plain.median():.4f}; power law alone {alone:.4f}"
    )
    lines = _lines(scores(whole), milliseconds_a_curve(Path(bench)))
    for what, ours, limit, reached in lines:
        print(f"{what:45} | {ours:8.4f} | {limit:9} | {'reached' if reached else 'NOT REACHED'}", flush=True)
    if not options.brief:
        print(
            "kind         at | MAE    median | last point    | 90 %  width  | gains | needed: factor 2, range, never"
        )
        for kind in ("single", "thin", "untrained", "cut", "cut single"):
            for octaves in fitting.HORIZONS:
                _print(kind, octaves, asked(parts, kind, octaves), scaled=False)
    if options.losses:
        _losses(table, truth, pd.read_csv(options.losses), options.seed)
    return int(not all(line.reached for line in lines))


def _losses(table: pd.DataFrame, truth: dict[str, fitting.Truth], losses: pd.DataFrame, seed: int) -> None:
    """Print the same numbers for losses of any scale, in shares of the loss."""
    made = [*fitting.cases(table, truth, bounded=False), *fitting.cases(losses, {}, bounded=False)]
    scaled = [
        (known, [c for c in some if c.group.startswith("loss")])
        for known, some in halves(made, seed, bounded=False)
    ]
    for kind in ("cut", "cut single"):
        for octaves in fitting.HORIZONS:
            _print(f"loss {kind[4:]}", octaves, asked(scaled, kind, octaves), scaled=True)


def _print(name: str, octaves: float, t: pd.DataFrame, *, scaled: bool) -> None:
    if len(t) < 50:
        return
    if scaled:
        ends: dict[str, Any] = {c: t[c] / t.unit for c in ("truth", "last", "level", "said", "low", "high")}
        t = t.assign(**ends)
    found, plain = scores(t, 0.05 * t["last"].to_numpy() if scaled else None), (t["last"] - t.truth).abs()
    print(
        f"{name:10} {2**octaves:3.0f}n | {found['mae']:.4f} {found['median']:.4f} | {plain.mean():.4f} {plain.median():.4f} | "
        f"{found['coverage']:.3f} {found['width']:.4f} | {found['balanced']:.3f} | "
        f"{found['needed']:.3f} {found['needed_range']:.3f} {found['hopeless']:.3f} ({len(t)} curves)"
    )


if __name__ == "__main__":
    sys.exit(main())
