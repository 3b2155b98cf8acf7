"""What has become of resources, steps and applications so far, by how their members fare."""

from __future__ import annotations

import math
from typing import Any

from drsim.engine.incidents import worst
from drsim.engine.process.scene import Scene
from drsim.world.model import World


def state_of(world: World, scene: Scene[Any], node: int) -> str:
    """Return the state of a resource that is done, or of a step: lost only where too few of it are there."""
    if node >= len(world.resources):
        return scene.steps[node - len(world.resources)].state
    members = [scene.of(m) for m in scene.going.get(node, ())]
    if sum(m.state == "recovered" for m in members) >= scene.required.get(node, 0):
        return "recovered"
    return worst(m.state for m in members)


def state_of_application(world: World, scene: Scene[Any], a: int) -> str:
    """Return the state of an application: that of its worst node that is missing, or of what it requires."""
    resources = [r for r in world.applications[a].resources if scene.required.get(r)]
    states = ["recovered", *(state_of(world, scene, r) for r in resources)]
    _, *lost = lost_with(world, scene, a)
    if any(not world.applications[b].rebuild_is_given for b in lost):
        states.append("unrecoverable")
    return worst(states)


def lost_with(world: World, scene: Scene[Any], a: int) -> list[int]:
    """Return an application, and those that it requires and that are lost."""
    required = [b for b in world.applications[a].requires if b in scene.applications]
    return [a, *(b for b in required if scene.applications[b].state != "recovered")]


def lost_s(world: World, scene: Scene[Any], a: int, otherwise_s: float) -> float:
    """Return the moment at which nothing was left to try for anything of an application [s since start].

    Args:
        world: the strategy's world.
        scene: what is being recovered.
        a: the application.
        otherwise_s: the moment where nothing of it was tried [s since start].
    """
    resources = [r for b in lost_with(world, scene, a) for r in world.applications[b].resources]
    moments = [scene.members[m].lost_s for r in resources for m in scene.resources.get(r, ())]
    return max((moment for moment in moments if not math.isnan(moment)), default=otherwise_s)
