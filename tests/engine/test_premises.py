"""Premises behind an uplink: backups and restores share it, on both clocks; what a disruption of either end takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drsim.changes.protection import PLAN
from drsim.engine import run_all_vectorised, run_drills
from drsim.scenario import load_scenario, read_scenario
from drsim.study.drills import run
from drsim.world import World, build_world
from drsim.world.limits import UPLINK
from tests.scenarios import EVERYTHING, HOUR, downtimes_h, first_difference, flow, rule, scenario, struck, told, world

HOSPITAL = Path(__file__).parent.parent / "data" / "scenarios" / "hospital.yaml"
PREMISES = """
  clinic: {on-premises: true, account: production, uplink: 500 Mbit/s}
  second: {on-premises: true, account: production, uplink: 500 Mbit/s}
  cloud: {region: eu-central-1, account: production}
  bunker: {region: eu-west-1, account: backup}
"""
VAULTS = """
  local: {site: cloud}
  far: {site: bunker}
"""
LAW = "{backup_fixed: 0 h, backup_rate: 1 GB/s, restore_fixed: 0 h, restore_rate: 1 GB/s}"
"""Faster than the uplink: what the lane carries is what counts."""


def machines(n: int, size: str, *, law: str = LAW, more: str = "") -> str:
    """Return a resource of n alike virtual machines."""
    return flow({"vm": f"{{type: Virtual machines, size: {size}, count: {n}, overrides: {law}, {more}}}"})


def premises(
    resources: str, disruption: str = EVERYTHING, *, app: str = "", sites: str = PREMISES, vault: str = "local"
) -> World:
    """Return a world whose application stands at the clinic, backed up every day."""
    return world(
        applications=f"{{app: {{site: clinic, resources: {resources}, {app}}}}}",
        rules=[rule(vault=vault)],
        disruption=disruption,
        sites=sites,
        vaults=VAULTS,
    )


@pytest.mark.parametrize(("n", "size"), [(1, "10 TB"), (40, "250 GB"), (80, "125 GB")])
def test_machines_come_back_in_the_time_that_their_bytes_take(n: int, size: str) -> None:
    """10 TB over 500 Mbit/s take 10^13 x 8 / (500 x 10^6) s = 44.4 h, in one machine or in many at once."""
    log = struck(premises(machines(n, size)), [245.5])
    assert downtimes_h(log, "app") == [160_000 / HOUR]


def test_each_machine_has_the_line_to_itself_in_turn() -> None:
    """Of 40 machines of 250 GB the last comes after 40 transfers of 4,000 s, and its wait is a part of its downtime."""
    log = struck(premises(machines(40, "250 GB")), [245.5])
    row = log[log["subject"] == "app.vm"].iloc[0]
    assert (row["downtime_s"], row["restore_s"], row["queue_s"]) == (160_000, 4_000, 156_000)


def test_provisioning_needs_no_uplink() -> None:
    """What a restore takes beside its bytes passes before the line is asked for: four at a time, as a gateway does."""
    law = "{restore_fixed: 1000 s, restore_rate: 1 GB/s}"
    log = struck(premises(machines(8, "250 GB", law=law)), [245.5])
    assert downtimes_h(log, "app") == [(1000 + 8 * 4000) / HOUR]


def test_a_rate_of_the_users_below_the_lane_holds() -> None:
    """A gateway that is said to restore 25 MB/s takes 40 s for a GB, whatever the line could carry."""
    law = "{restore_fixed: 0 h, restore_rate: 25 MB/s}"
    assert downtimes_h(struck(premises(machines(1, "1 GB", law=law)), [245.5]), "app") == [40 / HOUR]


def test_a_wide_line_carries_several_jobs_at_once() -> None:
    """1 Gbit/s is two lanes of 62.5 MB/s: one machine takes as long as on 500 Mbit/s, two take no longer."""
    sites = PREMISES.replace("500 Mbit/s", "1 Gbit/s")
    for n, hours in ((1, 4000 / HOUR), (2, 4000 / HOUR), (3, 8000 / HOUR)):
        assert downtimes_h(struck(premises(machines(n, "250 GB"), sites=sites), [245.5]), "app") == [hours]


def test_premises_are_apart_from_each_other() -> None:
    """Machines behind lines of their own do not wait for each other."""
    apps = flow({f"app{i}": f"{{site: {site}, resources: {machines(4, '250 GB')}}}" for i, site in enumerate(SITES)})
    w = world(applications=apps, rules=[rule()], disruption=EVERYTHING, sites=PREMISES, vaults=VAULTS)
    log = struck(w, [245.5])
    assert [downtimes_h(log, f"app{i}") for i in range(2)] == [[16_000 / HOUR]] * 2
    assert sorted(limit.name for limit in w.limits if limit.queue == UPLINK) == ["uplink of clinic", "uplink of second"]


SITES = ("clinic", "second")


def test_in_the_region_nothing_waits_for_the_uplink() -> None:
    """After a fire the machines are restored in the Region, all at once and at the rate that holds there."""
    log = struck(premises(machines(40, "250 GB"), "{kind: site-loss}", app="recover_at: cloud"), [245.5])
    assert told(log, "app") == [("restore", 5.5, 250 / HOUR)]


def test_without_a_place_of_recovery_they_are_restored_where_their_points_lie() -> None:
    """Nothing is left of the premises, and the points lie in the Region."""
    log = struck(premises(machines(1, "250 GB"), "{kind: site-loss}"), [245.5])
    assert list(log["place"]) == ["", "local"] or "local" in set(log["place"])
    assert told(log, "app") == [("restore", 5.5, 250 / HOUR)]


def test_a_regions_outage_leaves_the_machines_alone() -> None:
    """It strikes nothing that stands on premises; the points that lie in the Region are out of reach all the same."""
    w = premises(machines(1, "250 GB"), "{kind: region-loss, site: cloud}")
    assert struck(w, [245.5]).empty
    assert [unit.region for unit in w.disruptions["it"].units] == ["eu-central-1"]


@pytest.mark.parametrize("kind", ["region-loss", "region-outage", "zone-outage", "service-outage"])
def test_premises_are_no_region(kind: str) -> None:
    """Kinds that strike Regions, zones and services find none on premises."""
    w = premises(machines(1, "250 GB"), f"{{kind: {kind}}}")
    assert w.disruptions["it"].units == ()


def test_ransomware_reaches_the_premises_of_its_account() -> None:
    """An account's attacker encrypts what stands on premises too; a lock elsewhere keeps the points."""
    kind = "{kind: ransomware, dwell: 0 min, backups_attacked: 1}"
    assert [x[0] for x in told(struck(premises(machines(1, "1 GB"), kind), [245.5]), "app")] == ["unrecoverable"]
    kept = told(struck(premises(machines(1, "1 GB"), kind, vault="far"), [245.5]), "app")
    assert kept == [("restore", 5.5, 16 / HOUR)]


