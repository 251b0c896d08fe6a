"""Tables as data sets: CSV, Parquet, JSON and JSON lines give the same columns; the kinds are found from what is in them."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import DataWanted
from mlcheck.readers.datasets import read_datasets

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model.dataset import Column, DataRead, Dataset


def write(path: Path, text: str) -> str:
    """Write a file and return its path as a user types it."""
    path.write_text(text, encoding="utf-8")
    return str(path)


def read(train: str, **wanted: Any) -> DataRead:
    """Read what the user named."""
    return read_datasets(DataWanted(train=train, **wanted))


def column_of(path: Path, cells: list[str]) -> Column:
    """Return the one column of interest of a table with a counter beside it."""
    rows = "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    return read(write(path / "one.csv", "n,c\n" + rows)).train.column("c")


def held(column: Column) -> list[object]:
    """Return the cells of a column as plain values, None for missing ones."""
    if column.numbers is not None:
        return [None if np.isnan(value) else value for value in column.numbers.tolist()]
    if column.codes is not None:
        names = (*column.names, None)
        return [names[code] for code in column.codes.tolist()]
    assert column.texts is not None
    return list(column.texts)


def same(a: Dataset, b: Dataset) -> None:
    """Assert that two data sets hold the same columns."""
    assert [(c.name, c.kind, c.names, c.whole, dict(c.odd)) for c in a.columns] == [
        (c.name, c.kind, c.names, c.whole, dict(c.odd)) for c in b.columns
    ]
    for left, right in zip(a.columns, b.columns, strict=True):
        assert held(left) == held(right)
        assert left.odd_rows.tolist() == right.odd_rows.tolist()


def mixed(rows: int = 60) -> pd.DataFrame:
    """Return a table with a column of every kind."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "age": draw.integers(18, 80, rows),
            "income": draw.normal(size=rows).round(3),
            "city": draw.choice(["Köln", "Lyon", "Oslo"], rows),
            "member": draw.choice([True, False], rows),
            "joined": pd.date_range("2020-01-01", periods=rows, freq="7h").astype(str),
            "review": [
                f"the parcel number {i} came {draw.integers(9)} days late and was wet" for i in range(rows)
            ],
            "outcome": draw.choice(["kept", "left"], rows),
        }
    )
    frame.loc[3, "income"] = np.nan
    frame.loc[4, "city"] = None
    return frame


def test_every_kind_is_found_from_the_content(tmp_path: Path) -> None:
    """Numbers, categories, truth values, dates and text are told apart; the target is found by its name."""
    frame = mixed()
    frame.to_csv(tmp_path / "data.csv", index=False)
    made = read(str(tmp_path / "data.csv")).train
    assert {c.name: c.kind for c in made.columns} == {
        "age": "number", "income": "number", "city": "category", "member": "boolean",
        "joined": "date", "review": "text", "outcome": "category",
    }  # fmt: skip
    assert [c.name for c in made.columns if c.whole] == ["age"]
    assert (made.target, made.goal, made.reader, made.source, made.id) == (
        "outcome",
        "classification",
        "csv",
        "data.csv",
        "data",
    )
    assert held(made.column("age")) == frame["age"].tolist()
    assert np.flatnonzero(made.column("income").missing).tolist() == [3]
    assert np.flatnonzero(made.column("city").missing).tolist() == [4]
    assert made.column("city").names == ("Köln", "Lyon", "Oslo")
    seconds = (pd.to_datetime(frame["joined"]) - pd.Timestamp("1970-01-01")).dt.total_seconds()
    assert held(made.column("joined")) == seconds.tolist()


@pytest.mark.parametrize("form", ["tsv", "semicolon", "pipe", "gzip", "utf-16", "single", "jsonl", "array", "columns", "split", "parquet"])  # fmt: skip
def test_every_format_gives_the_same_columns(tmp_path: Path, form: str) -> None:
    """What a table holds does not depend on how it is written."""
    frame = mixed()
    frame.to_csv(tmp_path / "data.csv", index=False)
    path = tmp_path / f"other.{form}"
    if form in ("tsv", "semicolon", "pipe"):
        frame.to_csv(path, index=False, sep={"tsv": "\t", "semicolon": ";", "pipe": "|"}[form])
    elif form == "gzip":
        path.write_bytes(gzip.compress((tmp_path / "data.csv").read_bytes()))
    elif form == "utf-16":
        frame.to_csv(path, index=False, encoding="utf-16")
    elif form == "single":
        frame.to_csv(path, index=False, quotechar="'", quoting=1)
    elif form == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif form == "array":
        frame.to_json(path, orient="records")
    elif form == "columns":
        path.write_text(json.dumps(json.loads(frame.to_json(orient="columns"))), encoding="utf-8")
    elif form == "split":
        frame.to_json(path, orient="split")
    else:
        pytest.importorskip("pyarrow", reason="Parquet is read by pyarrow, the extra `parquet`")
        frame.to_parquet(path)
    same(read(str(path)).train, read(str(tmp_path / "data.csv")).train)


