"""How members and applications fared by the schedule of the process clock, as the roll-up takes it, and settles it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.engine.incidents import BY, RECOVERED, STATES, UNAFFECTED
from drsim.engine.log import Log, places_of
from drsim.engine.options import newest_scheduled_s
from drsim.engine.process.recovered import Recovered
from drsim.engine.process.recovery import Recovery
from drsim.engine.rollup import (
    ApplicationIncident,
    ApplicationRecovery,
    Members,
    loss_parts,
    parts_before,
    roll_up,
    stacked,
)
from drsim.engine.rollup import dependent as dependent_incident
from drsim.engine.strike import Strikes
from drsim.world.model import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def log_of(world: World, strikes: Strikes, recoveries: Sequence[Recovery]) -> Log:
    """Return the log of a disruption's drills.

    Args:
        world: the strategy's world.
        strikes: the disruption of one unit in n drills.
        recoveries: those of the n drills, in order, before anybody has settled them.
    """
    log = Log(world, strikes, places_of(world))
    roll_up(world, strikes, recoveries_of(world, strikes, recoveries, log.code), log)
    return log


def recoveries_of(
    world: World, strikes: Strikes, recoveries: Sequence[Recovery], code: Callable[[str], int]
) -> dict[int, ApplicationRecovery]:
    """Return how the applications fared of which a disruption strikes something in some drill.

    Args:
        world: the strategy's world.
        strikes: the disruption of one unit in n drills.
        recoveries: those of the n drills, in order.
        code: returns the code of a place's name.
    """
    return {
        a: _application(world, strikes, recoveries, a, code)
        for a in sorted({a for recovery in recoveries for a in recovery.applications})
    }


def _application(
    world: World, strikes: Strikes, recoveries: Sequence[Recovery], a: int, code: Callable[[str], int]
) -> ApplicationRecovery:
    going = {r: sorted({m for x in recoveries for m in x.going(r)}) for r in world.applications[a].resources}
    results = [recovery.applications.get(a) for recovery in recoveries]
    paths = [
        _path_parts(recovery, a) if result is not None and result.state == "recovered" and a in recovery.down else {}
        for recovery, result in zip(recoveries, results, strict=True)
    ]
    return ApplicationRecovery(
        members={r: _members(strikes, recoveries, members, code) for r, members in going.items() if members},
        required={r: np.array([x.required(r) for x in recoveries]) for r, members in going.items() if members},
        state=np.array([UNAFFECTED if result is None else STATES.index(result.state) for result in results]),
        usable_s=np.array([math.nan if result is None else result.usable_s for result in results]),
        lost_s=np.array(
            [
                math.nan if result is None or recovery.ends_s < math.inf else recovery.lost_s(a)
                for recovery, result in zip(recoveries, results, strict=True)
            ]
        ),
        path=_parts(paths),
    )


def _members(
    strikes: Strikes, recoveries: Sequence[Recovery], members: Sequence[int], code: Callable[[str], int]
) -> Members:
    """Return how members of a resource fared in the drills in which they had to be recovered."""
    nobody = Recovered(state="unaffected")
    results = [[recovery.result(m) or nobody for recovery in recoveries] for m in members]

    def moments(moment: Callable[[Recovered], float]) -> Floats:
        return np.array([[moment(result) for result in row] for row in results], dtype=np.float64)

    def claims(claim: Callable[[Recovered], bool]) -> Bools:
        return np.array([[claim(result) for result in row] for row in results], dtype=bool)

    parts = [_parts([result.parts for result in row]) for row in results]
    names = dict.fromkeys(name for of_member in parts for name in of_member)
    nothing = np.zeros(len(recoveries))
    return Members(
        is_struck=strikes.affected[:, members].T,
        is_going=claims(lambda result: result is not nobody),
        state=np.array([[STATES.index(result.state) for result in row] for row in results]),
        by=np.array([[BY.index(result.by) for result in row] for row in results]),
        place=np.array([[code(result.place) for result in row] for row in results]),
        captured_s=moments(lambda result: result.captured_s),
        begun_s=moments(lambda result: result.begun_s),
        usable_s=moments(lambda result: result.usable_s),
        full_s=moments(lambda result: result.full_s),
        lost_s=moments(lambda result: result.lost_s),
        is_automatic=claims(lambda result: result.automatic),
        has_source=claims(lambda result: result.option is not None),
        due_s=np.array(
            [[_due_s(recovery, result) for recovery, result in zip(recoveries, row, strict=True)] for row in results]
        ),
        parts={name: stacked([of_member.get(name, nothing) for of_member in parts]) for name in names},
    )


def _parts(several: Sequence[dict[str, float]]) -> dict[str, Floats]:
    """Return the parts of n downtimes as arrays, (n,) each [s]."""
    names = dict.fromkeys(part for parts in several for part in parts)
    return {part: np.array([parts.get(part, 0.0) for parts in several]) for part in names}


def _path_parts(recovery: Recovery, a: int) -> dict[str, float]:
    """Return the parts of a recovered application's downtime [s], summed along its critical path."""
    path = recovery.path(a)
    _, root = path[0]
    owner = next((b for b in recovery.applications if any(node is root for node in recovery.everything_of(b))), a)
    parts: dict[str, float] = {}
    if not root.automatic:
        course, strikes, e = recovery.courses[owner], recovery.strikes, recovery.e
        detect, declare = float(strikes.detect_s[e]), float(strikes.declare_s[e])
        parts |= parts_before(course.waits_s, detect, declare, root.begun_s - course.starts_s)
    for _, node in path:
        for part, seconds in node.parts.items():
            parts[part] = parts.get(part, 0.0) + seconds
    return parts