def test_nightly_backups_share_the_line() -> None:
    """Of three first fulls of 225 GB, an hour each, the machines' points are usable after 1, 2 and 3 h."""
    w = premises(machines(3, "225 GB", more="change_rate: 100 %/day"), "{kind: resource-loss}")
    assert [w.limits[i].name for i in w.streams[0].limits] == ["uplink of clinic"] or w.limits
    # at 24 h x 10 all three are queued; 90 minutes later the first is usable, and of the others the day before's
    logs = {hours: struck(w, np.full(30, hours).tolist()) for hours in (240.5, 241.5, 242.5, 243.5)}
    losses = {hours: sorted(set(log[log["subject"] == "app.vm"]["data_loss_s"])) for hours, log in logs.items()}
    # a point holds the data of the moment its job started: machine k's is captured k hours after the schedule
    assert losses[240.5] == [(24.5 - k) * HOUR for k in (2, 1, 0)]
    assert losses[241.5] == sorted([1.5 * HOUR, 24.5 * HOUR, 23.5 * HOUR])
    assert losses[242.5] == sorted([2.5 * HOUR, 1.5 * HOUR, 24.5 * HOUR])
    assert losses[243.5] == [1.5 * HOUR, 2.5 * HOUR, 3.5 * HOUR]


@pytest.mark.parametrize("strategy", ["one-region", "two-regions"])
def test_both_clocks_agree_on_the_hospital(strategy: str) -> None:
    """They give the same incidents to the last bit, and all machines take 44 h and a bit to come back over the line."""
    w = build_world(load_scenario(HOSPITAL), strategy)
    logs = run_all_vectorised(w, list(w.disruptions), 0, 4)
    for name, log in logs.items():
        assert not (difference := first_difference(run_drills(w, name, 0, 4), log)), f"{name}: {difference}"
    back = logs["ransomware"].query("subject == 'wards' and state == 'recovered'")["downtime_s"]
    assert len(back) == 0 or back.min() > 160_000


@pytest.mark.parametrize("uplink", ["40 Mbit/s", "500 Mbit/s", "2 Gbit/s"])
@pytest.mark.parametrize("copies", ["", "copy_actions: [{destination_vault: far, lifecycle: {delete_after: 20 d}}]"])
def test_both_clocks_agree_where_the_line_is_narrow_and_wide(uplink: str, copies: str) -> None:
    """Of jobs as the catalogue has them, on lines that are full for days and on lines that are hardly used."""
    text = f"""
seed: 3
sites: {PREMISES.replace("500 Mbit/s", uplink)}
vaults: {VAULTS}
applications:
  app:
    site: clinic
    resources:
      vm: {{type: Virtual machines, size: 300 GB, count: 5}}
      volume: {{type: Storage Gateway, size: 800 GB, count: 3}}
  other:
    site: second
    recover_at: cloud
    resources: {{vm: {{type: Virtual machines, size: 100 GB, count: 3}}}}
backup_plans:
  plan: {{rules: [{rule("12 h", keep="30 d", more=copies)}]}}
strategies: {{only: {{backup: plan}}}}
disruptions:
  attack: {{kind: ransomware}}
  fire: {{kind: site-loss}}
  cut: {{kind: site-outage}}
  lost: {{kind: resource-loss}}
"""
    w = build_world(read_scenario(text), "only")
    for name, log in run_all_vectorised(w, list(w.disruptions), 0, 12).items():
        assert not (difference := first_difference(run_drills(w, name, 0, 12), log)), f"{name}: {difference}"


