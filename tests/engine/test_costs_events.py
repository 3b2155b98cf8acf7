"""The cost of recoveries, and of disruptions in a year, from incidents written out by hand."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from drsim.engine import World, build_world, run_drills
from drsim.scenario import Scenario, read_scenario
from drsim.study.costs import EVENT_COLUMNS, count_restores, event_costs
from drsim.study.summary import summarise

TEXT = """
start: '2026-01-01'
sites:
  home: {region: us-east-1, account: production}
  recovery: {region: us-west-2, account: production}
vaults:
  local: {site: home}
  dr: {site: recovery}
applications:
  app:
    site: home
    downtime_cost: 20000 USD/h
    data_loss_cost: 8000 USD/h
    unrecoverable_cost: 1000000 USD
    resources:
      files: {type: EFS, size: 1000 GiB, change_rate: 2 %/day, count: 2}
backup_plans:
  plan:
    rules:
    - rule_name: daily
      target_vault: local
      every: 1 d
      lifecycle: {cold_storage_after: 30 d, delete_after: 120 d}
      copy_actions: [{destination_vault: dr, lifecycle: {delete_after: 30 d}}]
strategies: {only: {backup: plan}}
disruptions:
  lost: {kind: resource-loss, rate: 2 /year}
  region: {kind: region-loss, site: home, rate: 0.1 /year}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
"""


def read(old: str = "", new: str = "") -> Scenario:
    """Return the scenario with one text replaced."""
    assert old in TEXT
    return read_scenario(TEXT.replace(old, new, 1) if old else TEXT)


def incident(drill: int, **other: float | str) -> dict[str, Any]:
    """Return the log's row of the files in one drill: restored in an hour, two hours of data lost."""
    row: dict[str, Any] = {
        "drill": drill,
        "level": "resource",
        "subject": "app.files",
        "state": "recovered",
        "recovered_by": "restore",
        "place": "local",
        "data_loss_s": 7200.0,
        "downtime_s": 3600.0,
        "full_performance_s": 3600.0,
        "skew_s": 0.0,
        "retrieve_s": 0.0,
        "copy_s": 0.0,
    }
    return row | other


def unlucky(drill: int, state: str) -> dict[str, Any]:
    """Return the log's row of a drill without recovery."""
    times = dict.fromkeys(("data_loss_s", "downtime_s", "full_performance_s", "retrieve_s", "copy_s"), math.nan)
    return incident(drill, state=state, recovered_by="", place="", **times)


