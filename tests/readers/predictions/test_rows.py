"""Weights, groups and identifiers of rows; what is left out, what comes again; large tables as small ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.model.predictions import Binary, Multiclass
from mlcheck.readers.predictions import csv_fast
from tests.readers.predictions import test_layouts as layouts
from tests.readers.predictions.tables import content_of, read, refusal, written

if TYPE_CHECKING:
    from pathlib import Path

USERS = "user_id,label,score,w,site\n" + "".join(
    f"u{i % 12},{i % 2},{i / 64},{1 + i % 3},{'ab'[i % 2]}\n" for i in range(48)
)


def test_weights_groups_and_clusters(tmp_path: Path) -> None:
    """By their names; groups by option only."""
    found = read(written(tmp_path, "p.csv", USERS), by="site")
    assert found.weight is not None
    assert found.weight[:3].tolist() == [1, 2, 3]
    assert found.clusters is not None
    assert (found.clusters.column, len(found.clusters.names)) == ("user_id", 12)
    assert found.by is not None
    assert (found.by.names, found.by.code[:3].tolist()) == (("a", "b"), [0, 1, 0])
    assert found.columns["group"] == ("user_id",)


def test_few_groups_are_no_clusters_unless_named(tmp_path: Path) -> None:
    """A handful of sites cannot be resampled."""
    text = USERS.replace("user_id", "x").replace("site", "group")
    assert read(written(tmp_path, "p.csv", text)).clusters is None
    clusters = read(written(tmp_path, "p.csv", text), group="group").clusters
    assert clusters is not None
    assert clusters.names == ("a", "b")


def test_rows_are_left_out_for_their_first_reason_and_partitions_follow(tmp_path: Path) -> None:
    """Weights, groups and keys are those of the rows that are kept."""
    text = "id,label,score,weight,g\n1,1,0.5,2,x\n2,,0.5,2,x\n3,0,nan,2,y\n4,0,0.25,,y\n5,0,0.75,3,\n"
    found = read(written(tmp_path, "p.csv", text), by="g")
    assert found.dropped == {"without a weight": 1, "without a truth": 1, "without a score": 1}
    assert found.rows == 2
    assert found.weight is not None
    assert found.weight.tolist() == [2, 3]
    assert found.by is not None
    assert found.by.code.tolist() == [0, -1]
    assert found.keys is not None
    assert found.keys.tolist() == [1, 5]


def test_repeated_ids_and_rows_are_counted(tmp_path: Path) -> None:
    """By the id, else by whole rows where chance would hardly make two alike."""
    body = "".join(f"r{i},{i % 2},0.{i:04}\n" for i in range(40))
    assert read(written(tmp_path, "a.csv", f"id,label,score\n{body}r3,0,0.9\n")).repeated == 1
    rows = [f"{i % 2},{value!r}" for i, value in enumerate(np.random.default_rng(0).random(300).tolist())]
    assert (
        read(
            written(tmp_path, "b.csv", "label,score\n" + "\n".join([*rows, rows[7], rows[9]]) + "\n")
        ).repeated
        == 2
    )
    assert read(written(tmp_path, "c.csv", "label,score\n" + "1,0.5\n0,0.25\n" * 9)).repeated == 0


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("label,score,weight\n1,0.5,0\n0,0.5,0\n", {}, "found only zeros"),
        ("label,score\n1,50\n0,75.5\n", {"score": ("score",), "by": "site"}, "'site' for --by"),
        ("label,probability\n1,50\n0,75.5\n", {}, "divide them by 100"),
        ("label,pred\n1,a\n2,b\n3,c\n", {}, "among the labels of the truth"),
        ("label,prob_0,prob_1\n1,0.5,0.5\n0,0.5,0.75\n", {}, "found 1.25 in row 2 and 1 such"),
        (
            "y,a,b\n1,0.5,1\n0,0.2,1\n",
            {"task": "regression", "true": ("y",), "pred": ("a", "b")},
            "for each target",
        ),
        ("label,pred\nyes,no\nno,maybe\nyes,yes\n", {"task": "binary"}, "found 3 labels"),
        ("a,b\n" + "1,2\n" * 9 + "1,2,3,4\n", {}, "p.csv:11: expected 2 cells"),
        ("id,label,pred\n1,0,0\n1,1,1\n", {"identifier": "id"}, "come again"),
    ],
)
def test_bad_rows_are_one_clear_line(
    text: str, options: dict[str, object], told: str, tmp_path: Path
) -> None:
    """What was expected, what was found, where."""
    assert told in refusal(written(tmp_path, "p.csv", text), **options)


def test_control_characters_in_names_stay_on_one_line(tmp_path: Path) -> None:
    """Names are shown as Python writes them."""
    told = refusal(written(tmp_path, "p.csv", 'a\x1b[31m,"b\nc"\n1,2\n3,4\n'))
    assert "\x1b" not in told
    assert "\n" not in told


def test_large_tables_are_read_as_small_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layout in pieces of a few rows; labels that only come later, numbers that are none further on."""
    cases = [
        layouts.table(header, kinds, mark) for header, kinds, _ in layouts.BINARY.values() for mark in ",;"
    ]
    cases += [
        "label,score\n" + "0,0.5\n" * 30 + "late,0.25\n1,\n",
        "y_true,y_pred\n" + "1,1\n" * 30 + "2.5,x\n",
    ]
    paths = [written(tmp_path, f"{i}.csv", text) for i, text in enumerate(cases)]
    paths += [written(tmp_path, "b.csv", "".join(f"{i % 2},{i / 64}\n" for i in range(60)))]
    small = [_told(path) for path in paths]
    monkeypatch.setattr(csv_fast, "PAYS_FROM", 1)
    monkeypatch.setattr(csv_fast, "ROWS_AT_ONCE", 5)
    assert [_told(path) for path in paths] == small