def test_restores_to_the_premises_are_paid_as_data_out_of_aws() -> None:
    """Two machines of 50 GiB are 100 GiB out of eu-central-1 at 0.09 USD; in the Region there is no such line."""
    size = f"{50 * 2**30} B"
    for disruption, app, usd in ((EVERYTHING, "", 9.0), ("{kind: site-loss}", "recover_at: cloud", 0.0)):
        money = "downtime_cost: 1 USD/h, data_loss_cost: 1 USD/h, unrecoverable_cost: 1 USD"
        written = scenario(
            applications=f"{{app: {{site: clinic, resources: {machines(2, size)}, {money}, {app}}}}}",
            rules=[rule()],
            disruption=disruption,
            sites=PREMISES,
            vaults=VAULTS,
        )
        events = run(written, drills=20, workers=1, keep_incidents=False).events
        paid = events[(events["line"] == "transfer") & (events["application"] == "app")]["usd_per_event"].sum()
        assert paid == pytest.approx(usd)


def test_backups_that_would_have_helped_go_over_the_uplink_into_a_region() -> None:
    """A plan that is tried for what had none fills a lane, and its points lie in a Region of the premises' account."""
    w = premises(machines(1, "1 TB"), "{kind: site-loss}", app="recover_at: cloud")
    changed = PLAN.edit([0], 30 * 24 * HOUR)(replace(w, streams=(), members=(replace(w.members[0], streams=()),)))
    stream = changed.streams[0]
    assert changed.sites[changed.vaults[stream.vault].site].name == "cloud"
    assert stream.work.expected_s(1e12) == pytest.approx(16_000)


def test_the_hospital_is_warned_of_its_first_backups() -> None:
    """10 TB of machines and 4 TB of a volume take 62 h over 500 Mbit/s, and start windows are 8 h."""
    found = load_scenario(HOSPITAL).warnings
    first = [problem.found for problem in found if problem.check == "first-backups-over-uplink"]
    assert len(first) == 2
    assert all("take 62.2 h over the uplink of `clinic`" in text for text in first)
    assert {problem.check for problem in found} == {"first-backups-over-uplink", "retention-below-dwell"}


def test_what_replicates_from_premises_pays_no_transfer() -> None:
    """Data that come into AWS are free: a server kept by Elastic Disaster Recovery pays what a Region's own pays."""
    bills = []
    for site in ("clinic", "cloud"):
        written = scenario(
            applications=f"{{app: {{site: {site}, recover_at: cloud, resources: {machines(1, '100 GB')}}}}}",
            rules=[rule()],
            strategy="{backup: plan, replication: {app.vm: {feature: Elastic Disaster Recovery, to: cloud}}}",
            sites=PREMISES.replace("eu-central-1", "us-east-1"),
            vaults=VAULTS,
        )
        costs = run(written, drills=20, workers=1, keep_incidents=False).costs
        lines = costs[costs["line"] == "replication"]
        bills.append(lines[["quantity", "usd_per_unit"]].to_numpy().tolist())
    assert bills[0] == bills[1] != []
    assert not np.isnan(bills[0]).any()


GATEWAY = "{backup_fixed: 0 h, backup_rate: 1 GB/s, restore_fixed: 0 h, hydration_rate: 1 GB/s}"


@pytest.mark.parametrize("count", [1, 10])
def test_volumes_are_loaded_in_the_time_that_their_bytes_take(count: int) -> None:
    """10 TB of volumes are usable at once and loaded after 44.4 h, in one of them or in ten: they share the line."""
    volumes = flow({"v": f"{{type: Storage Gateway, size: {10 // count} TB, count: {count}, overrides: {GATEWAY}}}"})
    log = struck(premises(volumes), [245.5])
    rows = log[log["subject"] == "app"]
    assert rows["downtime_s"].tolist() == [0.0]
    assert rows["full_performance_s"].tolist() == [160_000.0]


def test_machines_come_before_what_is_loaded_of_volumes() -> None:
    """5 TB of machines are back when their bytes are, though 5 TB of volumes are loaded over the same line."""
    law = f"type: Storage Gateway, size: 1 TB, count: 5, overrides: {GATEWAY}"
    resources = flow({"v": f"{{{law}}}", "vm": f"{{type: Virtual machines, size: 1 TB, count: 5, overrides: {LAW}}}"})
    log = struck(premises(resources), [245.5])
    # a volume that is usable before any machine has begun may have the line first, for its terabyte
    assert downtimes_h(log, "app.vm")[0] * HOUR in (80_000.0, 96_000.0)
    assert log[log["subject"] == "app"]["full_performance_s"].tolist() == [160_000.0]
