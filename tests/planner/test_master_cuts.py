"""The choice of one option for each member: cuts, shared plans and ties, against all choices."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from drsim.planner.master import Candidate, Master, NoChoiceError
from drsim.planner.needs import Need

DRILLS, LEAST = 24, 15


@pytest.mark.parametrize("seed", range(60))
def test_cuts_leave_the_cheapest(seed: int) -> None:
    """No cut forbids a choice that is good enough, and the first choice that is good enough is the cheapest of all."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 6, size=3).tolist()
    need = Need.of("a", {m: rng.random((n, DRILLS)) < 0.85 for m, n in enumerate(sizes)}, LEAST)
    prices = rng.integers(0, 40, size=3).tolist()
    candidates = [
        [Candidate(int(rng.integers(1, 60)), tuple(np.flatnonzero(rng.random(3) < 0.4).tolist())) for _ in range(n)]
        for n in sizes
    ]
    master = Master(candidates, prices)
    good = [choice for choice in product(*map(range, sizes)) if need.reached(choice) >= LEAST]
    try:
        while need.reached((choice := master.solve()).options) < LEAST:
            master.cut(need.cut(choice.options))
            assert not master.allows(choice.options)
            assert all(map(master.allows, good))
    except NoChoiceError:
        assert not good
        return
    assert choice.cost == choice.bound == min(map(master.cost_of, good))
    plans = {plan for m, o in enumerate(choice.options) for plan in candidates[m][o].shared}
    parts = [candidates[m][o].cost for m, o in enumerate(choice.options)]
    assert choice.cost == sum(parts) + sum(prices[plan] for plan in plans)


@pytest.mark.parametrize(("price", "cost"), [(3, 9), (4, 11), (5, 12), (6, 13)])
def test_plans_are_shared_where_that_pays(price: int, cost: int) -> None:
    """Two plans cost 3 and twice the price, one plan 7 and the price once: above 4 one is shared."""
    cheap = Candidate(1, (0,))
    members = [[cheap], [cheap, Candidate(3, (1,))], [Candidate(1, (1,)), Candidate(5, (0,))]]
    assert Master(members, [price, price]).solve().cost == cost


def test_equal_costs_are_equal() -> None:
    """Of options that cost the same the first is taken, with cuts and without."""
    master = Master([[Candidate(2), Candidate(2)], [Candidate(3), Candidate(3)]])
    assert master.solve().options == (0, 0)
    master.cut({0: [0], 1: [0]})
    assert master.solve().cost == 5
