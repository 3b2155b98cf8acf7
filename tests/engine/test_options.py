"""Options of a type: rates that follow from the number of objects, and what a scenario chooses for a resource."""

from __future__ import annotations

import numpy as np
import pytest

from drsim.catalogue import load_catalogue
from drsim.errors import ScenarioError
from drsim.scenario import read_scenario
from drsim.study.costs import steady_costs
from drsim.world import World, build_world
from tests.engine.test_two_clocks import agree

HOUR = 3600.0

ONE = """
start: 2026-01-01
{more}
sites:
  home: {{region: us-east-1, account: production}}
  recovery: {{region: us-west-2, account: production}}
vaults:
  local: {{site: home}}
  dr: {{site: recovery}}
applications:
  app: {{site: home, recover_at: recovery, resources: {{{resource}}}}}
backup_plans:
  plan:
    rules:
      - rule_name: daily
        target_vault: local
        every: 1 d
        completion_window: 30 d
        lifecycle: {{delete_after: 30 d}}
        copy_actions: [{{destination_vault: dr, lifecycle: {{delete_after: 30 d}}}}]
strategies:
  only: {{backup: plan}}
disruptions:
  lost: {{kind: resource-loss}}
  region: {{kind: region-loss, site: home}}
"""


def world_of(resource: str, more: str = "") -> World:
    """Return the world of one resource with a daily backup and a copy."""
    return build_world(read_scenario(ONE.format(resource=resource, more=more)), "only")


@pytest.mark.parametrize(
    ("objects", "size", "hours", "nearness"),
    [
        ("135e6", "425 GB", 31, 0.1),
        ("670e6", "800 TB", 38, 0.15),
        ("5e9", "6 PB", 100, 0.15),
        ("7.5e9", "370 TB", 180, 0.15),
    ],
)
def test_a_first_backup_of_a_bucket_takes_what_aws_measured(
    objects: str, size: str, hours: float, nearness: float
) -> None:
    """AWS's four samples lie inside the 5 to 95 % band of a first backup, and near its median."""
    w = world_of(f"bucket: {{type: S3, size: {size}, objects: {objects}}}")
    work = w.streams[0].work
    lasted = work.durations(np.arange(20_000), 0, w.resources[0].size_bytes, w.resources[0].objects) / HOUR
    p5, p50, p95 = np.quantile(lasted, (0.05, 0.5, 0.95))
    assert p5 <= hours <= p95
    assert p50 == pytest.approx(hours, rel=nearness)


def test_the_rates_of_a_bucket_change_at_the_number_of_objects_that_the_guide_names() -> None:
    """Below 300 million objects a bucket has the type's own rates, from there on those of its size alone."""
    s3 = load_catalogue().types["S3"]
    rate = s3.parameters["backup_object_rate"].value
    assert s3.used((), 299_999_999).parameters["backup_object_rate"].value == rate
    assert s3.used((), 300_000_000).in_force == ("300 million objects",)
    assert s3.used((), 5e9).in_force == ("2 billion objects",)
    assert s3.used((), 5e9).parameters["backup_object_rate"].value != rate


def test_both_clocks_agree_on_a_large_bucket() -> None:
    """Rates that follow from the size are the same on both clocks."""
    w = world_of("bucket: {type: S3, size: 800 TB, objects: 670e6, change_rate: 1 %/day}")
    agree(w, ["lost", "region"], 40)


@pytest.mark.parametrize(
    ("resource", "repair"),
    [
        ("db: {type: RDS, size: 1 GB, options: [fast]}", "this type has none"),
        ("b: {type: S3, size: 1 GB, options: [300 million objects]}", "leave it out, and write `objects`"),
    ],
)
def test_an_option_that_cannot_be_chosen_is_refused(resource: str, repair: str) -> None:
    """An unknown option, and one that only a size brings, are errors with a repair."""
    with pytest.raises(ScenarioError) as refused:
        world_of(resource)
    assert [(p.check, p.repair) for p in refused.value.problems] == [("unknown-option", repair)]


def stored_gib(resource: str) -> float:
    """Return what the rule's own points store in the home vault [GiB-month]."""
    scenario = read_scenario(ONE.format(resource=resource, more="").replace("region: {", "gone: {"))
    bill = steady_costs(scenario, build_world(scenario, "only"))
    rows = bill[(bill["line"] == "storage-warm") & (bill["place"] == "local")]
    return float(rows["quantity"].sum())


def test_incremental_backups_of_dynamodb_are_chosen_and_cost_what_changes() -> None:
    """Of 100 GiB, 4 %/day, kept 30 d: 30 full points by default, with the option one and 29 days of changes."""
    table = "table: {{type: DynamoDB, size: 100 GiB, change_rate: 4 %/day{}}}"
    quiet = ", overrides: {backup_failure: 0, copy_failure: 0, expiry_delay: 0 h}"
    assert stored_gib(table.format(quiet)) == pytest.approx(30 * 100)
    assert stored_gib(table.format(quiet + ", options: [incremental]")) == pytest.approx(100 + 29 * 4, rel=1e-3)


