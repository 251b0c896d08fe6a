"""Write the runs of the rules that compare losses and look at gradients: python tests/rules/make_cases_2.py.

A good run of a rule shows one of its known false alarms, a bad run what it is for. All are drawn with a fixed seed.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcheck.model import Floats

HERE = Path(__file__).parent / "diagnose"
N = 40
T = np.arange(N, dtype=np.float64)
RNG = np.random.default_rng(20)


def write(
    code: str, name: str, columns: Mapping[str, Floats], *, counter: str = "epoch", first: int = 1
) -> None:
    """Write one log as a CSV with a counter column; cells that are NaN are left blank."""
    length = max(len(v) for v in columns.values())
    folder = HERE / code
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([counter, *columns])
        for i in range(length):
            rows.writerow(
                [first + i, *(f"{v[i]:.5g}" if np.isfinite(v[i]) else f"{v[i]}" for v in columns.values())]
            )


def text(code: str, name: str, body: str) -> None:
    """Write one text log."""
    folder = HERE / code
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(body, encoding="utf-8")


def noise(scale: float, n: int = N) -> Floats:
    """Draw n independent normal values with that standard deviation."""
    return scale * RNG.standard_normal(n)


def falls(start: float, end: float, over: float, n: int = N) -> Floats:
    """Return an exponential fall from start towards end with time constant `over`."""
    return end + (start - end) * np.exp(-np.arange(n) / over)


def losses(train: Floats, val: Floats, **others: Floats) -> dict[str, Floats]:
    """Return the columns of a run with both losses."""
    return {"train_loss": train, "val_loss": val, **others}


def gaps() -> None:
    """DIA302: the gap between both losses."""
    train = falls(2.3, 0.4, 8) + noise(0.01)
    write("DIA302", "good_small_gap", losses(train, falls(2.3, 0.55, 8) + noise(0.015)))
    write(
        "DIA302",
        "good_gap_within_noise",
        losses(falls(2.3, 1.6, 8) + noise(0.3), falls(2.3, 1.85, 8) + noise(0.4)),
    )
    write(
        "DIA302", "good_ema_lag", losses(falls(1.4, 0.8, 4) + noise(0.03), 1.41 - 0.0035 * T + noise(0.0001))
    )
    write(
        "DIA302", "good_dropout", losses(falls(2.3, 0.9, 8) + noise(0.02), falls(2.2, 0.6, 8) + noise(0.02))
    )
    sets = {
        "eval_near_loss": falls(2.3, 0.5, 8) + noise(0.02),
        "eval_far_loss": falls(2.3, 1.9, 8) + noise(0.02),
    }
    write("DIA302", "good_several_eval_sets", {"train_loss": train, **sets})
    write(
        "DIA302",
        "bad_large_gap",
        losses(falls(2.3, 0.05, 10) + noise(0.01), falls(2.3, 1.4, 4) + noise(0.02)),
    )
    write(
        "DIA302",
        "bad_from_the_first",
        losses(falls(1.0, 0.5, 8) + noise(0.005), falls(1.3, 0.8, 8) + noise(0.01)),
    )


def chance() -> None:
    """DIA303: the validation loss stays where it was."""
    train = falls(2.31, 0.3, 25) + noise(0.01)
    flat = 2.31 + 0.012 * T + noise(0.015)
    write("DIA303", "good_learns", losses(train, falls(2.3, 1.2, 10) + noise(0.02)))
    write(
        "DIA303", "good_ema_lag", losses(falls(1.4, 0.8, 4) + noise(0.03), 1.41 - 0.0015 * T + noise(0.0001))
    )
    write(
        "DIA303",
        "good_first_epoch_learned_most",
        losses(falls(2.1, 0.2, 8) + noise(0.01), 1.2 + 0.004 * T + noise(0.02)),
    )
    write("DIA303", "bad_shuffled_labels", losses(train, flat, val_acc=np.clip(0.1 + noise(0.01), 0, 1)))
    write(
        "DIA303", "bad_no_metric", losses(falls(1.0, 0.1, 15) + noise(0.01), 1.02 + 0.003 * T + noise(0.02))
    )


def best() -> None:
    """DIA304: the best point lies before the end."""
    turning = falls(2.3, 0.9, 4) + np.maximum(0, T - 12) * 0.02
    write("DIA304", "good_rise_within_noise", losses(falls(2.3, 0.5, 8), falls(2.3, 1.0, 4) + noise(0.15)))
    write("DIA304", "good_best_near_the_end", losses(falls(2.3, 0.5, 8), falls(2.3, 0.7, 15) + noise(0.01)))
    write("DIA304", "bad_passed", losses(falls(2.3, 0.1, 10) + noise(0.01), turning + noise(0.02)))


def below() -> None:
    """DIA401: the validation loss lies below the training loss."""
    true = falls(2.3, 0.3, 3, N + 1)
    averaged = (true[:-1] + true[1:]) / 2
    write("DIA401", "good_epoch_averaged_train_loss", losses(averaged + noise(0.005), true[1:] + noise(0.01)))
    write(
        "DIA401",
        "good_below_within_noise",
        losses(falls(2.3, 0.62, 8) + noise(0.05), falls(2.3, 0.6, 8) + noise(0.05)),
    )
    write("DIA401", "bad_leak", losses(falls(2.3, 0.3, 8) + noise(0.01), falls(2.2, 0.15, 7) + noise(0.01)))


def perfect() -> None:
    """DIA402: almost no error almost at once."""
    loss = falls(2.3, 0.02, 5)
    late = np.minimum(1.0, 0.5 + 0.05 * T)
    write("DIA402", "good_perfect_late", losses(loss, loss + 0.001, val_acc=late))
    write(
        "DIA402",
        "good_unscaled_target",
        losses(falls(900.0, 3.0, 0.4), falls(600.0, 4.0, 0.3) * np.where(T < 1, 0.01, 1)),
    )
    write(
        "DIA402",
        "bad_accuracy",
        losses(falls(0.4, 0.001, 2), falls(0.01, 0.0005, 3), val_acc=np.full(N, 0.9995)),
    )
    write("DIA402", "bad_loss", losses(falls(0.7, 0.001, 1), falls(0.004, 0.0004, 3)))


def noisy() -> None:
    """DIA403: the validation loss jumps."""
    jump = falls(2.3, 0.6, 8) + noise(0.01)
    jump[20] = 1.9
    train = falls(2.3, 0.5, 8) + noise(0.01)
    write("DIA403", "good_single_jump", losses(train, jump))
    write(
        "DIA403", "good_both_noisy", losses(falls(2.3, 0.5, 8) + noise(0.2), falls(2.3, 0.6, 8) + noise(0.25))
    )
    write(
        "DIA403", "good_small_against_the_gain", losses(falls(2.3, 0.5, 8), falls(2.3, 0.6, 8) + noise(0.03))
    )
    write("DIA403", "bad_jumping", losses(train, falls(2.3, 0.8, 8) + np.abs(noise(0.5))))


def disagree() -> None:
    """DIA404: loss and metric part."""
    turning = falls(0.7, 0.35, 4) + np.maximum(0, T - 10) * 0.01 + noise(0.005)
    rising = 0.9 - 0.3 * np.exp(-T / 15) + noise(0.003)
    train = falls(0.7, 0.05, 10)
    write("DIA404", "good_agree", losses(train, falls(0.7, 0.3, 8) + noise(0.01), val_acc=rising))
    write("DIA404", "good_metric_within_noise", losses(train, turning, val_acc=0.8 + noise(0.02)))
    write("DIA404", "bad_overconfident", losses(train, turning, val_acc=rising))
    worse = 0.8 - np.maximum(0, T - 8) * 0.004 + noise(0.003)
    write("DIA404", "bad_metric_worsens", losses(train, falls(0.7, 0.3, 12) + noise(0.003), val_f1=worse))


def mismatch() -> None:
    """DIA405: the validation loss is measured differently."""
    train = falls(0.75, 0.08, 6) + noise(0.005)
    write("DIA405", "good_overfitted_later", losses(train, 0.5 + np.maximum(0, T - 4) * 0.08 + noise(0.02)))
    write("DIA405", "good_epoch_averaged_first", losses(falls(0.9, 0.1, 2), falls(0.3, 0.09, 2)))
    write("DIA405", "good_regulariser_in_train_loss", losses(falls(2.3, 0.3, 8) + 1.5, falls(2.2, 0.3, 8)))
    write("DIA405", "good_one_bad_evaluation", losses(train, np.where(T == 0, 5.0, falls(0.7, 0.1, 6))))
    write("DIA405", "bad_preprocessing", losses(train, 3.8 + 0.04 * T + noise(0.2)))
    write(
        "DIA405",
        "bad_summed_not_averaged",
        losses(falls(2.3, 0.3, 8), 64 * falls(2.3, 0.31, 8) * np.exp(noise(0.01))),
    )
    write("DIA405", "bad_opposite_sign", losses(falls(2.3, 0.3, 8), -falls(2.3, 0.32, 8) + noise(0.005)))


def log_only() -> None:
    """DIA406 to DIA408: what the log lacks."""
    train = falls(2.3, 0.4, 8) + noise(0.01)
    write(
        "DIA406", "good_validation_metric_only", {"train_loss": train, "val_acc": 0.9 - 0.8 * np.exp(-T / 8)}
    )
    write(
        "DIA406",
        "good_returns",
        {"train_loss": 1 + noise(0.1), "episode_reward": 10 * T + noise(5.0)},
        counter="step",
    )
    write("DIA406", "good_validation_only", {"val_loss": train})
    write("DIA406", "bad_train_only", {"train_loss": train})
    write("DIA407", "good_unbroken", losses(train, train + 0.05))
    lines = [
        f"{e},{v:.4f},{v + 0.05:.4f}" for e, v in zip([*range(1, 16), *range(11, 31)], train, strict=False)
    ]
    text("DIA407", "bad_went_back.csv", "\n".join(["epoch,train_loss,val_loss", *lines]) + "\n")
    write("DIA408", "good_five_points", losses(train[:5], train[:5] + 0.05))
    write("DIA408", "bad_three_points", losses(train[:3], train[:3] + 0.05))
    write(
        "DIA408", "bad_two_evaluations", losses(train, np.where(np.isin(T, (19, 39)), train + 0.05, np.nan))
    )


def crashes() -> None:
    """DIA409: how a text log ends."""
    train = falls(2.3, 0.4, 8) + noise(0.01)
    epochs = [f"epoch {e}: train loss {v:.4f} val loss {v + 0.05:.4f}" for e, v in enumerate(train[:12], 1)]
    caught = [
        "Traceback (most recent call last):",
        '  File "data.py", line 9, in load',
        "OSError: truncated image, skipped",
    ]
    text("DIA409", "good_caught_and_went_on.log", "\n".join([*epochs[:6], *caught, *epochs[6:]]) + "\n")
    memory = "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB"
    trace = [
        "Traceback (most recent call last):",
        '  File "train.py", line 88, in <module>',
        "    loss.backward()",
        memory,
    ]
    text("DIA409", "bad_out_of_memory.log", "\n".join([*epochs, *trace]) + "\n")
    trace = [
        "Traceback (most recent call last):",
        '  File "train.py", line 41, in step',
        "ValueError: expected 3 channels, got 4",
    ]
    text("DIA409", "bad_traceback.txt", "\n".join([*epochs[:7], *trace]) + "\n")


def gradients() -> None:
    """DIA501 and DIA502: gradients that vanish or explode."""
    train, flat = falls(2.3, 0.02, 6) + noise(0.001), 2.3 + noise(0.002)
    norm = np.exp(noise(0.3))
    layers = {f"grad_norm/layer{i}": norm * s * np.exp(noise(0.1)) for i, s in ((1, 0.5), (2, 0.7), (3, 1.0))}
    frozen = {**layers, "grad_norm/layer1": np.zeros(N)}
    write("DIA501", "good_frozen_layer", {"train_loss": train, **frozen})
    write("DIA501", "good_learned_to_the_floor", {"train_loss": train, "grad_norm": norm * np.exp(-T / 3)})
    faded = {f"grad_norm/layer{i}": norm * s for i, s in ((1, 1e-5), (2, 3e-3), (3, 1.0))}
    write("DIA501", "bad_first_layer", {"train_loss": flat, **faded})
    write("DIA501", "bad_all_fades", {"train_loss": flat, "grad_norm": norm * np.exp(-T / 2)})
    scaler = norm.copy()
    scaler[3] = np.inf
    write("DIA502", "good_loss_scaler", {"train_loss": train, "grad_norm": scaler})
    escape = 2.3 - 1.5 / (1 + np.exp(-(T - 12) / 2)) + noise(0.005)
    write(
        "DIA502",
        "good_leaves_a_plateau",
        {"train_loss": escape, "grad_norm": norm * np.where(T < 10, 0.002, 0.8)},
    )
    write("DIA502", "good_frozen_layer", {"train_loss": train, **layers, "grad_norm/layer3": np.zeros(N)})
    write(
        "DIA502",
        "bad_growing",
        {"train_loss": 2.3 + 0.05 * T + noise(0.02), "grad_norm": norm * np.exp(T / 4)},
    )
    bursting = {f"grad_norm/layer{i}": norm * s for i, s in ((1, 400.0), (2, 20.0), (3, 1.0))}
    write("DIA502", "bad_first_layer", {"train_loss": flat, **bursting})
    write("DIA502", "bad_not_finite", {"train_loss": flat, "grad_norm": np.where(T > 30, np.nan, norm)})


def units() -> None:
    """DIA503 and DIA504: dead units and the size of updates."""
    train = falls(2.3, 0.4, 8) + noise(0.01)
    share = np.clip(0.15 + noise(0.03), 0, 1)
    write("DIA503", "good_some_dead", {"train_loss": train, "dead_relu_fraction": share})
    write(
        "DIA503",
        "good_many_for_a_while",
        {"train_loss": train, "dead_relu_fraction": np.where(T < 10, 0.7, share)},
    )
    write("DIA503", "bad_most_dead", {"train_loss": train, "dead_relu_fraction": 0.85 - 0.6 * np.exp(-T / 3)})
    ratio = 1e-3 * np.exp(noise(0.3))
    write(
        "DIA504", "good_zero_initialised", {"train_loss": train, "update_ratio": np.where(T < 4, 3.0, ratio)}
    )
    write(
        "DIA504", "good_rate_decays_to_zero", {"train_loss": train, "update_ratio": ratio * (1 - T / N) ** 2}
    )
    write("DIA504", "good_logged_as_log10", {"train_loss": train, "update_ratio/fc1": np.log10(ratio)})
    write(
        "DIA504",
        "bad_tiny",
        {"train_loss": train, "update_ratio/fc1": ratio * 2e-3, "update_ratio/fc2": ratio},
    )
    write("DIA504", "bad_huge", {"train_loss": train, "update_ratio": ratio * 400})


if __name__ == "__main__":
    for make in (
        gaps,
        chance,
        best,
        below,
        perfect,
        noisy,
        disagree,
        mismatch,
        log_only,
        crashes,
        gradients,
        units,
    ):
        make()
