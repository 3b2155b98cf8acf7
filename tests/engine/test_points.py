"""Which recovery points count, and which of them the policy takes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drsim.distributions import Constant
from drsim.engine import run_drills, run_vectorised
from drsim.scenario import read_scenario
from drsim.world import build_world
from tests.scenarios import (
    DB,
    EFS,
    EVERYTHING,
    HOUR,
    REGION,
    Parts,
    copies,
    copy,
    first_difference,
    losses_h,
    rule,
    scenario_text,
    struck,
    told,
    with_replicas,
    world,
)

SECOND = 1 / 3600
CONTINUOUS = rule(keep="35 d", more="enable_continuous_backup: true")
NOTHING = [("unrecoverable", -1, -1)]
REPLICATED: Parts = {
    "strategy": "{backup: plan, replication: {app.db: {feature: cross-Region read replica, to: recovery}}}",
    "overrides": {"restore_duration": "5 h"},
}


def corruption(dwell: str) -> str:
    """Return a corruption that is found a dwell time after it happened."""
    return f"{{kind: corruption, dwell: {dwell}}}"


def attack(kind: str, backups: float, dwell: str = "0 min") -> str:
    """Return an attack on the production account in which backups in reach are lost with a probability."""
    return f"{{kind: {kind}, site: home, dwell: {dwell}, backups_attacked: {backups}}}"


# time


def test_a_point_expires_at_the_second() -> None:
    """A point kept 10 d serves until a second before it is 10 d old; its expiry delay comes on top."""
    once = [rule("400 d", keep="10 d")]
    assert losses_h(struck(world(rules=once), [240 - SECOND, 240])) == pytest.approx([240 - SECOND, -1])
    late = world(rules=once, overrides={"expiry_delay": "5 h"})
    assert losses_h(struck(late, [240, 245 - SECOND, 245])) == pytest.approx([240, 245 - SECOND, -1])


def test_retention_counts_from_the_start_of_the_job() -> None:
    """A point whose backup took 20 h and whose copy took 20 h more expires 10 d after its job started, copies too."""
    w = world(
        rules=[rule("400 d", keep="300 d", more=copies(copy(keep="10 d")))],
        overrides={"backup_duration": "20 h", "copy_duration": "20 h"},
        disruption=REGION,
    )
    assert losses_h(struck(w, [40 - SECOND, 40, 240 - SECOND, 240])) == pytest.approx([-1, 40, 240 - SECOND, -1])


def test_nothing_expires_during_the_recovery() -> None:
    """A point that would expire a second after the disruption is restored a day later."""
    w = world(
        rules=[rule("400 d", keep="10 d")],
        response="{detect: 24 h, declare: 0 min, validate: 0 min, redirect: 0 min}",
    )
    assert told(struck(w, [240 - SECOND])) == [("restore", pytest.approx(240 - SECOND), 24)]


def test_points_of_damaged_data_do_not_count() -> None:
    """With damage 30 h before it was found, a point captured at that moment is good and one a second later is not."""
    w = world(disruption=corruption("30 h"))
    assert losses_h(struck(w, [270, 270 - SECOND])) == pytest.approx([30, 54 - SECOND])


def test_a_point_may_become_usable_after_the_damage() -> None:
    """What was captured before the damage counts though its job ended after it, if before the service stopped."""
    w = world(disruption=corruption("1 h"), overrides={"backup_duration": "2 h"})
    assert losses_h(struck(w, [241, 242])) == [25, 2]


def test_a_job_that_started_after_the_damage_does_not_count() -> None:
    """A job due half an hour before the damage that started half an hour after it holds damaged data."""
    w = world(disruption=corruption("2 h"), overrides={"start_delay": "1 h"})
    assert losses_h(struck(w, [242.5, 243])) == [25.5, 2]


def test_a_dwell_longer_than_the_retention_leaves_nothing() -> None:
    """Damage as old as the retention has outlived every good point."""
    assert told(struck(world(rules=[rule(keep="10 d")], disruption=corruption("10 d")), [241])) == NOTHING


def test_cold_or_warm_is_judged_when_the_service_stops() -> None:
    """A point is warm until it is 30 d old and needs 12 h of retrieval from that second on, however late people act."""
    lifecycle = "lifecycle: {cold_storage_after: 30 d, delete_after: 200 d}"
    w = world(
        resources=f"{{db: {EFS}}}",
        rules=[f"{{rule_name: rule, target_vault: local, every: 400 d, {lifecycle}}}"],
        overrides={"cold_retrieval": "12 h", "restore_duration": "1 h"},
        response="{detect: 24 h, declare: 0 min, validate: 0 min, redirect: 0 min}",
    )
    assert told(struck(w, [720 - SECOND, 720])) == [
        ("restore", pytest.approx(720 - SECOND), 25),
        ("restore", 720, 37),
    ]


# choice


def test_least_loss_goes_before_a_shorter_time() -> None:
    """A newer point that is cold and takes 12 h longer is taken before an older warm one."""
    cold = "{rule_name: a, target_vault: local, every: 7 d, lifecycle: {cold_storage_after: 1 d, delete_after: 200 d}}"
    w = world(
        resources=f"{{db: {EFS}}}",
        plans={"one": [cold], "two": [rule("10 d")]},
        strategy="{backup: [one, two]}",
        overrides={"cold_retrieval": "12 h"},
    )
    assert told(struck(w, [7 * 24 + 48])) == [("restore", 48, 12)]


def test_of_one_points_copies_the_quickest_goes_first() -> None:
    """The warm copy of a cold point is taken although it has to be brought home, which takes 2 h instead of 12 h."""
    lifecycle = "lifecycle: {cold_storage_after: 1 d, delete_after: 200 d}"
    w = world(
        resources=f"{{db: {EFS}}}",
        rules=[f"{{rule_name: a, target_vault: local, every: 400 d, {lifecycle}, {copies(copy(keep='200 d'))}}}"],
        overrides={"cold_retrieval": "12 h", "copy_duration": "2 h"},
    )
    log = struck(w, [48])
    assert told(log) == [("restore", 48, 2)]
    assert log["place"].iloc[1] == "dr"


def test_a_useless_restore_costs_its_time() -> None:
    """Where every restore proves useless at its end all of ten points are tried, and what comes after is lost too."""
    parts: Parts = {
        "resources": f"{{db: {DB}, web: {{type: EC2, size: 1 GB, stateless: true, after: [db]}}}}",
        "rules": [rule(keep="10 d")],
        "overrides": {"restore_duration": "1 h", "restore_failure": "1"},
        "disruption": EVERYTHING,
    }
    log = struck(world(**parts), [241])
    assert told(log) == told(log, "app.web") == told(log, "app") == NOTHING
    lost_h = log.set_index("subject")["lost_after_s"] / HOUR
    assert (lost_h["app.db"], lost_h["app"]) == (10, 10)
    assert math.isnan(lost_h["app.web"])


def test_the_tested_rate_replaces_the_other() -> None:
    """`tested: true` takes `restore_failure_tested`."""
    parts: Parts = {
        "resources": "{db: {type: RDS, size: 1 GB, tested: true}}",
        "overrides": {"restore_failure": "1", "restore_failure_tested": "0"},
    }
    assert told(struck(world(**parts), [245])) == [("restore", 5, 0)]


def test_the_next_best_point_follows_a_useless_one() -> None:
    """Half of all restores failing, each failure costs 1 h and a day of data."""
    w = world(overrides={"restore_duration": "1 h", "restore_failure": "0.5"})
    found = told(struck(w, [241.0] * 200))
    assert {(loss - 1) / 24 + 1 - down for _, loss, down in found} == {0.0}
    assert len({down for _, _, down in found}) > 3


def test_unprotected_is_what_nothing_selects() -> None:
    """What no selector names is unprotected, what has lost all its points is unrecoverable."""
    parts: Parts = {"resources": f"{{a: {DB}, b: {DB}}}", "strategy": "{backup: {app.a: plan}}", "disruption": REGION}
    log = struck(world(**parts), [241])
    assert [told(log, name)[0][0] for name in ("app.a", "app.b", "app")] == [
        "unrecoverable",
        "unprotected",
        "unprotected",
    ]


def test_the_rest_is_unaffected() -> None:
    """A disruption of one resource leaves the others, and other applications, unaffected; each has its own drills."""
    w = world(
        applications=(
            f"{{one: {{site: home, resources: {{a: {DB}, b: {DB}}}}}, two: {{site: home, resources: {{c: {DB}}}}}}}"
        )
    )
    log = struck(w, [241] * 2)
    how = {name: [h for h, _, _ in told(log, name)] for name in ("one", "one.a", "one.b", "two", "two.c")}
    back = "restore"
    assert how == {"one": [back] * 4, "one.a": [back] * 2, "one.b": [back] * 2, "two": [back] * 2, "two.c": [back] * 2}
    struck_with = log[log["subject"] == "one"].groupby("struck", observed=True)["drill"].apply(list).to_dict()
    assert struck_with == {"one.a": [0, 1], "one.b": [0, 1]}


def test_an_application_is_as_bad_as_its_worst_resource() -> None:
    """Loss is the worst resource's; the skew is the spread between the points used."""
    parts: Parts = {
        "resources": f"{{a: {DB}, b: {DB}}}",
        "plans": {"one": [rule("24 h")], "two": [rule("10 h")]},
        "strategy": "{backup: {app.a: one, app.b: two}}",
        "overrides": {"restore_duration": "3 h"},
        "disruption": EVERYTHING,
    }
    log = struck(world(**parts), [255])
    assert told(log, "app") == [("restore", 15, 3)]
    assert log["skew_s"].iloc[0] == 10 * HOUR
    assert log["captured_s"].iloc[0] == 240 * HOUR


