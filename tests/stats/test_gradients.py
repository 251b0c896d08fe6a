"""Gradient norms by layer: their order, their ratio, and the levels of a series, in cases worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mlcheck.model import Role, Run, Series
from mlcheck.stats.gradients import first_to_last, layer_norms, levels


def norm(name: str, value: list[float]) -> Series:
    """Make a layer's series."""
    role = Role(quantity="grad_norm", measure=f"grad_norm/{name}")
    return Series(name=name, role=role, step=np.arange(1.0, len(value) + 1), value=np.array(value))


def run(*series: Series) -> Run:
    """Make a run of these series."""
    return Run(id="r", source="r", reader="test", series=series)


def test_numbered_layers_are_ordered_by_number() -> None:
    """Layer 10 comes after layer 2, however the log sorts its columns."""
    found = layer_norms(run(norm("block10", [1.0]), norm("block2", [1.0]), norm("block1", [1.0])))
    assert [s.name for s in found] == ["block1", "block2", "block10"]


def test_other_layers_keep_the_order_of_the_log() -> None:
    """Names that differ in more than numbers say nothing about depth."""
    found = layer_norms(run(norm("stem", [1.0]), norm("body3", [1.0]), norm("head", [1.0])))
    assert [s.name for s in found] == ["stem", "body3", "head"]


def test_a_layer_without_gradient_throughout_is_frozen_and_left_out() -> None:
    """One that loses its gradient later is not."""
    found = layer_norms(run(norm("a", [0.0, 0.0]), norm("b", [1.0, 0.0]), norm("c", [1.0, 1.0])))
    assert [s.name for s in found] == ["b", "c"]


def test_the_ratio_is_that_of_first_and_last_where_it_exists() -> None:
    """Points that are not finite, or where the last layer is 0, are left out."""
    found = first_to_last(
        (norm("a", [1.0, 2.0, np.nan, 4.0]), norm("b", [9.0] * 4), norm("c", [2.0, 0.0, 1.0, 8.0]))
    )
    assert found.tolist() == [0.5, 0.5]
    assert len(first_to_last((norm("a", [1.0]),))) == 0


def test_the_levels_are_medians_of_the_first_tenth_and_the_last_third() -> None:
    """Of 1..30 the first three and the last ten, whatever is not finite."""
    early, late = levels(np.array([*range(1, 31), np.inf], dtype=np.float64))
    assert early == 2.0
    assert late == pytest.approx(25.5)
    assert all(math.isnan(x) for x in levels(np.array([np.nan])))
