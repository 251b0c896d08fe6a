"""What a printed name means: a counter, a split, a curve, or something that no curve is made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlcheck.readers import roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model import Split

SEPARATOR = re.compile(r"[,;|{}\[\]()│┃•·▌\t?]| [-–—*=>+]+(?= |$)|--+|==+|[*=>]{2,}")
IN_BRACKETS = re.compile(r"^([^()]*)\(([^()]{1,30})\)$")
WRAPPINGS = ("np.float32", "np.float64", "float32", "float64", "Decimal", "tensor", "array", "float")
WORD = re.compile(r"[A-Za-z]+")
MAX_NAME = 160
"""How far before a number its name may begin."""

SCOPES: Mapping[str, Split] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "vali", "valid", "validation", "validating", "dev", "eval", "evaluation", "evaluating"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}  # fmt: skip
STEPS = frozenset(
    ("step", "steps", "globalstep", "iter", "iters", "iteration", "iterations", "it", "itr", "batch", "minibatch", "update", "up",
     "updates", "timestep", "timesteps", "episode", "round", "kimg", "tick")
)  # fmt: skip
NUMBERING = frozenset(("n", "no", "nr", "num", "number", "id", "idx", "index"))
COUNTER_COMPANY = NUMBERING | frozenset(
    (
        "train",
        "training",
        "trainer",
        "current",
        "global",
        "optimizer",
        "opt",
        "gradient",
        "mini",
        "env",
        "data",
    )
)

NO_CURVE = frozenset(
    ("time", "eta", "elapsed", "sec", "secs", "second", "seconds", "ms", "took", "duration", "runtime", "speed", "throughput",
     "mem", "memory", "mfu", "fps", "rank", "gpu", "gpus", "cpu", "pid", "port", "version", "best", "wall", "remaining", "dt",
     "date", "patience", "mb", "gb", "mib", "gib", "tok", "tokens", "samples", "seed", "params", "parameters")
)  # fmt: skip
"""Words that make a number a clock, a machine's state or a running best."""
AVERAGES = frozenset(("avg", "mean", "median", "std"))
"""Words that name nothing when they stand alone: `loss 0.5 (avg: 0.6)`."""
NOT_IN_NAME = re.compile(r"[=<>{}\\$`]|\b(?:return|assert|self|import|range)\b")
CALL = re.compile(r"(\w+)\($")
QUOTES = re.compile(r"\"|(?<![A-Za-z0-9])'|'(?![A-Za-z])")
"""Quotes around a name; the apostrophe of `valid_0's auc` is part of it."""
LABEL_WORDS = 4
"""`Test net output #1: loss`: a label with more words says more than where a loss was measured."""

LOOSE_ENDS = frozenset(
    ("from", "to", "than", "below", "above", "top", "reached", "in", "for", "by", "after", "at", "best", "took", "take", "on",
     "per", "every", "over", "improved", "with", "and")
)  # fmt: skip
"""A number behind one of these is told, not logged: `improved from 0.5 to 0.4`."""
FILLERS = frozenset(("is", "was", "of", "equals", "now", "so", "far", "about"))
STOP_WORDS = LOOSE_ENDS | frozenset(
    ("a", "an", "the", "done", "finished", "has", "have", "had", "been", "completed", "complete", "before", "end", "ended",
     "got", "gives", "of", "our", "we", "so", "far", "this", "that")
)  # fmt: skip
ABSOLUTE = frozenset(("global", "total", "updates", "timesteps"))
"""Words of a counter that goes on over the epochs, whatever else the line counts."""
MENTIONS = frozenset(("loading", "loaded", "restoring", "restored", "resuming", "resumed"))
"""A line that begins with one of these tells of an earlier result."""
NO_HEADING = frozenset(
    ("load", "loaded", "loading", "best", "resume", "resumed", "resuming", "restore", "restored", "restoring", "save", "saved",
     "saving", "checkpoint", "from", "model")
)  # fmt: skip
"""Words of a passing mention: such a line heads nothing."""
HEADING_COMPANY = frozenset(
    ("start", "starting", "begin", "run", "running", "performance", "phase", "mode", "set", "result", "results", "loop",
     "metrics", "stage", "split", "on", "the", "net", "at", "finished")
)  # fmt: skip


