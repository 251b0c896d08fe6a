"""Which task the columns are of, and what is to be said where another reading is possible."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers import roles as log_names
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions import labels
from mlcheck.readers.predictions.frame import Column, Lists, Numbers, Words, are_whole
from mlcheck.readers.predictions.names import guess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.predictions import Task
    from mlcheck.readers.predictions.assigned import Assigned
    from mlcheck.readers.predictions.frame import Frame

FEW = 20
"""Whole numbers of at most this many values are classes if each stands for two rows at least."""
ROWS_A_CLASS = 5
"""Rows that each of 0..K-1 must have on the average to be classes where K is larger."""
WORDY = 3.0
"""Words that a free text has on the average."""
SEPARATORS = ("|", ";")
TREC_RUN = re.compile(r"\S+\s+\S+\s+\S+\s+\d+\s+[-+\d.eE]+\s+\S+")
"""A line of a ranking: query, Q0, document, rank, score, name of the run."""
TREC_QRELS = re.compile(r"\S+\s+\S+\s+\S+\s+-?\d")
"""A line of judgements: query, iteration, document, relevance."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A task, and what was guessed."""

    task: Task
    doubt: str = ""


def infer(where: str, made: Frame, roles: Assigned, task: Task | None) -> Chosen:
    """Return the task: what the user says, else what the columns are. Raises MlcheckError where the truth is missing."""
    if roles.query is not None:
        return Chosen("ranking")
    if roles.tokens is not None and not roles.true and task in (None, "language-model"):
        return Chosen("language-model")
    if task == "language-model" and (roles.score or roles.pred):
        return Chosen(task)
    _demand(where, made, roles)
    if task is not None:
        return Chosen(task)
    truth = made.columns[roles.true[0]]
    if len(roles.true) > 1:
        return _several(made, roles)
    if isinstance(truth, Numbers) and truth.value.ndim == 2:
        return _block(truth)
    if isinstance(truth, Lists):
        return Chosen("generation" if guess(roles.true[0]).role == "reference" else "multilabel")
    if isinstance(truth, Words):
        return _of_words(truth, made, roles)
    return _of_numbers(truth, made, roles)


def _demand(where: str, made: Frame, roles: Assigned) -> None:
    """Raise MlcheckError where the truth is missing, or everything beside it."""
    if roles.true and (roles.pred or roles.score):
        return
    every = list(made.columns)
    if is_log(every):
        raise MlcheckError(
            where,
            f"expected predictions, found the log of a training run ({listed(every, 6)})",
            f"try mlcheck diagnose {where}",
        )
    if not roles.true and not made.named and len(roles.score) > 1:
        raise MlcheckError(
            where,
            f"expected a column of the truth beside the scores, found {len(roles.score)} columns of probabilities without names",
            "add the column of true labels, or give a file with the truth beside this one",
        )
    if not roles.true:
        raise MlcheckError(
            where,
            f"expected a column of the truth, such as y_true or label, found {listed(every)}",
            _half(where, every),
        )
    others = listed([name for name in every if name not in roles.true]) or "no other column"
    raise MlcheckError(
        where,
        f"expected a prediction or a score beside the truth {roles.true[0]!r}, found {others}",
        "name it: --pred COL or --score COL",
    )


def _half(where: str, names: Sequence[str]) -> str:
    """Return what to try with a table without the truth: its first line may be that of a file that has a half elsewhere."""
    first = " ".join(names)
    if TREC_RUN.fullmatch(first):
        return f"it looks like a TREC run: --qrels QRELS --run {where}"
    if TREC_QRELS.fullmatch(first):
        return f"it looks like TREC judgements: --qrels {where} --run RUN"
    if len(names) == 1 and len(first.split()) > 1:
        return f"name it with --true COL; texts line by line are compared by --hypothesis {where} --reference FILE"
    return "name it: --true COL"


def is_log(names: Sequence[str]) -> bool:
    """Whether columns are those of a training run's log: losses beside epochs or steps."""
    found = [log_names.guess(name).role.quantity for name in names[:100]]
    return "loss" in found and ("epoch" in found or "step" in found)


def _several(made: Frame, roles: Assigned) -> Chosen:
    """Several true columns: indicators of labels, or targets."""
    columns = [made.columns[name] for name in roles.true]
    if all(guess(name).role == "reference" for name in roles.true) and any(
        isinstance(c, Words) for c in columns
    ):
        return Chosen("generation")
    if all(_is_indicator(column) for column in columns):
        return Chosen("multilabel")
    return Chosen("regression")


def _is_indicator(column: Column) -> bool:
    if isinstance(column, Words):
        return {name.casefold() for name in column.names} <= {"true", "false", "yes", "no"}
    return isinstance(column, Numbers) and bool(np.isin(column.value[~column.blank], (0, 1)).all())


def _block(truth: Numbers) -> Chosen:
    """Give the task of a truth of several columns under one name: one-hot classes, indicators, or targets."""
    if not np.isin(truth.value, (0, 1)).all():
        return Chosen("regression")
    if (truth.value.sum(axis=1) == 1).all():
        doubt = "the truth has one 1 in each row and was read as one class each"
        return Chosen("binary" if truth.value.shape[1] == 2 else "multiclass", doubt)
    return Chosen("multilabel")


