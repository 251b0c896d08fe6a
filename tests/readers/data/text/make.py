"""Make the logs beside this file: what Keras, Lightning and the Trainer print, and in truth.json what they logged.

Run it where keras (with the torch backend), lightning and transformers are installed: `python make.py`.
Each program trains a few steps on random numbers and writes its own record of the metrics as its last word.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
MARK = "RECORD "

KERAS = """
import json, keras, numpy as np
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)])
model.compile("sgd", "mse", metrics=["mae"])
x, y = np.random.rand(640, 3), np.random.rand(640, 1)
history = model.fit(x, y, validation_split=0.25, epochs=4, batch_size=16).history
model.evaluate(x, y)
print("RECORD " + json.dumps(history))
"""

LIGHTNING = """
import json, torch, warnings, lightning as L
from torch.utils.data import DataLoader, TensorDataset
warnings.simplefilter("ignore")
L.seed_everything(1)
seen = {"train_loss": [], "val_loss": []}
class Model(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3, 1)
    def loss(self, batch):
        return ((self.layer(batch[0]) - batch[1]) ** 2).mean()
    def training_step(self, batch, index):
        loss = self.loss(batch)
        self.log("train_loss", loss, prog_bar=True, on_step=False, on_epoch=True)
        return loss
    def validation_step(self, batch, index):
        self.log("val_loss", self.loss(batch), prog_bar=True)
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)
    def on_train_epoch_end(self):
        for name, values in seen.items():
            values.append(float(self.trainer.callback_metrics[name]))
loader = DataLoader(TensorDataset(torch.rand(64, 3), torch.rand(64, 1)), batch_size=16)
bar = L.pytorch.callbacks.TQDMProgressBar()
L.Trainer(max_epochs=3, logger=False, enable_checkpointing=False, accelerator="cpu", callbacks=[bar],
          num_sanity_val_steps=0).fit(Model(), loader, loader)
print("RECORD " + json.dumps(seen))
"""

TRAINER = """
import json, torch, transformers as T
T.set_seed(1)
class Data(torch.utils.data.Dataset):
    def __len__(self):
        return 32
    def __getitem__(self, i):
        return {"input_ids": torch.full((8,), i), "labels": torch.tensor(i % 2)}
config = T.BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
arguments = T.TrainingArguments(output_dir="out", num_train_epochs=3, per_device_train_batch_size=8, logging_steps=2,
                                eval_strategy="epoch", report_to=[], save_strategy="no", use_cpu=True)
trainer = T.Trainer(model=T.BertForSequenceClassification(config), args=arguments, train_dataset=Data(), eval_dataset=Data())
trainer.train()
rows = trainer.state.log_history
print("RECORD " + json.dumps({n: [r[n] for r in rows if n in r] for n in ("loss", "grad_norm", "eval_loss")}))
"""


def main() -> None:
    """Run each program and write what it printed, and what it knows."""
    truth: dict[str, object] = {}
    for name, program in {"keras": KERAS, "lightning": LIGHTNING, "trainer": TRAINER}.items():
        run = subprocess.run(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | {"KERAS_BACKEND": "torch", "TQDM_MININTERVAL": "0"},
            check=True,
            cwd="/tmp",  # noqa: S108  (the Trainer makes an empty folder)
        )
        printed, _, record = run.stdout.decode().rpartition(MARK)
        (HERE / f"{name}.log").write_bytes(printed.encode())
        truth[name] = json.loads(record)
    (HERE / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")


if __name__ == "__main__":
    main()
