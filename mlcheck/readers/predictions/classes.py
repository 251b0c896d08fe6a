"""Two or more exclusive classes: truth and prediction as labels, one score or one for each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Binary, Multiclass
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions import labels, scores
from mlcheck.readers.predictions.built import Built, Keeping, Rows
from mlcheck.readers.predictions.frame import Column, Numbers, are_whole, number
from mlcheck.readers.predictions.names import is_logarithm, is_logit, is_scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.predictions import Bools, Codes, Reals, ScoreKind
    from mlcheck.readers.predictions.labels import Labelled

TRUTH_BLANK = "without a truth"
PREDICTION_BLANK = "without a prediction"
SCORE_BLANK = "without a score"


def binary(rows: Rows, positive: str | None) -> Built:
    """Return two classes. Raises MlcheckError for labels of more, and for a positive label that is none of them."""
    truth, pred, block, told = _columns(rows)
    if pred is not None and is_score(pred):
        pred, block, told = None, scores.reals(rows.numbers(rows.roles.pred[0])), list(rows.roles.pred)
    columns = [truth] if pred is None else [truth, pred]
    class_names = _class_names(rows, block, told)
    found = labels.coded(columns, class_names or ())
    found = _with_other(rows, found, positive)
    counts = [int(np.count_nonzero(found.codes[0] == i)) for i in range(2)] if positive is None else []
    place, doubt = positive_place(rows.where, found.names, counts, positive)
    keeping = Keeping(len(truth))
    keeping.leave_out(found.codes[0] < 0, TRUTH_BLANK)
    if pred is not None:
        keeping.leave_out(found.codes[1] < 0, PREDICTION_BLANK)
    score = _two_to_one(rows, block, told, found, place, keeping) if block is not None else None
    if score is not None:
        keeping.leave_out(np.isnan(score), SCORE_BLANK)
    keeping.demand(rows.where)
    is_true = keeping.of(found.codes[0] == place)
    predicted = None if pred is None else keeping.of(found.codes[1] == place)
    doubts = [*found.doubts, *([doubt] if doubt else [])]
    kind: ScoreKind = "probability"
    if score is not None:
        score, kind, more = _score(rows, keeping.of(score), block, told, predicted)
        doubts += more
    return Built(
        content=Binary(
            truth=is_true, score=score, predicted=predicted, kind=kind,
            positive=found.names[place], negative=found.names[1 - place],
        ),
        unscaled=unscaled(rows, kind),
        kept=keeping.kept, dropped=keeping.dropped, doubts=tuple(doubts),
    )  # fmt: skip


def _columns(rows: Rows) -> tuple[Column, Column | None, Reals | None, list[str]]:
    """Return truth, prediction and scores (n,) or (n, k), with the classes of the scores' columns as they are named."""
    roles = rows.roles
    truth = _one_hot(rows.column(roles.true[0]))
    pred = _one_hot(rows.column(roles.pred[0])) if roles.pred else None
    if isinstance(pred, Numbers) and pred.value.ndim == 2:  # scores under the name of a prediction
        block = scores.reals(pred.value)
        return truth, None, block, [str(i) for i in range(block.shape[1])]
    if not roles.score:
        return truth, pred, None, []
    if len(roles.score) > 1:
        block = scores.one_block([scores.reals(rows.numbers(name)) for name in roles.score])
        return truth, pred, block, [roles.parts.get(name, name) for name in roles.score]
    value = scores.reals(rows.numbers(roles.score[0]))
    told = [str(i) for i in range(value.shape[1])] if value.ndim == 2 else [roles.score[0]]
    return truth, pred, value, told


def _one_hot(column: Column) -> Column:
    """Return the class of each row where a block of columns marks it with a 1, else the column itself."""
    if isinstance(column, Numbers) and column.value.ndim == 2 and np.isin(column.value, (0, 1)).all():
        return Numbers(column.value.argmax(axis=1))
    return column


def is_score(pred: Column) -> bool:
    """Whether what is called a prediction is a score: fractions."""
    if not isinstance(pred, Numbers) or pred.value.dtype.kind != "f":
        return False
    value = pred.value[~pred.blank]
    return not are_whole(value)


def _class_names(rows: Rows, block: Reals | None, told: Sequence[str]) -> list[str] | None:
    """Return the classes that the scores' columns are named for, None where the names do not tell."""
    if block is None or block.ndim == 1:
        return None
    if len(rows.roles.score) == 1 or rows.frame.named is False:  # columns in order, without names
        return _ordered_classes(rows, block.shape[1])
    names = [name.casefold() for name in told]
    truth = labels.coded([_one_hot(rows.column(rows.roles.true[0]))]).names
    if set(names) == {"pos", "neg"} or set(names) == {"positive", "negative"}:
        two = labels.positive_of(truth, (1, 1))[0] if len(truth) == 2 else None
        if two is not None and not {name.casefold() for name in truth} & set(names):
            return [truth[two] if name.startswith("pos") else truth[1 - two] for name in names]
    if all(labels.same_label(name, truth) is None for name in told) and _are_places(told):
        return _ordered_classes(rows, block.shape[1])
    return [truth[i] if (i := labels.same_label(name, truth)) is not None else name for name in told]


