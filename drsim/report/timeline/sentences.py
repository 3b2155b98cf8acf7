"""What happened and why, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from drsim.engine import Recovered
from drsim.report.achievements import further_words
from drsim.report.incident_words import enough, taken_down, weighed
from drsim.report.timeline.about import About
from drsim.report.timeline.model import PEOPLE, Phase, Timeline
from drsim.study.explain import Rescue, Rescues, Shortening, deciding_member
from drsim.study.remains import SourceFate
from drsim.units import format_duration

_CLAUSES = {
    SourceFate.NEVER: "never began",
    SourceFate.FAILED: "failed",
    SourceFate.EXPIRED: "had expired",
    SourceFate.GONE: "had gone when its copies were made",
    SourceFate.USELESS: "turned out useless",
    SourceFate.IN_FLIGHT: "had not been finished",
    SourceFate.ELSEWHERE: "could not be copied to where it was needed",
}
"""Fates as the end of a clause, where `was` or `were` before them does not do."""


class Sentences(About):
    """What is to be said about an application in an incident."""

    def sentences(self, phases: Sequence[Phase]) -> Iterator[str]:
        """Yield what happened and why; `phases` are those of its lanes."""
        app, result = self.app.name, self.result
        if result is None:
            if self.dependent is None:
                yield f"The disruption did not reach {app} in this drill."
            else:
                yield f"{app} was not struck itself: {taken_down(self.incident, self.a)}."
            return
        if result.state != "recovered":
            yield from self._not_recovered(result.state)
            return
        down = format_duration(self.down_s)
        if result.by == "ride-out":
            yield f"{app} rode the outage out: it was down for {down} and lost nothing, since the outage ended first."
            yield from self._overtaken()
            return
        loss = None if self.poorest is None else self.loss(self.poorest[1])
        lost = "lost no data" if not loss else f"lost {format_duration(loss)} of data"
        if self.a in self.recovery.down:
            yield f"{app} was down for {down} and {lost}."
        else:
            yield from self._undisturbed(down, lost)
        if choice := weighed(self.incident, self.a):
            yield choice
        if self.poorest is not None and loss:
            yield self._why_lost(*self.poorest)
        yield from self._why_down(phases)
        full = result.full_s - result.usable_s
        if full > 0:
            yield f"It was at full performance {format_duration(full)} later."

    def _undisturbed(self, down: str, lost: str) -> Iterator[str]:
        """Yield how it fared though what was left of it was as much as it needs."""
        counts = [
            f"{self.world.resources[r].name} {members}" for r in self.struck() if (members := enough(self.incident, r))
        ]
        remaining = "; ".join(counts)
        if not self.down_s:
            yield f"{self.app.name} was never down and {lost}: {remaining}."
            return
        required = [self.world.applications[b].name for b in self.app.requires if b in self.recovery.applications]
        why = f"because of {_listed(required)}, which it requires"
        yield f"{self.app.name} was down for {down} {why}, and {lost}: {remaining}."

    def _overtaken(self) -> Iterator[str]:
        undone = [
            self.world.resources[r].name
            for r in self.struck()
            if any(m in self.recovery.abandoned for m in self.recovery.resources[r])
        ]
        if undone:
            yield f"The recovery that it overtook is drawn below, as far as it was: {_listed(undone)}."

    def _not_recovered(self, state: str) -> Iterator[str]:
        app = self.app.name
        if state == "unprotected":
            bare = [
                self.world.resources[r].name
                for r in self.struck()
                if deciding_member(self.recovery, r)[1].state == "unprotected" and not self.incident.lost_after(r)
            ]
            yield f"{app} was not recovered: nothing protects {_listed(bare)}."
        elif any(self.state(m) == state for r in self.struck() for m in self.recovery.resources[r]):
            yield f"{app} could not be recovered: nothing usable was left."
        for b in self.incident.lost_with(self.a):
            other = self.world.applications[b].name
            yield f"{app} requires {other}, which is lost and for which the scenario gives no rebuild."
        for r in self.struck():
            if before := self.incident.lost_after(r):
                first = _listed([self.world.resources[b].name for b in before])
                yield f"{self.world.resources[r].name} comes after {first}, and is lost with it."
        alike: dict[str, list[str]] = {}
        for m in self.with_data():
            if self.state(m) == "unrecoverable" and not self.incident.lost_after(self.world.members[m].resource):
                alike.setdefault(self._why_none(m), []).append(self.world.members[m].entity)
        for why, names in alike.items():
            yield f"{_listed(names)}: {why}."

    def _why_none(self, m: int) -> str:
        """Return what became of everything that protects a member."""
        words = [f"{x.kind} in {x.place}: {x.fate}" for x in self.incident.remains.live(m)]
        points = self.incident.remains.points(m)
        if not points:
            return ", ".join(words) or "no recovery point was ever made"
        words += [f"{n} {_were(fate, n)}" for fate, n in Counter(point.fate for point in points).most_common()]
        contaminated = self.occurred - float(self.recovery.strikes.contaminated_s[self.recovery.e])
        streams = [self.world.streams[s] for s in self.world.members[m].streams]
        kept = max((job.delete_after_s for stream in streams for job in stream.jobs), default=math.inf)
        reach = ""
        if math.isfinite(kept) and kept < contaminated:
            reach = (
                f"; the contamination lies {format_duration(contaminated)} back, "
                f"and points are kept for {format_duration(kept)} at most"
            )
        return f"of the recovery points shown below, {_listed(words)}{reach}"

    def _why_lost(self, name: str, member: Recovered) -> str:
        option = member.option
        when = self._utc(member.captured_s)
        if option is None:
            return f"What came back of {name} was of {when} UTC."
        if option.run is None:
            if option.by == "failover":
                return f"The replica of {name} at {option.place} had the data of {when} UTC."
            gap = ": its log has a gap from there on" if self.incident.remains.breaks_off(member) else ""
            return f"The newest moment that {name} could be restored to, from {option.place}, was {when} UTC{gap}."
        m = next(m for m, x in self.recovery.members.items() if x is member)
        newer = Counter(
            p.fate
            for p in self.incident.remains.points(m)
            if p.captured_s > member.captured_s or (p.fate == SourceFate.NEVER and p.scheduled_s > member.captured_s)
        )
        why = "" if not newer else f"; of newer ones, {_listed([f'{n} {_were(fate, n)}' for fate, n in newer.items()])}"
        return f"The newest usable recovery point of {name} lay in the vault {option.place} and was of {when} UTC{why}."

    def _why_down(self, phases: Sequence[Phase]) -> Iterator[str]:
        critical = [p for p in phases if p.is_critical]
        if not critical:
            return
        longest = max(critical, key=lambda p: p.lasts_s)
        origin = f" ({longest.note})" if longest.note else ""
        others: dict[str, float] = {}
        for p in critical:
            if p is not longest:
                words = p.words if p.lane in (PEOPLE, longest.lane) else f"{p.words} of {p.lane}"
                others[words] = others.get(words, 0.0) + p.lasts_s
        rest = [f"{words} ({format_duration(s)})" for words, s in sorted(others.items(), key=lambda x: -x[1])[:2]]
        beside = f"; next: {_listed(rest)}" if rest else ""
        what = longest.words if longest.lane == PEOPLE else f"{longest.words} of {longest.lane}"
        yield f"The longest part of the downtime is {what}, {format_duration(longest.lasts_s)}{origin}{beside}."

    def _utc(self, moment_s: float) -> str:
        moment = datetime.fromtimestamp(self.world.start_epoch_s + moment_s, tz=UTC)
        return moment.strftime("%Y-%m-%d %H:%M")


def which(timeline: Timeline, drills: int) -> str:
    """Return which drill it is, by its number, and when it strikes.

    Args:
        timeline: the incident.
        drills: how many the other pages count.
    """
    when = f"The service stops at {timeline.utc(0.0)} UTC."
    if timeline.drill < drills:
        which_one = f"This is drill {timeline.drill} of {drills:,}, numbered from 0"
        return f"{which_one}; choose “drill number” to come back to it. {when}"
    return (
        f"This is drill {timeline.drill}. Percentiles and other pages count {drills:,} drills, 0 to {drills - 1:,}, "
        f"so it is not among them; drills have no end, and this one is as good as they are. {when}"
    )


def most_helpful(changes: Sequence[Shortening]) -> Iterator[str]:
    """Yield the sentence about the change that would have saved most."""
    if changes:
        first = changes[0]
        yield f"What would have helped most: {first.what}, {format_duration(first.saved_s)} less."


def rescue(rescues: Rescues | None) -> Iterator[str]:
    """Yield the sentence about what would have recovered what was lost, or that nothing that was tried would have."""
    if rescues is None:
        return
    if rescues.changes:
        changes = [f"{' together with '.join(rescued.what)} ({fared(rescued)})" for rescued in rescues.changes[:3]]
        if len(rescues.changes[0].what) > 1:
            pairs = "; or ".join(changes)
            yield f"No single change that drsim tries would have recovered it, but two together: {pairs}."
        else:
            head = (
                "One change would have recovered it"
                if len(changes) == 1
                else "Each of these alone would have recovered it"
            )
            yield f"{head}: {'; '.join(changes)}."
        return
    if rescues.tried:
        yield f"Nothing that drsim tries would have recovered it, alone or two at a time: {'; '.join(rescues.tried)}."
    else:
        yield "drsim knows no change of the protection to try here."
    if rescues.obstacles:
        yield f"{'; '.join(rescues.obstacles)}."


def fared(rescued: Rescue) -> str:
    """Return what would have been lost, and for how long the application would have been down."""
    lost = "no data lost" if not rescued.data_loss_s else f"{format_duration(rescued.data_loss_s)} of data lost"
    down = f"down for {format_duration(rescued.downtime_s)}"
    return ", ".join((lost, down, *further_words(rescued.achievements)))


def _were(fate: SourceFate, number: int) -> str:
    """Return a fate as the end of a clause."""
    verb = "was" if number == 1 else "were"
    return _CLAUSES.get(fate, f"{verb} {fate}" if number == 1 else f"{verb} {fate.replace(' its ', ' their ')}")


def _listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence, of many the first eight."""
    if len(words) > 8:
        return f"{', '.join(words[:8])} and {len(words) - 8} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
