"""The price list: what it knows, what it says it does not know, and what it refuses."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from drsim.catalogue import load_catalogue
from drsim.catalogue.price import Price
from drsim.catalogue.price_file import ITEMS, PriceLeaf, read_price_list
from drsim.catalogue.prices import PriceList
from drsim.errors import CatalogueError, InputError
from drsim.scenario import check_text
from drsim.units import HOUR_S, MONTH_S

EAST, WEST = "us-east-1", "us-west-2"
HOURS = MONTH_S / HOUR_S

TYPES = (
    "EC2",
    "S3",
    "EBS",
    "RDS",
    "Aurora",
    "EFS",
    "FSx for Lustre",
    "FSx for Windows File Server",
    "FSx for ONTAP",
    "FSx for OpenZFS",
    "Storage Gateway",
    "DocumentDB",
    "Neptune",
    "Redshift",
    "Redshift Serverless",
    "Timestream",
    "Windows VSS",
    "Virtual machines",
    "CloudFormation",
    "DynamoDB without advanced features",
    "DynamoDB with advanced features",
    "Aurora DSQL",
    "RDS Multi-AZ cluster",
    "SAP HANA on EC2",
    "EKS",
)

FEATURES = (
    ("Aurora Global Database", "Aurora"),
    ("global tables", "DynamoDB with advanced features"),
    ("global tables", "DynamoDB without advanced features"),
    ("multi-Region strong consistency", "DynamoDB with advanced features"),
    ("point-in-time recovery", "DynamoDB with advanced features"),
    ("S3 Replication Time Control", "S3"),
    ("S3 replication", "S3"),
    ("EFS replication", "EFS"),
    ("cross-Region snapshot copy", "Redshift"),
    ("automated snapshots", "Redshift"),
    ("recovery points", "Redshift Serverless"),
    ("cross-Region read replica", "RDS"),
    ("cross-Region automated backups", "RDS"),
    ("automated backups", "RDS"),
    ("automated backups", "RDS Multi-AZ cluster"),
    ("automated backups", "Aurora"),
    ("automated backups", "DocumentDB"),
    ("automated backups", "Neptune"),
    ("DocumentDB global cluster", "DocumentDB"),
    ("Neptune Global Database", "Neptune"),
    ("SnapMirror", "FSx for ONTAP"),
    ("Elastic Disaster Recovery", "EC2"),
    ("Elastic Disaster Recovery", "EBS"),
    ("Elastic Disaster Recovery", "Windows VSS"),
    ("Elastic Disaster Recovery", "Virtual machines"),
)


@pytest.fixture
def prices() -> PriceList:
    """The shipped list."""
    return load_catalogue().prices()


def known(price: Price) -> float:
    """The value of a price that must be known."""
    assert price.value is not None, price
    return price.value


@pytest.mark.parametrize(
    ("item", "subject", "region", "value"),
    [
        ("warm-storage", "EFS", EAST, 0.05),
        ("warm-storage", "S3", EAST, 0.05),
        ("warm-storage", "EC2", "eu-west-2", 0.053),
        ("warm-storage", "RDS", EAST, 0.095),
        ("warm-storage", "Aurora", "sa-east-1", 0.037),
        ("warm-storage", "Redshift", EAST, 0.023),
        ("warm-storage", "Timestream", "ap-south-1", 0.14),
        ("warm-storage", "DynamoDB without advanced features", "eu-north-1", 0.1),
        ("cold-storage", "Timestream", WEST, 0.03),
        ("cold-storage", "EFS", EAST, 0.01),
        ("cold-storage", "EBS", EAST, 0.0125),
        ("continuous-storage", "DynamoDB with advanced features", EAST, 0.20),
        ("continuous-storage", "Aurora", EAST, 0.021),
        ("restore-warm", "DynamoDB with advanced features", EAST, 0.15),
        ("restore-warm", "Timestream", "ap-south-1", 0.171),
        ("restore-warm", "EBS", "eu-south-2", 0.0),
        ("restore-cold", "Timestream", "eu-west-1", 0.22667),
        ("restore-cold", "EBS", EAST, 0.03),
        ("instance", "m6i.xlarge", "eu-west-1", 0.214),
        ("replication-server", "all", "ap-south-2", 0.028),
    ],
)
def test_known_prices(prices: PriceList, item: str, subject: str, region: str, value: float) -> None:
    """The list gives the prices that its sources give."""
    assert prices.find(item, subject, region).value == value


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_has_its_rows(prices: PriceList, type_: str) -> None:
    """Every type has a row for storing, restoring, copying and running it, if only to say that the price is unknown."""
    for item in ("warm-storage", "restore-warm", "copy-transfer", "primary-storage"):
        assert type_ in prices.data.items[item].rows, item


def test_rows_are_types_that_exist(prices: PriceList) -> None:
    """No row of a type's item, and no replication feature, is about a type that does not exist."""
    by_type = ("warm-storage", "cold-storage", "continuous-storage", "restore-warm", "restore-cold", "copy-transfer")
    for item in (*by_type, "primary-storage", "primary-storage-multi-az"):
        assert set(prices.data.items[item].rows) <= set(TYPES), item
    for feature, types in prices.data.replication.items():
        assert set(types) <= set(TYPES), feature


