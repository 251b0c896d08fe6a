"""Fit the constants of the verdict (mlcheck/commands/verdict.json) and say how well they carry over to other tasks.

usage: MLCHECK_BENCH=DIR python benchmarks/fit_verdict.py [--write]

DIR holds `interventions/` (runs retrained with every remedy, so that the cause is known), `overfit_histories/`,
`taskset/` and `nanogpt/`. The model is a multinomial logistic regression on the numbers of stats/features.py. It is
judged by leaving whole tasks out: the printed shares are of tasks that the model has not seen. The calibration of the
confidence is fitted to those same left-out predictions.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from mlcheck import registry
from mlcheck.commands.verdict import CAUSES
from mlcheck.model import Floats, Role, Series, Split
from mlcheck.stats.features import NAMES, features

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TARGET = Path(__file__).parents[1] / "mlcheck" / "commands" / "verdict.json"
PENALTY = 1.0
WEIGHTS = {"interventions": 1.0, "overfit_histories": 0.1, "taskset": 0.1, "nanogpt": 0.5}
"""How much one run of each collection counts: many runs of few kinds must not outvote those with a known remedy."""


@dataclass(frozen=True)
class Cases:
    """Labelled runs: features (n, f), cause (n,) as index into CAUSES, weight (n,), task (n,), truth where known."""

    x: Floats
    cause: np.ndarray[Any, np.dtype[np.intp]]
    weight: Floats
    task: np.ndarray[Any, np.dtype[np.str_]]
    truth: tuple[Mapping[str, Any] | None, ...]


def scorer(bench: Path) -> Any:
    """Load the collection's own score.py, which says what counts as right."""
    spec = importlib.util.spec_from_file_location("score", bench / "interventions" / "score.py")
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def series(values: Sequence[float | None], split: Split) -> Series:
    """Make a loss series of a list of numbers."""
    value = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    return Series(
        name=split, role=Role(quantity="loss", split=split), step=np.arange(1.0, 1 + len(value)), value=value
    )


def histories(path: Path) -> list[tuple[dict[str, Any], dict[str, float]]]:
    """Return (record, features) of a JSON-lines file with train_loss and val_loss."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = [
        (r, features(series(r["train_loss"], "train"), series(r["val_loss"], "validation"))) for r in records
    ]
    return [(r, f) for r, f in pairs if f is not None]


def logged(folder: Path) -> dict[str, dict[str, float]]:
    """Return the features of every log in a folder that has both losses, by file name without suffix."""
    runs = registry.readers_room().read_inputs([str(folder)]).runs
    found = {
        r.source.rsplit("/", 1)[-1].rpartition(".")[0]: features(r.train_loss, r.val_loss)
        for r in runs
        if r.train_loss and r.val_loss
    }
    return {name: f for name, f in found.items() if f is not None}


def cases(bench: Path) -> Cases:
    """Gather the labelled runs of all collections."""
    rows: list[tuple[dict[str, float], str, float, str, Mapping[str, Any] | None]] = []
    by_name = logged(bench / "interventions" / "logs")
    for name, truth in scorer(bench).truth(str(bench / "interventions")).items():
        if name in by_name:
            rows.append((by_name[name], truth["cause"], WEIGHTS["interventions"], truth["task"], truth))
    for record, f in histories(bench / "overfit_histories" / "dev.jsonl"):
        if record["label"] == "overfit":
            rows.append((f, "overfit", WEIGHTS["overfit_histories"], "-", None))
    for record, f in histories(bench / "taskset" / "dev.jsonl"):
        if record["regret"] >= 0.8:
            rows.append((f, "optimization", WEIGHTS["taskset"], "-", None))
    rows += [(f, "healthy", WEIGHTS["nanogpt"], "-", None) for f in logged(bench / "nanogpt").values()]
    return Cases(
        x=np.array([[f[n] for n in NAMES] for f, *_ in rows]),
        cause=np.array([CAUSES.index(cause) for _, cause, *_ in rows]),
        weight=np.array([w for _, _, w, *_ in rows]),
        task=np.array([t for *_, t, _ in rows]),
        truth=tuple(t for *_, t in rows),
    )


def fit(c: Cases, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[Floats, Floats, LogisticRegression]:
    """Return (mean, scale, model) fitted to the chosen rows; the scale is that of the retrained runs alone."""
    known = rows & (c.task != "-")
    mean, scale = c.x[known].mean(0), c.x[known].std(0)
    model = LogisticRegression(C=PENALTY, max_iter=5000)
    model.fit((c.x[rows] - mean) / scale, c.cause[rows], sample_weight=c.weight[rows])
    return mean, scale, model


def left_out(c: Cases) -> tuple[Floats, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Return (scores, right) of the retrained runs, each judged by a model that saw none of its task."""
    probability = np.zeros((len(c.cause), len(CAUSES)))
    for task in sorted(set(c.task) - {"-"}):
        mean, scale, model = fit(c, c.task != task)
        mine = c.task == task
        probability[mine] = model.predict_proba((c.x[mine] - mean) / scale)
    known = np.flatnonzero(c.task != "-")
    verdict = probability[known].argmax(1)
    right = np.array([CAUSES[v] in (c.truth[i] or {})["accept"] for i, v in zip(known, verdict, strict=True)])
    return probability[known], right


