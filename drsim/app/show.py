"""How the app shows tables, problems and progress.

What users or files say is shown as plain text, never as Markdown: a scenario from somebody else must not be able to
load an image or to hide a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from string import punctuation

import pandas as pd
import streamlit as st

from drsim.errors import Problem
from drsim.report.tables import Table

_MOST_PROBLEMS = 100

_LONG = 60
"""Characters from which a cell may be broken into lines."""

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
        f'<th scope="col" style="text-align:{side};padding:4px 7px;border-bottom:{_LINE}">{escape(column.title)}</th>'
        for column, side in zip(table.columns, aligned, strict=True)
    )
    rows = "".join(
        # a row that opens a group, by its first cell, is set off from the one above
        f'<tr style="border-top:{_LINE if row[0] else "none"}">'
        + "".join(_cell(text, side) for text, side in zip(row, aligned, strict=True))
        + "</tr>"
        for row in table.rows
    )
    below = escape("\n".join(table.notes))
    notes = f'<div style="white-space:pre-wrap;padding-top:8px">{below}</div>' if below else ""
    return (
        f'<div style="font-size:0.85rem"><div style="font-weight:600;padding-bottom:8px">{escape(table.title)}</div>'
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse;white-space:nowrap">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{notes}</div>"
    )


def _cell(text: str, side: str) -> str:
    """Return a cell of a table; a verdict has colours, the same word in the place of a time has not."""
    style = f";background:{_BACKGROUNDS[text]}" if side == "left" and text in _BACKGROUNDS else ""
    if len(text) > _LONG:
        style += ";white-space:normal;min-width:24rem"
    return f'<td style="text-align:{side};vertical-align:top;padding:3px 7px{style}">{escape(text)}</td>'


def show_frame(frame: pd.DataFrame, title: str) -> None:
    """Show numbers as they are, to be sorted and searched.

    Args:
        frame: what to show; money [USD] is in columns with `usd` in their names.
        title: above it.
    """
    st.html(f'<div style="font-size:0.85rem;font-weight:600">{escape(title)}</div>')
    columns = {}
    for name in frame.columns:
        heading = name.replace("_", " ").replace("usd", "USD")
        # prices are often fractions of a cent, and sums of money are not
        form = "%.2f" if "usd" in name and name != "usd_per_unit" else None
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        columns[name] = st.column_config.NumberColumn(heading, format=form) if numeric else heading
    st.dataframe(frame, hide_index=True, column_config=columns)


def show_text(text: str) -> None:
    """Show text of a user as it stands."""
    st.html(f'<div style="white-space:pre-wrap">{escape(text)}</div>')


def show_message(text: str) -> None:
    """Show what went another way than asked for, which may quote a user's text, as it stands."""
    # after a backslash Markdown takes punctuation for itself
    st.warning(re.sub(f"([{re.escape(punctuation)}])", r"\\\1", text))


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
