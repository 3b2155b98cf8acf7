"""The steady bill of small scenarios against sums worked out by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from drsim.scenario import read_scenario
from drsim.study.costs import STEADY_COLUMNS, kept_for_ever, steady_costs
from drsim.study.costs.amounts import is_estimated
from drsim.world import build_world

DAYS_PER_MONTH = 365 / 12
HOURS = 730

BASE = """
start: '2026-01-01'
{more}
sites:
  home: {{region: us-east-1, account: production}}
  neighbour: {{region: us-east-1, account: backup}}
  recovery: {{region: us-west-2, account: production}}
vaults:
  local: {{site: home}}
  second: {{site: home}}
  other: {{site: neighbour, lock: {lock}}}
  dr: {{site: recovery}}
  far: {{site: recovery}}
applications:
  app: {{site: home, resources: {{{resources}}}}}
backup_plans:
  plan: {{rules: [{rules}]}}
strategies:
  only: {{{strategy}}}
disruptions:
  lost: {{kind: resource-loss}}
overrides:
  '*': {{expiry_delay: 0 h, backup_failure: 0, copy_failure: 0}}
"""

FILES = "files: {type: EFS, size: 1000 GiB, change_rate: 2 %/day}"


def rule(name: str = "daily", every: str = "1 d", keep: str = "30 d", vault: str = "local", more: str = "") -> str:
    """A rule of a plan."""
    return f"{{rule_name: {name}, target_vault: {vault}, every: {every}, lifecycle: {{delete_after: {keep}}}{more}}}"


def copy(vault: str = "dr", keep: str = "30 d") -> str:
    """The copy action of a rule."""
    return f", copy_actions: [{{destination_vault: {vault}, lifecycle: {{delete_after: {keep}}}}}]"


def bill(
    resources: str = FILES,
    rules: str | None = None,
    strategy: str = "backup: plan",
    *,
    lock: str = "none",
    more: str = "",
) -> pd.DataFrame:
    """Return the bill of a scenario, having checked that its rows and its total add up."""
    text = BASE.format(
        resources=resources, rules=rule() if rules is None else rules, strategy=strategy, lock=lock, more=more
    )
    scenario = read_scenario(text)
    costs = steady_costs(scenario, build_world(scenario, "only"))
    assert tuple(costs.columns) == STEADY_COLUMNS
    lines, total = costs[costs["line"] != "total"], costs[costs["line"] == "total"]
    priced = lines[lines["usd_per_month"].notna()]
    usd = priced["quantity"] * priced["usd_per_unit"].fillna(0)
    assert usd.tolist() == pytest.approx(priced["usd_per_month"].tolist(), rel=1e-12)
    assert total["usd_per_month"].tolist() == pytest.approx([priced["usd_per_month"].sum()])
    return costs


def line(costs: pd.DataFrame, name: str, place: str | None = None) -> float:
    """Return the cost of a line, perhaps at one place [USD/month]."""
    rows = costs[(costs["line"] == name) & (costs["quantity"] > 0)]
    return float(rows["usd_per_month"].sum() if place is None else rows[rows["place"] == place]["usd_per_month"].sum())


def total(costs: pd.DataFrame) -> float:
    """Return the total [USD/month]."""
    return float(costs.loc[costs["line"] == "total", "usd_per_month"].iloc[0])


def test_daily_points_of_efs_cost_79_dollars() -> None:
    """1000 GiB of EFS, 2 %/day, daily points kept 30 days, cost 79.00 USD a month."""
    costs = bill()
    assert total(costs) == pytest.approx(79.0, rel=1e-9)
    assert costs["line"].tolist() == ["storage-warm", "audit", "total"]


def test_neither_horizon_nor_warm_up_changes_the_bill() -> None:
    """A steady bill is the same however long the study looks and however lately the plans began."""
    weekly = f"{rule()}, {rule('weekly', '7 d', '90 d')}"
    usual = total(bill(rules=weekly))
    assert total(bill(rules=weekly, more="horizon: 20 d")) == pytest.approx(usual)
    assert total(bill(rules=weekly, more="warm_up: 0 d")) == pytest.approx(usual)
    assert total(bill(rules=weekly, more="horizon: 3 y")) == pytest.approx(usual)


def test_a_copy_is_stored_again_and_moves_each_days_changes() -> None:
    """A copy costs its storage and, across Regions, 20 GiB a day at 0.04 a GiB."""
    costs = bill(rules=rule(more=copy()))
    assert line(costs, "storage-warm", "local") == pytest.approx(79)
    assert line(costs, "storage-warm", "dr") == pytest.approx(79)
    assert line(costs, "transfer", "dr") == pytest.approx(20 * DAYS_PER_MONTH * 0.04)
    assert total(costs) == pytest.approx(158 + 20 * DAYS_PER_MONTH * 0.04)


def test_a_copy_within_a_region_moves_for_free() -> None:
    """A copy to another account of the Region costs its storage alone."""
    costs = bill(rules=rule(more=copy("other")))
    assert total(costs) == pytest.approx(158)
    assert "transfer" not in costs["line"].tolist()


def test_chained_copies_pay_from_where_they_are_copied() -> None:
    """A copy of a copy within the other Region crosses no border again."""
    chained = ", copy_actions: [{destination_vault: dr, then: [{destination_vault: far}]}]"
    costs = bill(rules=rule(more=chained))
    assert total(costs) == pytest.approx(3 * 79 + 20 * DAYS_PER_MONTH * 0.04)


def test_short_lived_copies_are_full_each_time() -> None:
    """A copy kept no longer than the next one takes to come moves everything each day."""
    costs = bill(rules=rule(more=copy(keep="1 d")))
    assert line(costs, "storage-warm", "dr") == pytest.approx(50)
    assert line(costs, "transfer") == pytest.approx(1000 * DAYS_PER_MONTH * 0.04)


COLD = "lifecycle: {cold_storage_after: 30 d, delete_after: 120 d}"


def test_what_a_warm_point_refers_to_stays_warm() -> None:
    """EFS, 30 days warm and 90 cold: everything and 29 days of changes at 0.05, 90 days of changes at 0.01."""
    costs = bill(rules=f"{{rule_name: d, target_vault: local, every: 1 d, {COLD}}}")
    assert line(costs, "storage-warm") == pytest.approx((1000 + 29 * 20) * 0.05)
    assert line(costs, "storage-cold") == pytest.approx(90 * 20 * 0.01)
    assert costs["basis"].str.contains("what a warm point refers to stays warm").sum() == 2


def test_data_move_to_cold_once_no_warm_point_refers_to_them() -> None:
    """1 TB, 1 %/day, 30 d warm and 100 d cold: S + 29 c S = 1,201 GiB at 0.05 and 100 c S = 931 GiB at 0.01."""
    files = "files: {type: EFS, size: 1 TB, change_rate: 1 %/day}"
    cold = "lifecycle: {cold_storage_after: 30 d, delete_after: 130 d}"
    costs = bill(files, f"{{rule_name: d, target_vault: local, every: 1 d, {cold}}}")
    stored = costs.set_index("line")["quantity"]
    assert stored["storage-warm"] == pytest.approx(1201.4, abs=0.1)
    assert stored["storage-cold"] == pytest.approx(931.3, abs=0.1)
    assert line(costs, "storage-warm") + line(costs, "storage-cold") == pytest.approx(69.38, abs=0.01)


def test_another_rule_keeps_blocks_warm() -> None:
    """Between warm points of noon, cold ones of midnight hold what came and went from noon to noon alone."""
    cold = f"{{rule_name: d, target_vault: local, every: 1 d, start_window: 1 h, {COLD}}}"
    noon = rule("noon", keep="120 d", more=", start_window: 1 h").replace("every: 1 d", "schedule: cron(0 12 * * ? *)")
    costs = bill(rules=f"{cold}, {noon}")
    half = 1 - math.sqrt(0.98)
    brief = 1000 * half * half
    assert line(costs, "storage-warm") == pytest.approx(0.05 * (1000 + 119 * 20 + 30 * brief), rel=2e-3)
    # half of the time the oldest point is one of midnight
    assert line(costs, "storage-cold") == pytest.approx(0.01 * (89.5 * brief + 500 * half), rel=2e-3)


def test_archived_snapshots_of_ebs_are_full() -> None:
    """EBS every 28 days, warm for 56 and archived for 280: a chain of two at 0.05, and ten whole ones at 0.0125."""
    cold = "lifecycle: {opt_in_to_archive: true, cold_storage_after: 56 d, delete_after: 336 d}"
    disk = "disk: {type: EBS, size: 100 GiB, change_rate: 2 %/day}"
    costs = bill(disk, f"{{rule_name: d, target_vault: local, every: 28 d, {cold}}}")
    assert line(costs, "storage-warm") == pytest.approx(100 * (2 - math.pow(0.98, 28)) * 0.05)
    assert line(costs, "storage-cold") == pytest.approx(10 * 100 * 0.0125)


def test_daily_snapshots_of_ebs_stay_warm() -> None:
    """EBS archives no points of a rule that runs daily: a chain of 120 at 0.05, with the opt-in or without."""
    for opt_in in ("true", "false"):
        lifecycle = f"{{cold_storage_after: 30 d, delete_after: 120 d, opt_in_to_archive: {opt_in}}}"
        cold = f"{{rule_name: d, target_vault: local, every: 1 d, lifecycle: {lifecycle}}}"
        costs = bill("disk: {type: EBS, size: 500 GiB, change_rate: 2 %/day}", cold)
        assert total(costs) == pytest.approx((500 + 119 * 10) * 0.05)


@pytest.mark.parametrize(("kept", "age", "gib"), [("1 d", "", 464), ("1 d", ", age: 3 y", 1194), ("7 d", "", 446.4)])
def test_what_is_kept_for_ever_is_as_old_as_it_says(kept: str, age: str, gib: float) -> None:
    """The points of one year of 100 GiB, 1 %/day, are 464 GiB; weekly ones are 52; those of three years 1194 GiB."""
    disk = "disk: {type: EBS, size: 100 GiB, change_rate: 1 %/day}"
    ever = f"{{rule_name: d, target_vault: local, every: {kept}{age}}}"
    found = gib if kept == "1 d" else 100 + 51 * 100 * (1 - math.pow(0.99, 7))
    costs = bill(disk, ever)
    assert total(costs) == pytest.approx(found * 0.05)
    for more in ("horizon: 40 d", "horizon: 3 y"):
        assert total(bill(disk, ever, more=more)) == total(costs)


def test_a_plan_for_ever_costs_the_same_whatever_stands_beside_it() -> None:
    """Another plan that keeps a point of each year for ten changes nothing, and a younger warm-up caps the age."""
    disk = "disk: {type: EBS, size: 100 GiB, change_rate: 1 %/day}"
    ever = "{rule_name: d, target_vault: local, every: 1 d}"
    years = ever.replace("every: 1 d", "schedule: cron(0 5 1 1 ? *), lifecycle: {delete_after: 3650 d}")
    alone = BASE.format(resources=disk, rules=ever, strategy="backup: plan", lock="none", more="# more")
    text = alone.replace("\nstrategies:", f"\n  long: {{rules: [{years}]}}\nstrategies:\n  other: {{backup: long}}")
    for more, usd in (("", 23.20), ("warm_up: 100 d", (100 + 99) * 0.05), ("warm_up: 2 y", 23.20)):
        scenario = read_scenario(text.replace("# more", more))
        assert total(steady_costs(scenario, build_world(scenario, "only"))) == pytest.approx(usd)


def test_what_is_kept_for_ever_says_what_becomes_of_it() -> None:
    """The basis and `kept_for_ever` say what it costs after 1, 3 and 7 years; two members cost twice as much."""
    disk = "disk: {type: EBS, size: 100 GiB, change_rate: 1 %/day, count: 2}"
    text = BASE.format(
        resources=disk,
        rules="{rule_name: d, target_vault: local, every: 1 d}",
        strategy="backup: plan",
        lock="none",
        more="",
    )
    scenario = read_scenario(text)
    world = build_world(scenario, "only")
    (found,) = kept_for_ever(scenario, world)
    assert (found.subject, found.line, found.place) == ("app.disk", "storage-warm", "local")
    assert found.gib == pytest.approx({1: 2 * 464, 3: 2 * 1194, 7: 2 * 2654})
    assert found.usd_per_month == pytest.approx({1: 46.40, 3: 119.40, 7: 265.40})
    said = "46.40 USD after 1 y, 119.40 USD after 3 y, 265.40 USD after 7 y"
    assert said in steady_costs(scenario, world)["basis"].iloc[0]
    assert kept_for_ever(scenario, build_world(scenario, "only")) == [found]


def test_copies_have_an_age_of_their_own() -> None:
    """Copies kept for ever of points that expire are billed by the `age` of their action."""
    ever = ", copy_actions: [{destination_vault: dr, age: 73 d, lifecycle: {}}]"
    costs = bill(rules=rule(keep="10 d", more=ever))
    assert line(costs, "storage-warm", "dr") == pytest.approx((1000 + 72 * 20) * 0.05)
    assert line(costs, "transfer") == pytest.approx(20 * DAYS_PER_MONTH * 0.04)


SMALL = "bucket: {type: S3, size: 38.147 GiB, change_rate: 1 %/day, objects: 1e7}"


def test_small_objects_of_s3_count_as_128_kib() -> None:
    """Ten million objects of 4 KiB are billed as 1220.7 GiB, and each version of one as 128 KiB, in copies as well."""
    floor = 1e7 * 128 / 2**20
    still = SMALL.replace("change_rate: 1 %/day", "change_rate: 0 %/day")
    assert total(bill(still)) == pytest.approx(61.04, abs=0.005)
    costs = bill(SMALL, rule(more=copy()))
    assert line(costs, "storage-warm", "local") == pytest.approx(floor * 1.29 * 0.05)
    assert line(costs, "storage-warm", "dr") == pytest.approx(floor * 1.29 * 0.05)
    assert costs["basis"].str.contains("1e\\+07 objects of 4 KiB on average are billed as 128 KiB each").sum() == 2
    assert line(costs, "transfer") == pytest.approx(38.147 * 0.01 * DAYS_PER_MONTH * 0.04)
    always = rule(keep="35 d", more=", enable_continuous_backup: true")
    assert line(bill(SMALL, always), "continuous") == pytest.approx(floor * 1.35 * 0.05)


def test_large_objects_of_s3_count_as_they_are() -> None:
    """Objects above 128 KiB have no floor; where their number is not given, the basis says what was taken."""
    large = SMALL.replace("objects: 1e7", "objects: 1e5")
    assert total(bill(large)) == pytest.approx(38.147 * 1.29 * 0.05)
    unknown = bill(SMALL.replace(", objects: 1e7", ""))
    assert total(unknown) == pytest.approx(38.147 * 1.29 * 0.05)
    assert "none is taken to be smaller than 128 KiB" in unknown["basis"].iloc[0]


def slow(kind: str, size: str, rate: str, more: str = "") -> str:
    """A resource whose backups take their time."""
    laws = f"backup_fixed: 0 h, backup_rate: {rate}, start_delay: 0 min{more}"
    return f"it: {{type: {kind}, size: {size}, change_rate: 1 %/day, overrides: {{{laws}}}}}"


@pytest.mark.parametrize("kind", ["S3", "EBS", "Redshift", "Aurora"])
def test_what_never_completes_costs_nothing(kind: str) -> None:
    """A resource none of whose first backups fits its window stores nothing, has no copies, and moves nothing."""
    never = rule(more=f", completion_window: 6 h{copy('second')}")
    costs = bill(slow(kind, "3000 GB", "100 MB/s"), never)
    assert total(costs) == 0
    assert "daily: no" in costs["basis"].iloc[0]
    assert total(bill(slow(kind, "3000 GB", "100 MB/s"), never.replace("6 h", "9 h"))) > 0


def test_a_rule_with_time_enough_makes_the_base_of_the_others() -> None:
    """Where one rule's first backup completes, the increments of another with a short window follow."""
    short = rule(more=", completion_window: 6 h")
    weekly = rule("weekly", "7 d", "90 d", more=", completion_window: 2 d")
    files = slow("EFS", "3000 GB", "100 MB/s")
    assert total(bill(files, short)) == 0
    assert total(bill(files, f"{short}, {weekly}")) == pytest.approx(total(bill(FILES_3000, f"{short}, {weekly}")))


