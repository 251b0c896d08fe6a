"""Fit the constants of `mlcheck datacurve` on curves of many data sets, and say how they do on data sets left out.

usage: MLCHECK_BENCH=... python benchmarks/fit_datacurve.py [--write] [--losses TABLE.csv.gz]

Curves are read from the folder datacurve of MLCHECK_BENCH (accuracy of classifiers, five repeats of each size; the truth
at four times the last size) and, for errors of any scale, also from the table that benchmarks/datacurve_losses.py makes.
Each curve is cut at several sizes, so that later sizes are the truth of earlier ones at 2, 4, 8 and 16 times, and is used
with one repeat alone, with every second size, and without its training scores, so that the constants hold for such curves.
Halves of the data sets (seed 1) are left out in turn; what is printed is measured on the half that was left out, and the
intervals' widths come from there. `--write` fits on all data sets and writes mlcheck/commands/datacurve.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from mlcheck.stats.curves.course import Course
from mlcheck.stats.curves.evidence import NAMES, evidence
from mlcheck.stats.curves.forecast import is_repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.common import Floats

TARGET = Path(__file__).parents[1] / "mlcheck" / "commands" / "datacurve.json"
SEED = 1
HORIZONS = (1.0, 2.0, 3.0, 4.0)
MIDDLE = {
    "loss": "quantile",
    "quantile": 0.5,
    "max_iter": 150,
    "learning_rate": 0.06,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 30,
    "max_features": 0.3,
}
SPREAD = {
    "loss": "squared_error",
    "max_iter": 60,
    "learning_rate": 0.08,
    "max_leaf_nodes": 6,
    "min_samples_leaf": 80,
}
LEVELS = (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
SHOWN, LEAST_CASES = 0.9, 100
LEAST = 3e-3
"""Added to residuals before their logarithm: what is told apart no more, in units of the curve."""
WEIGHTS = {"whole": 1.0, "single": 0.4, "thin": 0.4, "untrained": 0.4, "cut": 0.5, "cut single": 0.3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A curve up to some size and what came of it `octaves` doublings later; `kind` is a key of WEIGHTS.

    `level` is the error at the last size by all that was ever measured there, NaN where that is the curve itself.
    """

    group: str
    key: str
    kind: str
    course: Course
    octaves: float
    truth: float
    level: float = float("nan")


def course(table: pd.DataFrame, *, bounded: bool) -> Course:
    """Return one curve of the columns n, error, train_error."""
    by_size = table.groupby("n")
    return Course(
        n=np.array(sorted(table["n"].unique()), dtype=np.float64),
        error=by_size["error"].mean().to_numpy(),
        train=by_size["train_error"].mean().to_numpy(),
        sd=by_size["error"].std().to_numpy().astype(np.float64),
        repeats=by_size["error"].count().to_numpy().astype(np.float64),
        bounded=bounded,
    )


class Truth(NamedTuple):
    """A later size, the error there, and the error at the last size, each by all that was ever measured."""

    n: float
    error: float
    level: float


def cases(table: pd.DataFrame, truth: dict[str, Truth], *, bounded: bool) -> Iterator[Case]:
    """Yield the cases of every curve. `truth` gives a later size and its error for some of them."""
    random = np.random.default_rng(SEED)
    for key, mine in table.groupby("key"):
        whole = course(mine, bounded=bounded)
        group, name = str(mine["group"].iloc[0]), str(key)
        if name in truth:
            octaves = float(np.log2(truth[name].n / whole.n[-1]))
            for kind, made in _variants(mine, whole, random):
                yield Case(
                    group=group, key=name, kind=kind, course=made, octaves=octaves,
                    truth=truth[name].error, level=truth[name].level,
                )  # fmt: skip
        for kept in range(len(whole) - 2, 3, -2):
            cut = whole.up_to(kept)
            once = _once(mine[mine["n"] <= cut.n[-1]], random, bounded=bounded)
            for octaves in HORIZONS:
                at = np.flatnonzero(np.abs(np.log2(whole.n / cut.n[-1]) - octaves) < 0.06)
                for kind, made in (("cut", cut), ("cut single", once)):
                    if len(at) and len(made) == kept:
                        yield Case(
                            group=group, key=name, kind=kind, course=made, octaves=octaves,
                            truth=float(whole.error[at[0]]), level=float(cut.error[-1]),
                        )  # fmt: skip


def _once(table: pd.DataFrame, random: np.random.Generator, *, bounded: bool) -> Course:
    """Return the curve of one of the repeats."""
    return course(table[table["seed"] == random.choice(np.sort(table["seed"].unique()))], bounded=bounded)


