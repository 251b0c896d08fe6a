"""The score gets worse with more examples, beyond its noise.

What it finds
    A pair of sizes where the larger one has an error higher by at least `rise` of the curve's unit and `z` standard
    errors of the means, after as many pairs as there are were looked at.

Why it matters
    About one curve in fourteen is so (sigmoid kernels, discriminant analysis near as many features as examples, a
    learning rate fit for a small set). Every family of curves assumes the opposite: predictions are less sure.

Example
    accuracy falls from 0.71 at 64 examples to 0.63 at 128 (6.2 standard errors)

What to do
    Tune anew at each size (regularisation, learning rate, epochs), or look for the peak at n = number of features.

False alarms
    Sizes that were measured on different test sets.

References
    Viering & Loog 2021, sect. 4 (ill-behaved curves). Mohr et al. 2022, LCDB 1.0. Belkin et al. 2019 (double descent).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity
from mlcheck.stats.curves.behaved import LEAST_RISE, SURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.stats.curves.looked import Looked

CODE = "DAT103"
NAME = "ill-behaved"
SEVERITY: Severity = "warning"


def check(looked: Looked, *, z: float = SURE, rise: float = LEAST_RISE) -> Iterator[Finding]:
    """Yield a finding where the error rises by `z` standard errors and `rise` of the curve's unit (see Course.unit)."""
    course, found = looked.course, looked.rise
    if found.z < z or found.rise < rise * course.unit:
        return
    before, after = (looked.score(float(course.error[i])) for i in (found.start, found.end))
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=(
            f"{looked.metric} gets worse with more data: {before:.4g} at {course.n[found.start]:,.0f} examples, "
            f"{after:.4g} at {course.n[found.end]:,.0f} ({found.z:.1f} standard errors)"
        ),
        evidence={
            "n_before": float(course.n[found.start]), "n_after": float(course.n[found.end]),
            "before": before, "after": after, "z": round(found.z, 3),
        },
        actions=(Action(name="retune", why="tune regularisation and learning rate anew at each size"),),
    )  # fmt: skip
