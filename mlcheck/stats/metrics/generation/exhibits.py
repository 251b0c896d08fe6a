"""What may be shown of generated texts: BLEU's n-grams with sacreBLEU's signatures, and the texts that are worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model import Table
from mlcheck.stats.metrics.generation import bleu, chrf
from mlcheck.stats.metrics.generation.extra import library
from mlcheck.stats.metrics.metric import Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Exhibit, Floats, Scalar
    from mlcheck.stats.metrics.generation.view import TextsView

WORST = 5
LONGEST_SHOWN = 72
"""Characters of a text that are shown."""
TOKENISED = 100
"""Texts ending in " ." from which sacreBLEU warns that its input was tokenised before."""
SPACELESS = 0.3
"""Share of Chinese and Japanese characters from which words are not what spaces part."""


def exhibits(view: TextsView) -> tuple[Exhibit, ...]:
    """Return the table of n-grams and that of the worst texts; none where there is nothing to compare."""
    try:
        view.check()
    except Undefined:
        return ()
    return (*_ngrams(view), _worst(view))


def signatures(view: TextsView) -> dict[str, str]:
    """Return sacreBLEU's signature of bleu, chrf and ter: what another needs to get the same numbers.

    Raises MlcheckError where sacreBLEU is not installed.
    """
    sacrebleu = library("sacrebleu", "signature")
    made = {
        "bleu": bleu.sacrebleu_metric(view.parameters.tokenizer),
        "chrf": sacrebleu.CHRF(),
        "ter": sacrebleu.TER(),
    }
    given = {sum(text is not None for text in row) for row in zip(*view.texts.references, strict=True)}
    for metric in made.values():
        metric.num_refs = given.pop() if len(given) == 1 else -1
        given = {metric.num_refs}
    return {name: str(metric.get_signature()) for name, metric in made.items()}


def notes(view: TextsView) -> Iterator[str]:
    """Yield what spoils BLEU on these texts, as sentences; nothing for what it is made for."""
    sums = view.bleu_statistics.sum(axis=0)
    if sums[2 + 2 * bleu.ORDER - 1] == 0 and sums[2] > 0:
        yield (
            "No hypothesis has four tokens, so BLEU is 0 whatever they say: read chrf, or exact_match for answers."
        )
    if sum(text.rstrip().endswith(" .") for text in view.texts.hypotheses) >= TOKENISED:
        yield "Many hypotheses look tokenised (they end in ' .'): BLEU is meant for text as people read it."
    if view.parameters.tokenizer == "13a" and _spaceless(view) > SPACELESS:
        yield "The tokeniser 13a does not part Chinese or Japanese words: try the tokeniser zh or char, or read chrf."


def _spaceless(view: TextsView) -> float:
    """Share of the references' characters that are Chinese or Japanese (kana, unified ideographs)."""
    whole = "".join(text or "" for reference in view.texts.references for text in reference[:1000])
    points = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    inside = (
        ((points >= 0x3040) & (points <= 0x30FF))
        | ((points >= 0x3400) & (points <= 0x9FFF))
        | ((points >= 0x20000) & (points <= 0x3FFFF))
    )
    return float(inside.mean()) if len(points) else 0.0


def _ngrams(view: TextsView) -> Iterator[Table]:
    try:
        signed = signatures(view)
    except MlcheckError:  # the metric itself says so
        return
    sums = view.total(view.bleu_statistics)
    own, theirs = float(sums[0]), float(sums[1])
    rows: list[tuple[Scalar, ...]] = [
        (
            f"{k + 1}-grams",
            _percent(sums[2 + k], sums[2 + bleu.ORDER + k]),
            float(sums[2 + k]),
            float(sums[2 + bleu.ORDER + k]),
        )
        for k in range(bleu.ORDER)
    ]
    penalty = None if own == 0 else 100 * float(np.exp(min(0.0, 1 - theirs / own)))
    rows.append(("brevity penalty", penalty, None, None))
    rows.append(("length ratio", _percent(own, theirs), own, theirs))
    told = [f"{name}: {signature}" for name, signature in signed.items()]
    yield Table(
        title="BLEU by n-gram",
        columns=("part", "percent", "matched", "of"),
        rows=tuple(rows),
        note="\n".join([*notes(view), *told]),
    )


def _percent(part: float, whole: float) -> float | None:
    return 100 * float(part / whole) if whole > 0 else None


def _worst(view: TextsView) -> Table:
    """Return the texts of the lowest chrF, the first of equal ones first."""
    score: Floats = chrf.scores(view.chrf_statistics)
    lowest = np.argsort(score, kind="stable")[:WORST].tolist()
    rows = tuple(
        (i + 1, float(score[i]), shortened(view.texts.hypotheses[i]), shortened(_reference(view, i)))
        for i in lowest
    )
    return Table(
        title="Worst texts by chrf",
        columns=("text", "chrf", "hypothesis", "reference"),
        rows=rows,
        detail=True,
    )


def _reference(view: TextsView, i: int) -> str:
    return next((reference[i] or "" for reference in view.texts.references if reference[i] is not None), "")


def shortened(text: str) -> str:
    r"""Return a text on one line, cut with an ellipsis where it is long.

    >>> shortened("one\ntwo")
    'one two'
    """
    line = " ".join(text[: 10 * LONGEST_SHOWN].split())
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1].rstrip() + "…"
