"""What struck members are recovered from, in many drills at once: the array form of `drsim.engine.options`.

The order of the policy is total: least loss, then shortest expected time; where both are equal what needs no recovery
point comes first, then the run scheduled last, the rule and the vault written first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from drsim.engine.options import (
    growth,
    kept_s,
    lags_s,
    latest_start_s,
    newest_scheduled_s,
    places_of,
    replay_expected_s,
    replica_captured_s,
    restore_expected_s,
    route,
)
from drsim.engine.strike import Strikes
from drsim.engine.vectorised.outcomes import Inquiry, Question
from drsim.engine.world import Member, World
from drsim.laws.points import gone_s, is_cold, is_usable, replayed_logs, restorable_moment

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

NOTHING, FAILOVER, MOMENT, POINT = range(4)
"""Kinds of options."""

_FEW, _DEEPEST = 512, 16
"""So many questions are asked at once, if up to so many runs back in each drill are enough for that."""


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
        replay_s: logs to replay, in time of their making [s].
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

    def improve(self, lanes: Ints, by: Options, after: Options | None) -> None:
        """Take over, in the given drills, what the policy prefers and what comes after options tried already.

        Args:
            lanes: (m,) the drills.
            by: (m,) one option in each; a drill may be given several.
            after: (n,) the options tried last.
        """
        better = _precedes(by, slice(None), self, lanes)
        if after is not None:
            better &= _precedes(after, lanes, by, slice(None))
        these = np.flatnonzero(better)
        if (lanes[these[1:]] <= lanes[these[:-1]]).any():
            keys = (by.written, by.older, by.expected_s, -by.captured_s)
            order = these[np.lexsort((*(key[these] for key in keys), lanes[these]))]
            first = np.ones(len(order), dtype=bool)
            first[1:] = lanes[order[1:]] != lanes[order[:-1]]
            these = order[first]
        if these.size:
            for f in fields(self):
                getattr(self, f.name)[lanes[these]] = getattr(by, f.name)[these]


def _precedes(one: Options, i: Ints | slice, other: Options, j: Ints | slice) -> Bools:
    """Return where the policy prefers some of one list to some of another."""
    earlier: Bools = one.written[i] < other.written[j]
    for mine, theirs in (
        (one.older[i], other.older[j]),
        (one.expected_s[i], other.expected_s[j]),
        (other.captured_s[j], one.captured_s[i]),
    ):
        earlier = (mine < theirs) | ((mine == theirs) & earlier)
    return earlier


def choose(
    world: World,
    strikes: Strikes,
    member: Member,
    where: int | None,
    drills: Ints,
    after: Options | None = None,
) -> Inquiry[Options]:
    """Return the option of a member that the policy takes next, in each of some drills.

    Args:
        world: the strategy's world.
        strikes: the disruption, in n drills.
        member: who is to be recovered.
        where: site at which its application recovers; None for wherever the point lies.
        drills: (m,) in which of them.
        after: the option tried last, in each of the m drills; the first is wanted if left out.
    """
    best = Options.none(len(drills))
    _directly(best, world, strikes, member, where, drills, after)
    for s in member.streams:
        yield from _from_points(best, world, strikes, member, where, drills, after, s)
    return best


def _sizes(world: World, strikes: Strikes, member: Member, drills: Ints) -> tuple[Floats, Floats]:
    resource = world.resources[member.resource]
    grown = growth(resource, strikes.occurred_s[drills])
    return resource.size_bytes * grown, resource.objects * grown


def _directly(
    best: Options,
    world: World,
    strikes: Strikes,
    member: Member,
    where: int | None,
    drills: Ints,
    after: Options | None,
) -> None:
    """Consider what needs no recovery point: continuous protection and replicas."""
    law = member.restoration
    occurred, contaminated = strikes.occurred_s[drills], strikes.contaminated_s[drills]
    for i, c in enumerate(member.continuous):
        way = route(world, law, c.vault, where)
        if way is None or way.moves:
            continue
        lag = lags_s(strikes, c.log_lag, c.lag_key)[drills]
        captured, reached = restorable_moment(occurred, contaminated, lag, c.window_s, world.plan_start_s)
        lanes = np.flatnonzero(reached & strikes.vault_ok[drills, c.vault])
        replay = replayed_logs(captured[lanes], c.anchors_s) if c.replay_speed else np.zeros(len(lanes))
        size, objects = _sizes(world, strikes, member, drills[lanes])
        found = Options.none(len(lanes))
        found.kind[:], found.captured_s[:] = MOMENT, captured[lanes]
        found.expected_s[:] = replay_expected_s(law, c, size, objects, replay)
        found.older[:], found.written[:], found.source[:] = -np.inf, i, i
        found.site[:], found.vault[:], found.replay_s[:] = world.vaults[c.vault].site, c.vault, replay
        best.improve(lanes, found, after)
    for i, r in enumerate(member.replicas, start=len(member.continuous)):
        if not strikes.replica_ok[r.site]:
            continue
        captured = replica_captured_s(strikes, r)[drills]
        lanes = np.flatnonzero(captured <= contaminated)
        found = Options.none(len(lanes))
        found.kind[:], found.captured_s[:], found.expected_s[:] = FAILOVER, captured[lanes], r.promote.mean
        found.older[:], found.written[:], found.source[:], found.site[:] = -np.inf, i, i, r.site
        best.improve(lanes, found, after)


def _from_points(
    best: Options,
    world: World,
    strikes: Strikes,
    member: Member,
    where: int | None,
    drills: Ints,
    after: Options | None,
    s: int,
) -> Inquiry[None]:
    """Consider the recovery points of one stream, newest first, for as long as an older one could be better."""
    stream, law = world.streams[s], member.restoration
    ways = [(i, p, way) for i, p in enumerate(places_of(stream)) if (way := route(world, law, p.vault, where))]
    times = stream.times_s
    if not ways or not times.size:
        return
    occurred, contaminated = strikes.occurred_s[drills], strikes.contaminated_s[drills]
    newest = contaminated if after is None else np.minimum(contaminated, after.captured_s)
    oldest = occurred - stream.start_window_s - max(kept_s(stream, p) for _, p, _ in ways)
    jitter = latest_start_s(world, stream)
    position = np.searchsorted(times, newest, side="right") - 1
    survives = np.stack([strikes.vault_ok[drills, p.vault] for _, p, _ in ways])
    rank = member.streams.index(s)
    lanes = np.flatnonzero(survives.any(axis=0) & (position >= 0))
    # where many queue together, what one run left behind is dear
    deepest = _DEEPEST // len(world.components[world.component_of[stream.member]].members)
    back = 0
    while True:
        due = times[np.maximum(position[lanes] - back, 0)]
        more = (position[lanes] >= back) & (due >= oldest[lanes]) & ~(best.captured_s[lanes] > due + jitter)
        lanes = lanes[more]
        if not lanes.size:
            return
        deep = max(1, min(_FEW // len(lanes), deepest))
        asked = np.repeat(lanes, deep)
        at = np.repeat(position[lanes] - back, deep) - np.tile(np.arange(deep), len(lanes))
        asked, at = asked[at >= 0], at[at >= 0]
        left = yield Question(s, drills[asked], at)
        found = []
        for k, (i, place, way) in enumerate(ways):
            expires = left.captured_s + place.delete_after_s + left.expiry_s[:, 1 + place.copy]
            if place.goes is not None:
                gone = gone_s(left.available_s[:, 1:], place.goes.completed, place.goes.over)
                expires = np.minimum(expires, gone)
            good = is_usable(
                left.captured_s, left.available_s[:, 1 + place.copy], expires, occurred[asked], contaminated[asked]
            )
            good &= survives[k, asked] & (times[at] >= place.since_s)
            cold = is_cold(left.captured_s, place.cold_after_s, occurred[asked])
            if way.moves:
                good &= ~cold
            here = np.flatnonzero(good)
            of, cold = asked[here], cold[here]
            option = Options.none(len(here))
            size, objects = _sizes(world, strikes, member, drills[of])
            option.kind[:], option.captured_s, option.cold = POINT, left.captured_s[here], cold
            option.expected_s = restore_expected_s(law, size, objects, cold, moves=way.moves)
            option.older, option.written[:] = -times[at[here]], rank * 64 + i
            option.site[:], option.vault[:], option.moves[:] = way.site, place.vault, way.moves
            option.due_s = newest_scheduled_s(stream, contaminated[of])
            found.append((of, option))
        best.improve(np.concatenate([of for of, _ in found]), Options.joined([o for _, o in found]), after)
        back += deep
