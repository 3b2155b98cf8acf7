"""Whom a disruption can reach, and how often a year: from structure and rates alone, never counted from drills."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from drsim.engine.strike import may_reach
from drsim.engine.zones import zone_chances, zones_reached
from drsim.world.disruptions import Disruption, Unit
from drsim.world.model import World


@dataclass(frozen=True)
class Exposure:
    """How a disruption reaches the subjects of a world.

    Attributes:
        by_resource: whether the kind strikes one resource a drill.
        units: application -> what the log calls struck in its own rows -> how often that strikes [1/year]: its
            resources under kinds that strike one, services where each is struck alone, else one unit without a name.
        struck_per_year: subject (`app`, `app.resource`) -> how often it is struck [1/year]; what the disruption cannot
            reach is not there.
        dealt: application -> (struck unit, first drill, last drill + 1): whose drills are its own, where it stands in
            several units: each of its resources where the kind strikes one, or several services.
        dependents: (dependent application, struck unit) -> how often it is taken down by a unit in which it does not
            stand itself [1/year].
    """

    by_resource: bool
    units: Mapping[str, Mapping[str, float]]
    struck_per_year: Mapping[str, float]
    dealt: Mapping[str, tuple[tuple[str, int, int], ...]]
    dependents: Mapping[tuple[str, str], float]


def exposure(world: World, disruption: str, drills: int) -> Exposure:
    """Return how a disruption reaches the subjects of a world.

    Args:
        world: the strategy's world.
        disruption: its name.
        drills: of each unit, which are dealt among an application's resources.
    """
    d = world.disruptions[disruption]
    needed_by = dependents(world)
    rates: dict[str, list[float]] = {}
    outside: dict[tuple[str, str], float] = {}
    for unit in d.units:
        reached = _reached(world, d, unit)
        struck = [a for a, app in enumerate(world.applications) if app.name in reached]
        for dependent in sorted({b for a in struck for b in needed_by[a]}):
            name = world.applications[dependent].name
            itself = [dependent] if dependent in struck else []
            # what it requires may stand in other zones than it does itself
            rate = _together(world, d, unit, [*itself, *(a for a in struck if dependent in needed_by[a])])
            if itself or not is_outside(d, unit):
                reached[name] = rate
            else:
                outside[name, unit.name] = rate
        for name, rate in reached.items():
            rates.setdefault(name, []).append(rate)
    per_year = {name: math.fsum(of_units) for name, of_units in rates.items()}
    units: dict[str, dict[str, float]] = {}
    for a, app in enumerate(world.applications):
        if is_dealt(d):
            own_units = {u.name: u.rate_per_year for u in d.units if stands_in(world, d, u, a)}
            units |= {app.name: dict(sorted(own_units.items()))} if own_units else {}
        elif app.name in per_year:
            units[app.name] = {"": per_year[app.name]}
    dealt = {name: _dealt(own_units, drills) for name, own_units in units.items()} if is_dealt(d) else {}
    return Exposure(d.strikes == "resource", units, per_year, dealt, outside)


def is_dealt(d: Disruption) -> bool:
    """Return whether an application may stand in several units of a disruption, each with drills of its own."""
    return d.strikes == "resource" or (d.strikes in ("service", "key") and d.apart)


def stands_in(world: World, d: Disruption, unit: Unit, a: int) -> bool:
    """Return whether anything of an application may be struck in a unit, whatever the drill."""
    return any(may_reach(world, d, unit, r) for r in world.applications[a].resources)


def name_of_unit(world: World, d: Disruption, unit: Unit, a: int) -> str:
    """Return what the log calls struck in the rows of an application: nothing where it stands in one unit at most.

    It goes by structure, not by what a drill happens to strike: what stands in a unit is told in its own row, though in
    some drills only what it requires is struck there.
    """
    is_named = is_dealt(d) if stands_in(world, d, unit, a) else is_outside(d, unit)
    return unit.name if is_named else ""


def dependents(world: World) -> tuple[tuple[int, ...], ...]:
    """Return for each application those that are down while it is, ascending."""
    apps = world.applications
    return tuple(tuple(b for b, app in enumerate(apps) if a in app.requires) for a in range(len(apps)))


def _reached(world: World, d: Disruption, unit: Unit) -> dict[str, float]:
    """Return the subjects that events of a unit strike themselves, and how often [1/year]."""
    rates: dict[str, float] = {}
    for a, app in enumerate(world.applications):
        resources = [r for r in app.resources if may_reach(world, d, unit, r)]
        if resources:
            rates |= {world.resources[r].name: _rate(world, d, unit, [r]) for r in resources}
            rates[app.name] = _together(world, d, unit, [a])
    return rates


def _together(world: World, d: Disruption, unit: Unit, apps: Iterable[int]) -> float:
    """Return how often an event of a unit strikes at least one of several applications [1/year]."""
    resources = [[r for r in world.applications[a].resources if may_reach(world, d, unit, r)] for a in apps]
    if len(resources) == 1:
        return _rate(world, d, unit, resources[0])
    if d.strikes != "zone":
        return unit.rate_per_year
    return unit.rate_per_year * _zones_of_any(world, d, resources)


def _rate(world: World, d: Disruption, unit: Unit, resources: list[int]) -> float:
    # the resources of an application begin in one zone, so that the widest of them holds all its zones
    if d.strikes != "zone":
        return unit.rate_per_year
    return unit.rate_per_year * max(zones_reached(world, d, r) for r in resources)


def _zones_of_any(world: World, d: Disruption, by_app: list[list[int]]) -> float:
    """Return the sum, over the zones that may be struck, of the probability that any application stands there.

    Zones of different applications are drawn independently of each other; those of an application's resources are not.
    """
    by_zone = zip(*(_chances_of_app(world, d, resources) for resources in by_app), strict=True)
    return sum((1.0 - math.prod(1.0 - chance for chance in chances) for chances in by_zone), start=0.0)


def _chances_of_app(world: World, d: Disruption, resources: Iterable[int]) -> list[float]:
    """Return with which probability any of an application's resources stands in each zone, (zones,)."""
    chances: list[float] = np.max([zone_chances(world, d, r) for r in resources], axis=0).tolist()
    return chances


def is_outside(d: Disruption, unit: Unit) -> bool:
    """Return whether what a unit takes down, but does not strike, is told apart from what it strikes.

    Where each place is struck alone, with drills of its own, a subject's row holds those of the one it stands in: so it
    is where there happens to be one place only, so that nobody's rows depend on where others stand.
    """
    return unit.resource >= 0 or d.apart


def _dealt(per_year: Mapping[str, float], drills: int) -> tuple[tuple[str, int, int], ...]:
    """Return consecutive ranges of drills, as long as the resources' shares: by largest remainder."""
    total = math.fsum(per_year.values())
    shares = {n: drills * (rate / total if total > 0 else 1 / len(per_year)) for n, rate in per_year.items()}
    sizes = {name: math.floor(share) for name, share in shares.items()}
    rest = drills - sum(sizes.values())
    for name in sorted(shares, key=lambda n: (sizes[n] - shares[n], n))[:rest]:
        sizes[name] += 1
    ranges, first = [], 0
    for name, size in sizes.items():
        if size:
            ranges.append((name, first, first + size))
        first += size
    return tuple(ranges)
