"""The bugs that benchmarks/data_bugs.py plants: each with what its clean twin needs, and where it does not apply.

They follow the codes of `mlcheck data`: copies and near copies across the split, leakage by group, time and row number,
target proxies, wrong and conflicting labels, a class that is only in test, other units, disguised missing values,
drift, and rows sorted by the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from data_sets import Pair, Source

TARGET = "target"
HIDDEN = ("-999", "N/A", "9999", "?", "unknown")
FACTORS = (1000.0, 2.54)


class Bug(NamedTuple):
    """A bug: `prepare` is done to the clean twin too, `plant` to the copy with the bug; both get (pair, draw, seed).

    `apart` says why it does not apply to a source, "" where it does. `peers` are deepchecks' checks for it.
    """

    name: str
    code: str
    prepare: Callable[[Pair, np.random.Generator, int], Pair]
    plant: Callable[[Pair, np.random.Generator, int], Pair]
    apart: Callable[[Source], str]
    peers: tuple[str, ...] = ()


def as_is(pair: Pair, _draw: np.random.Generator, _seed: int) -> Pair:
    """Change nothing."""
    return pair


def numbers(frame: pd.DataFrame, least: int = 10) -> list[str]:
    """Return the features of numbers with at least `least` values."""
    chosen = frame.drop(columns=TARGET).select_dtypes("number").columns
    return [str(name) for name in chosen if frame[name].nunique() >= least]


def anywhere(_source: Source) -> str:
    return ""


def needs_columns(source: Source) -> str:
    return "a folder of images has no columns" if source.kind == "image" else ""


def needs_numbers(source: Source) -> str:
    return "no column of numbers" if source.kind != "table" else ""


def needs_classes(source: Source) -> str:
    return "no classes" if source.goal == "regression" else ""


def needs_order(source: Source) -> str:
    return "a folder of images by class has no order of rows" if source.kind == "image" else ""


def copies(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """2 % of the test rows (3 at least) are train rows."""
    count = max(3, round(0.02 * len(pair.test)))
    return _replaced(pair, draw, pair.train.iloc[draw.choice(len(pair.train), count, replace=False)])


def near_copies(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """4 % of the test rows (5 at least) are train rows changed a little."""
    count = max(5, round(0.04 * len(pair.test)))
    made = pair.train.iloc[draw.choice(len(pair.train), count, replace=False)].copy()
    for name in numbers(pair.train, 2):
        values = made[name].to_numpy(dtype=np.float64)
        if pd.api.types.is_integer_dtype(pair.train[name]) or (pair.train[name].dropna() % 1 == 0).all():
            made[name] = values + draw.choice([-1, 0, 1], count, p=[0.04, 0.92, 0.04]) * (values > 0)
        else:
            made[name] = values + draw.normal(0, 0.005 * float(pair.train[name].std()), count)
    if "text" in made:
        made["text"] = [_reworded(text, draw) for text in made["text"]]
    if "image" in made:
        noisy = [image + draw.normal(4, 2, image.shape) for image in made["image"]]
        made["image"] = pd.Series([np.clip(i, 0, 255).astype(np.uint8) for i in noisy], made.index, object)
    return _replaced(pair, draw, made)


def _reworded(text: str, draw: np.random.Generator) -> str:
    words = text.split()
    del words[int(draw.integers(1, len(words)))]
    return " ".join(words).replace(".", " !")


def _replaced(pair: Pair, draw: np.random.Generator, rows: pd.DataFrame) -> Pair:
    test = pair.test.copy()
    places = draw.choice(len(test), len(rows), replace=False)
    for name in test.columns:
        values = test[name].to_numpy(dtype=object, copy=True)
        values[places] = rows[name].to_numpy(dtype=object)
        test[name] = pd.Series(values, dtype=object).infer_objects()
    return pair._replace(test=test)


def grouped(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """Rows belong to patients of about five rows each, all on one side."""
    parts, first = [], 0
    for part in (pair.train, pair.test):
        count = max(2, len(part) // 5)
        who = draw.integers(first, first + count, len(part))
        parts.append(part.assign(patient=[f"p{code:05d}" for code in who]))
        first += count
    return pair._replace(train=parts[0], test=parts[1], group="patient")


def groups_split(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """Half of the test rows belong to patients of the train set."""
    who = pair.test["patient"].to_numpy(dtype=object, copy=True)
    moved = draw.random(len(who)) < 0.5
    who[moved] = draw.choice(pair.train["patient"].to_numpy(dtype=object), int(moved.sum()))
    return pair._replace(test=pair.test.assign(patient=who))


def timed(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """Rows of two years; the test rows are the last."""
    count = len(pair.train) + len(pair.test)
    when = pd.Timestamp("2023-01-01") + pd.to_timedelta(
        np.sort(draw.choice(63_072_000, count, replace=False)), unit="s"
    )
    early = draw.permutation(len(pair.train))
    late = len(pair.train) + draw.permutation(len(pair.test))
    return pair._replace(
        train=pair.train.assign(seen=when[early]), test=pair.test.assign(seen=when[late]), time="seen"
    )


def times_split(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """Draw the test rows from both years."""
    when = np.r_[pair.train["seen"].to_numpy(), pair.test["seen"].to_numpy()]
    when = draw.permutation(when)
    count = len(pair.train)
    return pair._replace(train=pair.train.assign(seen=when[:count]), test=pair.test.assign(seen=when[count:]))


def numbered(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """Give the rows of both sets numbers in no order."""
    return _with_numbers(pair, 1 + draw.permutation(len(pair.train) + len(pair.test)))


def numbered_by_class(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """Give them numbers one class after the other, or by the size of the target, as before a shuffle."""
    target = pd.concat([pair.train[TARGET], pair.test[TARGET]], ignore_index=True)
    shuffled = draw.permutation(len(target))
    order = shuffled[np.argsort(target.to_numpy()[shuffled], kind="stable")]
    place = np.empty(len(target), dtype=np.int64)
    place[order] = np.arange(1, len(target) + 1)
    return _with_numbers(pair, place)


def _with_numbers(pair: Pair, place: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Pair:
    train, test = (part.drop(columns="id", errors="ignore") for part in (pair.train, pair.test))
    train.insert(0, "id", place[: len(train)])
    test.insert(0, "id", place[len(train) :])
    return pair._replace(train=train, test=test)


def hinted(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """Add a feature that tells a little of the target; end texts with any of four words."""
    if "text" in pair.train:
        ends = ("alpha", "beta", "gamma", "delta")
        return _mapped(
            pair, lambda part: part.assign(text=[f"{t} {draw.choice(ends)}" for t in part["text"]])
        )
    return _mapped(
        pair,
        lambda part: part.assign(hint=(_level(part, pair) * 0.5 + draw.normal(0, 1, len(part))).round(3)),
    )


def leaking(pair: Pair, draw: np.random.Generator, seed: int) -> Pair:
    """Make the feature a result of the target: a measurement, a name for it, or the same with 2 % of noise."""
    if "text" in pair.train:
        return _mapped(
            pair,
            lambda part: part.assign(
                text=[
                    f"{t.rpartition(' ')[0]} source-{c}"
                    for t, c in zip(part["text"], part[TARGET], strict=True)
                ]
            ),
        )

    def made(part: pd.DataFrame) -> pd.DataFrame:
        level = _level(part, pair)
        if pd.api.types.is_numeric_dtype(part[TARGET]):
            hint = (level * 1.8 + 32, level + draw.normal(0, 0.02, len(part)), np.exp(level))[seed % 3]
            return part.assign(hint=hint)
        if seed % 3 == 0:
            return part.assign(hint=(10 * np.round(level, 3) + draw.normal(0, 0.5, len(part))).round(2))
        names = part[TARGET].to_numpy(dtype=object, copy=True)
        other = draw.random(len(part)) < (0.02 if seed % 3 == 2 else 0.0)
        names[other] = draw.choice(pair.train[TARGET].unique(), int(other.sum()))
        return part.assign(hint=[f"status {name}" for name in names])

    return _mapped(pair, made)


def _level(part: pd.DataFrame, pair: Pair) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the target as numbers of about one unit a class or deviation."""
    if pd.api.types.is_numeric_dtype(part[TARGET]):
        whole = pair.train[TARGET]
        return ((part[TARGET] - whole.mean()) / whole.std()).to_numpy(dtype=np.float64)
    classes = sorted(pair.train[TARGET].unique())
    return part[TARGET].map({name: code for code, name in enumerate(classes)}).to_numpy(dtype=np.float64)


