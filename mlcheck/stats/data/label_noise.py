"""How likely each given label is wrong, from class probabilities that a model gave the rows out of sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from mlcheck.model.common import Floats
    from mlcheck.model.dataset import Ints

    Classes = npt.NDArray[np.integer]

TEMPERATURES = np.geomspace(4.0, 0.1, 16)
"""Temperatures that are tried: above 1 the probabilities become flatter, below 1 sharper."""
TRUSTED_ROWS = 20.0
"""Weight, in rows, of the likelihood when temperatures are averaged: the noise model is only nearly true, so that its
likelihood over all rows would be far too sure of one temperature (Miller & Dunson 2019, coarsened posteriors)."""
SYMMETRY, FREEDOM = 0.5, 0.05
"""Weight of the symmetric noise matrix against the counted one, the second where the labels are surely not symmetric."""
ASYMMETRY = 0.01
"""Nats a label from which they are: classes that a model confuses for reasons of its own make up less."""
FITTED_ROWS = 10_000
SMALLEST = 1e-6
STEPS = 60
_CHUNK = 100_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelNoise:
    """How likely the labels of n rows of K classes are wrong.

    `wrong` (n,): the probability that the given label is wrong. `matrix` (K, K): the share of true class i (row) that is
    labelled j. `gain`: by how many nats the labels are likelier with label noise than with none, the probabilities being
    tempered freely in both cases; about 0 where classes merely overlap.
    """

    wrong: Floats
    matrix: Floats
    gain: float

    @property
    def count(self) -> float:
        """The expected number of wrong labels."""
        return float(self.wrong.sum())


def label_noise(probabilities: Floats, classes: Classes) -> LabelNoise:
    """Judge labels (n,), 0..K-1, by out-of-sample probabilities (n, K).

    The true class t of a row has probability q(t) proportional to p(t)^(1/T) and is labelled y with probability Q[t, y]
    whatever the row (class-conditional noise). Q is found by expectation maximisation (Dawid & Skene 1979) for each T, and
    the posterior probabilities of t != y are averaged over T by the likelihood (TRUSTED_ROWS). Without noise (Q = 1) a
    calibrated model errs ever less the surer it is; labels contradicted where it is sure need Q (Copas 1988). Costs
    O(n K) for each T; T and Q are found on 10,000 rows at most.
    """
    fits, plain = _fits(probabilities, classes)
    likelihood = np.array([fit[1] for fit in fits])
    weight = np.exp(min(TRUSTED_ROWS, len(classes)) * (likelihood - likelihood.max()))
    weight /= weight.sum()
    wrong = np.empty(len(classes))
    for start in range(0, len(classes), _CHUNK):
        part = slice(start, start + _CHUNK)
        wrong[part] = _averaged(
            _logs(probabilities[part]), classes[part].astype(np.int64), weight, [fit[0] for fit in fits]
        )
    return LabelNoise(
        wrong=wrong,
        matrix=np.einsum("t,tij->ij", weight, np.stack([fit[0] for fit in fits])),
        gain=float(likelihood.max() - plain) * len(classes),
    )


def gain(probabilities: Floats, classes: Classes) -> float:
    """Return by how many nats the labels are likelier with noise than without, as in LabelNoise."""
    fits, plain = _fits(probabilities, classes)
    return (max(likelihood for _, likelihood in fits) - plain) * len(classes)


def _fits(probabilities: Floats, classes: Classes) -> tuple[list[tuple[Floats, float]], float]:
    """Return noise matrix and mean log-likelihood for each temperature, and the latter without noise."""
    rows = _sample(len(classes))
    given = classes[rows].astype(np.int64)
    logs = _logs(probabilities[rows])
    fits = [_fit(_tempered(logs, t), given, SYMMETRY) for t in TEMPERATURES]
    if probabilities.shape[1] > 2:  # two classes have but one way to be wrong
        free = [_fit(_tempered(logs, t), given, FREEDOM) for t in TEMPERATURES]
        if max(fit[1] for fit in free) >= max(fit[1] for fit in fits) + ASYMMETRY:
            fits = free
    plain = max(plain_likelihood(logs, given), plain_likelihood(logs + matching(logs, given), given))
    return fits, plain


def suspected(wrong: Floats) -> Ints:
    """Return the rows, most suspicious first, whose list has the largest expected F1 (Lipton, Elkan & Naryanaswamy 2014).

    With w the probabilities that the labels are wrong, the first k rows have an expected F1 of about
    2 sum(first k of w) / (k + sum(w)).
    """
    order = np.argsort(-wrong, kind="stable")
    total = float(wrong.sum())
    if total <= 0:
        return order[:0]
    f1 = 2 * np.cumsum(wrong[order]) / (np.arange(1, len(order) + 1) + total)
    return order[: int(np.argmax(f1)) + 1].astype(np.int64)


def matching(logs: Floats, classes: Classes) -> Floats:
    """Return what to add to log-probabilities (n, K), shape (K,), so that each class is predicted as often as it was given.

    A model fitted with balanced weights contradicts the labels of the common class everywhere, which is no label noise.
    """
    k = logs.shape[1]
    shares = (np.bincount(classes, minlength=k) + 0.5) / (len(classes) + 0.5 * k)
    bias = np.zeros(k)
    for _ in range(20):
        found = _tempered(logs + bias, 1.0).mean(axis=0)
        bias += np.log(shares / np.maximum(found, SMALLEST))
    return np.asarray(bias - bias.mean())


def plain_likelihood(logs: Floats, classes: Classes) -> float:
    """Return the mean log-likelihood of the labels (n,) without noise, at the best temperature."""
    rows = np.arange(len(classes))
    return max(_likelihood(_tempered(logs, t)[rows, classes]) for t in TEMPERATURES)


def _sample(rows: int) -> npt.NDArray[np.int64]:
    if rows <= FITTED_ROWS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, FITTED_ROWS, replace=False))


def _logs(probabilities: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(probabilities, SMALLEST)))


def _tempered(logs: Floats, temperature: float) -> Floats:
    scaled = logs / temperature
    made = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(made / made.sum(axis=1, keepdims=True))


def _likelihood(probability: Floats) -> float:
    return float(np.log(np.maximum(probability, 1e-300)).mean())


def _fit(true: Floats, given: npt.NDArray[np.int64], symmetry: float) -> tuple[Floats, float]:
    """Return the noise matrix (K, K) under class probabilities (n, K), and the mean log-likelihood of the labels."""
    k = true.shape[1]
    labels = np.eye(k)[given]
    matrix = 0.9 * np.eye(k) + 0.1 / k
    for _ in range(STEPS):
        joint = true * matrix[:, given].T
        joint /= np.maximum(joint.sum(axis=1, keepdims=True), 1e-300)
        counts = joint.T @ labels
        found = _shrunk(counts, symmetry)
        moved = float(np.abs(found - matrix).max())
        matrix = found
        if moved < 1e-4:
            break
    return matrix, _likelihood((true * matrix[:, given].T).sum(axis=1))


def _shrunk(counts: Floats, symmetry: float) -> Floats:
    """Return rows of counts as shares, drawn towards noise that is the same for all classes."""
    k = len(counts)
    sizes = counts.sum(axis=1, keepdims=True)
    rate = max(1 - float(np.trace(counts)) / float(sizes.sum()), SMALLEST)
    same = np.full((k, k), rate / max(k - 1, 1))
    np.fill_diagonal(same, 1 - rate)
    own = (counts + SMALLEST * same) / (sizes + SMALLEST)
    return np.asarray((own + symmetry * same) / (1 + symmetry))


def _averaged(logs: Floats, given: npt.NDArray[np.int64], weight: Floats, matrices: list[Floats]) -> Floats:
    """Return the probabilities (n,) that the given labels are wrong, over the temperatures by their weight."""
    wrong = np.zeros(len(given))
    for share, matrix, temperature in _heavy(weight, matrices):
        joint = _tempered(logs, temperature) * matrix[:, given].T
        right = joint[np.arange(len(given)), given]
        joint[np.arange(len(given)), given] = 0.0
        other = joint.sum(axis=1)  # not 1 - right: that rounds to 0 where labels are nearly sure
        wrong += share * other / np.maximum(right + other, 1e-300)
    return wrong


def _heavy(weight: Floats, matrices: list[Floats]) -> Iterator[tuple[float, Floats, float]]:
    kept = weight >= 1e-3
    for at in np.flatnonzero(kept):
        yield float(weight[at] / weight[kept].sum()), matrices[at], float(TEMPERATURES[at])
