"""In which zone of a Region a disruption strikes, and in which zones resources stand."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.world.disruptions import Disruption
from drsim.world.model import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def zone_struck(d: Disruption, run: Ints, incident: Ints, *, drill: bool) -> Ints:
    """Return the number of the zone that is struck, (n,): the one named, else each in turn; in a lifetime any."""
    if d.zone is not None:
        return np.full(len(run), zone_number(d.zone, d.zones))
    if drill:
        return run % d.zones
    return np.floor(draws.uniform(d.key("zone"), run, incident) * d.zones).astype(np.int64)


def is_in_zone(world: World, d: Disruption, m: int, run: Ints, zone: Ints) -> Bools:
    """Return in which drills a member stands in the zone that is struck, (n,)."""
    member = world.members[m]
    resource = world.resources[member.resource]
    if resource.deployment != "regional" and world.sites[resource.site].zone is None:
        return np.asarray((_first_zone(world, resource.app, run, d.zones) + member.place) % d.zones == zone)
    # of what has a place of its own it is certain
    stands = zone_chances(world, d, member.resource) == 1.0
    return np.asarray(stands[zone if d.zone is None else np.zeros_like(zone)])


def zone_chances(world: World, d: Disruption, r: int) -> Floats:
    """Return with which probability a resource stands in each of the zones that an outage may strike, (zones,).

    One zone where the disruption names it, else those of the Region by number. Of a resource whose site names no zone
    the members are spread over the zones from one that is drawn; what is regional stands in none.
    """
    resource, zones = world.resources[r], 1 if d.zone is not None else d.zones
    site_zone = world.sites[resource.site].zone
    if resource.deployment == "regional":
        return np.zeros(zones)
    if site_zone is None:
        return np.full(zones, min(len(resource.members) / d.zones, 1.0))
    if d.zone is not None:
        return np.array([float(site_zone.lower() == d.zone.lower())])
    return np.asarray(np.arange(zones) == zone_number(site_zone, zones), dtype=np.float64)


def zones_reached(world: World, d: Disruption, r: int) -> float:
    """Return the sum, over the zones that an outage may strike, of the probability that a resource stands there."""
    return math.fsum(zone_chances(world, d, r).tolist())


def _first_zone(world: World, app: int, run: Ints, zones: int) -> Ints:
    """Return the number of the zone in which an application's resources begin to stand, one draw a drill, (n,)."""
    drawn = draws.uniform(world.applications[app].zone_key, run, 0)
    return np.floor(drawn * zones).astype(np.int64)


def zone_number(zone: str, zones: int) -> int:
    """Return the number of a zone from the letter that ends its name: `us-east-1a` is 0."""
    last = zone[-1].lower()
    return (ord(last) - ord("a")) % zones if last.isalpha() else draws.key(0, zone, "zone") % zones
