"""Tables and notes at any width: no word is broken, and what is left out is said.

A table is set out flat where all that matters fits. Where it does not, what its rows are about goes into lines of its
own above them; where even that does not fit, each row is a list. Columns that can go are left out by rank.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rich.cells import cell_len

from drsim.report.tables import Column, Table, verdict_of

GAP = 2
"""Blanks between columns."""

_PROSE, _NARROW = 20, 12
"""Characters down to which a column of text may be narrowed, its cells broken into lines at blanks: at first, and
where a table would have to be listed otherwise."""

_MATTERS = 1
"""Columns of a rank up to this one are worth another form of the table."""

Form = Literal["flat", "grouped", "listed"]


@dataclass(frozen=True)
class Layout:
    """A table as it is set out.

    Attributes:
        form: `flat`; `grouped`, with lines above rows that say what these are about; `listed`, one line a cell.
        table: with the columns that are shown; those that say what rows are about are not among them where they
            have lines of their own.
        headings: for each row the line above it; empty where there is none.
        widths: of the columns [characters]; empty where cells are listed.
        left_out: titles of the columns that are not shown.
        whole_width: at which none is left out [characters].
    """

    form: Form
    table: Table
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    left_out: tuple[str, ...]
    whole_width: int


def laid_out(table: Table, width: int) -> Layout:
    """Return how to set out a table.

    Args:
        table: with all its columns.
        width: characters that there are.
    """
    whole = sum(_narrowest(table)) + GAP * (len(table.columns) - 1)
    plain = ("",) * len(table.rows)
    flat = _without_what_can_go(table, width)
    if _fits(flat, width) and len(flat.columns) >= sum(column.rank <= _MATTERS for column in table.columns):
        return Layout("flat", flat, plain, _shares(flat, width), _left_out(table, flat), whole)
    headings, apart = _headed(table)
    grouped = _without_what_can_go(apart, width)
    is_fuller = not _fits(flat, width) or len(grouped.columns) + table.grouped > len(flat.columns)
    if table.grouped and _fits(grouped, width) and is_fuller:
        return Layout("grouped", grouped, headings, _shares(grouped, width), _left_out(apart, grouped), whole)
    if _fits(flat, width):
        return Layout("flat", flat, plain, _shares(flat, width), _left_out(table, flat), whole)
    bare = _without(apart, {column.rank for column in apart.columns} - {0})
    if _fits(bare, width, _NARROW):
        return Layout("grouped", bare, headings, _shares(bare, width, _NARROW), _left_out(apart, bare), whole)
    return Layout("listed", bare, headings, (), _left_out(apart, bare), whole)


def _without_what_can_go(table: Table, width: int) -> Table:
    """Return the table without the columns that can go and must, those of the highest ranks first."""
    while not _fits(table, width) and (last := max(column.rank for column in table.columns)):
        table = _without(table, {last})
    return table


def _without(table: Table, ranks: set[int]) -> Table:
    """Return the table without the columns of some ranks."""
    keep = [k for k, column in enumerate(table.columns) if column.rank not in ranks]
    rows = tuple(tuple(row[k] for k in keep) for row in table.rows)
    return replace(table, columns=tuple(table.columns[k] for k in keep), rows=rows)


def _headed(table: Table) -> tuple[tuple[str, ...], Table]:
    """Return for each row the line that is to stand above it, and the table without what those lines say."""
    n = table.grouped
    heading: tuple[str, ...] = ("",) * n
    headings = []
    for row in table.rows:
        cells = row[:n]
        if any(cells):
            # what is blank is as in the row above, up to the first cell that is not
            first = next(k for k, cell in enumerate(cells) if cell)
            heading = (*heading[:first], *cells[first:])
        headings.append(", ".join(cell for cell in heading if cell) if any(cells) else "")
    rows = tuple(row[n:] for row in table.rows)
    return tuple(headings), replace(table, columns=table.columns[n:], rows=rows, grouped=0)


def _left_out(table: Table, shown: Table) -> tuple[str, ...]:
    """Return the titles of columns that are no longer there."""
    return tuple(column.title for column in table.columns if column not in shown.columns)


def _cells(table: Table) -> Iterator[tuple[Column, tuple[str, ...]]]:
    """Yield each column with its cells."""
    for k, column in enumerate(table.columns):
        yield column, tuple(row[k] for row in table.rows)


def _widest(table: Table) -> list[int]:
    """Return how wide each column is where nothing is broken into lines [characters]."""
    return [max(map(cell_len, (column.title, *cells))) for column, cells in _cells(table)]


def _narrowest(table: Table, prose: int = _PROSE) -> list[int]:
    """Return how narrow each column can be [characters]: figures stay whole, text and titles break at blanks."""
    widths = []
    for column, cells in _cells(table):
        title = max(map(cell_len, column.title.split(" ")))
        if column.numeric:
            widths.append(max((title, *map(cell_len, cells))))
        else:
            words = (cell_len(word) for cell in cells for word in _BLANK.split(cell))
            whole = max((title, *map(cell_len, cells)))
            widths.append(max(title, min(whole, max((prose, *words)))))
    return widths


def _fits(table: Table, width: int, prose: int = _PROSE) -> bool:
    """Return whether a table can be set out in so many characters."""
    return sum(_narrowest(table, prose)) + GAP * (len(table.columns) - 1) <= width


def _shares(table: Table, width: int, prose: int = _PROSE) -> tuple[int, ...]:
    """Return the widths of the columns of a table that fits; the widest give way first."""
    shares, least = _widest(table), _narrowest(table, prose)
    over = sum(shares) + GAP * (len(shares) - 1) - width
    while over > 0:
        k = max((k for k in range(len(shares)) if shares[k] > least[k]), key=lambda k: shares[k] - least[k])
        shares[k] -= 1
        over -= 1
    return tuple(shares)


_BLANK = re.compile(r"(?<!\d) | (?!(?:%|s|min|h|d)(?:\W|$))")
"""Where a line may be broken: not between a number and its unit."""


_CODE = re.compile(r"(?<![\w`])`[^`]+`(?![\w`])")
"""What stands between backticks: to be copied as it stands."""

_HELD = "\0"
"""Stands for a blank that no line is broken at; no text has it."""


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines, broken at blanks only: a word longer than the width has a line of its own.

    What stands between backticks is such a word where a line has room for it.

    Args:
        text: one line; blanks at its beginning are kept on every line.
        width: characters of a line.
    """
    indent = text[: len(text) - len(text.lstrip(" "))]
    lines, line = [], ""
    for word in _words(text.strip(" "), width - cell_len(indent)):
        longer = f"{line} {word}" if line else word
        if line and cell_len(indent + longer) > width:
            lines.append(indent + line)
            line = word
        else:
            line = longer
    return [*lines, indent + line]


