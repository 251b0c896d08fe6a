"""What the scripts share: the data, a run's settings, the remedies that retraining tries, and what each gained."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits, load_sample_image, make_friedman1

MAKE = Path(__file__).resolve().parent
SAMPLES = MAKE.parent
SCRIPTS = sorted(path.stem for path in MAKE.glob("*_runs.py"))

Group = Literal["none", "optimization", "underfit", "overfit"]
Floats = NDArray[np.float32]
C = TypeVar("C")


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """A pool of training examples, of which a run takes the first few, and a validation set that no run trains on."""

    pool_x: Floats
    pool_y: NDArray[np.generic]
    val_x: Floats
    val_y: NDArray[np.generic]

    def constant_loss(self) -> float:
        """Return the validation loss of the best constant predictor of the pool: its mean, or its class frequencies."""
        if np.issubdtype(self.pool_y.dtype, np.integer):
            frequency = np.bincount(self.pool_y.ravel()) / self.pool_y.size
            return float(-np.log(frequency[self.val_y]).mean())
        return float(((self.val_y - self.pool_y.mean()) ** 2).mean())


def split(x: NDArray[np.generic], y: NDArray[np.generic], *, val: int) -> Data:
    """Shuffle with a fixed seed and hold back `val` examples."""
    order = np.random.default_rng(0).permutation(len(x))
    inputs, targets = x[order].astype(np.float32), y[order]
    return Data(pool_x=inputs[val:], pool_y=targets[val:], val_x=inputs[:val], val_y=targets[:val])


def digits(*, mislabelled: float = 0.0) -> Data:
    """scikit-learn's 1,797 handwritten digits of 8 × 8 pixels, 10 classes, some labels drawn anew; 500 held back."""
    x, y = load_digits(return_X_y=True)
    random = np.random.default_rng(1)
    y = np.where(random.random(len(y)) < mislabelled, random.integers(10, size=len(y)), y)
    return split(x / 16 - 0.5, y.astype(np.int64), val=500)


def _patches(photo: str, side: int) -> NDArray[np.uint8]:
    """Squares of side × side pixels cut edge to edge from one of scikit-learn's two photographs, (n, side, side, 3)."""
    image: NDArray[np.uint8] = load_sample_image(photo)
    rows, columns = image.shape[0] // side, image.shape[1] // side
    cut = image[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
    return cut.swapaxes(1, 2).reshape(-1, side, side, 3)


def which_photo() -> Data:
    """Which of the two photographs does a square of 3 × 3 pixels come from? 2 classes, 1,000 held back."""
    china, flower = _patches("china.jpg", 3), _patches("flower.jpg", 3)
    x = np.concatenate([china, flower]).reshape(-1, 27) / 255 - 0.5
    return split(x, np.repeat(np.arange(2, dtype=np.int64), [len(china), len(flower)]), val=1000)


def missing_pixel() -> Data:
    """Return the brightness of a pixel (unit variance) from the 24 around it, in a photograph; 1,000 held back."""
    grey = _patches("china.jpg", 5).mean(axis=3).reshape(-1, 25)
    grey = (grey - grey.mean()) / grey.std()
    return split(np.delete(grey, 12, axis=1), grey[:, 12].astype(np.float32), val=1000)


def friedman() -> Data:
    """Friedman's first function of 10 inputs with noise of unit variance (a loss below 1 is luck); 2,000 held back."""
    x, y = make_friedman1(n_samples=30_000, noise=1.0, random_state=0)
    return split(x, y.astype(np.float32), val=2000)


def characters() -> NDArray[np.int64]:
    """Return the reference documentation that comes with Python (`pydoc_data`) in lower case, one number a character."""
    text = "\n".join(topics[name] for name in sorted(topics)).lower()
    codes = np.frombuffer(text.encode("ascii", "ignore"), dtype=np.uint8)
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of a network's run that a remedy may change."""

    examples: int
    epochs: int
    lr: float
    optimizer: Literal["sgd", "adam"] = "adam"
    batch: int = 32
    width: int = 64
    depth: int = 1
    dropout: float = 0.0
    weight_decay: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy(Generic[C]):
    """One way to train the same model again, named as mlcheck names its actions."""

    name: str
    group: Group
    setting: str
    config: C


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Generic[C]):
    """A run to make: its folder, its task (runs of one task share the validation set), and how to repeat it."""

    name: str
    task: str
    config: C
    train: Callable[[C], list[float]]
    remedies: Callable[[C], Iterator[Remedy[C]]]
    constant_loss: Callable[[], float]


def remedies(
    config: Config, *, pool: int, dropout: bool = True, decay: float = 0.01, unit: str = "epochs"
) -> Iterator[Remedy[Config]]:
    """Every remedy for a network: learning rate, optimizer, length, size, regularisation, data.

    `decay` is the least weight decay that regularises; a run counted in another `unit` than epochs has the same number
    of steps whatever the data.
    """

    def remedy(name: str, group: Group, setting: str, **changes: Any) -> Remedy[Config]:
        return Remedy(name=name, group=group, setting=setting, config=replace(config, **changes))

    yield remedy("lower-lr", "optimization", f"lr {config.lr / 10:g}", lr=config.lr / 10)
    yield remedy("raise-lr", "optimization", f"lr {config.lr * 10:g}", lr=config.lr * 10)
    yield remedy("change-optimizer", "optimization", "Adam, lr 0.002", optimizer="adam", lr=2e-3)
    yield remedy("train-longer", "optimization", f"{config.epochs * 4} {unit}", epochs=config.epochs * 4)
    wide, deep = config.width * 4, config.depth + 1
    yield remedy("increase-capacity", "underfit", f"width {wide}, depth {deep}", width=wide, depth=deep)
    if config.dropout or config.weight_decay:
        yield remedy(
            "reduce-regularization", "underfit", "no dropout or decay", dropout=0.0, weight_decay=0.0
        )
    if dropout:
        more = 0.3 + 0.7 * config.dropout
        yield remedy("add-regularization", "overfit", f"dropout {more:g}", dropout=more)
    more = max(decay, 10 * config.weight_decay)
    yield remedy("add-regularization", "overfit", f"weight decay {more:g}", weight_decay=more)
    examples = min(4 * config.examples, pool)
    epochs = round(config.epochs * config.examples / examples) if unit == "epochs" else config.epochs
    setting = f"{examples} examples, {epochs} {unit}"
    yield remedy("more-data", "overfit", setting, examples=examples, epochs=epochs)


def tidy(log: str) -> str:
    """Cut the folders of this machine from the paths in a log, so that a traceback reads `File "torch_runs.py"`."""
    folders = {
        sysconfig.get_path("purelib"): "site-packages",
        sysconfig.get_path("stdlib"): "python3",
        str(MAKE): "",
    }
    for folder, name in sorted(folders.items(), key=lambda item: -len(item[0])):
        log = re.sub(re.escape(folder + os.sep), f"{name}/" if name else "", log)
    return log


def capture(script: str, run: str, log: Path) -> None:
    """Run `python SCRIPT RUN` as a user would, with standard output and errors in one file; a crash is kept too."""
    command = [sys.executable, "-u", "-W", "ignore", script, run]
    done = subprocess.run(
        command, cwd=MAKE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, encoding="utf-8"
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(tidy(done.stdout), encoding="utf-8", newline="")
