"""Input that was made to hurt: refused or bounded, in one line, within seconds and a bounded memory."""

from __future__ import annotations

import gzip
import os
import resource
import socket
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mlcheck.readers import csv, read_inputs, tables
from mlcheck.readers import source as sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcheck.model import Problem
    from mlcheck.readers.source import Source
    from tests.conftest import Mlcheck

LOG = b"epoch,train_loss,val_loss\n1,0.9,1.0\n2,0.8,0.9\n3,0.7,0.8\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


def problem(path: Path) -> Problem:
    """Return what is told of a file that cannot be read."""
    reading = read_inputs([str(path)])
    assert not reading.runs
    (found,) = reading.problems
    assert found.message.startswith("expected")
    assert "found" in found.message
    return found


# --- what stands in place of a file ---


@pytest.mark.parametrize(
    "name", ["log.csv", "history.json", "log.jsonl", "train.log", "run-1.wandb", "events.out.tfevents.1.host", "mlflow.db", "x.gz"]
)  # fmt: skip
def test_a_git_lfs_pointer_is_called_one_whatever_its_name(tmp_path: Path, name: str) -> None:
    """A clone without Git-LFS holds three lines of text in place of every large file."""
    (tmp_path / name).write_bytes(POINTER)
    found = problem(tmp_path / name)
    assert "Git-LFS pointer" in found.message
    assert "git lfs pull" in found.hint


def test_a_pointer_in_a_folder_does_not_hide_the_logs(tmp_path: Path) -> None:
    """What was fetched is judged; with nothing else the folder's problem names the remedy."""
    (tmp_path / "a.csv").write_bytes(POINTER)
    assert "git lfs pull" in read_inputs([str(tmp_path)]).problems[0].hint
    (tmp_path / "b.csv").write_bytes(LOG)
    reading = read_inputs([str(tmp_path)])
    assert (len(reading.runs), reading.passed_over) == (1, 1)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(str(path))


SPECIAL: dict[str, Callable[[Path], None]] = {
    "fifo": os.mkfifo,
    "socket": _socket,
    "loop": lambda path: path.symlink_to(path),
    "link to nothing": lambda path: path.symlink_to("gone"),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to the kernel": lambda path: path.symlink_to("/proc/self/status"),
}


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    """A pipe would wait for ever, a device never end; named it is a problem, in a folder it is passed over."""
    path = tmp_path / "x.csv"
    try:
        SPECIAL[kind](path)
    except OSError:
        pytest.skip("no such thing can be made here")
    problem(path)
    (tmp_path / "log.csv").write_bytes(LOG)
    assert [run.source for run in read_inputs([str(tmp_path)]).runs] == [f"{tmp_path.name}/log.csv"]


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/tty", "/proc/self/status", "/proc/self"])
def test_devices_and_files_of_the_kernel_are_refused(path: str) -> None:
    """They may never end, or never begin."""
    if not os.path.exists(path):  # noqa: PTH110 - a text
        pytest.skip("not on this system")
    reading = read_inputs([path])
    assert not reading.runs
    assert len(reading.problems) == 1


def test_a_folder_named_like_a_file_is_a_folder(tmp_path: Path) -> None:
    """It is searched, alone and inside another."""
    folder = tmp_path / "runs" / "x.csv"
    folder.mkdir(parents=True)
    (folder / "log.csv").write_bytes(LOG)
    assert len(read_inputs([str(folder)]).runs) == 1
    assert len(read_inputs([str(tmp_path / "runs")]).runs) == 1


