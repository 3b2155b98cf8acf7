"""Regions and zones: what AWS has is taken, what it has not is refused with what is likely meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drsim.catalogue import load_catalogue, nearest_region
from drsim.cli import main
from drsim.errors import Problem
from drsim.scenario import Scenario, check_text, dump_scenario, read_scenario, subjects
from drsim.scenario.edit import as_changes, edited
from drsim.scenario.prices import price_list
from drsim.world.rates import units_of

ESTATE = """
sites:
  home: {home}
  other: {{region: us-west-2, account: production}}
vaults: {{local: {{site: home}}, far: {{site: other}}}}
applications: {{app: {{site: home, resources: {{db: {{type: RDS, size: 500 GB, change_rate: 4 %/day}}}}}}}}
backup_plans:
  plan: {{rules: [{{rule_name: r, target_vault: local, every: 1 d, lifecycle: {{delete_after: 7 d}}}}]}}
strategies: {{s: {{backup: plan}}}}
disruptions: {{out: {{kind: zone-outage, {outage}}}}}
response: {{detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}}
prices: {{regions: {prices}}}
"""


def checked(home: str, outage: str = "site: home", prices: str = "{}") -> tuple[Scenario | None, tuple[Problem, ...]]:
    """Return a scenario of one site and another, and what is wrong with it."""
    scenario, errors, _ = check_text(ESTATE.format(home=home, outage=outage, prices=prices))
    return scenario, errors


@pytest.mark.parametrize("name", ["us-east-1", "eu-central-2", "us-gov-west-1", "cn-north-1", "me-west-1"])
def test_what_aws_has_is_taken(name: str) -> None:
    """Regions of every partition are known, new ones too."""
    assert checked(f"{{region: {name}, account: production}}")[1] == ()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("us-esat-1", "us-east-1"),
        ("US-EAST-1", "us-east-1"),
        ("us-east", "us-east-1"),
        ("useast1", "us-east-1"),
        ("eu_west_1", "eu-west-1"),
        ("eu-west-9", "eu-west-"),
        ("Tokyo", "ap-northeast-1"),
        ("Europe (Ireland)", "eu-west-1"),
        ("frankfurt", "eu-central-1"),
        ("ap-southest-2", "ap-southeast-2"),
        ("us-gov-wst-1", "us-gov-west-1"),
        ("cn-norht-1", "cn-north-1"),
    ],
)
def test_an_unknown_region_is_refused_with_the_nearest(wrong: str, right: str) -> None:
    """A misspelt name, a name without its number and a place lead to the Region that is meant."""
    (error,) = checked(f"{{region: {wrong}, account: production}}")[1]
    assert (error.check, error.line) == ("unknown-region", 3)
    assert f"did you mean `{right}" in error.repair
    assert "region_like: us-east-1" in error.repair


def test_what_is_near_to_nothing_has_no_meaning_guessed() -> None:
    """Where no Region is like the name the nearest is told, not taken for what is meant."""
    (error,) = checked("{region: mars-1, account: production}")[1]
    assert "the nearest is `" in error.repair
    assert "did you mean" not in error.repair


def test_a_zone_is_no_region() -> None:
    """Who writes a zone for a Region is told both."""
    (error,) = checked("{region: us-east-1a, account: production}")[1]
    assert error.repair == "write `us-east-1`, and `zone: us-east-1a` beside it"
    assert checked("{region: us-east-1, zone: us-east-1a, account: production}")[1] == ()


TWO_ALIKE = """{region: us-east-1, account: p}
  a: {region: xx-1, account: p}
  b: {region: xx-1, region_like: us-east-1, account: p}"""
COPIED = ESTATE.replace("every: 1 d,", "every: 1 d, copy_actions: [{{destination_vault: far}}],")


@pytest.mark.parametrize(
    ("home", "outage", "prices", "check"),
    [
        ("{region: us-esat-1, account: p}", "site: home", "{}", "unknown-region"),
        ("{region: us-esat-1, zone: us-esat-1b, account: p}", "site: home, zone: us-esat-1b", "{}", "unknown-region"),
        ("{region: us-east-1b, account: p}", "site: home", "{}", "unknown-region"),
        ("{region: xx-new-1, region_like: us-esat-1, account: p}", "site: home", "{}", "unknown-region"),
        ("{region: us-east-1, region_like: us-esat-1, account: p}", "site: home", "{}", "unknown-region"),
        (
            "{region: us-east-1, account: p}",
            "site: home",
            "{us-esat-1>us-wset-2: {transfer: 0.07 USD/GiB}}",
            "unknown-region",
        ),
        ("{region: us-east-1, account: p}", "site: home", "{eu-west-1: {like: us-esat-1}}", "unknown-region"),
        (
            TWO_ALIKE,
            "site: home",
            "{}",
            "unknown-region",
        ),
        ("{region: us-east-1, region_like: us-east-1, account: p}", "site: home", "{}", "region-like"),
        ("{region: ap-northeast-1, zone: ap-northeast-1z, account: p}", "site: home", "{}", "unknown-zone"),
        ("{region: us-east-1, zone: B, account: p}", "zone: us-west-2f", "{}", "unknown-zone"),
        ("{region: xx-new-1, region_like: us-east-1, zone: ' ', account: p}", "site: home", "{}", "unknown-zone"),
    ],
)
def test_a_repair_once_made_leaves_nothing_wrong(home: str, outage: str, prices: str, check: str) -> None:
    """What is wrong about Regions and zones comes with changes; all made, the scenario loads."""
    text = COPIED.format(home=home, outage=outage, prices=prices)
    errors = check_text(text)[1]
    assert {error.check for error in errors} == {check}
    assert all(error.edits for error in errors)
    edits = [edit for error in errors for edit in error.edits]
    assert check_text(edited(text, as_changes(edits)))[1] == ()


def test_a_region_that_would_be_wrong_in_another_way_is_not_advised() -> None:
    """What is likely meant and leads into the next error is told as what is near, with nothing to apply."""
    text = COPIED.format(home="{region: us-gov-wst-1, account: p}", outage="site: home", prices="{}")
    (error,) = check_text(text)[1]
    assert (error.edits, error.repair.split(" (")[0]) == ((), "the nearest is `us-gov-west-1`")


@pytest.mark.parametrize("key", ["region", "region_like", "zone"])
@pytest.mark.parametrize(
    "value", ["", " ", "日本", "\x1b[31m", "\u202e", "us‑east‑1", "%s{}", "a-" * 50_000 + "1", 1, True, [], {}, None]
)
def test_whatever_a_place_says_is_answered(
    key: str, value: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Odd Regions and zones are refused with a message that can be printed; none is no fault where none is needed."""
    site: dict[str, object] = {"region": "xx-new-1"} if key == "region_like" else {}
    site = {"region": "us-east-1", "account": "p", **site, key: value}
    file = tmp_path / "odd.yaml"
    file.write_text(ESTATE.format(home=json.dumps(site), outage="site: home", prices="{}"), encoding="utf-8")
    assert main(["check", str(file)]) == (0 if value is None and key == "zone" else 2)
    said = "".join(capsys.readouterr())
    assert len(said) < 20_000
    assert all(character.isprintable() or character == "\n" for character in said)


