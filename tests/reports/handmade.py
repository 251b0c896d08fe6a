"""Handmade reports for the renderers: the runs that a report must show well, and those that try to break it."""

from __future__ import annotations

import math

import numpy as np

from mlcheck.model import Action, Curve, Finding, Floats, Picture, Problem, Report, Scalar, Skip, Subject

EPOCHS = np.arange(1.0, 41.0)
GRADIENTS = "no gradient norms in this log"


def wobble(size: float, seed: int) -> Floats:
    """Return noise that looks like a loss's."""
    return np.random.default_rng(seed).normal(0, size, len(EPOCHS))


def picture(train: Floats, val: Floats, *, best: int | None = None) -> Picture:
    """Return the picture of a run with both losses logged each epoch."""
    curves = (
        Curve(label="train", split="train", x=EPOCHS, y=train),
        Curve(label="validation", split="validation", x=EPOCHS, y=val),
    )
    at = None if best is None else float(best)
    return Picture(
        curves=curves, unit="epoch", best_x=at, best_y=None if best is None else float(val[best - 1])
    )


def losses(drawn: Picture) -> dict[str, dict[str, Scalar]]:
    """Return the measures that go with a picture."""
    roles = ("train_loss", "val_loss")
    return {role: measure(curve, f"{role}_epoch") for role, curve in zip(roles, drawn.curves, strict=False)}


def measure(curve: Curve, column: str) -> dict[str, Scalar]:
    """Return the numbers of one series."""
    best = int(np.nanargmin(curve.y))
    return {
        "first": float(curve.y[0]),
        "last": float(curve.y[-1]),
        "best": float(curve.y[best]),
        "best_step": int(curve.x[best]),
        "points": len(curve.y),
        "column": column,
    }


def run(name: str, verdict: str, sure: float | None, drawn: Picture | None, **more: object) -> Subject:
    """Return a subject with the fields that do not matter filled in."""
    rest = 1 - (sure or 0.25)
    order = ("optimization", "underfit", "overfit", "healthy")
    shares = dict.fromkeys(order, rest / 3 if verdict in order else 0.25)
    fields: dict[str, object] = {
        "id": name,
        "source": f"{name}/metrics.csv",
        "reader": "lightning",
        "scores": {**shares, verdict: sure} if verdict in order else shares,
        "findings": (),
        "skips": (),
        "actions": (),
        "measures": {} if drawn is None else losses(drawn),
        "span": ("epochs", 1.0, 40.0),
    }
    return Subject(**{**fields, "verdict": verdict, "confidence": sure, "picture": drawn, "id": name, **more})  # type: ignore[arg-type]


def baseline() -> Subject:
    """Return a healthy run."""
    train = 0.40 + 1.9 * np.exp(-EPOCHS / 7) + wobble(0.005, 1)
    val = 0.48 + 1.85 * np.exp(-EPOCHS / 7.5) + wobble(0.008, 2)
    action = Action(name="none", why="nothing would gain 5 % of what is reachable")
    return run(
        "runs/baseline",
        "healthy",
        0.86,
        picture(train, val, best=39),
        why="both losses fell together and levelled off",
        skips=(Skip(code="DIA501", reason=GRADIENTS), Skip(code="DIA502", reason=GRADIENTS)),
        actions=(action,),
    )


