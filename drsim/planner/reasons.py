"""What explains a plan: the front around it, why nothing cheaper does, and what each objective costs."""

from __future__ import annotations

from dataclasses import dataclass

from drsim.planner.cheaper import Cheaper, nearest_cheaper
from drsim.planner.front import Point, front, met_at_all
from drsim.planner.judge import Judge
from drsim.planner.plan import Search
from drsim.planner.prices import ShadowPrice, shadow_prices
from drsim.planner.priorities import with_priorities
from drsim.planner.problem import Wanted
from drsim.planner.strategy import PLANNED, with_strategies
from drsim.planner.variants import Variants
from drsim.scenario import Scenario


@dataclass(frozen=True)
class Reasons:
    """What explains a plan.

    Attributes:
        front: what less and more would cost, the plan and the scenario's strategies beside it.
        cheaper: of each application the nearest cheaper protection, and what it misses.
        prices: what each objective costs.
        scenario: the scenario with a strategy for each of them, and the plan, beside its own.
        seed: of the drills by which they were drilled.
    """

    front: tuple[Point, ...]
    cheaper: tuple[Cheaper, ...]
    prices: tuple[ShadowPrice, ...]
    scenario: Scenario
    seed: int


def reasons(search: Search) -> Reasons:
    """Return what explains the best plan of a search; nothing else is searched, only its own drills are compared.

    Args:
        search: one that has come to its end.
    """
    told = search.settings
    variants = Variants(search.estate, told.plan_price)
    points = front(search, variants, _judge(search, met_at_all(search)))
    cheaper = nearest_cheaper(search, variants, _judge(search, search.wanted))
    choices = {
        PLANNED: search.best,
        **{point.name: point.protections for point in points if point.ask is not None},
        **{other.name: other.protections for other in cheaper},
    }
    scenario = with_priorities(with_strategies(told.scenario, choices, told.declared), search.priorities)
    return Reasons(points, cheaper, shadow_prices(search, variants), scenario, told.seed)


def _judge(search: Search, wanted: Wanted) -> Judge:
    told = search.settings
    return Judge(told.scenario, search.estate.resources, wanted, told.drills, told.seed).prioritised(search.priorities)
