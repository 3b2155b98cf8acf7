"""Resources and applications: their states, figures and parts, from how their members fared, as rows of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from drsim.engine.courses import rebuild_s, starts_s, waits_s
from drsim.engine.incidents import (
    DEPENDENCY,
    RECOVERED,
    REDUNDANCY,
    UNAFFECTED,
    UNRECOVERABLE,
    added,
    lost_bytes,
)
from drsim.engine.log import Log
from drsim.engine.rollup.members import (
    Bools,
    Floats,
    Ints,
    Members,
    Parts,
    decide,
    joined,
    loss_parts,
    parts_before,
    ride_out,
)
from drsim.engine.strike import Events, Strikes
from drsim.world.model import World


@dataclass(frozen=True)
class ApplicationRecovery:
    """How an application fared by its clock's schedule in n drills, whenever the outage ended; arrays (n,).

    Attributes:
        members: resource -> how those of its members fared that had to be recovered in some drill.
        required: resource -> how many of these have to be there before it is usable; 0 where it is not missed.
        state: place in `STATES`, by what the application needs; of no account where nothing of it is struck.
        usable_s: the moment after its redirect, where it is recovered [s since start].
        lost_s: when nothing was left to try for anything of it, where it is lost [s since start].
        path: parts of the downtime along its critical path, where it is recovered [s].
    """

    members: Mapping[int, Members]
    required: Mapping[int, Ints]
    state: Ints
    usable_s: Floats
    lost_s: Floats
    path: Parts


class ApplicationIncident:
    """How an application fared in the end, those drills included in which it rode the outage out; arrays (n,).

    Attributes:
        recovery: by its clock's schedule.
        members: resource -> how its members fared in the end.
        is_struck: whether anything of it was.
        is_down: whether any of its resources was, too few members being left.
        rides: whether the outage ended before its recovery was complete.
        state: the worst of its own and of all its struck members, whatever it could do without.
        usable_s, full_s: when it was usable, and at full performance, where it is recovered [s since start].
        rebuild_s: how long the business is down where its data are lost for good [s].
        home: code of the place where it runs.
    """

    def __init__(self, world: World, strikes: Events, a: int, recovery: ApplicationRecovery, home: int) -> None:
        app = world.applications[a]
        self.a, self.recovery, self.home = a, recovery, home
        self._world, self._strikes = world, strikes
        n = len(strikes.run)
        self.rides = (strikes.ends_s < np.inf) & ((recovery.state != RECOVERED) | (recovery.usable_s > strikes.ends_s))
        self.members = {
            r: ride_out(members, self.rides, strikes, home, stateless=world.resources[r].stateless)
            for r, members in recovery.members.items()
        }
        self.is_struck, self.is_down = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        worst: Ints = np.where(self.rides, RECOVERED, recovery.state)
        self.usable_s = np.where(self.rides, strikes.ends_s, recovery.usable_s)
        self.full_s = self.usable_s
        for r, members in self.members.items():
            is_missed = self.is_missed(r)
            self.is_struck |= members.is_struck.any(axis=0)
            self.is_down |= is_missed
            worst = np.maximum(worst, np.where(members.is_struck, members.state, RECOVERED).max(axis=0))
            full = np.where(is_missed & members.is_going, members.full_s, -np.inf).max(axis=0)
            self.full_s = np.maximum(self.full_s, full)
        self.state = worst
        self.rebuild_s = rebuild_s(app, strikes)

    def is_missed(self, r: int) -> Bools:
        """Return in which drills a resource was down, (n,)."""
        return self.recovery.required[r] > 0

    def deciding(self, r: int) -> tuple[Ints, Floats]:
        """Return with which member a resource became usable, and when, (n,) each."""
        members = self.members[r]
        return decide(members.usable_s, members.begun_s, members.is_there, self.recovery.required[r])

    def poorest(self) -> Members:
        """Return the struck member that lost most, the first of equals, picked in each drill."""
        members = joined(list(self.members.values()))
        return members.pick(members.poorest(self._strikes.occurred_s))

    def loss_s(self) -> Floats:
        """Return the application's data loss, where it is recovered, (n,) [s]."""
        return self.poorest().loss_s(self._strikes.occurred_s)

    def lost_bytes(self, r: int) -> Floats:
        """Return the data that the struck members of a resource have lost together, (n,) [bytes]."""
        members, occurred_s = self.members[r], self._strikes.occurred_s
        losses = np.where(members.is_struck, members.loss_s(occurred_s), 0.0)
        return lost_bytes(self._world.resources[r], losses, occurred_s)

    def measured(self) -> Parts:
        """Return what is measured of the application, by column of the log, where it is recovered, (n,) each."""
        occurred_s = self._strikes.occurred_s
        return {
            "data_loss_s": self.loss_s(),
            "data_loss_bytes": added(self.lost_bytes(r) for r in self.members),
            "downtime_s": self.usable_s - occurred_s,
            "full_performance_s": self.full_s - occurred_s,
        }

    def parts(self) -> Parts:
        """Return the parts of the application's downtime [s], (n,) each; they add up to it."""
        occurred_s = self._strikes.occurred_s
        on_path = self.is_down & ~self.rides
        parts = {part: np.where(on_path, seconds, 0.0) for part, seconds in self.recovery.path.items()}
        rode_out = self.rides & self.is_down
        if rode_out.any():
            parts["outage_s"] = np.where(rode_out, self._strikes.ends_s - occurred_s, 0.0)
        if not self.is_down.all():
            # nothing of its own is down: it waits for what it requires
            waits = parts.get("dependency_s", np.zeros(len(occurred_s)))
            parts["dependency_s"] = np.where(self.is_down, waits, self.usable_s - occurred_s)
        return parts

    def came_back(self) -> tuple[Ints, Ints]:
        """Return how and where the struck resource that was usable last came back, as codes, (n,) each."""
        n = len(self.state)
        alone = np.where(self.rides | (self.usable_s > self._strikes.occurred_s), DEPENDENCY, REDUNDANCY)
        by, place, latest = alone, np.full(n, self.home), np.full(n, -np.inf)
        for r, members in self.members.items():
            which, moment = self.deciding(r)
            last = members.pick(which)
            later = members.is_struck.any(axis=0) & self.is_missed(r) & (moment > latest)
            by, place = np.where(later, last.by, by), np.where(later, last.place, place)
            latest = np.where(later, moment, latest)
        return by, place

    # rows

    def write(self, log: Log) -> None:
        """Write the application, and what is struck of it, to the log."""
        for r, members in self.members.items():
            if members.is_struck.any():
                self._write_resource(log, r, members)
        by, place = self.came_back()
        log.write(("application", self.a), self.is_struck, self.state, by, place, self.figures())

    def figures(self) -> Parts:
        """Return the application's figures by column of the log, (n,) each; nan where there is none [s or bytes]."""
        occurred_s = self._strikes.occurred_s
        members, poorest = joined(list(self.members.values())), self.poorest()
        captured = np.where(members.is_struck, members.captured_s, np.nan)
        has_data = ~np.isnan(captured)
        some_data = has_data.any(axis=0)
        oldest = np.where(has_data, captured, np.inf).min(axis=0)
        newest = np.where(has_data, captured, -np.inf).max(axis=0)
        return {
            "captured_s": np.where(some_data, oldest, np.nan),
            **self.measured(),
            "skew_s": np.subtract(newest, oldest, where=some_data, out=np.full(len(oldest), np.nan)),
            "lost_after_s": self.recovery.lost_s - occurred_s,
            "rebuild_s": self.rebuild_s,
            **self.parts(),
            **self._loss_parts(poorest),
        }

    def _write_resource(self, log: Log, r: int, members: Members) -> None:
        occurred_s, is_missed = self._strikes.occurred_s, self.is_missed(r)
        poorest = members.pick(members.poorest(occurred_s))
        which, moment = self.deciding(r)
        last = members.pick(which)
        lost = np.where(members.is_struck & ~np.isnan(members.lost_s), members.lost_s, -np.inf).max(axis=0)
        full = np.where(members.is_going, members.full_s, -np.inf).max(axis=0)
        figures: Parts = {
            "captured_s": poorest.captured_s,
            "data_loss_s": poorest.loss_s(occurred_s),
            "data_loss_bytes": self.lost_bytes(r),
            "downtime_s": np.where(is_missed, moment - occurred_s, 0.0),
            "full_performance_s": np.where(is_missed, full - occurred_s, 0.0),
            "lost_after_s": np.where(np.isneginf(lost), np.nan, lost) - occurred_s,
        }
        figures |= {part: np.where(is_missed, seconds, 0.0) for part, seconds in self._parts_of(last).items()}
        figures |= self._loss_parts(poorest)
        state = np.where(members.is_struck, members.state, UNAFFECTED).max(axis=0)
        by, place = np.where(is_missed, last.by, REDUNDANCY), np.where(is_missed, last.place, self.home)
        log.write(("resource", r), np.asarray(members.is_struck.any(axis=0)), state, by, place, figures)

    def _loss_parts(self, member: Members) -> Parts:
        """Return the parts of the data loss of a member that was picked [s]."""
        strikes = self._strikes
        return loss_parts(
            member.captured_s, member.due_s, member.has_source, strikes.occurred_s, strikes.contaminated_s
        )

    def _parts_of(self, member: Members) -> Parts:
        """Return the parts of the downtime of a member that was picked, those before its recovery included [s]."""
        app, strikes = self._world.applications[self.a], self._strikes
        by_people = ~(member.rode_out | member.is_automatic)
        since = member.begun_s - starts_s(app, strikes)
        parts = parts_before(waits_s(app, strikes), strikes.detect_s, strikes.declare_s, since)
        return member.parts | {part: np.where(by_people, seconds, 0.0) for part, seconds in parts.items()}