def priced(scenario: Scenario, disruption: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the event costs of the rows of the files, the application faring as they do."""
    log = pd.DataFrame([{**row, **own} for row in rows for own in ({"level": "application", "subject": "app"}, {})])
    summary = summarise("only", disruption, log, scenario.applications)
    costs = event_costs(scenario, build_world(scenario, "only"), summary, {disruption: count_restores(log)})
    assert tuple(costs.columns) == EVENT_COLUMNS
    return costs


def row(costs: pd.DataFrame, line: str, place: str = "", application: str = "app") -> dict[str, Any]:
    """Return the one row of a line."""
    found = costs[(costs["line"] == line) & (costs["place"] == place) & (costs["application"] == application)]
    assert len(found) == 1
    return {str(k): v for k, v in found.to_dict("records")[0].items()}


def test_yearly_loss_counts_every_drill() -> None:
    """Of four drills two recover, one is unaffected and one is lost: means are over all four."""
    rows = [incident(0), incident(1), unlucky(2, "unaffected"), unlucky(3, "unrecoverable")]
    costs = priced(read(), "lost", rows)
    down, loss, lost = (row(costs, name) for name in ("downtime", "data-loss", "unrecoverable"))
    assert (down["quantity"], down["usd_per_event"]) == pytest.approx((0.5, 10_000))
    assert (loss["quantity"], loss["usd_per_event"]) == pytest.approx((1.0, 8_000))
    assert (lost["quantity"], lost["usd_per_event"]) == pytest.approx((0.25, 250_000))
    for application in ("app", ""):
        total = row(costs, "total", application=application)
        assert total["rate_per_year"] == 2
        assert total["expected_yearly_loss_usd"] == pytest.approx(2 * 268_000)
        assert total["basis"] == ""


def test_an_unprotected_incident_loses_everything() -> None:
    """What nothing protects costs as much as what cannot be recovered."""
    costs = priced(read(), "lost", [unlucky(0, "unprotected"), incident(1)])
    assert row(costs, "unrecoverable")["usd_per_event"] == pytest.approx(500_000)


def test_without_a_cost_of_losing_everything_the_year_is_unpriced() -> None:
    """Without an `unrecoverable_cost` there is no yearly loss, and the total says so; the lines stay."""
    costs = priced(read("    unrecoverable_cost: 1000000 USD\n", ""), "lost", [incident(0)])
    for application in ("app", ""):
        total = row(costs, "total", application=application)
        assert math.isnan(total["expected_yearly_loss_usd"])
        assert total["basis"] == "unpriced: app has no unrecoverable_cost"
    assert row(costs, "downtime")["expected_yearly_loss_usd"] == pytest.approx(2 * 20_000)


def test_without_a_cost_of_downtime_the_total_says_so() -> None:
    """A missing `downtime_cost` leaves its cell empty and counts nothing."""
    costs = priced(read("    downtime_cost: 20000 USD/h\n", ""), "lost", [incident(0)])
    total = row(costs, "total")
    assert math.isnan(row(costs, "downtime")["usd_per_event"])
    assert total["expected_yearly_loss_usd"] == pytest.approx(2 * 16_000)
    assert total["basis"] == "without: downtime (app has no downtime_cost)"


def test_restores_are_priced_by_tier() -> None:
    """Of two drills one restores two members of 1000 GiB from warm, 0.02, the other from cold storage, 0.03."""
    costs = priced(read(), "lost", [incident(0), incident(1, retrieve_s=60.0)])
    restores = costs[costs["line"] == "restore"]
    assert restores["quantity"].tolist() == [1000, 1000]
    assert restores["usd_per_event"].tolist() == pytest.approx([20, 30])
    assert restores["expected_yearly_loss_usd"].isna().all()
    assert row(costs, "total")["usd_per_event"] == pytest.approx(50 + 20_000 + 16_000)


def test_a_failover_restores_nothing() -> None:
    """Neither a failover nor an outage ridden out pays for a restore."""
    rows = [incident(0, recovered_by="failover", place="recovery"), incident(1, recovered_by="ride-out", place="home")]
    assert "restore" not in priced(read(), "lost", rows)["line"].tolist()


def test_a_lost_region_is_restored_where_the_copies_lie() -> None:
    """After the loss of its Region an application restores from the copy where it lies, and nothing is moved."""
    costs = priced(read(), "region", [incident(0, place="dr")])
    assert row(costs, "restore", "dr")["usd_per_event"] == pytest.approx(2 * 1000 * 0.02)
    assert "transfer" not in costs["line"].tolist()


def test_copies_come_home_at_a_price() -> None:
    """A point that is first copied back to the application's Region pays the transfer from where it lies."""
    own = "prices: {regions: {'us-west-2>us-east-1': {copy-transfer: {EFS: 0.05 USD/GB}}}}\nresponse:"
    costs = priced(read("response:", own), "lost", [incident(0, place="dr", copy_s=60.0)])
    assert row(costs, "transfer", "dr")["usd_per_event"] == pytest.approx(2 * 1000 * 0.05)
    assert row(costs, "restore", "dr")["usd_per_event"] == pytest.approx(2 * 1000 * 0.02)


def drilled(scenario: Scenario, world: World, disruption: str) -> pd.DataFrame:
    """Return the event costs of a few drills."""
    log = run_drills(world, disruption, 0, 8)
    summary = summarise("only", disruption, log, scenario.applications)
    return event_costs(scenario, world, summary, {disruption: count_restores(log)})


@pytest.mark.parametrize("disruption", ["lost", "region"])
def test_drills_are_priced(disruption: str) -> None:
    """The lines of drills add up to their total, and rate times loss to the year."""
    scenario = read()
    world = build_world(scenario, "only")
    costs = drilled(scenario, world, disruption)
    lines = costs[(costs["application"] == "app") & (costs["line"] != "total")]
    total = row(costs, "total", application="")
    assert total["usd_per_event"] == pytest.approx(lines["usd_per_event"].sum())
    assert total["expected_yearly_loss_usd"] == pytest.approx(lines["expected_yearly_loss_usd"].sum())
    lost = lines[lines["line"].isin(["downtime", "data-loss", "unrecoverable"])]["usd_per_event"].sum()
    assert total["expected_yearly_loss_usd"] == pytest.approx(world.disruptions[disruption].rate_per_year * lost)
