"""Stable-Baselines3's Monitor: the return of every episode, one file or one for each copy of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcheck.errors import MlcheckError
from mlcheck.readers import read_inputs, sb3_monitor
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '#{"t_start": 1599424847.5, "env_id": "Hopper-v2"}\nr,l,t\n'


def episodes(*rows: tuple[float, int, float]) -> str:
    """Return the file."""
    return HEAD + "".join(f"{r},{length},{t}\n" for r, length, t in rows)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_return_is_the_metric_over_the_steps(tmp_path: Path, end: str) -> None:
    """There is no loss; an episode stands at the step that it ended with."""
    (tmp_path / "monitor.csv").write_bytes(episodes((10.5, 20, 1.5), (12.5, 30, 2.5), (250, 50, 4.0)).replace("\n", end).encode())  # fmt: skip
    (run,) = read_inputs([str(tmp_path / "monitor.csv")]).runs
    assert (run.train_loss, run.val_loss) == (None, None)
    metric = run.metric("train", "return")
    assert metric is not None
    assert (metric.name, metric.value.tolist(), metric.step.tolist()) == (
        "r",
        [10.5, 12.5, 250],
        [20, 50, 100],
    )
    assert metric.role.better == "higher"


def test_the_copies_of_an_environment_are_one_run(tmp_path: Path) -> None:
    """Their episodes follow each other in the order of the steps; none of them is a restart."""
    (tmp_path / "0.monitor.csv").write_text(episodes((1, 20, 1.5), (3, 20, 2.5)))
    (tmp_path / "1.monitor.csv").write_text(episodes((2, 30, 1.7), (4, 30, 3.1)))
    (run,) = read_inputs([str(tmp_path)]).runs
    metric = run.metric("train", "return")
    assert metric is not None
    assert (metric.value.tolist(), metric.step.tolist()) == ([1, 2, 3, 4], [20, 30, 40, 60])
    assert run.events == ()


def test_monitors_by_other_names_stay_apart(tmp_path: Path) -> None:
    """Only files that are numbered belong together."""
    for name in ("train.monitor.csv", "eval.monitor.csv"):
        (tmp_path / name).write_text(episodes((1, 20, 1.5), (3, 20, 2.5)))
    assert len(read_inputs([str(tmp_path)]).runs) == 2


def test_what_is_broken_is_refused() -> None:
    """No cut and no flipped byte raises anything but the package's own error."""
    whole = episodes((1, 20, 1.5), (3, 20, 2.5)).encode()
    for at in range(1, len(whole)):
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x11]) + whole[at + 1 :]):
            source = Source(name="monitor.csv", content=content)
            try:
                if sb3_monitor.sniff(source):
                    list(sb3_monitor.read(source))
            except MlcheckError:
                continue
