"""The wording that the formats share: numbers, shares, verdicts, steps, the sentence at the end of a table.

Everything here returns plain text; a format only adds its own layout and escapes. Text that came from a log goes
through `clean` first, so that what would command a terminal is shown instead.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from mlcheck.model import SEVERITIES
from mlcheck.reports import verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Action, Finding, Report, Scalar, Skip, Subject

NOUNS = {
    "diagnose": "run",
    "metrics": "file",
    "data": "data set",
    "baseline": "data set",
    "sweep": "sweep",
    "datacurve": "curve",
}

MOST_UNREAD = 3
"""What could not be read of one input is named so often; the rest is counted."""
LARGEST = 1e150
"""A larger number counts as this one, so that differences and ratios stay finite."""


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
    return "" if subject.span is None else f"{at(subject.span[1])}–{at(subject.span[2])}"


def length(subject: Subject) -> str:
    """Write what a log covers as a phrase: `40 epochs`, `steps 500–3000`."""
    if subject.span is None:
        return ""
    unit, first, last = subject.span
    return f"{unit} {extent(subject)}" if first != 1 else plural(int(last), unit.removesuffix("s"))


def at(position: float) -> str:
    """Write a position on an axis: whole numbers whole."""
    return str(int(position)) if position == int(position) else number(float(position))


def marked(verdict: str) -> str:
    """Write a verdict behind its mark: `✓ healthy`, `✗ overfit`, `? inconclusive`."""
    return f"{verdicts.mark(verdict)} {clean(verdict)}"


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


def unread(subject: Subject) -> str:
    """Return what of the input could not be read in one sentence, empty where all of it was; three things are named."""
    if not subject.unread:
        return ""
    more = len(subject.unread) - MOST_UNREAD
    told = [clean(text) for text in subject.unread[:MOST_UNREAD]]
    return f"not read: {'; '.join([*told, *([f'{more} more'] if more > 0 else [])])}"


def untold(subject: Subject) -> list[Skip]:
    """Return the skips but those that only repeat why measures have no value, which stands beside these."""
    reasons = {
        str(m["reason"])
        for m in subject.measures.values()
        if m.get("value", m.get("difference")) is None and m.get("reason")
    }
    return [skip for skip in subject.skips if not any(skip.reason.endswith(f": {why}") for why in reasons)]


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


def summary(report: Report, *, folder: str = "", curves_shown: bool = False) -> str:
    """Sum up many subjects: how many of each verdict, what is to fix, where to read on."""
    counts = Counter(s.verdict for s in report.subjects)
    order = sorted(
        counts, key=lambda verdict: (tuple(verdicts.MARKS).index(verdicts.tone(verdict)), -counts[verdict])
    )
    noun = NOUNS.get(report.command, "subject")
    place = f" in {folder}" if folder else ""
    counted = ", ".join(f"{counts[verdict]} {clean(verdict)}" for verdict in order)
    ends = [_to_fix(report), *_read_on(report, curves_shown=curves_shown)]
    return f"{plural(len(report.subjects), noun)}{place}: {counted}. " + "; ".join(ends) + "."


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
