"""Where the report goes and how it looks there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Mlcheck, healthy, overfitted

ESCAPE = "\x1b"


def test_standard_input_is_a_log(mlcheck: Mlcheck) -> None:
    """`cat run.csv | mlcheck diagnose -` reads it; source and id are "-"."""
    done = mlcheck("diagnose", "-", "--format", "json", stdin=overfitted().encode())
    (subject,) = json.loads(done.stdout)["subjects"]
    assert (subject["id"], subject["source"], subject["verdict"]) == ("-", "-", "overfit")


def test_empty_standard_input_is_a_problem(mlcheck: Mlcheck) -> None:
    """Nothing read is never healthy."""
    done = mlcheck("diagnose", "-", stdin=b"")
    assert done.returncode == 2
    assert "found an empty file" in done.stderr


def test_the_report_goes_to_a_file_whole(mlcheck: Mlcheck, logs: Path, tmp_path: Path) -> None:
    """--output makes the parent folders and leaves stdout empty; nothing else lies beside the file."""
    target = tmp_path / "a" / "b" / "report.json"
    done = mlcheck("diagnose", logs, "--format", "json", "--output", target)
    assert done.stdout == ""
    assert len(json.loads(target.read_text(encoding="utf-8"))["subjects"]) == 3
    assert list(target.parent.iterdir()) == [target]


def test_an_output_that_cannot_be_written_is_told(mlcheck: Mlcheck, logs: Path, tmp_path: Path) -> None:
    """A file where a folder is needed: exit 2, one line, the file untouched."""
    (tmp_path / "file").write_text("mine")
    done = mlcheck("diagnose", logs, "--output", tmp_path / "file" / "report.txt")
    assert done.returncode == 2
    assert "expected a file that can be written" in done.stderr
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("columns", ["80", "160"])
def test_no_line_is_wider_than_the_terminal(mlcheck: Mlcheck, logs: Path, columns: str) -> None:
    """At 80 and at 160 columns, brief and verbose."""
    from rich.cells import cell_len

    for more in ((), ("-v",)):
        text = mlcheck("diagnose", logs, *more, env={"COLUMNS": columns}).stdout
        assert max(map(cell_len, text.splitlines())) <= int(columns)


def test_a_pipe_gets_no_colour_unless_forced(mlcheck: Mlcheck, logs: Path) -> None:
    """Colour only on a terminal; NO_COLOR wins over FORCE_COLOR."""
    assert ESCAPE not in mlcheck("diagnose", logs).stdout
    assert ESCAPE in mlcheck("diagnose", logs, env={"FORCE_COLOR": "1"}).stdout
    assert ESCAPE not in mlcheck("diagnose", logs, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout


def test_the_same_input_gives_the_same_bytes(mlcheck: Mlcheck, logs: Path) -> None:
    """JSON holds no times and no absolute paths; --timings adds the times."""
    first, second = (mlcheck("diagnose", logs, "--format", "json").stdout for _ in range(2))
    assert first == second
    assert str(logs.parent) not in first
    assert set(json.loads(mlcheck("diagnose", logs, "--format", "json", "--timings").stdout)["timings"]) == {
        "read",
        "judge",
    }


def test_the_seed_stands_in_the_signature(mlcheck: Mlcheck, logs: Path) -> None:
    """One line says with what a result can be repeated."""
    signature = json.loads(mlcheck("diagnose", logs, "--format", "json", "--seed", "7").stdout)["signature"]
    assert "| seed 7 |" in signature


def test_every_output_is_valid_by_the_shipped_schema(mlcheck: Mlcheck, logs: Path) -> None:
    """JSON of runs and problems alike."""
    import jsonschema

    import mlcheck as package

    schema = json.loads(
        (Path(package.__file__).parent / "reports" / "schema.json").read_text(encoding="utf-8")
    )
    for arguments in (
        (logs,),
        (logs, "missing"),
        ("missing",),
        (logs, "-v", "--timings", "--select", "DIA3"),
    ):
        jsonschema.validate(json.loads(mlcheck("diagnose", *arguments, "--format", "json").stdout), schema)


def test_quiet_shows_only_what_needs_attention(mlcheck: Mlcheck, logs: Path) -> None:
    """--quiet leaves healthy runs out; the exit code stays."""
    done = mlcheck("diagnose", logs, "--quiet")
    assert "overfit" in done.stdout
    assert "good" not in done.stdout
    assert done.returncode == 1


def test_control_characters_in_a_name_are_shown(mlcheck: Mlcheck, tmp_path: Path) -> None:
    """A file name cannot write to the terminal."""
    name = "evil\x1b[31m[bold]x"
    (tmp_path / f"{name}.csv").write_text(healthy())
    done = mlcheck("diagnose", f"{name}.csv", f"missing{name}")
    assert ESCAPE not in done.stdout + done.stderr
    assert "[bold]x" in done.stdout


def test_a_closed_pipe_is_no_traceback(mlcheck: Mlcheck, logs: Path) -> None:
    """`mlcheck ... | head -1` ends in silence."""
    import subprocess
    import sys

    command = f"{Path(sys.executable).with_name('mlcheck')} diagnose {logs} -v | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=logs)
    assert done.stderr == ""


def test_explain_lists_and_explains(mlcheck: Mlcheck) -> None:
    """All codes, one by code or name, some by prefix."""
    whole = mlcheck("explain").stdout
    assert "DIA001" in whole
    assert "DIA409" in whole
    page = mlcheck("explain", "dia301").stdout
    assert page.startswith("DIA301 validation-loss-rising (error)")
    assert "What to do" in page
    assert mlcheck("explain", "validation-loss-rising").stdout == page
    some = mlcheck("explain", "DIA3").stdout
    assert "DIA304" in some
    assert "DIA409" not in some


def test_a_near_miss_is_suggested(mlcheck: Mlcheck) -> None:
    """A wrong code names the nearest."""
    done = mlcheck("explain", "validation-loss-risng")
    assert done.returncode == 2
    assert "did you mean validation-loss-rising?" in done.stderr
