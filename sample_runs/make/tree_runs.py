"""XGBoost and LightGBM: `evals_result` saved as JSON; deep trees on few examples, and small ones on enough."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import lightgbm
import xgboost
from common import SAMPLES, Group, Remedy, Sample, friedman, which_photo

PHOTO, FRIEDMAN = which_photo(), friedman()

Curves = dict[str, dict[str, list[float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeConfig:
    """The settings of a boosted model that a remedy may change."""

    examples: int
    rounds: int
    lr: float
    depth: int
    penalty: float = 1.0
    min_leaf: float = 1.0
    subsample: float = 1.0


DEEP = TreeConfig(examples=1500, rounds=100, lr=0.3, depth=12, penalty=0.0, min_leaf=0.0)
SOUND = TreeConfig(examples=6000, rounds=300, lr=0.1, depth=3, min_leaf=20)


def tree_remedies(config: TreeConfig, *, pool: int) -> Iterator[Remedy[TreeConfig]]:
    """Every remedy for boosted trees: learning rate, rounds, depth, regularisation, data."""

    def remedy(name: str, group: Group, setting: str, **changes: Any) -> Remedy[TreeConfig]:
        return Remedy(name=name, group=group, setting=setting, config=replace(config, **changes))

    yield remedy("lower-lr", "optimization", f"lr {config.lr / 10:g}", lr=config.lr / 10)
    yield remedy("raise-lr", "optimization", f"lr {config.lr * 10:g}", lr=config.lr * 10)
    yield remedy("train-longer", "optimization", f"{config.rounds * 4} rounds", rounds=config.rounds * 4)
    yield remedy("increase-capacity", "underfit", f"depth {config.depth + 2}", depth=config.depth + 2)
    yield remedy("reduce-regularization", "underfit", "no penalty, leaves of 1", penalty=0.0, min_leaf=0.0)
    yield remedy("add-regularization", "overfit", "penalty 30, leaves of 30", penalty=30.0, min_leaf=30.0)
    yield remedy(
        "add-regularization",
        "overfit",
        "depth 3, half of the rows",
        depth=min(3, config.depth),
        subsample=0.5,
    )
    examples = min(4 * config.examples, pool)
    yield remedy("more-data", "overfit", f"{examples} examples", examples=examples)


def xgboost_curves(config: TreeConfig) -> Curves:
    """Classify squares of the photographs."""
    kept = slice(config.examples)
    train_set = xgboost.DMatrix(PHOTO.pool_x[kept], PHOTO.pool_y[kept])
    settings = {
        "objective": "binary:logistic",
        "eta": config.lr,
        "max_depth": config.depth,
        "lambda": config.penalty,
        "min_child_weight": config.min_leaf,
        "subsample": config.subsample,
        "nthread": 1,
    }
    curves: Curves = {}
    xgboost.train(
        settings,
        train_set,
        config.rounds,
        evals=[(train_set, "train"), (xgboost.DMatrix(PHOTO.val_x, PHOTO.val_y), "eval")],
        evals_result=curves,
        verbose_eval=False,
    )
    return curves


def lightgbm_curves(config: TreeConfig) -> Curves:
    """Predict Friedman's function."""
    kept = slice(config.examples)
    train_set = lightgbm.Dataset(FRIEDMAN.pool_x[kept], FRIEDMAN.pool_y[kept])
    held_out = lightgbm.Dataset(FRIEDMAN.val_x, FRIEDMAN.val_y, reference=train_set)
    settings = {
        "objective": "regression",
        "learning_rate": config.lr,
        "max_depth": config.depth,
        "num_leaves": 2**config.depth,
        "lambda_l2": config.penalty,
        "min_data_in_leaf": max(1, round(config.min_leaf)),
        "bagging_fraction": config.subsample,
        "bagging_freq": 1,
        "num_threads": 1,
        "verbose": -1,
    }
    curves: Curves = {}
    lightgbm.train(
        settings,
        train_set,
        config.rounds,
        valid_sets=[train_set, held_out],
        valid_names=["training", "valid"],
        callbacks=[lightgbm.record_evaluation(curves)],
    )
    return curves


def train_xgboost(config: TreeConfig) -> list[float]:
    """Return the held-out log loss of every round."""
    return xgboost_curves(config)["eval"]["logloss"]


def train_lightgbm(config: TreeConfig) -> list[float]:
    """Return the held-out squared error of every round."""
    return lightgbm_curves(config)["valid"]["l2"]


RUNS = (
    Sample(
        name="xgboost_overfit",
        task="which photo",
        config=DEEP,
        train=train_xgboost,
        remedies=partial(tree_remedies, pool=len(PHOTO.pool_x)),
        constant_loss=PHOTO.constant_loss,
    ),
    Sample(
        name="lightgbm_healthy",
        task="Friedman's function",
        config=SOUND,
        train=train_lightgbm,
        remedies=partial(tree_remedies, pool=len(FRIEDMAN.pool_x)),
        constant_loss=FRIEDMAN.constant_loss,
    ),
)


def main() -> None:
    """Write both logs."""
    curves = {"xgboost_overfit": xgboost_curves(DEEP), "lightgbm_healthy": lightgbm_curves(SOUND)}
    for run, recorded in curves.items():
        (SAMPLES / run).mkdir(exist_ok=True)
        (SAMPLES / run / "evals_result.json").write_text(json.dumps(recorded), encoding="utf-8")


if __name__ == "__main__":
    main()
