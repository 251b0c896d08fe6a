"""Ray Tune's results: lines of JSON and a table of one trial, hyperparameters apart, the return and the total loss."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.readers import assemble, ray_tune, read_inputs, tables
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model import Run

Row = dict[str, Any]


def supervised(iterations: int) -> list[Row]:
    """Return the results of a trial that reports a loss, with what Tune adds."""
    return [
        {"train_loss": 1 / i, "val_loss": 1.5 / i, "mean_accuracy": 0.5 + i / 100, "done": False, "trial_id": "de9e9_00000",
         "training_iteration": i, "date": f"2024-01-0{i}_22-29-32", "time_this_iter_s": 0.5, "time_total_s": 0.5 * i, "pid": 38354,
         "hostname": "node", "node_ip": "172.20.0.2", "config": {"lr": 0.01, "layers": 2, "opt": {"name": "adam"}},
         "time_since_restore": 0.5 * i, "iterations_since_restore": i, "experiment_tag": "0"}
        for i in range(1, iterations + 1)
    ]  # fmt: skip


def rllib(iterations: int) -> list[Row]:
    """Return what RLlib reports: the return of the episodes, and what the learner says."""
    return [
        {"custom_metrics": {}, "episode_reward_max": 200.0, "episode_reward_min": 9.0, "episode_reward_mean": 20.0 * i, "episode_len_mean": 20.0,
         "num_env_steps_sampled": 4000 * i, "sampler_results": {"episode_reward_mean": 20.0 * i, "hist_stats": {"episode_reward": [1.0, 2.0]}},
         "info": {"learner": {"default_policy": {"learner_stats": {"cur_lr": 5e-5, "policy_loss": -0.01, "vf_loss": 9.0, "total_loss": 9 / i, "grad_gnorm": 1.0}}}},
         "timesteps_total": 4000 * i, "training_iteration": i, "trial_id": "a", "time_this_iter_s": 2.0, "config": {"lr": 5e-5, "env": "CartPole-v1"}}
        for i in range(1, iterations + 1)
    ]  # fmt: skip


def lines(rows: list[Row]) -> bytes:
    """Return `result.json`."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def table(rows: list[Row]) -> bytes:
    """Return `progress.csv`: nested names joined with a slash."""
    flat = [dict(tables.flatten(row)) for row in rows]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(flat[0]))
    writer.writeheader()
    writer.writerows(flat)
    return stream.getvalue().encode()


def read(content: bytes, name: str) -> Run:
    """Read one file to its run."""
    source = Source(name=name, content=content)
    assert ray_tune.sniff(source), "the reader does not recognise the file"
    (run,) = assemble.runs(list(ray_tune.read(source)), columns={}).runs
    return run


@pytest.mark.parametrize("name", ["result.json", "progress.csv"])
def test_a_trial_has_its_losses_and_its_hyperparameters(name: str) -> None:
    """What stands under `config` is no curve."""
    run = read((lines if name == "result.json" else table)(supervised(5)), name)
    assert run.train_loss is not None
    assert run.train_loss.step.tolist() == [1, 2, 3, 4, 5]
    assert run.val_loss is not None
    assert run.val_loss.value.tolist() == [1.5 / i for i in range(1, 6)]
    assert (run.config["lr"], run.config["layers"], run.config["opt/name"]) == (0.01, 2, "adam")
    assert run.lr is None


@pytest.mark.parametrize("name", ["result.json", "progress.csv"])
def test_a_run_of_reinforcement_learning_has_its_return_and_its_total_loss(name: str) -> None:
    """The losses of policy and value are parts; the mean return comes before its extremes."""
    run = read((lines if name == "result.json" else table)(rllib(4)), name)
    assert run.train_loss is not None
    assert run.train_loss.name == "info/learner/default_policy/learner_stats/total_loss"
    metric = run.metric("train", "return")
    assert metric is not None
    assert (metric.name, metric.value.tolist()) == ("episode_reward_mean", [20, 40, 60, 80])
    assert not any(
        s.role.quantity == "loss" for s in run.series if s.name.endswith(("policy_loss", "vf_loss"))
    )


def test_later_versions_name_the_return_after_the_runners() -> None:
    """env_runners/episode_return_mean, and the learners' losses by module."""
    rows = [
        {"env_runners": {"episode_return_mean": 10.0 * i, "episode_return_max": 99.0}, "learners": {"default_policy": {"total_loss": 5 / i, "vf_loss": 4.0}},
         "training_iteration": i, "trial_id": "a", "time_this_iter_s": 1.0, "config": {}}
        for i in (1, 2, 3)
    ]  # fmt: skip
    run = read(lines(rows), "result.json")
    metric = run.metric("train", "return")
    assert metric is not None
    assert metric.name == "env_runners/episode_return_mean"
    assert run.train_loss is not None
    assert run.train_loss.name == "learners/default_policy/total_loss"


def test_both_files_of_a_trial_are_one_run(tmp_path: Path) -> None:
    """params.json beside them is no log."""
    for trial in ("trial_a", "trial_b"):
        folder = tmp_path / trial
        folder.mkdir()
        (folder / "result.json").write_bytes(lines(supervised(5)))
        (folder / "progress.csv").write_bytes(table(supervised(5)))
        (folder / "params.json").write_text('{"lr": 0.01}')
    reading = read_inputs([str(tmp_path)])
    assert [len(r.train_loss) for r in reading.runs if r.train_loss] == [5, 5]
    assert [r.events for r in reading.runs] == [(), ()]
    assert not reading.problems


def test_a_cut_file_is_read_up_to_the_cut() -> None:
    """No cut raises anything but the package's own error."""
    for whole, name in ((lines(rllib(3)), "result.json"), (table(rllib(3)), "progress.csv")):
        for end in range(1, len(whole), 17):
            source = Source(name=name, content=whole[:end])
            if ray_tune.sniff(source):
                try:
                    list(ray_tune.read(source))
                except MlcheckError:
                    continue
