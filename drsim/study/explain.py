"""One incident looked at closely: what there was to recover from, what was waited for, what would have shortened it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from drsim.distributions import Constant, Distribution, Scaled
from drsim.engine import Recovered, Recovery, begin, settle, simulate_recovery
from drsim.engine.continuous import is_gone, wanted_s
from drsim.engine.options import replica_captured_s, replica_survives, route
from drsim.engine.process.continuous import restorable
from drsim.engine.process.history import History, JobRecord, Outcome, Run
from drsim.engine.process.incidents import Dependent, dependent, parts_of_loss
from drsim.engine.process.options import Option
from drsim.laws.failures import Failure
from drsim.laws.jobs import Work
from drsim.laws.points import is_cold
from drsim.study.choice import unit_of
from drsim.study.measures import DOWNTIME
from drsim.study.remedies import Remedy, combined, obstacles, remedies
from drsim.world import World
from drsim.world.model import Continuous
from drsim.world.streams import Stream

USED, ABANDONED = "used", "chosen, then abandoned"
USELESS = "tried, and found useless"
NEVER, FAILED = "its job never started", "its job failed"
TOO_NEW = "captured after the contamination"
IN_FLIGHT = "in flight, lost"
EXPIRED, GONE = "expired", "gone, its copies being made"
LOST, LOST_REPLICA = "lost or out of reach with its vault", "lost with its site or its data"
DELETED = "deleted with its resource"
ELSEWHERE = "cannot be copied to where it is needed"


@dataclass(frozen=True)
class Point:
    """What one run of a rule left in one vault, and why it was used or not.

    Attributes:
        rule: `app.resource/rule`.
        vault: where.
        scheduled_s, captured_s, available_s: moments [s since start]; nan or inf where it never came to that.
        expires_s: when it is deleted [s since start]; inf where it is kept for ever, nan where it never was.
        fate: in words.
        jobs: the jobs that led to it.
        skipped: runs of the rule between this one and the next newer one, which are left out.
    """

    rule: str
    vault: str
    scheduled_s: float
    captured_s: float
    available_s: float
    expires_s: float
    fate: str
    jobs: tuple[JobRecord, ...]
    skipped: int = 0


@dataclass(frozen=True)
class Live:
    """Protection without points: a window of which any moment can be restored, or a live replica.

    Attributes:
        kind: `any moment` or `replica`.
        name: the rule or the feature.
        place: vault or site.
        from_s, to_s: the oldest and the newest moment whose data it holds [s since start]; equal for a replica.
        fate: in words.
    """

    kind: str
    name: str
    place: str
    from_s: float
    to_s: float
    fate: str


@dataclass(frozen=True)
class Change:
    """A change of the plan or the response, and what it does to one application's downtime in this incident [s]."""

    what: str
    saved_s: float


@dataclass(frozen=True)
class Rescue:
    """Changes of the protection with which an application would have been recovered in this incident.

    Attributes:
        what: the changes in words, one or two.
        data_loss_s, downtime_s: what it would have lost, and for how long it would have been down [s].
    """

    what: tuple[str, ...]
    data_loss_s: float
    downtime_s: float


