"""MLflow's stores: folders of metric files, copies of such files, the database; broken and hostile ones of each."""

from __future__ import annotations

import gzip
import random
import shutil
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest

from mlcheck.readers import mlflow_sql, read_inputs
from mlcheck.readers.source import Source

STORES = Path(__file__).parent / "data" / "stores"
RUN = "0a1b2c3d" * 4
START = 1_700_000_000_000


def lines(*values: object, first: int = 0) -> str:
    """Return a metric file as MLflow writes it: a line `timestamp value step` per value."""
    return "".join(f"{START + 1000 * i} {v} {first + i}\n" for i, v in enumerate(values))


def store(
    folder: Path, files: dict[str, str], *, status: int = 3, stage: str = "active", run: str = RUN
) -> Path:
    """Write a run's folder with metrics (and params) by path below it; return the store."""
    home = folder / "mlruns" / "1" / run
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    (home / "meta.yaml").write_text(
        f"experiment_id: '1'\nlifecycle_stage: {stage}\nrun_id: {run}\nrun_name: calm-owl-1\nstatus: {status}\n"
    )
    return folder / "mlruns"


def database(path: Path, rows: list[tuple[object, ...]] | None = None) -> Path:
    """Write a small database with MLflow's tables; rows are (key, value, timestamp, run, step, is_nan)."""
    base = sqlite3.connect(path)
    base.executescript(
        "CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, lifecycle_stage TEXT, experiment_id INTEGER);"
        "CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN);"
        "CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);"
        "CREATE TABLE experiments (experiment_id INTEGER, name TEXT);"
        "INSERT INTO runs VALUES ('r1', 'calm-owl', 'FINISHED', 'active', 1);"
        "INSERT INTO experiments VALUES (1, 'curves');"
    )
    found = rows if rows is not None else [("loss", 1 / (i + 1), START + i, "r1", i, 0) for i in range(5)]
    base.executemany("INSERT INTO metrics VALUES (?,?,?,?,?,?)", found)
    base.commit()
    base.close()
    return path


def test_the_real_file_store_gives_its_runs_with_parameters_and_endings() -> None:
    """Of five runs one was deleted and one has final values only; the others keep names, parameters and status."""
    reading = read_inputs([str(STORES / "mlruns")])
    assert not reading.problems
    by_name = {run.config["run"]: run for run in reading.runs}
    assert set(by_name) == {"good", "failed", "killed"}
    good, failed, killed = (by_name[name] for name in ("good", "failed", "killed"))
    assert {"lr": 0.01, "net/depth": 3, "optimizer": "adam"}.items() <= dict(good.config).items()
    assert good.train_loss is not None
    assert good.val_loss is not None
    assert (good.train_loss.name, good.val_loss.name) == ("train_loss", "val/loss")
    assert good.val_loss.step.tolist() == list(range(12))
    assert failed.train_loss is not None
    assert np.isnan(failed.train_loss.value[-1])
    assert [(e.kind, "FAILED" in e.message) for e in failed.events] == [("interrupted", True)]
    assert (len(killed.train_loss or ()), len(killed.val_loss or ())) == (3, 2)
    assert [e.kind for e in killed.events] == ["interrupted"]
    assert not good.events


def test_the_real_database_gives_the_same_runs_as_the_file_store() -> None:
    """Packed as it is here; numbers, names, parameters and endings agree."""
    folder = {r.config["run"]: r for r in read_inputs([str(STORES / "mlruns")]).runs}
    base = {r.config["run"]: r for r in read_inputs([str(STORES / "mlflow.db.gz")]).runs}
    assert base.keys() == folder.keys()
    for name, run in base.items():
        other = {s.name: s for s in folder[name].series}
        assert {s.name for s in run.series} == other.keys()
        for series in run.series:
            assert np.array_equal(series.value, other[series.name].value, equal_nan=True)
            assert series.step.tolist() == other[series.name].step.tolist()
            assert series.step_unit == other[series.name].step_unit
        assert [e.message for e in run.events] == [e.message for e in folder[name].events]
        assert run.config["experiment"] == "curves"


def test_infinities_are_what_was_logged() -> None:
    """The database keeps them as the largest number."""
    for path in ("mlruns", "mlflow.db.gz"):
        (run,) = (r for r in read_inputs([str(STORES / path)]).runs if r.config["run"] == "failed")
        assert [s.value.tolist() for s in run.series if s.name == "big"] == [[np.inf, -np.inf]]


