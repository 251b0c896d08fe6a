"""Real files to start from: the sample runs, the tests' own fixtures, and other people's logs where there are any."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LARGEST = 300_000
"""Bytes of a file to start from: what is larger teaches no more and takes longer."""
MOST_TOGETHER = 25
"""Files of a folder that are given together."""
OTHERS = frozenset((".py", ".pyc", ".md", ".png", ".svg", ".html"))


@dataclass(frozen=True, slots=True)
class Seed:
    """A file by its path, and its name below the folder that it was found under."""

    path: Path
    name: str

    def content(self) -> bytes:
        """Return its bytes."""
        return self.path.read_bytes()

    def beside(self) -> dict[str, bytes]:
        """Return the other files of its folder by name: what may be parts of the same run."""
        near = sorted(p for p in self.path.parent.iterdir() if p != self.path and _fits(p))
        head = self.name.rpartition("/")[0]
        return {f"{head}/{p.name}": p.read_bytes() for p in near[:MOST_TOGETHER]}


def _fits(path: Path) -> bool:
    return path.is_file() and path.suffix not in OTHERS and path.stat().st_size <= LARGEST


def _places() -> Iterator[Path]:
    yield ROOT / "sample_runs"
    yield ROOT / "tests"
    if bench := os.environ.get("MLCHECK_BENCH"):
        yield Path(bench) / "wild"


@cache
def folders() -> tuple[tuple[Seed, ...], ...]:
    """Return the files by folder, so that a folder of many counts no more than one of few; always in the same order."""
    found: dict[Path, list[Seed]] = defaultdict(list)
    for place in _places():
        for path in sorted(place.rglob("*")):
            hidden = any(part.startswith((".", "__")) for part in path.relative_to(place).parts)
            if not hidden and _fits(path):
                name = "/".join(path.relative_to(place).parts[-4:])
                found[path.parent].append(Seed(path, name))
    return tuple(tuple(seeds) for seeds in found.values())
