"""One incident: the recovery as a Gantt chart, and the past that it could be recovered from."""

from __future__ import annotations

import math
from typing import Any, Literal

import altair as alt
import pandas as pd

from drsim.report.timeline import AFTER, DISRUPTION, OUTAGE, WAIT, WORK, Lane, Mark, Phase, Timeline
from drsim.report.vega import style
from drsim.study import explain
from drsim.units import DAY_S, HOUR_S, format_duration

MOST_LANES = 40
"""Lanes that are drawn; the critical ones are always among them."""

_CRITICAL = "►"
_CRITICAL_COLOUR = "#D55E00"
_KINDS = {WORK: "#0072B2", WAIT: "#888888", OUTAGE: "#E69F00", AFTER: "#009E73"}
_OPACITY = {WORK: 0.95, WAIT: 0.12, OUTAGE: 0.8, AFTER: 0.25}
_DASHES = {WORK: [1, 0], WAIT: [4, 3], OUTAGE: [1, 0], AFTER: [2, 2]}
_INK = {WORK: "white", OUTAGE: "#111111", WAIT: style.NEUTRAL, AFTER: style.NEUTRAL}
"""Colours of words on bars, readable there whatever the page is."""
_LABEL = "#2E86C9"
"""Of words about what was used: blue, readable on light and on dark pages."""
_HEAD = "\u00a0"
"""The lane at the top that has the words of the lines: what lies outside is cut where a chart can be moved."""
_GRID: dict[str, Any] = {
    "grid": True,
    "gridOpacity": {"condition": {"test": f"datum.value == '{_HEAD}'", "value": 0}, "value": 1},
}
"""A line through each lane, but not through the words of the one at the top."""
_WORDS_HEIGHT = 14
"""Height of the words of a line [pixels], about."""
_LETTER = 7.0
"""Width of a letter [pixels], about."""
_LETTERS = 84
"""Letters of a title's notes in a line: these charts are as wide as the page."""
_PLOT = 520.0
"""Width of the space for bars on a small page [pixels], about."""

