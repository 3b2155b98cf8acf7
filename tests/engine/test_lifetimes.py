"""Lifetimes: do they agree with drills, and does each disruption meet what the earlier ones left?"""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np
import pandas as pd
import pytest

from drsim.engine import run_lives
from drsim.engine.process.arrivals import arrivals
from drsim.scenario import Scenario, load_scenario, read_scenario
from drsim.scenario.shipped import shipped
from drsim.study.bench import Bench
from drsim.study.lifetimes import LifetimeResult, _logs, run_lifetimes
from drsim.units import DAY_S, HOUR_S, YEAR_S
from drsim.world import build_world
from tests import scenarios


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


def test_drills_beside_lives_are_the_same_in_pieces_of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """One piece of 100 drills tells what three of 30 and the rest of 10 do, drill for drill."""
    bench = Bench(periodic_twice_a_year(100))
    whole = _logs(bench, 1)
    monkeypatch.setattr("drsim.study.lifetimes._DRILLS", 30)
    cut = _logs(bench, 1)
    assert whole.keys() == cut.keys() == set(bench.pairs)
    for pair, log in whole.items():
        pd.testing.assert_frame_equal(log, cut[pair])


def test_progress_counts_lives() -> None:
    """Progress tells how many lives are done, of all strategies, and ends with all of them."""
    told: list[tuple[int, int]] = []
    run_lifetimes(periodic_twice_a_year(1), years=1, runs=3, workers=1, progress=lambda *counts: told.append(counts))
    assert told == [(3, 3)]


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
    log = lives(40, "10 d", runs=5)
    again = log[log["restarts"] > 0]
    assert len(again) > 10
    assert (again["data_loss_s"].dropna() <= 2 * DAY_S).all()
    assert (again["downtime_s"].dropna() > 10 * DAY_S).all()


def test_a_restart_ends_a_restore_after_the_last_disruption() -> None:
    """Downtimes do not overlap: each ends before the next incident of the application begins."""
    log = lives(60, "5 d", runs=5).sort_values(["run", "occurred_s"])
    ends = log["occurred_s"] + log["downtime_s"]
    same = log["run"].to_numpy()[1:] == log["run"].to_numpy()[:-1]
    assert (log["occurred_s"].to_numpy()[1:][same] >= ends.to_numpy()[:-1][same]).all()


def test_what_has_recovered_is_protected_again() -> None:
    """After a short recovery the next disruption finds the points that have been made since."""
    log = lives(20, "1 h")
    assert log["data_loss_s"].max() <= DAY_S + HOUR_S
    assert (log["state"] == "recovered").all()


def test_web_shop_reports_both_side_by_side() -> None:
    """On the web shop yearly means by lifetimes stand beside those by drills, for every strategy and application."""
    scenario = load_scenario(shipped("scenarios/web-shop.yaml"), drills=5)
    result = run_lifetimes(scenario, years=2, runs=2, strategies=["copies"], workers=1)
    assert set(result.comparison["application"]) == {"shop", "analytics"}
    assert "usd_per_year" in set(result.comparison.loc[result.comparison["application"] == "shop", "figure"])
    assert {"lifetimes_mean", "lifetimes_se", "drills_mean", "drills_se"} <= set(result.comparison.columns)
    assert len(result.summary) == 2
    drawn = result.comparison.dropna()
    error = np.hypot(drawn[["lifetimes_se", "lifetimes_expected_se"]].max(axis=1), drawn["drills_se"])
    difference = drawn["lifetimes_mean"] - drawn["drills_mean"]
    np.testing.assert_allclose(drawn["standard_errors_apart"] * error, difference)


def lives_of(runs: int, years: int, **parts: Unpack[scenarios.Parts]) -> pd.DataFrame:
    """Return the incidents of lives of the scenario that `tests.scenarios.scenario_text` writes."""
    w = build_world(scenarios.scenario(**parts), "only", horizon_s=years * YEAR_S)
    return run_lives(w, 0, runs, years)


def test_every_incident_has_luck_of_its_own() -> None:
    """Twelve incidents a year as one disruption or as three vary alike: no two of a life last as long as each other."""
    lasting = {"restore_duration": "{exponential: 10 h}"}
    for rates in ((12,), (4, 4, 4)):
        several = "".join(f"\n  d{k}: {{kind: resource-loss, rate: {rate} /year}}" for k, rate in enumerate(rates))
        text = scenarios.scenario_text(overrides=lasting)
        text = text.replace("disruptions: {it: {kind: resource-loss}}", f"disruptions:{several}")
        w = build_world(read_scenario(text), "only", horizon_s=YEAR_S)
        log = run_lives(w, 0, 100, 1)
        for _, life in log.groupby("run"):
            assert life["downtime_s"].is_unique
        yearly = np.zeros(100)
        np.add.at(yearly, log["run"], log["downtime_s"] / HOUR_S)
        assert yearly.std(ddof=1) == pytest.approx((12 * 2 * 10**2) ** 0.5, rel=0.2)  # of a compound Poisson sum


