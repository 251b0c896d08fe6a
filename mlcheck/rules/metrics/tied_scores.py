"""Many examples have the very same score.

What it finds
    One score is that of more than `share` of the examples, or (ranking) more than that share of documents are tied
    within their query.

Why it matters
    Curves have few steps then; how ties are broken decides part of the number (trec_eval breaks them by document id,
    scikit-learn averages).

Example
    82 % of the scores are 0.0: roc_auc has three steps

What to do
    Write scores with more digits, or the decision function instead of its rounded or clipped result.

False alarms
    Trees and k-nearest neighbours have few distinct scores by nature.

References
    McSherry & Najork 2008, Computing information retrieval performance measures efficiently in the presence of tied
    scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.predictions import Binary, Ranking
from mlcheck.rules.metrics.facts import spread_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET110"
NAME = "constant-or-tied-scores"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("binary", "ranking")


def check(scored: Scored, *, share: float = 0.5) -> Iterator[Finding | Skip]:
    """Yield a finding where ties hold more than `share` (0..1) of the examples."""
    content = scored.predictions.content
    if isinstance(content, Ranking):
        documents = len(content.score)
        tied, told = (
            (float(content.tied.sum()) / documents if documents else 0.0),
            "documents are tied within their query",
        )
    elif isinstance(content, Binary) and content.score is not None and len(content.score):
        ordered = np.sort(content.score[spread_out(len(content.score))])
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        sizes = np.diff(np.append(starts, len(ordered)))
        tied, told = (
            float(sizes.max()) / len(ordered),
            f"scores are {ordered[starts[int(sizes.argmax())]]:.6g}",
        )
    else:
        yield Skip(code=CODE, reason="no scores in these predictions")
        return
    if tied <= share:
        return
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"{100 * tied:.0f} % of the {told}",
        evidence={"share": tied},
        actions=(Action(name="log-more", why="write scores with all their digits"),),
    )
