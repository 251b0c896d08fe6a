"""`mlcheck explain`: what a finding means, from the rule's own docstring."""

from __future__ import annotations

import shutil
from typing import Annotated

import typer

from mlcheck.commands import explain as core


def explain(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]",
            help="A code (DIA301), a prefix (DIA3) or a name; none lists all.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Explain a finding: what it is, why it matters, an example, what to do, known false alarms, sources."""
    typer.echo(core.explain(code, width=min(160, shutil.get_terminal_size((80, 24)).columns)), nl=False)
