"""Critical paths: what an application waited for, in the order in which it did."""

from __future__ import annotations

from typing import Any

import numpy as np

from drsim.engine.process.recovered import Recovered
from drsim.engine.process.scene import Scene
from drsim.engine.rollup import decide
from drsim.world.model import World


def critical_path(world: World, scene: Scene[Any], a: int) -> list[tuple[str, Recovered]]:
    """Return the critical path of a recovered application: names and nodes that waited for each other, in that order.

    Args:
        world: the strategy's world.
        scene: what was recovered.
        a: the application.
    """
    result = scene.applications[a]
    path: list[tuple[str, Recovered]] = [(world.applications[a].name, result)]
    node = result.waited_for
    while node != -1:
        if node < -1:
            return critical_path(world, scene, -2 - node) + path
        if node >= len(world.resources):
            step = node - len(world.resources)
            name, last = world.steps[step].name, scene.steps[step]
        else:
            name, last = world.resources[node].name, scene.of(deciding(scene, node))
        path.insert(0, (name, last))
        node = last.waited_for
    return path


def deciding(scene: Scene[Any], r: int) -> int:
    """Return the member with which a recovered resource became usable, through which critical paths go."""
    numbers = sorted(scene.going[r])
    members = [scene.of(m) for m in numbers]
    usable = np.array([[member.usable_s] for member in members])
    begun = np.array([[member.begun_s] for member in members])
    is_there = np.array([[member.state == "recovered"] for member in members])
    which, _ = decide(usable, begun, is_there, np.array([scene.required[r]]))
    return numbers[int(which[0])]
