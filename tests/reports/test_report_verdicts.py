"""Every verdict that a command can give has its tone and its mark."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from mlcheck import registry
from mlcheck.reports import verdicts
from mlcheck.reports.phrases import marked


def test_every_verdict_of_the_schema_has_a_tone() -> None:
    """None is taken for bad by being forgotten."""
    schema = json.loads(
        resources.files("mlcheck.reports").joinpath("schema.json").read_text(encoding="utf-8")
    )
    for command in ("diagnose", "metrics"):
        assert set(schema["$defs"][f"{command}-verdict"]["enum"]) <= set(verdicts.TONES)


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("useful", "✓ useful"),
        ("misleading-metric", "✗ misleading-metric"),
        ("plateaued", "! plateaued"),
        ("indistinguishable", "≈ indistinguishable"),
        ("a-better", "▲ a-better"),
        ("b-better", "▼ b-better"),
        ("inconclusive", "? inconclusive"),
        ("never-heard-of", "✗ never-heard-of"),
    ],
)
def test_the_mark_says_how_to_take_a_verdict(verdict: str, text: str) -> None:
    """Without colour."""
    assert marked(verdict) == text


def test_only_good_verdicts_ask_for_nothing() -> None:
    """What --quiet leaves out is good news, not open questions."""
    assert registry.asks_for_nothing("useful")
    assert registry.asks_for_nothing("healthy")
    for verdict in ("inconclusive", "b-better", "indistinguishable", "more-data-helps", "wrong"):
        assert not registry.asks_for_nothing(verdict)
