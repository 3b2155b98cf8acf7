"""How the app shows tables, charts, problems and files.

What users or files say is shown as plain text, never as Markdown: a scenario from somebody else must not be able to
load an image or to hide a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from string import punctuation
from typing import Literal, TypeVar

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drsim.errors import Problem
from drsim.report.tables import Table, verdict_of
from drsim.report.vega.style import Chart, to_png, to_svg
from drsim.study.results import to_csv

_Shown = TypeVar("_Shown")

_MOST_PROBLEMS = 100

_LONG = 40
"""Characters from which a cell may be broken into lines."""

# a background and a text colour together, so that they are readable on light and dark pages alike
_GOOD, _OPEN, _BAD = "#d7f0de;color:#0b3d1e", "#fdf0c8;color:#4d3800", "#fbdcd9;color:#6b0f0a"
_BACKGROUNDS = {
    "met": _GOOD,
    "undecided": _OPEN,
    "unaffected": "#e3ebf4;color:#24384f",
    **dict.fromkeys(("breached", "unrecoverable", "unprotected"), _BAD),
}

_LINE = "1px solid rgba(128,128,128,0.4)"


def table(table: Table) -> None:
    """Show a table with its title above and its notes below."""
    st.html(table_html(table))


_NARROW = {4: 1250, 3: 1040, 2: 930, 1: 640}
"""Below which width [pixels] columns of a rank are left out."""

_STYLE = (
    # less margin than Streamlit's own, so that wide tables and charts have room
    "[data-testid=stMainBlockContainer]{padding:3rem 2.5rem 4rem}"
    # columns that give way
    "[class*=st-key-side-by-side] [data-testid=stColumn]{min-width:min(100%,26rem)}"
    "[class*=st-key-side-by-side] [data-testid=stHorizontalBlock]{flex-wrap:wrap}"
    ".drsim-table{container-type:inline-size;font-size:0.85rem}"
    "[class^=drsim-without]{display:none;padding-top:4px}"
    + "".join(
        f"@container(max-width:{px}px){{.drsim-table:not(:has(:checked)) .drsim-r{rank}{{display:none}}"
        f".drsim-without-{rank}{{display:block}}}}"
        for rank, px in _NARROW.items()
    )
    # choices that have no room in one line go on in the next
    + "[data-testid=stButtonGroup] [role=radiogroup],[data-testid=stButtonGroup]>div{flex-wrap:wrap}"
    # Streamlit's own button to stop a page; that of the work stands beside its progress
    + "[data-testid=stStatusWidget] button{display:none}"
)


_WITHOUT = (
    '<label><input type="checkbox"> Show all columns: some have no room here. The table then scrolls sideways.</label>'
)


def layout() -> None:
    """Set out the page: margins, columns and tables that fit themselves to its width."""
    st.html(f"<style>{_STYLE}</style>")


def table_html(table: Table) -> str:
    """Return a table as HTML that takes its colours and fonts from the page, but for verdicts.

    Where room is scarce the columns of the highest ranks go first, as in a terminal.
    """
    aligned = [("right" if column.numeric else "left", min(column.rank, 4)) for column in table.columns]
    head = "".join(
        f'<th scope="col" class="drsim-r{rank}" style="text-align:{side};padding:4px 7px;border-bottom:{_LINE};'
        'vertical-align:bottom;white-space:normal">'
        f"{escape(column.title)}</th>"
        for column, (side, rank) in zip(table.columns, aligned, strict=True)
    )
    rows = "".join(
        # a row that opens a group, by its first cell, is set off from the one above
        f'<tr style="border-top:{_LINE if row[0] else "none"}">'
        + "".join(
            _cell(text, side, rank, link=column.link)
            for text, (side, rank), column in zip(row, aligned, table.columns, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    first_to_go = max((rank for _, rank in aligned), default=0)
    without = f'<div class="drsim-without-{first_to_go}">{_WITHOUT}</div>' if first_to_go else ""
    below = escape("\n".join(table.notes))
    notes = f'<div style="white-space:pre-wrap;padding-top:8px">{below}</div>' if below else ""
    return (
        f'<div class="drsim-table"><div style="font-weight:600;padding-bottom:8px">'
        f"{escape(table.title)}</div>"
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse;white-space:nowrap">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{without}{notes}</div>"
    )


def _cell(text: str, side: str, rank: int, *, link: bool) -> str:
    """Return a cell of a table; a verdict has colours, the same word in the place of a time has not."""
    verdict = verdict_of(text) if side == "left" else ""
    background = _BACKGROUNDS.get(verdict, "")
    style = f";background:{background}" if background else ""
    if background and text != verdict:
        # its resource, or the drills that it takes, may stand below it
        style += ";white-space:normal;min-width:8rem"
        text = text.replace("(takes ", "(takes\u00a0")
    elif len(text) > _LONG:
        style += ";white-space:normal;min-width:16rem"
    words = escape(text)
    if link and text.startswith(("https://", "http://")):
        words = f'<a href="{words}" target="_blank" rel="noopener" style="overflow-wrap:anywhere">{words}</a>'
    return f'<td class="drsim-r{rank}" style="text-align:{side};vertical-align:top;padding:3px 7px{style}">{words}</td>'


def side_by_side(key: str, number: int = 2) -> list[DeltaGenerator]:
    """Return columns for charts, which stand below each other where there is no room.

    Args:
        key: of its own on a page.
        number: of columns.
    """
    with st.container(key=f"side-by-side-{key}"):
        return st.columns(number)


def in_columns(key: str, things: Sequence[_Shown], number: int = 2) -> Iterator[tuple[DeltaGenerator, _Shown]]:
    """Yield things to show with the column that each belongs into, row by row.

    Args:
        key: of its own on a page.
        things: what is to be shown.
        number: of columns.
    """
    for k in range(0, len(things), number):
        yield from zip(side_by_side(f"{key}-{k}" if k else key, number), things[k : k + number], strict=False)


def text(text: str) -> None:
    """Show text of a user as it stands."""
    st.html(f'<div style="white-space:pre-wrap">{escape(text)}</div>')


def message(text: str) -> None:
    """Show what went another way than asked for, which may quote a user's text, as it stands."""
    st.warning(plain(text))


