"""The front: what less, and what more, would cost, and which of it nothing betters.

Plans for a ladder of attainments and of limits tightened and loosened are found by the drills of the search, and each
is drilled once in the whole scenario. On the front is what no other betters in cost, in the share of drills that meet
what the scenario asks, in loss and in downtime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from drsim.planner.judge import Judge, Outcome
from drsim.planner.plan import Search
from drsim.planner.problem import Wanted
from drsim.planner.protection import Protection
from drsim.planner.relax import relaxed
from drsim.planner.strategy import PLANNED, as_in
from drsim.planner.variants import Variants
from drsim.scenario import ObjectiveSet
from drsim.study.measures import MEASURES

ATTAINMENTS = (0.5, 0.8, 0.9, 0.95, 0.99)
"""Shares of drills that plans on the ladder are to meet."""

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""What every limit is multiplied by on the ladder."""


@dataclass(frozen=True)
class Ask:
    """What a plan on the ladder was to reach, of every application.

    Attributes:
        attainment: the share of drills; None for what the scenario asks.
        factor: of the scenario's limits.
    """

    attainment: float | None
    factor: float

    def of(self, wanted: Wanted) -> dict[str, dict[str, ObjectiveSet]]:
        """Return objectives changed so."""
        return {app: {name: self._changed(of) for name, of in under.items()} for app, under in wanted.items()}

    def _changed(self, objectives: ObjectiveSet) -> ObjectiveSet:
        for measure in MEASURES:
            limit = getattr(objectives, measure.limit)
            if limit is not None:
                objectives = relaxed(objectives, measure.limit, limit * self.factor)
        return objectives if self.attainment is None else relaxed(objectives, "attainment", self.attainment)


@dataclass(frozen=True)
class Point:
    """One plan, or a strategy of the scenario, with what it costs and reaches in the whole scenario.

    Attributes:
        name: of its strategy.
        ask: what it was to reach; None for the plan itself and for strategies of the scenario.
        protections: by resource.
        cost: of an average month [whole units].
        share: of the drills that meet what the scenario asks, under the disruption in which an application does worst.
        worst: that application and disruption, and the subject that decides.
        loss_s, downtime_s: the worst of any application that is not exceeded in the share of drills that the scenario
            asks for [s]; infinite where too many recover nothing.
        is_on_front: whether nothing is as good in all of these and better in one.
    """

    name: str
    ask: Ask | None
    protections: Mapping[str, Protection]
    cost: int
    share: float
    worst: tuple[str, str, str]
    loss_s: float
    downtime_s: float
    is_on_front: bool = False

    @property
    def figures(self) -> tuple[float, float, float, float]:
        """What it is compared by, of each less is better."""
        return self.cost, -self.share, self.loss_s, self.downtime_s

    def dominates(self, other: Point) -> bool:
        """Return whether it is as good as another in all figures, and better in one."""
        return self.figures != other.figures and all(a <= b for a, b in zip(self.figures, other.figures, strict=True))


def front(search: Search, variants: Variants, judge: Judge) -> tuple[Point, ...]:
    """Return the points of the front, with the plan and the scenario's strategies whether on it or not, cheapest first.

    Args:
        search: one that has come to its end.
        variants: of its estate.
        judge: of what the scenario asks and anything meets.
    """
    measured = [_measured(search, judge, *candidate) for candidate in _candidates(search, variants)]
    points = marked(measured)
    shown = [point for point in points if point.is_on_front or point.ask is None]
    numbers = iter(range(1, len(shown) + 1))
    return tuple(replace(p, name=f"front-{next(numbers)}") if p.ask is not None else p for p in shown)


def marked(points: Sequence[Point]) -> list[Point]:
    """Return points by cost, each with whether it is on the front; of equal ones the first is."""
    on_front: list[tuple[float, ...]] = []
    at = {}
    for k, point in enumerate(points):
        at[k] = point.figures not in on_front and not any(other.dominates(point) for other in points)
        on_front += [point.figures] if at[k] else []
    order = sorted(range(len(points)), key=lambda k: (points[k].figures, k))
    return [replace(points[k], is_on_front=at[k]) for k in order]


def _candidates(search: Search, variants: Variants) -> Iterator[tuple[str, Ask | None, dict[str, Protection]]]:
    """Yield name, ask and protections of what is measured: the plan, the scenario's strategies, then the ladder."""
    scenario, resources = search.settings.scenario, search.estate.resources
    yield PLANNED, None, dict(search.best)
    choices = [dict(search.best)]
    for name in scenario.strategies:
        yield name, None, as_in(scenario, resources, name)
    wanted = met_at_all(search)
    attainments: list[float | None] = [None, *ATTAINMENTS]
    for attainment, factor in product(attainments, FACTORS):
        ask = Ask(attainment, factor)
        variant = variants.of_all(ask.of(wanted))
        if variant is not None and (choice := {**search.best, **variant.protections}) not in choices:
            choices.append(choice)
            yield "", ask, choice


def met_at_all(search: Search) -> dict[str, dict[str, ObjectiveSet]]:
    """Return what a scenario asks, without the disruptions under which nothing does whatever is relaxed."""
    asked = search.settings.wanted
    return {app: {name: asked[app][name] for name in under} for app, under in search.wanted.items()}


def _measured(search: Search, judge: Judge, name: str, ask: Ask | None, protections: Mapping[str, Protection]) -> Point:
    outcomes = judge.outcomes([protections[resource] for resource in search.estate.resources])
    worst = min(outcomes, key=lambda outcome: outcome.p_meets)
    return Point(
        name,
        ask,
        protections,
        search.cost_of(protections),
        worst.p_meets,
        (worst.application, worst.disruption, worst.subject),
        _most(outcomes, "loss_s"),
        _most(outcomes, "downtime_s"),
    )


def _most(outcomes: Sequence[Outcome], figure: str) -> float:
    return max(float(getattr(outcome, figure)) for outcome in outcomes)
