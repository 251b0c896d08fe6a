"""Layouts in which people keep predictions, as seen in public repositories: task and columns are found without options.

Only the headers are theirs; the rows are made here.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mlcheck.model.predictions import Binary, Multiclass, Multilabel, Regression
from tests.readers.predictions.tables import content_of, read, refusal, written

ROWS = 12
ANIMALS = ("cat", "dog", "emu")


def cell(kind: str, row: int) -> str:
    """Return a cell of a kind: what a column of the layout holds in a row."""
    truth = (row * 7) % 12 % 2
    wrong = row == 5
    three, guessed = ANIMALS[row % 3], ANIMALS[(row + (row % 5 == 4)) % 3]
    probability = 0.2 + 0.05 * row / 12 + (0.5 if truth != wrong else 0)
    made = {
        "n": str(row),
        "id": f"img_{row:03}.png",
        "text": f"some longer text about thing number {row}",
        "word": "abc"[row % 3],
        "t": str(truth),
        "p": str(int(truth != wrong)),
        "s": f"{probability:.6f}",
        "r": f"{1 - probability:.6f}",
        "conf": f"{max(probability, 1 - probability):.6f}",
        "l": f"{np.log(probability / (1 - probability)):.6f}",
        "noise": f"{((row * 37) % 101) / 101:.6f}",
        "yes": ("no", "yes")[truth],
        "yes_p": ("no", "yes")[int(truth != wrong)],
        "bool": str(truth == 1),
        "a": three,
        "b": guessed,
        "a_n": str(ANIMALS.index(three)),
        "b_n": str(ANIMALS.index(guessed)),
        "ok": str(three == guessed),
        "car": guessed + " car",
        "y": f"{100 + 3.7 * row:.2f}",
        "z": f"{101.5 + 3.6 * row:.2f}",
        "group": f"u{row // 2 + row % 2 * 3 + row // 3}",
        "ms": str(12 + row % 4),
        "const": "0.16611065",
    }
    for place, name in enumerate(ANIMALS):
        made[f"p{place}"] = "0.8" if name == guessed else "0.1"
        made[f"s{place}"] = f"{(2.5 if name == guessed else -1.25) - row / 64}"
        made[f"in{place}"] = str(int(name == three or (row + place) % 4 == 0))
        made[f"out{place}"] = str(int(name == three))
        made[f"q{place}"] = "0.9" if name == three else "0.25"
    return made[kind]


def table(header: str, kinds: str, mark: str = ",") -> str:
    """Return a table of the layout."""
    body = (mark.join(cell(kind, row) for kind in kinds.split()) for row in range(ROWS))
    return "\n".join([header.replace(",", mark), *body]) + "\n"


BINARY = {
    "molecules": ("SMILES,y_pred,y_prob,status,BBB_labels", "id p s word t", ("BBB_labels", "y_pred", "y_prob")),
    "several models": ("row_id,actual,baseline_score,logistic_regression_score,random_forest_score,predicted", "n t const noise s p",
                       ("actual", "predicted", "random_forest_score")),
    "with site": ("image_id,y_true,y_pred,y_probability,split,site,device", "id t p s word word word", ("y_true", "y_pred", "y_probability")),
    "paths": ("path,label,pred,prob,max_gradcam", "id t p s noise", ("label", "pred", "prob")),
    "microcontroller": ("label,pred,prob,latency_us", "t p s ms", ("label", "pred", "prob")),
    "out of fold": ("path,manual_label,p_good_oof,oof_pred", "id t s p", ("manual_label", "oof_pred", "p_good_oof")),
    "a score named a prediction": ("id,label,prediction", "n t s", ("label", "", "prediction")),
    "h2o": ("predict,p0,p1,response", "p r s t", ("response", "predict", "p0,p1")),
    "names of truth values": ("actual,True_probability,False_probability", "bool s r", ("actual", "", "True_probability,False_probability")),
    "probas and targets": ("probas,targets", "s t", ("targets", "", "probas")),
    "yes and no": ("example_id,label,pred_label,pred_proba_yes", "n yes yes_p s", ("label", "pred_label", "pred_proba_yes")),
    "two class columns": ("Actual,Prediction,Probability_0,Probability_1", "t p r s", ("Actual", "Prediction", "Probability_0,Probability_1")),
    "autogluon": ("label,0,1", "t r s", ("label", "", "0,1")),
    "logits": ("idx,target,logit", "n t l", ("target", "", "logit")),
    "pipeline": ("text,gold,label,score", "text yes yes_p conf", ("gold", "label", "score")),
    "camel case": ("sampleId,yTrue,yPred,yScore", "n t p s", ("yTrue", "yPred", "yScore")),
    "unknown names": ("survived,pred", "t p", ("survived", "pred", "")),
    "churn": ("customerID,Churn,Churn_pred,Churn_prob", "id yes yes_p s", ("Churn", "Churn_pred", "Churn_prob")),
    "users": ("sample_id,user_id,label,prediction", "n group t p", ("label", "prediction", "")),
    "weights": ("y_test,y_score,sample_weight", "t s y", ("y_test", "", "y_score")),
    "questions": ("ID,Actual Answer,Generated Answer", "n yes yes_p", ("Actual Answer", "Generated Answer", "")),
}  # fmt: skip
MULTICLASS = {
    "class names as columns": ("filename,true_label,predicted_label,correct,face_found,cat,dog,emu,error", "id a b ok ok p0 p1 p2 noise",
                               ("true_label", "predicted_label", "cat,dog,emu")),
    "patients": ("patient_id,true_label,pred_label,prob_cat,prob_dog,prob_emu", "id a b p0 p1 p2", ("true_label", "pred_label", "prob_cat,prob_dog,prob_emu")),
    "numbered probabilities": ("image_id,label,pred_label,prob_0,prob_1,prob_2", "id a_n b_n p0 p1 p2", ("label", "pred_label", "prob_0,prob_1,prob_2")),
    "a confidence": ("sample_id,true_label,predicted_label,correct,confidence", "n a b ok conf", ("true_label", "predicted_label", "confidence")),
    "correctness": ("Index,True_Label,Predicted_Label,Is_Correct", "n a b ok", ("True_Label", "Predicted_Label", "")),
    "names beside numbers": ("sample_index,true_label,predicted_label,true_label_name,predicted_label_name", "n a_n b_n a b", ("true_label", "predicted_label", "")),
    "two predictions": ("car_name,seats,true_label,text_description,predicted_label,score_cat,score_dog,score_emu,predicted_class",
                        "id n a text car p0 p1 p2 b", ("true_label", "predicted_class", "score_cat,score_dog,score_emu")),
    "logits": ("sample_id,label,prediction,logit_0,logit_1,logit_2", "n a_n b_n s0 s1 s2", ("label", "prediction", "logit_0,logit_1,logit_2")),
    "r": ("obs,pred,cat,dog,emu,rowIndex,Resample", "a b p0 p1 p2 n word", ("obs", "pred", "cat,dog,emu")),
    "spark": ("label,prediction,probability(0),probability(1),probability(2)", "a_n b_n p0 p1 p2", ("label", "prediction", "probability(0),probability(1),probability(2)")),
    "weka": ("inst#,actual,predicted,error,prediction", "n a b word conf", ("actual", "predicted", "")),
    "label and its number": ("text,label,label_id,pred_id", "text a a_n b_n", ("label_id", "pred_id", "")),
}  # fmt: skip
REGRESSION = {
    "actual and predicted": ("Actual,Predicted", "y z", ("Actual", "Predicted")),
    "with residual": ("date,y_true,y_pred,residual,abs_error", "n y z noise noise", ("y_true", "y_pred")),
    "named target": ("Id,SalePrice,SalePrice_pred", "n y z", ("SalePrice", "SalePrice_pred")),
    "forecast": ("ds,y,yhat,yhat_lower,yhat_upper", "id y z z z", ("y", "yhat")),
    "r": (",observed,fitted", "n y z", ("observed", "fitted")),
    "prefixes": ("pred_price,true_price", "z y", ("true_price", "pred_price")),
}


def check_columns(path: str, task: str, expected: tuple[str, ...]) -> None:
    """Hold the task and the columns of truth, prediction and scores against what a reader of the header would say."""
    made = read(path)
    found = tuple(",".join(made.columns.get(role, ())) for role in ("true", "pred", "score"))
    told = dict(zip(("true", "pred", "score"), expected, strict=False))
    if task == "binary" and not told["pred"]:
        found = (found[0], "", found[2] or found[1])
    assert (made.task, *found[: len(expected)]) == (task, *expected)
    assert made.rows == ROWS
    assert not made.dropped


@pytest.mark.parametrize("name", BINARY)
def test_binary_layouts(name: str, tmp_path: Path) -> None:
    """Truth, prediction and the score of the positive class."""
    header, kinds, expected = BINARY[name]
    path = written(tmp_path, "p.csv", table(header, kinds))
    check_columns(path, "binary", expected)
    made = content_of(Binary, path)
    assert made.truth.tolist() == [cell("t", row) == "1" for row in range(ROWS)]
    if made.predicted is not None:
        assert made.predicted.tolist() == [cell("p", row) == "1" for row in range(ROWS)]
    if made.score is not None:
        kind = "l" if made.kind == "logit" else "s"
        assert np.allclose(made.score, [float(cell(kind, row)) for row in range(ROWS)], atol=2e-6)


@pytest.mark.parametrize("name", MULTICLASS)
def test_multiclass_layouts(name: str, tmp_path: Path) -> None:
    """Truth, prediction and a score for each class, in the order of the labels."""
    header, kinds, expected = MULTICLASS[name]
    path = written(tmp_path, "p.csv", table(header, kinds))
    check_columns(path, "multiclass", expected)
    made = content_of(Multiclass, path)
    assert [ANIMALS[i] for i in made.truth] == [cell("a", row) for row in range(ROWS)]
    assert made.predicted is not None
    assert [ANIMALS[i] for i in made.predicted] == [cell("b", row) for row in range(ROWS)]
    if made.scores is not None:
        assert made.scores.argmax(axis=1).tolist() == made.predicted.tolist()


@pytest.mark.parametrize("name", REGRESSION)
def test_regression_layouts(name: str, tmp_path: Path) -> None:
    """Truth and prediction of an amount."""
    header, kinds, expected = REGRESSION[name]
    path = written(tmp_path, "p.csv", table(header, kinds))
    check_columns(path, "regression", expected)
    made = content_of(Regression, path)
    assert made.truth[:, 0].tolist() == [float(cell("y", row)) for row in range(ROWS)]
    assert made.predicted[:, 0].tolist() == [float(cell("z", row)) for row in range(ROWS)]


def test_several_targets(tmp_path: Path) -> None:
    """`y_true_1`, `y_pred_1`, ...; and targets by name beside their predictions."""
    for header in ("y_true_1,y_true_2,y_pred_1,y_pred_2", "x,y,x_pred,y_pred"):
        path = written(tmp_path, "p.csv", table(header, "y noise z noise"))
        made = content_of(Regression, path)
        assert made.truth.shape == (ROWS, 2)
        assert made.predicted[:, 0].tolist() == [float(cell("z", row)) for row in range(ROWS)]
    assert made.targets == ("x", "y")


@pytest.mark.parametrize(
    "header",
    [
        "id,true_cat,true_dog,true_emu,pred_cat,pred_dog,pred_emu,score_cat,score_dog,score_emu",
        "id,cat,dog,emu,cat_pred,dog_pred,emu_pred,cat_prob,dog_prob,emu_prob",
        "id,y_true_cat,y_true_dog,y_true_emu,y_pred_cat,y_pred_dog,y_pred_emu,y_prob_cat,y_prob_dog,y_prob_emu",
    ],
)
def test_indicator_columns_are_multi_label(header: str, tmp_path: Path) -> None:
    """A true column of 0 and 1 for each label, with its prediction and score."""
    path = written(tmp_path, "p.csv", table(header, "id in0 in1 in2 out0 out1 out2 q0 q1 q2"))
    made = content_of(Multilabel, path)
    assert made.labels == ANIMALS
    assert made.predicted is not None
    assert made.scores is not None
    for place in range(3):
        assert made.truth[:, place].tolist() == [cell(f"in{place}", row) == "1" for row in range(ROWS)]
        assert made.predicted[:, place].tolist() == [cell(f"out{place}", row) == "1" for row in range(ROWS)]
        assert made.scores[:, place].tolist() == [float(cell(f"q{place}", row)) for row in range(ROWS)]


def label_sets() -> list[tuple[list[str], list[str]]]:
    """Return true and predicted labels of some rows; one row has none."""
    true = [[n for i, n in enumerate(ANIMALS) if cell(f"in{i}", row) == "1"] for row in range(ROWS)]
    pred = [[n for i, n in enumerate(ANIMALS) if cell(f"out{i}", row) == "1"] for row in range(ROWS)]
    pred[3] = []
    return list(zip(true, pred, strict=True))


@pytest.mark.parametrize("form", ["json", "bar", "printed"])
def test_lists_of_labels_are_multi_label(form: str, tmp_path: Path) -> None:
    """JSON lists, `a|b`, and lists as Python prints them."""
    rows = label_sets()
    if form == "json":
        path = written(
            tmp_path, "p.jsonl", "\n".join(json.dumps({"labels": t, "predictions": p}) for t, p in rows)
        )
    else:
        rows[3] = (rows[3][0], ["emu"])
        spelled = ("|".join) if form == "bar" else (lambda x: f'"{x}"')
        path = written(
            tmp_path,
            "p.csv",
            "labels,predictions\n" + "".join(f"{spelled(t)},{spelled(p)}\n" for t, p in rows),
        )
    made = content_of(Multilabel, path)
    assert made.labels == ANIMALS
    assert made.predicted is not None
    assert [[n for n, on in zip(ANIMALS, row, strict=True) if on] for row in made.truth] == [
        t for t, _ in rows
    ]
    assert [[n for n, on in zip(ANIMALS, row, strict=True) if on] for row in made.predicted] == [
        p for _, p in rows
    ]


def test_rows_with_settings_inside(tmp_path: Path) -> None:
    """JSON lines with an object in each row."""
    rows = [
        {"schema_version": 1, "index": i, "y_true": int(cell("t", i)), "logit": float(cell("l", i)), "prob": float(cell("s", i)),
         "y_pred": int(cell("p", i)), "y_pred_post": int(cell("p", i)), "meta": {"subject": f"u{i % 3}", "window": i}}
        for i in range(ROWS)
    ]  # fmt: skip
    made = read(written(tmp_path, "p.jsonl", "\n".join(json.dumps(row) for row in rows)))
    assert made.task == "binary"
    assert (made.columns["true"], made.columns["pred"], made.columns["score"]) == (
        ("y_true",),
        ("y_pred",),
        ("prob",),
    )


def test_results_with_a_curve_beside_the_predictions(tmp_path: Path) -> None:
    """Lists of another length than the truth's are not rows."""
    content = {
        "accuracy": 0.9, "y_true": [0, 1, 1], "y_prob": [0.1, 0.7, 0.8], "fpr": [0.0, 1.0], "tpr": [0.5, 1.0], "thresholds": [1, 0],
    }  # fmt: skip
    made = content_of(Binary, written(tmp_path, "results.json", json.dumps(content)))
    assert made.truth.tolist() == [False, True, True]


