"""A subject's measures as a grid: metrics with their intervals, the differences between two models, or a ladder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from mlcheck.model import Bar
from mlcheck.reports import bars, phrases, rungs
from mlcheck.reports.grids import DASH, Column, Grid, Row, chance, figure, real, signed, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlcheck.model import Scalar, Subject
    from mlcheck.reports.bars import Scale

Measure: TypeAlias = Mapping[str, "Scalar"]

ARROWS = {"higher": "↑", "lower": "↓"}
UNIT: Scale = (0.0, 1.0)
FAR = 4.0
"""How many times the median reach of differences their common scale may reach."""
ALIKE = 3
"""Metrics without value for one reason that are told together."""
ZOOMS = (0.9, 0.8, 0.5)
"""Where a scale of shares may begin if all that is drawn lies above."""
BELOW = 0.02
"""A share whose interval ends this little below 0 does not ask for a scale that shows what is below."""


def grid(subject: Subject, *, verbose: bool = False) -> Grid | None:
    """Return the metrics of a subject with their intervals, or its differences, or its ladder; None where it has none.

    `verbose` says of every metric how its interval was made.
    """
    climbed = {n: m for n, m in subject.measures.items() if "score" in m and "metric" in m}
    if climbed:
        return rungs.grid(climbed)
    measures = {n: m for n, m in subject.measures.items() if "value" in m and "chosen_by" not in m}
    compared = {n: m for n, m in subject.measures.items() if "difference" in m}
    if compared:
        return _differences(compared, verbose=verbose)
    threshold = subject.measures.get("threshold")
    return _estimates(measures, threshold, verbose=verbose) if measures else None


def _estimates(measures: Mapping[str, Measure], threshold: Measure | None, *, verbose: bool) -> Grid:
    scales = _scales(measures)
    rows = [_estimate(name, m, scales.get(name)) for name, m in measures.items()]
    rows = _gathered(rows)
    return Grid(
        title="",
        columns=(
            Column(title="metric"),
            Column(title="value", kind="number"),
            Column(title=_interval_title(measures), kind="interval"),
        ),
        rows=tuple(_by_scale(rows)),
        strip=2,
        notes=(*_threshold(threshold), *_methods(measures, verbose=verbose)),
    )


def _estimate(name: str, m: Measure, scale: Scale | None) -> Row:
    value, low, high = (real(m.get(key)) for key in ("value", "low", "high"))
    bar = Bar(value=value, low=low, high=high) if value is not None and low is not None else None
    missing = "" if low is not None else phrases.clean(str(m.get("reason") or ""))
    return Row(
        cells=(_named(name, m), figure(value), span(low, high)),
        bar=bar if scale is not None else None,
        scale=scale,
        strong=m.get("recommended") is True,
        told=missing or ("undefined" if value is None else ""),
    )


def _gathered(rows: Sequence[Row]) -> list[Row]:
    """Return rows of which those without value are one where three or more have the same reason, behind the others."""
    often = Counter(row.told for row in rows if row.cells[1] == DASH)
    kept = [row for row in rows if row.cells[1] != DASH or often[row.told] < ALIKE]
    for reason, count in often.items():
        if count >= ALIKE:
            names = ", ".join(
                row.cells[0].split()[0] for row in rows if row.cells[1] == DASH and row.told == reason
            )
            kept.append(Row(cells=(f"{count} metrics", DASH, ""), told=f"{reason}: {names}"))
    return kept


def _named(name: str, m: Measure) -> str:
    return f"{phrases.clean(name)} {ARROWS.get(str(m.get('direction')), '')}".rstrip()


def _interval_title(measures: Mapping[str, Measure]) -> str:
    level = next((x for m in measures.values() if (x := real(m.get("level"))) is not None), 0.95)
    return f"{100 * level:g} % interval"


def _scales(measures: Mapping[str, Measure]) -> dict[str, Scale]:
    """Return the scale that each metric is drawn on: one for all shares, another for two or more of other bounds."""
    found = {name: scale for name, m in measures.items() if (scale := _own_scale(m)) is not None}
    often = list(found.values())
    ends = [
        x
        for name in found
        for key in ("value", "low", "high")
        if found[name] == UNIT and (x := real(measures[name].get(key))) is not None
    ]
    shares = _share_scale(ends)
    return {
        name: shares if scale == UNIT else scale
        for name, scale in found.items()
        if scale == UNIT or often.count(scale) > 1
    }


def _share_scale(ends: Sequence[float]) -> Scale:
    lowest = min(ends, default=0.0)
    if lowest < -BELOW:
        return (-0.5 if lowest >= -0.5 else -1.0, 1.0)
    return (next((zoom for zoom in ZOOMS if lowest >= zoom), 0.0), 1.0)


def _own_scale(m: Measure) -> Scale | None:
    """Return the bounds of a metric (`least`, `most`); without them, those of a share for what lies within -1 and 1."""
    ends = [x for key in ("value", "low", "high") if (x := real(m.get(key))) is not None]
    if len(ends) < 3:
        return None
    if "most" not in m:
        return UNIT if min(ends) >= -1 and max(ends) <= 1 else None
    least, most = real(m.get("least")), real(m.get("most"))
    if most is None:
        return None
    if most <= 2:  # a share, a correlation, R2, the Brier score of several classes
        return UNIT if max(ends) <= 1 else None
    return None if least is None else (least, most)


def _by_scale(rows: Sequence[Row]) -> list[Row]:
    """Order rows so that those of one scale are together; rows without one stay behind the row they followed."""
    order: dict[Scale, int] = {}
    placed: list[tuple[int, Row]] = []
    at = 0
    for row in rows:
        at = order.setdefault(row.scale, len(order)) if row.scale is not None else at
        placed.append((at, row))
    return [row for _, row in sorted(placed, key=lambda pair: pair[0])]


def _methods(measures: Mapping[str, Measure], *, verbose: bool) -> Iterator[str]:
    """Yield by what the intervals were made; `verbose` names the metrics behind all methods but the most frequent one."""
    by: dict[str, list[str]] = {}
    for name, m in measures.items():
        if m.get("method"):
            by.setdefault(phrases.clean(str(m["method"])), []).append(phrases.clean(name))
    if not by:
        return
    sizes = {m["n"] for m in measures.values() if m.get("n") is not None}
    count = f"n = {sizes.pop():,}; " if len(sizes) == 1 else ""
    if not verbose:
        yield f"{count}intervals by {', '.join(_in_short(by))}"
        return
    common = max(by, key=lambda method: len(by[method]))
    rare = [f"{method} ({', '.join(names)})" for method, names in by.items() if method != common]
    rest = f"{common} (the others)" if rare else common
    yield f"{count}intervals by {'; '.join([*rare, rest])}"


def _in_short(methods: Iterable[str]) -> list[str]:
    """Return methods without what follows a comma, and without those that only add to another."""
    short = sorted(dict.fromkeys(method.partition(", ")[0] for method in methods), key=len)
    kept: list[str] = []
    for method in short:
        if not any(method.startswith(f"{other} ") for other in kept):
            kept.append(method)
    return kept


def _threshold(m: Measure | None) -> Iterator[str]:
    """Yield the threshold that was given or is the best one, with its interval, and which one was used."""
    if m is None or real(m.get("value")) is None:
        return
    text = f"threshold {figure(real(m['value']))}"
    low, high = real(m.get("low")), real(m.get("high"))
    text += f" ({span(low, high)})" if low is not None else ""
    by = phrases.clean(str(m.get("chosen_by") or "given"))
    text += {"given": ", as given", "default": ", by default"}.get(by, f", chosen by {by}")
    text += f"; {phrases.clean(str(m['reason']))}" if m.get("reason") else ""
    best, low, high = (real(m.get(key)) for key in ("best", "best_low", "best_high"))
    if best is not None:
        text += f"; {figure(best)}{f' ({span(low, high)})' if low is not None else ''} would be chosen by {phrases.clean(str(m.get('best_by')))}"
    used = real(m.get("used"))
    yield text + (f"; {figure(used)} was used" if used is not None and used != m["value"] else "")


def _differences(measures: Mapping[str, Measure], *, verbose: bool) -> Grid:
    shares = [m for m in measures.values() if _of_shares(m)]
    reach = _common_reach(shares)
    rows = tuple(_difference(name, m, reach if _of_shares(m) else _reach(m)) for name, m in measures.items())
    lower = any(m.get("direction") == "lower" for m in measures.values())
    alone = any(not _of_shares(m) and _reach(m) for m in measures.values())
    beyond = (
        f", {bars.BEYOND_LEFT} {bars.BEYOND_RIGHT} point beyond"
        if any(_reach(m) > reach for m in shares)
        else ""
    )
    notes = [
        f"bars reach to {figure(reach)} on each side{beyond}" if reach else "",
        "for ↓ they are turned around" if lower and (reach or alone) else "",
        "metrics beyond 1 have a scale of their own each" if alone else "",
    ]
    return Grid(
        title="",
        columns=(
            Column(title="metric"),
            Column(title="A", kind="number"),
            Column(title="B", kind="number"),
            Column(title="A − B", kind="number"),
            Column(title=_interval_title(measures), kind="interval"),
            Column(title="p", kind="number"),
        ),
        rows=rows,
        strip=4,
        sides=("B better", "A better"),
        strip_note="; ".join(filter(None, notes)),
        notes=tuple(_methods(measures, verbose=verbose)),
    )


def _difference(name: str, m: Measure, reach: float) -> Row:
    a, b, apart, low, high, p = (
        real(m.get(key)) for key in ("a", "b", "difference", "low", "high", "p_value")
    )
    bar = None
    if apart is not None and low is not None and high is not None and reach > 0:
        turned = m.get("direction") == "lower"
        bar = Bar(value=-apart, low=-high, high=-low) if turned else Bar(value=apart, low=low, high=high)
    missing = "" if low is not None else phrases.clean(str(m.get("reason") or ""))
    return Row(
        cells=(_named(name, m), figure(a), figure(b), signed(apart), span(low, high, sign=True), chance(p)),
        bar=bar,
        scale=(-reach, reach) if bar else None,
        strong=m.get("recommended") is True,
        told=missing or ("undefined" if apart is None else ""),
    )


def _common_reach(measures: Sequence[Measure]) -> float:
    """Return how far the bars of differences reach on both sides of 0, so that one wide interval does not flatten the others.

    The interval of the metric to trust is always within.
    """
    reaches = sorted(filter(None, map(_reach, measures)))
    if not reaches:
        return 0.0
    trusted = max((_reach(m) for m in measures if m.get("recommended") is True), default=0.0)
    return max(min(reaches[-1], FAR * reaches[len(reaches) // 2]), trusted)


def _of_shares(m: Measure) -> bool:
    most = real(m.get("most"))
    ends = [abs(x) for key in ("a", "b") if (x := real(m.get(key))) is not None]
    unbounded = "most" in m and (most is None or most > 2)
    return not unbounded and max(ends, default=2.0) <= 1


def _reach(m: Measure) -> float:
    return max((abs(x) for key in ("low", "high") if (x := real(m.get(key))) is not None), default=0.0)
