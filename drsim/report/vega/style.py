"""What all charts have in common: colours with shapes and dashes, axes of time, of money and of shares."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd
import vl_convert

from drsim.study.measures import Measure
from drsim.units import DAY_S, HOUR_S, MINUTE_S, SIZE_BYTES, YEAR_S

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#999999")
"""Okabe and Ito's palette, told apart with every common kind of colour vision; black and yellow are left out, which
cannot be seen on dark and on light pages."""

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "stroke")
DASHES = ([1, 0], [8, 4], [2, 3], [10, 3, 2, 3], [14, 4], [4, 2, 1, 2, 1, 2], [1, 1])

VERDICT_COLOURS = {
    "met": "#009E73",
    "undecided": "#E69F00",
    "breached": "#D55E00",
    "unrecoverable": "#8E1B2E",
    "unprotected": "#8E1B2E",
    "no-objective": "#999999",
    "unaffected": "#C5D5E6",
}
"""A colour for each verdict, which stands beside it as a word: green, yellow and, as in tables, reds for all that is
bad; greys where nothing is asked, a bluish one where nothing is reached. They differ in lightness, too, and so for
those who cannot tell red from green."""

VERDICT_INKS = dict.fromkeys(VERDICT_COLOURS, "#111111") | dict.fromkeys(("unrecoverable", "unprotected"), "#FFFFFF")
"""The colour of words on each, readable whatever the page is."""

NEUTRAL = "#888888"
"""Lines and words that belong to no strategy, readable on light and on dark pages."""

FIT = alt.AutoSizeParams(type="fit", contains="padding", resize=True)
"""For charts whose axes change with their width: laid out once more when it is known."""

Chart = alt.Chart | alt.LayerChart | alt.HConcatChart | alt.VConcatChart | alt.ConcatChart | alt.FacetChart
"""Any chart."""

_TICKS_S = (
    *(1, 10, MINUTE_S, 10 * MINUTE_S, HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S, 180 * DAY_S),
    *(2 * YEAR_S, 10 * YEAR_S),
)
_FINE_TICKS_S = (
    *(1, 2, 5, 10, 20, 30),
    *(k * MINUTE_S for k in (1, 2, 5, 10, 20, 30)),
    *(k * HOUR_S for k in (1, 2, 3, 6, 12)),
    *(k * DAY_S for k in (1, 2, 3, 7, 14, 30, 60, 180)),
    *(k * YEAR_S for k in (1, 2, 3, 5, 10, 20)),
)
"""Times that people use, for axes that reach far and for those that do not."""

STEPS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(k * MINUTE_S for k in (1, 2, 5, 10, 15, 30)),
    *(k * HOUR_S for k in (1, 2, 3, 6, 12)),
    *(k * DAY_S for k in (1, 2, 5, 10, 30, 60, 180)),
    *(k * YEAR_S for k in (1, 2, 5, 10)),
)
"""Distances between two times that people use."""

_UNITS = ((YEAR_S, "y"), (DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min"))
_LEGEND_LETTER, _LEGEND_SYMBOL = 6.6, 44
"""Widths in a legend [pixels], about."""
_NARROW = 250
"""Space for what a narrow chart draws [pixels], about."""
_LETTERS = 56
"""Letters of a title's notes in a line, which have room in the narrowest charts."""


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
    times_s: Iterable[float],
    *,
    factor: float = 1.5,
    reach: tuple[float, float] | None = None,
    zero_s: float | None = None,
) -> tuple[alt.Scale, alt.Axis]:
    """Return a logarithmic scale of seconds and its axis, whose ticks are times that people use.

    Args:
        times_s: what is to be seen [s]; what is below a second, or not finite, is left out of the range.
        factor: room on either side.
        reach: the range [s] instead of that of the times.
        zero_s: where zero is drawn [s], left of all other times; its tick says `0`. None where there is no zero.
    """
    shown = [t for t in times_s if math.isfinite(t) and t >= 1]
    low, high = reach or ((min(shown) / factor, max(shown) * factor) if shown else (1.0, 10.0))
    label = duration_label("datum.value")
    if zero_s is None:
        ticks, unit = _log_ticks(low, high)
        if unit is not None:
            label = f"format(datum.value / {unit[0]}, '.3~r') + ' {unit[1]}'"
    else:
        # between zero and the least of the others lies nothing that an axis could measure
        ticks = [zero_s, *(t for t in _log_ticks(low, high)[0] if t >= 3 * zero_s)]
        low = min(low, zero_s / factor)
        label = f"datum.value <= {1.001 * zero_s} ? '0' : {label}"
    axis = alt.Axis(values=ticks, labelExpr=label, labelOverlap="greedy", grid=True)
    return alt.Scale(type="log", domain=[low, high], clamp=True, nice=False), axis


