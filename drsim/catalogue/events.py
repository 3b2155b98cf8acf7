"""What has happened: events of a cloud, each with its day, its Region and where to read of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from drsim.catalogue.leaf import BASES
from drsim.catalogue.reading import Entry, each_of, read_yaml
from drsim.catalogue.spelling import misspelt
from drsim.errors import CatalogueError, Flaw, UnitError
from drsim.units import duration_s

T = TypeVar("T")

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
    flaws: list[Flaw] = []

    def tried(read: Callable[[], T]) -> T | None:
        """Return what a reader reads, or None and keep its flaws."""
        try:
            return read()
        except CatalogueError as error:
            flaws.extend(error.flaws)
            return None

    span = tried(lambda: _span(top, within)) or (date.min, date.max)
    figures = tried(lambda: _figures(top)) or {}
    rows = tried(lambda: top.take("events"))
    if rows is not None and not isinstance(rows, list):
        flaws += top.error("events", f"found {rows!r}, a list belongs here").flaws
        rows = None
    tried(top.close)
    allowed = [*sorted(kind for kind, strikes in kinds.items() if strikes in ("zone", "region")), NOTHING]
    events = [
        tried(partial(_event, top.file, f"events.{i}", row, regions, allowed, span)) for i, row in enumerate(rows or ())
    ]
    if flaws:
        raise CatalogueError(*flaws)
    known = sorted((event for event in events if event is not None), key=lambda event: event.date)
    return Events(*span, tuple(known), figures)


def _span(top: Entry, within: Events | None) -> tuple[date, date]:
    """Return the first and the last day that was looked at; more events may only widen what they are added to."""
    days = each_of(
        {
            "from": lambda: _day(top, "from") if within is None or top.has("from") else within.since,
            "until": lambda: _day(top, "until") if within is None or top.has("until") else within.until,
        }
    )
    since, until = days["from"], days["until"]
    if since > until:
        raise top.error("until", f"{until} lies before {since}, from which on was looked at")
    if within is not None and until < within.until:
        raise top.error("until", f"{until} lies before {within.until}, until which the catalogue's own events go")
    if within is not None and since > within.since:
        raise top.error("from", f"{since} lies after {within.since}, from which on the catalogue's own events go")
    return since, until


def _figures(top: Entry) -> dict[tuple[str, str], Figure]:
    """Return which figure of a fit is held, by kind and key of its rates."""
    figures: dict[tuple[str, str], Figure] = {}
    for kind, entry in top.entry("held", {}).entries().items():
        figures |= {(kind, key): entry.choice(key, ("rate", "upper")) for key in entry.rest()}
    return figures


def _event(
    file: str,
    place: str,
    row: object,
    regions: Mapping[str, object],
    allowed: Sequence[str],
    span: tuple[date, date],
) -> Event:
    """Return one event.

    Raises:
        CatalogueError: with the flaws of all its keys.
    """
    entry = Entry(file, place, row)
    readers: dict[str, Callable[[], Any]] = {
        "date": lambda: _day_in(entry, span),
        "region": lambda: _one_of(entry, "region", regions, "there is no Region {}"),
        "zone": lambda: entry.text("zone") if entry.has("zone") else "",
        "failed": lambda: entry.text("failed"),
        "counts": lambda: _one_of(entry, "counts", allowed, f"found {{}}, it is one of {', '.join(allowed)}"),
        "why": lambda: entry.text("why"),
        "lasted_s": lambda: _length(entry) if entry.has("lasted") else None,
        "basis": lambda: entry.choice("basis", BASES),
        "url": lambda: _address(entry),
        "": entry.close,
    }
    values = each_of(readers)
    del values[""]
    return Event(**values)


def _one_of(entry: Entry, key: str, right: Iterable[str], text: str) -> str:
    """Return a name; one that is none of the right ones is refused with the one that is meant."""
    name = entry.text(key)
    if name in right:
        return name
    meant = misspelt(name, right)
    raise entry.error(key, text.format(repr(name)) + (f": did you mean {meant}?" if meant else ""))


def _address(entry: Entry) -> str:
    """Return the address of a page."""
    url = entry.text("url")
    if not url.startswith(("https://", "http://")):
        raise entry.error("url", f"found {url!r}, the address of a page belongs here")
    return url


def _day_in(entry: Entry, span: tuple[date, date]) -> date:
    """Return a day of a span."""
    day = _day(entry, "date")
    if not span[0] <= day <= span[1]:
        raise entry.error("date", f"{day} is not from {span[0]} until {span[1]}: write `from` or `until`")
    return day


WRITE = {
    "from": "`from: 2011-01-01`, a day that exists, not after the catalogue's own",
    "until": "`until: 2026-12-31`, a day that exists, not before the catalogue's own",
    "date": "`date: 2026-05-01`, a day that exists, from `from` until `until`",
    "region": "`region: eu-west-2`",
    "zone": "`zone: euw2-az1`, or leave it out",
    "failed": "`failed: power`",
    "counts": "`counts: zone-outage`, or `counts: nothing`",
    "why": "`why: One data centre of one zone lost power.`",
    "lasted": "`lasted: 5 h`, or leave it out",
    "basis": "`basis: reported`",
    "url": "`url: https://example.org/page`",
    "events": "`events: [{date: 2026-05-01, region: eu-west-2, counts: zone-outage, …}]`",
}
"""What may stand at each key of a file of events, as an example."""


def repair_of(flaw: Flaw) -> str:
    """Return what to write instead of a flaw of a file of events."""
    key = flaw.place.rpartition(".")[2]
    if key in WRITE:
        return f"write for instance {WRITE[key]}"
    if not flaw.place:
        return "look at the indentation, quotes and brackets here and above"
    return "the keys of an event are date, region, zone, failed, counts, why, lasted, basis and url"


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
    if not isinstance(value, date) or isinstance(value, datetime):
        raise entry.error(key, f"found {value!r}, a date such as 2023-11-27 belongs here")
    return value
