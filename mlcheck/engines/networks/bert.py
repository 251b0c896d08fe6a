"""A small BERT trained from scratch: its words are learnt from the training texts, its size follows from their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.networks import session, training
from mlcheck.engines.networks.target import Target
from mlcheck.engines.networks.vocabulary import Vocabulary, padded

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Ints

WIDTH, LAYERS, HEADS = 64, 2, 4
LARGER = 20_000
"""From this many rows on the network has twice the width and twice the layers."""
LONGEST = 128
"""Words and signs of a text that are read, [CLS] and [SEP] among them."""
COVERED = 0.98
"""Share of the training texts that are read to their end, where that needs no more."""
SEEN = 24_000
"""Texts that training shows in all, where the bounds of the number of epochs allow it."""
FEWEST, MOST = 4, 60
BATCH, RATE, DECAY, DROPOUT = 32, 2e-3, 0.01, 0.1
MASKED = 0.1
"""Share of the words of a training text that are hidden, anew in every epoch."""
SECONDS_PER_MAC, SECONDS_PER_TEXT, STARTING = 2.5e-10, 3e-4, 4.0
"""One multiplication of the forward pass, with its backward passes, on one core (AVX2, measured); what each text shown
costs beside; what importing the libraries takes."""
USUAL = 40
"""Words of a text where nobody counted them."""
PREDICTED = 128


class ScratchBert:
    """Learns texts, a sequence of n str ("" where missing), by a small BERT with random weights.

    AdamW, one cycle of the learning rate, a tenth of the words hidden at random. A seventh of the rows chooses the
    epoch. The same rows and `seed` give the same network on the same machine.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed
        self._network: Any = None
        self._words: Any = None
        self._longest = LONGEST
        self._told = "from scratch"
        self._target: Any = None
        self._factor = 1.0

    @property
    def description(self) -> str:
        """One line: layers, from scratch, parameters and, once trained, words and epochs."""
        return self._told

    def fit(self, inputs: Sequence[str], target: npt.NDArray[Any], classes: int | None) -> None:
        """Learn words and network from n texts; needs torch and transformers."""
        session.require("bert", transformers=True)
        draw = np.random.default_rng(self.seed)
        rows, inner = training.held_out(target, classes, draw)
        self._words = Vocabulary([inputs[row] for row in rows])
        coded = [self._words.coded(text, LONGEST) for text in inputs]
        self._longest = int(np.ceil(np.quantile([len(coded[row]) for row in rows], COVERED)))
        texts = [text[: self._longest] for text in coded]
        with session.session(self.seed), session.silent_transformers():
            self._target = Target(target, classes, rows)
            self._train(texts, rows, inner, draw)

    def _train(self, texts: list[Ints], rows: Ints, inner: Ints, draw: np.random.Generator) -> None:
        import torch

        from mlcheck.engines.networks.bert_layers import TextNetwork

        plan = plan_for(len(texts))
        width, layers = size_for(len(texts))
        network = TextNetwork(
            words=len(self._words), longest=LONGEST, width=width, layers=layers, heads=HEADS,
            outputs=self._target.outputs, dropout=DROPOUT,
        )  # fmt: skip

        def forward(some: Ints, change: np.random.Generator | None) -> Any:
            numbers = padded([texts[row] for row in some])
            return network(torch.from_numpy(numbers if change is None else hidden(numbers, change)))

        optimizer = torch.optim.AdamW(network.parameters(), plan.rate, weight_decay=plan.decay)
        trained = training.train(network, optimizer, forward, self._target, rows, inner, plan, draw)
        self._network, self._factor = network, trained.factor
        size = training.count(training.parameters(network))
        self._told = f"BERT of {layers} layers from scratch, {size} parameters, {len(self._words):,} words, {trained.epochs} epochs"

    def outputs(self, inputs: Sequence[str]) -> Floats:
        """Return probabilities (n, classes) or numbers (n,)."""
        import torch

        texts = [self._words.coded(text, LONGEST)[: self._longest] for text in inputs]
        with session.session(self.seed), torch.no_grad():
            found = torch.zeros(len(texts), self._target.outputs)
            order = np.argsort([len(text) for text in texts], kind="stable")  # little is padded in vain
            for piece in training.batches(order, PREDICTED):
                found[piece] = self._network(torch.from_numpy(padded([texts[row] for row in piece])))
            return np.asarray(self._target.told(found * self._factor))


def plan_for(rows: int) -> training.Plan:
    """Return how long to train on that many rows: 60 epochs for up to 400, 4 for 6,000 and more."""
    epochs = min(MOST, max(FEWEST, round(SEEN / max(rows, 1))))
    return training.Plan(epochs=epochs, batch=BATCH if rows >= 200 else BATCH // 2, rate=RATE, decay=DECAY)


def size_for(rows: int) -> tuple[int, int]:
    """Return width and layers."""
    return (2 * WIDTH, 2 * LAYERS) if rows >= LARGER else (WIDTH, LAYERS)


def seconds(rows: int, words: float = USUAL) -> float:
    """Return an estimate of what one core needs to train on that many texts of so many words, in seconds."""
    width, layers = size_for(rows)
    length = min(words + 2, LONGEST)
    macs = length * layers * (12 * width**2 + 2 * length * width)
    return STARTING + rows * plan_for(rows).epochs * (macs * SECONDS_PER_MAC + SECONDS_PER_TEXT)


def hidden(numbers: Ints, draw: np.random.Generator) -> Ints:
    """Return coded texts with a tenth of their words, never the reserved numbers, replaced by the unknown word."""
    from mlcheck.engines.networks.vocabulary import END, UNKNOWN

    chosen = (draw.random(numbers.shape) < MASKED) & (numbers > END)
    return np.where(chosen, UNKNOWN, numbers)
