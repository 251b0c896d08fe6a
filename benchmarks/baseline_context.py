"""What a baseline report adds to the verdict of a run: runs of known cause, judged without and with `--baseline`.

usage: python benchmarks/baseline_context.py [--seeds 2] [--tasks linear,xor,...] [--write]

Sixteen tasks, easy and hard (label noise), real ones among them: the ladder of each is that of `mlcheck baseline --rungs
constant,linear,boosting` (JSON, read back). On each six small networks are trained: sound, too small, too much penalty, too low a learning rate, none to
speak of, and few examples learned by heart. Every run is then trained anew with each remedy (learning rate x 10 and / 10,
Adam at 2e-3, four times longer, four times wider and one layer deeper, no penalty, more penalty, four times the data,
stopping early): its cause is the group of the remedy that gains most of what lies between a constant guess and the lowest
loss seen on the task, healthy where none gains 5 %. A verdict is right if its group gains 60 % of the best gain; between
3 % and 8 % healthy is right too.

The log odds of verdict_reference.json are fitted to these runs (--write). The printed shares are of tasks that the fit
has not seen: each is judged by the fit to all others. Exits with 1 where the report does not raise the share of right
verdicts by 5 points at least, among all runs (highest score taken) and among those that the command does judge.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn import datasets

from mlcheck import registry
from mlcheck.commands import baseline, diagnose, verdict, verdict_reference
from mlcheck.config import Settings
from mlcheck.model import Role, Run, Series
from mlcheck.model.baseline import Asked
from mlcheck.model.dataset import Column, DataRead, Dataset
from mlcheck.stats.reference import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlcheck.model.reference import Reference

Floats: TypeAlias = npt.NDArray[np.float64]
Draw: TypeAlias = np.random.Generator
Data: TypeAlias = "tuple[Floats, Any]"
Weights: TypeAlias = "Mapping[str, tuple[float, ...]]"
Config: TypeAlias = "dict[str, Any]"

TARGET = Path(__file__).parents[1] / "mlcheck" / "commands" / "verdict_reference.json"
TRAIN, HELD_OUT, POOL = 300, 300, 1200
GROUPS = ("optimization", "underfit", "overfit")
KINDS = ("sound", "small", "constrained", "slow", "stuck", "memorising")
SHRINKAGE = 1.0
PRIOR = (0.0, -3.0, 0.0, 3.0)
"""Log odds, by cause, that the fit of the last piece is drawn to: a run as good as the best rung shows nothing that it lost."""
LEAST_GAIN = 0.05
BATCH = 32


def flipped(draw: Draw, y: Any, share: float, classes: int) -> Any:
    """Return labels of which a share is drawn anew."""
    return np.where(draw.random(len(y)) < share, draw.integers(0, classes, len(y)), y)


def unit(draw: Draw, size: int) -> Floats:
    """Return a direction."""
    found: Floats = draw.normal(size=size)
    return found / np.linalg.norm(found)


def linear(draw: Draw, n: int, *, steep: float) -> Data:
    """Two classes by a logistic model."""
    x = draw.normal(size=(n, 10))
    return x, (draw.random(n) < 1 / (1 + np.exp(-steep * x @ unit(draw, 10)))).astype(int)


def teacher(draw: Draw, n: int, *, noise: float) -> Data:
    """Three classes by a random network."""
    x = draw.normal(size=(n, 6))
    hidden = np.tanh(x @ (1.2 * draw.normal(size=(6, 12))))
    return x, flipped(draw, np.argmax(hidden @ draw.normal(size=(12, 3)), axis=1), noise, 3)


def xor(draw: Draw, n: int, *, noise: float) -> Data:
    """Whether the signs of two of three features agree."""
    x = draw.uniform(-1, 1, (n, 3))
    return x, flipped(draw, (x[:, 0] * x[:, 1] > 0).astype(int), noise, 2)


def spirals(draw: Draw, n: int, *, noise: float) -> Data:
    """Two arms about each other."""
    arm = draw.random(n) < 0.5
    along = np.sqrt(draw.uniform(0.05, 1, n))
    angle = 2 * np.pi * along + np.pi * arm
    x = np.stack([along * np.cos(angle), along * np.sin(angle)], axis=1) + draw.normal(0, 0.03, (n, 2))
    return 2 * x, flipped(draw, arm.astype(int), noise, 2)


def blobs(draw: Draw, n: int, *, spread: float) -> Data:
    """Four overlapping clouds."""
    centre, y = draw.normal(size=(4, 5)), draw.integers(0, 4, n)
    return centre[y] + draw.normal(0, spread, (n, 5)), y


def friedman(draw: Draw, n: int, *, noise: float) -> Data:
    """Friedman 1991, Multivariate adaptive regression splines, eq. 61, standardised, with noise."""
    x = draw.random((n, 8))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return (x - 0.5) * 3.4, (y - 14.4) / 5 + draw.normal(0, noise, n)


def plane(draw: Draw, n: int, *, noise: float) -> Data:
    """Take a linear function with noise."""
    x = draw.normal(size=(n, 10))
    return x, x @ unit(draw, 10) + draw.normal(0, noise, n)


def loaded(draw: Draw, n: int, *, load: Callable[[], Any]) -> Data:
    """Rows of a set that comes with scikit-learn, standardised."""
    held = load()
    rows = draw.permutation(len(held.data))[:n]
    x = (held.data - held.data.mean(0)) / np.maximum(held.data.std(0), 1e-9)
    y = held.target
    return x[rows], ((y - y.mean()) / y.std() if y.dtype.kind == "f" else y)[rows]


TASKS: Mapping[str, Callable[[Draw, int], Data]] = {
    "linear": partial(linear, steep=3.0), "linear-hard": partial(linear, steep=0.8),
    "teacher": partial(teacher, noise=0.0), "teacher-hard": partial(teacher, noise=0.6),
    "xor": partial(xor, noise=0.0), "xor-hard": partial(xor, noise=0.5),
    "friedman": partial(friedman, noise=0.3), "friedman-hard": partial(friedman, noise=1.5),
    "plane-hard": partial(plane, noise=1.5), "spirals": partial(spirals, noise=0.0),
    "spirals-hard": partial(spirals, noise=0.5), "blobs": partial(blobs, spread=1.0),
    "blobs-hard": partial(blobs, spread=2.5), "digits": partial(loaded, load=datasets.load_digits),
    "breast-cancer": partial(loaded, load=datasets.load_breast_cancer),
    "diabetes": partial(loaded, load=datasets.load_diabetes),
}  # fmt: skip


def config(kind: str, draw: Draw) -> Config:
    """Draw the hyperparameters of a run of some kind."""
    made: Config = {
        "hidden": (int(draw.choice([16, 24, 32])),), "solver": "adam", "lr": 10 ** draw.uniform(-3, -2.3),
        "penalty": 10 ** draw.uniform(-3, -1), "epochs": int(draw.choice([20, 30, 40])), "rows": TRAIN,
        "tanh": bool(draw.integers(2)),
    }  # fmt: skip
    if kind == "small":
        made |= {"hidden": (int(draw.integers(1, 4)),), "epochs": 40}
    if kind == "constrained":
        made |= {"penalty": 10 ** draw.uniform(0.5, 1.7)}
    if kind == "slow":
        made |= {"solver": "sgd", "lr": 10 ** draw.uniform(-4.3, -3)}
    if kind == "stuck":
        made |= {"solver": "sgd", "lr": 10 ** draw.uniform(-7, -5.5)}
    if kind == "memorising":
        made |= {"rows": int(draw.choice([40, 80, 120])), "hidden": (int(draw.choice([48, 64])),), "penalty": 0.0,
                 "epochs": 60, "lr": 10 ** draw.uniform(-2.7, -2)}  # fmt: skip
    return made


def remedies(made: Config) -> dict[str, tuple[str, Config]]:
    """Return the group and the hyperparameters of every remedy."""
    rows = min(4 * made["rows"], POOL)
    wide = 4 * made["hidden"][0]
    return {
        "lr_up": ("optimization", made | {"lr": made["lr"] * 10}),
        "lr_down": ("optimization", made | {"lr": made["lr"] / 10}),
        "adam_default": ("optimization", made | {"solver": "adam", "lr": 2e-3}),
        "longer": ("optimization", made | {"epochs": 4 * made["epochs"]}),
        "bigger": ("underfit", made | {"hidden": (wide, wide)}),
        "less_reg": ("underfit", made | {"penalty": 0.0}),
        "more_reg": ("overfit", made | {"penalty": max(30 * made["penalty"], 0.3)}),
        "more_data": (
            "overfit",
            made | {"rows": rows, "epochs": max(1, made["epochs"] * made["rows"] // rows)},
        ),
    }


class Network:
    """A perceptron in numpy: rectified or tanh units, Adam or momentum, a penalty on the weights of a batch."""

    def __init__(self, made: Config, inputs: int, outputs: int, draw: Draw, *, regression: bool) -> None:
        sizes = [inputs, *made["hidden"], outputs]
        gain = 2.0 if made["tanh"] else 6.0
        self.made, self.regression, self.step = made, regression, 0
        self.weights = [
            p
            for i, o in pairwise(sizes)
            for p in (draw.uniform(-1, 1, (i, o)) * math.sqrt(gain / (i + o)), np.zeros(o))
        ]
        self.first = [np.zeros_like(p) for p in self.weights]
        self.second = [np.zeros_like(p) for p in self.weights]

    def layers(self, x: Floats) -> list[Floats]:
        """Return the input and what each layer gives; of the last one the probabilities, or the numbers."""
        found = [x]
        for i in range(0, len(self.weights), 2):
            z = found[-1] @ self.weights[i] + self.weights[i + 1]
            if i < len(self.weights) - 2:
                z = np.tanh(z) if self.made["tanh"] else np.maximum(z, 0)
            found.append(z)
        if not self.regression:
            e = np.exp(found[-1] - found[-1].max(axis=1, keepdims=True))
            found[-1] = e / e.sum(axis=1, keepdims=True)
        return found

    def learn(self, x: Floats, wanted: Floats) -> None:
        """Take one step on a batch."""
        layers = self.layers(x)
        error = (layers[-1] - wanted) / len(x)
        self.step += 1
        for i in range(len(self.weights) - 2, -1, -2):
            below = layers[i // 2]
            gradients = (below.T @ error + self.made["penalty"] * self.weights[i] / len(x), error.sum(axis=0))
            if i:
                slope = 1 - below**2 if self.made["tanh"] else (below > 0)
                error = (error @ self.weights[i].T) * slope
            for j, gradient in zip((i, i + 1), gradients, strict=True):
                self.move(j, gradient)

    def move(self, j: int, gradient: Floats) -> None:
        """Move one array of weights."""
        rate = self.made["lr"]
        if self.made["solver"] == "sgd":
            self.first[j] = 0.9 * self.first[j] - rate * gradient
            self.weights[j] = self.weights[j] + self.first[j]
            return
        self.first[j] = 0.9 * self.first[j] + 0.1 * gradient
        self.second[j] = 0.999 * self.second[j] + 0.001 * gradient**2
        mean, square = self.first[j] / (1 - 0.9**self.step), self.second[j] / (1 - 0.999**self.step)
        self.weights[j] = self.weights[j] - rate * mean / (np.sqrt(square) + 1e-8)

    def measured(self, x: Floats, y: Any) -> tuple[float, float]:
        """Return (loss, accuracy); of numbers the mean squared error and 0."""
        said = self.layers(x)[-1]
        if self.regression:
            return float(np.mean((said[:, 0] - y) ** 2)), 0.0
        right = said[np.arange(len(y)), y]
        return float(-np.log(np.maximum(right, 1e-15)).mean()), float((said.argmax(axis=1) == y).mean())


def trained(made: Config, held_out: Data, pool: Data, seed: int) -> Floats:
    """Train a network and return a row (train loss, train accuracy, the same held out) an epoch, until it is not finite."""
    rows = min(made["rows"], len(pool[0]))
    x, y = pool[0][:rows], pool[1][:rows]
    regression = y.dtype.kind == "f"
    classes = 1 if regression else int(max(pool[1].max(), held_out[1].max())) + 1
    wanted = y[:, None] if regression else np.eye(classes)[y]
    draw = np.random.default_rng(seed)
    network = Network(made, x.shape[1], classes, draw, regression=regression)
    log = []
    for _ in range(made["epochs"]):
        order = draw.permutation(rows)
        for start in range(0, rows, BATCH):
            some = order[start : start + BATCH]
            network.learn(x[some], wanted[some])
        row = (*network.measured(x, y), *network.measured(*held_out))
        if not np.isfinite(row).all() or row[0] > 1e6:
            break
        log.append(row)
    return np.array(log or [(1e6, 0.0, 1e6, 0.0)])


def reference(x: Floats, y: Any) -> Reference:
    """Climb the ladder as the command does, write its report and read it as `diagnose` does."""
    numbers = y.dtype.kind == "f"
    columns = [Column(name=f"x{i}", kind="number", numbers=x[:, i].copy()) for i in range(x.shape[1])]
    names = tuple(str(k) for k in range(int(y.max()) + 1)) if not numbers else ()
    target = (
        Column(name="y", kind="number", numbers=y.copy())
        if numbers
        else Column(name="y", kind="category", codes=y.astype(np.int32), names=names)
    )
    train = Dataset(
        id="d", source="d", reader="none", columns=(*columns, target), target="y",
        goal="regression" if numbers else "classification",
    )  # fmt: skip
    asked = Asked(rungs=("constant", "linear", "boosting"))
    made = baseline.baseline(DataRead(train=train, digest="d"), asked, Settings(jobs=1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.json")
        path.write_text(registry.renderer("json").render(made), encoding="utf-8")
        return registry.reference_room().read_reference(str(path))


def run_of(log: Floats, name: str, *, regression: bool, held: Reference) -> Run:
    """Return a log as the run that a reader would make of it."""
    step = np.arange(1.0, len(log) + 1)

    def series(column: str, role: Role, value: Floats) -> Series:
        return Series(name=column, role=role, step=step, value=value, step_unit="epoch")

    made = [
        series("train_loss", Role(quantity="loss", split="train", measure="loss", better="lower"), log[:, 0]),
        series(
            "val_loss", Role(quantity="loss", split="validation", measure="loss", better="lower"), log[:, 2]
        ),
    ]
    if not regression:
        for split, short, i in (("train", "train", 1), ("validation", "val", 3)):
            role = Role(quantity="metric", split=split, measure="accuracy", better="higher")  # type: ignore[arg-type]
            made.append(series(f"{short}_acc", role, log[:, i]))
    return Run(id=name, source=name, reader="csv", series=tuple(made), reference=held)


@dataclass(frozen=True)
class Case:
    """One run with its task, what kind it was meant to be, and the verdicts that are right."""

    task: str
    kind: str
    run: Run
    accept: frozenset[str]


def cases(task: str, seed: int) -> list[Case]:
    """Train the runs of one drawing of a task, and each anew with every remedy."""
    draw = np.random.default_rng([list(TASKS).index(task), seed])
    x, y = TASKS[task](draw, POOL + HELD_OUT)
    cut = HELD_OUT if len(x) == POOL + HELD_OUT else len(x) // 4
    held_out, pool = (x[:cut], y[:cut]), (x[cut:], y[cut:])
    known = reference(
        np.concatenate([x[:cut], x[cut : cut + TRAIN]]), np.concatenate([y[:cut], y[cut : cut + TRAIN]])
    )
    regression = y.dtype.kind == "f"
    trivial = known.rungs["constant"]["mse" if regression else "log_loss"].value
    runs = []
    for kind in KINDS:
        made = config(kind, draw)
        log = trained(made, held_out, pool, seed)
        runs.append(
            (kind, log, {n: (g, trained(c, held_out, pool, seed)) for n, (g, c) in remedies(made).items()})
        )
    best = min(
        log[:, 2].min() for _, base, others in runs for log in (base, *(log for _, log in others.values()))
    )
    scale = max(trivial - best, 0.02 * trivial)
    return [
        Case(task, kind, run_of(base, f"{task}-{seed}-{kind}", regression=regression, held=known),
             accepted(base, others, 1.5 * trivial, scale))
        for kind, base, others in runs
    ]  # fmt: skip


def accepted(
    base: Floats, others: Mapping[str, tuple[str, Floats]], most: float, scale: float
) -> frozenset[str]:
    """Return the verdicts that are right, by what each remedy gained."""
    lowest, end = min(base[:, 2].min(), most), min(base[-1, 2], most)
    gains = dict.fromkeys(GROUPS, 0.0)
    for group, log in others.values():
        gains[group] = max(gains[group], (lowest - min(log[:, 2].min(), most)) / scale)
    gains["overfit"] = max(gains["overfit"], (end - lowest) / scale)
    top = max(gains.values())
    found = {g for g in GROUPS if gains[g] >= max(0.03, 0.6 * top)} if top >= 0.03 else set()
    return frozenset(found | ({"healthy"} if top < 0.08 else set()))


def bare_scores(run: Run) -> list[float]:
    """Return the scores (causes) of the verdict without the report, the rules' errors in them."""
    judged = diagnose.judge(replace(run, reference=None), Settings())
    return [max(judged.scores[k], 1e-6) for k in verdict.CAUSES]


