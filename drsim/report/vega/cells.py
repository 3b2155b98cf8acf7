"""Cells of verdicts: strategies across, and words in each cell as its width has room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from drsim.report.vega import style
from drsim.study.verdicts import FAILING

SIGNS = {
    "met": "✓",
    "undecided": "?",
    **dict.fromkeys(FAILING, "✗"),
    "no-objective": "–",
    "unaffected": "○",
}
"""A sign for each verdict, which stands before its word."""

_WORDS = {
    "unrecoverable": "unre-\ncoverable",
    "unprotected": "unpro-\ntected",
    "no-objective": "no\nobjective",
    "unaffected": "un-\naffected",
}
"""Verdicts in narrow cells."""

_ONE_LINE, _SHORT_LINES, _WIDE, _NARROW = 170, 116, 76, 48
"""Widths [pixels] from which a cell has room for all words, in short lines, for the most important ones, and for those
broken; below is a sign alone."""

_TURNED = 58
"""Width of a column [pixels] from which the name above it is not turned."""

_SIDE = 18
"""Letters in a line beside a row."""

_LEVELS = (28, 20, 15, 12, 10, 8)
_LETTER, _LINE = 7.2, 14
"""Letters in a line of a column's heading; width of one and height of a line [pixels], about."""


def verdict_cells(
    strategies: Mapping[str, str],
    field: str,
    names: Mapping[str, str],
    tooltip: Sequence[str],
    width: int | None = None,
) -> list[alt.Chart]:
    """Return the layers of cells, one for each strategy and each name of a field: colours and words of verdicts.

    The rows are data of the chart as a whole.

    Whatever the width, all names are there: in lines that the columns have room for, and turned in very narrow ones.

    Args:
        strategies: in their order, and what stands below their names where these are not turned.
        field: what has a row, `disruption` or `application`.
        names: those of the rows, in their order, and what stands below them.
        tooltip: columns that the pointer tells.
        width: of all cells [pixels], where it is not that of the page.
    """
    band = "bandwidth('x')" if width is None else f"{width / len(strategies):.0f}"
    base = alt.Chart().encode(
        x=alt.X("strategy:N", sort=list(strategies), title=None, axis=_headings(strategies, band)),
        y=alt.Y(
            f"{field}:N",
            sort=list(names),
            title=None,
            axis=alt.Axis(labelExpr=_sides(names), labelBaseline="middle", labelLimit=0, labelOverlap=False),
        ),
        tooltip=[alt.Tooltip(f"{name}:N") for name in tooltip],
    )
    verdicts = list(style.VERDICT_COLOURS)
    colours = alt.Scale(domain=verdicts, range=list(style.VERDICT_COLOURS.values()))
    cells = base.mark_rect(stroke="white", strokeWidth=1).encode(
        color=alt.Color("verdict:N", scale=colours, legend=None)
    )
    text = (
        f"({band} >= {_ONE_LINE} ? datum.text : {band} >= {_SHORT_LINES} ? datum.more : "
        f"{band} >= {_WIDE} ? datum.lines : {band} >= {_NARROW} ? datum.narrow : datum.sign)"
    )
    words = base.mark_text(
        text=alt.ExprRef(text),
        color=alt.ExprRef("datum.ink"),
        lineBreak="\n",
        lineHeight=14,
        fontSize=alt.ExprRef(f"{band} >= {_WIDE} ? 12 : {band} >= {_NARROW} ? 10 : 14"),
        # the middle of all lines in the middle of the cell
        dy=alt.ExprRef(f"7 - 7 * length(split({text}, '\\n'))"),
    )
    return [cells, words]


def cell_words(verdict: str, lines: str, text: str, more: str = "") -> dict[str, str]:
    """Return the words of a cell: where there is room, in lines, in narrow ones, and in very narrow ones.

    Args:
        verdict: of the cell.
        lines: its words in lines, without those that have room in wide cells only.
        text: its words where there is room for all of them.
        more: all its words in short lines; as in `lines` where left out.
    """
    word = verdict.replace("-", " ")
    narrow = lines.replace(word, _WORDS.get(verdict, word))
    return {
        "text": text,
        "more": more or lines,
        "lines": lines,
        "narrow": narrow,
        "sign": SIGNS[verdict],
        "ink": style.VERDICT_INKS[verdict],
    }


def _headings(names: Mapping[str, str], band: str) -> alt.Axis:
    """Return an axis above columns that leaves no name out.

    Args:
        names: of the columns, and what stands below them.
        band: the Vega expression of a column's width [pixels].
    """
    text, below = _heading(names, _LEVELS[-1])
    padding = f"{below}"
    for letters in reversed(_LEVELS[:-1]):
        at_least = f"{band} >= {_LETTER * letters:.0f}"
        heading, room = _heading(names, letters)
        text, padding = f"{at_least} ? {heading} : {text}", f"{at_least} ? {room} : {padding}"
    turned = f"{band} < {_TURNED}"
    return alt.Axis(
        labelExpr=f"{turned} ? datum.label : ({text})",
        labelAngle=alt.ExprRef(f"{turned} ? -90 : 0"),
        labelAlign=alt.ExprRef(f"{turned} ? 'left' : 'center'"),
        labelBaseline=alt.ExprRef(f"{turned} ? 'middle' : 'bottom'"),
        labelPadding=alt.ExprRef(f"{turned} ? 6 : ({padding})"),
        labelLineHeight=_LINE,
        labelLimit=180,
        labelOverlap=False,
        labelFlush=False,
        orient="top",
    )


def _sides(names: Mapping[str, str]) -> str:
    """Return the Vega expression of what stands beside rows: their names, and the lines below."""
    return style.one_of(names, [_lines(name, below, _SIDE) for name, below in names.items()])


def _heading(names: Mapping[str, str], letters: int) -> tuple[str, int]:
    """Return the Vega expression of headings that have as many lines each, and the room below their first [pixels]."""
    lines = [_lines(name, below, letters) for name, below in names.items()]
    most = max(map(len, lines))
    # lines go down from where a heading begins, and the last stands on the column
    filled = [[""] * (most - len(broken)) + broken for broken in lines]
    return style.one_of(names, filled), 6 + _LINE * (most - 1)


def _lines(name: str, below: str, letters: int) -> list[str]:
    """Return a name and what stands below it, in lines of at most so many letters."""
    return [*style.broken(name, letters), *(style.broken(below, letters) if below else ())]
