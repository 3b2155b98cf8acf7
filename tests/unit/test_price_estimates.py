"""Prices that nobody gives: what they are taken to be, from which ratios, and what is never estimated."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from drsim.catalogue import load_catalogue
from drsim.catalogue.price_file import ITEMS
from drsim.catalogue.price_ratios import far_ratios, storage_ratios
from drsim.catalogue.prices import PriceList, read_prices
from drsim.errors import CatalogueError

EAST = "us-east-1"

LIST = """
name: small
as_of: 2026-01-01
currency: USD
mirrors: {}
estimates: {of: us-east-1, storage: [warm-storage, cold-storage], least_rows: 3, within: [0.8, 2.2], outside: [cn-]}
items:
  warm-storage:
    unit: GiB-month
    says: it
    rows:
      EFS: {us-east-1: A, eu-west-1: {value: 0.055, BY}, sa-east-1: {value: 0.08, BY}}
      S3:
        us-east-1: {value: 0.05, BY}
        eu-west-1: {value: 0.06, BY}
        sa-east-1: {value: 0.09, BY}
        us-west-1: {value: 0.05, BY}
      EBS: {us-east-1: {value: 0.05, BY}, eu-west-1: {value: 0.05, BY}, sa-east-1: {value: 0.07, BY}}
      EC2: warm-storage/EBS
      RDS: {us-east-1: {value: 0.1, BY}, eu-west-1: {value: 0.2, basis: estimated, note: a guess}}
      Aurora: {us-east-1: {value: 0.02, BY}, eu-west-1: {value: null, note: not looked up}}
      Neptune: {us-east-1: {value: 0.02, basis: estimated, note: as Aurora}, eu-west-1: {value: 0.04, BY}}
      Timestream: {'*': {value: null, note: no price was found}}
  transfer:
    unit: GiB
    says: it
    rows: {all: {us-east-1>*: {value: 0.02, BY}}}
REST
replication: {}
"""


def small(folder: Path, efs: str = "{value: 0.05, BY}") -> PriceList:
    """Return a list whose Regions have three storage prices known (eu-west-1, sa-east-1), one (us-west-1) or none."""
    rest = "\n".join(
        f"  {item}: {{unit: GB, says: it, rows: {{}}}}" for item in ITEMS if item not in ("warm-storage", "transfer")
    )
    text = LIST.replace("REST", rest).replace(": A,", f": {efs},").replace("BY", "basis: documented, source: [page]")
    (folder / "small.yaml").write_text(text)
    (folder / "sources.yaml").write_text(
        "page: {title: t, publisher: p, edition: e, says: s, url: https://a.example}\n"
    )
    return read_prices(folder, "small")


def test_a_region_with_three_storage_prices_has_its_own_ratio(tmp_path: Path) -> None:
    """eu-west-1's ratios are 1.1, 1.2 and 1, guesses and unknowns apart, so that 0.02 is taken to be 0.022 there."""
    price = small(tmp_path).warm_storage("Aurora", "eu-west-1")
    assert price.value == pytest.approx(0.02 * 1.1)
    assert (price.basis, price.is_estimated, price.source) == ("estimated", True, ("page",))
    assert "us-east-1's 0.02 × 1.1; the median of 3 storage prices known in eu-west-1, 1 to 1.2 times" in price.note


@pytest.mark.parametrize("region", ["us-west-1", "ap-south-1"])
def test_other_regions_have_the_median_of_those_that_have_enough(tmp_path: Path, region: str) -> None:
    """Of medians 1.1 and 1.6 it is 1.35, and the note says between which they lie."""
    price = small(tmp_path).warm_storage("EFS", region)
    assert price.value == pytest.approx(0.05 * (1.1 + 1.6) / 2)
    assert f"2 Regions in which 3 or more storage prices are known, 1.1 to 1.6; in {region} fewer are" in price.note


def test_an_estimate_of_an_estimate_says_so(tmp_path: Path) -> None:
    """Where even the first Region's price is a guess its reasoning goes along."""
    prices = small(tmp_path)
    assert "of us-east-1: as Aurora" in prices.warm_storage("Neptune", "sa-east-1").note
    assert prices.warm_storage("Neptune", "eu-west-1").basis == "documented"


def test_what_is_never_estimated(tmp_path: Path) -> None:
    """Transfers, what has no price anywhere, other currencies, and what the list has a price for stay as they are."""
    prices = small(tmp_path)
    assert prices.transfer("eu-west-1", EAST).value is None
    assert prices.warm_storage("Timestream", "eu-west-1").value is None
    assert prices.warm_storage("EFS", "cn-north-1").value is None
    assert prices.warm_storage("RDS", "eu-west-1").value == 0.2
    assert prices.warm_storage("EFS", EAST).basis == "documented"


def test_references_are_estimated_as_what_they_refer_to(tmp_path: Path) -> None:
    """EC2 is billed as EBS wherever either is estimated."""
    prices = small(tmp_path)
    ec2, ebs = prices.warm_storage("EC2", "us-west-1"), prices.warm_storage("EBS", "us-west-1")
    assert ec2.value == ebs.value == pytest.approx(0.05 * 1.35)


def test_a_ratio_that_nobody_believes_is_refused(tmp_path: Path) -> None:
    """A price 2.75 times that of us-east-1 is a slip of the pen: the list does not load."""
    with pytest.raises(CatalogueError, match=r"warm-storage/EFS: eu-west-1: 2\.75 times .* beyond 0\.8 to 2\.2"):
        small(tmp_path, "{value: 0.02, BY}")


def test_the_shipped_ratios_lie_where_they_are_believed() -> None:
    """Every storage price shipped is between 0.8 and 2.2 times that of us-east-1, and six Regions have three."""
    prices = load_catalogue().prices()
    rule = prices.data.estimates
    assert rule is not None
    assert prices.estimates is not None
    assert rule.within == (0.8, 2.2)
    assert list(far_ratios(prices.data)) == []
    assert all(0.8 <= ratio <= 2.2 for _, _, ratio in storage_ratios(prices.data, rule))
    assert len(prices.estimates.ratios) >= 6
    assert 1 <= median(median(known) for known in prices.estimates.ratios.values()) <= 1.3
    assert not any(name.startswith(("transfer", "copy-transfer")) for _, name, _ in storage_ratios(prices.data, rule))