def test_unknown_is_not_zero(prices: PriceList) -> None:
    """A price that nobody knows is unknown, and so is one outside the list's currency; neither is ever zero."""
    for price in (
        prices.warm_storage("Aurora DSQL", EAST),
        prices.warm_storage("Aurora DSQL", "eu-south-2"),
        prices.warm_storage("EFS", "cn-north-1"),
        prices.cold_storage("EC2", EAST),
        prices.instance("x99.huge", EAST),
        prices.copy_transfer("EFS", "eu-south-2", EAST),
        *prices.replication("carrier pigeon", "S3", EAST, WEST).lines,
    ):
        assert price.value is None
        assert price.basis == "unknown"
        assert price.note


def test_mirrored_regions_are_derived(prices: PriceList) -> None:
    """A Region that mirrors another takes its prices as derived, keeping the estimate's mark and a price of its own."""
    mirrored = prices.primary_storage("DocumentDB", WEST)
    assert (mirrored.value, mirrored.basis) == (0.1, "derived")
    assert "us-east-1's price" in mirrored.note
    assert "price-maps" in mirrored.source
    assert prices.primary_storage("Storage Gateway", WEST).basis == "estimated"
    assert prices.warm_storage("Aurora DSQL", WEST).value is None


def test_transfer_depends_on_direction_and_type(prices: PriceList) -> None:
    """A copy costs by sender, receiver and type, and nothing within a Region."""
    assert prices.copy_transfer("RDS", EAST, "us-east-2").value == 0.01
    assert prices.copy_transfer("RDS", EAST, WEST).value == 0.02
    assert prices.copy_transfer("RDS", "sa-east-1", EAST).value == 0.138
    assert prices.copy_transfer("Virtual machines", EAST, "us-east-2").value == 0.04
    assert prices.copy_transfer("Timestream", "eu-west-1", EAST).value == 0.04
    assert prices.copy_transfer("Timestream", "eu-west-1", "ca-west-1").value == 0.07
    assert prices.copy_transfer("EFS", WEST, EAST).value == 0.04
    assert prices.copy_transfer("EFS", EAST, EAST).value == 0
    assert prices.transfer(WEST, "eu-west-1").value == 0.02
    assert prices.transfer(EAST, WEST).unit == "USD/GiB"


