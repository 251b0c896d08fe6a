"""Lightning: the missing pixel, learned well; CSVLogger's metrics.csv and hparams.yaml, as a Trainer leaves them."""

import logging
import shutil
import warnings
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import lightning
import torch
from common import SAMPLES, Config, Sample, missing_pixel, remedies
from lightning.pytorch.loggers import CSVLogger
from networks import loss_of, network, optimizer, tensors
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

DATA = missing_pixel()
SETTINGS = Config(examples=4000, epochs=60, lr=3e-3, batch=512, width=32)

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
warnings.filterwarnings("ignore")


class Pixel(lightning.LightningModule):
    """Predicts a pixel from those around it."""

    def __init__(self, **settings: object) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.config = Config(**settings)
        self.model = network(self.config, DATA.pool_x.shape[1], 1)
        self.losses: list[float] = []

    def training_step(self, batch: list[Tensor], _: int) -> Tensor:
        """Log the mean training loss of the epoch."""
        loss = loss_of(self.model(batch[0]), batch[1])
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch: list[Tensor], _: int) -> None:
        """Log the validation loss."""
        loss = loss_of(self.model(batch[0]), batch[1])
        self.log("val_loss", loss)
        self.losses.append(float(loss))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer that the settings name."""
        return optimizer(self.config, self)


def train(config: Config, logs: Path | None = None) -> list[float]:
    """Return the validation loss of every epoch; write Lightning's logs where asked."""
    lightning.seed_everything(config.seed, verbose=False)
    x, y, val_x, val_y = tensors(config, DATA)
    trainer = lightning.Trainer(
        max_epochs=config.epochs,
        accelerator="cpu",
        logger=CSVLogger(logs) if logs else False,
        num_sanity_val_steps=0,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    pixel = Pixel(**asdict(config))
    held_out = DataLoader(TensorDataset(val_x, val_y), batch_size=len(val_x))
    trainer.fit(pixel, DataLoader(TensorDataset(x, y), batch_size=config.batch, shuffle=True), held_out)
    return pixel.losses


RUNS = (
    Sample(
        name="lightning_healthy",
        task="missing pixel",
        config=SETTINGS,
        train=train,
        remedies=partial(remedies, pool=len(DATA.pool_x)),
        constant_loss=DATA.constant_loss,
    ),
)


def main() -> None:
    """Write the logs."""
    with TemporaryDirectory() as logs:
        train(SETTINGS, Path(logs))
        shutil.copytree(logs, SAMPLES / "lightning_healthy", dirs_exist_ok=True)


if __name__ == "__main__":
    main()