FILES_3000 = "it: {type: EFS, size: 3000 GB, change_rate: 1 %/day, overrides: {backup_duration: 1 min}}"


def test_full_backups_count_as_often_as_they_complete() -> None:
    """Of full backups that take 5 to 25 h, evenly, in a window of 10 h a quarter is stored, less those that fail."""
    table = "type: DynamoDB without advanced features, size: 100 GiB, change_rate: 1 %/day"
    laws = "backup_duration: {uniform: [5 h, 25 h]}, start_delay: 0 min"
    rules = rule(more=f", completion_window: 10 h{copy('second')}, overrides: {{backup_failure: 20 %}}")
    costs = bill(f"table: {{{table}, overrides: {{{laws}}}}}", rules.replace(copy("second"), ""))
    assert total(costs) == pytest.approx(30 * 100 * 0.10 * 0.25 * 0.8, rel=1e-6)
    said = (
        "daily: a backup leaves a point with a probability of 0.2 (to start within 8 h, to complete within 10 h, 20 %"
    )
    assert said in costs["basis"].iloc[0]
    late = laws.replace("start_delay: 0 min", "start_delay: {uniform: [0 h, 4 h]}")
    rules = rule(more=", start_window: 1 h, completion_window: 25 h")
    assert total(bill(f"table: {{{table}, overrides: {{{late}}}}}", rules)) == pytest.approx(75, rel=1e-6)


