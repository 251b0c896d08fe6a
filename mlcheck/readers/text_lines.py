"""Printed text as a terminal would show it: colours, backspaces, rewritten lines and log prefixes taken away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_LINE = 20_000
BAR = "▌"
"""Stands for a progress bar in a cleaned line, just before `done/total`."""

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[()][A-Z0-9]|[=>78])")
BACKSPACES = re.compile(r"\x08+")
TQDM = re.compile(
    r"(?:\b\d{1,3}%)?\|[^|]{0,400}\| ?([\d.]{1,12}[kMG]?)/([\d.]{1,12}[kMG]?) \[[^\],<]{0,30}<[^\],]{0,30}(?:, *[^\],=]{0,40})?,? *"
)
DRAWN = re.compile(r"[━╸╺█▉▊▋▍▎▏░▒▓▌]{2,}|\[[=>.]{5,}\]|[━╸╺█]")
COUNTED = re.compile(r"(?<![\w/.])(?:\d{1,9}-)?(\d{1,9})(epoch|batch|iter|step)(?=[:, ])")
"""`2epoch:train:1-100batch:` counts as `epoch 2:train:batch 100:` does."""
COMMA_VALUE = re.compile(r"[:= ]-?(?:0,\d{2,9}|\d{1,6},(?:\d\d|\d{4,9}))(?![\d,.])")
"""What can be no thousands: `0,912`, `1,25`, `12,3456`."""
POINT_VALUE = re.compile(r"[:=] ?-?\d{1,6}\.\d")
DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
SAMPLE = 200_000
RANK_WORDS, RANK_STARTS = ("ank", "[default", "GPU"), ("[", "r", "R", "d", "G")
TRACKER = "wandb: "
BEST_ENDS = (":", ": ", ":\r")
RANK = re.compile(r"\[?(?:[Rr]ank|default|GPU) ?(\d{1,5})\]?: ")
LABEL = re.compile(r" *(\d{1,4}): (?=\D)")
LABEL_SAMPLE, MIN_LABELLED, LABELLED = 200, 5, 0.95
GLUED_DICT = re.compile(r"(?<=[\]}s])\s*(?=\{')")

_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_STAMP = rf"(?:(?:\d{{4}}[-/.]\d\d?[-/.]\d\d?(?:[ T_,]{{1,3}}{_CLOCK})?|\d\d?[-/]\d\d?(?:[-/]\d{{2,4}})?[ T,]{{1,3}}{_CLOCK})|{_CLOCK})(?![\w/])"
_LEVEL = r"(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|NOTICE|info|Info)\b"
PREFIX = re.compile(
    rf"\[{_STAMP}[^\]]{{0,60}}\]|\(?{_STAMP}\)?|[IWEF]\d{{4}} {_CLOCK} +\d+ [\w./-]{{1,80}}:\d+\]"
    rf"|\[?{_LEVEL}\]?(?::[\w.]{{0,60}}:)?|\[?(?:default|[Rr]ank|GPU|node) ?\d{{0,4}}\]?: |\((?:\w{{1,40}} )?pid=\d+[^)]{{0,80}}\)"
    r"|[\[(]?[\w./-]{1,100}\.(?:py|cpp|cc)\b(?:(?::| )\d+)?[\])]?|[A-Za-z_]\w{0,60}(?:\.\w{1,60}){1,8} [-|] (?=[A-Za-z\[({'])|(?:__main__|root)\b"
    rf"|\w{{1,60}} [-:|] (?={_LEVEL})|\[[\w.-]{{1,60}}\] (?={_STAMP})|\(\w{{1,40}}:\d{{1,5}}\) (?={_LEVEL})"
)
IMPORTS = ("import ", "from ")
DEFINITIONS = (*IMPORTS, "def ", "class ", "async def ")
MIN_DEFINITIONS = 5
MAX_GAP = 300
FIRST_OF_PREFIX = frozenset("0123456789[(IWEFDCNdrRGni_")


@dataclass(frozen=True, slots=True)
class Screen:
    """The states that the lines of a text went through: `lines[i]` stands on line `number[i]` (from 1) of the file.

    A line that was rewritten by carriage returns gives several states with one number. `whole` says that the text
    ends with a line end. `echoes` are the lines that repeat what stands elsewhere.
    """

    lines: list[str]
    number: list[int] | range
    whole: bool
    echoes: frozenset[int] = frozenset()


def screen(text: str) -> Screen:
    """Return the states of all lines, without escape sequences; linear in the text."""
    text = text.replace("\0", " ")  # of a file cut by a crash of the machine; layouts are kept apart by NULs
    if "\x1b" in text:
        text = ESCAPES.sub("", text)
    if "\x08" in text:
        text = BACKSPACES.sub("\r", text)
    text = _decimal_points(text)
    whole = text.endswith(("\n", "\r"))
    rows = text.split("\n")
    if rows[-1] == "":
        rows.pop()
    rows = _unlabelled(rows)
    if "\r" not in text and "{'" not in text:
        return Screen(rows, range(1, len(rows) + 1), whole, _echoes(text, rows))
    lines: list[str] = []
    number: list[int] = []
    for n, row in enumerate(rows, 1):
        states = [s for s in row.split("\r") if s.strip()] if "\r" in row else [row]
        for state in states:
            parts = GLUED_DICT.split(state[:MAX_LINE]) if "{'" in state else [state]
            lines += parts
            number += [n] * len(parts)
    return Screen(lines, number, whole, _echoes(text, lines))


def _decimal_points(text: str) -> str:
    """Return a text that is written with decimal commas with points instead."""
    if len(COMMA_VALUE.findall(text[:SAMPLE])) > 2 * len(POINT_VALUE.findall(text[:SAMPLE])) + 1:
        return DECIMAL_COMMA.sub(".", text)
    return text


def _unlabelled(rows: list[str]) -> list[str]:
    """Return the lines, `0: loss 0.5` of srun as `[rank0]: loss 0.5`, where all of them begin so."""
    sample = [row for row in rows[:LABEL_SAMPLE] if row.strip()]
    labelled = [found for row in sample if (found := LABEL.match(row))]
    if len(sample) < MIN_LABELLED or len(labelled) < LABELLED * len(sample):
        return rows
    ranks = {int(m[1]) for m in labelled}
    if 0 not in ranks or 4 * len(ranks) > len(labelled):  # it counts lines
        return rows
    return [LABEL.sub(r"[rank\1]: ", row, count=1) for row in rows]


def _echoes(text: str, lines: Sequence[str]) -> frozenset[int]:
    """Return the lines that repeat a record.

    They begin with a rank other than the first one's, as every process prints the same, follow `best iteration is:`, or
    are the closing summary of a tracker, which marks its own lines.
    """
    ranks: list[tuple[int, int]] = []
    if any(word in text for word in RANK_WORDS) or (lines and lines[0].startswith("[rank")):
        ranks = [
            (i, int(m[1]))
            for i, line in enumerate(lines)
            if line[:1] in RANK_STARTS and (m := RANK.match(line))
        ]
    first = min((rank for _, rank in ranks), default=0)
    echoes = [i for i, rank in ranks if rank != first]
    if "best" in text or "Best" in text:
        echoes += [
            i for i, line in enumerate(lines, 1) if line.endswith(BEST_ENDS) and "best" in line.lower()
        ]
    if TRACKER in text:
        echoes += [i for i, line in enumerate(lines) if line.startswith(TRACKER)]
    return frozenset(echoes)


def cleaned(line: str) -> str:
    """Return a line without log prefix, runs of blanks and drawn bars (BAR stands where one was)."""
    if len(line) > MAX_LINE:
        line = line[:MAX_LINE]
    line = " ".join(line.split())
    if line[:1] in FIRST_OF_PREFIX or ".py" in line[:80]:
        line = _without_prefix(line)
    if "epoch" in line and line[:1].isdigit():
        line = COUNTED.sub(r"\2 \1", line)
    if "<" in line and "|" in line and (bar := TQDM.search(line)):
        return f"{line[: bar.start()]} {BAR} {bar[1]}/{bar[2]} , {line[bar.end() :]}"
    if line.isascii() and "[=" not in line and ".." not in line:
        return line
    return DRAWN.sub(BAR, line)


def _without_prefix(line: str) -> str:
    for _ in range(8):
        found = PREFIX.match(line)
        if not found:
            break
        line = line[found.end() :].lstrip(" |:>]")
        if line.startswith(("- ", "-- ")):
            line = line.lstrip("- ")
    return line


def listings(lines: Sequence[str]) -> Iterator[range]:
    """Yield where the text lists a Python program (scripts that log their own source), from import to last definition."""
    marks = [i for i, line in enumerate(lines) if line.startswith(DEFINITIONS)]
    start = 0
    for i in range(1, len(marks) + 1):
        ends = i == len(marks) or marks[i] - marks[i - 1] > MAX_GAP
        again = (
            not ends and lines[marks[i]].startswith(IMPORTS) and not lines[marks[i - 1]].startswith(IMPORTS)
        )
        if ends or again:
            if i - start >= MIN_DEFINITIONS:
                yield range(marks[start], marks[i - 1] + 1)
            start = i
