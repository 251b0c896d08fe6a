"""Results of runs kept as JSON lines in a folder: each call of `write` leaves the file whole, whatever happens."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlcheck.engines import whole
from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LOCK = ".lock"


def read(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file, none where there is no file. Raises MlcheckError for a line that is no record."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise MlcheckError(
            str(path), "expected results kept as JSON lines, found what cannot be read", "name another folder"
        ) from error
    found = []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise MlcheckError(
                f"{path}:{number}",
                "expected an object of JSON, found another line",
                "mend or remove the line",
            )
        found.append(record)
    return found


def write(path: Path, records: Sequence[Mapping[str, object]]) -> None:
    """Write records to a file, whole or not at all, and on the disk before it returns. Raises MlcheckError where it cannot."""
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    try:
        whole.write(path, text, lasting=True)
    except OSError as error:
        raise MlcheckError(
            str(path), f"expected a file that can be written, found: {(error.strerror or '').lower()}"
        ) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a folder for this process. Raises MlcheckError where another one has it, or it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("w")
    except OSError as error:
        raise MlcheckError(
            str(folder), f"expected a folder for the runs, found: {(error.strerror or '').lower()}"
        ) from error
    with lock:
        try:
            import fcntl
        except ImportError:  # no such locks here: nobody is kept out
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise MlcheckError(
                str(folder),
                "expected a folder that is free, found another mlcheck at work in it",
                "wait for it, or name another folder",
            ) from None
        yield