@pytest.mark.parametrize("change", ["vanish", "shrink", "become a folder"])
def test_a_file_may_go_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Between the first look and the reading of all of it; the others are still read."""
    path = tmp_path / "a.csv"
    path.write_bytes(LOG * 3000)
    (tmp_path / "b.csv").write_bytes(LOG)
    sniff = csv.sniff

    def changing(source: Source) -> bool:
        found = sniff(source)
        if source.name == "a.csv":
            path.unlink()
            if change == "shrink":
                path.write_bytes(b"")
            elif change == "become a folder":
                path.mkdir()
        return found

    monkeypatch.setattr(csv, "sniff", changing)
    reading = read_inputs([str(path), str(tmp_path / "b.csv")])
    assert [run.source for run in reading.runs] == ["b.csv"]
    assert [p.source for p in reading.problems] == ["a.csv"]


# --- what grows ---


def bounded(path: Path, *, seconds: float = 5, memory: float = 1000) -> str:
    """Judge a file in a process of its own; return what it says. It ends by itself, in time and within MB of memory."""
    code = (
        "import re, sys; from mlcheck.cli.app import main; sys.argv = ['mlcheck', 'diagnose', sys.argv[1]]\n"
        "try: main()\n"
        # ru_maxrss would count the pages of the process that started this one
        "finally: print('PEAK', int(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1]) / 1024, file=sys.stderr)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        timeout=20 * seconds,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = done.stderr.decode()
    assert "Traceback" not in told
    text, _, peak = told.rpartition("PEAK")
    assert float(peak) < memory
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2 * seconds, told
    assert text.count("\n") == (done.returncode == 2)
    return text


def packed(piece: bytes, times: int, first: bytes = b"") -> bytes:
    """Return a gzip file of a piece that comes again and again."""
    import zlib

    pack = zlib.compressobj(1, wbits=31)
    return b"".join([pack.compress(first), *(pack.compress(piece) for _ in range(times)), pack.flush()])


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "one line.gz": (lambda: packed(b"0" * (1 << 20), 600), "at most 256 MiB"),
    "zeros.gz": (lambda: packed(bytes(1 << 20), 600), "binary data"),
    "twice.gz": (lambda: gzip.compress(packed(b"0" * (1 << 20), 600)), "binary data"),
    "rows.csv.gz": (lambda: packed(b"1,0.5\n" * 200_000, 200, b"epoch,loss\n"), "at most 67,108,864 cells"),
    "line.csv": (lambda: b"1" * 100_000_000, "expected"),
    "line of loss.csv": (lambda: b"epoch,loss\n1," + b"1" * 100_000_000, ""),
    "cell of thousands.csv": (lambda: b"epoch,loss\n1,1" + b",000" * 20_000_000, "6,000,000 cells"),
    "columns.csv": (lambda: b",".join(b"c%d" % i for i in range(10**6)) + b"\n1\n", "at most 10,000 columns"),
    "cells in a row.csv": (lambda: b"epoch,loss\n1,2\n" + b"1," * 10**6 + b"\n2,1\n", ""),
    "headers.csv": (lambda: b"epoch,loss\n1,2\nepoch,loss,a\n" * 100_000, "at most 10,000 headers"),
    "other headers.csv": (
        lambda: b"".join(b"epoch,loss,a%d\n1,2,3\n" % i for i in range(12_000)),
        "at most 10,000",
    ),
    "runs.csv": (lambda: b"epoch,loss\n" + b"1,0.5\n2,0.4\n" * 300_000, "at most 1,000 runs"),
    "quotation marks.csv": (lambda: b"epoch,loss\n" + b'1,"\n' * 4_000_000, "6,000,000 cells"),
    "nested.json": (lambda: b"[" * 100_000_000, "expected JSON"),
    "nested.jsonl": (lambda: b'{"loss": 1}\n' + b'{"a":' * 20_000_000, "expected JSON"),
    "events.out.tfevents.1": (lambda: struct.pack("<Q", 1 << 60) + bytes(100), "expected a TensorBoard"),
    "binary.csv": (lambda: os.urandom(30_000_000), "binary data"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_made_to_grow_is_bounded(tmp_path: Path, name: str) -> None:
    """One line, some seconds, under a GB, whatever it unfolds to."""
    make, told = BOMBS[name]
    (tmp_path / name).write_bytes(make())
    assert told in bounded(tmp_path / name)


@pytest.mark.parametrize(("first", "told"), [(b"", "binary data"), (LOG, "at most 4,096 MiB")])
def test_five_gigabytes_of_nothing_are_not_read(tmp_path: Path, first: bytes, told: str) -> None:
    """A sparse file takes no room and is as long as it likes."""
    with (tmp_path / "x.csv").open("wb") as file:
        file.write(first * 4000)
        file.truncate(5 << 30)
    assert told in bounded(tmp_path / "x.csv")


def test_a_tail_of_zeros_loses_no_row(tmp_path: Path) -> None:
    """A file system that went down leaves zeros where the last block was to be."""
    rows = b"".join(b"%d,%.4f\n" % (i, 1 / (i + 1)) for i in range(20_000))
    (tmp_path / "x.csv").write_bytes(b"step,train_loss\n" + rows + bytes(30_000_000))
    (run,) = read_inputs([str(tmp_path / "x.csv")]).runs
    assert run.train_loss is not None
    assert len(run.train_loss) == 20_000


def test_a_long_table_of_many_series_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One column for each name would be rows times names."""
    monkeypatch.setattr(tables, "MOST_CELLS", 10_000)
    rows = "".join(f"{i},m{i % 50},0.5\n" for i in range(500))
    reading = read_inputs(["-"], stdin=f"step,metric,value\n{rows}".encode)
    assert "50 series over 500 rows" in reading.problems[0].message


