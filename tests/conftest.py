"""What all tests share: making logs and calling the real command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

Mlcheck = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def mlcheck(tmp_path: Path) -> Mlcheck:
    """Call the installed command in an empty folder, as a user would, and return what it printed."""

    def call(
        *arguments: str | Path,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("mlcheck")), *map(str, arguments)]
        inherited = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "NO_COLOR", "COLUMNS")}
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            cwd=cwd or tmp_path,
            env={**inherited, "PYTHONUTF8": "1", **(env or {})},
        )
        return subprocess.CompletedProcess(
            command, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )

    return call


def table(columns: Mapping[str, Iterable[float]]) -> str:
    """Return CSV text with the columns."""
    rows = zip(*columns.values(), strict=True)
    return "\n".join([",".join(columns), *(",".join(f"{v:.6g}" for v in row) for row in rows)]) + "\n"


def healthy(points: int = 60, seed: int = 0) -> str:
    """Return the log of a run that learned well: both losses fall to a floor near 0 and stay together."""
    rng = np.random.default_rng(seed)
    at = np.arange(1, points + 1)
    train = 2.3 * np.exp(-at / 6) + 0.05 + 0.002 * rng.standard_normal(points)
    val = 2.3 * np.exp(-at / 6) + 0.06 + 0.003 * rng.standard_normal(points)
    return table({"epoch": at, "train_loss": train, "val_loss": val})


def overfitted(points: int = 60, seed: int = 0) -> str:
    """Return the log of a run whose validation loss rises from its tenth epoch on while the training loss goes to 0."""
    rng = np.random.default_rng(seed)
    at = np.arange(1, points + 1)
    train = 2.3 * np.exp(-at / 8) + 0.002 * np.abs(rng.standard_normal(points))
    val = 2.3 * np.exp(-at / 5) + 0.5 + 0.03 * np.maximum(0, at - 10) + 0.01 * rng.standard_normal(points)
    return table({"epoch": at, "train_loss": train, "val_loss": val})


def diverged(points: int = 30) -> str:
    """Return the log of a run whose loss becomes NaN in the middle."""
    half = points // 2
    values = [1.0 + 0.5 * i for i in range(half)] + [float("nan")] * (points - half)
    return table({"epoch": range(1, points + 1), "train_loss": values, "val_loss": [1.1 * v for v in values]})


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Return a folder with a healthy run, an overfitted one and one that diverged."""
    folder = tmp_path / "runs"
    folder.mkdir()
    for name, text in (("good", healthy()), ("over", overfitted()), ("nan", diverged())):
        (folder / f"{name}.csv").write_text(text)
    return folder


settings.register_profile("patient", deadline=None)  # a busy machine is no failure
settings.load_profile("patient")
