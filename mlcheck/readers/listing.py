"""Names out of a file, as a message may hold them: a few, and none longer than a line bears."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_NAMES = 12
LONGEST = 60
"""Characters of a name: a file whose line ends are damaged has all of its first rows for a name."""


def listed(names: Iterable[str], most: int = MOST_NAMES) -> str:
    """Return names for a message: the first ones, quoted, each cut to what a line bears."""
    every = list(names)
    shown = ", ".join(repr(short(name)) for name in every[:most])
    return shown + (f" and {len(every) - most:,} more" if len(every) > most else "")


def short(name: str) -> str:
    """Return a name cut to what a line bears."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def try_column(names: Iterable[str]) -> str:
    """Return the hint to say which column is the loss, with the first name where it can be typed."""
    first = next(iter(names), "")
    return f"try --column train_loss={first if first and short(first) == first else 'NAME'} if one of them is"
