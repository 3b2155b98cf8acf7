"""Drills on the vectorised clock: what is struck, what it finds, how it recovers, and the log of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.strike import Strikes, may_strike, strike
from drsim.engine.vectorised.courses import Recoveries, Struck
from drsim.engine.vectorised.fates import Fate, Fates
from drsim.engine.vectorised.log import Log
from drsim.engine.vectorised.outcomes import Inquiry, Outcomes
from drsim.engine.world import World
from drsim.errors import ClockError

Ints = NDArray[np.int64]

_CELLS = 2_000_000
"""About how many runs of streams are looked at together, at most: what bounds the memory."""
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
        if component.settles or not component.limits:
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


def run_all_vectorised(world: World, names: Sequence[str], first: int, last: int) -> dict[str, pd.DataFrame]:
    """Return the logs of drills `first` to `last - 1` of several disruptions, which are quicker done together.

    Args, Raises: as for `run_vectorised`.
    """
    reasons = [why for name in names if (why := why_not_vectorised(world, name)) is not None]
    if reasons:
        raise ClockError("\n".join(reasons))
    parts = max(1, math.ceil((last - first) * len(names) / _together(world)))
    step = math.ceil((last - first) / parts) or 1
    logs = [_run(world, names, np.arange(lo, min(lo + step, last))) for lo in range(first, max(last, first + 1), step)]
    return {name: Log.joined([log[name] for log in logs]).frame() for name in names}


def _together(world: World) -> int:
    """Return how many incidents are worked out together."""
    runs = 1
    for component in world.components:
        if component.limits and not component.settles:
            runs = max(runs, sum(len(world.streams[s].times_s) for s in component.streams))
    return max(1, min(_MOST, _CELLS // runs))


@dataclass(frozen=True)
class _Group:
    """Drills in which one disruption strikes the same: their log, places in it, and the disruption."""

    log: Log
    lanes: Ints
    strikes: Strikes
    struck: Struck


def _run(world: World, names: Sequence[str], run: Ints) -> dict[str, Log]:
    """Return the logs of some drills."""
    logs = {name: Log(world, strike(world, name, run)) for name in names}
    groups = [group for log in logs.values() for group in _groups(world, log)]
    if not groups:
        return logs
    outcomes = Outcomes(
        world,
        np.concatenate([g.strikes.run for g in groups]),
        np.concatenate([g.strikes.occurred_s for g in groups]),
    )
    ends = np.cumsum([len(g.lanes) for g in groups])
    work: list[tuple[Ints, Inquiry[Fate]]] = []
    for group, end in zip(groups, ends.tolist(), strict=True):
        fates = Fates(world, group.strikes, group.log.place)
        drills = np.arange(end - len(group.lanes), end)
        for r, members in group.struck.members.items():
            a = world.resources[r].app
            work += [(drills, fates.of(m, world.applications[a], group.struck.courses[a])) for m in members]
    found = iter(outcomes.consult(work))
    for group in groups:
        members = [m for each in group.struck.members.values() for m in each]
        group.log.write(group.lanes, Recoveries(world, group.strikes, group.struck, {m: next(found) for m in members}))
    return logs


def _groups(world: World, log: Log) -> list[_Group]:
    affected = log.strikes.affected
    # rows of bits as strings of bytes: quicker told apart than row by row
    packed = np.ascontiguousarray(np.packbits(affected, axis=1))
    _, first, which = np.unique(packed.view(f"V{packed.shape[1]}").ravel(), return_index=True, return_inverse=True)
    groups = []
    for k, example in enumerate(first.tolist()):
        if affected[example].any():
            lanes = np.flatnonzero(which == k)
            part = log.strikes.take(lanes)
            groups.append(_Group(log, lanes, part, Struck(world, part)))
    return groups
