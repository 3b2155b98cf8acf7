"""How applications go about their recovery: where, on what standby, from when on, and with which steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.engine.strike import Events, Strikes
from drsim.laws.sampling import draw
from drsim.world.model import Application, Member, Replica, Resource, World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RUNNING = ("pilot-light", "warm-standby", "multi-site")
"""Standby modes in which something runs at the standby site beforehand."""

LAST = 1 << 32
"""Priority of what loads data that are usable already: it gives way to the recoveries of all applications."""

ATTEMPTS = 64
"""Draws of a member's restores are numbered by incident times this, plus attempt."""


@dataclass(frozen=True, slots=True)
class Course:
    """How an application goes about its recovery.

    Attributes:
        where: site at which it recovers; None for wherever its points lie.
        standby: mode of the standby that takes over there, empty for none.
        starts_s: when people begin to recover [s since start].
        waits_s: how long it waits for the outage to end first.
        spared: site whose replicas are the standby's, which takes over as a whole or not at all; None for no such site.
    """

    where: int | None
    standby: str
    starts_s: float
    waits_s: float
    spared: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What was weighed where a standby could take an application over though its own site is usable.

    Attributes:
        taken: whether it took over, as a whole.
        here: loss and expected time of a recovery where the application runs [s], the loss inf where there is none;
            None where nobody asks, since the standby takes over by itself.
        there: loss and expected time at the standby [s].
    """

    taken: bool
    here: tuple[float, float] | None
    there: tuple[float, float]


def waits_s(app: Application, events: Events) -> Floats:
    """Return how long an application waits for the outage to end before anybody acts [s], for all incidents or (n,)."""
    return np.where(events.may_pass, app.act_after_s, 0.0)


def starts_s(app: Application, events: Events) -> Floats:
    """Return when people begin to recover an application in each incident, (n,) [s since start]."""
    return events.occurred_s + waits_s(app, events) + events.detect_s + events.declare_s


def rebuild_s(app: Application, strikes: Events) -> Floats:
    """Return how long the business is down where an application's data are lost for good, (n,) [s]."""

    def drawn() -> Floats:
        return draws.on_grid(draw(app.rebuild, app.rebuild_key, strikes.run, strikes.incident * ATTEMPTS))

    return strikes.once(("rebuild", app.rebuild_key), drawn)


def course(app: Application, strikes: Strikes, begins_s: float, *, takes_over: bool = False) -> Course:
    """Return how an application goes about its recovery.

    Args:
        app: the application.
        strikes: what happened.
        begins_s: when people begin [s since start].
        takes_over: whether its standby takes it over though its own site is usable.
    """
    ok, waits = strikes.site_ok, float(waits_s(app, strikes))
    if ok[app.site] and not takes_over:
        return Course(app.site, "", begins_s, waits, app.standby_site if app.standby_mode in RUNNING else None)
    if app.standby_site is not None and ok[app.standby_site] and strikes.replica_ok[app.standby_site]:
        return Course(app.standby_site, app.standby_mode, begins_s, waits)
    if app.recover_at is not None and ok[app.recover_at]:
        return Course(app.recover_at, "", begins_s, waits)
    return Course(None, "", begins_s, waits)


def is_needed(world: World, app: Application, taken: Course, step: int) -> bool:
    """Return whether a recovery step has to be done on this course."""
    elsewhere = taken.where != app.site
    return world.steps[step].always or (elsewhere and taken.standby not in RUNNING)


def could_take_over(world: World, app: Application, strikes: Strikes) -> bool:
    """Return whether an application's standby could take it over as a whole though its own site is usable.

    All its data have to be there: each resource with data needs a live replica at the standby's site.
    """
    site = app.standby_site
    if site is None or app.standby_mode not in RUNNING or not strikes.site_ok[app.site]:
        return False
    if not (strikes.site_ok[site] and strikes.replica_ok[site]):
        return False
    resources = [world.resources[r] for r in app.resources]
    return all(replica_at(world.members[m], site) is not None for r in resources if not r.stateless for m in r.members)


def replica_at(member: Member, site: int | None) -> Replica | None:
    """Return a member's live replica at a site, the first written; None where it has none."""
    return next((replica for replica in member.replicas if replica.site == site), None)


def fails_over(strikes: Strikes, member: Member, resource: Resource) -> Bools:
    """Return in which drills a member's own deployment fails over, nothing being lost, (n,)."""
    if member.failover is None or strikes.disruption.kind not in member.failover.strikes:
        return np.zeros(len(strikes.run), dtype=bool)
    # what has damaged the data has damaged its mirror
    return (strikes.occurred_s <= strikes.contaminated_s) | resource.stateless


def prefers(here: tuple[Floats, Floats], there: tuple[Floats, Floats], tolerance_s: float, rpo_s: float) -> Bools:
    """Return where the policy prefers another way to recover to the first.

    Of ways whose loss exceeds the least by no more than the tolerance the quickest is taken, at equal times the one
    that loses less, then the first; one beyond the RPO never displaces one within it.

    Args:
        here: the first way: loss and expected time, (n,) each [s]; an infinite loss where it does not exist.
        there: the other way, likewise.
        tolerance_s: loss that is put up with for the sake of time [s].
        rpo_s: data loss that is wanted at most [s]; inf for no such objective.
    """
    least = np.minimum(here[0], there[0])
    most = least + tolerance_s
    most = np.where(least <= rpo_s, np.minimum(most, rpo_s), most)
    first, other = here[0] <= most, there[0] <= most
    quicker = (there[1] < here[1]) | ((there[1] == here[1]) & (there[0] < here[0]))
    return np.asarray(other & (~first | quicker))


def required(resource: Resource, struck: int) -> int:
    """Return how many of a resource's struck members have to come back before it is usable again; 0 if none."""
    return max(0, resource.needs - (len(resource.members) - struck))
