"""The wording that the formats share: numbers, marks, arrows, the table of the runs, the sentence at its end.

Everything here returns plain text; a format only adds its own layout and escapes. Text that came from a log goes
through `clean` first, so that what would command a terminal is shown instead.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from mlcheck.model import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Action, Finding, Report, Scalar, Skip, Subject

Tone: TypeAlias = Literal["good", "bad", "warn", "unknown"]
Key: TypeAlias = Literal["run", "reader", "span", "train", "val", "verdict", "sure"]

MARKS: dict[Tone, str] = {"good": "✓", "warn": "!", "bad": "✗", "unknown": "?"}
GOOD = frozenset(
    {"healthy", "useful", "enough", "correct", "clean", "indistinguishable", "a-better", "b-better"}
    | {"nonlinear-helps", "complexity-justified"}
)
"""Verdicts that ask for nothing (CONTRACT: they carry no error and no warning of their own)."""
WARN = frozenset({"linear-suffices", "widen", "keep-searching", "noise", "more-data-helps", "plateaued"})
"""Verdicts that ask to be looked at."""
NOUNS = {"diagnose": "run", "metrics": "file", "baseline": "data set", "sweep": "sweep", "datacurve": "curve"}

LARGEST = 1e150
"""A larger number counts as this one, so that differences and ratios stay finite."""
FLAT, STEEP = 0.005, 0.05
"""Shares of the end level: a curve whose end changes less is flat (→), one that changes more is steep (↓ ↑)."""


def clean(text: str) -> str:
    """Show what a terminal would obey (control characters, overrides of direction) as its escape."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(char: str) -> str:
    harmless = char.isprintable() or unicodedata.category(char) == "Zs"
    return char if harmless else char.encode("unicode_escape").decode("ascii")


def number(value: Scalar) -> str:
    """Write a number with about three significant digits: 2.30, 0.412, 0.021, 1.2e-05; other values as they are.

    >>> [number(v) for v in (2.3, 0.0206, 0.5, 12, 1234.5, 1.2e-5, None)]
    ['2.30', '0.0206', '0.50', '12', '1234', '1.2e-05', '–']
    """
    if value is None:
        return "–"
    if isinstance(value, str | bool):
        return clean(str(value))
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{value:+}".replace("+", "")
    size = abs(value)
    if value == int(value) and (size == 0 or (isinstance(value, int) and size < 1e7)):
        return str(int(value))
    if size < 1e-3 or size >= 1e5:
        return f"{value:.1e}"
    if size >= 100:
        return f"{value:.0f}"
    return _three_digits(value)


def _three_digits(value: float) -> str:
    """Write 1e-3 <= |value| < 100; below 1, trailing zeros go but two decimals stay."""
    text = f"{value:#.3g}".rstrip(".") if abs(value) >= 0.01 else f"{value:.2g}"
    whole, _, decimals = text.partition(".")
    if abs(value) < 1:
        decimals = decimals.rstrip("0").ljust(2, "0")
    return f"{whole}.{decimals}" if decimals else whole


def percent(share: float) -> str:
    """Write a share (0..1) as `86 %`; only a certain one is 0 % or 100 %."""
    if not math.isfinite(share):
        return "–"
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1 else f"{share * 100:.0f} %"


