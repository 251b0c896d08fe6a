"""A baseline report moves the verdict: a hard problem is not underfit, a run below the linear rung is not healthy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.commands import diagnose, verdict_reference
from mlcheck.commands.verdict import CAUSES
from mlcheck.config import Settings
from mlcheck.model import Reading, Role, Run, Series
from mlcheck.model.reference import Level, Reference

if TYPE_CHECKING:
    from pathlib import Path


def reference(best: float, linear: float | None = None, constant: float = 0.69) -> Reference:
    """Return log-losses of three rungs."""
    levels = {"constant": constant, "linear": best if linear is None else linear, "boosting": best}
    return Reference(
        source="r.json",
        rungs={n: {"log_loss": Level(value=v, low=v - 0.01, high=v + 0.01)} for n, v in levels.items()},
    )


def flat_run(end: float = 0.60, gap: float = 0.01) -> Run:
    """Return a run whose losses are soon flat: high and close where gap is small."""
    draw = np.random.default_rng(0)
    step = np.arange(1.0, 41.0)
    train = end + (0.70 - end) * np.exp(-step / 3) + draw.normal(0, 0.002, 40)
    val = train + gap + draw.normal(0, 0.003, 40)
    return Run(
        id="a", source="a", reader="csv",
        series=tuple(
            Series(name=n, role=Role(quantity="loss", split=s, measure="loss", better="lower"), step=step, value=v)  # type: ignore[arg-type]
            for n, s, v in (("train_loss", "train", train), ("val_loss", "validation", val))
        ),
    )  # fmt: skip


def test_flat_and_high_losses_are_less_like_underfit_where_no_rung_does_better() -> None:
    """The best rung is as high as the run: the score of underfit falls, and a note says why."""
    run = flat_run()
    bare = diagnose.judge(run, Settings())
    known = diagnose.judge(replace(run, reference=reference(0.61)), Settings())
    assert known.scores["underfit"] < bare.scores["underfit"]
    assert known.scores["healthy"] > bare.scores["healthy"]
    assert "DIA204" in {f.code for f in known.findings}
    assert "DIA201" not in {f.code for f in known.findings}
    assert sum(known.scores.values()) == pytest.approx(1)


def test_flat_and_high_losses_are_a_fault_where_linear_does_far_better() -> None:
    """The same curve beside a linear rung at 0.3: never healthy, and the verdict comes with an error."""
    made = diagnose.judge(replace(flat_run(), reference=reference(0.25, linear=0.3)), Settings())
    assert made.verdict in ("optimization", "underfit")
    assert "DIA203" in {f.code for f in made.findings if f.severity == "error"}


def test_a_run_below_a_rung_that_learned_its_rows_by_heart_overfits() -> None:
    """Training far better than validation: the finding counts for overfit."""
    run = replace(flat_run(end=0.05, gap=0.5), reference=reference(0.25, linear=0.3))
    assert verdict_reference.cause_below(run, dict.fromkeys(CAUSES, 0.25)) == "overfit"


def test_without_a_report_nothing_moves() -> None:
    """Scores stay as they are to the last digit."""
    scores = {"optimization": 0.1, "underfit": 0.2, "overfit": 0.3, "healthy": 0.4}
    assert verdict_reference.with_reference(scores, flat_run()) == scores


def test_the_digest_depends_on_the_report() -> None:
    """Another report is another input: the signature says so."""
    reading = Reading(runs=(flat_run(),), problems=(), passed_over=0, digest="0" * 12)
    one, other = (diagnose.compared_with(reading, reference(best)).digest for best in (0.3, 0.4))
    assert len({reading.digest, one, other}) == 3


def test_the_weights_are_finite_and_of_every_cause() -> None:
    """What ships is what the study wrote: six numbers a cause."""
    held = verdict_reference.constants()
    assert set(held) == set(CAUSES)
    assert all(len(values) == 6 and np.isfinite(values).all() for values in held.values())


def test_no_signal_at_all_is_no_fault_of_a_run_at_chance() -> None:
    """Where no rung beats the constant one, a loss at ln 2 is as good as it gets: not stuck, a note instead."""
    run = flat_run(end=0.693, gap=0.0)
    made = diagnose.judge(replace(run, reference=reference(0.69, constant=0.695)), Settings())
    assert {"DIA103", "DIA203"}.isdisjoint(f.code for f in made.findings)
    assert "DIA204" in {f.code for f in made.findings}


def test_the_path_of_a_report_that_is_none_is_refused(tmp_path: Path) -> None:
    """`--baseline` with a file of something else: one line that names it."""
    path = tmp_path / "other.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(Exception, match=r"other\.json.*expected the JSON report of mlcheck baseline"):
        diagnose.read([], Settings(), baseline=str(path))
