"""Ray Tune and RLlib: `result.json` (lines) and `progress.csv` of a trial, which tell the same.

Names of nested values are joined with "/" in both. What stands under `config` are the trial's hyperparameters. RLlib's
learner has a total loss beside the losses of policy and value, which alone say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mlcheck.model import Role
from mlcheck.readers import csv, json, json_document, tables

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.readers.log import Channel, Log
    from mlcheck.readers.source import Source

NAME = "ray_tune"
ORDER = 45
COUNT = b"training_iteration"
WRITTEN_BY = re.compile(rb"\btraining_iteration\b")
OTHERS = re.compile(rb"\b(time_this_iter_s|trial_id|time_since_restore|iterations_since_restore)\b")
TOTAL = re.compile(r"(info/)?learners?/.*\btotal_loss")
RETURN = re.compile(r"(sampler_results/|env_runners/)?episode_(reward|return)_mean")
CONFIG = "config/"
TOTAL_LOSS = Role(quantity="loss", split="train", measure="loss", better="lower")


def sniff(source: Source) -> bool:
    """Say whether the columns are those that Tune adds to every result."""
    if COUNT not in source.head:  # far quicker to say than by the pattern
        return False
    return WRITTEN_BY.search(source.head) is not None and OTHERS.search(source.head) is not None and (
        json.sniff(source) or csv.sniff(source)
    )  # fmt: skip


def read(source: Source) -> Iterator[Log]:
    """Yield the trial; several where the file holds the results of several."""
    is_json = json.sniff(source)
    for log in _of_lines(source) if is_json else csv.read(source):
        config = {name.removeprefix(CONFIG): value for name, value in log.config.items()}
        channels = [c for c in log.channels if not c.name.startswith(CONFIG)]
        config |= {
            c.name.removeprefix(CONFIG): float(c.value[0]) for c in log.channels if c.name.startswith(CONFIG)
        }
        length = max((len(c.value) for c in channels), default=0)
        yield replace(
            log, reader=NAME, key=f"ray_tune:{source.folder}" if source.folder else source.name, config=config,
            channels=tuple(_with_role(c) for c in sorted(channels, key=_rank)), order=length, replaces=True,
        )  # fmt: skip


def _of_lines(source: Source) -> Iterator[Log]:
    """Read the lines of JSON, the hyperparameters apart from the results."""
    document = json_document.read(source.name, source.read_text().lstrip("\ufeff"))
    rows = document.value if isinstance(document.value, list) else [document.value]
    results = [{k: v for k, v in r.items() if k != "config"} if isinstance(r, Mapping) else {} for r in rows]
    first: Mapping[str, object] = next(
        (c for r in rows if isinstance(r, Mapping) and isinstance(c := r.get("config"), Mapping)), {}
    )
    config: dict[str, Scalar] = {
        name: value for name, value in tables.flatten(first) if isinstance(value, str | int | float | None)
    }
    for log in json.logs(source, NAME, replace(document, value=results)):
        yield replace(log, config=config | dict(log.config))


def _rank(channel: Channel) -> int:
    """Put the return of all episodes before returns of some of them."""
    return 0 if RETURN.fullmatch(channel.name) else 1


def _with_role(channel: Channel) -> Channel:
    return replace(channel, role=TOTAL_LOSS) if TOTAL.fullmatch(channel.name) else channel