def _words(text: str, most: int) -> Iterator[str]:
    """Yield what lines are made of, with code of so many characters at most in one piece."""
    joined = _CODE.sub(lambda code: code.group().replace(" ", _HELD), text)
    for word in _BLANK.split(joined):
        whole = word.replace(_HELD, " ")
        yield from [whole] if cell_len(whole) <= most else _BLANK.split(whole)


COMMAND = ":  drsim "
"""Where a note goes over into a command."""


def note_lines(note: str, width: int) -> list[str]:
    """Return a note in lines; a command in it keeps its words whole and can be pasted into a shell as it stands."""
    if cell_len(note) <= width:
        return [note]
    prose, marked, words = note.partition(COMMAND)
    if not marked:
        return wrapped(note, width)
    return [*wrapped(f"{prose}:", width), *_command_lines(f"drsim {words}", width)]


def _command_lines(command: str, width: int) -> list[str]:
    """Return a command in lines that a shell reads as one, each but the last with a backslash at its end."""
    try:
        words = [shlex.quote(word) for word in shlex.split(command)]
    except ValueError:  # no command of ours; as it is, then
        return [f"  {command}"]
    parts: list[str] = []
    for word in words:
        # an option stays with its value
        if parts and parts[-1].startswith("--") and " " not in parts[-1] and not word.startswith("--"):
            parts[-1] = f"{parts[-1]} {word}"
        else:
            parts.append(word)
    lines: list[str] = []
    line = ""
    for part in parts:
        longer = f"{line} {part}" if line else part
        if line and cell_len(longer) + 4 > width:
            lines.append(f"{'    ' if lines else '  '}{line} \\")
            line = part
        else:
            line = longer
    return [*lines, f"{'    ' if lines else '  '}{line}"]