_USED, _USABLE = "used", "usable"
_FATES = {
    explain.USED: _USED,
    explain.ABANDONED: _USED,
    explain.USELESS: "tried, useless",
    explain.TOO_NEW: "too new: contaminated",
    explain.IN_FLIGHT: "in flight",
    explain.EXPIRED: "expired",
    explain.GONE: "expired",
    explain.NEVER: "failed",
    explain.FAILED: "failed",
    explain.LOST: "lost with its place",
    explain.LOST_REPLICA: "lost with its place",
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


def recovery_chart(found: Timeline, rto_s: float | None = None) -> style.Chart:
    """Return what went on after the service stopped, one lane for people, each step and each resource.

    What lies on the critical path has a bold outline and an arrow before its name; waiting is hollow and dashed.

    Args:
        found: the incident.
        rto_s: the objective for the downtime [s], drawn as a line; None where there is none.
    """
    if not found.lanes:
        return style.nothing(found.sentences[0])
    span = span_s(found, rto_s) / HOUR_S
    rows = phase_rows(found, span)
    labels = lane_labels(found)
    left_out = len(told_lanes(found)) - len(labels)
    # what does not occur needs no explanation
    kinds = [kind for kind in _KINDS if kind in set(rows["kind"])]
    y = alt.Y(
        "lane:N",
        sort=[_HEAD, *labels.values()],
        scale=alt.Scale(domain=[_HEAD, *labels.values()]),
        title=None,
        axis=alt.Axis(labelExpr="split(datum.label, '\\n')", labelLimit=300, labelBaseline="middle", **_GRID),
    )
    x = alt.X(
        "begins:Q",
        title="time after the service stopped [h]",
        scale=alt.Scale(domain=[0, span], nice=False),
        axis=alt.Axis(tickCount=8),
    )
    base = alt.Chart(rows).encode(y=y, tooltip=_texts("resource", "what", "from", "lasts", "note", "critical path"))
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
    layers += _lines(found, rto_s, span)
    more = f"; {left_out} lanes that do not decide the downtime are not drawn" if left_out else ""
    waiting = "; dashed and hollow: waiting" if WAIT in kinds else ""
    note = f"{_CRITICAL} and bold outline: critical path{waiting}{more}"
    title = style.title(f"Recovery of {found.application}", note, letters=_LETTERS)
    return style.layered(*layers, title=title, height=alt.Step(40))


def _texts(*names: str) -> list[alt.Tooltip]:
    """Return columns of text as a tooltip, also where a table is empty."""
    return [alt.Tooltip(f"{name}:N") for name in names]


def _lines(found: Timeline, rto_s: float | None, span_h: float) -> list[alt.Chart]:
    """Return the lines of the moment of use and of the objective, with words."""
    moments: list[_Moment] = []
    if not math.isnan(found.downtime_s):
        moments.append((found.downtime_s / HOUR_S, f"usable again: {format_duration(found.downtime_s)}", [1, 0]))
    if rto_s is not None:
        moments.append((rto_s / HOUR_S, f"RTO {format_duration(rto_s)}", [6, 3]))
    return _marked([each for each in moments if each[0] <= span_h], 0.6 * span_h, alt.X("begins:Q"))


_Moment = tuple[float, str, list[int]]
"""Where a line stands, its words and its dashes."""


def _marked(moments: list[_Moment], middle: float, x: alt.X) -> list[alt.Chart]:
    """Return vertical lines with words, each in a line of text of its own in the lane at the top.

    Lines begin below the words of those before them, so that none runs through words.

    Args:
        moments: in any order.
        middle: from where on words stand at the left of their line.
        x: the axis, whose field is `begins`.
    """
    at_left = sorted((each for each in moments if each[0] >= middle), reverse=True)
    at_right = sorted(each for each in moments if each[0] < middle)
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


def span_s(found: Timeline, rto_s: float | None = None) -> float:
    """Return how far the chart of a recovery reaches [s]: to its end, and to the objective where that is not far."""
    ends = [p.ends_s for p in found.phases if p.lane != DISRUPTION and p.kind != AFTER]
    ends += [x for x in (found.downtime_s,) if not math.isnan(x)]
    span = max(ends, default=found.ends_s if math.isfinite(found.ends_s) else HOUR_S)
    later = [p.ends_s for p in found.phases if p.kind == AFTER]
    span = max([span, *(min(x, 2 * span) for x in later)])
    if rto_s is not None and rto_s <= 2 * span:
        span = max(span, rto_s)
    return 1.06 * max(span, 60.0)


def lane_labels(found: Timeline) -> dict[str, str]:
    """Return the lanes to draw, from top to bottom, with name and result in two lines."""
    shown = told_lanes(found)
    chosen = [lane for lane in shown if lane.is_critical][:MOST_LANES]
    room = MOST_LANES - len(chosen)
    others = [lane for lane in shown if lane not in chosen]
    # those that could not be recovered explain more than those that could
    others = sorted(others, key=lambda lane: lane.result.startswith("done"))[:room]
    labels = {}
    for lane in shown:
        if lane in chosen or lane in others:
            sign = f"{_CRITICAL} " if lane.is_critical else ""
            labels[lane.name] = f"{sign}{_one_line(lane.name)}" + (f"\n{lane.result}" if lane.result else "")
    return labels


def told_lanes(found: Timeline) -> list[Lane]:
    """Return the lanes in which something went on, which decide, or which say why nothing went on."""
    busy = {phase.lane for phase in found.phases}
    return [x for x in found.lanes if x.name in busy or x.is_critical or not x.result.startswith("done")]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def phase_rows(found: Timeline, span_h: float) -> pd.DataFrame:
    """Return the bars of a recovery, one row each.

    Args:
        found: the incident.
        span_h: how far the chart reaches [h].
    """
    labels = lane_labels(found)
    rows = [_phase_row(found, phase, labels[phase.lane], span_h) for phase in found.phases if phase.lane in labels]
    columns = [
        *("lane", "resource", "what", "kind", "begins", "ends", "from", "lasts", "note", "critical path"),
        *("opacity", "outline", "outline width", "label"),
    ]
    return pd.DataFrame(rows, columns=columns)


def _phase_row(found: Timeline, phase: Phase, lane: str, span_h: float) -> dict[str, object]:
    shown = max(0.0, min(phase.ends_s / HOUR_S, span_h) - phase.begins_s / HOUR_S) / span_h * _PLOT
    return {
        "lane": lane,
        "resource": phase.lane,
        "what": phase.words,
        "kind": phase.kind,
        "begins": phase.begins_s / HOUR_S,
        "ends": phase.ends_s / HOUR_S,
        "from": f"{format_duration(phase.begins_s)} after the stop ({found.utc(phase.begins_s)} UTC)",
        "lasts": format_duration(phase.lasts_s),
        "note": phase.note or "–",
        "critical path": "yes" if phase.is_critical else "no",
        "opacity": _OPACITY[phase.kind],
        "outline": _CRITICAL_COLOUR if phase.is_critical else _KINDS[phase.kind],
        "outline width": 3.0 if phase.is_critical else 1.0,
        "label": phase.words if len(phase.words) * _LETTER + 8 < shown else "",
    }


def past_chart(found: Timeline, resource: str, rpo_s: float | None = None) -> style.Chart:
    """Return what a resource could have been recovered from when the service stopped, by the place where it lies.

    Args:
        found: the incident.
        resource: one of `found.resources`.
        rpo_s: the objective for the data loss [s], drawn as a line; None where there is none.
    """
    marks = [mark for mark in found.marks if mark.resource == resource]
    if not marks:
        return style.nothing(f"Nothing protects {resource}: there was no recovery point.")
    reach = reach_s(found, marks)
    unit, length = ("h", HOUR_S) if reach <= 4 * DAY_S else ("d", DAY_S)
    rows = _within(mark_rows(found, marks, length), reach / length)
    lanes = [_HEAD, *dict.fromkeys(sorted(rows["lane"]))]
    y = alt.Y("lane:N", sort=lanes, scale=alt.Scale(domain=lanes), title=None, axis=alt.Axis(labelLimit=260, **_GRID))
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
    tooltip = _texts("place", "made by", "data of", "available", "expires", "fate", "jobs")
    base = alt.Chart(rows).encode(y=y, tooltip=tooltip)
    made = base.transform_filter("datum.until > datum.since").mark_bar(height=7, opacity=0.45, clip=True)
    bars = made.encode(
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
        own = rows[(rows["class"] == _USED) & (rows["at"] > low) & (rows["at"] <= high)]
        words = alt.Chart(own).mark_text(align=align, dy=-15, fontSize=12, fontWeight="bold", color=_LABEL)
        layers.append(words.encode(x=x, y=y, text=alt.Text("label:N")))
    layers += _moments(found, rpo_s, reach, length, scale)
    title = style.title(f"What {resource} could be recovered from", *_beside(found, marks, reach), letters=_LETTERS)
    return style.layered(*layers, title=title, height=alt.Step(48), autosize=style.FIT)


def _within(rows: pd.DataFrame, reach: float) -> pd.DataFrame:
    """Return the marks of lanes and classes of which something is within reach: no empty lane, nothing to explain."""
    seen = rows[rows["until"].clip(lower=rows["at"]) >= -reach]
    return rows[rows["lane"].isin(seen["lane"]) & rows["class"].isin(seen["class"])]


def _beside(found: Timeline, marks: list[Mark], reach: float) -> list[str]:
    """Return how to read the chart of the past, and what it does not show."""
    lines = ["symbol: moment of the data; bar: until it could be used, or the moments that can be restored"]
    if -found.contaminated_s > reach:
        lines.append(f"contamination {format_duration(-found.contaminated_s)} before, left of the chart")
    older = sum(_moment(mark) < -reach for mark in marks)
    if older:
        lines.append(f"{older} older to the left")
    skipped = sum(mark.skipped for mark in marks)
    if skipped:
        lines.append(f"{skipped} run{'s' * (skipped > 1)} between not drawn")
    return [lines[0], "; ".join(lines[1:])] if lines[1:] else lines


def _moments(found: Timeline, rpo_s: float | None, reach: float, length: float, scale: alt.Scale) -> list[alt.Chart]:
    """Return the lines of the stop, of the contamination and of the objective, with words in the lane at the top."""
    moments: list[_Moment] = [(0.0, "service stops", [1, 0])]
    if -reach <= found.contaminated_s < 0:
        words = f"contamination, {format_duration(-found.contaminated_s)} before"
        moments.append((found.contaminated_s / length, words, [2, 3]))
    if rpo_s is not None and rpo_s <= reach:
        moments.append((-rpo_s / length, f"RPO {format_duration(rpo_s)}", [6, 3]))
    return _marked(moments, -0.6 * reach / length, alt.X("begins:Q", scale=scale))


def reach_s(found: Timeline, marks: list[Mark]) -> float:
    """Return how far back the chart of the past reaches [s].

    Well beyond what was used, to the oldest point where nothing was, and to the contamination where that is not far.
    """
    ages = [-_moment(mark) for mark in marks]
    used = [-_moment(mark) for mark in marks if mark.is_used]
    reach = max([*ages, HOUR_S])
    if used:
        reach = max(min(reach, 4.5 * max(used)), HOUR_S)
    if -found.contaminated_s <= 4 * reach:
        reach = max(reach, -found.contaminated_s)
    return 1.12 * reach


def _moment(mark: Mark) -> float:
    """Return where a point is drawn [s after the stop of service]: at its data, or where its job should have begun."""
    return mark.scheduled_s if math.isnan(mark.captured_s) else mark.captured_s


def mark_rows(found: Timeline, marks: list[Mark], unit_s: float) -> pd.DataFrame:
    """Return what there was to recover a resource from, one row each.

    Args:
        found: the incident.
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
                "lane": _one_line(mark.place if mark.kind == "point" else f"{mark.place}: {mark.kind}"),
                "place": mark.place,
                "made by": mark.rule,
                "class": kind,
                "at": at / unit_s,
                "since": since / unit_s,
                "until": until / unit_s,
                "size": 190.0 if kind == _USED else 70.0,
                "label": f"{mark.fate}: {format_duration(-at)} before",
                "data of": _data_of(found, mark),
                "available": "never" if math.isinf(mark.available_s) else f"{found.utc(mark.available_s)} UTC",
                "expires": "never" if math.isinf(mark.expires_s) else f"{found.utc(mark.expires_s)} UTC",
                "fate": mark.fate,
                "jobs": mark.waits or "–",
            }
        )
    return pd.DataFrame(rows)


def _data_of(found: Timeline, mark: Mark) -> str:
    """Return the moment whose data something holds, in words."""
    if math.isnan(mark.captured_s):
        return f"none; scheduled {found.utc(mark.scheduled_s)} UTC"
    before = format_duration(-mark.captured_s)
    if mark.from_s < mark.captured_s:
        return f"any moment from {found.utc(mark.from_s)} to {found.utc(mark.captured_s)} UTC, {before} before"
    return f"{found.utc(mark.captured_s)} UTC, {before} before"


def fate_class(fate: str) -> str:
    """Return the class that a fate is drawn as."""
    if fate.startswith(_USABLE):
        return _USABLE
    return _FATES.get(fate, "out of reach")