def test_each_repair_works() -> None:
    """The Region that is offered is one of AWS's."""
    known = load_catalogue().regions
    for wrong in ("us-esat-1", "mars-1", "x", "", "Tokyo", "aws-global"):
        assert nearest_region(wrong, known)[0].name in known


@pytest.mark.parametrize(
    ("home", "outage", "found"),
    [
        ("{region: us-east-1, account: p, zone: us-east-1a}", "site: home", ""),
        ("{region: us-east-1, account: p, zone: us-east-1f}", "site: home", ""),
        ("{region: us-east-1, account: p, zone: us-east-1g}", "site: home", "us-east-1 has no zone"),
        ("{region: us-east-1, account: p, zone: eu-west-1a}", "site: home", "lies in eu-west-1"),
        ("{region: us-east-1, account: p, zone: a}", "site: home", "no name of a zone"),
        ("{region: us-east-1, account: p, zone: ''}", "site: home", "no name of a zone"),
        ("{region: us-east-1, account: p, zone: use1-az1}", "site: home", "no name of a zone"),
        ("{region: us-east-1, account: p, zone: US-EAST-1B}", "site: home", ""),
        # the catalogue knows no letters of this one
        ("{region: mx-central-1, account: p, zone: mx-central-1d}", "site: home", ""),
        ("{region: mx-central-1, account: p, zone: mx-central-2a}", "site: home", "lies in mx-central-2"),
        ("{region: us-east-1, account: p}", "site: home, zone: us-east-1b", ""),
        ("{region: us-east-1, account: p}", "site: home, zone: us-west-2b", "lies in us-west-2"),
        ("{region: us-east-1, account: p}", "site: other, zone: us-west-2b", ""),
        ("{region: us-east-1, account: p}", "zone: us-west-2b", "lies in us-west-2"),
        ("{region: us-east-1, account: p}", "zone: us-east-1z", "us-east-1 has no zone"),
        # nobody knows the zones of a Region that is new
        ("{region: xx-new-1, region_like: us-east-1, account: p, zone: xx-new-1z}", "site: home", ""),
        ("{region: xx-new-1, region_like: us-east-1, account: p, zone: anything}", "site: home", ""),
    ],
)
def test_zones_belong_to_regions(home: str, outage: str, found: str) -> None:
    """A zone lies in the Region of what names it and is one of its letters, as far as the catalogue knows."""
    errors = checked(home, outage)[1]
    assert [error.check for error in errors] == ["unknown-zone"] * bool(found)
    assert all(found in error.found for error in errors)


