"""What is told of a data curve: its numbers, the table and the picture, the examples a score needs, gain against cost."""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model import Bar, Line, Plot, Table
from mlcheck.stats.curves.course import variance
from mlcheck.stats.curves.forecast import FARTHEST, needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcheck.commands.datacurve_asked import Asked
    from mlcheck.model import Exhibit, Scalar
    from mlcheck.model.curves import DataCurve
    from mlcheck.stats.curves.looked import Looked

NEEDED_LEVEL = 0.8
"""Level of the range of examples that a score needs."""
ROUNDS = (1.25, 1.5, 2.0, 3.0, 4.0)
"""How many times the data one round of collection may hold; more is decided after looking again."""
HOPELESS, LIKELY = 0.05, 0.5
"""Chances of reaching a score at all: below the first it is not reachable, below the second nobody can say."""
DRAWN = 40


class Point(NamedTuple):
    """The score at n examples with its interval; `repeats` is None where it is predicted."""

    n: float
    score: float
    low: float
    high: float
    repeats: int | None


class Told(NamedTuple):
    """The numbers of a curve by name, and what else is shown of it."""

    measures: dict[str, Mapping[str, Scalar]]
    exhibits: tuple[Exhibit, ...]


def told(looked: Looked, asked: Asked) -> Told:
    """Return n -> score with its interval, observed and predicted, and `needed`; the picture and the tables of it."""
    points = [*_observed(looked, asked.level), *_predicted(looked, asked)]
    measures: dict[str, Mapping[str, Scalar]] = {str(round(p.n)): _measure(p, asked.level) for p in points}
    exhibits: list[Exhibit] = [_picture(looked, asked), _sizes(looked, points, asked.level)]
    if asked.reach is not None:
        measures["needed"] = found = _needed(looked, asked.reach)
        exhibits.append(_need_told(found, asked.reach))
    if asked.weighs:
        exhibits.append(_rounds(looked, asked))
    return Told(measures, tuple(exhibits))


def _measure(point: Point, level: float) -> dict[str, Scalar]:
    shared: dict[str, Scalar] = {"score": point.score, "low": point.low, "high": point.high}
    if point.repeats is None:
        return {**shared, "kind": "predicted", "level": level}
    return {**shared, "kind": "observed", "repeats": point.repeats, "level": level}


def facts(curve: DataCurve, looked: Looked) -> Iterator[str]:
    """Yield what was read and how."""
    course = looked.course
    yield f"{len(course)} sizes, {course.n[0]:,.0f} to {course.n[-1]:,.0f} examples"
    fewest, most = int(course.repeats.min()), int(course.repeats.max())
    runs = f"{most} run{'s' * (most > 1)} each"
    yield runs if fewest == most else f"{fewest} to {most} runs each"
    yield f"{curve.better} {curve.metric} is better"
    names = [f"{role} = {name}" for role, name in curve.columns]
    yield ", ".join(names)
    if curve.left_out:
        yield f"{curve.left_out:,} rows without n or score left out"


def _observed(looked: Looked, level: float) -> Iterator[Point]:
    """Yield the mean scores, with intervals of Student's over the repeats, else of the curve's roughness."""
    from scipy.special import stdtrit  # scipy.stats takes half a second to import

    course = looked.course
    freedom = np.maximum(course.repeats - 1, len(course) - 2)
    half = stdtrit(freedom, 0.5 + level / 2) * np.sqrt(variance(course))
    for n, error, off, repeats in zip(course.n, course.error, half, course.repeats, strict=True):
        low, high = sorted(looked.score(float(error + side * off)) for side in (-1, 1))
        yield Point(float(n), looked.score(float(error)), low, high, int(repeats))


def _predicted(looked: Looked, asked: Asked) -> Iterator[Point]:
    """Yield the forecasts where they are asked for."""
    for n in asked.sizes(looked.last_n):
        yield Point(n, *looked.predicted(math.log2(n / looked.last_n), asked.level), None)


def _needed(looked: Looked, reach: float) -> dict[str, Scalar]:
    """Return the range of examples that `reach` needs, null where it is not reached within the farthest forecast.

    The range is that of curves that get there at all; `chance` says how likely that is.
    """
    error = float(looked.scale.error(np.array([reach]))[0])
    farthest = round(looked.last_n * 2**FARTHEST)
    shared: dict[str, Scalar] = {"score": reach, "level": NEEDED_LEVEL, "chance_within": farthest}
    if error >= looked.course.error[-1]:
        seen = round(float(looked.course.n[np.flatnonzero(looked.course.error <= error)[0]]))
        return {**shared, "low": seen, "median": seen, "high": seen, "chance": 1.0, "reachable": "already"}
    found = needed(looked.ahead, error, NEEDED_LEVEL)
    if not found.chance > HOPELESS or not math.isfinite(found.high):
        return {**shared, "low": None, "median": None, "high": None, "chance": round(found.chance, 4), "reachable": "no"}  # fmt: skip
    low, middle, high = (round(looked.last_n * 2**octaves) for octaves in found[:3])
    told = "yes" if found.chance >= LIKELY else "unsure"
    return {
        **shared,
        "low": low,
        "median": middle,
        "high": high,
        "chance": round(found.chance, 4),
        "reachable": told,
    }


