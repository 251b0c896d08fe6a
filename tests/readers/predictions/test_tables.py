"""Predictions are found in the tables that people write, whatever their columns are called."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import (
    Binary,
    Multiclass,
    Multilabel,
    Predictions,
    Ranking,
    Regression,
    Texts,
    Tokens,
    Wanted,
)
from mlcheck.readers.predictions import csv_fast, read_predictions
from mlcheck.readers.predictions.frame import Numbers

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path, text: str | bytes | None = None, **wanted: Any) -> Predictions:
    """Write a file and read its predictions."""
    if isinstance(text, str):
        path.write_text(text, encoding="utf-8")
    elif text is not None:
        path.write_bytes(text)
    (found,) = read_predictions(Wanted(files=(str(path),), **wanted)).predictions
    return found


def rows(header: str, *cells: str, times: int = 4) -> str:
    """Return a table whose rows come several times."""
    return "\n".join([header, *(cells * times)]) + "\n"


BINARY = {
    "scikit-learn": rows("y_true,y_pred,y_score", "1,1,0.9", "0,0,0.2", "0,1,0.6"),
    "an index column": rows(",target,prediction", "0,1,0.91", "1,0,0.12", "2,0,0.44", times=1),
    "yes and no": rows("ID,Actual Answer,Generated Answer", "0,yes,no", "1,yes,yes", "2,no,no"),
    "semicolons and decimal commas": rows("label;proba", "1;0,91", "0;0,12", "1;0,4"),
    "tabs": rows("gold\tpred", "pos\tneg", "neg\tneg", "pos\tpos"),
    "words in capitals": rows("Label,Predicted,Probability", "True,True,0.8", "False,False,0.1"),
    "one column per class": rows("label,prob_ham,prob_spam", "spam,0.1,0.9", "ham,0.7,0.3"),
    "columns named as the classes": rows("truth,benign,malignant", "benign,0.9,0.1", "malignant,0.2,0.8"),
    "minus one and one": rows("y,decision_function", "-1,-2.5", "1,0.3", "1,4.0"),
    "whole numbers as floats": rows("target,score", "1.0,0.7", "0.0,0.3"),
    "a quoted text beside": rows(
        "text,label,pred", '"a, b",1,1', '"say ""no""",0,1', '"two\nlines",0,0', times=1
    ),
    "probabilities as predictions": rows("is_fraud,prediction", "1,0.81", "0,0.02", "0,0.31"),
}


@pytest.mark.parametrize("name", BINARY)
def test_two_classes_are_found(tmp_path: Path, name: str) -> None:
    """With predictions, scores or both."""
    found = read(tmp_path / "p.csv", BINARY[name])
    content = found.content
    assert isinstance(content, Binary), found.task
    assert 0 < content.truth.sum() < len(content.truth)
    assert content.score is not None or content.predicted is not None


@pytest.mark.parametrize(
    ("name", "positive"),
    [("yes and no", "yes"), ("tabs", "pos"), ("one column per class", "spam"), ("minus one and one", "1"),
     ("columns named as the classes", "malignant"), ("words in capitals", "True")],
)  # fmt: skip
def test_the_positive_class_is_known_by_its_name(tmp_path: Path, name: str, positive: str) -> None:
    """And its score is that of its column."""
    content = read(tmp_path / "p.csv", BINARY[name]).content
    assert isinstance(content, Binary)
    assert content.positive == positive
    if content.score is not None:
        assert content.score[content.truth].mean() > content.score[~content.truth].mean()


def test_the_positive_class_can_be_named(tmp_path: Path) -> None:
    """Then the other class's column is its score."""
    content = read(tmp_path / "p.csv", BINARY["one column per class"], positive="ham").content
    assert isinstance(content, Binary)
    assert content.positive == "ham"
    assert content.score is not None
    assert content.score[content.truth].min() == 0.7


def test_of_unknown_labels_the_last_is_positive_and_that_is_said(tmp_path: Path) -> None:
    """Nothing tells which one is meant."""
    found = read(tmp_path / "p.csv", rows("label,pred", "cat,dog", "dog,dog"))
    assert isinstance(found.content, Binary)
    assert found.content.positive == "dog"
    assert any("--positive" in doubt for doubt in found.doubts)


