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
from numpy.typing import NDArray

from drsim.engine.continuous import is_gone, latest_start_s
from drsim.engine.courses import Course
from drsim.engine.options import (
    Place,
    kept_s,
    last_resorts,
    order_written,
    places_of,
    replay_expected_s,
    replica_captured_s,
    replica_survives,
    restore_expected_s,
    route,
    size_at,
)
from drsim.engine.process.continuous import restorable
from drsim.engine.process.history import History, Run
from drsim.engine.strike import Strikes
from drsim.laws.points import is_cold, is_usable, oldest_acceptable
from drsim.world.model import Application, Continuous, Member, Replica, World

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
    candidates = list(_directly(world, strikes, e, member, course, history))
    resorts = last_resorts(world, member, where)
    walks = [_Walk(world, strikes, e, member, where, history, [s for s in member.streams if s not in resorts])]
    while True:
        newest = max((o.captured_s for o in candidates), default=-math.inf)
        for walk in walks:
            newest = walk.go(candidates, newest, app.loss_tolerance_s)
        if not candidates:
            return
        option = _preferred(candidates, newest, occurred, app, strikes.disruption.name)
        candidates.remove(option)
        yield option
        if isinstance(option.source, Continuous) and option.source.are_points:
            walks.append(_Walk(world, strikes, e, member, where, history, option.source.bases))


def _preferred(
    candidates: list[Option], newest_s: float, occurred_s: float, app: Application, disruption: str
) -> Option:
    """Return which of the options left the policy takes."""
    oldest = float(oldest_acceptable(newest_s, occurred_s, app.loss_tolerance_s, app.rpo_s[disruption]))
    return min((option for option in candidates if option.captured_s >= oldest), key=lambda option: option.rank)


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
    moment = restorable(world, strikes, e, continuous, history)
    if moment is None:
        return None
    replay = moment.captured_s - moment.base_s
    size, objects = size_at(world.resources[member.resource], float(strikes.occurred_s[e]))
    return Option(
        "point-in-time restore",
        moment.captured_s,
        float(replay_expected_s(member.restoration, continuous.replay, size, objects, replay)),
        vault.name,
        vault.site,
        continuous.vault,
        replay_s=replay,
        source=continuous,
        written=(-math.inf, written),
    )


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
            s: self._occurred - world.streams[s].start_window_s - max(kept_s(world.streams[s], p) for _, p in of_stream)
            for s, of_stream in self._places.items()
        }
        self._jitter = max((latest_start_s(world, world.streams[s]) for s in self._places), default=0.0)
        self._runs = history.runs_back(oldest, self._contaminated)
        self._next = next(self._runs, None)

    def go(self, candidates: list[Option], newest_s: float, tolerance_s: float) -> float:
        """Add options until no earlier run can be within the tolerance of the newest; return the newest's moment [s].

        Args:
            candidates: the options that are known and have not been tried.
            newest_s: the newest moment that one of them brings back [s since start].
            tolerance_s: of losses [s].
        """
        while self._next is not None and self._next[0] + self._jitter >= newest_s - tolerance_s:
            for option in self._left_by(self._next[1]):
                candidates.append(option)
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
            float(restore_expected_s(law, way.site, size, objects, cold, way.moves)),
            vault.name,
            way.site,
            place.vault,
            way.moves,
            cold,
            run=run,
            copy=place.copy,
            written=(-float(world.streams[s].times_s[position]), order_written(self._member, s, i)),
        )