def test_instances_depend_on_their_engine(prices: PriceList) -> None:
    """The same instance has the price of its engine, and two zones cost twice one where the list says nothing."""
    assert prices.instance("db.r6g.large", EAST, "Aurora").value == 0.26
    assert prices.instance("db.r6g.large", EAST, "RDS").value == 0.225
    assert "conflict" in prices.instance("db.r6g.large", EAST, "RDS").note
    assert prices.instance("m6i.xlarge", WEST, "EC2").value == 0.192
    assert prices.instance("db.m7g.large", EAST, "RDS", multi_az=True).value == 0.337
    twice = prices.instance("db.m5.large", EAST, "RDS", multi_az=True)
    assert (twice.value, twice.basis) == (0.342, "derived")
    assert prices.instance("db.m7g.large", "eu-central-1", "RDS", multi_az=True).value == 0.401
    assert prices.instance("db.x9.large", EAST, "RDS", multi_az=True).value is None
    assert prices.primary_storage("RDS", EAST, multi_az=True).value == 0.23
    assert prices.primary_storage("Aurora", EAST, multi_az=True).value == 0.10


def test_pilot_light_of_the_worked_example(prices: PriceList) -> None:
    """A cross-Region replica of db.m7g.xlarge with 500 GB costs 303.51 USD a month, and its copies 35.57 USD."""
    replica = prices.replication("cross-Region read replica", "RDS", EAST, WEST)
    storage, transfer = replica.lines
    assert replica.runs_instance
    standing = known(prices.instance("db.m7g.xlarge", WEST, "RDS")) * HOURS + known(storage) * 500
    assert standing == pytest.approx(303.51)
    copies = known(prices.warm_storage("RDS", WEST)) * 336 + known(transfer) * 6 * 365 / 12
    assert copies == pytest.approx(31.92 + 3.65)


def test_elastic_disaster_recovery(prices: PriceList) -> None:
    """One server under Elastic Disaster Recovery costs 20.44 USD a month, before its disks."""
    server, *_ = prices.replication("Elastic Disaster Recovery", "EC2", EAST, WEST).lines
    assert server.unit == "USD/hour"
    assert known(server) * HOURS == pytest.approx(20.44)


@pytest.mark.parametrize(("feature", "type_"), FEATURES)
def test_replication_features_are_priced(prices: PriceList, feature: str, type_: str) -> None:
    """Every replication feature has lines, all known from us-east-1 to us-west-2, in units that a bill can count."""
    lines = prices.replication(feature, type_, EAST, WEST).lines
    assert lines
    for line in lines:
        assert line.value is not None, line
        assert line.unit in {"USD/GiB-month", "USD/GiB", "USD/hour", "USD/1000 objects"}


def test_same_site_features_move_nothing(prices: PriceList) -> None:
    """Point-in-time recovery is storage at home alone."""
    (line,) = prices.replication("point-in-time recovery", "DynamoDB with advanced features", EAST, EAST).lines
    assert (line.value, line.unit, line.region) == (0.20, "USD/GiB-month", EAST)


def test_air_gapped_factor_and_meters(prices: PriceList) -> None:
    """The small meters are there, as AWS's examples have them in us-east-1; a test is dearer elsewhere."""
    assert prices.air_gapped_factor.value == 1.15
    assert prices.air_gapped_factor.unit == "1"
    assert prices.per_backup(EAST).value == 0
    assert (prices.audit_evaluation(EAST).value, prices.restore_test(EAST).value) == (1.25, 1.5)
    assert prices.restore_test("eu-central-1").value == 1.8
    assert (prices.audit_evaluation(EAST).basis, prices.restore_test(EAST).basis) == ("documented", "documented")
    assert prices.find("item-restore", "EFS", EAST).value == 0.5


def test_every_source_exists_and_is_used(prices: PriceList) -> None:
    """Every source named is described, and every source described is named."""
    used = {key for mirror in prices.data.mirrors.values() for key in mirror.source}
    used |= {key for rule in prices.data.billing.values() for key in rule.source}
    for item in prices.data.items.values():
        for row in item.rows.values():
            used.update(key for leaf in (row.values() if isinstance(row, dict) else ()) for key in leaf.source)
    assert used == set(prices.sources)
    assert all(source.url.startswith("https://") for source in prices.sources.values())
    assert not any("a public" in source.publisher for source in prices.sources.values())


