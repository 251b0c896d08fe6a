"""Lays a grid out on a page: columns at their points, intervals as bars; what is too wide shrinks, then folds.

Bars shrink first, then titles take two lines, then intervals that may be spared and the bars go, long texts are cut
in their middle, and at last the columns go on below, the first of them repeated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import count, takewhile, zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from mlcheck.reports import bars
from mlcheck.reports.grids import TO

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from mlcheck.reports.grids import Column, Grid, Row

GAP = 2
STAR = "★ "
LEAD = 2
"""Columns before the first one: the star of the row to look at, or blanks."""
BAR, LEAST_BAR = 25, 9
"""Columns of a drawn interval, and how few of them still show something."""
LONGEST_CELL = 44
SHORTEST_CELL = 11
MOST_TOLD, LONGEST_NOTE = 4, 1000
"""Lines that a reason may take, columns that a note may take in all: names in them may have any length."""
NARROWEST_NOTE = 38
"""Columns that a note may take, however narrow its table is."""
LEFT_OUT = "left out to fit the page: the intervals of "


def lines(grid: Grid, width: int) -> list[Text]:
    """Return the lines of a grid: title, titles of columns, rows, notes; none is wider than `width`."""
    if not grid.rows:
        return []
    layout = _fitted(_Layout.roomy(grid), width)
    made = [Text(shortened(grid.title, width), style="bold")] if grid.title else []
    for block in _blocks(layout, width):
        made += [Text()] * (block.goes_on and bool(made))
        made += block.drawn()
    notes = [grid.strip_note] * bool(layout.bar and grid.strip_note) + list(grid.notes)
    missing = [
        shortened(grid.columns[i - 1].title, LONGEST_CELL // 2)
        for i in range(len(grid.columns))
        if i not in layout.shown
    ]
    if missing:
        notes.append(LEFT_OUT + ", ".join(missing))
    own = max(cell_len(line.plain) for line in made)
    for note in notes:
        longest = max(map(cell_len, note.split()), default=0)
        room = min(width, max(own, NARROWEST_NOTE, longest + LEAD))
        made += [
            Text(" " * LEAD + part, style="dim")
            for part in wrapped(shortened(note, LONGEST_NOTE), room - LEAD)
        ]
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Which columns of a grid are shown and how: their texts set, their widths, how wide the bars are (0: none)."""

    grid: Grid
    shown: tuple[int, ...]
    texts: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    titles: tuple[tuple[str, ...], ...]
    bar: int
    goes_on: bool = False

    @classmethod
    def roomy(cls, grid: Grid) -> _Layout:
        texts = tuple(
            _set(column, [row.cells[i] for row in grid.rows]) for i, column in enumerate(grid.columns)
        )
        titles = tuple((column.title,) for column in grid.columns)
        return cls(
            grid=grid,
            shown=tuple(range(len(grid.columns))),
            texts=texts,
            widths=tuple(_width(t, cells) for t, cells in zip(titles, texts, strict=True)),
            titles=titles,
            bar=BAR if any(row.bar for row in grid.rows) else 0,
        )

    @property
    def room(self) -> int:
        """Columns without the bars."""
        return LEAD + sum(self.widths[i] for i in self.shown) + GAP * (len(self.shown) - 1)

    @property
    def strip(self) -> int:
        """Behind how many of the shown columns the bars stand."""
        return sum(i <= self.grid.strip for i in self.shown)

    def drawn(self) -> Iterator[Text]:
        yield from self._titles()
        scale = next((row.scale for row in self.grid.rows if row.scale is not None), None)
        texts = {i: told_apart(self.texts[i], self.widths[i]) for i in self.shown}
        for number, row in enumerate(self.grid.rows):
            if self.bar and not self.grid.sides and row.scale not in (None, scale):
                scale = row.scale
                yield self._joined([" " * self.widths[i] for i in self.shown], self._over(scale), "dim")
            yield from self._row({i: texts[i][number] for i in self.shown}, row)

    def _titles(self) -> Iterator[Text]:
        scale = next((row.scale for row in self.grid.rows if row.scale is not None), None)
        height = max((len(self.titles[i]) for i in self.shown), default=1)
        for level in range(height):
            cells = []
            for i in self.shown:
                parts = self.titles[i]
                text = parts[level - height + len(parts)] if level >= height - len(parts) else ""
                cells.append(_flush(shortened(text, self.widths[i]), self.widths[i], self.grid.columns[i]))
            last = level == height - 1
            yield self._joined(cells, self._over(scale) if last else " " * self.bar, "dim")

    def _over(self, scale: bars.Scale | None) -> str:
        """Return what stands over the bars: the sides, as long as they fit, or the ends of the scale."""
        if not self.bar:
            return ""
        if self.grid.sides is None:
            return bars.title(scale, self.bar) if scale is not None else " " * self.bar
        left, right = self.grid.sides
        if cell_len(left) + cell_len(right) + 3 > self.bar:
            left, right = left[:1], right[:1]
        half = (self.bar - 1) // 2
        return f"{left:^{half}}{bars.ZERO}{right:^{self.bar - half - 1}}"

    def _joined(self, cells: Sequence[str], bar: str, style: str = "", bar_style: str = "") -> Text:
        line = Text(" " * LEAD)
        for place, cell in enumerate(cells, 1):
            line.append(cell, style)
            line.append(" " * GAP)
            if self.bar and place == self.strip:
                line.append(bar, bar_style or style)
                line.append(" " * GAP)
        line.rstrip()
        return line

    def _row(self, texts: Mapping[int, str], row: Row) -> Iterator[Text]:
        cells = [_flush(texts[i], self.widths[i], self.grid.columns[i]) for i in self.shown]
        style = "bold" if row.strong else ""
        bar = " " * self.bar
        if self.bar and row.bar is not None and row.scale is not None:
            bar = bars.drawn(row.bar, row.scale, self.bar, zero=True)
        if row.told and self.grid.strip in self.shown:
            yield from self._told(cells, row)
            return
        line = self._joined(cells, bar, style, "bold cyan" if row.strong else "cyan")
        if row.strong:
            line = Text.assemble((STAR, "bold yellow"), line[LEAD:])
        yield line

    def _told(self, cells: Sequence[str], row: Row) -> Iterator[Text]:
        """Yield a row whose interval gives way to what it has to tell, over as many lines as that takes."""
        before = [cell for i, cell in zip(self.shown, cells, strict=True) if i < self.grid.strip]
        line = Text.assemble((STAR if row.strong else " " * LEAD, "bold yellow"))
        line.append((" " * GAP).join(before) + " " * GAP, "bold" if row.strong else "")
        start = cell_len(line.plain)
        end = self.room + (self.bar + GAP if self.bar else 0)
        room = max(end - start, 12)
        for part in wrapped(shortened(row.told, MOST_TOLD * room), room):
            line.append(part, "dim")
            yield line
            line = Text(" " * start)


