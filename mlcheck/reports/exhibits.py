"""The terminal's page of what a subject shows beside findings: measures, tables, matrices, plots; side by side where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from mlcheck.model import Matrix, Table
from mlcheck.reports import grids, measures, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.model import Exhibit, Subject

WIDE = 120
"""Columns of a page on which blocks stand side by side."""
BETWEEN = 4
MOST_ROWS = 24
"""Rows of a table that are shown unless more is asked for."""


def draw(subject: Subject, *, width: int, verbose: bool) -> Iterator[Text]:
    """Yield the measures and the exhibits of a subject, those of detail only if asked for; each ends in a blank line."""
    blocks: list[list[Text]] = []
    grid = measures.grid(subject, verbose=verbose)
    if grid is not None:
        blocks.append(tables.lines(grid, width))
    blocks += [_block(e, width, verbose=verbose) for e in subject.exhibits if verbose or not e.detail]
    blocks = list(filter(None, blocks))
    if width < WIDE:
        for block in blocks:
            yield from block
            yield Text()
        return
    for columns in _shelves(blocks, width):
        yield from tables.beside([_stacked(column) for column in columns], BETWEEN)
        yield Text()


def _block(exhibit: Exhibit, width: int, *, verbose: bool) -> list[Text]:
    if isinstance(exhibit, Table):
        return tables.lines(_cut(grids.of_table(exhibit), verbose=verbose), width)
    if isinstance(exhibit, Matrix):
        from mlcheck.reports import matrix

        return matrix.draw(exhibit, width=width) if exhibit.counts.size else []
    from mlcheck.reports import chart

    return chart.draw(exhibit, width=width) if exhibit.lines else []


def _cut(grid: grids.Grid, *, verbose: bool) -> grids.Grid:
    more = len(grid.rows) - MOST_ROWS
    if verbose or more <= 1:
        return grid
    return grids.cut(grid, MOST_ROWS, f"{more} more rows: -v shows them")


def _size(block: Sequence[Text]) -> int:
    return max(cell_len(line.plain) for line in block)


def _stacked(blocks: Sequence[list[Text]]) -> list[Text]:
    made = list(blocks[0])
    for block in blocks[1:]:
        made += [Text(), *block]
    return made


def _shelves(blocks: Sequence[list[Text]], width: int) -> Iterator[list[list[list[Text]]]]:
    """Yield rows of columns of blocks: each row begins with the first block left, and takes of the others what fits.

    A block goes below the last one where the row is higher than that column, else beside it.
    """
    left = list(blocks)
    while left:
        shelf = [[left.pop(0)]]
        for block in list(left):
            height = max(len(_stacked(column)) for column in shelf)
            others = sum(_size(_stacked(column)) + BETWEEN for column in shelf[:-1])
            if len(_stacked([*shelf[-1], block])) <= height and others + _size(block) <= width:
                shelf[-1].append(block)
            elif others + _size(_stacked(shelf[-1])) + BETWEEN + _size(block) <= width:
                shelf.append([block])
            else:
                continue
            left = [other for other in left if other is not block]
        yield shelf
