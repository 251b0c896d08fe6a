"""Text that a training script printed: `epoch 3: train loss 0.41 val loss 0.52` and whatever is like it.

No list of frameworks: every line is cut at its numbers, what stands between them says what they are (a counter, a value
with a name), and only what recurs as a curve does is believed. So progress bars of Keras and tqdm, nanoGPT, llm.c, Caffe,
Flair, nnU-Net, dictionaries of the Hugging Face Trainer and home-made lines are read by the same code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlcheck.readers import wandb_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "text"
ORDER = 90
JSON_START = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]]|\[\s*-?\d[^:a-zA-Z]{20})")


def sniff(source: Source) -> bool:
    """Whether the source is text and neither JSON nor a table with separators."""
    if not source.is_text or JSON_START.match(source.head_text):
        return False
    rows = source.head_text[:8000].splitlines()[:3]
    return not _is_table(rows) and not _is_table_of_runs(rows)


def read(source: Source) -> Iterator[Log]:
    """Yield one log per run in the text; one without channels where it holds nothing but the crash at its end.

    Raises NothingToRead where no value recurs under a name and no error ends the text.
    """
    from mlcheck.readers import text_reading

    yield from text_reading.read(source)


def _is_table(rows: Sequence[str]) -> bool:
    """Whether the second line is mostly bare numbers between as many separators as the first line has."""
    if len(rows) < 2:
        return False
    for mark in ",;\t":
        cells = rows[1].split(mark)
        if (
            len(cells) > 1
            and rows[0].count(mark) == len(cells) - 1
            and sum(map(_is_number, cells)) > len(cells) / 2
        ):
            return True
    return False


def _is_table_of_runs(rows: Sequence[str]) -> bool:
    """Whether the first line names the columns of W&B's table of runs, whose cells hold settings and final values."""
    names = [name.strip().strip('"') for name in rows[0].split(",")] if rows else []
    return wandb_names.is_table_of_runs(names)


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().strip('"'))
    except ValueError:
        return False
    return True
