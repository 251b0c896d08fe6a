"""What the user asks of a data curve: where to predict, which score to reach, what data costs and a point is worth."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from mlcheck.errors import MlcheckError

TIMES = re.compile(r"(\d+(?:\.\d+)?)\s*[x×]", re.IGNORECASE)
SIZE = re.compile(r"\d[\d_,]*(?:\.\d+)?(?:e\d+)?", re.IGNORECASE)
DEFAULT = (("times", 2.0), ("times", 4.0))
FARTHEST = 256.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`predict` holds ("times", 4.0) for four times the last size or ("n", 20000.0); `level` is that of the intervals.

    `cost` is what one more example costs, `value` what one point of the metric (0.01 of a share) is worth.
    """

    predict: tuple[tuple[str, float], ...] = DEFAULT
    reach: float | None = None
    cost: float | None = None
    value: float | None = None
    level: float = 0.9

    def sizes(self, last: float) -> list[float]:
        """Return the numbers of examples to predict at for a curve whose largest is `last`, ascending, each once."""
        found = {round(last * x) if kind == "times" else round(x) for kind, x in self.predict}
        return sorted(float(n) for n in found if n > last)

    @property
    def weighs(self) -> bool:
        """Whether cost and value are both known."""
        return self.cost is not None and self.value is not None


def asked(
    *, predict_at: str | None, reach: float | None, cost: float | None, value: float | None, level: float
) -> Asked:
    """Return what the user asks; raises MlcheckError for what makes no sense."""
    if (cost is None) != (value is None):
        lacking, given = ("--value-per-point", "--cost-per-example")[:: 1 if value is None else -1]
        raise MlcheckError(lacking, f"expected it beside {given}: a gain is weighed against its cost")
    for option, number in (("--cost-per-example", cost), ("--value-per-point", value)):
        if number is not None and not (number > 0 and math.isfinite(number)):
            raise MlcheckError(option, f"expected a number above 0, found {number:g}")
    if reach is not None and not math.isfinite(reach):
        raise MlcheckError("--reach", f"expected a score, found {reach}")
    predict = DEFAULT if predict_at is None else tuple(_place(part.strip()) for part in _parts(predict_at))
    return Asked(predict=predict, reach=reach, cost=cost, value=value, level=level)


def _parts(text: str) -> list[str]:
    return [part for part in text.split(",") if part.strip()] or [text]


def _place(text: str) -> tuple[str, float]:
    times = TIMES.fullmatch(text)
    if times:
        factor = float(times[1])
        if not 1 < factor <= FARTHEST:
            raise MlcheckError(
                "--predict-at", f"expected more than 1x and at most {FARTHEST:g}x, found {text}"
            )
        return "times", factor
    if SIZE.fullmatch(text) and float(text.replace("_", "")) > 0:
        return "n", float(text.replace("_", ""))
    raise MlcheckError(
        "--predict-at", f"expected times of the largest size or numbers of examples, found {text!r}", "such as --predict-at 2x,4x,20000"
    )  # fmt: skip
