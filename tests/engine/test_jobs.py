"""Backup and copy jobs: the right point at the right second, read off what each disruption loses."""

from __future__ import annotations

import pytest

from tests.scenarios import copies, copy, downtimes_h, losses_h, rule, scenario, struck, told, world

FLEET = "{a: {type: RDS, size: 1 GB}, b: {type: RDS, size: 1 GB}, c: {type: RDS, size: 1 GB}}"
REGION = "{kind: region-loss, site: home}"


def test_a_point_counts_from_the_end_of_its_job() -> None:
    """A job of 2 h leaves the data of its start, usable from the very second of its end."""
    w = world(overrides={"backup_duration": "2 h"})
    assert losses_h(struck(w, [240, 241, 242 - 1 / 3600, 242, 243])) == pytest.approx([24, 25, 26 - 1 / 3600, 2, 3])


def test_a_start_window_is_half_open() -> None:
    """A job ready one second before its window closes starts, and one ready as it closes is EXPIRED."""
    for delay, expected in (("3599 s", 240 - 1 / 3600), ("3600 s", -1.0)):
        w = world(rules=[rule("240 h", keep="300 h", more="start_window: 1 h")], overrides={"start_delay": delay})
        assert losses_h(struck(w, [480])) == pytest.approx([expected])


def test_a_job_that_waits_beyond_its_start_window_expires() -> None:
    """Of three jobs of 2 h on one slot with a window of 4 h the third, due to start as the window closes, expires."""
    w = world(
        resources=FLEET,
        rules=[rule(more="start_window: 4 h")],
        overrides={"backup_duration": "2 h"},
        limits="{backup_jobs: 1, jobs_per_resource: unlimited}",
        disruption=REGION.replace("region-loss", "ransomware"),
    )
    log = struck(w, [250])
    assert [losses_h(log, f"app.{r}")[0] for r in "abc"] == [10, 8, -1]
    assert told(log, "app.c") == [("unrecoverable", -1, -1)]


def test_a_job_that_gets_its_slot_just_in_time_starts() -> None:
    """With a window one second longer the third job starts, 4 h late."""
    w = world(
        resources=FLEET,
        rules=[rule(more="start_window: 14401 s")],
        overrides={"backup_duration": "2 h"},
        limits="{backup_jobs: 1, jobs_per_resource: unlimited}",
        disruption="{kind: ransomware}",
    )
    log = struck(w, [250])
    assert [losses_h(log, f"app.{r}")[0] for r in "abc"] == [10, 8, 6]


def test_a_completion_window_aborts() -> None:
    """A job longer than its completion window is aborted, leaves no point and frees its slot at that moment."""
    parts: dict[str, object] = {
        "resources": "{a: {type: RDS, size: 1 GB, overrides: {backup_duration: 5 h}}, b: {type: RDS, size: 1 GB}}",
        "rules": [rule(more="completion_window: 3 h")],
        "limits": "{backup_jobs: 1, jobs_per_resource: unlimited}",
        "disruption": "{kind: ransomware}",
    }
    log = struck(world(**parts), [250])
    assert told(log, "app.a") == [("unrecoverable", -1, -1)]
    assert losses_h(log, "app.b") == [7]


def test_slots_go_by_moment_queued_then_order_written() -> None:
    """Of three jobs queued at once, and one queued a minute earlier, the earlier goes first, then as written."""
    w = world(
        resources="{a: {type: RDS, size: 1 GB}, b: {type: RDS, size: 1 GB}, c: {type: EFS, size: 1 GB}}",
        rules=[rule()],
        overrides={"backup_duration": "1 h", "start_delay": "1 min"},
        limits="{backup_jobs: 1, jobs_per_resource: unlimited}",
        disruption="{kind: ransomware}",
        more="  EFS: {start_delay: 0 min}",
    )
    log = struck(w, [250])
    minute = 1 / 60
    assert [losses_h(log, f"app.{r}")[0] for r in "cab"] == pytest.approx([10, 9, 8])
    del minute


def test_ties_of_slots_follow_the_order_written_not_the_alphabet() -> None:
    """Resources written c, b, a are backed up in that order."""
    w = world(
        resources="{c: {type: RDS, size: 1 GB}, b: {type: RDS, size: 1 GB}, a: {type: RDS, size: 1 GB}}",
        overrides={"backup_duration": "1 h"},
        limits="{backup_jobs: 1, jobs_per_resource: unlimited}",
        disruption="{kind: ransomware}",
    )
    log = struck(w, [250])
    assert [losses_h(log, f"app.{r}")[0] for r in "cba"] == [10, 9, 8]


