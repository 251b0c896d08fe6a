"""Write the event files beside this script with PyTorch's SummaryWriter and TensorBoard's protobufs.

    pip install torch tensorboard
    python tests/readers/data/tensorboard/make.py

`pytorch/` is what add_scalar, add_scalars, add_histogram, add_text and add_hparams leave; `keras/` has the tensor
scalars of TensorFlow 2 as Keras's TensorBoard callback writes them, which needs no TensorFlow. Clock and file names
are fixed, so that nothing of the machine is in the files.
"""

from __future__ import annotations

import importlib
import shutil
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NOW = 1_700_000_000.25


def losses(epoch: int) -> tuple[float, float]:
    """Return a training and a validation loss."""
    return 1 / epoch, 0.5 + 0.5 / epoch


def write_pytorch(folder: Path) -> None:
    """Write a run of ten epochs with SummaryWriter."""
    with importlib.import_module("torch.utils.tensorboard").SummaryWriter(str(folder)) as writer:
        for epoch in range(1, 11):
            train, val = losses(epoch)
            writer.add_scalar("loss/train", train, epoch * 100)
            writer.add_scalar("loss/val", val, epoch * 100)
            writer.add_scalar("lr", 0.001, epoch * 100, new_style=True)
            writer.add_scalars("Loss", {"train": train, "val": val}, epoch)
        writer.add_histogram(
            "weights", importlib.import_module("numpy").linspace(-1, 1, 20), 1000, bins="auto"
        )
        writer.add_text("note", "hello", 1000)
        settings = {"lr": 0.001, "batch_size": 32, "optimizer": "adam", "nesterov": False}
        writer.add_hparams(settings, {"hparam/val_loss": 0.55})


def write_keras(folder: Path) -> None:
    """Write epoch_loss of a run of five epochs into train/ and validation/, as Keras's TensorBoard callback does."""
    event_file_writer: Any = importlib.import_module("tensorboard.summary.writer.event_file_writer")
    event: Any = importlib.import_module("tensorboard.compat.proto.event_pb2")
    proto: Any = importlib.import_module("tensorboard.compat.proto.summary_pb2")
    tensor: Any = importlib.import_module("tensorboard.util.tensor_util")
    metadata: Any = importlib.import_module("tensorboard.plugins.scalar.metadata")
    float32: Any = importlib.import_module("numpy").float32
    for i, split in enumerate(("train", "validation")):
        writer = event_file_writer.EventFileWriter(str(folder / split), filename_suffix=".v2")
        for epoch in range(5):
            value = proto.Summary.Value(
                tag="epoch_loss", tensor=tensor.make_tensor_proto(float32(losses(epoch + 1)[i]))
            )
            if not epoch:
                value.metadata.CopyFrom(metadata.create_summary_metadata("", ""))
            summary = proto.Summary(value=[value])
            writer.add_event(event.Event(wall_time=NOW + epoch, step=epoch, summary=summary))
        writer.close()


def main() -> None:
    """Write all folders anew; name the files by number instead of host and process."""
    time.time = lambda: NOW
    for name, write in (("pytorch", write_pytorch), ("keras", write_keras)):
        shutil.rmtree(HERE / name, ignore_errors=True)
        write(HERE / name)
        for path in sorted((HERE / name).rglob("events.out.tfevents.*")):
            suffix = ".v2" if path.name.endswith(".v2") else ""
            path.rename(path.with_name(f"events.out.tfevents.1700000000.host.1.0{suffix}"))


if __name__ == "__main__":
    main()