def _told(path: str) -> str:
    """Return what is read of a table, or why it is not, in words."""
    from mlcheck.errors import MlcheckError

    try:
        found = read(path)
    except MlcheckError as error:
        return str(error)
    names = ("truth", "predicted", "score", "scores", "positive", "labels")
    values = [getattr(found.content, name, None) for name in names]
    told = [value.tolist() if isinstance(value, np.ndarray) else value for value in values]
    return repr((found.task, found.rows, found.dropped, told))


def test_a_small_table_loads_neither_pandas_nor_scikit_learn(tmp_path: Path) -> None:
    """A linter starts fast."""
    import subprocess
    import sys

    path = written(tmp_path, "p.csv", USERS)
    code = (
        "import sys\nfrom mlcheck.model.predictions import Wanted\nfrom mlcheck.readers.predictions import read_predictions\n"
        f"read_predictions(Wanted(files=({path!r},)))\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "sklearn", "scipy", "pyarrow"} & {
        name.split(".")[0] for name in done.stdout.split()
    }


def test_the_confidence_of_several_classes_is_left_out(tmp_path: Path) -> None:
    """One score cannot tell between many."""
    found = read(written(tmp_path, "p.csv", "label,pred,confidence\na,a,0.9\nb,c,0.5\nc,c,0.8\n"))
    assert isinstance(found.content, Multiclass)
    assert found.content.scores is None
    assert any("confidence" in doubt for doubt in found.doubts)


def test_columns_may_be_named(tmp_path: Path) -> None:
    """Also by number, where the file names none."""
    text = "label,other,prediction,risk\n1,0,1,0.5\n0,1,1,0.25\n"
    made = content_of(
        Binary, written(tmp_path, "p.csv", text), true=("other",), score=("risk",), pred=("prediction",)
    )
    assert made.truth.tolist() == [False, True]
    bare = content_of(Binary, written(tmp_path, "q.csv", "7,1,0.5\n8,0,0.25\n"), true=("1",), score=("2",))
    assert bare.truth.tolist() == [True, False]
