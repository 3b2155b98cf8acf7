"""Which jobs of a world are those of another: what was found out about their past there can be taken over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drsim.engine.luck import first_full
from drsim.world.model import World
from drsim.world.sharing import are_bases_alike, jobs_alike_since_s

Ints = NDArray[np.int64]


def is_as_before(world: World, former: World, c: int) -> bool:
    """Return whether the jobs of a component, and how long what they make lives, are the same in a former world."""
    return _is_shared(world, former, c) and all(
        world.streams[s] is former.streams[s] for s in world.components[c].streams
    )


def common_since_s(world: World, former: World, c: int, run: Ints) -> float:
    """Return since when how long the jobs of a component take is the same in a former world [s since start].

    Infinite where it never is. How long points live does not count.

    Args:
        world: the world.
        former: the former one.
        c: index of the component.
        run: numbers of the drills.
    """
    if not _is_shared(world, former, c):
        return np.inf
    pairs = [(world.streams[s], former.streams[s]) for s in world.components[c].streams]
    since = max((jobs_alike_since_s(stream, was) for stream, was in pairs), default=-np.inf)
    if since == np.inf or all(stream is was for stream, was in pairs):
        return since
    # increments move increments once there is a full
    changed = [pair for pair in pairs if not are_bases_alike(*pair)]
    bases = [stream.base for pair in changed for stream in pair if stream.base is not None]
    return max([since, *(float(first_full(base, run)[0].max(initial=-np.inf)) for base in bases)])


def _is_shared(world: World, former: World, c: int) -> bool:
    """Return whether a component has the same members, streams and limits in a former world."""
    if c >= len(former.components):
        return False
    component, before = world.components[c], former.components[c]
    if (component.members, component.streams, component.limits) != (before.members, before.streams, before.limits):
        return False
    return all(world.limits[i] is former.limits[i] for i in component.limits)
