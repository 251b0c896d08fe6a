"""What the networks of the baseline ladder learn that linear models cannot: shapes anywhere, the order of words.

usage: python benchmarks/networks.py [SEEDS] [--weights DIR]   (torch, transformers, pillow; 2 seeds by default, about a minute)

Shapes: 300 images of 16 x 16 pixels to learn from, 500 to be judged on; circles, squares and triangles of any place,
size, turn and pair of colours, with noise. Words: 600 texts that hold the same two words among others, told apart by
which comes first. Both sets are drawn anew for every seed. `--weights` adds a frozen encoder of texts. Exits with 1
where a network does not reach its number.
"""

from __future__ import annotations

import argparse
import math
import sys
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlcheck.engines.networks import image_network, text_network

SIDE, CORNERS = 16, {"circle": 60, "square": 4, "triangle": 3}
OTHERS = [
    "river",
    "house",
    "road",
    "train",
    "garden",
    "letter",
    "window",
    "coffee",
    "winter",
    "story",
    "music",
    "green",
    "small",
    "there",
    "today",
    "also",
]
REACH = {"resnet": 0.75, "bert": 0.9}


def shapes(count: int, seed: int) -> tuple[Any, Any]:
    """Draw images uint8 (count, 16, 16, 3) and what they show."""
    draw = np.random.default_rng(seed)
    pixels = np.empty((count, SIDE, SIDE, 3), dtype=np.uint8)
    names = draw.choice(list(CORNERS), count)
    for place, name in enumerate(names):
        ground, colour = draw.integers(0, 256, 3), draw.integers(0, 256, 3)
        while np.abs(ground - colour).sum() < 150:
            colour = draw.integers(0, 256, 3)
        image = Image.new("RGB", (8 * SIDE, 8 * SIDE), tuple(ground.tolist()))
        radius = draw.uniform(0.2, 0.4) * 8 * SIDE
        x, y = draw.uniform(radius, 8 * SIDE - radius, 2)
        corners, turn = CORNERS[name], draw.uniform(-0.25, 0.25)
        angles = [turn + math.pi / corners + 2 * math.pi * k / corners for k in range(corners)]
        outline = [(x + radius * math.sin(a), y + radius * math.cos(a)) for a in angles]
        ImageDraw.Draw(image).polygon(outline, fill=tuple(colour.tolist()))
        small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.int64)
        pixels[place] = np.clip(small + draw.integers(-12, 13, small.shape), 0, 255)
    return pixels, names


def orders(count: int, seed: int) -> tuple[list[str], Any]:
    """Draw texts that hold two words, and which of them comes first."""
    draw = np.random.default_rng(seed)
    texts, names = [], []
    for _ in range(count):
        said = draw.choice(OTHERS, int(draw.integers(8, 16))).tolist()
        places = np.sort(draw.choice(len(said), 2, replace=False))
        pair = ["storm", "rescue"] if draw.integers(2) else ["rescue", "storm"]
        for place, word in zip(places, pair, strict=True):
            said[place] = word
        texts.append(" ".join(said))
        names.append(pair[0])
    return texts, np.array(names)


def right(model: Any, inputs: Any, names: Any, learn: int) -> float:
    """Return the share of rows after the first `learn` that a model tells rightly, having learned those."""
    model.fit(inputs[:learn], names[:learn])
    return float(np.mean(model.predict(inputs[learn:]) == names[learn:]))


def main() -> int:
    """Measure and print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("seeds", nargs="?", type=int, default=2)
    asked.add_argument("--weights")
    given = asked.parse_args()
    missed = False
    print(f"{'what':32} {'ours':>6} {'linear':>7} {'reach':>6}  reached")
    for seed in range(given.seeds):
        pixels, names = shapes(800, seed)
        linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
        rows = [
            (
                "resnet", f"shapes, seed {seed}, resnet", right(image_network("classification", seed=seed), pixels, names, 300),
                right(linear, pixels.reshape(800, -1), names, 300),
            )
        ]  # fmt: skip
        texts, first = orders(1000, seed)
        tfidf = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=10, max_iter=300))
        below = right(tfidf, texts, first, 600)
        found = right(text_network("classification", seed=seed), texts, first, 600)
        rows.append(("bert", f"word order, seed {seed}, bert", found, below))
        if given.weights:
            frozen = text_network("classification", weights=given.weights, seed=seed)
            rows.append(("", f"word order, seed {seed}, frozen", right(frozen, texts, first, 600), below))
        for kind, what, ours, other in rows:
            reach = REACH.get(kind)
            reached = reach is None or ours >= reach
            missed |= not reached
            print(
                f"{what:32} {ours:6.3f} {other:7.3f} {reach or '–':>6}  {'yes' if reached else 'NO'}",
                flush=True,
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
