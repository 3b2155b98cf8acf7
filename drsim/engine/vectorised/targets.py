"""Whom a disruption strikes in many drills, and where they recover: at home, elsewhere, or at a standby as a whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from graphlib import TopologicalSorter
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drsim.engine.courses import Course, could_take_over, course, fails_over, prefers, replica_at
from drsim.engine.options import replica_captured_s
from drsim.engine.strike import Events, Strikes
from drsim.engine.vectorised.batch import Batch, Lanes, Situation
from drsim.engine.vectorised.candidates import NOTHING
from drsim.engine.vectorised.history import Inquiry
from drsim.engine.vectorised.options import Choice
from drsim.world.model import World

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Targets:
    """Whom a disruption strikes in n drills, and how they go about their recovery.

    Attributes:
        strikes: the disruption, or the incidents of several.
        members: resource -> those of its members that are struck in some drill.
        is_struck: application -> whether anything of it is struck, (n,).
        required: resource -> how many of its members have to come back before it is usable again, (n,).
        is_down: application -> whether any of its resources is, (n,).
        applications: those struck in some drill, in an order in which whatever comes first comes first.
        takes_over: application -> whether its standby takes it over though its own site is usable, (n,).
    """

    def __init__(self, world: World, strikes: Events) -> None:
        self._world, self.strikes = world, strikes
        self._ways: list[tuple[Course, Bools]] | None = None
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

    @classmethod
    def of_batch(cls, world: World, batch: Batch, parts: Sequence[tuple[Targets, int]]) -> Targets:
        """Return whom the strikes of a batch strike, it being decided how they go about their recovery.

        Args:
            world: a world with one application.
            batch: the drills.
            parts: for each of the batch's strikes whom they strike in a world that may hold more, and the number that
                the application has there.
        """
        targets = cls(world, batch.events)
        targets._ways = []
        over = np.zeros(len(batch.run), dtype=bool)
        for (part, a), (first, last) in zip(parts, pairwise(batch.first), strict=True):
            if a not in part.takes_over:
                continue
            over[first:last] = part.takes_over[a]
            for way, drills in part.ways(a):
                everywhere = np.zeros(len(batch.run), dtype=bool)
                everywhere[first:last] = drills
                targets._ways.append((way, everywhere))
        targets.decide(0, over)
        return targets

    @property
    def _disruption(self) -> Strikes:
        """The one disruption that strikes them: what is joined has none, and everything about it is decided."""
        assert isinstance(self.strikes, Strikes)  # noqa: S101  parts are asked instead
        return self.strikes

    def undecided(self) -> list[int]:
        """Return the applications whose standby might take over though their own site is usable."""
        apps = self._world.applications
        return [
            a
            for a in self.applications
            if self.is_down[a].any() and could_take_over(self._world, apps[a], self._disruption)
        ]

    def prefer_standby(self, a: int) -> Inquiry[Bools]:
        """Return in which drills an application's standby takes it over as a whole, (n,)."""
        world, strikes, app = self._world, self._disruption, self._world.applications[a]
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
                    here = Situation(strikes, at_home, m)
                    choice = Choice(world, Lanes(batch, [here], np.zeros_like(rest), rest))
                    option = yield from choice.take(np.arange(len(rest)))
                    none = option.kind == NOTHING
                    loss = np.where(none, np.inf, strikes.occurred_s[rest] - option.captured_s)
                    here_loss[rest] = np.maximum(here_loss[rest], loss)
                    here_s[rest] = np.maximum(here_s[rest], np.where(none | ~awaited, 0.0, option.expected_s))
        takes_over = possible & by_hand
        if asks:
            rpo = app.rpo_s[strikes.disruption.name]
            there = (there_loss, np.full(n, there_s))
            takes_over &= prefers((here_loss, here_s), there, app.loss_tolerance_s, rpo)
        return takes_over

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
        is_going: Bools = self.strikes.affected[:, m] | self.takes_over[app]
        return is_going

    def ways(self, a: int) -> list[tuple[Course, Bools]]:
        """Return the courses that an application takes, each with the drills in which it does, (n,)."""
        if self._ways is not None:
            return self._ways
        app, over = self._world.applications[a], self.takes_over[a]
        courses = [
            (course(app, self._disruption, math.nan, takes_over=taken), over == taken) for taken in (False, True)
        ]
        return [(way, drills) for way, drills in courses if drills.any()]

    def spare(self, r: int) -> Bools | None:
        """Return in which drills the servers of a resource are not missed, (n,); None where they never are spared."""
        if not self._world.resources[r].stateless or r not in self.required:
            return None
        spared = self.required[r] == 0
        return spared if spared.any() else None
