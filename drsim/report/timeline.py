"""One incident as data for charts and tables: what went on when, what there was to recover from, and the sentence.

The moments of an incident are in seconds after the service stopped; what came before is negative.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from drsim.engine import DOWNTIME_PARTS, LOSS_PARTS, Recovered, World
from drsim.engine.options import Option
from drsim.report.story import PART_NAMES, limit_name, poorest
from drsim.study.explain import (
    ABANDONED,
    ELSEWHERE,
    EXPIRED,
    FAILED,
    NEVER,
    USED,
    USELESS,
    Change,
    Incident,
    Live,
    Point,
    slowest_member,
)
from drsim.units import format_duration

PEOPLE = "people"
DISRUPTION = "the disruption"

WAIT, WORK, OUTAGE, AFTER = "waiting", "work", "outage", "usable already"
"""What kind of thing goes on."""

_WAITS = {
    "waiting for what comes first": PART_NAMES["dependency_s"],
    "queueing for a slot": PART_NAMES["queue_s"],
    "waiting for launches or capacity, which are impaired until the outage ends": "wait for launches or capacity",
    "waiting for copies, which are impaired until the outage ends": "wait for impaired copies",
}
_WORKS = {
    "under way": PART_NAMES["step_s"],
    "failing over": PART_NAMES["failover_s"],
    "launching": PART_NAMES["launch_s"],
    "copying to the place of recovery": PART_NAMES["copy_s"],
    "restoring": PART_NAMES["restore_s"],
}
_CLAUSES = {
    NEVER: "never began",
    FAILED: "failed",
    EXPIRED: "had expired",
    USELESS: "turned out useless",
    ELSEWHERE: "could not be copied to where it was needed",
}
"""Fates as the end of a clause, where `was` or `were` before them does not do."""
_RESTORING = ("retrieve_s", "restore_s", "replay_s")
"""What goes on one after the other while a job restores."""


@dataclass(frozen=True)
class Phase:
    """What went on in a lane for a while.

    Attributes:
        lane: name of a lane.
        words: what.
        kind: `WAIT`, `WORK`, `OUTAGE` or `AFTER`.
        begins_s, ends_s: moments [s after the stop of service].
        is_critical: whether the downtime would have been shorter without it.
        note: from where, or what it waited for; empty where there is nothing to add.
    """

    lane: str
    words: str
    kind: str
    begins_s: float
    ends_s: float
    is_critical: bool
    note: str = ""

    @property
    def lasts_s(self) -> float:
        """How long it went on [s]."""
        return self.ends_s - self.begins_s


@dataclass(frozen=True)
class Lane:
    """People, a step, a resource or the application itself.

    Attributes:
        name: as the scenario has it.
        result: how it ended, in words.
        is_critical: whether it lies on the critical path.
    """

    name: str
    result: str
    is_critical: bool


@dataclass(frozen=True)
class Mark:
    """Something that a resource could perhaps have been recovered from.

    Attributes:
        resource: `app.resource`, or one of its members.
        kind: `point`, `any moment` or `replica`.
        rule: the rule or the feature that made it.
        place: vault or site.
        scheduled_s: when its run was scheduled; nan where it has none.
        captured_s: the moment whose data it holds; of continuous protection the newest; nan where its job never began.
        available_s: when it could be used; of continuous protection and replicas as `captured_s`; inf for never.
        expires_s: when it is deleted; inf for never.
        from_s: of continuous protection the oldest moment; else as `captured_s`.
        fate: in words.
        is_used: whether the resource was recovered from it, or was being.
        waits: what its jobs waited for, and how they failed.
        skipped: runs of the rule that are left out between this and the next newer one.
    """

    resource: str
    kind: str
    rule: str
    place: str
    scheduled_s: float
    captured_s: float
    available_s: float
    expires_s: float
    from_s: float
    fate: str
    is_used: bool
    waits: str = ""
    skipped: int = 0


@dataclass(frozen=True)
class Timeline:
    """One application in one incident.

    Attributes:
        strategy, disruption, drill, application: which.
        start_epoch_s: the moment of the stop of service [s since 1970 UTC].
        state: of the application.
        sentences: what happened and why.
        contaminated_s: moment of contamination, at most 0 [s after the stop of service].
        ends_s: when the disruption ended by itself; inf where it never did.
        downtime_s, data_loss_s: NaN where there is none [s].
        full_s: when everything was at full performance; NaN where it never was [s after the stop of service].
        lanes: from top to bottom.
        phases: by lane and moment.
        marks: what there was to recover from, by resource, newest first.
        downtime_parts, loss_parts: words and lengths, which add up to the whole [s].
        shortenings: changes and what each alone would have saved of the downtime [s], most first.
        decisive: resource that decided the data loss, or that could not be recovered; empty where there is none.
    """

    strategy: str
    disruption: str
    drill: int
    application: str
    start_epoch_s: float
    state: str
    sentences: tuple[str, ...]
    contaminated_s: float
    ends_s: float
    downtime_s: float
    data_loss_s: float
    full_s: float
    lanes: tuple[Lane, ...]
    phases: tuple[Phase, ...]
    marks: tuple[Mark, ...]
    downtime_parts: tuple[tuple[str, float], ...]
    loss_parts: tuple[tuple[str, float], ...]
    shortenings: tuple[tuple[str, float], ...]
    decisive: str

    def utc(self, moment_s: float) -> str:
        """Return a moment [s after the stop of service] in UTC, to the minute; `never` where it is not finite."""
        if not math.isfinite(moment_s):
            return "never"
        moment = datetime.fromtimestamp(self.start_epoch_s + moment_s, tz=UTC)
        return moment.strftime("%Y-%m-%d %H:%M")

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that there are marks of, in order."""
        return tuple(dict.fromkeys(mark.resource for mark in self.marks))


