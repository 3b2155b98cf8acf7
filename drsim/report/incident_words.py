"""One incident in words that tables, charts and the story share: what was struck, waited for, chosen and left."""

from __future__ import annotations

import math
from collections.abc import Iterator

from drsim.engine import Recovered
from drsim.engine.process.history import JobRecord
from drsim.study.explain import Incident
from drsim.study.remains import Point
from drsim.units import format_duration
from drsim.world import World

PART_NAMES = {
    "wait_s": "wait for the outage to end",
    "detect_s": "detect",
    "declare_s": "declare",
    "dependency_s": "wait for what comes first",
    "step_s": "steps without data",
    "copy_s": "copy to the place of recovery",
    "queue_s": "queue for a slot",
    "search_s": "look for a clean point",
    "retrieve_s": "retrieve from cold storage",
    "restore_s": "restore",
    "replay_s": "replay logs",
    "failed_s": "attempts that turned out useless",
    "failover_s": "fail over",
    "launch_s": "launch",
    "validate_s": "validate",
    "redirect_s": "redirect",
    "outage_s": "the outage itself, ridden out",
    "loss_dwell_s": "between contamination and stop of service",
    "loss_interval_s": "since the newest scheduled run",
    "loss_unready_s": "newer runs failed, late or not usable here",
    "loss_lag_s": "lag of logs or replication",
}
"""The words for the parts of downtime and data loss."""


def struck(incident: Incident) -> str:
    """Return what was struck: a resource or one of its members, an account, a Region, a service or a zone, a key."""
    world, strikes = incident.world, incident.recovery.strikes
    unit, count = strikes.unit, len(incident.recovery.members)
    if unit.resource >= 0:
        (m,) = incident.recovery.members
        members = world.resources[unit.resource].members
        return unit.name if len(members) == 1 else f"{world.members[m].entity}, one of {len(members)} members"
    if strikes.zone is not None:
        place = f"the zone {zone_name(incident)}"
    elif unit.key:
        place = f"the key {unit.key}"
    elif unit.service:
        place = f"the service {unit.service} in {unit.region}"
    elif strikes.disruption.strikes == "premises":
        place = f"the premises {unit.region}"
    else:
        place = f"the account {unit.account}" if unit.account else f"the Region {unit.region}"
    resources = len(incident.recovery.resources)
    reached = f"{resources} resource{'s' * (resources != 1)}"
    return f"{place}: {reached}" if count == resources else f"{place}: {count} members of {reached}"


def zone_name(incident: Incident) -> str:
    """Return the zone that was struck: as the scenario names it, else by its Region and letter."""
    strikes, e = incident.recovery.strikes, incident.recovery.e
    if strikes.disruption.zone is not None or strikes.zone is None:
        return strikes.disruption.zone or ""
    sites = (incident.world.sites[incident.world.resources[r].site] for r in incident.recovery.resources)
    if named := next((site.zone for site in sites if site.zone is not None), None):
        return named
    return f"{strikes.unit.region}{chr(ord('a') + int(strikes.zone[e]))}"


def taken_down(incident: Incident, a: int) -> str:
    """Return how an application fared that is down because of others only."""
    dependent, apps = incident.dependent(a), incident.world.applications
    if dependent is None:
        return ""
    names = ", ".join(apps[b].name for b in dependent.waits_for)
    if dependent.state != "recovered":
        lost = ", ".join(b.name for b in (apps[i] for i in _lost(incident, dependent.waits_for)))
        return f"unrecoverable, since it requires {lost}, which is lost and for which the scenario gives no `rebuild`"
    down = format_duration(dependent.usable_s - incident.recovery.occurred_s)
    rebuilt = [apps[b].name for b in dependent.rebuilt]
    until = f", until the rebuild of {', '.join(rebuilt)} ends" if rebuilt else ""
    return f"down for {down} with {names}, which it requires{until}; lost nothing"


