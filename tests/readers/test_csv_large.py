"""Large tables read by pandas are the same, bit for bit, as read cell by cell; what is not plain is left to the latter."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck.errors import MlcheckError
from mlcheck.readers import assemble, csv, csv_large
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model import Run

HEADER = "step,train_loss,val_loss,lr\n"
ROWS = [f"{i},{1 / (i + 3)!r},{'' if i % 7 else repr(1 / (i + 2))},{1e-3 / (i + 1)!r}" for i in range(300)]
PLAIN = HEADER + "\n".join(ROWS) + "\n"


def with_row(row: str, at: int = 150) -> str:
    """Return the plain table with another row in its middle."""
    return HEADER + "\n".join([*ROWS[:at], row, *ROWS[at:]]) + "\n"


def runs(content: bytes) -> list[Run]:
    """Return the runs in a file."""
    return list(assemble.runs(list(csv.read(Source(name="x.csv", content=content))), columns={}).runs)


def assert_same(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that both ways to read give the same runs, to the last bit."""
    with monkeypatch.context() as patch:
        patch.setattr(csv_large, "pays", lambda _: False)
        expected = runs(content)
        patch.setattr(csv_large, "pays", lambda _: True)
        patch.setattr(csv_large, "PIECE", 1500)
        found = runs(content)
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert [(s.name, s.role) for s in mine.series] == [(s.name, s.role) for s in theirs.series]
        assert (mine.events, dict(mine.config)) == (theirs.events, dict(theirs.config))
        for a, b in zip(mine.series, theirs.series, strict=True):
            assert a.step.tobytes() == b.step.tobytes()
            np.testing.assert_array_equal(a.value, b.value)
            assert np.signbit(a.value).tolist() == np.signbit(b.value).tolist()


