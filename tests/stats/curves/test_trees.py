"""Trees as plain numbers give what scikit-learn's own predict gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from mlcheck.stats.curves import trees


def plain(model: HistGradientBoostingRegressor) -> list[list[list[float]]]:
    """Return the nodes of every tree in the form that is shipped."""
    return [
        [
            [float(n["value"])]
            if n["is_leaf"]
            else [
                int(n["feature_idx"]),
                float(n["num_threshold"]),
                int(n["left"]),
                int(n["right"]),
                int(n["missing_go_to_left"]),
            ]
            for n in predictor.nodes
        ]
        for (predictor,) in model._predictors
    ]


def test_trees_are_those_of_scikit_learn() -> None:
    """To the last digits, with missing values, after a turn through JSON."""
    random = np.random.default_rng(0)
    x = random.normal(size=(400, 3))
    x[random.random(x.shape) < 0.2] = np.nan
    y = np.nan_to_num(x[:, 0]) ** 2 + np.where(np.isnan(x[:, 1]), 1.0, x[:, 1])
    model = HistGradientBoostingRegressor(max_iter=12, max_leaf_nodes=6, random_state=0).fit(x, y)
    told = {
        "features": ["a", "b", "c"],
        "start": float(model._baseline_prediction.ravel()[0]),
        "trees": plain(model),
    }
    made = trees.read(json.loads(json.dumps(told)), ["a", "b", "c"])
    fresh = random.normal(size=(200, 3))
    fresh[random.random(fresh.shape) < 0.2] = np.nan
    assert made(fresh) == pytest.approx(model.predict(fresh), abs=1e-9)


def test_trees_on_other_features_are_refused() -> None:
    """A file of numbers that does not belong to this version."""
    with pytest.raises(ValueError, match="expected trees on"):
        trees.read({"features": ["a"], "start": 0.0, "trees": [[[1.0]]]}, ["b"])
