"""How applications go about their recovery: where, on what standby, from when on, and with which steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.engine.strike import Strikes
from drsim.engine.world import Application, World

Floats = NDArray[np.float64]

RUNNING = ("pilot-light", "warm-standby", "multi-site")
"""Standby modes in which something runs at the standby site beforehand."""

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
    """

    where: int | None
    standby: str
    starts_s: float
    waits_s: float


def waits_s(app: Application, strikes: Strikes) -> float:
    """Return how long an application waits for the outage to end before anybody acts [s]."""
    # a Region that is lost looks like one that will come back
    return app.act_after_s if strikes.disruption.strikes in ("zone", "region", "service") else 0.0


def starts_s(app: Application, strikes: Strikes) -> Floats:
    """Return when people begin to recover an application in each incident, (n,) [s since start]."""
    return strikes.occurred_s + waits_s(app, strikes) + strikes.detect_s + strikes.declare_s


def course(app: Application, strikes: Strikes, begins_s: float) -> Course:
    """Return how an application goes about its recovery, people beginning at a moment [s since start]."""
    ok, waits = strikes.site_ok, waits_s(app, strikes)
    if ok[app.site]:
        return Course(app.site, "", begins_s, waits)
    if app.standby_site is not None and ok[app.standby_site] and strikes.replica_ok[app.standby_site]:
        return Course(app.standby_site, app.standby_mode, begins_s, waits)
    if app.recover_at is not None and ok[app.recover_at]:
        return Course(app.recover_at, "", begins_s, waits)
    return Course(None, "", begins_s, waits)


def is_needed(world: World, app: Application, taken: Course, step: int) -> bool:
    """Return whether a recovery step has to be done on this course."""
    elsewhere = taken.where != app.site
    return world.steps[step].always or (elsewhere and taken.standby not in RUNNING)