def test_what_comes_out_of_a_pipe_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`mlcheck diagnose <(yes)` ends."""
    from mlcheck.readers import search

    monkeypatch.setattr(search, "MAX_TEXT", 1 << 16)
    monkeypatch.setattr(sources, "MAX_TEXT", 1 << 16)
    with subprocess.Popen(["yes", "epoch 1 loss 0.5"], stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        reading = read_inputs([f"/dev/fd/{program.stdout.fileno()}"])
        program.kill()
    assert "expected at most" in reading.problems[0].message


# --- what is shown ---

NAMES = {
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "markup": "[bold red]x[/bold red] [link=http://x]y[/link]",
    "html": "<script>alert(1)</script>",
    "line": "a\nb",
    "direction": "\u202eabc",
    "table": "a|b`c`*d*",
}


@pytest.mark.parametrize("form", ["rich", "json", "markdown"])
@pytest.mark.parametrize("kind", NAMES)
def test_names_are_shown_and_not_obeyed(tmp_path: Path, mlcheck: Mlcheck, kind: str, form: str) -> None:
    """Of columns, files and folders, in every format and on stderr."""
    name = NAMES[kind]
    folder = tmp_path / name.replace("/", "_")
    folder.mkdir()
    header = "epoch,train_loss,val_loss," + '"' + name + ' loss"'
    rows = "".join(f"{i},{1 / i},{1 / i + 0.01 * i},{i}\n" for i in range(1, 40))
    (folder / f"{name.replace('/', '_')}.csv").write_text(f"{header}\n{rows}")
    (folder / "loss.json").write_text('{"loss": [1, 2')
    done = mlcheck("diagnose", folder, "--format", form, "--verbose")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    for text in (done.stdout, done.stderr):
        assert text.replace("\n", "").isprintable()
        assert "\x1b" not in text
        assert "\u202e" not in text
    if kind == "markup" and form == "rich":
        assert "[bold red]" in done.stdout
    if kind == "html" and form == "markdown":
        assert "<script>" not in done.stdout


@pytest.mark.parametrize(
    "content",
    [
        b"{" + b",".join(b'"c%d":1' % i for i in range(200_000)) + b"}",
        b'{"epoch": 1, "loss": 2}\n{' + b",".join(b'"c%d":1' % i for i in range(200_000)) + b"}\n",
        b"".join(b'{"epoch": %d, "loss": 2, "k%d": 1}\n' % (i, i) for i in range(12_000)),
    ],
    ids=["one object", "one row", "another name in every row"],
)
def test_rows_of_json_with_more_names_than_any_log_has_are_refused(tmp_path: Path, content: bytes) -> None:
    """As many columns of a table are: the time would grow with names times rows."""
    (tmp_path / "a.json").write_bytes(content)
    found = problem(tmp_path / "a.json")
    assert found.message.startswith("expected at most 10,000 names and 67,108,864 cells in its rows, found ")
