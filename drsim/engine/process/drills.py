"""Drills: were this disruption to strike at a random moment, how would everything recover?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.exposure import name_of_unit
from drsim.engine.incidents import DOWNTIME_PARTS, FIGURES, LOSS_PARTS, TEXTS, added, lost_bytes, worst
from drsim.engine.process.history import History
from drsim.engine.process.jobs import simulate_jobs
from drsim.engine.process.recovered import Recovered
from drsim.engine.process.recovery import Recovery, simulate_recovery
from drsim.engine.strike import Strikes, strike
from drsim.world.model import World

_CHUNK = 128
"""Drills whose luck is drawn together."""

Row = tuple[int, str, str, str, str, str, str, tuple[float, ...]]


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
    rows: list[Row] = []
    units = len(world.disruptions[name].units)
    for lo in range(first, last, _CHUNK):
        numbers = np.arange(lo, min(lo + _CHUNK, last))
        begun = [begin(world, name, numbers, unit=u, from_start=from_start) for u in range(units)]
        for e in range(len(numbers)):
            for strikes, history in begun:
                rows += incident_rows(world, simulate_recovery(world, strikes, e, history), int(numbers[e]))
    return to_frame(rows)


def to_frame(rows: list[Row]) -> pd.DataFrame:
    """Return rows as the log's columns: `drill`, the texts as categories, the figures as floats."""
    columns: dict[str, object] = {"drill": np.array([r[0] for r in rows], dtype=np.int64)}
    for i, name in enumerate(TEXTS):
        columns[name] = pd.Categorical([r[1 + i] for r in rows])
    figures = np.array([r[-1] for r in rows], dtype=np.float64).reshape(len(rows), len(FIGURES))
    for i, name in enumerate(FIGURES):
        columns[name] = figures[:, i]
    return pd.DataFrame(columns)


def incident_rows(world: World, recovery: Recovery, drill: int) -> list[Row]:
    """Return the log's rows of one incident: each affected application, then its struck resources."""
    settle(world, recovery)
    rows: list[Row] = []
    for a, app in enumerate(world.applications):
        if a in recovery.applications:
            lost = {r: _lost_bytes(world, recovery, r) for r in app.resources if r in recovery.resources}
            rows.append(_application_row(world, recovery, a, drill, float(added(lost.values())[0])))
            rows += [_resource_row(world, recovery, r, drill, float(lost[r][0])) for r in lost]
        elif any(b in recovery.applications for b in app.requires):
            rows.append(_dependent_row(world, recovery, a, drill))
    return rows


@dataclass(frozen=True)
class Dependent:
    """An application that was not struck itself, and is down because others are which it requires.

    Attributes:
        state: `recovered`, or `unrecoverable` where one of them is lost that nobody rebuilds.
        waits_for: the others that were struck.
        rebuilt: those of them that it waits for until they are rebuilt.
        usable_s: when it is there again; nan where it is lost [s since start].
        lost_s: when nothing was left to try for what it requires; nan where it is not lost [s since start].
    """

    state: str
    waits_for: tuple[int, ...]
    rebuilt: tuple[int, ...]
    usable_s: float
    lost_s: float


def dependent(world: World, recovery: Recovery, a: int) -> Dependent | None:
    """Return how an application fares that was not struck itself, once it is settled how the others do.

    None where nothing that it requires was struck.
    """
    taken = tuple(b for b in world.applications[a].requires if b in recovery.applications)
    if a in recovery.applications or not taken:
        return None
    results = {b: recovery.applications[b] for b in taken}
    lost = tuple(b for b in taken if results[b].state != "recovered")
    if any(not world.applications[b].rebuild_is_given for b in lost):
        return Dependent("unrecoverable", taken, (), math.nan, max(results[b].lost_s for b in lost))
    moments = [r.lost_s + recovery.rebuild_s(b) if b in lost else r.usable_s for b, r in results.items()]
    return Dependent("recovered", taken, lost, max(moments), math.nan)