def test_what_a_score_is_shows_in_its_range(tmp_path: Path) -> None:
    """Probabilities within 0..1, logarithms of them at most 0, else logits."""
    for text, kind in (("0.2", "probability"), ("-1.7", "log-probability"), ("3.5", "logit")):
        content = read(
            tmp_path / "p.csv",
            rows("y,log_prob", f"1,{text}", "0,-0.1" if kind != "probability" else "0,0.1"),
        ).content
        assert isinstance(content, Binary)
        assert content.kind == kind


def test_scores_of_no_scale_have_no_log_loss(tmp_path: Path) -> None:
    """The decision function of a support vector machine orders rows; only what is called a logit is one."""
    assert read(tmp_path / "p.csv", rows("y,decision_function", "1,-2.5", "0,3.5")).unscaled
    assert not read(tmp_path / "p.csv", rows("y,logit", "1,-2.5", "0,3.5")).unscaled


def test_the_confidence_in_the_predicted_class_is_turned_to_the_positive_one(tmp_path: Path) -> None:
    """It is high for a sure "no", too."""
    found = read(tmp_path / "p.csv", rows("label,pred,confidence", "1,1,0.9", "0,0,0.95", times=1))
    assert isinstance(found.content, Binary)
    assert found.content.score is not None
    assert np.allclose(found.content.score, [0.9, 0.05])
    assert any("confidence" in doubt for doubt in found.doubts)


MULTICLASS = {
    "labels": rows("label,pred", "cat,dog", "dog,dog", "bird,bird"),
    "numbers": rows("y_true,y_pred", "0,1", "2,2", "1,1"),
    "probabilities by class": rows(
        "label,prob_a,prob_b,prob_c", "a,0.5,0.3,0.2", "c,0.1,0.1,0.8", "b,0.2,0.6,0.2"
    ),
    "numbered probabilities of named classes": rows(
        "label,p_0,p_1,p_2", "a,0.5,0.3,0.2", "c,0.1,0.1,0.8", "b,0.2,0.6,0.2"
    ),
    "logits": rows("target,logit_0,logit_1,logit_2", "0,3,1,-1", "1,0,2,1", "2,-1,0,4"),
}


@pytest.mark.parametrize("name", MULTICLASS)
def test_several_classes_are_found(tmp_path: Path, name: str) -> None:
    """With their labels sorted, numbers as numbers."""
    content = read(tmp_path / "p.csv", MULTICLASS[name]).content
    assert isinstance(content, Multiclass)
    assert len(content.labels) == 3
    if content.scores is not None:
        assert (content.scores.argmax(axis=1) == content.truth).all()


def test_scores_in_another_order_than_the_labels_are_put_right(tmp_path: Path) -> None:
    """Columns are named by their class."""
    content = read(
        tmp_path / "p.csv", rows("y,prob_10,prob_9,prob_1", "10,0.8,0.1,0.1", "9,0.1,0.7,0.2", "1,0,0.1,0.9")
    ).content
    assert isinstance(content, Multiclass)
    assert content.labels == ("1", "9", "10")
    assert content.scores is not None
    assert (content.scores.argmax(axis=1) == content.truth).all()


def test_many_different_numbers_are_amounts(tmp_path: Path) -> None:
    """Fractions always; whole numbers where they hardly repeat."""
    random = np.random.default_rng(0)
    fractions = "\n".join(f"{a},{b}" for a, b in random.normal(size=(30, 2)).round(3).tolist())
    assert isinstance(read(tmp_path / "a.csv", f"y_true,y_pred\n{fractions}\n").content, Regression)
    ages = "\n".join(f"{int(a)},{a + 0.4:.2f}" for a in random.integers(18, 90, 60))
    assert isinstance(read(tmp_path / "b.csv", f"actual,predicted\n{ages}\n").content, Regression)


