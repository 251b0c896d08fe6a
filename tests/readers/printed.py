"""What the tests of printed text share: reading a text, and its curves by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mlcheck.model import Split
from mlcheck.readers import text
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from mlcheck.readers.log import Channel, Log


TRAINED = "epoch 1 loss 3.5\nepoch 2 loss 2.5\n"
TRACE = 'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    loss.backward()\n'
Name = tuple[str, Split | None]
Render = Callable[[int, str, str], str]


def logs(content: str) -> list[Log]:
    """Read a text as the reader does."""
    source = Source(name="train.log", content=content.encode())
    assert text.sniff(source)
    return list(text.read(source))


def log(content: str) -> Log:
    """Read a text that holds one run."""
    (only,) = logs(content)
    return only


def curve(of: Log, name: str, split: Split | None = None) -> Channel:
    """Return the one channel of that name and split."""
    (only,) = (c for c in of.channels if (c.name, c.split) == (name, split))
    return only


def values(of: Log, name: str, split: Split | None = None) -> list[float]:
    """Return the values of the channel of that name and split."""
    return [float(v) for v in curve(of, name, split).value]


def counts(of: Log, name: str, split: Split | None = None) -> tuple[list[float] | None, list[float] | None]:
    """Return the steps and the epochs of the channel of that name and split."""
    found = curve(of, name, split)
    return tuple(None if c is None else c.tolist() for c in (found.step, found.epoch))  # type: ignore[return-value]  # two


def names(of: Log) -> set[Name]:
    """Return the names and splits of all channels."""
    return {(c.name, c.split) for c in of.channels}
