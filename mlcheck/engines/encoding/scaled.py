"""All columns as one matrix of standardised numbers: for models that add columns up (linear ones, networks)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.engines.encoding import numeric
from mlcheck.engines.encoding.levels import Levels
from mlcheck.engines.encoding.words import Words

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.ladder import Features

FAR = 10.0
"""Standard deviations at which a number is cut: one outlier does not carry a fit."""
MOST_DENSE = 512
"""Levels of all categories together up to which the matrix is dense."""


class Scaled:
    """Numbers imputed by the median (with a flag where some were missing) and standardised; dates as parts on circles;
    categories one-hot with rare levels as one; pixels from 0 to 1 about their mean; texts as TF-IDF.

    `matrix` is dense float64 (n, m) where there is neither text nor many levels, else sparse rows.
    """  # noqa: D205  (one sentence)

    def __init__(self, *, most_levels: int = 100, most_words: int = 50_000) -> None:
        self._most_levels = most_levels
        self._most_words = most_words

    def fit(self, features: Features) -> Any:
        """Learn from training rows and return them as `matrix`."""
        raw = self._raw(features)
        blank = np.isnan(raw)
        self._flags = np.flatnonzero(blank.any(axis=0) & ~blank.all(axis=0))
        self._middle = _medians(raw, blank)
        filled = np.where(blank, self._middle, raw) if blank.any() else raw
        self._mean, deviation = filled.mean(axis=0), filled.std(axis=0)
        self._kept = np.flatnonzero(deviation > 1e-12 * np.maximum(1.0, np.abs(self._mean)))
        self._deviation = deviation[self._kept]
        self._levels = [Levels(column, self._most_levels) for column in features.of("category")]
        self._sparse = sum(levels.rare for levels in self._levels) > MOST_DENSE
        self._words = [Words(self._most_words) for _ in features.of("text")]
        self._fit_pixels(features)
        texts = [words.fit(c) for words, c in zip(self._words, features.of("text"), strict=True)]
        return self._joined(features, raw, blank, texts)

    def transform(self, features: Features) -> Any:
        """Return rows as `matrix`."""
        raw = self._raw(features)
        texts = [words.transform(c) for words, c in zip(self._words, features.of("text"), strict=True)]
        return self._joined(features, raw, np.isnan(raw), texts)

    @staticmethod
    def _raw(features: Features) -> Floats:
        columns = [*numeric.plain(features), *numeric.dates(features, cyclic=True)]
        return numeric.stacked(columns, len(features))

    def _joined(self, features: Features, raw: Floats, blank: Any, texts: list[Any]) -> Any:
        filled = np.where(blank, self._middle, raw) if blank.any() else raw
        scaled = (filled[:, self._kept] - self._mean[self._kept]) / self._deviation
        np.clip(scaled, -FAR, FAR, out=scaled)
        blocks: list[Any] = [scaled, blank[:, self._flags].astype(np.float64), *self._pixels(features)]
        coded = [
            _one_hot(levels.codes(column), levels)
            for levels, column in zip(self._levels, features.of("category"), strict=True)
        ]
        if not texts and not self._sparse:
            return np.ascontiguousarray(np.hstack([*blocks, *(np.asarray(c.todense()) for c in coded)]))
        from scipy import sparse

        blocks = [sparse.csr_matrix(block) for block in blocks if block.shape[1]]
        return sparse.hstack([*blocks, *coded, *texts], format="csr")

    def _fit_pixels(self, features: Features) -> None:
        self._pixel_mean, self._pixel_deviation = [], []
        for column in features.of("image"):
            flat = _flat(column)
            self._pixel_mean.append(flat.mean(axis=0))
            # one scale for all pixels: a pixel that hardly varies must not be blown up
            self._pixel_deviation.append(max(float(flat.std()), 1e-6))

    def _pixels(self, features: Features) -> list[Floats]:
        return [
            (_flat(column) - mean) / deviation
            for column, mean, deviation in zip(
                features.of("image"), self._pixel_mean, self._pixel_deviation, strict=True
            )
        ]


def _flat(column: Any) -> Floats:
    return column.pixels.reshape(len(column), -1).astype(np.float64) / 255.0  # type: ignore[no-any-return]


def _medians(raw: Floats, blank: Any) -> Floats:
    found = np.zeros(raw.shape[1])
    for i in range(raw.shape[1]):
        known = raw[~blank[:, i], i]
        found[i] = float(np.median(known)) if len(known) else 0.0
    return found


def _one_hot(codes: Any, levels: Levels) -> Any:
    """Return levels (n,) as a sparse matrix (n, L): a column each, one for the rare and one for what is missing."""
    from scipy import sparse

    width = levels.rare + 2
    place = np.where(codes < 0, levels.rare + 1, codes)
    ones = np.ones(len(codes))
    return sparse.csr_matrix((ones, place, np.arange(len(codes) + 1)), shape=(len(codes), width))
