"""For a person: one line per run with its reason and the next step, or the curve and every finding of one run.

Colour only repeats what mark and word already say, so the text without it is the same text. Every line is laid out
here and fits the width; Rich measures, wraps and colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from itertools import product
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from mlcheck.reports import overview, phrases, verdicts
from mlcheck.reports.tables import shortened, told_apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Finding, Report, Severity, Subject
    from mlcheck.reports.overview import Key
    from mlcheck.reports.verdicts import Tone

NAME = "rich"

NARROWEST = 40
WHY_COLUMN = 50
"""Columns that must be left for the reason to stand on the run's line; else it stands below."""
DISPENSABLE: tuple[Key, ...] = ("reader", "span", "task", "train", "val", "interval", "metric", "value")
"""Columns that a narrow page leaves out, in this order."""
LEAST_ID = (20, 14, 12, 12, 12, 12, 8, 8, 8)
"""Columns that ids need for no further column to be left out, by how many are."""
BESIDE = 44
"""Columns that must be left for messages to stand beside the names of their rules; else they stand below."""

TONES: dict[Tone, str] = {
    "good": "bold green",
    "bad": "bold red",
    "warn": "bold yellow",
    "neutral": "bold cyan",
    "unknown": "bold yellow",
}
SEVERITY_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "bold blue"}
LONGEST_FACT = 76
LABEL = 8
"""Width of the labels in front of findings and actions: error, warning, note, next."""


