"""A ResNet for small images, trained from scratch: its size and its epochs follow from the images and their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.networks import mirror, session, shrink, training
from mlcheck.engines.networks.target import Target

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Ints, Pixels

SIDE = 32
"""Images are shrunk by a whole factor until their longer side is under twice this."""
LARGE = 24
"""From this side on the maximum over squares of 2 x 2 pixels follows the first convolution (a stride of 2 loses edges)."""
DEEPER = 5_000
"""From this many rows on the network has two blocks a stage (14 layers) and twice the channels."""
SEEN = 16_000
"""Images that training shows in all, where the bounds of the number of epochs allow it."""
FEWEST, MOST = 12, 60
BATCH, RATE, DECAY = 32, 0.01, 0.01
SHIFT = 8
"""Images are shifted by up to an eighth of their side."""
SECONDS_PER_MAC = 1.8e-10
"""One multiplication of the forward pass, with its backward passes, on one core (AVX2, measured)."""
STARTING = 2.0
"""Seconds that importing torch takes, and reading and judging."""
PREDICTED = 256


class ScratchResNet:
    """Learns images, uint8 (n, height, width, 3), by the residual network of He et al. 2016, section 4.2.

    AdamW and one cycle of the learning rate; images are shifted at random, and mirrored where nearest
    neighbours say that it does no harm. A seventh of the rows chooses the epoch. The same rows and `seed` give the same
    network on the same machine.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed
        self._network: Any = None
        self._told = "from scratch"
        self._normal: tuple[Floats, Floats] = (np.zeros(3), np.ones(3))
        self._target: Any = None
        self._factor = 1.0

    @property
    def description(self) -> str:
        """One line: layers, from scratch, parameters and, once trained, epochs."""
        return self._told

    def fit(self, inputs: Pixels, target: npt.NDArray[Any], classes: int | None) -> None:
        """Train on n images; needs torch."""
        session.require("resnet")
        draw = np.random.default_rng(self.seed)
        small = shrink.shrunk(inputs, SIDE)
        rows, inner = training.held_out(target, classes, draw)
        self._normal = _channels(small[rows])
        flip = mirror.may_mirror(small[rows], _codes(target, classes)[rows], draw)
        with session.session(self.seed):
            self._target = Target(target, classes, rows)
            self._train(small, rows, inner, flip, draw)

    def _train(self, pixels: Pixels, rows: Ints, inner: Ints, flip: bool, draw: np.random.Generator) -> None:
        import torch

        from mlcheck.engines.networks.resnet_layers import ResNet

        plan = plan_for(len(pixels))
        blocks, width, stride = size_for(len(pixels), *pixels.shape[1:3])
        network = ResNet(blocks=blocks, width=width, stride=stride, outputs=self._target.outputs)
        network = network.to(memory_format=torch.channels_last)

        def forward(some: Ints, change: np.random.Generator | None) -> Any:
            return network(
                self._tensor(pixels[some] if change is None else changed(pixels[some], change, flip=flip))
            )

        optimizer = torch.optim.AdamW(network.parameters(), plan.rate, weight_decay=plan.decay)
        trained = training.train(network, optimizer, forward, self._target, rows, inner, plan, draw)
        self._network, self._factor = network, trained.factor
        size = training.count(training.parameters(network))
        mirrored = ", mirrored" if flip else ""
        self._told = (
            f"ResNet-{6 * blocks + 2} from scratch, {size} parameters, {trained.epochs} epochs{mirrored}"
        )

    def outputs(self, inputs: Pixels) -> Floats:
        """Return probabilities (n, classes) or numbers (n,)."""
        import torch

        small = shrink.shrunk(inputs, SIDE)
        with session.session(self.seed), torch.no_grad():
            pieces = training.batches(np.arange(len(small)), PREDICTED)
            found = torch.cat([self._network(self._tensor(small[piece])) for piece in pieces])
            return np.asarray(self._target.told(found * self._factor))

    def _tensor(self, images: Pixels) -> Any:
        """Return standardised images, float32 (n, 3, height, width), as the network takes them."""
        import torch

        mean, deviation = self._normal
        scaled = ((images - mean) / deviation).astype(np.float32)
        return torch.from_numpy(scaled).permute(0, 3, 1, 2)


def plan_for(rows: int) -> training.Plan:
    """Return how long to train on that many rows: 60 epochs for few, 12 for 1,400 and more."""
    epochs = min(MOST, max(FEWEST, round(SEEN / max(rows, 1))))
    return training.Plan(epochs=epochs, batch=BATCH if rows >= 200 else BATCH // 2, rate=RATE, decay=DECAY)


def size_for(rows: int, height: int, width: int) -> tuple[int, int, int]:
    """Return blocks a stage, channels of the first stage and side of the squares that the first convolution is reduced by."""
    stride = 2 if max(height, width) >= LARGE else 1
    return (2, 32, stride) if rows >= DEEPER else (1, 16, stride)


def seconds(rows: int, height: int, width: int) -> float:
    """Return an estimate of what one core needs to train on that many images, in seconds."""
    step = shrink.factor(height, width, SIDE)
    height, width = max(1, height // step), max(1, width // step)
    blocks, channels, stride = size_for(rows, height, width)
    places: float = height * width / stride**2
    macs = places * (27 * channels * stride**2 + 9 * channels**2 * (2 * blocks + 2 * (2 * blocks - 0.5)))
    return STARTING + rows * plan_for(rows).epochs * macs * SECONDS_PER_MAC


def changed(pixels: Pixels, draw: np.random.Generator, *, flip: bool) -> Pixels:
    """Return images (n, height, width, 3) shifted at random by up to an eighth, half of them mirrored where `flip`.

    What a shift uncovers repeats the pixels at the border.
    """
    count, height, width, _ = pixels.shape
    down = draw.integers(-(height // SHIFT), height // SHIFT + 1, count)
    right = draw.integers(-(width // SHIFT), width // SHIFT + 1, count)
    rows = np.clip(np.arange(height) + down[:, None], 0, height - 1)
    columns = np.clip(np.arange(width) + right[:, None], 0, width - 1)
    if flip:
        columns = np.where(np.less(draw.random((count, 1)), 0.5), width - 1 - columns, columns)
    return np.asarray(pixels[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]])


def _channels(pixels: Pixels) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each of the three colours; 1 where a colour does not vary."""
    few = pixels[:: max(1, len(pixels) // 2000)].astype(np.float64)
    deviation = few.std(axis=(0, 1, 2))
    return few.mean(axis=(0, 1, 2)), np.where(deviation > 0, deviation, 1.0)


def _codes(target: npt.NDArray[Any], classes: int | None) -> Ints:
    """Return codes as they are, numbers by the quarter of all numbers that they lie in."""
    if classes is not None:
        return np.asarray(target, dtype=np.int64)
    return np.searchsorted(np.quantile(target, (0.25, 0.5, 0.75)), target).astype(np.int64)
