"""TREC runs and qrels: read by columns, whatever the white space; put in order as trec_eval does; refused in one line."""

from __future__ import annotations

import gzip
import itertools
import json
import math
import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Predictions, Ranking
from mlcheck.readers.predictions import listing, numbers, ranked, trec, trec_lines
from mlcheck.readers.source import Source

QRELS = "q1 0 d1 0\nq1 0 d2 1\nq1 0 d3 2\nq2 0 d1 1\nq2 0 d9 0\n"
RUN = "q1 Q0 d3 1 0.5 t\nq1 Q0 d2 2 0.75 t\nq1 Q0 d7 3 0.25 t\nq2 Q0 d9 1 -1.5 t\nq2 Q0 d1 2 2e1 t\n"


def source(content: str | bytes, name: str = "run.txt") -> Source:
    """Return content as a file of this name."""
    return Source(name=name, content=content.encode() if isinstance(content, str) else content)


def read(
    qrels: str | bytes, run: str | bytes, *, complete: bool = True, depth: int | None = None
) -> Predictions:
    """Read a run and its judgements."""
    return trec.read_trec(source(qrels, "qrels.txt"), source(run), complete=complete, depth=depth)


def ranking(
    qrels: str | bytes = QRELS,
    run: str | bytes = RUN,
    *,
    complete: bool = True,
    depth: int | None = None,
) -> Ranking:
    """Return the ranking of a run and its judgements."""
    content = read(qrels, run, complete=complete, depth=depth).content
    assert isinstance(content, Ranking)
    return content


def told(a: Ranking) -> tuple[object, ...]:
    """Return all of a ranking in a form that can be compared."""
    return (
        a.queries, a.starts.tolist(), a.score.tolist(), a.relevance.tolist(), a.judged_starts.tolist(),
        a.judged.tolist(), a.tied.tolist(), a.missing, a.unjudged,
    )  # fmt: skip


def refused(qrels: str | bytes, run: str | bytes) -> str:
    """Return the one line in which a pair of files is refused."""
    with pytest.raises(MlcheckError) as caught:
        read(qrels, run)
    line = str(caught.value)
    assert "\n" not in line
    assert "expected" in line
    assert "found" in line
    return line


# --- what is read ---


def test_documents_stand_by_falling_score_with_their_relevance() -> None:
    """The rank column is not looked at; what nobody judged has relevance -1; judgements stand in falling order."""
    found = ranking()
    assert found.queries == ("q1", "q2")
    assert found.starts.tolist() == [0, 3, 5]
    assert found.score.tolist() == [0.75, 0.5, 0.25, 20.0, -1.5]
    assert found.score.dtype == np.float32
    assert found.relevance.tolist() == [1, 2, -1, 1, 0]
    assert found.judged_starts.tolist() == [0, 3, 5]
    assert found.judged.tolist() == [2, 1, 0, 1, 0]
    assert found.tied.tolist() == [0, 0]
    assert (found.missing, found.unjudged) == ((), ())


