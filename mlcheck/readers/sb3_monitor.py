"""Stable-Baselines3's Monitor: `#{json}`, then `r,l,t` for every episode: return, length, seconds since the start.

A vectorised environment writes a file for each of its copies (`0.monitor.csv`, `1.monitor.csv`, ...): together they are
the run. Episodes are placed by the steps of their own environment, which all copies make side by side.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Role
from mlcheck.readers import csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.readers.log import Channel, Log
    from mlcheck.readers.source import Source

NAME = "sb3_monitor"
ORDER = 55
BEGINS = re.compile(r"#\s*\{[^\n]*\n\s*r,l,t\b")
ONE_OF_SEVERAL = re.compile(r"(\d+\.)+monitor\.csv(\.gz)?")
ROLES = {"r": Role(quantity="metric", split="train", measure="return", better="higher")}


def sniff(source: Source) -> bool:
    """Say whether the comment that Monitor writes stands above its columns."""
    return (
        source.is_text
        and BEGINS.match(source.head_text.replace("\r\n", "\n").lstrip("\ufeff \n")) is not None
    )


def read(source: Source) -> Iterator[Log]:
    """Yield the episodes of the file, placed by the steps made until their end."""
    is_part = bool(source.folder) and ONE_OF_SEVERAL.fullmatch(source.file_name) is not None
    key = f"{NAME}:{source.folder}" if is_part else source.name
    for log in csv.read(source):
        length = next((c.value for c in log.channels if c.name == "l"), None)
        steps = None if length is None else np.cumsum(np.nan_to_num(length, posinf=0.0, neginf=0.0).clip(0))
        channels = tuple(_placed(c, steps) for c in log.channels)
        yield replace(log, reader=NAME, key=key, channels=channels, is_part=is_part, certain=True)


def _placed(channel: Channel, steps: np.ndarray[tuple[int], np.dtype[np.float64]] | None) -> Channel:
    known = replace(channel, role=ROLES.get(channel.name, channel.role))
    if steps is None or len(steps) != len(channel.value):
        return known
    return replace(known, step=steps, counts_rows=False)
