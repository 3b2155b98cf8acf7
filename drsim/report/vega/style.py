"""What all charts have in common: colours with shapes and dashes, axes of time, of money and of shares."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd
import vl_convert

from drsim.units import DAY_S, HOUR_S, MINUTE_S, YEAR_S

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#999999")
"""Okabe and Ito's palette, told apart with every common kind of colour vision; black and yellow are left out, which
cannot be seen on dark and on light pages."""

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "stroke")
DASHES = ([1, 0], [8, 4], [2, 3], [10, 3, 2, 3], [14, 4], [4, 2, 1, 2, 1, 2], [1, 1])

VERDICT_COLOURS = {
    "met": "#009E73",
    "undecided": "#E69F00",
    "breached": "#D55E00",
    "unrecoverable": "#CC79A7",
    "unprotected": "#CC79A7",
    "no-objective": "#999999",
}
"""A colour for each verdict, which stands beside it as a word."""

NEUTRAL = "#888888"
"""Lines and words that belong to no strategy, readable on light and on dark pages."""

Chart = alt.Chart | alt.LayerChart | alt.HConcatChart | alt.VConcatChart | alt.ConcatChart | alt.FacetChart
"""Any chart."""

_TICKS_S = (
    *(1, 10, MINUTE_S, 10 * MINUTE_S, HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S, 180 * DAY_S),
    *(2 * YEAR_S, 10 * YEAR_S),
)
_FINE_TICKS_S = (
    *(1, 2, 5, 10, 20, 30),
    *(k * MINUTE_S for k in (1, 2, 5, 10, 20, 30)),
    *(k * HOUR_S for k in (1, 2, 3, 4, 6, 8, 12, 18)),
    *(k * DAY_S for k in (1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 180)),
    *(k * YEAR_S for k in (1, 2, 3, 5, 10, 20)),
)
"""Times that people use, for axes that reach far and for those that do not."""


def strategy_colour(names: Sequence[str], field: str = "strategy", **options: Any) -> alt.Color:  # noqa: ANN401
    """Return the colours of strategies, the same in all charts that get the same names.

    Args:
        names: all strategies of the study, in the scenario's order.
        field: the column that names them.
        options: for `altair.Color`, such as a legend.
    """
    return alt.Color(f"{field}:N", scale=_scale(names, COLOURS), title="strategy", sort=list(names), **options)


def strategy_shape(names: Sequence[str], field: str = "strategy", **options: Any) -> alt.Shape:  # noqa: ANN401
    """Return the shapes of strategies' points; arguments as for `strategy_colour`."""
    return alt.Shape(f"{field}:N", scale=_scale(names, SHAPES), title="strategy", sort=list(names), **options)


def strategy_dash(names: Sequence[str], field: str = "strategy", **options: Any) -> alt.StrokeDash:  # noqa: ANN401
    """Return the dashes of strategies' lines; arguments as for `strategy_colour`."""
    return alt.StrokeDash(f"{field}:N", scale=_scale(names, DASHES), title="strategy", sort=list(names), **options)


def _scale(names: Sequence[str], values: Sequence[Any]) -> alt.Scale:
    return alt.Scale(domain=list(names), range=[values[k % len(values)] for k in range(len(names))])


def log_time(
    times_s: Iterable[float], *, factor: float = 1.5, reach: tuple[float, float] | None = None
) -> tuple[alt.Scale, alt.Axis]:
    """Return a logarithmic scale of seconds and its axis, whose ticks are times that people use.

    Args:
        times_s: what is to be seen [s]; what is below a second, or not finite, is left out of the range.
        factor: room on either side.
        reach: the range [s] instead of that of the times.
    """
    shown = [t for t in times_s if math.isfinite(t) and t >= 1]
    low, high = reach or ((min(shown) / factor, max(shown) * factor) if shown else (1.0, 10.0))
    coarse, fine = ([tick for tick in ticks if low <= tick <= high] for ticks in (_TICKS_S, _FINE_TICKS_S))
    ticks = coarse if len(coarse) > 3 else fine
    if len(ticks) < 3:  # a narrow range: its own decimals
        ticks = [low * (high / low) ** (k / 4) for k in range(5)]
    axis = alt.Axis(values=ticks, labelExpr=duration_label("datum.value"), labelOverlap="greedy", grid=True)
    return alt.Scale(type="log", domain=[low, high], clamp=True, nice=False), axis


def duration_label(value: str) -> str:
    """Return the Vega expression that writes seconds as people do: `3 h`, `12 d`.

    Args:
        value: the expression of the seconds.
    """
    units = ((YEAR_S, "y"), (DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min"))
    text = f"format({value}, '.2~r') + ' s'"
    for seconds, unit in reversed(units):
        text = f"{value} >= {0.999 * seconds} ? format({value} / {seconds}, '.3~r') + ' {unit}' : {text}"
    return text


def usd_axis(**options: Any) -> alt.Axis:  # noqa: ANN401
    """Return an axis of money with thousands marked; options are those of `altair.Axis`."""
    return alt.Axis(format=",.0f", **options)


def share_axis(**options: Any) -> alt.Axis:  # noqa: ANN401
    """Return an axis of shares in percent; options are those of `altair.Axis`."""
    return alt.Axis(format=".0%", **options)


def zoom(*encodings: Literal["x", "y"]) -> alt.Parameter:
    """Return what lets a chart be moved by dragging and zoomed by Shift and the wheel, which alone scrolls the page.

    Args:
        encodings: the axes that it moves, `x` and `y`; both where left out.
    """
    return alt.selection_interval(bind="scales", encodings=[*encodings] or ["x", "y"], zoom="wheel![event.shiftKey]")


def nothing(text: str) -> alt.Chart:
    """Return a chart of one sentence: why there is nothing to draw."""
    data = pd.DataFrame([{"text": text}])
    words = alt.Chart(data, height=60).mark_text(align="left", x=8, color=NEUTRAL, fontSize=13)
    found: alt.Chart = words.encode(text="text:N")
    return found


_PAPER = {
    "background": "white",
    "font": "Liberation Sans, Arial, Helvetica, sans-serif",
    "view": {"stroke": "#dddddd", "continuousWidth": 640, "continuousHeight": 320},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "gridColor": "#e6e6e6"},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
    "title": {"fontSize": 14, "anchor": "start", "fontWeight": "bold"},
}
"""How a chart looks on paper, and in a file of its own."""


def _on_paper(chart: Chart, width: int | None) -> dict[str, Any]:
    found: dict[str, Any] = chart.to_dict()
    if width is not None and "width" not in found and "hconcat" not in found and "vconcat" not in found:
        found["width"] = width
    found["config"] = _PAPER | found.get("config", {})
    found["padding"] = 12
    return found


def to_svg(chart: Chart, width: int | None = 640) -> str:
    """Return a chart as SVG on white, whose text stays text.

    Args:
        chart: it.
        width: of a chart that names none and is no row or column of charts [pixels].
    """
    text: str = vl_convert.vegalite_to_svg(_on_paper(chart, width))
    return text


def to_png(chart: Chart, width: int | None = 640) -> bytes:
    """Return a chart as a PNG on white, of twice the pixels, for sharp screens and print; arguments as for `to_svg`."""
    content: bytes = vl_convert.vegalite_to_png(_on_paper(chart, width), scale=2)
    return content
