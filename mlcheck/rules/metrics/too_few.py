"""There are too few examples of a class to say how well it is found.

What it finds
    A class has fewer than `least` examples: its recall is then known to about ±20 percentage points at best.

Why it matters
    Differences between models on such a class are noise; macro averages carry that noise at full weight.

Example
    8 positives: recall 0.75 (0.41 to 0.93)

What to do
    Collect more of that class for the test set, or pool folds of a cross-validation.

False alarms
    A class that is of no interest.

References
    Wilson 1927, Probable inference, the law of succession, and statistical inference (the interval).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity
from mlcheck.rules.metrics.facts import class_sizes
from mlcheck.stats.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET107"
NAME = "too-few-examples"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("binary", "multiclass", "multilabel")


def check(scored: Scored, *, least: int = 25) -> Iterator[Finding]:
    """Yield a finding for classes with fewer than `least` examples."""
    sizes = class_sizes(scored)
    small = {label: n for label, n in sizes.items() if n < least}
    if not small:
        return
    label, n = min(small.items(), key=lambda pair: pair[1])
    low, high = wilson(0.5, n)
    told = f"{n} examples of {label}" + (
        f" ({len(small)} of {len(sizes)} classes have under {least})" if len(small) > 1 else ""
    )
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{told}: a recall of one half would be known as {low:.2g} to {high:.2g}",
        evidence={"class": label, "examples": n, "small_classes": len(small), "classes": len(sizes)},
        actions=(Action(name="larger-validation-set", why=f"label more examples of {label}"),),
    )
