"""Columns by the roles they play, and what was guessed in giving them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Columns by role. `parts` gives the class, label or target of a column; `doubts` say what was guessed.

    `told` lists the roles that the user gave: for them no other column is taken.
    """

    true: tuple[str, ...] = ()
    pred: tuple[str, ...] = ()
    score: tuple[str, ...] = ()
    weight: str | None = None
    by: str | None = None
    id: str | None = None
    group: str | None = None
    query: str | None = None
    document: str | None = None
    tokens: str | None = None
    count: str | None = None
    sequence: str | None = None
    text: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are needed, each once."""
        one = [self.weight, self.by, self.id, self.group, self.query, self.document]
        one += [self.tokens, self.count, self.sequence, self.text]
        return tuple(
            dict.fromkeys((*self.true, *self.pred, *self.score, *(name for name in one if name is not None)))
        )

    def doubting(self, doubt: str) -> Assigned:
        """Return the same with one more doubt."""
        return self if doubt in self.doubts else replace(self, doubts=(*self.doubts, doubt))


def without_id(roles: Assigned) -> Assigned:
    """Return the roles without an identifier, which then is not read."""
    return replace(roles, id=None)
