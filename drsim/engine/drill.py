"""Drills: were this disruption to strike at a random moment, how would everything recover?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.history import History
from drsim.engine.log import DOWNTIME_PARTS, FIGURES, LOSS_PARTS, STATES, TEXTS
from drsim.engine.process import simulate_jobs, simulate_recovery
from drsim.engine.recovered import Recovered
from drsim.engine.recovery import Recovery
from drsim.engine.strike import Strikes, strike
from drsim.engine.world import World

_CHUNK = 128
"""Drills whose luck is drawn together."""

Row = tuple[int, str, str, str, str, str, tuple[float, ...]]


def begin(world: World, name: str, drills: NDArray[np.int64], *, from_start: bool = False) -> tuple[Strikes, History]:
    """Return a disruption in the given drills, and the histories that it strikes into."""
    strikes = strike(world, name, drills)
    anchor = np.minimum(strikes.contaminated_s, strikes.occurred_s)
    history = History(
        world, strikes.run, strikes.occurred_s, anchor, simulate_jobs, strikes.affected, from_start=from_start
    )
    return strikes, history


def run_drills(world: World, name: str, first: int, last: int, *, from_start: bool = False) -> pd.DataFrame:
    """Return the log of drills `first` to `last - 1` of a disruption, rows ordered by drill, then subject.

    Args:
        world: the strategy's world.
        name: name of the disruption in the scenario.
        first: number of the first drill.
        last: number after the last drill.
        from_start: let the process clock run every job since the plan's start; the incidents are the same.
    """
    rows: list[Row] = []
    for lo in range(first, last, _CHUNK):
        strikes, history = begin(world, name, np.arange(lo, min(lo + _CHUNK, last)), from_start=from_start)
        for e in range(len(strikes.run)):
            recovery = simulate_recovery(world, strikes, e, history)
            rows += incident_rows(world, recovery, int(strikes.run[e]))
    return to_frame(rows)


def to_frame(rows: list[Row]) -> pd.DataFrame:
    """Return rows as the log's columns: `drill`, the texts as categories, the figures as floats."""
    columns: dict[str, object] = {"drill": np.array([r[0] for r in rows], dtype=np.int64)}
    for i, name in enumerate(TEXTS):
        columns[name] = pd.Categorical([r[1 + i] for r in rows])
    figures = np.array([r[6] for r in rows], dtype=np.float64).reshape(len(rows), len(FIGURES))
    for i, name in enumerate(FIGURES):
        columns[name] = figures[:, i]
    return pd.DataFrame(columns)


def incident_rows(world: World, recovery: Recovery, drill: int) -> list[Row]:
    """Return the log's rows of one incident: every application, then its resources."""
    settle(world, recovery)
    rows: list[Row] = []
    for a, app in enumerate(world.applications):
        rows.append(_application_row(world, recovery, a, drill))
        rows += [_resource_row(world, recovery, r, drill) for r in app.resources]
    return rows


def settle(world: World, recovery: Recovery) -> None:
    """Decide who rode the outage out: applications whose recovery was not complete when it ended.

    What failed over by itself stays recovered; every other recovery of the application is abandoned.
    """
    if recovery.ends_s == math.inf:
        return
    for a, result in recovery.applications.items():
        if result.state == "recovered":
            continue
        app = world.applications[a]
        home = world.sites[app.site].name
        for r in app.resources:
            for m in recovery.resources.get(r, ()):
                if not (recovery.members[m].automatic and recovery.members[m].state == "recovered"):
                    recovery.abandoned[m] = recovery.members[m]
                    recovery.members[m] = _ridden_out(recovery, world.resources[r].stateless, home)
        recovery.applications[a] = _ridden_out(recovery, stateless=False, place=home)


def _ridden_out(recovery: Recovery, stateless: bool, place: str) -> Recovered:  # noqa: FBT001
    captured = math.nan if stateless else recovery.occurred_s
    lasted = recovery.ends_s - recovery.occurred_s
    return Recovered(
        "recovered", "ride-out", place, captured, recovery.occurred_s, recovery.ends_s, recovery.ends_s,
        parts={"outage_s": lasted},
    )  # fmt: skip