def plural(count: int, noun: str) -> str:
    """Write `1 run`, `2 runs`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def extent(subject: Subject) -> str:
    """Write what a log covers, first to last: `1–40`."""
    return "" if subject.span is None else f"{_at(subject.span[1])}–{_at(subject.span[2])}"


def length(subject: Subject) -> str:
    """Write what a log covers as a phrase: `40 epochs`, `steps 500–3000`."""
    if subject.span is None:
        return ""
    unit, first, last = subject.span
    return f"{unit} {extent(subject)}" if first != 1 else plural(int(last), unit.removesuffix("s"))


def _at(position: float) -> str:
    return str(int(position)) if position == int(position) else number(float(position))


def tone(verdict: str) -> Tone:
    """Say how a verdict is to be taken."""
    if verdict == "inconclusive":
        return "unknown"
    return "good" if verdict in GOOD else "warn" if verdict in WARN else "bad"


def marked(verdict: str) -> str:
    """Write a verdict behind its mark: `✓ healthy`, `✗ overfit`, `? inconclusive`."""
    return f"{MARKS[tone(verdict)]} {clean(verdict)}"


def verdict_line(subject: Subject) -> str:
    """Write the verdict and how sure it is: `✗ overfit, 94 % sure`."""
    sure = surety(subject)
    return marked(subject.verdict) + (f", {sure} sure" if sure else "")


def surety(subject: Subject) -> str:
    """Write the confidence, which is never certain: `94 %`, at most `>99 %`; empty where there is none."""
    return "" if subject.confidence is None else percent(min(subject.confidence, 0.999))


def others(subject: Subject) -> str:
    """Write the scores of the verdicts that were not given: `optimization 3 % · healthy 2 %`."""
    rest = ((name, score) for name, score in subject.scores.items() if name != subject.verdict)
    return " · ".join(f"{clean(name)} {percent(score)}" for name, score in rest)


def columns_read(subject: Subject) -> str:
    """Write which column each quantity was taken from: `train_loss = loss, val_loss = val_loss`."""
    pairs = ((role, m["column"]) for role, m in subject.measures.items() if m.get("column") is not None)
    return ", ".join(f"{clean(role)} = {clean(str(column))}" for role, column in pairs)


def by_severity(findings: Sequence[Finding]) -> list[Finding]:
    """Order findings from error to note, keeping their order within one severity."""
    return sorted(findings, key=lambda finding: -SEVERITIES.index(finding.severity))


def reason(subject: Subject) -> str:
    """Say why the verdict was given: the subject's own sentence, else that of its worst finding."""
    if subject.why:
        return clean(subject.why)
    worst = by_severity(subject.findings)
    return clean(worst[0].message) if worst else ""


def advice(action: Action) -> str:
    """Say what to do: the action's own sentence, else its name."""
    return clean(action.why or action.name.replace("-", " "))


def steps(subject: Subject) -> list[Action]:
    """Return the actions that ask for something."""
    return [action for action in subject.actions if action.name != "none"]


def unsaid(subject: Subject) -> str:
    """Return the verdict's reason where no finding of the subject says the same."""
    return "" if any(f.message == subject.why for f in subject.findings) else clean(subject.why)


def next_steps(subject: Subject) -> list[tuple[str, str]]:
    """Return each action's name with its sentence and gain; a sentence that a finding has said is not repeated."""
    said = {finding.message for finding in subject.findings}
    actions = steps(subject)
    texts = ["" if action.why in said else clean(action.why) for action in actions]
    return [
        (clean(action.name), f"{text} ({gain})" if gain and text else text or gain)
        for action, text, gain in zip(actions, texts, gains(actions), strict=True)
    ]


def gains(actions: Sequence[Action]) -> Iterator[str]:
    """Yield the expected gain of each action, spelled out for the first that has one; `""` where there is none."""
    said = False
    for action in actions:
        if action.expected_gain is None:
            yield ""
        else:
            yield percent(action.expected_gain) if said else gain(action.expected_gain)
            said = True


def gain(share: float) -> str:
    """Write what an action should win."""
    return f"gains about {percent(share)} of what is reachable"


def grouped(skips: Sequence[Skip]) -> dict[str, str]:
    """Gather skips with the same reason: the reason -> `DIA501, DIA502`, by first code."""
    groups: dict[str, list[str]] = {}
    for skip in sorted(skips, key=lambda skip: skip.code):
        codes = groups.setdefault(clean(skip.reason), [])
        if skip.code not in codes:
            codes.append(skip.code)
    return {why: ", ".join(_code_spans(list(map(clean, codes)))) for why, codes in groups.items()}