@pytest.mark.parametrize(
    ("home", "check"),
    [
        ("{region: xx-new-1, account: p, region_like: us-east-1}", ""),
        ("{region: xx-new-1, account: p, region_like: us-esat-1}", "unknown-region"),
        ("{region: xx-new-1, account: p, region_like: xx-new-1}", "unknown-region"),
        ("{region: us-east-1, account: p, region_like: us-east-1}", "region-like"),
        ("{region: eu-south-2, account: p, region_like: eu-west-1}", ""),
    ],
)
def test_a_region_is_like_one_that_is_known(home: str, check: str) -> None:
    """What a Region is like is checked as Regions are; one that is like itself says nothing."""
    assert [error.check for error in checked(home)[1]] == [check] * bool(check)


def test_a_region_that_is_like_another_has_its_prices_and_rates() -> None:
    """Prices are those of the other Region, as estimates with its name; rates those that it has of its own."""
    like = checked("{region: xx-new-1, account: p, region_like: us-east-1}")[0]
    same = checked("{region: us-east-1, account: p}")[0]
    assert like is not None
    assert same is not None
    prices, of = price_list(like), price_list(same)
    here, there = prices.warm_storage("EFS", "xx-new-1"), of.warm_storage("EFS", "us-east-1")
    assert (here.value, here.basis) == (there.value, "estimated")
    assert "us-east-1's price, which the scenario says xx-new-1 is like" in here.note
    assert "is like" not in of.warm_storage("EFS", "xx-new-1").note
    # what leaves it costs what leaves the other one, be it to that one itself
    for to in ("us-west-2", "us-east-1"):
        assert (
            prices.copy_transfer("RDS", "xx-new-1", to).value == of.copy_transfer("RDS", "us-east-1", "eu-west-1").value
        )
    assert prices.copy_transfer("RDS", "xx-new-1", "xx-new-1").value == 0
    kind = load_catalogue().disruptions["region-outage"]
    assert kind.rate("xx-new-1", "us-east-1") is kind.rate("us-east-1") is not kind.rate("xx-new-1")


def test_rates_of_a_region_that_is_like_another_reach_the_drills() -> None:
    """The units that are struck have the rate of the Region that theirs is like."""
    text = ESTATE.replace("kind: zone-outage, {outage}", "kind: region-outage")
    found = {}
    for home in ("{region: xx-new-1, account: p, region_like: us-east-1}", "{region: us-east-1, account: p}"):
        scenario = read_scenario(text.format(home=home, prices="{}"))
        catalogue = load_catalogue()
        written = scenario.disruptions["out"]
        targets = tuple(subjects(scenario).values())
        (unit,) = units_of(scenario, catalogue, written, catalogue.disruptions["region-outage"], targets)
        found[unit.region] = unit.rate_per_year
    assert found["xx-new-1"] == found["us-east-1"]


