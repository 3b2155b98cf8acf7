"""Who recovers, where and when: dependencies, queues for slots, and the critical paths, in many drills at once.

Recoveries wait for each other in two ways: for what comes first, and for slots. The moments follow from the queues, and
the queues from the moments; both are worked out in turns until they agree. Of the grants in their order, each turn gets
at least one more right than the turn before: whatever comes before that job has been granted, and is taken into account
by then. A schedule that agrees with its own queues is the one that time would have made.

Drills of one unit are worked out together though they need not strike the same: what is not there in a drill is never
waited for in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.courses import (
    ATTEMPTS,
    Course,
    could_take_over,
    course,
    fails_over,
    is_needed,
    prefers,
    rebuild_s,
    replica_at,
    starts_s,
    waits_s,
)
from drsim.engine.incidents import RECOVERED, UNRECOVERABLE
from drsim.engine.options import replica_captured_s
from drsim.engine.rollup import decide, nth_smallest, parts_before, stacked
from drsim.engine.strike import Strikes
from drsim.engine.vectorised.batch import Batch, Lanes, Situation
from drsim.engine.vectorised.fate import Fate
from drsim.engine.vectorised.history import Inquiry
from drsim.engine.vectorised.options import NOTHING, Choice
from drsim.engine.vectorised.queues import Queues
from drsim.laws.sampling import draw
from drsim.world.model import Application, World

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
    """Whom a disruption strikes in n drills, and how they go about their recovery.

    Attributes:
        members: resource -> those of its members that are struck in some drill.
        is_struck: application -> whether anything of it is struck, (n,).
        required: resource -> how many of its members have to come back before it is usable again, (n,).
        is_down: application -> whether any of its resources is, (n,).
        applications: those struck in some drill, in an order in which whatever comes first comes first.
        takes_over: application -> whether its standby takes it over though its own site is usable, (n,).
    """

    def __init__(self, world: World, strikes: Strikes) -> None:
        self._world, self._strikes = world, strikes
        n = len(strikes.run)
        self.members: dict[int, list[int]] = {}
        for m in np.flatnonzero(strikes.affected.any(axis=0)).tolist():
            self.members.setdefault(world.members[m].resource, []).append(m)
        self.required: dict[int, Ints] = {}
        self.is_struck: dict[int, Bools] = {}
        self.is_down: dict[int, Bools] = {}
        for r, members in self.members.items():
            resource = world.resources[r]
            struck = strikes.affected[:, members].sum(axis=1)
            missing = np.maximum(0, resource.needs - (len(resource.members) - struck))
            self.required[r] = np.where(struck > 0, missing, 0)
            never = np.zeros(n, dtype=bool)
            self.is_struck[resource.app] = self.is_struck.get(resource.app, never) | (struck > 0)
            self.is_down[resource.app] = self.is_down.get(resource.app, never) | (self.required[r] > 0)
        graph = {a: [b for b in world.applications[a].after if b in self.is_struck] for a in sorted(self.is_struck)}
        self.applications = list(TopologicalSorter(graph).static_order())
        self.takes_over = {a: np.zeros(n, dtype=bool) for a in self.applications}

    def undecided(self) -> list[int]:
        """Return the applications whose standby might take over though their own site is usable."""
        apps = self._world.applications
        return [
            a
            for a in self.applications
            if self.is_down[a].any() and could_take_over(self._world, apps[a], self._strikes)
        ]

    def prefer_standby(self, a: int) -> Inquiry[Bools]:
        """Return in which drills an application's standby takes it over as a whole, (n,)."""
        world, strikes, app = self._world, self._strikes, self._world.applications[a]
        down = self.is_down[a]
        n = len(down)
        possible, by_hand = down.copy(), np.zeros(n, dtype=bool)
        here_loss, there_loss, here_s, there_s = np.zeros(n), np.zeros(n), np.zeros(n), 0.0
        at_home, batch = course(app, strikes, math.nan), Batch.of([strikes])
        asks = app.standby_mode != "multi-site"
        for r in app.resources:
            resource = world.resources[r]
            for m in resource.members:
                member = world.members[m]
                replica = replica_at(member, app.standby_site)
                launch_s = member.restoration.launch.mean
                if resource.stateless or replica is None:
                    there_s = max(there_s, launch_s if app.standby_mode == "pilot-light" else 0.0)
                else:
                    there_s = max(there_s, replica.promote.mean)
                struck = strikes.affected[:, m] & down
                if not struck.any():
                    continue
                alone = fails_over(strikes, member, resource)
                by_hand |= struck & ~alone & (self.required[r] > 0)
                rest = np.flatnonzero(struck & ~alone)
                awaited = self.required[r][rest] > 0
                if resource.stateless or replica is None:
                    here_s[rest] = np.maximum(here_s[rest], np.where(awaited, launch_s, 0.0))
                    continue
                captured = replica_captured_s(strikes, replica)
                possible &= ~struck | (captured <= strikes.contaminated_s)
                there_loss[struck] = np.maximum(there_loss[struck], (strikes.occurred_s - captured)[struck])
                if asks and rest.size:
                    here = Situation(strikes, at_home)
                    choice = Choice(world, member, Lanes(batch, [here], np.zeros_like(rest), rest))
                    option = yield from choice.take(np.arange(len(rest)))
                    none = option.kind == NOTHING
                    loss = np.where(none, np.inf, strikes.occurred_s[rest] - option.captured_s)
                    here_loss[rest] = np.maximum(here_loss[rest], loss)
                    here_s[rest] = np.maximum(here_s[rest], np.where(none | ~awaited, 0.0, option.expected_s))
        found = possible & by_hand
        if asks:
            rpo = app.rpo_s[strikes.disruption.name]
            there = (there_loss, np.full(n, there_s))
            found &= prefers((here_loss, here_s), there, app.loss_tolerance_s, rpo)
        return found

    def decide(self, a: int, takes_over: Bools) -> None:
        """Let an application's standby take it over in some drills, (n,): all its members go there."""
        self.takes_over[a] = takes_over
        if takes_over.any():
            n = len(takes_over)
            for r in self._world.applications[a].resources:
                resource = self._world.resources[r]
                self.required[r] = np.where(takes_over, resource.needs, self.required.get(r, np.zeros(n, np.int64)))

    def going(self, r: int) -> list[int]:
        """Return the members of a resource that have to be recovered in some drill."""
        resource = self._world.resources[r]
        if resource.app in self.takes_over and self.takes_over[resource.app].any():
            return list(resource.members)
        return self.members.get(r, [])

    def is_going(self, m: int) -> Bools:
        """Return in which drills a member has to be recovered, (n,)."""
        app = self._world.resources[self._world.members[m].resource].app
        found: Bools = self._strikes.affected[:, m] | self.takes_over[app]
        return found

    def ways(self, a: int) -> list[tuple[Course, Bools]]:
        """Return the courses that an application takes, each with the drills in which it does, (n,)."""
        app, over = self._world.applications[a], self.takes_over[a]
        found = [(course(app, self._strikes, math.nan, takes_over=taken), over == taken) for taken in (False, True)]
        return [(way, drills) for way, drills in found if drills.any()]

    def spare(self, r: int) -> Bools | None:
        """Return in which drills the servers of a resource are not missed, (n,); None where they never are spared."""
        if not self._world.resources[r].stateless:
            return None
        spared = self.required[r] == 0
        return spared if spared.any() else None


