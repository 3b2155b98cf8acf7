"""The past of an incident as a chart: what there was to recover from when the service stopped."""

from __future__ import annotations

import math
from typing import Literal

import altair as alt
import pandas as pd

from drsim.report.timeline import Mark, Timeline
from drsim.report.vega import style
from drsim.report.vega.moments import HEAD_LANE, LANE_GRID, TITLE_LETTERS, Moment, moment_lines, one_line, text_tooltips
from drsim.study.remains import SourceFate
from drsim.units import DAY_S, HOUR_S, format_duration

_LABEL = "#2E86C9"
"""Of words about what was used: blue, readable on light and on dark pages."""

_USED, _USABLE = "used", "usable"

_FATES = {
    SourceFate.USED: _USED,
    SourceFate.ABANDONED: _USED,
    **dict.fromkeys((SourceFate.SPARE, SourceFate.NOT_NEEDED, SourceFate.OLDER, SourceFate.SLOWER), _USABLE),
    SourceFate.USELESS: "tried, useless",
    SourceFate.TOO_NEW: "too new: contaminated",
    SourceFate.IN_FLIGHT: "in flight",
    SourceFate.EXPIRED: "expired",
    SourceFate.GONE: "expired",
    SourceFate.NEVER: "failed",
    SourceFate.FAILED: "failed",
    SourceFate.LOST: "lost with its place",
    SourceFate.LOST_REPLICA: "lost with its place",
}

_LOOKS = {
    _USED: ("#0072B2", "diamond"),
    _USABLE: ("#009E73", "circle"),
    "tried, useless": ("#CC79A7", "triangle-down"),
    "too new: contaminated": ("#D55E00", "cross"),
    "in flight": ("#E69F00", "triangle-right"),
    "expired": ("#999999", "square"),
    "failed": ("#999999", "M-1,-0.35H1V0.35H-1Z"),
    "lost with its place": ("#CC79A7", "triangle-up"),
    "out of reach": ("#56B4E9", "triangle-left"),
}
"""Colour and shape of each class of fates."""


def past_chart(timeline: Timeline, resource: str, rpo_s: float | None = None) -> style.Chart:
    """Return what a resource could have been recovered from when the service stopped, by the place where it lies.

    Args:
        timeline: the incident.
        resource: one of `timeline.resources`.
        rpo_s: the objective for the data loss [s], drawn as a line; None where there is none.
    """
    marks = [mark for mark in timeline.marks if mark.resource == resource]
    if not marks:
        return style.nothing(f"Nothing protects {resource}: there was no recovery point.")
    reach = reach_s(timeline, marks)
    unit, length = ("h", HOUR_S) if reach <= 4 * DAY_S else ("d", DAY_S)
    rows = _within(mark_rows(timeline, marks, length), reach / length)
    lanes = [HEAD_LANE, *dict.fromkeys(sorted(rows["lane"]))]
    y = alt.Y(
        "lane:N", sort=lanes, scale=alt.Scale(domain=lanes), title=None, axis=alt.Axis(labelLimit=260, **LANE_GRID)
    )
    scale = alt.Scale(domain=[-reach / length, 0.06 * reach / length], nice=False)
    axis = alt.Axis(labelExpr="format(abs(datum.value), '.3~r')", tickCount=8)
    x = alt.X("at:Q", title=f"time before the service stopped [{unit}]", scale=scale, axis=axis)
    classes = [name for name in _LOOKS if name in set(rows["class"])]
    colour = alt.Color(
        "class:N",
        scale=alt.Scale(domain=classes, range=[_LOOKS[name][0] for name in classes]),
        title=None,
        legend=style.legend(classes, symbolOpacity=1),
    )
    shape = alt.Shape(
        "class:N", scale=alt.Scale(domain=classes, range=[_LOOKS[name][1] for name in classes]), title=None
    )
    tooltip = text_tooltips("place", "made by", "data of", "available", "expires", "fate", "jobs")
    base = alt.Chart(rows).encode(y=y, tooltip=tooltip)
    lasting = base.transform_filter("datum.until > datum.since").mark_bar(height=7, opacity=0.45, clip=True)
    bars = lasting.encode(
        x=alt.X("since:Q", scale=scale, axis=axis, title=f"time before the service stopped [{unit}]"),
        x2=alt.X2("until:Q"),
        color=colour,
    )
    points = base.mark_point(filled=True, opacity=1, clip=True, strokeWidth=2).encode(
        x=x, color=colour, shape=shape, size=alt.Size("size:Q", scale=None)
    )
    layers: list[alt.Chart] = [bars.add_params(style.zoom("x")), points]
    edge = reach / length
    sides: list[tuple[Literal["left", "center", "right"], float, float]] = [
        ("left", -math.inf, -0.75 * edge),
        ("center", -0.75 * edge, -0.25 * edge),
        ("right", -0.25 * edge, math.inf),
    ]
    for align, low, high in sides:
        labelled = rows[(rows["class"] == _USED) & (rows["at"] > low) & (rows["at"] <= high)]
        words = alt.Chart(labelled).mark_text(align=align, dy=-15, fontSize=12, fontWeight="bold", color=_LABEL)
        layers.append(words.encode(x=x, y=y, text=alt.Text("label:N")))
    layers += _moments(timeline, rpo_s, reach, length, scale)
    title = style.title(
        f"What {resource} could be recovered from", *_beside(timeline, marks, reach), letters=TITLE_LETTERS
    )
    return style.layered(*layers, title=title, height=alt.Step(48), autosize=style.FIT)


