"""ResNet-18, -34, -50, -101 and -152 under the names that torchvision and timm give their weights, without torchvision.

This module imports torch; only functions import this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Mapping


class Block(nn.Module):  # type: ignore[misc]  # torch is not typed here: the check runs without it too
    """A residual block: two 3x3 convolutions, or 1x1, 3x3 (with the stride), 1x1 of four times the width."""

    def __init__(self, inputs: int, width: int, stride: int, *, bottleneck: bool) -> None:
        super().__init__()
        outputs = 4 * width if bottleneck else width
        if bottleneck:
            self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
            self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)
        else:
            self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.bottleneck = bottleneck
        self.downsample = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            if stride > 1 or inputs != outputs
            else nn.Identity()
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return (n, outputs, height / stride, width / stride)."""
        changed = functional.relu(self.bn1(self.conv1(images)))
        changed = self.bn2(self.conv2(changed))
        if self.bottleneck:
            changed = self.bn3(self.conv3(functional.relu(changed)))
        return functional.relu(changed + self.downsample(images))


class Backbone(nn.Module):  # type: ignore[misc]  # torch is not typed here: the check runs without it too
    """The network of He et al. 2016 for large images, without its last linear layer."""

    def __init__(self, depths: tuple[int, int, int, int], *, bottleneck: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for stage, depth in enumerate(depths):
            blocks = []
            for block in range(depth):
                width = 64 << stage
                blocks.append(Block(inputs, width, 2 if stage and not block else 1, bottleneck=bottleneck))
                inputs = 4 * width if bottleneck else width
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return what the last stage says, (n, 512 or 2048, height / 32, width / 32)."""
        found = functional.max_pool2d(functional.relu(self.bn1(self.conv1(images))), 3, 2, 1)
        for stage in range(4):
            found = getattr(self, f"layer{stage + 1}")(found)
        return found


def backbone(state: Mapping[str, torch.Tensor]) -> Backbone:
    """Return the network of a state dict, its depth read off the names; raises RuntimeError where a weight is missing."""
    depths = [
        len({key.split(".")[1] for key in state if key.startswith(f"layer{stage}.")})
        for stage in (1, 2, 3, 4)
    ]
    made = Backbone((depths[0], depths[1], depths[2], depths[3]), bottleneck="layer1.0.conv3.weight" in state)
    wanted = made.state_dict()
    kept = {
        key: value.float() if value.is_floating_point() else value
        for key, value in state.items()
        if key in wanted
    }
    counted = {key: value for key, value in wanted.items() if key.endswith("num_batches_tracked")}
    made.load_state_dict({**counted, **kept})
    made.eval()
    return made
