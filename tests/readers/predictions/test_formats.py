"""The same predictions in every format give the same values."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Binary, Wanted
from mlcheck.readers.predictions import read_predictions
from tests.readers.predictions.tables import content_of, read, refusal, written

if TYPE_CHECKING:
    from pathlib import Path

TRUTH = [0, 1, 1, 0, 1]
SCORE = [0.1, 0.75, 0.5, 0.25, 1.0]
ROWS = "".join(f"{t},{s}\n" for t, s in zip(TRUTH, SCORE, strict=True))
RECORDS = [{"y_true": t, "score": s} for t, s in zip(TRUTH, SCORE, strict=True)]


def npz(**arrays: object) -> bytes:
    """Return the bytes of an NPZ file."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # arrays by name
    return stream.getvalue()


def npy(array: np.typing.NDArray[np.float64]) -> bytes:
    """Return the bytes of an NPY file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def parquet(**columns: list[object]) -> bytes:
    """Return the bytes of a Parquet file."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


FORMATS: dict[str, str | bytes] = {
    "p.csv": "y_true,score\n" + ROWS,
    "p.tsv": "y_true\tscore\n" + ROWS.replace(",", "\t"),
    "semicolon.csv": "y_true;score\n" + ROWS.replace(",", ";"),
    "comma.csv": "y_true;score\n" + ROWS.replace(",", ";").replace(".", ","),
    "bar.csv": "y_true|score\n" + ROWS.replace(",", "|"),
    "blanks.txt": "y_true score\n" + ROWS.replace(",", " "),
    "quoted.csv": '"y_true","score"\n' + "".join(f'"{t}","{s}"\n' for t, s in zip(TRUTH, SCORE, strict=True)),
    "bom.csv": "\ufeffy_true,score\r\n" + ROWS.replace("\n", "\r\n"),
    "comment.csv": "# made by eval.py\ny_true,score\n" + ROWS,
    "pandas_index.csv": ",y_true,score\n" + "".join(f"{i},{r}\n" for i, r in enumerate(ROWS.split())),
    "r_rownames.csv": "y_true,score\n" + "".join(f"{i},{r}\n" for i, r in enumerate(ROWS.split(), 1)),
    "records.json": json.dumps(RECORDS),
    "columns.json": json.dumps({"y_true": TRUTH, "score": SCORE}),
    "lists.json": json.dumps({"predictions": SCORE, "labels": TRUTH, "accuracy": 0.8}),
    "wrapped.json": json.dumps({"model": "m", "predictions": RECORDS}),
    "by_id.json": json.dumps({f"img{i}": r for i, r in enumerate(RECORDS)}),
    "split.json": json.dumps({"columns": ["y_true", "score"], "index": [0, 1, 2, 3, 4], "data": [[t, s] for t, s in zip(TRUTH, SCORE, strict=True)]}),
    "pandas_columns.json": json.dumps({n: {str(i): v for i, v in enumerate(c)} for n, c in (("y_true", TRUTH), ("score", SCORE))}),
    "lines.jsonl": "\n".join(json.dumps(r) for r in RECORDS) + "\n",
    "texts.jsonl": "\n".join(json.dumps({k: str(v) for k, v in r.items()}) for r in RECORDS) + "\n",
    "arrays.npz": npz(y_true=np.array(TRUTH), y_score=np.array(SCORE)),
    "column_vectors.npz": npz(targets=np.array(TRUTH)[:, None], probs=np.array(SCORE)[:, None]),
    "table.npy": npy(np.array([TRUTH, SCORE]).T),
    "p.parquet": parquet(y_true=list(TRUTH), score=list(SCORE)),
    "bare.csv": ROWS,
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_gives_the_same_truth_and_scores(name: str, packed: bool, tmp_path: Path) -> None:
    """CSV and its kin, JSON and JSON lines, NPZ and NPY, Parquet; plain and in gzip."""
    plain = FORMATS[name]
    content = plain.encode() if isinstance(plain, str) else plain
    path = written(tmp_path, name + ".gz" * packed, gzip.compress(content) if packed else content)
    made = content_of(Binary, path)
    assert made.truth.tolist() == [bool(t) for t in TRUTH]
    assert made.score is not None
    assert made.score.tolist() == SCORE
    assert (made.kind, made.positive, made.negative) == ("probability", "1", "0")


def test_standard_input_is_read_as_a_file_is() -> None:
    """`-` takes what is piped in."""
    content = ("y_true,score\n" + ROWS).encode()
    found = read_predictions(Wanted(files=("-",)), stdin=lambda: content)
    assert found.predictions[0].source == "-"
    assert found.predictions[0].rows == 5


def test_float32_scores_stay_float32(tmp_path: Path) -> None:
    """What the file holds in single precision is not widened."""
    content = npz(y_true=np.array(TRUTH), y_score=np.array(SCORE, dtype=np.float32))
    made = content_of(Binary, written(tmp_path, "p.npz", content))
    assert made.score is not None
    assert made.score.dtype == np.float32


def test_parts_of_a_partitioned_folder_are_one_table(tmp_path: Path) -> None:
    """`split=test/part-0.csv` and its neighbours: rows under each other, keys as columns."""
    for split, rows in (("a", ROWS), ("b", ROWS)):
        for part in range(2):
            written(tmp_path, f"p/split={split}/part-{part}.csv", "y_true,score\n" + rows)
    written(tmp_path, "p/_SUCCESS", "")
    made = read(tmp_path / "p", by="split")
    assert made.rows == 20
    assert made.by is not None
    assert (made.by.names, made.by.code.tolist()) == (("a", "b"), [0] * 10 + [1] * 10)


def test_parts_in_parquet_and_json_lines_are_one_table(tmp_path: Path) -> None:
    """Every format of tables may come in parts."""
    content = parquet(y_true=list(TRUTH), score=list(SCORE))
    for part in range(3):
        written(tmp_path, f"q/part-{part}.parquet", content)
        written(tmp_path, f"j/part-{part}.jsonl", "\n".join(json.dumps(r) for r in RECORDS))
    assert read(tmp_path / "q").rows == read(tmp_path / "j").rows == 15


def test_parts_with_other_columns_are_no_model_to_compare(tmp_path: Path) -> None:
    """A folder with two tables is not glued together, and which of them is compared is not guessed."""
    written(tmp_path, "p/a.csv", "y_true,score\n" + ROWS)
    written(tmp_path, "p/b.csv", "label,prob\n" + ROWS)
    with pytest.raises(MlcheckError, match=r"p/a\.csv and p/b\.csv"):
        read_predictions(Wanted(files=(str(tmp_path / "p"), str(tmp_path / "p" / "a.csv"))))


def test_arrays_of_objects_are_refused_unloaded(tmp_path: Path) -> None:
    """They hold pickles, which run code."""
    content = npz(y_true=np.array(["a", None], dtype=object), y_pred=np.array([1, 2]))
    told = refusal(written(tmp_path, "p.npz", content))
    assert "Python objects" in told
    assert "np.savez" in told


def test_arrays_of_different_lengths_are_told_apart(tmp_path: Path) -> None:
    """With their shapes: neither can be the rows of the other."""
    told = refusal(written(tmp_path, "p.npz", npz(y_true=np.array([0, 1, 1]), y_score=np.array([0.1, 0.2]))))
    assert "arrays of one length, found y_true (3,), y_score (2,)" in told


def test_pickles_are_refused_with_the_safe_alternative(tmp_path: Path) -> None:
    """No pickle is loaded."""
    import pickle

    told = refusal(written(tmp_path, "p.pkl", pickle.dumps({"y_true": TRUTH})))
    assert "pickle" in told
    assert "numpy.savez" in told


def test_a_folder_of_other_tables_is_a_model_each(tmp_path: Path) -> None:
    """Each that tells predictions is judged by itself; what does not is passed over."""
    (tmp_path / "a.csv").write_text("y_true,y_score\n" + "0,0.2\n1,0.9\n" * 20)
    (tmp_path / "b.csv").write_text("target,prediction,site\n" + "1.5,1.4,x\n2.5,2.7,y\n" * 20)
    (tmp_path / "notes.csv").write_text("name,colour\nrose,red\nlily,white\n")
    read = read_predictions(Wanted(files=(str(tmp_path),)))
    assert [p.task for p in read.predictions] == ["binary", "regression"]
    assert read.apart
    assert read.passed_over == 1


def test_a_folder_without_predictions_says_what_came_nearest(tmp_path: Path) -> None:
    """One line, with the first table's reason."""
    (tmp_path / "a.csv").write_text("name,colour\nrose,red\nlily,white\n")
    (tmp_path / "b.csv").write_text("name,size\nrose,3\nlily,4\n")
    with pytest.raises(MlcheckError, match=r"found none in 2 tables; nearest: .*/a\.csv"):
        read_predictions(Wanted(files=(str(tmp_path),)))
