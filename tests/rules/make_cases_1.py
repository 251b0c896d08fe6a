"""Write the logs of the good and bad cases of DIA101-112, 201, 202 and 301: python tests/rules/make_cases_1.py.

Each good log is one known false alarm, each bad one a fault. All are made from formulas with a seed of their own name.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from mlcheck.model import Floats

CASES = Path(__file__).parent / "diagnose"
Columns = Mapping[str, Floats]
Noise = Callable[..., Floats]


def write(case: str, columns: Columns, settings: Mapping[str, object] | None = None, digits: int = 5) -> None:
    """Write one log as CSV; a NaN given as None stays blank. With settings it gets a folder with config.json."""
    path = CASES / (f"{case}/metrics.csv" if settings else f"{case}.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    lines = [",".join(_cell(name, v, digits) for name, v in zip(names, row, strict=True)) for row in rows]
    path.write_text("\n".join([",".join(names), *lines]) + "\n", encoding="utf-8")
    if settings:
        (path.parent / "config.json").write_text(json.dumps(settings) + "\n", encoding="utf-8")


def _cell(name: str, value: float, digits: int) -> str:
    if value == BLANK:
        return ""
    return f"{value:.0f}" if name == "step" else f"{value:.{digits}g}"


BLANK = -999.0


def noise(case: str, n: int) -> Floats:
    """Return normal noise of the case's own seed, shape (n,)."""
    return np.random.default_rng(zlib.crc32(case.encode())).standard_normal(n)


def epochs(n: int) -> Floats:
    """Return 1 to n."""
    return np.arange(1.0, n + 1)


def exponential(n: int, start: float, floor: float, rate: float) -> Floats:
    """Return a fall from `start` to `floor`; `rate` is how many times it falls by e over the run."""
    return floor + (start - floor) * np.exp(-rate * np.linspace(0, 1, n))


def cosine(n: int, peak: float) -> Floats:
    """Return a learning rate that decays to nearly 0."""
    return peak * 0.5 * (1 + np.cos(np.pi * np.arange(n) / n))


def log(case: str, train: Floats, val: Floats | None = None, **more: Floats | Mapping[str, object]) -> None:
    """Write a log with an epoch column, losses, and further columns in the order given; `settings` goes beside it."""
    columns: dict[str, Floats] = {"epoch": epochs(len(train)), "train_loss": train}
    if val is not None:
        columns["val_loss"] = val
    columns |= {k: v for k, v in more.items() if isinstance(v, np.ndarray)}
    settings = more.get("settings")
    write(case, columns, settings if isinstance(settings, Mapping) else None)


def not_finite() -> None:
    """DIA101."""
    n = 30
    fall = exponential(n, 2.3, 0.4, 4) * (1 + 0.01 * noise("101", n))
    sparse = np.where(np.arange(n) % 5 == 4, fall * 1.05, BLANK)
    log("DIA101/good_validation_every_fifth_row", fall, sparse)
    log(
        "DIA101/bad_nan_after_growth",
        np.where(epochs(n) > 18, np.nan, fall * np.exp(np.maximum(0, epochs(n) - 14))),
        lr=np.full(n, 0.1),
    )
    log("DIA101/bad_one_skipped_step", np.where(epochs(n) == 12, np.inf, fall))


def diverged() -> None:
    """DIA102."""
    n, e = 40, epochs(40)
    fall = exponential(n, 2.3, 0.4, 5) * (1 + 0.02 * noise("102", n))
    log("DIA102/good_one_spike", np.where(e == 30, 3.5, fall))
    log(
        "DIA102/good_noise_about_a_low_floor", exponential(n, 2.3, 0.002, 12) * np.exp(0.5 * noise("102b", n))
    )
    log("DIA102/good_objective_changes", np.where(e > 20, fall + exponential(n, 9, 0.1, 9), fall))
    log("DIA102/bad_above_its_start", 1.2 * np.exp(0.04 * e + 0.1 * noise("102c", n)), lr=np.full(n, 0.3))
    log(
        "DIA102/bad_far_above_its_lowest",
        exponential(n, 2.3, 0.3, 9) + 0.002 * np.maximum(0, e - 15) ** 2 * (1 + 0.1 * noise("102d", n)),
        lr=np.full(n, 0.05),
    )
    collapsed = np.where(e < 3, 2.8 - 0.4 * e, 2.3 - 0.5 * np.exp(-(e - 3) / 2))
    log("DIA102/bad_gave_up_what_it_had_learned", collapsed + 0.004 * noise("102g", n))
    log("DIA102/bad_worse_than_a_guess", 8 + 0.8 * noise("102e", n), train_acc=0.1 + 0.01 * noise("102f", n))


