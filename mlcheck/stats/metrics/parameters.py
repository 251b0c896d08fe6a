"""What the user may choose of the metrics, with the defaults of the field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mlcheck.model.predictions import Task

ThresholdRule = Literal["given", "f-beta", "cost", "min-precision", "min-recall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """`cutoffs` K of precision@K and the like (None: the task's usual ones), `beta` of F-beta, `bins` of the ECE.

    `threshold` on the score decides the predicted class: positive where score >= threshold; None takes 0.5 for
    probabilities (0 for logits). `rule` says how the best threshold is searched: by F-beta, by the cost of a false
    positive and of a false negative (`cost`), or by a least precision or recall (`least`, 0..1).

    `tokenizer` is sacreBLEU's, for BLEU ("zh" or "char" for Chinese); `stemmer` has ROUGE compare stems of words.
    `relevant_from` is the least grade of a relevant document (1 or more); `gain` of nDCG is the grade, or 2^grade - 1.
    """

    cutoffs: tuple[int, ...] | None = None
    beta: float = 1.0
    bins: int = 15
    threshold: float | None = None
    rule: ThresholdRule = "f-beta"
    cost: tuple[float, float] | None = None
    least: float | None = None
    tokenizer: str = "13a"
    stemmer: bool = False
    relevant_from: int = 1
    gain: Literal["linear", "exponential"] = "linear"


USUAL_CUTOFFS: dict[Task, tuple[int, ...]] = {"multiclass": (5,), "ranking": (1, 5, 10)}
