"""Every form in which people keep scores by size is read as the same curve; what cannot be is one clear line."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.curves import CurvesWanted, DataCurve
from mlcheck.readers.curves import read_curves

if TYPE_CHECKING:
    from pathlib import Path

SIZES = np.array([100.0, 200.0, 400.0, 800.0])
SCORES = np.array([[0.5, 0.52], [0.6, 0.61], [0.7, 0.69], [0.75, 0.76]])
LONG = "n,seed,train_score,val_score\n" + "".join(
    f"{n:g},{seed},{score + 0.1:.2f},{score}\n"
    for n, row in zip(SIZES, SCORES, strict=True)
    for seed, score in enumerate(row)
)


def read(path: Path, text: str | None = None, **wanted: Any) -> tuple[DataCurve, ...]:
    """Write a file where `text` is given, and read its curves."""
    if text is not None:
        path.write_text(text, encoding="utf-8")
    return read_curves(CurvesWanted(path=str(path), **wanted)).curves


def means(curve: DataCurve) -> list[float]:
    """Return the mean score at each size."""
    return [float(curve.score[curve.n == n].mean()) for n in np.unique(curve.n)]


def test_rows_of_one_size_are_repeats(tmp_path: Path) -> None:
    """A long table with seeds; the column of seeds is neither a curve nor a score."""
    (curve,) = read(tmp_path / "long.csv", LONG)
    assert (curve.id, curve.metric, curve.better, len(curve.n)) == ("long", "val_score", "higher", 8)
    assert means(curve) == pytest.approx(SCORES.mean(axis=1))
    assert curve.train == pytest.approx(curve.score + 0.1)


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl", "csv.gz"])
def test_every_form_of_table_is_the_same_curve(tmp_path: Path, form: str) -> None:
    """CSV, TSV, JSON records, JSON lines, compressed."""
    frame = pd.read_csv(io.StringIO(LONG))
    path = tmp_path / f"long.{form}"
    if form.startswith("json"):
        frame.to_json(path, orient="records", lines=form == "jsonl")
    else:
        frame.to_csv(path, index=False, sep="\t" if form == "tsv" else ",")
    (curve,) = read(path)
    assert curve.id == "long"
    assert means(curve) == pytest.approx(SCORES.mean(axis=1))


def arrays() -> dict[str, np.ndarray]:
    """Return what `learning_curve` returns."""
    return {"train_sizes": SIZES, "train_scores": SCORES + 0.1, "test_scores": SCORES}


def test_the_arrays_of_scikit_learn_are_read_from_json(tmp_path: Path) -> None:
    """Saved as lists by name."""
    text = json.dumps({name: value.tolist() for name, value in arrays().items()})
    (curve,) = read(tmp_path / "lc.json", text)
    assert means(curve) == pytest.approx(SCORES.mean(axis=1))
    assert curve.train == pytest.approx(curve.score + 0.1)


def test_the_arrays_of_scikit_learn_are_read_from_npz(tmp_path: Path) -> None:
    """Saved by `np.savez` of the same names; also the names of LearningCurveDisplay."""
    np.savez(tmp_path / "lc.npz", **arrays())  # type: ignore[arg-type]  # savez takes a flag by keyword too
    (curve,) = read(tmp_path / "lc.npz")
    assert (curve.reader, curve.id) == ("npz", "lc")
    assert means(curve) == pytest.approx(SCORES.mean(axis=1))


def test_what_learning_curve_itself_returns_is_read(tmp_path: Path) -> None:
    """The real function, saved as its documentation names the values."""
    from sklearn.datasets import make_classification
    from sklearn.model_selection import learning_curve
    from sklearn.naive_bayes import GaussianNB

    x, y = make_classification(300, random_state=0)
    sizes, train, test = learning_curve(GaussianNB(), x, y, train_sizes=[20, 40, 80, 160], cv=3)
    np.savez(tmp_path / "lc.npz", train_sizes=sizes, train_scores=train, test_scores=test)
    (curve,) = read(tmp_path / "lc.npz")
    assert means(curve) == pytest.approx(test.mean(axis=1))


def test_arrays_of_unequal_length_are_told(tmp_path: Path) -> None:
    """Four sizes, three rows of scores."""
    text = json.dumps({"train_sizes": [1, 2, 3, 4], "test_scores": SCORES[:3].tolist()})
    with pytest.raises(MlcheckError, match=r"'test_scores' of shape \(4, repeats\)"):
        read(tmp_path / "lc.json", text)


def test_each_group_is_a_curve_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Ids are the values of the columns, joined."""
    text = "data,model,n,acc\n" + "".join(f"{d},{m},{n},0.5\n" for d, m in ("bx", "ay") for n in (1, 2, 3, 4))
    assert [c.id for c in read(tmp_path / "t.csv", text, by=("data", "model"))] == ["b/x", "a/y"]


