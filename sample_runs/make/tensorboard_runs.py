"""TensorBoard: PyTorch's SummaryWriter; stopped halfway and resumed from a checkpoint, so two event files.

An event file is named after the machine; here its name says `host` instead.
"""

import copy
import shutil
import socket
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import torch
from common import SAMPLES, Config, Sample, friedman, remedies
from networks import evaluate, network, optimizer, tensors, train_epoch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

DATA = friedman()
SETTINGS = Config(examples=8000, epochs=40, lr=2e-3, batch=64, width=64, depth=2, weight_decay=1e-4)
LOST = 2
"""Epochs since the checkpoint when the first session stopped; the second trains and logs them again."""


def train(config: Config, logs: Path | None = None) -> list[float]:
    """Train in two sessions and return the validation loss of every epoch."""
    torch.manual_seed(config.seed)
    model = network(config, DATA.pool_x.shape[1], 1)
    step = optimizer(config, model)
    half = config.epochs // 2

    def session(epochs: Iterable[int], writer: SummaryWriter | None) -> Iterator[float]:
        for epoch in epochs:
            losses = one_epoch(config, model, step)
            for name, loss in losses.items() if writer else ():
                writer.add_scalar(f"Loss/{name}", loss, epoch)
            if epoch == half:
                checkpoint.update(copy.deepcopy({"model": model.state_dict(), "step": step.state_dict()}))
            yield losses["val"]

    checkpoint: dict[str, dict[str, object]] = {}
    with opened(logs) as writer:
        before = list(session(range(1, half + LOST + 1), writer))
    model.load_state_dict(checkpoint["model"])
    step.load_state_dict(checkpoint["step"])
    with opened(logs) as writer:
        return before[:half] + list(session(range(half + 1, config.epochs + 1), writer))


def one_epoch(config: Config, model: nn.Module, step: torch.optim.Optimizer) -> dict[str, float]:
    """Train for an epoch and return both losses."""
    x, y, val_x, val_y = tensors(config, DATA)
    train_loss = train_epoch(model, step, x, y, config.batch)
    return {"train": train_loss, "val": evaluate(model, val_x, val_y)}


def opened(logs: Path | None) -> AbstractContextManager[SummaryWriter | None]:
    """Open a new event file in the folder, if there is one."""
    return SummaryWriter(logs) if logs else nullcontext()


RUNS = (
    Sample(
        name="tensorboard_healthy",
        task="Friedman's function",
        config=SETTINGS,
        train=train,
        remedies=partial(remedies, pool=len(DATA.pool_x)),
        constant_loss=DATA.constant_loss,
    ),
)


def main() -> None:
    """Write both event files."""
    folder = SAMPLES / "tensorboard_healthy"
    shutil.rmtree(folder, ignore_errors=True)
    train(SETTINGS, folder)
    for file in folder.iterdir():
        file.rename(file.with_name(file.name.replace(socket.gethostname(), "host")))


if __name__ == "__main__":
    main()