def settle(world: World, recovery: Recovery) -> None:
    """Decide who rode the outage out: applications whose recovery was not complete when it ended.

    What failed over by itself stays recovered; every other recovery of the application is abandoned. Where nothing
    ends, an application has the worst state of its data, whatever it could do without.
    """
    if recovery.ends_s == math.inf:
        lost = {a: recovery.lost_s(a) for a in recovery.applications}
        for a, moment in lost.items():
            _lose(world, recovery, a, moment)
    else:
        _ride_out(world, recovery)
    for a, result in recovery.applications.items():
        missed = [r for r in world.applications[a].resources if recovery.going(r) and recovery.is_missed(r)]
        full = [recovery.of(m).full_s for r in missed for m in recovery.going(r)]
        result.full_s = max([result.usable_s, *full])


def _ride_out(world: World, recovery: Recovery) -> None:
    """Abandon the recoveries that the end of the outage overtook."""
    for a, result in recovery.applications.items():
        app = world.applications[a]
        home = world.sites[app.site].name
        is_done = result.state == "recovered"
        for r in app.resources:
            for m in recovery.going(r):
                member = recovery.of(m)
                if member.state != "recovered" or not (is_done or member.automatic):
                    ridden = _ridden_out(recovery, world.resources[r].stateless, home)
                    if m in recovery.members:
                        recovery.abandoned[m], recovery.members[m] = member, ridden
                    else:
                        recovery.moved[m] = ridden
        if not is_done:
            recovery.applications[a] = _ridden_out(recovery, stateless=False, place=home)
            if a not in recovery.down:
                recovery.applications[a].by = "dependency"


def _lose(world: World, recovery: Recovery, a: int, lost_s: float) -> None:
    """Give an application the state of the worst of its struck members, and if it is lost the moment of that."""
    result = recovery.applications[a]
    states = [recovery.members[m].state for r in world.applications[a].resources for m in recovery.resources.get(r, ())]
    result.state = worst((result.state, *states))
    if result.state != "recovered":
        result.lost_s = lost_s


def _ridden_out(recovery: Recovery, stateless: bool, place: str) -> Recovered:  # noqa: FBT001
    captured = math.nan if stateless else recovery.occurred_s
    lasted = recovery.ends_s - recovery.occurred_s
    return Recovered(
        state="recovered",
        by="ride-out",
        place=place,
        captured_s=captured,
        begun_s=recovery.occurred_s,
        usable_s=recovery.ends_s,
        full_s=recovery.ends_s,
        parts={"outage_s": lasted},
    )


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
    return drill, level, subject, state, by, place, strikes.struck, tuple(values)


_PARTS = frozenset((*DOWNTIME_PARTS, *LOSS_PARTS))


def _loss_s(recovery: Recovery, result: Recovered) -> float:
    """Return what a recovered member lost [s]; nothing where it had no data."""
    return 0.0 if math.isnan(result.captured_s) else recovery.occurred_s - result.captured_s


def _lost_bytes(world: World, recovery: Recovery, r: int) -> NDArray[np.float64]:
    """Return the data that the struck members of a resource have lost together, (1,) [bytes]."""
    losses = [[_loss_s(recovery, recovery.members[m])] for m in recovery.resources[r]]
    if not any(loss_s for (loss_s,) in losses):
        return np.zeros(1)
    return lost_bytes(world.resources[r], np.array(losses), np.array([recovery.occurred_s]))


def _resource_row(world: World, recovery: Recovery, r: int, drill: int, lost: float) -> Row:
    resource = world.resources[r]
    results = [recovery.members[m] for m in recovery.resources[r]]
    state = worst(x.state for x in results)
    if state != "recovered":
        moments = [x.lost_s for x in results if not math.isnan(x.lost_s)]
        gone = {"lost_after_s": max(moments) - recovery.occurred_s} if moments else {}
        return _row(drill, "resource", resource.name, state, "", "", recovery, gone)
    poorest = max(results, key=lambda x: _loss_s(recovery, x))
    figures = {
        "captured_s": poorest.captured_s,
        "data_loss_s": _loss_s(recovery, poorest),
        "data_loss_bytes": lost,
        **recovery.loss_parts(poorest),
    }
    if not recovery.is_missed(r):
        home = world.sites[resource.site].name
        figures |= {"downtime_s": 0.0, "full_performance_s": 0.0}
        return _row(drill, "resource", resource.name, state, "redundancy", home, recovery, figures)
    last = recovery.deciding(r)[0]
    figures |= {
        "downtime_s": last.usable_s - recovery.occurred_s,
        "full_performance_s": max(recovery.of(m).full_s for m in recovery.going(r)) - recovery.occurred_s,
        **last.parts,
        **_before(recovery, resource.app, last),
    }
    return _row(drill, "resource", resource.name, state, last.by, last.place, recovery, figures)


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


