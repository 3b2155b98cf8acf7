"""Recovery: people, order, slots and standbys, second by second."""

from __future__ import annotations

import pytest

from drsim.world import World
from tests.scenarios import (
    DB,
    EVERYTHING,
    HOUR,
    REGION,
    SITES,
    Parts,
    copies,
    copy,
    downtimes_h,
    rule,
    struck,
    told,
    with_replicas,
    world,
)

SECOND = 1 / 3600
COPIED = [rule(more=copies(copy()))]
WEB = "{type: EC2, size: 1 GB, stateless: true}"
THREE = f"{{a: {DB}, b: {DB}, c: {DB}}}"
ONE_RESTORE = "{restore_jobs: 1, backup_jobs: unlimited, copy_jobs: unlimited, jobs_per_resource: unlimited}"
PEOPLE = "{detect: 10 min, declare: 20 min, validate: 15 min, redirect: 6 min}"


def down(w: World, *subjects: str, hour: float = 245) -> list[float]:
    """Return the downtimes of subjects of an incident [h]."""
    log = struck(w, [hour])
    return [downtimes_h(log, s)[0] for s in subjects]


# people


def test_people_come_before_and_after() -> None:
    """Detect and declare pass before the restore; validate and redirect only the application waits for, once."""
    w = world(
        resources=f"{{a: {DB}, b: {DB}}}", overrides={"restore_duration": "2 h"}, response=PEOPLE, disruption=EVERYTHING
    )
    assert down(w, "app.a", "app.b", "app") == pytest.approx([2.5, 2.5, 2.85])


def test_detect_and_declare_are_drawn_once_a_drill() -> None:
    """Two applications struck together are detected and declared together; each validates by itself."""
    upto = "{uniform: [0 h, 9 h]}"
    w = world(
        applications=f"{{one: {{site: home, resources: {{a: {DB}}}}}, two: {{site: home, resources: {{b: {DB}}}}}}}",
        disruption=EVERYTHING,
        response=f"{{detect: {upto}, declare: {upto}, validate: {upto}, redirect: 0 min}}",
    )
    log = struck(w, [245] * 20)
    assert downtimes_h(log, "one.a") == downtimes_h(log, "two.b")
    assert len(set(downtimes_h(log, "one.a"))) == 20
    validated = [
        [a - r for a, r in zip(downtimes_h(log, app), downtimes_h(log, res), strict=True)]
        for app, res in (("one", "one.a"), ("two", "two.b"))
    ]
    assert not set(validated[0]) & set(validated[1])


# order


def test_restores_queue_as_written() -> None:
    """Three restores of 2 h on one slot end after 2, 4 and 6 h."""
    w = world(
        resources=f"{{c: {DB}, a: {DB}, b: {DB}}}",
        overrides={"restore_duration": "2 h"},
        limits=ONE_RESTORE,
        disruption=EVERYTHING,
    )
    assert down(w, "app.c", "app.a", "app.b") == [2, 4, 6]


def test_priority_goes_first() -> None:
    """The application of priority 1, written last, is restored before that of priority 2."""
    w = world(
        applications=(
            f"{{late: {{site: home, priority: 2, resources: {{a: {DB}, b: {DB}}}}}, "
            f"soon: {{site: home, priority: 1, resources: {{c: {DB}}}}}}}"
        ),
        overrides={"restore_duration": "2 h"},
        limits=ONE_RESTORE,
        disruption=EVERYTHING,
    )
    assert down(w, "soon.c", "late.a", "late.b") == [2, 4, 6]


def test_priority_goes_before_the_moment_queued() -> None:
    """What is queued later with a better priority is next; what already runs is not stopped."""
    w = world(
        applications=(
            f"{{late: {{site: home, priority: 2, resources: {{a: {DB}, b: {DB}}}}}, "
            f"soon: {{site: home, priority: 1, steps: {{first: {{duration: 1 h, when: always}}}}, "
            f"resources: {{c: {{type: RDS, size: 1 GB, after: [first]}}}}}}}}"
        ),
        overrides={"restore_duration": "2 h"},
        limits=ONE_RESTORE,
        disruption=EVERYTHING,
    )
    assert down(w, "late.a", "soon.c", "late.b") == [2, 4, 6]


def test_a_later_restore_passes_one_that_waits_for_another_limit() -> None:
    """With one slot for RDS, an EFS restore written last does not wait."""
    w = world(
        resources=f"{{a: {DB}, b: {DB}, c: {{type: EFS, size: 1 GB}}}}",
        overrides={"restore_duration": "2 h"},
        limits="{restore_jobs: {'*': 2, RDS: 1}}",
        disruption=EVERYTHING,
    )
    assert down(w, "app.a", "app.b", "app.c") == [2, 4, 2]


