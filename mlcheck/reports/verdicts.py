"""How the verdict of every command is to be taken: the one table that says so, for all formats."""

from __future__ import annotations

from typing import Literal, TypeAlias

Tone: TypeAlias = Literal["good", "neutral", "warn", "bad", "unknown"]

MARKS: dict[Tone, str] = {"good": "✓", "neutral": "≈", "warn": "!", "bad": "✗", "unknown": "?"}
"""What stands before a verdict, in the order in which verdicts are counted."""

OWN_MARKS = {"a-better": "▲", "b-better": "▼"}
"""Verdicts of a comparison, whose mark says which side won."""

TONES: dict[str, Tone] = {
    **dict.fromkeys(("healthy", "useful", "enough", "correct", "clean"), "good"),
    **dict.fromkeys(("nonlinear-helps", "complexity-justified"), "good"),
    **dict.fromkeys(("a-better", "b-better", "indistinguishable"), "neutral"),
    **dict.fromkeys(("widen", "keep-searching", "noise"), "warn"),
    **dict.fromkeys(("linear-suffices", "more-data-helps", "plateaued"), "warn"),
    **dict.fromkeys(("misleading-metric", "no-better-than-baseline", "broken", "wrong"), "bad"),
    **dict.fromkeys(("underfit", "overfit", "optimization"), "bad"),
    "inconclusive": "unknown",
}
"""Verdict -> tone: good asks for nothing, neutral tells, warn asks to be looked at, bad asks for a change."""


def tone(verdict: str) -> Tone:
    """Say how a verdict is to be taken; one that is not known is bad, so that nobody overlooks it."""
    return TONES.get(verdict, "bad")


def mark(verdict: str) -> str:
    """Return the character that stands before a verdict: ✓ ≈ ! ✗ ?, ▲ and ▼ where A or B is better."""
    return OWN_MARKS.get(verdict, MARKS[tone(verdict)])
