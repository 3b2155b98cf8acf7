"""What one struck member can be recovered from, in the order in which the policy tries it.

The policy knows what is known when the disaster is declared: what survives and how old it is, but not how long a
restore will take or whether it will turn out useless. It takes least loss first, then the shortest expected time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush, merge

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.history import History, Run
from drsim.engine.strike import Strikes
from drsim.engine.world import Continuous, Going, Member, Replica, Resource, Restoration, Stream, World
from drsim.laws.jobs import ceiling, draw
from drsim.laws.points import is_cold, is_usable, replayed_logs, restorable_moment
from drsim.units import YEAR_S

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Option:
    """One way to recover a member.

    Attributes:
        by: `failover`, `point-in-time restore` or `restore`.
        captured_s: the moment whose data it brings back [s since start].
        expected_s: how long it takes on average, of what differs between options [s].
        place: vault or site, for people.
        site: where the resource will run.
        vault: vault that is restored from; -1 for a failover.
        copied: whether the point is first copied to `site`.
        cold: whether it has to be retrieved from the cold tier.
        replay_s: logs to replay, in time of their making [s].
        source: the continuous protection or replica; None for a point.
        run: the run that left the point, None otherwise.
        copy: which copy of the point it is, -1 for the backup itself.
    """

    by: str
    captured_s: float
    expected_s: float
    place: str
    site: int
    vault: int
    copied: bool = False
    cold: bool = False
    replay_s: float = 0.0
    source: Continuous | Replica | None = None
    run: Run | None = None
    copy: int = -1

    @property
    def rank(self) -> tuple[float, float]:
        """The policy's order: least loss, then shortest expected time."""
        return -self.captured_s, self.expected_s


def growth(resource: Resource, moment_s: ArrayLike) -> Floats:
    """Return by what factor size and objects of a resource have grown at moments [s since start]."""
    return np.asarray((1 + resource.growth) ** (np.asarray(moment_s, dtype=np.float64) / YEAR_S))


def size_at(resource: Resource, moment_s: float) -> tuple[float, float]:
    """Return size [bytes] and objects of one member at a moment, growth included."""
    grown = float(growth(resource, moment_s)) if resource.growth else 1.0
    return resource.size_bytes * grown, resource.objects * grown


def options(
    world: World, strikes: Strikes, e: int, member: Member, where: int | None, history: History
) -> Iterator[Option]:
    """Yield the surviving options of a member that need an act, in the order of the policy.

    Args:
        world: the strategy's world.
        strikes: the disruption.
        e: which of its incidents.
        member: who is to be recovered.
        where: site at which its application recovers; None for wherever the point lies.
        history: what the jobs before the incident left behind.
    """
    direct = [o for c in member.continuous if (o := _to_a_moment(world, strikes, e, member, c, where))]
    direct += [o for r in member.replicas if (o := _to_a_replica(world, strikes, e, r))]
    direct.sort(key=lambda o: o.rank)
    return merge(direct, _points(world, strikes, e, member, where, history), key=lambda o: o.rank)


def lags_s(strikes: Strikes, lag: Distribution, key: int) -> Floats:
    """Return how far a replica or a log lies behind in each incident, (n,) [s]."""
    return strikes.once(key, lambda: draws.on_grid(draw(lag, key, strikes.run, strikes.incident)))


def replica_captured_s(strikes: Strikes, replica: Replica) -> Floats:
    """Return the moments whose data a replica holds when the service stops, (n,) [s since start]."""
    return strikes.occurred_s - lags_s(strikes, replica.lag, replica.lag_key)


def _to_a_replica(world: World, strikes: Strikes, e: int, replica: Replica) -> Option | None:
    if not strikes.replica_ok[replica.site]:
        return None
    captured = float(replica_captured_s(strikes, replica)[e])
    if captured > strikes.contaminated_s[e]:
        return None
    site = world.sites[replica.site]
    return Option("failover", captured, replica.promote.mean, site.name, replica.site, -1, source=replica)


def _to_a_moment(
    world: World, strikes: Strikes, e: int, member: Member, continuous: Continuous, where: int | None
) -> Option | None:
    vault = world.vaults[continuous.vault]
    way = route(world, member.restoration, continuous.vault, where)
    if not strikes.vault_ok[e, continuous.vault] or way is None or way.moves:
        return None  # AWS copies no continuous point
    occurred, contaminated = float(strikes.occurred_s[e]), float(strikes.contaminated_s[e])
    lag = float(lags_s(strikes, continuous.log_lag, continuous.lag_key)[e])
    captured, reached = restorable_moment(occurred, contaminated, lag, continuous.window_s, world.plan_start_s)
    if not reached:
        return None
    replay = float(replayed_logs(captured, continuous.anchors_s)) if continuous.replay_speed else 0.0
    size, objects = size_at(world.resources[member.resource], occurred)
    expected = float(replay_expected_s(member.restoration, continuous, size, objects, replay))
    return Option(
        "point-in-time restore",
        float(captured),
        expected,
        vault.name,
        vault.site,
        continuous.vault,
        replay_s=replay,
        source=continuous,
    )


def replay_expected_s(
    law: Restoration, continuous: Continuous, size: ArrayLike, objects: ArrayLike, replay_s: ArrayLike
) -> Floats:
    """Return how long a restore to a moment takes on average [s]."""
    expected = law.work.expected_s(size, objects)
    if continuous.replay_speed:
        expected = expected + np.asarray(replay_s) / continuous.replay_speed.mean
    return expected


