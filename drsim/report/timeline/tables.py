"""The timeline of an incident as tables: parts of downtime and loss, what would shorten it, phases, recovery points."""

from __future__ import annotations

import math

import pandas as pd

from drsim.report.tables import Column, Table
from drsim.report.timeline import Timeline
from drsim.report.timeline.sentences import rescue
from drsim.study.explain import Rescues
from drsim.units import format_duration


def parts_tables(timeline: Timeline) -> tuple[Table, ...]:
    """Return what downtime and data loss are made of, each adding up to its whole; none where there is no figure."""
    tables = []
    for name, whole, parts in (
        ("Downtime", timeline.downtime_s, timeline.downtime_parts),
        ("Data loss", timeline.data_loss_s, timeline.loss_parts),
    ):
        if parts:
            rows = tuple((words, format_duration(s), _share(s, whole)) for words, s in parts)
            columns = (Column("part"), Column("time", numeric=True), Column("share", numeric=True))
            tables.append(Table(f"{name}: {format_duration(whole)}", columns, rows))
    return tuple(tables)


def _share(part: float, whole: float) -> str:
    """Return a share in percent; of what took time it is never said to be nothing."""
    if not whole:
        return "–"
    return "< 1 %" if 0 < part < 0.005 * whole else f"{100 * part / whole:.0f} %"


def shortenings_table(timeline: Timeline) -> Table:
    """Return what would have shortened the downtime, each change alone and with the same luck."""
    rows = tuple(
        (f"{what}", f"{format_duration(s)} less", _share(s, timeline.downtime_s)) for what, s in timeline.shortenings
    )
    columns = (Column("change"), Column("downtime", numeric=True), Column("share", numeric=True))
    if rows:
        return Table("What would have shortened this downtime, each change alone, with the same luck", columns, rows)
    why = "No single change that drsim tries would have shortened it."
    return Table("What would have shortened this downtime", columns, (), (why,))


def rescues_table(timeline: Timeline) -> Table:
    """Return what would have recovered what was lost, and what it would have cost in data and time."""
    rescues = timeline.rescues or Rescues()
    rows = tuple(
        (
            " together with ".join(rescue.what),
            format_duration(rescue.data_loss_s),
            format_duration(rescue.downtime_s),
            *(x.measure.text(x.value) for x in rescue.achievements if not x.measure.is_always_shown),
        )
        for rescue in rescues.changes
    )
    achieved = rescues.changes[0].achievements if rescues.changes else ()
    further = (Column(x.measure.words, numeric=True) for x in achieved if not x.measure.is_always_shown)
    columns = (Column("change"), Column("data loss", numeric=True), Column("downtime", numeric=True), *further)
    is_alone = all(len(rescue.what) == 1 for rescue in rescues.changes)
    how = "each change alone" if is_alone else "two changes together, since none alone would have"
    title = "What would have recovered it"
    if rows:
        return Table(f"{title}, {how}, with the same luck", columns, rows)
    return Table(title, columns, (), tuple(rescue(timeline.rescues)))


_PHASES = ("lane", "what", "kind", "begins_s", "ends_s", "begins_utc", "critical_path", "note")
_POINTS = (
    *("resource", "kind", "made_by", "place", "scheduled_utc", "captured_utc", "available_utc", "expires_utc"),
    *("captured_s", "available_s", "expires_s", "fate", "jobs", "runs_left_out"),
)


def phases_frame(timeline: Timeline) -> pd.DataFrame:
    """Return what went on, one row per phase; moments in seconds after the service stopped, and in UTC."""
    rows = [
        (
            p.lane,
            p.words,
            p.kind,
            p.begins_s,
            p.ends_s,
            timeline.utc(p.begins_s),
            "yes" if p.is_critical else "no",
            p.note,
        )
        for p in timeline.phases
    ]
    return pd.DataFrame(rows, columns=list(_PHASES))


def points_frame(timeline: Timeline) -> pd.DataFrame:
    """Return what there was to recover from; moments in seconds after the service stopped, and in UTC."""
    rows = [
        (
            *(m.resource, m.kind, m.rule, m.place, timeline.utc(m.scheduled_s), timeline.utc(m.captured_s)),
            *(timeline.utc(m.available_s), timeline.utc(m.expires_s), m.captured_s, _finite(m.available_s)),
            *(_finite(m.expires_s), m.fate.value, m.waits, m.skipped),
        )
        for m in timeline.marks
    ]
    return pd.DataFrame(rows, columns=list(_POINTS))


def _finite(seconds: float) -> float:
    return seconds if math.isfinite(seconds) else math.nan


def phases_table(timeline: Timeline) -> Table:
    """Return what went on, in words."""
    columns = (
        Column("who or what"),
        Column("doing"),
        Column("kind", rank=2),
        Column("from (UTC)", rank=2),
        Column("after the stop", numeric=True),
        Column("lasts", numeric=True),
        Column("critical path"),
        Column("note", rank=3),
    )
    rows, before = [], ""
    for p in timeline.phases:
        lane = "" if p.lane == before else p.lane
        before = p.lane
        after, lasts = format_duration(p.begins_s), format_duration(p.lasts_s)
        is_critical = "yes" if p.is_critical else "no"
        rows.append((lane, p.words, p.kind, timeline.utc(p.begins_s), after, lasts, is_critical, p.note))
    idle = [
        f"{x.name}: {x.result}" for x in timeline.lanes if x.result and all(p.lane != x.name for p in timeline.phases)
    ]
    return Table("What went on", columns, tuple(rows), tuple(idle))


def points_table(timeline: Timeline, resource: str) -> Table:
    """Return what there was to recover one resource from, and why each was used or not.

    Args:
        timeline: the incident.
        resource: one of `timeline.resources`.
    """
    columns = (
        Column("place"),
        Column("made by"),
        Column("data of (UTC)"),
        Column("age", numeric=True),
        Column("available (UTC)", rank=2),
        Column("expires (UTC)", rank=2),
        Column("fate"),
        Column("jobs", rank=3),
    )
    rows, skipped = [], 0
    for m in timeline.marks:
        if m.resource == resource:
            moment = m.scheduled_s if math.isnan(m.captured_s) else m.captured_s
            data = "none" if math.isnan(m.captured_s) else timeline.utc(m.captured_s)
            if m.from_s < m.captured_s:
                data = f"{timeline.utc(m.from_s)} to {data}"
            expires = "–" if m.kind != "point" or math.isnan(m.captured_s) else timeline.utc(m.expires_s)
            available = timeline.utc(m.available_s)
            rows.append((m.place, m.rule, data, format_duration(-moment), available, expires, m.fate.value, m.waits))
            skipped += m.skipped
    notes = (f"Left out between these: {skipped} run{'s' * (skipped > 1)}.",) if skipped else ()
    return Table(f"What there was to recover {resource} from", columns, tuple(rows), notes)
