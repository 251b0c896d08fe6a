"""What each group of columns contributes: the score of a rung with all columns less that without the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcheck import registry
from mlcheck.commands import climb, ladder_told
from mlcheck.config import suggestion
from mlcheck.errors import MlcheckError
from mlcheck.model.ladder import CHANCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.commands.climb import Climbed, Means
    from mlcheck.commands.ladder_task import Setup
    from mlcheck.model.ladder import Ladder
    from mlcheck.stats.resampled import Mean

CORE = ("linear", "simple-nn", "boosting")
"""Rungs that are cheap enough to be fitted anew for every group of columns."""
MOST_GROUPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One group of columns: the score without it and by how much the score with it is better, paired by fold."""

    name: str
    columns: int
    score: float
    low: float | None
    high: float | None
    contributes: Mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablated:
    """What leaving out gave, the group that contributes most first. `told` says it in a sentence."""

    rung: str
    metric: str
    score: float
    parts: tuple[Part, ...]
    told: str
    skipped: str = ""


def groups_of(texts: Sequence[str], setup: Setup) -> Mapping[str, tuple[str, ...]]:
    """Return the columns of each group: those of `name=a,b,c` texts, or each feature column by itself without any.

    Raises MlcheckError for a text of another form, a column that is none, a group named twice, or too many columns.
    """
    names = [column.name for column in setup.features.columns]
    if not texts:
        if len(names) > MOST_GROUPS:
            raise MlcheckError(
                "--ablate", f"expected at most {MOST_GROUPS} columns to leave out one at a time, found {len(names):,}",
                "put them into groups: --groups name=a,b,c",
            )  # fmt: skip
        return {name: (name,) for name in names}
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        columns = tuple(dict.fromkeys(c.strip() for c in listed.split(",") if c.strip()))
        if not equals or not name.strip() or not columns:
            raise MlcheckError(
                "--groups", f"expected name=a,b,c, found {text!r}", "such as --groups size=width,height"
            )
        if name.strip() in found:
            raise MlcheckError("--groups", f"expected each name once, found {name.strip()!r} twice")
        for column in columns:
            if column not in names:
                raise MlcheckError(
                    "--groups", f"expected feature columns, found {column!r} in {name.strip()!r}",
                    f"{column} never varies" if column in setup.constant else suggestion(column, names),
                )  # fmt: skip
        found[name.strip()] = columns
    return found


def ablated(
    groups: Mapping[str, tuple[str, ...]], setup: Setup, ladder: Ladder, climbed: Climbed, means: Means
) -> Ablated | str:
    """Fit the best core rung without each group on the same folds; the reason where nothing can be left out.

    The difference of scores is paired by fold, its interval allows for the overlap of folds (Nadeau & Bengio 2003).
    """
    name = _rung(ladder)
    if name is None:
        return "no rung that learns was climbed (linear, simple-nn or boosting)"
    full = ladder_told.measure(setup, climbed.predicted[name], means.settings)
    scale = ladder_told.scale_of(setup, means.settings)
    found: list[Part] = []
    skipped: list[str] = []
    for group, columns in groups.items():
        left = setup.features.without(frozenset(columns))
        if not left.columns:
            skipped.append(f"{group} holds all columns: nothing would be left")
            continue
        try:
            made = tuple(climb.fitted(setup, registry.rungs()[name], means, features=left))
        except climb.OutOfTime:
            skipped.append(
                f"the budget ended before {group}: {len(groups) - len(found)} of {len(groups)} are missing"
            )
            break
        measured = ladder_told.measure(setup, made, means.settings)
        spread = scale.combined((measured, scale.sign))
        contributes = scale.combined((full, 1.0), (measured, -1.0))
        found.append(
            Part(
                name=group,
                columns=len(columns),
                score=measured.whole,
                low=spread.low,
                high=spread.high,
                contributes=contributes,
            )
        )
    if not found:
        return "; ".join(skipped)
    parts = tuple(sorted(found, key=lambda part: -part.contributes.value))
    return Ablated(
        rung=name,
        metric=setup.metric.name,
        score=full.whole,
        parts=parts,
        told=_told(parts),
        skipped="; ".join(skipped),
    )


def _rung(ladder: Ladder) -> str | None:
    """Return the best of the core rungs that were climbed; of equals the simpler."""
    learned = [rung for rung in ladder.rungs if rung.name in CORE and rung.name not in CHANCE]
    return max(learned, key=lambda rung: ladder.better(rung.score, 0.0)).name if learned else None


def _told(parts: Sequence[Part]) -> str:
    sure = [part.name for part in parts if part.contributes.low is not None and part.contributes.low > 0]
    harm = [part.name for part in parts if part.contributes.high is not None and part.contributes.high < 0]
    told = (
        f"surely missed: {', '.join(sure)}" if sure else "no group is surely missed: others may tell the same"
    )
    return told + (f"; better without: {', '.join(harm)}" if harm else "")