def test_a_metric_named_alone_is_a_run_with_its_runs_parameters(tmp_path: Path) -> None:
    """The name is the path below `metrics`."""
    files = {
        "metrics/val/loss": lines(3, 2, 1),
        "metrics/train": lines(1, 2),
        "params/lr": "0.1",
        "params/kind": "a_1",
    }
    home = store(tmp_path, files) / "1" / RUN
    (run,) = read_inputs([str(home / "metrics" / "val" / "loss")]).runs
    assert run.val_loss is not None
    assert (run.val_loss.name, run.val_loss.value.tolist()) == ("val/loss", [3, 2, 1])
    assert dict(run.config) == {"lr": 0.1, "kind": "a_1", "run": "calm-owl-1"}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("9d97b6dc_train_loss", "train_loss"),
        ("owner+repo+9d97b6dc_train_loss", "train_loss"),
        (f"mlruns_2_{RUN}_metrics_train_loss", "train_loss"),
        ("owner+repo+train_loss", "train_loss"),
        ("9d97b6dc-1111-4222-8333-abcdefabcdef.train_loss", "train_loss"),
        ("train_loss", "train_loss"),
        ("loss_l2.5", "loss_l2.5"),
    ],
)
def test_a_copied_metric_is_called_by_what_follows_the_runs_id(tmp_path: Path, file: str, name: str) -> None:
    """Nothing but its lines says what it is."""
    (tmp_path / file).write_text(lines(3, 2, 1))
    (run,) = read_inputs([str(tmp_path / file)]).runs
    assert run.reader == "mlflow"
    assert run.train_loss is not None
    assert (run.train_loss.name, run.train_loss.step.tolist()) == (name, [0, 1, 2])


def test_copies_in_one_folder_are_runs_by_their_ids(tmp_path: Path) -> None:
    """What stands before the name tells runs apart."""
    for run in ("9d97b6dc", "b90ff437"):
        for name in ("train_loss", "validation_loss", "train_bas"):
            (tmp_path / f"a+b+{run}_{name}").write_text(lines(3, 2, 1))
    runs = read_inputs([str(tmp_path)]).runs
    assert [(len(r.series), r.val_loss is not None) for r in runs] == [(3, True), (3, True)]


def test_a_metric_that_is_no_loss_is_a_run_all_the_same(tmp_path: Path) -> None:
    """Only training writes such files."""
    (tmp_path / "9d97b6dc_train_bas").write_text(lines(0.2, 0.5, 0.7))
    (run,) = read_inputs([str(tmp_path / "9d97b6dc_train_bas")]).runs
    metric = run.metric("train")
    assert metric is not None
    assert metric.name == "train_bas"


def test_several_values_at_a_step_are_all_kept(tmp_path: Path) -> None:
    """Two at step 0 come from an evaluation before training."""
    text = "".join(
        f"{START + i} {v} {s}\n" for i, (v, s) in enumerate([(3, 0), (2.5, 0), (2, 1), (1.9, 1), (1, 2)])
    )
    (tmp_path / "loss").write_text(text)
    (run,) = read_inputs([str(tmp_path / "loss")]).runs
    assert run.train_loss is not None
    assert run.train_loss.value.tolist() == [3, 2.5, 2, 1.9, 1]
    assert run.train_loss.step.tolist() == [0, 0, 1, 1, 2]


def test_old_lines_without_a_step_and_steps_that_nobody_counted_are_rows(tmp_path: Path) -> None:
    """`log_metric` without a step writes 0 each time."""
    for text in (
        "".join(f"{START + i} {9 - i}\n" for i in range(4)),
        "".join(f"{START + i} {9 - i} 0\n" for i in range(4)),
    ):
        (tmp_path / "loss").write_text(text)
        (run,) = read_inputs([str(tmp_path / "loss")]).runs
        assert run.train_loss is not None
        assert (run.train_loss.step_unit, run.train_loss.value.tolist()) == ("row", [9, 8, 7, 6])


def test_steps_written_out_of_order_by_threads_lose_no_value(tmp_path: Path) -> None:
    """The time says which came first."""
    rows = [(0, 3.0), (2, 1.0), (1, 2.0), (3, 0.5)]
    (tmp_path / "loss").write_text("".join(f"{START + s} {v} {s}\n" for s, v in rows))
    (run,) = read_inputs([str(tmp_path / "loss")]).runs
    assert run.train_loss is not None
    assert run.train_loss.value.tolist() == [3, 2, 1, 0.5]


