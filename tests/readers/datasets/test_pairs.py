"""Train and test set together: the same columns, kinds and codes; targets and roles; what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.errors import MlcheckError
from mlcheck.model.dataset import DataWanted
from mlcheck.readers.datasets import read_datasets

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model.dataset import DataRead


def pair(path: Path, train: str, test: str | None = None, **wanted: Any) -> DataRead:
    """Write one or two tables and read them."""
    (path / "train.csv").write_text(train, encoding="utf-8")
    if test is not None:
        (path / "test.csv").write_text(test, encoding="utf-8")
    other = str(path / "test.csv") if test is not None else None
    return read_datasets(DataWanted(train=str(path / "train.csv"), test=other, **wanted))


def test_columns_are_in_the_order_of_the_train_set(tmp_path: Path) -> None:
    """Those of only one side are named and left out."""
    made = pair(tmp_path, "a,b,c,label\n1,2,3,x\n4,5,6,y\n", "label,b,z,a\nx,8,0,7\n")
    assert made.test is not None
    assert [c.name for c in made.train.columns] == [c.name for c in made.test.columns] == ["a", "b", "label"]
    assert (made.train_only, made.test_only) == (("c",), ("z",))


def test_codes_mean_the_same_in_both(tmp_path: Path) -> None:
    """A category that only the test set has gets a code in both."""
    made = pair(tmp_path, "w,v\nb,1\nc,2\n", "w,v\na,1\nc,2\n")
    assert made.test is not None
    train, test = made.train.column("w"), made.test.column("w")
    assert train.names == test.names == ("a", "b", "c")
    assert (np.asarray(train.codes).tolist(), np.asarray(test.codes).tolist()) == ([1, 2], [0, 2])


def test_kinds_are_decided_on_both(tmp_path: Path) -> None:
    """Numbers on one side and names on the other are names; an odd cell on one side stays there."""
    made = pair(tmp_path, "w,n\n1,1\n2,2\n", "w,n\nx,?\ny,5\n")
    assert made.test is not None
    assert {made.train.column("w").kind, made.test.column("w").kind} == {"category"}
    assert made.train.column("w").names == ("1", "2", "x", "y")
    assert (dict(made.train.column("n").odd), dict(made.test.column("n").odd)) == ({}, {"?": 1})


def test_a_test_set_without_labels_has_no_target(tmp_path: Path) -> None:
    """The train set keeps its target; the only column that is withheld is the target."""
    made = pair(tmp_path, "a,fate\n1,x\n2,y\n", "a\n3\n4\n")
    assert made.test is not None
    assert (made.train.target, made.test.target, made.train_only) == ("fate", None, ("fate",))
    assert [c.name for c in made.train.features] == [c.name for c in made.test.features] == ["a"]


@pytest.mark.parametrize(
    ("header", "target"),
    [("a,species", "species"), ("a,Label", "Label"), ("a,b", None), ("label,class", None), ("a,y", "y")],
)
def test_the_target_is_found_by_its_name_only_where_it_is_clear(
    tmp_path: Path, header: str, target: str | None
) -> None:
    """A last column is none by its place."""
    assert pair(tmp_path, f"{header}\n1,2\n3,4\n5,6\n").train.target == target


@pytest.mark.parametrize(
    ("cells", "goal"),
    [
        (["a", "b"] * 20, "classification"),
        (["yes", "no"] * 20, "classification"),
        (["0", "1"] * 20, "classification"),
        ([str(i % 10) for i in range(200)], "classification"),
        ([str(i % 10) for i in range(20)], "regression"),
        ([str(i % 90) for i in range(900)], "regression"),
        ([str(i / 7) for i in range(50)], "regression"),
        (["-1.5", "1.5"] * 5, "classification"),
    ],
)
def test_the_goal_follows_from_the_target(tmp_path: Path, cells: list[str], goal: str) -> None:
    """Labels, two values, and whole numbers of few values are classes; they become categories."""
    table = "a,t\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    made = pair(tmp_path, table, target="t").train
    assert made.goal == goal
    assert (made.column("t").kind == "category") == (goal == "classification")


def test_classes_as_numbers_are_in_the_order_of_their_values(tmp_path: Path) -> None:
    """Ten comes after nine."""
    table = "a,t\n" + "".join(f"{i},{i % 11}\n" for i in range(220))
    assert pair(tmp_path, table, target="t").train.column("t").names == tuple(str(i) for i in range(11))


def test_the_user_may_say_what_the_goal_is(tmp_path: Path) -> None:
    """Few whole numbers may be amounts; texts may not."""
    made = pair(tmp_path, "a,t\n" + "1,1\n2,2\n3,3\n" * 9, target="t", goal="regression").train
    assert (made.goal, made.column("t").kind) == ("regression", "number")
    with pytest.raises(MlcheckError, match="expected numbers in the target 't', found category"):
        pair(tmp_path, "a,t\n1,x\n2,y\n", target="t", goal="regression")


def test_rows_without_a_target_stay_and_are_counted(tmp_path: Path) -> None:
    """Row i stays row i of the file."""
    made = pair(tmp_path, "a,t\n1,x\n2,\n3,y\n", target="t").train
    assert (len(made), dict(made.dropped), made.column("t").missing.tolist()) == (
        3, {"without a target": 1}, [False, True, False],
    )  # fmt: skip


def test_group_and_time_are_no_features(tmp_path: Path) -> None:
    """Roles are found in any case of their names."""
    made = pair(
        tmp_path, "user,day,a,t\nu,2020-01-01,1,x\nv,2020-01-02,2,y\n", target="T", group="User", time="day"
    ).train
    assert (made.target, made.group, made.time) == ("t", "user", "day")
    assert [c.name for c in made.features] == ["a"]


def test_the_digest_changes_with_the_content_only(tmp_path: Path) -> None:
    """The same rows have the same digest, another cell another one."""
    first = pair(tmp_path, "a,w\n1,x\n2,y\n").digest
    assert first == pair(tmp_path, "a,w\n1.0,x\n2.0,y\n").digest
    assert first != pair(tmp_path, "a,w\n1,x\n2,z\n").digest
    assert len(first) == 12


@pytest.mark.parametrize(
    ("table", "target", "told"),
    [
        (
            "age,income\n1,2\n3,4\n",
            "incme",
            r"expected a column 'incme' for --target, found none of that name; did you mean 'income'\?",
        ),
        ("age,income\n1,2\n3,4\n", "zzz", "its columns are 'age', 'income'"),
        (
            "a,t\n1,x\n2,x\n",
            "t",
            "expected at least two values in the target 't', found one value in all of its 2 rows",
        ),
        ("a,t\n1,\n2,\n", "t", "found only missing values"),
    ],
)
def test_a_target_that_cannot_be_used_is_told(tmp_path: Path, table: str, target: str, told: str) -> None:
    """With what is near, or with the columns."""
    with pytest.raises(MlcheckError, match=told):
        pair(tmp_path, table, target=target)


def test_a_test_set_of_other_columns_is_told(tmp_path: Path) -> None:
    """No common column, nothing to compare."""
    with pytest.raises(MlcheckError, match="found only others"):
        pair(tmp_path, "a,b\n1,2\n", "c,d\n1,2\n")


def test_one_column_cannot_have_two_roles(tmp_path: Path) -> None:
    """The target is not the group."""
    with pytest.raises(MlcheckError, match="expected different columns"):
        pair(tmp_path, "a,t\n1,x\n2,y\n", target="t", group="t")


def test_a_log_is_refused_unless_its_target_is_named(tmp_path: Path) -> None:
    """It most likely was meant for another command; whatever has columns may still be looked at."""
    log = "epoch,loss\n1,0.9\n2,0.8\n"
    with pytest.raises(MlcheckError, match=r"found a log of training .*mlcheck diagnose train\.csv"):
        pair(tmp_path, log)
    made = pair(tmp_path, log, target="loss").train
    assert ([c.name for c in made.columns], made.target) == (["epoch", "loss"], "loss")


def test_lines_of_a_log_are_refused(tmp_path: Path) -> None:
    """Text cut at its blanks is no table of features."""
    with pytest.raises(MlcheckError, match="found a log of training"):
        pair(tmp_path, "".join(f"epoch {i} loss {1 / (i + 1):.3f}\n" for i in range(30)))


@pytest.mark.parametrize(
    ("header", "found"), [("x,price", "price"), ("price,x", None), ("price,label", "label")]
)
def test_a_common_name_of_a_target_counts_where_it_stands_last(
    tmp_path: Path, header: str, found: str | None
) -> None:
    """And where no other column is named as a target."""
    assert pair(tmp_path, header + "\n" + "1,2\n2,3\n3,5\n").train.target == found


def test_a_guessed_target_that_does_not_vary_is_none(tmp_path: Path) -> None:
    """It was no more than a guess; one that is named so is told."""
    assert pair(tmp_path, "x,price\n1,2\n2,2\n").train.target is None
    with pytest.raises(MlcheckError, match="at least two values"):
        pair(tmp_path, "x,label\n1,2\n2,2\n")
