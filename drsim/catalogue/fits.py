"""What events say of outages: rates with their intervals, lengths, and what the catalogue holds of both.

A rate is the events seen over the years in which they would have been: of a Region from the day on which it opened, of
a zone as many times that as the Region has zones today. A Region is told apart from all others where so many of the
events would fall to it by chance in one of twenty such lists at most, however many Regions are asked about.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from drsim.catalogue.events import Event, Events, Figure
from drsim.catalogue.model import DisruptionKind
from drsim.catalogue.store import Catalogue
from drsim.distributions import Distribution
from drsim.laws.rates import lognormal, rate_interval, share_p

COVERAGE = 0.9
"""Probability that an interval holds its rate."""

ALL, OTHERS = "all", "default"
"""All Regions, and those that have no rate of their own in the catalogue."""

_APART = 0.05
_YEAR_DAYS = 365.25
_Z95 = 1.6448536269514722


@dataclass(frozen=True)
class RateFit:
    """How often a kind of disruption happens somewhere.

    Attributes:
        kind: of disruption.
        where: a Region, `OTHERS` or `ALL`.
        unit: what the exposure counts: `zone` or `region`.
        events: that were seen.
        exposure: years of all units in which they would have been [year].
        rate, low, high: events a year of one unit, and the ends of its interval [1/year].
        apart: whether the list tells the Region from all others.
        held: what the catalogue holds [1/year]; None where it holds nothing of its own.
        figure: which figure of the fit it holds.
    """

    kind: str
    where: str
    unit: str
    events: int
    exposure: float
    rate: float
    low: float
    high: float
    apart: bool
    held: float | None
    figure: Figure

    @property
    def fitted(self) -> float:
        """The figure that the catalogue holds, to two digits [1/year]."""
        return rounded(self.high if self.figure == "upper" else self.rate)


@dataclass(frozen=True)
class LengthFit:
    """How long a kind of disruption lasts: a lognormal.

    Attributes:
        kind: of disruption.
        events: of known length.
        median_s, p5_s, p95_s: of the fit [s].
        held: what the catalogue holds.
    """

    kind: str
    events: int
    median_s: float
    p5_s: float
    p95_s: float
    held: Distribution


@dataclass(frozen=True)
class Fit:
    """What events say of outages."""

    events: Events
    rates: tuple[RateFit, ...]
    lengths: tuple[LengthFit, ...]


def rounded(value: float) -> float:
    """Return a value to two significant digits, as the catalogue holds what is fitted."""
    return float(f"{value:.2g}")


def fit(catalogue: Catalogue, more: Events | None = None) -> Fit:
    """Return rates and lengths of outages as the events say.

    Args:
        catalogue: whose events, Regions and kinds of disruption are meant.
        more: events of the user's own.
    """
    events = catalogue.events if more is None else catalogue.events.with_more(more)
    rates: list[RateFit] = []
    lengths: list[LengthFit] = []
    for kind in catalogue.disruptions.values():
        mine = [event for event in events.events if event.counts == kind.name]
        if not mine:
            continue
        rates += _rates(catalogue, events, kind, mine)
        known_s = [event.lasted_s for event in mine if event.lasted_s is not None]
        if kind.duration is not None and len(known_s) > 1:
            median_s, spread = lognormal(known_s)
            p5_s, p95_s = (median_s * math.exp(z * spread) for z in (-_Z95, _Z95))
            lengths.append(LengthFit(kind.name, len(known_s), median_s, p5_s, p95_s, kind.duration.value))
    return Fit(events, tuple(rates), tuple(lengths))


def exposures(catalogue: Catalogue, events: Events, unit: str) -> dict[str, float]:
    """Return the years in which events would have been seen, by Region [year].

    Regions of other partitions are left out, and those of which no source says when they opened.

    Args:
        catalogue: of the Regions.
        events: whose span is meant.
        unit: `zone` or `region`.
    """
    years: dict[str, float] = {}
    partition = next((region.partition for region in catalogue.regions.values()), "")
    for region in catalogue.regions.values():
        if region.since is None or region.partition != partition:
            continue
        days = (events.until - max(events.since, region.since)).days
        zones = len(region.zones.value) if region.zones else catalogue.zones_per_region.value
        if days > 0:
            years[region.name] = days / _YEAR_DAYS * (zones if unit == "zone" else 1)
    return years


def _rates(catalogue: Catalogue, events: Events, kind: DisruptionKind, mine: list[Event]) -> Iterable[RateFit]:
    """Yield the rates of a kind: of every Region with events, of the others, and of all together."""
    years = exposures(catalogue, events, kind.rate_per)
    seen = {name: sum(event.region == name for event in mine) for name in years}

    def of(where: str, regions: Iterable[str], held: float | None, *, apart: bool = False) -> RateFit:
        count, exposure = (sum(part[name] for name in regions) for part in (seen, years))
        low, high = rate_interval(int(count), exposure, COVERAGE)
        figure = events.held.get((kind.name, where), "rate")
        return RateFit(
            *(kind.name, where, kind.rate_per, int(count), exposure, count / exposure, low, high, apart, held, figure)
        )

    for name in sorted((name for name in years if seen[name]), key=lambda name: (-seen[name], name)):
        chance = share_p(seen[name], sum(seen.values()), years[name] / sum(years.values()))
        own = kind.rates.get(name)
        yield of(name, [name], None if own is None else own.value, apart=chance * len(years) < _APART)
    yield of(OTHERS, [name for name in years if name not in kind.rates], kind.rates["default"].value)
    if any(name in kind.rates for name in years):
        yield of(ALL, years, None)