def test_a_retrieval_from_cold_holds_the_slot() -> None:
    """Retrieval of 4 h and restore of 2 h make one job: the next restore waits for both."""
    lifecycle = "lifecycle: {cold_storage_after: 1 d, delete_after: 200 d}"
    w = world(
        resources="{a: {type: EFS, size: 1 GB}, b: {type: EFS, size: 1 GB}}",
        rules=[f"{{rule_name: a, target_vault: local, every: 400 d, {lifecycle}}}"],
        overrides={"restore_duration": "2 h", "cold_retrieval": "4 h"},
        limits=ONE_RESTORE,
        disruption=EVERYTHING,
    )
    assert down(w, "app.a", "app.b", hour=48) == [6, 12]


def test_resources_wait_for_what_they_name() -> None:
    """Identity 1 h, then database 3 h beside files 2 h, then web 1.5 h: 5.5 h, and the web waits for the slower."""
    w = world(
        resources=(
            "{web: {type: EC2, size: 1 GB, after: [db, files], overrides: {restore_duration: 90 min}}, "
            "db: {type: RDS, size: 1 GB, after: [identity], overrides: {restore_duration: 3 h}}, "
            "files: {type: EFS, size: 1 GB, after: [identity], overrides: {restore_duration: 2 h}}, "
            "identity: {type: RDS, size: 1 GB, overrides: {restore_duration: 1 h}}}"
        ),
        disruption=EVERYTHING,
        response=PEOPLE,
    )
    names = ("identity", "db", "files", "web")
    assert down(w, *(f"app.{n}" for n in names), "app") == pytest.approx([1.5, 4.5, 3.5, 6, 6.35])


def test_what_was_not_struck_is_not_waited_for() -> None:
    """A resource whose dependency is unaffected begins at once."""
    w = world(
        resources=f"{{a: {DB}, b: {{type: RDS, size: 1 GB, after: [a]}}}}",
        overrides={"restore_duration": "2 h"},
        disruption="{kind: resource-loss, target: app.b}",
    )
    assert down(w, "app.b") == [2]


def test_all_members_come_before_what_waits_for_them() -> None:
    """Three members on one slot take 6 h, and only then does the web follow."""
    w = world(
        resources="{db: {type: RDS, size: 1 GB, count: 3}, web: {type: EC2, size: 1 GB, after: [db]}}",
        overrides={"restore_duration": "2 h"},
        limits=ONE_RESTORE,
        disruption=EVERYTHING,
    )
    assert down(w, "app.db", "app.web") == [6, 8]


def test_applications_wait_for_applications() -> None:
    """An application begins once the one it names has been redirected."""
    w = world(
        applications=(
            f"{{shop: {{site: home, after: [base], resources: {{a: {DB}}}}}, "
            f"base: {{site: home, resources: {{b: {DB}}}}}}}"
        ),
        overrides={"restore_duration": "2 h"},
        response=PEOPLE,
        disruption=EVERYTHING,
    )
    assert down(w, "base.b", "base", "shop.a", "shop") == pytest.approx([2.5, 2.85, 4.85, 5.2])


def test_an_application_that_was_not_struck_is_not_waited_for() -> None:
    """Where only the shop is struck, it does not wait for its base."""
    w = world(
        applications=(
            f"{{shop: {{site: home, after: [base], resources: {{a: {DB}}}}}, "
            f"base: {{site: home, resources: {{b: {DB}}}}}}}"
        ),
        overrides={"restore_duration": "2 h"},
        disruption="{kind: resource-loss, target: shop.a}",
    )
    assert down(w, "shop") == [2]


# steps

STEPS = "steps: {network: {duration: 1 h}, dns: {duration: 3 h, when: always, after: [network]}}"


@pytest.mark.parametrize(("disruption", "expected"), [(EVERYTHING, [2, 3]), (REGION, [3, 4])])
def test_steps_are_needed_elsewhere_or_always(disruption: str, expected: list[float]) -> None:
    """The network is built only where the application moves; what always is done waits for it only then."""
    w = world(
        resources="{db: {type: RDS, size: 1 GB, after: [network]}}",
        rules=COPIED,
        app=STEPS,
        overrides={"restore_duration": "2 h"},
        disruption=disruption,
    )
    assert down(w, "app.db", "app") == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("backup-and-restore", [3, 4]), ("pilot-light", [2, 3]), ("warm-standby", [2, 3]), ("multi-site", [2, 3])],
)
def test_no_network_is_built_where_a_standby_runs(mode: str, expected: list[float]) -> None:
    """Steps for a new site are left out where a standby runs; what is always done is done."""
    w = world(
        resources="{db: {type: RDS, size: 1 GB, after: [network]}}",
        rules=COPIED,
        app=STEPS,
        strategy=f"{{backup: plan, standby: {{app: {{mode: {mode}, site: recovery}}}}}}",
        overrides={"restore_duration": "2 h"},
        disruption=REGION,
    )
    assert down(w, "app.db", "app") == expected