def test_odd_cells_among_numbers_are_told_and_count_as_missing(tmp_path: Path) -> None:
    """The column stays one of numbers; the odd texts and their rows are known."""
    cells = [str(i) for i in range(100)]
    cells[7], cells[30], cells[31], cells[90] = "N/A", "?", "?", "unknown"
    made = column_of(tmp_path, cells)
    assert (made.kind, made.whole) == ("number", True)
    assert dict(made.odd) == {"?": 2, "N/A": 1, "unknown": 1}
    assert made.odd_rows.tolist() == [7, 30, 31, 90]
    assert np.flatnonzero(made.missing).tolist() == [7, 30, 31, 90]


def test_a_column_of_mostly_question_marks_is_one_of_numbers(tmp_path: Path) -> None:
    """Words that stand for no number may be many."""
    made = column_of(tmp_path, ["?"] * 40 + ["1.5", "2.5"])
    assert (made.kind, dict(made.odd)) == ("number", {"?": 40})


def test_texts_that_are_mostly_numbers_are_a_category(tmp_path: Path) -> None:
    """Ticket numbers with letters in a fifth of them are names of tickets."""
    made = column_of(tmp_path, [f"A{i}" if i % 5 == 0 else str(i) for i in range(100)])
    assert (made.kind, len(made.names), dict(made.odd)) == ("category", 100, {})
    assert held(made)[:3] == ["A0", "1", "2"]


def test_disguised_missing_values_stay_numbers(tmp_path: Path) -> None:
    """A -999 among numbers is a number: a rule looks for it."""
    made = column_of(tmp_path, ["1", "2", "-999", "4"])
    assert held(made) == [1, 2, -999, 4]


@pytest.mark.parametrize("blank", ["", "nan", "NA", "NULL", "<NA>"])
def test_what_programs_write_for_missing_is_missing(tmp_path: Path, blank: str) -> None:
    """In numbers and in categories alike, and not odd."""
    for cells in (["1", blank, "3"], ["a", blank, "b"]):
        made = column_of(tmp_path, cells)
        assert made.missing.tolist() == [False, True, False]
        assert not made.odd


@pytest.mark.parametrize(
    ("yes", "no"), [("yes", "no"), ("Yes", "No"), ("TRUE", "FALSE"), ("true", "false"), ("Y", "N")]
)
def test_words_for_truth_values_are_boolean(tmp_path: Path, yes: str, no: str) -> None:
    """1 is true, 0 is false, NaN is missing."""
    made = column_of(tmp_path, [yes, no, "", yes])
    assert (made.kind, held(made)) == ("boolean", [1.0, 0.0, None, 1.0])


def test_zeros_and_ones_are_numbers(tmp_path: Path) -> None:
    """Truth values written as integers stay numbers."""
    made = column_of(tmp_path, ["0", "1", "1"])
    assert (made.kind, made.whole) == ("number", True)


