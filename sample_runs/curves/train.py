"""A small training to be run by `mlcheck datacurve ... -- python sample_runs/curves/train.py --n {n} --seed {seed}`.

A network of one hidden layer learns which of three generated classes a point of ten numbers belongs to (NumPy alone, a
fraction of a second). It prints a line an epoch, as most trainings do; nothing in it knows of mlcheck.
"""

from __future__ import annotations

import argparse

import numpy as np

HIDDEN, EPOCHS, BATCH, RATE = 64, 12, 50, 3e-3
VALIDATION = 4000


def drawn(n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return points (n, 10) and their classes (n,): the largest of three fixed rough functions of a point."""
    teacher = np.random.default_rng(7)
    first, second = teacher.normal(size=(10, 24)), teacher.normal(size=(24, 3))
    points = random.normal(size=(n, 10))
    return points, (np.tanh(points @ first) @ second).argmax(axis=1)


def outputs(weights: list[np.ndarray], points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return hidden values and the probabilities of the classes."""
    hidden = np.maximum(points @ weights[0] + weights[1], 0)
    raw = hidden @ weights[2] + weights[3]
    raw = np.exp(raw - raw.max(axis=1, keepdims=True))
    return hidden, raw / raw.sum(axis=1, keepdims=True)


def gradients(weights: list[np.ndarray], points: np.ndarray, target: np.ndarray) -> list[np.ndarray]:
    """Return the gradients of the mean cross-entropy."""
    hidden, share = outputs(weights, points)
    error = (share - np.eye(3)[target]) / len(target)
    back = (error @ weights[2].T) * (hidden > 0)
    return [points.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]


def measured(weights: list[np.ndarray], points: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    """Return loss and accuracy."""
    _, share = outputs(weights, points)
    loss = -np.log(share[np.arange(len(target)), target] + 1e-12).mean()
    return float(loss), float((share.argmax(axis=1) == target).mean())


def main(n: int, seed: int) -> None:
    """Train with Adam and print a line an epoch."""
    random = np.random.default_rng(seed)
    validation = drawn(VALIDATION, np.random.default_rng(99))
    points, target = drawn(n, random)
    weights = [
        random.normal(size=(10, HIDDEN)) / 3,
        np.zeros(HIDDEN),
        random.normal(size=(HIDDEN, 3)) / 8,
        np.zeros(3),
    ]
    means, squares = ([np.zeros_like(w) for w in weights] for _ in range(2))
    step = 0
    for epoch in range(1, EPOCHS + 1):
        order = random.permutation(n)
        for start in range(0, n, BATCH):
            part = order[start : start + BATCH]
            step += 1
            for i, slope in enumerate(gradients(weights, points[part], target[part])):
                means[i] = 0.9 * means[i] + 0.1 * slope
                squares[i] = 0.999 * squares[i] + 0.001 * slope**2
                weights[i] -= (
                    RATE * (means[i] / (1 - 0.9**step)) / (np.sqrt(squares[i] / (1 - 0.999**step)) + 1e-8)
                )
        (loss, accuracy), (val_loss, val_accuracy) = (
            measured(weights, points, target),
            measured(weights, *validation),
        )
        print(
            f"epoch {epoch}: loss {loss:.4f} accuracy {accuracy:.4f} val_loss {val_loss:.4f} val_accuracy {val_accuracy:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train on generated data.")
    parser.add_argument("--n", type=int, required=True, help="training examples")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    main(arguments.n, arguments.seed)
