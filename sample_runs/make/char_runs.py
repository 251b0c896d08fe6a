"""A character-level language model that prints as nanoGPT does, far too small for its text.

Without arguments the log is written; with the run's name it is trained and its losses are printed.
"""

import sys
import time
from collections.abc import Callable
from functools import partial

import torch
from common import SAMPLES, Config, Data, Sample, capture, characters, remedies
from torch import Tensor, nn

torch.set_num_threads(1)
BLOCK, EVALUATE_EVERY, PRINT_EVERY, EVALUATION_BATCHES = 32, 100, 20, 40
"""Characters a sequence; iterations between evaluations and prints; batches of an evaluation."""


def halves() -> Data:
    """Return the text as pool, without its last 100,000 characters, which are held back."""
    text = characters()
    return Data(pool_x=text[:-100_000], pool_y=text[:-100_000], val_x=text[-100_000:], val_y=text[-100_000:])


DATA = halves()
VOCABULARY = int(DATA.pool_y.max()) + 1
SETTINGS = Config(examples=90_000, epochs=80, lr=3e-3, width=4, depth=1, weight_decay=0.0)


class Gpt(nn.Module):
    """A transformer that predicts the next character."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.characters = nn.Embedding(VOCABULARY, config.width)
        self.positions = nn.Parameter(torch.zeros(BLOCK, config.width))
        heads = max(1, config.width // 16)
        layer = nn.TransformerEncoderLayer(
            config.width, heads, 4 * config.width, config.dropout, "gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(layer, config.depth, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(config.width), nn.Linear(config.width, VOCABULARY))
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(BLOCK))

    def forward(self, x: Tensor) -> Tensor:
        """Return scores of the next characters, (batch, BLOCK, VOCABULARY)."""
        return self.head(self.blocks(self.characters(x) + self.positions, mask=self.mask, is_causal=True))


def batch(text: Tensor, size: int) -> Tensor:
    """Return random sequences of BLOCK characters and the one that follows."""
    starts = torch.randint(len(text) - BLOCK, (size, 1))
    return text[starts + torch.arange(BLOCK + 1)]


def loss_of(model: Gpt, rows: Tensor) -> Tensor:
    """Cross-entropy of the next characters."""
    return nn.functional.cross_entropy(model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())


@torch.no_grad()
def estimate(model: Gpt, text: Tensor) -> float:
    """Mean loss of some random batches, without dropout."""
    model.eval()
    losses = [loss_of(model, batch(text, 64)).item() for _ in range(EVALUATION_BATCHES)]
    model.train()
    return sum(losses) / len(losses)


def silent(_: str) -> None:
    """Print nothing: of a remedy only the losses are wanted."""


def train(config: Config, say: Callable[[str], None] = silent) -> list[float]:
    """Train for `epochs` times 100 iterations and return the validation losses."""
    torch.manual_seed(config.seed)
    text, held_out = torch.as_tensor(DATA.pool_y[: config.examples]), torch.as_tensor(DATA.val_y)
    model = Gpt(config)
    step = torch.optim.AdamW(model.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    say(f"tokens per iteration will be: {config.batch * BLOCK:,}")
    say(f"number of parameters: {sum(p.numel() for p in model.parameters()) / 1e6:.4f}M")
    losses, started = [], time.perf_counter()
    for number in range(config.epochs * EVALUATE_EVERY + 1):
        if number % EVALUATE_EVERY == 0:
            losses.append(estimate(model, held_out))
            say(f"step {number}: train loss {estimate(model, text):.4f}, val loss {losses[-1]:.4f}")
        loss = loss_of(model, batch(text, config.batch))
        step.zero_grad()
        loss.backward()
        step.step()
        now = time.perf_counter()
        if number % PRINT_EVERY == 0:
            say(f"iter {number}: loss {loss.item():.4f}, time {1000 * (now - started):.2f}ms")
        started = now
    return losses


RUNS = (
    Sample(
        name="nanogpt_underfit",
        task="next character",
        config=SETTINGS,
        train=train,
        remedies=partial(remedies, pool=len(DATA.pool_x), decay=1.0, unit="× 100 iterations"),
        constant_loss=DATA.constant_loss,
    ),
)


def main() -> None:
    """Train and print the run, or write its log."""
    if sys.argv[1:]:
        train(SETTINGS, partial(print, flush=True))
    else:
        capture("char_runs.py", "nanogpt_underfit", SAMPLES / "nanogpt_underfit" / "train.log")


if __name__ == "__main__":
    main()