@pytest.mark.parametrize(
    "cells",
    [
        ["2021-03-04", "2021-03-05", "2022-12-31"],
        ["2021-03-04T10:00:00Z", "2021-03-05T11:30:00Z", "2022-12-31T00:00:01Z"],
        ["03/04/2021", "03/05/2021", "12/31/2022"],
        ["04/03/2021", "05/03/2021", "31/12/2022"],
        ["04.03.2021", "05.03.2021", "31.12.2022"],
        ["4-Mar-2021", "5-Mar-2021", "31-Dec-2022"],
    ],
)
def test_common_ways_to_write_a_day_are_dates(tmp_path: Path, cells: list[str]) -> None:
    """Days come out as seconds since 1970."""
    made = column_of(tmp_path, cells)
    days = [int(value // 86400) for value in np.asarray(made.numbers)]
    assert (made.kind, days) == ("date", [18690, 18691, 19357])


def test_identifiers_are_a_category_and_long_numbers_keep_their_digits(tmp_path: Path) -> None:
    """Integers that a float does not tell apart are read as they are written."""
    made = column_of(tmp_path, ["9007199254740993", "9007199254740992", "5"])
    assert (made.kind, held(made)) == ("category", ["9007199254740993", "9007199254740992", "5"])
    names = column_of(tmp_path, [f"u-{i:05d}" for i in range(50)])
    assert (names.kind, len(names.names)) == ("category", 50)


def test_an_infinite_number_is_odd(tmp_path: Path) -> None:
    """No column of numbers holds one."""
    made = column_of(tmp_path, ["1.5", "inf", "-inf", "2.5"])
    assert held(made) == [1.5, None, None, 2.5]
    assert dict(made.odd) == {"inf": 1, "-inf": 1}


def test_decimal_commas_thousands_and_percent_are_numbers(tmp_path: Path) -> None:
    """As spreadsheets write them."""
    made = read(write(tmp_path / "a.csv", "a;b\n1,5;12%\n2,5;13%\n-0,5;14%\n")).train
    assert held(made.column("a")) == [1.5, 2.5, -0.5]
    assert held(made.column("b")) == [12, 13, 14]
    other = column_of(tmp_path, ['"1,200"', '"3,400,000"', "900", "$5"])
    assert held(other) == [1200, 3_400_000, 900, 5]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("5.1,3.5,setosa\n4.9,3.0,virginica\n", ["column 1", "column 2", "column 3"]),
        ("0,1,2\n5,6,7\n8,9,9\n", ["0", "1", "2"]),
        ("# made by R\na b c\n1 2 3\n4 5 6\n", ["a", "b", "c"]),
        ("# a,b\n1,2\n3,4\n", ["a", "b"]),
        (",a,b\n0,5,6\n1,7,8\n", ["column 1", "a", "b"]),
        ('"a","b"\n"1",5,6\n"2",7,8\n', ["column 1", "a", "b"]),
        ("a,a,b\n1,2,3\n4,5,6\n", ["a", "a.2", "b"]),
        ("a,b,\n1,2,\n3,4,\n", ["a", "b"]),
        ("age, job\n39, State-gov\n40, Private\n", ["age", "job"]),
        ("only\n1\n2\n", ["only"]),
    ],
)
def test_the_columns_of_a_text_are_named(tmp_path: Path, text: str, names: list[str]) -> None:
    """With and without a header, with an index, with remarks, with a mark at the end of the line."""
    made = read(write(tmp_path / "a.csv", text)).train
    assert [c.name for c in made.columns] == names
    assert len(made) == 2


def test_odd_cells_far_into_a_large_file_keep_the_column_of_numbers(tmp_path: Path) -> None:
    """Pieces agree on what a column is, however late a text comes."""
    rows = 300_000
    lines = [f"{i},{i / 4},w{i % 7}\n" for i in range(rows)]
    lines[280_000] = "280000,broken,w0\n"
    made = read(write(tmp_path / "a.csv", "n,x,w\n" + "".join(lines))).train
    assert (made.column("x").kind, dict(made.column("x").odd)) == ("number", {"broken": 1})
    assert made.column("x").odd_rows.tolist() == [280_000]
    assert held(made.column("x"))[-1] == (rows - 1) / 4
    assert held(made.column("w"))[-1] == f"w{(rows - 1) % 7}"


def test_numbers_that_turn_into_texts_are_read_as_they_are_written(tmp_path: Path) -> None:
    """Leading zeros are kept where the column turns out to be one of names."""
    lines = [f"{i},{i:07d}\n" if i < 270_000 else f"{i},x{i % 50_000}\n" for i in range(400_000)]
    made = read(write(tmp_path / "a.csv", "n,x\n" + "".join(lines))).train.column("x")
    assert (made.kind, held(made)[5], held(made)[-1]) == ("category", "0000005", "x49999")


def test_lists_of_numbers_in_json_are_columns_and_objects_are_opened(tmp_path: Path) -> None:
    """An embedding of three numbers is three columns; `user.age` is a column."""
    rows = [{"e": [i, 0.5, 1], "user": {"age": i}, "tags": ["a", "b"]} for i in range(4)]
    made = read(write(tmp_path / "a.json", json.dumps(rows))).train
    assert [c.name for c in made.columns] == ["e[0]", "e[1]", "e[2]", "user.age", "tags"]
    assert held(made.column("tags")) == ["a b"] * 4


