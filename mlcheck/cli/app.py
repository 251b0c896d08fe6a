"""The door: `mlcheck COMMAND`. Commands are imported when they are called, so that `--version` costs nothing."""

from __future__ import annotations

import importlib
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mlcheck import __version__
from mlcheck.cli.plain import PlainCommand, TailCommand, convert_plainly
from mlcheck.errors import MlcheckError

COMMANDS = ("diagnose", "metrics", "baseline", "data", "datacurve", "explain")
RUNNING = frozenset(("datacurve",))
"""Commands that may run one of the user's, given behind `--`."""
SORTING = frozenset(("metrics",))
"""Commands whose time goes into sorting."""


class LazyGroup(TyperGroup):
    """A group whose commands live in modules of their names and are loaded one at a time."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the group's own options, plainly."""
        convert_plainly(self.get_params(ctx))
        return list(super().parse_args(ctx, args))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (Typer's signature)
        """Return the names in the order in which they are shown."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  (Typer's signature)
        """Import and build one command."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in SORTING:
            from mlcheck.cli.processor import choose_sort, keep_memory

            choose_sort()
            keep_memory()
        module = importlib.import_module(f"mlcheck.cli.{cmd_name}")
        single = typer.Typer(add_completion=False)
        single.command(
            name=cmd_name,
            cls=TailCommand if cmd_name in RUNNING else PlainCommand,
            context_settings={"help_option_names": ["-h", "--help"]},
        )(getattr(module, cmd_name))
        return typer.main.get_command(single)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"mlcheck {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Read what training left behind and say, with numbers, what is wrong and what to do next: the linter for training runs."""


def main() -> None:
    """Run the command line; a user's mistake is one line on stderr and exit code 2."""
    try:
        app()
    except MlcheckError as error:
        from mlcheck.cli.emit import complain

        complain(str(error))
        sys.exit(2)