# outages that end


def outage(duration: str, impairs: str = "launches: 0, capacity: 0, copies: 0") -> str:
    """Return a Region outage of a length."""
    return f"{{kind: region-outage, site: home, duration: {duration}, impairs: {{{impairs}}}}}"


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("10799 s", ("ride-out", 0, pytest.approx(3 - SECOND))),
        ("3 h", ("restore", 5, 3)),
        ("10801 s", ("restore", 5, 3)),
    ],
)
def test_an_outage_is_ridden_out_if_it_ends_before_the_recovery(
    duration: str, expected: tuple[str, float, float]
) -> None:
    """A recovery complete in the second in which the outage ends counts; a second later it is abandoned."""
    w = world(rules=COPIED, overrides={"restore_duration": "3 h"}, disruption=outage(duration))
    log = struck(w, [245])
    assert (told(log), told(log, "app")) == ([expected], [expected])


def test_recovery_means_the_whole_application() -> None:
    """A resource that was restored within the outage rides it out with its application if that was not ready."""
    parts: Parts = {
        "rules": COPIED,
        "overrides": {"restore_duration": "1 h"},
        "response": "{detect: 0 min, declare: 0 min, validate: 2 h, redirect: 0 min}",
        "disruption": outage("2 h"),
    }
    assert told(struck(world(**parts), [245])) == [("ride-out", 0, 2)]
    parts["disruption"] = outage("3 h")
    assert told(struck(world(**parts), [245])) == [("restore", 5, 1)]


def test_what_nothing_protects_rides_an_outage_out() -> None:
    """An outage gives back what nothing protects; a loss does not."""
    w = world(strategy="{backup: {}}", disruption=outage("3 h"))
    assert told(struck(w, [245])) == [("ride-out", 0, 3)]


def test_waiting_first() -> None:
    """With `act_after` 2 h an outage of 2.5 h is ridden out that a recovery of 1 h would have beaten."""
    parts: Parts = {"rules": COPIED, "overrides": {"restore_duration": "1 h"}, "disruption": outage("150 min")}
    assert told(struck(world(**parts), [245])) == [("restore", 5, 1)]
    parts["app"] = "act_after: 2 h"
    assert told(struck(world(**parts), [245])) == [("ride-out", 0, 2.5)]
    parts["disruption"] = outage("9 h")
    assert told(struck(world(**parts), [245])) == [("restore", 5, 3)]


def test_waiting_first_for_a_service() -> None:
    """An outage of one service is waited for like that of a Region, the loss of a resource is not."""
    parts: Parts = {"rules": COPIED, "overrides": {"restore_duration": "1 h"}, "app": "act_after: 2 h"}
    parts["disruption"] = "{kind: service-outage, service: RDS, duration: 150 min}"
    assert told(struck(world(**parts), [245])) == [("ride-out", 0, 2.5)]
    parts["disruption"] = "{kind: service-outage, service: RDS, duration: 9 h}"
    assert told(struck(world(**parts), [245])) == [("restore", 5, 3)]
    parts["disruption"] = "{kind: resource-loss}"
    assert told(struck(world(**parts), [245])) == [("restore", 5, 1)]


@pytest.mark.parametrize(
    ("impairs", "resource", "how"),
    [
        ("launches: 1", DB, "ride-out"),
        ("launches: 0, capacity: 1, copies: 0", DB, "restore"),
        ("launches: 0, capacity: 1, copies: 0", "{type: EC2, size: 1 GB}", "ride-out"),
        ("launches: 0, capacity: 0, copies: 1", DB, "restore"),
    ],
)
def test_impaired_steps_wait_for_the_end(impairs: str, resource: str, how: str) -> None:
    """Where launches or capacity are impaired, what needs them in that Region waits for the end and rides it out."""
    w = world(
        resources=f"{{db: {resource}}}",
        sites=SITES.replace("account: production}", "account: production, zone: us-east-1a}", 1),
        overrides={"restore_duration": "1 h"},
        disruption=f"{{kind: zone-outage, site: home, duration: 9 h, impairs: {{{impairs}}}}}",
    )
    # drill 0 strikes the first zone
    assert [h for h, _, _ in told(struck(w, [245]))] == [how]


