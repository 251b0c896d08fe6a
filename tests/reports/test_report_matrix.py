"""A confusion matrix shows its errors at a glance, at any size."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from mlcheck.model import Matrix
from mlcheck.reports.matrix import draw


def drawn(counts: object, names: tuple[str, ...] | None = None, *, width: int = 80) -> list[str]:
    """Return the lines of a square matrix."""
    values = np.asarray(counts, float)
    labels = names or tuple(f"c{i}" for i in range(len(values)))
    return [
        line.plain
        for line in draw(Matrix(title="t", rows=labels, columns=labels, counts=values), width=width)
    ]


def test_a_cell_is_as_dark_as_its_share_of_the_row() -> None:
    """From 2, 10, 30 and 60 percent on; a few in many stay light, whatever their count."""
    row = drawn([[600, 300, 80, 19, 1], *np.eye(5)[1:]])[2]
    assert row.split() == ["c0", "600", "█", "300", "▓", "80", "░", "19", "1"]
    assert "1,000,000 █" in drawn([[1e6, 10], [0, 1]])[2]


def test_zero_is_a_dot_and_a_row_of_nothing_has_no_shade() -> None:
    """What is not there draws no eye."""
    assert drawn([[0, 0], [0, 3]])[2].split() == ["c0", "·", "·"]


def test_weights_have_a_decimal() -> None:
    """They are no counts."""
    assert "2.5 █" in drawn([[2.5, 0], [0, 1]])[2]


def test_a_matrix_too_wide_for_counts_is_shaded_and_its_errors_are_listed() -> None:
    """With the largest first."""
    counts = np.diag(np.full(15, 50.0))
    counts[3, 7] = 20
    counts[1, 2] = 5
    lines = drawn(counts, tuple(f"a long name {i}" for i in range(15)), width=60)
    assert any("██" in line and "50" not in line for line in lines)
    errors = [line.split() for line in lines if line.startswith("  a long")]
    assert errors[0] == ["a", "long", "name", "3", "a", "long", "name", "7", "20", "29", "%"]
    assert len(errors) == 2


def test_of_hundreds_of_classes_only_the_errors_are_shown() -> None:
    """Nothing else would fit."""
    counts = np.eye(300) * 9
    counts[5, 6] = 4
    assert [line.split() for line in drawn(counts)] == [
        ["t"],
        ["true", "predicted", "count", "of", "the", "row"],
        ["c5", "c6", "4", "31", "%"],
    ]


def test_the_diagonal_is_known_by_its_labels() -> None:
    """Where rows and columns are not the same, in whatever order."""
    made = Matrix(title="t", rows=("b",), columns=("a", "b"), counts=np.array([[1.0, 9.0]]))
    styles = [str(span.style) for line in draw(made, width=80) for span in line.spans]
    assert any("on color(25)" in style for style in styles)
    assert any("on color(52)" in style for style in styles)


@settings(max_examples=25)
@given(st.integers(1, 30), st.integers(30, 160), st.lists(st.text(max_size=30), min_size=30, max_size=30), st.floats(width=32))  # fmt: skip
def test_any_matrix_fits_any_page(size: int, width: int, names: list[str], odd: float) -> None:
    """Whatever its labels and counts are."""
    counts = np.full((size, size), 3.0)
    counts[0, -1] = abs(odd)
    assert all(cell_len(line) <= width for line in drawn(counts, tuple(names[:size]), width=width))
