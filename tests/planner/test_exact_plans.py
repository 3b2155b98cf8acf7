"""The planner against every plan of small estates, judged on the same drills in the whole scenario."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from drsim.planner.judge import Judge
from drsim.planner.protection import Protection
from tests.planner.estates import is_coupled, price_of, small_search

ALWAYS, MORE, ALL = (0, 2, 3, 4, 11), (1, 5, *range(6, 11), *range(12, 40)), range(40, 100)


@pytest.mark.parametrize(
    "number",
    [
        *ALWAYS,
        *(pytest.param(number, marks=pytest.mark.thorough) for number in MORE),
        *(pytest.param(number, marks=pytest.mark.slow) for number in ALL),
    ],
)
def test_no_plan_is_cheaper(number: int) -> None:
    """The plan is the cheapest of all that hold, where it is said to be; where slots are short, a gap may be said."""
    search, plans = small_search(number)
    for _ in search.steps():
        pass
    told, estate = search.settings, search.estate
    answer = search.plan()
    judge = Judge(told.scenario, estate.resources, told.wanted, told.drills, told.seed)

    def holds(plan: Sequence[Protection]) -> bool:
        return all(outcome.is_met for outcome in judge.outcomes(plan))

    chosen = tuple(answer.protections[name] for name in estate.resources)
    if answer.unmet:
        # by itself none of these applications can reach what is asked, and so none does in the whole
        assert not any(map(holds, plans))
        return
    if not holds(chosen):
        shown = all(outcome.is_met for drills in answer.confirmations for outcome in drills.outcomes)
        assert is_coupled(search)
        assert answer.state == "undecided" or shown
        return
    price = price_of(search, chosen)
    assert price == answer.cost + answer.plans_cost
    ranked = sorted((price_of(search, plan), place) for place, plan in enumerate(plans))
    best = next((at for at, place in ranked if at < price and holds(plans[place])), price)
    assert answer.bound <= best
    if best < price:
        assert answer.gap > 0
        assert is_coupled(search)