def test_values_that_are_no_numbers_are_kept_as_such(tmp_path: Path) -> None:
    """Python writes nan, inf and -inf."""
    (tmp_path / "loss").write_text(lines(1, "nan", "inf", "-inf", 2))
    (run,) = read_inputs([str(tmp_path / "loss")]).runs
    assert run.train_loss is not None
    assert np.array_equal(run.train_loss.value, [1, np.nan, np.inf, -np.inf, 2], equal_nan=True)


def test_a_last_line_that_is_cut_is_left_out_and_told(tmp_path: Path) -> None:
    """A copy of a store that is being written."""
    (tmp_path / "loss").write_text(lines(3, 2, 1)[:-3])
    reading = read_inputs([str(tmp_path / "loss")])
    assert [len(run.train_loss or ()) for run in reading.runs] == [2]
    assert ["cut" in p.message for p in reading.problems] == [True]


def test_a_line_of_something_else_is_left_out_and_told(tmp_path: Path) -> None:
    """The rest is read."""
    (tmp_path / "loss").write_text(lines(*range(20, 0, -1)) + "<<<<<<< HEAD\n" + lines(0.5, first=20))
    reading = read_inputs([str(tmp_path / "loss")])
    assert [len(run.train_loss or ()) for run in reading.runs] == [21]
    assert [p.source for p in reading.problems] == ["loss:21"]


def test_a_deleted_run_is_passed_over_in_a_folder_and_read_when_named(tmp_path: Path) -> None:
    """MLflow marks it in meta.yaml."""
    folder = store(tmp_path, {"metrics/loss": lines(3, 2, 1)}, stage="deleted")
    assert not read_inputs([str(folder)]).runs
    assert len(read_inputs([str(folder / "1" / RUN / "metrics" / "loss")]).runs) == 1


def test_a_run_of_final_values_is_no_curve(tmp_path: Path) -> None:
    """Scores of a fitted model: one value each. A loss of one epoch is a run, if a short one."""
    folder = store(tmp_path, {"metrics/rmse": lines(0.3), "metrics/r2": lines(0.9), "params/alpha": "0.5"})
    reading = read_inputs([str(folder)])
    assert not reading.runs
    (problem,) = reading.problems
    assert "final values" in problem.hint
    (folder / "1" / RUN / "metrics" / "loss").write_text(lines(0.7))
    assert len(read_inputs([str(folder)]).runs) == 1


def test_a_final_score_beside_curves_is_kept(tmp_path: Path) -> None:
    """The accuracy on the test set is logged once, at the end."""
    folder = store(tmp_path, {"metrics/loss": lines(3, 2, 1), "metrics/test_acc": lines(0.9)})
    (run,) = read_inputs([str(folder)]).runs
    assert {s.role.name for s in run.series} == {"train_loss", "test_accuracy"}


def test_the_metrics_of_a_logged_model_repeat_its_run(tmp_path: Path) -> None:
    """MLflow 3 writes them twice; once is enough."""
    folder = store(tmp_path, {"metrics/loss": lines(3, 2, 1)})
    model = folder / "1" / "models" / f"m-{RUN}" / "metrics" / "loss"
    model.parent.mkdir(parents=True)
    model.write_text("".join(f"{line} {RUN}\n" for line in lines(3, 2, 1).splitlines()))
    (run,) = read_inputs([str(folder)]).runs
    assert run.source == f"mlruns/1/{RUN}/metrics/loss"
    assert not run.events


def test_a_parameter_named_by_the_user_is_refused_in_one_line(tmp_path: Path) -> None:
    """It holds no curve."""
    folder = store(tmp_path, {"metrics/loss": lines(3, 2), "params/lr": "0.1"})
    (problem,) = read_inputs([str(folder / "1" / RUN / "params" / "lr")]).problems
    assert "params" in problem.message


def test_watching_the_machine_is_no_training(tmp_path: Path) -> None:
    """System metrics alone make no run."""
    folder = store(tmp_path, {"metrics/system/cpu_utilization_percentage": lines(*range(30))})
    assert not read_inputs([str(folder)]).runs


def test_two_columns_of_numbers_are_no_metric(tmp_path: Path) -> None:
    """The first must be a time."""
    (tmp_path / "points").write_text("".join(f"{i} {i / 2} {i}\n" for i in range(30)))
    assert all(run.reader != "mlflow" for run in read_inputs([str(tmp_path / "points")]).runs)


def test_a_large_metric_is_read_in_a_moment(tmp_path: Path) -> None:
    """10^5 lines."""
    (tmp_path / "loss").write_text(lines(*(1 / (i + 1) for i in range(100_000))))
    start = time.process_time()
    (run,) = read_inputs([str(tmp_path / "loss")]).runs
    assert time.process_time() - start < 1.0
    assert len(run.train_loss or ()) == 100_000


