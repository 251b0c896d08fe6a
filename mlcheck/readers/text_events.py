"""What a printed log says beside its numbers: the hyperparameters at its top, the error at its end."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from mlcheck.model import Event
from mlcheck.readers.text_lines import cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlcheck.model import Scalar
    from mlcheck.readers.text_lines import Screen

TAIL = 80
"""How many of the last non-blank lines may hold the error that ended a run: a traceback through a framework is long."""
LAST_WORDS = 5
"""How many of them may hold the shell's word of a killed process where nothing else in the text is a log."""
LINE = 400
MESSAGE = 160
TRACEBACK = "Traceback (most recent call last)"

HYPERPARAMETERS = (
    "learning_rate", "lr", "base_lr", "max_lr", "min_lr", "batch_size", "train_batch_size", "per_device_train_batch_size",
    "epochs", "num_epochs", "n_epochs", "max_epochs", "num_train_epochs", "max_steps", "max_iters", "max_iter",
    "num_iterations", "weight_decay", "wd", "dropout", "optimizer", "optim", "momentum", "hidden_size", "hidden_dim",
    "embedding_dim", "num_layers", "n_layer", "n_head", "n_embd", "num_heads", "seed", "warmup_steps",
    "warmup_iters", "lr_scheduler", "lr_scheduler_type", "scheduler", "grad_clip", "max_grad_norm", "gradient_clip_val",
    "gradient_accumulation_steps", "label_smoothing", "beta1", "beta2", "block_size",
)  # fmt: skip
ASSIGNED = re.compile(
    r"(?<![\w.])(?:--)?['\"]?("
    + "|".join(sorted((n.replace("_", "[_ -]") for n in HYPERPARAMETERS), key=len, reverse=True))
    + r")['\"]?(?: ?: ?(?:int|float|str) ?= ?| ?[:=] ?)['\"]?([\w.+-]{1,60}+)(?!\()",
    re.IGNORECASE,
)
NO_SETTING = re.compile(
    r"^\s{8}|^\s*(?:def |class |\(\w{1,40}\): \w|return |print)|Norm\w{0,10}\(|Dropout\w{0,10}\("
)

OUT_OF_MEMORY = re.compile(
    r"CUDA out of memory|CUDA error: out of memory|OutOfMemoryError|OutOfGPUMemory|oom-kill|RESOURCE_EXHAUSTED"
    r"|ResourceExhaustedError|OOM when allocating|: Out Of Memory|std::bad_alloc|DefaultCPUAllocator: "
)
BROKEN_LINK = re.compile(
    r"NCCL error|ncclSystemError|ncclUnhandledCudaError|ncclInternalError|ncclRemoteError|Watchdog caught collective"
    r"|NCCL communicator was aborted"
)
_RANK = r"^(?:\[?rank ?\d{1,4}\]?: ?)?"
RAISED = re.compile(
    _RANK + r"(?:[a-z_]\w{0,60}\.){0,9}[A-Z]\w{0,60}(?:Error|Exception|Exit|Fault|Failure)(?::|$)"
)
NAMED = re.compile(_RANK + r"(?:[A-Za-z_]\w{0,60}\.){0,9}[A-Z]\w{0,60}(?:: |:?$)")
"""What may stand behind the frames of a traceback, whatever the author called it."""
NO_START = re.compile(r"^(?:SyntaxError|IndentationError|TabError): ")
SIGNALS = r"SIG(?:SEGV|ABRT|FPE|BUS|KILL)\b"
BROKEN = re.compile(
    r"Segmentation fault|core dumped|Bus error|^(?:\S{0,80}: line \d+: +\d+ )?Killed\b|^srun: error: .{1,80}: (?:Killed|Aborted)"
    r"|\b[Ll]oss is (?:nan|NaN|inf)\b|non-finite loss|[Ll]oss .{0,60}\b(?:nan|NaN|inf)\b.{0,60}\b(?:[Ss]top|[Ee]xit|[Aa]bort|[Tt]erminat)"
    r"|terminate called after|Assertion `.{1,200}' ?failed|Assertion `.{1,200}` failed|\*\*\* "
    + SIGNALS
    + r"|Signal \d{1,2} \("
    + SIGNALS
    + r"|Check failed:|Fatal Python error"
)
STOPPED = re.compile(
    r"^(?:\[?rank ?\d{1,4}\]?: ?)?KeyboardInterrupt|Detected KeyboardInterrupt|\*\*\* SIG(?:TERM|INT)\b|\(SIG(?:TERM|INT)\)"
    r"|[Rr]eceived (?:signal )?SIG(?:TERM|INT|USR\d)|^Terminated\b|CANCELLED AT|DUE TO TIME LIMIT|TERM_RUNLIMIT"
    r"|walltime \d{1,9} exceeded"
)
SECONDARY = re.compile(
    r"ChildFailedError|CalledProcessError|ProcessRaisedException|SystemExit|Exception ignored"
)


