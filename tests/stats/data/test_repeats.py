"""Equal rows are found exactly, whatever the columns are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.model.dataset import Column
from mlcheck.stats.data.repeats import repeats

VALUES = st.sampled_from([0.0, -0.0, 1.0, 2.5, float("nan")])
ROWS = st.lists(
    st.tuples(VALUES, st.integers(-1, 2), st.sampled_from([None, "", "a", "b c"])), min_size=1, max_size=25
)


def columns(rows: list[tuple[float, int, str | None]]) -> list[Column]:
    """Return the rows as columns of numbers, categories and texts."""
    texts = np.empty(len(rows), dtype=object)
    texts[:] = [row[2] for row in rows]
    return [
        Column(name="x", kind="number", numbers=np.array([row[0] for row in rows])),
        Column(
            name="c",
            kind="category",
            codes=np.array([r[1] for r in rows], dtype=np.int32),
            names=("p", "q", "r"),
        ),
        Column(name="t", kind="text", texts=texts),
    ]


def key(row: tuple[float, int, str | None]) -> tuple[str, int, str | None]:
    """Return what makes rows equal: missing values are, and so are both zeros."""
    return (repr(row[0] + 0.0), row[1], row[2])


@given(ROWS, ROWS)
def test_equal_rows_are_those_that_a_search_finds(
    first: list[tuple[float, int, str | None]], second: list[tuple[float, int, str | None]]
) -> None:
    """Pair by pair, with the first equal row of the first part."""
    found = repeats(columns(first), columns(second))
    keys = [key(row) for row in first]
    assert found.inside.tolist() == [i for i, k in enumerate(keys) if k in keys[:i]]
    expected = {j: keys.index(key(row)) for j, row in enumerate(second) if key(row) in keys}
    assert dict(zip(found.across.tolist(), found.sources.tolist(), strict=True)) == expected


@given(ROWS)
def test_the_order_of_columns_does_not_matter(rows: list[tuple[float, int, str | None]]) -> None:
    """Equal is equal."""
    made = columns(rows)
    assert repeats(made).inside.tolist() == repeats(made[::-1]).inside.tolist()


def test_chance_is_that_of_independent_columns() -> None:
    """Two fair coins agree in a quarter of the pairs."""
    coins: list[tuple[float, int, str | None]] = [(float(i % 2), i // 2 % 2, None) for i in range(40)]
    found = repeats(columns(coins), columns(coins))
    assert found.by_chance == 0.25 * 40 * 40


def test_equal_images_are_found() -> None:
    """By every pixel."""
    pixels = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 3), dtype=np.uint8)
    other = pixels[[4, 2]].copy()
    other[1, 0, 0, 0] ^= 1
    made = [Column(name="image", kind="image", pixels=p) for p in (pixels, other)]
    found = repeats(made[:1], made[1:])
    assert (found.across.tolist(), found.sources.tolist()) == ([0], [4])
