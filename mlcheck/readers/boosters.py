"""XGBoost's `evals_result()` and LightGBM's `record_evaluation`: set -> metric -> list of values, as JSON.

`{"validation_0": {"logloss": [...]}, "validation_1": ...}`, `{"training": {"binary_logloss": [...]}, "valid_1": ...}`,
such a document under any names, and the table of a cross-validation as pandas writes it. scikit-learn's interfaces
number the sets and do not say which one they trained on: its loss never rises and stays below the others'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.errors import NothingToRead
from mlcheck.model import Floats, Role, Split
from mlcheck.readers import json, roles, tables
from mlcheck.readers.log import Channel, Log
from mlcheck.readers.numbered_sets import trained_on

if TYPE_CHECKING:
    from mlcheck.model import Scalar
    from mlcheck.readers.source import Source

NAME = "boosters"
ORDER = 40
HIGHER = (
    "auc",
    "aucpr",
    "auc_mu",
    "average_precision",
    "map",
    "ndcg",
    "pre",
    "r2",
    "interval_regression_accuracy",
)
LOSSES = [
    "logloss",
    "mlogloss",
    "binary_logloss",
    "multi_logloss",
    "rmse",
    "rmsle",
    "mae",
    "mape",
    "mphe",
    "l1",
    "l2",
    "mse",
    "quantile",
    "huber",
    "fair",
    "poisson",
    "gamma",
    "tweedie",
    "gamma_deviance",
    "poisson-nloglik",
    "gamma-nloglik",
    "cox-nloglik",
    "aft-nloglik",
    "gamma-deviance",
    "cross_entropy",
    "xentropy",
    "cross_entropy_lambda",
    "kullback_leibler",
    "kldiv",
    "multi_error",
    "error",
    "merror",
    "binary_error",
]
METRIC = rf"(?:{'|'.join(re.escape(name) for name in (*LOSSES, *HIGHER))})(?:[@:-][\w.@-]*)?"
RESULT = re.compile(
    rf'"(?:validation_|valid_)\d+"\s*:\s*\{{\s*"[^"]*"\s*:\s*\[|"[^"]*"\s*:\s*\{{\s*"{METRIC}"\s*:\s*\[',
    re.IGNORECASE,
)
BY_ROW = re.compile(r'\{\s*"[^"]*"\s*:\s*\{\s*"0"\s*:\s*[-\d"n]')
NUMBERED = re.compile(r"(?:validation|valid|eval|val|test)[_-]?\d+")
DEPTH = 4


class Result(NamedTuple):
    """Evaluation results as they stand in a document: under which names, and set -> metric -> values."""

    label: str
    sets: Mapping[str, Mapping[str, Floats]]


def sniff(source: Source) -> bool:
    """Say whether a JSON object holds lists by set and metric, the metrics being those of boosters."""
    if not source.is_text:
        return False
    text = source.head_text.lstrip("\ufeff \t\r\n")
    return text.startswith("{") and (RESULT.search(text) is not None or BY_ROW.match(text) is not None)


def read(source: Source) -> Iterator[Log]:
    """Yield a run for each evaluation result; raise NothingToRead where the document holds none."""
    document = json.parse(source.name, source.read_text().lstrip("\ufeff"))
    if isinstance(document, Mapping) and (rows := _rows(document)):
        yield from tables.logs(source, NAME, tables.from_records(rows))
        return
    found = False
    for result in _results(document, "", DEPTH):
        found = True
        config: dict[str, Scalar] = {"run": result.label} if result.label else {}
        channels = tuple(_channels(result.sets))
        yield Log(
            source=source.name, reader=NAME, key=source.name, channels=channels, config=config, certain=True
        )
    if not found:
        raise NothingToRead(
            source.name,
            "expected lists of numbers by set and metric, found none",
            "give evals_result() as JSON",
        )


def _rows(document: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the rows of a table that pandas wrote column by column (`{"loss": {"0": .5, "1": .4}}`), else nothing."""
    columns = list(document.values())
    first = columns[0] if columns else None
    if not isinstance(first, Mapping) or not first or any(not str(n).isdigit() for n in first):
        return []
    if any(not isinstance(c, Mapping) or c.keys() != first.keys() for c in columns):
        return []
    return [
        {name: column[i] for name, column in document.items() if isinstance(column, Mapping)}
        for i in sorted(first, key=int)
    ]


