"""Sizes to train on, as the user writes them."""

from __future__ import annotations

import pytest

from mlcheck.commands.datacurve_sizes import parse
from mlcheck.errors import MlcheckError


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("500..16000", (500, 1000, 2000, 4000, 8000, 16000)),
        ("100..800:4", (100, 200, 400, 800)),
        ("10..20", (10, 13, 16, 20)),
        ("1_000, 50,200 ,400,400", (50, 200, 400, 1000)),
    ],
)
def test_sizes_are_a_range_or_a_list(text: str, sizes: tuple[int, ...]) -> None:
    """A range doubles, or has as many sizes as are named; a list is sorted."""
    assert parse(text) == sizes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "500",
        "500..",
        "16000..500",
        "0..50",
        "1..2",
        "1.5,2,3,4",
        "a,b,c,d",
        "5,6,7",
        "1..9999:99",
        "0,1,2,3",
    ],
)
def test_anything_else_is_one_line(text: str) -> None:
    """With the option's name."""
    with pytest.raises(MlcheckError, match="--sizes: expected"):
        parse(text)
