"""CatBoost's `catboost_info`: `catboost_training.json`, `learn_error.tsv`, `test_error.tsv`, event files: one run.

The JSON says all: the sets, the metrics with their directions, every iteration; the tables and event files repeat it,
so where the JSON is there only it is read. A `test_error.tsv` of an earlier run stays in the folder when the next one
has no test set: the JSON (`test_sets: []`) or its last iteration tell, and it is kept out of the run. CatBoost's test
sets are validation sets; of several the last is what early stopping looks at, and carries the metric's plain name.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from mlcheck.errors import MlcheckError, NothingToRead
from mlcheck.model import Event, Split
from mlcheck.readers import catboost_curves, cells
from mlcheck.readers.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlcheck.model import Direction, Scalar
    from mlcheck.readers.source import Source

NAME = "catboost"
ORDER = 8
TRAINING, LEARN, TEST, TIMES = "catboost_training.json", "learn_error.tsv", "test_error.tsv", "time_left.tsv"
PART = re.compile(rf"(?P<prefix>.*?)(?P<part>{'|'.join(re.escape(n) for n in (TRAINING, LEARN, TEST, TIMES))})(?:\.gz)?")  # fmt: skip
COPIED_EVENTS = re.compile(r"(?P<prefix>.*?)(?:catboost(?:_info)?[^0-9a-zA-Z]+)?(?:learn|test\d*)[^0-9a-zA-Z]+events\.out\.tfevents")  # fmt: skip
SETS = re.compile(r"learn|test\d*")
EVENTS = "events.out.tfevents"
HEAD, TAIL = 1 << 16, 1 << 12


class Home(NamedTuple):
    """Where a file belongs: the folder as shown and on the disk, what stands before the files' names, which it is."""

    shown: str
    folder: Path | None
    prefix: str
    part: str

    def beside(self, part: str) -> Path | None:
        """Return the path of another file of the same run, None where there is none."""
        path = self.folder / f"{self.prefix}{part}" if self.folder is not None else None
        return path if path is not None and path.is_file() else None


def sniff(source: Source) -> bool:
    """Say whether the file is a table or the JSON of CatBoost, or an event file that repeats one beside it."""
    home = _home(source)
    if home is not None and home.part == EVENTS:
        return not source.named and any(home.beside(part) for part in (TRAINING, LEARN, TEST))
    if not source.is_text:
        return False
    text = source.head_text.lstrip("\ufeff \t\r\n")
    return _is_training(text) or (home is not None and text.startswith("iter\t"))


def read(source: Source) -> Iterator[Log]:
    """Yield the run; a log without channels where another file of the run says the same, or this one is of another run.

    Raises NothingToRead where no iteration was logged, MlcheckError for a JSON that is none.
    """
    home = _home(source) or Home(source.folder, None, source.file_name, TRAINING)
    key = f"catboost:{home.shown}/{home.prefix}" if source.folder else source.name
    if home.part == TRAINING:
        yield _from_json(source, key)
        return
    if home.part == TIMES:
        if source.named or not (home.beside(TRAINING) or home.beside(LEARN)):
            raise NothingToRead(
                source.name, "expected a loss, found times only", f"give the {LEARN} beside it"
            )
        yield Log(source=source.name, reader=NAME, key=key, channels=())
        return
    repeats = not source.named and (home.part == EVENTS or _leads(home.beside(TRAINING)))
    stale = "" if source.named or home.part != TEST else _stale(source, home)
    if repeats or stale:
        events = (Event(kind="invalid", message=stale),) if stale else ()
        yield Log(source=source.name, reader=NAME, key=key, channels=(), events=events)
        return
    yield _from_table(source, key, home)


def _home(source: Source) -> Home | None:
    """Return where a file belongs by its name; None for one that CatBoost does not write."""
    folder = source.path.parent if source.path is not None else None
    if part := PART.fullmatch(source.file_name):
        return Home(source.folder, folder, part["prefix"], part["part"])
    if copied := COPIED_EVENTS.fullmatch(source.file_name):
        return Home(source.folder, folder, copied["prefix"], EVENTS)
    above, _, last = source.folder.rpartition("/")
    if source.file_name == EVENTS and above and folder is not None and SETS.fullmatch(last):
        return Home(above, folder.parent, "", EVENTS)
    return None


def _is_training(text: str) -> bool:
    """Whether a text begins as CatBoost's JSON does."""
    return text.startswith("{") and '"iterations"' in text and '"learn_metrics"' in text


def _leads(path: Path | None) -> bool:
    """Whether the JSON beside a table holds at least an iteration, so that the table says nothing new."""
    text = _head(path)
    return _is_training(text.lstrip("\ufeff \t\r\n")) and '"iteration":' in text.replace('" :', '":')


def _head(path: Path | None) -> str:
    if path is None:
        return ""
    with path.open("rb") as stream:
        return stream.read(HEAD).decode("utf-8", "replace")


def _stale(source: Source, home: Home) -> str:
    """Say why a table of the test set is not of this run, "" where it is."""
    told = f"the columns of {source.file_name} are of an earlier run and were left out:"
    if re.search(r'"test_sets"\s*:\s*\[\s*\]', _head(home.beside(TRAINING))):
        return f"{told} {TRAINING} names no test set"
    learn, test = (_last_iterations(home.beside(part)) for part in (LEARN, TEST))
    if not home.beside(TRAINING) and learn and test and abs(learn[-1] - test[-1]) > max(1.0, _period(learn)):
        return f"{told} it ends with iteration {test[-1]:g}, {LEARN} with {learn[-1]:g}"
    return ""


def _last_iterations(path: Path | None) -> list[float]:
    """Return the iterations of the last whole rows of a table."""
    if path is None:
        return []
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - TAIL))
        lines = stream.read(TAIL).decode("utf-8", "replace").split("\n")[1:-1]
    found = (cells.number(line.split("\t", 1)[0]) for line in lines)
    return [n for n in found if n is not None]


def _period(iterations: list[float]) -> float:
    return iterations[-1] - iterations[-2] if len(iterations) > 1 else 1.0


def _from_table(source: Source, key: str, home: Home) -> Log:
    split: Split = "train" if home.part == LEARN else "validation"
    columns, events = catboost_curves.of_table(source.read_text())
    if not columns:
        raise NothingToRead(source.name, "expected iterations, found none", "did the training begin?")
    meta = catboost_curves.meta_of(_head(home.beside(TRAINING)))
    better = catboost_curves.directions(meta)
    channels = catboost_curves.channels([(name, split, step, value) for name, step, value in columns], better)
    return Log(source=source.name, reader=NAME, key=key, channels=channels, events=events, certain=True)


def _from_json(source: Source, key: str) -> Log:
    text = source.read_text().lstrip("\ufeff")
    try:
        document, events = catboost_curves.document(text)
    except (ValueError, RecursionError) as error:
        what = error.msg.lower() if isinstance(error, json.JSONDecodeError) else str(error)
        raise MlcheckError(
            source.name,
            f"expected CatBoost's JSON, found a broken one ({what})",
            "was it cut while it was written?",
        ) from None
    better: dict[str, Direction] = catboost_curves.directions(document)
    curves = catboost_curves.of_document(document)
    if not curves:
        raise NothingToRead(source.name, "expected iterations, found none", "did the training begin?")
    config: dict[str, Scalar] = catboost_curves.config(document)
    channels = catboost_curves.channels(curves, better)
    return Log(
        source=source.name,
        reader=NAME,
        key=key,
        channels=channels,
        config=config,
        events=events,
        certain=True,
    )
