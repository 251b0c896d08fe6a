"""What `mlcheck data` finds of bugs planted on purpose, and what it says of clean copies.

usage: python benchmarks/data_bugs.py [--quick] [--peer PYTHON] [--details FILE] [--only WORD]

Thirteen bugs (data_plants.py) in eight data sets (data_sets.py) with five seeds, and for each the clean twin: the same
rows, split and further columns without the bug. Each pair is written to files and judged as `mlcheck data TRAIN --test
TEST --target target` does. Found: the code of the bug is among the findings of its copy as a warning or an error.
Flagged: a clean twin has any warning or error. A bug that does not apply to a data set is left out and named.
Rules do not hear of each other, so copies of later seeds are judged by the bug's own rule, and `others too` counts those of
the first seed that other rules flag as well; twins are judged by all.

--peer PYTHON runs deepchecks' suites of data integrity and train-test validation (0.19, by another Python that has it,
with scikit-learn < 1.4) on the tables of the first seed: found where one of the checks made for that bug fails, flagged
where any check made for one of the bugs fails. --quick is one seed of four data sets. Exits with 1 where recall is under 0.95 or more than 0.05
of the clean twins are flagged.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import data_peer  # noqa: E402
import numpy as np  # noqa: E402
from data_plants import BUGS, Bug  # noqa: E402
from data_sets import SOURCES, Pair, Source, split  # noqa: E402
from PIL import Image  # noqa: E402

from mlcheck.commands import data as core  # noqa: E402
from mlcheck.config import Settings  # noqa: E402
from mlcheck.model.dataset import DataWanted  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

SEEDS = 5
RECALL, FLAGGED = 0.95, 0.05
PEERS = frozenset(check for bug in BUGS for check in bug.peers)
QUICK = ("breast_cancer", "customers", "topics", "shapes")


class Case(NamedTuple):
    """One copy: of which source, with which bug, whether it is the clean twin."""

    source: Source
    bug: Bug
    seed: int
    clean: bool
    pair: Pair | None

    @property
    def key(self) -> str:
        """Return a name for it, fit for a folder."""
        kind = "clean" if self.clean else "bug"
        return f"{self.source.name}-{self.bug.name.replace(' ', '_')}-{self.seed}-{kind}"


class Said(NamedTuple):
    """What was found in a copy: code, severity and message of each warning and error; CPU seconds."""

    case: Case
    found: tuple[tuple[str, str, str], ...]
    seconds: float

    @property
    def hit(self) -> bool:
        """Whether the bug's own code is there."""
        return any(code == self.case.bug.code for code, *_ in self.found)


def cases(seeds: int, names: Sequence[str], only: str = "") -> Iterator[Case]:
    """Yield every copy with its bug, and its clean twin after it, seed by seed."""
    for seed, source, bug in itertools.product(range(seeds), SOURCES, BUGS):
        told = f"{source.name} {bug.name} {bug.code}"
        if source.name not in names or bug.apart(source) or not any(word in told for word in only.split(",")):
            continue
        draw = np.random.default_rng([seed, zlib.crc32(f"{source.name} {bug.name}".encode())])
        clean = bug.prepare(split(source, draw), draw, seed)
        yield Case(source, bug, seed, False, bug.plant(clean, draw, seed))
        yield Case(source, bug, seed, True, clean)


def write(part: pd.DataFrame, path: Path) -> Path:
    """Write a table as CSV, images as a folder for each class."""
    if "image" not in part:
        part.to_csv(path.with_suffix(".csv"), index=False)
        return path.with_suffix(".csv")
    shutil.rmtree(path, ignore_errors=True)
    for row, (image, label) in enumerate(zip(part["image"], part["target"], strict=True)):
        (path / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path / str(label) / f"{row:04d}.png", compress_level=1)
    return path


def judged(case: Case, folder: Path) -> Said:
    """Write the copy, read it and check it: a twin and the copies of the first seed by all rules, others by the bug's own."""
    assert case.pair is not None  # noqa: S101  (it has not been let go of)
    train, test = (
        write(part, folder / name) for part, name in ((case.pair.train, "train"), (case.pair.test, "test"))
    )
    started = time.process_time()
    images = case.source.kind == "image"
    wanted = DataWanted(
        train=str(train), test=str(test), target=None if images else "target", group=case.pair.group, time=case.pair.time
    )  # fmt: skip
    every = case.clean or case.seed == 0
    checks = core.checked(core.read(wanted), Settings() if every else Settings(select=(case.bug.code,)))
    found = [f for check in checks for f in check.findings if f.severity != "note"]
    return Said(case, tuple((f.code, f.severity, f.message) for f in found), time.process_time() - started)


