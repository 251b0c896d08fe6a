"""What the rungs that are networks share: the columns they read, and the folder of weights that they start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.networks import weights as folders

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from mlcheck.model import Floats
    from mlcheck.model.ladder import Features, Target


def own(weights: str | None, kind: folders.Kind) -> str | None:
    """Return the folder where it holds an encoder of that kind; one of the other is not for this rung."""
    return weights if weights is not None and folders.opened(weights).kind == kind else None


def depends(weights: str | None, kind: folders.Kind) -> str:
    """Return what stands for the weights that a fit starts from, "" for a fit from scratch."""
    mine = own(weights, kind)
    return "" if mine is None else folders.digest(mine)


class OfNetwork:
    """A network of what `taken` makes of the columns; `told_` says which network, and how it was trained."""

    def __init__(self, network: Any, taken: Callable[[Features], Any]) -> None:
        self._network = network
        self._taken = taken
        self.told_ = ""
        if hasattr(network, "predict_proba"):
            self.predict_proba = self._predict_proba

    def fit(self, features: Features, target: Target) -> OfNetwork:
        """Train the network, or the head on the frozen encoder."""
        self._network.fit(self._taken(features), target)
        self.told_ = self._network.description
        return self

    def predict(self, features: Features) -> npt.NDArray[np.generic]:
        """Return the likeliest class, or the predicted number, of each row."""
        return np.asarray(self._network.predict(self._taken(features)))

    def _predict_proba(self, features: Features) -> Floats:
        return np.asarray(self._network.predict_proba(self._taken(features)), dtype=np.float64)
