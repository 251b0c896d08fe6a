"""Hugging Face Trainer's `trainer_state.json`: `log_history` holds train and evaluation rows mixed.

A folder of checkpoints holds one file each; the latest contains the earlier ones. The last row may be a summary
(`train_loss`, `train_runtime`), which is the mean over the run and no point of the curve. Of several evaluation sets
(`eval_NAME_loss`) one may be the training data, evaluated again, or a test set.

`all_results.json` and its like repeat the summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mlcheck.errors import NothingToRead
from mlcheck.model import Role
from mlcheck.readers import json, roles, tables
from mlcheck.readers.log import Log

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.readers.log import Channel
    from mlcheck.readers.source import Source

NAME = "hf_trainer"
ORDER = 20
CHECKPOINT = re.compile(r"(^|/)checkpoint-\d+$")
SUMMARY = re.compile(r"(all|train|eval|test|predict)_results\.json")
NAMED_SET = re.compile(r"eval_(.+)_loss")
OF_TRAINING = Role(quantity="other", split="train", measure="loss")
OF_TEST = Role(quantity="loss", split="test", measure="loss", better="lower")
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
    """Say whether the JSON is a trainer state, or the summary that is written beside it."""
    if not source.is_text or not source.head_text.lstrip("\ufeff \t\r\n").startswith("{"):
        return False
    if SUMMARY.fullmatch(source.file_name):
        return b'_runtime"' in source.head
    return source.file_name.startswith("trainer_state") or '"log_history"' in source.head_text


def read(source: Source) -> Iterator[Log]:
    """Yield the run; raise NothingToRead where nothing was logged yet."""
    state = json.parse(source.name, source.read_text().lstrip("\ufeff"))
    if SUMMARY.fullmatch(source.file_name) and not (isinstance(state, Mapping) and "log_history" in state):
        raise NothingToRead(
            source.name,
            "expected the log of a run, found the Trainer's summary of its end",
            "give trainer_state.json, or the folder that it is in",
        )
    history = state.get("log_history") if isinstance(state, Mapping) else None
    rows = [row for row in history or () if isinstance(row, Mapping) and "train_runtime" not in row]
    if not isinstance(state, Mapping) or not rows:
        raise NothingToRead(
            source.name,
            "expected rows under log_history, found none",
            "was anything logged before the checkpoint?",
        )
    config: dict[str, Scalar] = {name: v for name in FACTS if isinstance(v := state.get(name), int | float)}
    channels = tuple(_of_its_set(c) for c in tables.channels(source, tables.from_records(rows)))
    folder = CHECKPOINT.sub("", source.folder)
    key = f"hf_trainer:{folder}" if folder != source.folder or source.folder else source.name
    reached = state.get("global_step")
    order = float(reached) if isinstance(reached, int | float) and abs(reached) < 1e300 else 0.0
    yield Log(
        source=source.name, reader=NAME, key=key, channels=channels, config=config, order=order, replaces=True
    )


def _of_its_set(channel: Channel) -> Channel:
    """Say of which data a loss is, where the name of the evaluation set tells."""
    found = NAMED_SET.fullmatch(channel.name)
    split = roles.SPLITS.get(found[1].lower()) if found else None
    if split == "train":
        return replace(channel, role=OF_TRAINING)
    return replace(channel, role=OF_TEST) if split == "test" else channel
