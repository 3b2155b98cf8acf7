"""Drills on the vectorised clock: which it takes, how many together, and the logs of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from drsim.engine.log import Log, frame_of
from drsim.engine.strike import may_strike
from drsim.engine.vectorised.rehearsal import Rehearsal
from drsim.errors import ClockError
from drsim.world.groups import stands_in_line
from drsim.world.model import World

Ints = NDArray[np.int64]

_CELLS = 2_000_000
"""About how many runs of streams are looked at together, at most: what bounds the memory."""
_LINE_CELLS = 7_500_000
"""The same beside a line: worked through job by job in all drills at once, it is quicker the more there are."""
_PROCESSES = 8
"""Processes among which the memory is shared where nobody says how many there are."""
_KEPT_CELLS = 28_000_000
"""Moments that are kept of the whole past of a line, at most: 224 MB."""
_WINDOWS = 3
"""How many times its reach is about what is held of the past of a component whose pools fall idle: windows onto
neighbouring moments overlap, and some have to begin earlier."""
_MOST = 32_768
"""Drills worked out together, at most."""
_MOST_JOBS = 100_000
"""Jobs of one drill that are queued through at once, at most: each grant looks at all that wait by then."""


def why_not_vectorised(world: World, name: str) -> str | None:
    """Return why the vectorised clock does not take a disruption; None where it does.

    Args:
        world: the strategy's world.
        name: name of the disruption in the scenario.
    """
    for component in world.components:
        if component.settles or not component.limits or stands_in_line(world, component):
            continue
        streams = [world.streams[s] for s in component.streams]
        jobs = sum(len(st.times_s) * (1 + len(st.copies)) for st in streams)
        if jobs > _MOST_JOBS and may_strike(world, name)[list(component.members)].any():
            limits = " and ".join(sorted(world.limits[i].name for i in component.limits)[:3])
            return (
                f"{limits} may never fall idle, so that all {jobs:,} jobs since the plan's start have to be queued "
                f"through in one piece; the vectorised clock takes {_MOST_JOBS:,}"
            )
    return None


def run_vectorised(world: World, name: str, first: int, last: int) -> pd.DataFrame:
    """Return the log of drills `first` to `last - 1` of a disruption, the same as `drsim.engine.run_drills` returns.

    Args:
        world: the strategy's world.
        name: name of the disruption in the scenario.
        first: number of the first drill.
        last: number after the last drill.

    Raises:
        ClockError: the clock does not take it, and why.
    """
    return run_all_vectorised(world, [name], first, last)[name]


def run_all_vectorised(
    world: World, names: Sequence[str], first: int, last: int, at_once: int | None = None
) -> dict[str, pd.DataFrame]:
    """Return the logs of drills `first` to `last - 1` of several disruptions, which are quicker done together.

    Args, Raises: as for `run_vectorised`; and `at_once`, of how many drills the past is looked at together at most, by
    default `drills_together`.
    """
    reasons = [why for name in names if (why := why_not_vectorised(world, name)) is not None]
    if reasons:
        raise ClockError("\n".join(reasons))
    parts = [Rehearsal(world, names, run) for run in runs_together(world, names, first, last, at_once)]
    return {name: frame_of_all([part.logs[name] for part in parts], parts[0].places) for name in names}


def runs_together(world: World, names: Sequence[str], first: int, last: int, at_once: int | None = None) -> list[Ints]:
    """Return the numbers of drills in parts that are worked out together; arguments as for `run_all_vectorised`."""
    units = sum(len(world.disruptions[name].units) for name in names)
    step = max(1, min(at_once or drills_together(world, len(names)), _MOST // max(units, 1)))
    parts = max(1, math.ceil((last - first) / step))
    step = math.ceil((last - first) / parts) or 1
    return [np.arange(lo, min(lo + step, last)) for lo in range(first, max(last, first + 1), step)]


def frame_of_all(logs: Sequence[Sequence[Log]], places: Sequence[str]) -> pd.DataFrame:
    """Return the logs of one disruption as a table.

    Args:
        logs: part by part, in the order of the drills, unit by unit.
        places: names of the places.
    """
    return _joined([frame_of(part, places) for part in logs])


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if len(frames) == 1:
        return frames[0]
    columns: dict[str, object] = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = union_categoricals(parts)
        else:
            columns[name] = np.concatenate([part.to_numpy() for part in parts])
    return pd.DataFrame(columns, copy=False)


def has_line(world: World) -> bool:
    """Tell whether somewhere jobs stand in line that may never be empty: all of its past has to be worked through."""
    return any(c.limits and not c.settles and stands_in_line(world, c) for c in world.components)


def drills_together(world: World, disruptions: int, processes: int = _PROCESSES) -> int:
    """Return of how many drills of so many disruptions the past is looked at together in each of some processes."""
    span_s = world.horizon_s - world.plan_start_s
    runs, kept = 1.0, 1.0
    for component in world.components:
        if not component.limits:
            continue
        streams = [world.streams[s] for s in component.streams]
        number = sum(len(st.times_s) for st in streams)
        if component.settles:
            # windows are of one moment each, the whole past is that of all disruptions
            runs = max(runs, disruptions * min(1.0, _WINDOWS * component.reach_s / span_s) * number)
        elif stands_in_line(world, component):
            kept = max(kept, number * (2 + max(len(st.copies) for st in streams)))
        else:
            runs = max(runs, number)
    cells = max(_CELLS, min(_LINE_CELLS, _CELLS * _PROCESSES / processes)) if has_line(world) else _CELLS
    return max(1, min(_MOST, int(cells // runs), int(_KEPT_CELLS // kept)))