# continuous protection


def test_a_window_restores_to_any_moment_of_it() -> None:
    """Continuous protection loses the log lag, or what came after the damage, whatever its anchors are."""
    parts: Parts = {"rules": [CONTINUOUS], "overrides": {"log_lag": "6 min", "restore_duration": "1 h"}}
    assert told(struck(world(**parts), [245])) == [("point-in-time restore", pytest.approx(0.1), 1)]
    parts["disruption"] = corruption("3 h")
    assert losses_h(struck(world(**parts), [245])) == [3]
    parts["disruption"] = corruption("1 min")
    assert losses_h(struck(world(**parts), [245])) == pytest.approx([0.1])


def test_a_window_ends_where_it_ends() -> None:
    """Damage 35 d old can just be undone; a second more and nothing is left, anchors being no points of their own."""
    w = world(rules=[CONTINUOUS], disruption=corruption("35 d"), overrides={"log_lag": "0 min"})
    assert losses_h(struck(w, [245])) == [35 * 24]
    late = f"{35 * 86400 + 1} s"
    w = world(rules=[CONTINUOUS], disruption=corruption(late), overrides={"log_lag": "0 min"})
    assert told(struck(w, [245])) == NOTHING


def test_an_anchor_is_only_the_source_of_copies() -> None:
    """Copies of a continuous rule are points of the moments of its anchors; across Regions there is no other way."""
    w = world(
        rules=[rule(keep="35 d", more=f"enable_continuous_backup: true, {copies(copy())}")],
        disruption=REGION,
        overrides={"copy_duration": "2 h"},
    )
    assert told(struck(w, [241, 242])) == [("restore", 25, 0), ("restore", 2, 0)]