@dataclass(frozen=True)
class Rescues:
    """What would have recovered an application that could not be recovered.

    Attributes:
        found: single changes where there is one, else pairs; least data loss first, then shortest downtime.
        tried: all changes that were tried, in words.
        obstacles: what AWS cannot do for what was lost, in words.
    """

    found: tuple[Rescue, ...] = ()
    tried: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Incident:
    """One drill in all its parts.

    Attributes:
        world: the strategy's world.
        disruption: name of the disruption.
        drill: number of the drill.
        unit: position of what it strikes among the disruption's units, each of which has drills of its own.
        recovery: what happened, ride-outs settled.
        history: the jobs before it.
    """

    world: World
    disruption: str
    drill: int
    unit: int
    recovery: Recovery
    history: History

    def dependent(self, a: int) -> Dependent | None:
        """Return how an application fares that is down because of others only; None where it is not."""
        return dependent(self.world, self.recovery, a)

    def lost_with(self, a: int) -> tuple[int, ...]:
        """Return what an application requires that is lost, so that it is lost too: nobody rebuilds it."""
        apps, fared = self.world.applications, self.recovery.applications
        lost = [b for b in apps[a].requires if b in fared and fared[b].state != "recovered"]
        return tuple(b for b in lost if not apps[b].rebuild_is_given)

    def lost_after(self, r: int) -> tuple[int, ...]:
        """Return the resources that a resource comes after and that are lost, so that it is lost with them."""
        return tuple(b for b in self.world.resources[r].after if self.recovery.is_lost(b))

    def parts(self, a: int) -> dict[str, float]:
        """Return the parts of an application's downtime along its critical path [s]."""
        return {part: float(seconds[0]) for part, seconds in self.recovery.incidents[a].parts().items()}

    def loss_parts(self, member: Recovered) -> dict[str, float]:
        """Return the parts of a member's data loss [s]."""
        return parts_of_loss(self.recovery, member)

    def points(self, m: int, runs: int = 3) -> list[Point]:
        """Return what runs of each of a member's rules left, newest first.

        These are the last runs before the stop of service and before the contamination, the runs that were used or
        tried, and for what could not be recovered the oldest that were kept and the last that had expired.

        Args:
            m: index of the member.
            runs: how many of each kind.
        """
        found: list[Point] = []
        for s in self.world.members[m].streams:
            found += self._stream_points(m, s, runs)
        return sorted(found, key=lambda p: (-p.scheduled_s, p.rule, p.vault))

    def live(self, m: int) -> list[Live]:
        """Return a member's continuous protection and replicas, and why each was used or not."""
        world, recovery = self.world, self.recovery
        strikes, e, occurred = recovery.strikes, recovery.e, recovery.occurred_s
        found = []
        for c in world.members[m].continuous:
            moment = restorable(world, strikes, e, c, self.history)
            to = float(wanted_s(strikes, c)[e]) if moment is None else moment.captured_s
            begins = max(occurred - c.window_s, world.plan_start_s)
            fate = self._window_fate(m, c, None if moment is None else to, begins)
            found.append(Live("any moment", c.name, world.vaults[c.vault].name, min(begins, to), to, fate))
        for r in world.members[m].replicas:
            captured = float(replica_captured_s(strikes, r)[e])
            fate = self._source_fate(m, r)
            if not fate and not replica_survives(strikes, r):
                fate = LOST_REPLICA
            elif not fate and captured > float(strikes.contaminated_s[e]):
                fate = TOO_NEW
            found.append(
                Live("replica", r.name, world.sites[r.site].name, captured, captured, fate or self._spare(m, captured))
            )
        return found

    def breaks_off(self, member: Recovered) -> bool:
        """Return whether a member was restored to where its log breaks off, later moments being lost in the gap."""
        option, strikes = member.option, self.recovery.strikes
        if option is None or option.run is not None or not isinstance(option.source, Continuous):
            return False
        return option.captured_s < float(wanted_s(strikes, option.source)[self.recovery.e])

    def _window_fate(self, m: int, source: Continuous, captured_s: float | None, begins: float) -> str:
        """Return why continuous protection was or was not used, by the moment that it restores, if any."""
        recovery = self.recovery
        fate = self._source_fate(m, source)
        if fate:
            return fate
        if is_gone(recovery.strikes, source):
            return DELETED
        if not recovery.strikes.vault_ok[recovery.e, source.vault]:
            return LOST
        if begins > float(recovery.strikes.contaminated_s[recovery.e]):
            return "its window does not reach back before the contamination"
        if captured_s is None:
            return "no base completed to which its logs could be applied"
        way = route(self.world, self.world.members[m].restoration, source.vault, self._where(m))
        if way is None or way.moves:
            return ELSEWHERE
        return self._spare(m, captured_s)

    def _where(self, m: int) -> int | None:
        """Return the site at which a member's application recovers; None for wherever its points lie."""
        return self.recovery.courses[self.world.resources[self.world.members[m].resource].app].where

    def _stream_points(self, m: int, s: int, runs: int) -> Iterator[Point]:
        stream, newer = self.world.streams[s], None
        for position in self._positions(m, s, runs):
            run = (s, position)
            outcome = self.history.outcome(self.recovery.e, run)
            skipped = 0 if newer is None else newer - position - 1
            newer = position
            places = [(-1, stream.vault)] if stream.is_point else []
            places += [(i, c.vault) for i, c in enumerate(stream.copies)]
            for copy, vault in sorted(places, key=lambda place: self.world.vaults[place[1]].name):
                if stream.times_s[position] < stream.jobs[1 + copy].since_s:
                    continue
                yield Point(
                    stream.name,
                    self.world.vaults[vault].name,
                    float(stream.times_s[position]),
                    outcome.captured_s,
                    outcome.available_s[1 + copy],
                    _expires_s(stream, copy, outcome),
                    self._fate(m, run, copy, vault, outcome),
                    tuple(j for j in outcome.records if j.copy in _line(stream.copies, copy)),
                    skipped,
                )
                skipped = 0

    def _positions(self, m: int, s: int, runs: int) -> list[int]:
        """Return which runs of a stream tell the story, newest first."""
        recovery, stream = self.recovery, self.world.streams[s]
        result = recovery.abandoned.get(m, recovery.members[m])

        def until(moment_s: float) -> int:
            return int(np.searchsorted(stream.times_s, moment_s, side="right"))

        last = until(recovery.occurred_s)
        chosen = set(range(last - runs, last))
        clean = until(float(recovery.strikes.contaminated_s[recovery.e]))
        chosen |= set(range(clean - runs, clean + (clean < last)))
        for option in (self._pursued(m), *result.failed):
            if option is not None and option.run is not None and option.run[0] == s:
                # with the next newer one, which shows why it was not that
                chosen |= {option.run[1], option.run[1] + 1}
        if result.state == "unrecoverable" and m not in recovery.abandoned:
            longest = max(_kept_s(stream, copy) for copy in range(-1, len(stream.copies)))
            oldest = until(recovery.occurred_s - longest)
            chosen |= {oldest - 1, oldest}
        return sorted((p for p in chosen if 0 <= p < last), reverse=True)

    def _pursued(self, m: int) -> Option | None:
        """Return the option that a member was recovered from, or was being recovered from when the outage ended."""
        abandoned = self.recovery.abandoned.get(m)
        return abandoned.pursued if abandoned else self.recovery.members[m].option

    def _chosen_fate(self, m: int, is_it: Callable[[Option], bool]) -> str:
        """Return what became of what a member was recovered from or was tried; empty if it is neither."""
        recovery, chosen = self.recovery, self._pursued(m)
        result = recovery.abandoned.get(m, recovery.members[m])
        if any(is_it(o) for o in result.failed):
            return USELESS
        if chosen is not None and is_it(chosen):
            return ABANDONED if m in recovery.abandoned else USED
        return ""

    def _source_fate(self, m: int, source: object) -> str:
        return self._chosen_fate(m, lambda o: o.source is source)

    def _spare(self, m: int, captured_s: float) -> str:
        """Return why something usable was not used."""
        chosen, result = self._pursued(m), self.recovery.members[m]
        if chosen is None or m in self.recovery.abandoned:
            return "usable" if result.state != "recovered" else "usable, not needed"
        if captured_s < chosen.captured_s:
            return "usable, but older"
        return "usable, but not the quickest"

    def _fate(self, m: int, run: Run, copy: int, vault: int, outcome: Outcome) -> str:
        """Return why a point was or was not used."""
        recovery, stream = self.recovery, self.world.streams[run[0]]
        captured, available = outcome.captured_s, outcome.available_s[1 + copy]
        fate = self._chosen_fate(m, lambda o: (o.run, o.copy) == (run, copy))
        reasons = {
            NEVER: math.isnan(captured),
            TOO_NEW: captured > float(recovery.strikes.contaminated_s[recovery.e]),
            FAILED: math.isinf(available),
            IN_FLIGHT: available > recovery.occurred_s,
            GONE: outcome.gone_s[1 + copy] <= recovery.occurred_s,
            EXPIRED: _expires_s(stream, copy, outcome) <= recovery.occurred_s,
            LOST: not recovery.strikes.vault_ok[recovery.e, vault],
            DELETED: is_gone(recovery.strikes, stream),
        }
        if fate or any(reasons.values()):
            return fate or next(why for why, holds in reasons.items() if holds)
        way = route(self.world, self.world.members[m].restoration, vault, self._where(m))
        cold_after = stream.cold_after_s if copy < 0 else stream.copies[copy].cold_after_s
        if way is None or (way.moves and is_cold(captured, cold_after, recovery.occurred_s)):
            return ELSEWHERE
        return self._spare(m, captured)

    @cached_property
    def _changed(self) -> dict[str, Recovery]:
        """What would have happened after each change, worked out once for all applications."""
        return {
            what: _played(change(self.world), self.disruption, self.drill, self.unit, self).recovery
            for what, change in _CHANGES.items()
        }

    def shortenings(self, a: int) -> list[Change]:
        """Return single changes and what each would have saved of an application's downtime, most first.

        Each change is tried on the very same incident, with the same luck.
        """
        base = self.recovery.applications[a]
        if base.state != "recovered":
            return []
        found = []
        for what, recovery in self._changed.items():
            other = recovery.applications[a]
            if other.state == "recovered" and (saved := base.usable_s - other.usable_s) > 0:
                found.append(Change(what, saved))
        return sorted(found, key=lambda c: -c.saved_s)

    @cached_property
    def _remedies(self) -> tuple[Remedy, ...]:
        return remedies(self.world, self.recovery)

    @cached_property
    def _remedied(self) -> dict[tuple[int, ...], Recovery]:
        """What would have happened after some of the remedies, as far as somebody has asked."""
        return {}

    def _after(self, chosen: tuple[int, ...]) -> Recovery:
        if chosen not in self._remedied:
            world = combined(self.world, [self._remedies[k] for k in chosen])
            self._remedied[chosen] = _played(world, self.disruption, self.drill, self.unit).recovery
        return self._remedied[chosen]

    def rescues(self, a: int) -> Rescues:
        """Return the changes with which an application would have been recovered, each alone, else two at a time.

        Each is tried on the very same incident, with the same luck, for all that was lost in it.
        """
        if self.recovery.applications[a].state == "recovered":
            return Rescues()
        resources = [r for b in (a, *self.lost_with(a)) for r in self.world.applications[b].resources]
        own = {
            k: x.words(self.world, resources)
            for k, x in enumerate(self._remedies)
            if not x.of.keys().isdisjoint(resources)
        }
        pairs = [(i, k) for i in own for k in own if i < k and self._remedies[i].kind != self._remedies[k].kind]
        for choices in ([(k,) for k in own], pairs):
            found = [
                Rescue(tuple(own[k] for k in chosen), *_fared(other, a))
                for chosen in choices
                if (other := self._after(chosen)).applications[a].state == "recovered"
            ]
            if found:
                return Rescues(tuple(sorted(found, key=lambda x: (x.data_loss_s, x.downtime_s))), tuple(own.values()))
        return Rescues((), tuple(own.values()), obstacles(self.world, self.recovery, resources))