def _of_words(truth: Words, made: Frame, roles: Assigned) -> Chosen:
    """Words: labels, several labels in a cell, or free text."""
    pred = made.columns[roles.pred[0]] if roles.pred else None
    if not roles.score and pred is not None and is_free_text(truth, pred, roles):
        return Chosen("generation")
    if any(is_joined(truth, mark) for mark in SEPARATORS):
        return Chosen("multilabel")
    if _is_printed(truth):
        return Chosen("multilabel")
    names = set(
        labels.coded([c for c in (truth, pred) if isinstance(c, Words | Numbers) and _is_labels(c)]).names
    )
    classes = max(len(names), _score_classes(made, roles))
    return Chosen("binary" if classes <= 2 else "multiclass")


def _is_labels(column: Column) -> bool:
    """Whether a column can hold labels: words or whole numbers."""
    if isinstance(column, Words):
        return True
    if not isinstance(column, Numbers) or column.value.ndim != 1:
        return False
    value = column.value[~column.blank]
    return are_whole(value)


def _is_printed(column: Words) -> bool:
    """Whether the cells are printed lists: ['a', 'b']."""
    return bool(column.names) and all(name[:1] in "[{(" and name[-1:] in "]})" for name in column.names)


def is_joined(column: Words, mark: str) -> bool:
    """Whether cells hold several short labels with this mark between them: the parts must come again in other cells."""
    joined = [name for name in column.names if mark in name]
    if not joined:
        return False
    parts = [part.strip() for name in column.names for part in name.split(mark)]
    return len(set(parts)) < len(parts) and sum(map(len, parts)) < 40 * len(parts)


def is_free_text(truth: Words, pred: Column, roles: Assigned) -> bool:
    """Whether truth and prediction are texts and not labels: of several words, hardly any twice."""
    if not isinstance(pred, Words) or not truth.names or not pred.names:
        return False
    strong = guess(roles.true[0]).role == "reference" or guess(roles.pred[0]).role == "hypothesis"
    wordy = sum(len(name.split()) for name in truth.names) / len(truth.names) >= WORDY
    is_open = len(truth.names) > max(10, 0.3 * len(truth))
    shared = len(set(truth.names) & set(pred.names)) / len(pred.names)
    return (wordy and (strong or is_open or shared < 0.1)) or (is_open and (strong or shared < 0.3))


def _score_classes(made: Frame, roles: Assigned) -> int:
    """Return how many classes the scores tell apart by a column each; 0 for a single column."""
    if len(roles.score or roles.pred) == 1:
        column = made.columns[(roles.score or roles.pred)[0]]
        return column.value.shape[1] if isinstance(column, Numbers) and column.value.ndim == 2 else 0
    return len(roles.score)


def _of_numbers(truth: Numbers, made: Frame, roles: Assigned) -> Chosen:
    """Numbers: two classes, few or counted ones, or amounts."""
    value = truth.value[~truth.blank]
    if not len(value):
        return Chosen("binary")
    scored = _score_classes(made, roles)
    if not are_whole(value):
        return Chosen("regression")
    names, code = labels.distinct(Numbers(value))
    if scored > 1:
        return Chosen("binary" if max(scored, len(names)) <= 2 else "multiclass")
    pred = made.columns[roles.pred[0]] if roles.pred else None
    if len(names) <= 2 and _are_two_classes(names, pred, scored=bool(roles.score)):
        return Chosen("binary")
    if isinstance(pred, Numbers) and not _is_labels(pred):
        doubt = (
            ""
            if len(names) > FEW
            else "the truth holds few whole numbers, the prediction fractions: read as amounts"
        )
        return Chosen("regression", doubt)
    if pred is None:
        return Chosen("regression" if len(names) > 2 else "binary")
    classes, doubt = _are_classes(names, len(code))
    if not classes:
        return Chosen("regression", doubt)
    both = labels.coded([truth, pred]).names
    return Chosen("binary" if len(both) <= 2 else "multiclass", doubt)


def _are_two_classes(names: list[str], pred: Column | None, *, scored: bool) -> bool:
    """Whether one or two whole numbers are classes: usual ones, or ones that the prediction keeps to."""
    if scored or set(names) <= {"0", "1"} or set(names) in ({"-1", "1"}, {"1", "2"}):
        return pred is None or not _is_labels(pred) or len(labels.coded([pred], names).names) <= 2
    if pred is None or not _is_labels(pred):
        return len(names) == 2 and pred is None
    return len(names) == 2 and len(labels.coded([pred], names).names) <= 2


def _are_classes(names: list[str], rows: int) -> tuple[bool, str]:
    """Whether whole numbers are classes and not amounts, and what is to be said of it."""
    numbers = [int(name) for name in names]
    span = max(numbers) - min(numbers) + 1
    counted = min(numbers) in (0, 1) and len(numbers) >= 0.9 * span
    told = f"whole numbers of {len(names)} values were read as"
    if len(names) <= FEW and (rows >= 2 * len(names) or max(map(abs, numbers)) < FEW // 2):
        return True, "" if counted else f"{told} classes; --task regression reads them as amounts"
    if counted and rows >= ROWS_A_CLASS * len(names):
        return True, f"{told} classes; --task regression reads them as amounts" if len(names) > 100 else ""
    return False, f"{told} amounts; --task multiclass reads them as classes"