def fit(x: Floats, offset: Floats, right: Floats) -> Floats:
    """Return the weights (pieces, causes) that make the right verdicts likeliest: multinomial, ridge, scores as offset."""
    shape = (x.shape[1], len(verdict.CAUSES))
    drawn_to = np.zeros(shape)
    drawn_to[-1] = PRIOR

    def loss(flat: Floats) -> float:
        z = offset + x @ flat.reshape(shape)
        z = z - z.max(axis=1, keepdims=True)
        share = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return float(
            -np.log((share * right).sum(axis=1) + 1e-9).sum()
            + SHRINKAGE / 2 * np.square(flat - drawn_to.ravel()).sum()
        )

    found: Floats = minimize(loss, np.zeros(shape[0] * shape[1])).x.reshape(shape)
    return found


def as_weights(found: Floats) -> dict[str, tuple[float, ...]]:
    """Return the fitted weights as they are kept: by cause."""
    return {k: tuple(round(float(v), 4) for v in found[:, i]) for i, k in enumerate(verdict.CAUSES)}


def judged_with(run: Run, weights: Weights) -> tuple[str, str]:
    """Return (the cause of the highest score, the verdict) of the command with other weights than the kept ones."""
    kept = verdict_reference.constants
    verdict_reference.constants = lambda: weights  # type: ignore[assignment]
    try:
        made = diagnose.judge(run, Settings())
    finally:
        verdict_reference.constants = kept
    return max(made.scores, key=lambda k: made.scores[k]), made.verdict


