"""Near duplicates (DBG102): time, memory, recall and precision among many texts, templates and the rows of a large table.

usage: python benchmarks/near_duplicates.py [--rows N]

Three sets of N = 1,000,000 rows, each judged in a process of its own by the rule itself, one core:

- texts of 10 to 20 words of a vocabulary of 100,000 by Zipf's law, of which 2 % are copies of others with 0 to 3 words
  replaced, removed or added; recall by the Jaccard similarity of their sets of words, and precision (rows named that
  share less than 80 % of their words with every row that they were copied from);
- texts of one template, filled in at random: nothing may be told;
- a table of N x 50 with a test set of N / 5, of which 2,000 rows are copies: one number moved by 0.001 standard
  deviations, all numbers rounded to two digits, or one category changed.

Prints what | ours | limit | reached; exits with 1 where a limit is passed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcheck.model import Finding
from mlcheck.model.dataset import Column, DataRead, Dataset, Measured
from mlcheck.rules.data import near_duplicates

if TYPE_CHECKING:
    from collections.abc import Sequence

VOCABULARY = 100_000
BANDS = ((0.7, 0.8), (0.8, 0.85), (0.85, 0.9), (0.9, 1.0), (1.0, 1.01))
LEAST_RECALL = 0.95
MOST_SECONDS, MOST_MEMORY = 120.0, 4000.0
TABLE_SECONDS, TABLE_MEMORY = 15.0, 1000.0
COPIES = 2000


class Judged(NamedTuple):
    """What the rule told, its CPU seconds, the memory of the process in MB and what of it the rule took."""

    rows: set[int]
    test_rows: set[int]
    findings: int
    seconds: float
    memory: float
    taken: float


def judged(data: DataRead) -> Judged:
    """Run the rule and measure it."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    said = list(near_duplicates.check(data))
    seconds = time.process_time() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (measured,) = (x for x in said if isinstance(x, Measured))
    findings = sum(isinstance(x, Finding) for x in said)
    rows, test_rows = set(measured.rows.tolist()), set(measured.test_rows.tolist())
    return Judged(rows, test_rows, findings, seconds, after / 1024, (after - before) / 1024)


def of_texts(texts: Sequence[str]) -> DataRead:
    """Return texts as a data set of one column."""
    column = Column(name="text", kind="text", texts=np.array(texts, dtype=np.object_))
    return DataRead(train=Dataset(id="t", source="t.csv", reader="csv", columns=(column,)))


