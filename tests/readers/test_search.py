"""Folders are searched for runs; what holds none is passed over and counted; sources and ids are those of the contract."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlcheck import registry
from mlcheck.readers import read_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Problem, Reading

LOG = "epoch,train_loss,val_loss\n1,0.9,1.0\n2,0.8,0.9\n"
LIGHTNING = "epoch,step,train_loss_epoch,train_loss_step,val_loss\n0,9,,0.9,\n0,9,,,0.8\n0,9,0.85,,\n"


def put(top: Path, files: dict[str, str | bytes]) -> Path:
    """Write files by path and return the folder."""
    for name, content in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return top


def ids(reading: Reading) -> list[tuple[str, str]]:
    """Return (id, source) of the runs."""
    return [(run.id, run.source) for run in reading.runs]


def only(reading: Reading) -> Problem:
    """Return the one problem of a reading without runs."""
    assert not reading.runs
    (problem,) = reading.problems
    return problem


# --- sources and ids ---


def test_a_run_in_a_folder_of_its_own_is_called_as_the_folder(tmp_path: Path) -> None:
    """`mlcheck diagnose /data/runs` gives source runs/a/metrics.csv and id runs/a."""
    put(tmp_path, {"runs/a/metrics.csv": LOG, "runs/b/metrics.csv": LOG, "runs/b/deep/log.csv": LOG})
    assert ids(read_inputs([str(tmp_path / "runs")])) == [
        ("runs/a", "runs/a/metrics.csv"), ("runs/b", "runs/b/metrics.csv"), ("runs/b/deep", "runs/b/deep/log.csv"),
    ]  # fmt: skip


def test_runs_side_by_side_are_called_as_their_files(tmp_path: Path) -> None:
    """A flat folder of logs gives ids without the suffix."""
    put(tmp_path, {"runs/x.csv": LOG, "runs/y.csv": LOG, "runs/y.json": '{"loss": [1.0, 0.5]}'})
    assert ids(read_inputs([str(tmp_path / "runs")])) == [
        ("runs/x", "runs/x.csv"), ("runs/y.csv", "runs/y.csv"), ("runs/y.json", "runs/y.json"),
    ]  # fmt: skip


def test_a_named_file_gives_its_own_name(tmp_path: Path) -> None:
    """The way to it is left out, so that a report does not depend on where it was made."""
    put(tmp_path, {"deep/log.csv": LOG})
    assert ids(read_inputs([str(tmp_path / "deep" / "log.csv")])) == [("log", "log.csv")]


def test_a_folder_is_called_alike_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a slash, as ".", as "../runs": the same ids."""
    put(tmp_path, {"runs/a/log.csv": LOG, "runs/b/log.csv": LOG})
    monkeypatch.chdir(tmp_path / "runs")
    expected = ids(read_inputs([str(tmp_path / "runs")]))
    for text in (str(tmp_path / "runs") + "/", ".", "./", "../runs", "../runs/.", "a/.."):
        assert ids(read_inputs([text])) == expected


def test_standard_input_is_called_by_its_dash() -> None:
    """`-` gives `-` as both."""
    assert ids(read_inputs(["-"], stdin=LOG.encode)) == [("-", "-")]


def test_empty_standard_input_is_a_problem() -> None:
    """Nothing read is never a run."""
    assert only(read_inputs(["-"], stdin=bytes)).source == "-"


def test_several_runs_of_one_file_are_numbered(tmp_path: Path) -> None:
    """#2 and so on."""
    put(tmp_path, {"log.csv": LOG + LOG.split("\n", 1)[1]})
    assert [i for i, _ in ids(read_inputs([str(tmp_path / "log.csv")]))] == ["log", "log#2"]


def test_a_file_given_twice_is_read_twice_with_ids_of_its_own(tmp_path: Path) -> None:
    """Once per naming, as the user said it."""
    put(tmp_path, {"runs/log.csv": LOG})
    for path in (tmp_path / "runs", tmp_path / "runs" / "log.csv"):
        found = [i for i, _ in ids(read_inputs([str(path), str(path)]))]
        assert found == [found[0], f"{found[0]}#2"]


