"""What losses mean is told by their names and neighbours: fit, return, or one network against another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcheck.model import Role, Run, Series
from mlcheck.readers import roles
from mlcheck.stats.objective import course_of_return, largest_setback, objective, returns, side


def run(*names: str) -> Run:
    """Return a run with these columns, their roles by name."""
    value = np.linspace(2.0, 1.0, 30)
    series = tuple(
        Series(name=names[i], role=role, step=np.arange(30.0), value=value) for i, role in roles.assign(names)
    )
    return Run(id="r", source="r", reader="csv", series=series)


@pytest.mark.parametrize(
    ("names", "meaning"),
    [
        (("loss", "val_loss"), "fit"),
        (("train_loss",), "fit"),
        (("rollout/ep_rew_mean", "train/value_loss"), "return"),
        (("AverageEpRet", "LossPi", "LossV"), "return"),
        (("episode_reward_mean", "info/learner/default_policy/learner_stats/total_loss"), "return"),
        (("reward",), "return"),
        (("loss", "eval_loss", "rewards/chosen", "rewards/margins"), "fit"),
        (("errD", "errG"), "adversarial"),
        (("Loss_D", "Loss_G"), "adversarial"),
        (("d_loss", "g_loss"), "adversarial"),
        (("loss_disc", "loss_gen", "loss_mel"), "adversarial"),
        (("generator_loss", "discriminator_loss"), "adversarial"),
        (("actor_loss", "critic_loss"), "fit"),
        (("loss_box_reg", "loss_cls", "total_loss"), "fit"),
        (("train_loss", "val_loss", "val_dice"), "fit"),
        (("loss_2d", "loss_3d"), "fit"),
    ],
)  # fmt: skip
def test_the_meaning_of_losses(names: tuple[str, ...], meaning: str) -> None:
    """By the words of the names, never by their values."""
    assert objective(run(*names)) == meaning


@pytest.mark.parametrize(
    ("name", "whose"),
    [("netD_A", "discriminator"), ("errG", "generator"), ("G/loss", "generator"), ("dice_loss", None), ("grad", None), ("degree_loss", None)],
)  # fmt: skip
def test_sides_are_whole_words(name: str, whose: str | None) -> None:
    """A letter within a word says nothing."""
    assert side(name) == whose


def test_the_return_of_evaluation_is_preferred() -> None:
    """The training's own episodes explore."""
    found = returns(run("rollout/ep_rew_mean", "eval/mean_reward"))
    assert found is not None
    assert found.name == "eval/mean_reward"


def test_the_best_return_is_the_highest() -> None:
    """Its course has the sign of a loss."""
    value = np.concatenate([np.linspace(0, 100, 50), np.linspace(100, 40, 50)])
    role = Role(quantity="metric", split="train", measure="return", better="higher")
    agent = Run(
        id="r",
        source="r",
        reader="csv",
        series=(Series(name="r", role=role, step=np.arange(100.0), value=value),),
    )
    course = course_of_return(agent)
    assert course is not None
    assert 95 < -course.best <= 100
    assert 45 <= course.best_step <= 55
    assert -course.last == pytest.approx(42, abs=3)


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=40))
def test_the_largest_setback_is_the_largest_rise_above_what_was_reached(values: list[int]) -> None:
    """Against every pair of an earlier and a later point."""
    pairs = [later - earlier for i, earlier in enumerate(values) for later in values[i:]]
    assert largest_setback(np.array(values, dtype=np.float64)) == max(pairs)
