"""The shipped catalogue: what scenarios, laws and reports rely on."""

from __future__ import annotations

import pickle
import re
from datetime import date

import pytest

from drsim.catalogue import Catalogue, FailureLaw, load_catalogue
from drsim.distributions import Constant, Distribution, Lognormal, Uniform
from drsim.laws.survival import Takes
from drsim.units import DAY_S, HOUR_S, MINUTE_S, YEAR_S

TYPES = load_catalogue().types

FEATURES = {
    "Aurora": ["Aurora Global Database", "automated backups"],
    "DynamoDB with advanced features": ["global tables", "multi-Region strong consistency", "point-in-time recovery"],
    "DynamoDB without advanced features": [
        "global tables",
        "multi-Region strong consistency",
        "point-in-time recovery",
    ],
    "S3": ["S3 Replication Time Control", "S3 replication"],
    "EFS": ["EFS replication"],
    "Redshift": ["cross-Region snapshot copy", "automated snapshots"],
    "Redshift Serverless": ["recovery points"],
    "RDS": ["cross-Region read replica", "cross-Region automated backups", "automated backups"],
    "RDS Multi-AZ cluster": ["automated backups"],
    "DocumentDB": ["DocumentDB global cluster", "automated backups"],
    "Neptune": ["Neptune Global Database", "automated backups"],
    "FSx for ONTAP": ["SnapMirror"],
    "EC2": ["Elastic Disaster Recovery"],
    "EBS": ["Elastic Disaster Recovery"],
    "Windows VSS": ["Elastic Disaster Recovery"],
    "Virtual machines": ["Elastic Disaster Recovery"],
}


def parameter(type_name: str, name: str) -> Distribution:
    """Return a parameter's distribution."""
    value = TYPES[type_name].parameters[name].value
    assert isinstance(value, Distribution)
    return value


def test_the_catalogue_is_read_once() -> None:
    """Asking twice gives the same object."""
    assert load_catalogue() is load_catalogue()
    assert date.fromisoformat(load_catalogue().version) >= date(2026, 11, 23)


def test_the_catalogue_survives_pickling() -> None:
    """Another process gets an equal catalogue."""
    found: Catalogue = pickle.loads(pickle.dumps(load_catalogue()))  # noqa: S301 - our own bytes
    assert found.types["RDS"] == TYPES["RDS"]
    assert pickle.loads(pickle.dumps(TYPES["S3"])) == TYPES["S3"]  # noqa: S301


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("RDS", "RDS"),
        ("rds", "RDS"),
        (" amazon  rds ", "RDS"),
        ("DynamoDB", "DynamoDB with advanced features"),
        ("FSx for Windows", "FSx for Windows File Server"),
        ("VMware", "Virtual machines"),
    ],
)
def test_a_type_is_found_by_name_or_alias(text: str, name: str) -> None:
    """Names and aliases find their type, capitals and spaces aside."""
    found = load_catalogue().find_type(text)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("text", ["", "FSx", "Oracle", "*"])
def test_an_unknown_or_ambiguous_type_is_not_found(text: str) -> None:
    """What names no type, or four of them, finds none."""
    assert load_catalogue().find_type(text) is None


def test_every_type_has_what_a_law_needs() -> None:
    """Every type has its times, and loads its data either before it is usable or after."""
    for name, kind in TYPES.items():
        given = set(kind.parameters)
        assert {"backup_fixed", "restore_fixed"} <= given, name
        assert ("log_lag" in given) is bool(kind.can("continuous")), name
        assert ("cold_retrieval" in given) is bool(kind.can("cold-storage")), name
        assert ("copy_fixed" in given) is (kind.can("cross-region") is not False), name
        assert ("restore_size_exponent" in given) is ("restore_size_reference" in given), name
        assert "hydration_rate" not in given or not given & {"restore_rate", "restore_object_rate"}, name
        assert kind.change_rate.value.sup <= 1, name


def test_lineage_follows_management() -> None:
    """Fully managed types find the base of an increment in the vault, the others in the Region."""
    for name, kind in TYPES.items():
        assert (kind.lineage == "vault") is bool(kind.can("full-management")), name


