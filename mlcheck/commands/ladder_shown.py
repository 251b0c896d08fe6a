"""What `baseline` shows of varying and ablation: tables, a plot, numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.commands import ladder_vary
from mlcheck.model import Bar, Line, Plot, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.commands.ladder_ablate import Ablated
    from mlcheck.commands.ladder_vary import Varied
    from mlcheck.model import Exhibit, Scalar
    from mlcheck.stats.resampled import Mean


def of_varied(varied: Varied) -> tuple[Exhibit, ...]:
    """Return the table of errors with the sentence below it, and the two curves."""
    dial = varied.dial
    x = np.array([math.log(s.value, dial.base) for s in varied.settings]).round(9)
    best = varied.settings[varied.best]
    table = Table(
        title=f"{varied.what}: error of a network ({varied.error})",
        columns=(dial.word, "train", "validation", "interval", "gap", "gap's interval"),
        rows=tuple(
            (
                ladder_vary.shown(s.value), s.train.value, s.validation.value, interval(s.validation), s.gap.value,
                interval(s.gap, signed=True),
            )
            for s in varied.settings
        ),
        bars=tuple(bar(s.validation) for s in varied.settings),
        scale=scale([s.validation for s in varied.settings]),
        note="; ".join(filter(None, (ladder_vary.sentence(varied), varied.skipped))),
    )  # fmt: skip
    plot = Plot(
        title=f"error against {dial.word}",
        x_label=f"log{dial.base:g} of {dial.word}",
        y_label=varied.error,
        x_range=(float(x[0]), float(x[-1])),
        lines=(
            Line(label="train", x=x, y=np.array([s.train.value for s in varied.settings])),
            Line(label="validation", x=x, y=np.array([s.validation.value for s in varied.settings])),
            Line(label="lowest", x=x[[varied.best]], y=np.array([best.validation.value]), kind="mark"),
        ),
        detail=False,
    )
    return table, plot


def numbers_of_varied(varied: Varied) -> dict[str, Mapping[str, Scalar]]:
    """Return the numbers of each setting by a name such as "width=32"; `score` is that of the validation."""
    return {
        f"{varied.dial.word}={ladder_vary.shown(s.value)}": {
            "score": s.score, "low": s.low, "high": s.high, varied.dial.word: s.value, "error": varied.error,
            "train_error": s.train.value, "train_error_low": s.train.low, "train_error_high": s.train.high,
            "validation_error": s.validation.value, "validation_error_low": s.validation.low,
            "validation_error_high": s.validation.high,
            "gap": s.gap.value, "gap_low": s.gap.low, "gap_high": s.gap.high,
        }
        for s in varied.settings
    }  # fmt: skip


def of_ablated(ablated: Ablated) -> Table:
    """Return the table of what each group of columns contributes, the most first."""
    rows = tuple(
        (p.name, p.columns, p.score, p.contributes.value, interval(p.contributes, signed=True))
        for p in ablated.parts
    )
    return Table(
        title=f"ablation of {ablated.rung} ({ablated.metric} {ablated.score:.4g} with all columns)",
        columns=("left out", "columns", "score without", "contributes", "interval"),
        rows=rows,
        bars=tuple(bar(p.contributes) for p in ablated.parts),
        scale=scale([p.contributes for p in ablated.parts]),
        note="; ".join(filter(None, (ablated.told, ablated.skipped))),
    )


def numbers_of_ablated(ablated: Ablated) -> dict[str, Mapping[str, Scalar]]:
    """Return the numbers of each group by a name such as "without age"."""
    return {
        f"without {p.name}": {
            "score": p.score, "low": p.low, "high": p.high, "rung": ablated.rung, "columns": p.columns,
            "contributes": p.contributes.value, "contributes_low": p.contributes.low, "contributes_high": p.contributes.high,
        }
        for p in ablated.parts
    }  # fmt: skip


def interval(mean: Mean, *, signed: bool = False) -> str:
    """Return an interval as text, a dash where there is none."""
    if mean.low is None or mean.high is None:
        return "–"
    told = f"{mean.low:+.3g} to {mean.high:+.3g}" if signed else f"{mean.low:.3g} to {mean.high:.3g}"
    return told.replace("-", "−")


def bar(mean: Mean) -> Bar:
    """Return a mean with its interval to draw."""
    return Bar(value=mean.value, low=mean.low, high=mean.high)


def scale(means: Sequence[Mean]) -> tuple[float, float] | None:
    """Return the range that holds all intervals, None where it has no width."""
    ends = [end for m in means for end in (m.value, m.low, m.high) if end is not None and math.isfinite(end)]
    return (min(ends), max(ends)) if ends and min(ends) < max(ends) else None
