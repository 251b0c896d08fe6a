"""Other people's printed logs; MLCHECK_BENCH names the folder that holds them."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from mlcheck.errors import NothingToRead
from mlcheck.readers import assemble, text
from mlcheck.readers.source import Source
from tests.readers.printed import log


def bench() -> Path:
    """Return the folder of other people's logs, or skip."""
    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        pytest.skip("MLCHECK_BENCH does not name the folder of other people's logs")
    return Path(folder)


def test_other_peoples_language_models_are_read_whole() -> None:
    """Every loss that stands in the logs of forty runs is a point of the one run, and nothing else is."""
    files = sorted((bench() / "nanogpt").glob("*.txt"))
    assert len(files) == 40
    for file in files:
        found = log(file.read_text())
        printed = dict[str, list[float]]()
        for name, value in re.findall(r"(train_loss|val_loss):([\d.]+)", file.read_text()):
            printed.setdefault(name, []).append(float(value))
        assert {c.name: c.value.tolist() for c in found.channels} == printed
        assert found.events == ()


WILD = re.compile(r"^(text|speechbrain|nnunet|caffe|coqui)/|(output|training|stdout|20230605_200941)\.log$")


def test_other_peoples_printed_logs_are_read_as_a_careful_person_would() -> None:
    """Number of runs, number of points, first and last value of each loss agree with what stands in the files."""
    folder = bench() / "wild"
    rows = [
        r
        for r in csv.DictReader((folder / "expected.csv").read_text().splitlines())
        if WILD.search(r["file"])
    ]
    assert len(rows) >= 20
    for row in rows:
        try:
            found = list(text.read(Source(name=row["file"], path=folder / row["file"])))
        except NothingToRead:
            found = []
        runs = assemble.runs(found, columns={}).runs
        assert len(runs) == int(row["runs"]), row["file"]
        for run in runs:
            for split, series in (("train", run.train_loss), ("val", run.val_loss)):
                expected = int(row[f"{split}_n"])
                assert (len(series) if series else 0) == expected, row["file"]
                if series and expected:
                    assert series.name == row[f"{split}_name"], row["file"]
                    ends = [float(row[f"{split}_first"]), float(row[f"{split}_last"])]
                    assert series.value[[0, -1]].tolist() == pytest.approx(ends, rel=1e-4), row["file"]