def _mapped(pair: Pair, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Pair:
    return pair._replace(train=change(pair.train), test=change(pair.test))


def wrong_labels(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """8 % of the train labels are another class."""
    rows = draw.choice(len(pair.train), round(0.08 * len(pair.train)), replace=False)
    return pair._replace(train=_relabelled(pair.train, rows, draw))


def conflicting(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """3 % of the train rows (3 at least) are there twice, once with another label."""
    rows = draw.choice(len(pair.train), max(3, round(0.03 * len(pair.train))), replace=False)
    again = _relabelled(pair.train.iloc[rows].reset_index(drop=True), np.arange(len(rows)), draw)
    train = pd.concat([pair.train, again], ignore_index=True)
    return pair._replace(train=train.iloc[draw.permutation(len(train))].reset_index(drop=True))


def _relabelled(
    frame: pd.DataFrame, rows: np.ndarray[tuple[int], np.dtype[np.int64]], draw: np.random.Generator
) -> pd.DataFrame:
    labels = frame[TARGET].to_numpy(dtype=object, copy=True)
    classes = sorted(set(labels))
    for row in rows.tolist():
        labels[row] = draw.choice([name for name in classes if name != labels[row]])
    return frame.assign(target=labels)


def new_class(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """Train lacks a class; of two classes, 3 % of the test rows (3 at least) have a third."""
    classes = sorted(pair.train[TARGET].unique())
    if len(classes) > 2:
        gone = draw.choice(classes)
        return pair._replace(train=pair.train[pair.train[TARGET] != gone].reset_index(drop=True))
    labels = pair.test[TARGET].to_numpy(dtype=object, copy=True)
    labels[draw.choice(len(labels), max(3, round(0.03 * len(labels))), replace=False)] = "other"
    return pair._replace(test=pair.test.assign(target=labels))


def other_units(pair: Pair, draw: np.random.Generator, seed: int) -> Pair:
    """One column of the test set is 1000 times, or 2.54 times, as large."""
    name = draw.choice(numbers(pair.train))
    return pair._replace(test=pair.test.assign(**{name: pair.test[name] * FACTORS[seed % 2]}))


def hidden_missing(pair: Pair, draw: np.random.Generator, seed: int) -> Pair:
    """3 % of one column (5 cells of train at least) hold a code or a word for missing; of texts, the whole text."""
    code = HIDDEN[seed % len(HIDDEN)]
    name = "text" if "text" in pair.train else draw.choice(numbers(pair.train))

    def made(part: pd.DataFrame) -> pd.DataFrame:
        values = part[name].to_numpy(dtype=object, copy=True)
        values[draw.choice(len(values), max(5, round(0.03 * len(values))), replace=False)] = code
        return part.assign(**{name: values})

    return _mapped(pair, made)


def drifted(pair: Pair, draw: np.random.Generator, _seed: int) -> Pair:
    """Raise a third of the numbers of the test set by one deviation; texts are longer by one, images brighter."""
    test = pair.test.copy()
    if "text" in test:
        spread = float(np.std([len(text.split()) for text in pair.train["text"]], ddof=1))
        own = [text.rstrip(".").split() for text in test["text"]]
        test["text"] = [" ".join([*w, *draw.choice(w, round(spread))]) + "." for w in own]
    elif "image" in test:
        spread = float(np.std([image.mean() for image in pair.train["image"]]))
        made = [np.clip(image + spread, 0, 255).astype(np.uint8) for image in test["image"]]
        test["image"] = pd.Series(made, dtype=object)
    else:
        names = numbers(pair.train)
        for name in draw.choice(names, max(1, len(names) // 3), replace=False):
            spread = float(pair.train[name].std())
            whole = (pair.train[name].dropna() % 1 == 0).all()
            test[name] = test[name] + (round(spread) if whole else spread)
    return pair._replace(test=test)


def by_target(pair: Pair, _draw: np.random.Generator, _seed: int) -> Pair:
    """Sort the train rows by the target."""
    return pair._replace(train=pair.train.sort_values(TARGET, kind="stable").reset_index(drop=True))


BUGS = (
    Bug("copies across the split", "DBG101", as_is, copies, anywhere, ("TrainTestSamplesMix",)),
    Bug("near copies across the split", "DBG102", as_is, near_copies, anywhere),
    Bug("groups on both sides", "DBG103", grouped, groups_split, needs_columns),
    Bug(
        "test before the end of train",
        "DBG103",
        timed,
        times_split,
        needs_columns,
        ("DateTrainTestLeakageOverlap",),
    ),
    Bug(
        "row number follows the target",
        "DBG103",
        numbered,
        numbered_by_class,
        needs_columns,
        ("IdentifierLabelCorrelation", "FeatureLabelCorrelation"),
    ),
    Bug(
        "target proxy",
        "DBG104",
        hinted,
        leaking,
        needs_columns,
        ("FeatureLabelCorrelation", "FeatureLabelCorrelationChange"),
    ),
    Bug("wrong labels", "DBG201", as_is, wrong_labels, needs_classes),
    Bug("conflicting labels", "DBG202", as_is, conflicting, needs_classes, ("ConflictingLabels",)),
    Bug("class only in test", "DBG203", as_is, new_class, needs_classes, ("NewLabelTrainTest",)),
    Bug(
        "other units in test",
        "DBG301",
        as_is,
        other_units,
        needs_numbers,
        ("FeatureDrift", "MultivariateDrift"),
    ),
    Bug(
        "disguised missing values",
        "DBG301",
        as_is,
        hidden_missing,
        needs_columns,
        ("MixedNulls", "MixedDataTypes", "OutlierSampleDetection"),
    ),
    Bug("drift of the test set", "DBG302", as_is, drifted, anywhere, ("FeatureDrift", "MultivariateDrift")),
    Bug("sorted by the target", "DBG303", as_is, by_target, needs_order),
)
