"""The story of one incident as text: what there was to recover from, what was waited for, what would shorten it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime

from drsim.engine import DOWNTIME_PARTS, LOSS_PARTS, Recovered
from drsim.report.achievements import achieved_lines, further_words
from drsim.report.incident_words import (
    PART_NAMES,
    enough,
    limit_words,
    poorest,
    struck,
    taken_down,
    time_after,
    waits,
    weighed,
)
from drsim.study.bench import Bench
from drsim.study.explain import Incident, Rescues, deciding_member, investigate
from drsim.study.measures import DOWNTIME
from drsim.units import format_duration
from drsim.world import World

_BAR = 48
_RESOURCES_SHOWN = 12
_WIDEST = 56
"""Of what names a rule and its vault [characters]."""


def tell(
    bench: Bench,
    disruption: str,
    drill: int,
    subject: str | None = None,
    *,
    drills: int | None = None,
    measure: str = DOWNTIME.column,
) -> str:
    """Return the story of one drill; arguments as for `drsim.study.explain.investigate`."""
    return story(investigate(bench, disruption, drill, subject, drills=drills, measure=measure))


def story(incident: Incident) -> str:
    """Return the story of an incident that is looked at closely."""
    world = incident.world
    lines = [*_head(incident)]
    for a in incident.recovery.applications:
        lines += ["", *_application(incident, a)]
    others = [a for a in range(len(world.applications)) if a not in incident.recovery.applications]
    dependents = [a for a in others if incident.dependent(a)]
    for a in dependents:
        lines += ["", f"Application {world.applications[a].name}: not struck itself; {taken_down(incident, a)}"]
        lines += achieved_lines(incident.achievements(a))
    untouched = [world.applications[a].name for a in others if a not in dependents]
    if untouched:
        lines += ["", f"Not reached: {', '.join(untouched)}."]
    return "\n".join(lines)


def _head(incident: Incident) -> Iterator[str]:
    world, recovery, strikes, e = incident.world, incident.recovery, incident.recovery.strikes, incident.recovery.e
    kind = strikes.disruption.kind
    yield f"Strategy {world.strategy}, disruption {incident.disruption} ({kind}), drill {incident.drill}"
    yield f"  {_moment(world, recovery.occurred_s)}  the service stops"
    yield f"  struck: {struck(incident)}"
    dwell = recovery.occurred_s - float(strikes.contaminated_s[e])
    if dwell:
        when = _moment(world, recovery.occurred_s - dwell)
        yield f"  {when}  contamination, {format_duration(dwell)} before: data captured later are no good"
    if recovery.ends_s < math.inf:
        lasts = format_duration(recovery.ends_s - recovery.occurred_s)
        when = _moment(world, recovery.ends_s)
        yield f"  {when}  the disruption ends by itself, after {lasts}; nobody knows that beforehand"
    vaults = [v.name for v, ok in zip(world.vaults, strikes.vault_ok[e], strict=True) if not ok]
    if vaults:
        yield f"  out of reach or destroyed: {', '.join(vaults)}"
    waiting = [step for step, impaired in strikes.impaired.items() if impaired[e]]
    if waiting:
        yield f"  until the disruption ends these have to wait: {', '.join(waiting)}"


def _application(incident: Incident, a: int) -> Iterator[str]:
    world, recovery = incident.world, incident.recovery
    app, result = world.applications[a], recovery.applications[a]
    yield f"Application {app.name}: {_verdict(incident, a)}"
    if choice := weighed(incident, a):
        yield f"  {choice}"
    yield from achieved_lines(incident.achievements(a))
    if result.state == "recovered":
        parts = incident.parts(a)
        if a in recovery.down:
            yield from _parts("Downtime", result.usable_s - recovery.occurred_s, parts, DOWNTIME_PARTS)
        worst = poorest(incident, a)
        if worst is not None:
            name, member = worst
            loss = recovery.occurred_s - member.captured_s
            yield from _parts(f"Data loss, that of {name}", loss, incident.loss_parts(member), LOSS_PARTS)
        if result.by == "ride-out":
            yield from _abandoned(incident, a)
        elif a in recovery.down:
            yield from _critical_path(incident, a)
    yield from _resources(incident, a)
    changes = incident.shortenings(a)
    if changes:
        yield "  What would have shortened this downtime, each change alone, with the same luck:"
        yield from (f"    {format_duration(c.saved_s):>9} less  {c.what}" for c in changes[:5])
    if result.state != "recovered":
        yield from _rescues(incident.rescues(a))


def _rescues(rescues: Rescues) -> Iterator[str]:
    """Yield what would have recovered an application that was not, or what was tried in vain."""
    if rescues.changes:
        alone = all(len(rescue.what) == 1 for rescue in rescues.changes)
        how = "each change alone" if alone else "two changes together, since none alone would have"
        yield f"  What would have recovered it, {how}, with the same luck:"
        for rescue in rescues.changes[:5]:
            lost, down = format_duration(rescue.data_loss_s), format_duration(rescue.downtime_s)
            figures = ", ".join((f"lost {lost}", f"down for {down}", *further_words(rescue.achievements)))
            yield f"    {figures}:  {', and '.join(rescue.what)}"
        return
    if rescues.tried:
        yield "  Nothing that was tried would have recovered it, alone or two at a time:"
        yield from (f"    {what}" for what in rescues.tried)
    else:
        yield "  There is no change of the protection to try here."
    yield from (f"    {what}" for what in rescues.obstacles)


def _verdict(incident: Incident, a: int) -> str:
    recovery, result = incident.recovery, incident.recovery.applications[a]
    if result.state != "recovered":
        return _lost_verdict(incident, a)
    if a not in recovery.down:
        return _undisturbed(incident, a)
    down = format_duration(result.usable_s - recovery.occurred_s)
    if result.by == "ride-out":
        return f"rode the outage out: down for {down}, nothing lost"
    full = result.full_s - result.usable_s
    later = f", at full performance {format_duration(full)} later" if full > 0 else ""
    worst = poorest(incident, a)
    lost_text = format_duration(recovery.occurred_s - worst[1].captured_s) if worst else "nothing"
    return f"recovered after {down}{later}; lost {lost_text}"


def _lost_verdict(incident: Incident, a: int) -> str:
    world, recovery, result = incident.world, incident.recovery, incident.recovery.applications[a]
    app = world.applications[a]
    lost = [
        world.resources[r].name
        for r in app.resources
        if r in recovery.resources
        and deciding_member(recovery, r)[1].state != "recovered"
        and not incident.lost_after(r)
    ]
    lost += [f"{world.applications[b].name}, which it requires and nobody rebuilds" for b in incident.lost_with(a)]
    rebuilt = ""
    if app.rebuild_is_given:
        since = format_duration(result.lost_s - recovery.occurred_s)
        rebuilt = f"; its rebuild takes {format_duration(recovery.rebuild_s(a))}, from {since} after the stop on"
    return f"{result.state}, because of {', '.join(lost)}{rebuilt}"


def _undisturbed(incident: Incident, a: int) -> str:
    """Return how an application fared that was struck and yet had as many members left as it needs."""
    recovery, result = incident.recovery, incident.recovery.applications[a]
    worst = poorest(incident, a)
    loss = recovery.occurred_s - worst[1].captured_s if worst else 0.0
    lost = f"lost {format_duration(loss)}" if loss else "lost nothing"
    down = result.usable_s - recovery.occurred_s
    if not down:
        return f"not down, since what was left of it is as much as it needs; {lost}"
    required = [b for b in incident.world.applications[a].requires if b in recovery.applications]
    names = ", ".join(incident.world.applications[b].name for b in required)
    reason = "what was left of it is as much as it needs"
    return f"{reason}, but it requires {names}: down for {format_duration(down)}; {lost}"


def _parts(title: str, whole: float, parts: dict[str, float], order: tuple[str, ...]) -> Iterator[str]:
    """Yield a whole and the parts that add up to it, with bars."""
    yield f"  {title}: {format_duration(whole)}"
    for part in order:
        seconds = parts.get(part, 0.0)
        if seconds:
            share = seconds / whole if whole else 0.0
            bar = "█" * max(1, round(share * 24))
            yield f"    {format_duration(seconds):>9}  {PART_NAMES[part]:<42} {bar} {share:.0%}"


def _critical_path(incident: Incident, a: int) -> Iterator[str]:
    """Yield the critical path as a small Gantt chart: dots for waiting for people, bars for work, dashes for queues."""
    world, recovery, result = incident.world, incident.recovery, incident.recovery.applications[a]
    span = result.usable_s - recovery.occurred_s
    yield f"  Critical path, 0 to {format_duration(span)} after the service stopped:"
    for name, node in recovery.path(a):
        if node is result:
            name = f"{name}: validate and redirect"  # noqa: PLW2901  the same thing, said in words
        queue = node.parts.get("queue_s", 0.0)
        bar = _gantt(span, node.begun_s - recovery.occurred_s, queue, node.usable_s - recovery.occurred_s)
        yield f"    {name:<34.34} |{bar}| {format_duration(node.usable_s - node.begun_s)}"
        doing = [f"{PART_NAMES[p]} {format_duration(s)}" for p, s in node.parts.items() if s]
        if doing and node is not result:
            origin = f"{node.by} from {node.place}: " if node.place else ""
            yield f"      {origin}{', '.join(doing)}"
        if node.rebuild_of >= 0:
            yield f"      waits: rebuild of {world.applications[node.rebuild_of].name}"
        if node.queued_for:
            full = ", ".join(limit_words(world, i) for i in sorted(node.queued_for))
            yield f"      queued: {full}"


def _abandoned(incident: Incident, a: int) -> Iterator[str]:
    """Yield how far the recovery was when the outage ended: people first, then steps and members in order of begin."""
    world, recovery = incident.world, incident.recovery
    app, course = world.applications[a], recovery.courses[a]
    span = recovery.ends_s - recovery.occurred_s
    nodes = [(world.steps[s].name, recovery.steps[s]) for s in app.steps if s in recovery.steps]
    for r in app.resources:
        members = [
            m
            for m, node in recovery.abandoned.items()
            if m in recovery.resources.get(r, ()) and node.by != "redundancy"
        ]
        if members:  # of alike members the one that was least far
            m = max(members, key=lambda m: (recovery.abandoned[m].state != "recovered", recovery.abandoned[m].begun_s))
            nodes.append((world.members[m].entity, recovery.abandoned[m]))
    if not nodes:
        return
    yield f"  Critical path of the recovery that the end overtook, 0 to {format_duration(span)}:"
    people = min(course.starts_s - recovery.occurred_s, span)
    yield f"    {'wait, detect and declare':<34} |{_gantt(span, 0.0, 0.0, people)}| {format_duration(people)}"
    nodes.sort(key=lambda node: math.inf if math.isnan(node[1].begun_s) else node[1].begun_s)
    for name, node in nodes[:_RESOURCES_SHOWN]:
        begun = span if math.isnan(node.begun_s) else node.begun_s - recovery.occurred_s
        done = node.state == "recovered"
        ended = node.usable_s - recovery.occurred_s if done else span
        yield f"    {name:<34.34} |{_gantt(span, begun, 0.0, ended)}| {format_duration(ended - begun)}"
        since = format_duration(node.doing_since_s - recovery.occurred_s)
        origin = f" (from {node.pursued.place})" if node.pursued else ""
        yield f"      {'done' if done else f'{node.doing}, since {since}'}{origin}"
        if node.queued_for:
            full = ", ".join(limit_words(world, i) for i in node.queued_for)
            yield f"      queued: {full}"


def _gantt(span: float, begun: float, queue: float, ended: float) -> str:
    if span <= 0:
        return " " * _BAR
    first, last = (min(_BAR, round(x / span * _BAR)) for x in (begun, ended))
    waiting = min(round(queue / span * _BAR), last - first)
    work = max(last - first - waiting, 0)
    bar = " " * first + "-" * waiting + "█" * work
    return (bar if work or waiting else " " * min(first, _BAR - 1) + "▏").ljust(_BAR)


def _resources(incident: Incident, a: int) -> Iterator[str]:
    world, recovery = incident.world, incident.recovery
    resources = [r for r in world.applications[a].resources if r in recovery.resources]
    for r in resources[:_RESOURCES_SHOWN]:
        m, member = deciding_member(recovery, r)
        beside = f"; {members}" if (members := enough(incident, r)) else ""
        if member.state != "recovered" and (before := incident.lost_after(r)):
            names = ", ".join(world.resources[b].name for b in before)
            yield f"  {world.resources[r].name}: lost with {names}, which it comes after"
            continue
        is_missed = recovery.is_missed(r) or not world.resources[r].stateless
        fared = _member(incident, member) if is_missed else "struck, and not missed"
        yield f"  {world.members[m].entity}: {fared}{beside}"
        if (
            (member.by != "ride-out" or m in recovery.abandoned)
            and not member.automatic
            and not world.resources[r].stateless
        ):
            yield from _points(incident, m)
    if len(resources) > _RESOURCES_SHOWN:
        yield f"  … and {len(resources) - _RESOURCES_SHOWN} more resources"
    moved = [
        world.resources[r].name for r in world.applications[a].resources if recovery.going(r) and r not in resources
    ]
    if moved:
        site = recovery.courses[a].where
        place = "" if site is None else f" to {world.sites[site].name}"
        yield f"  not struck, moved with the others{place}: {', '.join(moved)}"


def _member(incident: Incident, member: Recovered) -> str:
    if member.state != "recovered":
        tried = f" after {len(member.failed)} useless attempts" if member.failed else ""
        return f"{member.state}{tried}"
    occurred = incident.recovery.occurred_s
    down = format_duration(member.usable_s - occurred)
    if math.isnan(member.captured_s):
        return f"{member.by} at {member.place}, usable after {down}"
    lost = format_duration(occurred - member.captured_s)
    gap = ", since its log has a gap from there on" if incident.remains.breaks_off(member) else ""
    return f"{member.by} from {member.place}, usable after {down}, lost {lost}{gap}"


def _points(incident: Incident, m: int) -> Iterator[str]:
    """Yield the recovery points around the incident, by rule and vault, each with its jobs and their waits."""
    world = incident.world
    points = incident.remains.points(m)
    if not points:
        return
    makers = [p.rule if p.rule == p.vault else f"{p.rule} > {p.vault}" for p in points]
    head = "rule > vault"
    width = min(max(map(len, (head, *makers))), _WIDEST)
    yield f"    {'scheduled (UTC)':<17}{head:<{width}}{'captured':>10}{'available':>11}  fate"
    for p, maker in zip(points, makers, strict=True):
        if p.skipped:
            yield f"    … {p.skipped} run{'s' * (p.skipped > 1)} of {p.rule} between, not shown"
        yield (
            f"    {_moment(world, p.scheduled_s):<17}{maker:<{width}.{width}}"
            f"{time_after(p.captured_s, p.scheduled_s):>10}{time_after(p.available_s, p.scheduled_s):>11}  {p.fate}"
        )
        yield from (f"      {text}" for text in waits(world, p))


def _moment(world: World, seconds: float) -> str:
    """Return a moment in UTC, to the minute."""
    return datetime.fromtimestamp(world.start_epoch_s + seconds, tz=UTC).strftime("%Y-%m-%d %H:%M")
