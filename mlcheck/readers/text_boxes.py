"""The curves in boxes that list one name and one value a line, as loggers of reinforcement learning print them.

    | rollout/           |      |
    |    ep_rew_mean     | 28.2 |
    | time/              |      |
    |    total_timesteps | 4096 |

What counts stands in the box itself, before or after the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.readers import roles
from mlcheck.readers.text_names import may_be_curve
from mlcheck.readers.text_tracks import Track

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.readers.text_timeline import Group, Timeline

MAX_GAP = 2
"""Rows of one box are at most this many lines apart: a section's name may stand between them."""


class Row(NamedTuple):
    """One line of a box: its index, its name (with its section), its value."""

    at: int
    name: str
    value: float


def of_boxes(groups: Sequence[Group], time: Timeline) -> Iterator[Track]:
    """Yield the curves of boxes; one box alone is no curve, nor are boxes that neither count nor stand at counted places."""
    boxes = list(_boxes(groups))
    if len(boxes) < 2:
        return
    by_name: dict[str, list[tuple[int, Row]]] = {}
    for n, box in enumerate(boxes):
        for row in box:
            by_name.setdefault(row.name, []).append((n, row))
    step, epoch = (_counted(by_name, what, len(boxes)) for what in ("step", "epoch"))
    for name, found in by_name.items():
        if len(found) < 2 or not may_be_curve(name.rpartition("/")[2]):
            continue
        nth = np.array([n for n, _ in found], dtype=np.intp)
        at = np.array([row.at for _, row in found], dtype=np.float64)
        own = bool(np.isfinite(step[nth]).any() or np.isfinite(epoch[nth]).any())
        yield Track(
            name=name, split=None, at=at, epoch=epoch[nth] if own else time.last("epoch", at),
            step=step[nth] if own else time.last("step", at), total=np.full(len(at), np.nan),
            value=np.array([row.value for _, row in found]), sure=own, fine=False,
        )  # fmt: skip


def _counted(
    by_name: dict[str, list[tuple[int, Row]]], what: str, size: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the count of each box, shape (boxes,): of several counters the one that goes furthest; NaN where none moves."""
    furthest: list[tuple[int, Row]] = []
    for name, found in by_name.items():
        moves = found[-1][1].value != found[0][1].value
        if (
            roles.guess(name).role.quantity == what
            and moves
            and (not furthest or found[-1][1].value > furthest[-1][1].value)
        ):
            furthest = found
    count = np.full(size, np.nan)
    for nth, row in furthest:
        count[nth] = row.value
    return count


def _boxes(groups: Sequence[Group]) -> Iterator[list[Row]]:
    """Yield the rows of each box. A name that is there already, or a gap, begins another box."""
    lines: list[tuple[int, str, float | None]] = []
    for group in groups:
        if group.layout.field:
            lines += [(at, group.layout.field, value) for at, value in zip(group.at, group.data, strict=True)]
        elif group.layout.section:
            lines += [(at, group.layout.section, None) for at in group.at]
    box: list[Row] = []
    names: set[str] = set()
    section, last = "", -1
    for at, name, value in sorted(lines, key=lambda line: line[0]):
        full = section + name
        if at - last > MAX_GAP or (value is not None and full in names):
            if box:
                yield box
            kept = section if at - last <= MAX_GAP else ""
            box, names, section, full = [], set(), kept, kept + name
        last = at
        if value is None:
            section = name
        else:
            box.append(Row(at, full, value))
            names.add(full)
    if box:
        yield box
