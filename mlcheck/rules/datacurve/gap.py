"""How far training and held-out score lie apart, and whether they come together.

What it finds
    With a training score at each size: a large gap (`large` of the curve's unit) that narrows with more examples, or a
    small one (`small`) that leaves nothing for data to close.

Why it matters
    The gap is the part of the error that more data can close. A small gap with a high error is underfitting: a better
    model or features are needed, whatever the curve's slope.

Example
    the gap between train and held-out accuracy narrows: 0.21 at 500 examples, 0.09 at 4,000

What to do
    Large and narrowing: more data, augmentation, regularisation. Small: a larger model, better features.

False alarms
    A model that memorises (1-nearest neighbour, unpruned trees) always has a gap; its narrowing still tells.

References
    Hastie, Tibshirani & Friedman 2009, sect. 7.2 and 7.12. Cortes et al. 1994, Learning curves: asymptotic values and
    rate of convergence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.stats.curves.looked import Looked

CODE = "DAT104"
NAME = "train-gap"
SEVERITY: Severity = "note"


def check(looked: Looked, *, large: float = 0.1, small: float = 0.02) -> Iterator[Finding | Skip]:
    """Yield a finding for a gap of `large` (of the unit, see Course.unit) that narrows, or one below `small`."""
    gap = looked.gap
    if gap is None:
        yield Skip(code=CODE, reason="no training scores in this table (name them with --train-score)")
        return
    known = np.flatnonzero(np.isfinite(gap))
    first, last = known[len(known) // 2 - (len(known) > 2)], known[-1]
    unit = looked.course.unit
    now, before = float(gap[last]), float(gap[first])
    narrows = now < 0.9 * before
    sizes = f"{before * looked.scale.factor:.3g} at {looked.course.n[first]:,.0f} examples, {now * looked.scale.factor:.3g} at {looked.course.n[last]:,.0f}"
    evidence = {
        "gap": now * looked.scale.factor,
        "gap_before": before * looked.scale.factor,
        "n_before": float(looked.course.n[first]),
    }
    if now >= large * unit and narrows:
        yield Finding(
            code=CODE, name=NAME, severity=SEVERITY, evidence=evidence,
            message=f"the gap between train and held-out {looked.metric} narrows: {sizes}",
            actions=(
                Action(name="augment-data", why="augmentation and regularisation close the same gap as more data, for less"),
                Action(name="use-pretrained", why="pretrained weights help most where examples are few and the gap is wide"),
                Action(name="label-cheaply", why="semi-supervised training or synthetic examples, where unlabelled data is at hand"),
            ),
        )  # fmt: skip
    elif now <= small * unit:
        yield Finding(
            code=CODE, name=NAME, severity=SEVERITY, evidence=evidence,
            message=f"train and held-out {looked.metric} are {now * looked.scale.factor:.2g} apart: data has little left to close",
            actions=(Action(name="better-model", why="a larger model or better features: the error is not one of too few examples"),),
        )  # fmt: skip
