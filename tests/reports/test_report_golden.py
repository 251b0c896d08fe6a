"""Every format shows every handmade report exactly as its golden file does.

Regenerate on purpose with `python -m tests.reports.regenerate_reports` and read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcheck import registry
from tests.reports import handmade, handmade_metrics

GOLDEN = Path(__file__).parent / "golden"
REPORTS = {**handmade.reports(), **handmade_metrics.reports()}
DIAGNOSED = handmade.reports()
OTHERS = handmade_metrics.reports()
CASES: dict[str, tuple[str, str, int, bool]] = {
    **{f"{name}-80.txt": ("rich", name, 80, False) for name in DIAGNOSED},
    "many-120.txt": ("rich", "many", 120, False),
    "many-160.txt": ("rich", "many", 160, False),
    "all-160.txt": ("rich", "all", 160, False),
    "overfit-160.txt": ("rich", "overfit", 160, False),
    "all-verbose-80.txt": ("rich", "all", 80, True),
    "all-verbose-160.txt": ("rich", "all", 160, True),
    **{f"{name}.json": ("json", name, 80, False) for name in DIAGNOSED},
    **{
        f"{name}.md": ("markdown", name, 80, False)
        for name in ("all", "healthy", "overfit", "unvalidated", "nothing")
    },
    "many-verbose.md": ("markdown", "many", 80, True),
    **{f"{name}-80.txt": ("rich", name, 80, False) for name in OTHERS},
    **{f"metrics-binary-{width}.txt": ("rich", "metrics-binary", width, False) for width in (40, 120, 160)},
    **{f"metrics-compared-{width}.txt": ("rich", "metrics-compared", width, False) for width in (40, 120)},
    **{
        f"metrics-multiclass-{width}.txt": ("rich", "metrics-multiclass", width, False) for width in (40, 160)
    },
    "metrics-hostile-40.txt": ("rich", "metrics-hostile", 40, False),
    "metrics-regression-40.txt": ("rich", "metrics-regression", 40, False),
    **{
        f"metrics-binary-verbose-{width}.txt": ("rich", "metrics-binary", width, True)
        for width in (80, 120, 160)
    },
    **{
        f"{name}-verbose-120.txt": ("rich", name, 120, True)
        for name in ("metrics-regression", "metrics-ranking")
    },
    **{
        f"{name}-colour.txt": ("colour", name, 120, True)
        for name in ("metrics-binary", "metrics-multiclass", "metrics-compared")
    },
    **{
        f"{name}.json": ("json", name, 80, False)
        for name in ("metrics-binary", "metrics-compared", "metrics-hostile", "baseline")
    },
    **{
        f"{name}.md": ("markdown", name, 80, False)
        for name in ("metrics-binary", "metrics-compared", "metrics-hostile", "metrics-regression")
    },
}
"""Golden file -> format (colour is the terminal's with colours), report, width, verbose."""


def rendered(case: str) -> str:
    """Return what a case renders now."""
    format_name, name, width, verbose = CASES[case]
    color = format_name == "colour"
    return registry.renderer("rich" if color else format_name).render(
        REPORTS[name], width=width, color=color, verbose=verbose
    )


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
    for report in REPORTS.values():
        text = render(report)
        assert text == render(report)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        text.encode("utf-8")
