"""Lifetimes: disruptions arrive at their rates over years, and each meets what the earlier ones left.

A disruption of what is already down restarts its recovery. What has recovered is protected again from then on: jobs due
while a member was down were never made, backup jobs in flight when it was struck are lost, and what an earlier
disruption destroyed stays destroyed. After a recovery an application is taken to be back where it was; after data were
lost for good it starts again empty, once it is rebuilt.
"""

from __future__ import annotations

import math

import pandas as pd

from drsim.engine.process.arrivals import arrivals, blows
from drsim.engine.process.life import Incident, live
from drsim.units import YEAR_S
from drsim.world.model import World

COLUMNS = (
    *("run", "year", "application", "disruption", "struck", "occurred_s", "state", "downtime_s", "data_loss_s"),
    *("restarts", "lost_after_s", "rebuild_s"),
)


def run_lives(world: World, first: int, last: int, years: float) -> pd.DataFrame:
    """Return the incidents of lives `first` to `last - 1`, one row an incident and affected application.

    Args:
        world: a world whose horizon covers the years.
        first: number of the first life.
        last: number after the last life.
        years: how long each life lasts [years].
    """
    planned = {run: arrivals(world, run, years) for run in range(first, last)}
    lives = blows(world, planned)
    rows = [_row(world, run, incident) for run, struck in lives.items() for incident in live(world, struck)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