@pytest.mark.parametrize("impairs", ["launches: 1", "launches: 0, capacity: 1", "launches: 0, capacity: 0, copies: 1"])
@pytest.mark.parametrize("recover_at", ["", "recover_at: third"])
def test_a_healthy_region_is_not_impaired(impairs: str, recover_at: str) -> None:
    """Launches, capacity and copies that the struck Region lacks are there in another."""
    w = world(
        resources="{db: {type: EC2, size: 1 GB}}",
        rules=COPIED,
        app=recover_at,
        overrides={"restore_duration": "1 h"},
        disruption=outage("9 h", impairs),
    )
    assert [h for h, _, _ in told(struck(w, [245]))] == ["restore"]


def test_a_failover_needs_no_launch() -> None:
    """A replica takes over though launches are impaired."""
    w = world(
        strategy="{replication: {app.db: {feature: cross-Region read replica, to: recovery}}}",
        disruption=outage("9 h", "launches: 1, capacity: 1, copies: 1"),
    )
    assert told(struck(with_replicas(w, lag_s=0, promote_s=600), [245])) == [("failover", 0, pytest.approx(1 / 6))]


# zones


def test_a_failover_in_the_deployment_needs_nobody() -> None:
    """A Multi-AZ database fails over by itself, loses nothing and skips detection and declaration."""
    w = world(
        resources="{db: {type: RDS, size: 1 GB, deployment: multi-az, overrides: {failover_duration: 90 s}}}",
        response=PEOPLE,
    )
    log = struck(w, [245])
    assert told(log) == [("failover", 0, pytest.approx(0.025))]
    assert downtimes_h(log, "app") == pytest.approx([0.025 + 0.35])


@pytest.mark.parametrize("kind", ["accidental-deletion", "corruption", "ransomware"])
def test_a_failover_in_the_deployment_does_not_help_damaged_data(kind: str) -> None:
    """Multi-AZ restores after damage to data like any other."""
    more = ", backups_attacked: 0" if kind == "ransomware" else ""
    w = world(
        resources="{db: {type: RDS, size: 1 GB, deployment: multi-az}}",
        disruption=f"{{kind: {kind}, dwell: 0 min{more}}}",
    )
    assert told(struck(w, [245])) == [("restore", 5, 0)]


MULTI = "{type: RDS, size: 1 GB, deployment: multi-az, overrides: {failover_duration: 1 h}}"
ZONED: Parts = {
    "sites": """
  home: {region: us-east-1, account: production, zone: us-east-1a}
  beside: {region: us-east-1, account: production, zone: us-east-1b}
  whole: {region: us-east-1, account: production}
""",
    "vaults": "{local: {site: whole}}",
    "applications": (
        f"{{one: {{site: home, resources: {{single: {DB}, multi: {MULTI}, regional: {{type: EFS, size: 1 GB}}}}}}, "
        f"two: {{site: beside, resources: {{single: {DB}}}}}}}"
    ),
    "overrides": {"restore_duration": "2 h"},
}
UNIMPAIRED = "impairs: {launches: 0, capacity: 0, copies: 0}"


def test_a_zone_outage_strikes_the_zone_of_its_site() -> None:
    """Of what lies in the zone single-zone databases are restored, Multi-AZ ones fail over, regional ones stay."""
    w = world(**(ZONED | Parts(disruption=f"{{kind: zone-outage, site: home, duration: 9 h, {UNIMPAIRED}}}")))
    log = struck(w, [245])
    fared = [told(log, name) for name in ("one.single", "one.multi", "one.regional", "two.single")]
    assert fared == [[("restore", 5, 2)], [("failover", 0, 1)], [], []]


def test_a_zone_outage_without_a_zone_strikes_each_in_turn() -> None:
    """Where none is named drill i strikes zone i mod 3, and what stands in another is not there."""
    w = world(**(ZONED | Parts(disruption=f"{{kind: zone-outage, site: whole, duration: 9 h, {UNIMPAIRED}}}")))
    log = struck(w, [245] * 9)
    hit = {name: log.loc[log["subject"] == name, "drill"].tolist() for name in ("one.single", "two.single")}
    assert hit == {"one.single": [0, 3, 6], "two.single": [1, 4, 7]}


