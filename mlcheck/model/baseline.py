"""What the user asks of `baseline`, beside the data and the settings that all commands share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Options of `baseline`. `rungs` are names in any order, () for all; `metric` None for what fits the data.

    `folds` and `repeats` hold where there is no test set. `budget` is in seconds of this call, None without end.
    `weights` is a folder of trained weights for the networks. `positive` is the label that binary metrics are about,
    None for the last. At most one of `score`, `predictions` (a file) and `run` (a log) tells of the user's own model. `vary` names what is varied
    (capacity, regularization). `ablate` asks what every column contributes, `groups` (name=a,b,c) what groups of them do.
    """

    rungs: tuple[str, ...] = ()
    metric: str | None = None
    folds: int = 5
    repeats: int = 1
    budget: float | None = None
    weights: str | None = None
    positive: str | None = None
    score: float | None = None
    predictions: str | None = None
    run: str | None = None
    vary: tuple[str, ...] = ()
    ablate: bool = False
    groups: tuple[str, ...] = ()
