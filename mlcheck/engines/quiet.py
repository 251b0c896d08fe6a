"""Library calls whose warnings are told in the report, not printed."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def converging(fit: Callable[[], object]) -> bool:
    """Run a fit of scikit-learn and return whether it ended without saying that it had not converged."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit()
    return not any(issubclass(w.category, ConvergenceWarning) for w in caught)