def test_groups_whose_joined_names_agree_stay_apart(tmp_path: Path) -> None:
    """a/b of c, and a of b/c."""
    text = "p,q,n,acc\n" + "".join(
        f"{p},{q},{n},0.5\n" for p, q in (("a/b", "c"), ("a", "b/c")) for n in (1, 2)
    )
    assert [c.id for c in read(tmp_path / "t.csv", text, by=("p", "q"))] == ["a/b/c", "a/b/c#2"]


def test_several_curves_without_by_are_asked_about(tmp_path: Path) -> None:
    """They would be taken for repeats of one."""
    text = "model,n,acc\n" + "".join(f"{m},{n},0.{n}\n" for m in "ab" for n in (1, 2, 3, 4))
    with pytest.raises(MlcheckError, match=r"found several by 'model'.*--by model"):
        read(tmp_path / "t.csv", text)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("val_loss", "lower"),
        ("test_rmse", "lower"),
        ("validation_accuracy", "higher"),
        ("test_neg_log_loss", "higher"),
        ("dev_perplexity", "lower"),
        ("Val F1", "higher"),
    ],
)
def test_the_name_of_the_score_says_which_way_is_better(tmp_path: Path, name: str, better: str) -> None:
    """Losses fall, scores rise, negated losses rise."""
    (curve,) = read(tmp_path / "t.csv", f"n_train,{name}\n1,5\n2,4\n3,3\n4,2\n")
    assert (curve.better, curve.metric) == (better, name)


def test_a_score_of_no_known_direction_is_asked_about(tmp_path: Path) -> None:
    """Unless the user says it."""
    text = "n,quality\n1,5\n2,4\n3,3\n4,2\n"
    with pytest.raises(MlcheckError, match=r"--higher-is-better or --lower-is-better"):
        read(tmp_path / "t.csv", text, score="quality")
    (curve,) = read(tmp_path / "t.csv", score="quality", better="lower")
    assert curve.better == "lower"


def test_decimal_commas_are_read(tmp_path: Path) -> None:
    """As a German spreadsheet writes them."""
    text = "n;val_acc\n100;0,5\n200;0,625\n400;0,7\n800;0,75\n"
    (curve,) = read(tmp_path / "t.csv", text)
    assert curve.score.tolist() == [0.5, 0.625, 0.7, 0.75]


def test_standard_input_is_a_table(tmp_path: Path) -> None:
    """Read once, whatever it holds."""
    read_ = read_curves(CurvesWanted(path="-"), stdin=LONG.encode)
    assert means(read_.curves[0]) == pytest.approx(SCORES.mean(axis=1))


