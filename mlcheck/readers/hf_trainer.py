"""Hugging Face Trainer's `trainer_state.json`: `log_history` holds train and evaluation rows mixed.

A folder of checkpoints holds one file each; the latest contains the earlier ones. The last row may be a summary
(`train_loss`, `train_runtime`), which is the mean over the run and no point of the curve.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mlcheck.errors import NothingToRead
from mlcheck.readers import json, tables
from mlcheck.readers.log import Log

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.readers.source import Source

NAME = "hf_trainer"
ORDER = 20
CHECKPOINT = re.compile(r"(^|/)checkpoint-\d+$")
FACTS = (
    "best_metric",
    "max_steps",
    "num_train_epochs",
    "train_batch_size",
    "eval_steps",
    "logging_steps",
    "num_input_tokens_seen",
)


def sniff(source: Source) -> bool:
    """Say whether the JSON is a trainer state."""
    if not source.is_text or not source.head_text.lstrip("\ufeff \t\r\n").startswith("{"):
        return False
    return source.file_name.startswith("trainer_state") or '"log_history"' in source.head_text


def read(source: Source) -> Iterator[Log]:
    """Yield the run; raise NothingToRead where nothing was logged yet."""
    state = json.parse(source.name, source.read_text().lstrip("\ufeff"))
    history = state.get("log_history") if isinstance(state, Mapping) else None
    rows = [row for row in history or () if isinstance(row, Mapping) and "train_runtime" not in row]
    if not isinstance(state, Mapping) or not rows:
        raise NothingToRead(
            source.name,
            "expected rows under log_history, found none",
            "was anything logged before the checkpoint?",
        )
    config: dict[str, Scalar] = {name: v for name in FACTS if isinstance(v := state.get(name), int | float)}
    channels = tuple(tables.channels(source, tables.from_records(rows)))
    folder = CHECKPOINT.sub("", source.folder)
    key = f"hf_trainer:{folder}" if folder != source.folder or source.folder else source.name
    reached = state.get("global_step")
    order = float(reached) if isinstance(reached, int | float) and abs(reached) < 1e300 else 0.0
    yield Log(
        source=source.name, reader=NAME, key=key, channels=channels, config=config, order=order, replaces=True
    )
