"""Good and bad predictions for every rule of `metrics`, generated from fixed seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from mlcheck.model.predictions import (
    Binary,
    Content,
    Multiclass,
    Partition,
    Predictions,
    Ranking,
    Regression,
    Task,
    Tokens,
)  # fmt: skip

Case: TypeAlias = Callable[[], Predictions]
TASK_OF: dict[type, Task] = {
    Binary: "binary", Multiclass: "multiclass", Regression: "regression", Ranking: "ranking", Tokens: "language-model",
}  # fmt: skip


def predictions(content: Content, rows: int, **more: object) -> Predictions:
    """Return predictions of one file."""
    made: dict[str, object] = {"id": "a", "source": "a.csv", "reader": "csv", "task": TASK_OF[type(content)]}
    return Predictions(**(made | {"content": content, "rows": rows} | more))  # type: ignore[arg-type]


def binary(
    *,
    rows: int = 2000,
    share: float = 0.5,
    strength: float = 1.5,
    seed: int = 0,
    offset: float = 0.0,
    **more: object,
) -> Predictions:
    """Return calibrated probabilities of two normal classes `strength` apart; `offset` is added to their logits."""
    random = np.random.default_rng(seed)
    truth = random.random(rows) < share
    x = random.normal(truth * strength, 1.0)
    logit = strength * x - strength**2 / 2 + np.log(share / (1 - share)) + offset
    score = 1 / (1 + np.exp(-logit))
    return predictions(Binary(truth=truth, score=score, predicted=None), rows, **more)


def changed(p: Predictions, **content: object) -> Predictions:
    """Return predictions with other arrays."""
    made: Any = p.content
    return replace(p, content=replace(made, **content))


def inverted() -> Predictions:
    """Return the probability of the other class."""
    p = binary()
    assert isinstance(p.content, Binary)
    assert p.content.score is not None
    return changed(p, score=1 - p.content.score)


def random_scores() -> Predictions:
    """Return scores that know nothing."""
    random = np.random.default_rng(3)
    return changed(binary(rows=4000), score=random.random(4000))


def multiclass(*, rows: int = 600, right: float = 0.8, shift: int = 0, k: int = 5) -> Predictions:
    """Return predictions of K even classes that are right in `right` of the rows, as labels `shift` higher."""
    random = np.random.default_rng(1)
    truth = random.integers(k, size=rows).astype(np.int32)
    wrong = random.random(rows) >= right
    said = np.where(wrong, random.integers(k, size=rows), truth)
    labels = tuple(f"c{i}" for i in range(k))
    content = Multiclass(
        labels=labels, truth=truth, predicted=((said + shift) % k).astype(np.int32), scores=None
    )
    return predictions(content, rows)


def certain() -> Predictions:
    """Return probabilities of which three are 0 for what happened."""
    p = binary()
    assert isinstance(p.content, Binary)
    assert p.content.score is not None
    score = p.content.score.copy()
    score[np.flatnonzero(p.content.truth)[:3]] = 0.0
    return changed(p, score=score)


def by_group(*, gap: bool) -> Predictions:
    """Return two groups, of which one has scores that know nothing if there is a gap."""
    p = binary(rows=3000)
    assert isinstance(p.content, Binary)
    assert p.content.score is not None
    code = (np.arange(3000) % 3 == 0).astype(np.int32)
    score = p.content.score.copy()
    if gap:
        score[code == 1] = np.random.default_rng(5).random(int(code.sum()))
    made = changed(p, score=score)

    return replace(made, by=Partition(column="channel", code=code, names=("web", "phone")))


def regression(*, outliers: int = 0, spike: float = 0.0, rows: int = 500) -> Predictions:
    """Return good forecasts of a normal target; `outliers` rows are off by 60, or have a target of `spike`."""
    random = np.random.default_rng(2)
    truth = random.normal(50, 10, rows)
    said = truth + random.normal(0, 3, rows)
    said[:outliers] += 60
    if spike:
        truth = random.normal(50, 2, rows)
        truth[:5] = spike
        said = truth + random.normal(0, 2.5, rows)
    content = Regression(targets=("y",), truth=truth[:, None], predicted=said[:, None])
    return predictions(content, rows)


def near_zero() -> Predictions:
    """Return targets of which three lie near zero."""
    p = regression()
    assert isinstance(p.content, Regression)
    truth = p.content.truth.copy()
    truth[:3] = 1e-6
    return changed(p, truth=truth)


def swapped() -> Predictions:
    """Return shrunken forecasts with the columns exchanged."""
    random = np.random.default_rng(4)
    said = random.normal(0, 1, 2000)
    truth = said + random.normal(0, 1, 2000)
    return predictions(Regression(targets=("y",), truth=said[:, None], predicted=truth[:, None]), 2000)


def ranking(
    *, tied: bool = False, missing: tuple[str, ...] = (), better: bool = True, queries: int = 30
) -> Predictions:
    """Return queries of 10 documents, 3 of them relevant, mostly on top."""
    random = np.random.default_rng(6)
    relevance = np.zeros((queries, 10), dtype=np.int32)
    for row in relevance:
        row[random.choice(5 if better else 10, 3, replace=False)] = 1
    score = np.tile(np.linspace(1, 0, 10), queries)
    content = Ranking(
        queries=tuple(f"q{i}" for i in range(queries)),
        starts=np.arange(queries + 1) * 10,
        score=np.zeros(10 * queries) if tied else score,
        relevance=relevance.ravel(),
        judged_starts=np.arange(queries + 1) * 3,
        judged=np.ones(3 * queries, dtype=np.int32),
        tied=np.full(queries, 10 if tied else 0, dtype=np.int32),
        missing=missing,
    )
    return predictions(content, 10 * queries)


def constant_scores() -> Predictions:
    """Return scores of which two in three are 0.01."""
    p = binary(rows=3000)
    assert isinstance(p.content, Binary)
    assert p.content.score is not None
    score = np.where(np.arange(3000) % 3 > 0, 0.01, p.content.score)
    return changed(p, score=score)


GOOD: dict[str, tuple[Case, ...]] = {
    "MET101": (binary, lambda: binary(share=0.1, strength=4.0), multiclass),
    "MET102": (binary, multiclass, regression, ranking),
    "MET103": (binary, random_scores),
    "MET104": (multiclass, binary),
    "MET105": (binary, lambda: binary(share=0.05)),
    "MET106": (binary,),
    "MET107": (binary, multiclass),
    "MET108": (lambda: by_group(gap=False),),
    "MET109": (regression,),
    "MET110": (binary, ranking),
    "MET111": (binary,),
    "MET112": (regression,),
    "MET113": (binary, lambda: binary(repeated=5)),
    "MET114": (binary,),
    "MET115": (regression,),
    "MET116": (ranking,),
    "MET117": (regression,),
}
BAD: dict[str, tuple[Case, ...]] = {
    "MET101": (lambda: binary(share=0.03, strength=0.8, rows=5000),),
    "MET102": (
        random_scores,
        lambda: multiclass(right=0.0, rows=4000),
        lambda: ranking(better=False, queries=400),
    ),
    "MET103": (inverted,),
    "MET104": (lambda: multiclass(right=0.95, shift=1),),
    "MET105": (lambda: binary(offset=1.5),),
    "MET106": (lambda: binary(share=0.05, strength=1.5, rows=6000),),
    "MET107": (lambda: binary(rows=100, share=0.08),),
    "MET108": (lambda: by_group(gap=True),),
    "MET109": (lambda: regression(outliers=4),),
    "MET110": (constant_scores, lambda: ranking(tied=True)),
    "MET111": (certain,),
    "MET112": (lambda: regression(spike=150.0),),
    "MET113": (lambda: binary(repeated=312),),
    "MET114": (lambda: binary(dropped={"without a prediction": 41}),),
    "MET115": (near_zero,),
    "MET116": (lambda: ranking(missing=("q3", "q7")),),
    "MET117": (swapped,),
}
