"""The limits of rules: keyword arguments of their `check`, with defaults that a configuration overrides."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING

from mlcheck import config, registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.config import Settings

COMMANDS = ("diagnose", "metrics", "data", "baseline", "datacurve")
"""The commands that have rules."""


@cache
def limits_of(command: str, code: str) -> Mapping[str, object]:
    """Return the keyword limits of a rule with their defaults."""
    parameters = inspect.signature(registry.rules(command)[code].check).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def given(code: str, settings: Settings) -> dict[str, float | int | bool | str]:
    """Return the limits of a rule that the configuration sets."""
    return dict(settings.limits.get(code, {}))


def all_limits() -> dict[str, Mapping[str, object]]:
    """Return the limits of every rule of every command by code: one configuration serves them all."""
    return {code: limits_of(command, code) for command in COMMANDS for code in registry.rules(command)}


def check(settings: Settings) -> None:
    """Raise MlcheckError for a limit or a code that does not exist; rules are only loaded where one is named."""
    if settings.limits or settings.select or settings.ignore:
        config.check_limits(settings, all_limits())