def _variants(
    table: pd.DataFrame, whole: Course, random: np.random.Generator
) -> Iterator[tuple[str, Course]]:
    yield "whole", whole
    yield "single", _once(table, random, bounded=whole.bounded)
    odd = np.arange(len(whole))[::-1] % 2 == 0
    if np.count_nonzero(odd) >= 4:
        names = ("n", "error", "train", "sd", "repeats")
        yield "thin", replace(whole, **{name: getattr(whole, name)[odd] for name in names})
    yield "untrained", replace(whole, train=np.full(len(whole), np.nan))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Cases as a table: what is seen, the change of the error in units of the curve, the unit, the weight, the group."""

    seen: Floats
    change: Floats
    unit: Floats
    weight: Floats
    group: Any
    kind: Any
    repeated: Any

    def of(self, keep: Any) -> Rows:
        """Return some of the rows."""
        return Rows(
            **{
                name: getattr(self, name)[keep]
                for name in ("seen", "change", "unit", "weight", "group", "kind", "repeated")
            }
        )


def rows(found: list[Case]) -> Rows:
    """Measure every case; one curve at several horizons is measured once."""
    by_course: dict[int, list[int]] = {}
    for i, case in enumerate(found):
        by_course.setdefault(id(case.course), []).append(i)
    seen = np.full((len(found), len(NAMES)), np.nan)
    with np.errstate(all="ignore"):
        for mine in by_course.values():
            seen[mine] = evidence(found[mine[0]].course, np.array([found[i].octaves for i in mine]))
    seen[~np.isfinite(seen)] = np.nan
    unit = np.array([c.course.unit for c in found])
    return Rows(
        seen=seen,
        change=np.array([c.truth - c.course.error[-1] for c in found]) / unit,
        unit=unit,
        weight=np.array([WEIGHTS[c.kind] for c in found]),
        group=np.array([c.group for c in found]),
        kind=np.array([c.kind for c in found]),
        repeated=np.array([is_repeated(c.course) for c in found]),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """The two models of scikit-learn."""

    middle: Any
    spread: Any


def fit(train: Rows, *, bounded: bool) -> Fit:
    """Fit the median and, on residuals of rows that it did not see, how far off it is."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    def fitted(options: dict[str, Any], seen: Floats, told: Floats, weight: Floats) -> Any:
        made = HistGradientBoostingRegressor(**options, early_stopping=False, random_state=0)
        return made.fit(seen, told, sample_weight=weight)

    unit = train.unit if bounded else np.ones(len(train.unit))
    side = halves(train.group)
    rest = np.zeros(len(train.change))
    for k in (0, 1):
        learn = side != k
        made = fitted(MIDDLE, train.seen[learn], train.change[learn], (train.weight * unit)[learn])
        rest[~learn] = np.abs(train.change[~learn] - made.predict(train.seen[~learn]))
    return Fit(
        middle=fitted(MIDDLE, train.seen, train.change, train.weight * unit),
        spread=fitted(SPREAD, train.seen, np.log(rest + LEAST), train.weight),
    )


def halves(group: Any, seed: int = SEED) -> Any:
    """Return 0 or 1 for each row: the half of its data set."""
    names = np.unique(group)
    side = dict(zip(np.random.default_rng(seed).permutation(names), np.arange(len(names)) % 2, strict=True))
    return np.array([side[name] for name in group])


def left_out(data: Rows, *, bounded: bool) -> tuple[Floats, Floats]:
    """Return the predicted change and its spread of each row, by the half of the data sets that it is not in."""
    side = halves(data.group)
    middle, spread = np.zeros(len(side)), np.zeros(len(side))
    for k in (0, 1):
        made = fit(data.of(side != k), bounded=bounded)
        middle[side == k] = made.middle.predict(data.seen[side == k])
        spread[side == k] = np.exp(made.spread.predict(data.seen[side == k]))
    return middle, spread


def quantile(value: Floats, weight: Floats, share: float) -> float:
    """Return the value below which `share` of the weight lies."""
    order = np.argsort(value)
    below = np.cumsum(weight[order]) - weight[order] / 2
    return float(np.interp(share * weight.sum(), below, value[order]))


def stretches(z: Floats, weight: Floats, octaves: Floats) -> Floats:
    """Return by how much residuals at each of HORIZONS are wider than all of them, at the level that is shown."""
    every = quantile(np.abs(z), weight, SHOWN)
    found = np.ones(len(HORIZONS))
    for i, h in enumerate(HORIZONS):
        mine = np.abs(octaves - h) < 0.1
        if np.count_nonzero(mine) >= LEAST_CASES:
            found[i] = quantile(np.abs(z[mine]), weight[mine], SHOWN) / every
    return found


def ends(z: Floats, weight: Floats, octaves: Floats) -> dict[str, list[float]]:
    """Return how many spreads below and above the median the truth lies at most, at each of LEVELS.

    Cases count by their weights; each horizon is stretched to the width of all first.
    """
    stretch = stretches(z, weight, octaves)
    alike = z / stretch[np.clip(np.round(octaves).astype(int) - 1, 0, len(HORIZONS) - 1)]
    below = [max(0.0, -quantile(alike, weight, (1 - level) / 2)) for level in LEVELS]
    above = [max(0.0, quantile(alike, weight, (1 + level) / 2)) for level in LEVELS]
    return {
        "levels": list(LEVELS),
        "below": [round(x, 4) for x in below],
        "above": [round(x, 4) for x in above],
        "stretch": [round(float(x), 4) for x in stretch],
    }


