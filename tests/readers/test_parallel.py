"""Parallel text files, and texts and log-probabilities from the cells of tables."""

from __future__ import annotations

import gzip
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Texts, Tokens
from mlcheck.readers.predictions import texts, tokens
from mlcheck.readers.predictions.parallel import read_parallel
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path


def source(name: str, content: bytes | str) -> Source:
    """Return a named input."""
    return Source(name=name, content=content.encode() if isinstance(content, str) else content)


def read(hypothesis: bytes | str, *references: bytes | str) -> Texts:
    """Return the texts of parallel files."""
    files = [source(f"ref{i}.txt", reference) for i, reference in enumerate(references, 1)]
    content = read_parallel(source("hyp.txt", hypothesis), files).content
    assert isinstance(content, Texts)
    return content


# Files


def test_line_i_of_each_reference_belongs_to_line_i_of_the_hypothesis(tmp_path: Path) -> None:
    """Two references; what was read is said with the names of the files."""
    (tmp_path / "hyp.en.txt").write_text("one\ntwo\n")
    found = read_parallel(
        Source(name="runs/hyp.en.txt", path=tmp_path / "hyp.en.txt"),
        [source("a.txt", "eins\nzwei\n"), source("b.txt", "un\ndeux")],
    )
    assert (found.id, found.source, found.task, found.rows) == (
        "runs/hyp.en",
        "runs/hyp.en.txt",
        "generation",
        2,
    )
    assert found.columns == {"hypothesis": ("runs/hyp.en.txt",), "reference": ("a.txt", "b.txt")}
    assert isinstance(found.content, Texts)
    assert found.content.hypotheses == ("one", "two")
    assert found.content.references == (("eins", "zwei"), ("un", "deux"))
    assert not found.doubts


@pytest.mark.parametrize(
    "content",
    [
        b"caf\xc3\xa9\nb\n",
        b"caf\xc3\xa9\r\nb\r\n",
        b"caf\xc3\xa9\rb\r",
        b"caf\xc3\xa9\nb",
        b"\xef\xbb\xbfcaf\xc3\xa9\nb\n",
        "café\nb\n".encode("utf-16"),
        gzip.compress(b"caf\xc3\xa9\nb\n"),
    ],
    ids=["plain", "crlf", "cr", "no final newline", "bom", "utf-16", "gzip"],
)
def test_the_same_lines_are_read_however_they_are_written(content: bytes) -> None:
    """Line ends, byte-order marks and compression are settled."""
    assert read(content, "x\ny").hypotheses == ("café", "b")


def test_separators_within_a_line_do_not_end_it() -> None:
    """U+2028, U+0085, form feeds and a lone carriage return are part of the text, as for sacreBLEU's line counts."""
    assert read("a\u2028b\u2029c\x85d\x0ce\x1cf\rg\nh\n", "x\ny\n").hypotheses == (
        "a\u2028b\u2029c\x85d\x0ce\x1cf\rg",
        "h",
    )


def test_empty_lines_are_texts_and_are_counted() -> None:
    """A model that said nothing is scored for it; the first lines are named."""
    found = read_parallel(source("hyp.txt", "a\n\n \nb\n\n\n"), [source("ref.txt", "1\n2\n3\n4\n5\n6\n")])
    assert found.rows == 6
    assert found.doubts == ("4 lines of hyp.txt are empty (lines 2, 3, 5, …)",)


