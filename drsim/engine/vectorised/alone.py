"""One resource under many protections: the same drills in worlds that hold nothing else, drawn once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.engine.incidents import RECOVERED, STATES, UNAFFECTED
from drsim.engine.log import places_of
from drsim.engine.luck import KeptLuck
from drsim.engine.rollup import ApplicationIncident, ApplicationRecovery
from drsim.engine.strike import Strikes, strike
from drsim.engine.vectorised.batch import Batch
from drsim.engine.vectorised.fates import Fates
from drsim.engine.vectorised.history import Outcomes
from drsim.engine.vectorised.incidents import recovery_of
from drsim.engine.vectorised.recovery import Recoveries
from drsim.engine.vectorised.rehearsal import decide_standbys, strikes_alike
from drsim.engine.vectorised.targets import Targets
from drsim.world.model import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_KEYS = ("state", "loss_s", "loss_bytes", "downtime_s", "full_s")


@dataclass(frozen=True)
class Alone:
    """How a resource fares under each of several protections if there were nothing else.

    A column is a drill of one unit of one disruption, the drills of a unit beside each other.

    Attributes:
        disruption, unit, run: (columns,) the disruption's place among the names asked for, its unit's number, and the
            number of the drill.
        state: (protections, columns) places in `STATES`.
        loss_s, downtime_s, full_s: (protections, columns) data loss, time until it is usable again, and until it is at
            full performance, validation and redirect included [s]; nan where it is not recovered.
        loss_bytes: (protections, columns) data loss [bytes]; nan where it is not recovered.
        recoveries: of each protection, how it fared by its own schedule, whenever the outage ended; None where none of
            these drills strikes it.
    """

    disruption: Ints
    unit: Ints
    run: Ints
    state: Ints
    loss_s: Floats
    loss_bytes: Floats
    downtime_s: Floats
    full_s: Floats
    recoveries: tuple[ApplicationRecovery | None, ...]

    @property
    def is_recovered(self) -> Bools:
        """Where it is struck and recovered, (protections, columns)."""
        return np.asarray(self.state == RECOVERED)


def fares_alone(worlds: Sequence[World], names: Sequence[str], run: Ints) -> Alone:
    """Return how the one resource of several worlds fares in the same drills.

    Args:
        worlds: one of each protection, with the same one application; what is alike in them had better be the same
            object (`drsim.world.sharing.shared`).
        names: names of the disruptions, all of which the vectorised clock takes.
        run: (n,) numbers of the drills of each unit.
    """
    luck = KeptLuck()
    columns = [(d, unit) for d, name in enumerate(names) for unit in range(len(worlds[0].disruptions[name].units))]
    known: list[tuple[World, list[Strikes], Batch]] = []
    results = []
    for world in worlds:
        strikes_of = next(((s, b) for other, s, b in known if strikes_alike(world, other)), None)
        if strikes_of is None:
            strikes = [strike(world, names[d], run, unit=unit) for d, unit in columns]
            strikes_of = strikes, Batch.of(strikes)
            known.append((world, *strikes_of))
        results.append(_fares(world, *strikes_of, luck))
    figures = {key: np.array([figures[key] for figures, _ in results]) for key in _KEYS}
    disruption, unit = (
        np.repeat(np.array(numbers, dtype=np.int64), len(run)) for numbers in zip(*columns, strict=True)
    )
    return Alone(disruption, unit, np.tile(run, len(columns)), **figures, recoveries=tuple(r for _, r in results))


def _fares(
    world: World, strikes: Sequence[Strikes], batch: Batch, luck: KeptLuck
) -> tuple[dict[str, NDArray[np.generic]], ApplicationRecovery | None]:
    """Return the figures of one protection, (columns,) each, and how it fared by its own schedule.

    Args:
        world: with one application.
        strikes: the disruptions' units.
        batch: the drills of all of them.
        luck: who draws.
    """
    n = len(batch.run)
    figures: dict[str, NDArray[np.generic]] = {key: np.full(n, np.nan) for key in _KEYS}
    figures["state"] = np.full(n, UNAFFECTED, dtype=np.int8)
    several = [Targets(world, s) for s in strikes]
    if not any(struck.applications for struck in several):
        return figures, None
    outcomes = Outcomes(world, batch.run, batch.occurred_s, luck=luck)
    drills = [np.arange(first, last) for first, last in zip(batch.first, batch.first[1:], strict=False)]
    decide_standbys(outcomes, list(zip(several, drills, strict=True)))
    targets = Targets.joined(world, batch, several)
    place = {name: i for i, name in enumerate(places_of(world))}
    fates = Fates(world, batch, place.__getitem__, luck)
    (a,) = targets.applications
    going = [m for r in world.applications[a].resources for m in targets.going(r)]
    everything = np.arange(n)
    work = []
    for m in going:
        r = world.members[m].resource
        ways = [struck.ways(a) if a in struck.takes_over else [] for struck in several]
        spares = [struck.spare(r) if r in struck.required else None for struck in several]
        work.append((everything, fates.of(m, ways, spares)))
    done = Recoveries(world, batch.events, targets, dict(zip(going, outcomes.consult(work), strict=True)))
    recovery = recovery_of(done, a, {})
    incident = ApplicationIncident(
        world, batch.events, a, recovery, place[world.sites[world.applications[a].site].name]
    )
    here = np.flatnonzero(incident.is_struck)
    state = incident.state[here]
    figures["state"][here] = state
    recovered = here[state == STATES.index("recovered")]
    told = {
        "loss_s": incident.loss_s(),
        "loss_bytes": sum(incident.lost_bytes(r) for r in incident.members),
        "downtime_s": incident.usable_s - batch.occurred_s,
        "full_s": incident.full_s - batch.occurred_s,
    }
    for key, values in told.items():
        figures[key][recovered] = np.asarray(values)[recovered]
    return figures, recovery