def test_suppression_never_touches_continuous_protection() -> None:
    """A rule of longer retention suppresses every snapshot of a continuous rule, and leaves its window alone."""
    rules = [
        rule(keep="35 d", more=f"enable_continuous_backup: true, {copies(copy())}"),
        rule(name="long", keep="300 d", vault="far"),
    ]
    parts: Parts = {"rules": rules, "overrides": {"log_lag": "6 min"}}
    assert losses_h(struck(world(**parts), [245])) == pytest.approx([0.1])
    parts["disruption"] = REGION
    log = struck(world(**parts), [245])
    assert (told(log), log["place"].iloc[1]) == ([("restore", 5, 0)], "far")


def test_native_protection_to_a_moment_is_a_feature() -> None:
    """DynamoDB's own point-in-time recovery protects a table that no plan selects, up to its retention."""
    parts: Parts = {
        "resources": "{db: {type: DynamoDB with advanced features, size: 1 GB}}",
        "strategy": "{replication: {app.db: {feature: point-in-time recovery, retention: 10 d}}}",
        "disruption": corruption("9 d"),
    }
    assert told(struck(world(**parts), [245])) == [("point-in-time restore", 9 * 24, 0)]
    parts["disruption"] = corruption("11 d")
    assert told(struck(world(**parts), [245])) == NOTHING


def test_no_moment_is_restored_before_a_base_has_completed() -> None:
    """A plan whose first base takes from hour 0 to hour 20 restores from then on, and no moment before hour 0."""
    parts: Parts = {
        "rules": [CONTINUOUS],
        "overrides": {"backup_duration": "20 h", "log_lag": "0 min"},
        "more": "warm_up: 0 d",
    }
    assert losses_h(struck(world(**parts), [20 - SECOND, 20])) == [-1, 0]
    parts["disruption"] = corruption("21 h")
    assert losses_h(struck(world(**parts), [21 - SECOND, 21])) == [-1, 21]


