"""Handmade reports of predictions and of what later commands show: what must look well, and what tries to break it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from mlcheck.model import (
    Action,
    Bar,
    Finding,
    Line,
    Matrix,
    Plot,
    Report,
    Scalar,
    Skip,
    Subject,
    Table,
)

Measures = dict[str, dict[str, Scalar]]

WILSON, BOOTSTRAP = "Wilson", "bootstrap of 1,000 stratified samples"
LOWER = ("log_loss", "brier", "ece", "mae", "rmse", "mse", "mape", "ter")


def estimates(values: dict[str, tuple[float, float, float]], *, trusted: str = "", n: int = 6000) -> Measures:
    """Return measures with intervals; the names that end them say in which direction they are better."""
    made: Measures = {}
    for name, (value, low, high) in values.items():
        made[name] = {
            "value": value,
            "low": low,
            "high": high,
            "level": 0.95,
            "direction": "lower" if name in LOWER else "higher",
            "n": n,
            "method": WILSON if name in ("accuracy", "precision", "recall") else BOOTSTRAP,
        }
        if name == trusted:
            made[name]["recommended"] = True
    return made


def undefined(reason: str, *, direction: str = "higher") -> dict[str, Scalar]:
    """Return a measure without value."""
    empty = dict.fromkeys(("value", "low", "high"))
    return {**empty, "level": 0.95, "direction": direction, "n": 40, "method": None, "reason": reason}


def judged(name: str, verdict: str, sure: float | None, measures: Measures, **more: object) -> Subject:
    """Return a subject with the fields that do not matter filled in."""
    fields: dict[str, object] = {
        "source": f"{name}.csv", "reader": "csv", "scores": {}, "findings": (), "skips": (), "actions": (),
    }  # fmt: skip
    return Subject(
        **{**fields, "id": name, "verdict": verdict, "confidence": sure, "measures": measures, **more}  # type: ignore[arg-type]
    )


def report(*subjects: Subject, command: str = "metrics", **more: object) -> Report:
    """Return a report of a command other than diagnose."""
    fields: dict[str, object] = {
        "command": command,
        "version": "1.0.0",
        "verdict": subjects[0].verdict,
        "exit_code": 0,
        "signature": "mlcheck 1.0.0 | seed 0 | config sha256:0f3a | inputs sha256:9bc1",
        "subjects": subjects,
    }
    return Report(**{**fields, **more})  # type: ignore[arg-type]


def curves() -> tuple[Plot, ...]:
    """Return a ROC curve, precision against recall, and a reliability diagram."""
    x = np.linspace(0, 1, 60)
    used = Line(label="used", x=np.array([0.1]), y=np.array([0.46]), kind="mark")
    unit: dict[str, tuple[float, float]] = {"x_range": (0.0, 1.0), "y_range": (0.0, 1.0)}
    roc = Plot(
        title="ROC curve",
        x_label="false positive rate",
        y_label="true positive rate",
        lines=(Line(label="AUC 0.7345", x=x, y=x**0.35), used),
        reference=True,
        **unit,  # type: ignore[arg-type]
    )
    recall = Plot(
        title="Precision and recall",
        x_label="recall",
        y_label="precision",
        lines=(
            Line(label="average precision 0.63", x=x, y=1 - x**3),
            Line(label="share of positives 0.19", x=np.array([0.0, 1.0]), y=np.array([0.19, 0.19])),
        ),
        **unit,  # type: ignore[arg-type]
    )
    bins = np.array([0.05, 0.15, 0.3, 0.5, 0.72, 0.9])
    sure = Plot(
        title="Reliability",
        x_label="mean probability",
        y_label="share of positives",
        lines=(
            Line(label="ECE 0.0582 in 15 bins of equal width", x=bins, y=bins**1.3),
            Line(label="bins", x=bins, y=bins**1.3, kind="points"),
        ),
        reference=True,
        **unit,  # type: ignore[arg-type]
    )
    return roc, recall, sure


def binary() -> Subject:
    """Return predictions of a rare class whose accuracy misleads."""
    measures = estimates(
        {
            "accuracy": (0.9808, 0.977, 0.984),
            "precision": (0.25, 0.0456, 0.6994),
            "recall": (0.0088, 0.0016, 0.0484),
            "mcc": (0.0439, -0.0042, 0.1335),
            "roc_auc": (0.7345, 0.6825, 0.7808),
            "average_precision": (0.0793, 0.0561, 0.1236),
            "lift@10%": (3.805, 2.966, 4.7),
            "log_loss": (0.0863, 0.0742, 0.0983),
            "ece": (0.0058, 0.0025, 0.0089),
        },
        trusted="average_precision",
    )
    measures["threshold"] = {
        "value": 0.0616,
        "chosen_by": "best F1",
        "low": 0.0559,
        "high": 0.0952,
        "used": 0.5,
    }
    thresholds = Table(
        title="Thresholds",
        columns=("threshold", "precision", "recall", "f1", "predicted positive", ""),
        rows=(
            (0.5, 0.25, 0.0088, 0.0171, 0.0007, "◀ used"),
            (0.0952, 0.1772, 0.1239, 0.1458, 0.0132, ""),
            (0.0616, 0.1391, 0.2832, 0.1866, 0.0383, "◀ best F1"),
            (0.0003, 0.0188, 1.0, 0.0370, 1.0, ""),
            (math.inf, None, 0.0, 0.0, 0.0, ""),
        ),
        note="A threshold chosen on this file flatters it.",
    )
    misleading = Finding(
        code="MET101",
        name="accuracy-misleading",
        severity="error",
        message="accuracy 0.9808 (0.977 to 0.984) looks good, yet always answering 0 has 0.9812",
        evidence={"accuracy": 0.9808, "majority": 0.9812},
    )
    confusion = Matrix(
        title="Confusion at a threshold of 0.5",
        rows=("0", "1"),
        columns=("0", "1"),
        counts=np.array([[5884.0, 3.0], [112.0, 1.0]]),
    )
    return judged(
        "fraud",
        "misleading-metric",
        0.998,
        measures,
        why=misleading.message,
        findings=(misleading,),
        skips=(Skip(code="MET108", reason="no groups were named (--by COLUMN)"),),
        actions=(Action(name="change-metric", why="judge by average_precision: the positive class is rare"),),
        facts=("binary", "6,000 rows", "positive = 1 (1.88 %)", "score = prob"),
        exhibits=(confusion, thresholds, *curves()),
    )


def multiclass() -> Subject:
    """Return predictions of ten classes, all metrics high."""
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "深層学習", "truck")
    rng = np.random.default_rng(0)
    counts = np.floor(rng.gamma(0.6, 4, (10, 10))) + np.diag(np.linspace(80, 990, 10).round())
    recall = np.diag(counts) / counts.sum(axis=1)
    rows = tuple(
        (name, float(r) - 0.01, float(r) - 0.04, float(r) + 0.02, float(r), float(r) - 0.03, float(r) + 0.02, float(total))
        for name, r, total in zip(names, recall, counts.sum(axis=1), strict=True)
    )  # fmt: skip
    classes = Table(
        title="classes",
        columns=("class", "precision", "low", "high", "recall", "low", "high", "support"),
        rows=rows,
        bars=tuple(Bar(value=float(r), low=float(r) - 0.03, high=float(r) + 0.02) for r in recall),
        scale=(0.0, 1.0),
    )
    measures = estimates(
        {
            "accuracy": (0.9512, 0.9451, 0.9567),
            "macro_f1": (0.9233, 0.9101, 0.9344),
            "mcc": (0.9388, 0.9301, 0.946),
        },
        trusted="accuracy",
        n=5400,
    )
    return judged(
        "digits",
        "useful",
        0.9996,
        measures,
        why="94 % of the way from a constant answer to perfect by mcc; trust accuracy = 0.9512",
        facts=("multiclass", "5,400 rows", "10 classes"),
        exhibits=(
            classes,
            Matrix(title="confusion matrix", rows=names, columns=names, counts=counts),
        ),
    )


def compared() -> Subject:
    """Return two models over the same rows."""

    def differ(
        a: float, b: float, low: float, high: float, p: float, direction: str = "higher"
    ) -> dict[str, Scalar]:
        return {
            "a": a, "b": b, "difference": a - b, "low": low, "high": high, "p_value": p, "level": 0.9,
            "direction": direction, "n": 6000, "method": "paired bootstrap of 1,000 samples",
        }  # fmt: skip

    measures: Measures = {
        "accuracy": differ(0.9808, 0.9813, -0.0018, 0.0008, 0.607),
        "precision": differ(0.25, 0.5455, -0.7857, 0.4444, 0.348),
        "recall": differ(0.0088, 0.0531, -0.091, 0.00001, 0.054),
        "roc_auc": differ(0.7345, 0.8253, -0.1307, -0.0508, 0.0001) | {"recommended": True},
        "brier": differ(0.0182, 0.0171, 0.0002, 0.002, 0.008, "lower"),
        "log_loss": differ(2.0863, 2.0766, 0.0058, 0.014, 0.002, "lower"),
        "mcc": {**dict.fromkeys(("a", "b", "difference", "low", "high", "p_value")), "direction": "higher",
                "reason": "B predicts one class only"},
    }  # fmt: skip
    note = Finding(
        code="MET201",
        name="models-compared",
        severity="note",
        message="roc_auc 0.7345 against 0.8253: −0.0908 (−0.131 to −0.0508), p = 7.6e-06",
        evidence={"p_value": 7.6e-6},
    )
    return judged(
        "linear : boosted",
        "b-better",
        0.9999,
        measures,
        findings=(note,),
        facts=("A = linear.csv", "B = boosted.csv", "binary", "6,000 rows"),
    )


def regression() -> Subject:
    """Return predicted numbers, most of whose metrics have no bounds, some no value."""
    rng = np.random.default_rng(3)
    truth = rng.normal(150, 60, 120)
    predicted = truth + rng.normal(0, 30, 120)
    predicted[:2] += 900
    measures = estimates(
        {
            "mse": (6894.1, 3864.0, 24041.0),
            "mae": (49.74, 44.71, 58.98),
            "r2": (-0.1627, -0.9589, 0.3983),
        },
        trusted="mae",
        n=120,
    )
    measures |= {name: undefined("a truth of 0", direction="lower") for name in ("mape", "smape", "msle")}
    measures["pinball"] = undefined("it is not said which quantile was predicted", direction="lower")
    measures["explained_variance"] = {
        **measures["r2"],
        "low": None,
        "high": None,
        "reason": "no interval: one cluster",
    }
    plots = (
        Plot(
            title="predicted against true",
            x_label="true",
            y_label="predicted",
            lines=(Line(label="rows", x=truth, y=predicted, kind="points"),),
            x_range=(0.0, 1200.0),
            y_range=(0.0, 1200.0),
            reference=True,
        ),
        Plot(
            title="residuals",
            x_label="predicted",
            y_label="predicted - true",
            lines=(
                Line(label="rows", x=predicted, y=predicted - truth, kind="points"),
                Line(label="no error", x=np.array([0.0, 1100.0]), y=np.zeros(2)),
            ),
        ),
    )
    return judged(
        "diabetes",
        "inconclusive",
        None,
        measures,
        why="too few examples to tell",
        skips=(
            Skip(code="MET002", reason="mape, smape, msle: a truth of 0"),
            Skip(code="MET108", reason="no groups were named (--by COLUMN)"),
        ),
        facts=("regression", "120 rows"),
        exhibits=plots,
    )


def generation() -> Subject:
    """Return scores on three scales: of a hundred, shares, and without bounds."""
    measures = estimates(
        {
            "bleu": (27.3, 24.5, 30.31),
            "chrf": (59.06, 57.33, 60.77),
            "ter": (32.78, 31.52, 34.08),
            "rouge1": (0.7736, 0.7618, 0.7851),
            "rougeL": (0.7019, 0.6887, 0.7148),
        },
        trusted="chrf",
        n=220,
    )
    for name, most in {"bleu": 100.0, "chrf": 100.0, "ter": None, "rouge1": 1.0, "rougeL": 1.0}.items():
        measures[name] |= {"least": 0.0, "most": most}
    signature = Table(
        title="BLEU by n-gram",
        columns=("part", "percent", "matched", "of"),
        rows=(("1-grams", 80.44, 1374.0, 1708.0), ("brevity penalty", 91.75, None, None)),
        note="bleu: nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0\nchrf: nrefs:1|case:mixed",
    )
    return judged(
        "translation", "useful", 0.97, measures, facts=("generation", "220 texts"), exhibits=(signature,)
    )


def ranking() -> Subject:
    """Return a ranking with a table of long texts, shown only where more is asked for."""
    measures = estimates(
        {"ndcg@10": (0.5019, 0.4627, 0.5347), "map": (0.2489, 0.2194, 0.2857), "mrr": (0.9089, 0.8214, 0.9604)},
        trusted="ndcg@10",
        n=60,
    )  # fmt: skip
    hardest = Table(
        title="hardest queries",
        columns=("query", "relevant", "retrieved", "relevant retrieved", "average precision", "ndcg@10"),
        rows=tuple((f"query {i} about " + "many words " * i, i, 20, 1, 0.01 * i, 0.02 * i) for i in range(1, 9)),
        detail=True,
        note="2 queries have no relevant document and count 0",
    )  # fmt: skip
    return judged(
        "search",
        "useful",
        0.99,
        measures,
        facts=("ranking", "60 queries"),
        exhibits=(hardest, *curves()[1:2]),
    )


def hostile() -> Subject:
    """Return predictions whose names would format, command a terminal, break a page, or never end."""
    bad = "[bold]x[/bold]|<script>`\x1b[31m\r\x07\u202e"
    long = "深層学習" * 40 + "x" * 200
    counts = np.array([[7.0, 1.5, math.nan], [0.0, 0.0, 0.0], [2.0, 1e9, 3.0]])
    labels = (bad, long, "*c*")
    table = Table(
        title=bad,
        columns=(bad, long, "low", "high", "`n`"),
        rows=((bad, 1.5, None, None, True), (long, math.nan, -math.inf, 2.0, False), ("", -1e300, 1, 2, None)),
        bars=(Bar(value=1.5, low=-1e308, high=1e308), None),
        detail=False,
        note=f"{bad}\n{long}",
    )  # fmt: skip
    plot = Plot(
        title=f"```{bad}",
        x_label=long,
        y_label=bad,
        lines=(
            Line(label=bad, x=np.array([0.0, math.nan, 1e308]), y=np.array([1e308, 2.0, -1e308])),
            Line(label=long, x=np.array([1.0]), y=np.array([math.inf]), kind="mark"),
            Line(label="```", x=np.array([1.0, 1.0]), y=np.array([3.0, 3.0]), kind="points"),
        ),
        reference=True,
        detail=False,
    )
    measures: Measures = {
        bad: {**estimates({"x": (0.5, 0.4, 0.6)})["x"], "method": bad},
        long: undefined(long),
        "huge": estimates({"x": (1e300, -1e300, math.inf)})["x"],
    }
    return judged(
        bad,
        "no-better-than-baseline",
        0.5,
        measures,
        source=f"{long}.csv",
        why=bad,
        facts=(bad, long),
        exhibits=(Matrix(title=bad, rows=labels, columns=labels, counts=counts), table, plot),
    )


def crowded() -> Subject:
    """Return more classes than there are columns, and more rows than one wants to read."""
    names = tuple(f"class {i:03}" for i in range(20))
    counts = np.diag(np.full(20, 40.0)) + np.eye(20, k=3) * 6 + np.eye(20, k=-5) * 1
    many = Table(title="every row", columns=("row", "value"), rows=tuple((f"r{i}", i / 7) for i in range(60)))
    wide = tuple(str(i) for i in range(90))
    most = Matrix(title="ninety", rows=wide, columns=wide, counts=np.eye(90) * 9 + np.eye(90, k=1) * 4)
    shown = Matrix(title="twenty", rows=names, columns=names, counts=counts)
    return judged("crowded", "useful", 0.9, {}, facts=("90 classes",), exhibits=(shown, most, many))


def ladder() -> Subject:
    """Return what another command would show: scores of models as bars, predicted points of a curve, and nothing measured."""
    scores = {"random": (0.1, 0.09, 0.11), "linear": (0.91, 0.9, 0.92), "boosting": (0.93, 0.915, 0.941)}
    table = Table(
        title="the ladder",
        columns=("rung", "accuracy", "low", "high", "seconds"),
        rows=tuple(
            (rung, *values, seconds)
            for (rung, values), seconds in zip(scores.items(), (0.01, 1.5, 34.0), strict=True)
        ),
        bars=tuple(Bar(value=value, low=low, high=high) for value, low, high in scores.values()),
    )
    n = np.array([100.0, 200.0, 400.0, 800.0])
    plot = Plot(
        title="score against n",
        x_label="examples",
        y_label="accuracy",
        lines=(
            Line(label="observed", x=n, y=1 - 3 / np.sqrt(n), kind="points"),
            Line(label="fitted", x=n, y=1 - 3 / np.sqrt(n)),
            Line(label="predicted", x=n + 800, y=1 - 3 / np.sqrt(n + 800)),
            Line(label="low", x=n + 800, y=1 - 3.4 / np.sqrt(n + 800)),
        ),
        detail=False,
    )
    warning = Finding(
        code="BAS101",
        name="linear-suffices",
        severity="warning",
        message="boosting gains 0.02",
        evidence={"gain": 0.02},
    )
    return judged("table", "linear-suffices", 0.8, {}, findings=(warning,), exhibits=(table, plot))


def reports() -> dict[str, Report]:
    """Return every report by the name of its golden files."""
    return {
        "metrics-binary": report(binary(), exit_code=1),
        "metrics-multiclass": report(multiclass()),
        "metrics-compared": report(compared()),
        "metrics-regression": report(regression()),
        "metrics-generation": report(generation()),
        "metrics-ranking": report(ranking()),
        "metrics-hostile": report(hostile(), exit_code=1),
        "metrics-crowded": report(crowded()),
        "metrics-several": report(replace(multiclass(), exhibits=()), regression(), verdict="inconclusive"),
        "baseline": report(ladder(), command="baseline"),
    }
