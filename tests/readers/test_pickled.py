"""Pickles are named as what they are, never loaded, and the safe alternative is told."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from mlcheck.readers import read_inputs


class Trap:
    """An object that leaves a mark where it is loaded."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path(self.path),)  # type: ignore[return-value]  # what pickle calls on loading


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickled_history_is_refused_with_what_to_do(tmp_path: Path, protocol: int) -> None:
    """Keras's `pickle.dump(history.history, file)` is common."""
    history = {"loss": [0.9, 0.5], "val_loss": [1.0, 0.8]}
    (tmp_path / "history.pkl").write_bytes(pickle.dumps(history, protocol=protocol))
    reading = read_inputs([str(tmp_path / "history.pkl")])
    assert not reading.runs
    (problem,) = reading.problems
    assert "a pickle" in problem.message
    assert "json.dump" in problem.hint


def test_it_is_never_loaded(tmp_path: Path) -> None:
    """Whatever it would run."""
    mark = tmp_path / "mark"
    (tmp_path / "trainHistoryDict").write_bytes(pickle.dumps(Trap(str(mark))))
    reading = read_inputs([str(tmp_path / "trainHistoryDict")])
    assert len(reading.problems) == 1
    assert not mark.exists()
    read_inputs([str(tmp_path)])
    assert not mark.exists()