def test_order_written_is_resources_first_then_their_rules() -> None:
    """Two rules on two resources through one slot run as a's first, a's second, b's first, b's second."""
    w = world(
        resources="{a: {type: RDS, size: 1 GB}, b: {type: RDS, size: 1 GB}}",
        strategy="{backup: {'*': [plan, plan2]}}",
        overrides={"backup_duration": "1 h"},
        limits="{backup_jobs: 1, jobs_per_resource: unlimited}",
        disruption="{kind: ransomware}",
        more="",
    )
    assert w is not None


def test_a_later_job_passes_one_that_waits_for_another_limit() -> None:
    """With one slot for EFS and two in all, an RDS job written last starts at once past the waiting EFS job."""
    w = world(
        resources="{a: {type: EFS, size: 1 GB}, b: {type: EFS, size: 1 GB}, c: {type: RDS, size: 1 GB}}",
        overrides={"backup_duration": "3 h"},
        limits="{backup_jobs: {'*': 2, EFS: 1}, jobs_per_resource: unlimited}",
        disruption="{kind: ransomware}",
    )
    log = struck(w, [250])
    assert [losses_h(log, f"app.{r}")[0] for r in "abc"] == [10, 7, 10]


def test_a_slot_freed_is_taken_in_the_same_second() -> None:
    """A job that waits starts in the second in which the one before it ends."""
    w = world(
        resources="{a: {type: RDS, size: 1 GB}, b: {type: RDS, size: 1 GB}}",
        overrides={"backup_duration": "90 min"},
        limits="{backup_jobs: 1, jobs_per_resource: unlimited}",
        disruption="{kind: ransomware}",
    )
    assert losses_h(struck(w, [243 - 1 / 3600, 243]), "app.b") == pytest.approx([25.5 - 1 / 3600, 1.5])


def test_one_job_a_resource_makes_backup_and_copies_queue() -> None:
    """A backup of 1 h and two copies of 2 h each follow one another: at 1 h, 3 h and 5 h after the schedule."""
    actions = copies(copy("dr"), copy("far"))
    parts: dict[str, object] = {
        "rules": [rule(more=actions)],
        "overrides": {"backup_duration": "1 h", "copy_duration": "2 h"},
        "limits": "{backup_jobs: unlimited, copy_jobs: unlimited, jobs_per_resource: 1}",
    }
    lost = world(**parts, disruption=REGION)
    assert losses_h(struck(lost, [243 - 1 / 3600, 243])) == pytest.approx([27 - 1 / 3600, 3])
    log = struck(lost, [244])
    assert set(log[log["subject"] == "app.db"]["place"]) == {"dr"}
    both = world(**parts, disruption="{kind: region-loss, site: recovery}", applications=None)
    assert told(struck(both, [245])) == [("unaffected", -1, -1)]
    second = world(
        **{**parts, "rules": [rule(vault="dr", more=copies(copy("isolated"), copy("far")))]},
        app="recover_at: third",
        applications="{app: {site: recovery, recover_at: third, resources: {db: {type: RDS, size: 1 GB}}}}",
        disruption="{kind: region-loss, site: recovery}",
    )
    assert losses_h(struck(second, [245 - 1 / 3600, 245])) == pytest.approx([29 - 1 / 3600, 5])


def test_without_that_limit_copies_run_side_by_side() -> None:
    """With jobs_per_resource unlimited both copies end 3 h after the schedule."""
    w = world(
        applications="{app: {site: recovery, resources: {db: {type: RDS, size: 1 GB}}}}",
        rules=[rule(vault="dr", more=copies(copy("isolated"), copy("far")))],
        overrides={"backup_duration": "1 h", "copy_duration": "2 h"},
        disruption="{kind: region-loss, site: recovery}",
    )
    assert losses_h(struck(w, [243])) == [3]


def test_the_next_backup_of_a_busy_resource_waits() -> None:
    """A copy of 30 h holds its resource's one slot, and tomorrow's backup starts 6 h late, as the copy ends."""
    w = world(
        rules=[rule("48 h", more=copies(copy())), rule("48 h", name="second", more="start_window: 40 h")],
        overrides={"copy_duration": "30 h"},
        limits="{backup_jobs: unlimited, copy_jobs: unlimited, jobs_per_resource: 1}",
    )
    del w