@pytest.mark.parametrize("overrides", [{"backup_failure": "1"}, {"backup_duration": "8 d"}])
def test_without_any_base_nothing_can_be_restored(overrides: dict[str, str]) -> None:
    """Where every job of a continuous rule fails, or takes longer than its window, there is no base, on both clocks."""
    w = world(rules=[CONTINUOUS], overrides=overrides)
    log = run_vectorised(w, "it", 0, 20)
    assert set(log["state"]) == {"unrecoverable"}
    assert not first_difference(run_drills(w, "it", 0, 20), log)


REPLAYED = "{db: {type: RDS, size: 100 GB, change_rate: 24 %/day, overrides: {restore_fixed: 0 h}}}"
"""A database that writes 1 GB an hour, and whose restore takes no time but that of its logs."""


def test_logs_are_replayed_from_the_newest_base_that_completed() -> None:
    """Until the base of hour 240 completes at hour 246, the moment is restored from that of hour 216."""
    w = world(
        rules=[CONTINUOUS],
        resources=REPLAYED,
        overrides={"backup_duration": "6 h", "log_lag": "0 min", "log_replay_speed": "4"},
    )
    found = told(struck(w, [245, 246]))
    assert found == [("point-in-time restore", 0, 29 / 4), ("point-in-time restore", 0, 6 / 4)]


@pytest.mark.parametrize(
    ("everywhere", "on_rule", "hours"),
    [
        ({"log_replay_rate": "4 GB/h", "log_factor": "2"}, "", 2.5),  # 5 GB written, 10 GB of log
        ({"log_replay_rate": "4 GB/h", "log_factor": "2", "log_replay_speed": "10"}, "", 0.5),
        ({"log_replay_speed": "10", "log_factor": "2"}, "log_replay_rate: 4 GB/h", 2.5),
        ({"log_replay_rate": "4 GB/h"}, "log_replay_speed: 5", 1),
    ],
)
def test_replay_goes_with_the_amount_of_log_unless_a_speed_is_nearer(
    everywhere: dict[str, str], on_rule: str, hours: float
) -> None:
    """Five hours after a base the log of five hours is applied; of rate and speed the nearer one counts."""
    continuous = rule(keep="35 d", more=f"enable_continuous_backup: true, overrides: {{{on_rule}}}")
    w = world(rules=[continuous], resources=REPLAYED, overrides={"log_lag": "0 min", **everywhere})
    assert told(struck(w, [245])) == [("point-in-time restore", 0, pytest.approx(hours))]


def test_a_small_idle_database_is_back_in_minutes() -> None:
    """Logs of 3 GB of which 0.2 % change in a day take seconds to apply: a restore to a moment is no slower."""
    parts: Parts = {"resources": "{db: {type: RDS, size: 3 GB, change_rate: 0.2 %/day}}"}
    quick = read_scenario(scenario_text(**parts).replace("restore_duration: 0 h, ", ""))
    moment = read_scenario(scenario_text(**(parts | Parts(rules=[CONTINUOUS]))).replace("restore_duration: 0 h, ", ""))
    slower = run_vectorised(build_world(moment, "only"), "it", 0, 500)["downtime_s"].median()
    assert slower <= run_vectorised(build_world(quick, "only"), "it", 0, 500)["downtime_s"].median() + 60


def test_a_base_older_than_the_window_serves_it() -> None:
    """The only base is 100 d old, the window 35 d: the service keeps what the oldest moment of the window needs."""
    w = world(rules=[rule("400 d", keep="35 d", more="enable_continuous_backup: true")], disruption=corruption("30 d"))
    assert losses_h(struck(w, [100 * 24])) == [30 * 24]


def test_a_gap_in_the_log_holds_moments_back_until_the_next_base() -> None:
    """After a gap between two bases every later moment is restored to its beginning, until a base completes."""
    w = world(rules=[CONTINUOUS], overrides={"log_lag": "0 min", "log_failure": "1", "backup_duration": "2 h"})
    hours = [240.0, 241, 242, 245, 250, 263.999, 264, 265.999, 266]
    captured = struck(w, hours).loc[lambda log: log["subject"] == "app.db", "captured_s"].to_numpy() / HOUR
    assert (captured[:2] <= 240).all()  # the base of hour 216 serves until that of hour 240 has completed
    assert (captured[2:8] >= 240).all()
    assert (captured[2:8] <= np.minimum(hours[2:8], 264)).all()
    assert captured[8] >= 264


