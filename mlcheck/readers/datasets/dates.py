"""Texts that are points in time, as seconds since 1970 in UTC: ISO 8601 and the common ways to write a day."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcheck.readers.datasets.raw import MOST_ODD, NO_NUMBER, ODD_SHARE, Raw
from mlcheck.readers.predictions.frame import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.model import Floats

SAMPLE = 200
DAYS = (
    "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y",
    "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y", "%b %d %Y", "%d-%b-%y",
)  # fmt: skip
"""Month before day where both read every text."""
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f")
ISO = re.compile(r"\d{4}-\d\d(-\d\d([T ]\d\d:?\d\d(:?\d\d([.,]\d+)?)?\s?(Z|[+-]\d\d(:?\d\d)?)?)?)?")
LIKELY = re.compile(r"(\d{1,4}|[A-Za-z]{3,9})[-/. ,]+(\d{1,2}|[A-Za-z]{3,9})[-/. ,]+\d{2,4}\b.{0,20}")


def as_dates(words: Words) -> Raw | None:
    """Return tidy texts as points in time with odd cells, None where they are none.

    Odd are texts that stand for no value (any share of the cells), and others: at most 5 % of the cells.
    """
    names = np.array(words.names, dtype=np.object_)
    told = [name for name in words.names[: 4 * SAMPLE] if name.lower() not in NO_NUMBER][:SAMPLE]
    pattern = next(
        (p for p in (ISO, LIKELY) if sum(bool(p.fullmatch(t)) for t in told) > 0.9 * len(told)), None
    )
    if not told or pattern is None:
        return None
    seconds = _parsed(names, "ISO8601") if pattern is ISO else _by_format(names, told)
    if seconds is None:
        return None
    is_odd = np.isnan(seconds)
    counts = np.bincount(words.code + 1, minlength=len(words.names) + 1)[1:]
    places = np.flatnonzero(is_odd).tolist()
    strange = [i for i in places if words.names[i].lower() not in NO_NUMBER]
    if len(strange) > MOST_ODD or counts[strange].sum() > ODD_SHARE * counts.sum():
        return None
    rows = np.flatnonzero(np.append(is_odd, False)[words.code])
    order = np.cumsum(is_odd, dtype=np.int32) - 1
    odd = Words(order[words.code[rows]], tuple(words.names[i] for i in places))
    return Raw(
        numbers=np.append(seconds, np.nan)[words.code], is_date=True, odd=odd, odd_rows=rows.astype(np.int64)
    )


def _by_format(names: Any, told: Sequence[str]) -> Floats | None:
    """Return the seconds by the one format that reads most of the texts."""
    sample = np.array(told, dtype=np.object_)
    formats = [day + time for time in TIMES for day in DAYS]
    likely = [f for f in formats if np.isfinite(_parsed(sample, f)).mean() > 1 - 2 * ODD_SHARE]
    found = [_parsed(names, form) for form in likely]
    return max(found, key=lambda seconds: int(np.isfinite(seconds).sum()), default=None)


def _parsed(names: Any, form: str) -> Floats:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = pd.to_datetime(names, format=form, errors="coerce", utc=True)
    return of_datetimes(made.tz_localize(None).to_numpy())


def of_datetimes(value: Any) -> Floats:
    """Return an array of datetime64 as seconds since 1970, NaN for NaT."""
    exact = value.astype("datetime64[us]")
    seconds: Floats = exact.astype(np.int64) / 1e6
    seconds[np.isnat(exact)] = np.nan
    return seconds