@pytest.mark.parametrize(
    ("own", "references", "message"),
    [
        (3002, [3003], "hyp.txt: expected 3,003 lines as in ref1.txt, found 3,002; try one text a line, "),
        (1, [2], "hyp.txt: expected 2 lines as in ref1.txt, found 1; "),
        (2, [1], "hyp.txt: expected 1 line as in ref1.txt, found 2; "),
        (3, [3, 4], "ref2.txt: expected 3 lines as in ref1.txt, found 4; "),
        (
            3,
            [2, 2, 2],
            "hyp.txt: expected 2 lines as in ref1.txt, found 3; there are as many files of references as texts",
        ),
    ],
)
def test_different_numbers_of_lines_are_refused_with_both(
    own: int, references: list[int], message: str
) -> None:
    """One line with the counts and names; references by text instead of by set (transposed) are recognised."""
    with pytest.raises(MlcheckError) as caught:
        read("x\n" * own, *("y\n" * count for count in references))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "found an empty file"),
        (b"PAR1\0\0\0\0\1\2\3", "found no plain text"),
        (b"a\nb\0c\n", "found no plain text"),
        (gzip.compress(b"a\nb\n" * 1000, mtime=0)[:-30], "found one cut short"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n", "found a Git-LFS pointer"),
    ],
)
def test_what_is_no_text_is_refused_by_name(content: bytes, problem: str) -> None:
    """Empty, binary, cut or absent content: one line."""
    with pytest.raises(MlcheckError, match=rf"^ref1\.txt: .*{problem}"):
        read("a\n", content)


def test_no_reference_is_refused() -> None:
    """A hypothesis alone cannot be scored."""
    with pytest.raises(MlcheckError, match="expected a file of references"):
        read_parallel(source("hyp.txt", "a\n"), [])


def test_what_may_be_wrong_is_said() -> None:
    """Other encodings, broken characters, a reference given as hypothesis, copies."""
    latin = read_parallel(source("hyp.txt", "größe\n".encode("latin-1")), [source("ref.txt", "größe\n")])
    assert latin.doubts == (
        "hyp.txt is not UTF-8 and was read as Latin-1",
        "every line of hyp.txt equals that of ref.txt",
    )
    late = b"a" * 70000 + b"\n\xff\n"
    broken = read_parallel(source("hyp.txt", late), [source("ref.txt", "a\nb\n")])
    assert broken.doubts == ("1 line of hyp.txt is not valid UTF-8 (line 2)",)
    copies = read_parallel(source("hyp.txt", "a\na\na\n"), [source("ref.txt", "b\nb\nc\n")])
    assert copies.repeated == 1


# Texts of tables


def test_references_come_by_column_by_list_and_as_json() -> None:
    """A column each, a list a cell, or lists written as JSON; fewer references leave None."""
    by_column = texts.from_columns(["a", "b"], [["r", "s"], ["t", None]], where="f.csv").texts
    assert by_column.references == (("r", "s"), ("t", None))
    by_list = texts.from_columns(["a", "b"], [[["r", "t"], ["s"]]], where="f.jsonl").texts
    assert by_list.references == by_column.references
    as_json = texts.from_columns(["a", "b"], [['["r", "t"]', '["s"]']], where="f.csv").texts
    assert as_json.references == by_column.references
    arrays = texts.from_columns(
        ["a", "b"], [[np.array(["r", "t"], dtype=object), ["s"]]], where="f.parquet"
    ).texts
    assert arrays.references == by_column.references


def test_text_in_brackets_is_no_list_unless_all_cells_are() -> None:
    """A reference that begins with a bracket is a text."""
    found = texts.from_columns(["a", "b"], [['["r"]', "s"]], where="f.csv").texts
    assert found.references == (('["r"]', "s"),)
    assert texts.from_columns(["a"], [["[1, 2]"]], where="f.csv").texts.references == (("[1, 2]",),)
    assert texts.from_columns(["a"], [["[" * 9999 + "]"]], where="f.csv").texts.references


def test_blank_hypotheses_are_empty_texts_and_rows_without_reference_are_left_out() -> None:
    """Which rows are kept is said; numbers are texts (answers such as 42)."""
    found = texts.from_columns(["a", None, math.nan, 42], [["r", "s", None, 42]], where="f.csv")
    assert found.texts.hypotheses == ("a", "", "42")
    assert found.texts.references == (("r", "s", "42"),)
    assert found.kept.tolist() == [True, True, False, True]


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        (["a", "b", "c"], [["r", "s"]], "expected 3 references as there are hypotheses, found 2; try a list"),
        (["a", ["b"]], [["r", "s"]], "row 2: expected a text, found a list"),
        (["a", "b"], [["r", {"x": 1}]], "row 2: expected a text, found an object"),
        (["a", "b"], [[None, None]], "expected references of 2 texts, found none"),
    ],
)
def test_columns_that_are_no_texts_are_refused(hypotheses: list[Any], references: Any, message: str) -> None:
    """Transposed references by their number, other cells by their row."""
    with pytest.raises(MlcheckError) as caught:
        texts.from_columns(hypotheses, references, where="f.json")
    assert str(caught.value).startswith(f"f.json: {message}")