def test_jobs_that_do_not_complete_have_no_price() -> None:
    """A price of each backup counts those that complete."""
    disk = slow("EBS", "3000 GB", "100 MB/s")
    own = "prices: {per_backup: 1 USD}"
    never = rule(more=", completion_window: 6 h")
    assert total(bill(disk, never, more=own)) == 0
    half = "table: {type: Aurora, size: 10 GiB, overrides: {backup_duration: {uniform: [0 h, 2 h]}, start_delay: 0 s}}"
    costs = bill(half, rule(more=", completion_window: 60 min"), more=own)
    assert costs.loc[costs["unit"] == "backup", "quantity"].tolist() == pytest.approx([DAYS_PER_MONTH / 2])


def test_an_air_gapped_vault_shares_no_blocks() -> None:
    """EBS in a vault of its own account holds one chain with another there, and a whole one in an air-gapped vault."""
    disk = "disk: {type: EBS, size: 400 GiB, change_rate: 1 %/day}"
    lock = "air-gapped, min_retention: 7 d, max_retention: 90 d"
    costs = bill(disk, rule(more=copy("other")), lock=lock, more="")
    assert line(costs, "storage-warm", "local") == pytest.approx((400 + 29 * 4) * 0.05)
    assert line(costs, "storage-warm", "other") == pytest.approx((400 + 29 * 4) * 0.05 * 1.15)
    here = BASE.replace("other: {{site: neighbour", "other: {{site: home")
    text = here.format(resources=disk, rules=rule(more=copy("other")), strategy="backup: plan", lock=lock, more="")
    scenario = read_scenario(text)
    same = steady_costs(scenario, build_world(scenario, "only"))
    assert line(same, "storage-warm", "local") == pytest.approx((400 + 29 * 4) * 0.05)
    assert line(same, "storage-warm", "other") == pytest.approx((400 + 29 * 4) * 0.05 * 1.15)