def test_targets_that_share_a_rate_are_struck_at_their_shares() -> None:
    """A deletion twice a year strikes either of two resources of an application once a year, each by itself."""
    log = lives_of(
        60,
        1,
        resources="{a: {type: RDS, size: 1 GB}, b: {type: EFS, size: 1 GB}}",
        disruption="{kind: accidental-deletion, rate: 2 /year}",
    )
    counts = log["struck"].value_counts()
    assert counts[["app.a", "app.b"]].to_numpy() == pytest.approx(60, abs=4 * 60**0.5)


@pytest.mark.parametrize(("zone", "per_year"), [("", 2.0), (", zone: us-east-1a", 2.0), (", zone: us-east-1b", 0.0)])
def test_zone_outages_come_at_the_rate_of_each_zone(zone: str, per_year: float) -> None:
    """A site in one of three zones is struck twice a year, whichever zone is said to be hit that often."""
    log = lives_of(
        60,
        1,
        sites=scenarios.SITES.replace("region: us-east-1,", "region: us-east-1, zone: us-east-1a,", 1),
        disruption=f"{{kind: zone-outage, site: home, rate: 2 /year, duration: 1 h{zone}}}",
    )
    assert len(log) == pytest.approx(60 * per_year, abs=4 * (60 * per_year) ** 0.5)


def test_the_first_loss_is_not_forgotten() -> None:
    """An application loses its worst resource's data, whatever is struck while that is being restored."""
    log = lives_of(
        20,
        1,
        resources=(
            "{slow: {type: RDS, size: 1 GB, overrides: {restore_duration: 150 h}}, "
            "quick: {type: EFS, size: 1 GB, overrides: {restore_duration: 1 h}}}"
        ),
        plans={"seldom": [scenarios.rule("48 h", name="s")], "often": [scenarios.rule("1 h", name="o", keep="5 d")]},
        strategy="{backup: {app.slow: seldom, app.quick: often}}",
        disruption=(
            "{kind: accidental-deletion, target: app.slow, rate: 6 /year}, "
            "again: {kind: accidental-deletion, target: app.quick, rate: 80 /year}"
        ),
    )
    for again in (log["restarts"] == 0, log["restarts"] > 0):
        lost = log.loc[(log["disruption"] == "it") & again, "data_loss_s"] / HOUR_S
        assert len(lost) > 10
        assert lost.mean() == pytest.approx(24, abs=4 * 48 / 12**0.5 / len(lost) ** 0.5)


def test_a_restart_drops_the_old_end() -> None:
    """Struck every four days, a recovery of 2 h or 300 h takes as long as renewal theory says."""
    log = lives_of(
        20,
        1,
        overrides={"restore_duration": "{empirical: [2 h, 2 h, 2 h, 300 h]}"},
        disruption="{kind: resource-loss, rate: 90 /year}",
    )
    per_hour = 90 / (YEAR_S / HOUR_S)
    drawn = np.array([2, 2, 2, 300])
    until_any = np.mean((1 - np.exp(-per_hour * drawn)) / per_hour)
    exact = until_any / np.mean(np.exp(-per_hour * drawn))
    lasted = log["downtime_s"] / HOUR_S
    assert lasted.mean() == pytest.approx(exact, abs=4 * lasted.std() / len(lasted) ** 0.5)


def test_what_is_lost_for_good_costs_until_it_is_rebuilt() -> None:
    """Without any backup each incident costs its price, and downtime from the stop of service to the rebuild's end."""
    s = scenarios.scenario(
        app=(
            "unrecoverable_cost: 1000 USD, downtime_cost: 10 USD/h, data_loss_cost: 1 USD/h, "
            "rebuild: {uniform: [1 h, 3 h]}"
        ),
        strategy="{backup: {}}",
        response="{detect: 1 h, declare: 1 h, validate: 0 min, redirect: 0 min}",
        disruption="{kind: resource-loss, rate: 6 /year}",
    ).model_copy(update={"drills": 300})
    result = run_lifetimes(s, years=5, runs=20, workers=1)
    row = result.comparison.set_index("figure").loc["usd_per_year"]
    assert row["drills_mean"] == pytest.approx(6 * (1000 + 10 * (2 + 2)), rel=0.01)
    assert abs(row["standard_errors_apart"]) < 4
    once = result.incidents[result.incidents["restarts"] == 0]
    assert (once["lost_after_s"] == 2 * HOUR_S).all()
    assert result.incidents["rebuild_s"].between(1 * HOUR_S, 3 * HOUR_S).all()