# Log-probabilities of tables


def lists(cells: list[Any], column: str = "logprobs", **more: Any) -> Tokens:
    """Return the sums of cells that hold lists."""
    return tokens.from_lists(cells, scale=tokens.scale_of(column), where="f.jsonl", **more)


@pytest.mark.parametrize(
    ("column", "base", "told", "negated"),
    [
        ("logprob", "e", False, False),
        ("token_log_probs", "e", False, False),
        ("log2prob", "2", True, False),
        ("log_2 p", "2", True, False),
        ("log10_prob", "10", True, False),
        ("ln_p", "e", True, False),
        ("nll", "e", False, True),
        ("surprisal_bits", "2", True, True),
        ("bits", "2", True, True),
        ("neg_log_prob", "e", False, True),
    ],
)
def test_a_columns_name_tells_the_base_and_the_sign(
    column: str, base: str, told: bool, negated: bool
) -> None:
    """Where it does not, logarithms are natural and that is said to be a guess."""
    assert tokens.scale_of(column) == tokens.Scale(base=base, told=told, negated=negated)


def test_the_user_wins_over_the_name_and_an_unknown_base_is_refused() -> None:
    """Only e, 2 and 10."""
    assert tokens.scale_of("log2prob", "10") == tokens.Scale(base="10", told=True)
    with pytest.raises(MlcheckError, match=r"expected one of e, 2, 10, found '3'"):
        tokens.scale_of("logprob", "3")


def test_lists_of_log_probabilities_are_summed_by_text() -> None:
    """Lists, arrays, JSON, what NumPy prints, a chat API's entries; a first entry without value is not predicted."""
    found = lists(
        [
            [-1.0, -2.0],
            np.array([-1.0, -2.0]),
            "[-1.0, -2]",
            "[-1. -2.]",
            [None, -1.0, -2.0],
            "[nan -1 -2]",
            [{"token": "a", "logprob": -1.0}, {"token": "b", "logprob": -2.0}],
            [],
        ]
    )
    assert found.log_probability.tolist() == [-3.0] * 7 + [0.0]
    assert found.tokens.tolist() == [2.0] * 7 + [0.0]
    assert (found.base, found.base_told, found.words, found.bytes_) == ("e", False, None, None)


def test_other_bases_and_signs_become_natural_logarithms() -> None:
    """A probability of 1/8 three ways."""
    assert lists([[-3.0]], "log2prob").log_probability[0] == pytest.approx(math.log(1 / 8))
    assert lists([[math.log10(1 / 8)]], "log10p").log_probability[0] == pytest.approx(math.log(1 / 8))
    assert lists([[3.0]], "surprisal_bits").log_probability[0] == pytest.approx(math.log(1 / 8))
    assert lists([[-3.0]], "log2prob").base == "2"


def test_texts_are_counted_in_words_characters_and_bytes() -> None:
    """White space parts words; an umlaut is one character and two bytes."""
    found = lists([[-1.0], [-1.0]], texts=["für  dich", "猫"])
    assert found.words is not None
    assert found.characters is not None
    assert found.bytes_ is not None
    assert (found.words.tolist(), found.characters.tolist(), found.bytes_.tolist()) == (
        [2, 1],
        [9, 1],
        [10, 3],
    )


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ([[-1.0], [-1.0, 0.35]], "logprobs", "row 2: expected a log-probability of at most 0, found 0.35"),
        (
            [[0.9], [0.35]],
            "logprobs",
            "row 1: expected a log-probability of at most 0, found 0.9; these look like probabil",
        ),
        (
            [[2.0, 0.35]],
            "logprobs",
            "row 1: expected a log-probability of at most 0, found 2; these look like negative",
        ),
        ([[1.0], [-2.0]], "nll", "row 2: expected a log-probability of at least 0, found -2"),
        ([[-1.0], "-1.0"], "logprobs", "row 2: expected a list of log-probabilities, found '-1.0'"),
        ([[-1.0], None], "logprobs", "row 2: expected a list of log-probabilities, found 'None'"),
        ([["x", -1.0]], "logprobs", "row 1: expected log-probabilities, found 'x'"),
        ([[{"token": "a"}]], "logprobs", "row 1: expected log-probabilities, found \"{'token': 'a'}\""),
        ([[-1.0, None, -2.0]], "logprobs", "row 1: expected log-probabilities, found a gap among them"),
    ],
)
def test_what_is_no_log_probability_is_refused_with_its_row(
    cells: list[Any], column: str, message: str
) -> None:
    """Positive numbers, gaps and other cells; probabilities are recognised."""
    with pytest.raises(MlcheckError) as caught:
        lists(cells, column)
    assert str(caught.value).startswith(f"f.jsonl: {message}")


