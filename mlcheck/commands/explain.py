"""`mlcheck explain`: the documentation of findings, taken from the modules that make them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from mlcheck import registry
from mlcheck.commands import (
    comparison,
    inconclusive,
    inconclusive_baseline,
    inconclusive_data,
    inconclusive_datacurve,
    inconclusive_metrics,
    limits,
    rung_skipped,
)
from mlcheck.config import suggestion
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.registry import Documented


def documented() -> Mapping[str, Documented]:
    """Return everything that has a code, by code."""
    found: dict[str, Documented] = {
        m.CODE: m
        for m in (
            inconclusive,
            inconclusive_metrics,
            inconclusive_data,
            inconclusive_datacurve,
            inconclusive_baseline,
            inconclusive_datacurve,
            rung_skipped,
            comparison,
        )
    }
    for command in limits.COMMANDS:
        found |= registry.rules(command)
    return dict(sorted(found.items()))


def summary(thing: Documented) -> str:
    """Return the first sentence of a docstring, without its full stop."""
    return (thing.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").removesuffix(".")


def explain(text: str | None, *, width: int = 80) -> str:
    """Return the list of all codes, of those with a prefix, or the page of one; raises MlcheckError for none of them."""
    known = documented()
    wanted = (text or "").strip()
    by_name = {thing.NAME: code for code, thing in known.items()}
    code = by_name.get(wanted.lower(), wanted.upper())
    if code in known:
        return _page(known[code])
    chosen = {c: thing for c, thing in known.items() if c.startswith(code)}
    if not chosen:
        raise MlcheckError(
            "explain",
            f"expected the code or name of a finding, found {wanted!r}",
            suggestion(wanted, [*known, *by_name]),
        )
    return _list(chosen, width)


def _page(thing: Documented) -> str:
    head = f"{thing.CODE} {thing.NAME} ({thing.SEVERITY})"
    return f"{head}\n{'─' * len(head)}\n\n{textwrap.dedent(thing.__doc__ or '').strip()}\n"


def _list(chosen: Mapping[str, Documented], width: int) -> str:
    longest = max(len(thing.NAME) for thing in chosen.values())
    indent = " " * (6 + 2 + longest + 2 + 7 + 2)
    lines: list[str] = []
    for code, thing in chosen.items():
        head = f"{code}  {thing.NAME:<{longest}}  {thing.SEVERITY:<7}  "
        lines += textwrap.wrap(
            summary(thing), max(width, len(indent) + 24), initial_indent=head, subsequent_indent=indent
        )
    lines += ["", f"{len(chosen)} findings; `mlcheck explain {next(iter(chosen))}` explains one."]
    return "\n".join(lines) + "\n"
