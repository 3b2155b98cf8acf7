"""What a disruption does, drill by drill, before anybody recovers: when, for how long, whom, and what survives."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.engine.world import Disruption, World
from drsim.laws import survival
from drsim.laws.jobs import draw

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Strikes:
    """A disruption in each of n drills.

    Attributes:
        run: (n,) number of the drill or lifetime, which names all its draws.
        incident: (n,) number of the incident within it, 0 in a drill.
        occurred_s: (n,) the service stops [s since start].
        contaminated_s: (n,) data captured after this moment is no good [s since start].
        ends_s: (n,) the disruption ends by itself [s since start]; inf where it never does.
        affected: (n, members) who is struck.
        vault_ok: (n, vaults) whose points survive and can be reached.
        site_ok: (sites,) where an application can be recovered.
        replica_ok: (sites,) where live replicas survive.
        impaired: kind of step -> (n,) whether such steps have to wait until the end.
        detect_s, declare_s: (n,) human steps [s].
    """

    disruption: Disruption
    run: Ints
    incident: Ints
    occurred_s: Floats
    contaminated_s: Floats
    ends_s: Floats
    affected: Bools
    vault_ok: Bools
    site_ok: Bools
    replica_ok: Bools
    impaired: dict[str, Bools]
    detect_s: Floats
    declare_s: Floats
    _drawn: dict[Hashable, Floats] = field(default_factory=dict, repr=False, compare=False)

    def once(self, what: Hashable, draw_it: Callable[[], Floats]) -> Floats:
        """Return figures of all drills, (n,), drawn when first asked for: all cost little more than one."""
        if what not in self._drawn:
            self._drawn[what] = draw_it()
        return self._drawn[what]

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
            _drawn={},
        )


def strike(
    world: World, name: str, run: Ints, *, incident: Ints | None = None, occurred_s: Floats | None = None
) -> Strikes:
    """Return what disruption `name` does in the given drills.

    Args:
        world: the strategy's world.
        name: name of the disruption in the scenario.
        run: (n,) numbers of the drills.
        incident: (n,) numbers of the incidents within a lifetime; all 0 if left out.
        occurred_s: (n,) when the service stops; uniform over the horizon if left out.
    """
    d = world.disruptions[name]
    n = len(run)
    index = np.zeros(n, dtype=np.int64) if incident is None else incident
    if occurred_s is None:
        occurred_s = draws.on_grid(draws.uniform(d.key("occurred"), run, index) * world.horizon_s)
    dwell = draws.on_grid(draw(d.dwell, d.key("dwell"), run, index))
    ends = np.full(n, np.inf)
    if d.ends:
        ends = occurred_s + draws.on_grid(draw(d.duration, d.key("duration"), run, index))
    attacked = np.zeros(n, dtype=bool)
    if d.kind in survival.ATTACKS and d.attacked > 0:
        attacked = draws.uniform(d.key("attacked"), run, index) < d.attacked
    region_struck, account_struck = _scope(world, d)
    vault_ok = np.column_stack(
        [
            survival.vault_survives(
                d.kind,
                v.lock,
                region_struck=bool(region_struck[v.site]),
                account_struck=bool(account_struck[v.site]),
                attacked=attacked,
            )
            for v in world.vaults
        ]
        or [np.zeros((n, 0), dtype=bool)]
    )
    sites = range(len(world.sites))
    detect = draws.on_grid(draw(world.detect, world.response_keys[0], run, index))
    declare = draws.on_grid(draw(world.declare, world.response_keys[1], run, index))
    return Strikes(
        disruption=d,
        run=run,
        incident=index,
        occurred_s=occurred_s,
        contaminated_s=occurred_s - dwell,
        ends_s=ends,
        affected=_affected(world, d, run, index, region_struck, account_struck),
        vault_ok=vault_ok,
        site_ok=np.array(
            [
                survival.site_usable(d.kind, region_struck=region_struck[s], account_struck=account_struck[s])
                for s in sites
            ]
        ),
        replica_ok=np.array(
            [
                survival.replica_survives(
                    d.kind,
                    reaches_replicas=d.reaches_replicas,
                    region_struck=region_struck[s],
                    account_struck=account_struck[s],
                )
                for s in sites
            ]
        ),
        impaired={
            step: draws.uniform(d.key(f"impairs {step}"), run, index) < p for step, p in d.impairs if p > 0 and d.ends
        },
        detect_s=detect,
        declare_s=declare,
    )


def _scope(world: World, d: Disruption) -> tuple[list[bool], list[bool]]:
    """Return for each site whether its Region and whether its account are struck.

    Without a site a disruption strikes the Region or the account of its targets.
    """
    struck = d.sites or tuple({world.resources[r].site for r in d.targets})
    regions = {world.sites[s].region for s in struck}
    accounts = {world.sites[s].account for s in struck}
    return [s.region in regions for s in world.sites], [s.account in accounts for s in world.sites]


def _affected(
    world: World, d: Disruption, run: Ints, index: Ints, region_struck: list[bool], account_struck: list[bool]
) -> Bools:
    """Return who is struck, (n, members)."""
    resource_of = np.array([m.resource for m in world.members], dtype=np.int64)
    site_of = np.array([world.resources[r].site for r in resource_of], dtype=np.int64)
    n = len(run)
    if not d.targets and not d.sites:
        return np.zeros((n, len(world.members)), dtype=bool)
    if d.strikes == "resource":
        struck = np.array(d.targets, dtype=np.int64)[(run + index) % len(d.targets)]
        affected: Bools = np.equal(resource_of[None, :], struck[:, None])
        return affected
    in_region, in_account = np.array(region_struck)[site_of], np.array(account_struck)[site_of]
    if d.strikes == "account":
        return np.tile(in_account, (n, 1))
    if d.strikes == "region":
        return np.tile(in_region, (n, 1))
    if d.strikes == "service":
        served = np.array([world.resources[r].type == d.service for r in resource_of], dtype=bool)
        return np.tile(in_region & served, (n, 1))
    zone = np.full(n, zone_index(d.zone, d.zones) if d.zone else 0)
    if not d.zone:
        zone = np.floor(draws.uniform(d.key("zone"), run, index) * d.zones).astype(np.int64)
    regional = np.array([world.resources[r].deployment == "regional" for r in resource_of], dtype=bool)
    lies_in = np.array([m.zone for m in world.members], dtype=np.int64)
    there: Bools = np.equal(lies_in[None, :], zone[:, None])
    reached: Bools = there & (in_region & ~regional)[None, :]
    return reached


def may_strike(world: World, name: str) -> Bools:
    """Return which members a disruption can strike, (members,)."""
    d = world.disruptions[name]
    # as many drills as show every target, or every zone
    run = np.arange(max(len(d.targets), 64))
    found: Bools = np.any(_affected(world, d, run, np.zeros_like(run), *_scope(world, d)), axis=0)
    return found


def zone_index(zone: str, zones: int) -> int:
    """Return the number of a zone from the letter that ends its name: `us-east-1a` is 0."""
    last = zone[-1].lower()
    return (ord(last) - ord("a")) % zones if last.isalpha() else draws.key(0, zone, "zone") % zones