def test_snapshots_are_full_where_only_logs_are_incremental() -> None:
    """Aurora is ticked as incremental for its logs; its snapshots are full, as are those of types without a tick."""
    for name, kind in TYPES.items():
        logs_only = name == "Aurora"
        assert kind.snapshots_incremental is (bool(kind.can("incremental")) and not logs_only), name


def test_deployments_are_those_of_the_contract() -> None:
    """Types that span zones by themselves are regional, one is in several zones, the others are in one."""
    regional = {n for n, t in TYPES.items() if t.deployment == "regional"}
    assert regional >= {"S3", "EFS", "Aurora DSQL", *(n for n in TYPES if n.startswith("DynamoDB"))}
    assert not regional & {"RDS", "EC2", "EBS", "Aurora"}
    assert {n for n, t in TYPES.items() if t.deployment == "multi-az"} == {"RDS Multi-AZ cluster"}


@pytest.mark.parametrize("name", FEATURES)
def test_the_replication_features_that_users_write_exist(name: str) -> None:
    """Every feature of a type goes by the name that users write."""
    assert sorted(TYPES[name].replication) == sorted(FEATURES[name])


def test_no_other_type_replicates() -> None:
    """A type that is not listed has no replication feature."""
    assert {n for n, t in TYPES.items() if t.replication} == set(FEATURES)


def test_failovers_answer_zone_outages_and_losses() -> None:
    """A multi-zone deployment fails over within minutes, whether the zone or the resource is gone."""
    for kind in TYPES.values():
        for deployment, failover in kind.failovers.items():
            if deployment == "multi-az":
                assert set(failover.strikes) == {"zone-outage", "resource-loss"} <= set(load_catalogue().disruptions)
                assert failover.duration.value.sup <= 10 * MINUTE_S


def test_storage_that_spans_zones_outlives_the_only_instance() -> None:
    """In one zone, a cluster on storage of several zones gets a new instance, and ONTAP's pair its second server."""
    single = {name: kind.failovers["single-az"] for name, kind in TYPES.items() if "single-az" in kind.failovers}
    assert {name: set(each.strikes) for name, each in single.items()} == {
        "Aurora": {"zone-outage", "resource-loss"},
        "DocumentDB": {"zone-outage", "resource-loss"},
        "Neptune": {"zone-outage", "resource-loss"},
        "FSx for ONTAP": {"resource-loss"},
        "Redshift Serverless": {"zone-outage", "resource-loss"},
        "FSx for Windows File Server": {"resource-loss"},
    }
    for name in ("Aurora", "DocumentDB", "Neptune"):
        assert single[name].duration.value.quantile(0.5) < 10 * MINUTE_S < single[name].duration.value.quantile(0.95)
        with_replica = TYPES[name].failovers["multi-az"].duration.value
        assert with_replica.quantile(0.95) < single[name].duration.value.quantile(0.05)
    for failover in TYPES["FSx for ONTAP"].failovers.values():
        assert failover.duration.value.quantile(0.95) == pytest.approx(MINUTE_S)


def test_logs_are_replayed_by_their_amount() -> None:
    """Types that replay logs have a throughput and log bytes for each changed byte; the others log a change once."""
    replaying = {name for name, kind in TYPES.items() if "log_replay_rate" in kind.parameters}
    assert replaying == {"RDS", "RDS Multi-AZ cluster", "SAP HANA on EC2"}
    for name, kind in TYPES.items():
        assert ("log_factor" in kind.parameters) is (name in replaying), name
        assert "log_replay_speed" not in kind.parameters, name
    for name in replaying:
        assert parameter(name, "log_replay_rate").quantile(0.5) == pytest.approx(30e6)
        assert parameter(name, "log_factor").mean > 1
    assert load_catalogue().defaults["log_factor"].value == Constant(1.0)
    assert load_catalogue().defaults["log_failure"].value == FailureLaw(0.0)
    assert "log_failure" not in {name for kind in TYPES.values() for name in kind.parameters}


