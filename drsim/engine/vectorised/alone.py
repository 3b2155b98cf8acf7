"""One resource under many protections: the same drills in worlds that hold nothing else, drawn once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drsim.engine.incidents import RECOVERED, UNAFFECTED
from drsim.engine.log import places_of
from drsim.engine.rollup import ApplicationIncident, ApplicationRecovery
from drsim.engine.strike import Strikes, strike
from drsim.engine.vectorised.batch import Batch
from drsim.engine.vectorised.fates import Fates
from drsim.engine.vectorised.history import Outcomes
from drsim.engine.vectorised.incidents import recovery_of
from drsim.engine.vectorised.recovery import Recoveries
from drsim.engine.vectorised.rehearsal import decide_standbys
from drsim.engine.vectorised.targets import Targets
from drsim.world.beside import beside
from drsim.world.model import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Alone:
    """How a resource fares under each of several protections if there were nothing else.

    A column is a drill of one unit of one disruption, the drills of a unit beside each other.

    Attributes:
        disruption, unit, run: (columns,) the disruption's place among the names asked for, its unit's number, and the
            number of the drill.
        units: of each disruption the names of its units, in the order of their numbers.
        state: (protections, columns) places in `STATES`.
        loss_s, downtime_s, full_s: (protections, columns) data loss, time until it is usable again, and until it is at
            full performance, validation and redirect included [s]; nan where it is not recovered.
        loss_bytes: (protections, columns) data loss [bytes]; nan where it is not recovered.
        recovery: how it fared by its own schedule, whenever the outage ended, the columns of one protection after those
            of the one before; None where none of these drills strikes it.
    """

    disruption: Ints
    unit: Ints
    run: Ints
    units: tuple[tuple[str, ...], ...]
    state: Ints
    loss_s: Floats
    loss_bytes: Floats
    downtime_s: Floats
    full_s: Floats
    recovery: ApplicationRecovery | None

    @property
    def is_recovered(self) -> Bools:
        """Where it is struck and recovered, (protections, columns)."""
        return np.asarray(self.state == RECOVERED)


def fares_alone(worlds: Sequence[World], names: Sequence[str], run: Ints) -> Alone:
    """Return how the one resource of several worlds fares in the same drills.

    Args:
        worlds: at least one, each of a protection, with the same one application and without limits; they differ in
            how it is protected, and in nothing else.
        names: names of the disruptions.
        run: (n,) numbers of the drills of each unit.
    """
    world, first = beside(worlds), worlds[0]
    units = [(d, unit) for d, name in enumerate(names) for unit in range(len(first.disruptions[name].units))]
    strikes = [_on_all(strike(world, names[d], run, unit=unit), len(first.members), len(worlds)) for d, unit in units]
    disruption, unit = (np.repeat(np.array(units, dtype=np.int64).reshape(-1, 2)[:, k], len(run)) for k in (0, 1))
    drills = np.tile(run, len(units))
    shape = len(worlds), len(drills)
    state, figures = np.full(shape, UNAFFECTED, dtype=np.int64), {name: np.full(shape, np.nan) for name in _FIGURES}
    recovery = None
    if any(s.affected.any() for s in strikes):
        incident = _incident(world, first, strikes, len(worlds))
        recovery = incident.recovery
        state = np.where(incident.is_struck, incident.state, UNAFFECTED).reshape(shape)
        measured = incident.measured()
        for name, column in _FIGURES.items():
            figures[name] = np.where(state == RECOVERED, measured[column].reshape(shape), np.nan)
    names_of_units = tuple(tuple(u.name for u in first.disruptions[name].units) for name in names)
    return Alone(disruption, unit, drills, names_of_units, state, **figures, recovery=recovery)


_FIGURES = {
    "loss_s": "data_loss_s",
    "loss_bytes": "data_loss_bytes",
    "downtime_s": "downtime_s",
    "full_s": "full_performance_s",
}
"""The figures of `Alone`, with their columns of the log."""


def _on_all(strikes: Strikes, members: int, worlds: int) -> Strikes:
    """Return a disruption that strikes the members of each of several worlds as it does those of the first."""
    return replace(strikes, affected=np.tile(strikes.affected[:, :members], (1, worlds)))


def _incident(world: World, first: World, strikes: Sequence[Strikes], protections: int) -> ApplicationIncident:
    """Return how the application fares, the drills of one protection after those of the one before.

    Args:
        world: with an application for each protection.
        first: the world of the first of them alone.
        strikes: the disruptions' units, which strike all alike.
        protections: how many there are.
    """
    batch = Batch.of(strikes)
    outcomes = Outcomes(world, batch.run, batch.occurred_s)
    several = [Targets(world, s) for s in strikes]
    drills = [np.arange(begin, end) for begin, end in pairwise(batch.first)]
    decide_standbys(outcomes, list(zip(several, drills, strict=True)))
    parts = [(struck, a) for a in range(protections) for struck in several]
    own_members = [replace(s, affected=s.affected[:, : len(first.members)]) for s in strikes]
    everybody = Batch.of(own_members, times=protections)
    targets = Targets.of_batch(first, everybody, parts)
    place = {name: i for i, name in enumerate(places_of(world))}
    fates = Fates(world, Batch.of(strikes, times=protections), place.__getitem__)
    histories = np.tile(np.arange(len(batch.run)), protections)
    ways = [struck.ways(a) if a in struck.takes_over else [] for struck, a in parts]
    (home,) = first.applications
    going = [m for r in home.resources for m in targets.going(r)]
    work = []
    for m in going:
        members = [m + a * len(first.members) for _, a in parts]
        spares = [struck.spare(world.members[n].resource) for (struck, _), n in zip(parts, members, strict=True)]
        work.append((histories, fates.of(members, ways, spares)))
    done = Recoveries(first, everybody.events, targets, dict(zip(going, outcomes.consult(work), strict=True)))
    incident_home = place[first.sites[home.site].name]
    return ApplicationIncident(first, everybody.events, 0, recovery_of(done, 0, {}), incident_home)
