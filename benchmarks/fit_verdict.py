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
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from mlcheck import registry
from mlcheck.commands import diagnose
from mlcheck.commands.verdict import CAUSES
from mlcheck.config import Settings
from mlcheck.model import Finding, Floats, Role, Series, Split
from mlcheck.stats.features import NAMES, features

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TARGET = Path(__file__).parents[1] / "mlcheck" / "commands" / "verdict.json"
PENALTY = 1.0
SHRINKAGE, LEAST_RUNS = 5, 4
WEIGHTS = {"interventions": 1.0, "overfit_histories": 0.1, "taskset": 0.1, "nanogpt": 0.5}
"""How much one run of each collection counts: many runs of few kinds must not outvote those with a known remedy."""


@dataclass(frozen=True)
class Case:
    """One labelled run: its curve's numbers, its cause, how much it counts, its task ("-" where it was not retrained).

    `truth` says which causes helped and what each remedy gained; `errors` are the codes of the rules that fired.
    """

    numbers: Mapping[str, float]
    cause: str
    weight: float
    task: str = "-"
    truth: Mapping[str, Any] = field(default_factory=dict)
    errors: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Cases:
    """Labelled runs as arrays: features (n, f), cause (n,) as index into CAUSES, weight (n,), task (n,).

    `errors` (n, causes) is 1 where a rule found an error that is evidence for the cause.
    """

    x: Floats
    errors: Floats
    cause: np.ndarray[Any, np.dtype[np.intp]]
    weight: Floats
    task: np.ndarray[Any, np.dtype[np.str_]]
    each: tuple[Case, ...]


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


def histories(path: Path) -> list[tuple[dict[str, Any], Mapping[str, float]]]:
    """Return (record, features) of a JSON-lines file with train_loss and val_loss."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = [
        (r, features(series(r["train_loss"], "train"), series(r["val_loss"], "validation"))) for r in records
    ]
    return [(r, f) for r, f in pairs if f is not None]


def logged(folder: Path) -> dict[str, tuple[Mapping[str, float], frozenset[str]]]:
    """Return (features, codes of errors) of every log in a folder that has both losses, by name without suffix."""
    found: dict[str, tuple[Mapping[str, float], frozenset[str]]] = {}
    for run in registry.readers_room().read_inputs([str(folder)]).runs:
        numbers = features(run.train_loss, run.val_loss) if run.train_loss and run.val_loss else None
        if numbers is not None:
            said = diagnose.check(run, Settings())
            errors = frozenset(f.code for f in said if isinstance(f, Finding) and f.severity == "error")
            found[run.source.rsplit("/", 1)[-1].rpartition(".")[0]] = numbers, errors
    return found


def gather(bench: Path) -> Iterator[Case]:
    """Yield the labelled runs of all collections."""
    by_name = logged(bench / "interventions" / "logs")
    for name, truth in scorer(bench).truth(str(bench / "interventions")).items():
        if name in by_name:
            numbers, errors = by_name[name]
            yield Case(numbers, truth["cause"], WEIGHTS["interventions"], truth["task"], truth, errors)
    for record, numbers in histories(bench / "overfit_histories" / "dev.jsonl"):
        if record["label"] == "overfit":
            yield Case(numbers, "overfit", WEIGHTS["overfit_histories"])
    for record, numbers in histories(bench / "taskset" / "dev.jsonl"):
        if record["regret"] >= 0.8:
            yield Case(numbers, "optimization", WEIGHTS["taskset"])
    for numbers, _ in logged(bench / "nanogpt").values():
        yield Case(numbers, "healthy", WEIGHTS["nanogpt"])


def cases(bench: Path) -> Cases:
    """Return the labelled runs as arrays."""
    each = tuple(gather(bench))
    cause_of = diagnose.causes()
    return Cases(
        x=np.array([[c.numbers[n] for n in NAMES] for c in each]),
        errors=np.array([[float(any(cause_of[e] == k for e in c.errors)) for k in CAUSES] for c in each]),
        cause=np.array([CAUSES.index(c.cause) for c in each]),
        weight=np.array([c.weight for c in each]),
        task=np.array([c.task for c in each]),
        each=each,
    )


def fit(c: Cases, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[Floats, Floats, LogisticRegression]:
    """Return (mean, scale, model) fitted to the chosen rows; the scale is that of the retrained runs alone."""
    known = rows & (c.task != "-")
    mean, scale = c.x[known].mean(0), c.x[known].std(0)
    model = LogisticRegression(C=PENALTY, max_iter=5000)
    model.fit((c.x[rows] - mean) / scale, c.cause[rows], sample_weight=c.weight[rows])
    return mean, scale, model


def left_out(c: Cases) -> Floats:
    """Return the scores of the retrained runs, shape (m, causes), each by a model that saw none of its task."""
    probability = np.zeros((len(c.cause), len(CAUSES)))
    for task in sorted(set(c.task) - {"-"}):
        mean, scale, model = fit(c, c.task != task)
        mine = c.task == task
        probability[mine] = model.predict_proba((c.x[mine] - mean) / scale)
    scores: Floats = probability[c.task != "-"]
    return scores


def helped(c: Cases) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which causes really helped, shape (m, causes), of the retrained runs."""
    return np.array([[k in case.truth["accept"] for k in CAUSES] for case in c.each if case.truth])


