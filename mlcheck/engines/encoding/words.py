"""Columns of text as term frequencies weighted by rarity (TF-IDF), sparse, or as their leading components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlcheck.model.dataset import Column
    from mlcheck.model.ladder import Features

COMMON = 50
"""Rows from which on a word must occur in two of them to be one: of fewer, all are kept."""


class Words:
    """One column of text as TF-IDF of words and pairs of words (Salton & Buckley 1988), rows of length 1.

    `most` is how many terms are kept, the most frequent ones.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: Any = None

    def fit(self, column: Column) -> Any:
        """Learn the terms and return the rows as a sparse matrix (n, terms)."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = _texts(column)
        for least in (2 if len(texts) >= COMMON else 1, 1):
            self._made = TfidfVectorizer(
                ngram_range=(1, 2), min_df=least, max_features=self._most, sublinear_tf=True,
                token_pattern=r"(?u)\b\w+\b",  # noqa: S106  (a pattern of words)
            )  # fmt: skip
            try:
                return self._made.fit_transform(texts)
            except ValueError:  # no term at all, or none that two rows share
                continue
        self._made = None
        return self.transform(column)

    def transform(self, column: Column) -> Any:
        """Return rows as a sparse matrix (n, terms); without terms, (n, 0)."""
        from scipy import sparse

        if self._made is None:
            return sparse.csr_matrix((len(column), 0))
        return self._made.transform(_texts(column))


def _texts(column: Column) -> list[str]:
    assert column.texts is not None  # noqa: S101  (by its kind)
    return ["" if text is None else str(text) for text in column.texts]


def columns(features: Features) -> tuple[Column, ...]:
    """Return the columns of text."""
    return features.of("text")
