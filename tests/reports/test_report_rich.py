"""What a person sees fits the page, obeys no name and says in words what colour only repeats."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from rich.cells import cell_len

from mlcheck.model import Finding, Report, Subject
from mlcheck.reports.rich import render
from tests.reports import handmade_metrics
from tests.reports.handmade import baseline, hostile, report, reports, slow, tiny, unclear, wide

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
REPORTS = {**reports(), **handmade_metrics.reports()}
WIDTHS = (40, 57, 80, 120, 160, 200)


def crowd(count: int) -> Report:
    """Return a report of many runs of every kind."""
    kinds = (baseline(), wide(), tiny(), slow(), unclear())
    return report(*(replace(kinds[i % 5], id=f"runs/sweep/{i:03}") for i in range(count)))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_page(name: str, verbose: bool, width: int) -> None:
    """Names that are long or double-width count as wide as a terminal draws them."""
    text = render(REPORTS[name], width=width, verbose=verbose)
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_long_and_double_width_ids_never_break_the_columns(width: int) -> None:
    """The verdict stands at the same place in every row, and an id keeps its end."""
    ids = ("a", "runs/" + "深層学習" * 20 + "/end", "x" * 300 + "y", "é" * 50)
    text = render(report(*(replace(baseline(), id=name) for name in ids)), width=width)
    rows = [line for line in text.splitlines() if "✓" in line]
    assert len(rows) == len(ids)
    assert len({cell_len(row[: row.index("✓")]) for row in rows}) == 1
    assert max(map(cell_len, text.splitlines())) <= width
    assert re.search(r"^\S*…\S*y ", text, re.MULTILINE)


def test_without_colour_there_is_no_escape_code() -> None:
    """Not even where a name holds one."""
    for made in REPORTS.values():
        for verbose in (False, True):
            assert "\x1b" not in render(made, verbose=verbose)


def test_colour_only_adds_to_the_same_text() -> None:
    """Taking the colour codes away gives the text without colour."""
    for made in REPORTS.values():
        for verbose in (False, True):
            plain, colored = (render(made, color=color, verbose=verbose) for color in (False, True))
            assert ESCAPE.sub("", colored) == plain
            assert not made.subjects or ESCAPE.search(colored)


@pytest.mark.parametrize("verbose", [False, True])
def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, verbose: bool) -> None:
    """NO_COLOR, TERM and COLUMNS are read by the command line, not here."""
    before = [
        render(made, color=color, verbose=verbose) for made in REPORTS.values() for color in (False, True)
    ]
    for name, value in {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "20", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert before == [
        render(made, color=color, verbose=verbose) for made in REPORTS.values() for color in (False, True)
    ]


def test_markup_and_control_characters_in_names_are_shown() -> None:
    """A name cannot colour the report, clear the screen, ring the bell or turn the text around."""
    text = render(report(hostile()), width=160)
    assert "[bold]x[/bold]|<script>\\x1b[31m\\r\\x07" in text
    assert "\\u202eer\\u2066" in text
    assert all(char.isprintable() for line in text.split("\n") for char in line)


def test_a_healthy_run_takes_one_line() -> None:
    """Only what asks for something is explained."""
    text = render(report(baseline(), replace(baseline(), id="runs/again")))
    assert len(text.splitlines()) == 1 + 2 + 2
    assert "2 runs in runs/: 2 healthy. Nothing to fix;" in text


def test_a_run_that_is_not_healthy_says_why_and_what_to_do() -> None:
    """The reason stands below the run, the next step behind an arrow."""
    lines = render(reports()["many"]).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("wide"))
    assert lines[at + 1].strip().startswith("validation loss is 62 % above its best")
    assert lines[at + 3].strip() == "→ stop at epoch 11; then weight decay or more data"


def test_a_wide_page_keeps_the_reason_on_the_line() -> None:
    """At 160 columns it begins behind the verdict."""
    line = next(x for x in render(reports()["many"], width=160).splitlines() if x.startswith("sgd-1e-5"))
    assert line.endswith("97 %   still falling in a straight line after 40 epochs at learning rate 1e-5")


def test_a_reason_that_is_its_own_advice_is_said_once() -> None:
    """An inconclusive run says what to log, not twice."""
    text = render(report(baseline(), reports()["unvalidated"].subjects[0]), width=200)
    assert text.count("log a validation loss") == 1
    assert render(reports()["unvalidated"], width=200).count("log a validation loss") == 1


def test_skips_with_one_reason_share_a_line() -> None:
    """What was not checked is listed by reason."""
    assert "not checked   DIA111: no learning rate in this log\n" in render(report(wide()))
    assert "              DIA501, DIA502, DIA504: no gradient norms in this log\n" in render(report(wide()))


def test_inputs_that_could_not_be_judged_are_counted() -> None:
    """The problems themselves are for stderr; files passed over are told under verbose only."""
    text = render(reports()["all"])
    assert text.endswith("\n2 inputs could not be judged.\n")
    assert "passed over" not in text
    assert render(reports()["all"], verbose=True).endswith(
        "12 files passed over: nothing to judge in them.\n"
    )
    assert render(report()) == "Nothing was judged.\n"


def test_warnings_are_counted_apart_from_errors() -> None:
    """An error must change, a warning wants a look."""
    warning = Finding(code="DIA109", name="loss-spikes", severity="warning", message="two", evidence={})
    runs = (replace(baseline(), findings=(warning,)), tiny())
    assert "1 finding to fix, 1 to look at;" in render(report(*runs))
    assert "1 finding to look at;" in render(report(runs[0], unclear()))


def test_a_subject_of_nothing_but_a_verdict_is_shown() -> None:
    """No span, picture, measures, findings or scores: no empty columns, no crash."""
    bare = Subject(
        id="x",
        source="x.csv",
        reader="csv",
        verdict="healthy",
        confidence=math.nan,
        scores={},
        findings=(),
        skips=(),
        actions=(),
        measures={},
    )
    assert render(report(bare)).splitlines()[0] == "x.csv · csv"
    assert render(report(bare, replace(bare, id="y"))).splitlines()[0].split() == [
        "run",
        "read",
        "as",
        "verdict",
    ]


def test_a_run_without_losses_shows_its_metric() -> None:
    """Where no run has a loss, the columns hold what there is."""
    only = replace(
        baseline(), picture=None, measures={"val_accuracy": {"first": 0.1, "last": 0.912, "column": "acc"}}
    )
    text = render(report(only, replace(only, id="runs/b")))
    assert "val accuracy" in text.splitlines()[0]
    assert "0.10 → 0.912" in text


def test_hundreds_of_runs_are_counted_in_one_line() -> None:
    """A sweep is told as a whole."""
    text = render(crowd(500))
    assert "500 runs in runs/sweep/: 100 healthy" in text


def test_the_table_loads_neither_plots_nor_highlighters() -> None:
    """What is not drawn is not imported."""
    code = (
        "import sys; from mlcheck.model import Report; from mlcheck.reports.rich import render;"
        "render(Report(command='diagnose', version='1', verdict=None, exit_code=2, signature='', subjects=()));"
        "print([m for m in ('plotille', 'pygments', 'rich.markdown', 'rich.syntax', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_different_runs_never_look_alike_on_a_narrow_page() -> None:
    """Three folders of one experiment are cut where they agree."""
    names = [f"spinningup/experiment_{seed}/long_folder/progress" for seed in ("s0", "s10", "s20")]
    subjects = tuple(replace(crowd(1).subjects[0], id=name, source=f"{name}.txt") for name in names)
    text = render(replace(crowd(1), subjects=subjects), width=60)
    shown = [line.split()[0] for line in text.splitlines() if "✓" in line or "✗" in line]
    assert len(shown) == len(set(shown)) == 3
    assert all("…" in name for name in shown)


@pytest.mark.parametrize("verbose", [False, True])
def test_what_could_not_be_read_stands_in_one_line_under_the_run(verbose: bool) -> None:
    """Control characters in it are shown; a healthy run has it, too."""
    made = report(replace(baseline(), unread=("2 of 9 cells in column 'l\x1br'",)), wide())
    (line,) = (x for x in render(made, verbose=verbose).splitlines() if "not read" in x)
    assert line.strip() == r"not read: 2 of 9 cells in column 'l\x1br'"