def test_an_air_gapped_vault_as_primary_target() -> None:
    """EFS writes into it at once; a point of EBS stands beside it until its copy completes, and shares nothing."""
    laws = "overrides: {backup_duration: 1 h, copy_duration: 2 h, start_delay: 0 min}"
    both = "".join(f"{kind.lower()}: {{type: {kind}, size: 400 GiB, change_rate: 1 %/day, {laws}}}, " for kind in KINDS)
    lock = "air-gapped, min_retention: 7 d, max_retention: 90 d"
    text = BASE.replace("other: {{site: neighbour", "other: {{site: home").format(
        resources=both,
        rules=rule(keep="35 d", more=", target_air_gapped_vault: other"),
        strategy="backup: plan",
        lock=lock,
        more="",
    )
    scenario = read_scenario(text)
    costs = steady_costs(scenario, build_world(scenario, "only"))
    gap = costs[costs["place"] == "other"].set_index("subject")["usd_per_month"]
    assert gap.to_dict() == pytest.approx(dict.fromkeys(("app.efs", "app.ebs"), (400 + 34 * 4) * 0.05 * 1.15))
    beside = costs[costs["place"] == "local"].set_index("subject")["usd_per_month"]
    assert beside.to_dict() == pytest.approx({"app.ebs": 400 * 3 / 24 * 0.05})


