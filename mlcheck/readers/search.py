"""Which files the inputs mean: named files, folders searched for logs, globs, standard input."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcheck.errors import MlcheckError
from mlcheck.model import Problem, Scalar
from mlcheck.readers import hparams
from mlcheck.readers.source import Source

NO_LOGS = frozenset(
    (".py .pyc .pyi .ipynb .md .rst .html .htm .css .js .ts .sh .bat .c .cc .cpp .h .cu .java .go .rs .toml .cfg .ini .yaml .yml "
     ".png .jpg .jpeg .gif .svg .pdf .webp .bmp .mp4 .wav .mp3 .npy .npz .pt .pth .ckpt .bin .safetensors .onnx .h5 .hdf5 .keras "
     ".pkl .pickle .joblib .zip .tar .tgz .whl .so .dll .exe .parquet .arrow .db .sqlite .model .lock").split()
)  # fmt: skip
"""Files that a folder search passes over unread: code, documents, pictures, weights. A named file is always read."""
NO_FOLDERS = frozenset(("__pycache__", "node_modules", "site-packages"))
HEAD_OF_NAME = "tfevents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files to read, inputs that lead nowhere, how many files were passed over, settings files by folder."""

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]
    passed_over: int
    folders: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, Path], ...]


def find(inputs: Sequence[str], *, columns: Mapping[str, str], stdin: Callable[[], bytes] | None = None) -> Found:
    """Turn what the user named into sources. Raises nothing: what cannot be found becomes a problem."""
    sources: list[Source] = []
    problems: list[Problem] = []
    folders: list[tuple[str, str]] = []
    settings: list[tuple[str, Path]] = []
    passed_over = 0
    for text in inputs:
        if text == "-":
            sources.append(Source(name="-", content=stdin() if stdin else b"", columns=columns))
            continue
        paths = [text] if os.path.lexists(text) else sorted(glob.glob(text, recursive=True))
        if not paths:
            problems.append(Problem(source=text, message="expected a file or folder, found none of that name", hint="check the path"))
        for path in paths:
            try:
                is_folder = Path(path).is_dir()
                Path(path).stat()
            except OSError as error:
                problems.append(_unreachable(path, error))
                continue
            if not is_folder:
                sources.append(Source(name=_last(path), path=Path(path), columns=columns))
                settings += [("", p) for p in hparams.beside(Path(path).parent)]
                continue
            folders.append((path, _last(path)))
            for name, file in _walk(path, _last(path), problems):
                if hparams.is_settings(file):
                    settings.append((name.rpartition("/")[0], file))
                if file.suffix.lower() in NO_LOGS and HEAD_OF_NAME not in file.name:
                    passed_over += 1
                else:
                    sources.append(Source(name=name, path=file, named=False, columns=columns))
    return Found(
        sources=tuple(sources), problems=tuple(problems), passed_over=passed_over, folders=tuple(folders), settings=tuple(settings)
    )  # fmt: skip


def _last(path: str) -> str:
    """The last component of a path as reports show it; of "." and ".." the folder's own name."""
    name = Path(path).name
    return name if name not in ("", "..") else Path(path).resolve().name or "/"


def _unreachable(path: str, error: OSError) -> Problem:
    if error.errno == 40:  # ELOOP
        return Problem(source=path, message="expected a file or folder, found a link that leads to itself", hint="remove the link")
    if Path(path).is_symlink():
        return Problem(source=path, message="expected a file or folder, found a link to nothing", hint="check where it points")
    return Problem(source=path, message=f"expected a readable input, found: {(error.strerror or str(error)).lower()}")


def _walk(top: str, shown: str, problems: list[Problem]) -> Iterator[tuple[str, Path]]:
    """Yield (name to show, path) of the regular files below, in order; links are followed, never in circles."""
    seen: set[tuple[int, int]] = set()

    def refuse(error: OSError) -> None:
        relative = os.path.relpath(str(error.filename), top)
        problems.append(
            Problem(source=f"{shown}/{relative}" if relative != "." else shown,
                    message=f"expected a readable folder, found: {(error.strerror or '').lower()}", hint="check its permissions")
        )  # fmt: skip

    for folder, below, files in os.walk(top, followlinks=True, onerror=refuse):
        info = Path(folder).stat()
        if (info.st_dev, info.st_ino) in seen:
            below.clear()
            continue
        seen.add((info.st_dev, info.st_ino))
        below[:] = sorted(d for d in below if not d.startswith(".") and d not in NO_FOLDERS)
        relative = os.path.relpath(folder, top)
        prefix = shown if relative == "." else f"{shown}/{Path(relative).as_posix()}"
        for name in sorted(files):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file():
                yield f"{prefix}/{name}", path


def settings(found: Found, given: str | None) -> dict[str, dict[str, Scalar]]:
    """Return the hyperparameters by shown folder, read from the settings files beside the logs.

    A file given by the user (`--hparams`) stands under "*" and holds for every run; raises MlcheckError if it cannot
    be read. Settings files that were only found are taken where they can be read.
    """
    by_folder: dict[str, dict[str, Scalar]] = {}
    for folder, path in found.settings:
        try:
            by_folder.setdefault(folder, {}).update(hparams.read(path))
        except MlcheckError:
            continue
    if given is not None:
        by_folder["*"] = hparams.read(Path(given))
    return by_folder


def empty_folders(found: Found, told: set[str], reasons: Mapping[str, Sequence[MlcheckError]]) -> Iterator[Problem]:
    """Yield a problem for each named folder in which nothing was found to judge."""
    for path, shown in found.folders:
        if any(name == shown or name.startswith(f"{shown}/") for name in told):
            continue
        looked = [e for e in reasons.get(shown, ()) if e.where.startswith(f"{shown}/")]
        hint = f"nearest: {looked[0]}" if looked else "name the folder that the logs are in"
        yield Problem(source=path, message=f"expected a folder with training logs, found none in {len(looked)} file(s)", hint=hint)
