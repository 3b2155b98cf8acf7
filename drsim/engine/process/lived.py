"""What the earlier disruptions of a life have left: who was down and back to when, which vaults were emptied."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from drsim.engine.process.history import History, Outcome, Run, went_s
from drsim.engine.process.recovered import Recovered
from drsim.world.streams import Stream


@dataclass
class Spell:
    """A member's time down.

    Attributes:
        occurred_s: when it began [s since start].
        result: how the recovery fares that is to end it.
    """

    occurred_s: float
    result: Recovered

    @property
    def usable_s(self) -> float:
        """When it ended [s since start]; inf while it lasts."""
        return self.result.usable_s if self.result.state == "recovered" else math.inf

    @property
    def captured_s(self) -> float:
        """The moment to which the member's data went back [s since start]; what has no data lost none."""
        captured = self.result.captured_s
        return self.occurred_s if self.result.state != "recovered" or math.isnan(captured) else captured


class Closure(NamedTuple):
    """A time during which a vault could not be reached [s since start]; of no length where it was emptied.

    Attributes:
        from_s, until_s: when.
        emptied: whether what it held was destroyed.
        members: for whom it could not be reached; None for all.
    """

    from_s: float
    until_s: float
    emptied: bool
    members: frozenset[int] | None = None


@dataclass
class Past:
    """What earlier disruptions of a life left behind.

    Attributes:
        spells: for each member, its times down, in order.
        vaults: for each vault, the times at which it could not be reached or was emptied, in order.
        deleted: for each member, when it was deleted with what its service kept for it [s since start].
    """

    spells: dict[int, list[Spell]] = field(default_factory=dict)
    vaults: dict[int, list[Closure]] = field(default_factory=dict)
    deleted: dict[int, list[Closure]] = field(default_factory=dict)

    def lost_s(self, m: int, captured_s: float) -> float:
        """Return the data that a member loses which goes back to a moment in its last spell [s].

        What was down made no data to lose, and what was lost before is not lost again.
        """
        *earlier, last = self.spells[m]
        if math.isnan(captured_s):
            return 0.0
        return last.occurred_s - captured_s - _covered_s(earlier, captured_s, last.occurred_s)


def _covered_s(spells: Sequence[Spell], begin_s: float, end_s: float) -> float:
    """Return how much of the time from begin to end is not in the live data because of earlier spells [s]."""
    covered, reached = 0.0, begin_s
    for begin, end in sorted((spell.captured_s, spell.usable_s) for spell in spells):
        first, last = max(begin, reached), min(end, end_s)
        if last > first:
            covered += last - first
        reached = max(reached, last)
    return covered


class LivedHistory(History):
    """A history in which earlier disruptions of the same life have left gaps.

    Attributes:
        pasts: for each incident, what the life left before it.
    """

    pasts: list[Past]

    def outcome(self, e: int, run: Run) -> Outcome:
        """Return what a run left behind that earlier disruptions did not take.

        To whoever has been down for a while, what has arrived since is as good as what was there when it went down.
        """
        stream, past = self._world.streams[run[0]], self.pasts[e]
        outcome = left_of(super().outcome(e, run), stream, past)
        now, spells = float(self._until[e]), past.spells.get(stream.member)
        if not spells or spells[-1].usable_s < math.inf or spells[-1].occurred_s >= now:
            return outcome
        since = spells[-1].occurred_s
        return replace(outcome, available_s=tuple(since if since < s <= now else s for s in outcome.available_s))


def left_of(outcome: Outcome, stream: Stream, past: Past) -> Outcome:
    """Return what is left of what a run left behind.

    A backup job is made of a member that is up from its beginning to its end, in a vault that can be reached so long. A
    copy job does not need the member, only its source point and its destination. What a vault held when it was emptied
    is gone, and so is what was deleted with the member. A point that waits for a copy that was not made stays.
    """
    spells = past.spells.get(stream.member, ())
    closures = [_closures(past, vault, stream) for vault in (stream.vault, *(c.vault for c in stream.copies))]
    if not spells and not any(closures):
        return outcome
    started = {record.copy: record.started_s for record in outcome.records if record.result == "COMPLETED"}
    made: list[bool] = []
    available = list(outcome.available_s)
    for i, ended in enumerate(outcome.available_s):
        is_made = ended < math.inf
        if is_made and i == 0:
            is_made = not any(outcome.captured_s < spell.usable_s and spell.occurred_s < ended for spell in spells)
        elif is_made:
            parent = 1 + stream.copies[i - 1].parent
            source = outcome.available_s[parent]
            is_made = made[parent] and not any(c.emptied and source <= c.from_s < ended for c in closures[parent])
            is_made = is_made and not _meets(closures[parent], started[i - 1], ended)
        made.append(is_made and not _meets(closures[i], started[i - 1], ended))
        if not made[i] or any(c.emptied and ended <= c.from_s for c in closures[i]):
            available[i] = math.inf
    completed = [s if is_made else math.inf for s, is_made in zip(outcome.available_s, made, strict=True)]
    gone = tuple(went_s(part.goes, completed[1:]) for part in stream.jobs)
    return replace(outcome, available_s=tuple(available), gone_s=gone)


def _closures(past: Past, vault: int, stream: Stream) -> list[Closure]:
    """Return the times at which a vault could not be reached by a stream, or was emptied of its points."""
    deleted = () if stream.retained_on_delete else past.deleted.get(stream.member, ())
    return [c for c in (*past.vaults.get(vault, ()), *deleted) if c.members is None or stream.member in c.members]


def _meets(closures: Sequence[Closure], started_s: float, ended_s: float) -> bool:
    """Return whether a job ran, or was to begin, while a vault could not be reached or was emptied."""
    return any(c.from_s < ended_s and (started_s < c.until_s or started_s <= c.from_s) for c in closures)
