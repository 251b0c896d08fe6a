"""DBG102: near copies across the split and inside train are told; equal rows and patterns are not."""

from __future__ import annotations

import numpy as np
import pytest

from mlcheck.model import Finding, Skip
from mlcheck.model.dataset import Column, DataRead, Dataset, Measured
from mlcheck.rules.data import near_duplicates


def numbers(table: np.ndarray) -> list[Column]:
    """Return columns of numbers."""
    return [Column(name=f"x{i}", kind="number", numbers=table[:, i].copy()) for i in range(table.shape[1])]


def texts(told: list[str]) -> list[Column]:
    """Return one column of texts."""
    return [Column(name="text", kind="text", texts=np.array(told, dtype=np.object_))]


def data(train: list[Column], test: list[Column] | None = None) -> DataRead:
    """Return columns as a data set with its test set."""

    def made(columns: list[Column], name: str) -> Dataset:
        return Dataset(id=name, source=f"{name}.csv", reader="csv", columns=tuple(columns))

    return DataRead(train=made(train, "train"), test=None if test is None else made(test, "test"))


def said(read: DataRead) -> tuple[list[Finding], Measured]:
    """Return the findings and what was measured."""
    every = list(near_duplicates.check(read))
    (measured,) = (x for x in every if isinstance(x, Measured))
    return [x for x in every if isinstance(x, Finding)], measured


def prose(count: int, seed: int) -> list[str]:
    """Return texts of 14 words, some words far more usual than others."""
    random = np.random.default_rng(seed)
    chance = 1 / (np.arange(4000) + 2.7)
    words = random.choice(4000, size=(count, 14), p=chance / chance.sum())
    return [" ".join(f"w{word}" for word in row) for row in words]


def test_near_copies_in_the_test_set_are_an_error() -> None:
    """One number of each moved by a thousandth; the rows of both sides are named."""
    random = np.random.default_rng(0)
    train, test = random.normal(size=(400, 5)), random.normal(size=(200, 5))
    test[:12] = train[100:112]
    test[:12, 2] += 1e-3
    (finding,), measured = said(data(numbers(train), numbers(test)))
    assert (finding.code, finding.severity, finding.evidence["count"]) == ("DBG102", "error", 12)
    assert sorted(measured.test_rows.tolist()) == list(range(12))
    assert sorted(measured.rows.tolist()) == list(range(100, 112))
    assert set(finding.evidence["test_rows"]) == set(range(12))  # type: ignore[arg-type]


def test_one_near_copy_is_a_warning() -> None:
    """One of 500 may be a second visit."""
    random = np.random.default_rng(0)
    train, test = random.normal(size=(500, 5)), random.normal(size=(500, 5))
    test[3] = train[8] + 1e-4
    (finding,), _ = said(data(numbers(train), numbers(test)))
    assert (finding.severity, finding.evidence["test_rows"], finding.evidence["rows"]) == (
        "warning",
        (3,),
        (8,),
    )
    assert finding.evidence["pairs"] == ("train 8 ~ test 3: 1",)


def test_equal_rows_are_left_to_the_rule_for_overlap() -> None:
    """They are told once."""
    random = np.random.default_rng(0)
    train, test = random.normal(size=(300, 5)), random.normal(size=(100, 5))
    test[:20], train[:20] = train[50:70], train[20:40]
    assert not said(data(numbers(train), numbers(test)))[0]


@pytest.mark.parametrize(("copies", "severity"), [(30, "warning"), (3, "note")])
def test_near_copies_inside_train(copies: int, severity: str) -> None:
    """From a twentieth of the rows on they are a warning."""
    train = np.random.default_rng(0).normal(size=(300, 5))
    train[:copies] = train[100 : 100 + copies] + 1e-4
    (finding,), measured = said(data(numbers(train)))
    assert finding.severity == severity
    told = set(measured.rows.tolist())
    assert len(told) >= 0.95 * copies
    assert told <= set(range(100, 100 + copies))


def test_texts_with_a_word_changed_are_told() -> None:
    """Thirteen of fifteen words are the same."""
    train, test = prose(400, 0), prose(200, 1)
    for row in range(20):
        test[row] = " ".join([f"changed{row}", *train[row].split()[1:]])
    (finding,), measured = said(data(texts(train), texts(test)))
    assert finding.severity == "error"
    assert "of 200 test texts are nearly equal to a train text" in finding.message
    assert len(set(measured.test_rows.tolist()) & set(range(20))) >= 18
    assert not set(measured.test_rows.tolist()) - set(range(20))


