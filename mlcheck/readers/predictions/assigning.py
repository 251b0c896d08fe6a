"""Which column plays which role: by what the user names, by the columns' names, by what little the first rows tell."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions import class_columns, truth_columns, unnamed
from mlcheck.readers.predictions.assigned import Assigned
from mlcheck.readers.predictions.frame import Column, Frame, Numbers, Words, are_whole, as_words
from mlcheck.readers.predictions.names import COUNTS, Guess, guess, is_logarithm, normal, without_prediction
from mlcheck.readers.predictions.truth_columns import part, parts, shares

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcheck.model.predictions import Wanted
    from mlcheck.readers.predictions.names import Role

FEWEST_CLUSTERS = 10
MOSTLY_DIFFER = 0.9
"""Share of the rows that a column must tell apart to identify them."""


def column_named(where: str, option: str, name: str, head: Frame) -> str:
    """Return the column that an option names: exactly, but for capitals, or by its number where the file has no names.

    Raises MlcheckError with what was found and the nearest name.
    """
    every = list(head.columns)
    if name in head.columns:
        return name
    alike = [column for column in every if column.strip().casefold() == name.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    if not head.named and name.isascii() and name.isdigit() and int(name) < len(every):
        return every[int(name)]
    near = difflib.get_close_matches(name, every, n=1, cutoff=0.5)
    raise MlcheckError(
        where,
        f"expected a column {name!r} for {option}, found {listed(every)}",
        f"did you mean {near[0]}?" if near else f"name one of them with {option}",
    )


def assign(where: str, head: Frame, wanted: Wanted) -> Assigned:
    """Return the roles of the columns. Raises MlcheckError for a column named by the user that is not there."""
    made = _told(where, head, wanted)
    if not head.named and not made.told & {"true", "pred", "score"}:
        return unnamed.assign(where, head, made)
    free = {name: guess(name) for name in head.columns if name not in made.columns}
    made = _lone(made, head, free)
    by_role: dict[Role, list[str]] = {}
    for name, found in sorted(free.items(), key=lambda pair: -pair[1].sure):
        by_role.setdefault(found.role, []).append(name)
    if _is_ranking(by_role, made, wanted):
        return _ranking(made, by_role)
    return _supervised(made, head, free, by_role, wanted)


def named(wanted: Wanted) -> tuple[tuple[str, str], ...]:
    """Return the columns that the user named, each with the option that named it."""
    many = (("--true", wanted.true), ("--pred", wanted.pred), ("--score", wanted.score))
    one = (
        ("--weight", wanted.weight),
        ("--by", wanted.by),
        ("--id", wanted.identifier),
        ("--group", wanted.group),
    )
    found = [(option, name) for option, names in many for name in names]
    return (*found, *((option, name) for option, name in one if name is not None))


def _told(where: str, head: Frame, wanted: Wanted) -> Assigned:
    """Return what the user named."""
    options = {"--true": "true", "--pred": "pred", "--score": "score", "--weight": "weight", "--by": "by", "--id": "id", "--group": "group"}  # fmt: skip
    many: dict[str, tuple[str, ...]] = {}
    one: dict[str, str] = {}
    for option, name in named(wanted):
        role, column = options[option], column_named(where, option, name, head)
        if role in ("true", "pred", "score"):
            many[role] = (*many.get(role, ()), column)
        else:
            one[role] = column
    by_column = {column: part(column) for columns in many.values() if len(columns) > 1 for column in columns}
    return Assigned(
        true=many.get("true", ()), pred=many.get("pred", ()), score=many.get("score", ()), weight=one.get("weight"),
        by=one.get("by"), id=one.get("id"), group=one.get("group"), parts=by_column, told=frozenset((*many, *one)),
    )  # fmt: skip


def _lone(made: Assigned, head: Frame, free: Mapping[str, Guess]) -> Assigned:
    """Assign weight, identifier and cluster: roles that stand beside any task."""
    weight = made.weight or next(
        (n for n, g in free.items() if g.role == "weight" and isinstance(head.columns[n], Numbers)), None
    )
    ids = [n for n, g in free.items() if g.role == "id"]
    if not ids and head.columns:
        first = next(iter(head.columns))
        ids = [first] if normal(first) in ("", "unnamed_0") and first in free else []
    identifier = made.id or next((n for n in ids if _nearly_all_differ(head.columns[n])), None)
    group = made.group or next(
        (n for n, g in free.items() if g.role == "group" and _repeats(head.columns[n])), None
    )
    return replace(made, weight=weight, id=identifier, group=group)


def _all_differ(column: Column) -> bool:
    """Whether no two rows of the first ones are alike."""
    if isinstance(column, Words):
        return len(column.names) == len(column)
    return (
        isinstance(column, Numbers) and column.value.ndim == 1 and len(np.unique(column.value)) == len(column)
    )


def _nearly_all_differ(column: Column) -> bool:
    """Whether a column identifies rows, of which some may be copies."""
    if isinstance(column, Words):
        return len(column.names) >= MOSTLY_DIFFER * len(column)
    return (
        isinstance(column, Numbers)
        and column.value.ndim == 1
        and len(np.unique(column.value)) >= MOSTLY_DIFFER * len(column)
    )


def _repeats(column: Column) -> bool:
    """Whether a column tells enough clusters, some of them of several rows, to resample by."""
    if isinstance(column, Words):
        return FEWEST_CLUSTERS <= len(column.names) < len(column)
    return (
        isinstance(column, Numbers)
        and column.value.ndim == 1
        and FEWEST_CLUSTERS <= len(np.unique(column.value)) < len(column)
    )


def _is_ranking(by_role: Mapping[Role, Sequence[str]], made: Assigned, wanted: Wanted) -> bool:
    if wanted.task is not None:
        return wanted.task == "ranking"
    has_score = bool(
        made.score or by_role.get("score") or by_role.get("pred") or made.pred or by_role.get("rank")
    )
    has_truth = bool(made.true or by_role.get("relevance") or by_role.get("true"))
    return (
        bool(by_role.get("query"))
        and has_score
        and has_truth
        and bool(by_role.get("document") or by_role.get("relevance"))
    )


def _ranking(made: Assigned, by_role: Mapping[Role, Sequence[str]]) -> Assigned:
    def first(*found: Role) -> str | None:
        return next((name for role in found for name in by_role.get(role, ())), None)

    true, score = first("relevance", "true"), first("score", "pred")
    return replace(
        made,
        query=made.group if "group" in made.told else first("query", "group") or made.group,
        document=first("document", "id"),
        true=made.true or ((true,) if true else ()),
        score=made.score or made.pred or ((score,) if score else ()),
        pred=(),
        group=None,
        id=None,
    )


def _supervised(
    made: Assigned,
    head: Frame,
    free: Mapping[str, Guess],
    by_role: Mapping[Role, Sequence[str]],
    wanted: Wanted,
) -> Assigned:
    """Assign truth, prediction and score."""
    if not made.true and wanted.task != "language-model":
        made = truth_columns.choose(made, head, free, by_role)
    made = _sequence(made, head, by_role, wanted)
    if made.tokens is not None:
        return made
    if "pred" not in made.told:
        made = _prediction(made, head, free, by_role)
    if "score" not in made.told:
        made = _scores(made, head, free, by_role)
    return made


def _sequence(made: Assigned, head: Frame, by_role: Mapping[Role, Sequence[str]], wanted: Wanted) -> Assigned:
    """Assign log-probabilities of tokens, where there is no truth: how many they are of, of which text, and that text."""
    logs = [n for n in by_role.get("score", ()) if is_logarithm(n)]
    found = [*by_role.get("tokens", ()), *(logs if not by_role.get("pred") else ())]
    if wanted.task != "language-model" and (made.true or not found):
        return made
    tokens = next(iter((*made.score, *made.pred, *found)), None)
    counts = [n for n in head.columns if normal(n) in COUNTS and isinstance(head.columns[n], Numbers)]
    owners = [n for role in ("id", "group", "query", "document") for n in by_role.get(role, ())]
    texts = [n for role in ("input", "reference", "hypothesis") for n in by_role.get(role, ())]
    texts += [n for n in head.columns if normal(n) in ("token", "text")]
    return replace(
        made,
        tokens=tokens,
        count=next((n for n in counts if n != tokens), None),
        sequence=made.group if "group" in made.told else next((n for n in owners if not _all_differ(head.columns[n])), None),
        text=next((n for n in texts if isinstance(head.columns[n], Words)), None),
        true=(), pred=(), score=(), group=None,
    )  # fmt: skip


def _prediction(
    made: Assigned, head: Frame, free: Mapping[str, Guess], by_role: Mapping[Role, Sequence[str]]
) -> Assigned:
    """Choose the prediction: one that says so, or one for each of several true columns."""
    found = [n for n in by_role.get("pred", ()) if n not in made.columns]
    if len(made.true) > 1 or (made.true and made.true[0] in made.parts):
        by_part = {free[n].part.casefold(): n for n in reversed(found)}
        by_part |= {without_prediction(n): n for n in found if without_prediction(n) not in by_part}
        mine = {made.parts.get(t, "").casefold(): t for t in made.true}
        matched = [by_part[part] for part in mine if part in by_part]
        if len(matched) == len(made.true):
            return replace(
                made,
                pred=tuple(matched),
                parts=parts(made, {n: made.parts[t] for n, t in zip(matched, made.true, strict=True)}),
            )
    whole = [n for n in found if not free[n].part]
    if not whole and made.true:
        named = [n for n in found if free[n].part.casefold() == made.true[0].casefold()]
        whole = named or (found if len(found) == 1 else [])
    if not whole and not found and not by_role.get("score"):
        whole = [n for n in by_role.get("hypothesis", ()) if n not in made.columns]
    if not whole:
        whole = _second_label(made, head, by_role)
    if not whole:
        return made
    truth = head.columns[made.true[0]] if made.true else None
    alike = [n for n in whole if truth is not None and shares(truth, head.columns[n])] or whole
    made = replace(made, pred=(alike[0],))
    if len(alike) > 1 and free[alike[0]].sure == free[alike[1]].sure:
        made = made.doubting(
            f"{alike[0]!r} was taken for the prediction, not {listed(alike[1:])}: name it with --pred"
        )
    return made


def _second_label(made: Assigned, head: Frame, by_role: Mapping[Role, Sequence[str]]) -> list[str]:
    """Return a `label` beside a surer truth (`gold`): what a pipeline writes for its prediction."""
    if not made.true or guess(made.true[0]).sure < 3:
        return []
    truth = head.columns[made.true[0]]
    if normal(made.true[0]).startswith("expected"):
        beside = [n for n in by_role.get("true", ()) if normal(n).startswith("actual")]
        return [n for n in beside if n not in made.columns][:1]
    second = [
        n
        for n in by_role.get("true", ())
        if n not in made.columns and guess(n).sure < 3 and not guess(n).part
    ]
    return [n for n in second if shares(truth, head.columns[n])][:1]


def _scores(
    made: Assigned, head: Frame, free: Mapping[str, Guess], by_role: Mapping[Role, Sequence[str]]
) -> Assigned:
    """Choose the scores: one column, or one for each class or label."""
    numeric = {
        n: c
        for n, c in head.columns.items()
        if isinstance(c, Numbers) and n in free and n not in made.columns
    }
    found = [n for n in by_role.get("score", ()) if n in head.columns and n not in made.columns]
    groups = class_columns.find(_labels(head, made), free, numeric)
    if groups:
        columns = groups
        return replace(made, score=tuple(columns), parts=parts(made, columns))
    whole = [n for n in found if not free[n].part]
    if not whole and len(found) == 1:
        whole = found
    if not whole and len(made.pred) == 1 and len(found) > 1:
        whole = [n for n in found if _decides(head.columns[n], head.columns[made.pred[0]])][:1]
        if not whole:
            made = made.doubting(f"{listed(found, 4)} were left out: name the score with --score")
    whole.sort(key=lambda n: -class_columns.score_rank(n))
    if whole:
        made = replace(made, score=(whole[0],))
        if len(whole) > 1 and class_columns.score_rank(whole[0]) == class_columns.score_rank(whole[1]):
            made = made.doubting(
                f"{whole[0]!r} was taken for the score, not {listed(whole[1:])}: name it with --score"
            )
        return made
    return made if made.pred else _last_column(made, head, free)


def _decides(score: Column, pred: Column) -> bool:
    """Whether a threshold on the score gives the prediction: all rows of one of two labels lie above all of the other."""
    if not isinstance(score, Numbers) or score.value.ndim != 1:
        return False
    code = as_words(pred).code
    if set(np.unique(code).tolist()) != {0, 1}:
        return False
    one, other = score.value[code == 0], score.value[code == 1]
    return bool(one.max() < other.min() or other.max() < one.min())


def _last_column(made: Assigned, head: Frame, free: Mapping[str, Guess]) -> Assigned:
    """Take the one column that is left for the prediction, where the truth says its name and the values could be it."""
    left = [n for n, g in free.items() if g.role == "" and n not in made.columns and n in head.columns]
    if len(made.true) != 1 or guess(made.true[0]).role != "true":
        return made
    if len(left) == 1 and _could_predict(head.columns[left[0]], head.columns[made.true[0]]):
        return replace(made, pred=(left[0],)).doubting(
            f"{left[0]!r} was taken for the prediction, as the only other column"
        )
    return made


def _could_predict(column: Column, truth: Column) -> bool:
    """Whether values could predict a truth: labels that it has, probabilities, or amounts in its range."""
    if not isinstance(column, Numbers) or not isinstance(truth, Numbers):
        return shares(column, truth)
    value, true = column.value[~column.blank], truth.value[~truth.blank]
    if not value.size or not true.size:
        return False
    if are_whole(true) and len(np.unique(true)) <= 2:
        fractions = bool(not are_whole(value) and value.min() >= 0 and value.max() <= 1)
        return fractions or bool(np.isin(value, true).all())
    return bool(true.min() <= np.median(value) <= true.max())


def _labels(head: Frame, made: Assigned) -> set[str]:
    """Return the labels that the first rows of truth and prediction hold, without regard to capitals."""
    found: set[str] = set()
    for name in (*made.true[:1], *made.pred[:1]):
        column = head.columns[name]
        if isinstance(column, Words) or (isinstance(column, Numbers) and column.value.ndim == 1):
            found |= {label.casefold() for label in as_words(column).names}
    if made.true and len(made.true) > 1:
        found = {made.parts.get(name, name).casefold() for name in made.true}
    return found