def _set(column: Column, cells: Sequence[str]) -> tuple[str, ...]:
    """Set a column's cells: numbers with their points below each other, intervals with their middles."""
    if column.kind == "number":
        return _at_point(cells)
    if column.kind == "interval":
        parts = [cell.partition(TO) for cell in cells]
        left = max(len(low) for low, _, _ in parts)
        return tuple(f"{low:>{left}}{to}{high}" if to else "" for low, to, high in parts)
    return tuple(cells)


def _at_point(cells: Sequence[str]) -> tuple[str, ...]:
    parts = [_split(cell) for cell in cells]
    left = max((len(whole) for whole, _ in parts), default=0)
    right = max((len(rest) for _, rest in parts), default=0)
    return tuple(f"{whole:>{left}}{rest:<{right}}" for whole, rest in parts)


def _split(cell: str) -> tuple[str, str]:
    at = min((cell.find(mark) for mark in ".e" if mark in cell), default=len(cell))
    return cell[:at], cell[at:]


def _width(titles: Sequence[str], cells: Sequence[str]) -> int:
    return min(LONGEST_CELL, max(cell_len(text) for text in (*titles, *cells)))


def _flush(text: str, width: int, column: Column) -> str:
    space = " " * (width - cell_len(text))
    return space + text if column.kind == "number" else text + space


def _fitted(layout: _Layout, width: int) -> _Layout:
    """Return the layout made to fit the width as far as that can be done without folding."""
    if layout.bar:
        layout = replace(layout, bar=_bar(layout, width))
    if _over(layout, width):
        layout = _with_short_titles(layout)
    for i in reversed(layout.shown):
        if layout.grid.columns[i].spare and _over(layout, width):
            layout = replace(layout, shown=tuple(k for k in layout.shown if k != i))
    if layout.bar:
        layout = replace(layout, bar=_bar(layout, width))
    if _over(layout, width):
        layout = replace(layout, bar=0)
    return _with_short_texts(layout, width)


def _bar(layout: _Layout, width: int) -> int:
    return max(LEAST_BAR, min(BAR, width - layout.room - GAP))


def _over(layout: _Layout, width: int) -> int:
    """Return how many columns a layout is too wide, 0 where it fits."""
    return max(0, layout.room + (layout.bar + GAP if layout.bar else 0) - width)


def _with_short_titles(layout: _Layout) -> _Layout:
    titles = tuple(
        _in_two(t[0], max(map(cell_len, texts))) for t, texts in zip(layout.titles, layout.texts, strict=True)
    )
    widths = tuple(_width(t, cells) for t, cells in zip(titles, layout.texts, strict=True))
    return replace(layout, titles=titles, widths=widths)


def _in_two(title: str, width: int) -> tuple[str, ...]:
    """Break a title that is wider than what stands below it at the space or underscore nearest to its middle."""
    places = [match.end() for match in re.finditer(r"[ _](?=.)", title)]
    if cell_len(title) <= width or not places:
        return (title,)
    at = min(places, key=lambda place: abs(place - len(title) / 2))
    return title[:at].rstrip(), title[at:]