def test_only_tables_keep_their_past_when_they_are_deleted() -> None:
    """DynamoDB's point-in-time recovery outlives its table; other native features go with their resource."""
    kept = {
        (name, feature.name)
        for name, kind in TYPES.items()
        for feature in kind.replication.values()
        if feature.retained_on_delete is not None and feature.retained_on_delete.value
    }
    assert kept == {
        ("DynamoDB with advanced features", "point-in-time recovery"),
        ("DynamoDB without advanced features", "point-in-time recovery"),
    }


def test_documented_figures_are_as_aws_states_them() -> None:
    """Values that AWS documents stand where its documents put them."""
    assert parameter("RDS", "log_lag").quantile(0.5) < 5 * MINUTE_S < parameter("RDS", "log_lag").quantile(0.95)
    assert parameter("S3", "log_lag").quantile(0.95) == pytest.approx(15 * MINUTE_S)
    assert parameter("EFS", "cold_retrieval").quantile(0.5) == pytest.approx(4 * HOUR_S)
    assert parameter("EBS", "cold_retrieval").sup == 72 * HOUR_S
    kept = {name: TYPES[name].replication["automated backups"].retention for name in ("RDS", "Aurora", "DocumentDB")}
    assert {name: leaf and leaf.value / DAY_S for name, leaf in kept.items()} == {
        "RDS": 7,
        "Aurora": 1,
        "DocumentDB": 1,
    }
    assert parameter("EFS", "backup_rate").quantile(0.5) == pytest.approx(400e6)
    assert parameter("DynamoDB with advanced features", "restore_fixed").quantile(0.95) == pytest.approx(HOUR_S)
    rtc = TYPES["S3"].replication["S3 Replication Time Control"].lag.value
    assert isinstance(rtc, Lognormal)
    assert Lognormal(rtc.median, rtc.sigma).quantile(0.9999) == pytest.approx(15 * MINUTE_S, rel=0.01)


def test_defaults_are_those_of_the_contract() -> None:
    """Start delay, expiry delay and failures hold for every type."""
    defaults = load_catalogue().defaults
    start = defaults["start_delay"].value
    assert isinstance(start, Lognormal)
    assert start.quantile(0.5) == pytest.approx(10 * MINUTE_S)
    assert start.quantile(0.95) == pytest.approx(HOUR_S)
    assert defaults["expiry_delay"].value == Uniform(0.0, 8 * HOUR_S)
    for name in ("backup_failure", "copy_failure"):
        law = defaults[name].value
        assert isinstance(law, FailureLaw)
        assert law.p == 0.01
        assert law.lasts is not None
        assert law.lasts.mean == 2 * DAY_S
    assert defaults["restore_failure"].value == FailureLaw(0.05)
    assert defaults["restore_failure_tested"].value == FailureLaw(0.01)


def test_disruptions_are_those_of_the_contract() -> None:
    """The kinds strike what the contract says, and end or do not."""
    kinds = load_catalogue().disruptions
    assert {n: (k.strikes, k.ends, k.takes.value) for n, k in kinds.items()} == {
        "resource-loss": ("resource", False, Takes("none", "none", "none")),
        "accidental-deletion": ("resource", False, Takes("none", "none", "everywhere")),
        "corruption": ("resource", False, Takes("none", "none", "everywhere")),
        "ransomware": ("account", False, Takes("none", "account", "account", ("none",))),
        "account-compromise": ("account", False, Takes("account", "account", "account", ("none", "governance"))),
        "zone-outage": ("zone", True, Takes("none", "none", "none")),
        "region-outage": ("region", True, Takes("region", "region", "region")),
        "region-loss": ("region", False, Takes("region", "region", "region")),
        "service-outage": ("service", True, Takes("none", "region", "region")),
        "key-loss": ("key", False, Takes("none", "key", "none")),
        "site-outage": ("premises", True, Takes("region", "region", "region")),
        "site-loss": ("premises", False, Takes("region", "region", "region")),
    }
    assert [n for n, k in kinds.items() if k.may_delete_resource] == ["accidental-deletion"]
    assert {n for n, k in kinds.items() if k.backups_attacked} == {"ransomware", "account-compromise"}
    assert {n for n, k in kinds.items() if k.dwell.value != Constant(0.0)} == {"corruption", "ransomware"}
    assert load_catalogue().zones_per_region.value == 3


