"""Showing tables and messages: data to standard output, all else to standard error."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from drsim.errors import Problem

if TYPE_CHECKING:  # tables take long to import, and help must not wait for them
    from drsim.report.tables import Table

_WIDE = 200
"""Columns of text where no terminal says how many there are."""

_MOST_WARNINGS = 8


def show_table(table: Table) -> None:
    """Print a table, without its least important columns where they do not fit."""
    import rich.box
    import rich.table
    from rich.console import Console
    from rich.text import Text

    width = shutil.get_terminal_size((_WIDE, 24)).columns
    table = table.fitted(width)
    console = Console(width=max(width, 40), highlight=False)
    drawn = rich.table.Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for column in table.columns:
        drawn.add_column(Text(column.title), justify="right" if column.numeric else "left", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    console.print(Text(table.title, style="bold"))
    console.print(drawn)
    for note in table.notes:
        # printed plainly: a command must not be broken over lines
        click.echo(note)


_STYLES = {
    "met": "green",
    "undecided": "yellow",
    "breached": "red",
    "unrecoverable": "bold red",
    "unprotected": "bold red",
}


def show_warnings(warnings: Sequence[Problem], source: str) -> None:
    """Print warnings to standard error, the first few in full."""
    for problem in warnings[:_MOST_WARNINGS]:
        click.echo(f"warning: {problem}", err=True)
    more = len(warnings) - _MOST_WARNINGS
    if more > 0:
        click.echo(f"and {more} more warnings:  drsim check {source}", err=True)
