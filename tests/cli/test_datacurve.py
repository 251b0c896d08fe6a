"""`mlcheck datacurve` on the command line: a table in, every format out, exit codes, one clear line for a mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from mlcheck.cli.app import main

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = 32 * 2 ** np.arange(7)


class Done(NamedTuple):
    """What a call left."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Return the command, run in this process: one start of Python costs as much as all of these tests."""

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["mlcheck", "datacurve", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, out, err)

    return call


@pytest.fixture
def parsed(run: Callable[..., Done]) -> Callable[..., dict[str, Any]]:
    """Return the command that gives its JSON, held against the schema."""

    def call(*arguments: str) -> dict[str, Any]:
        done = run(*arguments, "--format", "json")
        found: dict[str, Any] = json.loads(done.stdout)
        schema = resources.files("mlcheck.reports").joinpath("schema.json").read_text(encoding="utf-8")
        Draft202012Validator(json.loads(schema)).validate(found)
        assert found["exit_code"] == done.returncode
        return found

    return call


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Write a climbing and a flat curve of three seeds."""
    random = np.random.default_rng(0)
    lines = ["model,n,seed,train_score,val_score"]
    curves = (("climbing", 1.6 * SIZES**-0.35, 0.1), ("flat", 0.2 + 0.3 * np.exp(-np.arange(7.0)), 0.005))
    for model, error, gap in curves:
        for n, e in zip(SIZES, error, strict=True):
            for seed in range(3):
                score = 1 - e + random.normal(0, 0.002)
                lines.append(f"{model},{n},{seed},{min(1.0, score + gap):.5f},{score:.5f}")
    path = tmp_path / "curves.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.mark.parametrize(
    ("given", "flags", "level"),
    [("", (), 0.9), ("level: 0.8", (), 0.8), ("level: 0.8", ("--level", "0.7"), 0.7)],
)
def test_the_level_of_a_file_stands_above_the_default_and_below_a_flag(
    table: str,
    tmp_path: Path,
    parsed: Callable[..., dict[str, Any]],
    given: str,
    flags: tuple[str, ...],
    level: float,
) -> None:
    """Intervals are at 90 % unless something else is said."""
    config = tmp_path / "mlcheck.yaml"
    config.write_text(given + "\n", encoding="utf-8")
    found = parsed(table, "--by", "model", "--config", str(config), *flags)
    assert found["subjects"][0]["measures"]["32"]["level"] == level


def test_each_group_is_a_subject_with_its_own_verdict(
    table: str, parsed: Callable[..., dict[str, Any]]
) -> None:
    """The object of the contract: ids, verdicts, measures by number of examples, what a score needs."""
    found = parsed(table, "--by", "model", "--predict-at", "4x", "--reach", "0.9")
    verdicts = {s["id"]: s["verdict"] for s in found["subjects"]}
    assert verdicts == {"climbing": "more-data-helps", "flat": "plateaued"}
    measures = found["subjects"][0]["measures"]
    assert {"score", "low", "high", "kind"} <= set(measures[str(4 * SIZES[-1])])
    assert measures["32"]["kind"] == "observed"
    assert {"low", "high", "chance"} <= set(measures["needed"])
    assert found["problems"] == []


def test_findings_can_fail_the_build(table: str, run: Callable[..., Done]) -> None:
    """Exit code 1 at --fail-on warning, 0 by default."""
    assert run(table, "--by", "model").returncode == 0
    assert run(table, "--by", "model", "--fail-on", "warning").returncode == 1


def test_the_same_input_gives_the_same_bytes(table: str, run: Callable[..., Done]) -> None:
    """Of JSON."""
    one, other = (run(table, "--by", "model", "--format", "json").stdout for _ in range(2))
    assert one == other


@pytest.mark.parametrize("form", ["rich", "json", "markdown"])
def test_every_format_is_written(table: str, form: str, tmp_path: Path, run: Callable[..., Done]) -> None:
    """To a file, whole."""
    path = tmp_path / "made" / "report"
    done = run(table, "--by", "model", "--reach", "0.95", "--format", form, "--output", str(path))
    assert done.returncode == 0, done.stderr
    assert "more-data-helps" in path.read_text(encoding="utf-8")


def test_standard_input_is_a_table(table: str) -> None:
    """By -."""
    text = "\n".join(
        line.partition(",")[2] for line in Path(table).read_text().splitlines() if not line.startswith("flat")
    )
    done = subprocess.run(
        [sys.executable, "-m", "mlcheck", "datacurve", "-"],
        capture_output=True,
        text=True,
        check=False,
        input=text,
    )
    assert done.returncode == 0, done.stderr
    assert "more-data-helps" in done.stdout


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("n,acc\n10,.5\n20,.6\n40,.7\n", (), "expected at least 4 numbers of examples, found 3"),
        ("n,acc\n10,.5\n10,.6\n", (), "expected at least 4 numbers of examples, found 1"),
        (
            "n,acc\n10,.5\n20,.6\n40,-.7\n80,.7\n",
            (),
            "expected acc within 0 and 1 (or 0 and 100), found -0.7",
        ),
        (
            "n,acc\n10,.5\n20,.6\n-40,.7\n80,.7\n",
            (),
            "expected a positive number of examples in 'n', found -40",
        ),
        ("n,acc\nten,.5\ntwenty,.6\n", (), "expected numbers in 'n' for --n"),
        ("size,quality\n10,.5\n20,.6\n", ("--score", "quality"), "--higher-is-better or --lower-is-better"),
        ("n,acc\n10,.5\n20,.6\n", ("--score", "loss"), "expected a column 'loss' for --score"),
        ("n,acc\n10,.5\n20,.6\n", ("--by", "model"), "expected a column 'model' for --by"),
        ("m,n,acc\na,1,.5\na,2,.5\na,3,.5\nb,1,.5\nb,2,.5\n", (), "found several by 'm'"),
    ],
)
def test_a_mistake_is_one_clear_line(
    tmp_path: Path, text: str, options: tuple[str, ...], told: str, run: Callable[..., Done]
) -> None:
    """On standard error, with exit code 2 and no traceback."""
    path = tmp_path / "t.csv"
    path.write_text(text)
    done = run(str(path), *options)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_bad_curve_leaves_the_others_judged(table: str, parsed: Callable[..., dict[str, Any]]) -> None:
    """The rest is printed, the problem listed, exit code 2."""
    path = Path(table)
    path.write_text(path.read_text() + "broken,-5,0,0.5,0.5\nshort,10,0,0.5,0.5\n")
    found = parsed(table, "--by", "model")
    assert found["exit_code"] == 2
    assert [s["id"] for s in found["subjects"]] == ["climbing", "flat"]
    assert len(found["problems"]) == 2
