"""One recovery as a Gantt chart: what went on when after the service stopped, and what decided how long it took."""

from __future__ import annotations

import math
from collections.abc import Mapping

import altair as alt
import pandas as pd

from drsim.report.timeline import AFTER, DISRUPTION, OUTAGE, WAIT, WORK, Lane, Phase, Timeline
from drsim.report.vega import style
from drsim.report.vega.moments import HEAD_LANE, LANE_GRID, TITLE_LETTERS, Moment, moment_lines, one_line, text_tooltips
from drsim.study.measures import DOWNTIME, FULL_PERFORMANCE, OBJECTIVES
from drsim.units import HOUR_S, format_duration

MOST_LANES = 40
"""Lanes that are drawn; the critical ones are always among them."""

_CRITICAL = "►"
_CRITICAL_COLOUR = "#D55E00"
_KINDS = {WORK: "#0072B2", WAIT: "#888888", OUTAGE: "#E69F00", AFTER: "#009E73"}
_OPACITY = {WORK: 0.95, WAIT: 0.12, OUTAGE: 0.8, AFTER: 0.25}
_DASHES = {WORK: [1, 0], WAIT: [4, 3], OUTAGE: [1, 0], AFTER: [2, 2]}
_INK = {WORK: "white", OUTAGE: "#111111", WAIT: style.NEUTRAL, AFTER: style.NEUTRAL}
"""Colours of words on bars, readable there whatever the page is."""
_LETTER = 7.0
"""Width of a letter [pixels], about."""
_PLOT = 520.0
"""Width of the space for bars on a small page [pixels], about."""


def recovery_chart(timeline: Timeline, rto_s: float | None = None, rto_full_s: float | None = None) -> style.Chart:
    """Return what went on after the service stopped, one lane for people, each step and each resource.

    What lies on the critical path has a bold outline and an arrow before its name; waiting is hollow and dashed.

    Args:
        timeline: the incident.
        rto_s: the objective for the downtime [s], drawn as a line; None where there is none.
        rto_full_s: that for the time to full performance [s], likewise.
    """
    if not timeline.lanes:
        return style.nothing(timeline.sentences[0])
    limits = {DOWNTIME: rto_s, FULL_PERFORMANCE: rto_full_s}
    objectives = {measure.objective: limit for measure, limit in limits.items() if limit is not None}
    span = span_s(timeline, *objectives.values()) / HOUR_S
    rows = phase_rows(timeline, span)
    labels = lane_labels(timeline)
    left_out = len(told_lanes(timeline)) - len(labels)
    # what does not occur needs no explanation
    kinds = [kind for kind in _KINDS if kind in set(rows["kind"])]
    y = alt.Y(
        "lane:N",
        sort=[HEAD_LANE, *labels.values()],
        scale=alt.Scale(domain=[HEAD_LANE, *labels.values()]),
        title=None,
        axis=alt.Axis(labelExpr="split(datum.label, '\\n')", labelLimit=300, labelBaseline="middle", **LANE_GRID),
    )
    x = alt.X(
        "begins:Q",
        title="time after the service stopped [h]",
        scale=alt.Scale(domain=[0, span], nice=False),
        axis=alt.Axis(tickCount=8),
    )
    base = alt.Chart(rows).encode(
        y=y, tooltip=text_tooltips("resource", "what", "from", "lasts", "note", "critical path")
    )
    bars = base.mark_bar(height=18, clip=True).encode(
        x=x,
        x2=alt.X2("ends:Q"),
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=[_KINDS[kind] for kind in kinds]),
            title=None,
            legend=alt.Legend(orient="top", padding=0, offset=8),
        ),
        fillOpacity=alt.FillOpacity("opacity:Q", scale=None),
        stroke=alt.Stroke("outline:N", scale=None),
        strokeWidth=alt.StrokeWidth("outline width:Q", scale=None),
        strokeDash=alt.StrokeDash(
            "kind:N", scale=alt.Scale(domain=kinds, range=[_DASHES[kind] for kind in kinds]), legend=None
        ),
    )
    layers: list[alt.Chart] = [bars.add_params(style.zoom("x"))]
    for kind, colour in _INK.items():
        inside = rows[(rows["label"] != "") & (rows["kind"] == kind)]
        words = alt.Chart(inside).mark_text(align="left", dx=5, color=colour, fontSize=11, clip=True)
        layers.append(words.encode(x=x, y=y, text=alt.Text("label:N")))
    layers += _lines(timeline, objectives, span)
    more = f"; {left_out} lanes that do not decide the downtime are not drawn" if left_out else ""
    waiting = "; dashed and hollow: waiting" if WAIT in kinds else ""
    note = f"{_CRITICAL} and bold outline: critical path{waiting}{more}"
    title = style.title(f"Recovery of {timeline.application}", note, letters=TITLE_LETTERS)
    return style.layered(*layers, title=title, height=alt.Step(40))


