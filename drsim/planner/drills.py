"""The drills of an application: which of them strike its resources, and in which a protection of one is good."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.engine import Alone
from drsim.engine.incidents import RECOVERED, UNAFFECTED
from drsim.planner.look import Group
from drsim.planner.space import Protection, protected
from drsim.scenario import ObjectiveSet, Scenario
from drsim.study.bench import Bench
from drsim.study.measures import MEASURES
from drsim.study.verdicts import hits_to_meet

Bools = NDArray[np.bool_]

_COLUMNS = {
    "data_loss_s": "loss_s",
    "downtime_s": "downtime_s",
    "data_loss_bytes": "loss_bytes",
    "full_performance_s": "full_s",
}
"""What the measures of the log are called of a resource alone."""


@dataclass(frozen=True)
class Columns:
    """The drills of an application, of the units of several disruptions one after the other.

    Attributes:
        units: disruption and name of the unit.
        drills: of each of them.
    """

    units: tuple[tuple[str, str], ...]
    drills: int

    @property
    def number(self) -> int:
        """How many drills there are."""
        return len(self.units) * self.drills

    def of(self, disruption: str) -> Bools:
        """Return which drills are of a disruption, (drills,)."""
        return np.repeat([name == disruption for name, _ in self.units], self.drills)


class ResourceDrills:
    """The drills of one resource.

    Args:
        bench: of the scenario, without what protects it.
        strategy: in whose place protections stand.
        resource: its name.
        columns: of its application.

    Attributes:
        struck: (drills,) which of them strike it.
    """

    def __init__(self, bench: Bench, strategy: str, resource: str, columns: Columns) -> None:
        self._bench, self._strategy, self._resource, self._columns = bench, strategy, resource, columns
        application = bench.scenario.applications[resource.partition(".")[0]]
        self._objectives = [application.objectives.under(name) for name in bench.disruptions]
        self._tolerance_s = application.loss_tolerance
        self._place = {unit: k for k, unit in enumerate(columns.units)}
        self.struck = self._spread(self._alone([Protection()]), lambda alone: alone.state != UNAFFECTED, default=False)[
            0
        ]

    def good(self, protections: Sequence[Protection], is_lenient: bool) -> Bools:  # noqa: FBT001  a protocol's
        """Return in which drills protections are good, (protections, drills); see `drsim.planner.look.Fates`."""
        slack_s = self._tolerance_s if is_lenient else 0.0
        return self._spread(self._alone(protections), lambda alone: self._met(alone, slack_s), default=True)

    def _alone(self, protections: Sequence[Protection]) -> Alone:
        edits = [self._edit(protection) for protection in protections]
        return self._bench.fates(self._resource, self._strategy, edits)

    def _edit(self, protection: Protection) -> Callable[[Scenario], Scenario]:
        return lambda scenario: protected(scenario, self._strategy, self._resource, protection)

    def _met(self, alone: Alone, slack_s: float) -> Bools:
        met = (alone.state == RECOVERED) | (alone.state == UNAFFECTED)
        for d, wanted in enumerate(self._objectives):
            met &= (alone.disruption != d) | self._within(alone, wanted, slack_s)
        return met | (alone.state == UNAFFECTED)

    def _within(self, alone: Alone, wanted: ObjectiveSet, slack_s: float) -> Bools:
        is_within = np.ones(alone.state.shape, dtype=bool)
        for measure in MEASURES:
            limit = getattr(wanted, measure.limit)
            if limit is not None:
                figures = getattr(alone, _COLUMNS[measure.column])
                # what has no data has no loss
                is_within &= ~(figures > limit + (slack_s if measure.objective == "rpo" else 0.0))
        return is_within

    def _spread(self, alone: Alone, told: Callable[[Alone], Bools], *, default: bool) -> Bools:
        """Return what is told of a resource's own drills at the places of its application's, (protections, drills)."""
        values = told(alone)
        spread = np.full((len(values), self._columns.number), default)
        names = self._bench.disruptions
        for d, units in enumerate(alone.units):
            for u, unit in enumerate(units):
                at = self._place.get((names[d], unit))
                mine = (alone.disruption == d) & (alone.unit == u)
                if at is not None and mine.any():
                    spread[:, at * self._columns.drills : (at + 1) * self._columns.drills] = values[:, mine]
        return spread


def columns_of(units: Mapping[str, Sequence[str]], drills: int) -> Columns:
    """Return the drills of an application.

    Args:
        units: disruption -> the units of it that may strike the application.
        drills: of each unit.
    """
    return Columns(tuple((name, unit) for name, of in units.items() for unit in of), drills)


def groups_of(objectives: Mapping[str, ObjectiveSet], columns: Columns, struck: Bools) -> list[Group]:
    """Return of which drills how many have to be good, by disruption; those that strike nothing are left out.

    Args:
        objectives: by disruption; those without any are not there.
        columns: the drills.
        struck: (drills,) which of them strike what has to be good.
    """
    groups = []
    for name, wanted in objectives.items():
        drills = columns.of(name) & struck
        number = int(drills.sum())
        if number:
            least = hits_to_meet(wanted.attainment or 1.0, number)
            groups.append(Group(name, drills, number + 1 if least is None else least))
    return groups
