"""Published measurements: what somebody measured of AWS, to hold the catalogue's distributions against."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

from drsim.catalogue.parameters import PARAMETERS
from drsim.catalogue.reading import Entry, as_written
from drsim.errors import CatalogueError, Flaw, UnitError
from drsim.units import READERS, count, size_bytes

T = TypeVar("T")

JOBS = ("backup", "copy", "restore", "restore in full")
"""What a whole job takes, from its start to its end: its duration follows from size and objects by the law of its type.
A restore ends when the resource can be used, one `in full` when all of its data has been loaded."""

_NO_URL = "a link begins with https://"


@dataclass(frozen=True)
class Publication:
    """Where a measurement was published.

    Attributes:
        key: what `Measurement.publication` comes from.
        title: of the page, the thread or the file.
        publisher: who stands behind it.
        date: of the edition, as precisely as it is known.
        url: its link.
    """

    key: str
    title: str
    publisher: str
    date: str
    url: str


@dataclass(frozen=True)
class Measurement:
    """One published measurement.

    Attributes:
        key: its name in the file.
        of: the resource type, or the kind of disruption.
        is_of_disruption: whether `of` is a kind of disruption.
        measures: one of `JOBS`, or the place of a distribution of the type or kind, such as `log_lag`.
        low, high: between what the measured value lies, in the canonical unit of what is measured; equal for one value,
            infinite above or 0 below where only a bound is known.
        written: the value as the file has it.
        size: of the resource [bytes]; 0 where it does not matter.
        objects: in the resource.
        region: where it was measured; empty where nobody says.
        conditions: what exactly was measured, and how.
        publication: where it was published.
    """

    key: str
    of: str
    is_of_disruption: bool
    measures: str
    low: float
    high: float
    written: str
    size: float
    objects: float
    region: str
    conditions: str
    publication: Publication

    @property
    def kind(self) -> str:
        """The kind of its unit: `duration`, `rate` or `object-rate`."""
        return PARAMETERS.get(self.measures, "duration")

    @property
    def is_bound(self) -> bool:
        """Whether only an upper or a lower bound is known."""
        return self.low == 0 or math.isinf(self.high)

    @property
    def middle(self) -> float:
        """The value, of a range its geometric middle, of a bound the bound."""
        if self.is_bound:
            return self.low or self.high
        return math.sqrt(self.low * self.high)


@dataclass(frozen=True)
class MovedBand:
    """A distribution of the catalogue that measurements have moved.

    Attributes:
        types: the resource types.
        parameter: the place of the distribution in them.
        before: what it was, as files write it.
        because: keys of the measurements that moved it.
        why: the reason, in words.
    """

    types: tuple[str, ...]
    parameter: str
    before: str
    because: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Measurements:
    """What has been measured, and which distributions it has moved."""

    all: tuple[Measurement, ...] = ()
    moved: tuple[MovedBand, ...] = ()

    def of(self, name: str) -> tuple[Measurement, ...]:
        """Return the measurements of a type or kind of disruption."""
        return tuple(m for m in self.all if m.of == name)


class _Problems:
    """What is wrong with a file: all of it, before anything is refused."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def read(self, entry: Entry, read: Callable[[Entry], T], instead: T) -> T:
        """Return what a reader makes of an entry, or a stand-in where it refuses, and note the refusal."""
        try:
            return read(entry)
        except CatalogueError as error:
            self.flaws += error.flaws
            return instead

    def note(self, error: CatalogueError) -> None:
        """Note a refusal."""
        self.flaws += error.flaws


def build_measurements(top: Entry) -> Measurements:
    """Return the measurements of a file.

    Raises:
        CatalogueError: with all problems of the file, a line each.
    """
    problems = _Problems()
    publications: dict[str, Publication] = {}
    nothing: dict[str, Entry] = {}
    for key, entry in problems.read(top, lambda t: t.entry("publications").entries(), nothing).items():
        publication = _fields(problems, entry, ("title", "publisher", "date", "url"))
        if publication["url"] and not publication["url"].startswith("https://"):
            problems.note(entry.error("url", f"found {publication['url']!r}, {_NO_URL}"))
        publications[key] = Publication(key, **publication)
        problems.read(entry, Entry.close, None)
    entries = problems.read(top, lambda t: t.entry("measurements").entries(), nothing)
    measurements = tuple(_measurement(problems, key, entry, publications) for key, entry in entries.items())
    for key in publications.keys() - {m.publication.key for m in measurements}:
        problems.note(top.error(f"publications.{key}", "no measurement comes from it"))
    moved = tuple(
        _moved(problems, Entry(top.file, f"moved.{i}", row), {m.key for m in measurements})
        for i, row in enumerate(top.take("moved", ()))
    )
    problems.read(top, Entry.close, None)
    if problems.flaws:
        raise CatalogueError(*sorted(problems.flaws))
    return Measurements(measurements, moved)


