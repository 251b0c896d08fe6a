"""Log-probabilities of a language model from the cells of a table: a list a text, a row a token, or sum and count."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model import Floats
    from mlcheck.model.predictions import Codes

ROUNDING = 1e-5
"""How far above 0 a logarithm of a probability may lie by rounding in single precision."""
FACTORS = {"e": 1.0, "2": math.log(2), "10": math.log(10)}
BASE_NAMES = (
    (re.compile(r"log_?2|(?<![a-z])bits?(?![a-z])"), "2"),
    (re.compile(r"log_?10"), "10"),
    (re.compile(r"(?<![a-z])(ln|nats?)(?![a-z])|log_?e(?![a-z])"), "e"),
)
NEGATED = re.compile(r"(?<![a-z])nlls?(?![a-z])|neg(ative)?_?(ln|log)|surprisals?|^bits$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a column's numbers become natural logarithms: their base, whether it is told, whether they are negated."""

    base: str = "e"
    told: bool = False
    negated: bool = False


def scale_of(column: str, base: str | None = None) -> Scale:
    """Return the scale that a column's name tells (log2prob, log10_p, nll, surprisal_bits, ...); `base` wins over it.

    >>> scale_of("token_log2probs")
    Scale(base='2', told=True, negated=False)
    """
    if base is not None and base not in FACTORS:
        raise MlcheckError("base of logarithms", f"expected one of {', '.join(FACTORS)}, found {base!r}")
    name = column.lower().replace("-", "_").replace(" ", "_")
    by_name = next((told for pattern, told in BASE_NAMES if pattern.search(name)), None)
    told = base or by_name
    return Scale(base=told or "e", told=told is not None, negated=NEGATED.search(name) is not None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lengths:
    """Words, characters and bytes of n texts, (n,) each."""

    words: Floats
    characters: Floats
    bytes_: Floats


def lengths(texts: Sequence[object]) -> Lengths:
    """Return the words (as white space parts them), code points and bytes of UTF-8 of texts; blank ones are empty."""
    plain = [text if isinstance(text, str) else "" for text in texts]
    return Lengths(
        words=np.array([len(text.split()) for text in plain], dtype=np.float64),
        characters=np.array([len(text) for text in plain], dtype=np.float64),
        bytes_=np.array([len(text.encode("utf-8", "surrogatepass")) for text in plain], dtype=np.float64),
    )


Where: TypeAlias = str


def from_lists(
    cells: Sequence[object], *, scale: Scale, where: Where, texts: Sequence[object] | None = None
) -> Tokens:
    """Return the sums of rows that hold a list of log-probabilities each, as a list or as text ("[-0.1, -2.3]").

    A first entry without a value is a token that nothing precedes, which is not predicted and not counted. Raises
    MlcheckError with the row for what is no list of numbers, for a gap, and for what is no log-probability.
    """
    values = [_numbers(cell, where, row) for row, cell in enumerate(cells, 1)]
    counts = np.array([len(row) for row in values], dtype=np.int64)
    owner = np.repeat(np.arange(len(values)), counts)
    flat = np.concatenate([*values, np.zeros(0)])
    logs = _natural(flat, scale, where, owner + 1)
    summed = np.bincount(owner, logs, minlength=len(values)).astype(np.float64)
    return _tokens(summed, counts.astype(np.float64), scale, None if texts is None else lengths(texts))


def from_rows(
    values: Floats,
    sequence: Codes | None,
    *,
    scale: Scale,
    where: Where,
    pieces: Sequence[object] | None = None,
) -> Tokens:
    """Return the sums of a table with a row a token: `values` (m,), `sequence` (m,) numbers their texts from 0.

    Without `sequence` all rows are one text. `pieces` (m,) are the tokens as text, which make the texts when joined. A
    blank value at the beginning of a text is a token that is not predicted. Raises MlcheckError as `from_lists` does.
    """
    owner = np.zeros(len(values), dtype=np.int64) if sequence is None else sequence.astype(np.int64)
    n = int(owner.max(initial=-1)) + 1
    given = np.asarray(values, dtype=np.float64)
    at = np.arange(len(owner))
    first = np.full(n, len(owner))
    np.minimum.at(first, owner, at)
    blank = np.isnan(given)
    gap = np.flatnonzero(blank & (first[owner] != at))
    if len(gap):
        raise MlcheckError(where, f"row {int(gap[0]) + 1}: expected a log-probability, found none")
    logs = _natural(given[~blank], scale, where, at[~blank] + 1)
    summed = np.bincount(owner[~blank], logs, minlength=n).astype(np.float64)
    counts = np.bincount(owner[~blank], minlength=n).astype(np.float64)
    return _tokens(summed, counts, scale, None if pieces is None else lengths(_joined(pieces, owner, n)))


def from_sums(
    total: Floats, tokens: Floats, *, scale: Scale, where: Where, texts: Sequence[object] | None = None
) -> Tokens:
    """Return log-probabilities that were summed by text before, `total` (n,), with the number of `tokens` (n,) of each.

    Raises MlcheckError with the row for blanks, for counts that are not whole and positive, and for positive sums.
    """
    sums, counts = np.asarray(total, dtype=np.float64), np.asarray(tokens, dtype=np.float64)
    rows = np.arange(1, len(sums) + 1)
    for values, what in ((sums, "a log-probability"), (counts, "a number of tokens")):
        if np.isnan(values).any():
            raise MlcheckError(where, f"row {int(rows[np.isnan(values)][0])}: expected {what}, found none")
    odd = ~(np.isfinite(counts) & (counts >= 1) & (counts == np.floor(counts)))
    if odd.any():
        problem = f"row {int(rows[odd][0])}: expected a whole number of tokens, found {counts[odd][0]:g}"
        raise MlcheckError(where, problem)
    logs = _natural(sums, scale, where, rows)
    return _tokens(logs, counts, scale, None if texts is None else lengths(texts))


def _tokens(summed: Floats, counts: Floats, scale: Scale, held: Lengths | None) -> Tokens:
    return Tokens(
        log_probability=summed,
        tokens=counts,
        words=None if held is None else held.words,
        characters=None if held is None else held.characters,
        bytes_=None if held is None else held.bytes_,
        base=scale.base,
        base_told=scale.told,
    )


def _natural(
    values: Floats, scale: Scale, where: Where, rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> Floats:
    """Return natural logarithms; raise MlcheckError with the row of the first that no probability has."""
    logs = -values if scale.negated else values
    wrong = ~(logs <= ROUNDING)
    if wrong.any():
        expected = "at least 0" if scale.negated else "at most 0"
        problem = (
            f"row {int(rows[wrong][0])}: expected a log-probability of {expected}, found {values[wrong][0]:g}"
        )
        if not scale.negated and logs.min() >= 0:
            shares = "probabilities" if logs.max() <= 1 else "negative log-probabilities"
            raise MlcheckError(
                where, problem, f"these look like {shares}: try their logarithm, or name the column nll"
            )
        raise MlcheckError(where, problem)
    natural: Floats = np.minimum(logs, 0.0) * FACTORS[scale.base]
    return natural


def _numbers(cell: object, where: Where, row: int) -> Floats:
    """Return the numbers that a cell lists, without a first one that is not there."""
    parts: Sequence[object] | None = None
    if isinstance(cell, str):
        parts = _parsed(cell)
    elif isinstance(cell, np.ndarray):
        parts = cell.ravel().tolist()
    elif isinstance(cell, (list, tuple)):
        parts = cell
    if parts is None:
        raise MlcheckError(
            where, f"row {row}: expected a list of log-probabilities, found {str(cell)[:40]!r}"
        )
    try:
        found = np.array([_number(part) for part in parts], dtype=np.float64)
    except (TypeError, ValueError, KeyError):
        odd = next(part for part in parts if not _is_number(part))
        raise MlcheckError(where, f"row {row}: expected log-probabilities, found {str(odd)[:40]!r}") from None
    found = found[1:] if len(found) and np.isnan(found[0]) else found
    if np.isnan(found).any():
        raise MlcheckError(where, f"row {row}: expected log-probabilities, found a gap among them")
    return found


def _number(part: object) -> float:
    """Return an entry as a number, NaN for none; of an entry of a chat API's answer its "logprob"."""
    if isinstance(part, dict):
        part = part["logprob"]
    return math.nan if part is None else float(part)  # type: ignore[arg-type]  # anything else raises


def _is_number(part: object) -> bool:
    try:
        _number(part)
    except (TypeError, ValueError, KeyError):
        return False
    return True


def _parsed(cell: str) -> list[object] | None:
    """Return the list that a text holds, as JSON or as NumPy prints it; None where it is neither."""
    bare = cell.strip()
    if not (bare.startswith(("[", "(")) and bare.endswith(("]", ")"))):
        return None
    try:
        found = json.loads(bare)
    except (ValueError, RecursionError):
        blanks = ("none", "null", "nan")
        return [None if part.lower() in blanks else part for part in bare[1:-1].replace(",", " ").split()]
    return list(found)


def _joined(
    pieces: Sequence[object], owner: np.ndarray[tuple[int, ...], np.dtype[np.int64]], n: int
) -> list[str]:
    """Return the text of each sequence, its pieces joined in order."""
    made: list[list[str]] = [[] for _ in range(n)]
    for piece, text in zip(pieces, owner.tolist(), strict=True):
        made[text].append(piece if isinstance(piece, str) else "")
    return ["".join(parts) for parts in made]
