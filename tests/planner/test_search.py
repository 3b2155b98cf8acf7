"""The search finds what trying everything finds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from drsim.planner.master import Candidate, Master
from drsim.planner.needs import Need
from drsim.planner.search import search


def estate(seed: int) -> tuple[list[list[Candidate]], list[int], list[Need], frozenset[tuple[int, ...]]]:
    """Return options, prices of plans, needs, and choices that a judge refuses."""
    draw = np.random.default_rng(seed)
    members, drills = int(draw.integers(1, 5)), 40
    candidates, plans = [], int(draw.integers(1, 4))
    for _ in range(members):
        options = int(draw.integers(1, 6))
        shared = [() if draw.random() < 0.2 else (int(draw.integers(plans)),) for _ in range(options)]
        candidates.append([Candidate(int(draw.integers(0, 30)), plan) for plan in shared])
    prices = [int(price) for price in draw.integers(0, 12, plans)] if seed % 2 else [0] * plans
    needs = []
    for n in range(int(draw.integers(1, 4))):
        concerned = sorted(draw.choice(members, size=int(draw.integers(1, members + 1)), replace=False).tolist())
        good = {m: draw.random((len(candidates[m]), drills)) < draw.uniform(0.7, 1.0) for m in concerned}
        needs.append(Need.of(f"need {n}", good, int(drills * draw.uniform(0.4, 0.9))))
    choices = list(product(*(range(len(options)) for options in candidates)))
    refused = frozenset(choice for choice in choices if draw.random() < 0.2)
    return candidates, prices, needs, refused


@pytest.mark.parametrize("seed", range(60))
def test_search_equals_brute_force(seed: int) -> None:
    """The cheapest of all choices that reach every need and that the judge does not refuse, to the unit."""
    candidates, prices, needs, refused = estate(seed)
    master = Master(candidates, prices)
    passing = [
        choice
        for choice in product(*(range(len(options)) for options in candidates))
        if choice not in refused and all(need.reached(choice) >= need.least for need in needs)
    ]
    found = search(
        master, needs, lambda c: [{m: [o] for m, o in enumerate(c)}] if tuple(c) in refused else [], most_rounds=2000
    )
    if not passing:
        assert found.is_impossible
        return
    assert found.best in passing
    assert found.is_proven
    assert found.cost == min(master.cost_of(choice) for choice in passing)


@pytest.mark.parametrize("seed", range(30))
def test_no_cut_forbids_what_reaches_a_need(seed: int) -> None:
    """Every choice that a cut forbids misses the need, and the choice it was made from is forbidden."""
    candidates, prices, needs, _ = estate(seed)
    choices = list(product(*(range(len(options)) for options in candidates)))
    for need in needs:
        for choice in choices:
            if need.reached(choice) < need.least:
                master = Master(candidates, prices)
                master.cut(need.cut(choice))
                assert not master.allows(choice)
                assert all(need.reached(c) < need.least for c in choices if not master.allows(c))