CONSERVED = {
    "zones": scenarios.Parts(
        resources="{web: {type: EC2, size: 1 GB, stateless: true, count: 2, needs: 1}, db: {type: RDS, size: 1 GB}}",
        overrides={"restore_duration": "{exponential: 4 h}", "launch_duration": "1 h"},
        disruption="{kind: zone-outage, site: home, rate: 1 /year, duration: {exponential: 6 h}}",
    ),
    "dependents": scenarios.Parts(
        applications=(
            f"{{base: {{site: home, resources: {{a: {scenarios.DB}, b: {scenarios.EFS}}}}}, "
            f"top: {{site: home, requires: [base], resources: {{c: {scenarios.DB}}}}}}}"
        ),
        overrides={"restore_duration": "{exponential: 4 h}", "restore_failure": "0.2"},
        disruption="{kind: accidental-deletion, rate: 2 /year, dwell: {uniform: [0 h, 9 h]}}",
    ),
    "accounts": scenarios.Parts(
        rules=[scenarios.rule(more=scenarios.copies(scenarios.copy()))],
        overrides={"restore_duration": "{exponential: 4 h}", "copy_duration": "3 h", "copy_failure": "0.2"},
        app="rebuild: 2 d",
        disruption="{kind: ransomware, rate: 2 /year, dwell: {exponential: 12 h}, backups_attacked: 0.5}",
    ),
}


@pytest.mark.parametrize("name", CONSERVED)
def test_lives_conserve_what_drills_and_rates_say(name: str) -> None:
    """Where little overlaps, lives lose in a year what drills say, of every application."""
    s = scenarios.scenario(**CONSERVED[name]).model_copy(update={"drills": 600})
    result = run_lifetimes(s, years=5, runs=60, workers=1)
    assert (result.comparison["lifetimes_mean"] > 0).all()
    assert (result.comparison["standard_errors_apart"].abs() < 4).all(), result.comparison.to_string()


@pytest.mark.parametrize(
    ("count", "needs"), [(4, 3), *(pytest.param(*numbers, marks=pytest.mark.long) for numbers in ((2, 1), (3, 3)))]
)
def test_servers_that_are_still_down_are_missed(count: int, needs: int) -> None:
    """Servers nobody misses are back after a launch, not at once: those struck meanwhile find too few of them."""
    lasts_h, per_year = 200.0, 10.0
    log = lives_of(
        20,
        3,
        resources=f"{{web: {{type: EC2, size: 1 GB, stateless: true, count: {count}, needs: {needs}}}}}",
        overrides={"launch_duration": f"{{exponential: {lasts_h:g} h}}"},
        disruption=f"{{kind: resource-loss, rate: {per_year:g} /year}}",
    )
    # a launch is drawn anew where it is struck again, which an exponential one forgets
    load = per_year * lasts_h * HOUR_S / YEAR_S
    p_down = load / (1 + load)
    p = sum(math.comb(count, k) * p_down**k * (1 - p_down) ** (count - k) for k in range(count - needs + 1, count + 1))
    by_life = log.groupby("run")["downtime_s"].sum().reindex(range(20), fill_value=0.0)
    share = by_life / (3 * YEAR_S)
    assert share.mean() == pytest.approx(p, abs=4 * share.std(ddof=1) / 20**0.5)


def test_years_with_a_loss_for_good_rank_last() -> None:
    """Where a third of the years end in a loss for good, only the percentiles below say that nothing happened."""
    s = scenarios.scenario(strategy="{backup: {}}", disruption="{kind: resource-loss, rate: 0.4 /year}")
    row = run_lifetimes(s.model_copy(update={"drills": 10}), years=10, runs=20, workers=1).summary.iloc[0]
    share = row["p_unrecoverable_in_a_year"]
    assert share == pytest.approx(1 - math.exp(-0.4), abs=4 * (0.33 * 0.67 / 200) ** 0.5)
    assert row["downtime_s_per_year_p50"] == 0
    assert row[["downtime_s_per_year_p90", "data_loss_s_per_year_p99"]].isna().all()
