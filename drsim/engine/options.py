"""What one struck member can be recovered from, in the order in which the policy tries it.

The policy knows what is known when the disaster is declared: what survives and how old it is, but not how long a
restore will take or whether it will turn out useless. Of what is left it takes least loss, where losses within a
tolerance of the least count as equal, then the shortest expected time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim.engine.continuous import is_gone, lags_s, latest_start_s, restorable
from drsim.engine.courses import Course
from drsim.engine.history import History, Run
from drsim.engine.strike import Strikes
from drsim.engine.world import (
    Application,
    Continuous,
    Going,
    Member,
    Replica,
    Resource,
    Restoration,
    Stream,
    World,
)
from drsim.laws.jobs import Replay, ceiling
from drsim.laws.points import is_cold, is_usable, oldest_acceptable
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
        replay_s: time since the base whose log has to be replayed [s].
        source: the continuous protection or replica; None for a point.
        run: the run that left the point, None otherwise.
        copy: which copy of the point it is, -1 for the backup itself.
        written: what decides between equal ones: what needs no point first, then the run scheduled last, then the
            order written.
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
    written: tuple[float, int] = (-math.inf, 0)

    @property
    def rank(self) -> tuple[float, float, tuple[float, int]]:
        """The policy's order among options whose losses count as equal: shortest expected time, then least loss."""
        return self.expected_s, -self.captured_s, self.written


def growth(resource: Resource, moment_s: ArrayLike) -> Floats:
    """Return by what factor size and objects of a resource have grown at moments [s since start]."""
    return np.asarray((1 + resource.growth) ** (np.asarray(moment_s, dtype=np.float64) / YEAR_S))


def size_at(resource: Resource, moment_s: float) -> tuple[float, float]:
    """Return size [bytes] and objects of one member at a moment, growth included."""
    grown = float(growth(resource, moment_s)) if resource.growth else 1.0
    return resource.size_bytes * grown, resource.objects * grown


def options(
    world: World, strikes: Strikes, e: int, member: Member, course: Course, history: History
) -> Iterator[Option]:
    """Yield the surviving options of a member that need an act, in the order of the policy.

    Whoever asks for another has found the one before useless.

    Args:
        world: the strategy's world.
        strikes: the disruption.
        e: which of its incidents.
        member: who is to be recovered.
        course: how its application goes about its recovery.
        history: what the jobs before the incident left behind.
    """
    app = world.applications[world.resources[member.resource].app]
    where = course.where
    occurred = float(strikes.occurred_s[e])
    left = list(_directly(world, strikes, e, member, course, history))
    resorts = member.last_resorts
    walks = [_Walk(world, strikes, e, member, where, history, [s for s in member.streams if s not in resorts])]
    while True:
        newest = max((o.captured_s for o in left), default=-math.inf)
        for walk in walks:
            newest = walk.go(left, newest, app.loss_tolerance_s)
        if not left:
            return
        option = _preferred(left, newest, occurred, app, strikes.disruption.name)
        left.remove(option)
        yield option
        if isinstance(option.source, Continuous) and option.source.are_points:
            walks.append(_Walk(world, strikes, e, member, where, history, option.source.bases))


def _preferred(left: list[Option], newest_s: float, occurred_s: float, app: Application, disruption: str) -> Option:
    """Return which of the options left the policy takes."""
    oldest = float(oldest_acceptable(newest_s, occurred_s, app.loss_tolerance_s, app.rpo_s[disruption]))
    return min((o for o in left if o.captured_s >= oldest), key=lambda o: o.rank)


def _directly(
    world: World, strikes: Strikes, e: int, member: Member, course: Course, history: History
) -> Iterator[Option]:
    """Yield the options that are no recovery points: continuous protection, then replicas."""
    for i, c in enumerate(member.continuous):
        if (option := _to_a_moment(world, strikes, e, member, i, c, course.where, history)) is not None:
            yield option
    for i, r in enumerate(member.replicas, start=len(member.continuous)):
        if r.site == course.spared:
            continue
        if (option := _to_a_replica(world, strikes, e, i, r)) is not None:
            yield option


def replica_captured_s(strikes: Strikes, replica: Replica) -> Floats:
    """Return the moments whose data a replica holds when the service stops, (n,) [s since start]."""
    return strikes.occurred_s - lags_s(strikes, replica.lag, replica.lag_key)


def replica_survives(strikes: Strikes, replica: Replica) -> bool:
    """Return whether a replica survives: where the resource is deleted, if it was said to; else where its site does."""
    if strikes.disruption.deletes_resource:
        return not is_gone(strikes, replica)
    return bool(strikes.replica_ok[replica.site])


def _to_a_replica(world: World, strikes: Strikes, e: int, written: int, replica: Replica) -> Option | None:
    if not replica_survives(strikes, replica):
        return None
    captured = float(replica_captured_s(strikes, replica)[e])
    if captured > strikes.contaminated_s[e]:
        return None
    site = world.sites[replica.site]
    return Option(
        "failover",
        captured,
        replica.promote.mean,
        site.name,
        replica.site,
        -1,
        source=replica,
        written=(-math.inf, written),
    )


