"""The bill of backups in the low-cost warm tier: AWS's own example, one by hand, and what stays as it was."""

from __future__ import annotations

import pandas as pd
import pytest

from drsim.scenario import check_text, read_scenario
from drsim.study.costs import kept_for_ever, steady_costs
from drsim.study.notices import notices
from drsim.world import build_world

MONTHS = 365 / 12

BUCKET = """
start: 2026-01-01
{more}
sites: {{home: {{region: {region}, account: prod}}}}
vaults: {{local: {{site: home{lock}}}}}
applications: {{app: {{site: home, resources: {{it: {{type: {kind}, size: {size}, change_rate: {rate}{asked}}}}}}}}}
backup_plans:
  daily: {{rules: [{{rule_name: daily, target_vault: local, every: {every}, {rule} lifecycle: {{{life}}}}}]}}
strategies: {{only: {{backup: daily}}}}
disruptions: {{lost: {{kind: resource-loss}}}}
overrides: {{'*': {{expiry_delay: 0 h, start_delay: 0 h, backup_duration: 1 h, backup_failure: 0}}}}
"""
DEFAULTS = {
    "more": "",
    "region": "us-east-1",
    "lock": "",
    "kind": "S3",
    "size": "1000 GiB",
    "rate": "1 %/day",
    "asked": ", objects: 5e6, tiering_down: 60 d",
    "every": "1 d",
    "rule": "",
    "life": "delete_after: 365 d",
}


def text_of(**changes: str) -> str:
    """A bucket of 1,000 GiB in 5 million objects, backed up every day and kept for a year."""
    return BUCKET.format(**{**DEFAULTS, **changes})


def bill(**changes: str) -> pd.DataFrame:
    """Return its bill, without the total."""
    scenario = read_scenario(text_of(**changes))
    costs = steady_costs(scenario, build_world(scenario, "only"))
    return costs[costs["line"] != "total"]


def tiers(costs: pd.DataFrame, line: str = "storage-warm") -> list[tuple[float, float]]:
    """Return quantity and price of what is stored, by tier, dearest first."""
    rows = costs[(costs["line"] == line) & (costs["unit"] == "GiB-month")]
    return sorted(zip(rows["quantity"], rows["usd_per_unit"], strict=True), key=lambda row: -row[1])


def test_what_is_60_days_old_costs_less_and_moving_it_costs_by_the_object() -> None:
    """1,000 GiB and 364 increments of 10: 1,000 and 304.5 of them are 60 days old; 50,000 objects move a day."""
    costs = bill()
    (warm, usual), (old, low) = tiers(costs)
    assert [usual, low] == pytest.approx([0.05, 0.035])
    assert warm + old == pytest.approx(1000 + 364 * 10, rel=1e-3)
    assert old == pytest.approx(1000 + 304.5 * 10, rel=2e-3)
    (moved,) = costs[costs["unit"] == "1000 objects"].to_dict("records")
    assert moved["quantity"] == pytest.approx(50 * MONTHS, rel=1e-3)
    assert moved["usd_per_month"] == pytest.approx(0.5 * MONTHS, rel=1e-3)
    assert "once, at first" in moved["basis"]


def test_aws_s_example_of_500_tb() -> None:
    """500 TB in a billion objects, 60 % of them old: 25,600 USD a month before, 21,000 after, and 6,000 once."""
    # kept for a day and 1.46 % changed in each, 60 % are the same as 35 days before: the tier takes 60 % of it
    changes = {"size": "512000 GiB", "rate": "1.449 %/day", "life": "delete_after: 25 d"}
    before = bill(**changes, asked=", objects: 1e9")
    plain = sum(quantity * price for quantity, price in tiers(before))
    costs = bill(**changes, asked=", objects: 1e9, tiering_down: 60 d")
    (_, _), (old, _) = tiers(costs)
    after = sum(quantity * price for quantity, price in tiers(costs))
    assert old / 512000 == pytest.approx(0.6, abs=0.01)
    assert plain - after == pytest.approx(4600, rel=0.02)
    (basis,) = costs[costs["unit"] == "1000 objects"]["basis"]
    first = float(basis.split("objects, ")[1].split(" USD")[0].replace(",", ""))
    assert first == pytest.approx(6000, rel=0.02)