def large(content: bytes, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the table is read by pandas."""
    with monkeypatch.context() as patch:
        patch.setattr(csv_large, "PIECE", 1500)
        return csv_large.read(Source(name="x.csv", content=content)) is not None


FAST = {
    "plain": PLAIN,
    "dos": PLAIN.replace("\n", "\r\n"),
    "mark": "\ufeff" + PLAIN,
    "semicolons": PLAIN.replace(",", ";"),
    "tabs": PLAIN.replace(",", "\t"),
    "no line end": PLAIN[:-1],
    "cut": PLAIN + "300,0.1",
    "nan": with_row("150,nan,,0.1").replace(ROWS[40], "40,NaN,NaN,NAN"),
    "infinite": with_row("150,inf,-inf,Infinity"),
    "missing words": with_row("150,-,None,null"),
    "a text in one cell": with_row("150,oops,0.5,0.1"),
    "tensor": with_row("150,0.5,tensor(0.25),0.1"),
    "percent": with_row("150,0.5%,1.5 %,0.1"),
    "thousands": with_row('150,"1,234","1,234.5",0.1'),
    "not a number of Windows": with_row("150,1.#QNAN,0.5,0.1"),
    "header again": with_row(HEADER.strip()),
    "header again and again": PLAIN + HEADER + HEADER + "300,0.1,,0.1\n" + HEADER,
    "blank lines": with_row("\n\n"),
    "blank row": with_row(",,,"),
    "blank row, bad cell": with_row(",,,", 20).replace(ROWS[150], "150,oops,,0.1"),
    "short row": with_row("150,0.5"),
    "padded": PLAIN.replace(",", ",   "),
    "quoted": "".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in PLAIN.splitlines()
    ),
    "minus zero": with_row("150,-0,-0.0,0.1"),
    "large integers": with_row("150,18446744073709551616,-9223372036854775809,9007199254740993"),
    "beyond the range": with_row("150,1e400,1e-400,-1e400"),
    "text column": "".join(
        f"{line},{'note' if not i else f'row {i}'}\n" for i, line in enumerate(PLAIN.splitlines())
    ),
    "phase column": "".join(
        f"{line},{'phase' if not i else ('train', 'val')[i % 2]}\n"
        for i, line in enumerate(PLAIN.splitlines())
    ),
    "twice the same name": PLAIN.replace("val_loss", "train_loss"),
    "runs appended": PLAIN + PLAIN.split("\n", 1)[1],
    "decimal commas": PLAIN.replace(",", ";").replace(".", ","),
    "cell over two lines": with_row('150,"0.5\n",0.5,0.1'),
    "comment": with_row("# resumed"),
    "nul": with_row("150,0.5\0,0.5,0.1"),
    "old line ends": PLAIN.replace("\n", "\r"),
    "line ends of all kinds": PLAIN.replace("\n9", "\r\n9").replace("\n8", "\r8").replace("\n7", "\r\r\n7"),
    "no utf-8 in a text": with_row("150,0.5,\udcff,0.1"),
}
SLOW = {
    "comment and a bad cell": with_row("# resumed", 20).replace(ROWS[150], "150,oops,,0.1"),
    "wide row": with_row("150,0.5,0.5,0.1,7"),
    "other header": with_row("step,train_loss,val_loss,grad_norm"),
    "quotation mark never closed": with_row('150,"0.5,0.5,0.1'),
    "blanks between": PLAIN.replace(",,", ",0,").replace(",", " "),
    "no header": "\n".join(ROWS),
    "like a logged nan": with_row("150,nan,1e-287,0.1"),
}


def encoded(text: str) -> bytes:
    """Return the bytes of a text; a lone surrogate is the byte that is no UTF-8."""
    return text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("name", FAST)
def test_a_large_table_is_read_by_pandas_to_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a row in the middle or the end holds, no number, NaN, event or line is lost."""
    content = encoded(FAST[name])
    assert_same(content, monkeypatch)
    assert large(content, monkeypatch)
    assert_same(gzip.compress(content), monkeypatch)


@pytest.mark.parametrize("name", SLOW)
def test_what_is_not_plain_is_left_to_the_reading_cell_by_cell(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only that one knows what such a table means."""
    content = encoded(SLOW[name])
    assert not large(content, monkeypatch)
    if name != "no header":
        assert_same(content, monkeypatch)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_any_encoding_is_read_in_pieces(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows writes two bytes a letter, of which a piece may hold one."""
    content = with_row("150,0.5,näh,0.1").encode(encoding)
    assert_same(content, monkeypatch)
    assert large(content, monkeypatch)


def test_a_repeated_header_is_no_row_and_no_reason_to_read_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines of it next to each other, and one at the end, either."""
    (run,) = runs(encoded(FAST["header again and again"]))
    assert run.train_loss is not None
    assert len(run.train_loss) == 301


CELLS = st.sampled_from(
    ["1", "2.5", "", " ", "nan", "-inf", "1e-5", "+3", ".5", "7.", "1e400", "0x1", "1_0", "x", "--", "5%", "1d3", "3/4", "-0"]
) | st.floats().map(repr)  # fmt: skip


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=3, max_size=30), st.sampled_from(["\n", "\r\n", ""]))
@settings(max_examples=150, deadline=None)
def test_any_cells_are_the_same_both_ways(rows: list[tuple[str, str, str]], end: str) -> None:
    """Numbers that Python reads and pandas does not, and the other way round."""
    first = "".join(f"{i},0.5,0.6,0.1\n" for i in range(5))
    body = (end or "\n").join(",".join((str(i), *row)) for i, row in enumerate(rows, 5))
    with pytest.MonkeyPatch.context() as patch:
        assert_same(f"{HEADER}{first}{body}{end}".encode(), patch)


def test_a_table_with_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two bytes of text are eight of a number: the memory is bounded by the cells."""
    monkeypatch.setattr(csv_large, "MOST_CELLS", 1000)
    with pytest.raises(MlcheckError, match="at most 1,000 cells"):
        csv_large.read(Source(name="x.csv", content=PLAIN.encode()))


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its columns of texts are read in a second pass and would be longer than those of numbers."""
    path = tmp_path / "x.csv"
    path.write_text(FAST["text column"])
    monkeypatch.setattr(csv_large, "PIECE", 1500)
    first = csv_large._Reading.texts

    def grown(self: csv_large._Reading, rows: int) -> object:
        with path.open("a") as file:
            file.write("301,0.5,0.5,0.1,row\n")
        return first(self, rows)

    monkeypatch.setattr(csv_large._Reading, "texts", grown)
    with pytest.raises(MlcheckError, match="changed while being read"):
        csv_large.read(Source(name="x.csv", path=path))