def test_several_targets_are_paired_by_name(tmp_path: Path) -> None:
    """y_true_a with y_pred_a, in any order."""
    content = read(
        tmp_path / "p.csv", rows("y_true_a,y_true_b,y_pred_b,y_pred_a", "1.5,2.5,2.6,1.4", "0.3,7.2,7.0,0.2")
    ).content
    assert isinstance(content, Regression)
    assert content.targets == ("a", "b")
    assert np.abs(content.truth - content.predicted).max() < 0.3


@pytest.mark.parametrize(
    "text",
    [rows("true_a,true_b,pred_a,pred_b", "1,0,1,1", "0,1,0,1"), rows("label,pred", "a|b,a", "b,b|c", "c|a,a|c"),
     rows("true_a,true_b,prob_a,prob_b", "1,0,0.9,0.3", "0,1,0.2,0.6")],
)  # fmt: skip
def test_several_labels_a_row_are_found(tmp_path: Path, text: str) -> None:
    """As indicator columns, with probabilities, or as lists."""
    content = read(tmp_path / "p.csv", text).content
    assert isinstance(content, Multilabel)
    assert content.truth.shape[1] == len(content.labels) >= 2


JSONS: dict[str, Any] = {
    "records": [{"label": 1, "score": 0.9}, {"label": 0, "score": 0.2}] * 3,
    "columns": {"labels": [1, 0, 1, 0], "predictions": [1, 1, 1, 0]},
    "under a key": {
        "model": "m",
        "predictions": [{"label": "a", "pred": "b"}, {"label": "b", "pred": "b"}] * 3,
    },
    "nested": [{"id": 1, "output": {"label": 1, "prob": 0.8}}, {"id": 2, "output": {"label": 0, "prob": 0.1}}]
    * 2,
    "by id": {"a1": {"label": 1, "pred": 1}, "a2": {"label": 0, "pred": 1}, "a3": {"label": 1, "pred": 1}},
}


@pytest.mark.parametrize("name", JSONS)
def test_json_is_read_as_records_or_columns(tmp_path: Path, name: str) -> None:
    """Wherever the records stand."""
    if name == "nested":
        found = read(
            tmp_path / "p.json", json.dumps(JSONS[name]), true=("output.label",), score=("output.prob",)
        )
    else:
        found = read(tmp_path / "p.json", json.dumps(JSONS[name]))
    assert found.task == "binary"


def test_json_lines_with_lists_of_probabilities(tmp_path: Path) -> None:
    """A list a row is one score per class."""
    lines = [{"label": i % 3, "probs": [0.2 + 0.4 * (i % 3 == j) for j in range(3)]} for i in range(9)]
    content = read(tmp_path / "p.jsonl", "\n".join(map(json.dumps, lines))).content
    assert isinstance(content, Multiclass)
    assert content.scores is not None
    assert content.scores.shape == (9, 3)


def test_numpy_archives_and_compressed_tables(tmp_path: Path) -> None:
    """float32 stays float32."""
    np.savez(
        tmp_path / "p.npz", y_true=np.array([0, 1, 1]), y_prob=np.array([0.1, 0.7, 0.8], dtype=np.float32)
    )
    content = read(tmp_path / "p.npz").content
    assert isinstance(content, Binary)
    assert content.score is not None
    assert content.score.dtype == np.float32
    assert read(tmp_path / "p.csv.gz", gzip.compress(BINARY["scikit-learn"].encode())).task == "binary"


def test_objects_in_numpy_files_are_refused_with_the_safe_way(tmp_path: Path) -> None:
    """They would be unpickled."""
    np.savez(tmp_path / "p.npz", y_true=np.array(["a", None], dtype=object))
    with pytest.raises(MlcheckError, match="dtype=str"):
        read(tmp_path / "p.npz")


