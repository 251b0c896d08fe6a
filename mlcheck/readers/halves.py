"""Runs kept in halves: train.csv and val.csv (train_log.csv, valid_log.csv; train/metrics.csv, val/metrics.csv).

Both hold the same columns, and only the files' or folders' names say the split.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlcheck.readers import roles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Split
    from mlcheck.readers.log import Log


class Half(NamedTuple):
    """What a file's name says: the name without the split, and the split."""

    whole: str
    split: Split


def joined(logs: Sequence[Log]) -> tuple[Log, ...]:
    """Return the logs, those that are halves of one run with its key and their split."""
    found: dict[str, dict[Split, list[Log]]] = {}
    for log in logs:
        for half in _halves(log):
            found.setdefault(half.whole, {}).setdefault(half.split, []).append(log)
    changed: dict[int, Log] = {}
    for whole, by_split in found.items():
        if "train" in by_split and len(by_split) > 1 and all(len(some) == 1 for some in by_split.values()):
            for split, (log,) in by_split.items():
                changed.setdefault(id(log), _half_of(log, whole, split))
    return tuple(changed.get(id(log), log) for log in logs)


def _half_of(log: Log, whole: str, split: Split) -> Log:
    channels = tuple(replace(channel, split=split) for channel in log.channels)
    return replace(log, key=f"halves:{whole}", channels=channels, order=float(split != "train"))


def _halves(log: Log) -> Iterator[Half]:
    """Yield the readings of a name: the file's or else its folder's; none where the columns name splits themselves."""
    guesses = [roles.guess(c.name).role for c in log.channels]
    if (
        not any(g.quantity == "loss" for g in guesses)
        or any(g.split for g in guesses)
        or any(c.split for c in log.channels)
    ):
        return
    folder, _, name = log.source.rpartition("/")
    if half := _without_split(name):
        yield Half(f"{folder}/{half[0]}", half[1])
    above, _, last = folder.rpartition("/")
    split = roles.SPLITS.get(last.lower())
    if split and above:
        yield Half(f"{above}/*/{name}", split)


def _without_split(name: str) -> tuple[str, Split] | None:
    words = roles.words(name)
    splits = [w for w in words if w in roles.SPLITS]
    if len(splits) != 1:
        return None
    rest = " ".join("*" if w in roles.SPLITS else w for w in words)
    return rest, roles.SPLITS[splits[0]]