CITIES = ("Oslo", "Rome", "Bern", "Riga", "Nice", "Bonn")


def orders(count: int, seed: int) -> list[str]:
    """Return texts of one template."""
    random = np.random.default_rng(seed)
    return [
        f"Thank you for your order #{random.integers(10**6)} of {CITIES[random.integers(6)]}, it ships to your home"
        for _ in range(count)
    ]


def flights(count: int, seed: int) -> list[str]:
    """Return texts of one pattern with few words to choose from."""
    random = np.random.default_rng(seed)
    return [
        f"Please book a flight from {CITIES[a]} to {CITIES[b]} for {c} people on day {d}"
        for a, b, c, d in zip(*(random.integers(0, k, count) for k in (6, 6, 9, 28)), strict=True)
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("share", [0.02, 0.1, 1.0])
@pytest.mark.parametrize("pattern", [orders, flights])
def test_patterns_are_no_copies(pattern: object, share: float, seed: int) -> None:
    """Neither where all texts follow one, nor where some do."""
    count = int(1000 * share)
    every = pattern(count, seed) + prose(1000 - count, seed)  # type: ignore[operator]
    random = np.random.default_rng(seed)
    mixed = [every[i] for i in random.permutation(1000)]
    assert not said(data(texts(mixed[:700]), texts(mixed[700:])))[0]


def test_copies_are_told_beside_a_pattern() -> None:
    """Of 1,000 texts a tenth follows a template."""
    train, test = orders(100, 0) + prose(900, 0), orders(30, 1) + prose(270, 1)
    for row in range(100, 130):
        test[row] = train[row] + " again"
    (finding,), measured = said(data(texts(train), texts(test)))
    assert finding.severity == "error"
    assert set(measured.test_rows.tolist()) <= set(range(100, 130))
    assert len(measured.test_rows) >= 27


def test_rows_whose_texts_differ_are_no_copies() -> None:
    """Few rows have a text; where they do, it has to be the same."""
    random = np.random.default_rng(0)
    table = random.normal(size=(300, 5))
    table[:10] = table[10:20] + 1e-4
    told: list[str | None] = [f"note {i} of some length" if i < 20 else None for i in range(300)]
    text = Column(name="note", kind="text", texts=np.array(told, dtype=np.object_))
    assert not said(data([*numbers(table), text]))[0]


def test_images_saved_again_are_told() -> None:
    """With other brightness and some noise."""
    random = np.random.default_rng(0)
    shown = random.normal(size=(120, 8, 8, 3)).repeat(4, axis=1).repeat(4, axis=2) * 40 + 120
    again = shown[:15] * 0.9 + 10 + random.normal(0, 4, (15, 32, 32, 3))
    parts = [x.clip(0, 255).astype(np.uint8) for x in (shown, np.concatenate([again, shown[:0]]))]
    columns = [[Column(name="image", kind="image", pixels=part)] for part in parts]
    (finding,), _ = said(data(columns[0], columns[1]))
    assert (finding.severity, finding.evidence["count"]) == ("error", 15)
    assert "test images" in finding.message


def test_a_target_and_identifiers_do_not_make_rows_differ() -> None:
    """Rows are compared by their features."""
    random = np.random.default_rng(0)
    table = random.normal(size=(300, 5))
    table[:10] = table[10:20] + 1e-4
    number = Column(name="id", kind="number", numbers=np.arange(300.0), whole=True)
    (finding,), _ = said(data([number, *numbers(table)]))
    assert finding.evidence["count"] == 10


def test_without_features_it_is_not_checked() -> None:
    """Nor with a handful of rows."""
    number = Column(name="id", kind="number", numbers=np.arange(200.0), whole=True)
    assert [type(x) for x in near_duplicates.check(data([number]))] == [Skip]
    assert [type(x) for x in near_duplicates.check(data(numbers(np.eye(4))))] == [Skip]


def test_the_same_data_says_the_same() -> None:
    """What is drawn at random is drawn from a fixed seed."""
    train = np.random.default_rng(0).normal(size=(2500, 6))
    train[:9] = train[20:29] + 1e-3
    first, second = said(data(numbers(train))), said(data(numbers(train)))
    assert first[0] == second[0]
    assert first[1].rows.tolist() == second[1].rows.tolist()
