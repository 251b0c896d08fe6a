"""Which files the inputs mean: named files, folders searched for logs, globs, standard input."""

from __future__ import annotations

import errno
import glob
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError
from mlcheck.model import Problem, Scalar
from mlcheck.readers import hparams, wandb_names
from mlcheck.readers.source import MAX_TEXT, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

NO_LOGS = frozenset(
    f".{suffix}"
    for line in (
        "py pyc pyi ipynb md rst html htm css js ts sh bat c cc cpp h cu java go rs toml cfg ini yaml yml",
        "png jpg jpeg gif svg pdf webp bmp mp4 wav mp3 npy npz pt pth ckpt bin safetensors onnx h5 hdf5 keras",
        "pkl pickle joblib zip tar tgz whl so dll exe arrow db sqlite model lock",
    )
    for suffix in line.split()
)
"""Files that a folder search passes over unread: code, documents, pictures, weights. A named file is always read."""
DATABASES = frozenset((".db", ".sqlite"))
SQLITE = b"SQLite format 3\0"
"""Of the databases those that begin so are read all the same."""
NO_FOLDERS = frozenset(("__pycache__", "node_modules", "site-packages"))
EVENT_FILE = "tfevents"
SYSTEM = ("/proc", "/sys")
PIPES = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""Where the shell puts what it pipes in (`mlcheck diagnose <(command)`): read once; other pipes are not opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that the user named: how it is shown, and the scope of the files in it."""

    shown: str
    scope: str


@dataclass(slots=True, kw_only=True)
class Found:
    """The files to read, inputs that lead nowhere, how many files were passed over, settings files by scope and folder."""

    sources: list[Source] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    passed_over: int = 0
    folders: list[Folder] = field(default_factory=list)
    settings: dict[tuple[str, str], list[Path]] = field(default_factory=dict)


def find(
    inputs: Sequence[str], *, columns: Mapping[str, str], stdin: Callable[[], bytes] | None = None
) -> Found:
    """Turn what the user named into sources. Raises nothing: what cannot be found becomes a problem."""
    found = Found()
    seen: dict[str, int] = {}
    for text in inputs:
        if text == "-":
            found.sources.append(
                Source(name="-", content=stdin() if stdin else b"", columns=columns, scope="-")
            )
            continue
        is_pattern = glob.has_magic(text) and not os.path.lexists(text)
        paths = sorted(glob.glob(text, recursive=True)) if is_pattern else [text]  # noqa: PTH207  (any text may be a path)
        if not paths:
            found.problems.append(_problem(text, "none of that name", "check the path"))
        for path in paths:
            whole = os.path.abspath(path)  # noqa: PTH100  (links stay as the user named them)
            seen[whole] = seen.get(whole, 0) + 1
            _add(found, path, columns, scope=f"{seen[whole]}:{whole.rpartition('/')[0]}")
    return found


def _add(found: Found, path: str, columns: Mapping[str, str], *, scope: str) -> None:
    """Add what one path means."""
    try:
        mode = Path(path).stat().st_mode
        if not stat.S_ISDIR(mode):
            _add_file(found, path, mode, columns, scope)
            return
    except OSError as error:
        found.problems.append(_unreachable(path, error))
        return
    shown = last(path)
    found.folders.append(Folder(shown=shown, scope=scope))
    for name, file in _walk(path, shown, found):
        if hparams.is_settings(file):
            found.settings.setdefault((scope, name.rpartition("/")[0]), []).append(file)
            found.passed_over += 1
        elif _holds_no_log(file) or wandb_names.is_own_log(name):
            found.passed_over += 1
        else:
            found.sources.append(Source(name=name, path=file, named=False, columns=columns, scope=scope))


def _holds_no_log(file: Path) -> bool:
    """Whether a file is passed over unread, by its suffix (a database by its first bytes, too)."""
    return file.suffix.lower() in NO_LOGS and EVENT_FILE not in file.name and not _is_sqlite(file)


def _is_sqlite(file: Path) -> bool:
    """Whether a file is a database of SQLite, by its name and its first bytes."""
    if file.suffix.lower() not in DATABASES:
        return False
    try:
        with file.open("rb") as stream:
            return stream.read(len(SQLITE)) == SQLITE
    except OSError:
        return False


def _add_file(found: Found, path: str, mode: int, columns: Mapping[str, str], scope: str) -> None:
    if stat.S_ISREG(mode) and not _is_system(path):
        found.sources.append(Source(name=last(path), path=Path(path), columns=columns, scope=scope))
        if (scope, "") not in found.settings:
            found.settings[scope, ""] = list(hparams.beside(Path(path).parent))
    elif stat.S_ISFIFO(mode) and path.startswith(PIPES):
        found.sources.append(Source(name=last(path), content=_piped(path), columns=columns, scope=scope))
    else:
        kind = "a pipe" if stat.S_ISFIFO(mode) else "a device, a socket or a file of the system's"
        found.problems.append(_problem(path, kind, "give `-` and pipe the log into standard input"))


def _is_system(path: str) -> bool:
    """Whether a file is made by the kernel as it is read: it may never end, or never begin."""
    return Path(path).stat().st_dev in {
        Path(place).stat().st_dev for place in SYSTEM if Path(place).is_mount()
    }


def _piped(path: str) -> bytes:
    """Return what comes out of a pipe, up to just beyond what is read as text."""
    with Path(path).open("rb") as stream:
        return stream.read(MAX_TEXT + 1)


def last(path: str) -> str:
    """Return the last component of a path as reports show it; of "." and ".." the folder's own name."""
    name = Path(path).name
    return name if name not in ("", "..") else Path(path).resolve().name or "/"