def test_beyond_a_tier_what_is_more_is_cheaper(prices: PriceList) -> None:
    """Of 600 TB in S3 Standard 50 cost 0.023, the next 450 cost 0.022 and the rest 0.021, wherever it is scaled too."""
    price, gib = prices.primary_storage("S3", EAST), 600 * 1024.0
    by_hand = 51200 * 0.023 + (512000 - 51200) * 0.022 + (gib - 512000) * 0.021
    assert known(price) * 51200 == pytest.approx(51200 * (price.of(51200) or 0))
    assert gib * (price.of(gib) or 0) == pytest.approx(by_hand)
    assert gib * (price.times(1.1).of(gib) or 0) == pytest.approx(1.1 * by_hand)
    assert prices.primary_storage("S3", "sa-east-1").tiers == ((51200, 0.039), (512000, 0.037))
    assert prices.warm_storage("Redshift", "eu-central-1").tiers == ((51200, 0.0235), (512000, 0.0225))
    far = prices.primary_storage("S3", "eu-south-2")
    assert far.is_estimated
    assert (far.of(gib) or 0) / (price.of(gib) or 1) == pytest.approx(known(far) / known(price))


def test_overrides_replace_and_are_marked(prices: PriceList) -> None:
    """The user's price goes first, is marked `user`, follows references and leaves the shipped list as it was."""
    mine = prices.with_overrides(
        {
            WEST: {"warm-storage": {"EFS": "0.04 USD/GB-month", "EBS": "0.06 USD/GB-month"}},
            "*": {
                "instance": {"db.r6g.large": "0.3 USD/hour"},
                "air-gapped-factor": "1.2",
                "restore-test": "2 USD/recovery point",
            },
            "us-east-1>*": {"copy-transfer": {"EFS": "0.03 USD/GB"}},
        },
        per_backup_usd=12,
    )
    assert (mine.warm_storage("EFS", WEST).value, mine.warm_storage("EFS", WEST).basis) == (0.04, "user")
    assert mine.warm_storage("EC2", WEST).value == 0.06
    gib = prices.with_overrides({WEST: {"warm-storage": {"EFS": "0.04 USD/GiB-month"}}})
    assert gib.warm_storage("EFS", WEST) == mine.warm_storage("EFS", WEST)
    assert mine.warm_storage("EFS", EAST).value == 0.05
    assert mine.instance("db.r6g.large", EAST, "Aurora").value == 0.3
    assert mine.instance("db.r6g.large", EAST, "Aurora", multi_az=True).value == 0.6
    assert mine.instance("db.r6g.large", EAST, "Aurora", multi_az=True).basis == "user"
    single = prices.with_overrides({EAST: {"instance": {"RDS db.m7g.large": "0.1 USD/hour"}}})
    assert single.instance("db.m7g.large", EAST, "RDS", multi_az=True).value == 0.2
    assert mine.copy_transfer("EFS", EAST, "us-east-2").value == 0.03
    assert mine.air_gapped_factor.value == 1.2
    assert mine.restore_test(EAST).value == 2
    assert mine.per_backup(WEST).value == 12
    assert prices.warm_storage("EFS", WEST).value == 0.05
    assert prices is load_catalogue().prices()
    assert prices is load_catalogue().prices("aws")


