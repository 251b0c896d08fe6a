"""What a model that has learned nothing would score."""

from __future__ import annotations

import math


def nearest_class_count(loss: float, *, tolerance: float, most: int = 100_000) -> int | None:
    """Return the number of classes K >= 2 with ln K within `tolerance` of a cross-entropy `loss` (nats), or None.

    ln K is the cross-entropy of a uniform guess over K classes. For large K the spacing of ln K is 1/K: a match means
    something only while the tolerance is below a quarter of it, so that larger K need a tighter tolerance; the round
    numbers that data sets really have (10, 100, 1000 classes) are accepted all the same.

    >>> nearest_class_count(2.3030, tolerance=0.005)
    10
    >>> nearest_class_count(0.6931, tolerance=0.005)
    2
    >>> nearest_class_count(0.55, tolerance=0.005) is None
    True
    """
    if not 0.5 < loss < math.log(most):
        return None
    k = round(math.exp(loss))
    if k < 2 or abs(math.log(k) - loss) > tolerance:
        round_numbers = [10**i for i in range(1, 6)]
        return next((r for r in round_numbers if abs(math.log(r) - loss) <= tolerance), None)
    is_told_apart = tolerance < 0.25 / k or any(
        abs(math.log(r) - loss) <= tolerance for r in (10, 100, 1000, 10_000)
    )
    return k if is_told_apart or k <= 12 else None


def uniform_loss(classes: int) -> float:
    """Return the cross-entropy in nats of a uniform guess over `classes` >= 2: ln K."""
    return math.log(classes)