KINDS = ("EFS", "EBS")


def test_a_point_that_goes_with_its_copy_is_billed_until_then() -> None:
    """A point of 1000 GiB that goes once its copy is there, 3 h after it was made, is stored an eighth of the day."""
    disk = (
        "disk: {type: EBS, size: 1000 GiB, change_rate: 2 %/day, "
        "overrides: {backup_duration: 1 h, copy_duration: 2 h, start_delay: 0 min}}"
    )
    brief = rule(more=copy("other")).replace(
        "delete_after: 30 d}, copy", "delete_after: 30 d, delete_after_event: copy}, copy"
    )
    costs = bill(disk, brief)
    assert line(costs, "storage-warm", "local") == pytest.approx(1000 / 8 * 0.05)
    assert line(costs, "storage-warm", "other") == pytest.approx((1000 + 29 * 20) * 0.05)


def test_every_line_says_what_it_is_for() -> None:
    """Each line bears its resource, the total none; alike resources have lines of their own."""
    costs = bill(f"{FILES}, more: {{type: EFS, size: 10 GiB, change_rate: 2 %/day}}")
    assert costs["subject"].tolist() == ["app.files", "app.more", "estate", ""]
    assert costs["type"].tolist() == ["EFS", "EFS", "all", ""]


def test_an_allowance_is_shared_by_what_is_stored() -> None:
    """Two databases whose backups exceed what is free pay in proportion to what they store."""
    a = "a: {type: RDS, size: 300 GiB, change_rate: 4 %/day}"
    b = "b: {type: RDS, size: 100 GiB, change_rate: 4 %/day}"
    costs = bill(f"{a}, {b}")
    warm = costs[costs["line"] == "storage-warm"].set_index("subject")["quantity"]
    assert warm["app.a"] == pytest.approx(3 * warm["app.b"])
    assert warm.sum() == pytest.approx(400 * 29 * 0.04)


def test_what_an_application_spares_of_its_allowance_is_the_estates() -> None:
    """A database's bill is its own; the hundred GiB that another application has to spare are a line of the estate."""
    need = "{site: home, resources: {db: {type: RDS, size: 300 GiB, change_rate: 4 %/day}}}"
    spare = "{site: home, resources: {db: {type: RDS, size: 10 GiB, provisioned: 139 GiB, change_rate: 10 %/day}}}"
    text = BASE.format(resources="X", rules=rule(), strategy="backup: plan", lock="none", more="")
    before, after = text.index("applications:"), text.index("backup_plans:")

    def billed(applications: str) -> pd.DataFrame:
        scenario = read_scenario(f"{text[:before]}applications: {applications}\n{text[after:]}")
        return steady_costs(scenario, build_world(scenario, "only"))

    own, both = billed(f"{{need: {need}}}"), billed(f"{{need: {need}, spare: {spare}}}")
    assert line(own, "storage-warm") == pytest.approx(29 * 12 * 0.095)
    by_subject = both[both["line"] == "storage-warm"].groupby("subject")["usd_per_month"].sum()
    assert by_subject["need.db"] == line(own, "storage-warm")
    assert by_subject["spare.db"] == 0
    assert by_subject["estate"] == pytest.approx(-100 * 0.095)
    assert total(both) == pytest.approx((29 * 12 - 100) * 0.095)


def test_rules_into_one_vault_share_what_they_hold() -> None:
    """Daily points for a week and weekly ones for four hold one base and the changes between the points alive."""
    costs = bill(rules=f"{rule(keep='7 d')}, {rule('weekly', '7 d', '28 d')}")

    def changed(days: int) -> float:
        return 1 - math.pow(0.98, days)

    # k days after the last weekly point: two whole weeks, the gap up to the dailies, six days
    held = [1000 * (1 + 2 * changed(7) + changed(k + 1) + 6 * changed(1)) for k in range(7)]
    assert total(costs) == pytest.approx(sum(held) / 7 * 0.05, rel=1e-9)


def test_vaults_share_nothing_where_the_type_is_fully_managed() -> None:
    """EFS in two vaults costs two bases; EBS, which looks for its base in the whole Region, one."""
    assert total(bill(rules=rule(more=copy("second")))) == pytest.approx(158)
    disk = "disk: {type: EBS, size: 1000 GiB, change_rate: 2 %/day}"
    once = bill(disk, rule(more=copy("second")))
    assert total(once) == pytest.approx(79)


def test_full_backups_of_dynamodb() -> None:
    """30 points of a table of 100 GiB are 30 times the table, at 0.10, whatever changes."""
    table = "table: {type: DynamoDB without advanced features, size: 100 GiB, change_rate: 1 %/day}"
    assert total(bill(table)) == pytest.approx(30 * 100 * 0.10)