def test_overrides_refuse_all_that_is_wrong(prices: PriceList) -> None:
    """A price without its unit and an item or a row that does not exist are refused together."""
    with pytest.raises(InputError) as error:
        prices.with_overrides(
            {
                EAST: {
                    "warm-storage": {
                        "EFS": 0.04,
                        "EBS": "0.04 USD/GB",
                        "S3": "-1 USD/GB-month",
                        "Floppy": "1 USD/GB-month",
                    },
                    "tape": {"EFS": "1 USD/GB-month"},
                }
            }
        )
    checks = [p.check for p in error.value.problems]
    assert sorted(checks) == ["price-unit"] * 3 + ["unknown-price"] * 2


@pytest.mark.parametrize(
    ("item", "row", "repair"),
    [
        ("storage-warm", "EFS", "did you mean `warm-storage`?"),
        ("warm-storag", "EFS", "did you mean `warm-storage`?"),
        ("warm-storage", "EFFS", "did you mean `EFS`?"),
    ],
)
def test_the_price_that_is_meant_is_named(prices: PriceList, item: str, row: str, repair: str) -> None:
    """A misspelt item or row, also one with its words in another order, leads to the right one and to no list."""
    with pytest.raises(InputError) as error:
        prices.with_overrides({EAST: {item: {row: "1 USD/GB-month"}}})
    assert [problem.repair for problem in error.value.problems] == [repair]


@pytest.mark.parametrize(
    ("written", "right"),
    [("110 %", "1.1"), ("85%", "0.85"), ("1,1", "1.1"), ("more", "1.1"), ("5000", "1.1"), ("-1", "1.1")],
)
@pytest.mark.parametrize("of_region", [False, True])
def test_what_is_no_factor_is_refused_with_the_number_to_write(written: str, right: str, *, of_region: bool) -> None:
    """A factor of prices in percent, or otherwise no number, is refused with its repair, wherever it stands."""
    prices = {"like": "us-east-1", "factor": written}
    estate = json.loads(ESTATE)
    estate["prices"] = {"regions": {"eu-west-1": prices}} if of_region else prices
    scenario, errors, _ = check_text(json.dumps(estate))
    assert scenario is None
    assert [error.repair for error in errors] == [f"write `factor: {right}`"]
    assert "a number above 0 and at most 1,000" in errors[0].rule


def test_price_lists_survive_pickling(prices: PriceList) -> None:
    """A price list reaches workers in other processes unchanged."""
    mine = prices.with_overrides({"*": {"instance": {"x.large": "1 USD/hour"}}})
    assert pickle.loads(pickle.dumps(mine)).instance("x.large", EAST).value == 1  # noqa: S301 -- made here


ESTATE = """
{"sites": {"home": {"region": "us-east-1", "account": "p"}}, "applications": {"app": {"site": "home"}},
 "strategies": {"s": {}}, "disruptions": {"d": {"kind": "ransomware"}}}
"""
LIST = """
name: small
as_of: 2026-01-01
currency: USD
mirrors: {}
items:
ITEMS
replication: {}
"""
ROW = "{value: 1.0, basis: documented, source: [page]}"


def write_list(folder: Path, leaf: str = ROW, extra: str = "") -> None:
    """Write a list with one leaf in every item."""
    items = "\n".join(f"  {item}: {{unit: GB, says: it, rows: {{EFS: {{us-east-1: {leaf}}}}}}}" for item in ITEMS)
    (folder / "small.yaml").write_text(LIST.replace("ITEMS", items + extra))
    (folder / "sources.yaml").write_text(
        "page: {title: t, publisher: p, edition: e, says: s, url: https://a.example}\n"
    )


