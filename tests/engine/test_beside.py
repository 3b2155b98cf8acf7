"""Worlds beside each other: whatever an index led to in its own world it leads to there."""

from __future__ import annotations

from drsim.scenario import load_scenario
from drsim.scenario.part import part_of
from drsim.scenario.shipped import shipped_scenarios
from drsim.world import World, build_world
from drsim.world.beside import beside
from drsim.world.unlimited import unlimited


def names(world: World, m: int) -> list[object]:
    """Return what the indices of a member lead to."""
    member = world.members[m]
    resource = world.resources[member.resource]
    streams = [world.streams[s] for s in member.streams]
    return [
        resource.name,
        world.applications[resource.app].name,
        [world.members[n].entity for n in resource.members],
        [world.resources[r].name for r in world.applications[resource.app].resources],
        [(world.members[s.member].entity, s.name, world.vaults[s.vault]) for s in streams],
        [world.vaults[copy.vault] for s in streams for copy in s.copies],
        [(world.vaults[c.vault], [world.streams[s].name for s in c.bases]) for c in member.continuous],
    ]


def test_indices_lead_where_they_led() -> None:
    """Of every strategy of the web shop, whose vaults are not the same, in either order."""
    scenario = load_scenario(shipped_scenarios()["web-shop"])
    part = part_of(scenario, "shop.orders")
    reversed_part = part.model_copy(update={"vaults": dict(reversed(part.vaults.items()))})
    worlds = [unlimited(build_world(of, name)) for name in scenario.strategies for of in (part, reversed_part)]
    assert len({world.vaults for world in worlds}) > 1
    for ordered in (worlds, worlds[::-1]):
        world, first = beside(ordered), 0
        assert len(set(world.vaults)) == len(world.vaults)
        for one in ordered:
            for m in range(len(one.members)):
                assert names(world, first + m) == names(one, m)
            first += len(one.members)
        assert first == len(world.members)
