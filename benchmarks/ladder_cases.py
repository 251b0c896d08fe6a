"""Data sets whose place on the ladder is known by construction, drawn from a seed and written as a user would have them.

usage: python benchmarks/ladder_cases.py FOLDER [SEED]   (writes one of each; pillow for the images)

Sizes, noise and the expected verdicts were fixed before any ladder was run on them. `linear-*`: the target is a linear
function of the features, with noise. `xor`, `spirals`: no single feature and no hyperplane tells the classes; a smooth
function of two of them does. `steps`: a sum of square waves, each of one feature, among features that say nothing; steps
along the axes are what trees cut and what a small smooth network misses (Grinsztajn, Oyallon & Varoquaux 2022, sections
5.1 and 5.2). `noise`: the target is drawn by itself. `leaked`: one column is the target with a little noise. `shapes`:
filled figures brighter or darker than their ground by the toss of a coin, so that the mean image of every class is the
same and no linear function of the pixels tells them. `topics`: every topic has words of its own.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Floats: TypeAlias = npt.NDArray[np.float64]
Columns: TypeAlias = "Mapping[str, Sequence[float | str]]"

TARGET = "target"
ROWS = 600
SIDE = 32
SHAPES = ("circle", "cross", "square")
TOPICS = ("garden", "music", "ships")
SYLLABLES = ("ba", "do", "fe", "gi", "ka", "lo", "mu", "ne", "pi", "ra", "su", "ti", "vo", "wa", "zu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A kind of data set: how it is written, what the ladder must say of it.

    `verdicts` are those that are right, `findings` names that must be among those found. `score` is that of a model
    that has learned nothing, by `metric`, where one is given.
    """

    name: str
    write: Callable[[Path, int], Path]
    target: str
    verdicts: tuple[str, ...]
    findings: tuple[str, ...] = ()
    metric: str | None = None
    score: float | None = None


