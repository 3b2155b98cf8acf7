"""Drills on the vectorised clock: what is struck, what it finds, how it recovers, and the log of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from drsim.engine.fingerprint import fingerprint
from drsim.engine.log import Log, frame_of, places_of
from drsim.engine.rollup import roll_up
from drsim.engine.strike import Strikes, may_strike, strike
from drsim.engine.vectorised.batch import Batch
from drsim.engine.vectorised.fate import Fate
from drsim.engine.vectorised.fates import Fates
from drsim.engine.vectorised.history import Inquiry, Outcomes
from drsim.engine.vectorised.incidents import recoveries_of
from drsim.engine.vectorised.memory import Memory
from drsim.engine.vectorised.recovery import Recoveries
from drsim.engine.vectorised.targets import Targets
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
    world: World, names: Sequence[str], first: int, last: int, memory: Memory | None = None, at_once: int | None = None
) -> dict[str, pd.DataFrame]:
    """Return the logs of drills `first` to `last - 1` of several disruptions, which are quicker done together.

    Args, Raises: as for `run_vectorised`; and `memory`, of the same drills in other worlds; and `at_once`, of how many
    drills the past is looked at together at most, by default `drills_together`.
    """
    reasons = [why for name in names if (why := why_not_vectorised(world, name)) is not None]
    if reasons:
        raise ClockError("\n".join(reasons))
    units = sum(len(world.disruptions[name].units) for name in names)
    step = max(1, min(at_once or drills_together(world, len(names)), _MOST // max(units, 1)))
    parts = max(1, math.ceil((last - first) / step))
    step = math.ceil((last - first) / parts) or 1
    starts = range(first, max(last, first + 1), step)
    places = places_of(world)
    logs = [_run(world, names, np.arange(lo, min(lo + step, last)), places, memory) for lo in starts]
    # the frames of all pieces in the order of the drills
    return {name: _joined([frame_of(log[name], places) for log in logs]) for name in names}


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


@dataclass(frozen=True)
class _Group:
    """Drills of one unit of a disruption: what is struck, and the log of it.

    Attributes:
        drills: their places among the histories.
    """

    strikes: Strikes
    struck: Targets
    log: Log
    drills: Ints


def _run(
    world: World, names: Sequence[str], run: Ints, places: Sequence[str], memory: Memory | None
) -> dict[str, list[Log]]:
    """Return the logs of some drills, by disruption and unit."""
    groups: dict[str, list[_Group]] = {}
    reached = 0
    for name in names:
        groups[name] = []
        for unit in range(len(world.disruptions[name].units)):
            strikes = strike(world, name, run, unit=unit)
            struck = Targets(world, strikes)
            if struck.applications:
                drills = np.arange(reached, reached + len(run))
                groups[name].append(_Group(strikes, struck, Log(world, strikes, places), drills))
                reached += len(run)
    every = [group for some in groups.values() for group in some]
    if every:
        outcomes = Outcomes(
            world,
            np.concatenate([group.strikes.run for group in every]),
            np.concatenate([group.strikes.occurred_s for group in every]),
            memory,
        )
        _decide(outcomes, every)
        found = _fates(world, outcomes, every, memory)
        for group, fates in zip(every, found, strict=True):
            recoveries = recoveries_of(Recoveries(world, group.strikes, group.struck, fates))
            roll_up(world, group.strikes, recoveries, group.log)
    return {name: [group.log for group in some] for name, some in groups.items()}


def _decide(outcomes: Outcomes, groups: Sequence[_Group]) -> None:
    """Find out which applications their standbys take over though their own sites are usable."""
    asked = [(group, a) for group in groups for a in group.struck.undecided()]
    answers = outcomes.consult([(group.drills, group.struck.prefer_standby(a)) for group, a in asked])
    for (group, a), takes_over in zip(asked, answers, strict=True):
        group.struck.decide(a, takes_over)


def _fates(world: World, outcomes: Outcomes, groups: Sequence[_Group], memory: Memory | None) -> list[dict[int, Fate]]:
    """Return how everybody fares, by group and member."""
    going = _going(world, groups)
    batches = {those: Batch.of([groups[g].strikes for g in those]) for those in set(going.values())}
    known: dict[int, Fate] = {}
    names: dict[int, bytes] = {}
    work: dict[int, tuple[Ints, Inquiry[Fate]]] = {}
    around = {} if memory is None else {g: _around(world, group.strikes) for g, group in enumerate(groups)}
    for m, those in going.items():
        struck, r = [groups[g].struck for g in those], world.members[m].resource
        ways, spares = [s.ways(world.resources[r].app) for s in struck], [s.spare(r) for s in struck]
        if memory is not None:
            affected = [groups[g].strikes.affected[:, m] for g in those]
            whom = world.members[m], world.resources[r], world.applications[world.resources[r].app]
            jobs = outcomes.name(world.component_of[m]), [groups[g].drills[0] for g in those]
            names[m] = fingerprint([around[g] for g in those], *jobs, *whom, ways, spares, affected)
            if names[m] in memory.fates:
                known[m] = memory.fates[names[m]].copy()
                continue
        fates = Fates(world, batches[those], groups[those[0]].log.code)
        work[m] = np.concatenate([groups[g].drills for g in those]), fates.of(m, ways, spares)
    for m, fate in zip(work, _consulted(world, outcomes, list(work.values()), list(work)), strict=True):
        known[m] = fate
        if memory is not None and memory.learns:
            memory.fates[names[m]] = fate.copy()
    by_group: list[dict[int, Fate]] = [{} for _ in groups]
    for m in sorted(going):
        for g, (first, last) in zip(going[m], pairwise(batches[going[m]].first), strict=True):
            by_group[g][m] = known[m].part(first, last)
    return by_group


def _going(world: World, groups: Sequence[_Group]) -> dict[int, tuple[int, ...]]:
    """Return the members that have to be recovered, in an order of recovery, and in which of the groups."""
    going: dict[int, list[int]] = {}
    for g, group in enumerate(groups):
        for a in group.struck.applications:
            for r in world.applications[a].resources:
                for m in group.struck.going(r):
                    going.setdefault(m, []).append(g)
    return {m: tuple(of) for m, of in going.items()}


def _consulted(
    world: World, outcomes: Outcomes, work: Sequence[tuple[Ints, Inquiry[Fate]]], members: Sequence[int]
) -> list[Fate]:
    """Return the results of inquiries about members, component by component: the past of one is held at a time."""
    apart: dict[int | None, list[int]] = {}
    for i, m in enumerate(members):
        c = world.component_of[m]
        apart.setdefault(c if world.components[c].past else None, []).append(i)
    results: dict[int, Fate] = {}
    for held, those in apart.items():
        results |= zip(those, outcomes.consult([work[i] for i in those]), strict=True)
        if held is not None:
            outcomes.forget(held)
    return [results[i] for i in range(len(work))]


def _around(world: World, strikes: Strikes) -> bytes:
    """Return what the fates of members follow from, apart from the members themselves and their jobs."""
    s = strikes
    moments = (s.run, s.incident, s.occurred_s, s.contaminated_s, s.vault_ok, s.site_ok, s.replica_ok, s.in_region)
    d = s.disruption
    what = (d.name, d.kind, d.deletes_resource)
    return fingerprint(world.sites, world.vaults, world.plan_start_s, what, moments, s.impaired)
