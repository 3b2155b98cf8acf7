"""Lifetimes: disruptions arrive at their rates over years, and each meets what the earlier ones left.

A disruption of what is already down restarts its recovery. What has recovered is protected again from then on: jobs due
while a member was down were never made, jobs in flight when it was struck are lost, and what an earlier disruption
destroyed stays destroyed. After a recovery an application is taken to be back where it was; after data were lost for
good it starts again empty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim import draws
from drsim.engine.drill import settle
from drsim.engine.history import History, Outcome, Run
from drsim.engine.process import simulate_jobs, simulate_recovery
from drsim.engine.recovered import Recovered
from drsim.engine.recovery import Recovery
from drsim.engine.strike import Strikes, strike
from drsim.engine.world import World
from drsim.units import YEAR_S

Ints = NDArray[np.int64]

COLUMNS = ("run", "year", "application", "disruption", "occurred_s", "state", "downtime_s", "data_loss_s", "restarts")


class Arrival(NamedTuple):
    """A disruption that arrives in a life."""

    occurred_s: float
    disruption: str
    number: int


class Down(NamedTuple):
    """A member's downtime: from when to when, and back to which moment its data went then [s since start]."""

    occurred_s: float
    usable_s: float
    captured_s: float


@dataclass
class Life:
    """What earlier disruptions of a life left behind.

    Attributes:
        down: for each member, the spans during which it was down.
        lost: for each vault, the last moment at which what it held was destroyed.
    """

    down: dict[int, list[Down]] = field(default_factory=dict)
    lost: dict[int, float] = field(default_factory=dict)


class LivedHistory(History):
    """A history in which earlier disruptions of the same life have left gaps."""

    lives: list[Life]

    def outcome(self, e: int, run: Run) -> Outcome:
        """Return what a run left behind that earlier disruptions did not take."""
        found = super().outcome(e, run)
        life, stream = self.lives[e], self._world.streams[run[0]]
        spans = life.down.get(stream.member, ())
        vaults = (stream.vault, *(c.vault for c in stream.copies))
        available = list(found.available_s)
        for i, moment in enumerate(available):
            in_flight = any(found.captured_s < d.usable_s and moment > d.occurred_s for d in spans)
            if in_flight or moment <= life.lost.get(vaults[i], -math.inf):
                available[i] = math.inf
        return replace(found, available_s=tuple(available))


def arrivals(world: World, run: int, years: float) -> list[Arrival]:
    """Return the disruptions of one life in the order in which they occur."""
    found: list[Arrival] = []
    for d in world.disruptions.values():
        if d.rate_per_year <= 0:
            continue
        moment, number = 0.0, 0
        while True:
            u = float(draws.uniform(d.key("arrival"), run, number))
            moment += float(draws.on_grid(np.float64(-math.log1p(-u) / d.rate_per_year * YEAR_S)))
            if moment >= years * YEAR_S:
                break
            found.append(Arrival(moment, d.name, number))
            number += 1
    return sorted(found)


