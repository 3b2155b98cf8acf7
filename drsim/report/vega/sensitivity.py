"""Tornado charts: how far each input moves a measure, those that move it most on top."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from drsim.report.sensitivity import MEASURES, figure, finding
from drsim.report.tables import records
from drsim.report.vega import style
from drsim.study import measures
from drsim.study.sensitivity import RANKED, Sensitivity, ranked

MOST = 12
"""Inputs in a chart; the others are in the table."""

_ENDS = {"low": "#0072B2", "high": "#D55E00"}
_INKS = {"low": "#FFFFFF", "high": "#111111"}
"""Of words on a bar: each is told from its colour by a contrast of 4.8 at least."""

_AXES = {
    **{measure.column: f"{measure.words}, p95" for measure in measures.MEASURES},
    "p_unrecoverable": "probability of no recovery",
    "usd_per_month": "steady cost [USD/month]",
    "usd_per_year": "expected yearly loss [USD/year]",
}
_ROOM = 0.34
"""Room for words on either side of the bars, as a share of what they span."""


def tornado(sensitivity: Sensitivity, measure: str) -> style.Chart:
    """Return how far inputs move a measure from its value with all of them as they are, which is the line.

    An input has two bars, one below the other: to what is measured at its low end, and at its high end. Beside each
    stands the input's value. A bar that runs out of the chart ends in a state instead of a figure.

    Args:
        sensitivity: of a study.
        measure: one of `drsim.report.sensitivity.MEASURES`.
    """
    rows = tornado_rows(sensitivity, measure)
    if rows.empty:
        return style.nothing(finding(sensitivity, measure))
    low, high = float(rows["from"].iloc[0]), float(rows["to"].iloc[0])
    x = alt.X(
        "value:Q",
        title=f"{_AXES[measure]}, {sensitivity.strategy if measure == 'usd_per_month' else sensitivity.subject}",
        scale=alt.Scale(domain=[low, high], nice=False, zero=False, clamp=True),
        axis=_axis(measure, low, high),
    )
    names = list(dict.fromkeys(rows["lines"]))
    label = "split(datum.label, '\\n')"
    y = alt.Y(
        "lines:N",
        sort=names,
        title=None,
        axis=alt.Axis(labelExpr=label, labelLimit=250, labelLineHeight=13, labelFontSize=11, ticks=False),
    )
    offset = alt.YOffset("end:N", sort=list(_ENDS))
    tooltip = [
        alt.Tooltip(f"{name}:N") for name in ("input", "end", "value of the input", "measured", "as it is", "basis")
    ]
    base = alt.Chart(rows).encode(y=y, yOffset=offset)
    colour = alt.Color(
        "end:N",
        title="input at its",
        scale=alt.Scale(domain=list(_ENDS), range=list(_ENDS.values())),
        legend=alt.Legend(orient="top"),
    )
    bars = base.mark_bar(height={"band": 0.8}).encode(x=x, x2=alt.X2("base:Q"), color=colour, tooltip=tooltip)
    look: dict[str, Any] = {"fontSize": 11, "limit": 190, "dy": 2}  # to the middle of the bar
    ink = alt.Color("ink:N", scale=None)
    left, right = (alt.Chart(rows[rows["side"] == side]) for side in ("left", "right"))
    words = [
        marked.encode(x=x, y=y, yOffset=offset, color=ink, text=alt.Text("label:N"), tooltip=tooltip)
        for marked in (left.mark_text(align="right", dx=-5, **look), right.mark_text(align="left", dx=5, **look))
    ]
    line = alt.Chart(rows.head(1)).mark_rule(color=style.NEUTRAL, strokeWidth=1.5).encode(x=alt.X("base:Q"))
    more = len(ranked(sensitivity, measure)) - len(names)
    as_is = f"the line: {rows['as it is'].iloc[0]}, with all inputs as they are"
    title = style.title(
        f"What moves the {MEASURES[measure]}", f"{as_is}; {more} more inputs in the table" if more > 0 else as_is
    )
    return style.layered(bars, *words, line, title=title, height=alt.Step(17))


def tornado_rows(sensitivity: Sensitivity, measure: str) -> pd.DataFrame:
    """Return the bars of a tornado chart, two rows per input; empty where nothing moves the measure."""
    ordered = records(ranked(sensitivity, measure).head(MOST))
    known = [
        float(row[f"{measure}_{end}"])
        for row in ordered
        for end in ("low", "base", "high")
        if row[f"{measure}_{end}"] is not None
    ]
    if not known:
        # from one state to another, without any figure
        known = [0.0, 1.0] if ordered else []
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    # narrower, and neighbouring ticks would read the same
    span = max(high - low, 0.1 * abs(high)) or 1.0
    middle = (low + high) / 2
    domain = middle - (0.5 + _ROOM) * span, middle + (0.5 + _ROOM) * span
    bars = []
    for row in ordered:
        label = sensitivity.labels[row["input"]]
        lines = "\n".join(filter(None, (label.of, label.what)))
        bars += [{**_bar(row, measure, end, domain), "lines": lines} for end in _ENDS]
    return pd.DataFrame(bars)


def _bar(row: dict[str, Any], measure: str, end: str, domain: tuple[float, float]) -> dict[str, Any]:
    value, base = row[f"{measure}_{end}"], row[f"{measure}_base"]
    measured = figure(row, measure, end)
    # what is not recovered runs out of the chart, to the side of the longest times
    to, start = (domain[1] if x is None else float(x) for x in (value, base))
    is_figure = value is not None
    return {
        "input": row["input"],
        "end": end,
        "value": to,
        "base": start,
        "side": "left" if to < start or not is_figure else "right",
        "ink": style.NEUTRAL if is_figure else _INKS[end],
        "label": row[end] if is_figure else f"{row[end]}: {measured}",
        "value of the input": row[end],
        "measured": measured,
        "as it is": figure(row, measure, "base"),
        "basis": row["basis"] + (f" ({row['source']})" if row["source"] else ""),
        "from": domain[0],
        "to": domain[1],
    }


def _axis(measure: str, low: float, high: float) -> alt.Axis:
    """Return an axis with ticks that people use, none of them below zero."""
    if measure in RANKED and measures.measure_of(measure).unit == "bytes":
        label = "datum.value < 0 ? '' : datum.label + 'B'"
        return alt.Axis(format=".3~s", tickCount=5, labelOverlap="greedy", labelExpr=label)
    if measure not in RANKED:
        form = ".3~p" if measure.startswith("p_") else ",.0f"
        return alt.Axis(format=form, tickCount=5, labelOverlap="greedy", labelExpr="datum.value < 0 ? '' : datum.label")
    step = next((s for s in style.STEPS_S if (high - low) / s <= 6), style.STEPS_S[-1])
    first = max(0, math.ceil(low / step))
    ticks = [step * k for k in range(first, math.floor(high / step) + 1)]
    return alt.Axis(values=ticks, labelExpr=style.duration_label("datum.value"), labelOverlap="greedy")
