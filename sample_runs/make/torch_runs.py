"""PyTorch, a plain loop that prints: a learning rate too low, one too high, and a run that crashed.

Without arguments the logs are written; with a run's name that run is trained and its losses are printed.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import torch
from common import SAMPLES, Config, Data, Remedy, Sample, capture, digits, missing_pixel, remedies
from networks import evaluate, network, optimizer, tensors, train_epoch
from torch import Tensor, nn

DIGITS, PIXEL = digits(), missing_pixel()
LOW_LR = Config(examples=1000, epochs=50, lr=5e-4, optimizer="sgd", depth=2)
DIVERGED = Config(examples=2000, epochs=25, lr=0.4, optimizer="sgd", batch=1000, depth=2)
CRASHED = Config(examples=900, epochs=40, lr=4e-3, optimizer="sgd", depth=2, seed=1)


def silent(_: str) -> None:
    """Print nothing: of a remedy only the losses are wanted."""


def train(config: Config, *, data: Data, say: Callable[[str], None] = silent) -> list[float]:
    """Train a plain network, say the losses of each epoch and return those of validation."""
    torch.manual_seed(config.seed)
    x, y, *held_out = tensors(config, data)
    model = network(config, x.shape[1], 10 if data is DIGITS else 1)
    return fit(config, model, lambda _: (x, y), held_out, say)


def train_filtered(config: Config, *, fixed: bool = True, say: Callable[[str], None] = silent) -> list[float]:
    """Train with batch normalisation on a random tenth less of the digits in each epoch.

    The bug, unless fixed: in the epoch whose last batch holds a single digit PyTorch refuses to normalise it.
    """
    torch.manual_seed(config.seed)
    x, y, *held_out = tensors(config, DIGITS)
    model = nn.Sequential(nn.BatchNorm1d(x.shape[1]), network(config, x.shape[1], 10))

    def examples(epoch: int) -> tuple[Tensor, Tensor]:
        rows = chosen(config, epoch)
        if fixed and len(rows) % config.batch == 1:
            rows = rows[:-1]
        return x[rows], y[rows]

    return fit(config, model, examples, held_out, say)


def chosen(config: Config, epoch: int) -> Tensor:
    """Rows that this epoch trains on."""
    random = torch.Generator().manual_seed(1000 * config.seed + epoch)
    return (torch.rand(config.examples, generator=random) < 0.9).nonzero()[:, 0]


def fit(
    config: Config,
    model: nn.Module,
    examples: Callable[[int], tuple[Tensor, Tensor]],
    held_out: list[Tensor],
    say: Callable[[str], None],
) -> list[float]:
    """Return the validation loss of every epoch."""
    say(str(config))
    step = optimizer(config, model)
    seen = []
    for epoch in range(1, config.epochs + 1):
        train_loss = train_epoch(model, step, *examples(epoch), config.batch)
        seen.append(evaluate(model, *held_out))
        say(f"epoch {epoch}: train loss {train_loss:.4f} val loss {seen[-1]:.4f}")
    return seen


def completed(config: Config) -> int:
    """Epochs before the crash."""
    return next(e for e in range(config.epochs) if len(chosen(config, e + 1)) % config.batch == 1)


def crash_remedies(config: Config) -> Iterator[Remedy[Config]]:
    """Finishing the run as planned, then the usual remedies for a run of the epochs that it lasted."""
    whole = replace(config, epochs=CRASHED.epochs)
    yield Remedy(name="fix-bug", group="optimization", setting=f"all {whole.epochs} epochs", config=whole)
    yield from remedies(config, pool=len(DIGITS.pool_x))


RUNS = (
    Sample(
        name="torch_low_lr",
        task="digits",
        config=LOW_LR,
        train=partial(train, data=DIGITS),
        remedies=partial(remedies, pool=len(DIGITS.pool_x)),
        constant_loss=DIGITS.constant_loss,
    ),
    Sample(
        name="torch_diverged",
        task="missing pixel",
        config=DIVERGED,
        train=partial(train, data=PIXEL),
        remedies=partial(remedies, pool=len(PIXEL.pool_x)),
        constant_loss=PIXEL.constant_loss,
    ),
    Sample(
        name="torch_crashed",
        task="digits",
        config=replace(CRASHED, epochs=completed(CRASHED)),
        train=train_filtered,
        remedies=crash_remedies,
        constant_loss=DIGITS.constant_loss,
    ),
)


def main() -> None:
    """Train and print the run that is named, or write the logs of all."""
    said = partial(print, flush=True)
    match sys.argv[1:]:
        case ["torch_low_lr"]:
            train(LOW_LR, data=DIGITS, say=said)
        case ["torch_diverged"]:
            train(DIVERGED, data=PIXEL, say=said)
        case ["torch_crashed"]:
            train_filtered(CRASHED, fixed=False, say=said)
        case _:
            for run in RUNS:
                capture("torch_runs.py", run.name, SAMPLES / run.name / "train.log")


if __name__ == "__main__":
    main()
