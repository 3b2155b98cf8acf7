"""What struck members are recovered from, in many drills at once: the array form of `drsim.engine.options`.

The order of the policy is total: of what loses about as little as the least, the shortest expected time, then least
loss; where both are equal what needs no recovery point comes first, then the run scheduled last, the rule and the vault
written first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from drsim.engine.continuous import is_gone, latest_start_s
from drsim.engine.courses import Course
from drsim.engine.options import (
    Place,
    Route,
    growth,
    kept_s,
    last_resorts,
    newest_scheduled_s,
    order_written,
    places_of,
    replay_expected_s,
    replica_captured_s,
    replica_survives,
    restore_expected_s,
    route,
)
from drsim.engine.strike import Strikes
from drsim.engine.vectorised.continuous import depth, restorable
from drsim.engine.vectorised.history import Inquiry, Question
from drsim.engine.vectorised.jobs import Left
from drsim.laws.points import gone_s, is_cold, is_usable, oldest_acceptable
from drsim.world.model import Application, Member, World

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


class Choice:
    """What one member can be recovered from in n drills, taken one after another in the order of the policy.

    Args:
        world: the strategy's world.
        strikes: the disruption.
        member: who is to be recovered.
        course: how its application goes about its recovery.
        drills: (n,) in which of the disruption's drills; they are numbered from 0 here, as lanes.
    """

    def __init__(self, world: World, strikes: Strikes, member: Member, course: Course, drills: Ints) -> None:
        self.world, self.strikes, self.member, self.drills = world, strikes, member, drills
        self.where, self._spared = course.where, course.spared
        self.app: Application = world.applications[world.resources[member.resource].app]
        self.newest_s = np.full(len(drills), -np.inf)
        """The newest moment that something known and untried brings back, in each lane [s since start]."""
        self._lane = np.empty(0, dtype=np.int64)
        self._known = Options.none(0)
        self._new: list[tuple[Ints, Options]] = []
        self._untried = np.empty(0, dtype=bool)
        self._restored = np.full(len(drills), -1)
        """Which continuous protection was tried last in each lane, -1 for something else."""
        self._walks: list[_Walk] | None = None

    def take(self, lanes: Ints) -> Inquiry[Options]:
        """Return the next option in each of some lanes; whoever takes another has found the one before useless.

        Args:
            lanes: (m,) ascending; those left out once are never asked about again.
        """
        if self._walks is None:
            resorts = last_resorts(self.world, self.member, self.where)
            self._walks = [_Walk(self, s, lanes) for s in self.member.streams if s not in resorts]
            yield from self._directly(lanes)
        else:
            self._forget(lanes)
            for i, c in enumerate(self.member.continuous):
                in_vain = lanes[self._restored[lanes] == i]
                if c.are_points and in_vain.size:
                    self._walks += [_Walk(self, s, in_vain) for s in c.bases]
        for walk in self._walks:
            yield from walk.go(lanes)
        return self._preferred(lanes)

    def add(self, lanes: Ints, options: Options) -> None:
        """Add options, (k,), of the lanes named beside them, (k,); a lane may have several."""
        self._new.append((lanes, options))
        np.maximum.at(self.newest_s, lanes, options.captured_s)

    def sizes(self, lanes: Ints) -> tuple[Floats, Floats]:
        """Return size [bytes] and objects of the member when the service stops, in some lanes."""
        resource = self.world.resources[self.member.resource]
        grown = growth(resource, self.strikes.occurred_s[self.drills[lanes]])
        return resource.size_bytes * grown, resource.objects * grown

    def _forget(self, lanes: Ints) -> None:
        """Leave aside what has been tried, and what is known of other lanes."""
        asked = np.zeros(len(self.drills), dtype=bool)
        asked[lanes] = True
        kept = self._untried & asked[self._lane]
        self._lane, self._known = self._lane[kept], self._known.take(kept)
        self._untried = np.ones(len(self._lane), dtype=bool)
        self.newest_s[:] = -np.inf
        np.maximum.at(self.newest_s, self._lane, self._known.captured_s)

    def _preferred(self, lanes: Ints) -> Options:
        """Return what the policy prefers in each of some lanes, (m,), and note that it is being tried."""
        self._lane = np.concatenate([self._lane, *(of for of, _ in self._new)])
        self._known = Options.joined([self._known, *(options for _, options in self._new)])
        self._untried = np.ones(len(self._lane), dtype=bool)
        self._new.clear()
        known, occurred = self._known, self.strikes.occurred_s[self.drills]
        rpo_s = self.app.rpo_s[self.strikes.disruption.name]
        oldest = oldest_acceptable(self.newest_s, occurred, self.app.loss_tolerance_s, rpo_s)
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
        found, at = Options.none(len(lanes)), np.searchsorted(lanes, lane)
        for f in fields(found):
            getattr(found, f.name)[at] = getattr(known, f.name)[able]
        self._restored[lanes] = np.where(found.kind == MOMENT, found.source, -1)
        return found

    def _directly(self, lanes: Ints) -> Inquiry[None]:
        """Add what needs no recovery point: continuous protection and replicas."""
        world, strikes, law = self.world, self.strikes, self.member.restoration
        for i, c in enumerate(self.member.continuous):
            way = route(world, law, c.vault, self.where)
            if way is None or way.moves or is_gone(strikes, c):
                continue
            able = lanes[strikes.vault_ok[self.drills[lanes], c.vault]]
            some, captured, base = yield from restorable(world, strikes, c, self.drills[able])
            able, replay = able[some], captured - base
            size, objects = self.sizes(able)
            found = Options.none(len(able))
            found.kind[:], found.captured_s[:], found.replay_s[:] = MOMENT, captured, replay
            found.expected_s[:] = replay_expected_s(law, c.replay, size, objects, replay)
            found.older[:], found.written[:], found.source[:] = -np.inf, i, i
            found.site[:], found.vault[:] = world.vaults[c.vault].site, c.vault
            self.add(able, found)
        for i, r in enumerate(self.member.replicas, start=len(self.member.continuous)):
            if r.site == self._spared or not replica_survives(strikes, r):
                continue
            captured = replica_captured_s(strikes, r)[self.drills[lanes]]
            intact = captured <= strikes.contaminated_s[self.drills[lanes]]
            found = Options.none(int(np.count_nonzero(intact)))
            found.kind[:], found.captured_s[:], found.expected_s[:] = FAILOVER, captured[intact], r.promote.mean
            found.older[:], found.written[:], found.source[:], found.site[:] = -np.inf, i, i, r.site
            self.add(lanes[intact], found)


class _Walk:
    """The recovery points of one stream, latest run first, and in each lane only as far back as needed.

    Args:
        choice: for which they are looked for.
        s: index of the stream.
        lanes: (m,) in which lanes.
    """

    def __init__(self, choice: Choice, s: int, lanes: Ints) -> None:
        world, strikes, law = choice.world, choice.strikes, choice.member.restoration
        self._choice, self._s, self._stream = choice, s, world.streams[s]
        stream = self._stream
        self._ways: list[tuple[int, Place, Route]] = [
            (order_written(choice.member, s, i), place, way)
            for i, place in enumerate(places_of(stream))
            if (way := route(world, law, place.vault, choice.where)) is not None
        ]
        self._occurred = strikes.occurred_s[choice.drills]
        self._contaminated = strikes.contaminated_s[choice.drills]
        kept = max((kept_s(stream, place) for _, place, _ in self._ways), default=0.0)
        self._oldest = self._occurred - stream.start_window_s - kept
        self._jitter = latest_start_s(world, stream)
        self._position = np.full(len(choice.drills), -1)
        """The run that is looked at next in each lane, -1 for none."""
        if not self._ways or is_gone(strikes, stream):
            return
        survives = strikes.vault_ok[choice.drills[lanes]][:, [p.vault for _, p, _ in self._ways]].any(axis=1)
        newest = np.searchsorted(stream.times_s, self._contaminated[lanes], side="right") - 1
        self._position[lanes] = np.where(survives, newest, -1)

    def go(self, lanes: Ints) -> Inquiry[None]:
        """Add options in some lanes until no earlier run can be within the tolerance of the newest."""
        choice, position = self._choice, self._position
        while True:
            lanes = lanes[position[lanes] >= 0]
            due = self._stream.times_s[position[lanes]]
            last = choice.newest_s[lanes] - choice.app.loss_tolerance_s
            lanes = lanes[(due >= self._oldest[lanes]) & (due + self._jitter >= last)]
            if not lanes.size:
                return
            deep = depth(choice.world, self._s, len(lanes))
            asked = np.repeat(lanes, deep)
            at = np.repeat(position[lanes], deep) - np.tile(np.arange(deep), len(lanes))
            asked, at = asked[at >= 0], at[at >= 0]
            left = yield Question(self._s, choice.drills[asked], at)
            for way in self._ways:
                self._add(asked, at, left, *way)
            position[lanes] = np.maximum(position[lanes] - deep, -1)

    def _add(self, asked: Ints, at: Ints, left: Left, written: int, place: Place, way: Route) -> None:
        """Add what runs left in one place."""
        choice, stream = self._choice, self._stream
        occurred, contaminated = self._occurred[asked], self._contaminated[asked]
        expires = left.captured_s + place.delete_after_s + left.expiry_s[:, 1 + place.copy]
        if place.goes is not None:
            gone = gone_s(left.available_s[:, 1:], place.goes.completed, place.goes.over)
            expires = np.minimum(expires, gone)
        good = is_usable(left.captured_s, left.available_s[:, 1 + place.copy], expires, occurred, contaminated)
        good &= choice.strikes.vault_ok[choice.drills[asked], place.vault] & (stream.times_s[at] >= place.since_s)
        cold = is_cold(left.captured_s, place.cold_after_s, occurred)
        if way.moves:
            good &= ~cold
        here = np.flatnonzero(good)
        of, cold = asked[here], cold[here]
        option = Options.none(len(here))
        size, objects = choice.sizes(of)
        law = choice.member.restoration
        option.kind[:], option.captured_s, option.cold = POINT, left.captured_s[here], cold
        option.expected_s = restore_expected_s(law, size, objects, cold, moves=way.moves)
        option.older, option.written[:] = -stream.times_s[at[here]], written
        option.site[:], option.vault[:], option.moves[:] = way.site, place.vault, way.moves
        option.due_s = newest_scheduled_s(stream, contaminated[here])
        choice.add(of, option)