def at_chance() -> None:
    """DIA103."""
    n, e = 40, epochs(40)
    chance = math.log(2) + 0.0004 * noise("103", n)
    log("DIA103/good_still_warming_up", chance, chance + 0.0002 * noise("103b", n), lr=1e-6 * e)
    log(
        "DIA103/good_accuracy_rises",
        chance,
        chance,
        val_acc=0.5 + 0.008 * np.maximum(0, e - 12) + 0.005 * noise("103c", n),
    )
    log(
        "DIA103/good_a_finished_curve_at_ln_3",
        exponential(n, 2.9, math.log(3), 14) + 0.002 * noise("103d", n),
    )
    log("DIA103/bad_ln_2", chance + 0.01 * np.exp(-e), chance + 0.0003 * noise("103e", n), lr=np.full(n, 0.5))
    log("DIA103/bad_dice_without_overlap", 0.9998 + 0.0001 * noise("103f", n))
    log(
        "DIA103/bad_one_answer_for_all",
        exponential(n, 2.6, 2.2, 20) + 0.004 * noise("103g", n),
        val_acc=np.full(n, 0.166),
    )


def no_progress() -> None:
    """DIA104."""
    n = 25
    flat = 2.43 + 0.004 * noise("104", n)
    log("DIA104/good_fine_tuning", flat, settings={"lr": 1e-5, "pretrained": True})
    log(
        "DIA104/good_learned_in_the_first_epoch",
        0.11 + 0.004 * noise("104b", n),
        val_acc=0.962 + 0.001 * noise("104c", n),
    )
    log("DIA104/good_only_dropout_is_noisy", 0.84 + 0.03 * noise("104d", n), exponential(n, 0.83, 0.6, 3))
    log("DIA104/bad_flat", flat, flat + 0.01 + 0.002 * noise("104e", n), lr=np.full(n, 1e-7))


def too_high() -> None:
    """DIA105."""
    n = 40
    fall, jumps = exponential(n, 1.2, 0.5, 6), noise("105", n)
    log(
        "DIA105/good_dropout_shakes_only_training",
        fall * (1 + 0.1 * jumps),
        fall * (1 + 0.004 * noise("105b", n)),
    )
    log(
        "DIA105/good_jitters_and_falls",
        exponential(n, 2.3, 0.3, 3) * (1 + 0.04 * jumps),
        exponential(n, 2.3, 0.35, 3) * (1 + 0.04 * noise("105c", n)),
    )
    settled = np.linspace(1, 0.02, n)
    log(
        "DIA105/good_settles_as_the_rate_decays",
        fall + 0.06 * settled * jumps,
        fall + 0.06 * settled * noise("105d", n),
        lr=cosine(n, 0.1),
    )
    log(
        "DIA105/bad_jumps_more_than_it_falls",
        0.75 + 0.06 * jumps,
        0.78 + 0.08 * noise("105e", n),
        lr=np.full(n, 0.3),
    )
    log("DIA105/bad_training_loss_alone", 0.9 + 0.12 * jumps, lr=np.full(n, 0.3))


def too_low() -> None:
    """DIA106."""
    n, e = 40, epochs(40)
    line = 2.33 - 0.0011 * e + 0.0005 * noise("106", n)
    log(
        "DIA106/good_slows_down",
        exponential(n, 2.33, 2.1, 6) + 0.001 * noise("106b", n),
        exponential(n, 2.3, 2.15, 6) + 0.001 * noise("106c", n),
    )
    log("DIA106/good_still_warming_up", line, lr=1e-6 * e)
    log("DIA106/good_fine_tuning", line, settings={"lr": 1e-6, "finetune": True})
    log("DIA106/bad_straight_line", line + 0.004 * noise("106d", n), line + 0.003, lr=np.full(n, 1e-6))
    rate = cosine(n, 2e-4)
    log(
        "DIA106/bad_straight_against_a_decaying_rate",
        2.41 - 0.03 * np.cumsum(rate) / rate.sum() + 0.0004 * noise("106e", n),
        lr=rate,
    )