class Recoveries:
    """The recovery of everything that a disruption strikes, in n drills.

    Attributes:
        struck: whom.
        starts_s: application -> when people begin, (n,).
        fates: member -> how it fares.
        begun_s, usable_s: member -> its moments, (n,).
        state: application -> state by what it needs, (n,).
        usable_of: application -> the moment after its redirect, (n,).
        lost_of: member or, below -1, application -> the moment at which nothing was left to try, (n,).
    """

    def __init__(self, world: World, strikes: Strikes, struck: Struck, fates: dict[int, Fate]) -> None:
        self.world, self.strikes, self.struck, self.fates = world, strikes, struck, fates
        n = len(strikes.run)
        self._n, self._order = n, struck.applications
        self.ways = {a: struck.ways(a) for a in self._order}
        self.starts_s = {a: starts_s(world.applications[a], strikes) for a in self._order}
        self._needed: dict[int, Bools] = {}
        self._nodes = {a: self._nodes_of(a) for a in self._order}
        self._state_of: dict[int, Ints] = {}
        self._own: dict[int, Parts] = {}
        self._steps = {s: self.drawn(world.steps[s].duration, world.steps[s].key) for s in self._needed}
        self._ending: dict[int, Floats] = {}
        self.state: dict[int, Ints] = {}
        for a in self._order:
            self._give_way(a)
            self._prepare(a)
        self.waits_s: dict[int, Floats] = {m: np.zeros(n) for m in self.fates}
        self._node: dict[int, Moments] = {}
        self._app: dict[int, Moments] = {}
        self._free: dict[int, Floats] = {}
        self._back: dict[int, Floats] = {}
        self._schedule()
        self.begun_s = {m: self._begin_of(m) for m in self.fates}
        self.usable_s = {m: self._done_of(m) for m in self.fates}
        self.usable_of = {a: self._app[a].done_s for a in self._order}

    def drawn(self, distribution: Distribution, key: int) -> Floats:
        """Return durations drawn once an incident, (n,) [s]."""
        strikes = self.strikes
        return draws.on_grid(draw(distribution, key, strikes.run, strikes.incident * ATTEMPTS))

    def _nodes_of(self, a: int) -> dict[int, list[int]]:
        """Return resources to recover and needed steps of an application, with those that come first, in an order."""
        world, app = self.world, self.world.applications[a]
        first = len(world.resources)
        after = {r: world.resources[r].after for r in app.resources if self.struck.going(r)}
        for s in app.steps:
            needed = np.zeros(self._n, dtype=bool)
            for way, drills in self.ways[a]:
                if is_needed(world, app, way, s):
                    needed |= drills
            needed &= self.struck.is_down[a]
            if needed.any():
                self._needed[s] = needed
                after[first + s] = world.steps[s].after
        graph = {node: [p for p in before if p in after] for node, before in after.items()}
        return {node: graph[node] for node in TopologicalSorter(graph).static_order()}

    # states

    def _give_way(self, a: int) -> None:
        """Work out the states of an application's nodes: what comes after something lost is lost with it."""
        first = len(self.world.resources)
        for node, before in self._nodes[a].items():
            missing = np.full(self._n, RECOVERED)
            for p in before:
                missing = np.maximum(missing, self._state_of[p])
            if node >= first:
                self._state_of[node] = np.where(self._needed[node - first], missing, RECOVERED)
                continue
            there = np.zeros(self._n, dtype=np.int64)
            worst = np.full(self._n, RECOVERED)
            for m in self.struck.going(node):
                fate, going = self.fates[m], self.struck.is_going(m)
                gone = (missing > RECOVERED) & going & ~fate.automatic
                spare = self.struck.spare(node)
                if spare is not None:
                    gone &= ~spare
                if gone.any():
                    fate.gives_way(gone, missing)
                there += going & (fate.state == RECOVERED)
                worst = np.maximum(worst, np.where(going, fate.state, RECOVERED))
            self._state_of[node] = np.where(there >= self.struck.required[node], RECOVERED, worst)

    def _prepare(self, a: int) -> None:
        """Work out the state of an application and what follows when all of it is there."""
        world, app = self.world, self.world.applications[a]
        state, automatic = np.full(self._n, RECOVERED), np.ones(self._n, dtype=bool)
        for r in app.resources:
            if not self.struck.going(r):
                continue
            missed = self.struck.required[r] > 0
            state = np.where(missed, np.maximum(state, self._state_of[r]), state)
            for m in self.struck.going(r):
                automatic &= self.fates[m].automatic | ~(missed & self.struck.is_going(m))
        for b in app.requires:
            if b in self.state and not world.applications[b].rebuild_is_given:
                lost = self.struck.is_struck[b] & (self.state[b] != RECOVERED)
                state = np.where(lost, np.maximum(state, UNRECOVERABLE), state)
        only_redirect = np.zeros(self._n, dtype=bool)
        for way, drills in self.ways[a]:
            if way.standby == "multi-site":
                only_redirect |= drills & automatic
        validation = np.where(only_redirect, 0.0, self.drawn(world.validation, app.validate_key))
        redirection = self.drawn(world.redirection, app.redirect_key)
        self.state[a] = state
        self._own[a] = {"validate_s": validation, "redirect_s": redirection}
        ends_well = (state == RECOVERED) & self.struck.is_down[a]
        self._ending[a] = np.where(ends_well, validation + redirection, 0.0)

    # moments

    def _pass(self) -> None:
        """Work out all moments from the waits for slots that are known."""
        first = len(self.world.resources)
        for a in self._order:
            app = self.world.applications[a]
            came, waited = self.starts_s[a], np.full(self._n, _ALONE)
            for b in app.after:
                if b in self._app:
                    came, waited = self._after(b, came, waited, self._free[b])
            for node, before in self._nodes[a].items():
                begun, last = came, waited
                for p in before:
                    done = self._node[p].done_s
                    last = np.where(done > begun, p, last)
                    begun = np.maximum(begun, done)
                if node >= first:
                    lasts = np.where(self._state_of[node] == RECOVERED, self._steps[node - first], 0.0)
                    done = np.where(self._needed[node - first], begun + lasts, -np.inf)
                else:
                    self._node[node] = Moments(begun, begun, last)
                    done = self._usable_of_node(node)
                self._node[node] = Moments(begun, done, last)
            self._app[a] = self._end(a, app)

    def _after(self, b: int, came: Floats, waited: Ints, free: Floats) -> tuple[Floats, Ints]:
        """Return from when on something goes on that waits for another application, and what it waited for."""
        waited = np.where(free > came, np.where(self.state[b] == RECOVERED, -2 - b, _ALONE), waited)
        return np.maximum(came, free), waited

    def _usable_of_node(self, r: int) -> Floats:
        """Return when a resource is usable with as many members as it needs, or when all are done, (n,) [s].

        In drills in which nobody waits for it, that was long ago.
        """
        done = np.array([self._done_of(m) for m in self.struck.going(r)])
        going = np.array([self.struck.is_going(m) for m in self.struck.going(r)])
        there = going & np.array([self.fates[m].state == RECOVERED for m in self.struck.going(r)])
        nth = nth_smallest(np.where(there, done, np.inf), self.struck.required[r])
        last = np.where(going, done, -np.inf).max(axis=0)
        usable = np.where(self._state_of[r] == RECOVERED, nth, last)
        return np.where(self.struck.required[r] > 0, usable, -np.inf)

    def _end(self, a: int, app: Application) -> Moments:
        """Return when an application is there again, or was seen to be lost."""
        begun, last = np.full(self._n, -np.inf), np.full(self._n, _ALONE)
        for node in self._written(a):
            done = self._node[node].done_s
            last = np.where(done > begun, node, last)
            begun = np.maximum(begun, done)
        begun = np.where(self.struck.is_down[a], begun, self.strikes.occurred_s)
        for b in app.requires:
            if b in self._app:
                begun, last = self._after(b, begun, last, self._back[b])
        done = begun + self._ending[a]
        free = done
        if app.rebuild_is_given:
            rebuilt = np.maximum(np.maximum(done, self._nothing_left(a)), self.lost_s(a) + rebuild_s(app, self.strikes))
            free = np.where(self.state[a] == RECOVERED, done, rebuilt)
        self._free[a] = np.where(self.struck.is_struck[a], free, -np.inf)
        # what is lost while an outage lasts comes back with its end, and what requires it waits for that
        comes_back = (self.state[a] != RECOVERED) & np.isfinite(self.strikes.ends_s)
        self._back[a] = np.where(self.struck.is_struck[a] & comes_back, np.inf, self._free[a])
        return Moments(begun, done, last)

    def lost_s(self, a: int) -> Floats:
        """Return when nothing was left to try for anything of an application that is lost, (n,) [s since start]."""
        found = np.full(self._n, -np.inf)
        for b, lost_with in self._lost_with(a):
            for r in self.world.applications[b].resources:
                for m in self.struck.members.get(r, ()):
                    found = np.maximum(found, np.where(lost_with & self.is_lost(m), self.lost_of(m), -np.inf))
        return np.where(np.isneginf(found), self.starts_s[a], found)

    def _lost_with(self, a: int) -> list[tuple[int, Bools]]:
        """Return an application and those that it requires, each with the drills in which they are lost, (n,)."""
        found = [(a, np.ones(self._n, dtype=bool))]
        required = [b for b in self.world.applications[a].requires if b in self.state]
        return found + [(b, self.struck.is_struck[b] & (self.state[b] != RECOVERED)) for b in required]

    def _nothing_left(self, a: int) -> Floats:
        """Return when all has been tried for an application that is lost, needed or not, (n,) [s since start]."""
        found = np.full(self._n, -np.inf)
        for b, lost_with in self._lost_with(a):
            for r in self.world.applications[b].resources:
                going = self.struck.going(r)
                spare = self.struck.spare(r) if going else None
                for m in going:
                    here = lost_with & self.struck.is_going(m)
                    if spare is not None:
                        here = here & ~spare
                    found = np.maximum(found, np.where(here, self._done_of(m), -np.inf))
        return found

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
        return [node for node in (*app.resources, *(first + s for s in app.steps)) if node in self._nodes[a]]

    def _begin_of(self, m: int) -> Floats:
        begun = self._node[self.world.members[m].resource].begun_s
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
        found: dict[int, set[int]] = {}
        for a in self._order:
            outside = set().union(*(of_app[b] for b in self.world.applications[a].after if b in of_app))
            up_to: dict[int, set[int]] = {}
            for node, before in self._nodes[a].items():
                earlier = outside.union(*(up_to[p] for p in before))
                members = self.struck.going(node) if node < first else []
                found |= dict.fromkeys(members, earlier)
                all_needed = node >= first or self.world.resources[node].needs == len(
                    self.world.resources[node].members
                )
                up_to[node] = earlier.union(members if all_needed else ())
            of_app[a] = outside.union(*up_to.values())
        return found

    # critical paths

    def _before(self, a: int, begun_s: Floats) -> Parts:
        """Return the parts of a downtime that passed before something of an application began, (n,) each [s]."""
        strikes, waits = self.strikes, waits_s(self.world.applications[a], self.strikes)
        parts = parts_before(waits, strikes.detect_s, strikes.declare_s, begun_s - self.starts_s[a])
        return {part: np.broadcast_to(seconds, self._n) for part, seconds in parts.items()}

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
            for b in self.world.applications[a].requires:
                if b in self._app:
                    _add(found, paths[-2 - b], here.waited_for == -2 - b)
            alone = here.waited_for == _ALONE
            if alone.any():
                _add(found, self._before(a, here.begun_s), alone)
            paths[-2 - a] = found
        return {a: paths[-2 - a] for a in self._order}

    def _path_to(self, a: int, node: int, nodes: dict[int, Parts], paths: dict[int, Parts]) -> Parts:
        """Return the parts along the path that ends with a resource or step."""
        first = len(self.world.resources)
        moments = self._node[node]
        everywhere = np.ones(self._n, dtype=bool)
        found: Parts = {}
        by_hand = everywhere
        if node >= first:
            _add(found, {"step_s": self._steps[node - first]}, everywhere)
        else:
            last = self.last_of(node)
            by_hand = np.zeros(len(everywhere), dtype=bool)
            for m in self.struck.going(node):
                mine = last == m
                if mine.any():
                    _add(found, self.fates[m].parts, mine)
                    by_hand |= mine & ~self.fates[m].automatic
        waited = np.where(by_hand, moments.waited_for, _ALONE)
        _add(found, self._before(a, moments.begun_s), by_hand & (waited == _ALONE))
        for code in np.unique(waited).tolist():
            if code != _ALONE:
                _add(found, nodes[code] if code >= 0 else paths[code], waited == code)
        return found

    def last_of(self, r: int) -> Ints:
        """Return the member of a resource that its critical path goes through, (n,): the one that decides."""
        members = self.struck.going(r)
        usable, begun = stacked([self.usable_s[m] for m in members]), stacked([self.begun_s[m] for m in members])
        is_there = stacked([self.struck.is_going(m) & (self.fates[m].state == RECOVERED) for m in members])
        which, _ = decide(usable, begun, is_there, self.struck.required[r])
        return np.array(members)[which]


def _add(parts: Parts, more: Parts, where: Bools) -> None:
    """Add parts in some drills."""
    for part, seconds in more.items():
        if part in parts:
            parts[part] = parts[part] + np.where(where, seconds, 0.0)
        else:
            parts[part] = np.where(where, seconds, 0.0)