def test_ids_are_unique_whatever_the_names(tmp_path: Path) -> None:
    """A file named like a numbered run, a folder named like a file's stem."""
    put(
        tmp_path,
        {
            "r/a.csv": LOG + LOG.split("\n", 1)[1],
            "r/a#2.csv": LOG,
            "r/b.csv": LOG,
            "r/b/log.csv": LOG,
            "r/c.csv": LOG,
            "r/c.csv.gz": LOG,
        },
    )
    reading = read_inputs([str(tmp_path / "r"), str(tmp_path / "r" / "b.csv"), str(tmp_path / "r")])
    assert not reading.problems
    assert len({i for i, _ in ids(reading)}) == len(reading.runs) == 15


def test_globs_are_expanded_where_the_shell_did_not(tmp_path: Path) -> None:
    """In order, with ** for any depth."""
    put(tmp_path, {"b.csv": LOG, "a.csv": LOG, "c/d.csv": LOG, "e.txt": "hello"})
    assert [s for _, s in ids(read_inputs([str(tmp_path / "*.csv")]))] == ["a.csv", "b.csv"]
    assert [s for _, s in ids(read_inputs([str(tmp_path / "**" / "*.csv")]))] == ["a.csv", "b.csv", "d.csv"]


def test_a_name_with_brackets_is_a_name_first(tmp_path: Path) -> None:
    """lr=[0.1].csv is a file, not a pattern."""
    put(tmp_path, {"lr=[0.1].csv": LOG})
    assert ids(read_inputs([str(tmp_path / "lr=[0.1].csv")])) == [("lr=[0.1]", "lr=[0.1].csv")]


# --- one run in several files, several runs in one folder ---


def test_the_files_of_a_lightning_run_are_one_run(tmp_path: Path) -> None:
    """metrics.csv with hparams.yaml and checkpoints beside it."""
    put(
        tmp_path,
        {"v/metrics.csv": LIGHTNING, "v/hparams.yaml": "lr: 0.1\n", "v/checkpoints/epoch=0.ckpt": bytes(50)},
    )
    reading = read_inputs([str(tmp_path / "v")])
    (run,) = reading.runs
    assert (run.id, run.reader, run.config["lr"]) == ("v", "lightning", 0.1)
    assert reading.passed_over == 2


def test_event_files_beside_lightnings_table_are_the_same_run(tmp_path: Path) -> None:
    """Two loggers wrote one folder: one run, that has what either of them knows."""
    events = next((Path(__file__).parent / "data" / "tensorboard" / "pytorch").rglob("*tfevents*"))
    put(tmp_path, {"v/metrics.csv": LIGHTNING, f"v/{events.name}": events.read_bytes()})
    (run,) = read_inputs([str(tmp_path / "v")]).runs
    assert run.id == "v"
    assert {"train_loss_epoch", "val_loss"} < {s.name for s in run.series}


@pytest.mark.parametrize(
    ("train", "val"),
    [("train.csv", "val.csv"), ("train_log.csv", "valid_log.csv"), ("train/metrics.csv", "val/metrics.csv"), ("training.csv", "validation.csv"),
     ("log_train.json", "log_test.json"), ("run-train-tag-epoch_loss.csv", "run-validation-tag-epoch_loss.csv")],
)  # fmt: skip
def test_files_named_by_their_split_are_halves_of_one_run(tmp_path: Path, train: str, val: str) -> None:
    """The same columns in both, and only the names say which is which."""
    for name, scale in ((train, 1.0), (val, 2.0)):
        if name.endswith("json"):
            text = "".join(f'{{"epoch": {e}, "loss": {scale / e}}}\n' for e in (1, 2))
        elif "-tag-" in name:
            text = "Wall time,Step,Value\n" + "".join(f"1.5,{e},{scale / e}\n" for e in (1, 2))
        else:
            text = "epoch,loss,accuracy\n" + "".join(f"{e},{scale / e},0.5\n" for e in (1, 2))
        put(tmp_path, {f"run/{name}": text})
    reading = read_inputs([str(tmp_path / "run")])
    (run,) = reading.runs
    assert run.train_loss is not None
    assert run.val_loss is not None
    assert (run.train_loss.value.tolist(), run.val_loss.value.tolist()) == ([1, 0.5], [2, 1])
    assert run.id == ("run/train" if "/" in train else "run")
    assert not run.events


@pytest.mark.parametrize(
    "names",
    [
        ("train.csv", "train_2.csv"),
        ("val.csv", "other.csv"),
        ("a/train.csv", "b/val.csv"),
        ("train_a.csv", "val_b.csv"),
        ("x.csv", "y.csv"),
    ],
)
def test_files_that_are_no_halves_stay_runs_of_their_own(tmp_path: Path, names: tuple[str, str]) -> None:
    """Both halves must be there, in one place, named alike."""
    put(tmp_path, {f"run/{name}": "epoch,loss\n1,0.9\n2,0.8\n" for name in names})
    assert len(read_inputs([str(tmp_path / "run")]).runs) == 2