def test_a_useless_restore_is_followed_by_the_services_own_snapshots() -> None:
    """RDS's daily snapshots of midnight follow a failed restore to a moment, newest first, as long as they are kept."""
    w = world(
        strategy="{replication: {app.db: {feature: automated backups, retention: 7 d}}}",
        overrides={"restore_duration": "1 h", "restore_failure": "0.6"},
    )
    found = told(struck(w, [245.0] * 400))
    by_snapshot = {(loss, down) for how, loss, down in found if how == "restore"}
    assert by_snapshot == {(5 + 24 * k, k + 2) for k in range(7)}
    assert {down for how, _, down in found if how == "point-in-time restore"} == {1}
    share = sum(how == "unrecoverable" for how, _, _ in found) / 400
    assert share == pytest.approx(0.6**8, abs=5 * math.sqrt(0.6**8 / 400))
    assert not first_difference(run_drills(w, "it", 0, 100), run_vectorised(w, "it", 0, 100))


def test_the_services_own_snapshots_are_no_option_before() -> None:
    """A quicker daily snapshot is not taken while the restore to a moment has not been tried."""
    w = world(
        resources=REPLAYED,
        app="loss_tolerance: 30 d",
        strategy="{replication: {app.db: {feature: automated backups, retention: 7 d}}}",
        overrides={"log_replay_speed": "1"},
    )
    assert {how for how, _, _ in told(struck(w, [245.0] * 20))} == {"point-in-time restore"}


def test_snapshots_elsewhere_are_copied_to_where_the_service_runs() -> None:
    """No moment is restored into another Region; the snapshots that a service keeps there can be copied home."""
    w = world(
        strategy="{replication: {app.db: {feature: cross-Region automated backups, to: recovery, retention: 7 d}}}",
        overrides={"restore_duration": "1 h", "copy_duration": "2 h", "restore_failure": "0.5"},
    )
    found = told(struck(w, [245.0] * 200))
    assert {(loss, down) for how, loss, down in found if how == "restore"} == {
        (5 + 24 * k, 3 * (k + 1)) for k in range(7)
    }
    assert {how for how, _, _ in found} == {"restore", "unrecoverable"}
    assert not first_difference(run_drills(w, "it", 0, 100), run_vectorised(w, "it", 0, 100))


def test_the_services_own_snapshots_fail_like_backups() -> None:
    """Where every backup fails the service has no base either."""
    w = world(
        strategy="{replication: {app.db: {feature: automated backups, retention: 7 d}}}",
        overrides={"backup_failure": "1"},
    )
    assert told(struck(w, [245])) == NOTHING


@pytest.mark.parametrize(
    ("feature", "kind"),
    [
        ("RDS: automated backups", "point-in-time restore"),
        ("DynamoDB: point-in-time recovery", "point-in-time restore"),
    ],
)
@pytest.mark.parametrize("retained", [None, True, False])
def test_what_a_service_keeps_goes_with_a_deleted_resource(feature: str, kind: str, retained: bool | None) -> None:  # noqa: FBT001
    """Unless it is retained, by default as DynamoDB does; deleted data and lost hardware leave it alone."""
    service, name = feature.split(": ")
    written = {"RDS": "RDS", "DynamoDB": "DynamoDB with advanced features"}[service]
    keeps = "" if retained is None else f", retained_on_delete: {str(retained).lower()}"
    parts: Parts = {
        "resources": f"{{db: {{type: {written}, size: 1 GB}}}}",
        "strategy": f"{{replication: {{app.db: {{feature: {name}, retention: 7 d{keeps}}}}}}}",
    }
    for disruption in ("{kind: resource-loss}", "{kind: accidental-deletion, deletes: data}"):
        assert told(struck(world(**parts | Parts(disruption=disruption)), [245]))[0][0] == kind
    parts["disruption"] = "{kind: accidental-deletion, deletes: resource}"
    survives = service == "DynamoDB" if retained is None else retained
    assert told(struck(world(**parts), [245]))[0][0] == (kind if survives else "unrecoverable")


@pytest.mark.parametrize(
    ("deletes", "retained", "how"),
    [("resource", "true", "failover"), ("resource", "false", "restore"), ("data", "true", "restore")],
)
def test_a_retained_replica_outlives_the_deletion_of_its_resource(deletes: str, retained: str, how: str) -> None:
    """Deleted data are deleted in every replica; of a deleted resource a replica stays that is said to be retained."""
    replica = f"{{feature: cross-Region read replica, to: recovery, retained_on_delete: {retained}}}"
    w = world(
        strategy=f"{{backup: plan, replication: {{app.db: {replica}}}}}",
        disruption=f"{{kind: accidental-deletion, deletes: {deletes}}}",
    )
    assert told(struck(with_replicas(w, lag_s=60, promote_s=900), [245]))[0][0] == how


