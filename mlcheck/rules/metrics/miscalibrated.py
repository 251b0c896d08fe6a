"""The probabilities do not mean what they say.

What it finds
    Spiegelhalter's test rejects calibration, and the expected calibration error exceeds `error`.

Why it matters
    A threshold by cost, an expected value or a confidence shown to people rests on the probability, not on the order.

Example
    ece 0.12: where the model says 0.9 on average, 0.74 are positive

What to do
    Calibrate on held-out data: temperature or Platt scaling, isotonic regression with some thousand examples.

False alarms
    Scores that were never meant as probabilities (distances, votes). With resampled classes the base rate is off by
    design.

References
    Spiegelhalter 1986, Probabilistic prediction in patient management, eq. 9. Guo et al. 2017, On calibration of
    modern neural networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.model import Action, Finding, Severity, Skip
from mlcheck.model.predictions import Binary
from mlcheck.rules.metrics.facts import spiegelhalter, spread_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model.predictions import Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET105"
NAME = "miscalibrated"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("binary",)


def check(scored: Scored, *, error: float = 0.03, sigmas: float = 3.0) -> Iterator[Finding | Skip]:
    """Yield a finding where the ECE exceeds `error` (0..1) and the test statistic `sigmas` standard deviations."""
    content = scored.predictions.content
    if not isinstance(content, Binary) or content.score is None:
        yield Skip(code=CODE, reason="no probabilities in these predictions")
        return
    ece = scored.value("ece")
    if content.kind != "probability" or ece is None:
        yield Skip(code=CODE, reason="the scores are not probabilities")
        return
    some = spread_out(len(content.truth))
    p, truth = content.score[some].astype(np.float64), content.truth[some]
    z = spiegelhalter(truth, p)
    if ece <= error or abs(z) <= sigmas:
        return
    mean, share = float(p.mean()), float(truth.mean())
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"ece {ece:.3g}: the model says {mean:.3g} on average where {share:.3g} are positive (Spiegelhalter z = {z:.3g})",
        evidence={"ece": ece, "z": z, "mean_probability": mean, "positive_share": share},
        actions=(Action(name="calibrate", why="fit temperature or Platt scaling on held-out data"),),
    )
