"""Which column holds the truth, or which columns where there are several labels or targets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.readers.listing import listed
from mlcheck.readers.predictions.frame import Column, Frame, Numbers, Words
from mlcheck.readers.predictions.names import Guess, guess, normal, without_prediction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.readers.predictions.assigned import Assigned
    from mlcheck.readers.predictions.names import Role


def choose(
    made: Assigned, head: Frame, free: Mapping[str, Guess], by_role: Mapping[Role, Sequence[str]]
) -> Assigned:
    """Choose the truth: a column that says so, columns with one of the predictions each, the one a prediction names."""
    others = {g.part.casefold() for n, g in free.items() if g.role in ("pred", "score") and g.part}
    others |= {part(n).casefold() for n in (*made.pred, *made.score)}
    targets = _named_by_predictions(made, head, free)
    if len(targets) > 1:
        return replace(made, true=tuple(targets), parts=parts(made, targets))
    whole = [n for n in by_role.get("true", ()) if not free[n].part]
    partial = [n for n in by_role.get("true", ()) if free[n].part]
    paired = [n for n in partial if free[n].part.casefold() in others]
    if len(paired) > 1 or (paired and not whole):
        return replace(made, true=tuple(paired), parts=parts(made, {n: free[n].part for n in paired}))
    if whole:
        return _one_truth(made, head, whole, free)
    named = [
        n
        for n in head.columns
        if n in free and n.strip().casefold() in others and free[n].role in ("", "input")
    ]
    if named:
        return replace(made, true=tuple(named), parts=parts(made, {n: n.strip() for n in named}))
    if partial:
        return replace(made, true=tuple(partial), parts=parts(made, {n: free[n].part for n in partial}))
    references = by_role.get("reference", ())
    if references:
        return replace(made, true=tuple(references))
    if not (made.pred or made.score or any(by_role.get(role) for role in ("pred", "score", "hypothesis"))):
        return made
    return _by_content(made, head, free)


def _by_content(made: Assigned, head: Frame, free: Mapping[str, Guess]) -> Assigned:
    """Take what is left beside a prediction for the truth: the only column, else the only one of two values (`is_fraud`)."""
    left = [
        n
        for n, g in free.items()
        if (g.role in ("", "relevance") or normal(n) == "response") and n not in made.columns
    ]
    two = [n for n in left if _is_indicator(head.columns[n])]
    said = [n for n in two if normal(n).split("_")[0] in ("is", "has", "was", "will")]
    for found, why in (
        (left, "as the only other column"),
        (two, "as the only column of two values"),
        (said, "by its name"),
    ):
        if len(found) == 1:
            return replace(made, true=(found[0],)).doubting(f"{found[0]!r} was taken for the truth, {why}")
    return made


def _is_indicator(column: Column) -> bool:
    """Whether a column holds 0 and 1, or truth values."""
    if isinstance(column, Words):
        return {name.casefold() for name in column.names} in (
            {"true", "false"},
            {"yes", "no"},
            {"0", "1"},
            {"y", "n"},
        )
    if not isinstance(column, Numbers) or column.value.ndim != 1:
        return False
    return bool(np.isin(column.value[~column.blank], (0, 1)).all())


def _named_by_predictions(made: Assigned, head: Frame, free: Mapping[str, Guess]) -> dict[str, str]:
    """Return the columns that predictions are named for (`x` and `y` beside `x_pred` and `y_pred`), under their names."""
    predictions = [n for n, g in free.items() if g.role == "pred"] + list(made.pred)
    aims = {without_prediction(n) for n in predictions} - {""}
    return {n: normal(n) for n in head.columns if n in free and n not in predictions and normal(n) in aims}


def parts(made: Assigned, more: Mapping[str, str]) -> dict[str, str]:
    """Return the parts that columns are for, with more of them."""
    return {**made.parts, **more}


def _one_truth(made: Assigned, head: Frame, whole: Sequence[str], free: Mapping[str, Guess]) -> Assigned:
    """Choose among columns that all say they are the truth: the surest name, then what the prediction's labels share."""
    best = [n for n in whole if free[n].sure == free[whole[0]].sure]
    if len(best) == 1:
        return replace(made, true=(best[0],))
    predictions = [head.columns[n] for n, g in free.items() if g.role == "pred" and not g.part]
    predictions += [head.columns[n] for n in made.pred]
    sharing = [n for n in best if any(shares(head.columns[n], p) for p in predictions)] or best
    if len(sharing) == 1:
        return replace(made, true=(sharing[0],))
    wished = [n for n in sharing if normal(n).startswith("expected")]
    if wished and not predictions:  # "actual" beside it is what the model answered
        return replace(made, true=(wished[0],)).doubting(
            f"{wished[0]!r} was taken for the truth, not {listed([n for n in sharing if n != wished[0]])}: name it with --true"
        )
    return replace(made, true=(sharing[0],)).doubting(
        f"{sharing[0]!r} was taken for the truth, not {listed(sharing[1:])}: name it with --true"
    )


def shares(a: Column, b: Column) -> bool:
    """Whether two columns have a value in common and are of one kind."""
    if isinstance(a, Words) and isinstance(b, Words):
        return bool(set(a.names) & set(b.names))
    if isinstance(a, Numbers) and isinstance(b, Numbers) and a.value.ndim == b.value.ndim == 1:
        return bool(np.isin(a.value, b.value).any())
    return False


def part(name: str) -> str:
    """Return what a column of several of one role is for: what is left of its name, or all of it."""
    return guess(name).part or name