def test_databases_share_the_free_allowance_of_their_region() -> None:
    """RDS is billed beyond what is provisioned in Region and account, and wholly where no database runs."""
    one = "db: {type: RDS, size: 500 GiB, provisioned: 600 GiB, change_rate: 4 %/day}"
    costs = bill(one, rule(more=copy()))
    stored = 500 + 29 * 20
    assert line(costs, "storage-warm", "local") == pytest.approx((stored - 600) * 0.095)
    assert line(costs, "storage-warm", "dr") == pytest.approx(stored * 0.095)
    assert line(costs, "transfer") == pytest.approx(20 * DAYS_PER_MONTH * 0.02)
    two = f"{one}, spare: {{type: RDS, size: 100 GiB, provisioned: 1000 GiB, change_rate: 1 %/day}}"
    assert total(bill(two)) == pytest.approx(0)
    three = f"{one}, cluster: {{type: RDS Multi-AZ cluster, size: 100 GiB, change_rate: 1 %/day}}"
    assert total(bill(three)) == pytest.approx((stored + 100 + 29 - 600 - 100) * 0.095)
    assert total(bill(one, rule(more=copy("other")))) == pytest.approx((stored - 600 + stored) * 0.095)


def test_backups_within_the_allowance_are_free() -> None:
    """Seven days of 300 GiB changing 2 % a day fit into 500 GiB provisioned."""
    costs = bill("db: {type: RDS, size: 300 GiB, provisioned: 500 GiB, change_rate: 2 %/day}", rule(keep="7 d"))
    assert total(costs) == 0


def test_a_continuous_database_holds_its_size_once() -> None:
    """A continuous window of 35 days of RDS holds everything once and 35 days of changes; snapshots add little."""
    one = "db: {type: RDS, size: 500 GiB, change_rate: 4 %/day}"
    always = rule(keep="35 d", more=", enable_continuous_backup: true")
    costs = bill(one, always)
    assert line(costs, "continuous") == pytest.approx(35 * 20 * 0.095)
    assert total(costs) == pytest.approx(35 * 20 * 0.095)
    both = total(bill(one, f"{always}, {rule('weekly', '7 d', '28 d')}"))
    assert both == pytest.approx(total(costs), rel=0.01)


def test_full_snapshots_of_aurora() -> None:
    """30 snapshots of an Aurora cluster of 100 GiB cost 30 times its size at 0.021."""
    assert total(bill("db: {type: Aurora, size: 100 GiB, change_rate: 4 %/day}")) == pytest.approx(30 * 100 * 0.021)


def test_snapshots_of_aurora_inside_the_continuous_window_are_free() -> None:
    """Beside 7 days of automated backups 23 of 30 snapshots are billed, and of the log what exceeds the volume."""
    native = "backup: plan, replication: {'*': {feature: automated backups, retention: 7 d}}"
    costs = bill("db: {type: Aurora, size: 100 GiB, change_rate: 4 %/day}", rule(more=copy()), native)
    assert line(costs, "storage-warm", "local") == pytest.approx(23 * 100 * 0.021)
    assert line(costs, "storage-warm", "dr") == pytest.approx(30 * 100 * 0.021)
    assert line(costs, "continuous", "home") == pytest.approx(7 * 4 * 0.021)


def test_continuous_backup_of_s3() -> None:
    """A bucket protected for 35 days holds everything once and 35 days of changes, at 0.05."""
    always = rule(keep="35 d", more=", enable_continuous_backup: true")
    costs = bill("bucket: {type: S3, size: 1000 GiB, change_rate: 1 %/day}", always)
    assert total(costs) == pytest.approx((1000 + 35 * 10) * 0.05)
    assert line(costs, "continuous") == total(costs)


def test_point_in_time_recovery_of_dynamodb_costs_its_size() -> None:
    """Point-in-time recovery costs 0.20 a GiB of the table, whatever its window and its changes."""
    table = "table: {type: DynamoDB with advanced features, size: 100 GiB, change_rate: 9 %/day}"
    native = "replication: {'*': {feature: point-in-time recovery}}"
    costs = bill(table, strategy=native)
    assert total(costs) == line(costs, "continuous") == pytest.approx(20)


NATIVE = [
    ("RDS", "automated backups, retention: 7 d", "continuous", 7 * 10 * 0.095),
    ("RDS", "cross-Region automated backups, to: recovery, retention: 7 d", "continuous", (1000 + 7 * 10) * 0.095),
    ("Aurora", "automated backups, retention: 7 d", "continuous", 7 * 10 * 0.021),
    ("DynamoDB with advanced features", "point-in-time recovery", "continuous", 1000 * 0.20),
    ("Redshift", "cross-Region snapshot copy, to: recovery, retention: 7 d", "replication", None),
]
"""Features, and what they cost of 1000 GiB of which 1 % changes in a day [USD/month]."""