def test_parquet_and_partitioned_folders(tmp_path: Path) -> None:
    """The parts are one table; the folders' names are a column."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    for name, shift in (("a", 0.0), ("b", 0.05)):
        folder = tmp_path / "preds" / f"site={name}"
        folder.mkdir(parents=True)
        pq.write_table(
            pa.table({"label": [1, 0, 1], "score": [0.9 - shift, 0.2, 0.7]}), folder / "part-0.parquet"
        )
    found = read(tmp_path / "preds", by="site")
    assert found.rows == 6
    assert found.by is not None
    assert found.by.names == ("a", "b")


def test_standard_input(tmp_path: Path) -> None:
    """A table that is piped in."""
    content = BINARY["scikit-learn"].encode()
    (found,) = read_predictions(Wanted(files=("-",)), stdin=lambda: content).predictions
    assert found.source == "-"


def test_a_large_table_is_read_as_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typed by its first rows, in pieces."""
    random = np.random.default_rng(0)
    lines = [f"{i},{int(random.random() < 0.3)},{random.random():.4f}" for i in range(5000)]
    text = "\n".join(["id,label,score", *lines]) + "\n"
    small = read(tmp_path / "p.csv", text)
    monkeypatch.setattr(csv_fast, "PAYS_FROM", 1000)
    monkeypatch.setattr(csv_fast, "ROWS_AT_ONCE", 700)
    large = read(tmp_path / "p.csv")
    assert isinstance(small.content, Binary)
    assert isinstance(large.content, Binary)
    assert (small.content.truth == large.content.truth).all()
    assert small.content.score is not None
    assert large.content.score is not None
    assert (small.content.score == large.content.score).all()


def test_rows_without_truth_or_prediction_are_left_out_and_counted(tmp_path: Path) -> None:
    """By what they lack."""
    found = read(tmp_path / "p.csv", "label,score\n1,0.9\n,0.3\n0,\n0,0.1\n1,nan\n")
    assert found.rows == 2
    assert found.dropped == {"without a truth": 1, "without a score": 2}


def test_a_last_line_that_is_cut_is_left_out_and_counted(tmp_path: Path) -> None:
    """In JSON lines and in a table of fewer cells."""
    for text in (
        '{"label": 1, "pred": 0}\n{"label": 0, "pred": 0}\n{"label": 1, "pr',
        "label,pred\n1,0\n0,0\n1",
    ):
        found = read(tmp_path / "p", text)
        assert found.rows == 2
        assert found.dropped == {"cut at the end of the file": 1}


def test_copies_are_counted_where_a_column_tells_rows_apart(tmp_path: Path) -> None:
    """Labels and rounded scores repeat by chance."""
    unique = "\n".join(f"r{i},{i % 2},{i / 40:.3f}" for i in range(40))
    assert read(tmp_path / "a.csv", f"id,label,score\n{unique}\nr3,1,0.075\n").repeated == 1
    assert read(tmp_path / "b.csv", rows("label,pred", "1,1", "0,1")).repeated == 0


def test_texts_with_one_or_several_references(tmp_path: Path) -> None:
    """A list of references, or columns numbered."""
    lines = [
        {"prediction": f"the cat sat {i}", "references": [f"a cat sat {i}", f"cat {i}"][: 1 + i % 2]}
        for i in range(6)
    ]
    content = read(tmp_path / "p.jsonl", "\n".join(map(json.dumps, lines))).content
    assert isinstance(content, Texts)
    assert len(content.references) == 2
    assert content.references[1][0] is None


def test_log_probabilities_by_token(tmp_path: Path) -> None:
    """Summed by text, with its sizes; the first token has none."""
    lines = [{"text": "ab c", "token_logprobs": [None, -1.0, -2.0]}, {"text": "é", "token_logprobs": [-0.5]}]
    content = read(tmp_path / "p.jsonl", "\n".join(map(json.dumps, lines))).content
    assert isinstance(content, Tokens)
    assert content.log_probability.tolist() == [-3.0, -0.5]
    assert content.tokens.tolist() == [2, 1]
    assert content.bytes_ is not None
    assert content.bytes_.tolist() == [4, 2]


def test_rankings_in_a_table(tmp_path: Path) -> None:
    """A query, a document, its relevance and the score."""
    content = read(
        tmp_path / "p.csv",
        rows("query_id,doc_id,relevance,score", "q1,d1,2,0.3", "q1,d2,0,0.9", "q2,d1,1,0.5", times=1),
    ).content
    assert isinstance(content, Ranking)
    assert content.queries == ("q1", "q2")
    assert content.relevance.tolist() == [0, 2, 1]


