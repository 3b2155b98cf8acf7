"""The same drills in worlds that are nearly alike: what they have in common is worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drsim.engine.log import Log, places_of
from drsim.engine.rollup import roll_up
from drsim.engine.strike import Strikes, strike
from drsim.engine.vectorised.batch import Batch
from drsim.engine.vectorised.fate import Fate
from drsim.engine.vectorised.fates import Fates
from drsim.engine.vectorised.history import Inquiry, Outcomes
from drsim.engine.vectorised.incidents import recoveries_of
from drsim.engine.vectorised.recovery import Recoveries
from drsim.engine.vectorised.targets import Targets
from drsim.world.model import World

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_KEPT = 4_000_000
"""Runs of streams that are held of the past, at most, for others to take over: about 300 MB."""


@dataclass(frozen=True)
class Group:
    """Drills of one unit of a disruption.

    Attributes:
        name: of the disruption.
        strikes: what is struck in them.
        struck: who has to be recovered, and how.
        drills: their places among the histories.
    """

    name: str
    strikes: Strikes
    struck: Targets
    drills: Ints


class Rehearsal:
    """The same drills of several disruptions in one world.

    What they have in common with drills in a former world that is nearly alike is not worked out again. Worlds are
    compared by their parts: those that are the same object (`drsim.world.sharing.shared`) are the same.

    Args:
        world: the strategy's world.
        names: names of the disruptions, all of which the clock takes.
        run: (n,) numbers of the drills of each unit.
        former: the same drills in the former world; none if left out.
        keeps: whether others will take over from these: what they look up is held, as far as there is room for it.

    Attributes:
        world: the strategy's world.
        names, run: as given.
        places: names of the places that logs may hold.
        groups: the units of disruptions that strike anybody.
        going: members that have to be recovered, and in which of the groups.
        fates: how these fare in the drills of those groups, one after the other; nobody changes them.
        outcomes: what jobs left behind; None where nobody is struck.
        written: the log of each group.
        logs: the logs of each disruption's units.
    """

    def __init__(
        self, world: World, names: Sequence[str], run: Ints, former: Rehearsal | None = None, *, keeps: bool = False
    ) -> None:
        self.world, self.names, self.run, self._keeps = world, tuple(names), run, keeps
        self.places = places_of(world)
        self._place = {name: i for i, name in enumerate(self.places)}
        is_alike = former is not None and former.names == self.names and _strikes_alike(world, former.world)
        self._former = former if is_alike else None
        self.groups = self._struck(run)
        self.fates: dict[int, Fate] = {}
        self.going: dict[int, tuple[int, ...]] = {}
        self.outcomes: Outcomes | None = None
        self.written: list[Log] = []
        if self.groups:
            self._recover(None if former is None else former.outcomes)
        self._former = None
        self.logs = {
            name: [log for group, log in zip(self.groups, self.written, strict=True) if group.name == name]
            for name in names
        }

    def _struck(self, run: Ints) -> list[Group]:
        """Return whom each disruption strikes in each of its units."""
        world, groups, reached = self.world, [], 0
        if self._former is not None:
            return [replace(group, struck=Targets(world, group.strikes)) for group in self._former.groups]
        for name in self.names:
            for unit in range(len(world.disruptions[name].units)):
                strikes = strike(world, name, run, unit=unit)
                struck = Targets(world, strikes)
                if struck.applications:
                    groups.append(Group(name, strikes, struck, np.arange(reached, reached + len(run))))
                    reached += len(run)
        return groups

    def _recover(self, former: Outcomes | None) -> None:
        """Work out how everybody fares, and write the logs."""
        groups = self.groups
        run, occurred = (np.concatenate([getattr(g.strikes, f) for g in groups]) for f in ("run", "occurred_s"))
        self.outcomes = Outcomes(self.world, run, occurred, former)
        decide_standbys(self.outcomes, [(group.struck, group.drills) for group in groups])
        self.going = _going(self.world, groups)
        batches = {of: Batch.of([groups[g].strikes for g in of]) for of in set(self.going.values())}
        self.fates = {m: self._former.fates[m] for m in self.going if self._fares_alike(m)} if self._former else {}
        work: dict[int, tuple[Ints, Inquiry[Fate]]] = {}
        for m, of in self.going.items():
            if m not in self.fates:
                struck, r = [groups[g].struck for g in of], self.world.members[m].resource
                ways, spares = [s.ways(self.world.resources[r].app) for s in struck], [s.spare(r) for s in struck]
                fates = Fates(self.world, batches[of], self._place.__getitem__)
                work[m] = np.concatenate([groups[g].drills for g in of]), fates.of([m] * len(of), ways, spares)
        self.fates |= self._consulted(work)
        self.outcomes.settle()
        by_group: list[dict[int, tuple[int, int]]] = [{} for _ in groups]
        for m in sorted(self.going):
            for g, part in zip(self.going[m], pairwise(batches[self.going[m]].first), strict=True):
                by_group[g][m] = part
        self._differs = {} if self._former is None else {m: self._differing(m) for m in self.going}
        self.written = [self._log(g, parts) for g, parts in enumerate(by_group)]

    def _fares_alike(self, m: int) -> bool:
        """Return whether a member fares as it did in the former world, whatever happens to others."""
        former, world = self._former, self.world
        assert former is not None and self.outcomes is not None  # noqa: PT018, S101  only asked then
        was, r = former.world, world.members[m].resource
        if former.going.get(m) != self.going[m] or world.inspection is not was.inspection:
            return False
        # servers are launched, whatever backups they have
        if not world.resources[r].stateless and not self.outcomes.is_as_before(world.component_of[m]):
            return False
        same = [(world.members[m], was.members[m]), (world.resources[r], was.resources[r])]
        app = world.resources[r].app
        same += [(world.applications[app], was.applications[app])]
        if any(one is not other for one, other in same):
            return False
        return all(
            np.array_equal(self.groups[g].struck.takes_over[app], former.groups[g].struck.takes_over[app])
            for g in self.going[m]
        )

    def _consulted(self, work: Mapping[int, tuple[Ints, Inquiry[Fate]]]) -> dict[int, Fate]:
        """Return the results of inquiries about members, component by component: the past of few is held at a time."""
        world, outcomes = self.world, self.outcomes
        assert outcomes is not None  # noqa: S101  there are groups
        apart: dict[int | None, list[int]] = {}
        for m in work:
            c = world.component_of[m]
            apart.setdefault(c if world.components[c].past else None, []).append(m)
        results: dict[int, Fate] = {}
        for held, members in apart.items():
            results |= zip(members, outcomes.consult([work[m] for m in members]), strict=True)
            if held is not None and not (self._keeps and outcomes.cells < _KEPT):
                outcomes.forget(held)
        return results

    def _log(self, g: int, parts: Mapping[int, tuple[int, int]]) -> Log:
        """Return the log of a group.

        Args:
            g: number of the group.
            parts: its members, and which drills of their fates are of the group.
        """
        group = self.groups[g]
        if self._former is not None and self._goes_alike(g, parts):
            return self._former.written[g]
        fates = {m: self.fates[m].part(first, last) for m, (first, last) in parts.items()}
        log = Log(self.world, group.strikes, self.places)
        recoveries = recoveries_of(Recoveries(self.world, group.strikes, group.struck, fates))
        roll_up(self.world, group.strikes, recoveries, log)
        return log

    def _goes_alike(self, g: int, parts: Mapping[int, tuple[int, int]]) -> bool:
        """Return whether the recoveries of a group go as they did in the former world; arguments as for `_log`."""
        former = self._former
        assert former is not None  # noqa: S101  only asked then
        world, was = self.world, former.world
        names = ("applications", "resources", "steps", "limits", "validation", "redirection")
        if any(getattr(world, name) is not getattr(was, name) for name in names):
            return False
        struck, before = self.groups[g].struck, former.groups[g].struck
        if any(not np.array_equal(over, before.takes_over[a]) for a, over in struck.takes_over.items()):
            return False
        for m, (first, last) in parts.items():
            if self._differs[m][first:last].any() or not self.fates[m].has_jobs_of(former.fates[m], first, last):
                return False
        return len(parts) == sum(g in of for of in former.going.values())

    def _differing(self, m: int) -> Bools:
        """Return in which drills of its groups a member fares otherwise than in the former world, (drills,)."""
        former = self._former
        assert former is not None  # noqa: S101  only asked then
        fate = self.fates[m]
        if former.going.get(m) != self.going[m]:
            return np.ones(len(fate.state), dtype=bool)
        return fate.differs(former.fates[m])


def _strikes_alike(world: World, former: World) -> bool:
    """Return whether disruptions strike two worlds alike: the same, in the same moments."""
    parts = ("sites", "vaults", "resources", "disruptions", "detect", "declare")
    numbers = ("seed", "horizon_s", "response_keys")
    if any(getattr(world, name) is not getattr(former, name) for name in parts):
        return False
    if any(getattr(world, name) != getattr(former, name) for name in numbers):
        return False
    zones = [[app.zone_key for app in w.applications] for w in (world, former)]
    places = [[m.place for m in w.members] for w in (world, former)]
    return zones[0] == zones[1] and places[0] == places[1]


def _going(world: World, groups: Sequence[Group]) -> dict[int, tuple[int, ...]]:
    """Return the members that have to be recovered, in an order of recovery, and in which of the groups."""
    going: dict[int, list[int]] = {}
    for g, group in enumerate(groups):
        for a in group.struck.applications:
            for r in world.applications[a].resources:
                for m in group.struck.going(r):
                    going.setdefault(m, []).append(g)
    return {m: tuple(of) for m, of in going.items()}


def decide_standbys(outcomes: Outcomes, groups: Sequence[tuple[Targets, Ints]]) -> None:
    """Find out which applications their standbys take over though their own sites are usable.

    Args:
        outcomes: what the jobs before left behind.
        groups: whom a disruption strikes in drills, to which this is written; and the drills' places among histories.
    """
    asked = [(struck, drills, a) for struck, drills in groups for a in struck.undecided()]
    answers = outcomes.consult([(drills, struck.prefer_standby(a)) for struck, drills, a in asked])
    for (struck, _, a), takes_over in zip(asked, answers, strict=True):
        struck.decide(a, takes_over)
