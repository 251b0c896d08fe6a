"""The options that every judging command shares, spelled once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from mlcheck import config, registry
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARED = "Shared options"

Format: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="|".join(registry.renderer_names()),
        help="Output format; rich by default.",
        rich_help_panel=SHARED,
    ),
]
Output: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the report to FILE (folders are made) instead of stdout.",
        rich_help_panel=SHARED,
    ),
]
Config: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="YAML settings; else \\[tool.mlcheck] of the nearest pyproject.toml, else mlcheck.yaml. Flags win.",
        rich_help_panel=SHARED,
    ),
]
Select: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="CODES",
        help="Show and count only these codes or prefixes (DIA, DIA2, DIA201).",
        rich_help_panel=SHARED,
    ),
]
Ignore: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore", metavar="CODES", help="Leave out these codes or prefixes.", rich_help_panel=SHARED
    ),
]
FailOn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        metavar="note|warning|error|never",
        help="Exit with 1 if a finding is at least this severe; error by default.",
        rich_help_panel=SHARED,
    ),
]
Seed: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="INT",
        help="Seed of everything random, told in the signature; 0 by default.",
        rich_help_panel=SHARED,
    ),
]
Level: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--level", metavar="P", help="Confidence level of intervals; 0.95 by default.", rich_help_panel=SHARED
    ),
]
Jobs: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        help="Processes on this machine; by default one for each core, where it pays.",
        rich_help_panel=SHARED,
    ),
]
Timings: TypeAlias = Annotated[
    bool, typer.Option("--timings", help="Add the seconds spent to the report.", rich_help_panel=SHARED)
]
Quiet: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="Show only what needs attention; no progress bar.", rich_help_panel=SHARED
    ),
]
Verbose: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="Show curves, all findings and what was not checked.", rich_help_panel=SHARED
    ),
]


def settings(
    path: str | None, flags: Mapping[str, object], base: config.Settings | None = None
) -> config.Settings:
    """Return the settings: defaults < file < flags. Raises MlcheckError for what is wrong in either.

    `base` holds the defaults of a command that has its own.
    """
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in flags.items()}
    merged = config.with_flags(config.load(path, Path(os.path.abspath(Path.cwd())), base), given)  # noqa: PTH100  (links are kept)
    if merged.format not in registry.renderer_names():
        raise MlcheckError(
            "--format", f"expected one of {', '.join(registry.renderer_names())}, found {merged.format!r}"
        )
    return merged


def pairs(option: str, texts: list[str] | None) -> dict[str, str] | None:
    """Split NAME=VALUE texts; raises MlcheckError for one without an equals sign."""
    if not texts:
        return None
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise MlcheckError(
                option, f"expected ROLE=NAME, found {text!r}", f"such as {option} train_loss=my_loss"
            )
        found[name.strip()] = value.strip()
    return found
