"""Events of a cloud on a time line: what failed where, for how long."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from drsim.catalogue.events import NOTHING, Event
from drsim.report.vega import style
from drsim.units import HOUR_S

_KINDS = {
    "region-loss": ("Region lost", "#8E1B2E", "cross"),
    "region-outage": ("Region out", style.COLOURS[1], "square"),
    "zone-outage": ("zone out", style.COLOURS[0], "circle"),
    NOTHING: ("counts as nothing", style.COLOURS[6], "triangle-up"),
}
"""What events count as: words, colour and shape."""

_LENGTHS = (1, 6, 24)
"""Lengths in the legend [h]."""
_UNKNOWN_H = 1.0
"""Length as which events are drawn that have none, as hollow marks [h]."""
_NOT_SAID = "not said"
_LANE = 24
"""Height of a Region's lane [pixels]."""


def event_rows(events: Sequence[Event]) -> pd.DataFrame:
    """Return what is drawn: one row an event."""
    rows = [
        {
            "date": event.date.isoformat(),
            "Region": event.region,
            "zone": event.zone or "not named",
            "counts as": _KINDS.get(event.counts, (event.counts,))[0],
            "hours": _LENGTHS[-1]
            if event.counts == "region-loss"
            else _UNKNOWN_H
            if event.lasted_s is None
            else event.lasted_s / HOUR_S,
            "lasted": _NOT_SAID if event.lasted_s is None else f"{event.lasted_s / HOUR_S:.3g} h",
            "what failed": event.failed,
        }
        for event in events
    ]
    return pd.DataFrame(rows)


def events_chart(events: Sequence[Event]) -> style.Chart:
    """Return a time line of events: a lane for each Region, those with most events first.

    Args:
        events: from the oldest on.
    """
    if not events:
        return style.nothing("The catalogue lists no events.")
    data = event_rows(events)
    regions = [str(name) for name in data["Region"].value_counts(sort=True).index]
    words, colours, shapes = ([kind[k] for kind in _KINDS.values()] for k in range(3))
    years = (data["date"].min()[:4], str(int(data["date"].max()[:4]) + 1))
    legend = alt.Legend(orient="top", title=None)
    chart = (
        alt.Chart(data)
        .mark_point(strokeWidth=1.5, opacity=1)
        .encode(
            x=alt.X(
                "date:T",
                title=None,
                scale=alt.Scale(domain=[f"{year}-01-01" for year in years]),
                axis=alt.Axis(format="%Y", tickCount="year"),
            ),
            y=alt.Y("Region:N", sort=regions, title=None, axis=alt.Axis(grid=True)),
            stroke=alt.Stroke("counts as:N", scale=alt.Scale(domain=words, range=colours), legend=legend),
            fill=alt.Fill("counts as:N", scale=alt.Scale(domain=words, range=colours), legend=legend),
            fillOpacity=alt.condition(f"datum.lasted == '{_NOT_SAID}'", alt.value(0), alt.value(0.6)),
            shape=alt.Shape("counts as:N", scale=alt.Scale(domain=words, range=shapes), legend=legend),
            size=alt.Size(
                "hours:Q",
                scale=alt.Scale(type="sqrt", domain=[0, 48], range=[30, 700]),
                legend=_lengths_legend(),
            ),
            tooltip=_tooltip(),
        )
    )
    lanes: alt.Chart = chart.properties(height=_LANE * len(regions))
    return lanes


def _lengths_legend() -> alt.Legend:
    """Return what sizes mean, below the lanes: beside the kinds its title would run into them in a wider font."""
    grey = style.COLOURS[6]
    return alt.Legend(
        orient="bottom",
        title="lasted [h], hollow where not said",
        titleOrient="left",
        titleLimit=0,
        titlePadding=16,
        values=list(_LENGTHS),
        symbolFillColor=grey,
        symbolStrokeColor=grey,
    )


def _tooltip() -> list[alt.Tooltip]:
    """Return what is shown of an event where one points at it."""
    return [alt.Tooltip(f"{name}:N") for name in ("date", "Region", "zone", "counts as", "lasted", "what failed")]