def render(report: Report, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """Return the report as text that is at most `width` columns wide (40 at least)."""
    width = max(width, NARROWEST)
    console = Console(
        file=StringIO(),
        force_terminal=color,
        color_system="256" if color else None,
        width=width,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    lines = list(_Page(console, width).lines(report, verbose=verbose))
    if not color:
        return "".join(f"{line.plain.rstrip()}\n" for line in lines)
    with console.capture() as captured:
        for line in lines:
            line.rstrip()
            console.print(line, soft_wrap=True)
    return captured.get()


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns of the table are shown, how wide, and the gap between them."""

    columns: tuple[overview.Column, ...]
    widths: tuple[int, ...]
    gap: int

    @property
    def width(self) -> int:
        return sum(self.widths) + self.gap * (len(self.widths) - 1)

    @property
    def second(self) -> int:
        """Where what belongs to a run begins below it: under the second column, or nearer where ids are long."""
        return min(self.widths[0] + self.gap, 16)


@dataclass(frozen=True, slots=True)
class _Page:
    """Lays a report out on a page of `width` columns."""

    console: Console
    width: int

    def lines(self, report: Report, *, verbose: bool) -> Iterator[Text]:
        many = len(report.subjects) > 1
        if many and not verbose:
            yield from self.table(report)
        else:
            for index, subject in enumerate(report.subjects):
                yield from [Text()] * (index > 0)
                yield from self.block(subject, verbose=verbose)
        ends = [phrases.not_judged(report), phrases.passed_over(report) if verbose else ""]
        if many:
            folder = "" if verbose else overview.table(report.subjects).folder
            ends = [phrases.summary(report, folder=folder, curves_shown=verbose), *ends]
        ends = list(filter(None, ends))
        yield from [Text()] * bool(ends and report.subjects)
        for sentence in ends:
            yield from self.wrapped(Text(sentence))

    def wrapped(self, text: Text, *, before: Text | str = "", indent: int = 0) -> Iterator[Text]:
        """Yield `text` behind `before` (which is `indent` wide, or empty), its further lines indented as far."""
        lead = Text.assemble(before) if before else Text(" " * indent)
        lead.pad_right(max(0, indent - cell_len(lead.plain)))
        for line in text.wrap(self.console, max(self.width - indent, 16)):
            yield Text.assemble(lead, line)
            lead = Text(" " * indent)

    def table(self, report: Report) -> Iterator[Text]:
        layout = _layout(overview.table(report.subjects).columns, self.width)
        reason_at = layout.width + 3 if self.width - layout.width - 3 >= WHY_COLUMN else 0
        titles = _row(layout, [column.title for column in layout.columns])
        titles.stylize("dim")
        yield titles
        name, *others = layout.columns
        names = told_apart(name.cells, layout.widths[0])
        for index, subject in enumerate(report.subjects):
            row = _row(layout, [names[index], *(column.cells[index] for column in others)], subject)
            reasons = (
                []
                if verdicts.tone(subject.verdict) == "good"
                else list(self.reasons(subject, layout, reason_at))
            )
            if told := phrases.unread(subject):
                reasons += self.wrapped(Text(told, style="dim"), indent=reason_at or layout.second)
            if reason_at and reasons:
                row.pad_right(reason_at - cell_len(row.plain))
                row.append_text(reasons.pop(0)[reason_at:])
            yield row
            yield from reasons

    def reasons(self, subject: Subject, layout: _Layout, at: int) -> Iterator[Text]:
        """Yield why a run is not healthy and, behind an arrow, what to do: the first action, a second if it fits."""
        indent = at or layout.second
        advice = [phrases.advice(action) for action in phrases.steps(subject)]
        why = phrases.reason(subject)
        if why and why not in advice[:1]:
            yield from self.wrapped(Text(why), indent=indent)
        if advice:
            both = "; ".join(advice[:2])
            fits = cell_len(both) <= self.width - indent - 2
            arrow = Text.assemble(" " * indent, ("→ ", "cyan"))
            yield from self.wrapped(Text(both if fits else advice[0]), before=arrow, indent=indent + 2)

    def block(self, subject: Subject, *, verbose: bool) -> Iterator[Text]:
        """Yield one subject in full: what was read, what there is to see, the verdict, findings, next steps, skips."""
        yield from self.header(subject)
        yield Text()
        yield from self.curve(subject)
        if subject.facts or subject.exhibits or any("direction" in m for m in subject.measures.values()):
            from mlcheck.reports import exhibits

            yield from exhibits.draw(subject, width=self.width, verbose=verbose)
        yield from self.verdict(subject)
        yield from self.findings(phrases.by_severity(subject.findings))
        yield from self.actions(phrases.next_steps(subject))
        label = Text("not checked   ", style="dim")
        for why, codes in phrases.grouped(phrases.untold(subject)).items():
            yield from self.wrapped(Text(f"{codes}: {why}", style="dim"), before=label, indent=14)
            label = Text()

    def header(self, subject: Subject) -> Iterator[Text]:
        names = [phrases.clean(subject.source)]
        if not subject.source.startswith(subject.id):
            names.insert(0, phrases.clean(subject.id))
        facts = [
            phrases.clean(subject.reader),
            phrases.length(subject),
            *(shortened(phrases.clean(fact), LONGEST_FACT) for fact in subject.facts),
        ]
        text = Text(" · ".join(filter(None, [*names, *facts])))
        text.stylize("bold", 0, len(names[0]))
        columns = Text(phrases.columns_read(subject), style="dim")
        if cell_len(text.plain) + 3 + cell_len(columns.plain) <= self.width:
            text, columns = Text.assemble(text, " · " if columns else "", columns), Text()
        yield from self.wrapped(text)
        if columns:
            yield from self.wrapped(columns)
        if told := phrases.unread(subject):
            yield from self.wrapped(Text(told, style="dim"))

    def curve(self, subject: Subject) -> Iterator[Text]:
        if subject.picture is None:
            return
        from mlcheck.reports import plot

        lines = plot.draw(subject.picture, width=self.width - 2)
        yield from lines
        yield from [Text()] * bool(lines)

    def verdict(self, subject: Subject) -> Iterator[Text]:
        line = Text(phrases.verdict_line(subject), style=TONES[verdicts.tone(subject.verdict)])
        others = Text(phrases.others(subject), style="dim")
        gap = min(6, self.width - cell_len(line.plain) - cell_len(others.plain))
        if gap >= 3:
            yield Text.assemble(line, " " * gap, others)
        else:
            yield line
            yield from self.wrapped(others, indent=2)
        why = phrases.unsaid(subject)
        if why and not any(finding.severity == "error" for finding in subject.findings):
            yield from self.wrapped(Text(why), indent=2)

    def findings(self, findings: Sequence[Finding]) -> Iterator[Text]:
        heads = [f"{phrases.clean(f.code)} {phrases.clean(f.name)}" for f in findings]
        messages = [phrases.clean(f.message) for f in findings]
        for finding, lines in zip(findings, self.entries(heads, messages), strict=True):
            label = Text(finding.severity.ljust(LABEL), style=SEVERITY_STYLES[finding.severity])
            yield from _labelled(label, lines)

    def actions(self, steps: Sequence[tuple[str, str]]) -> Iterator[Text]:
        heads = [f"{rank} {name}" for rank, (name, _) in enumerate(steps, 1)]
        label = Text("next".ljust(LABEL), style="bold cyan")
        for lines in self.entries(heads, [text for _, text in steps]):
            yield from _labelled(label, lines)
            label = Text(" " * LABEL)

    def entries(self, heads: Sequence[str], texts: Sequence[str]) -> Iterator[list[Text]]:
        """Yield each head with its text beside it if all of them fit so, or there is room to wrap; else below it."""
        beside = max(map(cell_len, heads), default=0) + 3
        room = self.width - LABEL - beside
        fits = room >= BESIDE or all(cell_len(text) <= room for text in texts)
        for head, text in zip(heads, texts, strict=True):
            if fits:
                lines = list(self.narrowed(text, LABEL + beside)) or [Text()]
                lead = Text(head)
                lead.pad_right(beside - cell_len(head))
                first, *rest = lines
                yield [Text.assemble(lead, first), *(Text.assemble(" " * beside, line) for line in rest)]
            else:
                yield [Text(head), *self.narrowed(text, LABEL)]

    def narrowed(self, text: str, by: int) -> Iterator[Text]:
        yield from Text(text).wrap(self.console, self.width - by)


def _labelled(label: Text, lines: Sequence[Text]) -> Iterator[Text]:
    for line in lines:
        yield Text.assemble(label, line)
        label = Text(" " * LABEL)


def _layout(columns: tuple[overview.Column, ...], width: int) -> _Layout:
    """Choose the roomiest layout that fits: gaps shrink first, then ids, then what matters less is left out."""
    for dropped, gap in product(range(len(DISPENSABLE) + 1), (3, 2)):
        shown = tuple(column for column in columns if column.key not in DISPENSABLE[:dropped])
        name, *others = (_column_width(column) for column in shown)
        room = width - sum(others) - gap * len(others)
        widest = min(name, max(20, width // 5))
        interval = any(column.key == "interval" for column in shown)
        if room >= min(widest, 20 if interval else LEAST_ID[dropped]):
            break
    if room - widest < WHY_COLUMN + 3:  # no reason stands there, so that a longer name may
        widest = name
    return _Layout(shown, (max(6, min(widest, room)), *others), gap)


def _column_width(column: overview.Column) -> int:
    return max(cell_len(text) for text in (column.title, *column.cells))


def _row(layout: _Layout, cells: Sequence[str], subject: Subject | None = None) -> Text:
    line = Text()
    for column, text, width in zip(layout.columns, cells, layout.widths, strict=True):
        line.append(" " * layout.gap if line.plain else "")
        space = " " * (width - cell_len(text))
        style = TONES[verdicts.tone(subject.verdict)] if subject and column.key == "verdict" else ""
        line.append(space if column.right else "")
        line.append(text, style)
        line.append("" if column.right else space)
    return line
