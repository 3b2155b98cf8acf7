"""Uncertain values of the catalogue, drawn: how probable which time or which throughput is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from drsim.distributions import Distribution
from drsim.report import measurements
from drsim.report.densities import LEAST, density, written
from drsim.report.vega import style
from drsim.study.bands import Band

_TITLES = {
    "duration": "time (logarithmic)",
    "rate": "throughput (logarithmic)",
    "object-rate": "objects a second (logarithmic)",
}
_HEIGHT = 0.5
"""Height of a curve, as a share of the distance between two; below it there is room for the words of the next one."""

_DISTANCE = 56
"""Distance between two curves [pixels]."""

_ABOVE, _BELOW = 0.7, 0.5
"""Room above the first curve and below the last, as shares of the distance between two."""

_AROUND = 124
"""Height of axis and legend [pixels], which a page counts in."""

_MARKS = {
    "median": "median",
    "p95": "95 % are below",
    "p5": "95 % are above",
    "inside": "measured, among nine tenths of what is drawn",
    "outside": "measured, beyond these",
}
"""Marks in words."""


_RISE = 0.1
"""How far above its row a measurement lies, as a share of the distance between two."""

_SHAPES = {"median": "circle", "p95": "triangle-up", "p5": "triangle-up", "inside": "diamond", "outside": "diamond"}
_COLOURS = {
    "median": style.COLOURS[0],
    "p95": style.COLOURS[1],
    "p5": style.COLOURS[1],
    "inside": style.COLOURS[2],
    "outside": style.VERDICT_COLOURS["unrecoverable"],
}


def measured_chart(rows: Sequence[Band]) -> style.Chart:
    """Return published measurements over the densities of what is drawn for them.

    Args:
        rows: measurements of one kind: of times, of throughputs or of objects a second.
    """
    groups = measurements.by_what(rows)
    laws = {name: bands[0].law for name, bands in groups.items()}
    return distribution_chart(laws, rows[0].measurement.kind, measured=groups)


def distribution_chart(
    values: Mapping[str, Distribution], kind: str, measured: Mapping[str, Sequence[Band]] | None = None
) -> style.Chart:
    """Return densities on one logarithmic axis, a curve each, with median and 95th percentile marked.

    For throughputs the 5th percentile is marked instead: there it is the slow end that hurts.

    Args:
        values: distributions by name, in drsim's own words; times [s], throughputs [bytes/s] or objects a second.
        kind: `duration`, `rate` or `object-rate`.
        measured: published measurements by these names, drawn over the curves.
    """
    if not values:
        return style.nothing("No such value is uncertain.")
    marks = mark_rows(values, kind)
    curves = curve_rows(values, kind)
    dots = measured_rows(values, measured or {})
    drawn = pd.concat([frame["value"] for frame in (marks, curves, dots) if len(frame)])
    scale, axis = _axis(kind, float(drawn.min()), float(drawn.max()))
    x = alt.X("value:Q", title=_TITLES[kind], scale=scale, axis=axis)
    names = list(values)
    y_scale = alt.Scale(domain=[len(names) - 1 + _BELOW, -_ABOVE], nice=False, zero=False)
    y_axis = alt.Axis(
        values=list(range(len(names))),
        labelExpr=f"{json.dumps(names)}[datum.value]",
        labelLimit=300,
        grid=False,
        ticks=False,
        domain=False,
        labelBaseline="bottom",
    )
    y = alt.Y("y:Q", scale=y_scale, axis=y_axis, title=None)
    area = (
        alt.Chart(curves)
        .mark_area(color=style.COLOURS[4], opacity=0.55, line={"color": style.COLOURS[0], "strokeWidth": 1})
        .encode(x=x, y=y, y2="row:Q", detail="name:N")
    )
    titles = {"name": "of", "p5": "5 % below", "median": "median", "p95": "95 % below"}
    tooltip = [alt.Tooltip(name, title=title) for name, title in titles.items()]
    legend = alt.Legend(orient="top", labelExpr=f"{json.dumps(_MARKS)}[datum.label]", labelLimit=0)
    domain = [*_shown(kind), *(mark for mark in ("inside", "outside") if mark in set(dots["mark"]))]
    shape = alt.Shape(
        "mark:N", title=None, scale=alt.Scale(domain=domain, range=[_SHAPES[m] for m in domain]), legend=legend
    )
    colour = alt.Color(
        "mark:N", title=None, scale=alt.Scale(domain=domain, range=[_COLOURS[m] for m in domain]), legend=legend
    )
    points = (
        alt.Chart(marks)
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            x=x,
            y=alt.Y("row:Q", scale=y_scale, axis=y_axis, title=None),
            shape=shape,
            color=colour,
            tooltip=tooltip,
        )
    )
    at = alt.Y("row:Q", scale=y_scale, axis=y_axis, title=None)
    # apart, though the marks may be close together
    lower, upper = (alt.Chart(marks[marks["is_lower"] == is_lower]) for is_lower in (True, False))
    words = [
        lower.mark_text(align="right", dx=6, dy=13, color=style.NEUTRAL, fontSize=10).encode(x=x, y=at, text="text:N"),
        upper.mark_text(align="left", dx=-6, dy=13, color=style.NEUTRAL, fontSize=10).encode(x=x, y=at, text="text:N"),
    ]
    layers = [area, points, *words]
    if len(dots):
        said = {"name": "of", "text": "measured", "conditions": "conditions", "source": "source"}
        told = [alt.Tooltip(name, title=title) for name, title in said.items()]
        diamonds = alt.Chart(dots).mark_point(filled=True, size=90, opacity=1, stroke="white", strokeWidth=0.8)
        layers.append(diamonds.encode(x=x, y=y, shape=shape, color=colour, tooltip=told))
    return alt.layer(*layers).properties(height=_DISTANCE * (len(names) - 1 + _ABOVE + _BELOW) + _AROUND)


def _shown(kind: str) -> list[str]:
    return ["median", "p95" if kind == "duration" else "p5"]


def curve_rows(values: Mapping[str, Distribution], kind: str) -> pd.DataFrame:
    """Return the points of the curves: value, height above the row, the row; none for a constant."""
    rows = []
    for row, (name, distribution) in enumerate(values.items()):
        rows += [
            {"name": name, "value": float(v), "y": row - _HEIGHT * float(h), "row": row}
            for v, h in zip(*density(distribution, LEAST[kind]), strict=True)
        ]
    return pd.DataFrame(rows, columns=["name", "value", "y", "row"])


def measured_rows(values: Mapping[str, Distribution], measured: Mapping[str, Sequence[Band]]) -> pd.DataFrame:
    """Return the marks of measurements: the value, the row, whether it lies inside, and what a tooltip says of it."""
    rows = [
        {
            "name": name,
            "y": row - _RISE,
            "value": band.measurement.middle,
            "mark": "inside" if band.is_inside else "outside",
            "text": measurements.value(band.measurement),
            "conditions": band.measurement.conditions,
            "source": band.measurement.publication.title,
        }
        for row, name in enumerate(values)
        for band in measured.get(name, ())
    ]
    return pd.DataFrame(rows, columns=["name", "y", "value", "mark", "text", "conditions", "source"])


def mark_rows(values: Mapping[str, Distribution], kind: str) -> pd.DataFrame:
    """Return median and outer percentile of each value, with the texts that stand beside them."""
    rows = []
    for row, (name, distribution) in enumerate(values.items()):
        at = {word: distribution.quantile(q) for word, q in (("p5", 0.05), ("median", 0.5), ("p95", 0.95))}
        texts = {word: written(value, kind) for word, value in at.items()}
        shown = _shown(kind)[:1] if distribution.is_constant else _shown(kind)
        rows += [
            {"name": name, "row": row, "mark": mark, "value": max(at[mark], LEAST[kind]), "text": texts[mark], **texts}
            | {"is_lower": len(shown) > 1 and mark == min(shown, key=at.__getitem__)}
            for mark in shown
        ]
    return pd.DataFrame(rows)


def _axis(kind: str, low: float, high: float) -> tuple[alt.Scale, alt.Axis]:
    """Return a logarithmic scale with some room, and its axis with ticks in units that people use."""
    if kind == "duration":
        return style.log_time([low, high])
    ends = [low / 1.5, high * 1.5]
    ticks = [10.0**k for k in range(math.ceil(math.log10(ends[0])), math.floor(math.log10(ends[1])) + 1)]
    label = "format(datum.value, ',~g') + ' /s'"
    if kind == "rate":
        sizes = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))
        label = "datum.value + ' B/s'"
        for unit, size in reversed(sizes):
            label = f"datum.value >= {size} ? format(datum.value / {size}, '~g') + ' {unit}/s' : {label}"
    return alt.Scale(type="log", domain=ends, clamp=True, nice=False), alt.Axis(values=ticks, labelExpr=label)
