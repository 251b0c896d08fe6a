"""nDCG@10 and MAP of a TREC run, reading the files included, against pytrec_eval with its dictionaries.

usage: python benchmarks/metrics_ranking.py [--queries N]

10,000 queries of 100 retrieved documents (in the order of their rank, and shuffled) and 50 judged ones, in the layouts
of MS MARCO. Both sides read the same two files and give both means; they must agree to 1e-12. CPU seconds, medians of
alternating rounds in one process. Exits with 1 where the limit is passed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded

import numpy as np
import pytrec_eval

from mlcheck.readers.predictions import trec
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.ranking import gains, order
from mlcheck.stats.metrics.ranking.view import view
from mlcheck.stats.metrics.resample import Sampling

ROUNDS = 7
LIMIT = 1 / 3
RETRIEVED, JUDGED = 100, 50


def write(folder: Path, queries: int, *, shuffled: bool) -> tuple[Path, Path]:
    """Write judgements and a run; half of the judged documents are retrieved."""
    random = np.random.default_rng(0)
    qrels, run = folder / "qrels.txt", folder / f"run-{shuffled}.txt"
    with qrels.open("w", encoding="utf-8") as judgements, run.open("w", encoding="utf-8") as ranking:
        for query in range(1, queries + 1):
            documents = random.choice(8_841_823, size=RETRIEVED + JUDGED // 2, replace=False).tolist()
            scores = np.sort(random.gamma(5, 3, size=RETRIEVED))[::-1].tolist()
            lines = [
                f"{query} Q0 msmarco_passage_{documents[i]:08d} {i + 1} {scores[i]:.6f} bm25\n"
                for i in range(RETRIEVED)
            ]
            ranking.writelines(
                lines[i] for i in (random.permutation(RETRIEVED) if shuffled else range(RETRIEVED))
            )
            seen = random.choice(RETRIEVED, JUDGED - JUDGED // 2, replace=False).tolist()
            grades = random.choice(4, size=JUDGED, p=[0.6, 0.2, 0.15, 0.05]).tolist()
            judged = [documents[i] for i in seen] + documents[RETRIEVED:]
            judgements.writelines(
                f"{query} 0 msmarco_passage_{d:08d} {g}\n" for d, g in zip(judged, grades, strict=True)
            )
    return qrels, run


def ours(qrels: Path, run: Path) -> tuple[float, float]:
    """Return nDCG@10 and MAP."""
    seen = view(trec.read(str(qrels), str(run)), Sampling(), Parameters())
    return float(gains.ndcg_by_query(seen, 10).mean()), float(order.average_precision(seen).mean())


def peer(qrels: Path, run: Path) -> tuple[float, float]:
    """Return the same by pytrec_eval."""
    with qrels.open(encoding="utf-8") as file:
        judged = pytrec_eval.parse_qrel(file)
    with run.open(encoding="utf-8") as file:
        retrieved = pytrec_eval.parse_run(file)
    found = pytrec_eval.RelevanceEvaluator(judged, {"ndcg_cut.10", "map"}).evaluate(retrieved)
    return (
        statistics.fmean(q["ndcg_cut_10"] for q in found.values()),
        statistics.fmean(q["map"] for q in found.values()),
    )


def compared(folder: Path, queries: int, *, shuffled: bool) -> bool:
    """Print one row; return whether the limit is kept."""
    qrels, run = write(folder, queries, shuffled=shuffled)
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    for number in range(ROUNDS + 1):
        found = []
        for name, work in (("ours", ours), ("peer", peer)):
            start = time.process_time()
            found.append(work(qrels, run))
            if number:
                seconds[name].append(time.process_time() - start)
        if not np.allclose(found[0], found[1], rtol=0, atol=1e-12):
            raise SystemExit(f"expected the same numbers, found {found[0]} and {found[1]}")
    mine, theirs = statistics.median(seconds["ours"]), statistics.median(seconds["peer"])
    reached = mine <= LIMIT * theirs
    order_told = "shuffled" if shuffled else "by rank"
    print(
        f"nDCG@10 + MAP, {queries:,} queries x {RETRIEVED}, {order_told} | {mine:.3f} s | pytrec_eval {theirs:.3f} s"
        f" | {mine / theirs:.3f} | <= {LIMIT:.3f} | {'ok' if reached else 'NOT REACHED'}"
    )
    return reached


def main() -> int:
    """Run both rows in a temporary folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--queries", type=int, default=10_000, help="queries of the run")
    queries = parser.parse_args().queries
    print("work | ours | peer | ratio | limit | reached")
    with tempfile.TemporaryDirectory() as folder:
        passed = [compared(Path(folder), queries, shuffled=shuffled) for shuffled in (False, True)]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