STYLES = {
    "met": "green",
    "undecided": "yellow",
    "breached": "red",
    "unrecoverable": "bold red",
    "unprotected": "bold red",
}
"""How verdicts and states look on a terminal."""

Line = list[tuple[str, str]]
"""Pieces of text, each with its style."""


def drawn(layout: Layout, width: int, rule: str = "─") -> Iterator[Line]:
    """Yield the lines of a table, without its title and its notes.

    Args:
        layout: how it is set out.
        width: characters that there are.
        rule: character of the line below the titles.
    """
    draw = _in_lists(layout, width) if layout.form == "listed" else _in_columns(layout, width, rule)
    yield from draw


def _in_columns(layout: Layout, width: int, rule: str) -> Iterator[Line]:
    """Yield the lines of a table whose cells stand below each other."""
    columns = layout.table.columns
    yield from _row([(column.title, "") for column in columns], layout)
    yield [(rule * (sum(layout.widths) + GAP * (len(columns) - 1)), "")]
    for heading, row in zip(layout.headings, layout.table.rows, strict=True):
        for text in wrapped(heading, width) if heading else ():
            yield [(text, "bold")]
        yield from _row([(cell, _style(cell)) for cell in row], layout)


def _row(cells: Sequence[tuple[str, str]], layout: Layout) -> Iterator[Line]:
    """Yield the lines of a row, as many as its highest cell has."""
    broken = [wrapped(text, wide) for (text, _), wide in zip(cells, layout.widths, strict=True)]
    last = len(cells) - 1
    for k in range(max(map(len, broken))):
        line: Line = []
        for c, (lines, column) in enumerate(zip(broken, layout.table.columns, strict=True)):
            text = lines[k] if k < len(lines) else ""
            blanks = " " * (layout.widths[c] - cell_len(text))
            after = " " * GAP if c < last else ""
            line += [(blanks, "")] if column.numeric and text else []
            line += [(text, cells[c][1])]
            line += [] if column.numeric and text else [(blanks, "")]
            line += [(after, "")]
        while line and not line[-1][0].strip():
            line.pop()
        yield line


def _in_lists(layout: Layout, width: int) -> Iterator[Line]:
    """Yield the lines of a table that has one for each cell."""
    titles = [column.title for column in layout.table.columns]
    longest = max(map(cell_len, titles))
    for heading, row in zip(layout.headings, layout.table.rows, strict=True):
        for text in wrapped(heading, width) if heading else ():
            yield [(text, "bold")]
        for k, (title, cell) in enumerate(zip(titles, row, strict=True)):
            head = f"{'-' if k == 0 else ' '} {title}{' ' * (longest - cell_len(title) + GAP)}"
            first, *rest = wrapped(cell, max(1, width - cell_len(head)))
            yield [(head, ""), (first, _style(cell))]
            for text in rest:
                yield [(" " * cell_len(head), ""), (text, _style(cell))]


def _style(cell: str) -> str:
    """Return how a cell looks on a terminal."""
    return STYLES.get(verdict_of(cell), "")