def settings(lines: Iterable[str]) -> dict[str, Scalar]:
    """Return the hyperparameters that the lines assign; where one is assigned twice the last holds."""
    found: dict[str, Scalar] = {}
    for line in lines:
        text = line[:5000]
        if ("=" in text or ":" in text) and not NO_SETTING.search(text):
            for name, value in ASSIGNED.findall(text):
                found[name] = _scalar(value.rstrip(".-+"))
    return {name: value for name, value in found.items() if value != ""}


def _scalar(text: str) -> Scalar:
    if text in ("True", "False", "true", "false"):
        return text in ("True", "true")
    if text in ("None", "null"):
        return None
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def ending(seen: Screen, after: int) -> tuple[Event, ...]:
    """Return how the text ends where it ends in an error: a crash, or an interruption.

    `after` is the index of the last line of `seen` that holds a point of a curve (-1 if none does): an error before it
    was survived. Without a curve only a traceback or the shell's own words are believed: the text may be no log at all.
    """
    traced = False
    tail: list[tuple[int, str]] = []
    for i in range(len(seen.lines) - 1, after, -1):
        text = seen.lines[i].rstrip()[:LINE]
        if text and len(tail) < TAIL:
            tail.append((seen.number[i], text))
        traced = traced or (TRACEBACK in text and cleaned(text).lstrip("^C ").startswith(TRACEBACK))
        if traced and len(tail) >= TAIL:
            break
    primary = [(n, text) for n, text in reversed(tail) if not SECONDARY.search(text)]
    traced = traced or _fails_to_start([text for _, text in primary])
    return _crash(primary, traced, after >= 0) or _stop(primary)


def _fails_to_start(tail: Sequence[str]) -> bool:
    """Whether Python refused to run the program: such an error comes without the traceback's title."""
    return bool(tail and NO_START.match(tail[-1]) and any(t.startswith('  File "') for t in tail[-5:]))


def _crash(tail: Sequence[tuple[int, str]], traced: bool, trained: bool) -> tuple[Event, ...]:
    """Return the crash that the decisive line tells of: memory and communication first, else what was raised last.

    Without a traceback only the very last line is believed to have been raised.
    """
    raised = [(n, text) for n, text in tail if RAISED.match(text)] if traced or trained else []
    for pattern in (OUT_OF_MEMORY, BROKEN_LINK):
        for n, text in [*raised, *(tail if traced or trained else ())]:
            if pattern.search(text):
                return (Event(kind="crash", message=text.strip()[:MESSAGE], at=float(n)),)
    if traced:
        raised = raised or list(_behind_frames(tail))
    elif raised[-1:] != list(tail[-1:]):
        raised = []
    broken = [
        (n, text) for n, text in (tail if trained else tail[-LAST_WORDS:]) if BROKEN.search(text.strip())
    ]
    if found := raised or broken:
        n, text = found[-1]
        return (Event(kind="crash", message=text.strip()[:MESSAGE], at=float(n)),)
    return ()


def _behind_frames(tail: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield what stands behind the indented frames of a traceback, other than the user's interrupt."""
    for (_, before), (n, text) in itertools.pairwise(tail):
        if before.startswith("  ") and NAMED.match(text) and not STOPPED.match(text):
            yield n, text


def _stop(tail: Sequence[tuple[int, str]]) -> tuple[Event, ...]:
    for n, text in reversed(tail):
        if STOPPED.search(text):
            return (Event(kind="interrupted", message=f"{text.strip()}"[:MESSAGE], at=float(n)),)
    return ()
