"""Python pickles: refused. Loading one runs whatever code it holds, so none is ever loaded; a history is easily kept as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlcheck.errors import NothingToRead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "pickle"
ORDER = 95
BEGINS = re.compile(rb"\x80[\x02-\x05](\x95.{8}|[}\]q\(c\x8c\x80-\xff]|$)", re.DOTALL)


def sniff(source: Source) -> bool:
    """Say whether the first bytes are those of a pickle."""
    return BEGINS.match(source.head) is not None


def read(source: Source) -> Iterator[Log]:
    """Raise NothingToRead with the safe alternative."""
    raise NothingToRead(
        source.name,
        "expected a log as text, found binary data: a pickle, which can run any code when it is loaded",
        "save the history as JSON: json.dump(history.history, file, default=float)",
    )
