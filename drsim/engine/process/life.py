"""One life: disruptions strike one after the other, and each meets what the earlier ones have left.

All recoveries of a life run on one clock and share its slots. A disruption of what is down already begins its recovery
anew; what is down and not struck again goes on. What was down lost its data when it went down, so that it is recovered
from what was good then.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from drsim.engine.courses import required
from drsim.engine.exposure import dependents
from drsim.engine.incidents import worst
from drsim.engine.process.arrivals import Arrival, Blow
from drsim.engine.process.lived import Closure, Past, Spell
from drsim.engine.process.overlaps import as_of, with_outages
from drsim.engine.process.recovered import Recovered
from drsim.engine.process.recovery import Recovery
from drsim.engine.process.scene import Scene, Surroundings
from drsim.engine.process.slots import Clock, Slots
from drsim.world.model import World

if TYPE_CHECKING:
    from simpy import Event

Process = Generator["Event", Any, None]


@dataclass
class Incident:
    """An application's time down, from the disruption that began it to the end of the last recovery that it needed.

    Attributes:
        application: index.
        arrival: what began it.
        state: recovered, unrecoverable or unprotected.
        ends_s: when it was over [s since start]; inf while it lasts.
        lost_s: moment at which nothing was left to try [s since start]; nan where something was recovered.
        rebuild_s: how long the rebuild takes [s]; nan likewise.
        losses_s: what each member has lost [s].
        restarts: how often it was struck again.
    """

    application: int
    arrival: Arrival
    state: str = "recovered"
    ends_s: float = math.inf
    lost_s: float = math.nan
    rebuild_s: float = math.nan
    losses_s: dict[int, float] = field(default_factory=dict)
    restarts: int = 0


def live(world: World, blows: Sequence[Blow]) -> list[Incident]:
    """Return the incidents of one life.

    Args:
        world: the strategy's world.
        blows: the disruptions of the life, in the order in which they occur.
    """
    life = _Life(world)
    life.clock.process(life.run(blows))
    life.clock.run()
    return life.incidents


class _Life:
    """What goes on in a life.

    Attributes:
        incidents: all so far.
        open: for each application that is down its incident.
        holds: for each member that is being recovered, the disruptions that took it and are not over, in order.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.clock = Clock()
        self._slots = Slots(self.clock, world.limits)
        self._scene = Scene[Recovery]()
        self._past = Past()
        self.incidents: list[Incident] = []
        self.open: dict[int, Incident] = {}
        self.holds: dict[int, list[Recovery]] = {}
        self._last: dict[int, Recovery] = {}
        self._watched: dict[int, Event] = {}
        self._late: dict[int, Incident] = {}

    def run(self, blows: Sequence[Blow]) -> Process:
        """Let disruptions strike."""
        for blow in blows:
            yield self.clock.at_last(blow.arrival.occurred_s)
            self._strike(blow)

    def _app_of(self, m: int) -> int:
        return self._world.resources[self._world.members[m].resource].app

    def _members_of(self, a: int) -> list[int]:
        """Return the members of an application that are being recovered, or are back while it is not."""
        return [m for m in self._scene.members if self._app_of(m) == a]

    def _is_lost(self, m: int) -> bool:
        """Return whether nothing is left to try for a member."""
        return self._scene.members[m].state != "recovered" and not self._scene.is_going_on("member", m)

    def _is_gone(self, m: int) -> bool:
        """Return whether a member is lost for good: no end of an outage brings it back."""
        return self._is_lost(m) and any(x.ends_s == math.inf for x in self.holds[m])

    # a disruption strikes

    def _strike(self, blow: Blow) -> None:
        world, scene, e = self._world, self._scene, blow.e
        struck = blow.strikes.affected[e].nonzero()[0].tolist()
        apps = sorted({self._app_of(m) for m in struck})
        others = [b for b, x in enumerate(world.applications) if b not in apps and any(a in apps for a in x.requires)]
        for m in struck:
            if m in self.holds and scene.members[m].state == "recovered":
                self._came_back(m, self.open[self._app_of(m)])
        strikes = with_outages((blow.strikes, e), [(outage.strikes, outage.e) for outage in scene.outages])
        surroundings = Surroundings(
            scene,
            seen={
                m: as_of(self._past.spells[m][-1].occurred_s, (strikes, e), [(x.strikes, x.e) for x in holds])
                for m, holds in self.holds.items()
                if self._app_of(m) in apps
            },
            gone=frozenset(m for m in self.holds if self._is_gone(m)),
            moving=frozenset(a for a in apps if a in self.open and self._last[a].courses[a].standby),
            courses={a: self._last[a].courses[a] for a in others if a in self.open},
        )
        blow.history.pasts[e] = self._past
        recovery = Recovery(world, strikes, e, blow.history, self.clock, self._slots, surroundings)
        fresh = [m for m in struck if m not in self.holds]
        for m in struck:
            self.holds.setdefault(m, []).append(recovery)
        self._begin_incidents(apps, others, blow.arrival)
        recovery.take_up(struck, others)
        for m in fresh:
            self._past.spells.setdefault(m, []).append(Spell(recovery.occurred_s, scene.members[m]))
        self._follow(recovery, (*apps, *others))
        self._note_what_is_gone(recovery, struck)
        if recovery.ends_s < math.inf:
            self.clock.process(self._outage(recovery, apps))
        self._forget_what_is_over()

    def _begin_incidents(self, apps: Iterable[int], others: Iterable[int], arrival: Arrival) -> None:
        for a in apps:
            if a in self.open:
                self.open[a].restarts += 1
        for a in (*apps, *others):
            self._scene.give_up("rebuild", a)
            if a not in self.open:
                self.open[a] = Incident(a, arrival)
                self.incidents.append(self.open[a])

    def _note_what_is_gone(self, recovery: Recovery, struck: Iterable[int]) -> None:
        """Note who was deleted, which vaults were emptied, and which cannot be reached until the outage ends."""
        strikes, now = recovery.strikes, recovery.occurred_s
        if strikes.disruption.deletes_resource:
            for m in struck:
                self._past.deleted.setdefault(m, []).append(Closure(now, now, emptied=True))
        for v in np.flatnonzero(~strikes.vault_ok[recovery.e]).tolist():
            members = None if strikes.disruption.takes.empties_region else frozenset(struck)
            closure = Closure(now, now, emptied=True)
            if recovery.ends_s < math.inf:
                closure = Closure(now, recovery.ends_s, emptied=False, members=members)
            self._past.vaults.setdefault(v, []).append(closure)

    def _follow(self, recovery: Recovery, apps: Iterable[int]) -> None:
        """Follow the recoveries of applications that have begun, or begun anew."""
        scene = self._scene
        for a in apps:
            self._last[a] = recovery
            for m in self._members_of(a):
                self._past.spells[m][-1].result = scene.members[m]
            if a in self.open:
                scene.back.setdefault(a, self.clock.event())
            event = scene.app_done[a]
            if self._watched.get(a) is not event:
                self._watched[a] = event
                event.callbacks.append(partial(self._done, a))

    # an application is back, or lost

    def _done(self, a: int, event: Event) -> None:
        """Look at an application whose recovery has come to its end."""
        if self._watched.get(a) is not event or a not in self.open:
            return
        lost = [m for m in self._members_of(a) if self._is_lost(m)]
        if not lost and self._scene.applications[a].state == "recovered":
            self._close(a)
        elif not lost or any(self._is_gone(m) for m in lost):
            self._lose(a, self.open[a], [self._scene.members[m].state for m in lost])

    def _lose(self, a: int, incident: Incident, states: Sequence[str]) -> None:
        """Let an application be rebuilt whose data are lost for good."""
        scene, recovery = self._scene, self._last[a]
        incident.state = worst((*states, scene.applications[a].state))
        incident.lost_s, incident.rebuild_s = recovery.lost_s(a), recovery.rebuild_s(a)
        if a in scene.back:
            scene.back.pop(a).succeed()
        scene.give_up("rebuild", a)
        scene.processes["rebuild", a] = self.clock.process(self._rebuild(a, incident.lost_s + incident.rebuild_s))

    def _rebuild(self, a: int, ends_s: float) -> Process:
        """Rebuild an application, which then begins empty."""
        yield self.clock.timeout(max(0.0, ends_s - self.clock.now))
        for m in self._members_of(a):
            if self._scene.members[m].state != "recovered":
                self._is_there(m, -math.inf)
        self._close(a)
        del self._scene.applications[a]

    def _close(self, a: int) -> None:
        """End an application's incident: it is up, or rebuilt. What it can do without may still be recovered."""
        scene, app = self._scene, self._world.applications[a]
        incident = self.open.pop(a)
        incident.ends_s = self.clock.now
        for m in self._members_of(a):
            if scene.members[m].state == "recovered":
                self._came_back(m, incident)
                self._drop(m)
            else:
                self._late[m] = incident
                if scene.is_going_on("member", m):
                    scene.processes["member", m].callbacks.append(partial(self._came_late, m))
        for m in [m for m in scene.moved if self._app_of(m) == a]:
            self._drop(m)
        for s in app.steps:
            scene.give_up("step", s)
            scene.steps.pop(s, None)
            scene.node_done.pop(len(self._world.resources) + s, None)
        scene.give_up("application", a)
        scene.down.discard(a)
        for events in (scene.app_done, scene.back):
            if a in events and not events[a].triggered:
                events[a].succeed()
            events.pop(a, None)
        self._forget_what_is_over()

    def _came_back(self, m: int, incident: Incident) -> None:
        """Note what a member has lost that is back."""
        lost = self._past.lost_s(m, self._scene.members[m].captured_s)
        incident.losses_s[m] = incident.losses_s.get(m, 0.0) + lost
        del self.holds[m]

    def _came_late(self, m: int, process: Event) -> None:
        """Look at a member that its application could do without, when its recovery has come to its end."""
        if self._scene.processes.get(("member", m)) is not process:
            return
        a, incident = self._app_of(m), self._late[m]
        if self._scene.members[m].state == "recovered":
            del self._late[m]
            self._came_back(m, incident)
            self._drop(m)
        elif self._is_gone(m) and a not in self.open:
            del self._late[m]
            self._reopen_as_lost(a, incident, self._scene.members[m].state)
            for b in dependents(self._world)[a]:
                self._taken_along(b, a, incident)

    def _reopen_as_lost(self, a: int, incident: Incident, state: str) -> None:
        """Let an incident that was over be one without recovery."""
        self.open[a] = incident
        self._scene.applications[a] = Recovered()
        self._scene.app_done[a] = self.clock.event().succeed()
        self._lose(a, incident, [state])

    def _taken_along(self, b: int, a: int, lost: Incident) -> None:
        """Let an application that requires one which was found lost be lost with it, or down until it is rebuilt."""
        incident = next((i for i in self.incidents if i.application == b and i.arrival == lost.arrival), None)
        if incident is None or b in self.open:
            return
        if not self._world.applications[a].rebuild_is_given:
            self._reopen_as_lost(b, incident, "unrecoverable")
            return
        self.open[b] = incident
        self._scene.applications[b] = Recovered(state="recovered")
        self._scene.processes["rebuild", b] = self.clock.process(self._rebuild(b, lost.lost_s + lost.rebuild_s))

    def _drop(self, m: int) -> None:
        """Forget a member that is back where it was."""
        scene, r = self._scene, self._world.members[m].resource
        for known in (scene.members, scene.moved, scene.owner):
            known.pop(m, None)
        scene.give_up("member", m)
        if m not in scene.going.get(r, ()):
            return
        scene.going[r].remove(m)
        scene.resources[r] = [x for x in scene.resources.get(r, ()) if x != m]
        scene.required[r] = required(self._world.resources[r], len(scene.going[r]))
        if not scene.going[r]:
            scene.give_up("resource", r)
            for of_resource in (scene.going, scene.resources, scene.required):
                del of_resource[r]
            done = scene.node_done.pop(r)
            if not done.triggered:
                done.succeed()

    def _forget_what_is_over(self) -> None:
        """Let the places that a disruption took for good be there again when all that it struck has recovered."""
        going_on = {id(x) for recoveries in self.holds.values() for x in recoveries}
        self._scene.outages[:] = [x for x in self._scene.outages if x.ends_s < math.inf or id(x) in going_on]

    # an outage ends

    def _outage(self, recovery: Recovery, apps: Iterable[int]) -> Process:
        """Wait for the end of an outage; what it took and is not recovered by then comes back as it was."""
        yield self.clock.at_last(recovery.ends_s)
        self._scene.outages.remove(recovery)
        taken = {m for m, recoveries in self.holds.items() if recovery in recoveries}
        for m in taken:
            self.holds[m].remove(recovery)
        for a in apps:
            self._outage_over(recovery, a, taken)
        recovery.over.succeed()

    def _outage_over(self, recovery: Recovery, a: int, taken: set[int]) -> None:
        """Abandon the recovery of an application from an outage; what had been lost before is recovered at home.

        Args:
            recovery: from the outage.
            a: the application.
            taken: the members that the outage had taken and no later recovery has brought back.
        """
        scene, app = self._scene, self._world.applications[a]
        again: dict[Recovery, list[int]] = {}
        is_going_on, resources = False, set[int]()
        for m in self._members_of(a):
            if scene.members[m].state == "recovered" and (a not in self.open or scene.members[m].automatic):
                is_going_on = is_going_on or m not in taken
            elif not self.holds[m]:
                resources.add(self._world.members[m].resource)
                self._ride_out(m)
            else:
                is_going_on = True
                if scene.owner[m] is recovery and recovery.courses[a].where != app.site:
                    again.setdefault(self.holds[m][-1], []).append(m)
        resources |= self._move_no_more(a, recovery)
        if a in self.open and not is_going_on and not any(b in scene.back for b in app.requires):
            scene.applications[a] = Recovered(state="recovered", usable_s=self.clock.now)
            self._close(a)
            return
        for r in resources & scene.going.keys():
            recovery.look_after(r)
        for other, members in again.items():
            other.take_up(members)
            self._follow(other, (a,))
        if a in self.open and not again:
            other = next((scene.owner[m] for m in self._members_of(a) if self.holds[m]), recovery)
            other.take_up((), (a,))
            if not is_going_on:
                scene.down.discard(a)
            self._follow(other, (a,))

    def _ride_out(self, m: int) -> None:
        """Let a member be back as it was."""
        self._is_there(m, math.nan)
        self._came_back(m, self._late.pop(m) if m in self._late else self.open[self._app_of(m)])
        self._drop(m)

    def _move_no_more(self, a: int, recovery: Recovery) -> set[int]:
        """Let members stay where they were that a recovery moves to a standby; return their resources."""
        moved = [m for m in self._scene.moved if self._app_of(m) == a and self._scene.owner[m] is recovery]
        for m in moved:
            self._drop(m)
        return {self._world.members[m].resource for m in moved}

    def _is_there(self, m: int, captured_s: float) -> None:
        """Let a member be there again, its data going back to a moment; to where they were for nan [s since start]."""
        self._scene.give_up("member", m)
        result = Recovered(state="recovered", captured_s=captured_s, usable_s=self.clock.now)
        self._scene.members[m] = self._past.spells[m][-1].result = result
