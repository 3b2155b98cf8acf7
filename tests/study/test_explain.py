"""Which incident is meant, and whether its story tells of needs, requirements, rebuilds and standbys as a whole."""

from __future__ import annotations

import json
import math

import pytest

from drsim.engine import run_drills
from drsim.engine.exposure import exposure
from drsim.report.story import tell
from drsim.report.timeline import WAIT, timeline
from drsim.report.vega.past import past_chart
from drsim.report.vega.recovery import recovery_chart
from drsim.study.bench import Bench
from drsim.study.choice import unit_of
from drsim.study.dealing import Rows, dealt
from drsim.study.explain import Incident, deciding_member, investigate
from drsim.study.summary import worst_application
from tests.scenarios import DB, EFS, EVERYTHING, HOUR, bench_of, copies, copy, rule

WEB = "type: EC2, size: 1 GB, stateless: true"
SITES = """
  home: {region: eu-west-1, account: production, zone: eu-west-1a}
  spread: {region: eu-west-1, account: production}
  second: {region: eu-west-1, account: second}
  away: {region: eu-central-1, account: production}
"""
VAULTS = "{local: {site: home}, far: {site: away}}"
ZONE = "kind: zone-outage, site: home, duration: 80 h, impairs: {launches: 0, capacity: 0, copies: 0}"
RESPONSE = "{detect: 0 min, declare: 30 min, validate: 0 min, redirect: 6 min}"


def estate(applications: str, disruption: str, *, strategy: str = "{backup: plan}") -> Bench:
    """Return the bench of some applications; a restore takes 4 h, a launch 30 min."""
    return bench_of(
        sites=SITES,
        vaults=VAULTS,
        applications=f"{{{applications}}}",
        strategy=strategy,
        disruption=f"{{{disruption}}}",
        overrides={"restore_duration": "4 h", "launch_duration": "30 min"},
        response=RESPONSE,
    )


def two(**more: str) -> Bench:
    """Return a login without backups and a shop that requires it."""
    login, shop = more.get("login", ""), more.get("shop", "requires: [login],")
    return estate(
        f"login: {{site: home, {login} resources: {{db: {DB}}}}}, shop: {{site: home, {shop} resources: {{db: {DB}}}}}",
        more.get("disruption", "kind: resource-loss, target: login.db"),
        strategy="{backup: {shop.*: plan}}",
    )


def struck(incident: Incident) -> str:
    """Return the name of what was struck."""
    return incident.recovery.strikes.unit.name


def test_each_resource_has_drills_of_its_own_and_an_application_is_dealt_them() -> None:
    """A resource's drill N is that resource's; an application's is that of the resource in whose range N lies."""
    resources = f"{{b: {{type: RDS, size: 1 GB, count: 3}}, a: {DB}}}"
    bench = estate(f"app: {{site: home, resources: {resources}}}", "kind: corruption")
    assert exposure(bench.world("only"), "it", 8).dealt["app"] == (("app.a", 0, 2), ("app.b", 2, 8))
    for drill in (0, 1, 2, 7):
        assert [struck(investigate(bench, "it", drill, name)) for name in ("app.a", "app.b")] == ["app.a", "app.b"]
        of_app = struck(investigate(bench, "it", drill, "app", drills=8))
        assert of_app == ("app.a" if drill < 2 else "app.b")
    # beyond the drills of the study they begin again; of no study they are all of the first
    assert [struck(investigate(bench, "it", drill, "app", drills=8)) for drill in (8, 9, 10)] == [
        "app.a",
        "app.a",
        "app.b",
    ]
    assert [struck(investigate(bench, "it", drill, "app")) for drill in (0, 5)] == ["app.a", "app.a"]