def _with_short_texts(layout: _Layout, width: int) -> _Layout:
    """Cut the widest texts (not numbers) down to `SHORTEST_CELL` columns, as far as it takes."""
    widths = list(layout.widths)
    texts = [i for i in layout.shown if layout.grid.columns[i].kind == "text"]
    while texts and _over(replace(layout, widths=tuple(widths)), width):
        widest = max(texts, key=lambda i: widths[i])
        if widths[widest] <= SHORTEST_CELL:
            break
        widths[widest] -= 1
    return replace(layout, widths=tuple(widths))


def _blocks(layout: _Layout, width: int) -> Iterator[_Layout]:
    """Yield the layout in as many blocks as it takes, the first column in each."""
    if not _over(layout, width):
        yield layout
        return
    first, *rest = layout.shown
    widths = list(layout.widths)
    widths[first] = min(widths[first], max(SHORTEST_CELL, width // 3))
    goes_on = False
    while rest:
        taken = [first]
        while rest:
            room = LEAD + sum(widths[i] for i in taken) + GAP * len(taken)
            if len(taken) > 1 and room + widths[rest[0]] > width:
                break
            widths[rest[0]] = min(widths[rest[0]], width - room)
            taken.append(rest.pop(0))
        yield replace(layout, shown=tuple(taken), widths=tuple(widths), bar=0, goes_on=goes_on)
        goes_on = True


def shortened(text: str, width: int) -> str:
    """Cut the middle out of a text that is wider than `width`; its end says more than its beginning."""
    return _cut(text, width, (width - 1) // 3)


def _cut(text: str, width: int, lead: int) -> str:
    """Cut a text that is wider than `width` behind its first `lead` columns."""
    if cell_len(text) <= width:
        return text
    start, stop = 0, len(text)
    while cell_len(text[: start + 1]) <= lead:
        start += 1
    while cell_len(text[stop - 1 :]) <= width - 1 - cell_len(text[:start]):
        stop -= 1
    return f"{text[:start]}…{text[stop:]}"


def told_apart(texts: Sequence[str], width: int) -> list[str]:
    """Return the texts `shortened`, those that would then look alike cut elsewhere: where they agree.

    Where no one cut tells all of them apart, the part from their first difference on is shown, at last with a number.
    """
    groups: dict[str, dict[str, None]] = {}
    for text in texts:
        groups.setdefault(shortened(text, width), {})[text] = None
    shown = {text: short for short, group in groups.items() for text in group}
    taken = {short for short, group in groups.items() if len(group) == 1}
    for group in groups.values():
        if len(group) > 1:
            cut = _distinct(list(group), width, taken)
            taken.update(cut)
            shown.update(zip(group, cut, strict=True))
    return [shown[text] for text in texts]


def _distinct(texts: Sequence[str], width: int, taken: Container[str]) -> list[str]:
    """Return different short forms of different texts, none of them taken."""
    usual = (width - 1) // 3
    for lead in sorted(range(width), key=lambda lead: abs(lead - usual)):
        found = [_cut(text, width, lead) for text in texts]
        if _are_free(found, taken):
            return found
    agreed = sum(1 for _ in takewhile(lambda same: len(set(same)) == 1, zip(*texts, strict=False)))
    found = [f"…{_cut(text[agreed:], width - 1, width - 2)}" for text in texts]
    if _are_free(found, taken):
        return found
    numbers = (f"#{n}" for n in count(1))
    free = (n for n in numbers if all(f"{shortened(text, width - len(n))}{n}" not in taken for text in texts))
    return [f"{shortened(text, width - len(n))}{n}" for text, n in zip(texts, free, strict=False)]


def _are_free(found: Sequence[str], taken: Container[str]) -> bool:
    return len(set(found)) == len(found) and not any(text in taken for text in found)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield a text in lines of at most `width` columns; a word that is wider is cut into pieces."""
    line = ""
    for word in text.split():
        rest = word
        if line and cell_len(line) + 1 + cell_len(rest) > width:
            yield line
            line = ""
        while cell_len(rest) > width:
            piece = rest[:1]
            while cell_len(piece) + cell_len(rest[len(piece)]) <= width:
                piece += rest[len(piece)]
            yield piece
            rest = rest[len(piece) :]
        line = f"{line} {rest}".strip()
    if line:
        yield line


def beside(blocks: Sequence[Sequence[Text]], gap: int = 4) -> Iterator[Text]:
    """Yield blocks of lines next to each other, their tops level."""
    widths = [max((cell_len(line.plain) for line in block), default=0) for block in blocks]
    for parts in zip_longest(*blocks, fillvalue=Text()):
        line = Text()
        for part, width in zip(parts, widths, strict=True):
            line.append_text(part)
            line.append(" " * (width + gap - cell_len(part.plain)))
        line.rstrip()
        yield line