def test_odd_cells_in_json_and_parquet_are_told(tmp_path: Path) -> None:
    """A text among numbers is odd in every format."""
    values = [str(i) for i in range(40)]
    values[9] = "N/A"
    as_json = [{"x": "N/A" if i == 9 else i} for i in range(40)]
    made = read(write(tmp_path / "a.json", json.dumps(as_json))).train.column("x")
    assert (made.kind, dict(made.odd), made.odd_rows.tolist()) == ("number", {"N/A": 1}, [9])
    pytest.importorskip("pyarrow", reason="Parquet is read by pyarrow, the extra `parquet`")
    pd.DataFrame({"x": values}).to_parquet(tmp_path / "a.parquet")
    other = read(str(tmp_path / "a.parquet")).train.column("x")
    assert (other.kind, dict(other.odd), other.odd_rows.tolist()) == ("number", {"N/A": 1}, [9])


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    """Timestamps, truth values with blanks, dictionaries, decimals."""
    pa = pytest.importorskip("pyarrow", reason="Parquet is read by pyarrow, the extra `parquet`")
    import pyarrow.parquet as pq

    days = pa.array([0, 86_400_000_000, None], pa.timestamp("us"))
    flags = pa.array([True, None, False])
    words = pa.array(["b", "a", None]).dictionary_encode()
    cents = pa.array([1, 2, 3], pa.int64()).cast(pa.decimal128(24, 2))
    pq.write_table(pa.table({"d": days, "f": flags, "w": words, "m": cents}), tmp_path / "a.parquet")
    made = read(str(tmp_path / "a.parquet")).train
    assert [c.kind for c in made.columns] == ["date", "boolean", "category", "number"]
    assert [held(c) for c in made.columns] == [[0, 86400, None], [1, None, 0], ["b", "a", None], [1, 2, 3]]


def test_standard_input_is_read(tmp_path: Path) -> None:
    """`-` is what is piped in."""
    made = read_datasets(DataWanted(train="-"), stdin=lambda: b"a,b\n1,2\n3,4\n").train
    assert (made.source, len(made)) == ("-", 2)


def test_a_folder_of_parts_is_one_table(tmp_path: Path) -> None:
    """Files of the same columns are read under each other, in the order of their names."""
    (tmp_path / "parts").mkdir()
    write(tmp_path / "parts" / "a.csv", "x,w\n1,a\n2,b\n")
    write(tmp_path / "parts" / "b.csv", "x,w\n3,c\n?,a\n")
    made = read(str(tmp_path / "parts")).train
    assert held(made.column("x")) == [1, 2, 3, None]
    assert made.column("x").odd_rows.tolist() == [3]
    assert held(made.column("w")) == ["a", "b", "c", "a"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected a table, found an empty file"),
        ("\n\n", "expected a table, found an empty file"),
        ("a,b\n", "found only the names of columns"),
        ("a,b\n1,2\n3,4,5\n", "expected rows of 2 cells"),
        ("[]", "found an empty list"),
        ('{"a": 1', "JSON"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git-LFS pointer"),
        ("a,b\0\n1,2\n", "binary data"),
    ],
)
def test_what_is_no_table_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    """Empty files, headers alone, rows of other widths, broken JSON."""
    with pytest.raises(MlcheckError, match=told) as caught:
        read(write(tmp_path / "a.csv", text))
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_without_data_are_told(tmp_path: Path) -> None:
    """With what to try."""
    with pytest.raises(MlcheckError, match="found none of that name"):
        read(str(tmp_path / "nothing.csv"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(MlcheckError, match="expected images in a folder for each class, or one table"):
        read(str(tmp_path / "empty"))


@pytest.mark.parametrize("content", [b"\x80\x04\x95" + b"\0" * 20, b"PK\x03\x04\x14\0\0\0", b"\x93NUMPY\x01\0", b"\x89PNG\r\n\x1a\n\0"])  # fmt: skip
def test_binary_files_are_refused(tmp_path: Path, content: bytes) -> None:
    """No pickle is loaded; the safe alternative is named."""
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(MlcheckError, match="save the rows as CSV or Parquet"):
        read(str(tmp_path / "a.csv"))


def test_a_gzip_file_that_is_cut_is_told(tmp_path: Path) -> None:
    """A part of a table is none."""
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 9999)[:-20])
    with pytest.raises(MlcheckError, match="cut short"):
        read(str(tmp_path / "a.csv.gz"))