def test_rates_count_the_units_of_the_contract() -> None:
    """A rate is that of one unit of its kind, which a scenario's rate counts too."""
    assert {name: kind.rate_per for name, kind in load_catalogue().disruptions.items()} == {
        "resource-loss": "resource",
        "accidental-deletion": "application",
        "corruption": "application",
        "ransomware": "account",
        "account-compromise": "account",
        "zone-outage": "zone",
        "region-outage": "region",
        "region-loss": "region",
        "service-outage": "service",
        "key-loss": "key",
        "site-outage": "premises",
        "site-loss": "premises",
    }


def test_one_unit_is_struck_no_more_often_than_the_whole() -> None:
    """An application loses data by mistake less often than its organisation has outages; a service than its Region."""
    kinds = load_catalogue().disruptions
    assert 0.017 < kinds["accidental-deletion"].rate().value < min(0.17, kinds["corruption"].rate().value)
    assert 0.01 <= kinds["ransomware"].rate().value < 0.41
    assert kinds["account-compromise"].rate().value < kinds["ransomware"].rate().value
    assert 0.03 <= kinds["service-outage"].rate().value < 1


def test_a_business_without_its_data_is_down_for_days() -> None:
    """A rebuild takes days to months, by estimate."""
    rebuild = load_catalogue().rebuild
    assert rebuild.basis == "estimated"
    assert DAY_S < rebuild.value.quantile(0.05) < rebuild.value.quantile(0.95) <= rebuild.value.sup <= 90 * DAY_S


def test_a_region_with_a_figure_of_its_own_has_its_own_rate() -> None:
    """us-east-1 fails more often than the default, and no Region asked for gives the default."""
    kind = load_catalogue().disruptions["region-outage"]
    assert kind.rate("us-east-1").value > kind.rate("eu-west-1").value == kind.rate().value
    assert kind.rate("us-east-1").basis == "derived"


def test_ransomware_hides_as_long_as_reported() -> None:
    """The dwell's quantiles are those of the fit: 19 % of cases are older than a window of 35 days."""
    dwell = load_catalogue().disruptions["ransomware"].dwell.value
    assert dwell.quantile(0.5) == pytest.approx(5 * DAY_S)
    assert dwell.quantile(0.81) == pytest.approx(35 * DAY_S, rel=0.05)
    assert dwell.sup == 2 * YEAR_S


def test_quotas_name_types_of_the_catalogue() -> None:
    """Every limit belongs to a queue and a type, and copies into a Region are limited per type."""
    quotas = load_catalogue().quotas
    assert {key for limits in quotas.values() for key in limits} <= {"*", *TYPES}
    assert quotas["jobs_per_resource"]["*"].value == 1
    assert (quotas["backup_jobs"]["*"].value, quotas["backup_jobs"]["*"].basis) == (None, "derived")
    assert [quotas["copy_jobs"][k].value for k in ("*", "EBS", "RDS", "Aurora", "FSx for ONTAP")] == [
        *(100, 20, 20, 5, 1000)
    ]


def test_no_estimate_has_an_endless_tail() -> None:
    """Every estimated lognormal time ends within two years, so that no draw reaches decades."""
    for place, leaf in load_catalogue().leaves():
        if leaf.basis == "estimated" and isinstance(leaf.value, Lognormal):
            assert leaf.value.sup <= 2 * YEAR_S or place.endswith(("_rate", "_speed")), place


def test_what_is_said_of_full_backups_names_the_option_that_makes_increments() -> None:
    """Where an option makes backups incremental no text of its type says that they are full without naming it."""
    for kind in load_catalogue().types.values():
        if "incremental" in kind.options:
            texts = [text for _, leaf in kind.leaves() for text in (leaf.written, leaf.note)]
            full = [text for text in texts if re.search(r"(every backup is|backups are|are) full\b", text)]
            assert full
            assert all("option `incremental`" in " ".join(text.split()) for text in full), full