def _row(
    drill: int, level: str, subject: str, state: str, by: str, place: str, recovery: Recovery, figures: dict[str, float]
) -> Row:
    e, strikes = recovery.e, recovery.strikes
    known = {"occurred_s": recovery.occurred_s, "contaminated_s": float(strikes.contaminated_s[e])}
    filler = 0.0 if state == "recovered" else math.nan
    values = []
    for name in FIGURES:
        if name in known:
            values.append(known[name])
        elif name in figures:
            values.append(figures[name])
        else:
            values.append(filler if name in _PARTS else math.nan)
    return drill, level, subject, state, by, place, tuple(values)


_PARTS = frozenset((*DOWNTIME_PARTS, *LOSS_PARTS))


def _loss_s(recovery: Recovery, result: Recovered) -> float:
    """Return what a recovered member lost [s]; nothing where it had no data."""
    return 0.0 if math.isnan(result.captured_s) else recovery.occurred_s - result.captured_s


def _worst(results: list[Recovered]) -> str:
    return max((r.state for r in results), key=STATES.index, default="unaffected")


def _resource_row(world: World, recovery: Recovery, r: int, drill: int) -> Row:
    resource = world.resources[r]
    results = [recovery.members[m] for m in recovery.resources.get(r, ())]
    state = _worst(results)
    if state != "recovered":
        return _row(drill, "resource", resource.name, state, "", "", recovery, {})
    slowest = max(results, key=lambda x: x.usable_s)
    poorest = max(results, key=lambda x: _loss_s(recovery, x))
    figures = {
        "captured_s": poorest.captured_s,
        "data_loss_s": _loss_s(recovery, poorest),
        "downtime_s": slowest.usable_s - recovery.occurred_s,
        "full_performance_s": max(x.full_s for x in results) - recovery.occurred_s,
        **slowest.parts,
        **_before(recovery, resource.app, slowest),
        **recovery.loss_parts(poorest),
    }
    return _row(drill, "resource", resource.name, state, slowest.by, slowest.place, recovery, figures)


def _before(recovery: Recovery, a: int, result: Recovered) -> dict[str, float]:
    """Return the parts of a downtime that passed before the recovery of a member began."""
    if result.automatic or result.by == "ride-out":
        return {}
    course, e, strikes = recovery.courses[a], recovery.e, recovery.strikes
    return {
        "wait_s": course.waits_s,
        "detect_s": float(strikes.detect_s[e]),
        "declare_s": float(strikes.declare_s[e]),
        "dependency_s": result.begun_s - course.starts_s,
    }


def _application_row(world: World, recovery: Recovery, a: int, drill: int) -> Row:
    name = world.applications[a].name
    result = recovery.applications.get(a)
    if result is None:
        return _row(drill, "application", name, "unaffected", "", "", recovery, {})
    if result.state != "recovered":
        return _row(drill, "application", name, result.state, "", "", recovery, {})
    members = [recovery.members[m] for r in world.applications[a].resources for m in recovery.resources.get(r, ())]
    poorest = max(members, key=lambda x: _loss_s(recovery, x))
    captured = [m.captured_s for m in members if not math.isnan(m.captured_s)]
    figures = {
        "captured_s": min(captured, default=math.nan),
        "data_loss_s": _loss_s(recovery, poorest),
        "downtime_s": result.usable_s - recovery.occurred_s,
        "full_performance_s": result.full_s - recovery.occurred_s,
        "skew_s": max(captured) - min(captured) if captured else math.nan,
        **path_parts(recovery, a),
        **recovery.loss_parts(poorest),
    }
    slowest = max(members, key=lambda x: x.usable_s)
    return _row(drill, "application", name, "recovered", slowest.by, slowest.place, recovery, figures)


def path_parts(recovery: Recovery, a: int) -> dict[str, float]:
    """Return the parts of an application's downtime [s], summed along its critical path; they add up to the whole."""
    result = recovery.applications[a]
    if result.by == "ride-out":
        return dict(result.parts)
    path = recovery.path(a)
    first_app = next((b for b in recovery.applications if any(x is path[0][1] for x in recovery.everything_of(b))), a)
    parts = _before(recovery, first_app, path[0][1])
    for _, node in path:
        for part, seconds in node.parts.items():
            parts[part] = parts.get(part, 0.0) + seconds
    return parts