def calibration(score: Floats, right: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[float, float]:
    """Fit P(right) = sigmoid(slope * logit(score) + intercept) (Platt 1999)."""
    odds = np.log(score / (1 - score)).reshape(-1, 1)
    model = LogisticRegression(C=1.0).fit(odds, right)
    return round(float(model.coef_[0, 0]), 4), round(float(model.intercept_[0]), 4)


def gains(c: Cases, remedies: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return the mean share of what is reachable that each action won, by cause, largest first."""
    found: dict[str, dict[str, float]] = {}
    for cause in CAUSES[:-1]:
        each = [t["each"] for t, k in zip(c.truth, c.cause, strict=True) if t and CAUSES[k] == cause]
        mean = {
            name: float(np.mean([max(0.0, e.get(key, 0.0)) for e in each]))
            for name, key in remedies.items()
            if name != "fix-init"
        }
        found[cause] = {n: round(v, 3) for n, v in sorted(mean.items(), key=lambda pair: -pair[1])}
    return found


def main() -> int:
    """Fit, print how well it carries over, and write the constants if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write mlcheck/commands/verdict.json")
    wanted = parser.parse_args()
    if "MLCHECK_BENCH" not in os.environ:
        print("set MLCHECK_BENCH to the folder of labelled runs", file=sys.stderr)
        return 2
    bench = Path(os.environ["MLCHECK_BENCH"])
    c = cases(bench)
    scores, right = left_out(c)
    surest = np.argsort(-scores.max(1))[: int(0.6 * len(right))]
    print(f"{len(right)} retrained runs of {len(set(c.task)) - 1} tasks, {len(c.cause) - len(right)} others")
    print(f"whole tasks left out: right {right.mean():.3f}; {right[surest].mean():.3f} on the surest 60 %")
    mean, scale, model = fit(c, np.ones(len(c.cause), dtype=bool))
    document = {
        "made_by": "benchmarks/fit_verdict.py --write",
        "left_out_right": round(float(right.mean()), 3),
        "names": NAMES,
        "mean": mean.round(4).tolist(),
        "scale": scale.round(4).tolist(),
        "weights": {cause: w.round(4).tolist() for cause, w in zip(CAUSES, model.coef_, strict=True)},
        "intercepts": {cause: round(float(b), 4) for cause, b in zip(CAUSES, model.intercept_, strict=True)},
        "calibration": calibration(scores.max(1), right),
        "gains": gains(c, scorer(bench).REMEDY),
    }
    text = json.dumps(document, indent=1) + "\n"
    if wanted.write:
        TARGET.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