def _fared(recovery: Recovery, a: int) -> tuple[float, float]:
    """Return data loss and downtime of an application that was recovered [s]."""
    incident = recovery.incidents[a]
    return float(incident.loss_s()[0]), float(incident.usable_s[0]) - recovery.occurred_s


def investigate(
    world: World,
    disruption: str,
    drill: int,
    subject: str | None = None,
    *,
    drills: int | None = None,
    measure: str = DOWNTIME.column,
) -> Incident:
    """Return one drill of a disruption, simulated again with all it left behind.

    Args:
        world: the strategy's world.
        disruption: name of the disruption.
        drill: number of the drill.
        subject: whose drill of that number, `app` or `app.resource`; None for the application that fares worst in it.
        drills: of each unit, in the study whose drill it is, which are dealt among the resources of an application.
        measure: a column of the log, of one of `drsim.study.measures`, by which the worst is found.
    """
    unit = unit_of(world, disruption, drill, subject, drills=drills, measure=measure)
    return _played(world, disruption, drill, unit)


def _played(world: World, disruption: str, drill: int, unit: int, known: Incident | None = None) -> Incident:
    """Return a drill; its jobs are those of the same drill in another world if they follow from the same there."""
    strikes, history = begin(world, disruption, np.array([drill]), unit=unit)
    if known is not None and _has_same_jobs(known.world, world):
        history = known.history
    recovery = simulate_recovery(world, strikes, 0, history)
    settle(world, recovery)
    return Incident(world, disruption, drill, unit, recovery, history)


