"""What a reader gives: a `Log` of raw `Channel`s, before anyone says which of them is the training loss.

Logs with the same `key` are parts of one run and are joined; then `roles.py` names the roles. So a reader knows
its format and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcheck.model import EMPTY, Event, Floats, Role, Scalar, Split

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Channel:
    """One logged quantity by the name the log gives it: arrays of shape (n,), float64, in the order of logging.

    `step` and `epoch` are None where the log does not count them. NaN in `value` is a value that was logged as
    NaN; a blank is left out. `split` is set where the format says it outside the name (a folder "validation");
    `role` only where the format leaves no doubt. `counts_rows` says that `step` is no more than the row's place.
    """

    name: str
    value: Floats
    step: Floats | None = None
    epoch: Floats | None = None
    split: Split | None = None
    role: Role | None = None
    counts_rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Log:
    """What one file holds of one run.

    `key` names the run that the file is part of: the same for all files of one run, by default the file itself.
    `order` sorts the files of one key in time (restarts); a later one wins where steps overlap.
    `replaces` says that a later file of the same key holds all that an earlier one does (checkpoints).
    `is_part` says that the files of the key are pieces of one record (a file for each epoch or each environment):
    their values are all kept, in the order of the counter, and none of them is a restart.
    `certain` says that the format is that of training logs and of nothing else: a run without a loss is a run, too.
    """

    source: str
    reader: str
    key: str
    channels: tuple[Channel, ...]
    config: Mapping[str, Scalar] = field(default_factory=lambda: EMPTY)
    events: tuple[Event, ...] = ()
    order: float = 0.0
    replaces: bool = False
    is_part: bool = False
    certain: bool = False
