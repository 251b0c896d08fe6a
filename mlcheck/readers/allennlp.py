"""AllenNLP: `metrics_epoch_N.json`, one file per epoch, and the summary `metrics.json` at the end.

The files of one folder are one run. The summary repeats the last epoch beside the best one: no curve.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import NothingToRead
from mlcheck.readers import cells, json
from mlcheck.readers.log import Channel, Log

if TYPE_CHECKING:
    from mlcheck.readers.source import Source

NAME = "allennlp"
ORDER = 40
EPOCH_FILE = re.compile(r"metrics_epoch_(\d+)\.json(\.gz)?$")
WRITTEN_BY = re.compile(rb'"(training_start_epoch|training_epochs)"\s*:')
NO_CURVE = re.compile(r"best_.*|peak_.*|epoch|training_(start_epoch|epochs|duration)|.*_memory_MB")


def sniff(source: Source) -> bool:
    """Say whether the JSON holds what AllenNLP's trainer writes after an epoch."""
    is_object = source.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return is_object and b'"training_' in source.head and WRITTEN_BY.search(source.head) is not None


def read(source: Source) -> Iterator[Log]:
    """Yield one epoch of a run; raise NothingToRead for the summary."""
    metrics = json.parse(source.name, source.read_text().lstrip("\ufeff"))
    if not isinstance(metrics, Mapping):
        return
    numbered = EPOCH_FILE.search(source.file_name)
    if numbered is None:
        raise NothingToRead(
            source.name,
            "expected the metrics of each epoch, found AllenNLP's summary of a run",
            "give the folder with metrics_epoch_0.json, metrics_epoch_1.json, ...",
        )
    epoch = float(numbered.group(1))
    channels = tuple(
        Channel(name=name, value=cells.json_column([value]).value, epoch=np.array([epoch]))
        for name, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and not NO_CURVE.fullmatch(name)
    )
    key = f"allennlp:{source.folder}" if source.folder else source.name
    yield Log(
        source=source.name, reader=NAME, key=key, channels=channels, order=epoch, is_part=True, certain=True
    )