def test_a_known_price_stays() -> None:
    """A Region that has a price of its own keeps it; another one's is taken where it has none."""
    scenario = checked("{region: eu-west-2, account: p, region_like: us-east-1}")[0]
    assert scenario is not None
    prices = price_list(scenario)
    assert prices.warm_storage("EBS", "eu-west-2").value == 0.053
    assert prices.instance("db.m7g.large", "eu-west-2", "RDS").basis == "estimated"


def test_prices_like_another_regions_times_a_number() -> None:
    """`like` and `factor` replace the list's own prices of a Region, but for those that the scenario gives itself."""
    own = "{eu-west-2: {like: us-east-1, factor: 1.1, warm-storage: {EFS: 0.07 USD/GiB-month}}}"
    scenario, errors = checked("{region: eu-west-2, account: p}", prices=own)
    assert errors == ()
    assert scenario is not None
    prices = price_list(scenario)
    assert prices.warm_storage("EBS", "eu-west-2").value == pytest.approx(0.055)
    assert prices.warm_storage("EFS", "eu-west-2").value == 0.07
    assert "us-east-1's price × 1.1" in prices.warm_storage("EBS", "eu-west-2").note
    assert prices.find("air-gapped-factor", "all", "eu-west-2").value == prices.air_gapped_factor.value
    assert read_scenario(dump_scenario(scenario)) == scenario


@pytest.mark.parametrize(
    ("prices", "check", "part"),
    [
        ("{us-esat-1: {warm-storage: {EFS: 0.07 USD/GiB-month}}}", "unknown-region", "us-esat-1"),
        ("{us-esat-1>*: {transfer: 0.07 USD/GiB}}", "unknown-region", "us-esat-1"),
        ("{us-east-1>us-wset-2: {transfer: 0.07 USD/GiB}}", "unknown-region", "us-wset-2"),
        ("{'*': {warm-storage: {EFS: 0.07 USD/GiB-month}}}", "", ""),
        ("{us-east-1>*: {transfer: 0.07 USD/GiB}}", "", ""),
        ("{eu-west-1: {like: us-esat-1}}", "unknown-region", "us-esat-1"),
        ("{eu-west-1: {like: us-east-1}}", "", ""),
        ("{eu-west-1: {factor: 1.1}}", "wrong-price", "factor without like"),
        ("{eu-west-1: {like: us-east-1, factor: 0}}", "wrong-price", "factor: 0"),
        ("{eu-west-1: {like: us-east-1, factor: 1.1 USD}}", "wrong-price", "1.1 USD"),
        ("{eu-west-1: {like: eu-west-1}}", "wrong-price", "eu-west-1"),
        ("{'*': {like: us-east-1}}", "wrong-price", "us-east-1"),
    ],
)
def test_regions_of_prices(prices: str, check: str, part: str) -> None:
    """Prices are of Regions that AWS has, and like those of one."""
    errors = checked("{region: us-east-1, account: p}", prices=prices)[1]
    assert [error.check for error in errors] == [check] * bool(check)
    assert all(part in error.found for error in errors)


def test_prices_like_another_region_take_the_place_of_estimates() -> None:
    """`like` and `factor` of all prices fill what the list has no price for, between Regions too, and nothing else."""
    text = ESTATE.format(home="{region: ap-south-1, account: p}", outage="site: home", prices="{}")
    listed = text.replace("prices: {regions: {}}", "prices: {like: us-east-1, factor: 1.1}")
    assert listed != text
    scenario, errors, _ = check_text(listed)
    assert errors == ()
    assert scenario is not None
    prices, plain = price_list(scenario), scenario.catalogue.prices()
    database = prices.instance("db.m7g.large", "ap-south-1", "RDS")
    assert database.value == pytest.approx(1.1 * 0.168)
    assert database.basis == "estimated"
    assert "us-east-1's price × 1.1" in database.note
    assert prices.copy_transfer("EFS", "eu-south-2", "us-west-2").value == pytest.approx(1.1 * 0.04)
    assert prices.primary_storage("RDS", "ap-south-1") == plain.primary_storage("RDS", "ap-south-1")
    assert prices.warm_storage("EFS", "us-east-1") == plain.warm_storage("EFS", "us-east-1")
    assert read_scenario(dump_scenario(scenario)) == scenario