@pytest.mark.parametrize(("retained", "how"), [("true", "restore"), ("false", "unrecoverable")])
def test_a_services_own_snapshots_go_with_a_deleted_resource(retained: str, how: str) -> None:
    """Redshift's automated snapshots are deleted with their cluster unless they are retained."""
    w = world(
        resources="{db: {type: Redshift, size: 1 GB}}",
        strategy=f"{{replication: {{app.db: {{feature: automated snapshots, retained_on_delete: {retained}}}}}}}",
        disruption="{kind: accidental-deletion, deletes: resource}",
    )
    assert told(struck(w, [245]))[0][0] == how


def test_aws_backup_keeps_the_points_of_a_deleted_resource() -> None:
    """Points and continuous protection in vaults outlive the resource; the service's own snapshots do not."""
    gone = "{kind: accidental-deletion, deletes: resource}"
    assert told(struck(world(disruption=gone), [245])) == [("restore", 5, 0)]
    w = world(rules=[CONTINUOUS], disruption=gone, overrides={"log_lag": "0 min"})
    assert told(struck(w, [245])) == [("point-in-time restore", 0, 0)]
    both = "{backup: plan, replication: {app.db: {feature: automated backups, retention: 7 d}}}"
    assert told(struck(world(disruption=gone, strategy=both), [245])) == [("restore", 5, 0)]


# loss tolerance


@pytest.mark.parametrize(
    ("app", "lag_s", "expected"),
    [
        ("", 300, ("failover", 300 / HOUR, 0.25)),
        ("", 301, ("point-in-time restore", 0, 5)),
        ("loss_tolerance: 1 min", 60, ("failover", 60 / HOUR, 0.25)),
        ("loss_tolerance: 1 min", 61, ("point-in-time restore", 0, 5)),
        ("loss_tolerance: 0 min", 1, ("point-in-time restore", 0, 5)),
        ("loss_tolerance: 0 min", 0, ("failover", 0, 0.25)),
        ("objectives: {rpo: 3 min}", 180, ("failover", 180 / HOUR, 0.25)),
        ("objectives: {rpo: 3 min}", 181, ("point-in-time restore", 0, 5)),
        ("objectives: {rpo: 1 min, for: {it: {rpo: 4 min}}}", 181, ("failover", 181 / HOUR, 0.25)),
    ],
)
def test_losses_within_the_tolerance_count_as_equal(app: str, lag_s: float, expected: tuple[str, float, float]) -> None:
    """A replica promoted in 15 min goes before a restore of 5 h that loses nothing, if it loses little, by the RPO."""
    w = world(
        app=app,
        rules=[CONTINUOUS],
        strategy=REPLICATED["strategy"],
        overrides={"restore_duration": "5 h", "log_lag": "0 min"},
    )
    w = with_replicas(w, lag_s=lag_s, promote_s=900)
    assert told(struck(w, [245])) == [pytest.approx(expected)]


def test_where_the_least_loss_is_beyond_the_rpo_the_tolerance_holds() -> None:
    """With everything beyond an RPO of 2 min a replica 4 min behind displaces logs that are 3 min behind."""
    w = world(
        app="objectives: {rpo: 2 min}",
        rules=[CONTINUOUS],
        strategy=REPLICATED["strategy"],
        overrides={"restore_duration": "5 h", "log_lag": "3 min"},
    )
    w = with_replicas(w, lag_s=240, promote_s=900)
    assert told(struck(w, [245])) == [("failover", pytest.approx(4 / 60), 0.25)]


def test_of_points_that_lose_about_the_same_the_quickest_goes_first() -> None:
    """Cold points of today and yesterday go after a warm one of the day before, and in turn when it proves useless."""
    cold = "{rule_name: a, target_vault: local, every: 24 h, lifecycle: {cold_storage_after: 0 d, delete_after: 200 d}}"
    parts: Parts = {
        "resources": f"{{db: {EFS}}}",
        "app": "loss_tolerance: 2 d",
        "plans": {"one": [cold], "two": [rule("400 d", keep="300 d", name="b")]},
        "strategy": "{backup: [one, two]}",
        "overrides": {"cold_retrieval": "12 h"},
    }
    assert told(struck(world(**parts), [47])) == [("restore", 47, 0)]
    assert told(struck(world(**parts), [49])) == [("restore", 49, 0)]
    assert told(struck(world(**parts), [72])) == [("restore", 0, 12)]
    parts["overrides"] = {"cold_retrieval": "12 h", "restore_failure": "0.5"}
    found = told(struck(world(**parts), [49.0] * 200))
    # the warm one, then the cold ones, newest first: of hour 48, 24 and 0
    assert {(49, 0), (1, 12), (25, 24)} <= {(loss, down) for _, loss, down in found}


