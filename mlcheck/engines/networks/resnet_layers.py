"""The residual network for small images of He et al. 2016 (Deep residual learning, section 4.2), in PyTorch.

This module imports torch; only functions import this module.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):  # type: ignore[misc]  # torch is not typed here: the check runs without it too
    """Two 3x3 convolutions beside a shortcut without parameters (option A: strided, new channels zero)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.stride, self.added = stride, outputs - inputs

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return (n, outputs, height / stride, width / stride)."""
        changed = functional.relu(self.first_norm(self.first(images)))
        changed = self.second_norm(self.second(changed))
        kept = images[:, :, :: self.stride, :: self.stride]
        if self.added:
            kept = functional.pad(kept, (0, 0, 0, 0, 0, self.added))
        return functional.relu(changed + kept)


class ResNet(nn.Module):  # type: ignore[misc]  # torch is not typed here: the check runs without it too
    """A 3x3 convolution, three stages of `blocks` blocks, the mean over all places, a linear layer.

    The stages have `width`, 2 `width` and 4 `width` channels, each half the size of the one before; so there are
    6 `blocks` + 2 layers with weights. The first convolution
    is followed by the maximum over squares of side `stride`.
    """

    def __init__(self, *, blocks: int, width: int, stride: int, outputs: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(stride)
        )
        layers, inputs = [], width
        for stage in range(3):
            for block in range(blocks):
                channels = width << stage
                layers.append(Block(inputs, channels, 2 if stage and not block else 1))
                inputs = channels
        self.stages = nn.Sequential(*layers)
        self.head = nn.Linear(inputs, outputs)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return (n, outputs) for standardised images (n, 3, height, width)."""
        return self.head(self.stages(self.stem(images)).mean(dim=(2, 3)))