def written(n: int, seed: int = 0) -> tuple[list[str], dict[int, float]]:
    """Return texts, and for each row that is a copy its Jaccard similarity with the original."""
    random = np.random.default_rng(seed)
    chance = 1 / (np.arange(VOCABULARY) + 2.7) ** 1.07
    below = np.cumsum(chance / chance.sum())

    def drawn(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.minimum(np.searchsorted(below, random.random(count)), VOCABULARY - 1)

    lengths = random.integers(10, 21, n)
    texts = np.split(drawn(int(lengths.sum())), np.cumsum(lengths)[:-1])
    likeness: dict[int, float] = {}
    for pair in random.choice(n, n // 50 * 2, replace=False).reshape(-1, 2):
        first, second = sorted(pair.tolist())
        made = texts[first].tolist()
        for _ in range(int(random.integers(0, 4))):
            place, word = int(random.integers(len(made))), int(drawn(1)[0])
            how = int(random.integers(3))
            made = made[:place] + ([word] if how < 2 else []) + made[place + (how > 0) :]
        one, two = set(texts[first].tolist()), set(made)
        random.shuffle(made)  # the same words in another order are no equal text
        texts[second] = np.array(made)
        likeness[second] = len(one & two) / len(one | two)
    return [" ".join(f"w{word:x}" for word in text.tolist()) for text in texts], likeness


def texts(n: int) -> list[tuple[str, float, float, bool]]:
    """Return the lines for texts."""
    made, likeness = written(n)
    found = judged(of_texts(made))
    lines = [
        ("texts: CPU seconds", found.seconds, MOST_SECONDS, found.seconds <= MOST_SECONDS),
        ("texts: memory of the process, MB", found.memory, MOST_MEMORY, found.memory <= MOST_MEMORY),
    ]
    for low, high in BANDS:
        rows = [row for row, alike in likeness.items() if low <= alike < high]
        recall = sum(row in found.rows for row in rows) / max(len(rows), 1)
        least = LEAST_RECALL if low >= 0.8 else 0.0
        what = f"texts: recall at Jaccard {low} to {min(high, 1.0)} ({len(rows):,})"
        lines.append((what, recall, least, recall >= least))
    true = sum(likeness.get(row, 0.0) >= near_duplicates_limit() for row in found.rows)
    precision = true / max(len(found.rows), 1)
    return [*lines, ("texts: precision", precision, 0.99, precision >= 0.99)]


def near_duplicates_limit() -> float:
    """Return the similarity from which on the rule tells texts."""
    limits = near_duplicates.check.__kwdefaults__
    return float((limits or {})["jaccard"]) - 1e-9


def templates(n: int) -> list[tuple[str, float, float, bool]]:
    """Return the lines for texts of one template."""
    random = np.random.default_rng(0)
    filled = zip(
        range(n),
        random.integers(0, 2000, n),
        random.integers(1, 9, n),
        random.integers(0, 300, n),
        strict=True,
    )
    found = judged(
        of_texts(
            [
                f"Dear N{a}, thank you for your order #{i} of {b} item{c}, it will be shipped to your home"
                for i, a, b, c in filled
            ]
        )
    )
    return [
        ("templates: CPU seconds", found.seconds, MOST_SECONDS, found.seconds <= MOST_SECONDS),
        ("templates: memory of the process, MB", found.memory, MOST_MEMORY, found.memory <= MOST_MEMORY),
        ("templates: findings", found.findings, 0, not found.findings),
    ]


def table(n: int) -> list[tuple[str, float, float, bool]]:
    """Return the lines for a table of 40 numbers and 10 categories."""
    random = np.random.default_rng(0)
    numbers = [[random.normal(size=size) for _ in range(40)] for size in (n, n // 5)]
    codes = [[random.integers(0, 8, size).astype(np.int32) for _ in range(10)] for size in (n, n // 5)]
    copied = random.choice(n, COPIES, replace=False)
    third = COPIES // 3
    for first, second in zip(numbers[0], numbers[1], strict=True):
        second[:COPIES] = first[copied]
    for one, two in zip(codes[0], codes[1], strict=True):
        two[:COPIES] = one[copied]
    for row in range(third):
        numbers[1][int(random.integers(40))][row] += 1e-3
        codes[1][int(random.integers(10))][2 * third + row] += 1
    for column in numbers[1]:
        column[third : 2 * third] = column[third : 2 * third].round(2)
    sets = []
    for part in (0, 1):
        columns = [Column(name=f"x{i}", kind="number", numbers=x) for i, x in enumerate(numbers[part])]
        names = tuple("abcdefghi")
        columns += [
            Column(name=f"c{i}", kind="category", codes=c, names=names) for i, c in enumerate(codes[part])
        ]
        sets.append(Dataset(id="t", source="t.csv", reader="csv", columns=tuple(columns)))
    found = judged(DataRead(train=sets[0], test=sets[1]))
    lines = [
        ("table: CPU seconds", found.seconds, TABLE_SECONDS, found.seconds <= TABLE_SECONDS),
        ("table: memory of the rule, MB", found.taken, TABLE_MEMORY, found.taken <= TABLE_MEMORY),
    ]
    for i, what in enumerate(("one number moved", "all numbers rounded", "one category changed")):
        recall = sum(row in found.test_rows for row in range(i * third, (i + 1) * third)) / third
        lines.append((f"table: recall, {what}", recall, LEAST_RECALL, recall >= LEAST_RECALL))
    false = len(found.test_rows - set(range(COPIES)))
    return [*lines, ("table: rows told that are no copies", false, 0, not false)]


PARTS = {"texts": texts, "templates": templates, "table": table}


def main() -> int:
    """Run each part in a process of its own; with --part, print its lines as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--part", choices=sorted(PARTS))
    given = parser.parse_args()
    if given.part:
        print(json.dumps(PARTS[given.part](given.rows)))
        return 0
    passed = True
    print(f"{'what':<48} | {'ours':>9} | {'limit':>7} | reached")
    for part in PARTS:
        command = [sys.executable, __file__, "--part", part, "--rows", str(given.rows)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        for what, ours, limit, reached in json.loads(told.stdout):
            print(f"{what:<48} | {ours:>9.4g} | {limit:>7.4g} | {'yes' if reached else 'NO'}", flush=True)
            passed = passed and reached
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
