"""Near rows and images: planted copies are found, ordinary neighbours are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcheck.model.dataset import Column
from mlcheck.stats.data import near, near_images, near_rows, nearness

if TYPE_CHECKING:
    from collections.abc import Callable

SURE = 1e-3


def columns(table: np.ndarray, codes: np.ndarray | None = None) -> list[Column]:
    """Return numbers and categories as columns."""
    made = [Column(name=f"x{i}", kind="number", numbers=table[:, i].copy()) for i in range(table.shape[1])]
    if codes is not None:
        names = tuple("abcdefgh")
        made += [
            Column(name=f"c{i}", kind="category", codes=codes[:, i].astype(np.int32), names=names)
            for i in range(codes.shape[1])
        ]
    return made


def sure(made: list[Column]) -> set[tuple[int, int]]:
    """Return the pairs that chance does not make."""
    pairs = near_rows.pairs(made, None, np.arange(len(made[0])))
    kept = pairs.only(pairs.expected < SURE)
    return set(zip(kept.first.tolist(), kept.second.tolist(), strict=True))


@pytest.mark.parametrize("rows", [400, 3000])
@pytest.mark.parametrize("how", ["one number moved", "rounded", "one category changed", "one missing"])
def test_copies_of_rows_are_found(rows: int, how: str) -> None:
    """Where all pairs are compared, and where candidates are hashed."""
    random = np.random.default_rng(0)
    table, codes = random.normal(size=(rows, 8)), random.integers(0, 6, (rows, 3))
    table[:20], codes[:20] = table[20:40], codes[20:40]
    if how == "one number moved":
        table[np.arange(20), random.integers(0, 8, 20)] += 1e-3
    elif how == "rounded":
        table[:20] = table[:20].round(2)
    elif how == "one missing":
        table[np.arange(20), random.integers(0, 8, 20)] = np.nan
    else:
        codes[np.arange(20), random.integers(0, 3, 20)] += 1
    found = sure(columns(table, codes))
    assert len(found & {(i, i + 20) for i in range(20)}) >= 19
    assert len(found) <= 20


def walk(random: np.random.Generator) -> np.ndarray:
    """Return a slow series of five columns."""
    return np.cumsum(random.normal(size=(800, 5)), axis=0)


CLEAN: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "measurements": lambda random: random.normal(size=(800, 3)),
    "skewed": lambda random: random.exponential(size=(800, 4)) ** 2,
    "heavy tails": lambda random: random.standard_t(2, size=(800, 5)),
    "coarse": lambda random: random.normal(size=(800, 4)).round(1),
    "a grid": lambda random: random.integers(0, 30, (800, 4)).astype(float),
    "few columns": lambda random: random.random((800, 2)),
    "flags": lambda random: random.integers(0, 2, (800, 30)).astype(float),
    "one-hot": lambda random: np.eye(12)[random.integers(0, 12, 800)],
    "a series": walk,
    "a shuffled series": lambda random: random.permutation(walk(random)),
    "a plane in ten columns": lambda random: random.normal(size=(800, 2)) @ random.normal(size=(2, 10)),
    "clusters": lambda random: (
        random.normal(size=(30, 6))[random.integers(0, 30, 800)] + 0.02 * random.normal(size=(800, 6))
    ),
}


@pytest.mark.parametrize("what", CLEAN)
@pytest.mark.parametrize("seed", range(3))
def test_ordinary_neighbours_are_not_told(what: str, seed: int) -> None:
    """Rows of clean data are as near as chance puts them."""
    table = CLEAN[what](np.random.default_rng(seed))
    assert not sure(columns(table[np.sort(np.unique(table, axis=0, return_index=True)[1])]))


def test_pairs_do_not_depend_on_shift_and_scale() -> None:
    """Columns are compared in their own units."""
    random = np.random.default_rng(1)
    table = random.normal(size=(500, 6))
    table[:10] = table[10:20] + 1e-3
    scaled = table * 10.0 ** np.arange(-3, 3) + 5
    assert sure(columns(table)) == sure(columns(scaled)) == {(i, i + 10) for i in range(10)}


def test_expected_pairs_of_a_uniform_square() -> None:
    """N (n - 1) / 2 pairs, of which pi r^2 (2 for the root of a mean of two squares) are within r."""
    random = np.random.default_rng(0)
    table = random.random((1500, 2)).astype(np.float32)
    inside = np.flatnonzero(((table > 0.2) & (table < 0.8)).all(axis=1))[:200]
    moved = np.concatenate([table, table[inside] + 0.01]).astype(np.float32)
    second = 1500 + np.arange(len(inside))
    told = nearness.expected_pairs(moved, inside, second, np.zeros(2), trim=False)
    exact = len(moved) ** 2 / 2 * np.pi * 0.01**2 * 2
    assert exact / 2 < np.median(told) < exact * 2


def pictures(count: int, seed: int = 0) -> np.ndarray:
    """Return smooth random pictures, (count, 32, 32, 3)."""
    random = np.random.default_rng(seed)
    waves = np.fft.fftfreq(32)
    weight = 1 / np.maximum(np.hypot(waves[:, None], waves[None]), 1 / 32) ** 1.3
    made = np.fft.ifft2(
        weight[..., None] * np.fft.fft2(random.normal(size=(count, 32, 32, 3)), axes=(1, 2)), axes=(1, 2)
    )
    level = made.real / made.real.std() * 45 + 120
    return np.asarray(np.clip(level, 0, 255), dtype=np.uint8)


@pytest.mark.parametrize("how", ["noise", "brighter", "quantised"])
@pytest.mark.parametrize("few", [5000, 10])
def test_copies_of_images_are_found(how: str, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all pairs are compared, and where hashes are."""
    monkeypatch.setattr(near_images, "FEW", few)
    shown = pictures(250).astype(float)
    copies = shown[:20].copy()
    if how == "noise":
        copies += np.random.default_rng(1).normal(0, 6, copies.shape)
    elif how == "brighter":
        copies = copies * 1.1 + 8
    else:
        copies = (copies // 16) * 16 + 8
    every = np.concatenate([shown, copies]).clip(0, 255).astype(np.uint8)
    pairs = near_images.pairs(every, np.arange(270))
    kept = pairs.only(pairs.expected < SURE)
    expected = [(i, 250 + i) for i in range(20)]
    assert list(zip(kept.first.tolist(), kept.second.tolist(), strict=True)) == expected


def test_discs_at_other_places_are_no_copies() -> None:
    """Sixty images of one simple shape look alike, and none is a copy."""
    random = np.random.default_rng(0)
    far, wide = np.mgrid[:32, :32]
    places = random.uniform(8, 24, (60, 2))
    inside = [np.hypot(far - y, wide - x) < random.uniform(3, 8) for y, x in places]
    made = np.repeat((np.array(inside) * 200 + 20)[..., None], 3, axis=3).astype(np.uint8)
    assert not (near_images.pairs(made, np.arange(60)).expected < SURE).any()


def test_blank_images_are_not_compared() -> None:
    """They show nothing that could be copied."""
    assert not len(near_images.pairs(np.full((30, 32, 32, 3), 255, np.uint8), np.arange(30)))


def test_crowds_are_taken_apart_from_pairs() -> None:
    """A row with more partners than allowed takes all its pairs with it."""
    pairs = near.Pairs(
        first=np.array([0, 0, 0, 5]), second=np.array([1, 2, 3, 6]), likeness=np.ones(4), expected=np.zeros(4)
    )
    left, crowded = near.without_crowds(pairs, 7, 2)
    assert (left.first.tolist(), left.second.tolist(), crowded.tolist()) == ([5], [6], [0])