def restore_expected_s(
    law: Restoration, size: ArrayLike, objects: ArrayLike, cold: ArrayLike, *, moves: bool
) -> Floats:
    """Return how long a restore takes on average, of what differs between points [s]."""
    expected = law.work.expected_s(size, objects) + np.asarray(cold) * law.cold_retrieval.mean
    return expected + law.copy_work.expected_s(size, objects) if moves else expected


@dataclass(frozen=True, slots=True)
class Route:
    """How what lies in a vault gets to where it is needed.

    Attributes:
        site: where the resource will run.
        moves: whether the point has to be copied there first.
    """

    site: int
    moves: bool


def route(world: World, law: Restoration, vault: int, where: int | None) -> Route | None:
    """Return how a point gets from its vault to the application's place; None where AWS cannot copy it there."""
    site = world.vaults[vault].site
    if where is None:
        return Route(site, moves=False)
    here, there = world.sites[site], world.sites[where]
    if world.vaults[vault].lock == "air-gapped":
        moves = here.region != there.region  # such a vault is shared with the account that restores
    else:
        moves = (here.region, here.account) != (there.region, there.account)
    if moves and here.region != there.region and not law.can_copy_region:
        return None
    if moves and here.account != there.account and not law.can_copy_account:
        return None
    return Route(where, moves)


@dataclass(frozen=True, slots=True)
class Place:
    """One vault of a stream: -1 for the backup itself, else the copy action; and the life of the points there."""

    copy: int
    vault: int
    delete_after_s: float
    cold_after_s: float
    since_s: float
    goes: Going | None


def places_of(stream: Stream) -> list[Place]:
    """Return where the points of a stream lie."""
    return [
        Place(i, job.vault, job.delete_after_s, job.cold_after_s, job.since_s, job.goes)
        for i, job in enumerate(stream.jobs, start=-1)
        if i >= 0 or stream.is_point
    ]


def _points(
    world: World, strikes: Strikes, e: int, member: Member, where: int | None, history: History
) -> Iterator[Option]:
    """Yield the usable recovery points, newest first; of one point's copies the one expected to be quickest first."""
    occurred, contaminated = float(strikes.occurred_s[e]), float(strikes.contaminated_s[e])
    ok = strikes.vault_ok[e]
    places = {s: [p for p in places_of(world.streams[s]) if ok[p.vault]] for s in member.streams}
    streams = [s for s, some in places.items() if some]
    if not streams:
        return
    oldest = {
        s: occurred - world.streams[s].start_window_s - max(kept_s(world.streams[s], p) for p in places[s])
        for s in streams
    }
    jitter = max(latest_start_s(world, world.streams[s]) for s in streams)
    waiting: list[tuple[tuple[float, float], int, Option]] = []
    number = 0
    for scheduled, run in history.runs_back(oldest, contaminated):
        while waiting and -waiting[0][0][0] > scheduled + jitter:
            yield heappop(waiting)[2]
        outcome = history.outcome(e, run)
        captured = outcome.captured_s
        for place in places[run[0]]:
            if scheduled < place.since_s:
                continue
            available = outcome.available_s[1 + place.copy]
            expires = captured + place.delete_after_s + outcome.expiry_s[1 + place.copy]
            expires = min(expires, outcome.gone_s[1 + place.copy])
            if not is_usable(captured, available, expires, occurred, contaminated):
                continue
            option = _restore(world, strikes, e, member, where, run, place, captured)
            if option is not None:
                heappush(waiting, (option.rank, number, option))
                number += 1
    while waiting:
        yield heappop(waiting)[2]


def latest_start_s(world: World, stream: Stream) -> float:
    """Return how long after its scheduled moment a backup job starts at the latest [s]."""
    if world.components[world.component_of[stream.member]].limits:
        return stream.start_window_s
    return min(stream.start_window_s, ceiling(stream.start_delay))


def kept_s(stream: Stream, place: Place) -> float:
    """Return after what age a point is surely gone [s]."""
    delay = stream.expiry_delay if place.copy < 0 else stream.copies[place.copy].expiry_delay
    return place.delete_after_s + ceiling(delay)


def _restore(
    world: World, strikes: Strikes, e: int, member: Member, where: int | None, run: Run, place: Place, captured: float
) -> Option | None:
    """Return the option of restoring one point from one vault; None where it cannot get to where it is needed."""
    vault, law = world.vaults[place.vault], member.restoration
    occurred = float(strikes.occurred_s[e])
    cold = is_cold(captured, place.cold_after_s, occurred)
    way = route(world, law, place.vault, where)
    if way is None or (cold and way.moves):
        return None
    size, objects = size_at(world.resources[member.resource], occurred)
    expected = float(restore_expected_s(law, size, objects, cold, moves=way.moves))
    return Option(
        "restore", captured, expected, vault.name, way.site, place.vault, way.moves, cold, run=run, copy=place.copy
    )


def newest_scheduled_s(stream: Stream, moment_s: ArrayLike) -> Floats:
    """Return the scheduled moment of a stream's newest run at or before moments [s since start]; -inf for none."""
    earlier = np.concatenate(([-math.inf], stream.all_times_s))
    return np.asarray(earlier[np.searchsorted(earlier, moment_s, side="right") - 1])
