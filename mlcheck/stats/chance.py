"""What a model that has learned nothing would score."""

from __future__ import annotations

import math


def uniform_loss(classes: int) -> float:
    """Return the cross-entropy in nats of a uniform guess over `classes` >= 2: ln K."""
    return math.log(classes)