def plain(text: str) -> str:
    """Return text as Markdown that shows it as it stands."""
    # after a backslash Markdown takes punctuation for itself
    return re.sub(f"([{re.escape(punctuation)}])", r"\\\1", text)


def heading(text: str, name: str) -> None:
    """Show a heading of drsim's own words with a user's name, as it stands."""
    st.subheader(f"{text}: {plain(name)}", anchor=False)


def small(text: str) -> None:
    """Show, in small print, what may quote a user's text, as it stands."""
    st.caption(plain(text))


def note(text: str) -> None:
    """Show what was done, which may quote a user's text, as it stands."""
    st.success(plain(text))


def command(words: str) -> None:
    """Show the command that repeats what stands above it, to be copied."""
    st.caption("The same on the command line:")
    st.code(words, language=None, wrap_lines=True)


def finding(text: str) -> None:
    """Show a sentence that matters."""
    st.info(plain(text), icon=":material/lightbulb:")


def chart(drawn: Chart, name: str, *, alt: str, zooms: bool = False) -> None:
    """Show a chart to hover over and zoom into, with files of it to take along.

    Args:
        drawn: the chart.
        name: of its files, without ending; one of its own on a page.
        alt: the sentence that says what it shows, for those who cannot see it.
        zooms: whether it can be moved and zoomed.
    """
    st.altair_chart(drawn, width="stretch", key=f"chart-{name}", alt=alt)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if zooms:
            st.caption("Drag to move, Shift and wheel to zoom, double click to go back.")
        # made only when somebody wants it: it takes a moment
        download("PNG", f"{name}.png", lambda: to_png(drawn), kind="tertiary")
        download("SVG", f"{name}.svg", lambda: to_svg(drawn), kind="tertiary")


def download(
    label: str,
    file_name: str,
    data: str | bytes | Callable[[], str | bytes],
    *,
    kind: Literal["primary", "secondary", "tertiary"] = "secondary",
    key: str | None = None,
) -> None:
    """Show a button that saves a file.

    Args:
        label: of the button, in words of drsim's own.
        file_name: with its ending.
        data: its content, or what makes it when the button is pressed.
        kind: of the button.
        key: of the button where another has the same file name.
    """
    ending = file_name.rsplit(".", maxsplit=1)[-1]
    st.download_button(
        label,
        data,
        file_name,
        _MEDIA[ending],
        key=key or f"download-{file_name}",
        on_click="ignore",
        type=kind,
        icon=":material/download:",
    )


def csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV that a spreadsheet opens without taking a name for a formula."""
    return to_csv(frame)


_MEDIA = {
    "csv": "text/csv",
    "html": "text/html",
    "parquet": "application/vnd.apache.parquet",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "yaml": "application/yaml",
    "json": "application/json",
}


def problems(problems: Sequence[Problem], source: str) -> None:
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
