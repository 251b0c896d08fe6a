"""The only place that writes: the report, the problems, the exit code."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from mlcheck import registry
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from mlcheck.model import Report

WIDEST = 160
CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(0x80, 0xA0))} | {
    code: f"\\u{code:04x}"
    for code in (0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
}
"""What a terminal obeys instead of showing it: control characters, and those that turn the direction of writing."""


def emit(
    report: Report, *, form: str, output: str | None = None, verbose: bool = False, quiet: bool = False
) -> NoReturn:
    """Write the report where it is wanted, the problems to stderr, and exit with the report's code."""
    renderer = registry.renderer(form)
    shown = (
        replace(
            report, subjects=tuple(s for s in report.subjects if not registry.asks_for_nothing(s.verdict))
        )
        if quiet and form == "rich"
        else report
    )
    has_something = bool(shown.subjects) or form != "rich"
    text = (
        renderer.render(shown, width=_width(), color=output is None and _color(), verbose=verbose)
        if has_something
        else ""
    )
    if output is not None:
        write_whole(Path(output), text)
    elif text:
        _print(text)
    for problem in report.problems:
        complain(f"{problem.source}: {problem.message}{f'; {problem.hint}' if problem.hint else ''}")
    if not report.subjects and not report.problems:
        complain("expected something to judge, found nothing; name a log or a folder of logs")
    raise typer.Exit(report.exit_code)


def complain(message: str) -> None:
    """Say one line on stderr; control characters in names are shown, not obeyed."""
    sys.stderr.write(f"mlcheck: {message.translate(CONTROL)}\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; parent folders are made. Raises MlcheckError where that cannot be done."""
    import tempfile

    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = file.name
            file.write(text)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise MlcheckError(
            str(path),
            f"expected a file that can be written, found: {(error.strerror or '').lower()}",
            "choose another --output",
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _print(text: str) -> None:
    """Write to stdout; a reader that has gone (`| head`) ends the command without a traceback."""
    if (sys.stdout.encoding or "").lower().replace("-", "") != "utf8" and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _width() -> int:
    return min(WIDEST, shutil.get_terminal_size((80, 24)).columns)


def _color() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
