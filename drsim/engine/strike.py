"""What a disruption does, drill by drill, before anybody recovers: when, for how long, whom, and what survives.

Luck is named by disruption, unit and number of the drill, so that nobody's depends on what else there is; the moment by
disruption and number alone, alike for all units.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.engine.zones import is_in_zone, zone_struck, zones_reached
from drsim.laws import survival
from drsim.laws.sampling import draw
from drsim.world.disruptions import Disruption, Unit
from drsim.world.model import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_NUMBERS = 14
"""Bits that number the incidents of one unit in a life; those above name disruption and unit."""


@dataclass(frozen=True)
class Occurrences:
    """N incidents as what is recovered sees them, whatever it was that struck.

    Attributes:
        run: (n,) number of the drill or lifetime, which names the luck of all jobs before.
        incident: (n,) name of the incident's own luck: disruption, unit and, in a lifetime, number.
        occurred_s: (n,) the service stops [s since start].
        contaminated_s: (n,) data captured after this moment is no good [s since start].
        vault_ok: (n, vaults) whose points survive and can be reached.
    """

    run: Ints
    incident: Ints
    occurred_s: Floats
    contaminated_s: Floats
    vault_ok: Bools
    _drawn: dict[Hashable, Floats] = field(default_factory=dict, repr=False, compare=False, kw_only=True)

    def once(self, what: Hashable, draw_it: Callable[[], Floats]) -> Floats:
        """Return figures of all incidents, (n,), drawn when first asked for: all cost little more than one."""
        if what not in self._drawn:
            self._drawn[what] = draw_it()
        return self._drawn[what]


@dataclass(frozen=True)
class Events(Occurrences):
    """N incidents as those see them who go about the recovery.

    Attributes:
        ends_s: (n,) the disruption ends by itself [s since start]; inf where it never does.
        affected: (n, members) who is struck.
        detect_s, declare_s: (n,) human steps [s].
    """

    ends_s: Floats
    affected: Bools
    detect_s: Floats
    declare_s: Floats

    @property
    def may_pass(self) -> bool | Bools:
        """Whether it looks like an outage whose end people may wait for, for all incidents or each, (n,)."""
        raise NotImplementedError


@dataclass(frozen=True)
class Strikes(Events):
    """A disruption of one unit in each of n drills.

    Attributes:
        unit: what is struck.
        site_ok: (sites,) where an application can be recovered.
        replica_ok: (sites,) where live replicas survive.
        in_region: (sites,) which lie in the Region that is struck; none where no Region is.
        impaired: kind of step -> (n,) whether such steps in that Region have to wait until the end.
        zone: (n,) number of the zone that is struck; None where no zone is.
    """

    disruption: Disruption
    unit: Unit
    site_ok: Bools
    replica_ok: Bools
    in_region: Bools
    impaired: dict[str, Bools]
    zone: Ints | None = None

    @property
    def may_pass(self) -> bool:
        """Whether it looks like an outage whose end people may wait for."""
        # a Region that is lost looks like one that will come back
        return self.disruption.strikes in ("zone", "region", "service", "premises")

    @property
    def struck(self) -> str:
        """Name of the unit where an application may stand in several: the resource, service or key; empty elsewhere."""
        several = self.unit.resource >= 0 or ((self.unit.service or self.unit.key) and self.disruption.apart)
        return self.unit.name if several else ""

    def is_impaired(self, steps: tuple[str, ...], sites: tuple[int, ...]) -> Bools:
        """Return whether steps of any of these kinds have to wait at any of these sites, (n,)."""
        waits = np.zeros(len(self.run), dtype=bool)
        if any(self.in_region[site] for site in sites):
            for step in steps:
                if step in self.impaired:
                    waits |= self.impaired[step]
        return waits

    def take(self, drills: Ints) -> Strikes:
        """Return the disruption in some of the drills."""
        return replace(
            self,
            **{
                name: getattr(self, name)[drills]
                for name in (
                    *("run", "incident", "occurred_s", "contaminated_s", "ends_s", "affected", "vault_ok"),
                    *("detect_s", "declare_s"),
                )
            },
            impaired={step: waits[drills] for step, waits in self.impaired.items()},
            zone=None if self.zone is None else self.zone[drills],
            _drawn={},
        )


def strike(
    world: World,
    name: str,
    run: Ints,
    *,
    unit: int = 0,
    number: Ints | None = None,
    occurred_s: Floats | None = None,
) -> Strikes:
    """Return what disruption `name` does to one of its units in the given drills.

    Args:
        world: the strategy's world.
        name: name of the disruption in the scenario.
        run: (n,) numbers of the drills or lifetimes.
        unit: which of the disruption's units is struck.
        number: (n,) numbers of the unit's incidents within a lifetime; in a drill there is one.
        occurred_s: (n,) when the service stops; uniform over the horizon if left out.
    """
    d = world.disruptions[name]
    struck = d.units[unit]
    n = len(run)
    drill = number is None
    if occurred_s is None:
        occurred_s = draws.on_grid(draws.uniform(d.key("occurred"), run, 0) * world.horizon_s)
    incident = _luck(name, struck.name) + (np.zeros(n, dtype=np.int64) if number is None else number)
    dwell = draws.on_grid(draw(d.dwell, d.key("dwell"), run, incident))
    ends = np.full(n, np.inf)
    if d.ends:
        ends = occurred_s + draws.on_grid(draw(d.duration, d.key("duration"), run, incident))
    attacked = np.zeros(n, dtype=bool)
    if d.takes.is_attack and d.attacked > 0:
        attacked = draws.uniform(d.key("attacked"), run, incident) < d.attacked
    in_region = np.array([s.region == struck.region for s in world.sites], dtype=bool)
    in_account = np.array([s.account == struck.account for s in world.sites], dtype=bool)
    vault_ok = np.column_stack(
        [
            survival.vault_survives(
                d.takes,
                v.lock,
                region_struck=bool(in_region[v.site]),
                account_struck=bool(in_account[v.site]),
                key_struck=struck.key in v.keys,
                attacked=attacked,
            )
            for v in world.vaults
        ]
        or [np.zeros((n, 0), dtype=bool)]
    )
    zone = zone_struck(d, run, incident, drill=drill) if d.strikes == "zone" else None
    sites = range(len(world.sites))
    return Strikes(
        disruption=d,
        unit=struck,
        run=run,
        incident=incident,
        occurred_s=occurred_s,
        contaminated_s=occurred_s - dwell,
        ends_s=ends,
        affected=_affected(world, d, struck, run, incident, zone),
        vault_ok=vault_ok,
        site_ok=np.array(
            [
                survival.site_usable(d.takes, region_struck=bool(in_region[s]), account_struck=bool(in_account[s]))
                for s in sites
            ]
        ),
        replica_ok=np.array(
            [
                survival.replica_survives(
                    d.takes,
                    region_struck=bool(in_region[s]),
                    account_struck=bool(in_account[s]),
                )
                for s in sites
            ]
        ),
        in_region=in_region,
        impaired={
            step: draws.uniform(d.key(f"impairs {step}"), run, incident) < p
            for step, p in d.impairs
            if p > 0 and d.ends
        },
        detect_s=draws.on_grid(draw(world.detect, world.response_keys[0], run, incident)),
        declare_s=draws.on_grid(draw(world.declare, world.response_keys[1], run, incident)),
        zone=zone,
    )


def _luck(disruption: str, unit: str) -> int:
    """Return what names the luck of a disruption's incidents of a unit, below which they are numbered."""
    # 42 bits of a hash, so that with a number and the numbers of attempts it fits 64
    return draws.key(0, f"disruption {disruption}", unit) >> 22 << _NUMBERS


