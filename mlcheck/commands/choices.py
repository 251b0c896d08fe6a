"""What the user chose of the metrics, checked: threshold, costs, beta, cutoffs, bins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError
from mlcheck.stats.metrics.parameters import Parameters

if TYPE_CHECKING:
    from mlcheck.stats.metrics.parameters import ThresholdRule


def parameters(
    *,
    threshold: float | None,
    cost: str | None,
    min_precision: float | None,
    min_recall: float | None,
    beta: float | None,
    cutoffs: list[int] | None,
    bins: int | None,
) -> Parameters:
    """Return what the user chose of the metrics; raises MlcheckError for values that make no sense."""
    rules = {"--cost": cost, "--min-precision": min_precision, "--min-recall": min_recall}
    given = [name for name, value in rules.items() if value is not None]
    if len(given) > 1:
        raise MlcheckError(given[1], f"expected one way to choose the threshold, found {given[0]} beside it")
    rule: ThresholdRule = "f-beta"
    least = None
    if cost is not None:
        rule = "cost"
    elif min_precision is not None:
        rule, least = "min-precision", _share("--min-precision", min_precision)
    elif min_recall is not None:
        rule, least = "min-recall", _share("--min-recall", min_recall)
    if beta is not None and not (beta > 0 and math.isfinite(beta)):
        raise MlcheckError("--beta", f"expected a number above 0, found {beta:g}")
    if bins is not None and not 1 <= bins <= 10_000:
        raise MlcheckError("--bins", f"expected a whole number of 1 to 10,000, found {bins}")
    for k in cutoffs or ():
        if k < 1:
            raise MlcheckError("--k", f"expected a whole number of at least 1, found {k}")
    if threshold is not None and not math.isfinite(threshold):
        raise MlcheckError("--threshold", f"expected a number, found {threshold}")
    return Parameters(
        cutoffs=tuple(dict.fromkeys(cutoffs)) if cutoffs else None,
        beta=beta if beta is not None else 1.0,
        bins=bins if bins is not None else 15,
        threshold=threshold,
        rule=rule,
        cost=_cost(cost) if cost is not None else None,
        least=least,
    )


def _share(option: str, value: float) -> float:
    if not 0 < value <= 1:
        raise MlcheckError(option, f"expected a number above 0 and at most 1, found {value:g}")
    return value


def _cost(text: str) -> tuple[float, float]:
    """Split FP:FN into two costs."""
    parts = text.split(":")
    try:
        positive, negative = (float(part) for part in parts)
    except ValueError:
        positive = negative = math.nan
    if not (positive >= 0 and negative >= 0 and 0 < positive + negative < math.inf):
        raise MlcheckError("--cost", f"expected two costs FP:FN such as 1:10, found {text!r}")
    return positive, negative
