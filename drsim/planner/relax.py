"""What to relax where nothing meets: of each objective the smallest step that would do, and the cheapest of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from drsim.planner.problem import Estate, Problem, Wanted
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

PERCENTS = tuple(n / 100 for n in range(99, 9, -1))
"""Attainments to which an objective may be relaxed, the nearest to all first: what is kept less often than once in ten
is no objective."""


Under = Mapping[str, ObjectiveSet]
"""Disruption -> what is asked under it."""


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


def unmet(estate: Estate, app: str, under: Under) -> Iterator[Unmet]:
    """Yield what no plan meets of what is asked of an application, with what would do.

    First what cannot be met whatever else is asked; where all can be met, but not at once, then what gives way to the
    others with the least that it takes.

    Args:
        estate: what there is.
        app: name of the application.
        under: disruption -> what is asked.
    """
    if _cost(estate, app, under) is not None:
        return
    eased: dict[str, ObjectiveSet] = {}
    for disruption, objectives in under.items():
        eased[disruption] = objectives
        if _cost(estate, app, {disruption: objectives}) is None:
            found = _unmet(estate, app, {}, disruption, objectives)
            yield found
            if (chosen := found.cheapest) is None:
                del eased[disruption]
            else:
                eased[disruption] = relaxed(objectives, chosen.limit, chosen.after)
    while eased and _cost(estate, app, eased) is None:
        # the last of those that stand in each other's way
        disruption = _in_the_way(estate, app, eased)
        objectives = eased.pop(disruption)
        found = _unmet(estate, app, eased, disruption, objectives)
        yield found
        if (chosen := found.cheapest) is not None:
            eased[disruption] = relaxed(objectives, chosen.limit, chosen.after)


def _unmet(estate: Estate, app: str, others: Under, disruption: str, objectives: ObjectiveSet) -> Unmet:
    """Return what cannot be met beside others, with the smallest step of each objective that would do."""
    steps = [_relaxed(estate, app, others, disruption, objectives, limit) for limit in _limits(objectives)]
    return Unmet(app, disruption, objectives, tuple(step for step in steps if step is not None))


def _in_the_way(estate: Estate, app: str, under: Under) -> str:
    """Return the disruption without which, or without one before which, everything else could be met at once."""
    left = dict(under)
    for disruption in under:
        without = {name: of for name, of in left.items() if name != disruption}
        if without and _cost(estate, app, without) is None:
            left = without
    return list(left)[-1]


def eased(wanted: Wanted, gaps: Iterable[Unmet]) -> dict[str, dict[str, ObjectiveSet]]:
    """Return what is to be reached once the cheapest relaxations are granted; what nothing reaches is left out."""
    left = {app: dict(under) for app, under in wanted.items()}
    for gap in gaps:
        if (chosen := gap.cheapest) is None:
            left[gap.application].pop(gap.disruption, None)
        else:
            left[gap.application][gap.disruption] = relaxed(gap.wanted, chosen.limit, chosen.after)
    return {app: under for app, under in left.items() if under}


def _limits(objectives: ObjectiveSet) -> list[str]:
    return ["attainment", *(m.limit for m in MEASURES if getattr(objectives, m.limit) is not None)]


def relaxed(objectives: ObjectiveSet, limit: str, value: float) -> ObjectiveSet:
    """Return objectives with another attainment, or another limit of a measure, by its name."""
    key = limit.removesuffix("_bytes").removesuffix("_s")
    if isinstance(objectives.rpo, LossLimits) and key == "rpo":
        field = "size" if limit.endswith("_bytes") else "time"
        return objectives.model_copy(update={"rpo": objectives.rpo.model_copy(update={field: value})})
    return objectives.model_copy(update={key: value})


def _cost(estate: Estate, app: str, under: Under, only: Sequence[int] | None = None) -> int | None:
    """Return what the cheapest protection of an application costs that meets its objectives; None where none does.

    Args:
        estate: what there is.
        app: name of the application.
        under: disruption -> what is asked.
        only: numbers of the resources that count; all if left out.
    """
    planned = Problem(estate, {app: under}, only=only).lazy().cheapest()
    # where the search gave up something may do: only where there is no bound is it known that nothing does
    return planned.bound if planned.cost is None else planned.cost


def _relaxed(
    estate: Estate, app: str, others: Under, disruption: str, objectives: ObjectiveSet, limit: str
) -> Relaxation | None:
    """Return the smallest relaxation of one objective that would do beside others; None where none does."""
    before: float = getattr(objectives, limit)
    if limit == "attainment":
        steps = [step for step in PERCENTS if step < before]
    else:
        steps = [step for step in (SIZES if limit.endswith("_bytes") else DURATIONS_S) if step > before]
    only = None
    if estate.is_by_resource(disruption) and not others:
        # what strikes one at a time has to be relaxed for those alone that miss it
        only = [k for k in estate.members(app) if _cost(estate, app, {disruption: objectives}, [k]) is None]

    def eased_to(k: int) -> Under:
        return {**others, disruption: relaxed(objectives, limit, steps[k])}

    def does(k: int) -> bool:
        return _cost(estate, app, eased_to(k), only) is not None

    # the farther, the easier: the first that will do, by halves
    if not steps or not does(len(steps) - 1):
        return None
    near, far = -1, len(steps) - 1
    while far - near > 1:
        middle = (near + far) // 2
        near, far = (near, middle) if does(middle) else (middle, far)
    return Relaxation(app, disruption, limit, before, steps[far], _cost(estate, app, eased_to(far)) or 0)
