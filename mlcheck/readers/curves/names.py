"""Which column holds the number of examples, which the score, and which way is better."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.readers.datasets.target import named
from mlcheck.readers.listing import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlcheck.model.curves import Better, CurvesWanted
    from mlcheck.readers.datasets.raw import Table

SIZES = (
    "n", "n_train", "train_size", "train_sizes", "train_sizes_abs", "n_examples", "n_samples", "num_examples",
    "num_samples", "examples", "samples", "size", "size_train", "training_size", "train_samples", "train_examples",
    "dataset_size", "data_size", "sample_size", "anchor", "rows", "images", "documents", "sentences", "tokens",
)  # fmt: skip
HELD_OUT = ("val", "valid", "validation", "test", "eval", "dev", "cv", "heldout", "holdout")
MEASURES = (
    "score", "scores", "accuracy", "acc", "f1", "auc", "roc_auc", "average_precision", "precision", "recall", "r2",
    "map", "ndcg", "bleu", "rouge", "loss", "error", "error_rate", "err", "rmse", "mse", "mae", "perplexity", "ppl", "wer",
)  # fmt: skip
SEEDS = ("seed", "repeat", "rep", "fold", "run", "trial", "replicate", "split", "iteration", "random_state")
LOWER = re.compile(
    r"(^|_)(loss|losses|error|errors|err|rmse|mse|mae|mape|msle|deviance|perplexity|ppl|wer|cer|nll|bpb|brier|ece|"
    r"logloss|regret|rmsle|misclassification|bits|distance)(_|$)"
)
HIGHER = re.compile(
    r"(^|_)(score|scores|acc|accuracy|f1|auc|auroc|auprc|roc|precision|recall|r2|map|ndcg|bleu|rouge|chrf|iou|dice|mcc|"
    r"kappa|reward|return|ap|hit|mrr|em|top\d*)(_|$)"
)
NEGATED = re.compile(r"(^|_)neg(ative)?_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The columns of a table of curves."""

    n: str
    score: str
    train: str | None
    by: tuple[str, ...]
    metric: str
    better: Better

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """What was taken for what."""
        found = [("n", self.n), ("score", self.score)]
        return tuple(found if self.train is None else [*found, ("train score", self.train)])


def chosen(table: Table, wanted: CurvesWanted) -> Chosen:
    """Return the columns that the user named or that their names tell. Raises MlcheckError where nothing tells."""
    columns = list(table.columns)

    def told(option: str, name: str | None) -> str | None:
        return None if name is None else named(table.name, option, name, columns)

    by = tuple(named(table.name, "--by", name, columns) for name in wanted.by)
    seed = told("--seed-column", wanted.seed)
    taken = {name for name in (*by, seed) if name is not None}
    n = told("--n", wanted.n) or _size(table, [c for c in columns if c not in taken])
    taken.add(n)
    free = [c for c in columns if c not in taken]
    train = told("--train-score", wanted.train)
    score = told("--score", wanted.score) or _score(table, [c for c in free if c != train])
    if train is None:
        train = _train(score, [c for c in free if c != score])
    _check_single(table, by, n, {score, train, seed})
    _one_direction(table, by)
    return Chosen(
        n=n, score=score, train=train, by=by, metric=score, better=wanted.better or _better(table, score)
    )


def folded(name: str) -> str:
    """Return a name in lower case, its words parted by underscores.

    >>> folded("Val Accuracy"), folded("trainLoss"), folded("test/f1")
    ('val_accuracy', 'train_loss', 'test_f1')
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^0-9a-z]+", "_", parted.casefold()).strip("_")


def _first(wanted: Iterable[str], columns: Sequence[str]) -> str | None:
    by_name = {folded(column): column for column in reversed(columns)}
    return next((by_name[name] for name in wanted if name in by_name), None)


def _size(table: Table, columns: Sequence[str]) -> str:
    found = _first(SIZES, columns)
    if found is None:
        raise MlcheckError(
            table.name, f"expected a column with the number of training examples (n, train_size, ...), found {listed(columns, 6)}",
            "name it with --n",
        )  # fmt: skip
    return found


def _score(table: Table, columns: Sequence[str]) -> str:
    held = [f"{split}_{measure}" for split in HELD_OUT for measure in MEASURES]
    found = _first(held, columns)
    plain = [c for c in columns if folded(c) in MEASURES] or [c for c in columns if folded(c) == "value"]
    if found is None and len(plain) == 1:
        found = plain[0]
    if found is None:
        begun = [c for c in columns if folded(c).startswith(tuple(f"{split}_" for split in HELD_OUT))]
        found = begun[0] if len(begun) == 1 else None
    if found is None:
        raise MlcheckError(
            table.name, f"expected a column with the held-out score (val_score, test_accuracy, ...), found {listed(columns, 6)}",
            "name it with --score",
        )  # fmt: skip
    return found


def _train(score: str, columns: Sequence[str]) -> str | None:
    """Return the column that holds the same measure on the training examples, None where there is none."""
    words = folded(score).split("_")
    measure = "_".join(word for word in words if word not in HELD_OUT)
    likely = [f"train_{measure}", f"training_{measure}", f"{measure}_train", "train_score", "train_scores"]
    return _first(likely, columns)


def _better(table: Table, score: str) -> Better:
    """Return which way is better by the name. Raises MlcheckError where it does not tell."""
    found = direction(score)
    if found is None:
        raise MlcheckError(
            table.name, f"expected a score whose name tells which way is better, found {score!r}",
            "say --higher-is-better or --lower-is-better",
        )  # fmt: skip
    return found


def direction(score: str) -> Better | None:
    """Return which way is better by the name of a score, None where it does not tell.

    >>> direction("val_loss"), direction("neg_rmse"), direction("top5"), direction("colour")
    ('lower', 'higher', 'higher', None)
    """
    name = folded(score)
    if NEGATED.search(name):
        return "higher"
    if LOWER.search(name):
        return "lower"
    return "higher" if HIGHER.search(name) else None


def is_score(name: str) -> bool:
    """Return whether a folded name is that of a score: a measure, of whatever split."""
    return direction(name) is not None or name in HELD_OUT


def _one_direction(table: Table, by: tuple[str, ...]) -> None:
    """Raise MlcheckError where curves are told apart by the names of measures of both directions."""
    for name in by:
        values = [value for value in table.columns[name].as_words().names if value]
        ways = {value: direction(value) for value in values}
        if None not in ways.values() and len(set(ways.values())) > 1:
            told = ", ".join(f"{value} ({way})" for value, way in list(ways.items())[:4])
            raise MlcheckError(
                table.name, f"expected measures with one better direction in {name!r}, found {told}",
                "keep the rows of one direction and judge the others by themselves",
            )  # fmt: skip


def _check_single(table: Table, by: tuple[str, ...], n: str, others: set[str | None]) -> None:
    """Raise MlcheckError where a column of names tells curves apart that would be taken for repeats of one."""
    if by:
        return
    likely = [
        name for name, raw in table.columns.items()
        if raw.words is not None and name != n and name not in others and folded(name) not in SEEDS
        and 1 < len(np.unique(raw.words.code)) < table.size / 2
    ]  # fmt: skip
    if likely:
        raise MlcheckError(
            table.name, f"expected one curve, found several by {listed(likely, 4)}",
            f"tell them apart with --by {','.join(likely[:3])}, or keep one of them",
        )  # fmt: skip
