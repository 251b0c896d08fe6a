"""A small BERT with a linear layer on the mean of what it says of each word.

This module imports torch and transformers; only functions import this module.
"""

from __future__ import annotations

import torch
from torch import nn
from transformers import BertConfig, BertModel


class TextNetwork(nn.Module):  # type: ignore[misc]  # torch is not typed here: the check runs without it too
    """BERT (Devlin et al. 2019) of a few layers, from random weights."""

    def __init__(
        self, *, words: int, longest: int, width: int, layers: int, heads: int, outputs: int, dropout: float
    ) -> None:
        super().__init__()
        self.encoder = BertModel(
            BertConfig(
                vocab_size=words, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
                intermediate_size=4 * width, max_position_embeddings=longest, pad_token_id=0, type_vocab_size=1,
                hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout, initializer_range=0.05,
            ),
            add_pooling_layer=False,
        )  # fmt: skip
        self.head = nn.Linear(width, outputs)

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        """Return (n, outputs) for coded texts int64 (n, length), 0 where padded."""
        mask = (numbers != 0).long()
        said = self.encoder(input_ids=numbers, attention_mask=mask).last_hidden_state
        return self.head(mean_of_words(said, mask))


def mean_of_words(said: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean of (n, length, width) over the places where the mask (n, length) is 1: shape (n, width)."""
    kept = mask.unsqueeze(-1).to(said.dtype)
    return (said * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1.0)