def _has_same_jobs(one: World, other: World) -> bool:
    """Return whether two worlds, one made from the other, are alike in all that backup and copy jobs follow from."""
    limits = [limit for limit, changed in zip(one.limits, other.limits, strict=True) if limit is not changed]
    return one.streams is other.streams and one.components is other.components and not limits


def deciding_member(recovery: Recovery, r: int) -> tuple[int, Recovered]:
    """Return with which member a struck resource was usable again, by the rule of the log.

    Where members are lost it is the first of them, and where nobody missed the resource the one that came back last.
    """
    struck = recovery.resources[r]
    m = next((m for m in struck if recovery.members[m].state != "recovered"), -1)
    if m < 0:
        m = recovery.deciding(r) if recovery.is_missed(r) else max(struck, key=lambda m: recovery.members[m].usable_s)
    return m, recovery.of(m)


def _kept_s(stream: Stream, copy: int) -> float:
    """Return how long points are kept: those of the backup itself (-1), or of a copy action [s]."""
    return stream.delete_after_s if copy < 0 else stream.copies[copy].delete_after_s


def _expires_s(stream: Stream, copy: int, outcome: Outcome) -> float:
    """Return when a point goes, by its age or with its copies [s since start]."""
    by_age = outcome.captured_s + _kept_s(stream, copy) + outcome.expiry_s[1 + copy]
    return min(by_age, outcome.gone_s[1 + copy])


