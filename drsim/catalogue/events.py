"""What has happened: events of a cloud, each with its day, its Region and where to read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from drsim.catalogue.leaf import BASES
from drsim.catalogue.reading import Entry, read_yaml
from drsim.errors import UnitError
from drsim.units import duration_s

NOTHING = "nothing"
"""What an event counts as that is no outage of a zone or of a Region."""

Figure = Literal["rate", "upper"]


@dataclass(frozen=True)
class Event:
    """Something that failed.

    Attributes:
        date: the day on which it began.
        region: where.
        zone: the zone's name; empty where none is given.
        failed: what failed.
        counts: the kind of disruption that it counts as, or `NOTHING`.
        why: the reason.
        lasted_s: how long [s]; None where nobody says, or nobody waited for the end.
        basis: how day and length are known.
        url: where to read of it.
    """

    date: date
    region: str
    zone: str
    failed: str
    counts: str
    why: str
    lasted_s: float | None
    basis: str
    url: str


@dataclass(frozen=True)
class Events:
    """What has happened in a span of time.

    Attributes:
        since, until: the first and the last day that was looked at.
        events: from the oldest on.
        held: which figure of a fit the catalogue holds, by kind of disruption and key of its rates; else the rate.
    """

    since: date
    until: date
    events: tuple[Event, ...]
    held: Mapping[tuple[str, str], Figure]

    def with_more(self, more: Events) -> Events:
        """Return these events and more, over the span of both."""
        events = sorted((*self.events, *more.events), key=lambda event: event.date)
        return replace(self, since=min(self.since, more.since), until=max(self.until, more.until), events=tuple(events))


NO_EVENTS = Events(date.min, date.min, (), {})
"""Those of a catalogue that has no list."""


def read_events(path: Path, regions: Mapping[str, object], kinds: Mapping[str, str], within: Events | None) -> Events:
    """Return the events of a file.

    Args:
        path: of the file.
        regions: that there are, by name.
        kinds: of disruption that an event may count as, with what each strikes.
        within: the events whose span holds where the file says none; None for a file that has to say it.

    Raises:
        CatalogueError: the file is missing or breaks its grammar; file and key are named.
    """
    top = read_yaml(path)
    since = _day(top, "from") if within is None or top.has("from") else within.since
    until = _day(top, "until") if within is None or top.has("until") else within.until
    figures: dict[tuple[str, str], Figure] = {}
    for kind, entry in top.entry("held", {}).entries().items():
        figures |= {(kind, key): entry.choice(key, ("rate", "upper")) for key in entry.rest()}
    events = [_event(Entry(top.file, f"events.{i}", row)) for i, row in enumerate(top.take("events"))]
    top.close()
    allowed = {kind for kind, strikes in kinds.items() if strikes in ("zone", "region")}
    for i, event in enumerate(events):
        place = f"events.{i}"
        if event.region not in regions:
            raise top.error(f"{place}.region", f"there is no Region {event.region!r}")
        if event.counts not in (*allowed, NOTHING):
            raise top.error(
                f"{place}.counts", f"found {event.counts!r}, it is one of {', '.join(sorted(allowed))}, {NOTHING}"
            )
        if not since <= event.date <= until:
            raise top.error(f"{place}.date", f"{event.date} is not from {since} until {until}: write `from` or `until`")
    return Events(since, until, tuple(sorted(events, key=lambda event: event.date)), figures)


def _event(entry: Entry) -> Event:
    """Return one event."""
    event = Event(
        date=_day(entry, "date"),
        region=entry.text("region"),
        zone=entry.text("zone") if entry.has("zone") else "",
        failed=entry.text("failed"),
        counts=entry.text("counts"),
        why=entry.text("why"),
        lasted_s=_length(entry) if entry.has("lasted") else None,
        basis=entry.choice("basis", BASES),
        url=entry.text("url"),
    )
    entry.close()
    if not event.url.startswith(("https://", "http://")):
        raise entry.error("url", f"found {event.url!r}, the address of a page belongs here")
    return event


def _length(entry: Entry) -> float:
    """Return how long an event lasted [s]."""
    try:
        lasted_s = duration_s(entry.take("lasted"))
    except UnitError as error:
        raise entry.error("lasted", str(error)) from None
    if lasted_s <= 0:
        raise entry.error("lasted", "an event takes some time")
    return lasted_s


def _day(entry: Entry, key: str) -> date:
    """Return a day."""
    value = entry.take(key)
    if not isinstance(value, date):
        raise entry.error(key, f"found {value!r}, a date such as 2023-11-27 belongs here")
    return value