def _log_ticks(low: float, high: float) -> tuple[list[float], tuple[float, str] | None]:
    """Return ticks between two times [s], and the unit of all of them where the range is narrow."""
    coarse, fine = ([tick for tick in ticks if low <= tick <= high] for ticks in (_TICKS_S, _FINE_TICKS_S))
    if len(coarse) > 3 or len(fine) >= 3:
        return (coarse if len(coarse) > 3 else fine), None
    # a narrow range: multiples of the longest step that leaves three
    for step in reversed((0.1, 0.2, 0.5, *STEPS_S)):
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first >= 2:
            unit = next((candidate for candidate in _UNITS if candidate[0] <= step), (1.0, "s"))
            return [float(step * k) for k in range(first, last + 1)], unit
    return [low * (high / low) ** (k / 4) for k in range(5)], None


def log_size(sizes: Iterable[float], *, factor: float = 1.5, zero: float | None = None) -> tuple[alt.Scale, alt.Axis]:
    """Return a logarithmic scale of bytes and its axis, as `log_time` does of seconds.

    Args:
        sizes: what is to be seen [bytes]; what is below a byte, or not finite, is left out of the range.
        factor: room on either side.
        zero: where zero is drawn [bytes], left of all other sizes; its tick says `0`. None where there is no zero.
    """
    shown = [size for size in sizes if math.isfinite(size) and size >= 1]
    low, high = (min(shown) / factor, max(shown) * factor) if shown else (1.0, 10.0)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < _FEW_DECADES else (1,)
    ticks = [tick for k in decades for step in steps if low <= (tick := step * 10.0**k) <= high]
    if len(ticks) < 2:
        ticks = [low * (high / low) ** (k / 4) for k in range(5)]
    label = "format(datum.value, '.3~r') + ' B'"
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        size = SIZE_BYTES[unit]
        label = f"datum.value >= {0.999 * size} ? format(datum.value / {size}, '.3~r') + ' {unit}' : {label}"
    if zero is not None:
        ticks = [zero, *(tick for tick in ticks if tick >= 3 * zero)]
        low = min(low, zero / factor)
        label = f"datum.value <= {1.001 * zero} ? '0' : {label}"
    axis = alt.Axis(values=ticks, labelExpr=label, labelOverlap="greedy", grid=True)
    return alt.Scale(type="log", domain=[low, high], clamp=True, nice=False), axis


_FEW_DECADES = 1000
"""How far apart the ends of an axis of sizes are, at least, where ticks at powers of ten are enough."""


def log_axis(measure: Measure, values: Iterable[float], zero: float | None = None) -> tuple[alt.Scale, alt.Axis]:
    """Return a logarithmic scale and axis of what a measure counts [s or bytes]; `zero` is as for `log_size`."""
    return log_size(values, zero=zero) if measure.unit == "bytes" else log_time(values, zero_s=zero)


def duration_label(value: str) -> str:
    """Return the Vega expression that writes seconds as people do: `3 h`, `12 d`.

    Args:
        value: the expression of the seconds.
    """
    text = f"format({value}, '.2~r') + ' s'"
    for seconds, unit in reversed(_UNITS):
        text = f"{value} >= {0.999 * seconds} ? format({value} / {seconds}, '.3~r') + ' {unit}' : {text}"
    return text


def usd_axis(**options: Any) -> alt.Axis:  # noqa: ANN401
    """Return a horizontal axis of money with thousands marked; options are those of `altair.Axis`."""
    # as many as have room: a million has nine letters
    number = alt.ExprRef("max(2, floor(width / 70))")
    return alt.Axis(
        **{"format": ",.0f", "tickCount": number, "labelOverlap": "parity", "labelSeparation": 12, **options}
    )


def share_axis(**options: Any) -> alt.Axis:  # noqa: ANN401
    """Return an axis of shares in percent; options are those of `altair.Axis`."""
    return alt.Axis(format=".0%", **options)


def zoom(*encodings: Literal["x", "y"]) -> alt.Parameter:
    """Return what lets a chart be moved by dragging and zoomed by Shift and the wheel, which alone scrolls the page.

    Args:
        encodings: the axes that it moves, `x` and `y`; both where left out.
    """
    return alt.selection_interval(bind="scales", encodings=[*encodings] or ["x", "y"], zoom="wheel![event.shiftKey]")


def layered(*layers: alt.Chart, **options: Any) -> alt.LayerChart:  # noqa: ANN401
    """Return layers as one chart without the empty space that pages leave below charts.

    Args:
        layers: from back to front.
        options: for `altair.LayerChart`, such as title and height: given afterwards, each of them copies the chart.
    """
    return alt.LayerChart(
        **{"layer": list(layers), "padding": {"left": 2, "right": 6, "top": 2, "bottom": 2}, **options}
    )


