"""An outage of any service: an application stands in several, each struck alone, with drills of its own."""

from __future__ import annotations

import pytest

import drsim
from drsim.engine.exposure import exposure
from drsim.scenario import Scenario, read_scenario
from drsim.study.lifetimes import run_lifetimes
from drsim.study.summary import drill_at
from drsim.world import build_world
from tests.scenarios import scenario_text

TWO = "{db: {type: RDS, size: 1 GB}, files: {type: EFS, size: 1 GB}}"


def scenario(**response: str) -> Scenario:
    """Return a database and files, whose services fail twice a year each for 10 h; a restore takes 3 h."""
    text = scenario_text(
        resources=TWO,
        app="downtime_cost: 100 USD/h, data_loss_cost: 1 USD/h, unrecoverable_cost: 1000 USD, rebuild: 10 d",
        disruption="{kind: service-outage, rate: 2 /year, duration: 10 h}",
        overrides=response,
    )
    return read_scenario(text + "drills: 60\n")


def test_events_have_their_price() -> None:
    """Both services take the application down, each for 10 h: four times a year in all."""
    result = drsim.run(scenario(), workers=1)
    assert result.summary.loc[result.summary["subject"] == "app", "struck_per_year"].item() == pytest.approx(4)
    log = result.incidents[result.incidents["subject"] == "app"]
    means = log.groupby("struck", observed=True)["downtime_s"].mean() / 3600
    assert len(means) == 2
    events = result.events[result.events["application"] == "app"]
    quantities = dict(zip(events["line"], events["quantity"], strict=True))
    yearly = dict(zip(events["line"], events["expected_yearly_loss_usd"], strict=True))
    assert quantities["downtime"] == pytest.approx(means.mean())
    assert yearly["total"] == pytest.approx(4 * 100 * means.mean() + yearly["data-loss"])


def test_the_drill_at_a_percentile_is_found() -> None:
    """Rows that name a service are the application's own."""
    one = scenario()
    result = drsim.run(one, workers=1)
    exposed = exposure(build_world(one, "only"), "it", 60)
    assert 0 <= drill_at(result.incidents, exposed, 0.95, subject="app") < 60


def test_lives_agree() -> None:
    """Each service strikes at its own rate, not each at that of both."""
    comparison = run_lifetimes(scenario(), years=10, runs=20, strategies=["only"], workers=1).comparison
    down = comparison[comparison["figure"] == "downtime_s_per_year"].iloc[0]
    assert down["drills_mean"] > 0
    assert abs(down["standard_errors_apart"]) < 4
