"""When everything is done: dependencies, queues for slots, and the critical paths, in many drills at once.

Recoveries wait for each other in two ways: for what comes first, and for slots. The moments follow from the queues, and
the queues from the moments; both are worked out in turns until they agree. Of the grants in their order, each turn gets
at least one more right than the turn before: whatever comes before that job has been granted, and is taken into account
by then. A schedule that agrees with its own queues is the one that time would have made.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.courses import ATTEMPTS, Course, course, is_needed, starts_s
from drsim.engine.strike import Strikes
from drsim.engine.vectorised.fates import RECOVERED, UNPROTECTED, UNRECOVERABLE, Fate
from drsim.engine.vectorised.queues import Queues
from drsim.engine.world import World
from drsim.laws.jobs import draw

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Parts = dict[str, Floats]

_ALONE = -1
"""What is waited for where nothing is."""


@dataclass
class Moments:
    """When something begins and is done, (n,) each [s since start], and the code of what it waited for last."""

    begun_s: Floats
    done_s: Floats
    waited_for: Ints


class Struck:
    """Whom a disruption strikes, in drills in which it strikes the same, and how they go about their recovery.

    Attributes:
        members: resource -> its struck members, in order.
        applications: those struck, in an order in which whatever comes first comes first.
        courses: application -> how it goes about its recovery.
    """

    def __init__(self, world: World, strikes: Strikes) -> None:
        self.members: dict[int, list[int]] = {}
        for m in np.flatnonzero(strikes.affected[0]).tolist():
            self.members.setdefault(world.members[m].resource, []).append(m)
        apps = {world.resources[r].app for r in self.members}
        graph = {a: [b for b in world.applications[a].after if b in apps] for a in sorted(apps)}
        self.applications = list(TopologicalSorter(graph).static_order())
        self.courses: dict[int, Course] = {
            a: course(world.applications[a], strikes, float("nan")) for a in self.applications
        }


class Recoveries:
    """The recovery of everything that a disruption strikes, in n drills in which it strikes the same.

    Attributes:
        struck: whom.
        starts_s: application -> when people begin, (n,).
        fates: member -> how it fares.
        begun_s, usable_s: member -> its moments, (n,).
        state, usable_of: application -> state and the moment after its redirect, (n,).
    """

    def __init__(self, world: World, strikes: Strikes, struck: Struck, fates: dict[int, Fate]) -> None:
        self.world, self.strikes, self.struck, self.fates = world, strikes, struck, fates
        n = len(strikes.run)
        self._order, self.courses = struck.applications, struck.courses
        self.starts_s = {a: starts_s(world.applications[a], strikes) for a in self._order}
        self._nodes = {a: self._nodes_of(a) for a in self._order}
        self._own: dict[int, Parts] = {}
        self._steps = {s: self._drawn(world.steps[s].duration, world.steps[s].key) for s in self._needed_steps()}
        self._ending: dict[int, Floats] = {}
        self.state: dict[int, Ints] = {}
        for a in self._order:
            self._prepare(a)
        self.waits_s: dict[int, Floats] = {m: np.zeros(n) for m in self.fates}
        self._node: dict[int, Moments] = {}
        self._app: dict[int, Moments] = {}
        self._schedule()
        self.begun_s = {m: self._begin_of(m) for m in self.fates}
        self.usable_s = {m: self._done_of(m) for m in self.fates}
        self.usable_of = {a: self._app[a].done_s for a in self._order}

    def _drawn(self, distribution: Distribution, key: int) -> Floats:
        strikes = self.strikes
        return draws.on_grid(draw(distribution, key, strikes.run, strikes.incident * ATTEMPTS))

    def _needed_steps(self) -> list[int]:
        first = len(self.world.resources)
        return [node - first for nodes in self._nodes.values() for node in nodes if node >= first]

    def _nodes_of(self, a: int) -> dict[int, list[int]]:
        """Return struck resources and needed steps of an application, each with those that come first, in an order."""
        world, app = self.world, self.world.applications[a]
        first = len(world.resources)
        after = {r: world.resources[r].after for r in app.resources if r in self.struck.members}
        after |= {first + s: world.steps[s].after for s in app.steps if is_needed(world, app, self.courses[a], s)}
        graph = {node: [p for p in before if p in after] for node, before in after.items()}
        return {node: graph[node] for node in TopologicalSorter(graph).static_order()}

    def _prepare(self, a: int) -> None:
        """Work out the state of an application and what follows when all of it is there."""
        world, app = self.world, self.world.applications[a]
        n = len(self.strikes.run)
        members = [self.fates[m] for r in app.resources for m in self.struck.members.get(r, ())]
        state = np.full(n, RECOVERED)
        automatic = np.ones(n, dtype=bool)
        for fate in members:
            state[(fate.state == UNRECOVERABLE) & (state != UNPROTECTED)] = UNRECOVERABLE
            state[fate.state == UNPROTECTED] = UNPROTECTED
            automatic &= fate.automatic
        only_redirect = automatic if self.courses[a].standby == "multi-site" else np.zeros(n, dtype=bool)
        validation = np.where(only_redirect, 0.0, self._drawn(world.validation, app.validate_key))
        redirection = self._drawn(world.redirection, app.redirect_key)
        self.state[a] = state
        self._own[a] = {"validate_s": validation, "redirect_s": redirection}
        self._ending[a] = np.where(state == RECOVERED, validation + redirection, 0.0)

    # moments

    def _pass(self) -> None:
        """Work out all moments from the waits for slots that are known."""
        first = len(self.world.resources)
        for a in self._order:
            came, waited = self.starts_s[a], np.full(len(self.strikes.run), _ALONE)
            for b in self.world.applications[a].after:
                if b in self._app:
                    done = self._app[b].done_s
                    waited = np.where(done > came, np.where(self.state[b] == RECOVERED, -2 - b, _ALONE), waited)
                    came = np.maximum(came, done)
            for node, before in self._nodes[a].items():
                begun, last = came, waited
                for p in before:
                    done = self._node[p].done_s
                    last = np.where(done > begun, p, last)
                    begun = np.maximum(begun, done)
                done = begun
                if node >= first:
                    done = begun + self._steps[node - first]
                else:
                    self._node[node] = Moments(begun, begun, last)
                    done = np.max([self._done_of(m) for m in self.struck.members[node]], axis=0)
                self._node[node] = Moments(begun, done, last)
            begun, last = np.full(len(came), -np.inf), np.full(len(came), _ALONE)
            for node in self._written(a):
                done = self._node[node].done_s
                last = np.where(done > begun, node, last)
                begun = np.maximum(begun, done)
            self._app[a] = Moments(begun, begun + self._ending[a], last)

    def _written(self, a: int) -> list[int]:
        """Return the nodes of an application in the order written."""
        app, first = self.world.applications[a], len(self.world.resources)
        return [node for node in (*app.resources, *(first + s for s in app.steps)) if node in self._nodes[a]]

    def _begin_of(self, m: int) -> Floats:
        begun = self._node[self.world.members[m].resource].begun_s
        return np.where(self.fates[m].automatic, self.strikes.occurred_s, begun)

    def _done_of(self, m: int) -> Floats:
        return self._begin_of(m) + (self.fates[m].lasts_s + self.waits_s[m])

    # queues

    def _schedule(self) -> None:
        """Work out moments and queues in turns until they agree."""
        queues = Queues(self.world, len(self.strikes.run), self.fates, self._members_before())
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
        """Return for each struck member those that have to be there first, in whatever roundabout way."""
        first = len(self.world.resources)
        of_app: dict[int, set[int]] = {}
        found: dict[int, set[int]] = {}
        for a in self._order:
            outside = set().union(*(of_app[b] for b in self.world.applications[a].after if b in of_app))
            up_to: dict[int, set[int]] = {}
            for node, before in self._nodes[a].items():
                earlier = outside.union(*(up_to[p] for p in before))
                members = self.struck.members[node] if node < first else []
                found |= dict.fromkeys(members, earlier)
                up_to[node] = earlier.union(members)
            of_app[a] = outside.union(*up_to.values())
        return found

    # critical paths

    def before(self, a: int, begun_s: Floats) -> Parts:
        """Return the parts of a downtime that passed before something of an application began."""
        strikes, waits = self.strikes, self.courses[a].waits_s
        return {
            "wait_s": np.full(len(begun_s), waits),
            "detect_s": strikes.detect_s,
            "declare_s": strikes.declare_s,
            "dependency_s": begun_s - self.starts_s[a],
        }

    def paths(self) -> dict[int, Parts]:
        """Return the parts of each recovered application's downtime [s], summed along its critical path."""
        paths: dict[int, Parts] = {}
        for a in self._order:
            nodes: dict[int, Parts] = {}
            for node in self._nodes[a]:
                nodes[node] = self._path_to(a, node, nodes, paths)
            here = self._app[a]
            found = {part: seconds.copy() for part, seconds in self._own[a].items()}
            for node, parts in nodes.items():
                _add(found, parts, here.waited_for == node)
            paths[-2 - a] = found
        return {a: paths[-2 - a] for a in self._order}

    def _path_to(self, a: int, node: int, nodes: dict[int, Parts], paths: dict[int, Parts]) -> Parts:
        """Return the parts along the path that ends with a resource or step."""
        first = len(self.world.resources)
        moments = self._node[node]
        everywhere = np.ones(len(self.strikes.run), dtype=bool)
        found: Parts = {}
        by_hand = everywhere
        if node >= first:
            _add(found, {"step_s": self._steps[node - first]}, everywhere)
        else:
            last = self.last_of(node)
            by_hand = np.zeros(len(everywhere), dtype=bool)
            for m in self.struck.members[node]:
                mine = last == m
                if mine.any():
                    _add(found, self.fates[m].parts, mine)
                    by_hand |= mine & ~self.fates[m].automatic
        waited = np.where(by_hand, moments.waited_for, _ALONE)
        _add(found, self.before(a, moments.begun_s), by_hand & (waited == _ALONE))
        for code in np.unique(waited).tolist():
            if code != _ALONE:
                _add(found, nodes[code] if code >= 0 else paths[code], waited == code)
        return found

    def last_of(self, r: int) -> Ints:
        """Return the member of a resource that its critical path goes through, (n,)."""
        first, *others = self.struck.members[r]
        last = np.full(len(self.strikes.run), first)
        usable, begun = self.usable_s[first], self.begun_s[first]
        for m in others:
            later = self.usable_s[m] > usable
            later |= (self.usable_s[m] == usable) & (self.begun_s[m] < begun)
            last = np.where(later, m, last)
            usable = np.where(later, self.usable_s[m], usable)
            begun = np.where(later, self.begun_s[m], begun)
        return last


def _add(parts: Parts, more: Parts, where: Bools) -> None:
    """Add parts in some drills."""
    for part, seconds in more.items():
        if part in parts:
            parts[part] = parts[part] + np.where(where, seconds, 0.0)
        else:
            parts[part] = np.where(where, seconds, 0.0)