@pytest.mark.parametrize("kind", ["resource-loss", "corruption", "ransomware, backups_attacked: 0", "service-outage"])
def test_incidents_are_those_of_the_log(kind: str) -> None:
    """Whatever unit is struck, the incident that is looked at has the figures of the row that counts."""
    a = f"a: {{site: home, resources: {{x: {DB}, y: {EFS}}}}}"
    bench = estate(f"{a}, b: {{site: second, resources: {{x: {DB}}}}}", f"kind: {kind}")
    log = run_drills(bench.world("only"), "it", 0, 6)
    rows = log[dealt(Rows.of(log), exposure(bench.world("only"), "it", 6))]
    assert {"a", "a.x", "a.y", "b", "b.x"} == set(rows["subject"])
    for row in rows[rows["level"] == "application"].to_dict("records"):
        incident = investigate(bench, "it", row["drill"], row["subject"], drills=6)
        application = timeline(incident, row["subject"], tries_changes=False)
        assert application.state == row["state"]
        if application.state == "recovered":
            assert (application.downtime_s, application.data_loss_s) == pytest.approx(
                (row["downtime_s"], row["data_loss_s"])
            )
    for row in rows[rows["level"] == "resource"].to_dict("records"):
        incident = investigate(bench, "it", row["drill"], row["subject"], drills=6)
        r = [resource.name for resource in incident.world.resources].index(row["subject"])
        assert r in incident.recovery.resources


def test_without_a_subject_it_is_the_worst_applications() -> None:
    """Of the units struck in the drills of a number that one is told in which an application fares worst."""
    bench = estate(
        f"good: {{site: home, resources: {{db: {DB}}}}}, bad: {{site: home, resources: {{db: {EFS}}}}}",
        "kind: resource-loss",
        strategy="{backup: {good.*: plan}}",
    )
    assert struck(investigate(bench, "it", 2)) == "bad.db"
    assert worst_application(run_drills(bench.world("only"), "it", 2, 3), 2) == ("bad", "bad.db")
    assert unit_of(bench.world("only"), "it", 2, "good") == 1


def test_what_is_only_taken_down_is_told_by_what_was_struck() -> None:
    """The incident of an application that stands in no unit is one that takes it down."""
    incident = investigate(two(login="rebuild: 10 d,"), "it", 3, "shop")
    assert struck(incident) == "login.db"
    shop = timeline(incident, "shop")
    assert shop.state == "recovered"
    assert shop.downtime_s == pytest.approx(240.5 * HOUR)
    assert shop.data_loss_s == 0
    assert shop.sentences[0] == (
        "shop was not struck itself: down for 10 d with login, which it requires, until the rebuild of login ends; "
        "lost nothing."
    )
    (phase,) = shop.phases
    assert (phase.words, phase.kind, phase.is_critical) == ("wait for the rebuild of login", WAIT, True)
    assert sum(s for _, s in shop.downtime_parts) == pytest.approx(shop.downtime_s)
    assert recovery_chart(shop).to_dict()["datasets"]
    text = tell(incident.bench, "it", 3, "shop")
    assert "login: unprotected, because of login.db; its rebuild takes 10 d, from 30 min after the stop on" in text
    assert "Application shop: not struck itself; down for 10 d with login, which it requires, until" in text


def test_a_requirement_that_nobody_rebuilds_is_told() -> None:
    """What is lost because of another says so, and what would have saved the other."""
    gone = timeline(investigate(two(), "it", 3, "shop"), "shop")
    assert gone.state == "unrecoverable"
    assert math.isnan(gone.downtime_s)
    assert "requires login, which is lost and for which the scenario gives no `rebuild`" in gone.sentences[0]
    both = investigate(two(disruption=EVERYTHING.strip("{}")), "it", 3)
    shop = timeline(both, "shop")
    assert shop.state == "unrecoverable"
    assert shop.sentences[0] == "shop requires login, which is lost and for which the scenario gives no rebuild."
    assert "a backup plan" in shop.sentences[-1]
    assert "because of login, which it requires and nobody rebuilds" in tell(both.bench, "it", 3)


@pytest.mark.parametrize("relation", ["after", "requires"])
def test_waits_for_a_rebuild_are_told(relation: str) -> None:
    """What comes after something lost names the rebuild that it waits for, on the critical path without a gap."""
    bench = two(login="rebuild: 10 d,", shop=f"{relation}: [login],", disruption=EVERYTHING.strip("{}"))
    shop = timeline(investigate(bench, "it", 3), "shop")
    assert shop.downtime_s == pytest.approx((240.5 + 4.1) * HOUR)
    assert "      waits: rebuild of login" in tell(bench, "it", 3).split("\n")
    critical = sorted((p for p in shop.phases if p.is_critical), key=lambda p: p.begins_s)
    assert "wait for the rebuild of login" in {p.words for p in critical}
    assert [p.begins_s for p in critical] == pytest.approx([0.0, *(p.ends_s for p in critical[:-1])])


