"""Files that are written whole or not at all, whatever interrupts the writing."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write(path: Path, text: str, *, lasting: bool = False) -> None:
    """Write UTF-8 text to a file in a folder that is there; with `lasting` it is on the disk before this returns.

    Raises OSError where it cannot be written; nothing is left beside it then.
    """
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = file.name
            file.write(text)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink()
        raise