def test_a_short_zone_outage_keeps_the_failover() -> None:
    """When an application rides out an outage, what had failed over by itself meanwhile stays recovered."""
    w = world(**(ZONED | Parts(disruption=f"{{kind: zone-outage, site: home, duration: 90 min, {UNIMPAIRED}}}")))
    log = struck(w, [245])
    assert [told(log, name)[0] for name in ("one.single", "one.multi")] == [("ride-out", 0, 1.5), ("failover", 0, 1)]
    assert downtimes_h(log, "one") == [1.5]


# standbys

REPLICA = "replication: {app.db: {feature: cross-Region read replica, to: recovery}}"


def standby(mode: str, *, capacity: str = "", disruption: str = REGION, response: str = PEOPLE) -> World:
    """Return a replicated database and a server behind it, with a standby; 15 min to promote, 1 h to launch."""
    w = world(
        resources=f"{{db: {DB}, web: {{type: EC2, size: 1 GB, stateless: true, after: [db]}}}}",
        strategy=f"{{{REPLICA}, standby: {{app: {{mode: {mode}, site: recovery{capacity}}}}}}}",
        overrides={"launch_duration": "1 h"},
        response=response,
        disruption=disruption,
    )
    return with_replicas(w, lag_s=60, promote_s=900)


def full(w: World, subject: str) -> float:
    """Return when a subject is at full performance after a disruption [h]."""
    log = struck(w, [245])
    return float(log[log["subject"] == subject]["full_performance_s"].iloc[0]) / HOUR


def test_a_pilot_light_launches_its_servers() -> None:
    """The database is promoted, 0.75 h after the disruption with people's half hour, and servers launch in 1 h more."""
    w = standby("pilot-light")
    assert down(w, "app.db", "app.web", "app") == pytest.approx([0.75, 1.75, 2.1])
    assert full(w, "app") == pytest.approx(2.1)


def test_a_warm_standby_scales_while_it_serves() -> None:
    """Servers are there at promotion and at full strength an hour later; at capacity 1 at once."""
    w = standby("warm-standby")
    assert down(w, "app.db", "app.web", "app") == pytest.approx([0.75, 0.75, 1.1])
    assert (full(w, "app.web"), full(w, "app")) == pytest.approx((1.75, 1.75))
    w = standby("warm-standby", capacity=", capacity: 100 %")
    assert full(w, "app") == pytest.approx(1.1)


def test_multi_site_only_redirects() -> None:
    """Both sites serve: no detection by people, no launch, no validation, only a redirect."""
    w = standby("multi-site", response="{detect: 10 h, declare: 10 h, validate: 10 h, redirect: 6 min}")
    log = struck(w, [245])
    assert [h for h, _, _ in told(log, "app.web")] == ["failover"]
    assert [loss for _, loss, _ in told(log, "app.db")] == pytest.approx([1 / 60])
    assert downtimes_h(log, "app")[0] - max(downtimes_h(log, "app.db") + downtimes_h(log, "app.web")) == pytest.approx(
        0.1
    )
    assert downtimes_h(log, "app")[0] < 10


def test_without_a_standby_servers_are_launched() -> None:
    """Backup and restore launches servers like a pilot light, at the standby site."""
    w = standby("backup-and-restore")
    log = struck(w, [245])
    assert told(log, "app.web") == [("launch", 0, pytest.approx(1.75))]
    assert set(log[log["subject"] == "app.web"]["place"]) == {"recovery"}


def test_what_is_not_replicated_is_restored_at_the_standby() -> None:
    """A standby's resource without replication is restored there, from a copy brought there."""
    w = world(
        rules=[rule(more=copies(copy("far")))],
        strategy="{backup: plan, standby: {app: {mode: warm-standby, site: recovery}}}",
        overrides={"copy_duration": "2 h", "restore_duration": "1 h"},
        disruption=REGION,
    )
    assert told(struck(w, [245])) == [("restore", 5, 3)]


def test_a_standby_takes_over_as_a_whole_though_home_is_usable() -> None:
    """Where only the database is lost the standby takes the application over, servers too that were not struck."""
    w = standby("pilot-light", disruption="{kind: resource-loss, target: app.db}")
    log = struck(w, [245])
    assert told(log, "app.db") == [("failover", pytest.approx(1 / 60), 0.75)]
    assert told(log, "app.web") == []
    # half an hour of people, 15 min to promote, an hour to launch the servers there, 21 min to validate and redirect
    assert downtimes_h(log, "app") == [pytest.approx(2.1)]


def test_a_standby_in_the_taken_account_is_lost() -> None:
    """Ransomware and a taken account leave neither replica nor standby of that account."""
    w = standby("warm-standby", disruption="{kind: account-compromise, site: home, dwell: 0 min}")
    assert told(struck(w, [245])) == [("unrecoverable", -1, -1)]
