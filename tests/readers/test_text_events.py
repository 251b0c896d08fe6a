"""What printed text says beside its curves: the error at its end, the settings at its top."""

from __future__ import annotations

import pytest

from tests.readers.printed import TRACE, TRAINED, log, logs, values


@pytest.mark.parametrize(
    ("end", "message", "line"),
    [
        (TRACE + "RuntimeError: CUDA out of memory. Tried to allocate 2 GiB\n", "RuntimeError: CUDA out of memory. Tried to allocate 2 GiB", 6),
        (TRACE + "AssertionError\n", "AssertionError", 6),
        (TRACE + "torch.cuda.OutOfMemoryError: CUDA out of memory.\n\nwandb: waiting\n", "torch.cuda.OutOfMemoryError: CUDA out of memory.", 6),
        (TRACE + "ValueError: bad shape\nChildFailedError: worker 0\n", "ValueError: bad shape", 6),
        ("[rank0]: RuntimeError: NCCL error in: ProcessGroupNCCL.cpp:1\n", "[rank0]: RuntimeError: NCCL error in: ProcessGroupNCCL.cpp:1", 3),
        (TRACE + "KeyError: 'a'\n\nThe above exception was the direct cause of the following exception:\n\n" + TRACE + "RuntimeError: no batch\n", "RuntimeError: no batch", 13),
        (TRACE + "RuntimeError: CUDA out of memory\n\nDuring handling of the above exception, another exception occurred:\n\n" + TRACE + "ValueError: x\n", "RuntimeError: CUDA out of memory", 6),
        ("Loss.cu:250: kernel: block: [0,0,0] Assertion `t >= 0` failed.\n" + TRACE + "RuntimeError: CUDA error: device-side assert triggered\n", "RuntimeError: CUDA error: device-side assert triggered", 7),
        (TRACE + "mypkg.errors.TrainingDiverged: too far\n", "mypkg.errors.TrainingDiverged: too far", 6),
        ("ValueError: The loss returned in `training_step` is nan.\n", "ValueError: The loss returned in `training_step` is nan.", 3),
        ("ResourceExhaustedError: OOM when allocating tensor with shape[8,512]\nHint: fewer\n", "ResourceExhaustedError: OOM when allocating tensor with shape[8,512]", 3),
        ("[rank0]:[E Process.cpp:563] [Rank 0] Watchdog caught collective operation timeout\n", "[rank0]:[E Process.cpp:563] [Rank 0] Watchdog caught collective operation timeout", 3),
        ("terminate called after throwing an instance of 'x'\n", "terminate called after throwing an instance of 'x'", 3),
        ("Loss.cu:250: kernel: block: [0,0,0] Assertion `t >= 0` failed.\n", "Loss.cu:250: kernel: block: [0,0,0] Assertion `t >= 0` failed.", 3),
        ("srun: error: node01: task 0: Killed\n", "srun: error: node01: task 0: Killed", 3),
        ("run.sh: line 12: 345 Killed    python train.py\n", "run.sh: line 12: 345 Killed    python train.py", 3),
        ("slurmstepd: error: Detected 1 oom-kill event(s)\n", "slurmstepd: error: Detected 1 oom-kill event(s)", 3),
        ("  exitcode  : -9\n  traceback : Signal 9 (SIGKILL) received by PID 123\n", "traceback : Signal 9 (SIGKILL) received by PID 123", 4),
        ("WARNING: non-finite loss, ending training\n", "WARNING: non-finite loss, ending training", 3),
        ("Segmentation fault (core dumped)\n", "Segmentation fault (core dumped)", 3),
        ("Killed\n", "Killed", 3),
        ("Loss is nan, stopping training\n", "Loss is nan, stopping training", 3),
    ],
)  # fmt: skip
def test_an_error_at_the_end_is_a_crash(end: str, message: str, line: int) -> None:
    """The decisive line of the error that ended the run becomes an event with its line number."""
    found = log(TRAINED + end)
    assert [(e.kind, e.message, e.at) for e in found.events] == [("crash", message, line)]
    assert values(found, "loss") == [3.5, 2.5]


