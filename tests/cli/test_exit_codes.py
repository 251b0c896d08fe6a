"""Every exit code of the contract, through the real command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Mlcheck, healthy, overfitted


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text(healthy())
    return path


@pytest.fixture
def over(tmp_path: Path) -> Path:
    path = tmp_path / "over.csv"
    path.write_text(overfitted())
    return path


def test_a_healthy_run_ends_with_0(mlcheck: Mlcheck, good: Path) -> None:
    """0: judged, nothing at or above --fail-on."""
    done = mlcheck("diagnose", good)
    assert (done.returncode, done.stderr) == (0, "")
    assert "healthy" in done.stdout


def test_an_error_ends_with_1(mlcheck: Mlcheck, over: Path) -> None:
    """1: judged, a finding at or above --fail-on (error by default)."""
    done = mlcheck("diagnose", over)
    assert done.returncode == 1
    assert "overfit" in done.stdout
    assert "DIA301" in done.stdout


def test_fail_on_never_ends_with_0(mlcheck: Mlcheck, over: Path) -> None:
    """--fail-on never judges without failing."""
    assert mlcheck("diagnose", over, "--fail-on", "never").returncode == 0


def test_fail_on_note_counts_notes(mlcheck: Mlcheck, over: Path) -> None:
    """--ignore takes the errors away; the note that remains counts under --fail-on note only."""
    ignored = ("--ignore", "DIA30,DIA40", "--select", "DIA301,DIA304,DIA302")
    assert mlcheck("diagnose", over, *ignored).returncode == 0
    only_note = ("--select", "DIA304")
    assert mlcheck("diagnose", over, *only_note).returncode == 0
    assert mlcheck("diagnose", over, *only_note, "--fail-on", "note").returncode == 1


def test_selecting_other_codes_does_not_change_the_verdict(mlcheck: Mlcheck, over: Path) -> None:
    """--select and --ignore say which findings are shown and count, not what is true."""
    whole = json.loads(mlcheck("diagnose", over, "--format", "json").stdout)
    part = json.loads(mlcheck("diagnose", over, "--format", "json", "--ignore", "DIA").stdout)
    assert part["subjects"][0]["findings"] == []
    for key in ("verdict", "scores", "confidence"):
        assert part["subjects"][0][key] == whole["subjects"][0][key]


def test_a_missing_input_ends_with_2_and_the_others_are_judged(
    mlcheck: Mlcheck, good: Path, over: Path
) -> None:
    """2 wins over 1; what can be judged is judged and printed."""
    done = mlcheck("diagnose", over, "missing.csv", good)
    assert done.returncode == 2
    assert "overfit" in done.stdout
    assert "healthy" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("mlcheck: missing.csv: expected ")
    assert "check the path" in line


def test_json_lists_the_problem(mlcheck: Mlcheck, good: Path) -> None:
    """With --format json the object is printed with the problem in it."""
    done = mlcheck("diagnose", good, "missing.csv", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["exit_code"]) == (2, 2)
    assert document["problems"][0]["source"] == "missing.csv"
    assert document["subjects"][0]["verdict"] == "healthy"


def test_json_is_printed_even_if_nothing_could_be_judged(mlcheck: Mlcheck) -> None:
    """A named input failed: the object says so, its verdict is null."""
    document = json.loads(mlcheck("diagnose", "missing.csv", "--format", "json").stdout)
    assert document["verdict"] is None
    assert document["subjects"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("diagnose",),
        ("diagnose", "x.csv", "--bogus"),
        ("diagnos", "x.csv"),
        ("diagnose", "good.csv", "--format", "xml"),
        ("diagnose", "good.csv", "--fail-on", "sometimes"),
        ("diagnose", "good.csv", "--select", "ABC"),
        ("diagnose", "good.csv", "--column", "train_loss"),
        ("diagnose", "good.csv", "--classes", "one"),
        ("diagnose", "good.csv", "--classes", "1"),
        ("diagnose", "good.csv", "--level", "95"),
        ("diagnose", "good.csv", "--config", "missing.yaml"),
        ("diagnose", "good.csv", "--hparams", "missing.yaml"),
        ("explain", "DIA999"),
    ],
)
def test_bad_usage_ends_with_2_without_a_traceback(
    mlcheck: Mlcheck, good: Path, arguments: tuple[str, ...]
) -> None:
    """A mistake in the call is told, never a traceback, and nothing is printed as a verdict."""
    assert good.exists()
    done = mlcheck(*arguments)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert "healthy" not in done.stdout


def test_interrupting_ends_with_130(tmp_path: Path) -> None:
    """Ctrl-C while waiting for standard input: one line, exit code 130."""
    command = [str(Path(sys.executable).with_name("mlcheck")), "diagnose", "-"]

    def heed_interrupts() -> None:
        """Take SIGINT as usual: a suite in the background of a shell hands down that it is ignored."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, preexec_fn=heed_interrupts
    ) as process:
        time.sleep(2)
        os.kill(process.pid, signal.SIGINT)
        _, error = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"interrupted" in error
    assert b"Traceback" not in error
