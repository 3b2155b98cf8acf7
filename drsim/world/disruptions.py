"""Disruptions of a world: what each strikes, how often, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass

from drsim.distributions import Distribution
from drsim.laws.survival import Takes


@dataclass(frozen=True)
class Unit:
    """What one event of a disruption strikes: a resource, an account, a Region or premises, a service, or a key.

    Attributes:
        name: of the resource, account, Region, premises or key, or `service in Region`; names the luck of its drills.
        resource: index of the resource where the kind strikes one; -1 elsewhere.
        region, account, service, key: which one; empty where the kind does not strike such a one. Premises are named as
            a Region, by their site.
        rate_per_year: events a year; of a Region's zone outages those of each zone that may be struck [1/year].
    """

    name: str
    resource: int
    region: str
    account: str
    service: str
    rate_per_year: float
    key: str = ""


@dataclass(frozen=True)
class Disruption:
    """A disruption, with the catalogue's values where the scenario leaves them out.

    Attributes:
        strikes: what one event strikes: `resource`, `account`, `zone`, `region`, `service`, `key` or `premises`.
        targets: resources that it may strike, where it strikes one.
        units: what it strikes, each alone.
        apart: whether it names no place, so that each that holds targets is struck alone, however many there are.
        zone: the one zone that it strikes; None where it may strike each of the `zones` of a Region.
        deletes_resource: whether the resource itself is deleted, with what its service keeps of it.
    """

    name: str
    kind: str
    strikes: str
    ends: bool
    takes: Takes
    targets: tuple[int, ...]
    units: tuple[Unit, ...]
    apart: bool
    zone: str | None
    zones: int
    duration: Distribution
    dwell: Distribution
    attacked: float
    impairs: tuple[tuple[str, float], ...]
    keys: tuple[tuple[str, int], ...]
    deletes_resource: bool = False

    def key(self, purpose: str) -> int:
        """Return the stream of draws for a purpose."""
        return dict(self.keys)[purpose]

    def events_per_year(self, unit: Unit) -> float:
        """Return how often a unit is struck [1/year]: under zone outages any of its zones that may be."""
        return unit.rate_per_year * zones_at_risk(self.strikes, self.zone, self.zones)


def zones_at_risk(strikes: str, zone: str | None, zones: int) -> int:
    """Return for how many zones a unit's rate counts, each struck alone: 1 where a disruption strikes no zones.

    Args:
        strikes: what one event strikes.
        zone: the one zone that it strikes; None where it may strike any.
        zones: of a Region.
    """
    return zones if strikes == "zone" and zone is None else 1
