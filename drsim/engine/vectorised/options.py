"""What struck members are recovered from, in many drills at once: the array form of `drsim.engine.options`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from drsim.engine.continuous import is_gone
from drsim.engine.options import (
    last_resorts,
    replay_expected_s,
    replica_captured_s,
    replica_survives,
    route,
)
from drsim.engine.vectorised.batch import Lanes, Situation
from drsim.engine.vectorised.candidates import FAILOVER, MOMENT, Candidates, Options
from drsim.engine.vectorised.continuous import restorable
from drsim.engine.vectorised.history import Inquiry
from drsim.engine.vectorised.walks import Walk
from drsim.world.model import Continuous, Replica, World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Choice:
    """What one member in each of n lanes can be recovered from, taken one after another in the order of the policy.

    Args:
        world: in which they are.
        lanes: (n,) in which drills, who is to be recovered, and how its application goes about it in each.
    """

    def __init__(self, world: World, lanes: Lanes) -> None:
        self._world, self._lanes = world, lanes
        self._candidates = Candidates(world, lanes)
        self._walks: list[Walk] | None = None

    def take(self, lanes: Ints) -> Inquiry[Options]:
        """Return the next option in each of some lanes; whoever takes another has found the one before useless.

        Args:
            lanes: (m,) ascending; those left out once are never asked about again.
        """
        if self._walks is None:
            self._walks = self._first_walks(lanes)
            yield from self._directly(lanes)
        else:
            self._candidates.forget(lanes)
            self._walks += self._walks_to_bases(lanes)
        for walk in self._walks:
            yield from walk.go(lanes)
        return self._candidates.preferred(lanes)

    def _first_walks(self, lanes: Ints) -> list[Walk]:
        """Return walks along the streams whose points are looked at from the first, in the lanes in which they are."""
        streams_of = [self._streams(situation) for situation in self._lanes.situations]
        walks = []
        for k in range(max(len(streams) for streams in streams_of)):
            streams = [of[k] if k < len(of) else -1 for of in streams_of]
            first = lanes[(np.array(streams) >= 0)[self._lanes.of[lanes]]]
            if first.size:
                walks.append(Walk(self._candidates, streams, first))
        return walks

    def _streams(self, situation: Situation) -> list[int]:
        """Return the streams of a situation's member in the order written, -1 for a last resort."""
        member, where = self._world.members[situation.member], situation.course.where
        resorts = last_resorts(self._world, member, where)
        return [-1 if stream in resorts else stream for stream in member.streams]

    def _walks_to_bases(self, lanes: Ints) -> list[Walk]:
        """Return walks along the bases of what was restored to a moment, in vain, in some of the lanes."""
        walks, restored = [], self._candidates.restored
        for m, i, continuous in self._continuous():
            if not continuous.are_points:
                continue
            in_vain = lanes[(restored[lanes] == i) & self._lanes.where(lambda s, m=m: s.member == m)[lanes]]  # type: ignore[misc]
            if in_vain.size:
                for stream in continuous.bases:
                    streams = [stream if s.member == m else -1 for s in self._lanes.situations]
                    walks.append(Walk(self._candidates, streams, in_vain))
        return walks

    def _continuous(self) -> Iterator[tuple[int, int, Continuous]]:
        """Yield the continuous protections of members, each with its member and its number there."""
        for m in self._lanes.members:
            for i, continuous in enumerate(self._world.members[m].continuous):
                yield m, i, continuous

    def _directly(self, lanes: Ints) -> Inquiry[None]:
        """Add what needs no recovery point: continuous protection and replicas."""
        candidates, law, batch = self._candidates, self._candidates.law, self._lanes.batch
        for m, i, c in self._continuous():
            able = lanes[self._restores_moments(m, c)[lanes] & self._lanes.vault_ok[lanes, c.vault]]
            if not able.size:
                continue
            reached, captured, base = yield from restorable(self._world, batch, c, self._lanes.drills[able])
            able, replay = able[reached], captured - base
            size, objects = candidates.sizes(able)
            moments = Options.none(len(able))
            moments.kind[:], moments.captured_s[:], moments.replay_s[:] = MOMENT, captured, replay
            moments.expected_s[:] = replay_expected_s(law, c.replay, size, objects, replay)
            moments.older[:], moments.written[:], moments.source[:] = -np.inf, i, i
            moments.site[:], moments.vault[:] = self._world.vaults[c.vault].site, c.vault
            candidates.add(able, moments)
        for m in self._lanes.members:
            member = self._world.members[m]
            for i, replica in enumerate(member.replicas, start=len(member.continuous)):
                self._add_failover(lanes[self._fails_over_to(m, replica)[lanes]], replica, i)

    def _add_failover(self, lanes: Ints, replica: Replica, source: int) -> None:
        """Add failovers to a replica, by its number among what a member has, in lanes in which it is there."""
        if not lanes.size:
            return
        captured = replica_captured_s(self._lanes.batch, replica)[self._lanes.drills[lanes]]
        intact = captured <= self._lanes.contaminated_s[lanes]
        failovers = Options.none(int(np.count_nonzero(intact)))
        failovers.kind[:], failovers.captured_s[:] = FAILOVER, captured[intact]
        failovers.expected_s[:], failovers.site[:] = replica.promote.mean, replica.site
        failovers.older[:], failovers.written[:], failovers.source[:] = -np.inf, source, source
        self._candidates.add(lanes[intact], failovers)

    def _restores_moments(self, m: int, continuous: Continuous) -> Bools:
        """Return in which lanes continuous protection restores moments where its member is needed, (n,)."""

        def holds(situation: Situation) -> bool:
            if situation.member != m:
                return False
            way = route(self._world, self._candidates.law, continuous.vault, situation.course.where)
            return way is not None and not way.moves and not is_gone(situation.strikes, continuous)

        return self._lanes.where(holds)

    def _fails_over_to(self, m: int, replica: Replica) -> Bools:
        """Return in which lanes a replica of a member is there that people may fail over to, (n,)."""
        return self._lanes.where(
            lambda s: s.member == m and replica.site != s.course.spared and replica_survives(s.strikes, replica)
        )
