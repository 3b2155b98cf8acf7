"""The jobs of a recovery that have to queue for slots, in many drills at once."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drsim.engine.courses import LAST
from drsim.engine.vectorised.fate import Fate, Stage
from drsim.engine.vectorised.slots import serve
from drsim.world.model import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class _Job(NamedTuple):
    member: int
    stage: Stage


class Queues:
    """Copies and restores of members, one after another, wherever not all of them find a slot.

    Args:
        world: the strategy's world.
        n: how many drills.
        fates: member -> how it fares.
        before: member -> the members that have to be there first, in whatever roundabout way.

    Attributes:
        members: those whose jobs may have to wait; none where there are slots for everybody.
    """

    def __init__(self, world: World, n: int, fates: Mapping[int, Fate], before: Mapping[int, AbstractSet[int]]) -> None:
        self._fates = fates
        users = _users(fates)
        # a member has one job at a time: where there are slots for all members nobody ever waits
        binding = [i for i, members in users.items() if len(members) > world.limits[i].slots]
        self.members = sorted(set().union(*(users[i] for i in binding)))
        stages = [_Job(m, stage) for m in self.members for stage in fates[m].stages]
        # what is loaded once its member is usable stands last, and is none of what the member waits for
        self._jobs = [job for is_loading in (False, True) for job in stages if job.stage.is_loading is is_loading]
        self._columns = {m: [j for j, job in enumerate(self._jobs) if job.member == m] for m in self.members}
        self._loading = [j for j, job in enumerate(self._jobs) if job.stage.is_loading]
        for columns in self._columns.values():
            columns[:] = [j for j in columns if j not in self._loading]
        self._slots = [world.limits[i].slots for i in binding]
        self._owner = np.searchsorted(np.array(self.members), [job.member for job in self._jobs])
        shape = (n, len(self._jobs))
        self._tabulate(shape, {i: number for number, i in enumerate(binding)})
        self._chain(shape)
        self._gate(before)
        self._order = np.broadcast_to(np.arange(shape[1]), shape)
        apps = [world.applications[world.resources[world.members[job.member].resource].app] for job in self._jobs]
        priorities = [LAST if job.stage.is_loading else app.priority for app, job in zip(apps, self._jobs, strict=True)]
        self._priority = np.array(priorities) if len(set(priorities)) > 1 else None
        self._waits = np.zeros(shape)
        self._is_loading = np.array([job.stage.is_loading for job in self._jobs], dtype=bool)

    def _tabulate(self, shape: tuple[int, int], number: Mapping[int, int]) -> None:
        """Write down limits and duration of each job, (n, jobs), and in which drills there is one."""
        needs = [[[number[i] for i in limits if i in number] for limits in job.stage.limits] for job in self._jobs]
        most = max((len(need) for sites in needs for need in sites), default=0)
        self._limits = np.full((*shape, max(most, 1)), len(number))
        self._duration, self._exists = np.zeros(shape), np.zeros(shape, dtype=bool)
        for j, (job, sites) in enumerate(zip(self._jobs, needs, strict=True)):
            table = np.full((len(sites), self._limits.shape[2]), len(number))
            for site, need in enumerate(sites):
                table[site, : len(need)] = need
            drills = job.stage.drills
            self._limits[drills, j] = table[job.stage.site]
            self._duration[drills, j], self._exists[drills, j] = job.stage.duration_s, True

    def _chain(self, shape: tuple[int, int]) -> None:
        """Find the first job of each member in each drill, (n, members), and the one after each job; -1 for none."""
        self._next = np.full(shape, -1)
        self._first = np.full((shape[0], len(self.members)), -1)
        for k, m in enumerate(self.members):
            following = self._first[:, k]
            for j in reversed(self._columns[m]):
                here = self._exists[:, j]
                self._next[here, j] = following[here]
                following[here] = j
        self._load = np.full(shape, -1)
        for j in self._loading:
            member, drills = self._jobs[j].member, np.flatnonzero(self._exists[:, j])
            columns = np.array(self._columns[member])
            # it follows the last job of its member, which is the restore that was of use
            last = columns[len(columns) - 1 - self._exists[drills][:, columns][:, ::-1].argmax(axis=1)]
            self._load[drills, last] = j

    def _gate(self, before: Mapping[int, AbstractSet[int]]) -> None:
        """Put members that wait for the same ones behind one gate, and count the jobless no longer waited for."""
        number = {m: k for k, m in enumerate(self.members)}
        gates: dict[frozenset[int], list[int]] = {}
        for k, m in enumerate(self.members):
            gates.setdefault(frozenset(number[b] for b in before[m] if b in number), []).append(k)
        self._behind = [np.array(behind) for behind in gates.values()]
        self._holds = np.zeros((len(gates), len(self.members)), dtype=bool)
        for g, keys in enumerate(gates):
            self._holds[g, list(keys)] = True
        has_jobs = (self._first >= 0).astype(np.int64)
        self._held = has_jobs @ self._holds.T.astype(np.int64)

    def serve(self, begun_s: Mapping[int, Floats]) -> bool:
        """Work the queues through, the members' recoveries beginning when they do; return whether any wait changed.

        Args:
            begun_s: member -> when its recovery begins, (n,) [s since start].
        """
        queued_s = np.full(self._exists.shape, np.inf)
        asked_s, waits = queued_s.copy(), np.zeros(queued_s.shape)
        closed_by = self._held.copy()
        came = np.array([begun_s[m] for m in self.members]).T
        opens = np.full(closed_by.shape, -np.inf)

        def open_gate(drills: Ints, g: int) -> None:
            behind = self._behind[g]
            first = self._first[drills][:, behind]
            moment = np.maximum(came[drills][:, behind], opens[drills, g, None])
            row, column = np.nonzero(first >= 0)
            there = drills[row], first[row, column]
            queued_s[there] = asked_s[there] = moment[row, column]

        def begin(drill: Ints, job: Ints, at_s: Floats) -> Floats:
            ends: Floats = at_s + self._duration[drill, job]
            waits[drill, job] = at_s - asked_s[drill, job]
            loads = self._load[drill, job]
            then = loads >= 0
            queued_s[drill[then], loads[then]] = asked_s[drill[then], loads[then]] = ends[then]
            following = self._next[drill, job]
            on = following >= 0
            queued_s[drill[on], following[on]] = asked_s[drill[on], following[on]] = ends[on]
            on |= self._is_loading[job]
            # nobody is a candidate before all that come first have had their turn, though moments may be equal
            lanes, whose, end = drill[~on], self._owner[job[~on]], ends[~on]
            for g in np.flatnonzero(self._holds[:, whose].any(axis=1)).tolist():
                mine = self._holds[g, whose]
                drills = lanes[mine]
                closed_by[drills, g] -= 1
                opens[drills, g] = np.maximum(opens[drills, g], end[mine])
                ready = drills[closed_by[drills, g] == 0]
                if ready.size:
                    open_gate(ready, g)
            return ends

        for g in range(len(self._behind)):
            open_gate(np.flatnonzero(closed_by[:, g] == 0), g)
        serve(queued_s, self._limits, self._slots, self._order, begin, priority=self._priority)
        changed = not np.array_equal(waits, self._waits)
        self._waits = waits
        return changed

    @property
    def most_turns(self) -> int:
        """No more turns than these are ever needed: each gets one more grant right."""
        return len(self._jobs) + 1

    def waits_s(self, m: int) -> Floats:
        """Return how long a member's jobs wait for slots in all, (n,) [s]."""
        seconds: Floats = self._waits[:, self._columns[m]].sum(axis=1)
        return seconds

    def book(self) -> None:
        """Put the waits into the parts of the downtimes: those of failed attempts with these."""
        for j, (m, stage) in enumerate(self._jobs):
            waits = self._waits[stage.drills, j]
            if stage.is_loading:
                fate = self._fates[m]
                # others may look at the same array
                fate.full_after_s = fate.full_after_s.copy()
                fate.full_after_s[stage.drills] += waits
                continue
            for part, which in (("queue_s", ~stage.in_vain), ("failed_s", stage.in_vain)):
                if waits[which].any():
                    self._fates[m].spend(part, stage.drills[which], waits[which])


def _users(fates: Mapping[int, Fate]) -> dict[int, set[int]]:
    """Return for each limit the members whose jobs need a slot of it."""
    users: dict[int, set[int]] = {}
    for m, fate in fates.items():
        for stage in fate.stages:
            for site in np.unique(stage.site).tolist():
                for i in stage.limits[site]:
                    users.setdefault(i, set()).add(m)
    return users
