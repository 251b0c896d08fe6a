"""For a pull request: the table of the runs, then a section for each that asks for something.

Names from logs are escaped, so they neither format nor break the page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlcheck.model import Matrix, Table
from mlcheck.reports import grids, measures, overview, phrases, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.model import Exhibit, Report, Subject
    from mlcheck.reports.grids import Grid

NAME = "markdown"

SPECIAL = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
"""Characters that format; an underscore inside a word does not."""
PLOT_WIDTH = 60
MOST_CLASSES = 40
"""Classes up to which a matrix is shown whole."""
STAR = "★"
CORNER = "true ↓ predicted →"


def render(report: Report, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:  # noqa: ARG001 - every format takes the same
    """Return the report as GitHub-flavoured Markdown; `verbose` adds a section for every healthy run."""
    return "\n".join(_lines(report, verbose=verbose)) + "\n"


def _lines(report: Report, *, verbose: bool) -> Iterator[str]:
    yield f"### mlcheck {escaped(report.command)}: {escaped(report.verdict or 'nothing was judged')}"
    if report.subjects:
        yield ""
        yield from _table(report)
        yield ""
        yield escaped_prose(phrases.summary(report, curves_shown=True))
    for subject in report.subjects:
        asks = verdicts.tone(subject.verdict) != "good" or bool(subject.unread)
        if verbose or asks or len(report.subjects) == 1:
            yield ""
            yield from _section(subject)
    if report.problems:
        yield ""
        yield from _problems(report)
    if verbose and report.passed_over:
        yield ""
        yield phrases.passed_over(report)


def _table(report: Report) -> Iterator[str]:
    columns = overview.table(report.subjects).columns
    ids = tuple(phrases.clean(subject.id) for subject in report.subjects)
    yield _row([escaped(column.title) for column in columns])
    yield _row(["---:" if column.right else "---" for column in columns])
    for index, name in enumerate(ids):
        yield _row([escaped(name if c.key == "run" else c.cells[index].strip()) for c in columns])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _section(subject: Subject) -> Iterator[str]:
    yield f"#### {verdicts.mark(subject.verdict)} {escaped(subject.id)}"
    yield ""
    facts = [
        escaped(subject.source),
        escaped(subject.reader),
        phrases.length(subject),
        *map(escaped, subject.facts),
    ]
    yield " · ".join(filter(None, [*facts, escaped_clean(phrases.columns_read(subject))]))
    yield ""
    why = phrases.unsaid(subject)
    yield f"**{escaped_clean(phrases.verdict_line(subject))}**" + (f": {escaped_clean(why)}" if why else "")
    if subject.findings:
        yield ""
        for finding in phrases.by_severity(subject.findings):
            code, name = escaped(finding.code), escaped(finding.name)
            yield f"- **{finding.severity}** {code} {name}: {escaped(finding.message)}"
    if told := phrases.unread(subject):
        yield ""
        yield escaped_clean(told)
    yield from _next(subject)
    yield from _shown(subject)
    yield from _skips(subject)


def _next(subject: Subject) -> Iterator[str]:
    steps = phrases.next_steps(subject)
    yield from ["", "Next:", ""] if steps else []
    for rank, (name, text) in enumerate(steps, 1):
        yield f"{rank}. **{escaped_clean(name)}**" + (f": {escaped_clean(text)}" if text else "")


def _shown(subject: Subject) -> Iterator[str]:
    """Yield the measures and the exhibits, those of detail folded."""
    grid = measures.grid(subject)
    if grid is not None:
        yield ""
        yield from _grid(grid)
    for exhibit in subject.exhibits:
        body = list(_body(exhibit))
        if not body:
            continue
        if exhibit.detail:
            yield from [
                "",
                f"<details><summary>{_html(phrases.clean(exhibit.title))}</summary>",
                "",
                *body,
                "",
                "</details>",
            ]
        else:
            yield from ["", f"**{escaped(exhibit.title)}**", "", *body]


def _body(exhibit: Exhibit) -> Iterator[str]:
    if isinstance(exhibit, Table):
        yield from _grid(grids.of_table(exhibit)) if exhibit.rows else ()
    elif isinstance(exhibit, Matrix):
        yield from _matrix(exhibit) if exhibit.counts.size else ()
    elif exhibit.lines:
        from mlcheck.reports import chart

        yield f"{escaped(exhibit.y_label)} against {escaped(exhibit.x_label)}"
        yield ""
        yield "```text"
        yield from (
            line.plain for line in chart.draw(exhibit, width=PLOT_WIDTH)[1:]
        )  # the title stands above
        yield "```"


def _grid(grid: Grid) -> Iterator[str]:
    """Yield a table; the reason why a row has no interval stands in its place, the row to look at has a star."""
    starred = any(row.strong for row in grid.rows)
    yield _row([""] * starred + [escaped_clean(column.title) for column in grid.columns])
    yield _row(["---"] * starred + ["---:" if column.kind == "number" else "---" for column in grid.columns])
    for row in grid.rows:
        cells = [escaped_clean(cell) for cell in row.cells]
        if row.told:
            cells[grid.strip] = escaped_clean(row.told)
        if row.strong:
            cells = [f"**{cell}**" if cell else "" for cell in cells]
        yield _row([STAR if row.strong else ""] * starred + cells)
    if grid.notes:
        yield from ["", "<br>".join(map(escaped_clean, grid.notes))]


def _matrix(shown: Matrix) -> Iterator[str]:
    """Yield the counts, those of the diagonal bold; of many classes, the largest errors."""
    if max(len(shown.rows), len(shown.columns)) > MOST_CLASSES:
        from mlcheck.reports import matrix

        yield from _grid(matrix.largest(shown))
        return
    yield _row([CORNER, *map(escaped, shown.columns)])
    yield _row(["---", *["---:"] * len(shown.columns)])
    for name, counts in zip(shown.rows, shown.counts.tolist(), strict=True):
        texts = map(grids.counted, counts)
        right = [column == name for column in shown.columns]
        yield _row(
            [escaped(name), *(f"**{t}**" if bold else t for t, bold in zip(texts, right, strict=True))]
        )


def _skips(subject: Subject) -> Iterator[str]:
    skips = phrases.untold(subject)
    if not skips:
        return
    count = len({skip.code for skip in skips})
    yield ""
    yield f"<details><summary>{phrases.plural(count, 'check')} could not run</summary>"
    yield ""
    for why, codes in phrases.grouped(skips).items():
        yield f"- {escaped_clean(codes)}: {escaped_clean(why)}"
    yield ""
    yield "</details>"


def _problems(report: Report) -> Iterator[str]:
    yield f"#### {phrases.not_judged(report).rstrip('.')}"
    yield ""
    for problem in report.problems:
        hint = f"; {escaped(problem.hint)}" if problem.hint else ""
        yield f"- {escaped(problem.source)}: {escaped(problem.message)}{hint}"


def _html(text: str) -> str:
    """Escape clean text that stands within HTML, where Markdown's escapes would be seen."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped(text: str) -> str:
    """Return raw text as Markdown that shows it: no formatting, no HTML, no end of a table cell."""
    return escaped_clean(phrases.clean(text))


def escaped_clean(text: str) -> str:
    """Escape text that is already free of control characters."""
    return SPECIAL.sub(r"\\\g<0>", _html(text))


def escaped_prose(text: str) -> str:
    """Escape a sentence of our own, whose backticks are meant."""
    parts = text.split("`")
    return "`".join(part if index % 2 else escaped_clean(part) for index, part in enumerate(parts))
