"""All columns as one matrix for trees: numbers and dates as they are, categories as codes, NaN for what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.encoding import numeric
from mlcheck.engines.encoding.levels import Levels
from mlcheck.engines.encoding.words import Words

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.ladder import Features

MOST_LEVELS = 250
"""Frequent levels of a category: histograms have 255 bins."""
COMPONENTS = 50
"""Leading components of a column of text (latent semantic analysis, Deerwester et al. 1990)."""


class ForTrees:
    """A matrix (n, m) of float64; `categories` (m,) says which columns are codes without order."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def fit(self, features: Features) -> Floats:
        """Learn from training rows and return them as a matrix."""
        self._levels = [Levels(column, MOST_LEVELS) for column in features.of("category")]
        self._words = [Words(20_000) for _ in features.of("text")]
        self._components: list[Any] = []
        texts = [
            self._fit_components(words.fit(column))
            for words, column in zip(self._words, features.of("text"), strict=True)
        ]
        made = self._joined(features, texts)
        self.categories = np.zeros(made.shape[1], dtype=np.bool_)
        self.categories[self._first_category : self._first_category + len(self._levels)] = True
        return made

    def transform(self, features: Features) -> Floats:
        """Return rows as a matrix."""
        texts = [
            words.transform(column) if parts is None else parts.transform(words.transform(column))
            for words, parts, column in zip(self._words, self._components, features.of("text"), strict=True)
        ]
        return self._joined(features, [_dense(text) for text in texts])

    def _fit_components(self, matrix: Any) -> Floats:
        from sklearn.decomposition import TruncatedSVD

        count = min(COMPONENTS, matrix.shape[1] - 1, matrix.shape[0] - 1)
        self._components.append(
            TruncatedSVD(count, random_state=self._seed)
            if count >= 1 and matrix.shape[1] > COMPONENTS
            else None
        )
        made = self._components[-1]
        return _dense(matrix if made is None else made.fit_transform(matrix))

    def _joined(self, features: Features, texts: list[Floats]) -> Floats:
        numbers = [*numeric.plain(features), *numeric.dates(features, cyclic=False)]
        self._first_category = len(numbers)
        for levels, column in zip(self._levels, features.of("category"), strict=True):
            codes = levels.codes(column).astype(np.float64)
            numbers.append(np.where(codes < 0, np.nan, codes))
        table = numeric.stacked(numbers, len(features))
        return np.hstack([table, *texts]) if texts else table


def _dense(matrix: Any) -> Floats:
    return np.asarray(matrix if isinstance(matrix, np.ndarray) else matrix.todense(), dtype=np.float64)