def test_prices_like_another_region_replace_guesses_of_the_list() -> None:
    """A guess makes way for the other Region's price, be it of one Region or of all; what leaves a Region does not."""
    plain = load_catalogue().prices()
    like = plain.with_otherwise("us-east-1", 1.1)
    assert plain.primary_storage("EBS", "eu-west-1").basis == "estimated"
    assert "us-east-1's price × 1.1" in like.primary_storage("EBS", "eu-west-1").note
    assert plain.warm_storage("RDS", "sa-east-1").value == pytest.approx(0.095 * 1.5)
    assert like.warm_storage("RDS", "sa-east-1").value == pytest.approx(0.095 * 1.1)
    assert plain.copy_transfer("S3", "sa-east-1", "us-east-1").basis == "estimated"
    assert like.copy_transfer("S3", "sa-east-1", "us-east-1") == plain.copy_transfer("S3", "sa-east-1", "us-east-1")


def test_an_estimate_stays_where_the_other_region_has_no_price() -> None:
    """China's Regions have no prices: what the list estimates stays as it is, and is no empty line."""
    plain = load_catalogue().prices()
    like = plain.with_otherwise("cn-north-1", 1.1)
    assert like.primary_storage("Storage Gateway", "sa-east-1") == plain.primary_storage("Storage Gateway", "sa-east-1")
    assert like.primary_storage("Storage Gateway", "sa-east-1").value is not None
    assert like.primary_storage("EBS", "eu-west-1").value == 0.088


@pytest.mark.parametrize(
    ("prices", "check", "part"),
    [
        ("{like: us-esat-1}", "unknown-region", "us-esat-1"),
        ("{factor: 1.1}", "wrong-price", "factor without like"),
        ("{like: us-east-1, factor: 0}", "wrong-price", "factor: 0"),
    ],
)
def test_what_prices_are_like_is_checked(prices: str, check: str, part: str) -> None:
    """All prices are like those of a Region that AWS has, times a number above 0."""
    text = ESTATE.format(home="{region: us-east-1, account: p}", outage="site: home", prices="{}")
    errors = check_text(text.replace("prices: {regions: {}}", f"prices: {prices}"))[1]
    assert [error.check for error in errors] == [check]
    assert part in errors[0].found


def test_nothing_is_copied_from_one_partition_into_another() -> None:
    """A copy from GovCloud to the rest of AWS is refused, one within GovCloud is not."""
    text = ESTATE.replace("every: 1 d,", "every: 1 d, copy_actions: [{{destination_vault: far}}],")
    gov = text.format(home="{region: us-gov-west-1, account: p}", outage="site: home", prices="{}")
    assert [error.check for error in check_text(gov)[1]] == ["partitions-apart"]
    assert check_text(gov.replace("us-west-2", "us-gov-east-1"))[1] == ()
    like = text.format(
        home="{region: us-gov-new-1, region_like: us-gov-west-1, account: p}", outage="site: home", prices="{}"
    )
    assert [error.check for error in check_text(like)[1]] == ["partitions-apart"]


def test_the_catalogue_says_where_its_regions_come_from() -> None:
    """Each Region has a place with a source; letters and days only where a source gives them."""
    regions = load_catalogue().regions
    assert {region.partition for region in regions.values()} >= {"aws", "aws-cn", "aws-us-gov", "aws-eusc"}
    assert regions["ap-southeast-7"].opened is not None
    assert regions["us-east-1"].zones is not None
    assert regions["us-east-1"].zones.value == "abcdef"
    assert regions["mx-central-1"].zones is None
    assert all(region.place.source for region in regions.values())