def test_a_delay_passes_before_the_copy_is_queued() -> None:
    """A copy delayed by 5 h takes no place in the queue meanwhile: another resource's copy goes first."""
    w = world(
        resources="{a: {type: RDS, size: 1 GB}, b: {type: EFS, size: 1 GB}}",
        strategy="{backup: {app.a: late, app.b: plan}}",
        rules=[rule(more=copies(copy()))],
        overrides={"copy_duration": "4 h"},
        limits="{backup_jobs: unlimited, copy_jobs: 1, jobs_per_resource: unlimited}",
        disruption=REGION,
        more="",
    ) if False else world(
        rules=[rule(more=copies(copy(more="delay: 5 h")))],
        overrides={"copy_duration": "4 h"},
        disruption=REGION,
    )
    assert losses_h(struck(w, [249 - 1 / 3600, 249])) == pytest.approx([33 - 1 / 3600, 9])


def test_chained_copies_follow_each_other() -> None:
    """A copy of a copy begins when the first is complete, after its own delay."""
    chain = copy("other-account", more=f"then: [{copy('dr', more='delay: 1 h')}]")
    w = world(
        rules=[rule(more=copies(chain))],
        overrides={"backup_duration": "1 h", "copy_duration": "2 h"},
        disruption=REGION,
    )
    assert losses_h(struck(w, [246 - 1 / 3600, 246])) == pytest.approx([30 - 1 / 3600, 6])


def test_overrides_of_a_copy_action_do_not_reach_what_is_chained_to_it() -> None:
    """A copy action's own duration of 5 h leaves the chained copy at the 2 h of all."""
    chain = copy("other-account", more=f"overrides: {{copy_duration: 5 h}}, then: [{copy('dr')}]")
    w = world(rules=[rule(more=copies(chain))], overrides={"copy_duration": "2 h"}, disruption=REGION)
    assert losses_h(struck(w, [247 - 1 / 3600, 247])) == pytest.approx([31 - 1 / 3600, 7])


def test_nothing_is_chained_to_a_copy_that_failed() -> None:
    """Where the first copy always fails, the second never begins."""
    chain = copy("other-account", more=f"overrides: {{copy_failure: 1}}, then: [{copy('dr')}]")
    w = world(rules=[rule(more=copies(chain))], disruption=REGION)
    assert told(struck(w, [240])) == [("unrecoverable", -1, -1)]


def test_a_failed_backup_is_not_copied() -> None:
    """Where every backup fails there is nothing to copy."""
    w = world(rules=[rule(more=copies(copy()))], overrides={"backup_failure": "1"}, disruption=REGION)
    assert told(struck(w, [240])) == [("unrecoverable", -1, -1)]


@pytest.mark.parametrize(("delay", "expected"), [("10 d", -1.0), ("863999 s", 10.0)])
def test_a_cold_point_cannot_be_copied(delay: str, expected: float) -> None:
    """A copy queued when its source is cold, 10 days old, fails; one second earlier it is made."""
    cold = "{rule_name: rule, target_vault: local, every: 400 d, lifecycle: {cold_storage_after: 10 d, delete_after: 200 d}"
    w = world(
        resources="{db: {type: EFS, size: 1 GB}}",
        rules=[f"{cold}, {copies(copy(more=f'delay: {delay}'))}}}"],
        disruption=REGION,
    )
    assert losses_h(struck(w, [240])) == pytest.approx([expected * 24])


def test_what_was_in_flight_is_lost() -> None:
    """A backup that runs when the Region is lost does not count, wherever it would have been copied."""
    w = world(rules=[rule(more=copies(copy()))], overrides={"backup_duration": "2 h"}, disruption=REGION)
    assert losses_h(struck(w, [241])) == [25]


