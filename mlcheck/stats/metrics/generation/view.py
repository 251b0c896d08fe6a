"""Generated texts as their metrics read them: statistics of each text, computed once and only where asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from mlcheck.model.predictions import Texts
from mlcheck.stats.metrics.generation import answers, bleu, chrf, rouge, ter
from mlcheck.stats.metrics.metric import Undefined
from mlcheck.stats.metrics.resample import sums

if TYPE_CHECKING:
    from mlcheck.model import Floats
    from mlcheck.model.predictions import Predictions, Reals
    from mlcheck.stats.metrics.parameters import Parameters
    from mlcheck.stats.metrics.resample import Sampling


@dataclass(frozen=True, kw_only=True, eq=False)
class TextsView:
    """n texts with their references; `weight` (n,) is None where all count alike."""

    texts: Texts
    sampling: Sampling
    parameters: Parameters
    weight: Reals | None = None

    @property
    def n(self) -> int:
        """How many texts there are."""
        return len(self.texts.hypotheses)

    def check(self) -> None:
        """Raise Undefined where there is nothing to compare with."""
        if not self.n or not self.texts.references:
            raise Undefined("there are no texts with references")
        if self._alone is not None:
            raise Undefined(f"text {self._alone + 1} has no reference")
        if not any(text and text.strip() for reference in self.texts.references for text in reference):
            raise Undefined("every reference is empty")

    @cached_property
    def _alone(self) -> int | None:
        """The first text without a reference."""
        rows = zip(*self.texts.references, strict=True)
        return next((i for i, row in enumerate(rows) if all(text is None for text in row)), None)

    @cached_property
    def bleu_statistics(self) -> Floats:
        """See bleu.statistics."""
        return bleu.statistics(self.texts, self.parameters.tokenizer)

    @cached_property
    def chrf_statistics(self) -> Floats:
        """See chrf.statistics."""
        return chrf.statistics(self.texts)

    @cached_property
    def ter_statistics(self) -> Floats:
        """See ter.statistics."""
        return ter.statistics(self.texts)

    @cached_property
    def rouge(self) -> rouge.Rouge:
        """ROUGE of each text."""
        return rouge.rouge(self.texts, stemmer=self.parameters.stemmer)

    @cached_property
    def answers(self) -> Floats:
        """See answers.answers."""
        return answers.answers(self.texts)

    def total(self, statistics: Floats) -> Floats:
        """Return (m,) the columns of `statistics` (n, m) summed over texts by their weight."""
        return cast("Floats", self._weighted(statistics).sum(axis=0))

    def mean(self, values: Floats) -> float:
        """Return the mean of `values` (n,) over texts by their weight."""
        weight = self._weighted(np.ones((self.n, 1)))[:, 0]
        if not weight.sum() > 0:
            raise Undefined("the weights add to nothing")
        return float(np.average(values, weights=weight))

    def drawn(self, statistics: Floats) -> Floats:
        """Return (replicates, m) what `total` gives of each bootstrap sample; raise Undefined where nothing can vary."""
        clusters = self.sampling.clusters
        if (self.n if clusters is None else int(clusters.max(initial=0)) + 1) < 2:
            raise Undefined("one text alone does not tell how texts vary")
        return sums(self._weighted(statistics), self.sampling)

    def drawn_means(self, of: Literal["rouge", "answers"]) -> Floats:
        """Return (replicates, m): the means of all of a family's values by text in each sample, drawn once for them."""
        return self._rouge_means if of == "rouge" else self._answer_means

    @cached_property
    def _rouge_means(self) -> Floats:
        return self._means(self.rouge.f)

    @cached_property
    def _answer_means(self) -> Floats:
        return self._means(self.answers)

    def _means(self, values: Floats) -> Floats:
        drawn = self.drawn(np.column_stack([values, np.ones(self.n)]))
        with np.errstate(divide="ignore", invalid="ignore"):
            return drawn[:, :-1] / drawn[:, -1:]

    def _weighted(self, statistics: Floats) -> Floats:
        return statistics if self.weight is None else statistics * self.weight[:, None].astype(np.float64)


def view(predictions: Predictions, sampling: Sampling, parameters: Parameters) -> TextsView:
    """Return the texts of predictions as their metrics read them."""
    content = predictions.content
    if not isinstance(content, Texts):
        raise TypeError(f"expected Texts, found {type(content).__name__}")
    return TextsView(texts=content, sampling=sampling, parameters=parameters, weight=predictions.weight)