def named(before: str) -> tuple[str, str]:
    """Return the name that the text before a number ends in ("" if none), and the text outside it."""
    text = before[-MAX_NAME:].rstrip(" '\"[{")
    call = CALL.search(text[-40:])
    if call and not text.endswith(tuple(f"{w}(" for w in WRAPPINGS)):  # a piece of code: shape(3, 4)
        return "", text
    text = _unwrapped(text)
    suffix, outside = "", ""
    if bracket := IN_BRACKETS.match(text[-80:]):
        text, inside = bracket[1].rstrip(), bracket[2].strip()
        outside = inside if inside.lower() in SCOPES else ""
        suffix = "" if outside or not inside.isalnum() else f" ({inside})"
    if cuts := [m.end() for m in SEPARATOR.finditer(text)]:
        outside, text = f"{text[: cuts[-1]]} {outside}", text[cuts[-1] :]
    label = ""
    if ":" in text:
        head, _, rest = text.rpartition(":")
        outside = f"{head} {outside}"
        label = text[: len(head) + 1 + len(rest) - len(rest.lstrip())].lstrip() if _is_label(head) else ""
        text = rest
    words = QUOTES.sub(" ", text).split()
    while words and words[-1].lower() in FILLERS:
        words.pop()
    if words and words[-1].lower() in LOOSE_ENDS:
        return "", f"{outside} {text}"
    kept: list[str] = []
    while words and words[-1].lower() not in STOP_WORDS and len(kept) < 5:
        kept.append(words.pop())
    if words and words[-1].lower() == "best":
        return "", outside
    name = " ".join(reversed(kept)).strip(" *#<>-=~!&%$").lstrip(".").strip()
    if label and not words and is_result(name):  # `DEV : loss`: the label is part of what the file calls it
        name = label + name
    return (name + suffix if name else ""), f"{' '.join(words)} {outside}"


def _is_label(text: str) -> bool:
    """Whether a text before a colon says where a loss was measured, and nothing else: `Test net output #1`, `DEV`."""
    words = [w.lower() for w in WORD.findall(text)]
    return (
        0 < len(words) <= LABEL_WORDS
        and bool(SCOPES.keys() & words)
        and not (STEPS | {"epoch", "ep"}).intersection(words)
    )


def _unwrapped(text: str) -> str:
    """Take away what stands between a name and its number: `=`, `:`, brackets, quotes, `tensor(`."""
    while True:
        text = text.rstrip(" =:~≈>('\"[{")
        if not text.endswith(WRAPPINGS):
            return text
        shorter = text[: -len(next(w for w in WRAPPINGS if text.endswith(w)))]
        if not shorter or shorter[-1] not in "=:(> '\"[":
            return text
        text = shorter


def scope(text: str) -> Split | None:
    """Return the split that the last telling word of a text says."""
    return next((SCOPES[w] for w in reversed(WORD.findall(text.lower())) if w in SCOPES), None)


def heading(text: str) -> Split | None:
    """Return the split that a short line announces (`> EVALUATION`, `Validation:`), None for a line that says more."""
    words = {w.lower() for w in WORD.findall(text)}
    told = {SCOPES[w] for w in words if w in SCOPES}
    return told.pop() if len(told) == 1 and words <= HEADING_COMPANY | SCOPES.keys() else None


def counter(name: str) -> str | None:
    """Return "epoch" or "step" for the name of a counter, else None."""
    words = roles.words(name)
    while words and words[-1] in NUMBERING:
        words = words[:-1]
    if not words or not COUNTER_COMPANY.union(SCOPES if words[-1] == "epoch" else ()).issuperset(words[:-1]):
        return None
    return "epoch" if words[-1] in ("epoch", "ep") else "step" if words[-1] in STEPS else None


def is_measure(name: str) -> bool:
    """Whether a name alone says that it is a loss, a metric, a learning rate or a gradient norm."""
    found = roles.guess(name)
    plain_rate = found.role.quantity == "lr" and not found.unexplained
    return plain_rate or found.role.quantity in ("loss", "metric", "grad_norm")


def is_result(name: str) -> bool:
    """Whether a name alone says that it is a loss or a metric."""
    return roles.guess(name).role.quantity in ("loss", "metric")


def may_be_curve(name: str) -> bool:
    """Whether a name can be that of a curve: not a clock, a counter, a running best or a piece of code."""
    words = roles.words(name)
    if not words or len(name) > 60 or len(words) > 8 or NOT_IN_NAME.search(name):
        return False
    if (
        NO_CURVE.intersection(words) - ({"duration"} if "loss" in words else set())
        or AVERAGES.issuperset(words)
        or all(w.isdigit() for w in words)
    ):
        return False
    return words not in (("v", "num"), ("data",)) and roles.guess(name).role.quantity not in (
        "time",
        "step",
        "epoch",
    )
