"""The cost of recoveries, and of disruptions in a year, from incidents written out by hand and from exact cases."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from drsim.engine import run_drills
from drsim.engine.exposure import exposure
from drsim.scenario import Scenario, read_scenario
from drsim.study.affected import Affected
from drsim.study.costs import EVENT_COLUMNS, event_costs
from drsim.study.drills import run
from drsim.study.losses import count_restores, losses_of
from drsim.world import World, build_world

TEXT = """
start: '2026-01-01'
sites:
  home: {region: us-east-1, account: production}
  recovery: {region: us-west-2, account: production}
vaults:
  local: {site: home}
  dr: {site: recovery}
applications:
  app:
    site: home
    downtime_cost: 20000 USD/h
    data_loss_cost: 8000 USD/h
    unrecoverable_cost: 1000000 USD
    resources:
      files: {type: EFS, size: 1000 GiB, change_rate: 2 %/day, count: 2}
backup_plans:
  plan:
    rules:
    - rule_name: daily
      target_vault: local
      every: 1 d
      lifecycle: {cold_storage_after: 30 d, delete_after: 120 d}
      copy_actions: [{destination_vault: dr, lifecycle: {delete_after: 30 d}}]
strategies: {only: {backup: plan}}
disruptions:
  lost: {kind: resource-loss, rate: 2 /year}
  region: {kind: region-loss, site: home, rate: 0.1 /year}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
"""


def read(old: str = "", new: str = "") -> Scenario:
    """Return the scenario with one text replaced."""
    assert old in TEXT
    return read_scenario(TEXT.replace(old, new, 1) if old else TEXT)


def incident(drill: int, **other: float | str) -> dict[str, Any]:
    """Return the log's row of the files in one drill: restored in an hour, two hours of data lost."""
    row: dict[str, Any] = {
        "drill": drill,
        "level": "resource",
        "subject": "app.files",
        "struck": "app.files",
        "state": "recovered",
        "recovered_by": "restore",
        "place": "local",
        "data_loss_s": 7200.0,
        "downtime_s": 3600.0,
        "retrieve_s": 0.0,
        "copy_s": 0.0,
        "lost_after_s": math.nan,
        "rebuild_s": math.nan,
    }
    return row | other


def unlucky(drill: int, state: str) -> dict[str, Any]:
    """Return the log's row of a drill without recovery: half an hour until that is known, 10 h of rebuilding."""
    times = dict.fromkeys(("data_loss_s", "downtime_s", "retrieve_s", "copy_s"), math.nan)
    lost = {"lost_after_s": 1800.0, "rebuild_s": 36_000.0}
    return incident(drill, state=state, recovered_by="", place="", **times, **lost)


