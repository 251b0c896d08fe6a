"""`mlcheck datacurve` on the command line, beyond a single table: runs, data, and the user's own training."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engines.test_processes import is_gone

if TYPE_CHECKING:
    from tests.conftest import Mlcheck

ROOT = Path(__file__).parents[2]
CURVES = ROOT / "sample_runs" / "curves"
SLOW = """
import os, sys, time
n, out = int(sys.argv[1]), sys.argv[2]
open(os.path.join(out, "pid"), "w").write(str(os.getpid()))
time.sleep(0.3 if n < 40 or os.path.exists("go") else 60)
print(f"test accuracy {1 - n ** -0.5:.4f}")
"""
SIZES = ("--sizes", "10,20,40,80,160", "--format", "json")


@pytest.fixture
def slow(tmp_path: Path) -> tuple[str, ...]:
    """Return a command whose larger runs wait until a file named go is there."""
    (tmp_path / "slow.py").write_text(SLOW)
    return ("--", sys.executable, "-S", "slow.py", "{n}", "{out}")


def at_work(folder: Path, arguments: tuple[str, ...], number: int) -> tuple[subprocess.Popen[bytes], int]:
    """Start the command, wait until the run of that number is at work, and return both processes."""

    def heed_interrupts() -> None:
        """Take SIGINT as usual: a suite in the background of a shell hands down that it is ignored."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("mlcheck")), "datacurve", *arguments], cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heed_interrupts,
    )  # fmt: skip
    for _ in range(400):
        for pid in folder.glob(f"datacurve/{number:04}-*/pid"):
            if pid.read_text():
                return process, int(pid.read_text())
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate())


def test_interrupted_and_killed_and_resumed_gives_the_same_report(
    mlcheck: Mlcheck, tmp_path: Path, slow: tuple[str, ...]
) -> None:
    """Ctrl-C ends the run with 130, kill -9 without a word; neither leaves a process, and nothing that was done is lost."""
    process, run = at_work(tmp_path, (*SIZES, *slow), 3)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"2 of 5 runs done and kept in datacurve; call again for the others" in error
    assert b"Traceback" not in error
    assert json.loads(out)["exit_code"] == 130
    assert is_gone(run)

    process, run = at_work(tmp_path, (*SIZES, *slow), 4)  # the third run anew
    process.kill()
    process.communicate()
    assert is_gone(run)

    (tmp_path / "go").touch()
    resumed = mlcheck("datacurve", *SIZES, *slow)
    assert (resumed.returncode, resumed.stderr) == (0, "")
    fresh = mlcheck("datacurve", "other/datacurve", *SIZES, *slow)
    assert resumed.stdout == fresh.stdout
    rows = [json.loads(line) for line in (tmp_path / "datacurve/results.jsonl").read_text().splitlines()]
    assert [row["run"][:4] for row in rows] == ["0001", "0002", "0005", "0006", "0007"]


def test_the_sample_curves_get_their_known_answers(mlcheck: Mlcheck) -> None:
    """Still climbing, plateaued, ill-behaved: one call for the folder."""
    done = mlcheck("datacurve", CURVES, "--format", "json")
    report = json.loads(done.stdout)
    found = {s["id"]: (s["verdict"], {f["code"] for f in s["findings"]}) for s in report["subjects"]}
    assert {name: verdict for name, (verdict, _) in found.items() if name != "ill_behaved"} == {
        "climbing": "more-data-helps", "plateaued": "plateaued",
    }  # fmt: skip
    assert [name for name, (_, codes) in found.items() if "DAT103" in codes] == ["ill_behaved"]
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "INPUT: expected a table, logs of runs, a data set or a command behind --, found none"),
        (("x.csv", "--timeout", "3"), "--timeout: expected it where something is trained"),
        (("x.csv", "--sizes", "1..100"), "--sizes: expected it where something is trained"),
        (("x.csv", "--take", "first"), "--take: expected best or last, found 'first'"),
        (
            ("x.csv", "--target", "y", "--timeout", "3"),
            "--timeout: expected it with a command behind -- only",
        ),
        (("a", "b", "--target", "y"), "DATA: expected one data set, found 2 inputs"),
        (
            ("--rung", "linear", "--", "true", "{n}"),
            "--rung: expected it for a data set, not for a command behind --",
        ),
        (("--", "true", "{n}"), "--sizes: expected the numbers of examples to run the command with"),
        (
            ("a", "b", "--sizes", "10..80", "--", "true", "{n}"),
            "FOLDER: expected one folder for the runs, found 2 inputs",
        ),
        (("--sizes", "10..80", "--"), "--: expected a command after it, found none"),
        (("--sizes", "10..80", "--", "true"), "--: expected {n} in the command"),
        (
            ("--sizes", "10..80", "--", "true", "{n}", "{m}"),
            "found {m}; write {{m}} where the text itself is meant",
        ),
    ],
)
def test_options_that_do_not_go_together_are_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    """Exit code 2, and nothing is run."""
    from mlcheck.cli import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["mlcheck", "datacurve", *arguments])
    with pytest.raises(SystemExit) as end:
        app.main()
    assert end.value.code == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_data_set_and_the_logs_of_runs_give_the_same_report_as_a_table(
    mlcheck: Mlcheck, tmp_path: Path
) -> None:
    """Every way to a curve ends in the same verdicts, measures and exit codes."""
    of_data = mlcheck(
        "datacurve", ROOT / "sample_runs/data/digits.csv", "--target", "target", "--sizes", "30..400:5", "--repeats", "2",
        "--format", "json", "--cache", tmp_path / "kept",
    )  # fmt: skip
    report = json.loads(of_data.stdout)
    assert (of_data.returncode, report["subjects"][0]["verdict"]) == (0, "more-data-helps")
    assert [k for k, v in report["subjects"][0]["measures"].items() if v["kind"] == "observed"] == [
        "30",
        "57",
        "110",
        "209",
        "400",
    ]
    for n, values in report["subjects"][0]["measures"].items():
        if values["kind"] == "observed":
            run = tmp_path / "runs" / n
            run.mkdir(parents=True)
            (run / "config.json").write_text(json.dumps({"n_train": int(n)}))
            error = 1 - values["score"]
            lines = (
                f"epoch {e}: train loss {error * x:.4f} val loss {error * x:.4f} val accuracy {1 - error * x:.4f}\n"
                for e, x in enumerate((3, 2, 1))
            )
            (run / "train.log").write_text("".join(lines))
    of_runs = mlcheck("datacurve", "runs", "--format", "json")
    again = json.loads(of_runs.stdout)["subjects"][0]
    assert (of_runs.returncode, again["id"], again["verdict"]) == (0, "runs", "more-data-helps")
    assert set(again["measures"]) == set(report["subjects"][0]["measures"])