def title(text: str, *notes: str, letters: int = _LETTERS) -> alt.Title:
    """Return a title with notes below it, broken into lines that narrow charts have room for, too.

    Args:
        text: the title.
        notes: what else is to be said; empty ones are left out.
        letters: of the notes in a line.
    """
    lines = [line for note in notes if note for line in broken(note, letters)]
    # a limit of its own, since pages take one from a width that may have changed
    return alt.Title(
        text=broken(text, letters * 2 // 3),
        subtitle=lines,
        subtitleColor=NEUTRAL,
        subtitlePadding=4,
        limit=0,
        offset=14,
    )


def title_height(title: alt.Title) -> int:
    """Return how much higher than a title of one line a title is [pixels], about."""
    spec = title.to_dict(validate=False)
    return 20 * (len(spec["text"]) - 1) + 13 * len(spec["subtitle"])


def broken(text: str, letters: int) -> list[str]:
    """Return a text in lines of at most so many letters, broken at spaces, else after hyphens and the like."""
    lines: list[str] = []
    for word in re.findall(r"\S+\s*", text) or [text]:
        if lines and len(lines[-1]) + len(word.rstrip()) <= letters:
            lines[-1] += word
            continue
        lines.append("")
        for piece in re.findall(r"[^-_./:]*[-_./:]+|[^-_./:]+", word):
            if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > letters:
                lines.append("")
            lines[-1] += piece
            while len(lines[-1].rstrip()) > letters:
                lines[-1:] = [lines[-1][:letters], lines[-1][letters:]]
    return [line.strip() for line in lines]


def broken_label(names: Sequence[str], letters: int) -> str:
    """Return the Vega expression that writes an axis's names in lines of at most so many letters."""
    return one_of(names, [broken(name, letters) for name in names])


def one_of(names: Iterable[str], lines: Sequence[Sequence[str]]) -> str:
    """Return the Vega expression of the lines that an axis writes for each of some names."""
    return f"{json.dumps(lines)}[indexof({json.dumps(list(names))}, datum.value)]"


def legend(names: Sequence[str], **options: Any) -> alt.Legend:  # noqa: ANN401
    """Return a legend below the chart, in as many columns as the longest name leaves; options of `altair.Legend`."""
    columns = alt.ExprRef(f"max(1, floor(width / {_legend_column(names):.0f}))")
    fixed = {
        "orient": "bottom",
        "labelLimit": 300,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "padding": 0,
        "offset": 14,
    }
    return alt.Legend(**{**fixed, "columns": columns, **options})


def legend_height(names: Sequence[str]) -> int:
    """Return the height of a legend where the chart is narrow [pixels], about."""
    columns = max(1, int(_NARROW / _legend_column(names)))
    return 19 * min(8, math.ceil(len(names) / columns))


def _legend_column(names: Sequence[str]) -> float:
    return _LEGEND_LETTER * min(max(map(len, names), default=0), 40) + _LEGEND_SYMBOL


def nothing(text: str, title: alt.Title | None = None) -> alt.Chart:
    """Return a chart of one sentence: why there is nothing to draw."""
    lines = broken(text, _LETTERS)
    data = pd.DataFrame([{"text": "\n".join(lines)}])
    height = 30 + 16 * len(lines) + (0 if title is None else 40)
    words = alt.Chart(data, height=height, title=alt.Undefined if title is None else title).mark_text(
        align="left", x=8, y=12, baseline="top", color=NEUTRAL, fontSize=13, lineBreak="\n", lineHeight=16
    )
    drawn: alt.Chart = words.encode(text=alt.Text("text:N"))
    return drawn


_PAPER = {
    "background": "white",
    "font": "Liberation Sans, Arial, Helvetica, sans-serif",
    "view": {"stroke": "#dddddd", "continuousWidth": 640, "continuousHeight": 320},
    # room for the wider letters of machines that have none of the fonts
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 14,
        "labelSeparation": 10,
        "gridColor": "#e6e6e6",
    },
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "columnPadding": 18},
    "title": {"fontSize": 14, "anchor": "start", "fontWeight": "bold"},
}
"""How a chart looks on paper, and in a file of its own."""


def _on_paper(chart: Chart, width: int | None) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict()
    if width is not None and "width" not in spec and "hconcat" not in spec and "vconcat" not in spec:
        spec["width"] = width
    spec["config"] = _PAPER | spec.get("config", {})
    spec["padding"] = 12
    spec.pop("autosize", None)
    return spec


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