def test_files_whose_columns_name_the_split_are_no_halves(tmp_path: Path) -> None:
    """train.csv and val.csv with both losses each are two logs."""
    put(tmp_path, {"run/train.csv": LOG, "run/val.csv": LOG})
    assert len(read_inputs([str(tmp_path / "run")]).runs) == 2


# --- what is passed over ---


def test_what_holds_no_log_is_passed_over_and_counted(tmp_path: Path) -> None:
    """Code, documents, pictures, weights, settings, data: no problem, no run."""
    put(
        tmp_path,
        {
            "r/log.csv": LOG, "r/train.py": "loss = 0.5\n", "r/README.md": "epoch 1: train loss 0.9 val loss 1.0\nepoch 2: train loss 0.8 val loss 0.9\n",
            "r/plot.png": b"\x89PNG\r\n\x1a\n\0\0", "r/model.pt": bytes(100), "r/config.json": '{"loss": 0.5, "epoch": 3}', "r/data.csv": "a,b\n1,2\n3,4\n",
            "r/empty.log": "", "r/labels.txt": "cat\ndog\n", "r/preds.csv": "y_true,y_pred\n1,0\n0,0\n", "r/broken.json": '{"a": [1,, 2]}', "r/x.bin": bytes(9),
        },
    )  # fmt: skip
    reading = read_inputs([str(tmp_path / "r")])
    assert ids(reading) == [("r", "r/log.csv")]
    assert not reading.problems
    assert reading.passed_over == 11


def test_a_broken_file_that_speaks_of_a_loss_is_a_problem_even_in_a_folder(tmp_path: Path) -> None:
    """Passing it over would hide a run."""
    put(tmp_path, {"r/log.csv": LOG, "r/history.json": '{"loss": [1.0, 0.9,, 0.8]}'})
    reading = read_inputs([str(tmp_path / "r")])
    assert len(reading.runs) == 1
    assert [p.source for p in reading.problems] == ["r/history.json:1:20"]


def test_hidden_folders_and_environments_are_not_searched(tmp_path: Path) -> None:
    """.git, .venv, __pycache__ and installed packages."""
    put(
        tmp_path,
        {
            "r/a.csv": LOG,
            "r/.git/b.csv": LOG,
            "r/__pycache__/c.csv": LOG,
            "r/lib/site-packages/d.csv": LOG,
            "r/.e.csv": LOG,
        },
    )
    assert [s for _, s in ids(read_inputs([str(tmp_path / "r")]))] == ["r/a.csv"]


def test_a_hidden_folder_that_was_named_is_searched(tmp_path: Path) -> None:
    """What the user names is meant."""
    put(tmp_path, {".runs/a.csv": LOG})
    assert ids(read_inputs([str(tmp_path / ".runs")])) == [(".runs", ".runs/a.csv")]


@pytest.mark.parametrize(
    "files", [{}, {"r/a.py": "x = 1"}, {"r/a.csv": "x,y\n1,2\n2,3\n", "r/b.txt": "hello"}]
)
def test_a_folder_without_logs_is_one_problem(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    """One line, with the nearest miss."""
    (tmp_path / "r").mkdir()
    put(tmp_path, files)
    problem = only(read_inputs([str(tmp_path / "r")]))
    assert problem.source == "r"
    assert problem.message.startswith("expected a folder with training logs, found none")
    assert problem.hint


def test_of_two_folders_called_alike_the_empty_one_is_told(tmp_path: Path) -> None:
    """a/run holds a log, b/run does not: "run" must not answer for both."""
    put(tmp_path, {"a/run/log.csv": LOG, "b/run/note.txt": "hello"})
    reading = read_inputs([str(tmp_path / "a" / "run"), str(tmp_path / "b" / "run")])
    assert len(reading.runs) == 1
    assert len(reading.problems) == 1


# --- links, pipes, permissions ---


def test_links_that_lead_in_circles_end(tmp_path: Path) -> None:
    """A folder that links to itself or to one above is searched once."""
    put(tmp_path, {"r/a/log.csv": LOG})
    (tmp_path / "r" / "loop").symlink_to(tmp_path / "r")
    (tmp_path / "r" / "a" / "up").symlink_to(tmp_path / "r" / "a")
    (tmp_path / "r" / "self").symlink_to("self")
    (tmp_path / "r" / "gone").symlink_to("nowhere")
    reading = read_inputs([str(tmp_path / "r")])
    assert ids(reading) == [("r/a", "r/a/log.csv")]
    assert not reading.problems


def test_a_link_to_a_log_is_read(tmp_path: Path) -> None:
    """Links are followed, to files and to folders."""
    put(tmp_path, {"store/log.csv": LOG})
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "one.csv").symlink_to(tmp_path / "store" / "log.csv")
    (tmp_path / "r" / "two").symlink_to(tmp_path / "store")
    assert [s for _, s in ids(read_inputs([str(tmp_path / "r")]))] == ["r/one.csv", "r/two/log.csv"]