BAD = {
    "nothing but truth": ("label,age\n1,30\n0,41\n", "a prediction or a score beside the truth 'label'"),
    "no truth": ("a,b\n1,2\n3,4\n", "a column of the truth"),
    "a header only": ("label,score\n", "only the names of columns"),
    "a training log": ("epoch,train_loss,val_loss\n1,0.5,0.6\n2,0.4,0.5\n", "the log of a training run"),
    "a probability above 1": (rows("label,prob", "1,0.9", "0,1.4"), "found 1.4 in row 2"),
    "rows that do not add to 1": (
        rows("label,prob_a,prob_b,prob_c", "a,0.5,0.3,0.2", "b,0.5,0.5,0.5"),
        "found 1.5 in row 2",
    ),
    "a class without scores": (
        rows("label,prob_a,prob_b,prob_c", "a,0.5,0.3,0.2", "d,0.2,0.6,0.2"),
        "none for 'd'",
    ),
    "negative weights": (rows("label,pred,weight", "1,1,2", "0,1,-1"), "found -1 in row 2"),
    "only blanks": ("label,score\n1,\n0,\n", "found all 2 without a score"),
    "an empty file": ("", "an empty file"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_line(tmp_path: Path, name: str) -> None:
    """Where, what was expected, what was found."""
    text, told = BAD[name]
    with pytest.raises(MlcheckError) as raised:
        read(tmp_path / "p.csv", text)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith("p.csv")


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    """As a shell would."""
    with pytest.raises(MlcheckError, match=r"did you mean score\?"):
        read(tmp_path / "p.csv", BINARY["whole numbers as floats"], score=("scroe",))


def test_pictures_and_pickles_are_refused(tmp_path: Path) -> None:
    """A pickle with the safe way."""
    with pytest.raises(MlcheckError, match="binary data"):
        read(tmp_path / "p.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    import pickle

    with pytest.raises(MlcheckError, match="Parquet or NPZ"):
        read(tmp_path / "p.pkl", pickle.dumps({"a": [1, 2]}))


def test_damaged_files_never_raise_anything_else(tmp_path: Path) -> None:
    """Cut anywhere, or with bytes turned."""
    buffer = io.BytesIO()
    np.savez(buffer, y_true=np.arange(20) % 2, y_prob=np.linspace(0, 1, 20))
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = io.BytesIO()
    pq.write_table(pa.table({"label": [1, 0] * 10, "score": [0.5, 0.25] * 10}), table)
    random = np.random.default_rng(0)
    sources = [
        table.getvalue(),
        BINARY["scikit-learn"].encode(),
        json.dumps(JSONS["records"]).encode(),
        buffer.getvalue(),
        gzip.compress(BINARY["tabs"].encode()),
    ]
    said = []
    for content in sources:
        for _ in range(60):
            damaged = bytearray(content[: int(random.integers(1, len(content) + 1))])
            for at in random.integers(len(damaged), size=3):
                damaged[at] = int(random.integers(256))
            try:
                read(tmp_path / "p", bytes(damaged))
            except MlcheckError as error:
                said.append(str(error))
    assert said
    assert not any("\n" in line for line in said)


def test_a_column_that_grows_wider_and_longer_than_foreseen_keeps_its_rows() -> None:
    """Whole numbers that fit a byte at first, then do not; more rows than the first lines let one expect."""
    pieces: list[Any] = [
        np.arange(3, dtype=np.int8),
        np.array([300, 4], dtype=np.int64),
        np.arange(5, dtype=np.int8),
    ]
    for expected in (0, 4, 100):
        growing = csv_fast._Growing(expected)
        for piece in pieces:
            growing.add(Numbers(piece))
        made = growing.joined()
        assert isinstance(made, Numbers)
        assert made.value.tolist() == [0, 1, 2, 300, 4, 0, 1, 2, 3, 4]
