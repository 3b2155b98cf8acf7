"""A volume that is filled at a bought rate costs it wherever it is restored: in disasters and in tests."""

from __future__ import annotations

import pandas as pd
import pytest

from drsim import run
from drsim.scenario import read_scenario
from drsim.study.costs import steady_costs
from drsim.world import build_world

VOLUME = """
start: 2026-01-01
drills: 20
sites: {{home: {{region: us-east-1, account: prod}}}}
vaults: {{local: {{site: home, lock: compliance}}}}
applications:
  app: {{site: home, resources: {{disk: {{type: {kind}, size: 1000 GiB, count: 2, tested: true{more}}}}}}}
backup_plans:
  daily: {{rules: [{{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {{delete_after: 35 d}}}}]}}
strategies: {{only: {{backup: daily}}}}
disruptions: {{lost: {{kind: ransomware, dwell: 0 h, backups_attacked: 0}}}}
response: {{detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}}
overrides: {{'*': {{restore_failure: 0, restore_failure_tested: 0, backup_failure: 0}}}}
{prices}
"""
OPTION = ", options: [provisioned initialization]"


def text_of(more: str = OPTION, kind: str = "EBS", prices: str = "") -> str:
    """Two volumes of 1,000 GiB, restored together."""
    return VOLUME.format(more=more, kind=kind, prices=prices)


def initialized(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of what a bought rate costs."""
    return rows[rows["basis"].str.contains("provisioned initialization", na=False)]


def bill(text: str) -> pd.DataFrame:
    """Return the steady bill."""
    scenario = read_scenario(text)
    return steady_costs(scenario, build_world(scenario, "only"))


@pytest.mark.parametrize("kind", ["EBS", "EC2"])
def test_a_disaster_and_a_test_pay_for_what_is_filled(kind: str) -> None:
    """2,000 GiB at 300 MiB/s cost 7.20 USD in each: 0.0036 a GiB, an estimate."""
    text = text_of(kind=kind)
    (test,) = initialized(bill(text)).to_dict("records")
    assert (test["line"], test["quantity"]) == ("tests", pytest.approx(2000))
    assert test["usd_per_month"] == pytest.approx(7.20)
    assert test["basis"].startswith("estimated price of ")
    (event,) = initialized(run(read_scenario(text), workers=1).events).to_dict("records")
    assert (event["line"], event["quantity"]) == ("restore", pytest.approx(2000))
    assert event["usd_per_event"] == pytest.approx(7.20)


def test_a_lower_rate_costs_less_and_none_costs_nothing() -> None:
    """At 100 MiB/s a third; without the option the bill has no such line."""
    slow = bill(text_of(f"{OPTION}, overrides: {{hydration_rate: 100 MiB/s}}"))
    assert initialized(slow)["usd_per_month"].tolist() == pytest.approx([2.40])
    assert "at 100 MiB/s" in initialized(slow)["basis"].iloc[0]
    plain, asked = bill(text_of("")), bill(text_of())
    assert initialized(plain).empty
    assert float(asked["usd_per_month"].iloc[-1]) == pytest.approx(float(plain["usd_per_month"].iloc[-1]) + 7.20)


def test_the_user_s_own_price_is_taken_as_it_is() -> None:
    """What a scenario says a GiB costs holds at whatever rate."""
    own = "prices: {regions: {us-east-1: {volume-initialization: {EBS: 0.01 USD/GiB}}}}"
    costs = initialized(bill(text_of(f"{OPTION}, overrides: {{hydration_rate: 150 MiB/s}}", prices=own)))
    assert costs["usd_per_month"].tolist() == pytest.approx([20.0])
