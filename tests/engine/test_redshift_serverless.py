"""Redshift Serverless: recovery points of its own every half hour, no copies, a restore within minutes."""

from __future__ import annotations

import pytest

from drsim.catalogue import load_catalogue
from drsim.scenario import read_scenario
from drsim.study.costs import steady_costs
from drsim.units import HOUR_S, MINUTE_S
from drsim.world import build_world
from tests.engine.test_two_clocks import agree

WAREHOUSE = """
start: 2026-01-01
sites:
  home: {region: us-east-1, account: production}
  recovery: {region: us-west-2, account: production}
vaults:
  local: {site: home}
  dr: {site: recovery}
applications:
  reports:
    site: home
    recover_at: recovery
    resources: {warehouse: {type: Redshift Serverless, size: 1000 GiB, change_rate: 3 %/day}}
backup_plans:
  daily:
    rules:
      - rule_name: daily
        target_vault: local
        every: 1 d
        lifecycle: {delete_after: 10 d}
        copy_actions: [{destination_vault: dr, lifecycle: {delete_after: 10 d}}]
strategies:
  daily: {backup: daily}
  both: {backup: daily, replication: {reports.warehouse: {feature: recovery points}}}
disruptions:
  deleted: {kind: accidental-deletion, dwell: 0 h}
  region: {kind: region-loss, site: home}
overrides:
  '*': {backup_failure: 0, copy_failure: 0, restore_failure: 0, expiry_delay: 0 h}
  Redshift Serverless: {restore_duration: 5 min}
"""


def test_its_own_recovery_points_lose_half_an_hour_and_the_time_until_they_are_made() -> None:
    """A deletion loses at most the interval and what a point takes to be complete, and a restore takes its minutes."""
    w = build_world(read_scenario(WAREHOUSE), "both")
    deleted, _ = agree(w, ["deleted", "region"], 60)
    warehouse = deleted[deleted["level"] == "resource"]
    lag = load_catalogue().types["Redshift Serverless"].replication["recovery points"].lag.value
    assert (warehouse["state"] == "recovered").all()
    assert warehouse["data_loss_s"].between(0, 30 * MINUTE_S + lag.sup).all()
    assert warehouse["data_loss_s"].median() == pytest.approx(15 * MINUTE_S + lag.quantile(0.5), rel=0.4)
    assert (warehouse["downtime_s"] == 5 * MINUTE_S).all()


def test_without_them_a_deletion_loses_a_day_of_work_at_most() -> None:
    """Backups alone lose up to a day and what a backup takes."""
    w = build_world(read_scenario(WAREHOUSE), "daily")
    deleted, region = agree(w, ["deleted", "region"], 60)
    loss = deleted[deleted["level"] == "resource"]["data_loss_s"]
    assert 6 * HOUR_S < loss.median() < 24 * HOUR_S
    assert set(region["state"].astype(str)) == {"unrecoverable"}


def test_it_keeps_full_points_and_no_copies() -> None:
    """Ten daily points of 1,000 GiB are billed in full at home, and nothing elsewhere; `check` says why."""
    scenario = read_scenario(WAREHOUSE)
    bill = steady_costs(scenario, build_world(scenario, "both")).set_index(["line", "place"])["quantity"]
    assert bill["storage-warm", "local"] == pytest.approx(10 * 1000)
    assert ("storage-warm", "dr") not in bill.index
    assert [problem.check for problem in scenario.warnings if problem.check == "copy-ignored"]