def timeline(incident: Incident, application: str, *, tries_changes: bool = True) -> Timeline:
    """Return one application in an incident as data for charts and tables.

    Args:
        incident: looked at closely.
        application: its name.
        tries_changes: whether to find out what would have shortened it, which takes several times as long.
    """
    return _Teller(incident, application).timeline(tries_changes=tries_changes)


class _Teller:
    """What is known of one application in an incident while its timeline is made."""

    def __init__(self, incident: Incident, application: str) -> None:
        self.incident, self.world, self.recovery = incident, incident.world, incident.recovery
        self.a = next(a for a, app in enumerate(self.world.applications) if app.name == application)
        self.app = self.world.applications[self.a]
        self.result = self.recovery.applications.get(self.a)
        self.occurred = self.recovery.occurred_s
        self.is_path = self.result is not None and self.result.state == "recovered" and self.result.by != "ride-out"
        self.path = self.recovery.path(self.a) if self.is_path else []
        self.poorest = None if self.result is None else poorest(incident, self.a)

    def timeline(self, *, tries_changes: bool) -> Timeline:
        incident, recovery, result = self.incident, self.recovery, self.result
        is_recovered = result is not None and result.state == "recovered"
        loss = self.poorest if is_recovered else None
        lanes, phases = self._lanes()
        changes = incident.shortenings(self.a) if is_recovered and tries_changes else []
        return Timeline(
            strategy=self.world.strategy,
            disruption=incident.disruption,
            drill=incident.drill,
            application=self.app.name,
            start_epoch_s=self.world.start_epoch_s + self.occurred,
            state="unaffected" if result is None else result.state,
            sentences=(*self._sentences(phases), *_most_helpful(changes)),
            contaminated_s=float(recovery.strikes.contaminated_s[recovery.e]) - self.occurred,
            ends_s=recovery.ends_s - self.occurred,
            downtime_s=result.usable_s - self.occurred if is_recovered and result else math.nan,
            data_loss_s=(0.0 if loss is None else self._loss(loss[1])) if is_recovered else math.nan,
            full_s=result.full_s - self.occurred if is_recovered and result else math.nan,
            lanes=lanes,
            phases=phases,
            marks=tuple(mark for m in self._with_data() for mark in self._marks(m)),
            downtime_parts=_named(incident.parts(self.a), DOWNTIME_PARTS) if is_recovered else (),
            loss_parts=() if loss is None else _named(recovery.loss_parts(loss[1]), LOSS_PARTS),
            shortenings=tuple((c.what, c.saved_s) for c in changes),
            decisive=self._decisive(),
        )

    def _loss(self, member: Recovered) -> float:
        return self.occurred - member.captured_s

    def _struck(self) -> list[int]:
        return [r for r in self.app.resources if r in self.recovery.resources]

    def _shown_member(self, r: int) -> int:
        """Return which of a resource's members stands for it: the critical one, else the one that took longest."""
        for m in self.recovery.resources[r]:
            if any(node is self.recovery.members[m] for _, node in self.path):
                return m
        abandoned = [m for m in self.recovery.resources[r] if m in self.recovery.abandoned]
        if abandoned:
            behind = self.recovery.abandoned
            return max(abandoned, key=lambda m: (behind[m].state != "recovered", _or(behind[m].begun_s, math.inf)))
        return slowest_member(self.recovery, r)[0]

    def _with_data(self) -> Iterator[int]:
        """Yield the members whose recovery points are shown: of each resource with data the one that lost most."""
        for r in self._struck():
            if self.world.resources[r].stateless:
                continue
            members, own = self.recovery.members, self.recovery.resources[r]
            yield max(own, key=lambda m: (members[m].state != "recovered", -_or(members[m].captured_s, math.inf)))

    def _decisive(self) -> str:
        lost = [self.world.members[m].entity for m in self._with_data() if self._state(m) != "recovered"]
        return lost[0] if lost else self.poorest[0] if self.poorest else ""

    def _state(self, m: int) -> str:
        return self.recovery.members[m].state

    # what went on

    def _lanes(self) -> tuple[tuple[Lane, ...], tuple[Phase, ...]]:
        if self.result is None:
            return (), ()
        found: list[tuple[Lane, list[Phase]]] = []
        ends = self.recovery.ends_s - self.occurred
        if math.isfinite(ends):
            is_critical = self.result.by == "ride-out"
            words = PART_NAMES["outage_s"] if is_critical else "the outage"
            phase = Phase(DISRUPTION, words, OUTAGE, 0.0, ends, is_critical)
            found.append((Lane(DISRUPTION, f"ends after {format_duration(ends)}", is_critical), [phase]))
        nodes = sorted(self._nodes(), key=lambda x: _or(x[1].begun_s, math.inf))
        lanes = [(self._lane(name, node, r), self._phases(name, node, r)) for name, node, r in nodes]
        people = self._people()
        if people:
            is_critical = any(p.is_critical for p in people)
            found.append((Lane(PEOPLE, "", is_critical), people))
        found += lanes
        # a lane without a phase stays: what could not be recovered, and why, is the point
        return tuple(lane for lane, _ in found), tuple(phase for _, phases in found for phase in phases)

    def _nodes(self) -> Iterator[tuple[str, Recovered, int | None]]:
        """Yield name, fate and resource of all that had to be done, and what the critical path has of others."""
        world, recovery = self.world, self.recovery
        for s in self.app.steps:
            if s in recovery.steps:
                yield world.steps[s].name, recovery.steps[s], None
        shown = []
        for r in self._struck():
            m = self._shown_member(r)
            node = recovery.abandoned.get(m, recovery.members[m])
            shown.append(node)
            yield world.resources[r].name, node, r
        own = [*shown, *(recovery.steps[s] for s in self.app.steps if s in recovery.steps), self.result]
        for name, node in self.path:
            if all(node is not other for other in own):
                yield self._other(name, node), node, None
        if self.result is not None and self.result.by != "ride-out":
            yield self.app.name, self.result, None

    def _other(self, name: str, node: Recovered) -> str:
        """Return the name of what the critical path has of another application."""
        owner = next(a for a in self.recovery.applications if any(node is x for x in self.recovery.everything_of(a)))
        app = self.world.applications[owner].name
        return name if name == app or name.startswith(f"{app}.") else f"{app}: {name}"

    def _is_critical(self, node: Recovered) -> bool:
        return any(node is other for _, other in self.path)

    def _lane(self, name: str, node: Recovered, r: int | None) -> Lane:
        if r is not None and len(self.world.resources[r].members) > 1:
            count = len(self.recovery.resources[r])
            result = f"{self._ended(node)}; slowest of {count}" if count > 1 else self._ended(node)
        else:
            result = self._ended(node)
        return Lane(name, result, self._is_critical(node))

    def _ended(self, node: Recovered) -> str:
        """Return how a node ended."""
        if node is self.result and node.state != "recovered":
            return node.state
        if any(node is other for other in self.recovery.abandoned.values()) or math.isnan(node.usable_s):
            if node.state == "recovered":
                return "done when the outage ended"
            if self._is_overtaken(node):
                return "overtaken by the outage's end"
            tried = f" after {len(node.failed)} useless attempts" if node.failed else ""
            return f"{node.state}: nothing protects it" if node.state == "unprotected" else f"{node.state}{tried}"
        return f"done after {format_duration(node.usable_s - self.occurred)}"

    def _is_overtaken(self, node: Recovered) -> bool:
        steps = any(node is other for other in self.recovery.steps.values())
        return steps or any(node is other for other in self.recovery.abandoned.values())

    def _people(self) -> list[Phase]:
        """Return what people did first, for the application or for the one that its critical path begins with."""
        recovery, first = self.recovery, self.a
        if self.path:
            root = self.path[0][1]
            critical = not root.automatic
            if critical:
                owners = (b for b in recovery.applications if any(x is root for x in recovery.everything_of(b)))
                first = next(owners, self.a)
        else:
            critical = False
        e, strikes, phases, moment = recovery.e, recovery.strikes, [], 0.0
        lengths = (recovery.courses[first].waits_s, float(strikes.detect_s[e]), float(strikes.declare_s[e]))
        stop = recovery.ends_s - self.occurred if self._rode() else math.inf
        for part, seconds in zip(("wait_s", "detect_s", "declare_s"), lengths, strict=True):
            ends = min(moment + seconds, stop)
            if ends > moment:
                kind = WAIT if part == "wait_s" else WORK
                phases.append(Phase(PEOPLE, PART_NAMES[part], kind, moment, ends, critical))
            moment += seconds
        return phases

    def _rode(self) -> bool:
        return self.result is not None and self.result.by == "ride-out"

    def _phases(self, lane: str, node: Recovered, r: int | None) -> list[Phase]:
        critical = self._is_critical(node)
        if any(node is other for other in self.recovery.applications.values()):
            return list(self._closing(lane, node, critical=critical))
        if node.automatic:
            words, note = f"automatic {PART_NAMES['failover_s']}", f"to {node.place}"
            found = [Phase(lane, words, WORK, 0.0, node.usable_s - self.occurred, critical, note)]
        else:
            found = [
                Phase(lane, words, kind, begins - self.occurred, ends - self.occurred, critical and is_own, note)
                for words, kind, begins, ends, is_own, note in self._trail(node)
                if ends > begins
            ]
        if node.full_s > node.usable_s:
            stateless = r is not None and self.world.resources[r].stateless
            words = "scaling to full size" if stateless else "loading the rest of the data"
            ends = node.full_s - self.occurred
            found.append(Phase(lane, words, AFTER, node.usable_s - self.occurred, ends, is_critical=False))
        return found

    def _closing(self, lane: str, node: Recovered, *, critical: bool) -> Iterator[Phase]:
        """Yield the steps that close the recovery of an application."""
        moment = node.begun_s - self.occurred
        for part in ("validate_s", "redirect_s"):
            seconds = node.parts.get(part, 0.0)
            if seconds:
                yield Phase(lane, PART_NAMES[part], WORK, moment, moment + seconds, critical)
            moment += seconds

    def _trail(self, node: Recovered) -> Iterator[tuple[str, str, float, float, bool, str]]:
        """Yield words, kind, begin, end [s since start], whether it counts for the critical path, and a note."""
        doings = [d for d in node.trail if d.what in _WAITS or d.what in _WORKS]
        ends = [d.since_s for d in doings[1:]] + [self._stopped(node)]
        for doing, end in zip(doings, ends, strict=True):
            is_own = doing.what != "waiting for what comes first"
            option = self._option(node, doing.attempt)
            useless = doing.attempt < len(node.failed)
            note = self._note(node, doing.what, option)
            if useless:
                note = f"{note}; the attempt turned out useless" if note else "the attempt turned out useless"
            if doing.what in _WAITS:
                yield _WAITS[doing.what], WAIT, doing.since_s, end, is_own, note
            elif doing.what == "restoring" and node.state == "recovered" and not useless:
                begins = doing.since_s
                for part in _RESTORING:
                    seconds = node.parts.get(part, 0.0)
                    yield PART_NAMES[part], WORK, begins, begins + seconds, is_own, note
                    begins += seconds
            else:
                words = _WORKS[doing.what]
                yield f"{words} (useless)" if useless else words, WORK, doing.since_s, end, is_own, note

    def _stopped(self, node: Recovered) -> float:
        """Return when the last doing of a node ended [s since start]."""
        if not math.isnan(node.usable_s):
            return node.usable_s
        if self._is_overtaken(node):
            return self.recovery.ends_s
        # all that time went into attempts
        return node.begun_s + node.parts.get("failed_s", 0.0)

    @staticmethod
    def _option(node: Recovered, attempt: int) -> Option | None:
        if attempt < len(node.failed):
            return node.failed[attempt]
        return node.option or node.pursued

    def _note(self, node: Recovered, what: str, option: Option | None) -> str:
        if what == "queueing for a slot" and node.queued_for:
            return f"full: {', '.join(limit_name(self.world, i) for i in sorted(node.queued_for))}"
        if option is None or what in _WAITS:
            return ""
        return f"{option.by} from {option.place}" if what == "restoring" else f"from {option.place}"

    # what there was to recover from

    def _marks(self, m: int) -> Iterator[Mark]:
        name = self.world.members[m].entity
        for live in self.incident.live(m):
            yield self._live(name, live)
        for point in self.incident.points(m):
            yield self._point(name, point)

    def _live(self, name: str, live: Live) -> Mark:
        to = live.to_s - self.occurred
        begins = live.from_s - self.occurred
        used = live.fate in (USED, ABANDONED)
        return Mark(name, live.kind, live.name, live.place, math.nan, to, to, math.inf, begins, live.fate, is_used=used)

    def _point(self, name: str, point: Point) -> Mark:
        captured = point.captured_s - self.occurred
        return Mark(
            resource=name,
            kind="point",
            rule=point.rule.rsplit("/", 1)[-1],
            place=point.vault,
            scheduled_s=point.scheduled_s - self.occurred,
            captured_s=captured,
            available_s=point.available_s - self.occurred,
            expires_s=point.expires_s - self.occurred,
            from_s=captured,
            fate=point.fate,
            is_used=point.fate in (USED, ABANDONED),
            waits="; ".join(_waits(self.world, point)),
            skipped=point.skipped,
        )

    # the sentence

    def _sentences(self, phases: Sequence[Phase]) -> Iterator[str]:
        app, result = self.app.name, self.result
        if result is None:
            yield f"The disruption did not reach {app} in this drill."
            return
        if result.state != "recovered":
            yield from self._not_recovered(result.state)
            return
        down = format_duration(result.usable_s - self.occurred)
        if result.by == "ride-out":
            yield f"{app} rode the outage out: it was down for {down} and lost nothing, since the outage ended first."
            yield from self._overtaken()
            return
        loss = None if self.poorest is None else self._loss(self.poorest[1])
        lost = "lost no data" if not loss else f"lost {format_duration(loss)} of data"
        yield f"{app} was down for {down} and {lost}."
        if self.poorest is not None and loss:
            yield self._why_lost(*self.poorest)
        yield from self._why_down(phases)
        full = result.full_s - result.usable_s
        if full > 0:
            yield f"It was at full performance {format_duration(full)} later."

    def _overtaken(self) -> Iterator[str]:
        undone = [
            self.world.resources[r].name
            for r in self._struck()
            if any(m in self.recovery.abandoned for m in self.recovery.resources[r])
        ]
        if undone:
            yield f"The recovery that it overtook is drawn below, as far as it was: {_listed(undone)}."

    def _not_recovered(self, state: str) -> Iterator[str]:
        app = self.app.name
        if state == "unprotected":
            bare = [
                self.world.resources[r].name
                for r in self._struck()
                if slowest_member(self.recovery, r)[1].state == "unprotected"
            ]
            yield f"{app} was not recovered: nothing protects {_listed(bare)}."
        else:
            yield f"{app} could not be recovered: nothing usable was left."
        for m in self._with_data():
            if self._state(m) == "unrecoverable":
                yield f"{self.world.members[m].entity}: {self._why_none(m)}."

    def _why_none(self, m: int) -> str:
        """Return what became of everything that protects a member."""
        words = [f"{x.kind} in {x.place}: {x.fate}" for x in self.incident.live(m)]
        points = self.incident.points(m)
        if not points:
            return ", ".join(words) or "no recovery point was ever made"
        words += [f"{n} {_were(fate, n)}" for fate, n in Counter(point.fate for point in points).most_common()]
        contaminated = self.occurred - float(self.recovery.strikes.contaminated_s[self.recovery.e])
        kept = max((p.expires_s - p.captured_s for p in points if not math.isnan(p.captured_s)), default=math.inf)
        reach = ""
        if math.isfinite(kept) and kept < contaminated:
            reach = (
                f"; the contamination lies {format_duration(contaminated)} back, "
                f"and points are kept for {format_duration(kept)} at most"
            )
        return f"of the points shown, {_listed(words)}{reach}"

    def _why_lost(self, name: str, member: Recovered) -> str:
        option = member.option
        when = self._utc(member.captured_s)
        if option is None:
            return f"What came back of {name} was of {when} UTC."
        if option.run is None:
            kind = "replica" if option.by == "failover" else "newest moment that could be restored"
            return f"The {kind} of {name} in {option.place} held the data of {when} UTC."
        m = next(m for m, x in self.recovery.members.items() if x is member)
        newer = Counter(
            p.fate
            for p in self.incident.points(m)
            if p.captured_s > member.captured_s or (p.fate == NEVER and p.scheduled_s > member.captured_s)
        )
        why = (
            ""
            if not newer
            else f"; of newer ones shown, {_listed([f'{n} {_were(fate, n)}' for fate, n in newer.items()])}"
        )
        return f"The newest usable point of {name}, in {option.place}, held the data of {when} UTC{why}."

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
        beside = f", beside {_listed(rest)}" if rest else ""
        what = longest.words if longest.lane == PEOPLE else f"{longest.words} of {longest.lane}"
        yield f"The longest part of the downtime is {what}, {format_duration(longest.lasts_s)}{origin}{beside}."

    def _utc(self, moment_s: float) -> str:
        moment = datetime.fromtimestamp(self.world.start_epoch_s + moment_s, tz=UTC)
        return moment.strftime("%Y-%m-%d %H:%M")