@pytest.mark.parametrize(("kind", "feature", "named", "usd"), NATIVE)
def test_native_protection_whose_bases_never_complete_costs_nothing(
    kind: str, feature: str, named: str, usd: float | None
) -> None:
    """Where all of a service's own backups fail there is nothing; where half of them do, all that there ever is."""
    native = f"replication: {{'*': {{feature: {feature}}}}}"

    def billed(p: str) -> pd.DataFrame:
        laws = f"overrides: {{backup_failure: {p}}}"
        return bill(f"db: {{type: {kind}, size: 1000 GiB, change_rate: 1 %/day, {laws}}}", strategy=native)

    whole, half, none = (billed(p) for p in ("0", "50 %", "100 %"))
    assert total(none) == 0
    assert line(none, "transfer") == 0
    assert total(half) == pytest.approx(total(whole), rel=1e-12)
    assert total(whole) > 0
    if usd is not None:
        assert line(whole, named) == pytest.approx(usd)
        assert none["basis"].str.contains("no first backup leaves a point, so that nothing is stored").any()


def test_native_protection_counts_with_the_probability_of_a_first_base() -> None:
    """Of bases of which one in a thousand completes, one a day, a year has one with 1 - 0.999^365."""
    laws = "overrides: {backup_failure: 99.9 %}"
    table = f"table: {{type: DynamoDB with advanced features, size: 1000 GiB, {laws}}}"
    costs = bill(table, strategy="replication: {'*': {feature: point-in-time recovery}}")
    assert total(costs) == pytest.approx(200 * (1 - 0.999**365))


def test_snapshots_are_not_free_beside_automated_backups_that_never_complete() -> None:
    """Aurora's snapshots within the window of automated backups are free only where there are such."""
    native = "backup: plan, replication: {'*': {feature: automated backups, retention: 7 d}}"
    laws = "overrides: {backup_failure: 100 %}"
    other = f"{{rule_name: daily, target_vault: local, every: 1 d, lifecycle: {{delete_after: 30 d}}, {OWN}}}"
    costs = bill(f"db: {{type: Aurora, size: 100 GiB, change_rate: 4 %/day, {laws}}}", other, native)
    assert line(costs, "storage-warm", "local") == pytest.approx(30 * 100 * 0.021)
    assert line(costs, "continuous") == 0


OWN = "overrides: {backup_failure: 0}"


def test_members_multiply() -> None:
    """Three alike members cost three times one."""
    three = FILES.replace("}", ", count: 3}")
    assert total(bill(three, rule(more=copy()))) == pytest.approx(3 * total(bill(rules=rule(more=copy()))))


def test_own_prices_go_first() -> None:
    """A price of the scenario replaces the list's, is marked, and a price of each backup adds."""
    own = "prices: {per_backup: 0.5 USD, regions: {us-east-1: {warm-storage: {EFS: 0.06 USD/GB-month}}}}"
    costs = bill(more=own)
    assert total(costs) == pytest.approx(1580 * 0.06 + 0.5 * DAYS_PER_MONTH)
    rows = costs[costs["line"] == "storage-warm"]
    assert rows["unit"].tolist() == ["GiB-month", "backup"]
    assert rows["basis"].tolist() == ["the scenario's price"] * 2


CLUSTER = "{type: EKS, size: 10 GiB, change_rate: 1 %/day}"
FEE = (
    "prices: {regions: {us-east-1: "
    "{namespace-backup: {EKS: 0.02 USD/namespace}, warm-storage: {EKS: 0.05 USD/GB-month}}}}"
)


def test_backups_of_a_cluster_are_billed_by_its_namespaces() -> None:
    """Two clusters of 4 namespaces, backed up daily at 0.02 each, cost 0.16 a day, beside 30 full points each."""
    costs = bill(f"cluster: {CLUSTER.replace('}', ', count: 2, namespaces: 4}')}", more=FEE)
    rows = costs[costs["line"] == "storage-warm"]
    assert rows["unit"].tolist() == ["GiB-month", "namespace"]
    assert rows["quantity"].tolist() == pytest.approx([2 * 30 * 10, 2 * 4 * DAYS_PER_MONTH])
    assert total(costs) == pytest.approx(600 * 0.05 + 8 * DAYS_PER_MONTH * 0.02)
    assert not is_estimated(rows["basis"].iloc[1])


def test_namespaces_that_nobody_counted_are_an_estimate() -> None:
    """Without a number the catalogue's 10 are taken, the line says so, and what rests on them is told apart."""
    costs = bill(f"cluster: {CLUSTER}", more=FEE)
    (fee,) = costs[costs["unit"] == "namespace"].to_dict("records")
    assert fee["usd_per_month"] == pytest.approx(10 * DAYS_PER_MONTH * 0.02)
    assert fee["basis"] == "estimated number of namespaces, 10; the scenario's price"
    assert is_estimated(fee["basis"])
    assert "of which 6.08 USD are estimated" in costs["basis"].iloc[-1]


def test_an_unknown_price_is_left_out_and_said() -> None:
    """A type without a price has an empty cell, and the total says what it is without."""
    costs = bill(f"{FILES}, cluster: {CLUSTER}")
    assert costs["usd_per_month"].isna().sum() == 2
    assert total(costs) == pytest.approx(79)
    assert costs["basis"].iloc[-1].startswith("without: storage-warm of EKS (")


def test_air_gapped_vaults_cost_more() -> None:
    """A copy in a logically air-gapped vault costs 1.15 times one in a standard vault."""
    costs = bill(rules=rule(more=copy("other")), lock="air-gapped, min_retention: 7 d, max_retention: 90 d")
    assert line(costs, "storage-warm", "other") == pytest.approx(79 * 1.15)