def _results(value: object, label: str, depth: int) -> Iterator[Result]:
    """Yield the evaluation results in a document, at most `depth` names deep."""
    if not isinstance(value, Mapping) or depth < 0:
        return
    sets = {str(name): _metrics(inner) for name, inner in value.items()}
    sets = {name: metrics for name, metrics in sets.items() if metrics}
    if sets and (
        len(sets) > 1 or any(_is_known(m) for m in next(iter(sets.values()))) or _split(next(iter(sets)))
    ):
        yield Result(label, sets)
        return
    for name, inner in value.items():
        yield from _results(inner, f"{label}/{name}" if label else str(name), depth - 1)


def _metrics(value: object) -> dict[str, Floats]:
    """Return the lists of numbers of a set by metric, empty where there is anything else."""
    if not isinstance(value, Mapping) or not value:
        return {}
    found: dict[str, Floats] = {}
    for name, numbers in value.items():
        if (
            not isinstance(numbers, list)
            or not numbers
            or not all(isinstance(v, int | float | None) for v in numbers)
        ):
            return {}
        found[str(name)] = np.array(numbers, dtype=np.float64)
    return found


def _channels(sets: Mapping[str, Mapping[str, Floats]]) -> Iterator[Channel]:
    splits = {name: _split(name) for name in sets}
    metrics = list(dict.fromkeys(metric for found in sets.values() for metric in found))
    loss = _objective(metrics)
    if "train" not in splits.values() and loss is not None and len(sets) > 1:
        unsure = {
            n: sets[n][loss]
            for n in sets
            if loss in sets[n] and (NUMBERED.fullmatch(n.lower()) or not splits[n])
        }
        if trained := trained_on(unsure):
            splits[trained] = "train"
    for name, found in sets.items():
        split = splits[name] or "validation"
        for metric, value in found.items():
            role = _role(metric, split, loss)
            yield Channel(name=f"{name}/{metric}", value=value, split=split, role=role, counts_rows=True)


def _split(name: str) -> Split | None:
    """Return the split that a set's name says: train, eval, valid_1, dtrain (XGBoost's matrices), X_test."""
    for word in roles.words(name):
        for known in (word, word.rstrip("0123456789"), word.removeprefix("d")):
            if known in roles.SPLITS:
                return roles.SPLITS[known]
    return None


def _base(metric: str) -> str:
    return re.split(r"[@:]", metric.lower())[0]


def _is_known(metric: str) -> bool:
    return re.fullmatch(METRIC, metric, re.IGNORECASE) is not None


def _objective(metrics: Sequence[str]) -> str | None:
    """Return the metric that is the loss: the plainest word for one; of no known word the first that is no score."""
    lower = [m for m in metrics if _base(m) not in HIGHER and roles.guess(m).role.better != "higher"]
    ranks = {m: guess.rank if (guess := roles.guess(m)).role.quantity == "loss" else 4 for m in lower}
    return min(lower, key=lambda m: ranks[m], default=None)


def _role(metric: str, split: Split, loss: str | None) -> Role:
    if metric == loss:
        return Role(quantity="loss", split=split, measure="loss", better="lower")
    guess = roles.guess(metric).role
    higher = _base(metric) in HIGHER or guess.better == "higher"
    measure = guess.measure if guess.quantity == "metric" else _base(metric)
    return Role(quantity="metric", split=split, measure=measure, better="higher" if higher else "lower")
