"""Every format shows every handmade report exactly as its golden file does.

Regenerate on purpose with `python -m tests.reports.regenerate_reports` and read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcheck import registry
from tests.reports.handmade import reports

GOLDEN = Path(__file__).parent / "golden"
CASES: dict[str, tuple[str, str, int, bool]] = {
    **{f"{name}-80.txt": ("rich", name, 80, False) for name in reports()},
    "many-120.txt": ("rich", "many", 120, False),
    "many-160.txt": ("rich", "many", 160, False),
    "all-160.txt": ("rich", "all", 160, False),
    "overfit-160.txt": ("rich", "overfit", 160, False),
    "all-verbose-80.txt": ("rich", "all", 80, True),
    "all-verbose-160.txt": ("rich", "all", 160, True),
    **{f"{name}.json": ("json", name, 80, False) for name in reports()},
    **{
        f"{name}.md": ("markdown", name, 80, False)
        for name in ("all", "healthy", "overfit", "unvalidated", "nothing")
    },
    "many-verbose.md": ("markdown", "many", 80, True),
}
"""Golden file -> format, report, width, verbose."""


def rendered(case: str) -> str:
    """Return what a case renders now."""
    format_name, name, width, verbose = CASES[case]
    return registry.renderer(format_name).render(reports()[name], width=width, verbose=verbose)


@pytest.mark.parametrize("case", CASES)
def test_a_report_looks_like_its_golden_file(case: str) -> None:
    """Not a character differs, the newline at the end included."""
    assert rendered(case) == (GOLDEN / case).read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_case() -> None:
    """No file stays behind when a case goes."""
    assert {path.name for path in GOLDEN.iterdir()} == set(CASES)


@pytest.mark.parametrize("format_name", ["rich", "json", "markdown"])
def test_a_format_says_the_same_twice_and_ends_in_one_newline(format_name: str) -> None:
    """The same report gives the same bytes."""
    render = registry.renderer(format_name).render
    for report in reports().values():
        text = render(report)
        assert text == render(report)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        text.encode("utf-8")
