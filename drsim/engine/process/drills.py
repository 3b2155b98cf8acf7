"""Drills: were this disruption to strike at a random moment, how would everything recover?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.log import Log, frame_of, places_of
from drsim.engine.process.history import History
from drsim.engine.process.incidents import log_of
from drsim.engine.process.jobs import simulate_jobs
from drsim.engine.process.recovery import simulate_recovery
from drsim.engine.strike import Strikes, strike
from drsim.world.model import World

_CHUNK = 128
"""Drills whose luck is drawn together."""


def begin(
    world: World, name: str, drills: NDArray[np.int64], *, unit: int = 0, from_start: bool = False
) -> tuple[Strikes, History]:
    """Return a disruption of one of its units in the given drills, and the histories that it strikes into."""
    strikes = strike(world, name, drills, unit=unit)
    anchor = np.minimum(strikes.contaminated_s, strikes.occurred_s)
    history = History(
        world, strikes.run, strikes.occurred_s, anchor, simulate_jobs, strikes.affected, from_start=from_start
    )
    return strikes, history


def run_drills(world: World, name: str, first: int, last: int, *, from_start: bool = False) -> pd.DataFrame:
    """Return the log of drills `first` to `last - 1` of each unit of a disruption.

    Rows are those of affected subjects, ordered by drill, then unit, then subject.

    Args:
        world: the strategy's world.
        name: name of the disruption in the scenario.
        first: number of the first drill.
        last: number after the last drill.
        from_start: let the process clock run every job since the plan's start; the incidents are the same.
    """
    logs: list[Log] = []
    for lo in range(first, last, _CHUNK):
        drills = np.arange(lo, min(lo + _CHUNK, last))
        for unit in range(len(world.disruptions[name].units)):
            strikes, history = begin(world, name, drills, unit=unit, from_start=from_start)
            recoveries = [simulate_recovery(world, strikes, e, history) for e in range(len(drills))]
            logs.append(log_of(world, strikes, recoveries))
    return frame_of(logs, places_of(world))
