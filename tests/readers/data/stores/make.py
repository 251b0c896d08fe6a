"""Write the stores beside this script with the real programs.

    pip install mlflow dvclive catboost xgboost lightgbm scikit-learn pandas
    python tests/readers/data/stores/make.py

`mlruns/` and `mlflow.db.gz` hold the same five runs: one that ended well, one that failed at a NaN, one of final values
only, one deleted, one killed after three epochs. `dvclive/` has metrics in folders, one with a space in its name and
one called `epoch`; `dvclive_step/` one called `step`. `catboost/` was trained with two evaluation sets, `stale/` with
one and then again without, `metrics/` with scores beside the loss. `boosters/` are evaluation results and scikit-learn's
loss curves. Names of the machine are taken out of the files; ids and times are MLflow's own.
"""

from __future__ import annotations

import gzip
import importlib
import json
import math
import os
import re
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def data() -> tuple[Any, Any]:
    """Return noisy data for two classes."""
    made = importlib.import_module("sklearn.datasets").make_classification(
        900, 20, flip_y=0.1, random_state=0
    )
    return made[0], made[1]


def log_runs(uri: str) -> None:
    """Log the five runs with MLflow."""
    mlflow = importlib.import_module("mlflow")
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("curves")
    with mlflow.start_run(run_name="good"):
        mlflow.log_params({"lr": 0.01, "net/depth": 3, "optimizer": "adam"})
        for epoch in range(12):
            mlflow.log_metric("train_loss", 2 / (epoch + 1), step=epoch)
            mlflow.log_metric("val/loss", 2.2 / (epoch + 1), step=epoch)
            mlflow.log_metric("unstepped", 1 / (epoch + 1))
        mlflow.log_metric("test_acc", 0.9)
    try:
        with mlflow.start_run(run_name="failed"):
            for epoch, loss in enumerate((1.0, 0.9, math.nan)):
                mlflow.log_metric("loss", loss, step=epoch)
            mlflow.log_metric("big", math.inf, step=1)
            mlflow.log_metric("big", -math.inf, step=2)
            raise ArithmeticError  # noqa: TRY301  (MLflow marks the run that an exception leaves)
    except ArithmeticError:
        pass
    with mlflow.start_run(run_name="final"):
        mlflow.log_metrics({"rmse": 0.3, "r2": 0.9})
    with mlflow.start_run(run_name="deleted") as run:
        for epoch in range(3):
            mlflow.log_metric("loss", 1 - epoch / 10, step=epoch)
    mlflow.delete_run(run.info.run_id)
    mlflow.start_run(run_name="killed")
    for epoch in range(3):
        mlflow.log_metric("train_loss", 1 - epoch / 10, step=epoch)
        if epoch < 2:
            mlflow.log_metric("val_loss", 1.1 - epoch / 10, step=epoch)
    mlflow.end_run("KILLED")


def write_mlflow(folder: Path, scratch: Path) -> None:
    """Write the file store and the database, without what only says who wrote them and where."""
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    log_runs((scratch / "mlruns").as_uri())
    for path in sorted((scratch / "mlruns").rglob("*")):
        inside = path.relative_to(scratch)
        if path.is_file() and (set(inside.parts) & {"metrics", "params"} or path.name == "meta.yaml"):
            text = re.sub(r"(artifact_uri|artifact_location|user_id):.*", r"\1: ''", path.read_text())
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            (folder / inside).write_text(text)
    log_runs(f"sqlite:///{scratch}/mlflow.db")
    base = sqlite3.connect(scratch / "mlflow.db")
    base.executescript(
        "DELETE FROM tags; UPDATE runs SET artifact_uri = '', user_id = '';"
        "UPDATE experiments SET artifact_location = ''; VACUUM;"
    )
    base.close()
    (folder / "mlflow.db.gz").write_bytes(gzip.compress((scratch / "mlflow.db").read_bytes(), 9, mtime=0))


def write_dvclive(folder: Path) -> None:
    """Write two folders of DVCLive."""
    live_of = importlib.import_module("dvclive").Live
    with live_of(str(folder / "dvclive"), save_dvc_exp=False, report=None) as live:
        live.log_param("lr", 0.01)
        for epoch in range(6):
            for name, loss in (("train/total_loss", 1.0), ("train/box_loss", 0.6), ("val/total_loss", 1.1)):
                live.log_metric(name, loss / (epoch + 1))
            for name in ("val/synth/loss_strong", "val/real/loss_strong"):
                live.log_metric(name, len(name) / (epoch + 1))
            live.log_metric("lr/pg0", 0.1)
            live.log_metric("Train accuracy", epoch / 10)
            live.log_metric("odd", math.nan if epoch == 3 else float(epoch))
            live.log_metric("epoch", epoch)
            live.next_step()
    with live_of(str(folder / "dvclive_step"), save_dvc_exp=False, report=None) as live:
        for epoch in range(4):
            live.log_metric("step", 10 * epoch)
            live.log_metric("train/loss", 1 / (epoch + 1))
            live.next_step()


