"""Further layouts of predictions, as programs in public repositories write their headers; what is cut, odd or ambiguous."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Binary, Multiclass, Multilabel, Regression, Wanted
from mlcheck.readers.predictions import read_predictions
from tests.readers.predictions.tables import content_of, read, refusal, written

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 24
TRUTH = [(i * 7) % 12 % 2 for i in range(ROWS)]
GUESS = [y if i % 7 else 1 - y for i, y in enumerate(TRUTH)]
ANIMALS = ("bird", "cat", "dog")
SHOWN = [ANIMALS[i % 3] for i in range(ROWS)]
NAMED = [ANIMALS[(i + (i % 5 == 4)) % 3] for i in range(ROWS)]
CELLS: dict[str, list[object]] = {
    "n": list(range(ROWS)),
    "id": [f"img_{i:03}.png" for i in range(ROWS)],
    "text": [f"the cat number {i} sat on mat {i * 3 % 7}" for i in range(ROWS)],
    "t": list(TRUTH),
    "p": list(GUESS),
    "1.0": [f"{y}.0" for y in TRUTH],
    "s": [round(0.15 + 0.6 * p + 0.01 * i, 4) for i, p in enumerate(GUESS)],
    "r": [round(1 - (0.15 + 0.6 * p + 0.01 * i), 4) for i, p in enumerate(GUESS)],
    "yes": [("no", "yes")[y] for y in TRUTH],
    "a": list(SHOWN),
    "b": list(NAMED),
    "y": [round(10 + 3.7 * i, 2) for i in range(ROWS)],
    "z": [round(10 + 3.7 * i + (i * 13 % 7 - 3) / 2, 2) for i in range(ROWS)],
    "fold": [i % 5 for i in range(ROWS)],
    "word": ["m"] * ROWS,
    "stars": [1 + i % 5 for i in range(ROWS)],
    "guessed": [1 + (i + (i % 4 == 0)) % 5 for i in range(ROWS)],
    **{f"q{k}": [0.8 if n == c else 0.1 for n in NAMED] for k, c in enumerate(ANIMALS)},
}


def table(header: str, kinds: str) -> str:
    """Return a table of columns of these kinds."""
    rows = zip(*(CELLS[kind] for kind in kinds.split()), strict=True)
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


LAYOUTS = {
    "subjects": ("subject_id,true_label,pred_label,prob_0,prob_1,model,evaluation_level", "id t p r s word word", "binary", "true_label/pred_label/prob_0,prob_1"),
    "two columns of probabilities": ("row,label,prob_0,prob_1", "n t r s", "binary", "label//prob_0,prob_1"),
    "labels as fractions": ("instanceID,label,prob", "n 1.0 s", "binary", "label//prob"),
    "a label of something": ("PepID,AMPLabel,Prob", "id t s", "binary", "AMPLabel//Prob"),
    "molecules": ("true_label,seq,pubchemid,pred_label,prob", "t text n p s", "binary", "true_label/pred_label/prob"),
    "times": ("timestamp,label,prob", "id t s", "binary", "label//prob"),
    "answers of students": ("student_id,exercise_id,actual,predicted,probability", "word n t p s", "binary", "actual/predicted/probability"),
    "out of fold": ("Id,fold,y_true,y_pred_proba", "n fold t s", "binary", "y_true//y_pred_proba"),
    "ground truth in two words": ("patient,ground truth,predictions", "id t s", "binary", "ground truth/predictions/"),
    "features beside": ("age,income,education,employed,target,prediction", "n y word yes t p", "binary", "target/prediction/"),
    "points": ("x1,x2,true_label,predicted_label", "s y t p", "binary", "true_label/predicted_label/"),
    "the outcome's name": ("PassengerId,Survived,Survived_pred", "n t p", "binary", "Survived/Survived_pred/"),
    "numbered probabilities": ("sample_id,model,fold,y_true,y_pred,p_0,p_1,p_2", "n word fold a b q0 q1 q2", "multiclass", "y_true/y_pred/p_0,p_1,p_2"),
    "stars": ("review,stars,predicted_stars", "text stars guessed", "multiclass", "stars/predicted_stars/"),
    "a sentiment": ("text,sentiment,predicted_sentiment,confidence", "text a b s", "multiclass", "sentiment/predicted_sentiment/confidence"),
    "answers of models": ("input,expected,actual", "text a b", "multiclass", "expected/actual/"),
    "the same the other way": ("input,actual,expected", "text b a", "multiclass", "expected/actual/"),
    "capitals": ("ID,Label,Prediction,Result", "n a b word", "multiclass", "Label/Prediction/"),
    "wells": ("well_id,row_idx,fold,y_true,y_pred,baseline", "word n fold y z y", "regression", "y_true/y_pred/"),
    "a variance beside": ("x,target,prediction,variance", "s y z s", "regression", "target/prediction/"),
    "prices": ("date,actual_price,predicted_price", "id y z", "regression", "actual_price/predicted_price/"),
    "ratings": ("rating,predicted_rating", "stars z", "regression", "rating/predicted_rating/"),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_task_and_columns_are_found_without_options(name: str, tmp_path: Path) -> None:
    """What a reader of the header would say."""
    header, kinds, task, columns = LAYOUTS[name]
    made = read(written(tmp_path, "p.csv", table(header, kinds)))
    found = "/".join(",".join(made.columns.get(role, ())) for role in ("true", "pred", "score"))
    assert made.task == task
    assert found.split("/")[0] == columns.split("/")[0]
    assert {n for n in found.replace("/", ",").split(",") if n} == {
        n for n in columns.replace("/", ",").split(",") if n
    }
    assert made.rows == ROWS


@pytest.mark.parametrize(
    ("header", "classes"),
    [("label,prob_a,prob_b,prob_o", "abo"), ("label,a_prob,b_prob,o_prob", "abo"), ("label,p0,p1,p2", "012"),
     ("label,score_s,score_c,score_o", "sco"), ("label,probCat,probDog,probBat", ("Cat", "Dog", "Bat"))],
)  # fmt: skip
def test_classes_that_are_letters_of_the_words_around_them(header: str, classes: str, tmp_path: Path) -> None:
    """The b of `prob_b` is its last letter, not the one in "prob"."""
    rows = [
        f"{classes[i % 3]},{','.join('0.8' if k == i % 3 else '0.1' for k in range(3))}" for i in range(9)
    ]
    made = content_of(Multiclass, written(tmp_path, "p.csv", "\n".join([header, *rows])))
    assert sorted(made.labels) == sorted(classes)
    assert made.scores is not None
    assert made.scores.argmax(axis=1).tolist() == made.truth.tolist()


def test_scores_of_labels_that_are_letters(tmp_path: Path) -> None:
    """Several labels a row, with a probability each."""
    header = "true_a,true_b,true_c,prob_a,prob_b,prob_c"
    rows = [f"{i % 2},{i // 2 % 2},1,0.{i % 9 + 1},0.5,0.9" for i in range(12)]
    made = content_of(Multilabel, written(tmp_path, "p.csv", "\n".join([header, *rows])))
    assert made.labels == ("a", "b", "c")
    assert made.scores is not None
    assert made.scores[:, 1].tolist() == [0.5] * 12


def test_which_of_expected_and_actual_is_the_truth_is_told_as_a_guess(tmp_path: Path) -> None:
    """A test expects the truth, a forecast expects what it predicts."""
    doubts = read(written(tmp_path, "p.csv", table("actual,expected", "b a"))).doubts
    assert any("'expected' was taken for the truth, not 'actual'" in doubt for doubt in doubts)


def test_a_row_with_more_cells_than_names_is_refused_by_its_line(tmp_path: Path) -> None:
    """Even where the file is too short to tell the common width."""
    assert "p.csv:3: expected 2 cells" in refusal(
        written(tmp_path, "p.csv", "label,score\n1,0.5\n0,0.2,7,8\n1,0.3\n")
    )


def test_identifiers_that_come_again_with_their_row_are_copies(tmp_path: Path) -> None:
    """Labels and rounded scores repeat by chance, whole rows with their identifier do not."""
    rows = [f"r{i},{i % 2},{i % 10 / 10}" for i in range(30)]
    path = written(tmp_path, "p.csv", "\n".join(["id,label,score", *rows, rows[3]]))
    assert read(path).repeated == 1
    path = written(
        tmp_path, "q.csv", "\n".join(["label,score", *(row.partition(",")[2] for row in rows), "1,0.3"])
    )
    assert read(path).repeated == 0


def test_fields_of_a_structured_array_are_columns(tmp_path: Path) -> None:
    """As NumPy's record arrays are saved."""
    rows = [(1, 0.9), (0, 0.2), (1, 0.7)]
    np.save(tmp_path / "p.npy", np.array(rows, dtype=[("label", "i4"), ("score", "f8")]))
    found = read(tmp_path / "p.npy")
    assert (found.columns["true"], found.columns["score"]) == (("label",), ("score",))
    assert isinstance(found.content, Binary)
    assert found.content.truth.tolist() == [True, False, True]