def _are_places(told: Sequence[str]) -> bool:
    return all(name.isascii() and name.isdigit() for name in told)


def _ordered_classes(rows: Rows, width: int) -> list[str]:
    """Return the classes of columns that stand in order: 0..k-1, 1..k, or the k labels of the truth as sorted.

    Raises MlcheckError where there are more labels than columns.
    """
    truth = labels.coded([_one_hot(rows.column(rows.roles.true[0]))]).names
    numbers = [number(name) for name in truth]
    if all(n is not None and n == int(n) for n in numbers):
        found = [int(n) for n in numbers if n is not None]
        first = 1 if found and min(found) == 1 and max(found) == width else 0
        if not found or (min(found) >= first and max(found) < width + first):
            return [str(i + first) for i in range(width)]
        if len(found) == width:
            return list(truth)
    elif len(truth) == width:
        return list(truth)
    raise MlcheckError(
        rows.where,
        f"expected a score for each class of the truth, found {width} columns of scores for {len(truth)} labels ({listed(truth, 6)})",
        "name the scores' columns for the classes, such as prob_cat",
    )


def _with_other(rows: Rows, found: Labelled, positive: str | None) -> Labelled:
    """Return two labels: the one that is missing where only one is found. Raises MlcheckError for more than two."""
    if len(found.names) > 2:
        raise MlcheckError(
            rows.where,
            f"expected two classes, found {len(found.names)} labels: {listed(found.names, 6)}",
            "try --task multiclass",
        )
    if len(found.names) == 2:
        return found
    name = found.names[0] if found.names else "1"
    other = other_label(name, positive)
    names = tuple(labels.in_order((name, other)))
    place = names.index(name)
    codes = tuple(np.where(code < 0, code, np.int32(place)) for code in found.codes)
    return type(found)(names, codes, found.doubts)


def other_label(name: str, positive: str | None) -> str:
    """Return the label that stands against one where the truth holds no other."""
    pairs = (("0", "1"), ("-1", "1"), ("False", "True"), ("false", "true"), ("no", "yes"))
    for one, other in pairs:
        if name in (one, other):
            return one if name == other else other
    return "other" if positive is None or labels.same_label(positive, (name,)) == 0 else positive


def positive_place(
    where: str, names: Sequence[str], counts: Sequence[int], positive: str | None
) -> tuple[int, str]:
    """Return which of two labels is positive, and what is to be said of that choice.

    Raises MlcheckError for a label that is none of them.
    """
    if positive is None:
        return labels.positive_of(names, counts)
    place = labels.same_label(positive, names)
    if place is None:
        raise MlcheckError(
            "--positive", f"expected one of the labels {listed(names)} of {where}, found {positive!r}"
        )
    return place, ""


def _two_to_one(
    rows: Rows, block: Reals, told: Sequence[str], found: Labelled, place: int, keeping: Keeping
) -> Reals:
    """Return the score (n,) of the positive class: the column, or of two columns the positive one's.

    Logits of two columns become their difference.
    """
    if block.ndim == 1:
        return block
    classes = _class_names(rows, block, told) or []
    if block.shape[1] != 2 or set(classes) != set(found.names):
        raise MlcheckError(
            rows.where,
            f"expected scores for the labels {listed(found.names)}, found columns for {listed(classes, 6)}",
            "name the score of the positive class with --score COL",
        )
    one, other = classes.index(found.names[place]), classes.index(found.names[1 - place])
    keeping.leave_out(np.isnan(block).any(axis=1), SCORE_BLANK)
    keeping.demand(rows.where)
    kept = keeping.of(block)
    if kept.size and kept.min() >= 0 and kept.max() <= 1 + scores.ROUNDING:
        scores.demand_sum(rows.where, " + ".join(told), kept)
        return block[:, one].copy()
    if scores.asked_as_probability(rows.roles.score[0] if rows.roles.score else ""):
        raise scores.outside(rows.where, ", ".join(rows.roles.score), kept)
    return scores.reals(block[:, one] - block[:, other])


