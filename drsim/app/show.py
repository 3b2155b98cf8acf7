"""How the app shows tables, problems and progress.

What users or files say is shown as plain text, never as Markdown: a scenario from somebody else must not be able to
load an image or to hide a link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from drsim.errors import Problem
from drsim.report.tables import Table

_MOST_PROBLEMS = 100

# a background and a text colour together, so that they are readable on light and dark pages alike
_GOOD, _OPEN, _BAD = "#d7f0de;color:#0b3d1e", "#fdf0c8;color:#4d3800", "#fbdcd9;color:#6b0f0a"
_BACKGROUNDS = {"met": _GOOD, "undecided": _OPEN, **dict.fromkeys(("breached", "unrecoverable", "unprotected"), _BAD)}

_LINE = "1px solid rgba(128,128,128,0.4)"


def show_table(table: Table) -> None:
    """Show a table with its title above and its notes below."""
    st.html(table_html(table))


def table_html(table: Table) -> str:
    """Return a table as HTML that takes its colours and fonts from the page, but for verdicts."""
    aligned = ["right" if column.numeric else "left" for column in table.columns]
    head = "".join(
        f'<th scope="col" style="text-align:{side};padding:4px 10px;border-bottom:{_LINE}">{escape(column.title)}</th>'
        for column, side in zip(table.columns, aligned, strict=True)
    )
    rows = "".join(
        # a row that opens a group, by its first cell, is set off from the one above
        f'<tr style="border-top:{_LINE if row[0] else "none"}">'
        + "".join(_cell(text, side) for text, side in zip(row, aligned, strict=True))
        + "</tr>"
        for row in table.rows
    )
    notes = f'<div style="white-space:pre-wrap;padding-top:8px">{escape("\n".join(table.notes))}</div>'
    return (
        f'<div style="font-size:0.9rem"><div style="font-weight:600;padding-bottom:8px">{escape(table.title)}</div>'
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse;white-space:nowrap">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{notes if table.notes else ''}</div>"
    )


def _cell(text: str, side: str) -> str:
    """Return a cell of a table."""
    colours = f";background:{_BACKGROUNDS[text]}" if text in _BACKGROUNDS else ""
    return f'<td style="text-align:{side};padding:3px 10px{colours}">{escape(text)}</td>'


def show_text(text: str) -> None:
    """Show text of a user as it stands."""
    st.html(f'<div style="white-space:pre-wrap">{escape(text)}</div>')


def show_command(words: str) -> None:
    """Show a command, to be copied."""
    st.code(words, language=None, wrap_lines=True)


def show_problems(problems: Sequence[Problem], source: str) -> None:
    """Show problems with their lines, the first hundred in full.

    Args:
        problems: errors or warnings.
        source: the scenario as commands name it.
    """
    lines = [str(problem) for problem in problems[:_MOST_PROBLEMS]]
    more = len(problems) - _MOST_PROBLEMS
    if more > 0:
        lines.append(f"and {more} more:  drsim check {source}")
    st.code("\n".join(lines), language=None, wrap_lines=True)


def progress(unit: str) -> Callable[[int, int], None]:
    """Show a progress bar, and return what moves it: a callback (done, total).

    Args:
        unit: of the numbers.
    """
    bar = st.progress(0.0, f"starting the {unit} …")

    def advance(done: int, total: int) -> None:
        bar.progress(done / total, f"{done:,} of {total:,} {unit}")

    return advance