def _due_s(recovery: Recovery, result: Recovered) -> float:
    """Return when the newest run before the damage was due; nan unless a point was restored [s since start]."""
    if result.option is None or result.option.run is None:
        return math.nan
    stream = recovery.world.streams[result.option.run[0]]
    return float(newest_scheduled_s(stream, float(recovery.strikes.contaminated_s[recovery.e])))


def parts_of_loss(recovery: Recovery, result: Recovered) -> dict[str, float]:
    """Return the parts of the data loss of a member of a recovery [s]; they add up to it."""
    has_source = result.option is not None and result.by != "ride-out"
    figures = result.captured_s, _due_s(recovery, result), has_source, recovery.occurred_s
    captured, due, source, occurred = (np.array([figure]) for figure in figures)
    contaminated = recovery.strikes.contaminated_s[[recovery.e]]
    parts = loss_parts(captured, due, source, occurred, contaminated)
    return {part: float(seconds[0]) for part, seconds in parts.items()}


def settle(world: World, recovery: Recovery) -> None:
    """Let members and applications of a drill be as the roll-up says that they fared in the end.

    Applications whose recovery was not complete when the outage ended rode it out, and what their members had reached
    by then is abandoned. Where nothing ends, an application has the worst state of its data.
    """
    places = places_of(world)
    strikes = recovery.strikes.take(np.array([recovery.e]))
    recoveries = recoveries_of(world, strikes, [recovery], places.index)
    for a, of in recoveries.items():
        home = world.sites[world.applications[a].site].name
        incident = ApplicationIncident(world, strikes, a, of, places.index(home))
        recovery.incidents[a] = incident
        for r, members in incident.members.items():
            for m, rode_out in zip(sorted(recovery.going(r)), members.rode_out[:, 0].tolist(), strict=True):
                if rode_out:
                    recovery.abandon(m, _ridden_out(recovery, home, stateless=world.resources[r].stateless))
        if incident.rides[0]:
            recovery.applications[a] = _ridden_out(recovery, home, stateless=False)
            if a not in recovery.down:
                recovery.applications[a].by = "dependency"
        result = recovery.applications[a]
        result.state, result.full_s = STATES[incident.state[0]], float(incident.full_s[0])
        if result.state != "recovered":
            result.lost_s = float(of.lost_s[0])


def _ridden_out(recovery: Recovery, place: str, *, stateless: bool) -> Recovered:
    return Recovered(
        state="recovered",
        by="ride-out",
        place=place,
        captured_s=math.nan if stateless else recovery.occurred_s,
        begun_s=recovery.occurred_s,
        usable_s=recovery.ends_s,
        full_s=recovery.ends_s,
        parts={"outage_s": recovery.ends_s - recovery.occurred_s},
    )


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
    incident = dependent_incident(world, recovery.strikes.take(np.array([recovery.e])), a, recovery.incidents)
    if incident is None:
        return None
    struck = tuple(b for b in world.applications[a].requires if b in recovery.applications)
    if incident.state[0] != RECOVERED:
        return Dependent(STATES[incident.state[0]], struck, (), math.nan, float(incident.lost_s[0]))
    rebuilt = tuple(b for b in struck if recovery.applications[b].state != "recovered")
    return Dependent("recovered", struck, rebuilt, float(incident.usable_s[0]), math.nan)


def figures_of(world: World, recovery: Recovery, a: int) -> dict[str, float]:
    """Return the figures of an application once a drill is settled, by column of the log [s or bytes].

    Where it was lost or not reached there is none; what had no data to lose has lost nothing.
    """
    incident = recovery.incidents.get(a)
    if incident is not None:
        state, figures = incident.state, incident.figures()
    else:
        taken_down = dependent_incident(world, recovery.strikes.take(np.array([recovery.e])), a, recovery.incidents)
        if taken_down is None:
            return {}
        state, figures = taken_down.state, taken_down.figures(np.array([recovery.occurred_s]))
    if state[0] != RECOVERED:
        return {}
    return {column: float(np.nan_to_num(values[0])) for column, values in figures.items()}
