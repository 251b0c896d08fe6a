"""What frameworks print."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest

from mlcheck.errors import NothingToRead
from mlcheck.readers import assemble, read_inputs, text
from mlcheck.readers.source import Source
from tests.readers.printed import TRAINED, Name, log, logs, values

DATA = Path(__file__).parent / "data" / "text"
Curves = dict[Name, list[float]]
FORMATS: dict[str, tuple[str, Curves]] = {
    "Caffe": (
        ("I1209 13:55:37.3 3198 solver.cpp:341] Iteration 0, Testing net (#0)\n"
        "I1209 13:55:37.3 3198 solver.cpp:409]     Test net output #0: accuracy = 0.001\n"
        "I1209 13:55:37.3 3198 solver.cpp:409]     Test net output #1: loss = 8.9 (* 1 = 8.9 loss)\n"
        "I1209 13:55:38.1 3198 solver.cpp:237] Iteration 0, loss = 7.3\n"
        "I1209 13:55:38.1 3198 solver.cpp:253]     Train net output #0: loss = 7.3 (* 1 = 7.3 loss)\n"
        "I1209 13:55:38.1 3198 sgd_solver.cpp:106] Iteration 0, lr = 0.01\n"
        "I1209 14:55:38.1 3198 solver.cpp:237] Iteration 20, loss = 6.5\n"
        "I1209 14:55:38.1 3198 solver.cpp:253]     Train net output #0: loss = 6.5 (* 1 = 6.5 loss)\n"
        "I1209 14:55:39.3 3198 solver.cpp:341] Iteration 40, Testing net (#0)\n"
        "I1209 14:55:39.3 3198 solver.cpp:409]     Test net output #0: accuracy = 0.03\n"
        "I1209 14:55:39.3 3198 solver.cpp:409]     Test net output #1: loss = 6.4 (* 1 = 6.4 loss)\n"),
        {
            ("loss", None): [7.3, 6.5],
            ("Test net output #1: loss", None): [8.9, 6.4],
            ("Test net output #0: accuracy", None): [0.001, 0.03],
        },
    ),
    "Megatron-LM": (
        "".join(
            f" [2025-08-01 07:19:37] iteration {n:8d}/    5000 | consumed samples: {8 * n:12d} | elapsed time per iteration (ms): 373.8 |"
            f" learning rate: 9.297E-05 | global batch size:     8 | lm loss: {9 - n / 100:.6E} | loss scale: 131072.0 | grad norm: 2.040 |\n"
            + (
                f"{'-' * 90}\n validation loss at iteration {n} | lm loss value: {8 - n / 100:.6E} | lm loss PPL: 4.8E+02 | \n{'-' * 90}\n"
                if n % 20 == 0
                else ""
            )
            for n in (10, 20, 30, 40)
        ),
        {("lm loss", None): [8.9, 8.8, 8.7, 8.6], ("lm loss value", "validation"): [7.8, 7.6]},
    ),
    "fairseq": (
        "".join(
            f"2023-06-13 17:31:08 | INFO | train_inner | epoch {e:03d}:     85 / 282 loss=9.1, nll_loss=1.2, ppl=8.86, num_updates={282 * e + 85}, lr=0.0001\n"
            f"2023-06-13 17:32:41 | INFO | valid | epoch {e:03d} | valid on 'valid' subset | loss {7 - e} | nll_loss 11.5 | ppl 6550.94 | num_updates {282 * e + 282}\n"
            f"2023-06-13 17:32:53 | INFO | train | epoch {e:03d} | loss {6 - e} | nll_loss 1.23 | ppl 8.82 | num_updates {282 * e + 282} | lr 0.0001 | wall 0\n"
            for e in (1, 2, 3)
        ),
        {("loss", "train"): [5, 4, 3], ("loss", "validation"): [6, 5, 4], ("loss (step)", "train"): [9.1, 9.1, 9.1]},
    ),
    "fairseq's old lines": (
        "".join(
            f"| epoch {e:03d} | loss {6 - e} | nll_loss 8.4 | ppl 340.86 | num_updates {100 * e} | lr 0.17 | gnorm 0.249\n"
            f"| epoch {e:03d} | valid on 'valid' subset | loss {7 - e} | nll_loss 7.5 | ppl 193.89 | num_updates {100 * e} | best_loss 3.5\n"
            f"| saved checkpoint checkpoint{e}.pt (epoch {e} @ {100 * e} updates) (writing took 0.39 seconds)\n"
            for e in (1, 2)
        ),
        {("loss", None): [5, 4], ("loss", "validation"): [6, 5]},
    ),
    "fairseq's JSON": (
        "".join(
            f'2020-02-07 13:21:07 | INFO | train | {{"epoch": {e}, "train_loss": "{6 - e}.049", "train_num_updates": "36{e}", "train_wall": "1"}}\n'
            f'2020-02-07 13:21:09 | INFO | valid | {{"epoch": {e}, "valid_loss": "{7 - e}.033", "valid_best_loss": "4.0"}}\n'
            for e in (1, 2)
        ),
        {("train_loss", None): [5.049, 4.049], ("valid_loss", None): [6.033, 5.033]},
    ),
    "ESPnet": (
        "".join(
            f"[host] 2023-10-27 13:29:13,321 (trainer:298) INFO: {e}/30epoch started\n"
            f"[host] 2023-10-27 13:37:46,484 (trainer:753) INFO: {e}epoch:train:1-50batch: iter_time=1.9e-04, loss_ctc=9.5, acc=0.235, loss=9.9\n"
            f"[host] 2023-10-27 13:46:05,691 (trainer:753) INFO: {e}epoch:train:51-100batch: iter_time=1.1e-04, loss_ctc=9.1, acc=0.317, loss=9.2\n"
            f"[host] 2023-10-27 13:50:26,464 (trainer:352) INFO: {e}epoch results: [train] iter_time=0.164, loss_ctc=9.1, acc=0.27, loss={9 - e}.5,"
            f" time=1 minute and 43.19 seconds, total_count=100, [valid] loss_ctc=9.1, acc=0.40, loss={8 - e}.5, time=50.5 seconds, total_count=49\n"
            for e in (1, 2)
        ),
        {("loss", "train"): [8.5, 7.5], ("loss", "validation"): [7.5, 6.5]},
    ),
    "Marian": (
        "".join(
            f"[2022-02-19 01:14:57] Ep. {n} : Up. {500 * n} : Sen. 13,097 : Cost {6 - n}.3 * 1,606,009 @ 2,847 after 1,606,009 : Time 199.15s : 8064.22 words/s : L.r. 3.0000e-04\n"
            f"[2022-02-19 01:19:44] [valid] Ep. {n} : Up. {500 * n} : cross-entropy : {40 + n}.5 : stalled 1 times (last best: 40.0)\n"
            for n in (1, 2, 3)
        ),
        {("Cost", None): [5.3, 4.3, 3.3], ("cross-entropy", "validation"): [41.5, 42.5, 43.5]},
    ),
    "OpenNMT": (
        "".join(
            f"[2020-02-09 07:29:37,814 INFO] Step {50 * n}/100000; acc:   2.15; ppl: {90 - n}.5; xent: {9 - n}.34; lr: 0.00001; 10559/11089 tok/s;     35 sec\n"
            f"[2020-02-09 07:30:12,326 INFO] Validation perplexity: {80 - n}.2\n[2020-02-09 07:30:12,326 INFO] Validation accuracy: 4.5\n"
            for n in (1, 2, 3)
        ),
        {("xent", None): [8.34, 7.34, 6.34], ("ppl", None): [89.5, 88.5, 87.5], ("Validation perplexity", None): [79.2, 78.2, 77.2]},
    ),
    "spaCy": (
        ("ℹ Pipeline: ['tok2vec', 'ner']\nℹ Initial learn rate: 0.001\n"
        "E    #       LOSS TOK2VEC  LOSS NER  ENTS_F  SCORE \n---  ------  ------------  --------  ------  ------\n"
        "  0       0          0.00     14.42    0.39    0.00\n  0    1000      75263.20   7992.36    9.34    0.09\n  1    3000     203618.32  12177.86   27.76    0.28\n"),
        {("LOSS TOK2VEC", None): [0, 75263.2, 203618.32], ("LOSS NER", None): [14.42, 7992.36, 12177.86]},
    ),
    "TensorFlow's Estimator": (
        "".join(
            f"INFO:tensorflow:loss = {3 - n}.5, step = {100 * n + 1} (14.683 sec)\nINFO:tensorflow:global_step/sec: 6.8\n"
            f"INFO:tensorflow:Starting evaluation at 2019-02-02-02:35:00\nINFO:tensorflow:Finished evaluation at 2019-02-02-02:35:00\n"
            f"INFO:tensorflow:Saving dict for global step {100 * n + 100}: accuracy = 0.8, global_step = {100 * n + 100}, loss = {2 - n}.25\n"
            for n in (0, 1)
        )
        + "INFO:tensorflow:loss = 1.0, step = 201 (14.683 sec)\nINFO:tensorflow:Loss for final step: 0.2.\n",
        {("loss", None): [3.5, 2.5, 1.0], ("loss", "validation"): [2.25, 1.25]},
    ),
    "TensorFlow's object detection": (
        "".join(
            f"{prefix}Step {n} per-step time 0.859s\n" * 1
            + f"{prefix}{{'Loss/classification_loss': 0.1,\n 'Loss/total_loss': {n / 1000},\n 'learning_rate': 0.0004}}\n"
            for n in (100, 200)
            for prefix in ("INFO:tensorflow:", "I0215 13:02:16.783209 140572399961920 model_lib_v2.py:705] ")
        ),
        {("Loss/total_loss", None): [0.1, 0.2]},
    ),
    "Darknet": (
        "".join(
            "Region Avg IOU: 0.272156, Class: 0.499678, Obj: 0.559775, No Obj: 0.501831, Avg Recall: 0.200000,  count: 11\n"
            f"   {n}: 1.034688, {5 - n}.245240 avg loss, 0.001000 rate, 0.923000 seconds, {64 * n} images\nLoaded: 0.000000 seconds\n"
            for n in (1, 2, 3)
        ),
        {("avg loss", None): [4.24524, 3.24524, 2.24524]},
    ),
    "Stable-Baselines3": (
        "---------------------------\n| rollout/           |      |\n|    ep_rew_mean     | 21.2 |\n| time/              |      |\n|    total_timesteps | 2048 |\n---------------------------\n"
        + "".join(
            "----------------------------\n"
            f"| rollout/           |       |\n|    ep_rew_mean     | {20 + n}.5  |\n| time/              |       |\n|    iterations      | {n}     |\n"
            f"|    total_timesteps | {2048 * n}  |\n| train/             |       |\n|    loss            | {7 - n}.79  |\n|    value_loss      | 57.5  |\n----------------------------\n"
            for n in (2, 3)
        ),
        {("rollout/ep_rew_mean", None): [21.2, 22.5, 23.5], ("train/loss", None): [5.79, 4.79]},
    ),
    "Spinning Up": (
        "".join(
            f"-----------------------------\n|             Epoch |     {n} |\n|      AverageEpRet |  -{9 - n}.9 |\n| TotalEnvInteracts | {n}e+04 |\n|            LossPi |   0.1 |\n-----------------------------\n"
            for n in (1, 2)
        ),
        {("AverageEpRet", None): [-8.9, -7.9], ("LossPi", None): [0.1, 0.1]},
    ),
    "LAVIS": (
        "".join(
            f"Train: data epoch: [{e}]  [{i:3d}/500]  eta: 0:01:10  lr: 0.000060  loss: 2.3269  time: 0.3369  data: 0.0000  max mem: 22193\n"
            for e in (0, 1)
            for i in (0, 499)
        ).replace("[1]  [  0", "\n2023-05-07 11:46:23,294 [INFO] Averaged stats: lr: 0.0001  loss: 3.2105\nTrain: data epoch: [1]  [  0")
        + "2023-05-07 11:48:23,294 [INFO] Averaged stats: lr: 0.0001  loss: 1.2105\n",
        {("loss", "train"): [3.2105, 1.2105], ("loss (step)", "train"): [2.3269] * 4},
    ),
    "MAE": (
        "".join(
            f"[01:51:01.408908] Epoch: [{e}]  [ 0/80]  eta: 0:05:32  lr: 0.000051  total_loss: 9.0425 (9.0425)  time: 4.1538  max mem: 12775\n"
            f"[01:51:08.313768] Averaged stats: lr: 0.000051  total_loss: 0.0379 ({5 - e}.0425)\n"
            for e in (0, 1, 2)
        ),
        {("total_loss", None): [5.0425, 4.0425, 3.0425], ("total_loss (step)", None): [9.0425] * 3},
    ),
    "Swin": (
        "".join(
            f"[2021-04-09 10:00:11 swin_tiny](main.py 190): INFO Train: [{e}/300][{i}/1251]\teta 2:18:22 lr 0.000001\ttime 6.6 (6.6)\tloss {7 - e}.{i} (6.9)\tgrad_norm 1.4 (1.4)\tmem 9253MB\n"
            + (f"[2021-04-09 10:07:21 swin_tiny](main.py 237): INFO Test: [90/98]\tTime 4.3 (4.3)\tLoss 6.8 ({6 - e}.5)\tAcc@1 0.3 (0.4)\tMem 9453MB\n" if i else "")
            for e in (0, 1)
            for i in (0, 10)
        ),
        {("loss", "train"): [7.0, 7.1, 6.0, 6.1], ("Loss", "test"): [6.5, 5.5]},
    ),
    "YOLOv7": (
        "".join(
            "     Epoch   gpu_mem       box       obj       cls     total    labels  img_size\n"
            f"      {e}/1     2.75G    0.0736   0.03689         0    0.{9 - e}105        18       640: 100%|████| 313/313 [01:02<00:00,  5.02it/s]\n"
            "                 all        5000       11004       0.226       0.289       0.144      0.0317\n"
            for e in (0, 1)
        ),
        {("total", None): [0.9105, 0.8105]},
    ),
    "YOLOv8": (
        "".join(
            "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n"
            f"        {e}/2      10.1G      {3 - e}.777      2.573      1.302         79        640: 100%|██████████| 298/298 [08:35<00:00,  1.73s/it]\n"
            "                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|██████████| 38/38 [00:44<00:00,  1.17s/it]\n"
            "                   all       1189       4779       0.34     0.0303     0.0157    0.00773\n"
            for e in (1, 2)
        ),
        {("box_loss", None): [2.777, 1.777]},
    ),
    "LightGBM": (
        ("[1]\ttraining's binary_logloss: 0.62\tvalid_1's binary_logloss: 0.63\nTraining until validation scores don't improve for 50 rounds\n"
        "[2]\ttraining's binary_logloss: 0.58\tvalid_1's binary_logloss: 0.61\n[3]\ttraining's binary_logloss: 0.55\tvalid_1's binary_logloss: 0.64\n"
        "Early stopping, best iteration is:\n[2]\ttraining's binary_logloss: 0.58\tvalid_1's binary_logloss: 0.61\n"),
        {("training's binary_logloss", None): [0.62, 0.58, 0.55], ("valid_1's binary_logloss", None): [0.63, 0.61, 0.64]},
    ),
    "CatBoost": (
        "".join(
            f"{n}:\tlearn: 0.{9 - n}910843\ttest: 0.{8 - n}868275\tbest: 0.7868275 (0)\ttotal: 182ms\tremaining: 3m 1s\n" for n in (0, 1, 2)
        )
        + "\nbestTest = 0.963160336\nbestIteration = 989\n",
        {("learn", None): [0.9910843, 0.8910843, 0.7910843], ("test", None): [0.8868275, 0.7868275, 0.6868275]},
    ),
    "scikit-learn": (
        "".join(f"Iteration {n}, loss = {3 - n}.34120893\nValidation score: 0.412500\n" for n in (1, 2)),
        {("loss", None): [2.34120893, 1.34120893]},
    ),
    "Chainer, with empty cells": (
        ("epoch       main/loss   validation/main/loss  main/accuracy\n"
        "1           1573.94                           0.202703     \n2           522.063     617.106               0.617117     \n3           448.05                            0.693694     \n"),
        {("main/loss", None): [1573.94, 522.063, 448.05], ("validation/main/loss", None): [617.106], ("main/accuracy", None): [0.202703, 0.617117, 0.693694]},
    ),
    "Ludwig": (
        "".join(
            f"Epoch   {e}\n╒═══════╤════════╤════════════╕\n│ label │   loss │   accuracy │\n╞═══════╪════════╪════════════╡\n│ train │ {3 - e}.3012 │     0.1012 │\n"
            f"├───────┼────────┼────────────┤\n│ vali  │ {3 - e}.4012 │     0.0912 │\n╘═══════╧════════╧════════════╛\n"
            for e in (1, 2)
        ),
        {("loss", "train"): [2.3012, 1.3012], ("loss", "validation"): [2.4012, 1.4012]},
    ),
    "torchtune": (
        "\r".join(f"1|{max(n, m)}|Loss: {3 - max(n, m)}.8:   0%|          | {n}/1367 [04:24<100:30:01, 264.86s/it]" for m in (1, 2, 3) for n in (m, m + 1) if n <= 3) + "\n",
        {("Loss", None): [2.8, 1.8, 0.8]},
    ),
    "Catalyst": (
        "".join(f"{e}/2 * Epoch (train): loss={3 - e}.5 | acc=0.8\n{e}/2 * Epoch (valid): loss={4 - e}.5 | acc=0.8\n" for e in (1, 2)),
        {("loss", "train"): [2.5, 1.5], ("loss", "validation"): [3.5, 2.5]},
    ),
    "llm.c": (
        "val loss 11.009911\n"
        + "".join(f"step    {n}/3 | loss {11 - n}.032358 (+nanz)| norm 22.1414 (+nanz)| lr 8.57e-07 | 2498.67 ms | 40.2% bf16 MFU | 209827 tok/s\n" for n in (1, 2, 3))
        + "val loss 10.609911\ntotal average iteration time: 2493.738174 ms\n",
        {("loss", None): [10.032358, 9.032358, 8.032358], ("val loss", None): [11.009911, 10.609911]},
    ),
    "Coqui": (
        "".join(
            f"\x1b[1m > EPOCH: {e}/1000\x1b[0m\n\x1b[1m   --> STEP: 24/36 -- GLOBAL_STEP: {1000025 + 25 * e}\x1b[0m\n     | > loss_disc: 3.0  (3.4)\n     | > loss_gen: 1.5  (1.9)\n"
            f"     | > loss_kl: 3.5  (7.2)\n     | > loss_mel: {9 - e}  (23.5)\n     | > loss_1: {14 - e}  (35.5)\n\x1b[1m > EVALUATION \x1b[0m\n     | > avg_loss_gen: 1.5 \x1b[0m(+0.0)\n"
            for e in (0, 1)
        ),
        {("loss_1", None): [14, 13], ("avg_loss_gen", "validation"): [1.5, 1.5]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_framework_prints_is_read_by_its_layout(name: str) -> None:
    """The curves have the names that the text gives them, and every one of their points; a text is one run."""
    content, curves = FORMATS[name]
    found = log(content)
    assert {mark: values(found, *mark) for mark in curves} == curves


@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_log_is_read_or_refused(name: str) -> None:
    """Cuts at many places and bytes turned into others never raise anything else."""
    content = FORMATS[name][0].encode()
    chance = np.random.default_rng(len(content))
    for n in range(40):
        damaged = bytearray(content[: int(chance.integers(1, len(content)))] if n % 2 else content)
        for _ in range(int(chance.integers(30))):
            damaged[int(chance.integers(len(damaged)))] = int(
                chance.choice((*range(256), *(32, 46, 48, 10, 13, 0) * 40))
            )
        with contextlib.suppress(NothingToRead):
            list(text.read(Source(name="train.log", content=bytes(damaged))))


@pytest.mark.parametrize(
    "line", ["#Iters Seconds TestAccuracy TestLoss", "#Iters Seconds TrainingLoss LearningRate"]
)
def test_what_caffe_parses_from_its_logs_is_a_table(line: str) -> None:
    """`*.log.test` and `*.log.train` hold blank-separated columns under one head."""
    content = line + "".join(f"\n{n}    {n / 10:.6f}    0.{n}    {9 - n}.5" for n in (0, 1, 2)) + "\n"
    (run,) = read_inputs(["-"], stdin=content.encode).runs
    loss = run.train_loss if "TrainingLoss" in line else run.val_loss
    assert loss is not None
    assert loss.value.tolist() == ([0.0, 0.1, 0.2] if "TrainingLoss" in line else [9.5, 8.5, 7.5])


def test_a_total_stands_before_its_parts() -> None:
    """A loss that is everywhere the sum of those above it is what is minimised."""
    found = log(FORMATS["Coqui"][0])
    (run,) = assemble.runs([found], columns={}).runs
    assert run.train_loss is not None
    assert run.train_loss.name == "loss_1"


def test_a_perplexity_is_no_validation_loss_beside_one() -> None:
    """`lm loss PPL` is the exponential of `lm loss value`."""
    (run,) = assemble.runs([log(FORMATS["Megatron-LM"][0])], columns={}).runs
    assert run.val_loss is not None
    assert run.val_loss.name == "lm loss value"


def test_shares_named_only_by_their_split_are_no_losses() -> None:
    """`Loss: 1.9, Train: 0.2, Val: 0.1`: beside a loss the splits' names mean accuracies."""
    content = "".join(f"Epoch: 00{n}, Loss: 1.9, Train: 0.{n}, Val: 0.{n}, Test: 0.{n}\n" for n in (1, 2, 3))
    (run,) = assemble.runs(logs(content), columns={}).runs
    assert run.train_loss is not None
    assert run.train_loss.name == "Loss"
    assert run.val_loss is None