def told(model: Any) -> dict[str, Any]:
    """Return trees as plain numbers (see mlcheck/stats/curves/trees.py)."""
    found = []
    for (predictor,) in model._predictors:  # noqa: SLF001  (scikit-learn has no public export)
        nodes = []
        for node in predictor.nodes:
            if node["is_leaf"]:
                nodes.append([float(f"{node['value']:.5g}")])
            else:
                threshold = float(f"{node['num_threshold']:.9g}")
                nodes.append([int(node["feature_idx"]), threshold, int(node["left"]), int(node["right"]), int(node["missing_go_to_left"])])  # fmt: skip
        found.append(nodes)
    return {"features": list(NAMES), "start": float(model._baseline_prediction.ravel()[0]), "trees": found}  # noqa: SLF001


def told_of(whole: Fit, data: Rows, middle: Floats, spread: Floats) -> dict[str, Any]:
    """Return the constants as plain numbers; `middle` and `spread` are what fits without a row's data set said of it."""
    z = (data.change - middle) / spread

    def widths(keep: Any) -> dict[str, list[float]]:
        return ends(z[keep], data.weight[keep], data.seen[keep, 0])

    return {
        "middle": told(whole.middle),
        "spread": told(whole.spread),
        "repeated": widths(data.repeated),
        "once": widths(~data.repeated),
    }


def report(name: str, data: Rows, middle: Floats, spread: Floats, *, bounded: bool) -> None:
    """Print what holds on data sets left out: error and its share of no change, interval, by kind and horizon."""
    scale = data.unit if bounded else np.ones(len(data.unit))
    octaves = data.seen[:, 0].round()
    z = (data.change - middle) / spread
    side = halves(data.group)
    for kind in WEIGHTS:
        for h in HORIZONS:
            mine = (data.kind == kind) & (octaves == h)
            if np.count_nonzero(mine) < 50:
                continue
            held = np.zeros(len(mine), dtype=bool)
            width = np.zeros(len(mine))
            for k in (0, 1):
                for repeated in (False, True):
                    alike = (data.repeated == repeated) & (octaves == h)
                    there = alike & (side == k)
                    known = alike & (side != k)
                    if not there.any() or not known.any():
                        continue
                    low, high = (quantile(z[known], data.weight[known], q) for q in (0.05, 0.95))
                    held |= there & (low <= z) & (z <= high)
                    width[there] = ((high - low) * spread * scale)[there]
            error, plain = (np.abs(data.change - x) * scale for x in (middle, 0.0))
            print(
                f"{name:8} {kind:10} {2**h:3.0f}n  {np.count_nonzero(mine):5}  {error[mine].mean():.4f} "
                f"{np.median(error[mine]):.4f} | no change {plain[mine].mean():.4f} {np.median(plain[mine]):.4f} | "
                f"90 %: {held[mine].mean():.3f}, width {np.median(width[mine]):.4f}"
            )


def accuracy_table(bench: Path) -> tuple[pd.DataFrame, dict[str, Truth]]:
    """Return the curves of classifiers with their errors, and the truth by curve."""
    table = pd.read_csv(bench / "datacurve" / "observed.csv.gz")
    table = table.assign(
        key=table["dataset"].astype(str) + "/" + table["learner"], group=table["dataset"].astype(str),
        error=1 - table["val_score"], train_error=1 - table["train_score"],
    )  # fmt: skip
    later = pd.read_csv(bench / "datacurve" / "truth.csv")
    columns = [
        later[c] for c in ("dataset", "learner", "target_n", "val_score_at_target", "val_score_at_last")
    ]
    truth = {
        f"{dataset}/{learner}": Truth(float(n), 1 - float(score), 1 - float(level))
        for dataset, learner, n, score, level in zip(*columns, strict=True)
    }
    return table, truth


def main() -> int:
    """Fit, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--losses", help="the table that benchmarks/datacurve_losses.py makes")
    options = parser.parse_args()
    bench = os.environ.get("MLCHECK_BENCH")
    if not bench:
        print("expected the folder of labelled curves in MLCHECK_BENCH")
        return 2
    table, truth = accuracy_table(Path(bench))
    made: dict[str, Any] = {"made by": "benchmarks/fit_datacurve.py --write"}
    print("curves   kind         at  cases  mean and median error | ...")
    for name, bounded in (("bounded", True), ("scaled", False)):
        found = list(cases(table, truth, bounded=bounded))
        if not bounded and options.losses:
            found += list(cases(pd.read_csv(options.losses), {}, bounded=False))
        data = rows(found)
        middle, spread = left_out(data, bounded=bounded)
        report(name, data, middle, spread, bounded=bounded)
        made[name] = told_of(fit(data, bounded=bounded), data, middle, spread)
    if options.write:
        TARGET.write_text(
            json.dumps(made, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
        )
        print(f"written: {TARGET} ({TARGET.stat().st_size / 1e3:.0f} kB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
