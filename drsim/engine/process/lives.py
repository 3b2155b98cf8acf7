"""Lifetimes: disruptions arrive at their rates over years, and each meets what the earlier ones left.

A disruption of what is already down restarts its recovery. What has recovered is protected again from then on: jobs due
while a member was down were never made, backup jobs in flight when it was struck are lost, and what an earlier
disruption destroyed stays destroyed. After a recovery an application is taken to be back where it was; after data were
lost for good it starts again empty, once it is rebuilt.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from drsim import draws
from drsim.engine.process.jobs import simulate_jobs
from drsim.engine.process.life import Arrival, Blow, Incident, live
from drsim.engine.process.lived import LivedHistory, Past
from drsim.engine.strike import strike
from drsim.units import YEAR_S
from drsim.world.model import World

COLUMNS = (
    *("run", "year", "application", "disruption", "struck", "occurred_s", "state", "downtime_s", "data_loss_s"),
    *("restarts", "lost_after_s", "rebuild_s"),
)


def arrivals(world: World, run: int, years: float) -> list[Arrival]:
    """Return the disruptions of one life in the order in which they occur."""
    found: list[Arrival] = []
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
                found.append(Arrival(moment, d.name, u, number))
                number += 1
    return sorted(found)


def run_lives(world: World, first: int, last: int, years: float) -> pd.DataFrame:
    """Return the incidents of lives `first` to `last - 1`, one row an incident and affected application.

    Args:
        world: a world whose horizon covers the years.
        first: number of the first life.
        last: number after the last life.
        years: how long each life lasts [years].
    """
    planned = {run: arrivals(world, run, years) for run in range(first, last)}
    lives = _blows(world, planned)
    rows = [_row(world, run, incident) for run, blows in lives.items() for incident in live(world, blows)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _blows(world: World, planned: dict[int, list[Arrival]]) -> dict[int, list[Blow]]:
    """Return what the arrivals of each life do, each with luck of its own; those of a unit are drawn together."""
    found: dict[tuple[int, Arrival], Blow] = {}
    for name, d in world.disruptions.items():
        for u in range(len(d.units)):
            events = [(run, a) for run, some in planned.items() for a in some if (a.disruption, a.unit) == (name, u)]
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
            found |= {event: Blow(event[1], strikes, history, e) for e, event in enumerate(events)}
    return {run: [found[run, a] for a in some] for run, some in planned.items()}


def _row(world: World, run: int, incident: Incident) -> tuple[object, ...]:
    arrival, is_lost = incident.arrival, incident.state != "recovered"
    return (
        run,
        int(arrival.occurred_s // YEAR_S),
        world.applications[incident.application].name,
        arrival.disruption,
        world.disruptions[arrival.disruption].units[arrival.unit].name,
        arrival.occurred_s,
        incident.state,
        math.nan if is_lost else incident.ends_s - arrival.occurred_s,
        math.nan if is_lost else max(incident.losses_s.values(), default=0.0),
        incident.restarts,
        incident.lost_s - arrival.occurred_s if is_lost else math.nan,
        incident.rebuild_s if is_lost else math.nan,
    )