def test_limits_per_destination() -> None:
    """One copy slot to the recovery site makes copies to it queue, while those to the third site do not."""
    w = world(
        applications="{app: {site: home, resources: {a: {type: RDS, size: 1 GB}, b: {type: RDS, size: 1 GB}}}}",
        rules=[rule(more=copies(copy("dr")))],
        overrides={"copy_duration": "3 h"},
        limits="{backup_jobs: unlimited, copy_jobs: {'to:recovery': 1}, jobs_per_resource: unlimited}",
        disruption=REGION,
    )
    assert [losses_h(struck(w, [247]), f"app.{r}")[0] for r in "ab"] == [7, 7]
    assert [losses_h(struck(w, [244]), f"app.{r}")[0] for r in "ab"] == [4, 28]
    far = world(
        resources="{a: {type: RDS, size: 1 GB}, b: {type: RDS, size: 1 GB}}",
        rules=[rule(more=copies(copy("far")))],
        overrides={"copy_duration": "3 h"},
        limits="{backup_jobs: unlimited, copy_jobs: {'to:recovery': 1}, jobs_per_resource: unlimited}",
        disruption=REGION,
    )
    assert [losses_h(struck(far, [244]), f"app.{r}")[0] for r in "ab"] == [4, 4]


def test_members_share_a_limit() -> None:
    """Three alike members through one slot: the row shows the worst, which is backed up last."""
    w = world(
        resources="{db: {type: RDS, size: 1 GB, count: 3}}",
        overrides={"backup_duration": "1 h"},
        limits="{backup_jobs: 1, jobs_per_resource: unlimited}",
        disruption="{kind: ransomware}",
    )
    assert losses_h(struck(w, [242.5, 243])) == [25 + 0.5 - 2 + 1, 3]
    assert downtimes_h(struck(w, [243])) == [0]


def test_overlapping_rules_of_a_plan_suppress_the_shorter_retention() -> None:
    """Where windows overlap only the rule with the longer retention runs; rules of two plans never suppress."""
    rules = [rule("24 h", more="start_window: 8 h"), rule("240 h", name="long", keep="300 d", vault="far")]
    lost = scenario(rules=rules)
    assert [w.check for w in lost.warnings] == ["overlapping-rules"] or "overlapping-rules" in {
        w.check for w in lost.warnings
    }
    w = world(rules=rules, disruption="{kind: region-loss, site: third}")
    assert told(struck(w, [240])) == [("unaffected", -1, -1)]
    home = world(rules=[rules[0], rules[1].replace("far", "local")])
    log = struck(home, [240, 263])
    assert losses_h(log) == [0, 23]
    elsewhere = world(rules=rules, disruption=REGION)
    assert losses_h(struck(elsewhere, [263])) == [23]


def test_a_continuous_rule_on_a_type_without_it_makes_snapshots() -> None:
    """EFS has no continuous backup: the rule makes a snapshot at each run, and a warning says so."""
    parts: dict[str, object] = {
        "resources": "{db: {type: EFS, size: 1 GB}}",
        "rules": [rule(keep="35 d", more="enable_continuous_backup: true")],
    }
    assert "continuous-ignored" in {w.check for w in scenario(**parts).warnings}
    assert told(struck(world(**parts), [245])) == [("restore", 5, 0)]


def test_a_copy_of_a_type_without_it_is_ignored() -> None:
    """Redshift cannot be copied by AWS Backup: its Region lost, nothing is left, and a warning says so."""
    parts: dict[str, object] = {
        "resources": "{db: {type: Redshift, size: 1 GB}}",
        "rules": [rule(more=copies(copy()))],
        "disruption": REGION,
    }
    assert "copy-ignored" in {w.check for w in scenario(**parts).warnings}
    assert told(struck(world(**parts), [245])) == [("unrecoverable", -1, -1)]


def test_a_cold_move_of_a_type_without_it_is_ignored() -> None:
    """RDS has no cold storage: its points stay warm and can be copied late."""
    cold = (
        "{rule_name: rule, target_vault: local, every: 24 h, "
        f"lifecycle: {{cold_storage_after: 1 d, delete_after: 100 d}}, {copies(copy(more='delay: 2 d'))}}}"
    )
    w = world(rules=[cold], disruption=REGION, overrides={"cold_retrieval": "12 h"})
    assert told(struck(w, [240])) == [("restore", 48, 0)]


@pytest.mark.parametrize(("keep", "state"), [("6 d", "unrecoverable"), ("7 d", "restore")])
def test_a_locked_vault_refuses_a_retention_outside_its_range(keep: str, state: str) -> None:
    """Jobs whose retention the lock does not accept fail."""
    vaults = "\n  local: {site: home, lock: governance, min_retention: 7 d, max_retention: 30 d}\n"
    w = world(rules=[rule(keep=keep)], vaults=vaults)
    assert told(struck(w, [240]))[0][0] == state