def with_evidence(c: Cases, scores: Floats, weight: float) -> Floats:
    """Raise the scores (m, causes) of the causes for which a rule found an error; rows add to 1."""
    raised = scores * np.exp(weight * c.errors[c.task != "-"])
    scaled: Floats = raised / raised.sum(1, keepdims=True)
    return scaled


def calibration(score: Floats, right: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[float, float]:
    """Fit P(right) = sigmoid(slope * logit(score) + intercept) (Platt 1999)."""
    odds = np.log(score / (1 - score)).reshape(-1, 1)
    model = LogisticRegression(C=1.0).fit(odds, right)
    return round(float(model.coef_[0, 0]), 4), round(float(model.intercept_[0]), 4)


def evidence(c: Cases, scores: Floats) -> float:
    """Return the log odds that an error of a rule adds to its cause: the most likely of 0, 0.25, ..., 2."""
    truth = helped(c)

    def likelihood(weight: float) -> float:
        return float(np.log((with_evidence(c, scores, weight) * truth).sum(1) + 1e-9).sum())

    return max([0.25 * i for i in range(9)], key=likelihood)


def gains(c: Cases, remedies: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return the mean share of what is reachable that each action won, largest first, by cause and by code.

    The runs of a code are those of its cause in which its rule found an error; its mean is drawn towards that of the
    cause by SHRINKAGE runs, and a code with fewer than LEAST_RUNS has none of its own.
    """
    names = {name: key for name, key in remedies.items() if name != "fix-init"}
    cause_of = diagnose.causes()
    found: dict[str, dict[str, float]] = {}
    for cause in CAUSES[:-1]:
        mine = [case for case in c.each if case.truth and case.cause == cause]
        typical = {name: _mean_gain(mine, key) for name, key in names.items()}
        found[cause] = _sorted(typical)
        for code in sorted(code for code, k in cause_of.items() if k == cause):
            fired = [case for case in mine if code in case.errors]
            if len(fired) >= LEAST_RUNS:
                share = len(fired) / (len(fired) + SHRINKAGE)
                found[code] = _sorted(
                    {n: share * _mean_gain(fired, k) + (1 - share) * typical[n] for n, k in names.items()}
                )
    return found


def _mean_gain(some: Sequence[Case], remedy: str) -> float:
    return float(np.mean([max(0.0, case.truth["each"].get(remedy, 0.0)) for case in some]))


def _sorted(means: Mapping[str, float]) -> dict[str, float]:
    return {name: round(mean, 3) for name, mean in sorted(means.items(), key=lambda pair: -pair[1])}


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
    curve = left_out(c)
    weight = evidence(c, curve)
    scores, truth = with_evidence(c, curve, weight), helped(c)
    right = truth[np.arange(len(truth)), scores.argmax(1)]
    by_curve = truth[np.arange(len(truth)), curve.argmax(1)]
    surest = np.argsort(-scores.max(1))[: int(0.6 * len(right))]
    print(f"{len(right)} retrained runs of {len(set(c.task)) - 1} tasks, {len(c.cause) - len(right)} others")
    print(f"whole tasks left out, by the curve alone: right {by_curve.mean():.3f}")
    print(f"with the rules' errors: right {right.mean():.3f}; {right[surest].mean():.3f} on the surest 60 %")
    mean, scale, model = fit(c, np.ones(len(c.cause), dtype=bool))
    document = {
        "made_by": "benchmarks/fit_verdict.py --write",
        "left_out_right": round(float(right.mean()), 3),
        "names": NAMES,
        "mean": mean.round(4).tolist(),
        "scale": scale.round(4).tolist(),
        "weights": {cause: w.round(4).tolist() for cause, w in zip(CAUSES, model.coef_, strict=True)},
        "intercepts": {cause: round(float(b), 4) for cause, b in zip(CAUSES, model.intercept_, strict=True)},
        "evidence": weight,
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
