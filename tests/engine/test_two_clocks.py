"""Both clocks give the same incidents, to the last bit: of shipped, of accepted and of random scenarios."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import note

from drsim.engine import World, build_world, run_all_vectorised, run_drills, run_vectorised, why_not_vectorised
from drsim.scenario import load_scenario, read_scenario
from drsim.scenario.shipped import shipped_scenarios
from tests.property.strategies import STRATEGY, Data, as_text, deal
from tests.scenarios import first_difference

ACCEPTANCE = Path(__file__).parent.parent / "data" / "scenarios" / "acceptance"
SHIPPED = [*shipped_scenarios().values(), *sorted(ACCEPTANCE.glob("*.yaml"))]
PAIRS = [
    pytest.param(path, strategy, id=f"{path.parent.name}-{path.stem}-{strategy}")
    for path in SHIPPED
    for strategy in load_scenario(path).strategies
]

SHARDS, EACH = 8, 25
"""Random scenarios: numbered, and dealt out to parallel workers in shards."""
DRILLS = 8
"""Of each of two disruptions in a random scenario."""


def agree(world: World, names: list[str], drills: int) -> list[pd.DataFrame]:
    """Check that both clocks give the same logs of disruptions; return them."""
    found = run_all_vectorised(world, names, 0, drills)
    for name in names:
        difference = first_difference(run_drills(world, name, 0, drills), found[name])
        assert not difference, f"{name}: {difference}"
    return list(found.values())


@pytest.mark.parametrize(("path", "strategy"), PAIRS)
def test_both_clocks_give_the_same_incidents(path: Path, strategy: str) -> None:
    """The vectorised clock takes every shipped and every acceptance scenario, and agrees with the process clock."""
    scenario = load_scenario(path)
    world = build_world(scenario, strategy)
    names = list(scenario.disruptions)
    assert [why_not_vectorised(world, name) for name in names] == [None] * len(names)
    agree(world, names, min(100, max(6, 600 // len(world.members))))


@pytest.mark.parametrize("shard", range(SHARDS))
def test_both_clocks_give_the_same_incidents_of_random_scenarios(shard: int) -> None:
    """The clocks agree on random scenarios, of which the vectorised one takes at least nine in ten."""
    taken: dict[str, bool] = {}
    seen: Counter[str] = Counter()

    def check(data: Data) -> None:
        text = as_text(data)
        if text in taken:
            return
        note(text)
        world = build_world(read_scenario(text), STRATEGY)
        names = [name for name in world.disruptions if why_not_vectorised(world, name) is None]
        for log in agree(world, names, DRILLS):
            seen.update(log["state"].astype(str))
            seen.update(log["recovered_by"].astype(str))
            seen.update({part: int((log[part] > 0).sum()) for part in PARTS})
        taken[text] = len(names) == len(world.disruptions)

    for number in range(shard * EACH, (shard + 1) * EACH):
        deal(number, check)
    assert len(taken) > EACH
    assert sum(taken.values()) >= 0.9 * len(taken)
    # a proof by examples is worth what the examples hold
    assert {name for name in (*STATES, *CHOICES, *PARTS) if not seen[name]} == set()


STATES = ("unaffected", "recovered", "unrecoverable", "unprotected")
CHOICES = ("failover", "point-in-time restore", "restore", "launch", "ride-out")
PARTS = ("wait_s", "dependency_s", "queue_s", "copy_s", "failed_s", "loss_unready_s")


def test_drills_in_pieces_are_those_of_the_whole() -> None:
    """So many drills that they are worked out in several pieces, and drills from the middle, are the same as any."""
    world = build_world(load_scenario(shipped_scenarios()["periodic"]), "daily")
    name = next(iter(world.disruptions))
    whole = run_vectorised(world, name, 0, 8200)
    assert whole["drill"].is_monotonic_increasing
    assert whole["drill"].nunique() == 8200
    for first in (0, 4095, 8188):
        part = whole[whole["drill"].between(first, first + 11)]
        assert not first_difference(run_drills(world, name, first, first + 12), part)
