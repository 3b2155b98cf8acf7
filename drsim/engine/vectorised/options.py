"""What struck members are recovered from, in many drills at once: the array form of `drsim.engine.options`.

The order of the policy is total: of what loses about as little as the least, the shortest expected time, then least
loss; where both are equal what needs no recovery point comes first, then the run scheduled last, the rule and the vault
written first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drsim.engine.continuous import is_gone, latest_start_s
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
from drsim.engine.vectorised.batch import Lanes, Situation
from drsim.engine.vectorised.continuous import depth, restorable
from drsim.engine.vectorised.history import Inquiry, Question
from drsim.engine.vectorised.jobs import Left
from drsim.laws.points import gone_s, is_cold, is_usable, oldest_acceptable
from drsim.world.model import Application, Continuous, Member, Replica, World

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
        member: who is to be recovered.
        lanes: (n,) in which drills, and how its application goes about its recovery in each.
    """

    def __init__(self, world: World, member: Member, lanes: Lanes) -> None:
        self.world, self.member, self.lanes = world, member, lanes
        self.app: Application = world.applications[world.resources[member.resource].app]
        self._rpo_s = lanes.each(lambda s: self.app.rpo_s[s.strikes.disruption.name])
        self.newest_s = np.full(len(lanes), -np.inf)
        """The newest moment that something known and untried brings back, in each lane [s since start]."""
        self._lane = np.empty(0, dtype=np.int64)
        self._known = Options.none(0)
        self._new: list[tuple[Ints, Options]] = []
        self._untried = np.empty(0, dtype=bool)
        self._restored = np.full(len(lanes), -1)
        """Which continuous protection was tried last in each lane, -1 for something else."""
        self._walks: list[_Walk] | None = None

    def take(self, lanes: Ints) -> Inquiry[Options]:
        """Return the next option in each of some lanes; whoever takes another has found the one before useless.

        Args:
            lanes: (m,) ascending; those left out once are never asked about again.
        """
        if self._walks is None:
            self._walks = self._first_walks(lanes)
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

    def _first_walks(self, lanes: Ints) -> list[_Walk]:
        """Return walks along the streams whose points are looked at from the first, in the lanes in which they are."""
        resorts = {s.course.where: last_resorts(self.world, self.member, s.course.where) for s in self.lanes.situations}
        walks = []
        for stream in self.member.streams:
            first = self.lanes.where(lambda s, stream=stream: stream not in resorts[s.course.where])[lanes]  # type: ignore[misc]
            if first.any():
                walks.append(_Walk(self, stream, lanes[first]))
        return walks

    def add(self, lanes: Ints, options: Options) -> None:
        """Add options, (k,), of the lanes named beside them, (k,); a lane may have several."""
        self._new.append((lanes, options))
        np.maximum.at(self.newest_s, lanes, options.captured_s)

    def sizes(self, lanes: Ints) -> tuple[Floats, Floats]:
        """Return size [bytes] and objects of the member when the service stops, in some lanes."""
        resource = self.world.resources[self.member.resource]
        grown = growth(resource, self.lanes.occurred_s[lanes])
        return resource.size_bytes * grown, resource.objects * grown

    def _forget(self, lanes: Ints) -> None:
        """Leave aside what has been tried, and what is known of other lanes."""
        asked = np.zeros(len(self.lanes), dtype=bool)
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
        known = self._known
        oldest = oldest_acceptable(self.newest_s, self.lanes.occurred_s, self.app.loss_tolerance_s, self._rpo_s)
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
        self._restored[lanes] = np.where(preferred.kind == MOMENT, preferred.source, -1)
        return preferred

    def _directly(self, lanes: Ints) -> Inquiry[None]:
        """Add what needs no recovery point: continuous protection and replicas."""
        world, law, batch = self.world, self.member.restoration, self.lanes.batch
        for i, c in enumerate(self.member.continuous):
            able = lanes[self._restores_moments(c)[lanes] & self.lanes.vault_ok[lanes, c.vault]]
            if not able.size:
                continue
            reached, captured, base = yield from restorable(world, batch, c, self.lanes.drills[able])
            able, replay = able[reached], captured - base
            size, objects = self.sizes(able)
            moments = Options.none(len(able))
            moments.kind[:], moments.captured_s[:], moments.replay_s[:] = MOMENT, captured, replay
            moments.expected_s[:] = replay_expected_s(law, c.replay, size, objects, replay)
            moments.older[:], moments.written[:], moments.source[:] = -np.inf, i, i
            moments.site[:], moments.vault[:] = world.vaults[c.vault].site, c.vault
            self.add(able, moments)
        for i, r in enumerate(self.member.replicas, start=len(self.member.continuous)):
            there = lanes[self._fails_over_to(r)[lanes]]
            if not there.size:
                continue
            drills = self.lanes.drills[there]
            captured = replica_captured_s(batch, r)[drills]
            intact = captured <= self.lanes.contaminated_s[there]
            failovers = Options.none(int(np.count_nonzero(intact)))
            failovers.kind[:], failovers.captured_s[:] = FAILOVER, captured[intact]
            failovers.expected_s[:], failovers.site[:] = r.promote.mean, r.site
            failovers.older[:], failovers.written[:], failovers.source[:] = -np.inf, i, i
            self.add(there[intact], failovers)

    def _restores_moments(self, continuous: Continuous) -> Bools:
        """Return in which lanes continuous protection restores moments where the member is needed, (n,)."""

        def holds(situation: Situation) -> bool:
            way = route(self.world, self.member.restoration, continuous.vault, situation.course.where)
            return way is not None and not way.moves and not is_gone(situation.strikes, continuous)

        return self.lanes.where(holds)

    def _fails_over_to(self, replica: Replica) -> Bools:
        """Return in which lanes a replica is there that people may fail over to, (n,)."""
        return self.lanes.where(lambda s: replica.site != s.course.spared and replica_survives(s.strikes, replica))


