"""What to relax where nothing meets: of each objective the smallest step that would do, and the cheapest of all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drsim.planner.problem import Estate, Problem
from drsim.scenario import ObjectiveSet
from drsim.scenario.objectives import LossLimits
from drsim.study.measures import MEASURES
from drsim.units import DAY_S, HOUR_S, MINUTE_S

DURATIONS_S = (
    *(n * MINUTE_S for n in (1, 2, 5, 10, 15, 20, 30, 45)),
    *(n * HOUR_S for n in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 36, 48, 60, 72)),
    *(n * DAY_S for n in (4, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)),
)
"""Durations to which an objective may be relaxed [s]."""

SIZES = tuple(digit * 10.0**power for power in range(6, 16) for digit in (1, 2, 5))
"""Sizes of a loss to which an objective may be relaxed [bytes]."""

PERCENTS = tuple(n / 100 for n in range(99, 0, -1))
"""Attainments to which an objective may be relaxed, the nearest to all first."""


@dataclass(frozen=True)
class Relaxation:
    """One objective of an application under a disruption, relaxed so far that some plan meets it.

    Attributes:
        application, disruption: whose, and under which.
        limit: what is relaxed: `attainment`, or the limit of a measure.
        before, after: its values.
        cost: of the cheapest protection that then meets what is asked under this disruption alone [whole units].
    """

    application: str
    disruption: str
    limit: str
    before: float
    after: float
    cost: int


@dataclass(frozen=True)
class Unmet:
    """Objectives of an application under a disruption that no plan meets, whatever else is asked.

    Attributes:
        application, disruption: whose, and under which.
        wanted: what is asked.
        relaxations: the smallest of each objective alone that would do; of those that cannot there is none.
    """

    application: str
    disruption: str
    wanted: ObjectiveSet
    relaxations: tuple[Relaxation, ...]

    @property
    def cheapest(self) -> Relaxation | None:
        """The relaxation with the cheapest protection, of equals the one nearest to what was asked."""
        return min(self.relaxations, key=lambda r: (r.cost, r.limit != "attainment"), default=None)


def unmet(estate: Estate, wanted: Mapping[str, Mapping[str, ObjectiveSet]]) -> Iterator[Unmet]:
    """Yield what no plan meets, by application and disruption, with what would do.

    Args:
        estate: what there is.
        wanted: what is asked.
    """
    for app, under in wanted.items():
        for disruption, objectives in under.items():
            if _cost(estate, app, disruption, objectives) is None:
                steps = [_relaxed(estate, app, disruption, objectives, limit) for limit in _limits(objectives)]
                yield Unmet(app, disruption, objectives, tuple(step for step in steps if step is not None))


def _limits(objectives: ObjectiveSet) -> list[str]:
    return ["attainment", *(m.limit for m in MEASURES if getattr(objectives, m.limit) is not None)]


def relaxed(objectives: ObjectiveSet, limit: str, value: float) -> ObjectiveSet:
    """Return objectives with another attainment, or another limit of a measure, by its name."""
    key = limit.removesuffix("_bytes").removesuffix("_s")
    if isinstance(objectives.rpo, LossLimits) and key == "rpo":
        field = "size" if limit.endswith("_bytes") else "time"
        return objectives.model_copy(update={"rpo": objectives.rpo.model_copy(update={field: value})})
    return objectives.model_copy(update={key: value})


def _cost(estate: Estate, app: str, disruption: str, objectives: ObjectiveSet) -> int | None:
    """Return what the cheapest protection costs that meets objectives under one disruption; None where none does."""
    return Problem(estate, {app: {disruption: objectives}}).lazy().cheapest().cost


def _relaxed(estate: Estate, app: str, disruption: str, objectives: ObjectiveSet, limit: str) -> Relaxation | None:
    """Return the smallest relaxation of one objective that would do; None where none does."""
    before: float = getattr(objectives, limit)
    if limit == "attainment":
        steps = [step for step in PERCENTS if step < before]
    else:
        steps = [step for step in (SIZES if limit.endswith("_bytes") else DURATIONS_S) if step > before]
    costs: dict[int, int | None] = {}

    def cost(k: int) -> int | None:
        if k not in costs:
            costs[k] = _cost(estate, app, disruption, relaxed(objectives, limit, steps[k]))
        return costs[k]

    # the farther, the easier: the first that will do, by halves
    if not steps or cost(len(steps) - 1) is None:
        return None
    misses, does = -1, len(steps) - 1
    while does - misses > 1:
        middle = (misses + does) // 2
        misses, does = (misses, middle) if cost(middle) is not None else (middle, does)
    return Relaxation(app, disruption, limit, before, steps[does], costs[does] or 0)
