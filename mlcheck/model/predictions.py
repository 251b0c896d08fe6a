"""What readers make of predictions: one `Predictions` a file, its content by task.

n is the number of examples (rows), K of classes, L of labels, T of targets, Q of queries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlcheck.model.common import Floats
    from mlcheck.model.report import Problem

Task: TypeAlias = Literal[
    "binary", "multiclass", "multilabel", "regression", "ranking", "generation", "language-model"
]
TASKS: tuple[Task, ...] = (
    "binary", "multiclass", "multilabel", "regression", "ranking", "generation", "language-model",
)  # fmt: skip
ScoreKind: TypeAlias = Literal["probability", "log-probability", "logit"]
"""What a score is: within 0..1; the logarithm of that; any real number of which a higher one means the class."""
Reals: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int32]
Bools: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binary:
    """Two classes: `truth` (n,) is True for the `positive` one; `score` (n,) and `predicted` (n,), either or both.

    A higher score means the positive class. `score` keeps the type of the file (float32 stays float32).
    """

    truth: Bools
    score: Reals | None
    predicted: Bools | None
    kind: ScoreKind = "probability"
    positive: str = "1"
    negative: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BinaryBlocks:
    """Two classes, too many rows to hold: `blocks()` yields (truth, score, weight or None) again from the start."""

    blocks: Callable[[], Iterator[tuple[Bools, Reals, Reals | None]]]
    rows: int | None = None
    kind: ScoreKind = "probability"
    positive: str = "1"
    negative: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Multiclass:
    """K > 2 exclusive classes: `truth` (n,) and `predicted` (n,) index `labels`; `scores` (n, K) in their order.

    At least one of `predicted` and `scores` is there. `labels` are all classes of truth, predictions and score
    columns, in sorted order (numbers as numbers).
    """

    labels: tuple[str, ...]
    truth: Codes
    predicted: Codes | None
    scores: Reals | None
    kind: ScoreKind = "probability"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Multilabel:
    """L labels of which an example may carry several: `truth`, `predicted` and `scores` are (n, L)."""

    labels: tuple[str, ...]
    truth: Bools
    predicted: Bools | None
    scores: Reals | None
    kind: ScoreKind = "probability"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regression:
    """T targets: `truth` and `predicted` are (n, T), `targets` their names. `quantile` is what the prediction aims at,
    0.5 (the middle) unless the column says otherwise.
    """  # noqa: D205  (one sentence)

    targets: tuple[str, ...]
    truth: Reals
    predicted: Reals
    quantile: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Retrieved documents of Q queries with their judgements, in ranked order (see the reader for how ties are broken).

    Query q owns the documents starts[q] .. starts[q + 1]: `score` and `relevance` (-1 where not judged) of the
    documents retrieved. It owns judged_starts[q] .. judged_starts[q + 1] of `judged`: the relevance of every judged
    document, in descending order, retrieved or not. A judged query that the run lacks has no documents. `tied` counts
    the documents of a query whose score equals that of another one.
    """

    queries: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    score: Reals
    relevance: Codes
    judged_starts: npt.NDArray[np.int64]
    judged: Codes
    tied: Codes
    missing: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Texts:
    """n generated texts and their references: `references[r][i]` is reference r of text i, None where it has fewer."""

    hypotheses: tuple[str, ...]
    references: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tokens:
    """Log-probabilities of a language model, summed by text: (n,) each, natural logarithms.

    `tokens` counts what was predicted; `words`, `characters` and `bytes_` are None where the text itself is not there.
    `base` is what the file's logarithms were taken to ("e", "2", "10"), `base_told` whether the file said so.
    """

    log_probability: Floats
    tokens: Floats
    words: Floats | None = None
    characters: Floats | None = None
    bytes_: Floats | None = None
    base: str = "e"
    base_told: bool = False


Content: TypeAlias = Binary | BinaryBlocks | Multiclass | Multilabel | Regression | Ranking | Texts | Tokens


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Partition:
    """Rows by the value of a column: `code` (n,) indexes `names`; -1 where the cell is blank."""

    column: str
    code: Codes
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """The predictions of one model with the truth.

    `columns` maps a role (true, pred, score, weight, id, group, by, ...) to the column(s) it was taken from. `keys`
    (n,) identify the rows, to pair two files; None where there is no such column. `weight` (n,) is not negative.
    `clusters` are rows that belong together (the unit of resampling), `by` the groups to be told apart. `dropped` says
    which rows were left out and why, `repeated` counts rows that are copies of another, `unscaled` says that scores have no
    known scale, so that only their order and sign count; `doubts` are what was guessed.
    """

    id: str
    source: str
    reader: str
    task: Task
    content: Content
    rows: int
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keys: npt.NDArray[np.generic] | None = None
    weight: Reals | None = None
    clusters: Partition | None = None
    by: Partition | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    repeated: int = 0
    unscaled: bool = False
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user named: files (paths, "-" for standard input), columns by their part, what is known of the task.

    `qrels` with `runs` and `hypotheses` with `references` stand in place of `files`.
    """

    files: tuple[str, ...] = ()
    true: tuple[str, ...] = ()
    pred: tuple[str, ...] = ()
    score: tuple[str, ...] = ()
    weight: str | None = None
    by: str | None = None
    group: str | None = None
    identifier: str | None = None
    task: Task | None = None
    positive: str | None = None
    qrels: str | None = None
    runs: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionsRead:
    """What reading gave: the predictions of one model, or of two over the same rows, and a digest of their content.

    `problems` holds what failed; then `predictions` may hold fewer than were named. `apart` says that they are those of
    models of their own (a searched folder), each to be judged by itself.
    """

    predictions: tuple[Predictions, ...]
    digest: str
    problems: tuple[Problem, ...] = ()
    passed_over: int = 0
    apart: bool = False
