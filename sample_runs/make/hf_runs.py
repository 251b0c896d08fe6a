"""Hugging Face Trainer: a small GPT-2 on few pages of text; `trainer_state.json` as its last two checkpoints hold it."""

import os
import shutil
import warnings
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers
from common import SAMPLES, Config, Data, Sample, characters, remedies, split
from transformers import GPT2Config, GPT2LMHeadModel, PrinterCallback, Trainer, TrainingArguments

torch.set_num_threads(1)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
warnings.filterwarnings("ignore")

LETTERS = 32
"""Length of a sequence, in characters."""


def sequences() -> Data:
    """Return sequences of characters, the targets being the same sequences; 500 held back."""
    text = characters()[: 4000 * LETTERS].reshape(-1, LETTERS)
    return split(text, text, val=500)


DATA = sequences()
SETTINGS = Config(examples=400, epochs=40, lr=2e-3, width=64, depth=2, batch=16)


def model(config: Config) -> GPT2LMHeadModel:
    """Return a fresh GPT-2 with heads of 16 units."""
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=int(DATA.pool_y.max()) + 1,
            n_positions=LETTERS,
            n_embd=config.width,
            n_layer=config.depth,
            n_head=config.width // 16,
            resid_pdrop=config.dropout,
            embd_pdrop=config.dropout,
            attn_pdrop=config.dropout,
            bos_token_id=0,
            eos_token_id=0,
        )
    )


def trainer(config: Config, folder: Path, *, save: bool) -> Trainer:
    """Return a Trainer that evaluates after each epoch, and keeps its last two checkpoints if asked to save."""
    transformers.set_seed(config.seed)
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch,
        per_device_eval_batch_size=250,
        learning_rate=config.lr,
        weight_decay=config.weight_decay,
        eval_strategy="epoch",
        logging_strategy="epoch",
        save_strategy="epoch" if save else "no",
        save_total_limit=2,
        seed=config.seed,
        use_cpu=True,
        report_to="none",
        disable_tqdm=True,
    )
    rows = [{"input_ids": row, "labels": row} for row in torch.as_tensor(DATA.pool_y[: config.examples])]
    held_out = [{"input_ids": row, "labels": row} for row in torch.as_tensor(DATA.val_y)]
    made = Trainer(model(config), arguments, train_dataset=rows, eval_dataset=held_out)
    made.remove_callback(PrinterCallback)
    return made


def train(config: Config) -> list[float]:
    """Return the evaluation loss of every epoch."""
    with TemporaryDirectory() as folder:
        fitted = trainer(config, Path(folder), save=False)
        fitted.train()
    return [row["eval_loss"] for row in fitted.state.log_history if "eval_loss" in row]


RUNS = (
    Sample(
        name="hf_overfit",
        task="characters, 32 at a time",
        config=SETTINGS,
        train=train,
        remedies=partial(remedies, pool=len(DATA.pool_x), decay=1.0),
        constant_loss=DATA.constant_loss,
    ),
)


def main() -> None:
    """Write the states of the last two checkpoints, without their weights."""
    shutil.rmtree(SAMPLES / "hf_overfit", ignore_errors=True)
    with TemporaryDirectory() as folder:
        trainer(SETTINGS, Path(folder), save=True).train()
        for state in Path(folder).glob("checkpoint-*/trainer_state.json"):
            kept = SAMPLES / "hf_overfit" / state.parent.name
            kept.mkdir(parents=True)
            shutil.copy(state, kept)


if __name__ == "__main__":
    main()
