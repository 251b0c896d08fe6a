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
from mlcheck.model.predictions import Binary, Multiclass
from mlcheck.rules.metrics.facts import spiegelhalter, spread_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Bools, Task
    from mlcheck.stats.metrics.scored import Scored

CODE = "MET105"
NAME = "miscalibrated"
SEVERITY: Severity = "warning"
TASKS: tuple[Task, ...] = ("binary", "multiclass")


def check(scored: Scored, *, error: float = 0.03, sigmas: float = 3.0) -> Iterator[Finding | Skip]:
    """Yield a finding where the ECE exceeds `error` (0..1) and the test statistic `sigmas` standard deviations.

    Of many classes the highest probability is held against whether its class is the true one.
    """
    forecast, ece = _forecast(scored), scored.value("ece")
    if forecast is None or ece is None:
        yield Skip(code=CODE, reason="no probabilities in these predictions")
        return
    p, truth = forecast
    z = spiegelhalter(truth, p)
    if ece <= error or abs(z) <= sigmas:
        return
    mean, share = float(p.mean()), float(truth.mean())
    told = "positive" if scored.predictions.task == "binary" else "right"
    yield Finding(
        code=CODE,
        name=NAME,
        severity=SEVERITY,
        message=f"ece {ece:.3g}: the model says {mean:.3g} on average where {share:.3g} are {told} (Spiegelhalter z = {z:.3g})",
        evidence={"ece": ece, "z": z, "mean_probability": mean, "share": share},
        actions=(Action(name="calibrate", why="fit temperature or Platt scaling on held-out data"),),
    )


def _forecast(scored: Scored) -> tuple[Floats, Bools] | None:
    """Return probabilities (n,) and whether what they are of came true (n,), None where there are none."""
    content = scored.predictions.content
    if not isinstance(content, Binary | Multiclass) or content.kind != "probability":
        return None
    some = spread_out(len(content.truth))
    if isinstance(content, Binary):
        return (
            None if content.score is None else (content.score[some].astype(np.float64), content.truth[some])
        )
    if content.scores is None:
        return None
    scores = content.scores[some]
    top = scores.argmax(axis=1)
    return scores[np.arange(len(top)), top].astype(np.float64), np.asarray(top == content.truth[some])