@pytest.mark.parametrize(("target", "what"), [("self", "leads to itself"), ("nowhere", "a link to nothing")])
def test_a_named_link_that_leads_nowhere_is_a_problem(tmp_path: Path, target: str, what: str) -> None:
    """One line that says so."""
    (tmp_path / "self").symlink_to(target)
    problem = only(read_inputs([str(tmp_path / "self")]))
    assert problem.source == "self"
    assert what in problem.message


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    """Opening a pipe that nobody writes to would wait for ever."""
    put(tmp_path, {"r/log.csv": LOG})
    os.mkfifo(tmp_path / "r" / "pipe.csv")
    reading = read_inputs([str(tmp_path / "r")])
    assert len(reading.runs) == reading.passed_over == 1
    assert "found a pipe" in only(read_inputs([str(tmp_path / "r" / "pipe.csv")])).message


def test_what_the_shell_pipes_in_is_read_once(tmp_path: Path) -> None:
    """`mlcheck diagnose <(zcat log.csv.gz)` names a pipe under /dev/fd."""
    if not Path("/dev/fd").exists():
        pytest.skip("this system has no /dev/fd")
    read, write_end = os.pipe()
    os.write(write_end, LOG.encode())
    os.close(write_end)
    try:
        (run,) = read_inputs([f"/dev/fd/{read}"]).runs
    finally:
        os.close(read)
    assert run.train_loss is not None


def test_devices_and_sockets_are_no_logs(tmp_path: Path) -> None:
    """/dev/zero has no end."""
    server = socket.socket(socket.AF_UNIX)
    try:
        server.bind(str(tmp_path / "s"))
        assert "socket" in only(read_inputs([str(tmp_path / "s")])).message
    finally:
        server.close()
    assert "device" in only(read_inputs(["/dev/zero"])).message


@pytest.fixture
def shut() -> Iterator[Path]:
    """Yield a folder with closed files and folders, to be read without the rights of root."""
    registry.readers()  # loaded while everything can be read
    owner = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        top = put(
            Path(name), {"r/a.csv": LOG, "r/shut.csv": LOG, "r/closed/b.csv": LOG, "r/listed/c.csv": LOG}
        )
        for path, mode in ((".", 0o755), ("r/shut.csv", 0), ("r/closed", 0), ("r/listed", 0o744)):
            (top / path).chmod(mode)
        if owner == 0:
            os.seteuid(65534)
        else:
            (top / "r" / "listed").chmod(0o644)
        try:
            yield top
        finally:
            os.seteuid(owner)
            for path in ("r/closed", "r/listed"):
                (top / path).chmod(0o755)


def test_files_and_folders_without_permission_are_problems(shut: Path) -> None:
    """What cannot be read may hold a run: it is told even where it was only found, and the rest is read."""
    reading = read_inputs(
        [str(shut / "r"), str(shut / "r" / "shut.csv"), str(shut / "r" / "closed" / "b.csv")]
    )
    assert ids(reading) == [("r", "r/a.csv")]
    told = {p.source: p.message for p in reading.problems}
    assert set(told) == {"r/shut.csv", "r/closed", "r/listed/c.csv", "shut.csv", "b.csv"}
    assert all("permission denied" in message for message in told.values())


def test_progress_is_told_after_each_file(tmp_path: Path) -> None:
    """For the bar on a terminal."""
    put(tmp_path, {"r/a.csv": LOG, "r/b.csv": LOG, "r/c.csv": "x"})
    told: list[tuple[int, int]] = []
    read_inputs([str(tmp_path / "r")], progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
