"""Plain conversion of option values, so that a small job does not wait for a validation library to load.

Typer converts every parameter by a pydantic adapter, whose import costs more than all of a small diagnosis. Our parameters
are texts, numbers and lists of texts: three lines convert them. Where Typer has no such adapters (or changes how they are
called) its own way is left in place, and only the speed differs.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from typer import Exit
from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Iterable


TAIL = "mlcheck.tail"


class PlainCommand(TyperCommand):
    """A command whose parameters convert their values plainly."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments."""
        convert_plainly(self.get_params(ctx))
        return list(super().parse_args(ctx, args))

    def invoke(self, ctx: Any) -> Any:
        """Run the command; Ctrl-C is one line and exit code 130."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.stderr.write("mlcheck: interrupted before the report was whole; nothing was written\n")
            raise Exit(130) from None


class TailCommand(PlainCommand):
    """A command that takes a command of the user's behind `--`: `ctx.meta[TAIL]` holds it, where there is one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the first `--`."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[TAIL] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the pieces of the usage line."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND]"]


def convert_plainly(parameters: Iterable[Any]) -> None:
    """Give every parameter whose type is simple a converter of its own."""
    try:
        from typer._coercion import RuntimeParam
    except ImportError:
        return

    class Plain(RuntimeParam):
        """Texts as they are, numbers by int() and float(), lists item by item."""

        def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
            kind = _KINDS[str(self.annotation)]
            if isinstance(value, list | tuple):
                return [_one(kind, item, param, ctx) for item in value]
            return _one(kind, value, param, ctx)

    for parameter in parameters:
        descriptor = getattr(parameter, "type_descriptor", None)
        if (
            descriptor is not None
            and str(descriptor.annotation) in _KINDS
            and hasattr(parameter, "_runtime_param")
        ):
            plain = Plain(parameter_info=descriptor.parameter_info, annotation=descriptor.annotation)
            parameter._runtime_param = plain  # noqa: SLF001  (see above)


_KINDS: dict[str, type] = {
    "<class 'str'>": str,
    "<class 'int'>": int,
    "<class 'float'>": float,
    "<class 'bool'>": bool,
    "list[str]": str,
    "list[int]": int,
}


def _one(kind: type, value: Any, param: Any, ctx: Any) -> Any:
    from typer import BadParameter

    if isinstance(value, kind):
        return value
    try:
        return kind(value)
    except ValueError:
        told = {"int": "a whole number", "float": "a number"}.get(kind.__name__, "a text")
        raise BadParameter(f"expected {told}, found {value!r}", ctx=ctx, param=param) from None