def test_a_continuous_backup_lies_there_too() -> None:
    """Of a window of 35 days what has not changed for 60 is old: 1,000 times 0.99 to the 24th or 25th."""
    costs = bill(rule="enable_continuous_backup: true,", life="delete_after: 35 d")
    (warm, _), (old, low) = tiers(costs, "continuous")
    assert low == pytest.approx(0.035)
    assert old == pytest.approx(1000 * 0.99**24.5, rel=0.02)
    assert warm + old == pytest.approx(1350, rel=0.01)


def test_an_air_gapped_vault_keeps_its_factor() -> None:
    """Both tiers cost 1.15 times as much there."""
    prices = [price for _, price in tiers(bill(lock=", lock: air-gapped, min_retention: 7 d, max_retention: 400 d"))]
    assert prices == pytest.approx([0.05 * 1.15, 0.035 * 1.15])


def test_another_region_has_estimates() -> None:
    """Elsewhere the tier's price is us-east-1's, in proportion to what storage costs there, and marked."""
    rows = bill(region="eu-central-1")
    (row,) = rows[rows["basis"].str.contains("low-cost")].to_dict("records")
    assert row["basis"].startswith("estimated price of ")
    assert 0.035 < row["usd_per_unit"] < 0.05


def test_what_is_kept_for_ever_grows_in_the_cheap_tier() -> None:
    """After three and seven years nearly all of it is old; the warm part stays as it is."""
    scenario = read_scenario(text_of(life=""))
    lines = {line.usd_per_month[1]: line for line in kept_for_ever(scenario, build_world(scenario, "only"))}
    old, warm = (lines[usd] for usd in sorted(lines, reverse=True))
    assert old.gib[7] > old.gib[3] > old.gib[1] > warm.gib[7]
    assert warm.gib[7] == pytest.approx(warm.gib[1], rel=0.01)


def test_without_the_key_the_bill_is_as_it_was() -> None:
    """A bucket that asks for no tier has one line, at the usual price, and no objects moved."""
    costs = bill(asked=", objects: 5e6")
    assert [price for _, price in tiers(costs)] == [0.05]
    assert "1000 objects" not in set(costs["unit"])


def test_objects_that_nobody_counts_are_said_to_be_missing() -> None:
    """Without `objects` the fee is none, and the line says why."""
    costs = bill(asked=", tiering_down: 60 d")
    (row,) = costs[costs["unit"] == "1000 objects"].to_dict("records")
    assert row["usd_per_month"] == 0
    assert "the number of objects is not given" in row["basis"]


@pytest.mark.parametrize(
    ("changes", "repair"),
    [
        ({"asked": ", tiering_down: 59 d"}, "write `tiering_down: 60 d`"),
        ({"kind": "EFS", "asked": ", tiering_down: 60 d"}, "leave `tiering_down` out"),
        ({"more": "as_of: 2025-11-17"}, "leave `tiering_down` out"),
    ],
)
def test_what_has_no_such_tier_is_refused(changes: dict[str, str], repair: str) -> None:
    """Earlier than after 60 days, other types, and days before there was a tier."""
    _, errors, _ = check_text(text_of(**changes))
    assert [(error.check, error.repair) for error in errors] == [("tiering-down", repair)]


@pytest.mark.parametrize(("rate", "told"), [("3 %/day", True), ("0.1 %/day", False)])
def test_a_tier_that_costs_more_than_it_saves_is_told(rate: str, *, told: bool) -> None:
    """10 million objects of 128 KiB kept 35 d: at 3 %/day 47 % are old and 4.3 million move a month, for 43 USD."""
    asked = ", objects: 10e6, tiering_down: 60 d"
    scenario = read_scenario(text_of(asked=asked, rate=rate, life="delete_after: 35 d"))
    found = [problem.found for problem in notices(scenario) if problem.check == "tiering-costs-more"]
    assert bool(found) is told
    if told:
        old = 10e6 * 128 / 2**20 * 0.97**25.5
        fee = 10e6 * 0.03 * 0.97**26 * MONTHS / 1000 * 0.01
        numbers = [float(word) for word in found[0].split() if word.replace(".", "").isdigit()]
        assert numbers == pytest.approx([old * 0.015, fee], rel=0.02)
