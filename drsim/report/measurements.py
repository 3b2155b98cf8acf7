"""Published measurements against the catalogue's distributions: what was measured, and whether it is drawn as well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from drsim.catalogue import JOBS, Measurement, load_catalogue
from drsim.report import catalogue_words as in_words
from drsim.report.densities import LEAST, density, written
from drsim.report.tables import Column, Table
from drsim.study.bands import Band, bands
from drsim.units import format_number, format_size

_CELLS = 24
"""Characters of the picture of a distribution."""

_BLOCKS = "▁▂▃▄▅▆▇█"

INSIDE, OUTSIDE = "●", "○"
"""Where a measured value lies in the picture: among nine tenths of what is drawn, or not."""


def measured(name: str) -> list[Band]:
    """Return the measurements of a type or kind of disruption with what is drawn for them."""
    return bands(load_catalogue().measurements.of(name))


def by_what(rows: Sequence[Band]) -> dict[str, list[Band]]:
    """Return measurements by what was measured, in the order given."""
    groups: dict[str, list[Band]] = {}
    for band in rows:
        groups.setdefault(what(band.measurement), []).append(band)
    return groups


def what(measurement: Measurement) -> str:
    """Return what was measured, in words: `backup of 50 GB`."""
    if measurement.measures not in JOBS:
        place = measurement.measures
        words = in_words.of_kind(place, "") if measurement.is_of_disruption else in_words.of_type(place)
        return words.partition(" (")[0]
    objects = f" in {format_number(measurement.objects)} objects" if measurement.objects else ""
    return f"{measurement.measures}, {format_size(measurement.size)}{objects}"


def value(measurement: Measurement) -> str:
    """Return the measured value: one, two ends, or a bound."""
    low, high = (written(end, measurement.kind) for end in (measurement.low, measurement.high))
    if math.isinf(measurement.high):
        return f"above {low}"
    if measurement.low == 0:
        return f"below {high}"
    return low if low == high else f"{low} to {high}"


def picture(band: Band, cells: int = _CELLS) -> str:
    """Return a distribution as a line of blocks on a logarithmic axis, the measured value marked in it.

    Args:
        band: the measurement and its distribution.
        cells: characters of the line.
    """
    x, heights = density(band.law, LEAST[band.measurement.kind])
    at = math.log(band.measurement.middle)
    if not len(x):
        x, heights = np.array([band.law.quantile(0.5)]), np.array([1.0])
    ends = min(at, math.log(x[0])), max(at, math.log(x[-1]))
    edges = np.linspace(*ends, cells)
    shown = np.interp(edges, np.log(x), heights, left=0, right=0)
    line = [_BLOCKS[min(int(h * len(_BLOCKS)), len(_BLOCKS) - 1)] if h > 0 else " " for h in shown]
    line[int(np.argmin(np.abs(edges - at)))] = INSIDE if band.is_inside else OUTSIDE
    return "".join(line)


def table(rows: Sequence[Band], title: str, *, of: bool = False) -> Table:
    """Return measurements with the ends of their bands, their percentiles and a picture.

    Args:
        rows: the measurements.
        title: of the table.
        of: whether to say which type or kind of disruption they are of.
    """
    columns = (
        *((Column("of"),) if of else ()),
        Column("measured"),
        Column("value", numeric=True),
        Column("5 % below", numeric=True),
        Column("95 % below", numeric=True),
        Column("percentile", numeric=True, rank=1),
        Column("inside"),
        Column("drawn", rank=2),
        Column("conditions", rank=3),
        Column("source", rank=3),
    )
    return Table(title, columns, tuple(_cells(band, of=of) for band in rows), (summary(rows),))


def _cells(band: Band, *, of: bool) -> tuple[str, ...]:
    measurement = band.measurement
    low, high = (written(end, measurement.kind) for end in band.ends)
    publication = measurement.publication
    return (
        *((measurement.of,) if of else ()),
        what(measurement),
        value(measurement),
        low,
        high,
        "–" if measurement.is_bound else f"{100 * band.percentile:.0f}",
        "yes" if band.is_inside else "no",
        picture(band),
        measurement.conditions + (f" In {measurement.region}." if measurement.region else ""),
        f"{publication.title} ({publication.publisher}, {publication.date}), {publication.url}",
    )


def counts(rows: Sequence[Band]) -> tuple[int, int]:
    """Return how many measurements there are, and how many of them lie inside."""
    return len(rows), sum(band.is_inside for band in rows)


def summary(rows: Sequence[Band]) -> str:
    """Return in a sentence how many measurements lie inside their bands."""
    values = [band for band in rows if not band.measurement.is_bound]
    (n, inside), (bounds, within) = counts(values), counts([b for b in rows if b.measurement.is_bound])
    share = f" ({100 * inside / n:.0f} %)" if n else ""
    more = f"; of {bounds} bounds, {within} agree" if bounds else ""
    return (
        f"{inside} of {n} measured values lie inside the band that nine tenths of the drawn values fill{share}{more}."
    )


def records(rows: Sequence[Band]) -> list[dict[str, Any]]:
    """Return measurements as plain data: values in seconds, bytes a second or objects a second."""
    return [
        {
            "key": m.key,
            "of": m.of,
            "measures": m.measures,
            "value": m.written,
            "size_bytes": m.size or None,
            "objects": m.objects or None,
            "region": m.region or None,
            "conditions": m.conditions,
            "p5": band.ends[0],
            "p95": band.ends[1],
            "percentile": round(100 * band.percentile, 1),
            "inside": band.is_inside,
            "source": {key: text for key, text in vars(m.publication).items() if key != "key"},
        }
        for band, m in ((band, band.measurement) for band in rows)
    ]