def _application_row(world: World, recovery: Recovery, a: int, drill: int, lost: float) -> Row:
    app = world.applications[a]
    result = recovery.applications[a]
    if result.state != "recovered":
        gone = {"lost_after_s": result.lost_s - recovery.occurred_s, "rebuild_s": recovery.rebuild_s(a)}
        return _row(drill, "application", app.name, result.state, "", "", recovery, gone)
    struck = [r for r in app.resources if r in recovery.resources]
    members = [recovery.members[m] for r in struck for m in recovery.resources[r]]
    poorest = max(members, key=lambda x: _loss_s(recovery, x))
    captured = [m.captured_s for m in members if not math.isnan(m.captured_s)]
    figures = {
        "captured_s": min(captured, default=math.nan),
        "data_loss_s": _loss_s(recovery, poorest),
        "data_loss_bytes": lost,
        "downtime_s": result.usable_s - recovery.occurred_s,
        "skew_s": max(captured) - min(captured) if captured else math.nan,
        **recovery.loss_parts(poorest),
    }
    figures["full_performance_s"] = result.full_s - recovery.occurred_s
    missed = [r for r in struck if recovery.is_missed(r)]
    figures |= path_parts(recovery, a)
    if a not in recovery.down:
        home = world.sites[app.site].name
        return _row(drill, "application", app.name, "recovered", result.by, home, recovery, figures)
    slowest = max((recovery.deciding(r)[0] for r in missed), key=lambda x: x.usable_s)
    return _row(drill, "application", app.name, "recovered", slowest.by, slowest.place, recovery, figures)


def _dependent_row(world: World, recovery: Recovery, a: int, drill: int) -> Row:
    """Return the row of an application that is down because others are which it requires."""
    app, found = world.applications[a], dependent(world, recovery, a)
    assert found is not None  # noqa: S101  something that it requires was struck
    struck = name_of_unit(world, recovery.strikes.disruption, recovery.strikes.unit, a)
    if found.state != "recovered":
        gone = {"lost_after_s": found.lost_s - recovery.occurred_s, "rebuild_s": recovery.rebuild_s(a)}
        row = _row(drill, "application", app.name, found.state, "", "", recovery, gone)
    else:
        down = found.usable_s - recovery.occurred_s
        nothing = dict.fromkeys(("data_loss_s", "data_loss_bytes"), 0.0)
        figures = nothing | dict.fromkeys(("downtime_s", "full_performance_s", "dependency_s"), down)
        by = "dependency" if down else "redundancy"
        row = _row(drill, "application", app.name, "recovered", by, world.sites[app.site].name, recovery, figures)
    return (*row[:6], struck, row[-1])


def path_parts(recovery: Recovery, a: int) -> dict[str, float]:
    """Return the parts of an application's downtime [s], summed along its critical path; they add up to the whole."""
    result = recovery.applications[a]
    if result.by == "ride-out":
        return dict(result.parts)
    if a not in recovery.down:
        return {"dependency_s": result.usable_s - recovery.occurred_s}
    path = recovery.path(a)
    first_app = next((b for b in recovery.applications if any(x is path[0][1] for x in recovery.everything_of(b))), a)
    parts = _before(recovery, first_app, path[0][1])
    for _, node in path:
        for part, seconds in node.parts.items():
            parts[part] = parts.get(part, 0.0) + seconds
    return parts
