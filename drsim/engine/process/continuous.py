"""The newest moment to which continuous protection restores a member in one incident, base by base."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drsim.engine.continuous import base_streams, gaps_s, latest_start_s, wanted_s
from drsim.engine.process.history import History, Run
from drsim.engine.strike import Strikes
from drsim.laws.points import is_usable, restored_moment
from drsim.world.model import Continuous, World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Restorable(NamedTuple):
    """The moment to which a restore goes, and the base from which logs are replayed to it [s since start]."""

    captured_s: float
    base_s: float


def restorable(world: World, strikes: Strikes, e: int, continuous: Continuous, history: History) -> Restorable | None:
    """Return the newest good moment that continuous protection restores in incident `e`; None where there is none."""
    wanted, occurred = float(wanted_s(strikes, continuous)[e]), float(strikes.occurred_s[e])
    if wanted < occurred - continuous.window_s:
        return None
    base = _newest_base(world, continuous, e, history, wanted, occurred)
    if base is None:
        return None
    (s, position), begun = base
    stream = world.streams[s]
    at = np.array([position])
    run, index, scheduled = strikes.run[[e]], stream.indices[at], stream.times_s[at]
    gap = gaps_s(world, continuous, run, index, scheduled, np.array([begun]))
    captured, reached = restored_moment(wanted, float(gap[0]), occurred, continuous.window_s)
    return Restorable(float(captured), begun) if reached else None


def _newest_base(
    world: World, continuous: Continuous, e: int, history: History, wanted: float, occurred: float
) -> tuple[Run, float] | None:
    """Return the newest base that serves a moment, and when its job began; None where none ever completed."""
    streams = base_streams(world, continuous)
    jitter = max((latest_start_s(world, world.streams[s]) for s in streams), default=0.0)
    best: tuple[Run, float] | None = None
    for scheduled, run in history.runs_back(dict.fromkeys(streams, -math.inf), wanted):
        if best is not None and scheduled + jitter < best[1]:
            break
        outcome = history.outcome(e, run)
        begun = outcome.captured_s
        if is_usable(begun, outcome.available_s[0], math.inf, occurred, wanted) and (best is None or begun > best[1]):
            best = run, begun
    return best
