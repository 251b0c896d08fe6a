"""Amounts: one or several targets with a prediction each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Regression
from mlcheck.readers.listing import listed
from mlcheck.readers.predictions import scores
from mlcheck.readers.predictions.built import Built, Keeping, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model.predictions import Reals

QUANTILE = re.compile(
    r"(?:^|[^a-z0-9])(?:q|p|quantile|quant|pctl|percentile)[ _.-]?(0?\.\d+|\d{1,2})(?![0-9])", re.IGNORECASE
)


def regression(rows: Rows) -> Built:
    """Return truth and prediction of the targets. Raises MlcheckError where they are not as many, or no numbers."""
    roles = rows.roles
    predicted_names = roles.pred or roles.score
    truth, predicted = _block(rows, roles.true), _block(rows, predicted_names)
    if truth.shape != predicted.shape:
        raise MlcheckError(
            rows.where,
            f"expected a prediction for each target ({listed(roles.true, 5)}), found {listed(predicted_names, 5)}",
            "name them in the same order with --true and --pred",
        )
    keeping = Keeping(len(truth))
    keeping.leave_out(np.isnan(truth).any(axis=1), "without a truth")
    keeping.leave_out(np.isnan(predicted).any(axis=1), "without a prediction")
    keeping.leave_out(np.isinf(truth).any(axis=1), "with an infinite truth")
    keeping.leave_out(np.isinf(predicted).any(axis=1), "with an infinite prediction")
    keeping.demand(rows.where)
    content = Regression(
        targets=_targets(rows, truth.shape[1]),
        truth=keeping.of(truth),
        predicted=keeping.of(predicted),
        quantile=quantile_of(predicted_names[0]) if len(predicted_names) == 1 else None,
    )
    return Built(content=content, kept=keeping.kept, dropped=keeping.dropped)


def _block(rows: Rows, names: Sequence[str]) -> Reals:
    """Return columns as (n, targets)."""
    columns = [scores.reals(rows.numbers(name)) for name in names]
    if len(columns) == 1:
        return columns[0].reshape(len(columns[0]), -1)
    if any(column.ndim != 1 for column in columns):
        raise MlcheckError(
            rows.where,
            f"expected one number a row in {listed(names, 5)}, found several",
            "name one block of targets",
        )
    return scores.one_block(list(columns))


def _targets(rows: Rows, count: int) -> tuple[str, ...]:
    """Return the names of the targets."""
    roles = rows.roles
    if len(roles.true) == count:
        return tuple(roles.parts.get(name, name) for name in roles.true)
    return tuple(f"{roles.true[0]} {i}" for i in range(count))


def quantile_of(name: str) -> float | None:
    """Return the quantile that the name of a prediction speaks of, None where it does not.

    >>> quantile_of("pred_q90"), quantile_of("y_pred"), quantile_of("quantile_0.1")
    (0.9, None, 0.1)
    """
    found = QUANTILE.search(name)
    if found is None:
        return None
    value = float(found[1]) if "." in found[1] else int(found[1]) / 100
    return value if 0 < value < 1 else None
