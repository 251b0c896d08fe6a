"""Write the .wandb files beside this script with the installed wandb, each run in a process of its own.

usage: python tests/readers/data/wandb/make.py    (in an environment with wandb and numpy; no account, no network)

The files here were written by wandb 0.13.11 (in Python, one `key` per name) and 0.31.0 (in Go, `nested_key`s, the names
of a row shuffled). What names the machine is left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

VERSION = version("wandb")

RUNS = {
    "curves": """
wandb.define_metric("epoch")
wandb.define_metric("val/*", step_metric="epoch")
for epoch in range(4):
    for batch in range(3):
        wandb.log({"train/loss": 2 * 0.9 ** (3 * epoch + batch), "lr": 0.001})
    wandb.log({"val/loss": 2 * 0.8 ** epoch, "val/acc": 0.2 * epoch, "epoch": epoch})
wandb.config.update({"late": 3})
wandb.finish()
""",
    "axis": """
wandb.define_metric("samples")
wandb.define_metric("*", step_metric="samples")
for i in range(5):
    wandb.log({"loss": 1 / (1 + i), "val_loss": 2 / (1 + i), "samples": 512 * i})
wandb.finish()
""",
    "nested": """
import numpy
for i in range(3):
    wandb.log({"train": {"loss": 1 / (1 + i), "more": {"acc": i / 4}}, "val": {"loss": 2 / (1 + i)}, "a.b": i, "flag": True,
               "none": None, "name": "text", "list": [1, 2], "empty": {}, "hist": wandb.Histogram(numpy.arange(9.0), num_bins=4)})
wandb.finish()
""",
    "odd": """
for value in (1, 0.5, float("nan"), float("inf"), -float("inf"), 0.25):
    wandb.log({"loss": value, "mixed": "oops" if value == 0.5 else value})
wandb.finish()
""",
    "zero": """
wandb.finish()
""",
    "crash": """
for i in range(4):
    wandb.log({"loss": 1 / (1 + i)})
    print("epoch", i)
raise ValueError("shapes do not match")
""",
    "stopped": """
for i in range(4):
    wandb.log({"loss": 1 / (1 + i)})
raise KeyboardInterrupt
""",
    "failed": """
for i in range(4):
    wandb.log({"loss": 1 / (1 + i)})
import sys
sys.exit(3)
""",
    "resumed": """
for i in range(4, 8):
    wandb.log({"loss": 1 / (1 + i)}, step=i)
wandb.finish()
""",
}
CONFIG = {"lr": 0.001, "model": {"name": "mlp", "width": [64, 32], "dropout": 0.1}, "data": None}
MARK = "x" if VERSION > "0.19" else ""
"""What newer versions put before the names of settings for experts."""
NAMES = {"resumed": "crash"}
"""A resumed run has the ID of the run that it goes on with."""


def main() -> None:
    """Write every run in a folder of its own; copy its file here."""
    for kind, code in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            name = NAMES.get(kind, kind)
            begin = (
                "import wandb\n"
                f"settings = wandb.Settings(host='host', {MARK}_disable_stats=True, {MARK}_disable_meta=True)\n"
                f"wandb.init(project='p', id={name!r}, config={CONFIG!r}, settings=settings)\n"
            )
            environment = {
                **os.environ,
                "WANDB_MODE": "offline",
                "WANDB_SILENT": "true",
                "WANDB_DISABLE_GIT": "true",
            }
            subprocess.run([sys.executable, "-c", begin + code], cwd=folder, env=environment, check=False)
            (written,) = Path(folder).glob("wandb/offline-run-*/run-*.wandb")
            shutil.copy(written, Path(__file__).with_name(f"{kind}-{VERSION}.wandb"))


if __name__ == "__main__":
    main()
