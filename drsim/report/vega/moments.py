"""Lanes of a chart of one incident, and the lines at its moments, whose words stand in a lane at the top."""

from __future__ import annotations

from typing import Any, Literal

import altair as alt
import pandas as pd

from drsim.report.vega import style

HEAD_LANE = "\u00a0"
"""The lane at the top that has the words of the lines: what lies outside is cut where a chart can be moved."""

LANE_GRID: dict[str, Any] = {
    "grid": True,
    "gridOpacity": {"condition": {"test": f"datum.value == '{HEAD_LANE}'", "value": 0}, "value": 1},
}
"""A line through each lane, but not through the words of the one at the top."""

_WORDS_HEIGHT = 14
"""Height of the words of a line [pixels], about."""

TITLE_LETTERS = 84
"""Letters of a title's notes in a line: these charts are as wide as the page."""


def text_tooltips(*names: str) -> list[alt.Tooltip]:
    """Return columns of text as a tooltip, also where a table is empty."""
    return [alt.Tooltip(f"{name}:N") for name in names]


Moment = tuple[float, str, list[int]]
"""Where a line stands, its words and its dashes."""


def moment_lines(moments: list[Moment], middle: float, x: alt.X) -> list[alt.Chart]:
    """Return vertical lines with words, each in a line of text of its own in the lane at the top.

    Lines begin below the words of those before them, so that none runs through words.

    Args:
        moments: in any order.
        middle: from where on words stand at the left of their line.
        x: the axis, whose field is `begins`.
    """
    at_left = sorted((moment for moment in moments if moment[0] >= middle), reverse=True)
    at_right = sorted(moment for moment in moments if moment[0] < middle)
    layers = []
    for k, (begins, words, dash) in enumerate([*at_left, *at_right]):
        at = pd.DataFrame([{"begins": begins, "words": words}])
        rule = alt.Chart(at).mark_rule(color=style.NEUTRAL, strokeDash=dash, strokeWidth=1.5)
        top = alt.value(_WORDS_HEIGHT * k)
        layers.append(rule.encode(x=x, y=top, y2=alt.value("height")))
        side: Literal["left", "right"] = "right" if begins >= middle else "left"
        text = alt.Chart(at).mark_text(
            align=side, dx=-4 if side == "right" else 4, dy=8, color=style.NEUTRAL, baseline="middle"
        )
        layers.append(text.encode(x=x, y=top, text=alt.Text("words:N")))
    return layers


def one_line(text: str) -> str:
    """Return a text in one line."""
    return " ".join(text.split())
