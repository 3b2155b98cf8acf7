"""One drill played again on the process clock, with all that it leaves behind: what it recovered from, and its jobs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from drsim.engine import Recovery, begin, settle, simulate_recovery
from drsim.engine.process.history import History
from drsim.world import World


class Replay(NamedTuple):
    """A drill that was played again.

    Attributes:
        world: the strategy's world.
        recovery: what happened, ride-outs settled.
        history: the jobs before it.
    """

    world: World
    recovery: Recovery
    history: History


def replay(world: World, disruption: str, drill: int, unit: int, former: Replay | None = None) -> Replay:
    """Return a drill of a unit, played again.

    Args:
        world: the strategy's world.
        disruption: name of the disruption.
        drill: number of the drill.
        unit: position of what is struck among the disruption's units.
        former: the same drill in the world that this one was changed from, whose jobs are these where they follow from
            the same.
    """
    strikes, history = begin(world, disruption, np.array([drill]), unit=unit)
    if former is not None and _has_same_jobs(world, former.world):
        history = former.history
    recovery = simulate_recovery(world, strikes, 0, history)
    settle(world, recovery)
    return Replay(world, recovery, history)


def _has_same_jobs(world: World, former: World) -> bool:
    """Return whether two worlds, one made from the other, are alike in all that backup and copy jobs follow from."""
    limits = [limit for limit, changed in zip(world.limits, former.limits, strict=True) if limit is not changed]
    return world.streams is former.streams and world.components is former.components and not limits
