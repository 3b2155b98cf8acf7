"""Lifetimes: do they agree with drills, and does each disruption meet what the earlier ones left?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from drsim.engine import build_world, run_lives
from drsim.engine.lifetime import Down, Life, LivedHistory, arrivals
from drsim.engine.process import simulate_jobs
from drsim.engine.strike import strike
from drsim.scenario import Scenario, load_scenario, read_scenario
from drsim.scenario.shipped import shipped
from drsim.study.lifetimes import LifetimeResult, run_lifetimes
from drsim.units import DAY_S, HOUR_S, YEAR_S


def periodic_twice_a_year(drills: int) -> Scenario:
    """Return the shipped scenario `periodic` with both disruptions twice a year."""
    text = shipped("scenarios/periodic.yaml").read_text(encoding="utf-8")
    text = text.replace("target: orders.db}", "target: orders.db, rate: 2 /year}")
    text = text.replace("kind: region-loss, site: home}", "kind: region-loss, site: home, rate: 2 /year}")
    assert text.count("rate: 2 /year") == 2
    return read_scenario(text).model_copy(update={"drills": drills})


def _holds(result: LifetimeResult, figure: str, within: float) -> None:
    row = result.comparison[result.comparison["figure"] == figure].iloc[0]
    assert abs(row["standard_errors_apart"]) <= 4
    assert row["lifetimes_se"] < within * row["lifetimes_mean"]
    assert row["drills_se"] < within * row["drills_mean"]


@pytest.mark.slow
def test_lifetimes_agree_with_drills() -> None:
    """Over 2,000 run-years, yearly downtime and loss are those of drills and rates, each known to 3 %."""
    result = run_lifetimes(periodic_twice_a_year(3000), years=10, runs=200, workers=2)
    _holds(result, "downtime_s_per_year", 0.03)
    _holds(result, "data_loss_s_per_year", 0.03)


def test_few_lifetimes_agree_with_few_drills() -> None:
    """Over 200 run-years, yearly downtime and loss are those of drills and rates, each known to 10 %."""
    result = run_lifetimes(periodic_twice_a_year(400), years=10, runs=20, workers=1)
    _holds(result, "downtime_s_per_year", 0.1)
    _holds(result, "data_loss_s_per_year", 0.1)


def test_arrivals_come_at_their_rates() -> None:
    """Disruptions of two a year arrive as a Poisson process: mean and variance of their number are two a year."""
    world = build_world(periodic_twice_a_year(1), "daily")
    counts = [sum(a.disruption == "region-lost" for a in arrivals(world, run, 10)) for run in range(100)]
    assert np.mean(counts) == pytest.approx(20, abs=5 * (20 / 100) ** 0.5)
    assert np.var(counts, ddof=1) == pytest.approx(20, rel=0.5)


SCENARIO = """
name: Often struck
sites: {{home: {{region: us-east-1, account: production}}}}
vaults: {{local: {{site: home}}}}
applications:
  app: {{site: home, resources: {{db: {{type: RDS, size: 1 GB, change_rate: 1 %/day}}}}}}
backup_plans:
  plan: {{rules: [{{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {{delete_after: 35 d}}}}]}}
strategies: {{only: {{backup: plan}}}}
disruptions: {{lost: {{kind: resource-loss, rate: {rate} /year}}}}
limits: {{backup_jobs: unlimited, copy_jobs: unlimited, restore_jobs: unlimited, jobs_per_resource: unlimited}}
overrides:
  "*": {{start_delay: 0 h, expiry_delay: 0 h, backup_duration: 0 h, restore_duration: {restore}, backup_failure: 0,
        restore_failure: 0}}
"""


def lives(rate: float, restore: str, runs: int = 20) -> pd.DataFrame:
    """Return the incidents of one-year lives."""
    world = build_world(read_scenario(SCENARIO.format(rate=rate, restore=restore)), "only", horizon_s=YEAR_S)
    return run_lives(world, 0, runs, 1)


def test_what_is_down_makes_no_points() -> None:
    """A recovery of ten days, begun again, lasts longer than that and loses no more than the time up."""
    found = lives(40, "10 d", runs=5)
    again = found[found["restarts"] > 0]
    assert len(again) > 10
    assert (again["data_loss_s"].dropna() <= 2 * DAY_S).all()
    assert (again["downtime_s"].dropna() > 10 * DAY_S).all()


def test_nothing_is_backed_up_while_down_nor_kept_in_what_was_destroyed() -> None:
    """Runs due during a downtime leave nothing, and a vault that was destroyed has lost its points."""
    world = build_world(read_scenario(SCENARIO.format(rate=1, restore="1 h")), "only", horizon_s=YEAR_S)
    strikes = strike(world, "lost", np.array([0]), occurred_s=np.array([40 * DAY_S]))
    history = LivedHistory(
        world, strikes.run, strikes.occurred_s, strikes.contaminated_s, simulate_jobs, strikes.affected
    )
    down = Down(20 * DAY_S + HOUR_S, 25 * DAY_S + HOUR_S, 20 * DAY_S)
    history.lives = [Life(down={0: [down]}, lost={0: 10 * DAY_S + HOUR_S})]
    times = world.streams[0].times_s
    left = {round(t / DAY_S): history.outcome(0, (0, p)).available_s[0] < np.inf for p, t in enumerate(times)}
    assert [day for day in range(1, 40) if not left[day]] == [*range(1, 11), *range(21, 26)]


def test_a_restart_ends_a_restore_after_the_last_disruption() -> None:
    """Downtimes do not overlap: each ends before the next incident of the application begins."""
    found = lives(60, "5 d", runs=5).sort_values(["run", "occurred_s"])
    ends = found["occurred_s"] + found["downtime_s"]
    same = found["run"].to_numpy()[1:] == found["run"].to_numpy()[:-1]
    assert (found["occurred_s"].to_numpy()[1:][same] >= ends.to_numpy()[:-1][same]).all()


def test_what_has_recovered_is_protected_again() -> None:
    """After a short recovery the next disruption finds the points that have been made since."""
    found = lives(20, "1 h")
    assert found["data_loss_s"].max() <= DAY_S + HOUR_S
    assert (found["state"] == "recovered").all()


def test_web_shop_reports_both_side_by_side() -> None:
    """On the web shop yearly means by lifetimes stand beside those by drills, for every strategy and application."""
    scenario = load_scenario(shipped("scenarios/web-shop.yaml"), drills=5)
    result = run_lifetimes(scenario, years=2, runs=2, strategies=["copies"], workers=1)
    assert set(result.comparison["application"]) == {"shop", "analytics"}
    assert {"lifetimes_mean", "lifetimes_se", "drills_mean", "drills_se"} <= set(result.comparison.columns)
    assert len(result.summary) == 2