@pytest.mark.parametrize(
    ("text", "wanted", "told"),
    [
        ("examples_seen,score2\n1,2\n", {}, r"expected a column with the number of training examples"),
        ("n,colour\n1,2\n", {}, r"expected a column with the held-out score"),
        ("n,acc\n10,.5\n", {"score": "auc"}, r"auc"),
        ("n,acc\nmany,.5\nfew,.6\n", {}, r"expected numbers in 'n' for --n, found .*many"),
        ("n,acc\n10,.5\n0,.6\n20,.7\n", {}, r"row 1: expected a positive number of examples in 'n', found 0"),
        ("n,acc\n0.1,.5\n0.5,.6\n1,.7\n", {}, r"found 0.1; give numbers of examples, not shares"),
        ("n,acc\n10,\n20,\n", {}, r"acc"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(
    tmp_path: Path, text: str, wanted: dict[str, str], told: str
) -> None:
    """Missing columns, texts for sizes, sizes of nothing, no scores."""
    with pytest.raises(MlcheckError, match=told) as caught:
        read(tmp_path / "t.csv", text, **wanted)
    assert "\n" not in str(caught.value)


def test_a_bad_row_costs_only_its_own_curve(tmp_path: Path) -> None:
    """A word among the sizes of one, a negative size in another; the third is read."""
    rows = [f"{m},{n},0.5" for m in "abc" for n in range(1, 31)]
    rows[3], rows[35] = "a,lots,0.5", "b,-4,0.5"
    (tmp_path / "t.csv").write_text("model,n,acc\n" + "\n".join(rows) + "\n")
    found = read_curves(CurvesWanted(path=str(tmp_path / "t.csv"), by=("model",)))
    assert [c.id for c in found.curves] == ["c"]
    assert [p.source for p in found.problems] == ["t.csv a: row 3", "t.csv b: row 35"]
    assert "'lots'" in found.problems[0].message


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    """Scores and names of groups; not the path."""
    text = "model,n,acc\na,1,0.5\na,2,0.6\n"

    def digest(name: str, content: str) -> str:
        (tmp_path / name).write_text(content)
        return read_curves(CurvesWanted(path=str(tmp_path / name), by=("model",))).digest

    first = digest("t.csv", text)
    assert digest("u.csv", text) == first
    assert digest("t.csv", text.replace("0.6", "0.7")) != first
    assert digest("t.csv", text.replace("a,", "b,")) != first


WIDE = {
    "repeats side by side": "n,val_score_0,val_score_1\n",
    "seeds in the name": "n,acc_seed1,acc_seed2\n",
    "folds of scikit-learn": "n,split0_test_score,split1_test_score\n",
}


@pytest.mark.parametrize("header", WIDE.values(), ids=WIDE.keys())
def test_repeats_side_by_side_are_rows(tmp_path: Path, header: str) -> None:
    """Columns that differ by the number of a repeat."""
    text = header + "".join(f"{n:g},{a},{b}\n" for n, (a, b) in zip(SIZES, SCORES, strict=True))
    (curve,) = read(tmp_path / "wide.csv", text)
    assert len(curve.n) == 8
    assert means(curve) == pytest.approx(SCORES.mean(axis=1))


def test_training_scores_side_by_side_go_with_them(tmp_path: Path) -> None:
    """As cross-validation reports both."""
    text = "n,test_score_0,test_score_1,train_score_0,train_score_1\n" + "".join(
        f"{n:g},{a},{b},{a + 0.1},{b + 0.1}\n" for n, (a, b) in zip(SIZES, SCORES, strict=True)
    )
    (curve,) = read(tmp_path / "wide.csv", text)
    assert curve.train == pytest.approx(curve.score + 0.1)


def test_plain_folds_need_a_direction(tmp_path: Path) -> None:
    """fold1, fold2: nobody knows of what."""
    text = "n,fold1,fold2\n" + "".join(f"{n:g},{a},{b}\n" for n, (a, b) in zip(SIZES, SCORES, strict=True))
    with pytest.raises(MlcheckError, match="--higher-is-better"):
        read(tmp_path / "wide.csv", text)
    (curve,) = read(tmp_path / "wide.csv", better="higher")
    assert means(curve) == pytest.approx(SCORES.mean(axis=1))


def test_sizes_as_columns_are_turned(tmp_path: Path) -> None:
    """A row for each model, a column for each size."""
    text = "model,n=100,n=200,n=400,n=800\na,.5,.6,.7,.75\nb,.4,.5,.6,.65\n"
    one, other = read(tmp_path / "wide.csv", text, by=("model",), better="higher")
    assert (one.id, other.id) == ("a", "b")
    assert one.n.tolist() == SIZES.tolist()
    assert other.score.tolist() == [0.4, 0.5, 0.6, 0.65]


def test_a_column_for_each_curve_is_named_by_the_user(tmp_path: Path) -> None:
    """--score a,b gives the curves a and b."""
    text = "n,forest_acc,svm_acc\n100,.5,.4\n200,.6,.5\n400,.7,.6\n800,.75,.65\n"
    one, other = read(tmp_path / "wide.csv", text, score="forest_acc,svm_acc")
    assert (one.id, other.id, one.better) == ("forest_acc", "svm_acc", "higher")
    assert other.score.tolist() == [0.4, 0.5, 0.6, 0.65]


def test_mixed_directions_are_told(tmp_path: Path) -> None:
    """An accuracy and a loss are no two curves of one score, side by side or under each other."""
    text = "n,acc,loss\n100,.5,2\n200,.6,1\n"
    with pytest.raises(MlcheckError, match=r"one better direction, found acc \(higher\), loss \(lower\)"):
        read(tmp_path / "wide.csv", text, score="acc,loss")
    text = "metric,n,value\nacc,100,.5\nacc,200,.6\nloss,100,2\nloss,200,1\n"
    with pytest.raises(MlcheckError, match=r"in 'metric', found acc \(higher\), loss \(lower\)"):
        read(tmp_path / "long.csv", text, by=("metric",), better="higher")
