"""What malware scans of recovery points cost, against sums worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from drsim.study.costs import steady_costs
from drsim.world import build_world
from tests.scenarios import Parts, rule, scenario

DAYS_PER_MONTH = 730 / 24
EBS = "{type: EBS, size: 100 GiB, change_rate: 2 %/day, count: 3}"
DISK: Parts = {"resources": f"{{disk: {EBS}}}"}


def scans(parts: Parts) -> pd.DataFrame:
    """Return the rows of the bill that are of scans."""
    written = scenario(**parts)
    costs = steady_costs(written, build_world(written, "only"))
    return costs[costs["line"] == "scans"]


def of(mode: str, **more: str) -> Parts:
    """Return three volumes whose daily points are scanned in a mode."""
    parts: Parts = {**DISK, "rules": [rule(more=f"scan: {{mode: {mode}}}")]}
    return {**parts, "overrides": more}


def test_an_incremental_scan_is_billed_by_what_has_changed() -> None:
    """Three volumes of 100 GiB, 2 % changed a day, read 6 GiB a day: 182.5 in a month of 730 h, at 0.05 USD 9.125."""
    (row,) = scans(of("incremental")).to_dict("records")
    assert row["quantity"] == pytest.approx(6 * DAYS_PER_MONTH)
    assert row["unit"] == "GiB"
    assert row["usd_per_month"] == pytest.approx(9.125)
    assert row["subject"] == "app.disk"
    assert "what has changed" in row["basis"]


def test_a_full_scan_is_billed_by_all_of_the_data() -> None:
    """The same volumes read in full are 300 GiB a day: fifty times as much."""
    (row,) = scans(of("full")).to_dict("records")
    assert row["usd_per_month"] == pytest.approx(50 * 9.125)


def test_what_leaves_no_point_is_not_scanned() -> None:
    """Where one backup in ten fails there are nine scans in ten of volumes that are read in full."""
    failing = scans(of("full", backup_failure="10 %"))["usd_per_month"].sum()
    assert failing == pytest.approx(0.9 * 50 * 9.125, rel=0.1)
    assert failing < 50 * 9.125


def test_nothing_is_billed_that_nobody_scans() -> None:
    """Without `scan`, and of a type that cannot be scanned, the bill has no line of scans."""
    assert scans(DISK).empty
    other: Parts = {"resources": "{files: {type: EFS, size: 100 GiB}}", "rules": [rule(more="scan: true")]}
    assert scans(other).empty


def test_a_region_without_a_price_has_an_estimate() -> None:
    """Of scans only us-east-1's price is known; elsewhere it is estimated, and said to be."""
    sites = "{home: {region: eu-central-1, account: production}}"
    vaults = "{local: {site: home}}"
    (row,) = scans({**of("incremental"), "sites": sites, "vaults": vaults}).to_dict("records")
    assert row["usd_per_unit"] > 0.05
    assert row["basis"].startswith("estimated price")
