"""What there was to recover from in one incident, and why each point, window or replica was used or not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drsim.engine import Recovered, Recovery
from drsim.engine.continuous import is_gone, wanted_s
from drsim.engine.options import replica_captured_s, replica_survives, route
from drsim.engine.process.continuous import restorable
from drsim.engine.process.history import JobRecord, Outcome, Run
from drsim.engine.process.options import Option
from drsim.laws.points import is_cold
from drsim.study.replay import Replay
from drsim.world import World
from drsim.world.model import Continuous
from drsim.world.streams import Stream


class SourceFate(StrEnum):
    """Why something that there was to recover from was used or not; its value says it in words."""

    USED = "used"
    ABANDONED = "chosen, then abandoned"
    USELESS = "tried, and found useless"
    NEVER = "its job never started"
    FAILED = "its job failed"
    TOO_NEW = "captured after the contamination"
    IN_FLIGHT = "in flight, lost"
    EXPIRED = "expired"
    GONE = "gone, its copies being made"
    LOST = "lost or out of reach with its vault"
    LOST_REPLICA = "lost with its site or its data"
    SPARE = "usable"
    NOT_NEEDED = "usable, not needed"
    OLDER = "usable, but older"
    SLOWER = "usable, but not the quickest"
    DELETED = "deleted with its resource"
    ELSEWHERE = "cannot be copied to where it is needed"
    TOO_SHORT = "its window does not reach back before the contamination"
    NO_BASE = "no base completed to which its logs could be applied"

    @property
    def is_chosen(self) -> bool:
        """Whether the resource was recovered from it, or was being when the outage ended."""
        return self in (SourceFate.USED, SourceFate.ABANDONED)


@dataclass(frozen=True)
class Point:
    """What one run of a rule left in one vault, and why it was used or not.

    Attributes:
        rule: name of the rule or of the feature.
        vault: where.
        scheduled_s, captured_s, available_s: moments [s since start]; nan or inf where it never came to that.
        expires_s: when it is deleted [s since start]; inf where it is kept for ever, nan where it never was.
        fate: why it was used or not.
        jobs: the jobs that led to it.
        skipped: runs of the rule between this one and the next newer one, which are left out.
    """

    rule: str
    vault: str
    scheduled_s: float
    captured_s: float
    available_s: float
    expires_s: float
    fate: SourceFate
    jobs: tuple[JobRecord, ...]
    skipped: int = 0


@dataclass(frozen=True)
class Live:
    """Protection without points: a window of which any moment can be restored, or a live replica.

    Attributes:
        kind: `any moment` or `replica`.
        name: the rule or the feature.
        place: vault or site.
        from_s, to_s: the oldest and the newest moment whose data it holds [s since start]; equal for a replica.
        fate: why it was used or not.
    """

    kind: str
    name: str
    place: str
    from_s: float
    to_s: float
    fate: SourceFate


@dataclass(frozen=True)
class Remains:
    """What was left of the protection in one incident.

    Attributes:
        replay: the incident, played again.
    """

    replay: Replay

    @property
    def world(self) -> World:
        """The strategy's world."""
        return self.replay.world

    @property
    def recovery(self) -> Recovery:
        """What happened, ride-outs settled."""
        return self.replay.recovery

    def points(self, m: int, runs: int = 3) -> list[Point]:
        """Return what runs of each of a member's rules left, newest first.

        These are the last runs before the stop of service and before the contamination, the runs that were used or
        tried, and for what could not be recovered the oldest that were kept and the last that had expired.

        Args:
            m: index of the member.
            runs: how many of each kind.
        """
        points: list[Point] = []
        for s in self.world.members[m].streams:
            points += self._stream_points(m, s, runs)
        return sorted(points, key=lambda p: (-p.scheduled_s, p.rule, p.vault))

    def live(self, m: int) -> list[Live]:
        """Return a member's continuous protection and replicas, and why each was used or not."""
        world, recovery = self.world, self.recovery
        strikes, e, occurred = recovery.strikes, recovery.e, recovery.occurred_s
        sources = []
        for c in world.members[m].continuous:
            moment = restorable(world, strikes, e, c, self.replay.history)
            to = float(wanted_s(strikes, c)[e]) if moment is None else moment.captured_s
            begins = max(occurred - c.window_s, world.plan_start_s)
            of_window = self._window_fate(m, c, None if moment is None else to, begins)
            sources.append(Live("any moment", c.name, world.vaults[c.vault].name, min(begins, to), to, of_window))
        for r in world.members[m].replicas:
            captured = float(replica_captured_s(strikes, r)[e])
            fate = self._source_fate(m, r)
            if not fate and not replica_survives(strikes, r):
                fate = SourceFate.LOST_REPLICA
            elif not fate and captured > float(strikes.contaminated_s[e]):
                fate = SourceFate.TOO_NEW
            sources.append(
                Live("replica", r.name, world.sites[r.site].name, captured, captured, fate or self._spare(m, captured))
            )
        return sources

    def breaks_off(self, member: Recovered) -> bool:
        """Return whether a member was restored to where its log breaks off, later moments being lost in the gap."""
        option, strikes = member.option, self.recovery.strikes
        if option is None or option.run is not None or not isinstance(option.source, Continuous):
            return False
        return option.captured_s < float(wanted_s(strikes, option.source)[self.recovery.e])

    def _window_fate(self, m: int, source: Continuous, captured_s: float | None, begins: float) -> SourceFate:
        """Return why continuous protection was or was not used, by the moment that it restores, if any."""
        recovery = self.recovery
        fate = self._source_fate(m, source)
        if fate:
            return fate
        if is_gone(recovery.strikes, source):
            return SourceFate.DELETED
        if not recovery.strikes.vault_ok[recovery.e, source.vault]:
            return SourceFate.LOST
        if begins > float(recovery.strikes.contaminated_s[recovery.e]):
            return SourceFate.TOO_SHORT
        if captured_s is None:
            return SourceFate.NO_BASE
        way = route(self.world, self.world.members[m].restoration, source.vault, self._where(m))
        if way is None or way.moves:
            return SourceFate.ELSEWHERE
        return self._spare(m, captured_s)

    def _where(self, m: int) -> int | None:
        """Return the site at which a member's application recovers; None for wherever its points lie."""
        return self.recovery.courses[self.world.resources[self.world.members[m].resource].app].where

    def _stream_points(self, m: int, s: int, runs: int) -> Iterator[Point]:
        stream, newer = self.world.streams[s], None
        for position in self._positions(m, s, runs):
            run = (s, position)
            outcome = self.replay.history.outcome(self.recovery.e, run)
            skipped = 0 if newer is None else newer - position - 1
            newer = position
            places = [(-1, stream.vault)] if stream.is_point else []
            places += [(i, c.vault) for i, c in enumerate(stream.copies)]
            for copy, vault in sorted(places, key=lambda place: self.world.vaults[place[1]].name):
                if stream.times_s[position] < stream.jobs[1 + copy].since_s:
                    continue
                yield Point(
                    stream.rule,
                    self.world.vaults[vault].name,
                    float(stream.times_s[position]),
                    outcome.captured_s,
                    outcome.available_s[1 + copy],
                    _expires_s(stream, copy, outcome),
                    self._fate(m, run, copy, vault, outcome),
                    tuple(j for j in outcome.records if j.copy in _line(stream.copies, copy)),
                    skipped,
                )
                skipped = 0

    def _positions(self, m: int, s: int, runs: int) -> list[int]:
        """Return which runs of a stream tell the story, newest first."""
        recovery, stream = self.recovery, self.world.streams[s]
        result = recovery.abandoned.get(m, recovery.members[m])

        def until(moment_s: float) -> int:
            return int(np.searchsorted(stream.times_s, moment_s, side="right"))

        last = until(recovery.occurred_s)
        chosen = set(range(last - runs, last))
        clean = until(float(recovery.strikes.contaminated_s[recovery.e]))
        chosen |= set(range(clean - runs, clean + (clean < last)))
        for option in (self._pursued(m), *result.failed):
            if option is not None and option.run is not None and option.run[0] == s:
                # with the next newer one, which shows why it was not that
                chosen |= {option.run[1], option.run[1] + 1}
        if result.state == "unrecoverable" and m not in recovery.abandoned:
            longest = max(_kept_s(stream, copy) for copy in range(-1, len(stream.copies)))
            oldest = until(recovery.occurred_s - longest)
            chosen |= {oldest - 1, oldest}
        return sorted((p for p in chosen if 0 <= p < last), reverse=True)

    def _pursued(self, m: int) -> Option | None:
        """Return the option that a member was recovered from, or was being recovered from when the outage ended."""
        abandoned = self.recovery.abandoned.get(m)
        return abandoned.pursued if abandoned else self.recovery.members[m].option

    def _chosen_fate(self, m: int, is_it: Callable[[Option], bool]) -> SourceFate | None:
        """Return what became of what a member was recovered from or was tried; None if it is neither."""
        recovery, chosen = self.recovery, self._pursued(m)
        result = recovery.abandoned.get(m, recovery.members[m])
        if any(is_it(o) for o in result.failed):
            return SourceFate.USELESS
        if chosen is not None and is_it(chosen):
            return SourceFate.ABANDONED if m in recovery.abandoned else SourceFate.USED
        return None

    def _source_fate(self, m: int, source: object) -> SourceFate | None:
        return self._chosen_fate(m, lambda o: o.source is source)

    def _spare(self, m: int, captured_s: float) -> SourceFate:
        """Return why something usable was not used."""
        chosen, result = self._pursued(m), self.recovery.members[m]
        if chosen is None or m in self.recovery.abandoned:
            return SourceFate.SPARE if result.state != "recovered" else SourceFate.NOT_NEEDED
        if captured_s < chosen.captured_s:
            return SourceFate.OLDER
        return SourceFate.SLOWER

    def _fate(self, m: int, run: Run, copy: int, vault: int, outcome: Outcome) -> SourceFate:
        """Return why a point was or was not used."""
        recovery, stream = self.recovery, self.world.streams[run[0]]
        captured, available = outcome.captured_s, outcome.available_s[1 + copy]
        fate = self._chosen_fate(m, lambda o: (o.run, o.copy) == (run, copy))
        reasons = {
            SourceFate.NEVER: math.isnan(captured),
            SourceFate.TOO_NEW: captured > float(recovery.strikes.contaminated_s[recovery.e]),
            SourceFate.FAILED: math.isinf(available),
            SourceFate.IN_FLIGHT: available > recovery.occurred_s,
            SourceFate.GONE: outcome.gone_s[1 + copy] <= recovery.occurred_s,
            SourceFate.EXPIRED: _expires_s(stream, copy, outcome) <= recovery.occurred_s,
            SourceFate.LOST: not recovery.strikes.vault_ok[recovery.e, vault],
            SourceFate.DELETED: is_gone(recovery.strikes, stream),
        }
        if fate or any(reasons.values()):
            return fate or next(why for why, holds in reasons.items() if holds)
        way = route(self.world, self.world.members[m].restoration, vault, self._where(m))
        cold_after = stream.cold_after_s if copy < 0 else stream.copies[copy].cold_after_s
        if way is None or (way.moves and is_cold(captured, cold_after, recovery.occurred_s)):
            return SourceFate.ELSEWHERE
        return self._spare(m, captured)


def _kept_s(stream: Stream, copy: int) -> float:
    """Return how long points are kept: those of the backup itself (-1), or of a copy action [s]."""
    return stream.delete_after_s if copy < 0 else stream.copies[copy].delete_after_s


def _expires_s(stream: Stream, copy: int, outcome: Outcome) -> float:
    """Return when a point goes, by its age or with its copies [s since start]."""
    by_age = outcome.captured_s + _kept_s(stream, copy) + outcome.expiry_s[1 + copy]
    return min(by_age, outcome.gone_s[1 + copy])


def _line(copies: tuple[object, ...], copy: int) -> set[int]:
    """Return a copy action and everything that it was copied from."""
    line = {copy}
    while copy >= 0:
        copy = copies[copy].parent  # type: ignore[attr-defined]
        line.add(copy)
    return line
