"""What a pull request shows is a page that no name in a log can reformat."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mlcheck.reports.markdown import escaped, render
from tests.reports import handmade_metrics
from tests.reports.handmade import baseline, report, reports, wide


def cells(row: str) -> list[str]:
    """Split a table row at the pipes that are not escaped."""
    return re.split(r"(?<!\\)\|", row)[1:-1]


def test_every_row_of_the_table_has_as_many_cells_as_the_header() -> None:
    """A pipe in a name ends no cell."""
    rows = [line for line in render(reports()["all"]).splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 8
    assert {len(cells(row)) for row in rows} == {7}


def test_no_html_but_the_fold_of_skips_is_written() -> None:
    """A script tag in a name is text."""
    tags = set(re.findall(r"<[^>]*>", render(reports()["all"], verbose=True)))
    assert tags == {"<details>", "</details>", "<summary>", "</summary>"}


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("*a* `b` [c](d) ~e~ |", r"\*a\* \`b\` \[c\](d) \~e\~ \|"),
        ("train_loss _x_", r"train_loss \_x\_"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("a\nb\x1b", r"a\\nb\\x1b"),
        ("\\", r"\\"),
    ],
)
def test_raw_text_is_shown(raw: str, shown: str) -> None:
    """What would format is escaped; an underscore within a word needs none."""
    assert escaped(raw) == shown


def test_only_runs_that_ask_for_something_get_a_section() -> None:
    """Verbose adds the healthy ones."""
    assert "#### ✓ runs/baseline" not in render(reports()["many"])
    assert "#### ✓ runs/baseline" in render(reports()["many"], verbose=True)
    assert render(reports()["many"]).count("\n#### ✗ ") == 3


def test_details_are_folded_and_a_matrix_of_many_classes_is_its_errors() -> None:
    """A pull request is read from above."""
    text = render(handmade_metrics.reports()["metrics-binary"])
    assert text.index("**Thresholds**") < text.index("<details><summary>ROC curve</summary>")
    assert "| 112 | **1** |" in text
    many = render(handmade_metrics.reports()["metrics-crowded"])
    assert "| 0 | 1 | 4 | 31 % |" in many
    assert max(len(cells(line)) for line in many.splitlines() if line.startswith("|")) <= 21


def test_names_within_html_are_escaped_as_html() -> None:
    """A title of a fold is no Markdown."""
    subject = handmade_metrics.binary()
    folded = replace(subject.exhibits[-1], title="<b>*x*</b>\x1b")
    text = render(handmade_metrics.report(replace(subject, exhibits=(folded,))))
    assert "<details><summary>&lt;b&gt;*x*&lt;/b&gt;\\x1b</summary>" in text


def test_problems_are_listed_with_their_hints() -> None:
    """Where nothing could be judged, that is the headline."""
    text = render(reports()["nothing"])
    assert text.startswith("### mlcheck diagnose: nothing was judged\n")
    assert (
        '- runs/b.csv: line 41: expected a number in column "val_loss", found "n/a"; try --missing n/a\n'
        in text
    )


def test_passed_over_files_are_counted_under_verbose() -> None:
    """As in the other formats."""
    assert render(report(passed_over=1), verbose=True).endswith(
        "1 file passed over: nothing to judge in it.\n"
    )


def test_what_could_not_be_read_gets_a_healthy_run_its_section() -> None:
    """Raw, and counted beyond three."""
    lost = tuple(f"column *{n}*" for n in range(5))
    text = render(report(replace(baseline(), unread=lost), wide()))
    assert r"not read: column \*0\*; column \*1\*; column \*2\*; 2 more" in text
