"""The cells of a table are numbers, blanks or NaN, however programs, spreadsheets and people wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.readers import assemble, cells, csv
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from mlcheck.model import Run, Series


def one(text: str) -> Run:
    """Read a CSV that holds one run."""
    (run,) = assemble.runs(list(csv.read(Source(name="log.csv", content=text.encode()))), columns={}).runs
    return run


def train(run: Run) -> Series:
    """Return the training loss, which must be there."""
    assert run.train_loss is not None
    return run.train_loss


def val(run: Run) -> Series:
    """Return the validation loss, which must be there."""
    assert run.val_loss is not None
    return run.val_loss


def test_blank_cells_are_no_points_and_nan_is_one() -> None:
    """A blank says that nothing was logged, `nan` that NaN was."""
    run = one("epoch,train_loss,val_loss\n1,0.9,\n2,nan,0.8\n3,0.5,\n4,0.4,0.7\n")
    assert val(run).step.tolist() == [2, 4]
    np.testing.assert_array_equal(train(run).value, [0.9, np.nan, 0.5, 0.4])


def test_a_sparse_column_filled_with_nan_at_even_gaps_is_sparse() -> None:
    """Evaluation every second epoch, the gaps written as nan: those are no NaN losses."""
    rows = "".join(f"{i},{1 / (i + 1)},{0.5 if i % 2 else 'nan'}\n" for i in range(10))
    run = one("epoch,train_loss,val_loss\n" + rows)
    assert len(val(run)) == 5
    assert np.isfinite(val(run).value).all()


def test_evaluations_that_are_nan_here_and_there_stay_nan() -> None:
    """Half of the values NaN without a pattern is a model that fails, not a sparse column."""
    values = [0.9, "nan", "nan", 0.8, "nan", 0.7, 0.6, "nan", "nan", 0.5]
    rows = "".join(f"{i},{1 / (i + 1)},{v}\n" for i, v in enumerate(values))
    run = one("epoch,train_loss,val_loss\n" + rows)
    assert len(val(run)) == 10
    assert np.isnan(val(run).value).sum() == 5


def test_rows_of_two_kinds_filled_with_nan_are_two_sparse_columns() -> None:
    """Train rows and evaluation rows of one table never have both numbers: their NaN are gaps."""
    rows = "".join(
        f"{i},{1 / (i + 1)},nan\n" + (f"{i},nan,{2 / (i + 1)}\n" if i % 10 == 9 else "") for i in range(40)
    )
    run = one("step,train_loss,val_loss\n" + rows)
    assert len(train(run)) == 40
    assert len(val(run)) == 4
    assert np.isfinite(train(run).value).all()


def test_a_run_that_turns_nan_and_stays_nan_keeps_every_nan() -> None:
    """Divergence must not be taken for a gap."""
    rows = "".join(f"{i},{1 / (i + 1) if i < 5 else 'nan'},{1 if i < 6 else 'nan'}\n" for i in range(12))
    run = one("epoch,train_loss,val_loss\n" + rows)
    assert np.isnan(train(run).value).sum() == 7
    assert np.isnan(val(run).value).sum() == 6


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.#QNAN", np.nan), ("-1.#IND", np.nan), ("NaN", np.nan), ("-nan(ind)", np.nan), ("inf", np.inf), ("-inf", -np.inf),
        ("Infinity", np.inf), ("-Infinity", -np.inf), ("1.#INF", np.inf), ("-1.#INF", -np.inf), ("tensor(0.31)", 0.31),
        ("tensor(0.31, device='cuda:0')", 0.31), ("tensor(0.31, grad_fn=<NllLossBackward0>)", 0.31), ("[0.31]", 0.31),
        ("np.float32(0.31)", 0.31), ("31%", 31.0), ("31.5 %", 31.5), ('"1,234.5"', 1234.5), ('"12,345"', 12345.0), ("1e-3", 0.001),
        ("1.5E+2", 150.0), (".5", 0.5), ("+0.5", 0.5), ("'0.5'", 0.5),
    ],
)  # fmt: skip
def test_a_loss_is_read_however_it_was_printed(cell: str, value: float) -> None:
    """NaN, infinities, tensors, percent signs and thousands are numbers."""
    run = one(f"epoch,train_loss,val_loss\n1,0.9,1.0\n2,{cell},0.9\n3,0.7,0.8\n")
    np.testing.assert_array_equal(train(run).value, [0.9, value, 0.7])
    assert val(run).value.tolist() == [1.0, 0.9, 0.8]


def test_every_cell_a_tensor_with_commas_keeps_the_columns_apart() -> None:
    """`tensor(0.31, device='cuda:0')` written without quotation marks holds a comma of its own."""
    rows = "".join(f"{i},tensor({1 / (i + 1)}, device='cuda:0', grad_fn=<X>),0.5\n" for i in range(4))
    run = one("epoch,train_loss,val_loss\n" + rows)
    assert train(run).value.tolist() == [1 / (i + 1) for i in range(4)]
    assert val(run).value.tolist() == [0.5] * 4


def test_decimal_commas_are_read_between_semicolons() -> None:
    """A spreadsheet in German or French writes 0,53 and 1.234,5."""
    run = one("epoch;train_loss;val_loss\n1;1.234,5;1,25\n2;0,532;1,125\n3;1,234;0,875\n")
    assert train(run).value.tolist() == [1234.5, 0.532, 1.234]
    assert val(run).value.tolist() == [1.25, 1.125, 0.875]


def test_thousands_are_told_from_decimals_by_the_rest_of_the_column() -> None:
    """12,000 beside 1,234,567 is twelve thousand."""
    run = one("step\ttrain_loss\n1,000\t0.9\n12,000\t0.8\n1,234,567\t0.7\n")
    assert train(run).step.tolist() == [1000, 12000, 1234567]


def test_an_epoch_of_a_total_counts() -> None:
    """YOLOv7 writes 0/19."""
    run = one("epoch,train_loss\n0/19,0.9\n1/19,0.8\n2/19,0.7\n")
    assert train(run).step.tolist() == [0, 1, 2]


@given(st.floats(allow_nan=False))
def test_a_number_printed_by_python_is_read_back(value: float) -> None:
    """Whatever `str` prints."""
    assert cells.number(str(value)) == value
    assert cells.number(f"tensor({value})") == value


@pytest.mark.parametrize(
    "text", ["", "abc", "1 2", "2024_05", "12:30", "1,2,3", "0x10", "--", "{'a': 1}", "[1, 2] x"]
)
def test_a_text_is_no_number(text: str) -> None:
    """What only begins like a number, or that only Python takes for one."""
    assert cells.number(text) is None


@given(st.text(max_size=30))
def test_any_cell_is_a_number_or_none(text: str) -> None:
    """Cells are untrusted: none may raise."""
    found = cells.number(text)
    assert found is None or isinstance(found, float)


@pytest.mark.parametrize("blank", ["", " ", "-", "_", "NA", "N/A", "None", "null", "<NA>"])
def test_a_blank_however_written_is_no_point(blank: str) -> None:
    """Keras writes NA, pandas <NA>, Flair _, W&B null."""
    column = cells.column(["0.5", blank, "0.25"])
    assert column.present.tolist() == [True, False, True]
    assert not column.bad


def test_rows_taken_from_a_column_keep_their_bad_cells() -> None:
    """The place of a bad cell moves with its row."""
    column = cells.column(["1", "x", "2", "y", "3"])
    assert column.bad == (1, 3)
    assert column.rows(np.array([False, False, True, True, True])).bad == (1,)
    assert column.at(np.array([4, 3, 2, 1, 0])).bad == (3, 1)