def _within(rows: pd.DataFrame, reach: float) -> pd.DataFrame:
    """Return the marks of lanes and classes of which something is within reach: no empty lane, nothing to explain."""
    visible = rows[rows["until"].clip(lower=rows["at"]) >= -reach]
    return rows[rows["lane"].isin(visible["lane"]) & rows["class"].isin(visible["class"])]


def _beside(timeline: Timeline, marks: list[Mark], reach: float) -> list[str]:
    """Return how to read the chart of the past, and what it does not show."""
    lines = ["symbol: moment of the data; bar: until it could be used, or the moments that can be restored"]
    if -timeline.contaminated_s > reach:
        lines.append(f"contamination {format_duration(-timeline.contaminated_s)} before, left of the chart")
    older = sum(_moment(mark) < -reach for mark in marks)
    if older:
        lines.append(f"{older} older to the left")
    skipped = sum(mark.skipped for mark in marks)
    if skipped:
        lines.append(f"{skipped} run{'s' * (skipped > 1)} between not drawn")
    return [lines[0], "; ".join(lines[1:])] if lines[1:] else lines


def _moments(timeline: Timeline, rpo_s: float | None, reach: float, length: float, scale: alt.Scale) -> list[alt.Chart]:
    """Return the lines of the stop, of the contamination and of the objective, with words in the lane at the top."""
    moments: list[Moment] = [(0.0, "service stops", [1, 0])]
    if -reach <= timeline.contaminated_s < 0:
        words = f"contamination, {format_duration(-timeline.contaminated_s)} before"
        moments.append((timeline.contaminated_s / length, words, [2, 3]))
    if rpo_s is not None and rpo_s <= reach:
        moments.append((-rpo_s / length, f"RPO {format_duration(rpo_s)}", [6, 3]))
    return moment_lines(moments, -0.6 * reach / length, alt.X("begins:Q", scale=scale))


def reach_s(timeline: Timeline, marks: list[Mark]) -> float:
    """Return how far back the chart of the past reaches [s].

    Well beyond what was used, to the oldest point where nothing was, and to the contamination where that is not far.
    """
    ages = [-_moment(mark) for mark in marks]
    used = [-_moment(mark) for mark in marks if mark.is_used]
    reach = max([*ages, HOUR_S])
    if used:
        reach = max(min(reach, 4.5 * max(used)), HOUR_S)
    if -timeline.contaminated_s <= 4 * reach:
        reach = max(reach, -timeline.contaminated_s)
    return 1.12 * reach


def _moment(mark: Mark) -> float:
    """Return where a point is drawn [s after the stop of service]: at its data, or where its job should have begun."""
    return mark.scheduled_s if math.isnan(mark.captured_s) else mark.captured_s


def mark_rows(timeline: Timeline, marks: list[Mark], unit_s: float) -> pd.DataFrame:
    """Return what there was to recover a resource from, one row each.

    Args:
        timeline: the incident.
        marks: of one resource.
        unit_s: of the axis [s].
    """
    rows = []
    for mark in marks:
        kind = fate_class(mark.fate)
        at = _moment(mark)
        since, until = (at, min(mark.available_s, 0.0)) if mark.kind == "point" else (mark.from_s, at)
        if math.isinf(mark.available_s):
            until = since  # it never came to that
        rows.append(
            {
                "lane": one_line(mark.place if mark.kind == "point" else f"{mark.place}: {mark.kind}"),
                "place": mark.place,
                "made by": mark.rule,
                "class": kind,
                "at": at / unit_s,
                "since": since / unit_s,
                "until": until / unit_s,
                "size": 190.0 if kind == _USED else 70.0,
                "label": f"{mark.fate}: {format_duration(-at)} before",
                "data of": _data_of(timeline, mark),
                "available": "never" if math.isinf(mark.available_s) else f"{timeline.utc(mark.available_s)} UTC",
                "expires": "never" if math.isinf(mark.expires_s) else f"{timeline.utc(mark.expires_s)} UTC",
                "fate": mark.fate.value,
                "jobs": mark.waits or "–",
            }
        )
    return pd.DataFrame(rows)


def _data_of(timeline: Timeline, mark: Mark) -> str:
    """Return the moment whose data something holds, in words."""
    if math.isnan(mark.captured_s):
        return f"none; scheduled {timeline.utc(mark.scheduled_s)} UTC"
    before = format_duration(-mark.captured_s)
    if mark.from_s < mark.captured_s:
        return f"any moment from {timeline.utc(mark.from_s)} to {timeline.utc(mark.captured_s)} UTC, {before} before"
    return f"{timeline.utc(mark.captured_s)} UTC, {before} before"


def fate_class(fate: SourceFate) -> str:
    """Return the class that a fate of `drsim.study.remains` is drawn as."""
    return _FATES.get(fate, "out of reach")