def test_an_infinite_truth_is_an_amount(tmp_path: Path) -> None:
    """It is no class, though it is as whole as a number can be."""
    text = "y_true,y_pred\n" + "".join(f"{'inf' if i == 3 else i * 17},{i * 17 + 1}\n" for i in range(30))
    made = content_of(Regression, written(tmp_path, "p.csv", text))
    assert np.isfinite(made.truth).all()


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    """Return a file cut, with bytes turned, or with something strange in it."""
    strange = (b"", b"nan", b"inf", b"1e999", b'"', b"\0", b"\x1b[31m", b"\xff", b"\r", b",,", b"[", b"{", b"null", b"'", b"9" * 40)  # fmt: skip
    data = bytearray(content)
    kind, places = int(random.integers(4)), random.integers(len(data), size=3)
    if kind == 0:
        del data[int(places[0]) :]
    elif kind == 1:
        for place in places:
            data[place] = int(random.integers(256))
    elif kind == 2:
        del data[int(places.min()) : int(places.max())]
    else:
        data[places[0] : places[0] + int(random.integers(3))] = strange[int(random.integers(len(strange)))]
    return bytes(data)


def files() -> dict[str, bytes]:
    """Return a small file of each format."""
    records = [{"label": i % 2, "score": i / 20, "more": {"x": [1, 2], "y": None}} for i in range(12)]
    archive, array = io.BytesIO(), io.BytesIO()
    np.savez(archive, y_true=np.arange(12) % 3, logits=np.eye(3)[np.arange(12) % 3].astype(np.float32))
    np.save(array, np.array([(1, 0.5), (0, 0.2)] * 6, dtype=[("label", "i4"), ("score", "f8")]))
    text = table("id,y_true,y_pred,score", "id t p s").encode()
    made = {
        "p.csv": text,
        "p.csv.gz": gzip.compress(text),
        "p.json": json.dumps(records).encode(),
        "p.jsonl": b"".join(json.dumps(r).encode() + b"\n" for r in records),
        "p.npz": archive.getvalue(),
        "p.npy": array.getvalue(),
    }
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return made
    stored = io.BytesIO()
    pq.write_table(pa.table({"label": [1, 0] * 6, "score": [0.5, 0.25] * 6, "text": ["x"] * 12}), stored)
    return {**made, "p.parquet": stored.getvalue()}


@pytest.mark.parametrize("name", files())
def test_damaged_files_raise_nothing_but_one_clear_line(name: str, tmp_path: Path) -> None:
    """Cut anywhere, with bytes turned or parts missing: read, or refused."""
    random = np.random.default_rng(0)
    content, told = files()[name], []
    for _ in range(120):
        path = written(tmp_path, name, damaged(content, random))
        try:
            read_predictions(Wanted(files=(path,)))
        except MlcheckError as error:
            told.append(str(error))
    assert told
    assert not any("\n" in line for line in told)
