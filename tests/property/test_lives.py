"""Whatever a scenario says: lives come to their ends, and an incident that comes alone is a drill's."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, note, settings

from drsim.engine.log import frame_of, places_of
from drsim.engine.process.arrivals import Arrival, Blow
from drsim.engine.process.history import History
from drsim.engine.process.incidents import log_of
from drsim.engine.process.jobs import simulate_jobs
from drsim.engine.process.life import Incident, live
from drsim.engine.process.lived import LivedHistory, Past
from drsim.engine.process.lives import run_lives
from drsim.engine.process.recovery import simulate_recovery
from drsim.engine.strike import strike
from drsim.scenario import read_scenario
from drsim.units import YEAR_S
from drsim.world import World, build_world
from tests.property.strategies import STRATEGY, Data, as_text, scenarios

modest = settings(
    max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def built(data: Data) -> World:
    """Return the world, with its scenario noted for the report of a failure."""
    text = as_text(data)
    note(text)
    return build_world(read_scenario(text), STRATEGY)


def alone(w: World, name: str, unit: int, occurred_s: float) -> tuple[list[Incident], dict[str, tuple[object, ...]]]:
    """Return the incidents of a life in which one disruption strikes, and how a drill of it tells of applications."""
    run, number, moment = np.array([3]), np.array([0]), np.array([occurred_s])
    strikes = strike(w, name, run, unit=unit, number=number, occurred_s=moment)
    asked = (w, run, strikes.occurred_s, strikes.contaminated_s, simulate_jobs, strikes.affected)
    history = LivedHistory(*asked)
    history.pasts = [Past()]
    incidents = live(w, [Blow(Arrival(occurred_s, name, unit, 0), strikes, history, 0)])
    log = frame_of([log_of(w, strikes, [simulate_recovery(w, strikes, 0, History(*asked))])], places_of(w))
    log = log[log["level"] == "application"]
    figures = ("state", "downtime_s", "data_loss_s", "lost_after_s", "rebuild_s")
    return incidents, {r["subject"]: tuple(r[f] for f in figures) for r in log.to_dict("records")}


def told(incident: Incident) -> list[str]:
    """Return the figures of an incident as a drill's log has them, to the last bit."""
    began = incident.arrival.occurred_s
    figures = [incident.ends_s - began, max(incident.losses_s.values(), default=0.0), math.nan, math.nan]
    if incident.state != "recovered":
        figures = [math.nan, math.nan, incident.lost_s - began, incident.rebuild_s]
    return [incident.state, *(str(float(x)) for x in figures)]


@modest
@given(scenarios())
def test_an_incident_that_comes_alone_is_a_drills(data: Data) -> None:
    """A life in which one disruption strikes has, bit for bit, the incidents of a drill of the same luck."""
    w = built(data)
    for name, d in w.disruptions.items():
        for unit in range(len(d.units)):
            for occurred in (0.31 * w.horizon_s, 0.77 * w.horizon_s):
                incidents, rows = alone(w, name, unit, math.floor(occurred))
                assert {w.applications[i.application].name for i in incidents} == set(rows)
                for incident in incidents:
                    expected = rows[w.applications[incident.application].name]
                    assert told(incident) == [str(x) for x in expected], (name, unit)


@modest
@given(scenarios())
def test_lives_in_which_much_overlaps_come_to_their_ends(data: Data) -> None:
    """However often everything is struck, every incident ends, and no recovery overlaps its application's next one."""
    w = built(data)
    often = {
        name: replace(d, units=tuple(replace(u, rate_per_year=8 * YEAR_S / w.horizon_s) for u in d.units))
        for name, d in w.disruptions.items()
    }
    found = run_lives(replace(w, disruptions=often), 0, 1, w.horizon_s / YEAR_S)
    recovered = found["state"] == "recovered"
    assert np.isfinite(found.loc[recovered, ["downtime_s", "data_loss_s"]]).all(axis=None)
    assert (found.loc[recovered, ["downtime_s", "data_loss_s"]] >= 0).all(axis=None)
    assert np.isfinite(found.loc[~recovered, ["lost_after_s", "rebuild_s"]]).all(axis=None)
    for _, own in found.assign(ends=found["occurred_s"] + found["downtime_s"].fillna(0.0)).groupby(
        ["run", "application"]
    ):
        assert (own["occurred_s"].to_numpy()[1:] >= own["ends"].to_numpy()[:-1]).all()
