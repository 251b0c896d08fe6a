"""Columns that hold a score for each class: `prob_cat`, `prob_dog`; `p0`, `p1`; `cat`, `dog`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.readers.predictions.frame import Column, Numbers
from mlcheck.readers.predictions.names import normal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from mlcheck.readers.predictions.names import Guess

ADDS_TO_ONE = 0.02


def score_rank(name: str) -> int:
    """Rank scores: a probability says more than a logit or margin, and either more than a confidence."""
    words = set(normal(name).split("_"))
    if words & {"prob", "probs", "proba", "probability", "probabilities", "p"} and not words & {"log"}:
        return 3
    if words & {"confidence", "confidences", "conf", "margin", "max", "top1"}:
        return 0
    return 1 if words & {"logit", "logits", "log", "logprob"} else 2


def find(
    labels: AbstractSet[str], free: Mapping[str, Guess], numeric: Mapping[str, Column]
) -> dict[str, str]:
    """Return the columns that hold a score for each class, with their classes; empty where there are none.

    They are named for the `labels` of the truth (without capitals), alone or with a common beginning or end, or are
    counted, or their rows add to 1.
    """
    candidates: list[dict[str, str]] = []
    for role in ("score", "pred", "true"):
        said = {n: free[n] for n in numeric if free[n].role == role and free[n].part}
        candidates += _by_stem(said)
    candidates.append({n: n.strip() for n in numeric if n.strip().casefold() in labels})
    best: dict[str, str] = {}
    for group in candidates:
        if len(group) < 2 or len(group) <= len(best):
            continue
        known = sum(part.casefold() in labels for part in group.values())
        if (
            known == len(labels)
            or known >= 2
            or _adds_to_one([numeric[n] for n in group])
            or _is_counted(group)
        ):
            best = group
    return best


def _by_stem(group: Mapping[str, Guess]) -> list[dict[str, str]]:
    """Tell groups of columns apart by what stands before and behind the class in their names."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name, said in group.items():
        before, behind = name[: said.begins], name[said.begins + len(said.part) :]
        found.setdefault((before, behind), {})[name] = said.part
    ranked = sorted(found.items(), key=lambda pair: -score_rank(pair[0][0] + " " + pair[0][1]))
    return [columns for _, columns in ranked]


def _is_counted(group: Mapping[str, str]) -> bool:
    """Whether the classes are numbered 0, 1, 2 … or from 1 on."""
    numbers = sorted(
        int(part) for part in group.values() if part.isascii() and part.isdigit() and len(part) < 9
    )
    return len(numbers) == len(group) and numbers in (list(range(len(group))), list(range(1, len(group) + 1)))


def _adds_to_one(columns: Sequence[Column]) -> bool:
    total = np.sum([c.value for c in columns if isinstance(c, Numbers) and c.value.ndim == 1], axis=0)
    return bool(np.size(total)) and bool(np.all(np.abs(total - 1) <= ADDS_TO_ONE))