def improving() -> None:
    """DIA107."""
    n = 60
    fall = exponential(n, 2.3, 0.2, 1.2) * (1 + 0.004 * noise("107", n))
    log("DIA107/good_rate_has_decayed", fall, fall * 1.05, lr=cosine(n, 0.001))
    log("DIA107/good_has_arrived", exponential(n, 2.3, 0.2, 14) * (1 + 0.01 * noise("107b", n)))
    log("DIA107/good_only_training_falls", fall, 1.4 + 0.01 * noise("107c", n))
    log(
        "DIA107/bad_stopped_half_way",
        fall,
        fall * 1.03 * (1 + 0.003 * noise("107d", n)),
        lr=np.full(n, 0.001),
    )
    log("DIA107/bad_a_little_is_left", exponential(n, 2.3, 0.2, 4) * (1 + 0.004 * noise("107e", n)))


def plateau() -> None:
    """DIA108."""
    n = 40
    high = exponential(n, 1.65, 1.37, 30)
    log(
        "DIA108/good_at_a_low_floor",
        exponential(n, 2.3, 0.1, 30) + 0.005 * noise("108", n),
        exponential(n, 2.3, 0.12, 30) + 0.004 * noise("108b", n),
    )
    log(
        "DIA108/good_rate_has_decayed",
        high + 0.004 * noise("108c", n),
        high + 0.03 + 0.003 * noise("108d", n),
        lr=cosine(n, 0.1),
    )
    log("DIA108/good_still_creeping_down", high - 0.004 * epochs(n), high - 0.004 * epochs(n) + 0.02)
    log(
        "DIA108/bad_flat_since_the_start",
        high + 0.004 * noise("108e", n),
        high + 0.03 + 0.003 * noise("108f", n),
        lr=np.full(n, 0.1),
    )


def spiked() -> None:
    """DIA109."""
    n, e = 100, epochs(100)
    fall = exponential(n, 4, 2.5, 5) * (1 + 0.01 * noise("109", n))
    log("DIA109/good_one_isolated_spike", np.where(e == 63, 4.8, fall))
    log("DIA109/good_noisy_throughout", exponential(n, 4, 2.5, 5) * (1 + 0.1 * noise("109b", n)))
    log("DIA109/bad_again_and_again", fall + 1.7 * np.isin(e, (31, 48, 66, 67, 90)), lr=np.full(n, 0.003))
    log("DIA109/bad_not_recovered", fall + np.where(e >= 70, 0.6, 0) + 2.0 * (e == 70))


def toothed() -> None:
    """DIA110."""
    n = 96
    step, period = epochs(n) * 10, 12
    epoch = np.floor(np.arange(float(n)) / period)
    fall = exponential(n, 2.3, 1.0, 2)
    wave = 0.15 * (0.5 - (np.arange(n) % period) / period)
    shaken = 0.05 * noise("110", n)
    rate = 0.1 * 0.5 ** (np.arange(float(n)) % period)
    cases: dict[str, Columns] = {
        "good_shuffled": {"train_loss": fall + shaken},
        "good_rate_restarts": {"train_loss": fall + wave + 0.3 * shaken, "lr": rate},
        "good_a_step_down_an_epoch": {"train_loss": 2.3 * 0.85**epoch + 0.3 * shaken},
        "bad_same_order": {"train_loss": fall + wave + 0.3 * shaken},
    }
    for name, columns in cases.items():
        write(f"DIA110/{name}", {"step": step, "epoch": epoch, **columns})


def wasted() -> None:
    """DIA111."""
    n, e = 60, epochs(60)
    fall = exponential(n, 2.3, 0.4, 6) * (1 + 0.005 * noise("111", n))
    log("DIA111/good_cosine_to_the_end", fall, lr=cosine(n, 0.1))
    log("DIA111/good_restarts", fall, lr=np.tile(cosine(20, 0.1), 3))
    log("DIA111/good_cooldown_at_the_end", fall, lr=np.where(e > 52, 1e-4, 0.1))
    log(
        "DIA111/good_reduced_and_still_falling",
        2.3 - 0.03 * e + 0.002 * noise("111b", n),
        lr=np.where(e > 30, 1e-4, 0.1),
    )
    log(
        "DIA111/bad_spent_half_way",
        exponential(n, 2.3, 0.4, 20) * (1 + 0.005 * noise("111c", n)),
        lr=0.1 * np.exp(-0.18 * e),
    )
    log("DIA111/bad_warmup_never_ends", fall, lr=1e-4 * e)


