"""Who recovers, where and when: dependencies, queues for slots, and the critical paths, in many drills at once.

Recoveries wait for each other in two ways: for what comes first, and for slots. The moments follow from the queues, and
the queues from the moments; both are worked out in turns until they agree. Of the grants in their order, each turn gets
at least one more right than the turn before: whatever comes before that job has been granted, and is taken into account
by then. A schedule that agrees with its own queues is the one that time would have made.

Drills of one unit are worked out together though they need not strike the same: what is not there in a drill is never
waited for in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.courses import (
    ATTEMPTS,
    is_needed,
    rebuild_s,
    starts_s,
)
from drsim.engine.incidents import RECOVERED, UNRECOVERABLE
from drsim.engine.rollup import nth_smallest
from drsim.engine.strike import Events
from drsim.engine.vectorised.fate import Fate
from drsim.engine.vectorised.queues import Queues
from drsim.engine.vectorised.targets import Targets
from drsim.laws.sampling import draw
from drsim.world.model import Application, World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Parts = dict[str, Floats]

ALONE = -1
"""What is waited for where nothing is."""


@dataclass
class Moments:
    """When something begins and is done, (n,) each [s since start], and the code of what it waited for last."""

    begun_s: Floats
    done_s: Floats
    waited_for: Ints


class Recoveries:
    """The recovery of everything that a disruption strikes, in n drills.

    Attributes:
        order: applications, whatever comes first first.
        nodes: application -> resources to recover and needed steps, each with those that come first.
        node_moments, app_moments: when each begins and is done.
        step_s, ending_parts: how long steps last, and validation and redirect of each application, (n,) [s].
        targets: whom it strikes.
        starts_s: application -> when people begin, (n,).
        fates: member -> how it fares.
        begun_s, usable_s: member -> its moments, (n,).
        state: application -> state by what it needs, (n,).
        usable_of: application -> the moment after its redirect, (n,).
        lost_of: member or, below -1, application -> the moment at which nothing was left to try, (n,).
    """

    def __init__(self, world: World, strikes: Events, targets: Targets, fates: dict[int, Fate]) -> None:
        self.world, self.strikes, self.targets, self.fates = world, strikes, targets, fates
        n = len(strikes.run)
        self._n, self.order = n, targets.applications
        self.ways = {a: targets.ways(a) for a in self.order}
        self.starts_s = {a: starts_s(world.applications[a], strikes) for a in self.order}
        self._needed: dict[int, Bools] = {}
        self.nodes = {a: self._nodes_of(a) for a in self.order}
        self._state_of: dict[int, Ints] = {}
        self.ending_parts: dict[int, Parts] = {}
        self.step_s = {s: self.drawn(world.steps[s].duration, world.steps[s].key) for s in self._needed}
        self._ending: dict[int, Floats] = {}
        self.state: dict[int, Ints] = {}
        for a in self.order:
            self._give_way(a)
            self._prepare(a)
        self.waits_s: dict[int, Floats] = {m: np.zeros(n) for m in self.fates}
        self.node_moments: dict[int, Moments] = {}
        self.app_moments: dict[int, Moments] = {}
        self._free: dict[int, Floats] = {}
        self._back: dict[int, Floats] = {}
        self._schedule()
        self.begun_s = {m: self._begin_of(m) for m in self.fates}
        self.usable_s = {m: self._done_of(m) for m in self.fates}
        self.usable_of = {a: self.app_moments[a].done_s for a in self.order}

    def drawn(self, distribution: Distribution, key: int) -> Floats:
        """Return durations drawn once an incident, (n,) [s]."""
        strikes = self.strikes
        return draws.on_grid(draw(distribution, key, strikes.run, strikes.incident * ATTEMPTS))

    def _nodes_of(self, a: int) -> dict[int, list[int]]:
        """Return resources to recover and needed steps of an application, with those that come first, in an order."""
        world, app = self.world, self.world.applications[a]
        first = len(world.resources)
        after = {r: world.resources[r].after for r in app.resources if self.targets.going(r)}
        for s in app.steps:
            needed = np.zeros(self._n, dtype=bool)
            for way, drills in self.ways[a]:
                if is_needed(world, app, way, s):
                    needed |= drills
            needed &= self.targets.is_down[a]
            if needed.any():
                self._needed[s] = needed
                after[first + s] = world.steps[s].after
        graph = {node: [p for p in before if p in after] for node, before in after.items()}
        return {node: graph[node] for node in TopologicalSorter(graph).static_order()}

    # states

    def _give_way(self, a: int) -> None:
        """Work out the states of an application's nodes: what comes after something lost is lost with it."""
        first = len(self.world.resources)
        for node, before in self.nodes[a].items():
            missing = np.full(self._n, RECOVERED)
            for p in before:
                missing = np.maximum(missing, self._state_of[p])
            if node >= first:
                self._state_of[node] = np.where(self._needed[node - first], missing, RECOVERED)
                continue
            there = np.zeros(self._n, dtype=np.int64)
            worst = np.full(self._n, RECOVERED)
            for m in self.targets.going(node):
                fate, going = self.fates[m], self.targets.is_going(m)
                gone = (missing > RECOVERED) & going & ~fate.automatic
                spare = self.targets.spare(node)
                if spare is not None:
                    gone &= ~spare
                if gone.any():
                    fate.gives_way(gone, missing)
                there += going & (fate.state == RECOVERED)
                worst = np.maximum(worst, np.where(going, fate.state, RECOVERED))
            self._state_of[node] = np.where(there >= self.targets.required[node], RECOVERED, worst)

    def _prepare(self, a: int) -> None:
        """Work out the state of an application and what follows when all of it is there."""
        world, app = self.world, self.world.applications[a]
        state, automatic = np.full(self._n, RECOVERED), np.ones(self._n, dtype=bool)
        for r in app.resources:
            if not self.targets.going(r):
                continue
            missed = self.targets.required[r] > 0
            state = np.where(missed, np.maximum(state, self._state_of[r]), state)
            for m in self.targets.going(r):
                automatic &= self.fates[m].automatic | ~(missed & self.targets.is_going(m))
        for b in app.requires:
            if b in self.state and not world.applications[b].rebuild_is_given:
                lost = self.targets.is_struck[b] & (self.state[b] != RECOVERED)
                state = np.where(lost, np.maximum(state, UNRECOVERABLE), state)
        only_redirect = np.zeros(self._n, dtype=bool)
        for way, drills in self.ways[a]:
            if way.standby == "multi-site":
                only_redirect |= drills & automatic
        validation = np.where(only_redirect, 0.0, self.drawn(world.validation, app.validate_key))
        redirection = self.drawn(world.redirection, app.redirect_key)
        self.state[a] = state
        self.ending_parts[a] = {"validate_s": validation, "redirect_s": redirection}
        ends_well = (state == RECOVERED) & self.targets.is_down[a]
        self._ending[a] = np.where(ends_well, validation + redirection, 0.0)

    # moments

    def _pass(self) -> None:
        """Work out all moments from the waits for slots that are known."""
        first = len(self.world.resources)
        for a in self.order:
            app = self.world.applications[a]
            came, waited = self.starts_s[a], np.full(self._n, ALONE)
            for b in app.after:
                if b in self.app_moments:
                    came, waited = self._after(b, came, waited, self._free[b])
            for node, before in self.nodes[a].items():
                begun, last = came, waited
                for p in before:
                    done = self.node_moments[p].done_s
                    last = np.where(done > begun, p, last)
                    begun = np.maximum(begun, done)
                if node >= first:
                    lasts = np.where(self._state_of[node] == RECOVERED, self.step_s[node - first], 0.0)
                    done = np.where(self._needed[node - first], begun + lasts, -np.inf)
                else:
                    self.node_moments[node] = Moments(begun, begun, last)
                    done = self._usable_of_node(node)
                self.node_moments[node] = Moments(begun, done, last)
            self.app_moments[a] = self._end(a, app)

    def _after(self, b: int, came: Floats, waited: Ints, free: Floats) -> tuple[Floats, Ints]:
        """Return from when on something goes on that waits for another application, and what it waited for."""
        waited = np.where(free > came, np.where(self.state[b] == RECOVERED, -2 - b, ALONE), waited)
        return np.maximum(came, free), waited

    def _usable_of_node(self, r: int) -> Floats:
        """Return when a resource is usable with as many members as it needs, or when all are done, (n,) [s].

        In drills in which nobody waits for it, that was long ago.
        """
        done = np.array([self._done_of(m) for m in self.targets.going(r)])
        going = np.array([self.targets.is_going(m) for m in self.targets.going(r)])
        there = going & np.array([self.fates[m].state == RECOVERED for m in self.targets.going(r)])
        nth = nth_smallest(np.where(there, done, np.inf), self.targets.required[r])
        last = np.where(going, done, -np.inf).max(axis=0)
        usable = np.where(self._state_of[r] == RECOVERED, nth, last)
        return np.where(self.targets.required[r] > 0, usable, -np.inf)

    def _end(self, a: int, app: Application) -> Moments:
        """Return when an application is there again, or was seen to be lost."""
        begun, last = np.full(self._n, -np.inf), np.full(self._n, ALONE)
        for node in self._written(a):
            done = self.node_moments[node].done_s
            last = np.where(done > begun, node, last)
            begun = np.maximum(begun, done)
        begun = np.where(self.targets.is_down[a], begun, self.strikes.occurred_s)
        for b in app.requires:
            if b in self.app_moments:
                begun, last = self._after(b, begun, last, self._back[b])
        done = begun + self._ending[a]
        free = done
        if app.rebuild_is_given:
            rebuilt = np.maximum(np.maximum(done, self._nothing_left(a)), self.lost_s(a) + rebuild_s(app, self.strikes))
            free = np.where(self.state[a] == RECOVERED, done, rebuilt)
        self._free[a] = np.where(self.targets.is_struck[a], free, -np.inf)
        # what is lost while an outage lasts comes back with its end, and what requires it waits for that
        comes_back = (self.state[a] != RECOVERED) & np.isfinite(self.strikes.ends_s)
        self._back[a] = np.where(self.targets.is_struck[a] & comes_back, np.inf, self._free[a])
        return Moments(begun, done, last)

    def lost_s(self, a: int) -> Floats:
        """Return when nothing was left to try for anything of an application that is lost, (n,) [s since start]."""
        latest = np.full(self._n, -np.inf)
        for b, lost_with in self._lost_with(a):
            for r in self.world.applications[b].resources:
                for m in self.targets.members.get(r, ()):
                    latest = np.maximum(latest, np.where(lost_with & self.is_lost(m), self.lost_of(m), -np.inf))
        return np.where(np.isneginf(latest), self.starts_s[a], latest)

    def _lost_with(self, a: int) -> list[tuple[int, Bools]]:
        """Return an application and those that it requires, each with the drills in which they are lost, (n,)."""
        lost = [(a, np.ones(self._n, dtype=bool))]
        required = [b for b in self.world.applications[a].requires if b in self.state]
        return lost + [(b, self.targets.is_struck[b] & (self.state[b] != RECOVERED)) for b in required]

    def _nothing_left(self, a: int) -> Floats:
        """Return when all has been tried for an application that is lost, needed or not, (n,) [s since start]."""
        latest = np.full(self._n, -np.inf)
        for b, lost_with in self._lost_with(a):
            for r in self.world.applications[b].resources:
                going = self.targets.going(r)
                spare = self.targets.spare(r) if going else None
                for m in going:
                    here = lost_with & self.targets.is_going(m)
                    if spare is not None:
                        here = here & ~spare
                    latest = np.maximum(latest, np.where(here, self._done_of(m), -np.inf))
        return latest

    def is_lost(self, m: int) -> Bools:
        """Return in which drills a struck member is lost by itself, not with what it comes after, (n,)."""
        fate = self.fates[m]
        return self.strikes.affected[:, m] & (fate.state > RECOVERED) & ~fate.gave_way

    def lost_of(self, m: int) -> Floats:
        """Return when nothing was left to try for a member that is lost, (n,) [s since start]."""
        app = self.world.resources[self.world.members[m].resource].app
        return np.where(self.fates[m].tried, self._done_of(m), self.starts_s[app])

    def _written(self, a: int) -> list[int]:
        """Return the nodes of an application in the order written."""
        app, first = self.world.applications[a], len(self.world.resources)
        return [node for node in (*app.resources, *(first + s for s in app.steps)) if node in self.nodes[a]]

    def _begin_of(self, m: int) -> Floats:
        begun = self.node_moments[self.world.members[m].resource].begun_s
        return np.where(self.fates[m].automatic, self.strikes.occurred_s, begun)

    def _done_of(self, m: int) -> Floats:
        return self._begin_of(m) + (self.fates[m].lasts_s + self.waits_s[m])

    # queues

    def _schedule(self) -> None:
        """Work out moments and queues in turns until they agree."""
        queues = Queues(self.world, self._n, self.fates, self._members_before())
        self._pass()
        turns = 0
        while queues.members and queues.serve({m: self._begin_of(m) for m in queues.members}):
            for m in queues.members:
                self.waits_s[m] = queues.waits_s(m)
            self._pass()
            turns += 1
            if turns > queues.most_turns:
                raise AssertionError(f"the recoveries of {self.world.strategy} have no schedule after {turns} turns")
        queues.book()

    def _members_before(self) -> dict[int, set[int]]:
        """Return for each member those that have to be there first, in whatever roundabout way.

        Those of a resource that can do without some are left aside: nobody knows which of them will be waited for.
        """
        first = len(self.world.resources)
        of_app: dict[int, set[int]] = {}
        before_member: dict[int, set[int]] = {}
        for a in self.order:
            outside = set().union(*(of_app[b] for b in self.world.applications[a].after if b in of_app))
            up_to: dict[int, set[int]] = {}
            for node, before in self.nodes[a].items():
                earlier = outside.union(*(up_to[p] for p in before))
                members = self.targets.going(node) if node < first else []
                before_member |= dict.fromkeys(members, earlier)
                all_needed = node >= first or self.world.resources[node].needs == len(
                    self.world.resources[node].members
                )
                up_to[node] = earlier.union(members if all_needed else ())
            of_app[a] = outside.union(*up_to.values())
        return before_member