def test_rounding_above_zero_and_a_probability_of_zero_are_log_probabilities() -> None:
    """Single precision gives 1e-7 for certainty; minus infinity stays and makes the perplexity undefined."""
    found = lists([[1e-7, -1.0], "[-Infinity, -1]"])
    assert found.log_probability.tolist() == [-1.0, -math.inf]


def test_rows_of_tokens_are_summed_by_sequence() -> None:
    """In any order of rows; the pieces joined are the text; the first of a text may be blank."""
    values = np.array([math.nan, -1.0, math.nan, -2.0, -3.0])
    sequence = np.array([1, 1, 0, 0, 1], dtype=np.int32)
    found = tokens.from_rows(
        values,
        sequence,
        scale=tokens.scale_of("logprob"),
        where="f.csv",
        pieces=["Ü", "ber", "a", " b", " c"],
    )
    assert found.log_probability.tolist() == [-2.0, -4.0]
    assert found.tokens.tolist() == [1.0, 2.0]
    assert found.words is not None
    assert found.bytes_ is not None
    assert (found.words.tolist(), found.bytes_.tolist()) == ([2, 2], [3, 7])


def test_rows_without_a_sequence_are_one_text_and_gaps_are_refused() -> None:
    """A blank within a text is an error with its row."""
    scale = tokens.scale_of("logprob")
    alone = tokens.from_rows(np.array([-1.0, -2.0]), None, scale=scale, where="f.csv")
    assert (alone.log_probability.tolist(), alone.tokens.tolist()) == ([-3.0], [2.0])
    with pytest.raises(MlcheckError, match=r"f\.csv: row 2: expected a log-probability, found none"):
        tokens.from_rows(np.array([-1.0, math.nan]), None, scale=scale, where="f.csv")
    with pytest.raises(MlcheckError, match=r"f\.csv: row 3: .*found 0\.5"):
        tokens.from_rows(np.array([math.nan, -1.0, 0.5]), None, scale=scale, where="f.csv")


def test_sums_with_counts_are_taken_as_they_are() -> None:
    """Scaled by the base; a count must be whole and positive, a sum there."""
    scale = tokens.scale_of("log2_sum")
    found = tokens.from_sums(np.array([-3.0]), np.array([2.0]), scale=scale, where="f.csv", texts=["abc"])
    assert found.log_probability[0] == pytest.approx(math.log(1 / 8))
    assert found.characters is not None
    assert found.characters.tolist() == [3]
    for total, count, message in (
        (math.nan, 1, "row 1: expected a log-probability, found none"),
        (-1, math.nan, "row 1: expected a number of tokens, found none"),
        (-1, 1.5, "row 1: expected a whole number of tokens, found 1.5"),
        (-1, 0, "row 1: expected a whole number of tokens, found 0"),
        (3, 1, "row 1: expected a log-probability of at most 0, found 3"),
    ):
        with pytest.raises(MlcheckError) as caught:
            tokens.from_sums(np.array([total]), np.array([count]), scale=scale, where="f.csv")
        assert str(caught.value).startswith(f"f.csv: {message}")


def test_lists_of_a_json_file_are_read_as_they_are_written() -> None:
    """What json.dumps writes of a list with NaN and infinity first is read back."""
    assert lists([json.dumps([math.nan, -0.5])]).log_probability.tolist() == [-0.5]
