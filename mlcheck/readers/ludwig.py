"""Ludwig's `training_statistics.json` and `training_progress.json`: split -> feature -> metric -> one value per evaluation.

Progress files hold either plain values or (epoch, step, value), and name the splits otherwise. Both files of an
experiment tell the same run. Ludwig evaluates the test set alongside; where validation is empty the test values still
are no validation: training never chose by them, so they are kept under their name and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import NothingToRead
from mlcheck.model import Role, Scalar
from mlcheck.readers import json
from mlcheck.readers.log import Channel, Log

if TYPE_CHECKING:
    from mlcheck.model import Floats, Split
    from mlcheck.readers.source import Source

NAME = "ludwig"
ORDER = 40
SPLITS: Mapping[str, Split] = {
    **dict.fromkeys(("train", "training", "train_metrics", "train_stats"), "train"),
    **dict.fromkeys(("validation", "vali", "validation_metrics", "vali_metrics", "vali_stats"), "validation"),
    **dict.fromkeys(("test", "test_metrics", "test_stats"), "test"),
}  # fmt: skip
COMBINED = re.compile(rb'"combined"\s*:\s*\{')
BESIDE_WEIGHTS = re.compile(r"(^|/)model$")
FACTS = ("batch_size", "learning_rate", "num_reductions_learning_rate", "num_increases_batch_size")
NOTHING = Role(quantity="other", split="test", measure="loss")


def sniff(source: Source) -> bool:
    """Say whether the JSON speaks of the metrics of all features combined."""
    return COMBINED.search(source.head) is not None and source.head_text.lstrip("\ufeff \t\r\n").startswith(
        "{"
    )


def read(source: Source) -> Iterator[Log]:
    """Yield the run; nothing where the JSON only looks like Ludwig's. Raises NothingToRead for a run without a value."""
    document = json.parse(source.name, source.read_text().lstrip("\ufeff"))
    splits = _splits(document)
    if not isinstance(document, Mapping) or "train" not in splits.values():
        return
    channels = tuple(
        channel
        for name, split in splits.items()
        for channel in _channels(name, split, document[name], _frequency(document))
    )
    if not channels:
        raise NothingToRead(
            source.name, "expected values under the metrics of the features, found none", "did it train?"
        )
    config: dict[str, Scalar] = {
        name: v for name in FACTS if isinstance(v := document.get(name), int | float)
    }
    is_final = not any(name.endswith(("_metrics", "_stats")) for name in splits)
    folder = BESIDE_WEIGHTS.sub("", source.folder)
    yield Log(
        source=source.name, reader=NAME, key=f"ludwig:{folder}" if source.folder else source.name, channels=channels,
        config=config, order=max(len(c.value) for c in channels) + is_final / 2, replaces=True, certain=True,
    )  # fmt: skip


def _splits(document: object) -> dict[str, Split]:
    """Return the names of the splits that the document holds, if they are of Ludwig's form."""
    if not isinstance(document, Mapping):
        return {}
    return {
        name: SPLITS[name]
        for name, features in document.items()
        if name in SPLITS and isinstance(features, Mapping) and isinstance(features.get("combined"), Mapping)
    }


def _frequency(document: Mapping[str, object]) -> tuple[float, bool]:
    """Return how often was evaluated, and whether that counts steps (else epochs)."""
    told = document.get("evaluation_frequency")
    if isinstance(told, Mapping) and isinstance(every := told.get("frequency"), int | float) and every > 0:
        return float(every), told.get("period") == "step"
    return 1.0, False


def _channels(
    name: str, split: Split, features: Mapping[str, object], frequency: tuple[float, bool]
) -> Iterator[Channel]:
    """Yield the curves of a split: first those of all features together, then feature by feature."""
    for feature in sorted(features, key=lambda f: f != "combined"):
        metrics = features[feature]
        for metric, values in metrics.items() if isinstance(metrics, Mapping) else ():
            table = _numbers(values)
            if table is None:
                continue
            every, in_steps = frequency
            count = every * np.arange(1.0, 1 + len(table))
            has_counts = table.shape[1] == 3
            is_loss = feature == "combined" and metric == "loss" and split != "test"
            is_test_loss = metric == "loss" and split == "test"
            yield Channel(
                name=f"{name}/{feature}/{metric}",
                value=table[:, -1],
                step=table[:, 1] if has_counts else count if in_steps else None,
                epoch=table[:, 0] + 1 if has_counts else None if in_steps else count,
                split=split,
                role=Role(quantity="loss", split=split, measure="loss", better="lower")
                if is_loss
                else NOTHING
                if is_test_loss
                else None,
            )


def _numbers(values: object) -> Floats | None:
    """Return the values as rows of one number, or of three (epoch, step, value); None for anything else."""
    if not isinstance(values, list) or not values:
        return None
    rows = values if all(isinstance(v, list) for v in values) else [[v] for v in values]
    if len({len(row) for row in rows}) != 1 or len(rows[0]) not in (1, 3):
        return None
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for row in rows for v in row):
        return None
    try:
        return np.array(rows, dtype=np.float64)
    except OverflowError:  # an integer of over 308 digits
        return None
