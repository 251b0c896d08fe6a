"""Predictions of classes from a table: labels to codes, scores to the classes they are of, what they are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Binary, Multiclass, Multilabel
from mlcheck.readers.predictions import labels
from mlcheck.readers.predictions.columns import listed, names_of_classes, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.model.predictions import ScoreKind, Task
    from mlcheck.readers.predictions.build import Draft
    from mlcheck.readers.predictions.frames import Array

SUM_TOLERANCE = 1e-2
"""By how much the probabilities of a row may miss 1: they are printed with two digits at least."""


def classification(draft: Draft, task: Task) -> Binary | Multiclass:
    """Return two classes, or more where the labels or the scores show more."""
    one = draft.found.one
    if "true" not in one:
        raise MlcheckError(
            draft.frame.source,
            f"expected a column of the truth, found {listed(draft.frame.columns)}",
            "name it: --true COL",
        )
    _move_scores(draft)
    truth = one["true"]
    scored = _score_columns(draft)
    needed: dict[str, tuple[str, ...]] = {"truth": (truth,)}
    if "pred" in one:
        needed["prediction"] = (one["pred"],)
    if scored:
        needed["score"] = tuple(scored.values()) if isinstance(scored, dict) else (scored,)
    if len(needed) == 1:
        raise _nothing_predicted(draft)
    draft.keep(**needed)
    draft.use("true", truth)
    if "pred" in one:
        draft.use("pred", one["pred"])
    if scored:
        draft.use("score", *needed["score"])
    found = [draft.column(truth), *([draft.column(one["pred"])] if "pred" in one else [])]
    codes, names = labels.codes(found, order=())
    is_binary = task == "binary" or (len(names) <= 2 and _width(draft, scored) <= 2 and task != "multiclass")
    if is_binary:
        return _binary(draft, codes, names, scored)
    return _multiclass(draft, codes, names, scored)


def _nothing_predicted(draft: Draft) -> MlcheckError:
    return MlcheckError(
        draft.frame.source,
        f"expected a prediction or a score beside the truth {draft.found.one['true']!r}, found {listed(draft.frame.columns)}",
        "name it: --pred COL or --score COL",
    )


def _move_scores(draft: Draft) -> None:
    """Take predictions that are no labels for scores: fractions beside whole labels, or a row of numbers per class."""
    one = draft.found.one
    name = one.get("pred")
    if name is None or draft.wanted.pred:
        return
    column = draft.frame.columns[name]
    truth = draft.frame.columns[one["true"]]
    is_row = column.ndim == 2 and truth.ndim == 1
    fractions = (
        column.ndim == 1 and column.dtype.kind == "f" and bool(np.any(np.mod(column[np.isfinite(column)], 1)))
    )
    if (is_row or fractions) and "score" not in one and not draft.found.several.get("score"):
        one["score"] = one.pop("pred")
    elif is_row or fractions:
        one.pop("pred")


def _score_columns(draft: Draft) -> dict[str, str] | str | None:
    """Return the columns of scores by class, the one column of scores, or None."""
    one, several = draft.found.one, draft.found.several.get("score")
    if draft.wanted.score:
        return one.get("score") or several
    truth = draft.frame.columns[one["true"]]
    names = labels.sort(set(labels.texts(truth[_present(truth)])))
    if several and len(several) > 1 and _fits(several, names):
        return several
    named = names_of_classes(draft.frame, names, (one["true"], one.get("pred", ""), one.get("weight", "")))
    if named and len(names) > 1:
        return named
    score = one.get("score")
    if score is not None and draft.frame.columns[score].dtype.kind not in "ifb":
        return None
    if score is not None and words(score) in ("confidence", "conf"):
        return None
    if score is None and several:
        return several if len(several) > 1 else next(iter(several.values()))
    return score


def _fits(several: Mapping[str, str], names: Sequence[str]) -> bool:
    """Whether columns are named by the classes or number them."""
    known = {words(n) for n in names}
    given = {words(c) for c in several}
    return bool(known & given) or len(given) >= len(known)


def _present(column: Array) -> Array:
    from mlcheck.readers.predictions.columns import is_finite

    return is_finite(column)


def _width(draft: Draft, scored: dict[str, str] | str | None) -> int:
    if isinstance(scored, dict):
        return len(scored)
    if scored is None:
        return 0
    column = draft.frame.columns[scored]
    return int(column.shape[1]) if column.ndim == 2 else 1


def _binary(
    draft: Draft, codes: list[Any], names: tuple[str, ...], scored: dict[str, str] | str | None
) -> Binary:
    if len(names) > 2:
        raise MlcheckError(
            draft.frame.source,
            f"expected two classes, found {len(names)}: {listed(names)}",
            "leave out --task, or name columns",
        )
    chosen = _same_label(draft.wanted.positive, names, draft)
    if chosen is None and isinstance(scored, str) and words(scored) in {f"prob_{words(n)}" for n in names}:
        chosen = next(n for n in names if words(scored) == f"prob_{words(n)}")
    if len(names) == 1:
        positive, negative, doubt = _only_class(names[0], chosen)
    else:
        positive, doubt = labels.positive(names, chosen)
        negative = next(n for n in names if n != positive)
    if doubt:
        draft.doubts.append(doubt)
    place = names.index(positive) if positive in names else -1
    truth = np.asarray(codes[0] == place)
    predicted = np.asarray(codes[1] == place) if len(codes) > 1 else None
    score = _binary_score(draft, scored, positive)
    kind = _kind(draft, score, scored) if score is not None else "probability"
    return Binary(
        truth=truth, score=score, predicted=predicted, kind=kind, positive=positive, negative=negative
    )


def _only_class(name: str, chosen: str | None) -> tuple[str, str, str | None]:
    """Return (positive, negative, doubt) where truth and predictions hold a single class."""
    is_negative = name.strip().lower() in labels.NEGATIVE and chosen != name
    other = {"0": "1", "False": "True", "-1": "1", "no": "yes", "1": "0", "True": "False", "yes": "no"}.get(
        name, f"not {name}"
    )
    return (other, name, None) if is_negative else (name, other, None)


def _same_label(wanted: str | None, names: tuple[str, ...], draft: Draft) -> str | None:
    if wanted is None:
        return None
    for name in names:
        if (
            name == wanted
            or name.lower() == wanted.lower()
            or name in (f"{wanted}.0", wanted.removesuffix(".0"))
        ):
            return name
    if len(names) == 1:
        return wanted
    raise MlcheckError(
        draft.frame.source, f"expected the label {wanted!r} of --positive, found {listed(names)}"
    )


def _binary_score(draft: Draft, scored: dict[str, str] | str | None, positive: str) -> Any:
    """Return the score of the positive class."""
    if scored is None:
        return None
    if isinstance(scored, dict):
        by_words = {words(c): n for c, n in scored.items()}
        name = by_words.get(words(positive)) or list(scored.values())[-1]
        if words(positive) not in by_words:
            draft.doubts.append(f"took {name} for the score of {positive} (--score)")
        draft.use("score", name)
        return _real(draft.column(name))
    column = draft.column(scored)
    return _real(column[:, -1] if column.ndim == 2 else column)


def _real(column: Array) -> Any:
    return (
        np.ascontiguousarray(column)
        if column.dtype in (np.float32, np.float64)
        else column.astype(np.float64)
    )


def _kind(draft: Draft, score: Any, scored: dict[str, str] | str | None) -> ScoreKind:
    """Return what scores are, by their range: within 0..1 probabilities, at most 0 under a name with "log" logarithms."""
    if not len(score):
        return "probability"
    low, high = float(score.min()), float(score.max())
    if low >= 0 and high <= 1:
        return "probability"
    name = scored if isinstance(scored, str) else next(iter(scored.values()), "") if scored else ""
    told = words(name)
    if high <= 0 and "log" in told and "logit" not in told:
        return "log-probability"
    if "prob" in told and "log" not in told:
        bad = (score < 0) | (score > 1)
        row = int(np.argmax(bad if bad.ndim == 1 else bad.any(axis=1)))
        found = score[row] if score.ndim == 1 else score[row][int(np.argmax(bad[row]))]
        raise MlcheckError(
            draft.frame.source,
            f"expected probabilities from 0 to 1 in {name!r}, found {float(found):g} in row {row + 1}",
            "name a column of logits with --score if that is what they are",
        )
    draft.unscaled = "logit" not in told and "log_odds" not in told
    return "logit"


def _multiclass(
    draft: Draft, codes: list[Any], names: tuple[str, ...], scored: dict[str, str] | str | None
) -> Multiclass:
    truth, predicted = codes[0], codes[1] if len(codes) > 1 else None
    if scored is None or (isinstance(scored, str) and draft.column(scored).ndim == 1):
        if predicted is None:
            raise MlcheckError(
                draft.frame.source,
                f"expected a prediction or one score for each of the {len(names)} classes, found one score",
                "name the columns: --pred COL or --score COL,COL,...",
            )
        draft.used.pop("score", None)
        return Multiclass(labels=names, truth=truth, predicted=predicted, scores=None)
    matrix, order = _matrix(draft, scored, names)
    extra = [n for n in order if n not in names]
    all_names = labels.sort({*names, *extra})
    missing = [n for n in all_names if n not in order]
    if missing:
        seen = int(np.count_nonzero(np.isin(truth, [names.index(n) for n in missing if n in names])))
        raise MlcheckError(
            draft.frame.source,
            f"expected a score for every class, found none for {listed(missing)} ({seen:,} rows)",
            f"the scores are of {listed(order)}",
        )
    place = np.array([all_names.index(n) for n in names], dtype=np.int32)
    scores = matrix[:, [order.index(n) for n in all_names]]
    kind = _kind(draft, scores, scored)
    if kind == "probability":
        _check_sums(draft, scores)
    return Multiclass(
        labels=all_names,
        truth=place[truth],
        predicted=None if predicted is None else place[predicted],
        scores=np.ascontiguousarray(scores),
        kind=kind,
    )


def _matrix(draft: Draft, scored: dict[str, str] | str, names: tuple[str, ...]) -> tuple[Any, list[str]]:
    """Return the scores (n, K) and the class of each column."""
    if isinstance(scored, dict):
        matrix = np.stack([_real(draft.column(n)) for n in scored.values()], axis=1)
        given = list(scored)
    else:
        matrix = _real(draft.column(scored))
        given = [str(i) for i in range(matrix.shape[1])]
    by_words = {words(n): n for n in names}
    order = [by_words.get(words(c), c) for c in given]
    if any(n in order for n in names):
        return matrix, order
    if matrix.shape[1] == len(
        names
    ):  # numbered columns beside named classes: in sorted order, as scikit-learn has them
        if not all(n.lstrip("-").isdigit() for n in names):
            draft.doubts.append(
                f"took the columns of scores for the classes in sorted order ({listed(names)})"
            )
        return matrix, list(names)
    if all(n.isdigit() and int(n) < matrix.shape[1] for n in names):
        return matrix, [str(i) for i in range(matrix.shape[1])]
    raise MlcheckError(
        draft.frame.source,
        f"expected scores of the {len(names)} classes {listed(names)}, found {matrix.shape[1]} columns of others: {listed(given)}",
        "name them in the order of the sorted classes: --score COL,COL,...",
    )


def _check_sums(draft: Draft, scores: Any) -> None:
    """Raise MlcheckError where the probabilities of a row miss 1."""
    apart = np.abs(scores.sum(axis=1, dtype=np.float64) - 1)
    row = int(apart.argmax())
    if apart[row] > SUM_TOLERANCE:
        count = int(np.count_nonzero(apart > SUM_TOLERANCE))
        raise MlcheckError(
            draft.frame.source,
            f"expected probabilities that add to 1 in each row, found {float(scores[row].sum()):.4g} in row {row + 1} ({count:,} such rows)",
            "give every class its column, or name logits as such (logit_a, logit_b)",
        )


def multilabel(draft: Draft) -> Multilabel:
    """Return labels of which a row may carry several: indicator columns, arrays or lists."""
    several = draft.found.several
    if len(several.get("true", {})) > 1:
        return _indicators(draft)
    one = draft.found.one
    truth = draft.frame.columns[one["true"]]
    if truth.ndim == 2:
        return _arrays(draft)
    return _lists(draft)


def _indicators(draft: Draft) -> Multilabel:
    several = draft.found.several
    true = {words(k): (k, v) for k, v in several["true"].items()}
    pred = {words(k): v for k, v in several.get("pred", {}).items()}
    score = {words(k): v for k, v in several.get("score", {}).items()}
    held = [key for key in true if key in pred or key in score]
    if not held:
        raise MlcheckError(
            draft.frame.source,
            f"expected a prediction or score for each of the labels {listed(k for k, _ in true.values())}, found none",
            "name them alike: true_a, pred_a (or prob_a)",
        )
    lacking = [true[key][0] for key in true if key not in held]
    if lacking:
        draft.doubts.append(f"left out labels without a prediction: {listed(lacking)}")
    if not all(key in pred for key in held) and not all(key in score for key in held):
        raise MlcheckError(
            draft.frame.source, "expected predictions or scores for the same labels, found some of either"
        )
    names = {"truth": tuple(true[key][1] for key in held)}
    if all(key in pred for key in held):
        names["prediction"] = tuple(pred[key] for key in held)
    if all(key in score for key in held):
        names["score"] = tuple(score[key] for key in held)
    if "prediction" in names and "score" not in names and _any_fractions(draft, names["prediction"]):
        names["score"] = names.pop("prediction")
    draft.keep(**names)
    draft.use("true", *names["truth"])
    for part, told in (("prediction", "pred"), ("score", "score")):
        if part in names:
            draft.use(told, *names[part])
    stacked = {p: np.stack([draft.column(n) for n in cols], axis=1) for p, cols in names.items()}
    scores = stacked.get("score")
    return Multilabel(
        labels=tuple(true[key][0] for key in held),
        truth=stacked["truth"].astype(bool),
        predicted=stacked["prediction"].astype(bool) if "prediction" in stacked else None,
        scores=None if scores is None else _real(scores),
        kind="probability" if scores is None else _kind(draft, scores, names["score"][0]),
    )


def _any_fractions(draft: Draft, names: Sequence[str]) -> bool:
    return any(
        draft.frame.columns[n].dtype.kind == "f" and bool(np.any(np.mod(draft.frame.columns[n], 1) > 0))
        for n in names
    )


def _arrays(draft: Draft) -> Multilabel:
    one = draft.found.one
    names = {"truth": (one["true"],)}
    for part, key in (("prediction", "pred"), ("score", "score")):
        if key in one:
            names[part] = (one[key],)
    if len(names) == 1:
        raise _nothing_predicted(draft)
    shapes = {draft.frame.columns[cols[0]].shape for cols in names.values()}
    if len(shapes) > 1:
        told = " and ".join(" x ".join(map(str, s)) for s in sorted(shapes, key=str))
        raise MlcheckError(draft.frame.source, f"expected truth and prediction of one shape, found {told}")
    if "prediction" in names and "score" not in names and _any_fractions(draft, names["prediction"]):
        names["score"] = names.pop("prediction")
    draft.keep(**names)
    truth = draft.column(one["true"])
    for part, cols in names.items():
        draft.use({"truth": "true", "prediction": "pred"}.get(part, part), *cols)
    scores = _real(draft.column(names["score"][0])) if "score" in names else None
    return Multilabel(
        labels=tuple(str(i) for i in range(truth.shape[1])),
        truth=truth.astype(bool),
        predicted=draft.column(names["prediction"][0]).astype(bool) if "prediction" in names else None,
        scores=scores,
        kind="probability" if scores is None else _kind(draft, scores, names["score"][0]),
    )


def _lists(draft: Draft) -> Multilabel:
    one = draft.found.one
    if "pred" not in one:
        raise _nothing_predicted(draft)
    draft.keep(truth=(), prediction=())
    truth, said = (labels.sets(draft.column(one[part])) for part in ("true", "pred"))
    if truth is None:
        raise MlcheckError(draft.frame.source, f"expected lists of labels in {one['true']!r}, found none")
    if said is None:
        said = [[] if v is None else [str(v)] for v in draft.column(one["pred"]).tolist()]
    names = labels.sort({x for row in (*truth, *said) for x in row})
    place = {name: i for i, name in enumerate(names)}
    draft.use("true", one["true"])
    draft.use("pred", one["pred"])
    return Multilabel(labels=names, truth=_marked(truth, place), predicted=_marked(said, place), scores=None)


def _marked(rows: Sequence[Sequence[str]], place: Mapping[str, int]) -> Any:
    made = np.zeros((len(rows), len(place)), dtype=bool)
    for i, row in enumerate(rows):
        made[i, [place[x] for x in row]] = True
    return made
