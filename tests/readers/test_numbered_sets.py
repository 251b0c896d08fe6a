"""Sets that XGBoost and LightGBM number: the one trained on is told from the numbers, in every format alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.readers import read_inputs
from mlcheck.readers.numbered_sets import trained_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BOOSTERS = Path(__file__).parent / "data" / "stores" / "boosters"


def losses_of(path: Path) -> tuple[str | None, str | None]:
    """Return the columns taken for the training and the validation loss."""
    (run,) = read_inputs([str(path)]).runs
    train, val = run.train_loss, run.val_loss
    return train.name if train else None, val.name if val else None


def printed(sets: Mapping[str, Sequence[float]], pattern: str) -> str:
    """Return what a booster prints, a line a round."""
    rounds = range(len(next(iter(sets.values()))))
    told = ("\t".join(pattern.format(name, values[i]) for name, values in sets.items()) for i in rounds)
    return "".join(f"[{i}]\t{line}\n" for i, line in enumerate(told))


def table(sets: Mapping[str, Sequence[float]]) -> str:
    """Return a table of the same."""
    rows = zip(*sets.values(), strict=True)
    header = ",".join(f"{name}_logloss" for name in sets)
    return f"round,{header}\n" + "".join(
        f"{i},{','.join(f'{v:.5f}' for v in row)}\n" for i, row in enumerate(rows)
    )


def results(name: str) -> dict[str, list[float]]:
    """Return the log-losses that XGBoost wrote, by set."""
    document = json.loads((BOOSTERS / name).read_text())
    return {found: metrics["logloss"] for found, metrics in document.items()}


@pytest.mark.parametrize(
    ("file", "train"), [("xgb_two.json", "validation_0"), ("xgb_reversed.json", "validation_1")]
)
def test_what_xgboost_prints_has_the_training_loss_that_its_results_have(
    tmp_path: Path, file: str, train: str
) -> None:
    """The same numbers as text, as a table and as JSON; the first set by convention, another where it is clearly lower."""
    sets = results(file)
    other = next(name for name in sets if name != train)
    (tmp_path / "a.log").write_text(printed(sets, "{}-logloss:{:.5f}"))
    (tmp_path / "b.csv").write_text(table(sets))
    assert losses_of(BOOSTERS / file) == (f"{train}/logloss", f"{other}/logloss")
    assert losses_of(tmp_path / "a.log") == (f"{train}-logloss", f"{other}-logloss")
    assert losses_of(tmp_path / "b.csv") == (f"{train}_logloss", f"{other}_logloss")


def test_what_lightgbm_prints_has_it_too(tmp_path: Path) -> None:
    """`valid_0's binary_logloss`: the other metrics of the set are of training as well."""
    sets = dict(zip(("valid_0", "valid_1"), results("xgb_two.json").values(), strict=True))
    (tmp_path / "a.log").write_text(printed(sets, "{0}'s binary_logloss: {1:.5f}\t{0}'s auc: 0.9"))
    (run,) = read_inputs([str(tmp_path / "a.log")]).runs
    assert {s.name: s.role.split for s in run.series} == {
        "valid_0's binary_logloss": "train",
        "valid_0's auc": "train",
        "valid_1's binary_logloss": "validation",
        "valid_1's auc": "validation",
    }


def test_a_training_loss_with_a_name_of_its_own_stands(tmp_path: Path) -> None:
    """Then the numbered sets are what they say."""
    sets = {"train": [0.5 - 0.01 * i for i in range(20)]}
    sets |= {f"validation_{k}": [0.6 + 0.1 * k - 0.01 * i for i in range(20)] for k in (0, 1)}
    (tmp_path / "a.csv").write_text(table(sets))
    assert losses_of(tmp_path / "a.csv") == ("train_logloss", "validation_0_logloss")


def test_sets_of_which_none_looks_trained_on_stay_validation_sets(tmp_path: Path) -> None:
    """Two losses that cross each other, or rise time and again."""
    wavy = [0.6 + 0.1 * float(np.sin(i)) for i in range(30)]
    (tmp_path / "a.csv").write_text(table({"validation_0": wavy, "validation_1": [v + 0.1 for v in wavy]}))
    assert losses_of(tmp_path / "a.csv") == (None, "validation_0_logloss")


def test_the_user_says_otherwise(tmp_path: Path) -> None:
    """A role given by hand wins."""
    (tmp_path / "a.csv").write_text(table(results("xgb_two.json")))
    (run,) = read_inputs([str(tmp_path / "a.csv")], columns={"val_loss": "validation_0_logloss"}).runs
    assert run.val_loss is not None
    assert run.val_loss.name == "validation_0_logloss"


def test_which_set_was_trained_on() -> None:
    """The lowest nearly always, hardly ever rising; another than the first clearly so; else nobody knows."""
    falling, higher, wavy = (
        np.linspace(1, 0.2, 30),
        np.linspace(1.1, 0.6, 30),
        0.6 + 0.1 * np.sin(np.arange(30.0)),
    )
    assert trained_on({"validation_0": falling, "validation_1": higher}) == "validation_0"
    assert trained_on({"validation_0": higher, "validation_1": falling}) == "validation_1"
    assert trained_on({"validation_0": higher, "validation_1": 0.99 * higher}) is None
    assert trained_on({"validation_0": wavy, "validation_1": wavy + 1}) is None
    assert trained_on({"validation_0": falling}) is None
