"""What worlds that are nearly alike share on the vectorised clock: the answers are those without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drsim.distributions import Constant, Lognormal
from drsim.engine import Memory, run_all_vectorised
from drsim.engine.fingerprint import fingerprint
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.world import World, build_world
from tests.scenarios import first_difference

DRILLS = 60


def quicker(world: World) -> World:
    """Return the world with restores that take half as long."""
    members = [
        replace(m, restoration=replace(m.restoration, work=replace(m.restoration.work, fixed=Constant(60.0))))
        for m in world.members
    ]
    return replace(world, members=tuple(members))


def later(world: World) -> World:
    """Return the world in which one stream's jobs start later, not those of the first one."""
    streams = [replace(s, start_delay=Constant(3000.0)) if i == 2 else s for i, s in enumerate(world.streams)]
    return replace(world, streams=tuple(streams))


@pytest.mark.parametrize("disruption", ["region-loss", "region-outage", "ransomware", "zone-outage"])
def test_memory_shows_in_no_incident(disruption: str) -> None:
    """A world that shares what another remembers has, to the last bit, the incidents that it has alone."""
    world = build_world(load_scenario(shipped_scenarios()["web-shop"]), "copies")
    memory = Memory()
    run_all_vectorised(world, [disruption], 0, DRILLS, memory)
    memory.learns = False
    kept = len(memory.fates)
    for changed in (world, quicker(world), later(world)):
        shared = run_all_vectorised(changed, [disruption], 0, DRILLS, memory)[disruption]
        alone = run_all_vectorised(changed, [disruption], 0, DRILLS)[disruption]
        assert first_difference(shared, alone) == ""
    assert len(memory.fates) == kept > 0


def test_fingerprints_tell_apart_what_differs_and_nothing_else() -> None:
    """Equal values have equal fingerprints, whatever they have cached; any number that differs shows."""
    one, other = Lognormal(2.0, 0.5), Lognormal(2.0, 0.5)
    assert one.is_constant is False  # cached beside the fields
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint(Lognormal(2.0, 0.5, 9.0))
    assert fingerprint(np.arange(3)) != fingerprint(np.arange(3.0))
    assert fingerprint((1, (2, 3))) != fingerprint(((1, 2), 3))
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
    with pytest.raises(TypeError, match="no fingerprint of object"):
        fingerprint(object())
