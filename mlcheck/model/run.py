"""What readers make of logs: series, runs, a reading of many."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from mlcheck.model.common import EMPTY, Direction, Floats, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlcheck.model.reference import Reference
    from mlcheck.model.report import Problem

Split: TypeAlias = Literal["train", "validation", "test"]
Quantity: TypeAlias = Literal["loss", "metric", "lr", "grad_norm", "step", "epoch", "time", "other"]

SHORT: Mapping[Split | None, str] = {"train": "train_", "validation": "val_", "test": "test_", None: ""}
"""How the name of a role begins, by its split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a series measures: `split` × `quantity`, for a metric also which one and which direction is better.

    `measure` is the plain name of the quantity: "loss", "accuracy", "lr", "grad_norm". `split` is None where the
    name does not say (a learning rate has none).
    """

    quantity: Quantity
    split: Split | None = None
    measure: str = ""
    better: Direction | None = None

    @property
    def name(self) -> str:
        """The short name used for options and JSON keys: train_loss, val_loss, val_accuracy, lr, grad_norm."""
        return SHORT[self.split] + (self.measure or self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One logged quantity: `value[i]` was logged at `step[i]` (and `epoch[i]`, where the log says).

    All arrays have shape (n,), float64. `step` and `epoch` never decrease. NaN and infinities in `value` are what
    the log holds; a blank cell of a sparse log is no point at all. `name` is the column as the log spells it.
    `step` counts what the log counts (iterations, epochs, or rows where it counts nothing: see `step_unit`).
    """

    name: str
    role: Role
    step: Floats
    value: Floats
    epoch: Floats | None = None
    step_unit: Literal["step", "epoch", "row"] = "step"

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a run beside its numbers.

    `kind`: "restart" (the step went back), "crash" (the text ends in an error), "interrupted" (somebody or a
    time limit ended it), "truncated" (the file is cut),
    "invalid" (cells that are not numbers). `at` is the line (text) or step (numbers), where known.
    """

    kind: Literal["restart", "crash", "interrupted", "truncated", "invalid"]
    message: str
    at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """One training run as its log tells it. `series` holds the primary series of a role before its components.

    `config` holds the hyperparameters that stand in or beside the log, by the names the log uses. `reference` is what
    simple models reached on the same data, where the user has such a report.
    """

    id: str
    source: str
    reader: str
    series: tuple[Series, ...]
    config: Mapping[str, Scalar] = field(default_factory=lambda: EMPTY)
    events: tuple[Event, ...] = ()
    reference: Reference | None = None
    _primary: Mapping[tuple[Quantity, Split | None], Series] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Look up once what every rule asks for: the first series of each quantity and split."""
        found = {(s.role.quantity, s.role.split): s for s in reversed(self.series)}
        object.__setattr__(self, "_primary", found)

    def find(self, quantity: Quantity, split: Split | None = None) -> Series | None:
        """Return the primary series of that quantity and split, or None where the log has none."""
        return self._primary.get((quantity, split))

    @property
    def train_loss(self) -> Series | None:
        """The training loss, if logged."""
        return self.find("loss", "train")

    @property
    def val_loss(self) -> Series | None:
        """The validation loss; where there is none, the test loss that was logged in its place."""
        return self.find("loss", "validation") or self.find("loss", "test")

    @property
    def lr(self) -> Series | None:
        """The learning rate, if logged."""
        return self.find("lr")

    @property
    def grad_norm(self) -> Series | None:
        """The global gradient norm, if logged."""
        return self.find("grad_norm") or self.find("grad_norm", "train")

    def metric(self, split: Split, measure: str | None = None) -> Series | None:
        """Return the first metric of that split (and of that measure, such as "accuracy", if given)."""
        return next(
            (
                s
                for s in self.series
                if s.role.quantity == "metric" and s.role.split == split and measure in (None, s.role.measure)
            ),
            None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading the inputs gave: runs, the inputs that failed, how many files were passed over, a digest.

    `interrupted` says that the user ended it early: the runs are those that had been read whole.
    """

    runs: tuple[Run, ...]
    problems: tuple[Problem, ...]
    passed_over: int
    digest: str
    interrupted: bool = False


def digest(runs: Iterable[Run]) -> str:
    """Return 12 hexadecimal digits of the SHA-256 of all series: the same numbers give the same digest."""
    digest = hashlib.sha256()
    for run in runs:
        for series in run.series:
            digest.update(f"{run.source}\0{series.name}\0".encode("utf-8", "surrogatepass"))
            digest.update(np.ascontiguousarray(series.step).data)
            digest.update(np.ascontiguousarray(series.value).data)
    return digest.hexdigest()[:12]
