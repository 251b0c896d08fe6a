"""The PyTorch network and training epochs that the plain, Lightning and TensorBoard runs share."""

from collections.abc import Iterator

import torch
from common import Config, Data
from torch import Tensor, nn

torch.set_num_threads(1)


def network(config: Config, inputs: int, outputs: int) -> nn.Sequential:
    """Return `depth` hidden layers of `width` rectified units, with dropout where asked for."""
    layers: list[nn.Module] = []
    for size in [inputs] + [config.width] * (config.depth - 1):
        layers += [nn.Linear(size, config.width), nn.ReLU(), nn.Dropout(config.dropout)]
    return nn.Sequential(*layers, nn.Linear(config.width, outputs))


def optimizer(config: Config, model: nn.Module) -> torch.optim.Optimizer:
    """Return Adam, or SGD with momentum 0.9."""
    if config.optimizer == "adam":
        return torch.optim.Adam(model.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    return torch.optim.SGD(model.parameters(), lr=config.lr, momentum=0.9, weight_decay=config.weight_decay)


def tensors(config: Config, data: Data) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the run's training examples and the validation set; a regression's targets as one column."""
    kept = slice(config.examples)
    x, y, val_x, val_y = map(torch.as_tensor, (data.pool_x[kept], data.pool_y[kept], data.val_x, data.val_y))
    return (x, y, val_x, val_y) if y.dtype == torch.int64 else (x, y[:, None], val_x, val_y[:, None])


def loss_of(outputs: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy where the targets are classes, else the mean squared error."""
    if targets.dtype == torch.int64:
        return nn.functional.cross_entropy(outputs, targets)
    return nn.functional.mse_loss(outputs, targets)


def batches(x: Tensor, y: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Shuffled batches of one epoch."""
    for rows in torch.randperm(len(x)).split(size):
        yield x[rows], y[rows]


def train_epoch(model: nn.Module, step: torch.optim.Optimizer, x: Tensor, y: Tensor, batch: int) -> float:
    """Train for one epoch and return the mean training loss seen on the way."""
    model.train()
    total = 0.0
    for inputs, targets in batches(x, y, batch):
        loss = loss_of(model(inputs), targets)
        step.zero_grad()
        loss.backward()
        step.step()
        total += loss.item() * len(inputs)
    return total / len(x)


@torch.no_grad()
def evaluate(model: nn.Module, x: Tensor, y: Tensor) -> float:
    """Return the loss without dropout."""
    model.eval()
    return float(loss_of(model(x), y))