def _lines(timeline: Timeline, objectives: Mapping[str, float], span_h: float) -> list[alt.Chart]:
    """Return the lines of the moment of use and of objectives, with words.

    Args:
        timeline: the incident.
        objectives: limits by key of the scenario's objectives [s].
        span_h: how far the chart reaches [h].
    """
    moments: list[Moment] = []
    if not math.isnan(timeline.downtime_s):
        moments.append((timeline.downtime_s / HOUR_S, f"usable again: {format_duration(timeline.downtime_s)}", [1, 0]))
    for objective, limit in objectives.items():
        moments.append((limit / HOUR_S, f"{OBJECTIVES[objective]} {format_duration(limit)}", [6, 3]))
    return moment_lines([moment for moment in moments if moment[0] <= span_h], 0.6 * span_h, alt.X("begins:Q"))


def span_s(timeline: Timeline, *limits: float) -> float:
    """Return how far the chart of a recovery reaches [s]: to its end, and to objectives that are not far."""
    ends = [p.ends_s for p in timeline.phases if p.lane != DISRUPTION and p.kind != AFTER]
    ends += [x for x in (timeline.downtime_s,) if not math.isnan(x)]
    span = max(ends, default=timeline.ends_s if math.isfinite(timeline.ends_s) else HOUR_S)
    later = [p.ends_s for p in timeline.phases if p.kind == AFTER]
    span = max([span, *(min(x, 2 * span) for x in later)])
    span = max([span, *(limit for limit in limits if limit <= 2 * span)])
    return 1.06 * max(span, 60.0)


def lane_labels(timeline: Timeline) -> dict[str, str]:
    """Return the lanes to draw, from top to bottom, with name and result in two lines."""
    shown = told_lanes(timeline)
    chosen = [lane for lane in shown if lane.is_critical][:MOST_LANES]
    room = MOST_LANES - len(chosen)
    others = [lane for lane in shown if lane not in chosen]
    # those that could not be recovered explain more than those that could
    others = sorted(others, key=lambda lane: lane.is_done)[:room]
    labels = {}
    for lane in shown:
        if lane in chosen or lane in others:
            sign = f"{_CRITICAL} " if lane.is_critical else ""
            labels[lane.name] = f"{sign}{one_line(lane.name)}" + (f"\n{lane.result}" if lane.result else "")
    return labels


def told_lanes(timeline: Timeline) -> list[Lane]:
    """Return the lanes in which something went on, which decide, or which say why nothing went on."""
    busy = {phase.lane for phase in timeline.phases}
    return [x for x in timeline.lanes if x.name in busy or x.is_critical or not x.is_done]


def phase_rows(timeline: Timeline, span_h: float) -> pd.DataFrame:
    """Return the bars of a recovery, one row each.

    Args:
        timeline: the incident.
        span_h: how far the chart reaches [h].
    """
    labels = lane_labels(timeline)
    rows = [
        _phase_row(timeline, phase, labels[phase.lane], span_h) for phase in timeline.phases if phase.lane in labels
    ]
    columns = [
        *("lane", "resource", "what", "kind", "begins", "ends", "from", "lasts", "note", "critical path"),
        *("opacity", "outline", "outline width", "label"),
    ]
    return pd.DataFrame(rows, columns=columns)


def _phase_row(timeline: Timeline, phase: Phase, lane: str, span_h: float) -> dict[str, object]:
    shown = max(0.0, min(phase.ends_s / HOUR_S, span_h) - phase.begins_s / HOUR_S) / span_h * _PLOT
    return {
        "lane": lane,
        "resource": phase.lane,
        "what": phase.words,
        "kind": phase.kind,
        "begins": phase.begins_s / HOUR_S,
        "ends": phase.ends_s / HOUR_S,
        "from": f"{format_duration(phase.begins_s)} after the stop ({timeline.utc(phase.begins_s)} UTC)",
        "lasts": format_duration(phase.lasts_s),
        "note": phase.note or "–",
        "critical path": "yes" if phase.is_critical else "no",
        "opacity": _OPACITY[phase.kind],
        "outline": _CRITICAL_COLOUR if phase.is_critical else _KINDS[phase.kind],
        "outline width": 3.0 if phase.is_critical else 1.0,
        "label": phase.words if len(phase.words) * _LETTER + 8 < shown else "",
    }