def wide() -> Subject:
    """Return a run that overfits from epoch 11 on."""
    train = 2.3 * np.exp(-(EPOCHS - 1) / 6) + 0.018 + np.abs(wobble(0.003, 3))
    fall = 1.13 + 1.18 * ((11 - np.minimum(EPOCHS, 11)) / 10) ** 2
    val = fall + 0.71 * (np.maximum(EPOCHS - 11, 0) / 29) ** 0.8 + wobble(0.012, 4)
    rising = Finding(
        code="DIA301",
        name="validation-loss-rising",
        severity="error",
        message="1.13 at epoch 11 → 1.84 at epoch 40 (noise ±0.03), train 0.61 → 0.021",
        evidence={"best_step": 11, "best": 1.13, "last": 1.84, "rise": 0.623894123, "noise": 0.03},
        actions=(Action(name="early-stop", why="stop at epoch 11", expected_gain=0.31),),
    )
    passed = Finding(
        code="DIA304",
        name="best-checkpoint-passed",
        severity="note",
        message="keep the checkpoint of epoch 11: 0.71 lower",
        evidence={"best_step": 11},
    )
    return run(
        "runs/wide",
        "overfit",
        0.94,
        picture(train, val, best=11),
        why="validation loss is 62 % above its best (epoch 11), 21 times its noise, while train kept falling",
        scores={"optimization": 0.03, "underfit": 0.01, "overfit": 0.94, "healthy": 0.02},
        findings=(passed, rising),
        skips=(
            Skip(code="DIA504", reason=GRADIENTS),
            Skip(code="DIA501", reason=GRADIENTS),
            Skip(code="DIA111", reason="no learning rate in this log"),
            Skip(code="DIA502", reason=GRADIENTS),
        ),
        actions=(
            Action(name="early-stop", why="stop at epoch 11", expected_gain=0.31),
            Action(name="add-regularization", why="then weight decay or more data", expected_gain=0.18),
            Action(name="more-data", why="about twice as much", expected_gain=0.15),
        ),
        config={"lr": 1e-3, "batch_size": 64},
    )


def tiny() -> Subject:
    """Return a run whose model is too small."""
    train = 1.71 + 0.59 * np.exp(-(EPOCHS - 1) / 3) + wobble(0.003, 5)
    val = 1.73 + 0.57 * np.exp(-(EPOCHS - 1) / 3) + wobble(0.004, 6)
    finding = Finding(
        code="DIA201",
        name="underfit",
        severity="error",
        message="train 1.71 and validation 1.73 are flat since epoch 15, at 74 % of a constant guess; runs/baseline reached 21 % on the same data with the same split",
        evidence={"train": 1.71, "val": 1.73, "constant": 2.302585},
    )
    return run(
        "runs/tiny",
        "underfit",
        0.81,
        picture(train, val, best=38),
        why="both losses are flat and close, at 74 % of a constant guess; baseline reached 21 % on the same data",
        findings=(finding,),
        actions=(
            Action(name="increase-capacity", why="wider or deeper", expected_gain=0.5),
            Action(name="reduce-regularization", why="drop the dropout of 0.5"),
        ),
    )


def slow() -> Subject:
    """Return a run whose learning rate is too low."""
    train = np.linspace(2.30, 2.24, 40) + wobble(0.0004, 7)
    val = np.linspace(2.30, 2.243, 40) + wobble(0.0005, 8)
    finding = Finding(
        code="DIA106",
        name="learning-rate-too-low",
        severity="error",
        message="train falls by 0.0015 an epoch, in a straight line (R² 0.99), at learning rate 1e-05",
        evidence={"slope": -0.0015384, "r2": 0.99, "lr": 1e-5},
    )
    return run(
        "runs/sgd-1e-5",
        "optimization",
        0.97,
        picture(train, val),
        why="still falling in a straight line after 40 epochs at learning rate 1e-5",
        findings=(finding,),
        actions=(Action(name="raise-lr", why="raise the learning rate 10 times", expected_gain=0.8),),
    )


def unclear() -> Subject:
    """Return a run of which the log does not say enough."""
    note = Finding(
        code="DIA408",
        name="too-short",
        severity="note",
        message="3 points of train loss and none of validation; 8 are needed",
        evidence={"points": 3},
    )
    curve = Curve(label="train", split="train", x=EPOCHS[:3], y=np.array([2.3, 2.1, 2.0]))
    return run(
        "runs/short",
        "inconclusive",
        None,
        Picture(curves=(curve,), unit="epoch"),
        reader="csv",
        span=("epochs", 1.0, 3.0),
        why="3 points cannot tell noise from a trend",
        findings=(note,),
        skips=(Skip(code="DIA301", reason="no validation loss in this log"),),
        actions=(Action(name="log-more", why="log the validation loss each epoch, for 8 epochs at least"),),
        measures={"train_loss": measure(curve, "loss")},
    )