def _score(
    rows: Rows, score: Reals, block: Reals | None, told: Sequence[str], predicted: Bools | None
) -> tuple[Reals, ScoreKind, list[str]]:
    """Return the score with what it is; one that belongs to the predicted class is turned to the positive one."""
    name = (rows.roles.score or rows.roles.pred)[0]
    if block is not None and block.ndim == 2:
        is_probability = bool(score.size) and float(score.min()) >= 0 and float(score.max()) <= 1
        return score, "probability" if is_probability else "logit", []
    score, kind = scores.kind_of(rows.where, told[0] if told else name, score)
    if kind == "probability" and predicted is not None and scores.is_of_predicted(score, predicted, name):
        turned = scores.reals(np.where(predicted, score, 1 - score))
        return (
            turned,
            kind,
            [f"{name!r} was taken for the confidence in the predicted class, as it is never below one half"],
        )
    return score, kind, []


def multiclass(rows: Rows) -> Built:
    """Return more than two classes. Raises MlcheckError for scores that are not those of the labels."""
    truth, pred, block, told = _columns(rows)
    doubts: list[str] = []
    if block is not None and block.ndim == 1:
        if pred is None:
            raise MlcheckError(
                rows.where, f"expected a prediction or a score for each class, found the single score {told[0]!r}",
                "write one column of probabilities a class, such as prob_cat",
            )  # fmt: skip
        doubts.append(f"{told[0]!r} was left out: of several classes, one score cannot tell")
        block = None
    classes = _class_names(rows, block, told)
    columns = [truth] if pred is None else [truth, pred]
    found = labels.coded(columns, classes or ())
    doubts += found.doubts
    keeping = Keeping(len(truth))
    keeping.leave_out(found.codes[0] < 0, TRUTH_BLANK)
    if pred is not None:
        keeping.leave_out(found.codes[1] < 0, PREDICTION_BLANK)
    if block is not None:
        keeping.leave_out(np.isnan(block).any(axis=1), SCORE_BLANK)
    keeping.demand(rows.where)
    codes: list[Codes] = [keeping.of(code) for code in found.codes]
    _demand_related(rows, found, codes)
    kind: ScoreKind = "probability"
    if block is not None and classes is not None:
        block, kind = _checked(rows, keeping.of(block), classes, found, codes[0])
    content = Multiclass(
        labels=found.names,
        truth=codes[0],
        predicted=None if pred is None else codes[1],
        scores=block,
        kind=kind,
    )
    return Built(
        content=content,
        kept=keeping.kept,
        dropped=keeping.dropped,
        doubts=tuple(doubts),
        unscaled=unscaled(rows, kind),
    )


def unscaled(rows: Rows, kind: ScoreKind) -> bool:
    """Whether scores without bounds have no known scale: they are not called logits."""
    return kind == "logit" and not is_scaled((rows.roles.score or rows.roles.pred)[0])


def _demand_related(rows: Rows, found: Labelled, codes: Sequence[Codes]) -> None:
    """Raise MlcheckError where truth and prediction have no label in common."""
    if len(codes) < 2:
        return
    true, pred = (set(np.unique(code).tolist()) for code in codes)
    if not true & pred and len(true) > 1:
        shown = [listed([found.names[i] for i in sorted(part)], 5) for part in (true, pred)]
        raise MlcheckError(
            rows.where, f"expected predictions among the labels of the truth ({shown[0]}), found others ({shown[1]})",
            "write both with the same names, or name other columns with --true and --pred",
        )  # fmt: skip


def _checked(
    rows: Rows, block: Reals, classes: Sequence[str], found: Labelled, truth: Codes
) -> tuple[Reals, ScoreKind]:
    """Return the scores in the order of the labels. Raises MlcheckError for labels that no column is named for, for
    probabilities outside 0..1 and for rows that do not add to 1.
    """  # noqa: D205  (one sentence)
    missing = [i for i, name in enumerate(found.names) if name not in classes]
    if missing:
        count = int(np.isin(truth, missing).sum())
        raise MlcheckError(
            rows.where,
            f"expected a column of scores for each label, found none for {listed([found.names[i] for i in missing], 5)} ({count:,} rows) among {listed(classes, 6)}",
            "add the columns, or name them with --score",
        )
    kind = _kind_of_block(rows, block)
    order = [classes.index(name) for name in found.names]
    if order != list(range(len(order))):
        block = block.take(order, axis=1)
    return block, kind


def _kind_of_block(rows: Rows, block: Reals) -> ScoreKind:
    """Return what scores for each class are."""
    names = rows.roles.score or rows.roles.pred
    low, high = float(block.min()), float(block.max())
    if high <= scores.ROUNDING and is_logarithm(names[0]):
        return "log-probability"
    if low >= -scores.ROUNDING and high <= 1 + scores.ROUNDING and not is_logit(names[0]):
        told = f"{names[0]} … {names[-1]}" if len(names) > 1 else names[0]
        scores.demand_sum(rows.where, told, block)
        return "probability"
    if scores.asked_as_probability(names[0]):
        raise scores.outside(rows.where, names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}", block)
    return "logit"
