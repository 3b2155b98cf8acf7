"""Arrivals: which disruptions strike in a life, when, and what each of them does."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from drsim import draws
from drsim.engine.process.jobs import simulate_jobs
from drsim.engine.process.lived import LivedHistory, Past
from drsim.engine.strike import Strikes, strike
from drsim.units import YEAR_S
from drsim.world.model import World


class Arrival(NamedTuple):
    """A disruption that arrives in a life.

    Attributes:
        occurred_s: when [s since start].
        disruption: its name.
        unit: which of its units it strikes.
        number: how many of that unit's came before it in the life.
    """

    occurred_s: float
    disruption: str
    unit: int
    number: int


class Blow(NamedTuple):
    """An arrival, and where it stands among the incidents that were drawn together with it.

    Attributes:
        arrival: the arrival.
        strikes: what it does, and others of its unit.
        history: what the jobs before it left behind.
        e: which of these incidents it is.
    """

    arrival: Arrival
    strikes: Strikes
    history: LivedHistory
    e: int


def arrivals(world: World, run: int, years: float) -> list[Arrival]:
    """Return the disruptions of one life in the order in which they occur."""
    arriving: list[Arrival] = []
    for d in world.disruptions.values():
        for u, unit in enumerate(d.units):
            rate = d.events_per_year(unit)
            if rate <= 0:
                continue
            key = draws.key(world.seed, f"disruption {d.name}", f"arrival {unit.name}")
            moment, number = 0.0, 0
            while True:
                quantile = float(draws.uniform(key, run, number))
                moment += float(draws.on_grid(-math.log1p(-quantile) / rate * YEAR_S))
                if moment >= years * YEAR_S:
                    break
                arriving.append(Arrival(moment, d.name, u, number))
                number += 1
    return sorted(arriving)


def blows(world: World, planned: dict[int, list[Arrival]]) -> dict[int, list[Blow]]:
    """Return what the arrivals of each life do, each with luck of its own; those of a unit are drawn together."""
    drawn: dict[tuple[int, Arrival], Blow] = {}
    for name, d in world.disruptions.items():
        for u in range(len(d.units)):
            events = [
                (run, a) for run, arriving in planned.items() for a in arriving if (a.disruption, a.unit) == (name, u)
            ]
            if not events:
                continue
            strikes = strike(
                world,
                name,
                np.array([run for run, _ in events]),
                unit=u,
                number=np.array([a.number for _, a in events]),
                occurred_s=np.array([a.occurred_s for _, a in events]),
            )
            history = LivedHistory(
                world, strikes.run, strikes.occurred_s, strikes.contaminated_s, simulate_jobs, strikes.affected
            )
            history.pasts = [Past() for _ in events]
            drawn |= {event: Blow(event[1], strikes, history, e) for e, event in enumerate(events)}
    return {run: [drawn[run, a] for a in arriving] for run, arriving in planned.items()}
