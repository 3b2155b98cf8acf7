"""The drills of an application: which of them strike its resources, and in which a protection of one is good."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drsim.engine import Alone
from drsim.engine.incidents import RECOVERED, UNAFFECTED
from drsim.planner.look import AT_ONCE, Bits, Group
from drsim.planner.protection import Protection
from drsim.planner.strategy import PLANNED, protected
from drsim.scenario import ObjectiveSet, Scenario
from drsim.scenario.subjects import application_of
from drsim.study.bench import Bench
from drsim.study.measures import MEASURES, Measure
from drsim.study.verdicts import hits_to_meet
from drsim.study.work import each_of
from drsim.study.workers import may_fork
from drsim.world import World
from drsim.world.streams import Stream

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_COLUMNS = {
    "data_loss_s": "loss_s",
    "downtime_s": "downtime_s",
    "data_loss_bytes": "loss_bytes",
    "full_performance_s": "full_s",
}
"""What the measures of the log are called of a resource alone."""


_ANY_DOWNTIME = {"rto": None, "rto_full": None}
"""Of objectives that say nothing of time without service."""

_SHARED = 24
"""Protections from which on more than one process drills them: to begin one takes about as long as to drill a few."""

_TOLD = ("data_loss_s", "downtime_s")
"""Of what is told whether anybody wants it or not."""


@dataclass(frozen=True)
class Columns:
    """The drills of an application, of the units of several disruptions one after the other.

    Attributes:
        units: disruption and name of the unit.
        drills: of each of them.
    """

    units: tuple[tuple[str, str], ...]
    drills: int

    @classmethod
    def of(cls, units: Mapping[str, Sequence[str]], drills: int) -> Columns:
        """Return the drills of units by disruption, so many of each unit."""
        return cls(tuple((name, unit) for name, names in units.items() for unit in names), drills)

    @cached_property
    def places(self) -> list[tuple[str, slice]]:
        """The disruptions, each with the places of its drills, which are beside each other."""
        names = [name for name, _ in self.units]
        return [
            (name, slice(names.index(name) * self.drills, (names.index(name) + names.count(name)) * self.drills))
            for name in dict.fromkeys(names)
        ]

    @property
    def number(self) -> int:
        """How many drills there are."""
        return len(self.units) * self.drills

    def of_disruption(self, disruption: str) -> Bools:
        """Return which drills are of a disruption, (drills,)."""
        return np.repeat([name == disruption for name, _ in self.units], self.drills)


@dataclass(frozen=True)
class Fares:
    """How a resource fares under a protection in the drills of its application, each array (drills,).

    Attributes:
        is_fine: where it recovers, or is not struck.
        figures: column of a measure -> its figure, 0 where it is not struck, nan where nothing is lost or recovered.
    """

    is_fine: Bools
    figures: Mapping[str, Floats]

    def met(
        self, disruptions: Sequence[tuple[str, slice]], wanted: Mapping[str, ObjectiveSet], slack_s: float
    ) -> Bools:
        """Return in which drills objectives are met, (drills,); true where a disruption has none.

        Args:
            disruptions: each with the places of its drills.
            wanted: the objectives by disruption.
            slack_s: how much more data may be lost [s].
        """
        met = np.ones(len(self.is_fine), dtype=bool)
        for name, places in disruptions:
            if (objectives := wanted.get(name)) is None:
                continue
            met[places] = self.is_fine[places]
            for measure in MEASURES:
                limit = getattr(objectives, measure.limit)
                if limit is not None:
                    more = slack_s if measure.objective == "rpo" else 0.0
                    # what has no data has no loss
                    met[places] &= ~(self.figures[measure.column][places] > limit + more)
        return met

    def is_down_otherwise(self, other: Fares) -> Bools:
        """Return in which drills it is down for another time than by other fares, (drills,)."""
        mine, others = (fares.figures["downtime_s"] for fares in (self, other))
        return np.asarray((mine != others) & ~(np.isnan(mine) & np.isnan(others)))


@dataclass(frozen=True)
class Fare:
    """How a resource fares under a disruption, alone, by the drills of the search.

    Attributes:
        share: of the drills that strike it, in which it meets what is asked of it; nan where none strikes it.
        loss_p95_s, downtime_p95_s: 95th percentiles [s]; infinite where that many lose all.
    """

    share: float
    loss_p95_s: float
    downtime_p95_s: float


class ResourceDrills:
    """The drills of one resource; what was asked once is remembered.

    Args:
        bench: of the scenario, with the strategies in which resources may stay as they are.
        resource: its name.
        columns: of its application.
        workers: processes that share what is much; what they find does not depend on it.

    Attributes:
        struck: (drills,) which of them strike it.
    """

    def __init__(self, bench: Bench, resource: str, columns: Columns, workers: int = 1) -> None:
        self._workers = workers
        self._bench, self._resource, self._columns = bench, resource, columns
        application = bench.scenario.applications[application_of(resource)]
        objectives = [application.objectives.under(name) for name in bench.disruptions]
        self._measures = [
            m for m in MEASURES if m.column in _TOLD or any(getattr(o, m.limit) is not None for o in objectives)
        ]
        self._tolerance_s = application.loss_tolerance
        self._place = {unit: k for k, unit in enumerate(columns.units)}
        self._known: dict[Protection, Fares] = {}
        self._sound: dict[Protection, Fares] = {}
        kind = bench.scenario.catalogue.types[application.resources[_resource_of(resource)].type]
        self._best_bench = bench.changed(on_world=partial(_at_best, is_incremental=kind.snapshots_incremental))
        nothing = self._alone(bench, [Protection()])
        self.struck = self._spread(nothing, nothing.state != UNAFFECTED, default=False)[0]

    @property
    def known(self) -> tuple[Protection, ...]:
        """The protections that were asked for, in their order."""
        return tuple(self._known)

    def good(self, protections: Sequence[Protection], wanted: Mapping[str, ObjectiveSet], *, is_lenient: bool) -> Bits:
        """Return in which drills protections meet objectives, packed, (protections, bytes).

        Args:
            protections: of the resource.
            wanted: the objectives by disruption.
            is_lenient: as for `drsim.planner.look.Fates`.
        """
        places, rows = self._columns.places, self.fares(protections)
        if not is_lenient:
            return np.stack([np.packbits(fares.met(places, wanted, 0.0)) for fares in rows])
        sound = self._fares(self._sound, self._best_bench, protections)
        met = [self._promised(row, best, wanted) for row, best in zip(rows, sound, strict=True)]
        return np.stack([np.packbits(is_met) for is_met in met])

    def _promised(self, fares: Fares, sound: Fares, wanted: Mapping[str, ObjectiveSet]) -> Bools:
        """Return in which drills what is protected so and otherwise besides may meet objectives, (drills,).

        A point that proves useless by itself may do beside others: the luck of a restore is that of its turn, and it is
        the first that fails, whatever it is made from. How long the turns after it take has luck of its own. And beside
        others that leave points to build on, increments are smaller and done sooner.

        Args:
            fares: how the resource fares under a protection.
            sound: likewise if every restore succeeded, and increments took no time to move.
            wanted: the objectives by disruption.
        """
        places, slack_s = self._columns.places, self._tolerance_s
        losses = {name: objectives.model_copy(update=_ANY_DOWNTIME) for name, objectives in wanted.items()}
        in_time, late = (sound.met(places, of, slack_s) for of in (wanted, losses))
        return np.where(fares.is_down_otherwise(sound), late, in_time)

    def forget(self) -> None:
        """Forget what was asked; who asks again waits again."""
        self._known.clear()
        self._sound.clear()

    def fares(self, protections: Sequence[Protection]) -> list[Fares]:
        """Return how the resource fares under protections."""
        return self._fares(self._known, self._bench, protections)

    def _fares(self, known: dict[Protection, Fares], bench: Bench, protections: Sequence[Protection]) -> list[Fares]:
        """Return how the resource fares under protections in the drills of a bench, of which some are known."""
        new = [p for p in dict.fromkeys(protections) if p not in known]
        workers = self._workers if len(new) >= _SHARED and may_fork() else 1
        at_once = min(AT_ONCE, math.ceil(len(new) / workers))
        parts = [new[k : k + at_once] for k in range(0, len(new), at_once or 1)]
        for part, fares in zip(parts, each_of(partial(self._drilled, bench), parts, workers), strict=True):
            known.update(zip(part, fares, strict=True))
        return [known[p] for p in protections]

    def _drilled(self, bench: Bench, protections: Sequence[Protection]) -> list[Fares]:
        """Return how the resource fares under protections in the drills of a bench."""
        alone = self._alone(bench, protections)
        fine = self._spread(alone, (alone.state == RECOVERED) | (alone.state == UNAFFECTED), default=True)
        figures = {m.column: self._spread(alone, self._figures(alone, m), default=0.0) for m in self._measures}
        return [Fares(fine[i], {column: rows[i] for column, rows in figures.items()}) for i in range(len(protections))]

    def is_no_better(self, protection: Protection, than: Protection, disruption: str) -> bool:
        """Return whether a protection is better than another in no drill of a disruption, by any measure."""
        mine, other = self.fares([protection, than])
        at = np.flatnonzero(self._columns.of_disruption(disruption) & self.struck)
        return all(
            bool((_worst(mine.figures[column][at]) >= _worst(other.figures[column][at])).all())
            for column in mine.figures
        ) and bool((mine.is_fine[at] <= other.is_fine[at]).all())

    def told(self, fares: Fares, wanted: Mapping[str, ObjectiveSet]) -> dict[str, Fare]:
        """Return how it fares under each disruption that strikes it, in figures.

        Args:
            fares: under a protection.
            wanted: the objectives by disruption.
        """
        places, told = self._columns.places, {}
        met = fares.met(places, wanted, 0.0)
        for name, at in places:
            struck = self.struck[at]
            if struck.any():
                worst = [
                    float(np.quantile(np.where(fares.is_fine[at], of, math.inf)[struck], 0.95, method="higher"))
                    for column in _TOLD
                    for of in [fares.figures[column][at]]
                ]
                told[name] = Fare(float(met[at][struck].mean()), *worst)
        return told

    @staticmethod
    def _figures(alone: Alone, measure: Measure) -> Floats:
        return np.where(alone.state == UNAFFECTED, 0.0, getattr(alone, _COLUMNS[measure.column]))

    def _alone(self, bench: Bench, protections: Sequence[Protection]) -> Alone:
        return bench.fates(self._resource, PLANNED, [self._edit(protection) for protection in protections])

    def _edit(self, protection: Protection) -> Callable[[Scenario], Scenario]:
        return lambda scenario: protected(scenario, self._resource, protection)

    def _spread(self, alone: Alone, values: NDArray[Any], *, default: float) -> NDArray[Any]:
        """Return what is told of a resource's own drills at the places of its application's, (protections, drills)."""
        spread = np.full((len(values), self._columns.number), default, dtype=values.dtype)
        names = self._bench.disruptions
        for d, units in enumerate(alone.units):
            for u, unit in enumerate(units):
                at = self._place.get((names[d], unit))
                mine = (alone.disruption == d) & (alone.unit == u)
                if at is not None and mine.any():
                    spread[:, at * self._columns.drills : (at + 1) * self._columns.drills] = values[:, mine]
        return spread


def _resource_of(resource: str) -> str:
    """Return the name of a resource in its application."""
    return resource.removeprefix(f"{application_of(resource)}.").partition(".")[0]


def _at_best(world: World, *, is_incremental: bool) -> World:
    """Return a world in which no recovery point turns out to be useless, and increments have nothing to move."""
    streams = tuple(map(_without_load, world.streams)) if is_incremental else world.streams
    members = tuple(
        replace(m, restoration=replace(m.restoration, failure=replace(m.restoration.failure, p=0.0)))
        for m in world.members
    )
    return replace(world, streams=streams, members=members)


def _without_load(stream: Stream) -> Stream:
    """Return a stream whose jobs have nothing to move."""
    nothing = np.zeros(len(stream.times_s))
    copies = tuple(replace(copy, size_bytes=nothing, objects=nothing) for copy in stream.copies)
    return replace(stream, size_bytes=nothing, objects=nothing, copies=copies)


def _worst(figures: Floats) -> Floats:
    """Return figures with infinity where nothing is recovered."""
    return np.where(np.isnan(figures), math.inf, figures)


def groups_of(
    objectives: Mapping[str, ObjectiveSet], columns: Columns, struck: Bools, at_home: Container[str] = ()
) -> list[Group]:
    """Return of which drills how many have to be good, by disruption; those that strike nothing are left out.

    Args:
        objectives: by disruption; those without any are not there.
        columns: the drills.
        struck: (drills,) which of them strike what has to be good.
        at_home: disruptions under which no application goes elsewhere.
    """
    groups = []
    for name, wanted in objectives.items():
        drills = columns.of_disruption(name) & struck
        number = int(drills.sum())
        if number:
            least = hits_to_meet(wanted.attainment or 1.0, number)
            needed = number + 1 if least is None else least
            groups.append(Group.of(name, drills, needed, is_at_home=name in at_home))
    return groups