def _to_a_moment(
    world: World,
    strikes: Strikes,
    e: int,
    member: Member,
    written: int,
    continuous: Continuous,
    where: int | None,
    history: History,
) -> Option | None:
    vault = world.vaults[continuous.vault]
    way = route(world, member.restoration, continuous.vault, where)
    if not strikes.vault_ok[e, continuous.vault] or way is None or way.moves:
        return None  # AWS copies no continuous point
    if is_gone(strikes, continuous):
        return None
    found = restorable(world, strikes, e, continuous, history)
    if found is None:
        return None
    replay = found.captured_s - found.base_s
    size, objects = size_at(world.resources[member.resource], float(strikes.occurred_s[e]))
    return Option(
        "point-in-time restore",
        found.captured_s,
        float(replay_expected_s(member.restoration, continuous.replay, size, objects, replay)),
        vault.name,
        vault.site,
        continuous.vault,
        replay_s=replay,
        source=continuous,
        written=(-math.inf, written),
    )


def replay_expected_s(
    law: Restoration, replay: Replay, size: ArrayLike, objects: ArrayLike, replay_s: ArrayLike
) -> Floats:
    """Return how long a restore to a moment takes on average [s]; one that is given as a whole replays no logs."""
    expected = law.work.expected_s(size, objects)
    if replay.is_waited_for and law.work.whole is None:
        expected = expected + replay.expected_s(size, replay_s)
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


class _Walk:
    """The usable recovery points of some streams, found run by run, latest first, and only as far back as needed."""

    def __init__(
        self,
        world: World,
        strikes: Strikes,
        e: int,
        member: Member,
        where: int | None,
        history: History,
        streams: Iterable[int],
    ) -> None:
        self._world, self._strikes, self._e, self._member, self._where = world, strikes, e, member, where
        self._history = history
        self._occurred, self._contaminated = float(strikes.occurred_s[e]), float(strikes.contaminated_s[e])
        ok = strikes.vault_ok[e]
        places = {s: [(i, p) for i, p in enumerate(places_of(world.streams[s])) if ok[p.vault]] for s in streams}
        self._places = {s: p for s, p in places.items() if p and not is_gone(strikes, world.streams[s])}
        oldest = {
            s: self._occurred - world.streams[s].start_window_s - max(kept_s(world.streams[s], p) for _, p in some)
            for s, some in self._places.items()
        }
        self._jitter = max((latest_start_s(world, world.streams[s]) for s in self._places), default=0.0)
        self._runs = history.runs_back(oldest, self._contaminated)
        self._next = next(self._runs, None)

    def go(self, left: list[Option], newest_s: float, tolerance_s: float) -> float:
        """Add options until no earlier run can be within the tolerance of the newest; return the newest's moment [s].

        Args:
            left: the options that are known and have not been tried.
            newest_s: the newest moment that one of them brings back [s since start].
            tolerance_s: of losses [s].
        """
        while self._next is not None and self._next[0] + self._jitter >= newest_s - tolerance_s:
            for option in self._left_by(self._next[1]):
                left.append(option)
                newest_s = max(newest_s, option.captured_s)
            self._next = next(self._runs, None)
        return newest_s

    def _left_by(self, run: Run) -> Iterator[Option]:
        """Yield the options that one run left."""
        outcome = self._history.outcome(self._e, run)
        captured = outcome.captured_s
        scheduled = float(self._world.streams[run[0]].times_s[run[1]])
        for i, place in self._places[run[0]]:
            if scheduled < place.since_s:
                continue
            available = outcome.available_s[1 + place.copy]
            expires = captured + place.delete_after_s + outcome.expiry_s[1 + place.copy]
            expires = min(expires, outcome.gone_s[1 + place.copy])
            if is_usable(captured, available, expires, self._occurred, self._contaminated):
                option = self._restore(run, i, place, captured)
                if option is not None:
                    yield option

    def _restore(self, run: Run, i: int, place: Place, captured: float) -> Option | None:
        """Return the option of restoring one point from one vault; None where it cannot get to where it is needed."""
        world, law, (s, position) = self._world, self._member.restoration, run
        vault = world.vaults[place.vault]
        cold = bool(is_cold(captured, place.cold_after_s, self._occurred))
        way = route(world, law, place.vault, self._where)
        if way is None or (cold and way.moves):
            return None
        size, objects = size_at(world.resources[self._member.resource], self._occurred)
        return Option(
            "restore",
            captured,
            float(restore_expected_s(law, size, objects, cold, moves=way.moves)),
            vault.name,
            way.site,
            place.vault,
            way.moves,
            cold,
            run=run,
            copy=place.copy,
            written=(-float(world.streams[s].times_s[position]), order_written(self._member, s, i)),
        )


def order_written(member: Member, stream: int, place: int) -> int:
    """Return the order written of a stream's places, by which equal options are told apart."""
    return member.streams.index(stream) * 64 + place


def kept_s(stream: Stream, place: Place) -> float:
    """Return after what age a point is surely gone [s]."""
    delay = stream.expiry_delay if place.copy < 0 else stream.copies[place.copy].expiry_delay
    return place.delete_after_s + ceiling(delay)


def newest_scheduled_s(stream: Stream, moment_s: ArrayLike) -> Floats:
    """Return the scheduled moment of a stream's newest run at or before moments [s since start]; -inf for none."""
    earlier = np.concatenate(([-math.inf], stream.all_times_s))
    return np.asarray(earlier[np.searchsorted(earlier, moment_s, side="right") - 1])