def _line(copies: tuple[object, ...], copy: int) -> set[int]:
    """Return a copy action and everything that it was copied from."""
    line = {copy}
    while copy >= 0:
        copy = copies[copy].parent  # type: ignore[attr-defined]
        line.add(copy)
    return line


_NONE = Constant(0.0)


def _quicker(distribution: Distribution | None) -> Distribution | None:
    return None if distribution is None else Scaled(distribution, 0.5)


def _restored(world: World, change: Callable[..., object]) -> World:
    """Return the world with the restoration of each member changed."""
    return replace(world, members=tuple(replace(m, restoration=change(m.restoration)) for m in world.members))  # type: ignore[arg-type]


def _twice_as_fast(work: Work) -> Work:
    faster = {
        "whole": _quicker(work.whole),
        "fixed": Scaled(work.fixed, 0.5),
        "rate": None if work.rate is None else Scaled(work.rate, 2.0),
        "object_rate": None if work.object_rate is None else Scaled(work.object_rate, 2.0),
    }
    return replace(work, **faster)  # type: ignore[arg-type]


def _disrupted(world: World, **changes: object) -> World:
    disruptions = {n: replace(d, **changes) for n, d in world.disruptions.items()}  # type: ignore[arg-type]
    return replace(world, disruptions=disruptions)


_CHANGES: dict[str, Callable[[World], World]] = {
    "instant detection and declaration": lambda w: replace(w, detect=_NONE, declare=_NONE),
    "instant validation and redirection": lambda w: replace(w, validation=_NONE, redirection=_NONE),
    "not waiting for the outage to end first": lambda w: replace(
        w, applications=tuple(replace(a, act_after_s=0.0) for a in w.applications)
    ),
    "no limit on concurrent copy and restore jobs": lambda w: replace(
        w, limits=tuple(limit if limit.is_of_resource else replace(limit, slots=10**9) for limit in w.limits)
    ),
    "restores twice as fast": lambda w: _restored(w, lambda r: replace(r, work=_twice_as_fast(r.work))),
    "launches twice as fast": lambda w: _restored(w, lambda r: replace(r, launch=Scaled(r.launch, 0.5))),
    "a copy at the place of recovery beforehand": lambda w: _restored(
        w, lambda r: replace(r, copy_work=replace(r.copy_work, whole=_NONE))
    ),
    "no point in cold storage": lambda w: _restored(w, lambda r: replace(r, cold_retrieval=_NONE)),
    "no useless recovery point (tested restores)": lambda w: _restored(
        w, lambda r: replace(r, failure=Failure(0.0, None, r.failure.key))
    ),
    "the steps without data done beforehand": lambda w: replace(
        w, steps=tuple(replace(s, duration=_NONE) for s in w.steps)
    ),
    "launches, capacity and copies guaranteed during the outage": lambda w: _disrupted(w, impairs=()),
    "everything recovering at the same time, without order": lambda w: replace(
        w,
        resources=tuple(replace(r, after=()) for r in w.resources),
        steps=tuple(replace(s, after=()) for s in w.steps),
        applications=tuple(replace(a, after=()) for a in w.applications),
    ),
}