def priced(scenario: Scenario, disruption: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the event costs of the rows of the files, the application faring as they do."""
    log = pd.DataFrame([{**row, **own} for row in rows for own in ({"level": "application", "subject": "app"}, {})])
    world = build_world(scenario, "only")
    exposed = exposure(world, disruption, len(rows))
    if not exposed.by_resource:
        log["struck"] = ""
    costs = event_costs(scenario, world, {disruption: losses_of(Affected.of(log, exposed), count_restores(log))})
    assert tuple(costs.columns) == EVENT_COLUMNS
    return costs


def row(costs: pd.DataFrame, line: str, place: str = "", application: str = "app", struck: str = "") -> dict[str, Any]:
    """Return the one row of a line."""
    found = costs[
        (costs["line"] == line)
        & (costs["place"] == place)
        & (costs["application"] == application)
        & (costs["struck"] == struck)
    ]
    assert len(found) == 1
    return {str(k): v for k, v in found.to_dict("records")[0].items()}


def test_the_mean_is_over_the_drills_that_reach_it() -> None:
    """Two of four drills reach the application in a zone outage; one of the two is lost: the others count nowhere."""
    costs = priced(read(), "region", [incident(0), unlucky(2, "unrecoverable")])
    down, loss, lost, rebuild = (row(costs, name) for name in ("downtime", "data-loss", "unrecoverable", "rebuild"))
    assert (down["quantity"], down["usd_per_event"]) == pytest.approx((0.5, 10_000))
    assert (loss["quantity"], loss["usd_per_event"]) == pytest.approx((1.0, 8_000))
    assert (lost["quantity"], lost["usd_per_event"]) == pytest.approx((0.5, 500_000))
    # half an hour until all is tried and ten hours of rebuilding, in every other drill
    assert (rebuild["quantity"], rebuild["usd_per_event"]) == pytest.approx((5.25, 105_000))
    assert "catalogue's estimate" in rebuild["basis"]
    for application in ("app", ""):
        total = row(costs, "total", application=application)
        assert total["rate_per_year"] == 0.1
        assert total["expected_yearly_loss_usd"] == pytest.approx(0.1 * 623_000)
        assert total["basis"] == ""


def requests(costs: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return the lines of item-level restores."""
    return costs[(costs["application"] == "app") & (costs["unit"] == "request")].to_dict("records")


def test_deleted_files_are_put_back_by_a_request() -> None:
    """Three of four drills restore what was deleted from one of two file systems: 0.75 requests of 0.50 each."""
    scenario = read("  lost:", "  deleted: {kind: accidental-deletion}\n  lost:")
    rows = [incident(0), incident(1), incident(2, retrieve_s=600.0), unlucky(3, "unrecoverable")]
    (fee,) = requests(priced(scenario, "deleted", rows))
    assert (fee["line"], fee["place"], fee["subject"]) == ("restore", "local", "EFS")
    assert (fee["quantity"], fee["usd_per_event"]) == pytest.approx((0.75, 0.375))
    assert "item by item" in fee["basis"]


@pytest.mark.parametrize("kind", ["accidental-deletion, deletes: resource", "resource-loss", "corruption"])
def test_what_is_gone_as_a_whole_is_restored_as_a_whole(kind: str) -> None:
    """No items are asked for where the file system itself is gone, or nobody knows which of its files are bad."""
    scenario = read("  lost:", f"  other: {{kind: {kind}}}\n  lost:")
    costs = priced(scenario, "other", [incident(0)])
    assert row(costs, "restore", "local")["unit"] == "GiB"
    assert not requests(costs)


def test_only_types_whose_items_have_a_price_ask_for_them() -> None:
    """A deletion in a volume costs no request: the list has none for volumes, and none is made up."""
    scenario = read_scenario(
        TEXT.replace("type: EFS", "type: EBS").replace("  lost:", "  deleted: {kind: accidental-deletion}\n  lost:")
    )
    assert not requests(priced(scenario, "deleted", [incident(0)]))


def test_lines_of_loss_make_the_year() -> None:
    """Rate times the cost of an event is the yearly figure of each line, and the lines make the total."""
    costs = priced(read(), "lost", [incident(0), incident(1), unlucky(2, "unprotected")])
    lines = costs[(costs["application"] == "app") & ~costs["line"].isin(["total", "restore"])]
    assert lines["line"].tolist() == ["downtime", "data-loss", "unrecoverable", "rebuild"]
    assert (lines["rate_per_year"] == 4).all()  # two members, each struck twice a year
    assert (lines["expected_yearly_loss_usd"] == lines["rate_per_year"] * lines["usd_per_event"]).all()
    yearly = row(costs, "total")["expected_yearly_loss_usd"]
    assert yearly == pytest.approx(lines["expected_yearly_loss_usd"].sum(), rel=1e-14)


def test_an_unprotected_incident_loses_everything() -> None:
    """What nothing protects costs as much as what cannot be recovered."""
    costs = priced(read(), "lost", [unlucky(0, "unprotected"), incident(1)])
    assert row(costs, "unrecoverable")["usd_per_event"] == pytest.approx(500_000)
    assert row(costs, "rebuild")["usd_per_event"] == pytest.approx(105_000)


def test_the_rebuild_of_the_scenario_is_named() -> None:
    """The basis of the downtime of what is lost says whose rebuild it is, and the total how long it takes."""
    costs = priced(read("    resources:", "    rebuild: 4 d\n    resources:"), "lost", [unlucky(0, "unprotected")])
    assert row(costs, "rebuild")["basis"] == "the application's downtime_cost; rebuild is the scenario's"
    assert row(costs, "total")["mean_rebuild_h"] == 96


def test_without_a_cost_of_losing_everything_the_year_is_unpriced() -> None:
    """Without an `unrecoverable_cost` there is no yearly loss, and the total says so; the lines stay."""
    costs = priced(read("    unrecoverable_cost: 1000000 USD\n", ""), "lost", [incident(0)])
    for application in ("app", ""):
        total = row(costs, "total", application=application)
        assert math.isnan(total["expected_yearly_loss_usd"])
        assert total["basis"] == "unpriced: app has no unrecoverable_cost"
    assert row(costs, "downtime")["expected_yearly_loss_usd"] == pytest.approx(4 * 20_000)


def test_without_a_cost_of_downtime_the_total_says_so() -> None:
    """A missing `downtime_cost` leaves its cells empty and counts nothing."""
    costs = priced(read("    downtime_cost: 20000 USD/h\n", ""), "lost", [incident(0)])
    total = row(costs, "total")
    assert math.isnan(row(costs, "downtime")["usd_per_event"])
    assert total["expected_yearly_loss_usd"] == pytest.approx(4 * 16_000)
    assert total["basis"] == "without: downtime and rebuild (app has no downtime_cost)"


def test_what_no_drill_tells_is_unknown() -> None:
    """Where no drill reached an application that may be struck its yearly loss is empty, not nothing."""
    scenario = read_scenario(TEXT.replace("{kind: resource-loss", "{kind: zone-outage").replace("EFS", "EC2"))
    world = build_world(scenario, "only")
    nothing = pd.DataFrame([incident(0)]).iloc[:0]
    exposed = exposure(world, "lost", 1)
    costs = event_costs(scenario, world, {"lost": losses_of(Affected.of(nothing, exposed), count_restores(nothing))})
    assert costs["application"].tolist() == ["app", ""]
    assert costs["expected_yearly_loss_usd"].isna().all()
    assert costs["basis"].tolist() == 2 * ["unknown: no drill reached app"]


def test_restores_are_priced_by_tier() -> None:
    """Of two drills one restores a member of 1000 GiB from warm, 0.02, the other from cold storage, 0.03."""
    costs = priced(read(), "lost", [incident(0), incident(1, retrieve_s=60.0)])
    restores = costs[costs["line"] == "restore"]
    assert restores["quantity"].tolist() == [500, 500]
    assert restores["usd_per_event"].tolist() == pytest.approx([10, 15])
    assert restores["expected_yearly_loss_usd"].isna().all()
    assert row(costs, "total")["usd_per_event"] == pytest.approx(25 + 20_000 + 16_000)


def test_a_failover_restores_nothing() -> None:
    """Neither a failover nor an outage ridden out pays for a restore."""
    rows = [incident(0, recovered_by="failover", place="recovery"), incident(1, recovered_by="ride-out", place="home")]
    assert "restore" not in priced(read(), "lost", rows)["line"].tolist()


def test_a_lost_region_is_restored_where_the_copies_lie() -> None:
    """After the loss of its Region an application restores both members where the copies lie, and nothing is moved."""
    costs = priced(read(), "region", [incident(0, place="dr")])
    assert row(costs, "restore", "dr")["usd_per_event"] == pytest.approx(2 * 1000 * 0.02)
    assert "transfer" not in costs["line"].tolist()


def test_copies_come_home_at_a_price() -> None:
    """A point that is first copied back to the application's Region pays the transfer from where it lies."""
    own = "prices: {regions: {'us-west-2>us-east-1': {copy-transfer: {EFS: 0.05 USD/GB}}}}\nresponse:"
    costs = priced(read("response:", own), "lost", [incident(0, place="dr", copy_s=60.0)])
    assert row(costs, "transfer", "dr")["usd_per_event"] == pytest.approx(1000 * 0.05)
    assert row(costs, "restore", "dr")["usd_per_event"] == pytest.approx(1000 * 0.02)


def drilled(scenario: Scenario, world: World, disruption: str) -> pd.DataFrame:
    """Return the event costs of a few drills."""
    log = run_drills(world, disruption, 0, 8)
    losses = losses_of(Affected.of(log, exposure(world, disruption, 8)), count_restores(log))
    return event_costs(scenario, world, {disruption: losses})


@pytest.mark.parametrize("disruption", ["lost", "region"])
def test_drills_are_priced(disruption: str) -> None:
    """The lines of drills add up to their total, and rate times loss to the year."""
    scenario = read()
    world = build_world(scenario, "only")
    costs = drilled(scenario, world, disruption)
    lines = costs[(costs["application"] == "app") & (costs["line"] != "total")]
    total = row(costs, "total", application="")
    assert total["usd_per_event"] == pytest.approx(lines["usd_per_event"].sum())
    assert total["expected_yearly_loss_usd"] == pytest.approx(lines["expected_yearly_loss_usd"].sum())
    lost = lines[lines["line"].isin(["downtime", "data-loss", "unrecoverable", "rebuild"])]["usd_per_event"].sum()
    assert total["expected_yearly_loss_usd"] == pytest.approx({"lost": 4, "region": 0.1}[disruption] * lost)


EXACT = """
start: '2026-01-01'
drills: 30
limits: {backup_jobs: unlimited, copy_jobs: unlimited, restore_jobs: unlimited, jobs_per_resource: unlimited}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
overrides:
  "*": {start_delay: 0 h, expiry_delay: 0 h, backup_duration: 0 h, restore_duration: 3 h, backup_failure: 0,
    restore_failure: 0}
vaults: {local: {site: home}}
backup_plans: {plan: {rules: [{rule_name: rule, target_vault: local, every: 24 h, lifecycle: {delete_after: 90 d}}]}}
strategies: {only: {backup: plan}, none: {}}
sites: {home: {region: eu-west-1, account: production}}
"""
"""Restores take 3 h exactly, and nothing else takes time."""


def exact(rest: str, *, strategy: str = "only") -> pd.DataFrame:
    """Return the events of a scenario of `EXACT`, a key of which may be written anew."""
    keys = [line.partition(":")[0] for line in rest.splitlines() if line and not line.startswith(" ")]
    kept = [line for line in EXACT.splitlines() if line.partition(":")[0] not in keys]
    return run(read_scenario("\n".join([*kept, rest])), strategies=[strategy], workers=1, keep_incidents=False).events


def yearly(events: pd.DataFrame, application: str, disruption: str | None = None) -> float:
    """Return the expected yearly loss of an application, all that takes it down included [USD/year]."""
    own = events[(events["line"] == "total") & (events["application"] == application)]
    if disruption is not None:
        own = own[own["disruption"] == disruption]
    return math.fsum(own["expected_yearly_loss_usd"])


@pytest.mark.parametrize("name", ["db", "web"])
@pytest.mark.parametrize(("zone", "usd"), [(", zone: eu-west-1b", (600.0, 600.0, 0.0)), ("", (600.0, 200.0, 200.0))])
def test_a_zone_outage_costs_as_often_as_it_strikes(name: str, zone: str, usd: tuple[float, ...]) -> None:
    """0.05 a year for each zone, 3 h at 4000 USD: by the zones that may be struck, not by counted drills or names.

    Where no zone is named, one of three is the site's own, or each is to a third; where one is, it is or is not.
    """
    kind = "kind: zone-outage, site: home, duration: 10 h, rate: 0.05 /year, impairs: {launches: 0, capacity: 0}"
    events = exact(
        f"""
sites: {{home: {{region: eu-west-1, account: production{zone}}}}}
applications:
  app:
    site: home
    downtime_cost: 4000 USD/h
    unrecoverable_cost: 1 USD
    resources: {{{name}: {{type: RDS, size: 1 GB}}}}
disruptions:
  any: {{{kind}}}
  own: {{{kind}, zone: eu-west-1b}}
  other: {{{kind}, zone: eu-west-1a}}
"""
    )
    assert [round(yearly(events, "app", each), 9) for each in ("any", "own", "other")] == list(usd)


def test_each_resource_counts_as_often_as_it_is_struck() -> None:
    """A volume fails once a year and takes 1 h, four servers once each and take 5 h: 21 h a year in 5 events."""
    events = exact(
        """
applications:
  app:
    site: home
    downtime_cost: 100 USD/h
    unrecoverable_cost: 1 USD
    resources:
      volume: {type: EBS, size: 1 GB, overrides: {restore_duration: 1 h}}
      server: {type: EC2, size: 1 GB, count: 4, overrides: {restore_duration: 5 h}}
disruptions:
  lost: {kind: resource-loss, rate: 1 /year}
  deleted: {kind: accidental-deletion, rate: 1 /year}
"""
    )
    lost, deleted = (row(events[events["disruption"] == name], "downtime") for name in ("lost", "deleted"))
    assert (lost["rate_per_year"], lost["quantity"]) == pytest.approx((5, 21 / 5))
    assert lost["expected_yearly_loss_usd"] == pytest.approx(2100)
    # data of one application are deleted once a year, whatever it consists of
    assert (deleted["rate_per_year"], deleted["quantity"]) == pytest.approx((1, 21 / 5))


LOST = """
response: {detect: 30 min, declare: 90 min, validate: 0 min, redirect: 0 min}
applications:
  app:
    site: home
    downtime_cost: 30 USD/h
    unrecoverable_cost: 7 USD
    rebuild: 50 h
    resources: {db: {type: RDS, size: 1 GB}}
disruptions: {lost: {kind: resource-loss, rate: 2 /year}}
"""


@pytest.mark.parametrize(("strategy", "useless", "hours"), [("none", "0", 52.0), ("only", "1", 55.0)])
def test_what_is_lost_costs_its_price_and_the_downtime_until_it_is_rebuilt(
    strategy: str, useless: str, hours: float
) -> None:
    """7 USD, and 50 h of rebuilding at 30 USD after 2 h until it is declared, and 3 h of a restore that is useless."""
    events = exact(
        LOST.replace("{type: RDS, size: 1 GB}", f"{{type: RDS, size: 1 GB, overrides: {{restore_failure: {useless}}}}}")
        + """
backup_plans: {plan: {rules: [{rule_name: rule, target_vault: local, every: 24 h, lifecycle: {delete_after: 1 d}}]}}
""",
        strategy=strategy,
    )
    assert yearly(events, "app") == pytest.approx(2 * (7 + hours * 30))
    assert row(events, "rebuild")["basis"].endswith("rebuild is the scenario's")


REQUIRED = """
applications:
  base:
    site: home
    downtime_cost: 10 USD/h
    unrecoverable_cost: 1 USD
    resources: {a: {type: RDS, size: 1 GB}, b: {type: EBS, size: 1 GB}}
  front:
    site: home
    requires: [base]
    downtime_cost: 70 USD/h
    unrecoverable_cost: 1 USD
    resources: {c: {type: EBS, size: 1 GB}}
disruptions:
  lost: {kind: resource-loss, rate: 2 /year}
"""


def test_what_an_application_requires_counts_in_its_year() -> None:
    """The front is down 3 h twice a year for each of three resources: of its own, and of the two that it requires."""
    events = exact(REQUIRED)
    own = [row(events, "total", application="front", struck=unit) for unit in ("", "base.a", "base.b")]
    assert [each["rate_per_year"] for each in own] == [2, 2, 2]
    assert [each["expected_yearly_loss_usd"] for each in own] == pytest.approx([420, 420, 420])
    assert yearly(events, "front") == pytest.approx(1260)
    assert yearly(events, "base") == pytest.approx(2 * 2 * 3 * 10)
    assert yearly(events, "") == math.fsum(yearly(events, app) for app in ("base", "front"))
    # six events a year, four of which take down both
    total = row(events, "total", application="")
    assert (total["rate_per_year"], total["usd_per_event"]) == pytest.approx((6, 1380 / 6))


def test_what_an_application_requires_may_stand_in_another_zone() -> None:
    """The front is down 3 h with its own zone and with that of its base: twice as often as the base."""
    rest = REQUIRED.replace("front:\n    site: home", "front:\n    site: beside").partition("disruptions:")[0]
    events = exact(
        f"""{rest}
sites:
  home: {{region: eu-west-1, account: production, zone: eu-west-1a}}
  beside: {{region: eu-west-1, account: production, zone: eu-west-1b}}
disruptions:
  zone: {{kind: zone-outage, rate: 0.5 /year, duration: 10 h, impairs: {{launches: 0, capacity: 0}}}}
"""
    )
    assert [row(events, "total", application=app)["rate_per_year"] for app in ("base", "front")] == [0.5, 1.0]
    assert yearly(events, "base") == pytest.approx(0.5 * 3 * 10)
    assert yearly(events, "front") == pytest.approx(2 * 0.5 * 3 * 70)


def test_members_that_a_zone_outage_takes_are_restored() -> None:
    """Four servers over three zones: of an outage's zone 4/3 on average; all four where their site names the zone."""
    text = TEXT.replace("{kind: region-loss, site: home", "{kind: zone-outage, site: home")
    text = text.replace("type: EFS", "type: EC2").replace("count: 2", "count: 4")
    for zone, members in (("", 4 / 3), (", zone: us-east-1a", 4.0)):
        scenario = read_scenario(text.replace("account: production}", f"account: production{zone}}}", 1))
        found = priced(scenario, "region", [incident(0)])
        assert row(found, "restore", "local")["quantity"] == pytest.approx(1000 * members)


MANY = """
start: '2026-01-01'
drills: 20
seed: 5
limits: {backup_jobs: unlimited, copy_jobs: unlimited, restore_jobs: unlimited, jobs_per_resource: unlimited}
sites:
  home: {region: us-east-1, account: production}
  other: {region: us-west-2, account: production}
vaults: {local: {site: home}, dr: {site: other}}
backup_plans:
  plan:
    rules:
    - rule_name: daily
      target_vault: local
      every: 1 d
      lifecycle: {delete_after: 20 d}
      copy_actions: [{destination_vault: dr, lifecycle: {delete_after: 20 d}}]
strategies: {only: {backup: {'type:RDS': plan, 'type:EFS': plan}}}
disruptions:
  lost: {kind: resource-loss}
  deleted: {kind: accidental-deletion}
  corrupted: {kind: corruption}
  attacked: {kind: ransomware}
  zone: {kind: zone-outage}
  gone: {kind: region-loss}
  service: {kind: service-outage, service: RDS}
"""


def application(name: str) -> str:
    """Return an application like all others but in name."""
    resources = (
        "db: {type: RDS, size: 80 GB}, files: {type: EFS, size: 900 GB, count: 2}, bare: {type: EBS, size: 5 GB}"
    )
    costs = "downtime_cost: 900 USD/h, data_loss_cost: 40 USD/h, unrecoverable_cost: 9000 USD"
    return f"  {name}: {{site: home, recover_at: other, {costs}, resources: {{{resources}}}}}\n"


@pytest.mark.parametrize("name", ["k", *(pytest.param(name, marks=pytest.mark.long) for name in "az")])
def test_an_application_costs_what_it_costs_alone(name: str) -> None:
    """Bit for bit the same events under every kind, with nine neighbours and alone, wherever its name stands."""
    names = dict.fromkeys((*"bcdefghij", name))

    def events_of(applications: list[str]) -> pd.DataFrame:
        text = f"{MANY}applications:\n{''.join(application(each) for each in applications)}"
        events = run(read_scenario(text), workers=1, keep_incidents=False).events
        return events[events["application"] == name].reset_index(drop=True)

    alone = events_of([name])
    assert alone["disruption"].nunique() == 7
    pd.testing.assert_frame_equal(events_of(list(names)), alone, check_exact=True)
    pd.testing.assert_frame_equal(events_of(list(reversed(names))), alone, check_exact=True)


def test_a_rebuild_that_is_too_short_is_said() -> None:
    """Recoveries of 3 h against a rebuild of 2 h: the result says that money cannot compare, once for each strategy."""
    text = EXACT + REQUIRED.replace("  base:\n", "  base:\n    rebuild: 2 h\n")
    found = run(read_scenario(text), workers=1, keep_incidents=False)
    notices = [problem for problem in found.warnings if problem.check == "rebuild-too-short"]
    assert [problem.found for problem in notices] == [
        "base under only: recoveries take 3 h under lost on average, its rebuild 2 h"
    ]
    assert "too short to compare by money" in notices[0].rule
    longer = run(read_scenario(EXACT + REQUIRED), workers=1, keep_incidents=False)
    assert not any(problem.check == "rebuild-too-short" for problem in longer.warnings)


def test_losses_do_not_depend_on_the_order_of_the_log() -> None:
    """Sums are exact, so that the pieces in which a log came make no difference to the last bit."""
    scenario = read_scenario(f"{MANY}applications:\n{application('a')}")
    world = build_world(scenario, "only")
    log = run_drills(world, "lost", 0, 40)
    exposed = exposure(world, "lost", 40)
    mixed = log.sample(frac=1.0, random_state=1).reset_index(drop=True)
    one, other = (losses_of(Affected.of(each, exposed), count_restores(each)) for each in (log, mixed))
    assert one.events("a") == other.events("a")
    assert replace(one, tallies={}) == replace(other, tallies={})
