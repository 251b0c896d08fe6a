"""scikit-learn's loss curves as people write them: JSON or CSV with the estimator's attributes, or one bare column.

`loss_curve_` and `validation_scores_` (MLP, SGD), `train_score_` and `validation_score_` (gradient boosting on
histograms: negative losses that rise, unless it was told to score otherwise), `train_score_` and `oob_scores_`
(gradient boosting: losses). Negative losses are turned round, so that lower is better as in every other log.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import NothingToRead
from mlcheck.model import Role, Split
from mlcheck.readers import cells, csv, json, roles
from mlcheck.readers.log import Channel, Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcheck.model import Floats
    from mlcheck.readers.source import Source

NAME = "sklearn"
ORDER = 45
SCORES: Mapping[str, Split] = {
    "train_score": "train",
    "validation_score": "validation",
    "oob_scores": "validation",
}
ATTRIBUTE = re.compile(
    r"(?:^|[\"',;/])(?:train_score_?|validation_score_?|oob_scores_?|oob_improvement_?)[\"',;\r\n]"
)
BARE = re.compile(r"(?:,?[\"']?[^,\d\"']?0[\"']?\r?\n)?(?:\d+,)?[-+]?[\d.][\d.eE+-]*\r?")


def sniff(source: Source) -> bool:
    """Say whether the names are those of the estimator's attributes, or a file called a loss is a bare column."""
    if not source.is_text:
        return False
    text = source.head_text.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return ATTRIBUTE.search(text) is not None
    first, _, rest = text.partition("\n")
    return ATTRIBUTE.search(f"{first}\n") is not None or (
        _is_bare(first, rest) and _bare_role(source) is not None
    )


def read(source: Source) -> Iterator[Log]:
    """Yield the run; raise NothingToRead where the lists are none."""
    text = source.head_text.lstrip("\ufeff \t\r\n")
    if not text.startswith("{") and not ATTRIBUTE.search(text.partition("\n")[0] + "\n"):
        yield _bare(source)
        return
    for log in (json if text.startswith("{") else csv).read(source):
        yield replace(log, reader=NAME, channels=tuple(_meant(log.channels)), certain=True)


def _meant(channels: Sequence[Channel]) -> Iterator[Channel]:
    """Yield the channels, those that scikit-learn calls scores as what they are."""
    scores = [c for c in channels if _name(c) in SCORES and len(c.value)]
    are_losses = bool(scores) and all(_is_loss(c) for c in scores if _name(c) != "oob_scores")
    for channel in channels:
        split = SCORES.get(_name(channel))
        if split is None or not len(channel.value):
            yield channel
        elif are_losses:
            finite = channel.value[np.isfinite(channel.value)]
            sign = -1.0 if len(finite) and np.all(finite <= 0) else 1.0
            role = Role(quantity="loss", split=split, measure="loss", better="lower")
            yield replace(channel, value=sign * channel.value, split=split, role=role)
        else:
            role = Role(quantity="metric", split=split, measure="score", better="higher")
            yield replace(channel, split=split, role=role)


def _name(channel: Channel) -> str:
    return channel.name.rpartition("/")[2].rstrip("_")


def _is_loss(channel: Channel) -> bool:
    """Whether scores are losses: all negative (scikit-learn turns losses round), or positive and falling."""
    value: Floats = channel.value[np.isfinite(channel.value)]
    return len(value) > 0 and bool(np.all(value <= 0) or (value[-1] < value[0] and np.all(value >= 0)))


def _bare_role(source: Source) -> Role | None:
    """Return the role that the file's name says, if it is a loss."""
    role = roles.guess(source.file_name.removesuffix(".gz").rpartition(".")[0].rpartition("+")[2]).role
    if role.quantity != "loss":
        return None
    return Role(quantity="loss", split=role.split or "train", measure="loss", better="lower")


def _is_bare(first: str, rest: str) -> bool:
    """Whether the first lines are numbers alone, or with the row's number before them as pandas writes a series."""
    lines = [first, *rest.split("\n", 20)[:19]]
    body = lines[1:] if first.strip() in (",0", "0") else lines
    whole = [line for line in body if line.strip()]
    return len(whole) > 1 and all(BARE.fullmatch(line) for line in whole)


def _bare(source: Source) -> Log:
    """Read one column; with the row's number before it, or without."""
    lines = [line.strip() for line in source.read_text().lstrip("\ufeff \t\r\n").split("\n") if line.strip()]
    name = "0" if lines[0] in (",0", "0") else ""
    rows = [line.split(",") for line in (lines[1:] if name else lines)]
    column = cells.column([row[-1] for row in rows])
    if column.texts or not column.present.any():
        raise NothingToRead(
            source.name, "expected a column of numbers, found none", "give the loss of each epoch"
        )
    numbered = len(rows[0]) > 1
    channel = Channel(
        name=name or ("#2" if numbered else "#1"), value=column.value[column.present], role=_bare_role(source), counts_rows=True,
    )  # fmt: skip
    return Log(source=source.name, reader=NAME, key=source.name, channels=(channel,))
