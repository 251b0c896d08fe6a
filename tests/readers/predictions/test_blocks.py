"""Parquet larger than is held gives the same rows in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Binary, BinaryBlocks
from mlcheck.readers.predictions import blocks, inputs
from tests.readers.predictions.tables import content_of, read

if TYPE_CHECKING:
    from pathlib import Path

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
N = 7000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write parts of a table: labels sorted, some rows without a score, weights."""
    random = np.random.default_rng(0)
    truth, score = np.repeat(["ham", "spam"], N), random.random(2 * N).astype(np.float32)
    score[::97] = np.nan
    for part, rows in enumerate(np.array_split(np.arange(2 * N), 3)):
        place = tmp_path / "p" / f"day={part}"
        place.mkdir(parents=True)
        columns = {"id": rows, "label": truth[rows], "prob": score[rows], "weight": random.random(len(rows))}
        pq.write_table(pa.table(columns), place / "part-0.parquet", row_group_size=1000)
    return tmp_path / "p"


def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold nothing."""
    monkeypatch.setattr(blocks, "MOST_BYTES", 1000)
    monkeypatch.setattr(blocks, "ROWS_AT_ONCE", 900)


def joined(content: BinaryBlocks) -> list[Any]:
    """Return truth, scores and weights of all blocks."""
    return [np.concatenate(parts) for parts in zip(*content.blocks(), strict=True)]


def test_the_pieces_hold_the_rows_of_the_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order, again and again, as often as they are asked for."""
    whole = read(folder)
    in_pieces(monkeypatch)
    made = read(folder)
    assert isinstance(whole.content, Binary)
    assert whole.content.score is not None
    assert whole.weight is not None
    assert isinstance(made.content, BinaryBlocks)
    assert (made.content.positive, made.content.negative, made.content.kind) == ("spam", "ham", "probability")
    assert made.content.rows == made.rows == whole.rows
    assert made.dropped == whole.dropped == {"without a score": len(range(0, 2 * N, 97))}
    for _ in range(2):
        truth, score, weight = joined(made.content)
        assert np.array_equal(truth, whole.content.truth)
        assert score.dtype == np.float32
        assert np.array_equal(score, whole.content.score)
        assert np.array_equal(weight, whole.weight)


def test_the_positive_label_may_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for tables that are held."""
    in_pieces(monkeypatch)
    assert content_of(BinaryBlocks, folder, positive="ham").positive == "ham"


def test_what_is_told_by_rows_is_read_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups need their rows."""
    in_pieces(monkeypatch)
    assert isinstance(read(folder, by="day").content, Binary)


def test_labels_and_scores_beyond_the_first_rows_are_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third label, a score that is no probability, a negative weight."""
    in_pieces(monkeypatch)
    monkeypatch.setattr(inputs, "HEAD_ROWS", 5)
    for column, value, told in (
        ("label", "eggs", "two classes"),
        ("prob", 1.5, "within 0..1"),
        ("weight", -1.0, "not negative"),
    ):
        table: dict[str, list[Any]] = {"label": ["ham"] * 9, "prob": [0.5] * 9, "weight": [1.0] * 9}
        table[column][-1] = value
        place = folder / "day=9"
        place.mkdir(exist_ok=True)
        pq.write_table(pa.table({"id": list(range(9)), **table}), place / "part-0.parquet")
        with pytest.raises(MlcheckError, match=told):
            read(folder)