def _need_sentence(found: Mapping[str, Scalar], reach: float) -> str:
    """Say how many examples a score needs, as a range, or that it is not to be reached, or that nobody can say."""
    low, high, within = (_coarse(found[key]) for key in ("low", "high", "chance_within"))
    chance = f"{100 * float(found['chance'] or 0):.0f} %"
    if found["reachable"] == "already":
        return f"{reach:g} is reached already at {found['low']:,} examples"
    if found["reachable"] == "no":
        return f"{reach:g} is not reachable on this curve: {chance} within {within} examples"
    if found["reachable"] == "unsure":
        return f"cannot say: {reach:g} is {chance} likely within {within} examples; if it comes, at {low} to {high}"
    return f"{reach:g} needs {low} to {high} examples ({100 * NEEDED_LEVEL:.0f} % sure, if at all: {chance})"


def _coarse(n: Scalar) -> str:
    """Return a number of examples to two digits: more would claim what nobody knows."""
    return f"{float(f'{float(n or 0):.2g}'):,.0f}"


def _need_told(found: Mapping[str, Scalar], reach: float) -> Table:
    row = (
        reach,
        *(None if found[k] is None else _coarse(found[k]) for k in ("low", "high")),
        found["chance"],
    )
    return Table(
        title="examples needed", columns=("score", "at least", "at most", "chance at all"), rows=(row,),
        note=_need_sentence(found, reach),
    )  # fmt: skip


def _sizes(looked: Looked, points: Sequence[Point], level: float) -> Table:
    """Return one row for each size: score, interval as a bar, training score, gain ahead."""
    last = looked.score(float(looked.course.error[-1]))
    rows = tuple(
        (f"{p.n:,.0f}", p.score, p.low, p.high, train, _said(p, last))
        for p, train in zip_longest(points, _trained(looked))
    )
    low, high = min(p.low for p in points), max(p.high for p in points)
    return Table(
        title="", columns=("examples", looked.metric, "low", "high", "train", ""), rows=rows,
        bars=tuple(Bar(value=p.score, low=p.low, high=p.high) for p in points),
        scale=(low, high) if high > low else None, note=f"{100 * level:g} % intervals",
    )  # fmt: skip


def _trained(looked: Looked) -> list[float | None]:
    """Return the training score at each size, None where it is not known."""
    return [looked.score(e) if math.isfinite(e) else None for e in looked.course.train.tolist()]


def _said(point: Point, last: float) -> str:
    if point.repeats is None:
        return f"predicted, {point.score - last:+.2g}"
    return f"{point.repeats} run{'s' * (point.repeats > 1)}"


def _picture(looked: Looked, asked: Asked) -> Plot:
    """Return held-out and training score over the examples, and the forecast with its interval."""
    course = looked.course
    farthest = max([2.0, *(math.log2(n / looked.last_n) for n in asked.sizes(looked.last_n))])
    steps = np.linspace(0, farthest, DRAWN)
    n = looked.last_n * 2**steps
    middle, low, high = np.array([looked.predicted(float(step), asked.level) for step in steps]).T
    best, worst = (high, low) if looked.scale.higher else (low, high)
    lines = [
        Line(label="held out", x=course.n, y=np.array([looked.score(float(e)) for e in course.error])),
        Line(label="forecast", x=n, y=middle),
        Line(label=f"{100 * asked.level:g} %", x=n, y=best),
        Line(label="", x=n, y=worst),
    ]
    if np.isfinite(course.train).any():
        trained = np.array([looked.score(float(e)) for e in course.train])
        lines.append(Line(label="train", x=course.n, y=trained, kind="points"))
    return Plot(
        title=looked.metric, x_label="examples", y_label="", lines=tuple(lines), x_log=True, detail=False,
        x_range=(float(course.n[0]), float(n[-1])),
    )  # fmt: skip


def _rounds(looked: Looked, asked: Asked) -> Table:
    """Return what a round of collection costs and brings, the best net value marked."""
    assert asked.cost is not None  # noqa: S101  (asked.weighs)
    assert asked.value is not None  # noqa: S101
    last = float(looked.course.error[-1])
    found = []
    for times in ROUNDS:
        octaves = math.log2(times)
        low, high = looked.ahead.interval(octaves, asked.level)
        points = [
            (last - e) * looked.scale.factor / looked.scale.point
            for e in (looked.ahead.error(octaves), high, low)
        ]
        cost = (times - 1) * looked.last_n * asked.cost
        found.append((times, points, cost, points[0] * asked.value - cost))
    best = max(found, key=lambda row: row[3])
    rows = tuple(
        (f"{times:g}x", f"{looked.last_n * times:,.0f}", f"{p[0]:+.2f}", f"{p[1]:+.2f} to {p[2]:+.2f}", cost, net,
         "◀ best" if net == best[3] and net > 0 else "")
        for times, p, cost, net in found
    )  # fmt: skip
    if best[3] > 0:
        note = f"next round: {looked.last_n * best[0]:,.0f} examples in all; then look again"
    else:
        note = "no round pays at this cost and value"
    return Table(
        title="gain against cost",
        columns=("round", "examples", "points", f"{100 * asked.level:g} % interval", "cost", "net value", ""),
        rows=rows, note=note,
    )  # fmt: skip