def table(path: Path, columns: Columns) -> Path:
    """Write a table and return its path; numbers keep six digits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow([cell if isinstance(cell, str) else f"{cell:.6g}" for cell in row])
    return path


def features(x: Floats) -> dict[str, Sequence[float | str]]:
    """Return columns x0, x1, ... of a matrix of shape (n, d)."""
    return {f"x{i}": x[:, i].tolist() for i in range(x.shape[1])}


def labels(positive: npt.NDArray[np.bool_]) -> Sequence[float | str]:
    """Return the two classes as words."""
    return ["yes" if one else "no" for one in positive]


def linear_classes(folder: Path, seed: int) -> Path:
    """Eight features, a logistic model: the best possible classifier is linear."""
    draw = np.random.default_rng([1, seed])
    x = draw.normal(size=(ROWS, 8))
    weight = draw.choice((-1.0, 1.0), 8) * draw.uniform(0.5, 1.5, 8)
    leaning = 3 * x @ weight / np.linalg.norm(weight)
    positive = draw.random(ROWS) < 1 / (1 + np.exp(-leaning))
    return table(folder / "linear_classes.csv", {**features(x), TARGET: labels(positive)})


def linear_amounts(folder: Path, seed: int) -> Path:
    """Eight features, a linear function of them and as much noise as leaves four fifths of the variance told."""
    draw = np.random.default_rng([2, seed])
    x = draw.normal(size=(ROWS, 8))
    weight = draw.choice((-1.0, 1.0), 8) * draw.uniform(0.5, 1.5, 8)
    amount = 20 + 2 * x @ weight / np.linalg.norm(weight) + draw.normal(0, 1, ROWS)
    return table(folder / "linear_amounts.csv", {**features(x), TARGET: amount.tolist()})


def xor(folder: Path, seed: int) -> Path:
    """Two features: the class is whether their signs agree."""
    draw = np.random.default_rng([3, seed])
    x = draw.uniform(-1, 1, size=(ROWS, 2))
    positive = x[:, 0] * x[:, 1] > 0
    return table(folder / "xor.csv", {**features(x), TARGET: labels(positive)})


def spirals(folder: Path, seed: int) -> Path:
    """Two arms of one turn about each other, with a little noise."""
    draw = np.random.default_rng([4, seed])
    positive = draw.random(ROWS) < 0.5
    along = np.sqrt(draw.uniform(0.05, 1, ROWS))
    angle = 2 * np.pi * along + np.pi * positive
    x = np.stack([along * np.cos(angle), along * np.sin(angle)], axis=1) + draw.normal(0, 0.03, (ROWS, 2))
    return table(folder / "spirals.csv", {**features(x), TARGET: labels(positive)})


def steps(folder: Path, seed: int) -> Path:
    """Add three square waves of six half-periods, one a feature, among twelve features that say nothing."""
    draw = np.random.default_rng([5, seed])
    n = 4 * ROWS
    x = draw.uniform(0, 1, size=(n, 15))
    waves = np.where(np.floor(6 * x[:, :3] + draw.uniform(0, 1, 3)) % 2 == 0, 1.0, -1.0)
    amount = waves @ np.array((1.0, 1.0, 1.0)) + draw.normal(0, 0.3, n)
    return table(folder / "steps.csv", {**features(x), TARGET: amount.tolist()})


def noise(folder: Path, seed: int) -> Path:
    """Eight features and a target that has nothing to do with them."""
    draw = np.random.default_rng([6, seed])
    x = draw.normal(size=(ROWS, 8))
    return table(folder / "noise.csv", {**features(x), TARGET: labels(draw.random(ROWS) < 0.5)})


def leaked(folder: Path, seed: int) -> Path:
    """Five features that tell a little, and one that was written after the fact."""
    draw = np.random.default_rng([7, seed])
    x = draw.normal(size=(ROWS, 6))
    positive = draw.random(ROWS) < 1 / (1 + np.exp(-x[:, 0] - x[:, 1]))
    x[:, 5] = np.where(positive, 1.0, 0.0) + draw.normal(0, 0.05, ROWS)
    return table(folder / "leaked.csv", {**features(x), TARGET: labels(positive)})


def shapes(folder: Path, seed: int) -> Path:
    """Circles, crosses and squares near the middle, brighter or darker than their ground alike often."""
    from PIL import Image

    draw = np.random.default_rng([8, seed])
    down, across = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    top = folder / "shapes"
    for name in SHAPES:
        (top / name).mkdir(parents=True, exist_ok=True)
        for number in range(100):
            place = draw.integers(-2, 3, 2)
            y, x = np.abs(down - place[0]), np.abs(across - place[1])
            inside = {
                "circle": np.hypot(x, y) < 9.6,
                "cross": (np.minimum(x, y) < 3.5) & (np.maximum(x, y) < 11),
                "square": np.maximum(x, y) < 8.5,
            }[name]
            sign = 1 if number % 2 else -1
            grey = 128 + sign * np.where(inside, 40, -40) + draw.normal(0, 12, (SIDE, SIDE))
            pixels = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
            Image.fromarray(pixels).save(top / name / f"{number:03d}.png")
    return top


def topics(folder: Path, seed: int) -> Path:
    """Texts of thirty words, six of them from the forty words of their topic, the rest from what all have in common."""
    draw = np.random.default_rng([9, seed])
    every = ["".join(draw.choice(SYLLABLES, 3)) for _ in range(900)]
    words = list(dict.fromkeys(every))[:520]
    own = {topic: words[40 * i : 40 * i + 40] for i, topic in enumerate(TOPICS)}
    shared = words[40 * len(TOPICS) :]
    weight = 1 / np.arange(1, len(shared) + 1)
    topic = draw.choice(TOPICS, ROWS).tolist()
    texts = []
    for name in topic:
        said = [*draw.choice(own[name], 6), *draw.choice(shared, 24, p=weight / weight.sum())]
        texts.append(" ".join(draw.permutation(said).tolist()))
    return table(folder / "topics.csv", {"text": texts, TARGET: topic})


CASES: tuple[Case, ...] = (
    Case(name="linear-classes", write=linear_classes, target=TARGET, verdicts=("linear-suffices",)),
    Case(name="linear-amounts", write=linear_amounts, target=TARGET, verdicts=("linear-suffices",)),
    Case(name="xor", write=xor, target=TARGET, verdicts=("nonlinear-helps",)),
    Case(name="spirals", write=spirals, target=TARGET, verdicts=("nonlinear-helps",)),
    Case(name="steps", write=steps, target=TARGET, verdicts=("complexity-justified",)),
    Case(name="noise", write=noise, target=TARGET, verdicts=("inconclusive",)),
    Case(name="noise, model at chance", write=noise, target=TARGET, verdicts=("broken",), metric="accuracy", score=0.5),
    Case(
        name="leaked", write=leaked, target=TARGET, verdicts=("linear-suffices",), findings=("near-perfect-linear",)
    ),
    Case(name="shapes", write=shapes, target="label", verdicts=("nonlinear-helps", "complexity-justified")),
    Case(name="topics", write=topics, target=TARGET, verdicts=("linear-suffices",)),
)  # fmt: skip


def main() -> int:
    """Write one data set of each kind."""
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for case in CASES:
        print(f"{case.name}: {case.write(folder, seed)}, expected {' or '.join(case.verdicts)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