def write_catboost(folder: Path) -> None:
    """Train three times, once more without an evaluation set into the same folder."""
    catboost = importlib.import_module("catboost")
    x, y = data()
    train, first, last = (catboost.Pool(x[a:b], y[a:b]) for a, b in ((0, 300), (300, 500), (500, 900)))
    for name, sets, iterations, more in (
        ("catboost", [first, last], 30, {}),
        ("stale", first, 30, {}),
        ("stale", None, 50, {}),
        ("metrics", last, 40, {"eval_metric": "AUC", "custom_metric": ["Accuracy", "ZeroOneLoss"], "metric_period": 3}),
    ):  # fmt: skip
        model = catboost.CatBoostClassifier(
            iterations=iterations, depth=3, verbose=False, train_dir=str(folder / name), **more
        )
        model.fit(train, eval_set=sets)
        shutil.rmtree(folder / name / "tmp", ignore_errors=True)


def write_boosters(folder: Path) -> None:
    """Write evaluation results of XGBoost and LightGBM and the loss curves of scikit-learn."""
    xgboost, lightgbm = importlib.import_module("xgboost"), importlib.import_module("lightgbm")
    (x, y), pandas = data(), importlib.import_module("pandas")
    ensemble, network = (
        importlib.import_module("sklearn.ensemble"),
        importlib.import_module("sklearn.neural_network"),
    )
    folder.mkdir(exist_ok=True)
    train, val = (x[:500], y[:500]), (x[500:], y[500:])
    made: dict[str, Any] = {}
    for name, sets in (("xgb_two", [train, val]), ("xgb_one", [val]), ("xgb_reversed", [val, train])):
        model = xgboost.XGBClassifier(n_estimators=30, eval_metric=["logloss", "auc"])
        made[name] = model.fit(*train, eval_set=sets, verbose=False).evals_result()
    for name, sets in (("lgb_two", [train, val]), ("lgb_one", [val])):
        made[name] = (
            lightgbm.LGBMClassifier(n_estimators=30, verbose=-1).fit(*train, eval_set=sets).evals_result_
        )
    found: dict[str, Any] = {}
    trained = lightgbm.Dataset(*train, free_raw_data=False)
    lightgbm.train(
        {"objective": "binary", "metric": ["auc", "binary_logloss"], "verbose": -1}, trained, 30,
        valid_sets=[trained, lightgbm.Dataset(*val, reference=trained)], callbacks=[lightgbm.record_evaluation(found)],
    )  # fmt: skip
    made["lgb_train"] = found
    made["lgb_cv"] = lightgbm.cv({"objective": "binary", "verbose": -1}, lightgbm.Dataset(x, y), 20, nfold=3, eval_train_metric=True)  # fmt: skip
    cross = xgboost.cv({"objective": "binary:logistic"}, xgboost.DMatrix(x, y), 20, nfold=3)
    cross.to_csv(folder / "xgb_cv.csv")
    cross.to_json(folder / "xgb_cv.json")
    mlp = network.MLPClassifier(early_stopping=True, max_iter=30, random_state=0).fit(x, y)
    made["mlp"] = {"loss_curve_": mlp.loss_curve_, "validation_scores_": mlp.validation_scores_}
    pandas.Series(mlp.loss_curve_).to_csv(folder / "loss_curve.csv")
    for name, scoring in (("hist_loss", "loss"), ("hist_accuracy", "accuracy")):
        model = ensemble.HistGradientBoostingClassifier(
            early_stopping=True, scoring=scoring, max_iter=30, random_state=0
        ).fit(x, y)
        made[name] = {
            "train_score_": list(model.train_score_),
            "validation_score_": list(model.validation_score_),
        }
    model = ensemble.GradientBoostingClassifier(subsample=0.7, n_estimators=30, random_state=0).fit(x, y)
    made["gradient"] = {
        name: list(getattr(model, name)) for name in ("train_score_", "oob_improvement_", "oob_scores_")
    }
    for name, value in made.items():
        (folder / f"{name}.json").write_text(json.dumps(value, default=float))


def main() -> None:
    """Write everything anew."""
    for old in HERE.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    with tempfile.TemporaryDirectory() as scratch:
        write_mlflow(HERE, Path(scratch))
    write_dvclive(HERE)
    write_catboost(HERE)
    write_boosters(HERE / "boosters")


if __name__ == "__main__":
    main()