# replicas


@pytest.mark.parametrize(
    ("disruption", "expected"),
    [
        ("{kind: resource-loss}", ("failover", 0.5, 0.25)),
        (REGION, ("failover", 0.5, 0.25)),
        ("{kind: accidental-deletion}", ("restore", 5, 5)),
        (corruption("0 min"), ("restore", 5, 5)),
        (attack("ransomware", 0), ("restore", 5, 5)),
    ],
)
def test_damage_to_data_reaches_every_replica(disruption: str, expected: tuple[str, float, float]) -> None:
    """A replica answers the loss of hardware and of a Region; deletion, corruption and ransomware reach it."""
    w = with_replicas(world(**(REPLICATED | Parts(disruption=disruption))), lag_s=1800, promote_s=900)
    assert told(struck(w, [245])) == [expected]


def test_a_replica_that_lags_more_loses_to_a_newer_point() -> None:
    """With a lag of 6 h the point of 5 h ago is taken, though its restore takes longer."""
    w = with_replicas(world(**REPLICATED), lag_s=6 * HOUR, promote_s=900)
    assert told(struck(w, [245])) == [("restore", 5, 5)]


def test_a_replica_in_the_lost_region_is_lost() -> None:
    """A lost Region takes the replicas in it, in any account."""
    w = with_replicas(
        world(
            applications="{app: {site: recovery, resources: {db: {type: RDS, size: 1 GB}}}}",
            strategy="{backup: plan, replication: {app.db: {feature: cross-Region read replica, to: bunker}}}",
            disruption="{kind: region-loss, site: recovery}",
        ),
        lag_s=0,
        promote_s=0,
    )
    assert told(struck(w, [245])) == [("restore", 5, 0)]


# survival: place, lock and kind

LOCKS = ("none", "governance", "compliance", "air-gapped")


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("kind", ["ransomware", "account-compromise"])
@pytest.mark.parametrize("site", ["home", "recovery", "neighbour", "bunker"])
def test_attacks_reach_vaults_by_lock_and_account(lock: str, kind: str, site: str) -> None:
    """Attacked are the account's unlocked vaults in all Regions, governance-locked ones if it is taken, no others."""
    vaults = f"\n  local: {{site: {site}, lock: {lock}, min_retention: 7 d, max_retention: 100 d}}\n"
    if lock == "none":
        vaults = f"\n  local: {{site: {site}}}\n"
    rules = [rule()]
    if lock == "air-gapped" and site != "home":
        # as a primary target it lies beside the resource; elsewhere it holds copies
        vaults += "  main: {site: home}\n"
        rules = [rule(vault="main", more=copies(copy("local")))]
    w = world(
        resources=f"{{db: {EFS}}}", vaults=vaults, rules=rules, disruption=attack(kind, 1), app="recover_at: bunker"
    )
    in_reach = site in ("home", "recovery") and (lock == "none" or (lock == "governance" and kind != "ransomware"))
    assert told(struck(w, [245]))[0][0] == ("unrecoverable" if in_reach else "restore")


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_survives_its_region(lock: str) -> None:
    """A lost Region takes its vaults whatever their lock, in any account."""
    for site, how in (("home", "unrecoverable"), ("neighbour", "unrecoverable"), ("bunker", "restore")):
        vaults = f"\n  local: {{site: {site}, lock: {lock}, min_retention: 7 d, max_retention: 100 d}}\n"
        if lock == "none":
            vaults = f"\n  local: {{site: {site}}}\n"
        rules = [rule()]
        if lock == "air-gapped" and site != "home":
            vaults += "  main: {site: home}\n"
            rules = [rule(vault="main", more=copies(copy("local")))]
        w = world(resources=f"{{db: {EFS}}}", vaults=vaults, rules=rules, disruption=REGION)
        assert told(struck(w, [245]))[0][0] == how


def test_backups_are_attacked_all_or_nothing() -> None:
    """One draw a drill decides about all vaults in reach: with a chance of 0.5 about half of the drills keep both."""
    rules = [rule(more=copies(copy()))]
    w = world(rules=rules, disruption=attack("ransomware", 0.5))
    how = [h for h, _, _ in told(struck(w, [245] * 200))]
    assert 60 < how.count("restore") < 140
    assert how.count("restore") + how.count("unrecoverable") == 200