def test_probabilities_by_label_inside_rows(tmp_path: Path) -> None:
    """`{"scores": {"cat": 0.8, ...}}`, and a list in the order of the labels."""
    for scores in (
        lambda i: {n: float(cell(f"p{k}", i)) for k, n in enumerate(ANIMALS)},
        lambda i: [float(cell(f"p{k}", i)) for k in range(3)],
    ):
        rows = [{"id": i, "label": cell("a", i), "probs": scores(i)} for i in range(ROWS)]
        made = content_of(Multiclass, written(tmp_path, "p.json", json.dumps(rows)))
        assert made.labels == ANIMALS
        assert made.scores is not None
        assert made.scores.argmax(axis=1).tolist() == [ANIMALS.index(cell("b", i)) for i in range(ROWS)]


def test_outputs_of_trainers_in_npz(tmp_path: Path) -> None:
    """`predictions` (n, classes) with `label_ids`; `preds` with `targets`; one-hot truth."""
    logits = np.array([[float(cell(f"s{k}", i)) for k in range(3)] for i in range(ROWS)], dtype=np.float32)
    truth = np.array([int(cell("a_n", i)) for i in range(ROWS)])
    for number, arrays in enumerate((
        {"predictions": logits, "label_ids": truth},
        {"preds": logits, "targets": truth},
        {"y_pred": logits, "y_true": np.eye(3)[truth]},
        {"logits": logits, "labels": truth[:, None]},
    )):  # fmt: skip
        path = tmp_path / f"{number}.npz"
        np.savez(path, **arrays)
        made = content_of(Multiclass, path)
        assert made.truth.tolist() == truth.tolist()
        assert made.scores is not None
        assert made.scores.dtype == np.float32
        assert made.kind == "logit"


def test_other_people_s_files() -> None:
    """Answers to questions; predictions and probabilities without names and truth, which are refused in one line."""
    import os

    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        pytest.skip("MLCHECK_BENCH does not name the folder of other people's files")
    found = {path.name: path for path in (Path(folder) / "wild" / "predictions").iterdir()}
    answers = next(path for name, path in found.items() if "results_final" in name)
    made = read(answers)
    assert (made.task, made.rows, made.columns["true"]) == ("binary", 3362, ("Actual Answer",))
    for name, path in found.items():
        if path != answers:
            assert "the truth" in refusal(path), name