def test_increments_of_dynamodb_leave_its_continuous_protection_as_it_is() -> None:
    """Point-in-time recovery of a table is billed by its size, whether its backups are full or not."""
    bills = []
    for options in ("", ", options: [incremental]"):
        text = ONE.format(resource=f"table: {{type: DynamoDB, size: 100 GiB{options}}}", more="")
        text = text.replace(
            "only: {backup: plan}", "only: {backup: plan, replication: {'*': {feature: point-in-time recovery}}}"
        )
        scenario = read_scenario(text)
        bill = steady_costs(scenario, build_world(scenario, "only"))
        bills.append(bill[bill["line"] == "continuous"]["quantity"].tolist())
    assert bills[0] == bills[1] == [pytest.approx(100)]


def test_both_clocks_agree_on_incremental_backups_of_dynamodb() -> None:
    """An option that changes what each job moves changes it on both clocks."""
    w = world_of("table: {type: DynamoDB, size: 4 TB, change_rate: 4 %/day, options: [incremental]}")
    assert w.streams[0].size_bytes[-1] == pytest.approx(0.04 * 4e12)
    agree(w, ["lost", "region"], 40)


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("FSx for Lustre", "Intelligent-Tiering"),
        ("FSx for OpenZFS", "Intelligent-Tiering"),
        ("FSx for ONTAP", "FlexGroup"),
    ],
)
def test_what_cannot_be_copied_dies_with_its_region_and_is_warned_of(kind: str, option: str) -> None:
    """A copy of such a file system is ignored, with a warning; its Region lost nothing is left, on both clocks."""
    text = ONE.format(resource=f"files: {{type: {kind}, size: 2 TB, options: [{option}]}}", more="")
    scenario = read_scenario(text)
    (warning,) = [problem for problem in scenario.warnings if problem.check == "copy-ignored"]
    assert f"{kind}, {option}" in warning.found
    lost, region = agree(build_world(scenario, "only"), ["lost", "region"], 20)
    assert "recovered" in set(lost["state"].astype(str))
    assert set(region["state"].astype(str)) == {"unrecoverable"}
    plain = world_of(f"files: {{type: {kind}, size: 2 TB}}")
    assert "recovered" in set(agree(plain, ["region"], 20)[0]["state"].astype(str))


RATE = "overrides: {restore_fixed: 10 min, restore_rate: 200 MB/s, restore_failure: 0}"


def test_a_volume_of_ontap_is_read_once_its_metadata_are_there() -> None:
    """8 TB at 200 MB/s: 10 min + 40,000 s, or with the option usable after 10 min + 4 % of that, all there as late."""
    whole, early = (
        agree(world_of(f"v: {{type: FSx for ONTAP, size: 8 TB, deployment: regional, {o}{RATE}}}"), ["lost"], 20)[0]
        for o in ("", "options: [reads during restore], ")
    )
    for log, usable_s in ((whole, 600 + 40_000), (early, 600 + 0.04 * 40_000)):
        restored = log[(log["level"] == "resource") & (log["recovered_by"].astype(str) == "restore")]
        assert len(restored) == 20
        assert restored["downtime_s"].to_numpy() == pytest.approx(usable_s, abs=1e-3)
        assert restored["full_performance_s"].to_numpy() == pytest.approx(600 + 40_000, abs=1e-3)


@pytest.mark.parametrize(("rate", "minutes"), [("", 58.25), (", hydration_rate: 100 MiB/s", 174.8)])
def test_a_provisioned_rate_says_when_a_volume_is_at_full_performance(rate: str, minutes: float) -> None:
    """1 TiB is initialised in 58 minutes at 300 MiB/s, within 10 %, and in 175 at 100 MiB/s."""
    more = f"overrides: {{restore_fixed: 0 min, restore_failure: 0{rate}}}"
    w = world_of(f"disk: {{type: EBS, size: 1 TiB, options: [provisioned initialization], {more}}}")
    (lost,) = agree(w, ["lost"], 40)
    disks = lost[lost["level"] == "resource"]
    loaded = (disks["full_performance_s"] - disks["downtime_s"]) / 60
    assert loaded.min() >= minutes / 1.1 - 1e-6
    assert loaded.max() <= minutes / 0.9 + 1e-6
    assert loaded.mean() == pytest.approx(minutes, rel=0.03)


def test_what_lies_in_several_zones_is_lost_more_rarely_than_a_volume() -> None:
    """A resource is lost at its type's rate, else at that of the kind; a written rate holds for all."""
    resources = "disk: {type: EBS, size: 1 TB, count: 3}, bucket: {type: S3, size: 1 TB, count: 2}"
    rates = {unit.name: unit.rate_per_year for unit in world_of(resources).disruptions["lost"].units}
    assert rates == {"app.disk": pytest.approx(3 * 0.0015), "app.bucket": pytest.approx(2 * 0.00001)}
    written_rate = "{kind: resource-loss, rate: 1 /year}"
    text = ONE.format(resource=resources, more="").replace("{kind: resource-loss}", written_rate)
    written = build_world(read_scenario(text), "only").disruptions["lost"].units
    assert {unit.name: unit.rate_per_year for unit in written} == {"app.disk": 3, "app.bucket": 2}