def _most_helpful(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the sentence about the change that would have saved most."""
    if changes:
        first = changes[0]
        yield f"What would have helped most: {first.what}, {format_duration(first.saved_s)} less."


def _were(fate: str, number: int) -> str:
    """Return a fate as the end of a clause."""
    verb = "was" if number == 1 else "were"
    return _CLAUSES.get(fate, f"{verb} {fate}")


def _waits(world: World, point: Point) -> Iterator[str]:
    """Yield what the jobs behind a point waited for, and how they failed."""
    for job in point.jobs:
        wait = job.started_s - job.queued_s
        if wait > 0 and job.waited_for >= 0:
            yield f"{job.kind} job waited {format_duration(wait)}, full: {limit_name(world, job.waited_for)}"
        if job.result != "COMPLETED" and job is point.jobs[-1]:
            yield f"{job.kind} job {job.result}"


def _named(parts: dict[str, float], order: Sequence[str]) -> tuple[tuple[str, float], ...]:
    return tuple((PART_NAMES[part], parts[part]) for part in order if parts.get(part))


def _or(value: float, other: float) -> float:
    return other if math.isnan(value) else value


def _listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence, of many the first eight."""
    if len(words) > 8:
        return f"{', '.join(words[:8])} and {len(words) - 8} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
