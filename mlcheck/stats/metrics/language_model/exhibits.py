"""What may be shown of log-probabilities: what was counted and to what base, and the texts that surprise most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Table
from mlcheck.stats.metrics.metric import Undefined

if TYPE_CHECKING:
    from mlcheck.model import Exhibit, Scalar
    from mlcheck.stats.metrics.language_model.view import TokensView, Unit

WORST = 5
UNITS: tuple[Unit, ...] = ("token", "word", "character", "byte")
BASES = {"e": "natural", "2": "base 2", "10": "base 10"}
LOG = {"e": 1.0, "2": math.log(2), "10": math.log(10)}


def exhibits(view: TokensView) -> tuple[Exhibit, ...]:
    """Return what was counted with the surprisal by each unit, and the texts of the highest perplexity."""
    return (_counted(view), *_worst(view))


def _counted(view: TokensView) -> Table:
    rows: list[tuple[Scalar, ...]] = []
    for unit in UNITS:
        try:
            counts, nats = view.counts(unit), view.surprisal(unit)
        except Undefined:
            continue
        rows.append((f"{unit}s", float(counts.sum()), nats, nats / math.log(2), _exp(nats)))
    return Table(
        title="Surprisal by unit",
        columns=("unit", "count", "nats each", "bits each", "perplexity"),
        rows=tuple(rows),
        note=base_told(view),
    )


def base_told(view: TokensView) -> str:
    """Return in a sentence to what base the logarithms were, and where that was guessed what others would give."""
    base = view.tokens.base
    if view.tokens.base_told:
        return f"The logarithms are {BASES.get(base, base)}, as the input says."
    told = f"The logarithms are taken as {BASES.get(base, base)}: the input does not say."
    try:
        nats = view.surprisal("token")
    except Undefined:
        return told
    others = [
        f"{value:.4g} if they are {BASES[other]}"
        for other in LOG
        if other != base and (value := _exp(nats / LOG.get(base, 1.0) * LOG[other])) is not None
    ]
    return f"{told} The perplexity would be {' and '.join(others)}." if others else told


def _exp(nats: float) -> float | None:
    """Return exp(nats), None where that is beyond any number."""
    return math.exp(nats) if nats < math.log(1e300) else None


def _worst(view: TokensView) -> tuple[Table, ...]:
    """Return the texts with the highest surprisal by token, the first of equal ones first."""
    counts, total = view.tokens.tokens, view.tokens.log_probability
    nats = np.divide(-total, counts, out=np.full(len(counts), -math.inf), where=counts > 0)
    highest = np.argsort(-nats, kind="stable")[:WORST]
    rows = tuple(
        (
            i + 1 if view.keys is None else view.keys[i],
            int(counts[i]),
            _exp(float(nats[i])),
        )
        for i in highest.tolist()
        if counts[i] > 0
    )
    if not rows:
        return ()
    title = "Texts that surprise most"
    return (Table(title=title, columns=("text", "tokens", "perplexity"), rows=rows, detail=True),)