def test_growth_counts_on_average() -> None:
    """A resource that doubles in the year costs 1 / ln 2 times as much on average."""
    grown = FILES.replace("}", ", growth: 100 %/year}")
    assert total(bill(grown)) == pytest.approx(79 / math.log(2))


def test_restore_tests() -> None:
    """A tested resource is restored once a month: 1.50 a recovery point and 0.02 a GiB."""
    tested = FILES.replace("}", ", tested: true}")
    assert line(bill(tested), "tests") == pytest.approx(1.5 + 1000 * 0.02)
    assert line(bill(tested, strategy=""), "tests") == 0


POSTGRES = (
    "db: {type: RDS, size: 300 GiB, provisioned: 500 GiB, change_rate: 2 %/day, deployment: multi-az, "
    "instance: db.m7g.xlarge}"
)
WEB = "web: {type: EC2, size: 100 GiB, change_rate: 2 %/day, stateless: true, count: 4, instance: m6i.xlarge}"
REPLICA = "replication: {app.db: {feature: cross-Region read replica, to: recovery}}"
MOVED = 6 * DAYS_PER_MONTH * 0.02


def standby(mode: str, more: str = "") -> str:
    """A strategy with a read replica and a standby."""
    return f"{REPLICA}, standby: {{app: {{mode: {mode}, site: recovery{more}}}}}"


def test_a_read_replica_runs_where_it_is() -> None:
    """The replica of the worked example costs its instance, 246.01, its storage, 57.50, and what changes."""
    costs = bill(f"{POSTGRES}, {WEB}", strategy=standby("pilot-light"))
    assert line(costs, "replication", "recovery") == pytest.approx(246.01 + 57.50 + MOVED)
    assert line(costs, "standby") == 0


def test_a_warm_standby_runs_a_share_of_the_servers() -> None:
    """A quarter of four servers is one: 140.16 and 8.00 for its disk."""
    costs = bill(f"{POSTGRES}, {WEB}", strategy=standby("warm-standby"))
    assert line(costs, "standby", "recovery") == pytest.approx(140.16 + 8.00)
    half = bill(f"{POSTGRES}, {WEB}", strategy=standby("warm-standby", ", capacity: 50 %"))
    assert line(half, "standby") == pytest.approx(2 * (140.16 + 8.00))


def test_a_full_standby_runs_everything_twice() -> None:
    """Multi-site runs four servers, and the database in two zones as at home."""
    costs = bill(f"{POSTGRES}, {WEB}", strategy=standby("multi-site"))
    assert line(costs, "standby") == pytest.approx(4 * (140.16 + 8.00))
    assert line(costs, "replication") == pytest.approx(2 * (246.01 + 57.50) + MOVED)


def test_nothing_runs_before_a_rebuild() -> None:
    """Backup and restore has no standby, and an unreplicated database none in any mode."""
    assert line(bill(WEB, strategy="standby: {app: {mode: backup-and-restore, site: recovery}}"), "standby") == 0
    assert line(bill(POSTGRES, strategy="standby: {app: {mode: warm-standby, site: recovery}}"), "standby") == 0


def test_a_standby_without_an_instance_has_no_price() -> None:
    """Servers that name no instance leave the line empty; a `compute_cost` prices them."""
    mode = "standby: {app: {mode: multi-site, site: recovery}}"
    unknown = bill(WEB.replace(", instance: m6i.xlarge", ""), strategy=mode)
    assert "app.web names no instance or compute_cost" in unknown["basis"].iloc[-1]
    own = bill(WEB.replace("instance: m6i.xlarge", "compute_cost: 0.1 USD/h"), strategy=mode)
    assert line(own, "standby") == pytest.approx(4 * (HOURS * 0.1 + 8))


def test_a_database_at_the_standby_brings_its_allowance() -> None:
    """Copies in a Region where a replica runs draw on what is provisioned for it there."""
    copies = rule(keep="7 d", more=copy(keep="7 d"))
    alone = bill(POSTGRES, copies)
    assert line(alone, "storage-warm") == pytest.approx((300 + 6 * 6) * 0.095)
    beside = bill(POSTGRES, copies, f"backup: plan, {REPLICA}")
    assert line(beside, "storage-warm") == 0


def test_snapshots_that_a_service_copies_are_replication() -> None:
    """Redshift's own snapshots in another Region are increments, billed as replication."""
    house = "house: {type: Redshift, size: 1000 GiB, change_rate: 3 %/day, instance: ra3.4xlarge}"
    native = "replication: {'*': {feature: cross-Region snapshot copy, to: recovery, retention: 7 d}}"
    costs = bill(house, strategy=native)
    assert set(costs["line"]) == {"replication", "audit", "total"}
    # every eight hours for seven days
    third = 1 - math.pow(0.97, 1 / 3)
    assert total(costs) == pytest.approx(1000 * (1 + 20 * third) * 0.023 + 1000 * 3 * third * DAYS_PER_MONTH * 0.02)


def test_a_stack_is_billed_as_what_is_nested_in_it() -> None:
    """A CloudFormation stack costs what its resources cost."""
    stack = f"stack: {{type: CloudFormation, size: 1 MB, nested: {{{FILES}}}}}"
    assert total(bill(stack)) == pytest.approx(79)