@dataclass(frozen=True)
class DependentIncident:
    """How an application fared in drills in which others were struck that it requires, and nothing of its own; (n,).

    Attributes:
        is_affected: in which.
        state: place in `STATES`: unrecoverable where one of them is lost that nobody rebuilds.
        usable_s: when it is there again; inf where it is lost [s since start].
        lost_s: when nothing was left to try for those that are lost; -inf where none is [s since start].
    """

    is_affected: Bools
    state: Ints
    usable_s: Floats
    lost_s: Floats

    def figures(self, occurred_s: Floats) -> Parts:
        """Return the application's figures by column of the log, where it is recovered, (n,) each [s or bytes].

        Args:
            occurred_s: when the service stopped, (n,) [s since start].
        """
        down_s, nothing = self.usable_s - occurred_s, np.zeros(len(occurred_s))
        return {
            **dict.fromkeys(("data_loss_s", "data_loss_bytes"), nothing),
            **dict.fromkeys(("downtime_s", "full_performance_s", "dependency_s"), down_s),
            "lost_after_s": self.lost_s - occurred_s,
        }


def dependent(
    world: World, strikes: Strikes, a: int, incidents: Mapping[int, ApplicationIncident]
) -> DependentIncident | None:
    """Return how an application fared that others take down; None where none that it requires is struck in any drill.

    Args:
        world: the strategy's world.
        strikes: the disruption.
        a: the application.
        incidents: how the applications fared of which something is struck.
    """
    n = len(strikes.run)
    usable, lost, is_affected = np.full(n, -np.inf), np.full(n, -np.inf), np.zeros(n, dtype=bool)
    for b in world.applications[a].requires:
        if b not in incidents:
            continue
        other = incidents[b]
        is_lost = other.is_struck & (other.state != RECOVERED)
        rebuilt = other.recovery.lost_s + other.rebuild_s if world.applications[b].rebuild_is_given else np.inf
        there = np.where(is_lost, rebuilt, other.usable_s)
        usable = np.where(other.is_struck, np.maximum(usable, there), usable)
        lost = np.where(is_lost, np.maximum(lost, other.recovery.lost_s), lost)
        is_affected |= other.is_struck
    if a in incidents:
        is_affected &= ~incidents[a].is_struck
    if not is_affected.any():
        return None
    return DependentIncident(is_affected, np.where(np.isinf(usable), UNRECOVERABLE, RECOVERED), usable, lost)


def roll_up(world: World, strikes: Strikes, recoveries: Mapping[int, ApplicationRecovery], log: Log) -> None:
    """Write to the log how the applications and resources fared that a disruption reaches.

    Args:
        world: the strategy's world.
        strikes: the disruption in n drills.
        recoveries: how the applications fared of which something is struck in some drill.
        log: of these drills.
    """
    incidents = {a: ApplicationIncident(world, strikes, a, recovery, log.home(a)) for a, recovery in recoveries.items()}
    for incident in incidents.values():
        incident.write(log)
    for a in log.dependents:
        taken_down = dependent(world, strikes, a, incidents)
        if taken_down is not None:
            _write_dependent(world, strikes, a, taken_down, log)


def _write_dependent(world: World, strikes: Strikes, a: int, incident: DependentIncident, log: Log) -> None:
    down_s = incident.usable_s - strikes.occurred_s
    figures = incident.figures(strikes.occurred_s) | {"rebuild_s": rebuild_s(world.applications[a], strikes)}
    by = np.where(down_s > 0, DEPENDENCY, REDUNDANCY)
    place = np.full(len(down_s), log.home(a))
    log.write(("application", a), incident.is_affected, incident.state, by, place, figures)
