"""Make the sample data sets for `mlcheck data` and `mlcheck baseline`: real and generated, small, one pair with bugs.

usage: python sample_runs/data/make_data.py [FOLDER]   (scikit-learn, pandas and pillow; this folder by default)

digits, breast_cancer and diabetes are parts of the sets that come with scikit-learn. Everything else is drawn here and
depends on the seeds alone. What is wrong with customers_train.csv and customers_test.csv stands in planted.json.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

TRAIN, TEST = 600, 300
COPIES, WRONG, FACTOR = 24, 0.08, 1000
TOPICS = {
    "cooking": (
        ("the onions", "a pinch of salt", "the dough", "two eggs", "fresh basil", "the tomato sauce", "a cup of rice", "the oven"),
        ("simmer", "whisk", "bake", "season", "knead", "taste", "fry", "chop"),
    ),
    "space": (
        ("the probe", "a distant galaxy", "the orbit", "the lunar dust", "a red dwarf", "the telescope", "the heat shield", "the launch pad"),
        ("observe", "measure", "launch", "photograph", "track", "calibrate", "dock", "refuel"),
    ),
    "finance": (
        ("the bond market", "a quarterly loss", "the interest rate", "the dividend", "an index fund", "the central bank", "the audit", "a mortgage"),
        ("hedge", "sell", "audit", "forecast", "invest", "borrow", "insure", "price"),
    ),
    "sport": (
        ("the goalkeeper", "a penalty kick", "the second set", "the relay team", "the away match", "the referee", "the final lap", "a headwind"),
        ("sprint", "defend", "serve", "score", "tackle", "train", "substitute", "cheer"),
    ),
}  # fmt: skip
OPENINGS = (
    "On Monday",
    "Late in the evening",
    "As usual",
    "To my surprise",
    "After a long break",
    "This year",
    "Once again",
    "With some luck",
)
PEOPLE = (
    "we",
    "the students",
    "my neighbour",
    "both sisters",
    "the crew",
    "nobody",
    "an old friend",
    "the reporters",
)
WAYS = (
    "quickly",
    "with great care",
    "for the third time",
    "without a word",
    "before noon",
    "as planned",
    "far too late",
    "in silence",
)
FRAMES = (
    "{opening} {person} had to {verb} {thing} {way}.",
    "{person} wanted to {verb} {thing}, but {other} came {way}.",
    "{opening}, {thing} was all that {person} could {verb} {way}.",
    "How would {person} {verb} {thing} when {other} is near?",
    "{person} wrote about {thing} and {other}; to {verb} it {way} takes practice.",
)


def real(folder: Path) -> None:
    """Parts of three real sets: classes from pixels, two classes from measurements, an amount."""
    for name, made, rows in (
        ("digits", load_digits(), 500),
        ("breast_cancer", load_breast_cancer(), 400),
        ("diabetes", load_diabetes(scaled=False), 442),
    ):
        names = [str(column).replace(" ", "_") for column in made.feature_names]
        frame = pd.DataFrame(made.data, columns=names).sample(rows, random_state=0).sort_index()
        target = pd.Series(made.target)[frame.index]
        frame["target"] = (
            target.map(dict(enumerate(made.target_names))) if name == "breast_cancer" else target.astype(int)
        )
        whole = (frame.drop(columns="target") % 1 == 0).all()
        frame = frame.astype(dict.fromkeys(whole.index[whole], int))
        frame.to_csv(folder / f"{name}.csv", index=False)


def topics(folder: Path, rows: int = 280) -> None:
    """Two or three sentences each on one of four topics; the words that tell are a few of those in a text."""
    draw = np.random.default_rng(5)
    texts: dict[str, str] = {}
    while len(texts) < rows:
        topic = str(draw.choice(list(TOPICS)))
        things, verbs = TOPICS[topic]
        sentences = []
        for frame in draw.choice(FRAMES, draw.integers(2, 4), replace=False):
            thing, other = draw.choice(things, 2, replace=False)
            made = str(frame).format(
                opening=draw.choice(OPENINGS), person=draw.choice(PEOPLE), verb=draw.choice(verbs),
                thing=thing, other=other, way=draw.choice(WAYS),
            )  # fmt: skip
            sentences.append(made[0].upper() + made[1:])
        texts[" ".join(sentences)] = topic
    pd.DataFrame({"text": list(texts), "topic": list(texts.values())}).to_csv(
        folder / "topics.csv", index=False
    )


def shapes(folder: Path, each: int = 20, side: int = 16) -> None:
    """Circles, squares and triangles of any size, place and colour on a noisy ground, drawn large and made small."""
    draw = np.random.default_rng(9)
    for shape in ("circle", "square", "triangle"):
        (folder / "shapes" / shape).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            image = Image.new("RGB", (8 * side, 8 * side), tuple(draw.integers(0, 90, 3).tolist()))
            radius = draw.uniform(0.25, 0.4) * 8 * side
            x, y = draw.uniform(radius, 8 * side - radius, 2)
            turn = draw.uniform(-0.25, 0.25)
            colour = tuple(draw.integers(130, 256, 3).tolist())
            pen = ImageDraw.Draw(image)
            if shape == "circle":
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
            else:
                corners = 4 if shape == "square" else 3
                angles = [turn + math.pi / corners + 2 * math.pi * k / corners for k in range(corners)]
                pen.polygon(
                    [(x + radius * math.sin(a), y + radius * math.cos(a)) for a in angles], fill=colour
                )
            small = np.asarray(image.resize((side, side), Image.Resampling.BOX), dtype=np.int64)
            noisy = np.clip(small + draw.integers(-12, 13, small.shape), 0, 255).astype(np.uint8)
            Image.fromarray(noisy).save(folder / "shapes" / shape / f"{number:02d}.png", optimize=True)


def customers(rows: int, draw: np.random.Generator) -> pd.DataFrame:
    """Draw customers of a shop and whether they left; what they do tells it nearly always, no single column does."""
    plan = draw.choice(["basic", "family", "premium"], rows, p=[0.5, 0.3, 0.2])
    made = pd.DataFrame(
        {
            "age": draw.integers(18, 80, rows),
            "region": draw.choice(["north", "east", "south", "west"], rows),
            "plan": plan,
            "tenure_months": draw.gamma(3, 10, rows).round(1),
            "monthly_spend": draw.lognormal(3.6, 0.4, rows).round(2),
            "distance_km": draw.gamma(2, 6, rows).round(2),
            "visits_a_month": draw.gamma(4, 1.2, rows).round(2),
            "support_calls": draw.poisson(1.6, rows),
        }
    )
    leaning = (
        1.5 * (made["support_calls"] - 1.6) / 1.26
        - 1.5 * (made["visits_a_month"] - 4.8) / 2.4
        - 1.2 * (made["tenure_months"] - 30) / 17
        + 1.0 * (made["distance_km"] - 12) / 8.5
        + 0.8 * (plan == "basic")
        - 0.9
    )
    made["churned"] = np.where(leaning + draw.logistic(0, 0.12, rows) > 0, "yes", "no")
    return made


def clean_pair(folder: Path) -> None:
    """Write a train and a test set with nothing wrong."""
    draw = np.random.default_rng(21)
    for name, rows in (("train", TRAIN), ("test", TEST)):
        customers(rows, draw).to_csv(folder / f"customers_clean_{name}.csv", index=False)


def planted_pair(folder: Path) -> None:
    """Write the same with exactly four bugs; what and where is written to planted.json."""
    draw = np.random.default_rng(22)
    train, test = customers(TRAIN, draw), customers(TEST, draw)
    for part in (train, test):  # the fee is known only once a customer has left
        left = part["churned"] == "yes"
        fee = np.where(left, draw.normal(30, 3, len(part)), draw.normal(2, 1, len(part))).round(2)
        part.insert(len(part.columns) - 1, "closing_fee", fee)
    wrong = np.sort(draw.choice(TRAIN, round(WRONG * TRAIN), replace=False))
    train.loc[wrong, "churned"] = train.loc[wrong, "churned"].map({"yes": "no", "no": "yes"})
    test["distance_km"] = (test["distance_km"] * FACTOR).round(0)
    right = np.setdiff1d(np.arange(TRAIN), wrong)
    rows = np.sort(draw.choice(right, COPIES, replace=False))
    places = np.sort(draw.choice(TEST, COPIES, replace=False))
    test.iloc[places] = train.iloc[rows].to_numpy()
    train.to_csv(folder / "customers_train.csv", index=False)
    test.to_csv(folder / "customers_test.csv", index=False)
    told = {
        "target": "churned",
        "copies": {"rows": rows.tolist(), "test_rows": places.tolist()},
        "target_proxy": {"column": "closing_fee"},
        "wrong_labels": {"rows": wrong.tolist()},
        "other_scale": {"column": "distance_km", "factor": FACTOR},
    }
    (folder / "planted.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for make in (real, topics, shapes, clean_pair, planted_pair):
        make(place)
