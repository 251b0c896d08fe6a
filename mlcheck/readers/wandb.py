"""Weights & Biases: the `run-ID.wandb` file that every run writes, offline or synced, since version 0.10.

It holds the history, the configuration, what was printed and the exit code. `wandb-summary.json` holds the last values
only: it is refused with a hint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.readers import wandb_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "wandb"
ORDER = 15
IDENT = b":W&B"
LFS_POINTER = b"version https://git-lfs"


def sniff(source: Source) -> bool:
    """Whether the file begins as a .wandb file does, or is named like a summary or, being no log, like a .wandb file."""
    name = source.file_name.lower().removesuffix(".gz")
    return (
        source.head.startswith(IDENT)
        or wandb_names.is_summary(name)
        or (name.endswith(".wandb") and (not source.is_text or source.head.startswith(LFS_POINTER)))
    )


def read(source: Source) -> Iterator[Log]:
    """Yield the run: a channel per name, with the steps and epochs of the rows it was logged in.

    Raises NothingToRead for a summary and for a run without history, MlcheckError for a file that is none of wandb's.
    """
    if source.head.startswith(IDENT):
        from mlcheck.readers import wandb_run

        yield wandb_run.read(source)
        return
    if source.head.startswith(LFS_POINTER):
        raise MlcheckError(source.name, "expected a .wandb file, found a Git-LFS pointer", "run git lfs pull")
    if wandb_names.is_summary(source.name):
        hint = "give the run's .wandb file, or its history as CSV"
        raise NothingToRead(source.name, "expected a history, found a W&B summary: final values only", hint)
    raise MlcheckError(source.name, "expected a .wandb file, found other binary data", "copy it again")