def unvalidated() -> Subject:
    """Return a run without validation loss, whose reason, finding and action are the same sentence."""
    missing = "log a validation loss: without it nobody can tell whether the model generalises"
    curve = Curve(label="train", split="train", x=EPOCHS * 500, y=2.3 * np.exp(-EPOCHS / 6))
    return run(
        "runs/train-only",
        "inconclusive",
        None,
        Picture(curves=(curve,), unit="step"),
        reader="csv",
        span=("steps", 500.0, 20000.0),
        why=missing,
        findings=(
            Finding(code="DIA001", name="inconclusive", severity="note", message=missing, evidence={}),
        ),
        actions=(Action(name="log-more", why=missing),),
    )


def broken() -> Subject:
    """Return a run whose loss became NaN."""
    train = np.where(EPOCHS < 13, 2.3 - EPOCHS / 20, math.nan)
    val = np.where(EPOCHS < 13, 2.32 - EPOCHS / 22, math.nan)
    train[11] = math.inf
    finding = Finding(
        code="DIA101",
        name="loss-not-finite",
        severity="error",
        message="train loss is inf at epoch 12 and NaN from epoch 13 on, after a gradient norm of 3.1e+06",
        evidence={"first_step": 12, "last_finite": 1.75, "grad_norm": math.inf, "seen": ("inf", math.nan)},
    )
    return run(
        "runs/diverged",
        "optimization",
        0.998,
        picture(train, val),
        findings=(finding,),
        actions=(
            Action(name="lower-lr", why="lower the learning rate 3 to 10 times", expected_gain=0.9),
            Action(name="clip-gradients", why="clip gradients at norm 1"),
        ),
    )


def hostile() -> Subject:
    """Return a run whose names would format, command a terminal or break a page."""
    drawn = picture(2.3 - EPOCHS / 50, 2.3 - EPOCHS / 60)
    finding = Finding(
        code="DIA107",
        name="still-improving",
        severity="warning",
        message='column "[red]loss[/red] | `x` *y* <img src=x>" still falls \u202eer\u2066',
        evidence={"column": "a\x1b[2Jb"},
    )
    return run(
        "runs/[bold]x[/bold]|<script>\x1b[31m\r\x07",
        "optimization",
        0.5,
        drawn,
        reader="csv",
        why="the | end of `[link=http://e.test]it[/link]` <b>still</b> falls\x9b2J",
        findings=(finding,),
        actions=(Action(name="train-longer", why="train _longer_ than\n40 epochs"),),
    )


def report(*subjects: Subject, **more: object) -> Report:
    """Return a report of `diagnose`."""
    fields: dict[str, object] = {
        "command": "diagnose",
        "version": "1.0.0",
        "verdict": "optimization" if len(subjects) > 1 else subjects[0].verdict if subjects else None,
        "exit_code": 1,
        "signature": "mlcheck 1.0.0 | seed 0 | config sha256:0f3a | inputs sha256:9bc1",
        "subjects": subjects,
    }
    return Report(**{**fields, **more})  # type: ignore[arg-type]


PROBLEMS = (
    Problem(
        source="runs/b.csv",
        message='line 41: expected a number in column "val_loss", found "n/a"',
        hint="try --missing n/a",
    ),
    Problem(source="runs/<c>|d.csv", message="the file is empty"),
)


def reports() -> dict[str, Report]:
    """Return every report by the name of its golden files."""
    all_runs = (baseline(), wide(), tiny(), slow(), unclear(), unvalidated(), broken(), hostile())
    return {
        "many": report(baseline(), wide(), tiny(), slow()),
        "all": report(*all_runs, problems=PROBLEMS, passed_over=12, exit_code=2),
        "overfit": report(wide()),
        "healthy": report(baseline(), exit_code=0),
        "inconclusive": report(unclear(), exit_code=0),
        "unvalidated": report(unvalidated(), exit_code=0),
        "nonfinite": report(broken(), timings={"read": 0.0123456789, "judge": 0.5}),
        "hostile": report(hostile()),
        "nothing": report(problems=PROBLEMS, exit_code=2),
    }