def test_prices_that_are_known_alike_may_be_listed_together(tmp_path: Path) -> None:
    """A listing is a leaf for each of its places; a place has one price, and a tier is of a row."""
    both = f"{ROW}, listed: {{basis: derived, source: [page], note: n, prices: {{eu-west-1: 2.0, eu-west-2: 3.0}}}}"
    write_list(tmp_path, both)
    price = PriceList(*read_price_list(tmp_path, "small")).warm_storage("EFS", "eu-west-2")
    assert (price.value, price.basis, price.source, price.note) == (3.0, "derived", ("page",), "n")
    write_list(tmp_path, both.replace("eu-west-1: 2.0", "us-east-1: 2.0"))
    with pytest.raises(CatalogueError, match="us-east-1: listed, and given besides"):
        read_price_list(tmp_path, "small")
    write_list(tmp_path)
    file = tmp_path / "small.yaml"
    file.write_text(file.read_text().replace("says: it,", "says: it, tiers: {S3: {5: {us-east-1: 1.0}}},", 1))
    with pytest.raises(CatalogueError, match="tiers of S3"):
        read_price_list(tmp_path, "small")


def test_small_list_loads(tmp_path: Path) -> None:
    """A list that keeps to the grammar loads."""
    write_list(tmp_path)
    data, sources = read_price_list(tmp_path, "small")
    assert PriceList(data, sources).warm_storage("EFS", EAST).value == 1


@pytest.mark.parametrize(
    ("leaf", "says"),
    [
        ("{value: 1.0, source: [page]}", "basis"),
        ("{value: 1.0, basis: documented}", "source"),
        ("{value: 1.0, basis: estimated, source: [page]}", "reasoning"),
        ("{value: 1.0, basis: remembered, source: [page]}", "basis"),
        ("{value: 1.0, basis: documented, source: [nowhere]}", "nowhere"),
        ("{value: 1.0, basis: documented, source: [page], sku: A}", "sku"),
        ("{value: '1.0', basis: documented, source: [page]}", "value"),
        ("{value: -1.0, basis: documented, source: [page]}", "value"),
        ("{value: .nan, basis: documented, source: [page]}", "value"),
        ("{value: null}", "note"),
        ("{value: null, basis: documented, note: unknown}", "no basis"),
    ],
)
def test_reader_refuses_leaves(tmp_path: Path, leaf: str, says: str) -> None:
    """A price without basis, source or reasoning is refused, naming the file and what is missing."""
    write_list(tmp_path, leaf)
    with pytest.raises(CatalogueError, match=says) as error:
        read_price_list(tmp_path, "small")
    assert "small.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("currency: USD", "currency: CNY"),
        ("replication: {}", "replication: {mirroring: {EFS: {lines: [warm-storage/EBS]}}}"),
        ("warm-storage:", "warm-storage-two:"),
        ("replication: {}", "replication: {}\nsurprise: 1"),
        ("rows: {EFS: {us-east-1", "rows: {EBS: warm-storage/S3, EFS: {us-east-1"),
        ("name: small", "name: [small"),
        ("mirrors: {}", "mirrors: {a: {of: b, basis: derived, source: [nowhere], note: alike}}"),
    ],
)
def test_reader_refuses_files(tmp_path: Path, old: str, new: str) -> None:
    """Another currency, a reference or source that is not there, a missing or unknown key, broken YAML: all refused."""
    write_list(tmp_path)
    file = tmp_path / "small.yaml"
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(CatalogueError, match=r"small\.yaml"):
        read_price_list(tmp_path, "small")


def test_unknown_list_names_those_that_exist() -> None:
    """Asking for a list that is not there names those that are."""
    with pytest.raises(CatalogueError, match="there is: aws"):
        load_catalogue().prices("azure")
    with pytest.raises(CatalogueError, match="no price list 'sources'"):
        load_catalogue().prices("sources")


def test_estimates_give_their_reasoning(prices: PriceList) -> None:
    """Every estimate and every unknown price in the shipped list says why."""
    leaves = [
        leaf
        for item in prices.data.items.values()
        for row in item.rows.values()
        for leaf in (row.values() if isinstance(row, dict) else ())
    ]
    assert ((load_catalogue().root / "prices") / "aws.yaml").is_file()
    assert all(leaf.note for leaf in leaves if leaf.basis in ("estimated", None))
    assert PriceLeaf(value=None, note="nobody knows").basis is None