# The database


def test_a_database_beside_others_is_found_in_a_folder(tmp_path: Path) -> None:
    """Files called like databases that are none are passed over."""
    database(tmp_path / "mlflow.db")
    (tmp_path / "thumbs.db").write_bytes(b"\xff\xfe loss" * 100)
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE trials (loss FLOAT)")
    other.close()
    reading = read_inputs([str(tmp_path)])
    assert [run.source.rpartition("/")[2] for run in reading.runs] == ["mlflow.db"]
    assert not reading.problems
    assert reading.passed_over == 2


def test_a_database_is_read_packed_and_from_standard_input(tmp_path: Path) -> None:
    """The same runs, whether or not it is in write-ahead mode."""
    content = database(tmp_path / "mlflow.db").read_bytes()
    plain = read_inputs([str(tmp_path / "mlflow.db")]).runs[0]
    for variant in (content, gzip.compress(content), content[:18] + b"\2\2" + content[20:]):
        (run,) = read_inputs(["-"], stdin=lambda variant=variant: variant).runs  # type: ignore[misc]  # a default binds the loop's value
        assert run.train_loss is not None
        assert plain.train_loss is not None
        assert run.train_loss.value.tolist() == plain.train_loss.value.tolist()


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    """Named by the user it is a problem, on one line."""
    base = sqlite3.connect(tmp_path / "a.db")
    base.execute("CREATE TABLE trials (loss FLOAT)")
    base.close()
    (problem,) = read_inputs([str(tmp_path / "a.db")]).problems
    assert "other tables" in problem.message


def test_a_database_without_curves_is_refused(tmp_path: Path) -> None:
    """Runs of final values, or none at all."""
    path = database(tmp_path / "a.db", [("rmse", 0.3, START, "r1", 0, 0), ("r2", 0.9, START, "r1", 0, 0)])
    (problem,) = read_inputs([str(path)]).problems
    assert "1 runs of final values only" in problem.message
    (problem,) = read_inputs([str(database(tmp_path / "b.db", []))]).problems
    assert "none logged" in problem.message


def test_old_tables_without_step_and_is_nan_are_read(tmp_path: Path) -> None:
    """MLflow's first schema."""
    base = sqlite3.connect(tmp_path / "a.db")
    base.executescript(
        "CREATE TABLE runs (run_uuid TEXT); INSERT INTO runs VALUES ('r1');"
        "CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT);"
    )
    base.executemany(
        "INSERT INTO metrics VALUES ('loss', ?, ?, 'r1')", [(1 / (i + 1), START + i) for i in range(4)]
    )
    base.commit()
    base.close()
    (run,) = read_inputs([str(tmp_path / "a.db")]).runs
    assert run.train_loss is not None
    assert (run.train_loss.step_unit, len(run.train_loss)) == ("row", 4)


def test_a_database_that_is_locked_by_a_writer_is_read(tmp_path: Path) -> None:
    """A training run that goes on must neither be waited for nor disturbed."""
    path = database(tmp_path / "a.db")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    assert len(read_inputs([str(path)]).runs) == 1
    writer.execute("ROLLBACK")
    writer.close()
    assert [p.name for p in tmp_path.iterdir()] == ["a.db"]


def test_changes_that_are_not_yet_in_the_database_are_told(tmp_path: Path) -> None:
    """A write-ahead file beside it: what is in the database is read, the rest is said, nothing is written."""
    path = database(tmp_path / "a.db")
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("INSERT INTO metrics VALUES ('loss', .1, 1, 'r1', 9, 0)")
    writer.commit()
    before = sorted(p.name for p in tmp_path.iterdir())
    reading = read_inputs([str(path)])
    assert [len(r.train_loss or ()) for r in reading.runs] == [5]
    assert ["a.db-wal" in p.message for p in reading.problems] == [True]
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    writer.close()


ENDLESS_VIEW = """
CREATE VIEW metrics AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
SELECT 'loss' AS key, i AS value, i AS timestamp, 'r1' AS run_uuid, i AS step, 0 AS is_nan FROM n;
"""
COSTLY_COLUMN = """
CREATE TABLE metrics (key TEXT, run_uuid TEXT, timestamp INT, step INT, is_nan INT, value AS (length(hex(zeroblob(3000000)))));
INSERT INTO metrics VALUES ('loss', 'r1', 1, 1, 0);
"""
VIRTUAL_TABLE = "CREATE VIRTUAL TABLE metrics USING fts5(key, value, run_uuid);"


