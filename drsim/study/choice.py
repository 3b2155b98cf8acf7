"""Which incident is meant: a disruption strikes units, each of which has drills of its own, numbered alike."""

from __future__ import annotations

from drsim.engine import why_not_vectorised
from drsim.engine.exposure import Exposure, exposure, is_dealt
from drsim.engine.strike import may_reach
from drsim.scenario.subjects import application_of
from drsim.study.dealing import Rows, dealt, dependent
from drsim.study.measures import DOWNTIME
from drsim.study.pieces import Piece
from drsim.study.summary import worst_application
from drsim.study.work import work
from drsim.world import World
from drsim.world.disruptions import Disruption


def unit_of(
    world: World,
    disruption: str,
    drill: int,
    subject: str | None = None,
    *,
    drills: int | None = None,
    measure: str = DOWNTIME.column,
) -> int:
    """Return which unit of a disruption is struck in the drill of a number that is a subject's own.

    A resource's is the one that it is or stands in. An application that stands in several has drill i of the one in
    whose range i lies, and beyond its drills begins again with the first. What is only taken down with what it requires
    has those of the first unit that takes it down.

    Args:
        world: the strategy's world.
        disruption: name of the disruption.
        drill: number of the drill.
        subject: `app` or `app.resource`; None for the application that fares worst in the drill of this number.
        drills: of each unit, in the study whose drill it is; None for an application's drills all of its first unit.
        measure: a column of the log, of one of `drsim.study.measures`, by which the worst is found where there is no
            subject.
    """
    d = world.disruptions[disruption]
    if len(d.units) == 1:
        return 0
    exposed = exposure(world, disruption, drills or 1)
    place = None if drills is None else drill % drills
    if subject is not None:
        return _of_subject(world, d, exposed, subject, place)
    is_vectorised = why_not_vectorised(world, disruption) is None
    piece = Piece(world.strategy, (disruption,), drill, drill + 1, is_vectorised)
    ((log, _),) = work({world.strategy: world}, piece, whole=True)
    if drills is not None and drill < drills:
        rows = Rows.of(log)
        log = log[dealt(rows, exposed) | dependent(rows, exposed)]
    if not len(log):
        return 0
    application, struck = worst_application(log, drill, measure)
    return _named(d, struck) if struck else _of_subject(world, d, exposed, application, place)


def _of_subject(world: World, d: Disruption, exposed: Exposure, subject: str, place: int | None) -> int:
    """Return the unit of a subject, in the drill at a place among those that are dealt; None where none are."""
    app = application_of(subject)
    if place is not None and subject == app and is_dealt(d) and app in exposed.dealt:
        return _named(d, next(unit for unit, first, last in exposed.dealt[app] if first <= place < last))
    resources = [
        r
        for r, resource in enumerate(world.resources)
        if subject in (resource.name, world.applications[resource.app].name)
    ]
    for u, unit in enumerate(d.units):
        if any(may_reach(world, d, unit, r) for r in resources):
            return u
    return next((_named(d, unit) for name, unit in exposed.dependents if name == app), 0)


def _named(d: Disruption, name: str) -> int:
    return next(u for u, unit in enumerate(d.units) if unit.name == name)