def _affected(world: World, d: Disruption, unit: Unit, run: Ints, incident: Ints, zone: Ints | None) -> Bools:
    """Return who is struck, (n, members)."""
    n = len(run)
    if unit.resource >= 0:
        affected = np.zeros((n, len(world.members)), dtype=bool)
        members = np.array(world.resources[unit.resource].members)
        which = np.zeros(n, dtype=np.int64)
        if len(members) > 1:
            which = np.floor(draws.uniform(d.key("member"), run, incident) * len(members)).astype(np.int64)
        affected[np.arange(n), members[which]] = True
        return affected
    reached = np.array([_stands_in(world, unit, m.resource) for m in world.members], dtype=bool)
    if zone is None:
        return np.tile(reached, (n, 1))
    affected_by_zone = np.zeros((n, len(world.members)), dtype=bool)
    for m in np.flatnonzero(reached).tolist():
        affected_by_zone[:, m] = is_in_zone(world, d, m, run, zone)
    return affected_by_zone


def _stands_in(world: World, unit: Unit, r: int) -> bool:
    """Return whether a resource stands in an account, a Region or a service of a Region, or lies under a key."""
    resource = world.resources[r]
    site = world.sites[resource.site]
    if unit.key:
        return unit.key in resource.keys
    if unit.account:
        return site.account == unit.account
    return site.region == unit.region and unit.service in ("", resource.type)


def may_strike(world: World, name: str) -> Bools:
    """Return which members a disruption can strike, by structure, (members,)."""
    d = world.disruptions[name]
    return np.array([any(may_reach(world, d, unit, m.resource) for unit in d.units) for m in world.members], dtype=bool)


def may_reach(world: World, d: Disruption, unit: Unit, r: int) -> bool:
    """Return whether an event of a unit may strike a resource, by structure."""
    if unit.resource >= 0:
        return unit.resource == r
    return _stands_in(world, unit, r) and (d.strikes != "zone" or zones_reached(world, d, r) > 0)
