"""What a network learns to say: logits of classes, or a number in units of the training rows' deviation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Ints

FACTORS = np.geomspace(0.02, 4.0, 40)
"""Factors of the logits that are tried: 1 / temperature."""


class Target:
    """The target of n training rows, its loss, and what outputs mean in its own units.

    `values` are codes int64 (n,) with `classes` of them, or numbers float64 (n,) with None; `rows` are those from which
    mean and deviation of the numbers are taken.
    """

    def __init__(self, values: npt.NDArray[Any], classes: int | None, rows: Ints) -> None:
        import torch

        self.classes = classes
        self.outputs = classes or 1
        self.mean, self.deviation = 0.0, 1.0
        if classes is None:
            self.mean = float(np.mean(values[rows]))
            self.deviation = float(np.std(values[rows])) or 1.0
            values = ((values - self.mean) / self.deviation).astype(np.float32)
        self.wanted = torch.from_numpy(values)

    def loss(self, outputs: Any, rows: Ints) -> Any:
        """Return the mean cross-entropy, or the mean squared error, of outputs (k, outputs) for k rows."""
        from torch.nn import functional

        if self.classes:
            return functional.cross_entropy(outputs, self.wanted[rows])
        return functional.mse_loss(outputs[:, 0], self.wanted[rows])

    def calibrated(self, outputs: Any, rows: Ints) -> tuple[float, float]:
        """Return the lowest loss of outputs times a factor, and that factor: 0.02 to 4 for classes, 0 to 1 for numbers."""
        if self.classes:
            losses = [float(self.loss(outputs * float(factor), rows)) for factor in FACTORS]
            best = int(np.argmin(losses))
            return losses[best], float(FACTORS[best])
        found, wanted = outputs[:, 0].double(), self.wanted[rows].double()
        square = float(found @ found)
        factor = min(1.0, max(0.0, float(found @ wanted) / square)) if square > 0 else 1.0
        return float(((factor * found - wanted) ** 2).mean()), factor

    def told(self, outputs: Any) -> Floats:
        """Return probabilities (k, classes), or numbers (k,) in the target's units, for outputs (k, outputs)."""
        found = outputs.double()
        if self.classes:
            return np.asarray(found.softmax(dim=1).numpy())
        return np.asarray(found[:, 0].numpy() * self.deviation + self.mean)
