"""Eight data sets for benchmarks/data_bugs.py: real and generated, tables, texts and images, 178 to 5,000 rows.

Every one is clean by construction: rows are independent draws, shuffled, and a split at random is a fair split.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
from sklearn import datasets

if TYPE_CHECKING:
    from collections.abc import Callable

TEST_SHARE = 1 / 3
MOST = 900
SYLLABLES = (
    "ba",
    "ke",
    "li",
    "mo",
    "nu",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
    "dra",
    "fen",
    "gol",
    "pri",
    "sta",
    "wen",
)


class Source(NamedTuple):
    """One data set: `make` draws all rows, features first and the target, named "target", last."""

    name: str
    kind: Literal["table", "text", "image"]
    goal: Literal["classification", "regression"]
    make: Callable[[np.random.Generator], pd.DataFrame]


class Pair(NamedTuple):
    """A train and a test set, and which columns are named as group and time."""

    train: pd.DataFrame
    test: pd.DataFrame
    group: str | None = None
    time: str | None = None


def split(source: Source, draw: np.random.Generator) -> Pair:
    """Draw the rows, shuffle them and give a third to the test set."""
    rows = source.make(draw)
    order = draw.permutation(len(rows))
    count = round(len(rows) * TEST_SHARE)
    test, train = (rows.iloc[part].reset_index(drop=True) for part in (order[:count], order[count:]))
    return Pair(train, test)


def real(name: str) -> Callable[[np.random.Generator], pd.DataFrame]:
    """Return what gives a data set of scikit-learn, 900 rows of it at most; classes by name."""

    def make(draw: np.random.Generator) -> pd.DataFrame:
        options = {"scaled": False} if name == "diabetes" else {}
        made = getattr(datasets, f"load_{name}")(as_frame=True, **options)
        frame: pd.DataFrame = made.data.rename(columns=lambda text: str(text).replace(" ", "_"))
        target = made.target
        if name != "diabetes":
            target = pd.Series([f"{made.target_names[code]}" for code in target])
        whole = frame.assign(target=target)
        return whole.iloc[np.sort(draw.choice(len(whole), min(len(whole), MOST), replace=False))]

    return make


def customers(draw: np.random.Generator) -> pd.DataFrame:
    """2,000 customers: numbers, categories, a truth value, a date, missing cells; whether they left."""
    n = 2000
    frame = pd.DataFrame(
        {
            "age": draw.integers(18, 85, n),
            "region": draw.choice(["north", "east", "south", "west", "abroad"], n, p=[0.3, 0.25, 0.2, 0.2, 0.05]),
            "plan": draw.choice(["basic", "family", "premium"], n, p=[0.5, 0.3, 0.2]),
            "autopay": draw.choice(["yes", "no"], n, p=[0.6, 0.4]),
            "signup": pd.Timestamp("2021-01-01") + pd.to_timedelta(draw.integers(0, 1100, n), unit="D"),
            "monthly_spend": draw.lognormal(3.5, 0.5, n).round(2),
            "visits": draw.gamma(4, 1.2, n).round(2),
            "support_calls": draw.poisson(1.5, n),
            "distance_km": draw.gamma(2, 6, n).round(2),
        }
    )  # fmt: skip
    leaning = (
        2.0 * (frame["support_calls"] - 1.5)
        - 1.2 * (frame["visits"] - 4.8)
        + 0.12 * (frame["distance_km"] - 12)
        + 1.5 * (frame["plan"] == "basic")
        - 1.0 * (frame["autopay"] == "yes")
        - 1.5
    )
    left = leaning + draw.logistic(0, 0.4, n) > 0
    frame.loc[draw.random(n) < 0.15, "monthly_spend"] = np.nan
    frame.loc[draw.random(n) < 0.05, "region"] = None
    return frame.assign(target=np.where(left, "left", "stayed"))


def claims(draw: np.random.Generator) -> pd.DataFrame:
    """5,000 claims: heavy tails, many missing cells, a category of 30 levels, 6 % fraud."""
    n = 5000
    fraud = draw.random(n) < 0.06
    base = np.where(fraud, 1.0, 0.0)
    frame = pd.DataFrame(
        {
            "amount": draw.lognormal(6 + 1.2 * base, 1.6).round(2),
            "deductible": draw.choice([0, 250, 500, 1000], n, p=[0.2, 0.3, 0.3, 0.2]),
            "days_to_report": draw.exponential(8 + 30 * base).round(1),
            "return": (draw.standard_t(2.5, n) + 1.5 * base).round(3),
            "earlier_claims": draw.poisson(0.4 + 2 * base) * draw.integers(0, 2, n),
            "garage": [f"g{code:02d}" for code in np.minimum(draw.geometric(0.12, n) - 1, 29)],
            "channel": draw.choice(["phone", "web", "agent"], n),
            "repair_cost": draw.lognormal(5 + base, 1.0).round(2),
            "mileage": draw.gamma(3, 30000, n).round(0).astype(int),
            "age_of_car": draw.gamma(2, 3 - base).round(1),
            "witnesses": draw.poisson(1.2 - 0.8 * base),
            "score": (draw.normal(0, 1, n) + 2.0 * base).round(3),
        }
    )  # fmt: skip
    for name, share in (("repair_cost", 0.6), ("age_of_car", 0.4), ("witnesses", 0.7), ("channel", 0.3)):
        frame[name] = frame[name].astype(object).where(draw.random(n) >= share, None)
    return frame.assign(target=np.where(fraud, "fraud", "honest"))


def topics(draw: np.random.Generator) -> pd.DataFrame:
    """1,200 texts of 12 to 40 made-up words on one of four topics: a fifth of the words belong to the topic."""
    words = ["".join(draw.choice(SYLLABLES, draw.integers(2, 4))) for _ in range(1500)]
    words = list(dict.fromkeys(words))
    common, own = words[:400], np.array(words[400:640]).reshape(4, 60)
    weight = 1 / np.arange(1, len(common) + 1)
    names = ["politics", "garden", "music", "travel"]
    texts, labels = [], draw.integers(0, 4, 1200)
    for label in labels.tolist():
        size = int(draw.integers(12, 41))
        chosen = draw.choice(common, size, p=weight / weight.sum())
        chosen = np.where(draw.random(size) < 0.2, draw.choice(own[label], size), chosen)
        texts.append(" ".join(chosen.tolist()).capitalize() + ".")
    return pd.DataFrame({"text": texts, "target": [names[label] for label in labels]})


def shapes(draw: np.random.Generator) -> pd.DataFrame:
    """300 images of 16 x 16 pixels: a disc, a cross or a frame of any colour, size and place on a noisy ground."""
    images, labels = [], draw.integers(0, 3, 300)
    y, x = np.mgrid[0:16, 0:16]
    for label in labels.tolist():
        size, cx, cy = draw.uniform(3, 5.5), *draw.uniform(6, 10, 2)
        dx, dy = np.abs(x - cx), np.abs(y - cy)
        square = np.maximum(dx, dy)
        drawn = (
            np.hypot(dx, dy) <= size,
            (np.minimum(dx, dy) <= 1.2) & (square <= size),
            (square <= size) & (square >= size - 1.8),
        )[label]
        ground, colour = draw.integers(0, 100, 3), draw.integers(140, 256, 3)
        image = np.where(drawn[:, :, None], colour, ground) + draw.normal(0, 8, (16, 16, 3))
        images.append(np.clip(image, 0, 255).astype(np.uint8))
    column = pd.Series(images, dtype=object)
    return pd.DataFrame({"image": column, "target": [("disc", "cross", "frame")[label] for label in labels]})


SOURCES = (
    Source("breast_cancer", "table", "classification", real("breast_cancer")),
    Source("digits", "table", "classification", real("digits")),
    Source("wine", "table", "classification", real("wine")),
    Source("diabetes", "table", "regression", real("diabetes")),
    Source("customers", "table", "classification", customers),
    Source("claims", "table", "classification", claims),
    Source("topics", "text", "classification", topics),
    Source("shapes", "image", "classification", shapes),
)