@pytest.mark.parametrize(("needs", "down"), [(2, False), (3, True)])
def test_needs_are_told(needs: int, down: bool) -> None:  # noqa: FBT001
    """How many were struck, how many were left and how many it takes; that nothing was down, where it was not."""
    bench = estate(f"app: {{site: spread, resources: {{web: {{{WEB}, count: 3, needs: {needs}}}}}}}", ZONE)
    text = tell(bench, "it", 4)
    assert "struck: the zone eu-west-1b: 1 resource" in text
    assert f"needs {needs} of 3, 2 were left" in text
    app = timeline(investigate(bench, "it", 4), "app")
    if down:
        assert "Application app: recovered after 66 min" in text
        assert app.downtime_s == pytest.approx(1.1 * HOUR)
        return
    assert "Application app: not down, since what was left of it is as much as it needs; lost nothing" in text
    assert "Critical path" not in text
    assert "Downtime" not in text
    assert app.downtime_s == 0
    assert app.sentences == (
        "app was never down and lost no data: app.web needs 2 of 3, 2 were left: it was never down.",
    )
    assert not any(phase.is_critical for phase in app.phases)
    assert "never down" in json.dumps(recovery_chart(app).to_dict())


def test_a_zone_is_told_by_the_name_that_the_scenario_gives() -> None:
    """Of its three zones a site is said to stand in the fourth by name."""
    bench = bench_of(
        sites="{home: {region: us-west-2, account: production, zone: us-west-2d}}",
        vaults="{local: {site: home}}",
        disruption="{kind: zone-outage, site: home}",
    )
    texts = [tell(bench, "it", drill) for drill in range(3)]
    assert sum("the zone us-west-2d" in text for text in texts) == 1
    assert not any("us-west-2a:" in text for text in texts)


def test_what_is_not_missed_has_no_part_in_a_recovery_that_is_overtaken() -> None:
    """An outage ends before its database is restored: servers that are not missed were no part of that."""
    bench = estate(
        f"app: {{site: home, resources: {{db: {DB}}}}}, spread: {{site: spread, requires: [app], resources: "
        f"{{db: {DB}, web: {{{WEB}, count: 9, needs: 6}}}}}}",
        ZONE.replace("80 h", "2 h"),
    )
    texts = [tell(bench, "it", drill) for drill in range(12)]
    assert sum("struck, and not missed; needs 6 of 9, 6 were left" in text for text in texts) > 2
    assert not any("| -" in text for text in texts)  # a time that would be negative


def test_what_nothing_protects_waits_for_the_end_of_the_outage() -> None:
    """Nobody waits for anything else where nothing is left to recover from."""
    bench = estate(f"app: {{site: home, resources: {{db: {DB}}}}}", ZONE.replace("80 h", "2 h"), strategy="{}")
    assert "nothing left to recover from, since 30 min" in tell(bench, "it", 0)


def test_a_member_that_is_not_missed_loses_data_all_the_same() -> None:
    """Nothing is down, and what the member held is of its newest backup: the points are told."""
    bench = estate(
        "app: {site: home, resources: {db: {type: RDS, size: 1 GB, count: 3, needs: 2}}}", "kind: resource-loss"
    )
    app = timeline(investigate(bench, "it", 0), "app")
    assert app.downtime_s == 0
    assert app.data_loss_s > 0
    assert "never down and lost" in app.sentences[0]
    assert any(mark.is_used for mark in app.marks)
    assert recovery_chart(app).to_dict()
    assert past_chart(app, app.decisive).to_dict()
    assert "one of 3 members" in tell(bench, "it", 0)


@pytest.mark.parametrize(
    ("mode", "tolerance", "words"),
    [
        ("warm-standby", "", "took it over as a whole: expected were"),
        ("multi-site", "", "took it over as a whole, by itself, which lost about"),
    ],
)
def test_a_standby_that_takes_over_says_why(mode: str, tolerance: str, words: str) -> None:
    """Loss and expected time of both ways are told, and what moved though it was not struck."""
    bench = estate(
        f"app: {{site: home, {tolerance} resources: {{db: {DB}, files: {EFS}, web: {{{WEB}, after: [db]}}}}}}",
        f"{ZONE}, zone: eu-west-1a",
        strategy="{backup: plan, replication: {app.db: {feature: cross-Region read replica, to: away}, "
        f"app.files: {{feature: EFS replication, to: away}}}}, standby: {{app: {{mode: {mode}, site: away}}}}}}",
    )
    text = tell(bench, "it", 2)
    assert f"The standby at away {words}" in text
    assert "not struck, moved with the others to away: app.files" in text
    app = timeline(investigate(bench, "it", 2), "app")
    assert any(words in sentence for sentence in app.sentences)
    assert {lane.name for lane in app.lanes} >= {"app.db", "app.web", "app.files"}