def test_attacks_strike_the_whole_account() -> None:
    """Without a site ransomware strikes all that lies in the account of its targets, whatever the target is."""
    w = world(
        applications=(
            f"{{app: {{site: home, resources: {{db: {DB}}}}}, far: {{site: recovery, resources: {{db: {DB}}}}}, "
            f"other: {{site: neighbour, resources: {{db: {DB}}}}}}}"
        ),
        disruption="{kind: ransomware, target: app.db, dwell: 0 min, backups_attacked: 0}",
    )
    log = struck(w, [245])
    assert [[how for how, _, _ in told(log, f"{a}.db")] for a in ("app", "far", "other")] == [["restore"]] * 2 + [[]]


# where it is restored


def test_a_point_is_restored_where_it_lies_unless_told() -> None:
    """After a Region's loss a point is restored at its vault's site; with `recover_at` it is copied there first."""
    parts: Parts = {
        "rules": [rule(more=copies(copy("far")))],
        "overrides": {"copy_duration": "2 h", "restore_duration": "1 h"},
        "disruption": REGION,
    }
    assert told(struck(world(**parts), [245])) == [("restore", 5, 1)]
    parts["app"] = "recover_at: recovery"
    assert told(struck(world(**parts), [245])) == [("restore", 5, 3)]
    parts["app"] = "recover_at: third"
    assert told(struck(world(**parts), [245])) == [("restore", 5, 1)]


def test_a_taken_account_is_left_by_way_of_a_copy() -> None:
    """After an account is taken its locked points are first copied to the account in which the application recovers."""
    vaults = "\n  local: {site: home, lock: compliance}\n  spare: {site: neighbour}\n"
    parts: Parts = {
        "vaults": vaults,
        "app": "recover_at: neighbour",
        "overrides": {"copy_duration": "2 h", "restore_duration": "1 h"},
        "disruption": attack("account-compromise", 1),
    }
    assert told(struck(world(**parts), [245])) == [("restore", 5, 3)]
    parts["rules"] = [rule(more=copies(copy("spare")))]
    log = struck(world(**parts), [245])
    assert (told(log), log["place"].iloc[1]) == ([("restore", 5, 1)], "spare")


def test_an_air_gapped_vault_is_shared_with_the_account_that_restores() -> None:
    """From an air-gapped vault of the Region another account restores without a copy."""
    w = world(
        resources=f"{{db: {EFS}}}",
        vaults="\n  local: {site: home, lock: air-gapped, min_retention: 7 d, max_retention: 100 d}\n",
        app="recover_at: neighbour",
        overrides={"copy_duration": "2 h", "restore_duration": "1 h"},
        disruption=attack("account-compromise", 1),
    )
    assert told(struck(w, [245])) == [("restore", 5, 1)]


def test_a_cold_point_cannot_be_brought_elsewhere() -> None:
    """Of points that would have to be copied for the recovery only warm ones serve."""
    lifecycle = "lifecycle: {cold_storage_after: 1 d, delete_after: 200 d}"
    rules = [f"{{rule_name: a, target_vault: far, every: 240 h, {lifecycle}}}"]
    parts: Parts = {"resources": f"{{db: {EFS}}}", "rules": rules, "disruption": REGION}
    assert losses_h(struck(world(**parts), [245, 300])) == [5, 60]
    parts["app"] = "recover_at: recovery"
    assert losses_h(struck(world(**parts), [245, 300])) == [5, -1]


def test_continuous_protection_is_not_copied_for_a_recovery() -> None:
    """After the account is taken a locked continuous window does not get out of it: a copy of an anchor has to do."""
    vaults = "\n  local: {site: home, lock: compliance}\n  spare: {site: neighbour}\n"
    w = world(
        vaults=vaults,
        rules=[rule(keep="35 d", more=f"enable_continuous_backup: true, {copies(copy('spare', keep='35 d'))}")],
        app="recover_at: neighbour",
        disruption=attack("account-compromise", 1),
    )
    assert told(struck(w, [245])) == [("restore", 5, 0)]


def test_members_are_as_bad_as_the_worst_of_them() -> None:
    """Of two members, one of which cannot be restored, the resource is unrecoverable."""
    w = world(resources="{db: {type: RDS, size: 1 GB, count: 2}}", disruption=EVERYTHING)
    assert told(struck(w, [245])) == [("restore", 5, 0)]
    first, second = w.members
    stuck = replace(second.restoration, failure=replace(second.restoration.failure, p=1.0))
    w = replace(w, members=(first, replace(second, restoration=stuck)))
    assert told(struck(w, [245])) == NOTHING
    slow = replace(second.restoration, work=replace(second.restoration.work, whole=Constant(7 * HOUR)))
    w = replace(w, members=(first, replace(second, restoration=slow)))
    assert told(struck(w, [245])) == [("restore", 5, 7)]
