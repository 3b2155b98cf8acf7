"""One incident looked at closely: what there was to recover from, what was waited for, what would have shortened it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from drsim.distributions import Constant, Distribution, Scaled
from drsim.engine import Recovered, Recovery, World, begin, path_parts, settle, simulate_recovery
from drsim.engine.history import History, JobRecord, Outcome, Run
from drsim.engine.options import Option
from drsim.laws.jobs import Failure, Work


@dataclass(frozen=True)
class Point:
    """What one run of a rule left in one vault, and why it was used or not.

    Attributes:
        rule: `app.resource/rule`.
        vault: where.
        scheduled_s, captured_s, available_s: moments [s since start]; nan or inf where it never came to that.
        fate: in words.
        jobs: the jobs that led to it.
    """

    rule: str
    vault: str
    scheduled_s: float
    captured_s: float
    available_s: float
    fate: str
    jobs: tuple[JobRecord, ...]


@dataclass(frozen=True)
class Change:
    """A change of the plan or the response, and what it does to one application's downtime in this incident [s]."""

    what: str
    saved_s: float


@dataclass(frozen=True)
class Incident:
    """One drill in all its parts.

    Attributes:
        world: the strategy's world.
        disruption: name of the disruption.
        drill: number of the drill.
        recovery: what happened, ride-outs settled.
        history: the jobs before it.
    """

    world: World
    disruption: str
    drill: int
    recovery: Recovery
    history: History

    def parts(self, a: int) -> dict[str, float]:
        """Return the parts of an application's downtime along its critical path [s]."""
        return path_parts(self.recovery, a)

    def points(self, m: int, runs: int = 3) -> list[Point]:
        """Return what the last runs of each of a member's rules left, newest first: some, and the one used."""
        found: list[Point] = []
        for s in self.world.members[m].streams:
            found += self._stream_points(m, s, runs)
        return sorted(found, key=lambda p: (-p.scheduled_s, p.rule, p.vault))

    def _stream_points(self, m: int, s: int, runs: int) -> Iterator[Point]:
        recovery, world, stream = self.recovery, self.world, self.world.streams[s]
        used = self._pursued(m)
        plan_start = world.plan_start_s
        for number, (scheduled, run) in enumerate(self.history.runs_back({s: plan_start}, recovery.occurred_s)):
            reached = used is None or used.run is None or used.run[0] != s or run[1] < used.run[1]
            if number >= runs and (reached or number >= 12):
                return
            outcome = self.history.outcome(recovery.e, run)
            vaults = [(-1, stream.vault)] if stream.is_point else []
            for copy, vault in [*vaults, *((i, c.vault) for i, c in enumerate(stream.copies))]:
                yield Point(
                    stream.name,
                    world.vaults[vault].name,
                    scheduled,
                    outcome.captured_s,
                    outcome.available_s[1 + copy],
                    self._fate(m, run, copy, vault, outcome),
                    tuple(j for j in outcome.records if j.copy in _line(stream.copies, copy)),
                )

    def _pursued(self, m: int) -> Option | None:
        """Return the option that a member was recovered from, or was being recovered from when the outage ended."""
        abandoned = self.recovery.abandoned.get(m)
        return abandoned.pursued if abandoned else self.recovery.members[m].option

    def _fate(self, m: int, run: Run, copy: int, vault: int, outcome: Outcome) -> str:
        """Return why a point was or was not used."""
        recovery, stream = self.recovery, self.world.streams[run[0]]
        result = recovery.abandoned.get(m, recovery.members[m])
        chosen = self._pursued(m)
        captured, available = outcome.captured_s, outcome.available_s[1 + copy]
        keep = stream.delete_after_s if copy < 0 else stream.copies[copy].delete_after_s
        if chosen is not None and (chosen.run, chosen.copy) == (run, copy):
            return "chosen, then abandoned" if m in recovery.abandoned else "used"
        if any((o.run, o.copy) == (run, copy) for o in result.failed):
            return "tried, and found useless"
        if math.isnan(captured):
            return "its job never started"
        if captured > float(recovery.strikes.contaminated_s[recovery.e]):
            return "captured after the contamination"
        if math.isinf(available):
            return "its job failed"
        if available > recovery.occurred_s:
            return "in flight, lost"
        if captured + keep + outcome.expiry_s[1 + copy] <= recovery.occurred_s:
            return "expired"
        if not recovery.strikes.vault_ok[recovery.e, vault]:
            return "lost or out of reach with its vault"
        return "usable"

    def shortenings(self, a: int) -> list[Change]:
        """Return single changes and what each would have saved of an application's downtime, most first.

        Each change is tried on the very same incident, with the same luck.
        """
        base = self.recovery.applications[a]
        if base.state != "recovered":
            return []
        found = []
        for what, change in _CHANGES.items():
            other = investigate(change(self.world), self.disruption, self.drill).recovery.applications[a]
            if other.state == "recovered" and (saved := base.usable_s - other.usable_s) > 0:
                found.append(Change(what, saved))
        return sorted(found, key=lambda c: -c.saved_s)


def investigate(world: World, disruption: str, drill: int) -> Incident:
    """Return one drill of a disruption, simulated again with all it left behind."""
    strikes, history = begin(world, disruption, np.array([drill]))
    recovery = simulate_recovery(world, strikes, 0, history)
    settle(world, recovery)
    return Incident(world, disruption, drill, recovery, history)


def slowest_member(recovery: Recovery, r: int) -> tuple[int, Recovered]:
    """Return which member of a resource was usable last, or was not recovered."""
    members = recovery.resources[r]
    return max(((m, recovery.members[m]) for m in members), key=lambda x: (x[1].state != "recovered", x[1].usable_s))


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
    "detecting and declaring at once": lambda w: replace(w, detect=_NONE, declare=_NONE),
    "validating and redirecting at once": lambda w: replace(w, validation=_NONE, redirection=_NONE),
    "not waiting for the outage to end first": lambda w: replace(
        w, applications=tuple(replace(a, act_after_s=0.0) for a in w.applications)
    ),
    "no limit on concurrent copy and restore jobs": lambda w: replace(
        w, limits=tuple(limit if limit.own else replace(limit, slots=10**9) for limit in w.limits)
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
    "everything recovering at once, without order": lambda w: replace(
        w,
        resources=tuple(replace(r, after=()) for r in w.resources),
        steps=tuple(replace(s, after=()) for s in w.steps),
        applications=tuple(replace(a, after=()) for a in w.applications),
    ),
}
