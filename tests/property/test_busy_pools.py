"""Pools in use most of the time, with jobs that are rarely very long: however the past is looked at, it is the same."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import note

from drsim.engine import run_all_vectorised, run_drills, run_vectorised
from drsim.scenario import read_scenario
from drsim.world import build_world
from tests.property.strategies import STRATEGY, Data, as_text, deal_busy_pools
from tests.scenarios import first_difference

SHARDS, EACH = 20, 25
"""Numbered scenarios, dealt out in shards."""
FEW = range(17, 24)
"""Those looked at every time; windows as they once were do for most, but not for all of them."""
DRILLS, MANY = 4, 60
"""Of the process clock, and of the vectorised one."""
CUTS = ((0, 1), (1, 4), (2, 3))


def agree(numbers: Iterable[int], monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """Check that both clocks and a run from the start agree, however drills are cut, in scenarios of some numbers.

    Returns:
        How many components were looked at through windows (True), and how many from the start.
    """
    seen: Counter[bool] = Counter()
    done: set[str] = set()

    def check(data: Data) -> None:
        text = as_text(data)
        if text in done:
            return
        done.add(text)
        note(text)
        w = build_world(read_scenario(text), STRATEGY)
        seen.update(c.settles for c in w.components if c.limits)
        logs = run_all_vectorised(w, list(w.disruptions), 0, MANY)
        with monkeypatch.context() as patch:
            patch.setattr("drsim.world.drain._REACHES", math.inf)
            for name, whole in run_all_vectorised(w, list(w.disruptions), 0, MANY).items():
                assert not first_difference(logs[name], whole)
        for name, many in logs.items():
            log = many[many["drill"] < DRILLS]
            whole = run_drills(w, name, 0, DRILLS, from_start=True)
            assert not first_difference(log, whole)
            assert not first_difference(run_drills(w, name, 0, DRILLS), whole)
            assert not first_difference(run_drills(w, name, 1, 3), whole[whole["drill"].between(1, 2)])
            for first, last in CUTS:
                part = whole[whole["drill"].between(first, last - 1)]
                assert not first_difference(run_vectorised(w, name, first, last), part)

    for number in numbers:
        # windows, too, where they are no quicker than all of the past
        monkeypatch.setattr("drsim.world.drain._REACHES", 1 if number % 2 else 3)
        deal_busy_pools(number, check)
    return seen


def test_busy_pools_are_looked_at_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a few scenarios with busy pools; some are worked through windows, and some from the start."""
    seen = agree(FEW, monkeypatch)
    assert min(seen[True], seen[False]) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_very_many_busy_pools_are_looked_at_alike(shard: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 500 scenarios with busy pools."""
    seen = agree(range(shard * EACH, (shard + 1) * EACH), monkeypatch)
    assert min(seen[True], seen[False]) >= 3
