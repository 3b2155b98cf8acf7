"""Drills on the vectorised clock: what is struck, what it finds, how it recovers, and the log of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.fingerprint import fingerprint
from drsim.engine.strike import Strikes, may_strike, strike
from drsim.engine.vectorised.courses import Recoveries, Struck
from drsim.engine.vectorised.fates import Fate, Fates
from drsim.engine.vectorised.log import Log
from drsim.engine.vectorised.memory import Memory
from drsim.engine.vectorised.outcomes import Inquiry, Outcomes
from drsim.engine.world import World
from drsim.errors import ClockError

Ints = NDArray[np.int64]

_CELLS = 2_000_000
"""About how many runs of streams are looked at together, at most: what bounds the memory."""
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


def run_all_vectorised(
    world: World, names: Sequence[str], first: int, last: int, memory: Memory | None = None
) -> dict[str, pd.DataFrame]:
    """Return the logs of drills `first` to `last - 1` of several disruptions, which are quicker done together.

    Args, Raises: as for `run_vectorised`; and `memory`, of the same drills in other worlds.
    """
    reasons = [why for name in names if (why := why_not_vectorised(world, name)) is not None]
    if reasons:
        raise ClockError("\n".join(reasons))
    parts = max(1, math.ceil((last - first) * len(names) / _together(world)))
    step = math.ceil((last - first) / parts) or 1
    starts = range(first, max(last, first + 1), step)
    logs = [_run(world, names, np.arange(lo, min(lo + step, last)), memory) for lo in starts]
    return {name: Log.joined([log[name] for log in logs]).frame() for name in names}


def _together(world: World) -> int:
    """Return how many incidents are worked out together."""
    span_s = world.horizon_s - world.plan_start_s
    runs = 1.0
    for component in world.components:
        if component.limits:
            seen = min(1.0, _WINDOWS * component.reach_s / span_s) if component.settles else 1.0
            runs = max(runs, seen * sum(len(world.streams[s].times_s) for s in component.streams))
    return max(1, min(_MOST, int(_CELLS // runs)))


@dataclass(frozen=True)
class _Group:
    """Drills in which one disruption strikes the same: their log, places in it, and the disruption."""

    log: Log
    lanes: Ints
    strikes: Strikes
    struck: Struck


def _run(world: World, names: Sequence[str], run: Ints, memory: Memory | None) -> dict[str, Log]:
    """Return the logs of some drills."""
    logs = {name: Log(world, strike(world, name, run)) for name in names}
    groups = [group for log in logs.values() for group in _groups(world, log)]
    if not groups:
        return logs
    outcomes = Outcomes(
        world,
        np.concatenate([g.strikes.run for g in groups]),
        np.concatenate([g.strikes.occurred_s for g in groups]),
        memory,
    )
    ends = np.cumsum([len(g.lanes) for g in groups])
    found: list[dict[int, Fate]] = [{} for _ in groups]
    work: list[tuple[Ints, Inquiry[Fate]]] = []
    wanted: list[tuple[int, int, bytes]] = []
    for g, (group, end) in enumerate(zip(groups, ends.tolist(), strict=True)):
        fates = Fates(world, group.strikes, group.log.place)
        drills = np.arange(end - len(group.lanes), end)
        around = b"" if memory is None else _around(world, group.strikes)
        for r, members in group.struck.members.items():
            app, course = world.applications[world.resources[r].app], group.struck.courses[world.resources[r].app]
            for m in members:
                name = b""
                if memory is not None:
                    jobs = outcomes.name(world.component_of[m])
                    name = fingerprint(around, jobs, drills[0], world.members[m], world.resources[r], app, course)
                    if name in memory.fates:
                        found[g][m] = memory.fates[name].copy()
                        continue
                work.append((drills, fates.of(m, app, course)))
                wanted.append((g, m, name))
    for (g, m, name), fate in zip(wanted, outcomes.consult(work), strict=True):
        found[g][m] = fate
        if memory is not None and memory.learns:
            memory.fates[name] = fate.copy()
    for group, fates_of in zip(groups, found, strict=True):
        # in the order of the members, whichever were known
        in_order = {m: fates_of[m] for each in group.struck.members.values() for m in each}
        group.log.write(group.lanes, Recoveries(world, group.strikes, group.struck, in_order))
    return logs


def _around(world: World, strikes: Strikes) -> bytes:
    """Return what the fates of members follow from, apart from the members themselves and their jobs."""
    s = strikes
    moments = (s.run, s.incident, s.occurred_s, s.contaminated_s, s.vault_ok, s.site_ok, s.replica_ok, s.impaired)
    d = s.disruption
    return fingerprint(world.sites, world.vaults, world.plan_start_s, d.name, d.kind, d.deletes_resource, moments)


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
