"""Bad input gives one clear line each: where, what was expected, what was found, what to try. Others are still read."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck.readers import read_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model import Problem

LOG = "epoch,train_loss,val_loss\n1,0.9,1.0\n2,0.8,0.9\n"
BAD: dict[str, tuple[bytes, str, str]] = {
    "empty.csv": (b"", "empty.csv", "found an empty file"),
    "blank.csv": (b"\n \n\n", "blank.csv", "expected"),
    "picture.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture.png", "found binary data"),
    "model.pt": (b"PK\x03\x04\x00\x00\x00\x00" + bytes(range(256)), "model.pt", "found binary data"),
    "pickle.pkl": (b"\x80\x04\x95\x00\x00\x00\x00.", "pickle.pkl", "found binary data"),
    "words.csv": (
        b"name,colour\nrose,red\nlily,white\n",
        "words.csv",
        "expected columns of numbers, found none in 'name', 'colour'",
    ),
    "names.csv": (b"epoch,train_loss\n", "names.csv", "only their names ('epoch', 'train_loss')"),
    "headless.csv": (b"1,0.9\n2,0.8\n", "headless.csv", "first row with the names of the columns"),
    "noloss.csv": (
        b"epoch,width,height\n1,2,3\n2,3,4\n",
        "noloss.csv",
        "expected a loss, found none among the columns 'width', 'height'",
    ),
    "comma.json": (b'{"loss": [1, 2],\n "val_loss": [1,, 2]}', "comma.json:2:17", "expected valid JSON"),
    "cut.json": (b'{"loss": [1, 2', "cut.json:1:15", "expected valid JSON"),
    "settings.json": (b'{"lr": 0.1, "layers": 3}', "settings.json", "expected lists or rows of numbers"),
    "broken.gz": (gzip.compress(LOG.encode())[:10], "broken.gz", "expected a gzip file"),
    "runs.csv": (b"Name,State,val_loss\na,finished,0.5\nb,crashed,0.7\n", "runs.csv", "one row per 'Name'"),
    "preds.csv": (b"id,y_true,y_pred\n1,0,1\n2,1,1\n", "preds.csv", "predictions"),
    "search.run": (b"31\tQ0\tD1\t1\t9.5\trun\n31\tQ0\tD2\t2\t9.1\trun\n", "search.run", "TREC"),
    "size.csv": (
        b"n_train,train_loss,val_loss\n10,0.1,0.9\n100,0.2,0.7\n1000,0.3,0.5\n",
        "size.csv",
        "size of the training set",
    ),
    "prose.txt": (b"Dear diary,\ntoday I trained a network.\nIt was fine.\n", "prose.txt", "expected"),
}


def is_clear(problem: Problem) -> bool:
    """Whether a problem says on one line what was expected, what was found and what to try."""
    text = f"{problem.source}: {problem.message}; {problem.hint}"
    return (
        problem.message.startswith("expected")
        and "found" in problem.message
        and bool(problem.hint)
        and text.isprintable()
    )


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_clear_problem_and_never_a_run(tmp_path: Path, name: str) -> None:
    """Named by the user, it is told; nothing read is never a run."""
    content, where, what = BAD[name]
    (tmp_path / name).write_bytes(content)
    reading = read_inputs([str(tmp_path / name)])
    assert not reading.runs
    (problem,) = reading.problems
    assert problem.source == where
    assert what in problem.message
    assert is_clear(problem)


def test_bad_files_do_not_hide_the_good_one(tmp_path: Path) -> None:
    """Every one of them is told, and the log is read."""
    for name, (content, _, _) in BAD.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "log.csv").write_text(LOG)
    reading = read_inputs([str(tmp_path / name) for name in [*BAD, "log.csv"]])
    assert [run.source for run in reading.runs] == ["log.csv"]
    assert sorted(p.source for p in reading.problems) == sorted(where for _, where, _ in BAD.values())


def test_in_a_folder_they_are_passed_over_unless_they_speak_of_a_loss(tmp_path: Path) -> None:
    """What was only found need not be a log; a broken one that may be is told."""
    for name, (content, _, _) in BAD.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "log.csv").write_text(LOG)
    reading = read_inputs([str(tmp_path)])
    assert len(reading.runs) == 1
    assert {p.source.rpartition("/")[2] for p in reading.problems} == {
        "comma.json:2:17",
        "cut.json:1:15",
        "broken.gz",
    }
    assert reading.passed_over == len(BAD) - 3


@pytest.mark.parametrize(
    "text", ["gone.csv", "gone/log.csv", "*.csv", "gone/**/x.json", "log.txt/inside", "x" * 300]
)
def test_a_path_that_leads_nowhere_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Relative as the user wrote it, absolute by its last part: a report names no place of this machine."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.txt").write_text("hello")
    (problem,) = read_inputs([text]).problems
    assert problem.source == text
    assert is_clear(problem)
    (problem,) = read_inputs([str(tmp_path / text)]).problems
    assert problem.source == text.rpartition("/")[2]


def test_a_truncated_gzip_file_is_read_to_its_cut(tmp_path: Path) -> None:
    """With an event, since the end is missing."""
    text = "epoch,train_loss\n" + "".join(f"{i},{(i * 2654435761) % 2**32}\n" for i in range(20_000))
    packed = gzip.compress(text.encode())
    (tmp_path / "log.csv.gz").write_bytes(packed[: len(packed) // 2])
    (run,) = read_inputs([str(tmp_path / "log.csv.gz")]).runs
    assert run.id == "log"
    assert run.train_loss is not None
    assert 5_000 < len(run.train_loss) < 15_000
    assert "truncated" in [e.kind for e in run.events]


@given(st.binary(max_size=300))
@settings(max_examples=400)
def test_any_bytes_give_a_run_or_a_problem(content: bytes) -> None:
    """Logs are untrusted: nothing may raise."""
    reading = read_inputs(["-"], stdin=lambda: content)
    assert len(reading.runs) + len(reading.problems) >= 1


TEXTS = st.text(alphabet="epochloss_0123456789.,;:\t\n\"'{}[]|-+#% eEnaif", max_size=200)


@given(TEXTS)
@settings(max_examples=400)
def test_any_text_of_a_logs_letters_gives_a_run_or_a_problem(text: str) -> None:
    """Tables, JSON and text made of nothing but what logs are made of."""
    reading = read_inputs(["-"], stdin=text.encode)
    assert len(reading.runs) + len(reading.problems) >= 1


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.sampled_from(["nan", "5%", "x", ""])
)
KEYS = st.sampled_from(["epoch", "step", "loss", "val_loss", "train", "val", "history", "mode", "lr", "a"])
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)


@given(st.lists(DOCUMENTS, min_size=1, max_size=4))
@settings(max_examples=400)
def test_any_json_gives_a_run_or_a_problem(documents: list[object]) -> None:
    """One document or several lines of them, of the names that logs use."""
    text = "\n".join(json.dumps(document) for document in documents)
    reading = read_inputs(["-"], stdin=text.encode)
    assert len(reading.runs) + len(reading.problems) >= 1


ROWS = st.lists(
    st.lists(
        st.sampled_from(["1", "2.5", "", "nan", "inf", "x", "-3", "1e400", '"', "5%", "0/3"]),
        min_size=1,
        max_size=4,
    ),
    min_size=1,
    max_size=8,
)


@given(
    st.lists(
        st.sampled_from(["epoch", "step", "loss", "val_loss", "phase", "run", "lr", "", "note"]),
        min_size=2,
        max_size=4,
    ),
    ROWS,
)
@settings(max_examples=400)
def test_any_table_keeps_the_promises_of_a_series(header: list[str], rows: list[list[str]]) -> None:
    """Arrays of one length, steps in order, no empty series."""
    text = "\n".join(",".join(cells) for cells in [header, *rows])
    reading = read_inputs(["-"], stdin=text.encode)
    for run in reading.runs:
        for series in run.series:
            assert len(series) == len(series.step) == len(series.value) > 0
            assert (series.step[1:] >= series.step[:-1]).all()
            assert series.epoch is None or (series.epoch[1:] >= series.epoch[:-1]).all()
