"""What the user says of the predictions: which columns play which role, which task it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcheck.model.predictions import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Names of columns by role; an empty tuple or None leaves the choice to the names and the content.

    `true`, `pred` and `score` may name several columns: one a class, a label or a target. `by` tells groups apart,
    `group` names what was sampled together, `positive` is the label of the positive class. `qrels` and `runs` are TREC
    files, `hypothesis` and `references` parallel texts; they stand in place of tables.
    """

    true: tuple[str, ...] = ()
    pred: tuple[str, ...] = ()
    score: tuple[str, ...] = ()
    weight: str | None = None
    by: str | None = None
    id: str | None = None
    group: str | None = None
    task: Task | None = None
    positive: str | None = None
    qrels: str | None = None
    runs: tuple[str, ...] = ()
    hypothesis: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The columns that the user named, each with the option that named it."""
        many = (("--true", self.true), ("--pred", self.pred), ("--score", self.score))
        one = (("--weight", self.weight), ("--by", self.by), ("--id", self.id), ("--group", self.group))
        found = [(option, name) for option, names in many for name in names]
        return (*found, *((option, name) for option, name in one if name is not None))
