"""TensorBoard event files: scalars, as PyTorch, Keras, TensorFlow, CatBoost, JAX and others write them.

The files of one folder are one run, and so are the sibling folders `train` and `validation` below it. Histograms, images,
text and graphs are passed over; hyperparameters of the HParams plugin become the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "tensorboard"
ORDER = 10


def sniff(source: Source) -> bool:
    """Whether the file begins with a record that can be an event, or is named like an event file and is no text.

    A record begins with its length in 8 bytes, so that the upper 4 are 0: text is told apart without a checksum.
    """
    if source.head[4:8] != b"\0\0\0\0" and "tfevents" not in source.file_name.lower():
        return False
    from mlcheck.readers import tfevents

    return tfevents.is_event_file(source)


def read(source: Source) -> Iterator[Log]:
    """Yield the file's scalars: a channel per tag, in the order of logging, values and steps of shape (n,).

    What follows a record cut short or with a wrong checksum is left out, which an event of the log says. Raises
    NothingToRead for a file without scalars and hyperparameters, MlcheckError for one without a sound record.
    """
    from mlcheck.readers import tfevents

    yield from tfevents.read(source)