def test_the_predictions_are_rows_of_queries() -> None:
    """Rows are what is averaged over, keys what two runs are paired by."""
    found = read(QRELS, RUN)
    assert (found.task, found.reader, found.id, found.source) == ("ranking", "trec", "run", "run.txt")
    assert found.rows == 2
    assert found.keys is not None
    assert found.keys.tolist() == ["q1", "q2"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(" ", "\t"),
        lambda text: text.replace(" ", "  \t "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", " \n"),
        lambda text: "  " + text.replace("\n", "\n  "),
        lambda text: text.rstrip("\n"),
        lambda text: "\n\n" + text.replace("\n", "\n\n"),
        lambda text: "# a comment\n" + text.replace("\n", "\n# one more, of several words\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("q1", "été"),
    ],
    ids=["tabs", "several", "crlf", "trailing", "leading", "no-end", "blank", "comments", "bom", "accents"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_white_space_comments_and_encodings_change_nothing(change: object, encoding: str) -> None:
    """Fields are separated by blanks and tabs however many; blank lines and lines that begin with # are passed over."""
    assert callable(change)
    found = ranking(change(QRELS).encode(encoding), change(RUN).encode(encoding))
    assert told(found)[1:] == told(ranking())[1:]


def test_compressed_files_are_read_alike() -> None:
    """gzip, on either side."""
    assert told(ranking(gzip.compress(QRELS.encode()), gzip.compress(RUN.encode()))) == told(ranking())


def test_a_number_sign_within_an_id_is_no_comment() -> None:
    """Ids of passages hold number signs."""
    found = ranking("q#1 0 d#1 1\n", "q#1 Q0 d#1 1 1 t\n")
    assert (found.queries, found.relevance.tolist()) == (("q#1",), [1])


def test_what_follows_the_tag_of_a_run_is_passed_over() -> None:
    """As trec_eval: columns after the sixth are for future use."""
    assert told(ranking(run=RUN.replace(" t\n", " t and more of it\n"))) == told(ranking())


def test_files_read_in_small_pieces_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces end with a line wherever they would be cut."""
    qrels = "".join(f"q{i % 7} 0 doc{i} {i % 3}\n" for i in range(300))
    run = "".join(f"q{i % 7} Q0 doc{i} 1 {i % 11}.{i} t\n" for i in range(300))
    whole = told(ranking(qrels, run))
    for size in (32, 61, 100, 1000):
        monkeypatch.setattr(trec_lines, "CHUNK", size)
        monkeypatch.setattr(ranked, "QUERIES_AT_ONCE", 2)
        assert told(ranking(qrels, run)) == whole


def test_the_order_of_lines_changes_nothing_but_the_order_of_queries() -> None:
    """Queries may be interleaved; those of the qrels give the order."""
    lines = RUN.splitlines(keepends=True)
    for some in itertools.permutations(lines):
        assert told(ranking(run="".join(some))) == told(ranking())
    backward = ranking("".join(QRELS.splitlines(keepends=True)[::-1]))
    assert backward.queries == ("q2", "q1")
    assert backward.relevance.tolist() == [1, 0, 1, 2, -1]


def test_json_says_the_same_as_trec_files() -> None:
    """{query: {document: value}} on either side, or both."""
    qrels = json.dumps({"q1": {"d1": 0, "d2": 1, "d3": 2}, "q2": {"d1": 1, "d9": 0.0}})
    run = json.dumps({"q1": {"d3": 0.5, "d2": 0.75, "d7": 0.25}, "q2": {"d9": -1.5, "d1": 20}})
    for pair in ((qrels, run), (QRELS, run), (qrels, RUN)):
        assert told(ranking(*pair)) == told(ranking())


def test_files_are_read_by_their_paths(tmp_path: Path) -> None:
    """The front door names files; what is not there is said in one line."""
    (tmp_path / "a.qrels").write_text(QRELS)
    (tmp_path / "a.run.gz").write_bytes(gzip.compress(RUN.encode()))
    found = trec.read(str(tmp_path / "a.qrels"), str(tmp_path / "a.run.gz"))
    assert (found.id, found.source) == ("a", "a.run.gz")
    with pytest.raises(MlcheckError, match="no such file"):
        trec.read(str(tmp_path / "a.qrels"), str(tmp_path / "none"))
    with pytest.raises(MlcheckError, match="found a folder"):
        trec.read(str(tmp_path), str(tmp_path / "a.run.gz"))


# --- ties, judgements, queries on one side only ---


def test_ties_are_broken_by_descending_id_and_counted() -> None:
    """Bytes of the id decide, as strcmp does: d9 before d10 before d1, lower case before upper case."""
    names = ["d1", "d10", "d9", "D9", "é", "d"]
    qrels = "".join(f"q 0 {name} {i}\n" for i, name in enumerate(names))
    run = "".join(f"q Q0 {name} 1 0.5 t\n" for name in names) + "q Q0 last 1 0.25 t\n"
    found = ranking(qrels, run)
    assert [names[i] for i in found.relevance[:-1]] == ["é", "d9", "d10", "d1", "d", "D9"]
    assert found.tied.tolist() == [6]


def test_scores_are_compared_as_float32() -> None:
    """0.1 and 0.1 + 1e-9 tie, as in trec_eval: the id decides, not the ninth digit."""
    found = ranking("q 0 a 1\nq 0 b 0\n", "q Q0 a 1 0.100000001 t\nq Q0 b 2 0.1 t\n")
    assert found.relevance.tolist() == [0, 1]
    assert found.tied.tolist() == [2]


def test_minus_zero_ties_with_zero() -> None:
    """Both are zero."""
    assert ranking("q 0 a 1\n", "q Q0 a 1 0 t\nq Q0 b 1 -0.0 t\n").tied.tolist() == [2]


def test_judgements_below_zero_count_as_none() -> None:
    """As in trec_eval; how many there are is said."""
    found = read("q 0 a -1\nq 0 b -2\nq 0 c 1\n", "q Q0 a 1 3 t\nq Q0 b 1 2 t\nq Q0 c 1 1 t\n")
    assert isinstance(found.content, Ranking)
    assert found.content.relevance.tolist() == [-1, -1, 1]
    assert found.content.judged.tolist() == [1]
    assert found.doubts == ("2 judgements below 0 count as not judged, as in trec_eval",)


def test_a_judged_query_missing_from_the_run_is_kept_and_named() -> None:
    """It has no documents and so counts 0 (trec_eval -c); averaging over the run's queries must be asked for."""
    qrels = "q0 0 d 1\n" + QRELS
    kept = ranking(qrels)
    assert (kept.queries, kept.missing) == (("q0", "q1", "q2"), ("q0",))
    assert kept.starts.tolist() == [0, 0, 3, 5]
    left = ranking(qrels, complete=False)
    assert (left.queries, left.missing) == (("q1", "q2"), ("q0",))
    assert left.judged.tolist() == [2, 1, 0, 1, 0]


def test_a_query_without_judgements_is_left_out_and_named() -> None:
    """Nothing can be said of it, not even where its documents come twice."""
    extra = "q9 Q0 d1 1 1 t\nq9 Q0 d1 1 1 t\n"
    found = ranking(run=extra + RUN)
    assert (found.queries, found.unjudged) == (("q1", "q2"), ("q9",))


def test_only_the_first_documents_count_where_a_depth_is_given() -> None:
    """trec_eval -M: after sorting by score."""
    found = ranking(depth=2)
    assert found.starts.tolist() == [0, 2, 4]
    assert found.relevance.tolist() == [1, 2, 1, 0]
    assert found.judged.tolist() == ranking().judged.tolist()


def test_large_grades_are_read_exactly_and_sorted() -> None:
    """Grades beyond the digits of float32, and too many to be counted by."""
    found = ranking("q 0 a 16777217\nq 0 b 2147483647\nq 0 c 3\nq 0 d +5\n", "q Q0 a 1 1 t\n")
    assert found.relevance.tolist() == [16777217]
    assert found.judged.tolist() == [2147483647, 16777217, 5, 3]


# --- what is refused ---


@pytest.mark.parametrize(
    ("qrels", "run", "said"),
    [
        (QRELS, QRELS, r"run.txt:1: expected 6 columns .*found 4; this looks like qrels"),
        (RUN, RUN, r"qrels.txt:1: expected 4 columns .*found 6; this looks like a run"),
        ("q 0 0 d 1\n", RUN, r"qrels.txt:1: .*found 5; judgements of preferences"),
        (QRELS, RUN + "\n# c\nq1 Q0 d8 0.5\n", r"run.txt:8: expected 6 columns of a run file .*found 4"),
        (QRELS + "q2 0 d7\n", RUN, r"qrels.txt:6: expected 4 columns of a qrels file .*found 3"),
        (QRELS, RUN + "q1 Q0 d8 4 high t\n", r"run.txt:6: expected a number as score in column 5, found 'high'"),
        (QRELS, RUN + "q1 Q0 d8 4 nan t\n", r"run.txt:6: .*found 'nan'"),
        (QRELS, RUN + "q1 Q0 d8 4 1_0 t\n", r"run.txt:6: .*found '1_0'"),
        (QRELS, RUN + "q1 Q0 d8 4 . t\n", r"run.txt:6: .*found '.'"),
        (QRELS + "q1 0 d5 0.5\n", RUN, r"qrels.txt:6: expected a whole number as relevance .*found '0.5'"),
        (QRELS + "q1 0 d5 x\n", RUN, r"qrels.txt:6: .*found 'x'"),
        (QRELS + "q1 0 d5 99999999999\n", RUN, r"qrels.txt:6: .*found '99999999999'"),
        (QRELS, RUN + RUN[:17], r"run.txt:6: expected each document once .*'d3' of query 'q1'.*run.txt:1"),
        (QRELS + "q1 0 d1 1\n", RUN, r"qrels.txt:6: expected each document once .*'d1' of query 'q1'"),
        (QRELS.replace("q", "Q"), RUN, r"run.txt: expected the queries of qrels.txt \(such as 'Q1'\)"),
        ("", RUN, "qrels.txt: expected a qrels file, found an empty one"),
        (QRELS, "\n \n# only this\n", "run.txt: expected lines of query Q0 document"),
        (QRELS, b"q1 Q0 \0\0 1 1 t\n", "run.txt: expected a run file, found binary data"),
        (QRELS, b"version https://git-lfs.github.com/spec/v1\n", "run git lfs pull"),
        (QRELS, "q1 Q0 d 1 1 t\n" * 3 + "x" * 3_000_000, "run.txt:4: expected lines of at most 65,536 bytes"),
        ("{", RUN, "qrels.txt: expected {query: {document: relevance}}, found no JSON"),
        ("{}", RUN, "found no documents"),
        ('{"q1": [1]}', RUN, "found a list at 'q1'"),
        ('{"q1": {"d": 0.5}}', RUN, "found 0.5; this looks like a run"),
        ('{"q1": {"d": true}}', RUN, "found True"),
        (QRELS, '{"q1": {"d": "1"}}', "expected a number as score of 'd' in 'q1', found '1'"),
        (QRELS, '{"q1": {"d": NaN}}', "found nan"),
        (QRELS, '{"q1": {"d": 1, "d": 2}}', "expected each key once, found 'd' again"),
        (QRELS, '{"q1":' * 100_000, "found no JSON"),
    ],
)  # fmt: skip
def test_what_is_no_run_or_no_qrels_is_refused_in_one_line(
    qrels: str | bytes, run: str | bytes, said: str
) -> None:
    """Where, what was expected, what was found; a file in place of the other is called so."""
    assert re.search(said, refused(qrels, run))


def test_cut_and_broken_files_never_raise_anything_else() -> None:
    """Truncations, flipped bytes and shuffled pieces: read, or refused in one line."""
    files = {"qrels": QRELS.encode(), "run": RUN.encode()}
    files |= {"json": json.dumps({"q1": {"d3": 0.5, "d2": 0.75}, "q2": {"d9": 1}}).encode()}
    files |= {"gzip": gzip.compress(RUN.encode())}
    chance = np.random.default_rng(0)
    marks = np.frombuffer(b"\n\r\t \0#{}q19.-+e\xff\x85\xa0\x1c", dtype=np.uint8)
    outcomes = set()
    for number in range(1500):
        content = np.frombuffer(list(files.values())[chance.integers(len(files))], dtype=np.uint8).copy()
        flips = chance.choice((0, 1, 1, 3, 10))
        content[chance.integers(len(content), size=flips)] = chance.choice(marks, size=flips)
        if chance.random() < 0.5:
            content = content[: chance.integers(len(content))]
        broken = content.tobytes()
        outcomes.add(survived(*((QRELS, broken) if number % 2 else (broken, RUN))))
    assert outcomes == {True, False}


def survived(qrels: str | bytes, run: str | bytes) -> bool:
    """Return whether a pair of files is read, rather than refused in one line; anything else raises."""
    try:
        found = ranking(qrels, run)
    except MlcheckError as error:
        if "\n" in str(error):
            raise ValueError("more than one line") from error
        return False
    assert found.starts[-1] == len(found.score) == len(found.relevance)
    return True


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Whatever stands in the file, nothing but MlcheckError is raised."""
    assert survived(QRELS, content) in (True, False)
    assert survived(content, RUN) in (True, False)


# --- ids and numbers, compared with Python's own ---

LONG = st.text(alphabet="ab\xe9\U0001f600", min_size=1, max_size=12).map(lambda text: text * 7)
IDS = st.one_of(st.text(alphabet="abA0\xe9", min_size=1, max_size=9), LONG)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(IDS, st.sampled_from([0.0, 1.0, 2.0])), min_size=1, max_size=30), st.data())
def test_the_order_is_that_of_sorted_bytes(rows: list[tuple[str, float]], data: st.DataObject) -> None:
    """By score, then by id; each document finds its own judgement, whatever the lengths of ids."""
    scores = dict(rows)
    grades = data.draw(st.dictionaries(st.sampled_from(sorted(scores)), st.integers(0, 3), min_size=1))
    found = ranking(
        "".join(f"q 0 {name} {grade}\n" for name, grade in grades.items()),
        "".join(f"q Q0 {name} 1 {score} t\n" for name, score in scores.items()),
    )
    order = sorted(scores, key=lambda name: (scores[name], name.encode()), reverse=True)
    assert found.relevance.tolist() == [grades.get(name, -1) for name in order]
    assert found.judged.tolist() == sorted(grades.values(), reverse=True)


@pytest.mark.parametrize("kept", [0, 0xFFFFFFFF, 0xFFFFFFFF00000000, 0x300000003])
def test_hashes_that_agree_by_chance_change_nothing(monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    """Ids are compared byte by byte: all hashes equal, equal in one half, or one of a few."""
    chance = np.random.default_rng(1)
    names = [f"d{i}" for i in range(60)]
    qrels = "".join(
        f"q{q} 0 {n} {chance.integers(4)}\n"
        for q in range(5)
        for n in chance.choice(names, 30, replace=False)
    )
    run = "".join(
        f"q{q} Q0 {n} 1 {chance.random():.2f} t\n"
        for q in range(5)
        for n in chance.choice(names, 40, replace=False)
    )
    whole = told(ranking(qrels, run))
    plain = listing.hashes
    monkeypatch.setattr(
        listing, "hashes", lambda text, start, length: plain(text, start, length) & np.uint64(kept)
    )
    assert told(ranking(qrels, run)) == whole
    assert "expected each document once" in refused(qrels, run + run.splitlines()[7] + "\n")


NUMBERS = st.one_of(
    st.floats(allow_nan=False).map(repr),
    st.floats(allow_nan=False, width=32).map(repr),
    st.floats(-1e9, 1e9).map(lambda x: f"{x:.6f}"),
    st.floats(-10, 10).map(lambda x: f"{x:+.3e}"),
    st.decimals(allow_nan=False, allow_infinity=False, places=12).map(str),
    st.integers(-(10**25), 10**25).map(str),
    st.from_regex(r"\A[+-]?[0-9]{0,9}(\.[0-9]{0,20})?\Z"),
    st.sampled_from(["inf", "-Infinity", "5.", ".5", "-.5e3", "1e400", "0" * 30 + "1.5", "-0", "1E5"]),
)


def test_numbers_halfway_between_two_float32_are_rounded_as_by_float() -> None:
    """A double in between decides, as atof and the cast to float do in C."""
    for written in (
        "1.00000005960464477539",
        "1.0000000596046448",
        "0.50000002980232238",
        "16777217.0000000001",
    ):
        made, wrong = numbers_of([written])
        assert not len(wrong)
        assert made[0] == np.float32(float(written))


def numbers_of(
    written: list[str],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float32]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Read numbers from the middle of a text."""
    encoded = [w.encode() for w in written]
    text = np.frombuffer(b"." * 8 + b"7".join([*encoded, b" " * listing.PAD]), dtype=np.uint8)
    length = np.array([len(w) for w in encoded])
    start = 8 + np.cumsum(length + 1) - length - 1
    made, wrong = numbers.decimals(text, start, length)
    return made.reshape(-1), wrong.reshape(-1)


@settings(max_examples=200, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_numbers_are_the_nearest_float32_of_the_nearest_double(written: list[str]) -> None:
    """Plain decimals by words and all others one by one, with digits on both sides of the field."""
    made, wrong = numbers_of(written)
    for i, text in enumerate(written):
        try:
            value = float(text)
        except ValueError:
            assert i in wrong
            continue
        assert i not in wrong
        with np.errstate(over="ignore"):
            assert made[i] == np.float32(value)
        assert math.copysign(1, made[i]) == math.copysign(1, value)


# --- tables ---


def test_rows_of_a_table_are_judged_documents() -> None:
    """Every row is judged; a blank score was judged but not retrieved, a blank relevance the reverse."""
    nan = math.nan
    found = ranked.from_columns(
        ["b", "b", "a", "b", "a", "b"],
        [1, 2, 1, 3, 2, 4],
        [0, 2, 1, 1, 0, nan],
        [0.2, 0.9, 0.1, nan, 0.7, 0.3],
    )
    assert found.queries == ("b", "a")
    assert found.starts.tolist() == [0, 3, 5]
    assert found.relevance.tolist() == [2, -1, 0, 0, 1]
    assert found.judged.tolist() == [2, 1, 0, 1, 0]


def test_a_table_says_the_same_as_its_trec_files() -> None:
    """The same documents, all judged, by either way."""
    chance = np.random.default_rng(0)
    query = [f"q{i}" for i in chance.integers(0, 9, 300)]
    document = [f"d{i}" for i in range(300)]
    grade, score = chance.integers(0, 4, 300), np.round(chance.normal(size=300), 1)
    qrels = "".join(f"{q} 0 {d} {g}\n" for q, d, g in zip(query, document, grade, strict=True))
    run = "".join(f"{q} Q0 {d} 1 {s} t\n" for q, d, s in zip(query, document, score, strict=True))
    table = ranked.from_columns(query, document, grade, score)
    assert table.tied.any()
    assert told(table) == told(ranking(qrels, run))


def test_without_document_ids_the_later_of_tied_rows_ranks_first() -> None:
    """As if rows were numbered: a table sorted by relevance does not flatter."""
    assert ranked.from_columns(["q"] * 3, None, [1, 1, 0], [0.5, 0.5, 0.5]).relevance.tolist() == [0, 1, 1]


def test_a_table_that_is_no_ranking_is_refused_in_one_line() -> None:
    """Different lengths, broken grades, a document twice."""
    for arguments, said in (
        ((["q"], None, [1, 2], [0.5]), "equal length"),
        ((["q"] * 2, None, [1, 0.5], [0.5, 0.4]), "t, row 2: expected a whole number"),
        ((["q"] * 2, ["d", "d"], [1, 0], [0.5, 0.4]), "t, row 2: expected each document once"),
    ):
        with pytest.raises(MlcheckError, match=said):
            ranked.from_columns(*arguments, source="t")


def test_an_empty_table_is_an_empty_ranking() -> None:
    """No rows, no queries."""
    found = ranked.from_columns([], None, [], [])
    assert (found.queries, found.starts.tolist(), len(found.score)) == ((), [0], 0)


def test_two_rankings_are_paired_by_their_common_queries() -> None:
    """In the order of the first one, each with its own documents."""
    a = ranked.from_columns(["x", "y", "y", "z"], None, [1, 2, 0, 3], [1, 1, 2, 1])
    b = ranked.from_columns(["y", "w", "x"], None, [2, 1, 1], [5, 6, 7])
    first, second = ranked.paired(a, b)
    assert first.queries == second.queries == ("x", "y")
    assert (first.relevance.tolist(), second.relevance.tolist()) == ([1, 0, 2], [1, 2])
    assert (first.judged.tolist(), first.starts.tolist()) == ([1, 2, 0], [0, 1, 3])


# --- files of the reference implementations ---


def bench() -> Path:
    """Return the folder of other people's files, or skip."""
    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        pytest.skip("MLCHECK_BENCH does not name the folder of reference files")
    return Path(folder)


def test_json_and_trec_files_of_ranx_agree() -> None:
    """The same run in both formats."""
    folder = bench() / "vectors" / "ranx"
    pairs = [
        trec.read(str(folder / f"qrels.{kind}"), str(folder / f"run.{kind}")) for kind in ("trec", "json")
    ]
    first, second = (p.content for p in pairs)
    assert isinstance(first, Ranking)
    assert isinstance(second, Ranking)
    assert told(first) == told(second)
    assert first.relevance.tolist() == [3, 2, 1, 2, 1]


@pytest.mark.parametrize("name", ["prefs.test", "out.test", "prefs.comment.test"])
def test_files_of_trec_eval_that_are_no_qrels_are_refused(name: str) -> None:
    """Preferences have five columns, results three."""
    folder = bench() / "vectors" / "trec_eval"
    with pytest.raises(MlcheckError, match="expected 4 columns of a qrels file"):
        trec.read(str(folder / name), str(folder / "results.test"))


@pytest.mark.parametrize("name", ["qrels.test", "prefs.rank20", "zscores_file"])
def test_files_of_trec_eval_that_are_no_runs_are_refused(name: str) -> None:
    """Judgements in place of a run, and lines whose first field is blank."""
    folder = bench() / "vectors" / "trec_eval"
    with pytest.raises(MlcheckError, match="expected 6 columns of a run file"):
        trec.read(str(folder / "qrels.test"), str(folder / name))


@pytest.mark.parametrize("name", ["compat", "cwl"])
def test_files_of_ir_measures_are_read(name: str) -> None:
    """Iterations that are no numbers, tabs and several blanks."""
    folder = bench() / "vectors" / "ir_measures"
    found = trec.read(str(folder / f"{name}.qrels"), str(folder / f"{name}.run")).content
    assert isinstance(found, Ranking)
    assert not found.missing
    assert (found.relevance > 0).any()