@pytest.mark.parametrize("rank", ["[rank{}]: ", "[default{}]: ", "{}: "])
def test_every_record_of_several_processes_is_read_once(rank: str) -> None:
    """Torchrun and srun mark the lines of each process; the first one's stand for the run."""
    lines = [f"{rank.format(r)}step {n} loss {n + r / 10}" for n in (1, 2, 3, 4, 5) for r in (0, 1)]
    lines[4:6] = reversed(lines[4:6])
    assert values(log("\n".join(lines) + "\n"), "loss") == [1, 2, 3, 4, 5]


def test_unmarked_repetitions_of_every_step_are_those_of_other_processes() -> None:
    """Where each step is printed equally often, its first line counts."""
    assert values(
        log("".join(f"step {n} loss {n + r / 10}\n" for n in (1, 2, 3) for r in (0, 1))), "loss"
    ) == [1, 2, 3]


def test_what_two_loggers_print_is_one_record() -> None:
    """The same value at the same step is one point."""
    assert values(
        log("".join(f"INFO:root:step {n} loss {n}.5\nstep {n} loss {n}.5\n" for n in (1, 2))), "loss"
    ) == [1.5, 2.5]


def test_decimal_commas_are_settled_for_the_whole_text() -> None:
    """`1,021` beside `0,91` is one and a bit; alone it is a thousand."""
    found = log("Epoch 1: loss = 0,912 val_loss = 1,021\nEpoch 2: loss = 0,812 val_loss = 0,921\n")
    assert values(found, "loss") == [0.912, 0.812]
    assert values(found, "val_loss") == [1.021, 0.921]


def test_utf_16_is_read() -> None:
    """PowerShell redirects in UTF-16."""
    source = Source(name="x.log", content=TRAINED.encode("utf-16"))
    (found,) = text.read(source)
    assert values(found, "loss") == [3.5, 2.5]


@pytest.mark.parametrize("framework", ["keras", "lightning", "trainer"])
def test_what_frameworks_print_agrees_with_what_they_recorded(framework: str) -> None:
    """Progress bars and dictionaries of the real libraries give the numbers of their own histories, as far as printed."""
    truth = json.loads((DATA / "truth.json").read_text())[framework]
    found = log((DATA / f"{framework}.log").read_bytes().decode())
    for name, expected in truth.items():
        np.testing.assert_allclose([float(v) for v in expected], values(found, name), rtol=6e-3)