def frozen() -> None:
    """DIA112."""
    n, e = 25, epochs(25)
    shaken = 2.33 + 0.0008 * noise("112", n)
    write(
        "DIA112/good_printed_with_two_digits",
        {"epoch": e, "train_loss": np.maximum(0.35, exponential(n, 2.3, 0.34, 9))},
        digits=2,
    )
    write(
        "DIA112/good_at_zero_to_the_printed_digit",
        {"epoch": e, "train_loss": np.where(e > 10, 0.0, np.round(exponential(n, 0.4, 0, 9), 4))},
    )
    log(
        "DIA112/good_rate_has_decayed_to_zero",
        np.where(e > 15, 0.41235, exponential(n, 2.3, 0.41, 9)),
        lr=np.where(e > 14, 1e-9, 0.1),
    )
    near = np.round(exponential(100, 0.9, 0.6449, 30), 4)
    write("DIA112/good_reaches_its_floor", {"epoch": epochs(100), "train_loss": near})
    log("DIA112/bad_validation_never_moves", shaken, np.full(n, 2.32936), lr=np.full(n, 0.002))
    log("DIA112/bad_stops_half_way", np.where(e > 14, 1.60341, exponential(n, 2.3, 1.55, 4)))


def underfit() -> None:
    """DIA201."""
    n = 40
    high = exponential(n, 1.65, 1.1, 20)
    log("DIA201/good_low_floor", exponential(n, 2.3, 0.2, 12), exponential(n, 2.35, 0.21, 12))
    log("DIA201/good_still_falling", exponential(n, 2.3, 0.7, 2), exponential(n, 2.3, 0.75, 2))
    log("DIA201/good_at_chance", exponential(n, 2.6, 2.3, 20), exponential(n, 2.6, 2.31, 20))
    log("DIA201/good_a_gap_is_left", exponential(n, 2.3, 0.8, 12), exponential(n, 2.3, 1.1, 12))
    log(
        "DIA201/bad_small_model",
        high + 0.004 * noise("201", n),
        high + 0.03 + 0.004 * noise("201b", n),
        lr=np.full(n, 0.01),
    )
    low = exponential(n, 2.0, 0.55, 20)
    log("DIA201/bad_perhaps_a_floor", low + 0.002 * noise("201c", n), low + 0.02 + 0.002 * noise("201d", n))


def over_regularized() -> None:
    """DIA202."""
    n = 40
    train, val = (
        exponential(n, 1.4, 0.7, 8) + 0.01 * noise("202", n),
        exponential(n, 1.1, 0.54, 8) + 0.005 * noise("202b", n),
    )
    steep = exponential(n + 1, 2.3, 0.2, 6)
    log("DIA202/good_no_settings", train, val)
    log(
        "DIA202/good_average_over_the_epoch",
        0.5 * (steep[1:] + steep[:-1]),
        steep[1:],
        settings={"dropout": 0.5, "lr": 0.001},
    )
    log("DIA202/good_mild_settings", train, val, settings={"dropout": 0.1, "weight_decay": 0.01})
    log("DIA202/bad_dropout", train, val, settings={"dropout": 0.8, "lr": 0.003})
    log("DIA202/bad_weight_decay", train, val, settings={"optimizer": "adam", "weight_decay": 0.5})


def rising() -> None:
    """DIA301."""
    n, e = 40, epochs(40)
    train = exponential(n, 1.6, 0.05, 4) * (1 + 0.01 * noise("301", n))
    val = exponential(n, 1.6, 1.0, 12)
    log("DIA301/good_within_its_noise", train, val + 0.06 * noise("301b", n))
    log("DIA301/good_both_diverge", 0.6 + 0.02 * e, 0.7 + 0.02 * e)
    log("DIA301/good_recovers_by_double_descent", train, val + 0.5 * np.exp(-(((e - 18) / 4) ** 2)))
    log("DIA301/bad_overfits", train, val + 0.02 * np.maximum(0, e - 10) + 0.015 * noise("301c", n))


if __name__ == "__main__":
    for make in (not_finite, diverged, at_chance, no_progress, too_high, too_low, improving, plateau, spiked, toothed, wasted,
                 frozen, underfit, over_regularized, rising):  # fmt: skip
        make()
