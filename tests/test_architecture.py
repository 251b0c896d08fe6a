"""The rooms of the house keep their arrows, and what starts fast loads little."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mlcheck"
OPEN_TO_ALL = {"model", "errors"}
ALLOWED = {
    "cli": {"registry", "config", "commands", "cli"},
    "commands": {"registry", "stats", "engines", "config", "commands"},
    "engines": {"engines"},
    "rules": {"stats", "rules"},
    "stats": {"stats"},
    "readers": {"readers", "registry"},
    "reports": {"reports"},
    "registry": {"reports", "readers", "rules"},
    "config": set(),
    "model": set(),
    "errors": set(),
    "__init__": {"registry", "config", "commands"},
    "__main__": {"cli"},
}
"""Which rooms a room may import, beside those open to all. The registry imports plug-ins by name only."""


def modules() -> list[Path]:
    """Return every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """Return the first component below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """Return the rooms of mlcheck that a module imports, type hints included."""
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "mlcheck"
                else [node.module]
            )
        else:
            continue
        rooms |= {name.split(".")[1] for name in names if name.startswith("mlcheck.")}
    return rooms - {"__version__", "MlcheckError", "MlcheckWarning"}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows_point_one_way(path: Path) -> None:
    """A module imports only the rooms that its own room may know."""
    room = room_of(path)
    forbidden = imported_rooms(path) - OPEN_TO_ALL - ALLOWED[room]
    if room == "registry":  # for type hints of the protocols only
        forbidden -= {"readers", "stats"}
    assert not forbidden, f"{path.relative_to(PACKAGE)} imports {sorted(forbidden)}"


@pytest.mark.parametrize(
    "path", [p for p in modules() if room_of(p) != "cli"], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_nothing_below_the_command_line_prints_or_asks_the_clock(path: Path) -> None:
    """No print, no clock, no global seed, no environment below cli/."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    banned = {
        "print",
        "time.time",
        "time.perf_counter",
        "time.monotonic",
        "datetime.now",
        "os.getenv",
        "np.random.seed",
        "random.seed",
    }
    assert not called & banned
    assert "os.environ" not in text


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    """A file that outgrows 400 lines is two files."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def loaded_by(arguments: list[str]) -> set[str]:
    """Return the names of the modules that a command leaves in sys.modules."""
    code = (
        "import sys\nfrom mlcheck.cli.app import main\n"
        f"sys.argv = ['mlcheck', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stderr.split()}


def test_the_version_loads_neither_rich_nor_numpy_nor_pandas() -> None:
    """`mlcheck --version` is as cheap as importing Typer."""
    assert not loaded_by(["--version"]) & {"rich", "numpy", "pandas", "sklearn", "scipy", "yaml", "pydantic"}


def test_a_small_diagnosis_loads_neither_pandas_nor_scikit_learn(tmp_path: Path) -> None:
    """`mlcheck diagnose small.csv` loads only what it uses; nor a validation library for its options."""
    log = tmp_path / "small.csv"
    log.write_text("epoch,train_loss,val_loss\n" + "".join(f"{i},{1 / i},{1.1 / i}\n" for i in range(1, 30)))
    loaded = loaded_by(["diagnose", str(log)])
    assert "numpy" in loaded
    assert not loaded & {"pandas", "sklearn", "scipy", "pydantic", "torch"}