def _fields(problems: _Problems, entry: Entry, keys: tuple[str, ...]) -> dict[str, str]:
    """Return texts by key."""
    return {key: problems.read(entry, partial(_text, key=key), "") for key in keys}


def _text(entry: Entry, key: str) -> str:
    """Return a text; a date or a year counts as one."""
    value = entry.take(key)
    if isinstance(value, date | int):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise entry.error(key, f"found {value!r}, text belongs here")
    return value.strip()


def _measurement(problems: _Problems, key: str, entry: Entry, publications: Mapping[str, Publication]) -> Measurement:
    """Return one measurement; what is wrong with it is noted."""
    is_of_disruption = entry.has("disruption")
    texts = _fields(problems, entry, ("disruption" if is_of_disruption else "type", "measures", "conditions", "source"))
    of, measures, conditions, source = texts.values()
    reader = READERS.get(PARAMETERS.get(measures, "duration"))
    written = entry.take("value", "")
    low, high = 0.0, 0.0
    if reader is None:
        problems.note(entry.error("measures", f"{measures} is no distribution"))
    else:
        try:
            low, high = _ends(written, reader)
        except UnitError as error:
            problems.note(entry.error("value", str(error)))
    amounts = {}
    for name, read in (("size", size_bytes), ("objects", count)):
        try:
            amounts[name] = read(entry.take(name)) if entry.has(name) else 0.0
        except UnitError as error:
            problems.note(entry.error(name, str(error)))
    if source and source not in publications:
        problems.note(entry.error("source", f"no such publication: {source}"))
    region = _text(entry, "region") if entry.has("region") else ""
    problems.read(entry, Entry.close, None)
    return Measurement(
        key=key,
        of=of,
        is_of_disruption=is_of_disruption,
        measures=measures,
        low=low,
        high=high,
        written=as_written(written),
        size=amounts.get("size", 0.0),
        objects=amounts.get("objects", 0.0),
        region=region,
        conditions=conditions,
        publication=publications.get(source, Publication(source, "", "", "", "")),
    )


def _ends(written: object, read: Callable[[object], float]) -> tuple[float, float]:
    """Return between what a value lies.

    Args:
        written: a quantity; two of them, the smaller one first; or a bound, `{above: 2 h}` or `{below: 60 s}`.
        read: reader of the quantity.

    Raises:
        UnitError: it is none of these.
    """
    if isinstance(written, Mapping) and len(written) == 1 and set(written) <= {"above", "below"}:
        ((side, bound),) = written.items()
        return (read(bound), math.inf) if side == "above" else (0.0, read(bound))
    ends = written if isinstance(written, list) and len(written) == 2 else (written, written)
    low, high = map(read, ends)
    if not 0 < low <= high:
        raise UnitError(f"{as_written(written)!r} is no measured value: above 0, and of two the smaller one first")
    return low, high


def _moved(problems: _Problems, entry: Entry, known: set[str]) -> MovedBand:
    """Return one band that was moved; what is wrong with it is noted."""
    texts = _fields(problems, entry, ("parameter", "why"))
    types = tuple(map(str, problems.read(entry, lambda e: e.take("types"), ())))
    because = tuple(map(str, problems.read(entry, lambda e: e.take("because"), ())))
    for key in because:
        if key not in known:
            problems.note(entry.error("because", f"no such measurement: {key}"))
    before = as_written(problems.read(entry, lambda e: e.take("before"), ""))
    problems.read(entry, Entry.close, None)
    return MovedBand(types, texts["parameter"], before, because, texts["why"])
