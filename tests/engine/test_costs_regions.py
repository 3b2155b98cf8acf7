"""Bills in many Regions: a common estate has a price for all that it stores, and AWS's own examples come out."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from drsim.catalogue import load_catalogue
from drsim.catalogue.price import Price
from drsim.scenario import read_scenario
from drsim.study.costs import steady_costs, steady_table, totals
from drsim.study.costs.amounts import Amount, is_estimated
from drsim.world import build_world

REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-west-1", "eu-west-2", "eu-central-1", "eu-north-1"),
    *("ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-south-1"),
)
FAR = "eu-south-2"
"""A Region of which the list has next to no price."""

ESTATE = """
sites:
  home: {{region: {home}, account: production}}
  recovery: {{region: {recovery}, account: production}}
vaults: {{local: {{site: home}}, dr: {{site: recovery}}}}
applications:
  shop:
    site: home
    resources:
      web: {{type: EC2, size: 500 GB, change_rate: 2 %/day}}
      orders: {{type: RDS, size: 500 GB, change_rate: 2 %/day}}
      catalogue: {{type: Aurora, size: 500 GB, change_rate: 2 %/day}}
      carts: {{type: DynamoDB with advanced features, size: 100 GB, change_rate: 4 %/day}}
      images: {{type: S3, size: 2 TB, objects: 1000000, change_rate: 1 %/day}}
      shared: {{type: EFS, size: 1 TB, change_rate: 1 %/day}}
      office: {{type: FSx for Windows File Server, size: 1 TB, change_rate: 1 %/day}}
backup_plans:
  daily:
    rules:
      - rule_name: daily
        target_vault: local
        every: 1 d
        lifecycle: {{delete_after: 35 d}}
        copy_actions: [{{destination_vault: dr, lifecycle: {{delete_after: 35 d}}}}]
strategies: {{only: {{backup: daily}}}}
disruptions: {{lost: {{kind: region-loss, site: home}}}}
"""


def bill(home: str, recovery: str, more: str = "") -> pd.DataFrame:
    """Return the bill of seven types, daily for 35 days with one copy, at home in a Region."""
    scenario = read_scenario(ESTATE.format(home=home, recovery=recovery) + more)
    return steady_costs(scenario, build_world(scenario, "only"))


@pytest.mark.parametrize("home", REGIONS)
def test_seven_types_have_a_price_for_all_that_they_store_and_move(home: str) -> None:
    """Whatever Region is home: no line of the bill lacks its price, each says how it is known, and none is far off."""
    costs = bill(home, "eu-central-1" if home.startswith("us") else "us-west-2")
    lines = costs[(costs["line"] != "total") & (costs["quantity"] > 0)]
    assert set(lines["type"]) >= {"EC2", "RDS", "Aurora", "S3", "EFS", "FSx for Windows File Server"}
    assert len(lines) >= 20
    assert lines["usd_per_month"].notna().all()
    assert lines["basis"].str.match(r"(documented|second-hand|derived|estimated) price of 20").all()
    total = totals(costs)["only"]
    assert (total.unpriced, total.estimated_usd < 0.5 * total.usd) == (0, True)
    assert total.text.startswith(f"{total.usd:,.0f}")
    near = totals(bill("us-east-1", "us-west-2"))["only"].usd
    storage = lines[lines["line"] == "storage-warm"]["usd_per_month"].sum()
    assert 0.2 * near < storage < 2.2 * near


def test_a_region_without_prices_is_estimated_but_for_what_leaves_it() -> None:
    """All storage has a price that says it is estimated; transfer has none, and the total does not look whole."""
    costs = bill(FAR, "us-west-2")
    lines = costs[(costs["line"] != "total") & (costs["quantity"] > 0)]
    at_home = lines[(lines["line"] == "storage-warm") & (lines["place"] == "local")]
    assert at_home["usd_per_month"].notna().all()
    assert at_home["basis"].map(is_estimated).all()
    assert lines[lines["line"] == "transfer"]["usd_per_month"].isna().all()
    total = totals(costs)["only"]
    assert total.text.startswith("from ")
    assert f"{total.priced} of {total.lines} lines priced, ~" in total.text
    assert total.text.endswith(" estimated)")
    assert costs["basis"].iloc[-1].startswith("without: transfer of ")
    assert "USD are estimated" in costs["basis"].iloc[-1]


def test_prices_like_another_regions_make_a_bill_whole() -> None:
    """`like` and `factor` give what leaves a Region a price too, which is an estimate of the scenario's."""
    total = totals(bill(FAR, "us-west-2", "prices: {like: us-east-1, factor: 1.1}"))["only"]
    assert total.unpriced == 0
    assert "of which ~" in total.text


def sum_of(*amounts: tuple[Price, float]) -> float:
    """Return what quantities at their prices cost together, as the total of a bill has it [USD]."""
    rows = [Amount("storage-warm", "local", "all", quantity, price) for price, quantity in amounts]
    return float(steady_table("example", rows)["usd_per_month"].iloc[-1])


def test_the_first_example_of_the_pricing_page() -> None:
    """Six sums of EFS backups, 68.97 USD together.

    400 GB for half a month and 800 GB for the other half; ten copies of 40 GB, stored for 12 USD; 10 GB restored; two
    item-level restores, of 1 GB; evaluations for 9.75 USD. What is stored of copies, and how many evaluations there
    are, is told by what they cost.
    """
    prices = load_catalogue().prices()
    parts = (
        (prices.warm_storage("EFS", "us-east-1"), 600.0, 30.00),
        (prices.copy_transfer("EFS", "us-east-1", "us-west-2"), 10 * 40.0, 16.00),
        (prices.warm_storage("EFS", "us-west-2"), 240.0, 12.00),
        (prices.restore("EFS", "us-east-1"), 10.0, 0.20),
        (prices.find("item-restore", "EFS", "us-east-1"), 2.0, 1.00),
        (prices.restore("EFS", "us-east-1"), 1.0, 0.02),
        (prices.audit_evaluation("us-east-1"), 7.8, 9.75),
    )
    for price, quantity, usd in parts:
        assert round(sum_of((price, quantity)), 2) == usd
    assert round(sum_of(*((price, quantity) for price, quantity, _ in parts)), 2) == 68.97


def test_the_second_example_of_the_pricing_page() -> None:
    """3,200 GB of EBS and 2,000 GB of EFS with copies in an air-gapped vault for half a month cost 397.50 USD.

    How long the primary backups are stored, two fifths of a month, is told by the 104 USD that they cost.
    """
    prices = load_catalogue().prices()
    ebs, efs = prices.warm_storage("EBS", "us-east-1"), prices.warm_storage("EFS", "us-east-1")
    factor = prices.air_gapped_factor.value or math.nan
    primary = ((ebs, 0.4 * 3200), (efs, 0.4 * 2000))
    moved = tuple(
        (prices.copy_transfer(kind, "us-east-1", "us-west-2"), gib) for kind, gib in (("EBS", 3200.0), ("EFS", 2000.0))
    )
    kept = ((ebs.times(factor), 1600.0), (efs.times(factor), 1000.0))
    assert [round(sum_of(*part), 2) for part in (primary, moved, kept)] == [104.00, 144.00, 149.50]
    assert round(sum_of(*primary, *moved, *kept), 2) == 397.50
