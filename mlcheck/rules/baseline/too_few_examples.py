"""There are too few rows to tell rungs apart.

What it finds
    The best rung is ahead of the next simpler learning rung, but the interval of the difference holds 0: it names how
    many rows would settle a difference of that size. Or the smallest class has fewer than `least` rows.

Why it matters
    Which of two models is better is then a matter of the split. Choosing by it is choosing at random.

Example
    boosting is ahead of linear by 0.012 ± 0.03: about 2,900 rows would tell, there are 442

What to do
    Take the simpler model, or get more rows; repeated folds (`--repeats 5`) narrow the part that the split causes.

False alarms
    None: it claims no difference.

References
    Nadeau & Bengio 2003. Demšar 2006, Statistical comparisons of classifiers over multiple data sets.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcheck.model import Action, Finding, Severity
from mlcheck.stats import standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.ladder import Ladder

CODE = "BAS106"
NAME = "too-few-examples"
SEVERITY: Severity = "note"
FAR = 100.0
"""Times the rows at which the difference is nothing that more rows would be got for."""


def check(ladder: Ladder, *, least: int = 25, material: float = 0.05) -> Iterator[Finding]:
    """Yield findings for a smallest class of under `least` rows, and for a lead of at least `material` of the gain that is noise."""
    if ladder.classes:
        label, count = min(ladder.classes.items(), key=lambda pair: pair[1])
        if count < least:
            yield Finding(
                code=CODE,
                name=NAME,
                severity=SEVERITY,
                message=f"{label} has {count} rows: whatever is said of it rests on few",
                evidence={"class": label, "rows": count},
                actions=(Action(name="more-data", why=f"label more rows of {label}"),),
            )
    best, linear = standing.best(ladder), ladder.rung("linear")
    if best is None or linear is None or best.name == "linear":
        return
    gain = ladder.gains[best.name, "linear"]
    open_ = gain.low is not None and gain.high is not None and gain.low <= 0
    if not open_ or 1 - standing.reached(ladder, linear.score, best.score) < material:
        return
    half = (gain.high - gain.low) / 2  # type: ignore[operator]  # both are there
    times = (half / gain.value) ** 2 if gain.value > 0 else math.inf
    if not 1 < times < FAR:
        return
    rows = math.ceil(times * ladder.task.rows)
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{best.name} is ahead of linear by {gain.value:.2g} ± {half:.2g}: about {_rounded(rows):,} rows would tell, there are {ladder.task.rows:,}",
        evidence={
            "rung": best.name,
            "ahead": gain.value,
            "low": gain.low,
            "high": gain.high,
            "rows_needed": rows,
        },
        actions=(Action(name="more-data", why="more rows, or --repeats 5, make the intervals narrower"),),
    )


def _rounded(count: int) -> int:
    """Return a count with two digits."""
    size = int(10 ** max(0, len(str(count)) - 2))
    return -(-count // size) * size