class _Way(NamedTuple):
    """One place of a stream's points, and how they get from there to where they are needed.

    Attributes:
        written: its place in the order written.
        exists: (n,) in which lanes there is a way.
        site: (n,) where the resource will run.
        moves: (n,) whether the point has to be copied there first.
    """

    written: int
    place: Place
    exists: Bools
    site: Ints
    moves: Bools


class _Walk:
    """The recovery points of one stream, latest run first, and in each lane only as far back as needed.

    Args:
        choice: for which they are looked for.
        s: index of the stream.
        lanes: (m,) in which lanes.
    """

    def __init__(self, choice: Choice, s: int, lanes: Ints) -> None:
        self._choice, self._s, self._stream = choice, s, choice.world.streams[s]
        stream, all_lanes = self._stream, choice.lanes
        self._ways = [way for place in places_of(stream) if (way := self._way(place)).exists.any()]
        kept = np.zeros(len(all_lanes))
        survives = np.zeros(len(all_lanes), dtype=bool)
        for way in self._ways:
            kept = np.where(way.exists, np.maximum(kept, kept_s(stream, way.place)), kept)
            survives |= way.exists & all_lanes.vault_ok[:, way.place.vault]
        survives &= all_lanes.where(lambda situation: not is_gone(situation.strikes, stream))
        self._oldest = all_lanes.occurred_s - stream.start_window_s - kept
        self._jitter = latest_start_s(choice.world, stream)
        self._position = np.full(len(all_lanes), -1)
        """The run that is looked at next in each lane, -1 for none."""
        lanes = lanes[survives[lanes]]
        if lanes.size:
            self._position[lanes] = np.searchsorted(stream.times_s, all_lanes.contaminated_s[lanes], side="right") - 1

    def _way(self, place: Place) -> _Way:
        choice = self._choice
        law, written = choice.member.restoration, order_written(choice.member, self._s, place.copy)
        routes = {
            where: route(choice.world, law, place.vault, where)
            for where in {s.course.where for s in choice.lanes.situations}
        }

        def of(situation: Situation) -> Route | None:
            return routes[situation.course.where]

        return _Way(
            written,
            place,
            exists=choice.lanes.where(lambda s: of(s) is not None),
            site=choice.lanes.each(lambda s: way.site if (way := of(s)) else -1).astype(np.int64),
            moves=choice.lanes.where(lambda s: (way := of(s)) is not None and way.moves),
        )

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
            left = yield Question(self._s, choice.lanes.drills[asked], at)
            for way in self._ways:
                self._add(asked, at, left, way)
            position[lanes] = np.maximum(position[lanes] - deep, -1)

    def _add(self, asked: Ints, at: Ints, left: Left, way: _Way) -> None:
        """Add what runs left in one place."""
        choice, stream, lanes, place = self._choice, self._stream, self._choice.lanes, way.place
        occurred, contaminated = lanes.occurred_s[asked], lanes.contaminated_s[asked]
        expires = left.captured_s + place.delete_after_s + left.expiry_s[:, 1 + place.copy]
        if place.goes is not None:
            gone = gone_s(left.available_s[:, 1:], place.goes.completed, place.goes.over)
            expires = np.minimum(expires, gone)
        good = is_usable(left.captured_s, left.available_s[:, 1 + place.copy], expires, occurred, contaminated)
        good &= lanes.vault_ok[asked, place.vault] & way.exists[asked] & (stream.times_s[at] >= place.since_s)
        cold = is_cold(left.captured_s, place.cold_after_s, occurred)
        good &= ~(cold & way.moves[asked])
        here = np.flatnonzero(good)
        of, cold = asked[here], cold[here]
        option = Options.none(len(here))
        size, objects = choice.sizes(of)
        law, moves = choice.member.restoration, way.moves[of]
        option.kind[:], option.captured_s, option.cold = POINT, left.captured_s[here], cold
        option.expected_s = restore_expected_s(law, size, objects, cold, moves)
        option.older, option.written[:] = -stream.times_s[at[here]], way.written
        option.site, option.vault[:], option.moves = way.site[of], place.vault, moves
        option.due_s = newest_scheduled_s(stream, contaminated[here])
        choice.add(of, option)