def _code_spans(codes: Sequence[str]) -> Iterator[str]:
    """Write codes that follow each other as one span: DIA102, DIA103, DIA104 is `DIA102–104`."""
    start = 0
    for i, code in enumerate(codes, 1):
        following = codes[i] if i < len(codes) else ""
        if code[-3:].isdigit() and following == f"{code[:-3]}{int(code[-3:]) + 1:03}":
            continue
        some = codes[start:i]
        yield from (f"{some[0]}–{some[-1][-3:]}",) if len(some) > 2 else some
        start = i


def trend(subject: Subject) -> str:
    """Draw where the validation curve is heading at its end: ↓ ↘ → ↗ ↑, or nothing where it cannot be said.

    The last third (at least four points) is halved; the change is twice the difference of the halves' medians, as
    a share of the end level (or of a fiftieth of the whole range, if that is more). It counts as none if it is
    below `FLAT` or within two standard errors of those medians, the noise taken from second differences.
    """
    curves = () if subject.picture is None else subject.picture.curves
    y = next((curve.y for curve in curves if curve.split != "train"), np.empty(0))
    if len(y) < 4 or not np.isfinite(y[-1]):
        return ""
    y = np.clip(y[np.isfinite(y)], -LARGEST, LARGEST)
    tail = y[-max(4, len(y) // 3) :]
    half = len(tail) // 2
    change = float(np.median(tail[-half:]) - np.median(tail[:half]))
    noise = float(np.median(np.abs(np.diff(tail, 2)))) / (0.6745 * math.sqrt(6)) if len(tail) > 2 else 0.0
    level = max(abs(float(np.median(tail[-half:]))), float(np.ptp(y)) / 50)
    share = 2 * change / level if level else 0.0
    if abs(share) < FLAT or abs(change) < 2 * 1.2533 * noise * math.sqrt(2 / half):
        return "→"
    return ("↑" if share > 0 else "↓") if abs(share) >= STEEP else ("↗" if share > 0 else "↘")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table of runs: a title and a cell per subject, flush right if `right`."""

    key: Key
    title: str
    cells: tuple[str, ...]
    right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The runs, one row each. `folder` is the part that all ids begin with; the first column leaves it out."""

    columns: tuple[Column, ...]
    folder: str


def table(subjects: Sequence[Subject]) -> Table:
    """Tabulate the subjects; a column without content is left out."""
    folder = _folder([s.id for s in subjects])
    unit, spans = _spans(subjects)
    train, val = _role(subjects, "train"), _role(subjects, "val")
    changes = [
        f"{change} {trend(s)}".rstrip() for change, s in zip(_changes(subjects, val), subjects, strict=True)
    ]
    columns = (
        Column(key="run", title="run", cells=tuple(clean(s.id.removeprefix(folder)) for s in subjects)),
        Column(key="reader", title="read as", cells=tuple(clean(s.reader) for s in subjects)),
        Column(key="span", title=unit, cells=spans, right=True),
        Column(key="train", title=train.replace("_", " "), cells=tuple(_changes(subjects, train))),
        Column(key="val", title=val.replace("_", " "), cells=tuple(changes)),
        Column(key="verdict", title="verdict", cells=tuple(marked(s.verdict) for s in subjects)),
        Column(key="sure", title="sure", cells=tuple(surety(s) for s in subjects), right=True),
    )
    shown = tuple(c for c in columns if any(cell not in ("", "–") for cell in map(str.strip, c.cells)))
    return Table(columns=shown, folder=clean(folder))


def _folder(ids: Sequence[str]) -> str:
    """Return the folder that all ids lie in, with its slash; empty for a single one."""
    if len(ids) < 2:
        return ""
    parts = [name.split("/")[:-1] for name in ids]
    common = 0
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        common += 1
    return "".join(f"{part}/" for part in parts[0][:common])


def _spans(subjects: Sequence[Subject]) -> tuple[str, tuple[str, ...]]:
    units = {s.span[0] for s in subjects if s.span is not None}
    if len(units) <= 1:
        return clean(units.pop() if units else "span"), tuple(_short_extent(s) for s in subjects)
    return "until", tuple(f"{_compact(s.span[2])} {clean(s.span[0])}" if s.span else "" for s in subjects)


def _short_extent(subject: Subject) -> str:
    return "" if subject.span is None else f"{_compact(subject.span[1])}–{_compact(subject.span[2])}"


def _compact(position: float) -> str:
    """Write a position in few characters: 40, 2500, 20k, 1.25M."""
    for size, suffix in ((1e6, "M"), (1e3, "k")):
        if abs(position) >= 10 * size or (suffix == "M" and abs(position) >= size):
            return f"{position / size:.3g}{suffix}"
    return _at(position)


def _role(subjects: Sequence[Subject], split: str) -> str:
    """Name the quantity to show for a split: its loss if any run has one, else the first metric that one has."""
    names = [name for s in subjects for name in s.measures if name.startswith(f"{split}_")]
    loss = f"{split}_loss"
    return clean(names[0]) if names and loss not in names else loss


def _changes(subjects: Sequence[Subject], role: str) -> list[str]:
    """Write `first → last` of a role for each subject, the arrows in line; `–` where it was not logged."""
    pairs = [_change(s, role) for s in subjects]
    left = max((len(first) for first, _ in pairs), default=0)
    right = max((len(last) for _, last in pairs), default=0)
    return [
        f"{first:>{left}} → {last:<{right}}" if last else "–".ljust(left + right + 3) for first, last in pairs
    ]


def _change(subject: Subject, role: str) -> tuple[str, str]:
    measure = subject.measures.get(role)
    if measure is None and role == "val_loss":
        measure = subject.measures.get("test_loss")
        rewarded = [m for name, m in subject.measures.items() if name.endswith("_return")]
        if measure is None and rewarded:
            first, last = _change(replace(subject, measures={role: rewarded[0]}), role)
            return f"return {first}", last
    return ("", "") if measure is None else (number(measure.get("first")), number(measure.get("last")))


def summary(report: Report, *, folder: str = "", curves_shown: bool = False) -> str:
    """Sum up many subjects: how many of each verdict, what is to fix, where to read on."""
    counts = Counter(s.verdict for s in report.subjects)
    order = sorted(counts, key=lambda verdict: (tuple(MARKS).index(tone(verdict)), -counts[verdict]))
    noun = NOUNS.get(report.command, "subject")
    place = f" in {folder}" if folder else ""
    verdicts = ", ".join(f"{counts[verdict]} {clean(verdict)}" for verdict in order)
    ends = [_to_fix(report), *_read_on(report, curves_shown=curves_shown)]
    return f"{plural(len(report.subjects), noun)}{place}: {verdicts}. " + "; ".join(ends) + "."


def _to_fix(report: Report) -> str:
    severities = Counter(f.severity for s in report.subjects for f in s.findings)
    fix, look = severities["error"], severities["warning"]
    if fix:
        return f"{plural(fix, 'finding')} to fix" + (f", {look} to look at" if look else "")
    return f"{plural(look, 'finding')} to look at" if look else "Nothing to fix"


def _read_on(report: Report, *, curves_shown: bool) -> Iterator[str]:
    worst = by_severity([f for s in report.subjects for f in s.findings])
    curves = "" if curves_shown or report.command != "diagnose" else "`-v` shows curves"
    rule = f"`mlcheck explain {clean(worst[0].code)}` a rule" if worst else ""
    if rule and not curves:
        rule = rule.replace("` a rule", "` explains a rule")
    if curves or rule:
        yield ", ".join(filter(None, (curves, rule)))


def not_judged(report: Report) -> str:
    """Say how many inputs could not be judged; empty where all were."""
    count = len(report.problems)
    if not count:
        return "" if report.subjects else "Nothing was judged."
    return f"{plural(count, 'input')} could not be judged."


def passed_over(report: Report) -> str:
    """Say how many files of the searched folders hold nothing to judge; empty where none was passed over."""
    count = report.passed_over
    return (
        f"{plural(count, 'file')} passed over: nothing to judge in {'it' if count == 1 else 'them'}."
        if count
        else ""
    )
