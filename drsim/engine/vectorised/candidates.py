"""What members can be recovered from, as far as it is known, in many drills at once, and which of it is preferred.

The order of the policy is total: of what loses about as little as the least, the shortest expected time, then least
loss; where both are equal what needs no recovery point comes first, then the run scheduled last, the rule and the vault
written first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from drsim.engine.options import growth
from drsim.engine.vectorised.batch import Lanes
from drsim.laws.points import oldest_acceptable
from drsim.world.model import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

NOTHING, FAILOVER, MOMENT, POINT = range(4)
"""Kinds of options."""


@dataclass
class Options:
    """One option of a member in each of n drills; all arrays (n,).

    Attributes:
        kind: `NOTHING` where there is none (left).
        captured_s: the moment whose data it brings back [s since start].
        expected_s: how long it takes on average, of what differs between options [s].
        older, written: what decides between equal ones.
        site: where the resource will run.
        vault: vault that is restored from, -1 for a failover.
        moves, cold: whether the point has to be copied first, whether it lies in the cold tier.
        replay_s: time since the base whose log has to be replayed [s].
        source: which continuous protection, then which replica of the member; -1 for a point.
        due_s: scheduled moment of the newest run before the damage [s since start]; nan where no point is restored.
    """

    kind: Ints
    captured_s: Floats
    expected_s: Floats
    older: Floats
    written: Ints
    site: Ints
    vault: Ints
    moves: Bools
    cold: Bools
    replay_s: Floats
    source: Ints
    due_s: Floats

    @classmethod
    def none(cls, n: int) -> Options:
        """Return no option in n drills."""
        return cls(
            kind=np.full(n, NOTHING),
            captured_s=np.full(n, -np.inf),
            expected_s=np.full(n, np.inf),
            older=np.full(n, np.inf),
            written=np.full(n, np.iinfo(np.int64).max),
            site=np.full(n, -1),
            vault=np.full(n, -1),
            moves=np.zeros(n, dtype=bool),
            cold=np.zeros(n, dtype=bool),
            replay_s=np.zeros(n),
            source=np.full(n, -1),
            due_s=np.full(n, np.nan),
        )

    def take(self, lanes: Ints | Bools) -> Options:
        """Return those of some drills."""
        return Options(*(getattr(self, f.name)[lanes] for f in fields(self)))

    @classmethod
    def joined(cls, several: list[Options]) -> Options:
        """Return options of several lists one after another."""
        if len(several) == 1:
            return several[0]
        return cls(*(np.concatenate([getattr(o, f.name) for o in several]) for f in fields(cls)))


class Candidates:
    """The options that are known and have not been tried, of one member in each of n lanes.

    Members of several lanes differ in how they are protected, and in nothing else.

    Args:
        world: in which they are.
        lanes: (n,) in which drills, and how an application goes about its recovery in each.

    Attributes:
        world, lanes: as given.
        law: the law of their restores.
        tolerance_s: loss that is put up with for the sake of time [s].
        newest_s: the newest moment that something known and untried brings back, (n,) [s since start].
        restored: which continuous protection was tried last in each lane, -1 for something else, (n,).
    """

    def __init__(self, world: World, lanes: Lanes) -> None:
        self.world, self.lanes = world, lanes
        member = world.members[lanes.situations[0].member]
        self.law = member.restoration
        self._resource = world.resources[member.resource]
        app = world.applications[self._resource.app]
        self.tolerance_s = app.loss_tolerance_s
        self._rpo_s = lanes.each(lambda s: app.rpo_s[s.strikes.disruption.name])
        self.newest_s = np.full(len(lanes), -np.inf)
        self.restored = np.full(len(lanes), -1)
        self._lane = np.empty(0, dtype=np.int64)
        self._known = Options.none(0)
        self._new: list[tuple[Ints, Options]] = []
        self._untried = np.empty(0, dtype=bool)

    def add(self, lanes: Ints, options: Options) -> None:
        """Add options, (k,), of the lanes named beside them, (k,); a lane may have several."""
        self._new.append((lanes, options))
        np.maximum.at(self.newest_s, lanes, options.captured_s)

    def sizes(self, lanes: Ints) -> tuple[Floats, Floats]:
        """Return size [bytes] and objects of the member when the service stops, in some lanes."""
        grown = growth(self._resource, self.lanes.occurred_s[lanes])
        return self._resource.size_bytes * grown, self._resource.objects * grown

    def forget(self, lanes: Ints) -> None:
        """Leave aside what has been tried, and what is known of other lanes."""
        asked = np.zeros(len(self.lanes), dtype=bool)
        asked[lanes] = True
        kept = self._untried & asked[self._lane]
        self._lane, self._known = self._lane[kept], self._known.take(kept)
        self._untried = np.ones(len(self._lane), dtype=bool)
        self.newest_s[:] = -np.inf
        np.maximum.at(self.newest_s, self._lane, self._known.captured_s)

    def preferred(self, lanes: Ints) -> Options:
        """Return what the policy prefers in each of some lanes, (m,), and note that it is being tried."""
        self._lane = np.concatenate([self._lane, *(of for of, _ in self._new)])
        self._known = Options.joined([self._known, *(options for _, options in self._new)])
        self._untried = np.ones(len(self._lane), dtype=bool)
        self._new.clear()
        known = self._known
        oldest = oldest_acceptable(self.newest_s, self.lanes.occurred_s, self.tolerance_s, self._rpo_s)
        able = np.flatnonzero(known.captured_s >= oldest[self._lane])
        lane = self._lane[able]
        if able.size and np.bincount(lane).max() > 1:
            keys = (known.written, known.older, -known.captured_s, known.expected_s)
            order = np.lexsort((*(key[able] for key in keys), lane))
            able, lane = able[order], lane[order]
            first = np.ones(len(able), dtype=bool)
            first[1:] = lane[1:] != lane[:-1]
            able, lane = able[first], lane[first]
        self._untried[able] = False
        preferred, at = Options.none(len(lanes)), np.searchsorted(lanes, lane)
        for f in fields(preferred):
            getattr(preferred, f.name)[at] = getattr(known, f.name)[able]
        self.restored[lanes] = np.where(preferred.kind == MOMENT, preferred.source, -1)
        return preferred