def test_a_long_error_message_is_cut() -> None:
    """A message holds 160 characters at most."""
    (event,) = log(TRAINED + TRACE + "ValueError: " + "x" * 500 + "\n").events
    assert event.message == "ValueError: " + "x" * 148


def test_an_error_that_training_survived_is_none() -> None:
    """A traceback with more training behind it is no crash."""
    assert log("epoch 1 loss 3.5\n" + TRACE + "ValueError: bad batch\nepoch 2 loss 2.5\n").events == ()


@pytest.mark.parametrize(
    "end",
    [
        TRACE + "KeyboardInterrupt",
        "^C" + TRACE + "KeyboardInterrupt",
        "Detected KeyboardInterrupt, attempting graceful shutdown ...",
        "slurmstepd: error: *** JOB 12345 ON node01 CANCELLED AT 2023-01-01T10:00:00 ***",
        "slurmstepd: error: *** JOB 12345 ON node01 CANCELLED AT 2023-01-01T10:00:00 DUE TO TIME LIMIT ***",
        "=>> PBS: job killed: walltime 3600 exceeded limit 3600",
        "TERM_RUNLIMIT: job killed after reaching LSF run time limit.",
        "Terminated",
    ],
)
def test_an_interrupted_run_did_not_crash(end: str) -> None:
    """A run stopped by its user or by the batch system ends early: cut short, not crashed."""
    (event,) = log(TRAINED + end + "\n").events
    assert (event.kind, event.message) == ("interrupted", end.splitlines()[-1][:160])


@pytest.mark.parametrize(
    "end", ["Training complete\n", "ERROR: could not upload artefact, continuing\n", "ErrorRate 3\nDone.\n"]
)
def test_not_every_word_of_an_error_ends_a_run(end: str) -> None:
    """A run that goes to its end did not crash, whatever it complains of."""
    assert log(TRAINED + end).events == ()


def test_a_program_that_does_not_start_is_told() -> None:
    """Python refuses a program with a syntax error without the title of a traceback."""
    found = log(
        '  File "train.py", line 10\n    print "loss"\n          ^\nSyntaxError: Missing parentheses\n'
    )
    assert [(e.kind, e.message) for e in found.events] == [("crash", "SyntaxError: Missing parentheses")]


def test_the_text_of_an_error_is_no_point() -> None:
    """`RuntimeError: loss 5 is too large` ends the run and adds nothing to its curve."""
    found = log(TRAINED + TRACE + "RuntimeError: loss 5 is too large\n")
    assert values(found, "loss") == [3.5, 2.5]
    assert [e.kind for e in found.events] == ["crash"]


def test_a_crash_before_the_first_epoch_is_told() -> None:
    """A text that holds nothing but its crash gives a log without channels."""
    found = log("loading data\n" + TRACE + "ValueError: bad shape\n")
    assert found.channels == ()
    assert [(e.kind, e.message, e.at) for e in found.events] == [("crash", "ValueError: bad shape", 5.0)]


@pytest.mark.parametrize(
    "head",
    [
        "learning_rate = 0.0006 # max learning rate\nbatch_size = 12\nseed = 1337\n",
        "Namespace(learning_rate=0.0006, batch_size=12, epochs=10, seed=1337)\n",
        "{'learning_rate': 0.0006, 'batch_size': 12, 'seed': 1337}\n",
        "learning rate: 6e-4\nBatch size: 12\nmodel: resnet\n--seed=1337\n",
    ],
)
def test_hyperparameters_at_the_top_become_the_configuration(head: str) -> None:
    """What a script echoes of its settings is kept by name, as numbers where they are."""
    config = {name.lower().replace(" ", "_"): value for name, value in log(head + TRAINED).config.items()}
    assert (config["learning_rate"], config["batch_size"], config["seed"]) == (0.0006, 12, 1337)


def test_each_run_has_the_configuration_printed_before_it() -> None:
    """A second run with another learning rate has that one."""
    found = logs(f"lr = 0.1\nbatch_size = 8\n{TRAINED}lr = 0.01\n{TRAINED}")
    assert [each.config for each in found] == [{"lr": 0.1, "batch_size": 8}, {"lr": 0.01, "batch_size": 8}]
