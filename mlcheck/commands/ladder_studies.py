"""What the user may ask beside the ladder: capacity or regularization varied, columns left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcheck.commands import ladder_ablate, ladder_shown, ladder_vary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.commands.climb import Climbed, Means
    from mlcheck.commands.ladder_task import Setup
    from mlcheck.commands.ladder_vary import What
    from mlcheck.model import Exhibit, Scalar
    from mlcheck.model.baseline import Asked
    from mlcheck.model.ladder import Ladder


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """What is to be studied: the dials, and the columns of each group to leave out ({} for none)."""

    vary: tuple[What, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies:
    """What came of it: numbers by name, what to show, why something was left out."""

    measures: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)
    exhibits: tuple[Exhibit, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False


def wanted(asked: Asked, setup: Setup) -> Wished:
    """Return what is to be studied; raises MlcheckError for a word or a column that is none, before anything is fitted."""
    vary = tuple(dict.fromkeys(ladder_vary.wanted(name) for name in asked.vary))
    groups = ladder_ablate.groups_of(asked.groups, setup) if asked.ablate or asked.groups else {}
    return Wished(vary=vary, groups=groups)


def made(wished: Wished, setup: Setup, ladder: Ladder, climbed: Climbed, means: Means) -> Studies:
    """Return what the studies gave, after the ladder and within its budget; interrupted, what was done until then."""
    measures: dict[str, Mapping[str, Scalar]] = {}
    exhibits: list[Exhibit] = []
    skipped: dict[str, str] = {}
    if climbed.interrupted:
        return Studies()
    try:
        for what in wished.vary:
            varied = ladder_vary.varied(what, setup, means)
            if isinstance(varied, str):
                skipped[what] = varied
                continue
            measures |= ladder_shown.numbers_of_varied(varied)
            exhibits += ladder_shown.of_varied(varied)
        if wished.groups:
            ablated = ladder_ablate.ablated(wished.groups, setup, ladder, climbed, means)
            if isinstance(ablated, str):
                skipped["ablation"] = ablated
            else:
                measures |= ladder_shown.numbers_of_ablated(ablated)
                exhibits.append(ladder_shown.of_ablated(ablated))
    except KeyboardInterrupt:
        return Studies(measures=measures, exhibits=tuple(exhibits), skipped=skipped, interrupted=True)
    return Studies(measures=measures, exhibits=tuple(exhibits), skipped=skipped)
