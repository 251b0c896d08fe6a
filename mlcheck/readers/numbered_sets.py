"""Evaluation sets that are numbered and not named: which of them a model was trained on.

scikit-learn's interfaces to XGBoost and LightGBM call the sets `validation_0`, `validation_1` or `valid_0`, `valid_1` in
their results, in what they print and in the tables that people make of it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.readers import roles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.model import Floats
    from mlcheck.readers.log import Channel

OF_SET = re.compile(r"(?P<set>valid(?:ation)?_\d+)(?:'s)?[\s_/.:-]+(?P<metric>\S.*)", re.IGNORECASE)
"""`validation_0-logloss`, `valid_1's binary_logloss`, `validation_0_rmse`."""
MOSTLY, RISES, CLEARLY = 0.9, 0.1, 0.9
"""Shares: of the rounds in which the training loss is the lowest, in which it may rise; of the next loss, at the end."""


def trained_on(losses: Mapping[str, Floats]) -> str | None:
    """Return which of several numbered sets a booster was trained on, by their losses (n,); None if none was.

    By convention it is the first. Its loss is the lowest nearly everywhere and at the end, and hardly ever rises;
    another than the first must be clearly the lowest.
    """
    for place, (name, mine) in enumerate(losses.items()):
        others = [v[: len(mine)] for other, v in losses.items() if other != name]
        if not others or len(mine) < 2 or any(len(v) != len(mine) for v in others):
            return None
        lowest = np.min(others, axis=0)
        below = float(np.mean(mine <= lowest)) >= MOSTLY and mine[-1] < lowest[-1]
        falls = float(np.mean(np.diff(mine) > 0)) <= RISES
        if below and falls and (place == 0 or mine[-1] < CLEARLY * lowest[-1]):
            return name
    return None


def with_training(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Return the channels, those of the set that the model was trained on said to be of training.

    Nothing is changed where a training loss has its own name, or no set's loss looks like one.
    """
    found = {c.name: m for c in channels if (m := OF_SET.fullmatch(c.name))}
    if len(found) < 2 or any(
        (c.role or roles.guess(c.name).role).split == "train" or c.split == "train" for c in channels
    ):
        return tuple(channels)
    losses: dict[str, dict[str, Floats]] = {}
    for channel in channels:
        if channel.name in found and roles.guess(channel.name).role.quantity == "loss":
            match = found[channel.name]
            losses.setdefault(match["metric"], {})[match["set"].lower()] = channel.value
    trained = next((name for of_sets in losses.values() if (name := trained_on(of_sets))), None)
    return tuple(
        replace(c, split="train") if c.name in found and found[c.name]["set"].lower() == trained else c
        for c in channels
    )