def _lost(incident: Incident, applications: tuple[int, ...]) -> list[int]:
    """Return those of some applications that are lost and not rebuilt."""
    world, fared = incident.world, incident.recovery.applications
    return [b for b in applications if fared[b].state != "recovered" and not world.applications[b].rebuild_is_given]


def weighed(incident: Incident, a: int) -> str:
    """Return why a standby took an application over as a whole though its own site was usable, or why not.

    Empty where there was no choice.
    """
    choice = incident.recovery.choices.get(a)
    if choice is None:
        return ""
    app = incident.world.applications[a]
    site = app.standby_site
    name = "" if site is None else incident.world.sites[site].name
    if choice.here is None:
        lost = format_duration(choice.there[0])
        return f"The standby at {name} took it over as a whole, by itself, which lost about {lost}."
    (loss, lasts), (there_loss, there_s) = choice.here, choice.there
    there = f"{format_duration(there_loss)} of data lost and {format_duration(there_s)} to take there"
    here = f"{format_duration(loss)} lost and {format_duration(lasts)} to take where it ran"
    if loss == math.inf:
        here = "nothing to recover it from where it ran"
    how = "took it over as a whole" if choice.taken else "was left alone, it recovers where it ran"
    return f"The standby at {name} {how}: expected were {there}, against {here}."


def enough(incident: Incident, r: int) -> str:
    """Return how many members of a resource were struck and how many it needs; empty where it has only one."""
    resource, recovery = incident.world.resources[r], incident.recovery
    count, struck_members = len(resource.members), len(recovery.resources.get(r, ()))
    if count == 1 or not struck_members:
        return ""
    remaining = count - struck_members
    needs = f"needs {resource.needs} of {count}, {remaining} {'was' if remaining == 1 else 'were'} left"
    return f"{needs}: it was never down" if not recovery.is_missed(r) else needs


def poorest(incident: Incident, a: int) -> tuple[str, Recovered] | None:
    """Return the resource that lost most, and its member that did; None where nothing had data."""
    recovery, world = incident.recovery, incident.world
    with_data = [
        (world.members[m].entity, recovery.members[m])
        for r in world.applications[a].resources
        for m in recovery.resources.get(r, ())
        if not math.isnan(recovery.members[m].captured_s)
    ]
    return min(with_data, key=lambda x: x[1].captured_s, default=None)


def limit_words(world: World, i: int) -> str:
    """Return a limit for people: `one job at a time for shop.orders`, `only 5 copy jobs to us-west-2 at a time`."""
    limit = world.limits[i]
    if limit.is_of_resource:
        return f"{'one job' if limit.slots == 1 else f'only {limit.slots} jobs'} at a time for {limit.place}"
    return f"only {limit.slots} {limit.name} at a time"


_ENDED = {"EXPIRED": "never began within its start window", "FAILED": "failed", "ABORTED": "ran out of time"}
"""How jobs end that leave nothing, by AWS's word for it."""


def waits(world: World, point: Point) -> Iterator[str]:
    """Yield what the jobs behind a point waited for, and how the last of them ended if it left nothing."""
    for job in point.jobs:
        wait = job.started_s - job.queued_s
        if wait > 0 and job.waited_for >= 0:
            yield f"the {job.kind} waited {format_duration(wait)}: {limit_words(world, job.waited_for)}"
        if job.result != "COMPLETED" and job is point.jobs[-1]:
            yield f"the {job.kind} {_ended(job, point)}"


def _ended(job: JobRecord, point: Point) -> str:
    ended = time_after(job.ended_s, point.scheduled_s)
    return _ENDED.get(job.result, f"ended {job.result}") + ("" if ended == "never" else f" ({ended})")


def time_after(moment_s: float, since_s: float) -> str:
    """Return a moment as a time after another one."""
    return "never" if not math.isfinite(moment_s) else f"+{format_duration(moment_s - since_s)}"
