"""Data curves of finished training runs: each log gives one row, its size from the configuration."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from mlcheck.errors import MlcheckError
from mlcheck.model.curves import CurvesRead, DataCurve
from mlcheck.model.report import Problem
from mlcheck.readers import read_inputs, search
from mlcheck.readers.curves.names import folded
from mlcheck.readers.curves.outcome import outcomes
from mlcheck.readers.listing import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlcheck.model import Scalar
    from mlcheck.model.curves import CurvesWanted, Outcome
    from mlcheck.model.run import Run

KEYS = (
    "n_train", "num_train", "train_n", "n_train_samples", "num_train_samples", "num_train_examples", "n_train_examples",
    "max_train_samples", "max_train_examples", "train_samples", "train_examples", "train_size", "training_size",
    "train_set_size", "training_set_size", "training_samples", "training_examples", "train_subset_size", "limit_train_samples",
    "n_examples", "num_examples", "n_samples", "num_samples", "max_samples", "subset_size", "dataset_size", "data_size",
    "sample_size", "train_rows", "n",
)  # fmt: skip
"""What configurations call the number of training examples, the plainest first."""


def read_runs(
    inputs: Sequence[str], wanted: CurvesWanted, *, progress: Callable[[int, int], None] | None = None
) -> CurvesRead:
    """Read the curves of training logs. Raises MlcheckError where no run tells its size with its score."""
    reading = read_inputs(inputs, progress=progress)
    problems = list(reading.problems)
    sized: list[tuple[Run, str, int]] = []
    for run in reading.runs:
        found = size(run.config, wanted.n)
        if isinstance(found, str):
            problems.append(Problem(source=run.source, message=found, hint="name the key with --n"))
        else:
            sized.append((run, *found))
    if not sized:
        raise _nothing(inputs, problems)
    scored = [(run, key, n, list(outcomes(run, wanted))) for run, key, n in sized]
    metric = _common([made for *_, made in scored])
    groups: dict[str, list[tuple[str, int, Outcome]]] = {}
    for run, key, n, made in scored:
        outcome = next((o for o in made if o.metric == metric), None)
        if outcome is None:
            what = (
                listed([o.metric for o in made], 4) if made else listed([s.role.name for s in run.series], 4)
            )
            problems.append(
                Problem(
                    source=run.source,
                    message=f"expected {metric or wanted.score or 'a held-out score'}, found {what}",
                    hint="name another with --score",
                )
            )
        else:
            groups.setdefault(_group(run, wanted.by), []).append((key, n, outcome))
    if not groups:
        raise _nothing(inputs, problems[len(reading.problems) :])
    curves = tuple(_curve(_shown(inputs), name, rows) for name, rows in groups.items())
    return CurvesRead(
        curves=curves, problems=tuple(problems), digest=_digest(curves), interrupted=reading.interrupted
    )


def size(config: Mapping[str, Scalar], wanted: str | None) -> tuple[str, int] | str:
    """Return the key and the number of training examples of a configuration, or say why there is none.

    A key is meant by its whole dotted name or its last part, `data.n_train` by `n_train`.
    """
    last = {folded(name.rpartition(".")[2]): name for name in reversed(list(config))}
    if wanted is not None:
        keys = [name for name in (wanted, last.get(folded(wanted))) if name is not None and name in config][
            :1
        ]
        if not keys:
            return f"expected {wanted!r} in the configuration of the run, found {_keys(config)}"
    else:
        keys = [last[name] for name in KEYS if name in last]
    for key in keys:
        value = config[key]
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and value > 1
            and float(value).is_integer()
        ):
            return key, int(value)
    if keys:
        return f"expected a number of training examples in {keys[0]!r}, found {config[keys[0]]!r}"
    return f"expected the number of training examples in the configuration of the run (n_train, train_size, ...), found {_keys(config)}"


def _keys(config: Mapping[str, Scalar]) -> str:
    return listed(list(config), 4) if config else "no configuration"


def _common(made: Sequence[Sequence[Outcome]]) -> str | None:
    """Return the score that stands first of those that at least half of the runs have, else the most frequent one."""
    counts = Counter(name for each in made for name in dict.fromkeys(o.metric for o in each))
    first = {o.metric: place for each in reversed(made) for place, o in reversed(list(enumerate(each)))}
    half = sum(bool(each) for each in made) / 2

    def rank(name: str) -> tuple[int, int, str]:
        return -counts[name] if counts[name] < half else -len(made) - 1, first[name], name

    return min(counts, key=rank, default=None)


def _group(run: Run, by: tuple[str, ...]) -> str:
    """Return the values of the keys that tell curves apart. Raises MlcheckError for one that a run lacks."""
    last = {name.rpartition(".")[2]: name for name in reversed(list(run.config))}
    found = []
    for name in by:
        key = name if name in run.config else last.get(name)
        if key is None:
            raise MlcheckError(
                run.source, f"expected {name!r} in the configuration for --by, found {_keys(run.config)}"
            )
        value = run.config[key]
        found.append(f"{value:g}" if isinstance(value, float) else str(value))
    return "/".join(found)


def _curve(shown: str, name: str, rows: Sequence[tuple[str, int, Outcome]]) -> DataCurve:
    rows = sorted(rows, key=lambda row: (row[1], row[2].source))
    keys, sizes, made = zip(*rows, strict=True)
    train = np.array([o.train for o in made])
    columns = [("n", keys[0]), ("score", made[0].metric)]
    if np.isfinite(train).any():
        columns.append(("train score", made[0].metric.replace("val_", "train_").replace("test_", "train_")))
    return DataCurve(
        id=name or shown, source=shown, reader=made[0].reader, metric=made[0].metric, better=made[0].better,
        n=np.array(sizes, dtype=np.float64), score=np.array([o.value for o in made]), train=train, columns=tuple(columns),
    )  # fmt: skip


def _shown(inputs: Sequence[str]) -> str:
    names = list(dict.fromkeys(search.last(path) for path in inputs))
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"


def _nothing(inputs: Sequence[str], problems: Sequence[Problem]) -> MlcheckError:
    if not problems:
        return MlcheckError(_shown(inputs), "expected logs of training runs, found none")
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return MlcheckError(first.source, f"{first.message}{more}", first.hint)


def _digest(curves: Sequence[DataCurve]) -> str:
    made = hashlib.sha256()
    for curve in curves:
        made.update(f"{curve.id}\0{curve.metric}\0".encode("utf-8", "surrogatepass"))
        for values in _arrays(curve):
            made.update(values)
    return made.hexdigest()[:12]


def _arrays(curve: DataCurve) -> Iterator[bytes]:
    for values in (curve.n, curve.score, curve.train):
        yield np.ascontiguousarray(values).tobytes()
