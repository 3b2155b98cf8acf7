"""Showing tables and messages: data to standard output, all else to standard error."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from drsim.errors import Problem

if TYPE_CHECKING:  # tables take long to import, and help must not wait for them
    from drsim.report.tables import Table

_WIDE = 200
"""Columns of text where no terminal says how many there are."""


_NARROWEST = 20
"""Characters below which nothing is made to fit."""


def width() -> int:
    """Return the characters of a line: those that `COLUMNS` says, else of the terminal, else `_WIDE`."""
    columns_wanted = os.environ.get("COLUMNS", "")
    if columns_wanted.isdecimal() and int(columns_wanted):
        return max(_NARROWEST, int(columns_wanted))
    # where the output goes into a pipe the others still say how wide the terminal is
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        try:
            columns = 0 if stream is None else os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):  # no terminal, or closed
            continue
        if columns:
            return max(_NARROWEST, columns)
    return _WIDE


def show_table(table: Table, *forms: str) -> None:
    """Print a table; columns that have no room are named below it, with how to see them.

    Args:
        table: with all its columns.
        forms: values of `--format` that print all of it.
    """
    from rich.console import Console
    from rich.text import Text

    from drsim.cli.layout import drawn, laid_out, wrapped

    wide = width()
    console = Console(width=wide, highlight=False)
    layout = laid_out(table, wide)
    titles = ([(line, "bold")] for line in wrapped(table.title, wide))
    for line in (*titles, *drawn(layout, wide, _rule())):
        # a word that is longer than the line goes on in the next one: nothing is cut off
        console.print(Text.assemble(*line), soft_wrap=True)
    notes = table.notes
    if layout.left_out:
        *ways, last = (f"COLUMNS={layout.whole_width}", *(f"--format {form}" for form in forms))
        alternatives = f"{', '.join(ways)} or {last}" if ways else last
        notes = (f"Left out for want of room: {', '.join(layout.left_out)}; {alternatives} shows them.", *notes)
    for note in notes:
        show_note(note)


def _rule() -> str:
    """Return the character of lines in tables: one that the terminal has."""
    try:
        "─".encode(sys.stdout.encoding or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return "-"
    return "─"


def show_note(note: str) -> None:
    """Print a sentence below an answer; without colours, since a command in it must stay one. Nothing where empty."""
    from drsim.cli.layout import note_lines

    if note:
        click.echo("\n".join(note_lines(note, width())))


BESIDE = 3
"""Warnings that are shown beside an answer; `drsim check` shows all."""


def show_warnings(warnings: Sequence[Problem], source: str, *, beside: bool = False) -> None:
    """Print the first warnings, numbered and in full, and how to see the others.

    Args:
        warnings: all, in their order.
        source: the scenario as the user names it.
        beside: whether they belong to the answer, on standard output, instead of on standard error.
    """
    from drsim.cli.layout import note_lines

    if not warnings:
        return
    wide = width()
    count = f"the first {BESIDE} of {len(warnings)}" if len(warnings) > BESIDE else str(len(warnings))
    lines = note_lines(f"Warnings, {count}:" if len(warnings) > 1 else "One warning:", wide)
    for number, problem in enumerate(warnings[:BESIDE], start=1):
        first, *others = str(problem).splitlines()
        mark = f"{number}. "
        head, *rest = note_lines(first, wide - len(mark))
        lines += [mark + head, *(" " * len(mark) + line for line in rest)]
        lines += [line for other in others for line in note_lines(other, wide)]
    if len(warnings) > BESIDE:
        lines += note_lines(f"{len(warnings) - BESIDE} more:  {shlex.join(('drsim', 'check', source))}", wide)
    click.echo("\n".join(("", *lines) if beside else lines), err=not beside)
