"""Keras (on PyTorch): CSVLogger, the progress bar's standard output, and the History object saved as JSON.

Without arguments the logs are written; with a run's name that run is trained with Keras's own progress bar.
"""

import json
import os
import sys
from functools import partial

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch
from common import SAMPLES, Config, Data, Sample, capture, digits, remedies

torch.set_num_threads(1)
DIGITS, MISLABELLED = digits(), digits(mislabelled=0.25)
OVERFIT = Config(examples=300, epochs=60, lr=2e-3, batch=16, width=256, depth=2)
HIGH_LR = Config(examples=800, epochs=30, lr=0.1, depth=4)
TOO_CONSTRAINED = Config(examples=800, epochs=60, lr=2e-3, batch=32, width=64, depth=1, weight_decay=6.0)


def compiled(config: Config) -> keras.Model:
    """Return a classifier of the digits with `depth` hidden layers."""
    keras.utils.set_random_seed(config.seed)
    model = keras.Sequential([keras.Input((64,))])
    for _ in range(config.depth):
        model.add(keras.layers.Dense(config.width, activation="relu"))
        model.add(keras.layers.Dropout(config.dropout))
    model.add(keras.layers.Dense(10, activation="softmax"))
    step = {
        "adam": keras.optimizers.AdamW(config.lr, weight_decay=config.weight_decay),
        "sgd": keras.optimizers.SGD(config.lr, momentum=0.9, weight_decay=config.weight_decay),
    }[config.optimizer]
    model.compile(step, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(
    config: Config, *callbacks: keras.callbacks.Callback, data: Data, verbose: int | str = "auto"
) -> keras.callbacks.History:
    """Train and return what Keras returns."""
    return compiled(config).fit(
        data.pool_x[: config.examples],
        data.pool_y[: config.examples],
        validation_data=(data.val_x, data.val_y),
        batch_size=config.batch,
        epochs=config.epochs,
        callbacks=list(callbacks),
        verbose=verbose,
    )


def train(config: Config, *, data: Data) -> list[float]:
    """Return the validation loss of every epoch."""
    losses: list[float] = fit(config, data=data, verbose=0).history["val_loss"]
    return losses


RUNS = tuple(
    Sample(
        name=name,
        task=task,
        config=config,
        train=partial(train, data=data),
        remedies=partial(remedies, pool=len(data.pool_x), decay=1.0),
        constant_loss=data.constant_loss,
    )
    for name, config, task, data in (
        ("keras_overfit", OVERFIT, "digits, a quarter mislabelled", MISLABELLED),
        ("keras_high_lr", HIGH_LR, "digits", DIGITS),
        ("keras_too_constrained", TOO_CONSTRAINED, "digits", DIGITS),
    )
)


def main() -> None:
    """Train and print the run that is named, or write the logs of all."""
    if sys.argv[1:] == ["keras_high_lr"]:
        fit(HIGH_LR, data=DIGITS)
        return
    for run in RUNS:
        (SAMPLES / run.name).mkdir(exist_ok=True)
    log = keras.callbacks.CSVLogger(SAMPLES / "keras_overfit" / "training.csv")
    fit(OVERFIT, log, data=MISLABELLED, verbose=0)
    capture("keras_runs.py", "keras_high_lr", SAMPLES / "keras_high_lr" / "fit.log")
    history = fit(TOO_CONSTRAINED, data=DIGITS, verbose=0).history
    (SAMPLES / "keras_too_constrained" / "history.json").write_text(json.dumps(history), encoding="utf-8")


if __name__ == "__main__":
    main()
