"""Write the runs of the rules on losses that mean no fit: python -m tests.rules.make_cases_3.

Returns of an agent and losses of two adversaries, drawn with a fixed seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.rules.make_cases_2 import write

if TYPE_CHECKING:
    from mlcheck.model import Floats

N = 100
T = np.arange(N, dtype=np.float64)
RNG = np.random.default_rng(60)


def noise(scale: float) -> Floats:
    """Draw N independent normal values with that standard deviation."""
    return scale * RNG.standard_normal(N)


def rising(start: float, end: float, over: float) -> Floats:
    """Return an exponential rise from start towards end with time constant `over`."""
    return end - (end - start) * np.exp(-T / over)


def agent(code: str, name: str, returns: Floats, **others: Floats) -> None:
    """Write the log of an agent: its return, and a value loss that grows with it."""
    columns = {"rollout/ep_rew_mean": returns, "train/value_loss": np.abs(returns) * 10 + 1, **others}
    write(code, name, columns, counter="time/total_timesteps")


def not_rising() -> None:
    """DIA601: the return stays where it was."""
    agent("DIA601", "good_learns", rising(20, 480, 20) + noise(15))
    agent("DIA601", "good_slow_and_noisy", 20 + 0.4 * T + noise(15))
    agent("DIA601", "good_collapsed", rising(400, 20, 20) + noise(15))
    agent("DIA601", "bad_random", noise(41) - 1170)


def collapsed() -> None:
    """DIA602: the return falls back."""
    fall = np.where(T > 60, 700 * (1 - np.exp(-(T - 60) / 8)), 0.0)
    agent("DIA602", "good_settles", rising(20, 920, 15) + noise(50))
    agent(
        "DIA602",
        "good_dips_and_recovers",
        rising(20, 920, 15) - 600 * np.exp(-(((T - 60) / 5) ** 2)) + noise(50),
    )
    agent("DIA602", "good_never_learned", noise(50) + 100)
    agent("DIA602", "bad_forgets", rising(20, 920, 15) - fall + noise(50))
    agent("DIA602", "bad_below_the_start", 300 - 2 * T + noise(20))


def still_rising() -> None:
    """DIA603: stopped too early."""
    agent("DIA603", "good_settles", rising(20, 920, 12) + noise(20))
    agent(
        "DIA603",
        "good_comes_back",
        rising(20, 920, 8) - np.where(T > 50, 400 * np.exp(-(T - 50) / 18), 0) + noise(20),
    )
    agent("DIA603", "good_decides_nothing", noise(50) + 100)
    agent("DIA603", "bad_straight_line", 20 + 8 * T + noise(20))
    agent("DIA603", "bad_slows_down", rising(20, 900, 45) + noise(6))


def adversaries() -> None:
    """DIA604: a generator against a discriminator."""
    write("DIA604", "good_one_loss", {"train_loss": rising(2, 0.5, 10), "val_loss": rising(2, 0.7, 10)})
    write("DIA604", "good_actor_and_critic", {"actor_loss": noise(1), "critic_loss": 1 + np.abs(noise(1))})
    write("DIA604", "bad_gan", {"errD": 0.7 + noise(0.2), "errG": 2.1 + noise(0.5)})
    write(
        "DIA604",
        "bad_speech",
        {"loss_disc": 2.9 + noise(0.1), "loss_gen": 2.2 + noise(0.2), "loss_mel": rising(30, 21, 30)},
    )


if __name__ == "__main__":
    for make in (not_rising, collapsed, still_rising, adversaries):
        make()
