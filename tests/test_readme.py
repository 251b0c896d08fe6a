"""The README shows what the program really prints: every console block is run.

Regenerate on purpose with `python tests/test_readme.py` and read the diff.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CONSOLE = re.compile(r"```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(?P<code>.*?)```", re.DOTALL)


def printed(command: str) -> str:
    """Run a command of the README from the project's root, 80 columns wide, and return what it prints."""
    program, *arguments = shlex.split(command)
    assert program == "mlcheck"
    if "--" in arguments:  # runs anew what an earlier call has kept
        shutil.rmtree(ROOT / arguments[1], ignore_errors=True)
    environment = {
        **{k: v for k, v in os.environ.items() if k != "FORCE_COLOR"},
        "COLUMNS": "80",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # `python` of an example is this one
        "PYTHONUTF8": "1",
    }
    called = [sys.executable, "-m", "mlcheck", *arguments]
    done = subprocess.run(
        called, capture_output=True, encoding="utf-8", cwd=ROOT, env=environment, check=True
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"


def test_every_console_block_prints_what_it_shows() -> None:
    """The commands of the README give its output, to the letter."""
    blocks = list(CONSOLE.finditer(README.read_text(encoding="utf-8")))
    assert len(blocks) >= 2
    for block in blocks:
        assert printed(block["command"]) == block["output"], block["command"]


def test_the_python_example_runs() -> None:
    """The notebook example works as it stands."""
    code = PYTHON.search(README.read_text(encoding="utf-8"))
    assert code is not None
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code["code"]], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "keras_overfit overfit" in done.stdout


def test_nobody_is_told_to_install_somebody_elses_package() -> None:
    """`mlcheck` on PyPI is another project: every installation names mlcheck-runs or the checkout."""
    files = [*ROOT.glob("*.md"), *ROOT.glob("configs/*"), *ROOT.glob("mlcheck/**/*.py")]
    assert len(files) > 20
    for path in files:
        assert not re.search(r"pip install \"?mlcheck(?!-runs)", path.read_text(encoding="utf-8")), path


def regenerate() -> None:
    """Write the outputs as they are now."""
    text = README.read_text(encoding="utf-8")
    text = CONSOLE.sub(lambda m: f"```console\n$ {m['command']}\n{printed(m['command'])}```", text)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    regenerate()
