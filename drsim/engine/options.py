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
from drsim.engine.world import Continuous, Member, Replica, Resource, Stream, World
from drsim.laws.jobs import ceiling, draw
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


def replica_captured_s(strikes: Strikes, e: int, replica: Replica) -> float:
    """Return the moment whose data a replica holds when the service stops [s since start]."""
    return float(strikes.occurred_s[e]) - _lag_s(strikes, e, replica.lag, replica.lag_key)


def _lag_s(strikes: Strikes, e: int, lag: Distribution, key: int) -> float:
    """Return how far a replica or a log lies behind [s]."""
    return float(strikes.once(key, lambda: draws.on_grid(draw(lag, key, strikes.run, strikes.incident)))[e])


def _to_a_replica(world: World, strikes: Strikes, e: int, replica: Replica) -> Option | None:
    if not strikes.replica_ok[replica.site]:
        return None
    captured = replica_captured_s(strikes, e, replica)
    if captured > strikes.contaminated_s[e]:
        return None
    site = world.sites[replica.site]
    return Option("failover", captured, replica.promote.mean, site.name, replica.site, -1, source=replica)


def _to_a_moment(
    world: World, strikes: Strikes, e: int, member: Member, continuous: Continuous, where: int | None
) -> Option | None:
    vault = world.vaults[continuous.vault]
    if not strikes.vault_ok[e, continuous.vault] or _has_to_move(world, continuous.vault, where):
        return None  # AWS copies no continuous point
    occurred, contaminated = float(strikes.occurred_s[e]), float(strikes.contaminated_s[e])
    lag = _lag_s(strikes, e, continuous.log_lag, continuous.lag_key)
    captured = min(occurred - lag, contaminated)
    if captured < max(occurred - continuous.window_s, world.plan_start_s):
        return None
    anchor = int(np.searchsorted(continuous.anchors_s, captured, side="right")) - 1
    replay = captured - float(continuous.anchors_s[anchor]) if anchor >= 0 and continuous.replay_speed else 0.0
    resource = world.resources[member.resource]
    expected = member.restoration.work.expected_s(*size_at(resource, occurred))
    if continuous.replay_speed:
        expected += replay / continuous.replay_speed.mean
    return Option(
        "point-in-time restore",
        captured,
        expected,
        vault.name,
        vault.site,
        continuous.vault,
        replay_s=replay,
        source=continuous,
    )


def _has_to_move(world: World, vault: int, where: int | None) -> bool:
    """Return whether a point has to be copied before the application can use it at `where`."""
    if where is None:
        return False
    here, there = world.sites[world.vaults[vault].site], world.sites[where]
    if world.vaults[vault].lock == "air-gapped":
        return here.region != there.region  # such a vault is shared with the account that restores
    return (here.region, here.account) != (there.region, there.account)


@dataclass(frozen=True, slots=True)
class _Place:
    """One vault of a stream: -1 for the backup itself, else the copy action."""

    copy: int
    vault: int
    delete_after_s: float
    cold_after_s: float


def _places(stream: Stream) -> list[_Place]:
    first = [_Place(-1, stream.vault, stream.delete_after_s, stream.cold_after_s)] if stream.is_point else []
    return first + [_Place(i, c.vault, c.delete_after_s, c.cold_after_s) for i, c in enumerate(stream.copies)]


def _points(
    world: World, strikes: Strikes, e: int, member: Member, where: int | None, history: History
) -> Iterator[Option]:
    """Yield the usable recovery points, newest first; of one point's copies the one expected to be quickest first."""
    occurred, contaminated = float(strikes.occurred_s[e]), float(strikes.contaminated_s[e])
    ok = strikes.vault_ok[e]
    places = {s: [p for p in _places(world.streams[s]) if ok[p.vault]] for s in member.streams}
    streams = [s for s, some in places.items() if some]
    if not streams:
        return
    oldest = {
        s: occurred - world.streams[s].start_window_s - max(_kept_s(world.streams[s], p) for p in places[s])
        for s in streams
    }
    jitter = max(_latest_start_s(world, world.streams[s]) for s in streams)
    waiting: list[tuple[tuple[float, float], int, Option]] = []
    number = 0
    for scheduled, run in history.runs_back(oldest, contaminated):
        while waiting and -waiting[0][0][0] > scheduled + jitter:
            yield heappop(waiting)[2]
        outcome = history.outcome(e, run)
        captured = outcome.captured_s
        if not captured <= contaminated:  # nan: never started
            continue
        for place in places[run[0]]:
            if outcome.available_s[1 + place.copy] > occurred:
                continue
            if captured + place.delete_after_s + outcome.expiry_s[1 + place.copy] <= occurred:
                continue
            option = _restore(world, strikes, e, member, where, run, place, captured)
            if option is not None:
                heappush(waiting, (option.rank, number, option))
                number += 1
    while waiting:
        yield heappop(waiting)[2]


def _latest_start_s(world: World, stream: Stream) -> float:
    """Return how long after its scheduled moment a backup job starts at the latest [s]."""
    if world.components[world.component_of[stream.member]].limits:
        return stream.start_window_s
    return min(stream.start_window_s, ceiling(stream.start_delay))


def _kept_s(stream: Stream, place: _Place) -> float:
    delay = stream.expiry_delay if place.copy < 0 else stream.copies[place.copy].expiry_delay
    return place.delete_after_s + ceiling(delay)


def _restore(
    world: World, strikes: Strikes, e: int, member: Member, where: int | None, run: Run, place: _Place, captured: float
) -> Option | None:
    """Return the option of restoring one point from one vault; None where it cannot get to where it is needed."""
    vault, law = world.vaults[place.vault], member.restoration
    occurred = float(strikes.occurred_s[e])
    cold = occurred - captured >= place.cold_after_s
    moves = _has_to_move(world, place.vault, where)
    site = vault.site
    if where is not None and moves:
        here, there = world.sites[vault.site], world.sites[where]
        site = where
        if cold or (here.region != there.region and not law.can_copy_region):
            return None
        if here.account != there.account and not law.can_copy_account:
            return None
    elif where is not None:
        site = where
    size, objects = size_at(world.resources[member.resource], occurred)
    expected = law.work.expected_s(size, objects)
    if cold:
        expected += law.cold_retrieval.mean
    if moves:
        expected += law.copy_work.expected_s(size, objects)
    return Option("restore", captured, expected, vault.name, site, place.vault, moves, cold, run=run, copy=place.copy)


def newest_scheduled_s(stream: Stream, moment_s: float) -> float:
    """Return the scheduled moment of a stream's newest run at or before a moment [s since start]; -inf for none."""
    position = int(np.searchsorted(stream.all_times_s, moment_s, side="right")) - 1
    return float(stream.all_times_s[position]) if position >= 0 else -math.inf