def main() -> int:
    """Train, judge without and with the report, and write the weights if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--write", action="store_true", help="write mlcheck/commands/verdict_reference.json")
    given = parser.parse_args()
    tasks = given.tasks.split(",")
    with np.errstate(all="ignore"):
        every = [case for seed in range(given.seeds) for task in tasks for case in cases(task, seed)]
    every = [case for case in every if standing(case.run) is not None]
    x = np.array([verdict_reference.pieces(place) for c in every if (place := standing(c.run)) is not None])
    offset = np.log(np.array([bare_scores(c.run) for c in every]))
    right = np.array([[float(k in c.accept) for k in verdict.CAUSES] for c in every])
    rows: list[tuple[Case, str, str, str, str]] = []
    for task in tasks:
        others = np.array([c.task != task for c in every])
        weights = as_weights(fit(x[others], offset[others], right[others])) if others.any() else {}
        for i in np.flatnonzero(~others):
            bare = diagnose.judge(replace(every[i].run, reference=None), Settings())
            forced = max(bare.scores, key=lambda k: bare.scores[k])
            rows.append((every[i], forced, bare.verdict, *judged_with(every[i].run, weights)))
    if given.write:
        document = {
            "made_by": "benchmarks/baseline_context.py --write",
            "weights": as_weights(fit(x, offset, right)),
        }
        TARGET.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0 if told(rows) else 1


def told(rows: Sequence[tuple[Case, str, str, str, str]]) -> bool:
    """Print the shares of right verdicts without and with the report, and return whether they rise enough."""

    def share(some: Sequence[bool]) -> float:
        return float(np.mean(some)) if some else math.nan

    print(
        "runs | number | right without the report | with it | judged without | with | right of those without | with"
    )
    found = {}
    for kind in (*KINDS, "all"):
        mine = [r for r in rows if kind in ("all", r[0].kind)]
        found[kind] = (
            share([r[1] in r[0].accept for r in mine]), share([r[3] in r[0].accept for r in mine]),
            share([r[2] != "inconclusive" for r in mine]), share([r[4] != "inconclusive" for r in mine]),
            share([r[2] in r[0].accept for r in mine if r[2] != "inconclusive"]),
            share([r[4] in r[0].accept for r in mine if r[4] != "inconclusive"]),
        )  # fmt: skip
        print(f"{kind} | {len(mine)} | " + " | ".join(f"{value:.3f}" for value in found[kind]))
    without, with_it, _, _, said, said_with = found["all"]
    reached = with_it - without >= LEAST_GAIN and said_with - said >= LEAST_GAIN
    mark = "ok" if reached else "NOT REACHED"
    print(
        f"gain in right verdicts, whole tasks left out: {with_it - without:+.3f} of all, {said_with - said:+.3f} of those judged; at least +{LEAST_GAIN} | {mark}"
    )
    return reached


if __name__ == "__main__":
    sys.exit(main())
