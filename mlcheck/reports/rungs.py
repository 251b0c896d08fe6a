"""The ladder of baselines as a grid: each rung's score with its interval, and what it gains over the rung below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Bar
from mlcheck.reports import bars, phrases
from mlcheck.reports.grids import DASH, MINUS, TO, Column, Grid, Row, real

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcheck.model import Scalar
    from mlcheck.reports.bars import Scale

LOWEST = "random"
"""The rung that may lie so far below all others that a scale which holds it would show nothing else."""
MODEL = "model"
ARROWS = {"higher": "↑", "lower": "↓"}
DIGITS = 4
"""Significant digits of the largest score; the others have as many decimals."""


def grid(measures: Mapping[str, Mapping[str, Scalar]]) -> Grid:
    """Return the rungs, the lowest first, and the user's model below them."""
    rows = list(measures.items())
    first = rows[0][1]
    scores = _decimals([m.get("score") for _, m in rows])
    ends = _spans([(m.get("low"), m.get("high")) for _, m in rows], scores)
    gains = _spans([(m.get("gain_low"), m.get("gain_high")) for _, m in rows], scores, sign=True)
    scale = _scale(rows)
    made = []
    for (name, m), interval, gain in zip(rows, ends, gains, strict=True):
        value, low, high = (real(m.get(key)) for key in ("score", "low", "high"))
        bar = Bar(value=value, low=low, high=high) if value is not None else None
        score, better = _number(value, scores), _number(real(m.get("gain")), scores, sign=True)
        made.append(
            Row(
                cells=(phrases.clean(name), score, interval, "" if better == DASH else better, gain),
                bar=bar,
                scale=scale if bar is not None else None,
                strong=m.get("recommended") is True,
            )
        )
    level = real(first.get("level")) or 0.95
    arrow = ARROWS.get(str(first.get("direction")), "")
    return Grid(
        title="",
        columns=(
            Column(title="rung"),
            Column(title=f"{phrases.clean(str(first.get('metric')))} {arrow}".rstrip(), kind="number"),
            Column(title=f"{100 * level:g} % interval", kind="interval"),
            Column(title="gain", kind="number"),
            Column(title="over the rung below", kind="interval", spare=True),
        ),
        rows=tuple(made),
        strip=2,
        notes=tuple(_notes(rows)),
    )


def _decimals(values: Sequence[Scalar]) -> int:
    """Return how many decimals give the largest score `DIGITS` digits, one fewer where all are shares."""
    largest = max((abs(x) for value in values if (x := real(value)) is not None), default=1.0)
    if largest <= 1:
        return DIGITS - 1
    return max(0, DIGITS - len(str(int(largest))))


def _number(value: float | None, decimals: int, *, sign: bool = False) -> str:
    if value is None:
        return DASH
    text = f"{abs(value):,.{decimals}f}"
    return (MINUS if value < 0 else "+" if sign else "") + text


def _spans(ends: Sequence[tuple[Scalar, Scalar]], decimals: int, *, sign: bool = False) -> list[str]:
    found = []
    for low, high in ends:
        pair = [real(low), real(high)]
        shown = [_number(x, decimals, sign=sign) for x in pair]
        found.append("" if None in pair else TO.join(shown))
    return found


def _scale(rows: Sequence[tuple[str, Mapping[str, Scalar]]]) -> Scale | None:
    """Return a scale of round ends that holds the intervals of all rungs but the lowest one."""
    held = [m for name, m in rows if name != LOWEST] or [m for _, m in rows]
    ends = [x for m in held for key in ("score", "low", "high") if (x := real(m.get(key))) is not None]
    if not ends:
        return None
    low, high = min(ends), max(ends)
    return bars.rounded_out(low, high) if high > low else (low - 1.0, low + 1.0)


def _notes(rows: Sequence[tuple[str, Mapping[str, Scalar]]]) -> Iterator[str]:
    methods = dict.fromkeys(str(m["method"]) for name, m in rows if m.get("method") and name != MODEL)
    counts = {m.get("n") for name, m in rows if name != MODEL and m.get("n") is not None}
    count = f"n = {counts.pop():,}; " if len(counts) == 1 else ""
    if methods:
        yield f"{count}intervals by {', '.join(phrases.clean(method) for method in methods)}"
    model = dict(rows).get(MODEL)
    if model is not None and model.get("method"):
        yield f"model: {phrases.clean(str(model.get('source')))}, interval {phrases.clean(str(model['method']))}"