def test_a_gap_in_the_log_is_told() -> None:
    """What is restored to where the log breaks off says so, and only that."""
    continuous = "rule_name: log, target_vault: local, every: 24 h, enable_continuous_backup: true"
    seen = set()
    for p in ("0", "1"):
        bench = bench_of(
            rules=[f"{{{continuous}, lifecycle: {{delete_after: 9 d}}}}"],
            overrides={"log_failure": p, "log_lag": "1 min"},
            disruption="{kind: corruption, dwell: 0 min}",
        )
        for drill in range(6):
            app = timeline(investigate(bench, "it", drill), "app", tries_changes=False)
            told = "its log has a gap from there on"
            assert (told in " ".join(app.sentences)) == (told in tell(bench, "it", drill)) == (app.data_loss_s > 60)
            seen.add(app.data_loss_s > 60)
    assert seen == {False, True}


@pytest.mark.parametrize("alone", [True, False])
def test_what_comes_after_something_lost_is_told_to_be_lost_with_it(alone: bool) -> None:  # noqa: FBT001
    """The cause is named once: what has a plan, or needs no data, is not said to be without protection."""
    web = f"{{{WEB}, count: 2, after: [copy]}}"
    bench = estate(
        f"app: {{site: home, resources: {{db: {DB}, copy: {{type: RDS, size: 1 GB, after: [db]}}, web: {web}}}}}",
        EVERYTHING.strip("{}"),
        strategy="{backup: {app.copy: plan}}" if alone else "{backup: plan}",
    )
    text = tell(bench, "it", 5)
    app = timeline(investigate(bench, "it", 5), "app")
    if not alone:
        assert "lost with" not in text
        assert app.state == "recovered"
        return
    assert "Application app: unprotected, because of app.db\n" in text
    assert "  app.copy: lost with app.db, which it comes after\n" in text
    assert "  app.web: lost with app.copy, which it comes after\n" in text
    assert app.sentences[0] == "app was not recovered: nothing protects app.db."
    assert "app.web comes after app.copy, and is lost with it." in app.sentences


def test_runs_that_are_left_out_are_counted_before_the_older_run() -> None:
    """Copies stand beside the points that they are of, with nothing between them, whatever the vaults' names."""
    bench = bench_of(
        sites=SITES,
        vaults=VAULTS,
        applications=f"{{app: {{site: home, resources: {{db: {DB}}}}}}}",
        rules=[rule("2 h", keep="9 d", more=copies(copy("far", keep="9 d")))],
        strategy="{backup: plan}",
        disruption="{kind: corruption, dwell: 3 d}",
        response=RESPONSE,
    )
    lines = tell(bench, "it", 2).split("\n")
    left_out = [i for i, line in enumerate(lines) if "between, not shown" in line]
    assert left_out
    for i in left_out:
        moments = [lines[i + k].split()[:2] for k in (-1, 1, 2)]
        assert moments[0] != moments[1] == moments[2]


def test_the_member_told_of_is_the_one_that_the_log_goes_by() -> None:
    """Of three servers of which two are needed, the second to come back is told of, not the last."""
    bench = bench_of(
        sites=SITES,
        vaults=VAULTS,
        applications=f"{{app: {{site: home, recover_at: away, resources: {{web: {{{WEB}, count: 3, needs: 2}}}}}}}}",
        disruption="{kind: region-loss, site: home}",
        overrides={"launch_duration": "{uniform: [1 h, 5 h]}"},
    )
    log = run_drills(bench.world("only"), "it", 0, 4)
    log = log[log["subject"] == "app.web"]
    for drill, downtime_s in zip(log["drill"], log["downtime_s"], strict=True):
        recovery = investigate(bench, "it", int(drill), "app").recovery
        _, member = deciding_member(recovery, 0)
        assert member.usable_s - recovery.occurred_s == downtime_s
        assert member.usable_s < max(x.usable_s for x in recovery.members.values())