def run_lives(world: World, first: int, last: int, years: float) -> pd.DataFrame:
    """Return the incidents of lives `first` to `last - 1`, one row an incident and struck application.

    Args:
        world: a world whose horizon covers the years.
        first: number of the first life.
        last: number after the last life.
        years: how long each life lasts [years].
    """
    planned = {run: arrivals(world, run, years) for run in range(first, last)}
    struck: dict[str, tuple[Strikes, LivedHistory, dict[tuple[int, int], int]]] = {}
    for name in world.disruptions:
        events = [(run, a) for run, some in planned.items() for a in some if a.disruption == name]
        if not events:
            continue
        strikes = strike(
            world,
            name,
            np.array([run for run, _ in events]),
            incident=np.array([a.number for _, a in events]),
            occurred_s=np.array([a.occurred_s for _, a in events]),
        )
        history = LivedHistory(
            world, strikes.run, strikes.occurred_s, strikes.contaminated_s, simulate_jobs, strikes.affected
        )
        history.lives = [Life() for _ in events]
        struck[name] = strikes, history, {(run, a.number): e for e, (run, a) in enumerate(events)}
    rows: list[tuple[object, ...]] = []
    for run, some in planned.items():
        rows += _live(world, run, some, struck)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _live(
    world: World,
    run: int,
    some: list[Arrival],
    struck: dict[str, tuple[Strikes, LivedHistory, dict[tuple[int, int], int]]],
) -> list[tuple[object, ...]]:
    """Return the rows of one life."""
    life = Life()
    incidents: list[_Incident] = []
    current: dict[int, _Incident] = {}
    for arrival in some:
        strikes, history, index = struck[arrival.disruption]
        e = index[run, arrival.number]
        history.lives[e] = life
        recovery = simulate_recovery(world, strikes, e, history)
        settle(world, recovery)
        _interrupt(life, recovery)
        for a, result in recovery.applications.items():
            loss = _loss_s(world, recovery, a, life)
            before = current.get(a)
            if before is not None and arrival.occurred_s < before.ends_s:
                before.restart(arrival, result, loss)
            else:
                incident = _Incident(a, arrival, result.state, _end_s(recovery, result), loss)
                incidents.append(incident)
                current[a] = incident
        _remember(life, recovery)
    return [
        (
            run,
            int(i.arrival.occurred_s // YEAR_S),
            world.applications[i.application].name,
            i.arrival.disruption,
            i.arrival.occurred_s,
            i.state,
            i.ends_s - i.arrival.occurred_s if i.state == "recovered" else math.nan,
            i.loss_s if i.state == "recovered" else math.nan,
            i.restarts,
        )
        for i in incidents
    ]


@dataclass
class _Incident:
    """An application's downtime, from the first disruption to the end of the last recovery that it restarted."""

    application: int
    arrival: Arrival
    state: str
    ends_s: float
    loss_s: float
    restarts: int = 0

    def restart(self, arrival: Arrival, result: Recovered, loss_s: float) -> None:
        """Begin again: the application has been down since the first disruption."""
        end = result.usable_s if result.state == "recovered" else arrival.occurred_s
        self.restarts += 1
        self.state = result.state
        self.ends_s = max(self.ends_s, end)
        self.loss_s = loss_s


def _end_s(recovery: Recovery, result: Recovered) -> float:
    return result.usable_s if result.state == "recovered" else recovery.occurred_s


def _loss_s(world: World, recovery: Recovery, a: int, life: Life) -> float:
    """Return the data loss of an application, that of its worst member [s].

    What was down made no data to lose, and what an earlier incident has lost is not lost again.
    """
    losses = [0.0]
    for r in world.applications[a].resources:
        for m in recovery.resources.get(r, ()):
            captured = recovery.members[m].captured_s
            if not math.isnan(captured):
                gone = _covered_s(life.down.get(m, []), captured, recovery.occurred_s)
                losses.append(recovery.occurred_s - captured - gone)
    return max(losses)


def _covered_s(spans: list[Down], begin_s: float, end_s: float) -> float:
    """Return how much of the time from begin to end is not in the live data because of earlier downtimes [s]."""
    covered, reached = 0.0, begin_s
    for begin, end in sorted((d.captured_s, d.usable_s) for d in spans):
        first, last = max(begin, reached), min(end, end_s)
        if last > first:
            covered += last - first
        reached = max(reached, last)
    return covered


def _interrupt(life: Life, recovery: Recovery) -> None:
    """Forget the recoveries that this disruption interrupts: nothing came back, so nothing is lost yet."""
    now = recovery.occurred_s
    for m in recovery.members:
        if (spans := life.down.get(m)) and spans[-1].usable_s > now:
            spans[-1] = Down(spans[-1].occurred_s, now, spans[-1].occurred_s)


def _remember(life: Life, recovery: Recovery) -> None:
    """Note who was down and which vaults were emptied; an outage takes nothing for good."""
    for m, result in recovery.members.items():
        now = recovery.occurred_s
        end = result.usable_s if result.state == "recovered" else now
        captured = now if math.isnan(result.captured_s) else result.captured_s
        life.down.setdefault(m, []).append(Down(now, max(end, now), captured))
    if recovery.strikes.disruption.ends:
        return
    for v in np.flatnonzero(~recovery.strikes.vault_ok[recovery.e]).tolist():
        life.lost[v] = recovery.occurred_s