def _problem(path: str, what: str, hint: str) -> Problem:
    """Say what was found in place of an input; a report names no place outside of what it was given."""
    shown = last(path) if os.path.isabs(path) else path  # noqa: PTH117  (a text of the user)
    return Problem(source=shown, message=f"expected a file or folder, found {what}", hint=hint)


def _unreachable(path: str, error: OSError) -> Problem:
    if error.errno == errno.ELOOP:
        return _problem(path, "a link that leads to itself", "remove the link")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        is_link = os.path.islink(path)  # noqa: PTH114  (never raises)
        return _problem(path, "a link to nothing" if is_link else "none of that name", "check the path")
    return _problem(
        path, f"one that cannot be reached: {(error.strerror or str(error)).lower()}", "check its permissions"
    )


def _walk(top: str, shown: str, found: Found) -> Iterator[tuple[str, Path]]:
    """Yield (name to show, path) of the regular files below, in order; links are followed, never in circles."""
    seen: set[tuple[int, int]] = set()

    def refuse(error: OSError) -> None:
        relative = os.path.relpath(str(error.filename), top)
        where = shown if relative == "." else f"{shown}/{relative}"
        message = f"expected a readable folder, found: {(error.strerror or '').lower()}"
        found.problems.append(Problem(source=where, message=message, hint="check its permissions"))

    for folder, below, files in os.walk(top, followlinks=True, onerror=refuse):
        info = Path(folder).stat()
        if (info.st_dev, info.st_ino) in seen:
            below.clear()
            continue
        seen.add((info.st_dev, info.st_ino))
        if _is_system(folder):
            below.clear()
            found.passed_over += len(files)
            continue
        below[:] = sorted(d for d in below if not d.startswith(".") and d not in NO_FOLDERS)
        below.sort(
            key=lambda d: Path(folder, d).is_symlink()
        )  # a folder goes by its own name, not by a link's
        relative = os.path.relpath(folder, top)
        prefix = shown if relative == "." else f"{shown}/{Path(relative).as_posix()}"
        for name in sorted(n for n in files if not n.startswith(".")):
            path = Path(folder, name)
            try:
                regular = path.is_file()
            except OSError as error:
                refuse(error)
                continue
            if regular:
                yield f"{prefix}/{name}", path
            else:
                found.passed_over += 1


def settings(found: Found) -> dict[str, dict[str, dict[str, Scalar]]]:
    """Return the hyperparameters by scope and shown folder, read from the settings files beside the logs.

    One that cannot be read is left out: the log beside it can still be judged.
    """
    by_scope: dict[str, dict[str, dict[str, Scalar]]] = {}
    known: dict[Path, dict[str, Scalar]] = {}
    for (scope, folder), paths in found.settings.items():
        for path in paths:
            if path not in known:
                try:
                    known[path] = hparams.read(path)
                except MlcheckError:
                    known[path] = {}
            by_scope.setdefault(scope, {}).setdefault(folder, {}).update(known[path])
    return by_scope
