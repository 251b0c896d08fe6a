"""Numbers of examples to train on, geometric: each the same times the one before."""

from __future__ import annotations

import math
import re

from mlcheck.errors import MlcheckError

RANGE = re.compile(r"(\d[\d_]*)\.\.(\d[\d_]*)(?::(\d+))?")
NUMBER = re.compile(r"\d[\d_]*")
LEAST, MOST = 4, 50
"""How many sizes a curve needs to be judged at all, and how many anyone may ask for."""


def parse(text: str, *, times: float = 2.0) -> tuple[int, ...]:
    """Return the sizes that `500..16000` (each about `times` the one before), `500..16000:8` (so many) or `500,1000` mean.

    Raises MlcheckError for what is none of these.

    >>> parse("500..16000")
    (500, 1000, 2000, 4000, 8000, 16000)
    >>> parse("100..800:4"), parse("10,20,40,80")
    ((100, 200, 400, 800), (10, 20, 40, 80))
    """
    text = text.strip()
    found = RANGE.fullmatch(text)
    if found:
        low, high = int(found[1]), int(found[2])
        _check(text, 0 < low < high)
        sizes = geometric(low, high, int(found[3]) if found[3] else count(low, high, times))
    else:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        _check(text, bool(parts) and all(NUMBER.fullmatch(part) for part in parts))
        sizes = tuple(sorted({int(part) for part in parts}))
        _check(text, sizes[0] > 0)
    if not LEAST <= len(sizes) <= MOST:
        raise MlcheckError(
            "--sizes", f"expected {LEAST} to {MOST} different sizes, found {len(sizes)} in {text!r}"
        )
    return sizes


def geometric(low: int, high: int, number: int) -> tuple[int, ...]:
    """Return about `number` whole sizes from `low` to `high`, ascending, each once."""
    if number < 2 or number > MOST:
        raise MlcheckError("--sizes", f"expected {LEAST} to {MOST} sizes, found {number}")
    ratio = math.log(high / low)
    return tuple(sorted({round(low * math.exp(ratio * i / (number - 1))) for i in range(number)}))


def count(low: int, high: int, times: float) -> int:
    """Return how many sizes lie from `low` to `high`, each about `times` the one before; enough to be judged."""
    return min(MOST, max(LEAST, 1 + round(math.log(high / low) / math.log(times))))


def _check(text: str, good: bool) -> None:
    if not good:
        raise MlcheckError(
            "--sizes",
            f"expected numbers of examples, found {text!r}",
            "such as 500..16000, 500..16000:8 or 500,1000,2000,4000",
        )
