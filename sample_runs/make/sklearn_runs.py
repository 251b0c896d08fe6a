"""scikit-learn: a network with a single hidden unit on the digits; train and held-out loss after each epoch, in a CSV."""

import csv
from functools import partial

import numpy as np
from common import SAMPLES, Config, Sample, digits, remedies
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

DATA = digits()
SETTINGS = Config(examples=1000, epochs=80, lr=0.01, width=1)


def train(config: Config) -> list[float]:
    """Return the held-out loss of every epoch."""
    return [row[2] for row in losses(config)]


def losses(config: Config) -> list[tuple[int, float, float]]:
    """Return epoch, training loss (of `loss_curve_`, with its penalty) and held-out log loss."""
    x, y = DATA.pool_x[: config.examples], DATA.pool_y[: config.examples]
    model = MLPClassifier(
        hidden_layer_sizes=(config.width,) * config.depth,
        learning_rate_init=config.lr,
        batch_size=config.batch,
        alpha=config.weight_decay,
        solver=config.optimizer,
        random_state=config.seed,
    )
    rows = []
    for epoch in range(1, config.epochs + 1):
        model.partial_fit(x, y, classes=np.unique(DATA.pool_y))
        held_out = log_loss(DATA.val_y, model.predict_proba(DATA.val_x))
        rows.append((epoch, model.loss_curve_[-1], float(held_out)))
    return rows


RUNS = (
    Sample(
        name="sklearn_underfit",
        task="digits",
        config=SETTINGS,
        train=train,
        remedies=partial(remedies, pool=len(DATA.pool_x), dropout=False, decay=1.0),
        constant_loss=DATA.constant_loss,
    ),
)


def main() -> None:
    """Write the CSV."""
    folder = SAMPLES / "sklearn_underfit"
    folder.mkdir(exist_ok=True)
    with (folder / "loss_curve.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("epoch", "train_loss", "validation_loss"))
        table.writerows(losses(SETTINGS))


if __name__ == "__main__":
    main()
