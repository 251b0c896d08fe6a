"""The door to the metrics of two classes: the view of predictions, in memory or block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.model.predictions import Binary, BinaryBlocks, Predictions
from mlcheck.stats.metrics.binary.gathered import GatheredView
from mlcheck.stats.metrics.binary.rows import BinaryView

if TYPE_CHECKING:
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling


def view(
    predictions: Predictions, sampling: Sampling, parameters: Parameters, *, whole: bool = True
) -> BinaryView:
    """Return the view of predictions whose content is `Binary` or `BinaryBlocks`.

    `whole` says that every metric will be asked for: what they need is then added up at once, else as it is asked for.
    """
    content = predictions.content
    if isinstance(content, BinaryBlocks):
        return GatheredView(content, predictions, sampling, parameters)
    if isinstance(content, Binary):
        return BinaryView(content, predictions, sampling, parameters, whole=whole)
    raise TypeError(f"expected binary predictions, got {type(content).__name__}")