def table(said: Sequence[Said], peer: dict[str, list[str]]) -> bool:
    """Print one line for each bug and the totals; return whether the numbers are reached."""
    print(
        f"{'bug':32} | code   | copies | found |  share | others too | clean twins flagged | deepchecks found | flagged"
    )
    for bug in BUGS:
        own = [s for s in said if s.case.bug is bug]
        if own:
            print(_line(bug.name, bug.code, own, peer))
    print(_line("all", "", said, peer))
    recall, flagged = _shares(said)
    reached = recall >= RECALL and flagged <= FLAGGED
    print("\nwhat | ours | limit | reached")
    print(f"recall | {recall:.3f} | >= {RECALL} | {'yes' if recall >= RECALL else 'NO'}")
    print(f"clean twins flagged | {flagged:.3f} | <= {FLAGGED} | {'yes' if flagged <= FLAGGED else 'NO'}")
    return reached


def _shares(said: Sequence[Said]) -> tuple[float, float]:
    bugs, twins = ([s for s in said if s.case.clean is clean] for clean in (False, True))
    return sum(s.hit for s in bugs) / max(len(bugs), 1), sum(bool(s.found) for s in twins) / max(
        len(twins), 1
    )


def _line(name: str, code: str, said: Sequence[Said], peer: dict[str, list[str]]) -> str:
    bugs, twins = ([s for s in said if s.case.clean is clean] for clean in (False, True))
    hits, flagged = sum(s.hit for s in bugs), sum(bool(s.found) for s in twins)
    others = sum(any(found != s.case.bug.code for found, *_ in s.found) for s in bugs)
    theirs = [s.case for s in bugs if s.case.key in peer]
    asked = [c for c in theirs if c.bug.peers]
    told = "–"
    if asked:
        told = f"{sum(any(p in peer[c.key] for p in c.bug.peers) for c in asked)} of {len(asked)}"
    elif theirs:
        told = "no such check"
    alarms = [s.case.key for s in twins if s.case.key in peer]
    false = (
        f"{sum(bool(PEERS.intersection(peer[key])) for key in alarms)} of {len(alarms)}" if alarms else "–"
    )
    return (
        f"{name:32} | {code:6} | {len(bugs):6} | {hits:5} | {hits / max(len(bugs), 1):6.3f} | {others:10} | "
        f"{flagged:4} of {len(twins):4} {flagged / max(len(twins), 1):8.3f} | {told:>16} | {false}"
    )


def misses(said: Sequence[Said]) -> None:
    """Print which copies were missed, which twins were flagged and by what."""
    missed = Counter(
        f"{s.case.bug.name}: {s.case.source.name}" for s in said if not s.case.clean and not s.hit
    )
    flagged = Counter(
        f"{s.case.source.name}: {code} {text}" for s in said if s.case.clean for code, _, text in s.found
    )
    for title, counts in (("missed", missed), ("flagged though clean", flagged)):
        if counts:
            print(f"\n{title}")
            print("\n".join(f"  {count} x {what[:150]}" for what, count in counts.most_common(40)))


def left_out(names: Sequence[str]) -> None:
    """Print which bugs do not apply to which data sets."""
    print("\nleft out")
    for bug in BUGS:
        reasons = {bug.apart(s): [o.name for o in SOURCES if bug.apart(o) == bug.apart(s) and o.name in names]
                   for s in SOURCES if bug.apart(s) and s.name in names}  # fmt: skip
        for reason, sources in reasons.items():
            print(f"  {bug.name}: {', '.join(sources)} ({reason})")


def _note(path: Path, one: Said, *, first: bool) -> None:
    """Write what was found in a copy as a line of JSON."""
    told = [one.case.key, one.case.bug.code, one.case.clean, one.found, round(one.seconds, 3)]
    with path.open("w" if first else "a", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")


def main() -> int:
    """Run the study and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="one seed of four data sets")
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has deepchecks")
    parser.add_argument(
        "--details", metavar="FILE", help="write what was found in each copy as lines of JSON"
    )
    parser.add_argument(
        "--only", metavar="WORD", default="", help="only cases with it in source, bug or code"
    )
    parser.add_argument("--seeds", metavar="N", type=int, default=SEEDS)
    given = parser.parse_args()
    names = QUICK if given.quick else [source.name for source in SOURCES]
    warnings.simplefilter("ignore")
    said: list[Said] = []
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(1 if given.quick else given.seeds, names, given.only):
            one = judged(case, Path(folder))
            said.append(one._replace(case=case._replace(pair=None)))  # a thousand pairs are not held at once
            if given.peer and case.seed == 0:
                tables.append(case)
            if given.details:
                _note(Path(given.details), one, first=len(said) == 1)
            if sys.stderr.isatty():
                print(f"\r{len(said)} copies", end="", file=sys.stderr)
    peer = data_peer.suites(tables, given.peer) if given.peer else {}
    reached = table(said, peer)
    misses(said)
    left_out(names)
    print(f"\n{len(said)} copies in {sum(s.seconds for s in said):.0f} CPU seconds")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
