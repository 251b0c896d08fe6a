"""What the options of `metrics` name, checked: columns, files, the task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.config import suggestion
from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import TASKS, Wanted

if TYPE_CHECKING:
    from mlcheck.model.predictions import Task


def wanted(
    *,
    files: list[str] | None,
    true: list[str] | None,
    pred: list[str] | None,
    score: list[str] | None,
    weight: str | None,
    by: str | None,
    group: str | None,
    identifier: str | None,
    task: str | None,
    positive: str | None,
    qrels: str | None,
    runs: list[str] | None,
    hypotheses: list[str] | None,
    references: list[str] | None,
) -> Wanted:
    """Return what the user named; raises MlcheckError for a task that is none."""
    return Wanted(
        files=tuple(files or ()),
        true=_columns(true),
        pred=_columns(pred),
        score=_columns(score),
        weight=weight,
        by=by,
        group=group,
        identifier=identifier,
        task=_task(task),
        positive=positive,
        qrels=qrels,
        runs=tuple(runs or ()),
        hypotheses=tuple(hypotheses or ()),
        references=tuple(references or ()),
    )


def _columns(texts: list[str] | None) -> tuple[str, ...]:
    """Split COL,COL,...; an option given several times adds up."""
    return tuple(name for text in texts or () for name in text.split(",") if name)


def _task(name: str | None) -> Task | None:
    if name is None:
        return None
    plain = name.strip().lower().replace("_", "-")
    known = {
        "multi-class": "multiclass",
        "multi-label": "multilabel",
        "lm": "language-model",
        "text": "generation",
    }
    plain = known.get(plain, plain)
    for task in TASKS:
        if plain == task:
            return task
    near = suggestion(plain, TASKS)
    raise MlcheckError(
        "--task",
        f"expected one of {', '.join(TASKS)}, found {name!r}",
        near if near.startswith("did you mean") else "",
    )