@pytest.mark.parametrize("script", [ENDLESS_VIEW, COSTLY_COLUMN, VIRTUAL_TABLE])
def test_tables_made_to_harm_are_refused_at_once(tmp_path: Path, script: str) -> None:
    """Views without end, columns computed at every row, tables of other modules."""
    base = sqlite3.connect(tmp_path / "a.db")
    base.executescript("CREATE TABLE runs (run_uuid TEXT); INSERT INTO runs VALUES ('r1');")
    base.executescript(script)
    base.close()
    start = time.process_time()
    reading = read_inputs([str(tmp_path / "a.db")])
    assert time.process_time() - start < 2
    assert not reading.runs
    (problem,) = reading.problems
    assert "\n" not in problem.message


def test_work_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine of SQLite may take so many steps and no more."""
    path = database(tmp_path / "a.db", [("loss", 1, START, "r1", i, 0) for i in range(3000)])
    monkeypatch.setattr(mlflow_sql, "STRIDE", 1000)
    monkeypatch.setattr(mlflow_sql, "MAX_STEPS", 2000)
    (problem,) = read_inputs([str(path)]).problems
    assert "without end" in problem.message


def test_values_of_other_types_are_told_on_one_line(tmp_path: Path) -> None:
    """SQLite keeps any value in any column."""
    path = database(tmp_path / "a.db", [("loss", "high", START, "r1", 0, 0), ("loss", 1, START, "r1", 1, 0)])
    (problem,) = read_inputs([str(path)]).problems
    assert "other values" in problem.message


def test_broken_databases_are_told_on_one_line(tmp_path: Path) -> None:
    """Cut anywhere, bytes changed anywhere: a reading or one problem, never anything raised."""
    whole = gzip.decompress((STORES / "mlflow.db.gz").read_bytes())
    chance = random.Random(7)  # noqa: S311  (no secret)
    path = tmp_path / "a.db"
    for i in range(150):
        broken = bytearray(whole)
        if i % 3 == 0:
            del broken[chance.randrange(len(broken)) :]
        else:
            for _ in range(chance.choice((1, 10, 300))):
                broken[chance.randrange(len(broken) if i % 2 else 8192)] = chance.randrange(256)
        path.write_bytes(broken)
        reading = read_inputs([str(path)])
        assert reading.runs or reading.problems
        assert all("\n" not in p.message + p.hint for p in reading.problems)


def test_broken_stores_are_told_on_one_line(tmp_path: Path) -> None:
    """The same for the files of a folder."""
    shutil.copytree(STORES / "mlruns", tmp_path / "mlruns")
    files = sorted(p for p in (tmp_path / "mlruns").rglob("*") if p.is_file())
    chance = random.Random(8)  # noqa: S311  (no secret)
    for _ in range(60):
        path = chance.choice(files)
        content = path.read_bytes()
        broken = bytearray(content[: chance.randrange(len(content) + 1)])
        for _ in range(chance.randrange(4) if broken else 0):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(broken)
        assert all("\n" not in p.message + p.hint for p in read_inputs([str(tmp_path / "mlruns")]).problems)
        path.write_bytes(content)


def test_a_large_database_is_read_in_a_moment(tmp_path: Path) -> None:
    """10^5 values."""
    names = ("train_loss", "val_loss", "lr", "acc")
    rows: list[tuple[object, ...]] = [
        (n, 1 / (i + 1), START + i, "r1", i, 0) for n in names for i in range(25_000)
    ]
    path = database(tmp_path / "a.db", rows)
    read_inputs([str(path)])
    start = time.process_time()
    (run,) = read_inputs([str(path)]).runs
    assert time.process_time() - start < 1.0  # 0.16 on an idle core
    assert [len(s) for s in run.series] == [25_000] * 4


def test_a_small_log_does_not_load_sqlite() -> None:
    """The database's part is imported when a database is read."""
    import subprocess
    import sys

    code = "import sys; from mlcheck.readers import read_inputs; read_inputs(['-'], stdin=lambda: b'epoch,loss\\n1,2\\n2,1\\n'); print('sqlite3' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
    )


def test_a_source_without_a_path_is_recognised_by_its_lines() -> None:
    """Standard input has no folder."""
    from mlcheck.readers import mlflow

    assert mlflow.sniff(Source(name="-", content=lines(3, 2, 1).encode()))
    assert not mlflow.sniff(Source(name="-", content=b"epoch 1 loss 2\n"))
