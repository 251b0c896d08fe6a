"""The task is found from what truth and prediction hold; where another reading is possible, that is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.model.predictions import TASKS, Binary, Multiclass, Regression
from tests.readers.predictions.tables import content_of, read, refusal, written

if TYPE_CHECKING:
    from pathlib import Path


def columns(true: list[object], pred: list[object], header: str = "y_true,y_pred") -> str:
    """Return a table of two columns."""
    return header + "\n" + "".join(f"{t},{p}\n" for t, p in zip(true, pred, strict=True))


TEXTS = [f"the quick fox number {i} jumps over it" for i in range(20)]
CASES: dict[str, tuple[list[object], list[object], str]] = {
    "zeros and ones": ([0, 1, 1, 0], [0, 1, 0, 0], "binary"),
    "minus one and one": ([-1, 1, 1, -1], [1, 1, 1, -1], "binary"),
    "one and two": ([1, 2, 2, 1], [1, 2, 1, 1], "binary"),
    "floats that are whole": (["0.0", "1.0", "1.0"], ["0.0", "1.0", "0.0"], "binary"),
    "truth values against numbers": (["True", "False", "True"], [1, 0, 0], "binary"),
    "two words": (["ham", "spam", "ham"], ["spam", "spam", "ham"], "binary"),
    "probabilities as predictions": ([0, 1, 1], [0.25, 0.5, 0.75], "binary"),
    "margins as predictions": ([-1, 1, 1], [-2.5, 0.5, 7.5], "binary"),
    "ten digits": ([*range(10)] * 3, [*range(10)] * 3, "multiclass"),
    "few digits of few rows": ([0, 3, 5, 9], [0, 3, 8, 9], "multiclass"),
    "a hundred classes": ([*range(100)] * 6, [*range(100)] * 6, "multiclass"),
    "words": (["a", "b", "c"], ["a", "b", "b"], "multiclass"),
    "a third label in the prediction": ([0, 1, 1, 0], [0, 1, 2, 0], "multiclass"),
    "fractions": ([0.5, 1.25, 3.5], [0.25, 1.5, 3.0], "regression"),
    "whole truths, fractional predictions": ([3, 5, 8, 9], [3.1, 4.75, 8.2, 9.9], "regression"),
    "ages": ([*range(18, 90)], [*range(19, 91)], "regression"),
    "prices": ([100000, 250000, 120000, 99000], [110000, 240000, 100000, 90000], "regression"),
    "sentences": ([*TEXTS], [*TEXTS[1:], TEXTS[0]], "generation"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_task_follows_from_the_values(name: str, tmp_path: Path) -> None:
    """Under the plainest names."""
    true, pred, task = CASES[name]
    assert read(written(tmp_path, "p.csv", columns(true, pred))).task == task


def test_the_user_s_word_counts_more(tmp_path: Path) -> None:
    """--task multiclass of two classes, regression of digits."""
    path = written(tmp_path, "p.csv", columns([0, 1, 1, 0], [0, 1, 0, 0]))
    assert len(content_of(Multiclass, path, task="multiclass").labels) == 2
    assert content_of(Regression, path, task="regression").truth[:, 0].tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_reads_or_refuses_what_it_is_given(task: str, tmp_path: Path) -> None:
    """A task that does not fit is one line."""
    path = written(tmp_path, "p.csv", columns([0.5, 1.25, 3.5], [0.25, 1.5, 3.0]))
    if task in ("regression", "generation"):
        assert read(path, task=task).task == task
    else:
        assert "expected" in refusal(path, task=task)


@pytest.mark.parametrize(
    ("true", "pred", "told"),
    [
        ([3, 5, 8, 9] * 3, [3.1, 4.75, 8.2, 9.9] * 3, "read as amounts"),
        ([2, 4, 8, 16] * 3, [2, 4, 8, 8] * 3, "--task regression"),
        ([*range(18, 90)], [*range(19, 91)], "--task multiclass"),
        (["cat", "dog", "dog", "dog"], ["cat", "cat", "dog", "dog"], "the rarer one"),
    ],
)
def test_a_doubtful_reading_is_told(
    true: list[object], pred: list[object], told: str, tmp_path: Path
) -> None:
    """With the option that changes it."""
    found = read(written(tmp_path, "p.csv", columns(true, pred)))
    assert any(told in doubt for doubt in found.doubts), found.doubts


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        ((0, 1), "1"), ((-1, 1), "1"), ((1, 2), "2"), (("False", "True"), "True"), (("no", "Yes"), "Yes"),
        (("ham", "spam"), "spam"), (("normal", "anomalous"), "anomalous"), (("B", "A"), "A"),
    ],
)  # fmt: skip
def test_the_positive_class(labels: tuple[object, object], positive: str, tmp_path: Path) -> None:
    """1, True, yes and spam; what stands against 0, normal and no; else the rarer one."""
    negative, other = labels
    path = written(
        tmp_path, "p.csv", columns([negative, other, negative, negative], [other, other, negative, negative])
    )
    made = content_of(Binary, path)
    assert made.positive == positive
    assert made.truth.tolist() == [False, True, False, False]


def test_a_positive_label_that_is_none_is_told(tmp_path: Path) -> None:
    """With the labels that there are."""
    path = written(tmp_path, "p.csv", columns([0, 1], [0, 1]))
    assert "'0', '1'" in refusal(path, positive="spam")
    assert content_of(Binary, path, positive="0.0").positive == "0"


def test_harness_samples(tmp_path: Path) -> None:
    """Answers in lists of one, and log-likelihoods of the choices with whether they are the greedy ones."""
    asked = [
        {"doc_id": i, "doc": {"question": f"{i}+1"}, "target": str(i + 1), "resps": [[f"it is {i}"]], "filtered_resps": [str(i + i % 2)],
         "exact_match": 0.0}
        for i in range(1, 9)
    ]  # fmt: skip
    made = read(written(tmp_path, "a.jsonl", "\n".join(json.dumps(row) for row in asked)))
    assert made.columns["true"] == ("target",)
    assert made.columns["pred"] == ("filtered_resps",)
    chosen = [
        {
            "doc_id": i,
            "target": i % 3,
            "filtered_resps": [[f"{-1.0 if k == i % 2 else -2.5}", "False"] for k in range(3)],
        }
        for i in range(9)
    ]
    content = content_of(
        Multiclass, written(tmp_path, "b.jsonl", "\n".join(json.dumps(row) for row in chosen))
    )
    assert content.scores is not None
    assert content.scores.argmax(axis=1).tolist() == [i % 2 for i in range(9)]


def test_labels_are_matched_however_they_are_written(tmp_path: Path) -> None:
    """1 and 1.0, Yes and yes, LABEL_1 and 1."""
    for true, pred in (
        ((0, 1), ("0.0", "1.0")),
        (("No", "Yes"), ("no", "yes")),
        ((0, 1), ("LABEL_0", "LABEL_1")),
        (("no", "yes"), (0, 1)),
    ):
        path = written(tmp_path, "p.csv", columns([true[0], true[1], true[1]], [pred[0], pred[1], pred[0]]))
        made = content_of(Binary, path)
        assert made.predicted is not None
        assert (made.truth.tolist(), made.predicted.tolist()) == ([False, True, True], [False, True, False])


def test_missing_numbers_are_blanks_and_words_may_be_classes(tmp_path: Path) -> None:
    """`None` among numbers is no label; among words it may be one."""
    found = read(written(tmp_path, "a.csv", columns([0, "None", 1, "nan"], [0, 1, 1, 1])))
    assert found.dropped == {"without a truth": 2}
    found = read(written(tmp_path, "b.csv", columns(["none", "anger", "joy"], ["none", "none", "joy"])))
    assert isinstance(found.content, Multiclass)
    assert found.content.labels == ("anger", "joy", "none")


def test_one_class_of_truth_is_still_binary(tmp_path: Path) -> None:
    """The other label stands against it."""
    made = content_of(Binary, written(tmp_path, "p.csv", columns([1, 1], [0.25, 0.5], "y_true,score")))
    assert (made.positive, made.negative, made.truth.tolist()) == ("1", "0", [True, True])


def test_one_hot_truth_is_one_class_each(tmp_path: Path) -> None:
    """A row with one 1 each; several ones are several labels."""
    truth = np.eye(3, dtype=int)[[0, 2, 1, 0]]
    path = tmp_path / "p.npz"
    np.savez(path, y_true=truth, y_pred=truth[[0, 1, 2, 0]])
    assert content_of(Multiclass, path).truth.tolist() == [0, 2, 1, 0]
    np.savez(path, y_true=np.minimum(truth + truth[[1, 2, 3, 0]], 1), y_pred=truth)
    assert read(path).task == "multilabel"


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("q1 Q0 d1 1 12.5 bm25\nq1 Q0 d2 2 11.5 bm25\n", "--qrels QRELS --run a.txt"),
        ("q1 0 d1 1\nq1 0 d2 0\n", "--qrels a.txt --run RUN"),
        ("the cat sat on the mat\nhello there world\n", "--hypothesis a.txt --reference FILE"),
        ("name,colour\nrose,red\n", "name it: --true COL"),
    ],
)
def test_a_file_whose_other_half_is_elsewhere_says_how_to_name_both(
    tmp_path: Path, content: str, hint: str
) -> None:
    """A ranking needs its judgements, a translation its reference."""
    assert hint in refusal(written(tmp_path, "a.txt", content))
