"""Backup and copy jobs: the right point at the right second, read off what each disruption loses."""

from __future__ import annotations

import pytest

from tests.scenarios import (
    DB,
    EFS,
    EVERYTHING,
    REGION,
    Parts,
    copies,
    copy,
    losses_h,
    rule,
    scenario,
    struck,
    told,
    world,
)

SECOND = 1 / 3600
"""In hours, as everything here."""
ONE_BACKUP = "{backup_jobs: 1, jobs_per_resource: unlimited}"
ONE_A_RESOURCE = "{backup_jobs: unlimited, copy_jobs: unlimited, jobs_per_resource: 1}"
THREE = f"{{a: {DB}, b: {DB}, c: {DB}}}"


def lost(parts: Parts, hour: float, resources: str) -> list[float]:
    """Return what each resource, named by a letter, loses at a moment [h]; -1 where it does not recover."""
    log = struck(world(**parts), [hour])
    return [losses_h(log, f"app.{r}")[0] for r in resources]


def test_a_point_counts_from_the_end_of_its_job() -> None:
    """A job of 2 h leaves the data of its start, usable from the very second of its end."""
    w = world(overrides={"backup_duration": "2 h"})
    assert losses_h(struck(w, [240, 241, 242 - SECOND, 242, 243])) == pytest.approx([24, 25, 26 - SECOND, 2, 3])


@pytest.mark.parametrize(("delay", "expected"), [("3599 s", 240 - 3599 / 3600), ("3600 s", -1.0)])
def test_a_start_window_is_half_open(delay: str, expected: float) -> None:
    """A job ready one second before its window closes starts, and one ready as it closes is EXPIRED."""
    w = world(rules=[rule("240 h", keep="300 h", more="start_window: 1 h")], overrides={"start_delay": delay})
    assert losses_h(struck(w, [480])) == pytest.approx([expected])


@pytest.mark.parametrize(("window", "third"), [("4 h", -1), ("14401 s", 6)])
def test_a_job_that_waits_beyond_its_start_window_expires(window: str, third: float) -> None:
    """Of three jobs of 2 h on one slot the third, due as a window of 4 h closes, expires; a second more suffices."""
    parts: Parts = {
        "resources": THREE,
        "rules": [rule(more=f"start_window: {window}")],
        "overrides": {"backup_duration": "2 h"},
        "limits": ONE_BACKUP,
        "disruption": EVERYTHING,
    }
    assert lost(parts, 250, "abc") == [10, 8, third]


def test_a_completion_window_aborts() -> None:
    """A job longer than its completion window leaves no point, and its slot is free as the window closes."""
    parts: Parts = {
        "resources": f"{{a: {{type: RDS, size: 1 GB, overrides: {{backup_duration: 5 h}}}}, b: {DB}}}",
        "rules": [rule(more="completion_window: 3 h")],
        "limits": ONE_BACKUP,
        "disruption": EVERYTHING,
    }
    assert lost(parts, 250, "ab") == [-1, 7]


FSX = ("FSx-for-Lustre", "FSx-for-NetApp-ONTAP", "FSx-for-OpenZFS", "FSx-for-Windows-File-Server")


def test_fsx_heeds_no_completion_window() -> None:
    """AWS Backup ignores the completion window of an FSx file system: its backup of 5 h leaves a point all the same."""
    late = {"backup_duration": "5 h"}
    rules = [rule(more="completion_window: 3 h")]
    for kind in FSX:
        parts: Parts = {"resources": f"{{a: {{type: {kind}, size: 1 GB}}}}", "rules": rules, "overrides": late}
        assert lost({**parts, "disruption": EVERYTHING}, 250, "a") == [10]


def test_slots_go_by_moment_queued() -> None:
    """A job queued a minute before two others, though written last, goes first; those go as written."""
    parts: Parts = {
        "resources": f"{{a: {DB}, b: {DB}, c: {EFS}}}",
        "overrides": {"backup_duration": "1 h", "start_delay": "1 min"},
        "more": "  EFS: {start_delay: 0 min}",
        "limits": ONE_BACKUP,
        "disruption": EVERYTHING,
    }
    assert lost(parts, 250, "cab") == [10, 9, 8]


def test_ties_follow_the_order_written() -> None:
    """Resources written c, b, a and queued at once are backed up in that order."""
    parts: Parts = {
        "resources": f"{{c: {DB}, b: {DB}, a: {DB}}}",
        "overrides": {"backup_duration": "1 h"},
        "limits": ONE_BACKUP,
        "disruption": EVERYTHING,
    }
    assert lost(parts, 250, "cba") == [10, 9, 8]


def test_order_written_is_resources_first_then_their_rules() -> None:
    """Two plans on two resources through one slot make a's first and second backup, then b's."""
    parts: Parts = {
        "resources": f"{{a: {DB}, b: {DB}}}",
        "plans": {"one": [rule(vault="local")], "two": [rule(vault="far")]},
        "strategy": "{backup: {'*': [one, two]}}",
        "overrides": {"backup_duration": "1 h"},
        "limits": ONE_BACKUP,
        "disruption": EVERYTHING,
    }
    assert lost(parts, 250, "ab") == [9, 7]
    assert lost(parts, 242, "ab") == [1, 24 - 3 + 2]


def test_a_later_job_passes_one_that_waits_for_another_limit() -> None:
    """With one slot for EFS of two in all, an RDS job written last starts at once past the EFS job that waits."""
    parts: Parts = {
        "resources": f"{{a: {EFS}, b: {EFS}, c: {DB}}}",
        "overrides": {"backup_duration": "3 h"},
        "limits": "{backup_jobs: {'*': 2, EFS: 1}, jobs_per_resource: unlimited}",
        "disruption": EVERYTHING,
    }
    assert lost(parts, 250, "abc") == [10, 7, 10]


def test_a_waiting_job_holds_no_slot() -> None:
    """While b waits for EFS's one slot the other of two slots serves c, then d, not b's place in it."""
    parts: Parts = {
        "resources": f"{{a: {EFS}, b: {EFS}, c: {DB}, d: {DB}}}",
        "overrides": {"backup_duration": "1 h"},
        "more": "  EFS: {backup_duration: 4 h}",
        "limits": "{backup_jobs: {'*': 2, EFS: 1}, jobs_per_resource: unlimited}",
        "disruption": EVERYTHING,
    }
    assert lost(parts, 250, "abcd") == [10, 6, 10, 9]


def test_a_slot_freed_is_taken_in_the_same_second() -> None:
    """A job that waits starts in the second in which the one before it ends."""
    w = world(
        resources=f"{{a: {DB}, b: {DB}}}",
        overrides={"backup_duration": "90 min"},
        limits=ONE_BACKUP,
        disruption=EVERYTHING,
    )
    assert losses_h(struck(w, [243 - SECOND, 243]), "app.b") == pytest.approx([25.5 - SECOND, 1.5])


def test_one_job_a_resource_makes_backup_and_copies_queue() -> None:
    """A backup of 1 h and two copies of 2 h follow one another, as written: done after 1, 3 and 5 h."""
    parts: Parts = {
        "rules": [rule(more=copies(copy("other-account"), copy("dr")))],
        "overrides": {"backup_duration": "1 h", "copy_duration": "2 h"},
        "limits": ONE_A_RESOURCE,
        "disruption": REGION,
    }
    assert losses_h(struck(world(**parts), [245 - SECOND, 245])) == pytest.approx([29 - SECOND, 5])
    parts["rules"] = [rule(more=copies(copy("dr"), copy("other-account")))]
    assert losses_h(struck(world(**parts), [243 - SECOND, 243])) == pytest.approx([27 - SECOND, 3])
    parts["limits"] = "{backup_jobs: unlimited, copy_jobs: unlimited, jobs_per_resource: 2}"
    parts["rules"] = [rule(more=copies(copy("other-account"), copy("dr")))]
    assert losses_h(struck(world(**parts), [243])) == [3]


def test_jobs_that_take_no_time_share_limits_too() -> None:
    """Where backups and copies take no time, one job a resource changes nothing."""
    w = world(rules=[rule(more=copies(copy(), copy("far")))], limits=ONE_A_RESOURCE, disruption=REGION)
    assert losses_h(struck(w, [240, 245])) == [0, 5]


def test_the_next_backup_of_a_busy_resource_waits() -> None:
    """A copy of 30 h holds its resource's one slot: the backup due meanwhile starts 6 h late, as the copy ends."""
    parts: Parts = {
        "plans": {"one": [rule("96 h", more=copies(copy()))], "two": [rule("24 h", keep="2 d")]},
        "strategy": "{backup: [one, two]}",
        "overrides": {"copy_duration": "30 h"},
        "limits": ONE_A_RESOURCE,
    }
    hours = [96 * 3 + h for h in (29, 30 - SECOND, 30, 31)]
    assert losses_h(struck(world(**parts), hours)) == pytest.approx([29, 30 - SECOND, 0, 1])


def test_a_delay_passes_before_the_copy_is_queued() -> None:
    """A copy delayed by 5 h is queued then: 4 h later, the slot being free, it is there."""
    w = world(rules=[rule(more=copies(copy(more="delay: 5 h")))], overrides={"copy_duration": "4 h"}, disruption=REGION)
    assert losses_h(struck(w, [249 - SECOND, 249])) == pytest.approx([33 - SECOND, 9])


def test_a_delayed_copy_holds_no_place_in_the_queue() -> None:
    """While a's copy is delayed by 1 h, b's takes the one slot for 4 h; a's is done 8 h after the schedule."""
    parts: Parts = {
        "resources": f"{{a: {DB}, b: {DB}}}",
        "plans": {"late": [rule(more=copies(copy(more="delay: 1 h")))], "prompt": [rule(more=copies(copy()))]},
        "strategy": "{backup: {app.a: late, app.b: prompt}}",
        "overrides": {"copy_duration": "4 h"},
        "limits": "{backup_jobs: unlimited, copy_jobs: 1, jobs_per_resource: unlimited}",
        "disruption": REGION,
    }
    assert lost(parts, 244, "ab") == [28, 4]
    assert lost(parts, 248, "ab") == [8, 8]
    assert lost(parts, 248 - SECOND, "a") == pytest.approx([32 - SECOND])


def test_chained_copies_follow_each_other() -> None:
    """A copy of a copy is queued its own delay after the first is complete."""
    chain = copy("other-account", more=f"then: [{copy('dr', more='delay: 1 h')}]")
    w = world(
        rules=[rule(more=copies(chain))],
        overrides={"backup_duration": "1 h", "copy_duration": "2 h"},
        disruption=REGION,
    )
    assert losses_h(struck(w, [246 - SECOND, 246])) == pytest.approx([30 - SECOND, 6])


def test_overrides_of_a_copy_action_do_not_reach_what_is_chained_to_it() -> None:
    """A copy action's own duration of 5 h leaves the chained copy at the 2 h of all."""
    chain = copy("other-account", more=f"overrides: {{copy_duration: 5 h}}, then: [{copy('dr')}]")
    w = world(rules=[rule(more=copies(chain))], overrides={"copy_duration": "2 h"}, disruption=REGION)
    assert losses_h(struck(w, [247 - SECOND, 247])) == pytest.approx([31 - SECOND, 7])


def test_the_nearest_override_wins() -> None:
    """Copy action, rule, resource, type and `*` give 1, 2, 3, 4 and 5 h: the nearest of those present counts."""
    levels = ["overrides: {copy_duration: 1 h}", "overrides: {copy_duration: 2 h}", "overrides: {copy_duration: 3 h}"]
    for present in range(4):
        action, ruled, owned = ["" if i < present else text for i, text in enumerate(levels)]
        w = world(
            resources=f"{{db: {{type: RDS, size: 1 GB, {owned}}}}}",
            rules=[rule(more=f"{copies(copy(more=action))}, {ruled}")],
            overrides={"copy_duration": "5 h"},
            more="  RDS: {copy_duration: 4 h}",
            disruption=REGION,
        )
        due = 240 + 1 + present
        assert losses_h(struck(w, [due - SECOND, due])) == pytest.approx([25 + present - SECOND, 1 + present])


def test_nothing_is_chained_to_a_copy_that_failed() -> None:
    """Where the first copy always fails, the second never begins."""
    chain = copy("other-account", more=f"overrides: {{copy_failure: 1}}, then: [{copy('dr')}]")
    w = world(rules=[rule(more=copies(chain))], disruption=REGION)
    assert told(struck(w, [240])) == [("unrecoverable", -1, -1)]


def test_a_failed_backup_is_not_copied() -> None:
    """Where every backup fails there is nothing to copy."""
    w = world(rules=[rule(more=copies(copy()))], overrides={"backup_failure": "1"}, disruption=REGION)
    assert told(struck(w, [240])) == [("unrecoverable", -1, -1)]


@pytest.mark.parametrize(("delay", "expected"), [("10 d", -1.0), ("863999 s", 240.0)])
def test_a_cold_point_cannot_be_copied(delay: str, expected: float) -> None:
    """A copy queued when its source is cold, 10 days old, fails; one second earlier it is made."""
    lifecycle = "lifecycle: {cold_storage_after: 10 d, delete_after: 200 d}"
    action = copies(copy(keep="300 d", more=f"delay: {delay}"))
    w = world(
        resources=f"{{db: {EFS}}}",
        rules=[f"{{rule_name: rule, target_vault: local, every: 400 d, {lifecycle}, {action}}}"],
        disruption=REGION,
    )
    assert losses_h(struck(w, [240])) == pytest.approx([expected])


def test_what_was_in_flight_is_lost() -> None:
    """A backup that runs when the Region is lost does not count, wherever it would have been copied."""
    w = world(rules=[rule(more=copies(copy()))], overrides={"backup_duration": "2 h"}, disruption=REGION)
    assert losses_h(struck(w, [241])) == [25]


@pytest.mark.parametrize(("vault", "expected"), [("dr", [4, 28]), ("far", [4, 4])])
def test_limits_per_destination(vault: str, expected: list[float]) -> None:
    """One copy slot to the recovery site makes copies to it queue, while those to the third site do not."""
    parts: Parts = {
        "resources": f"{{a: {DB}, b: {DB}}}",
        "rules": [rule(more=copies(copy(vault)))],
        "overrides": {"copy_duration": "3 h"},
        "limits": "{backup_jobs: unlimited, copy_jobs: {'to:recovery': 1}, jobs_per_resource: unlimited}",
        "disruption": REGION,
    }
    assert lost(parts, 244, "ab") == expected


def test_members_share_a_limit_and_the_row_shows_the_worst() -> None:
    """Of three alike members through one slot the last is backed up 2 h after the first."""
    w = world(
        resources="{db: {type: RDS, size: 1 GB, count: 3}}",
        overrides={"backup_duration": "1 h"},
        limits=ONE_BACKUP,
        disruption=EVERYTHING,
    )
    assert losses_h(struck(w, [242.5, 243])) == [24.5, 3]


def test_of_overlapping_rules_the_longer_retention_runs() -> None:
    """On the days on which both rules of a plan are due only the one with the longer retention makes a point."""
    rules = [rule("24 h", keep="30 d"), rule("240 h", name="long", keep="60 d", vault="dr")]
    assert "overlapping-rules" in {w.check for w in scenario(rules=rules).warnings}
    gone = "{kind: region-loss, site: recovery}"
    there = "{app: {site: recovery, resources: {db: {type: RDS, size: 1 GB}}}}"
    assert losses_h(struck(world(rules=rules, applications=there, disruption=gone), [250])) == [34]
    apart: Parts = {
        "plans": {"one": rules[:1], "two": rules[1:]},
        "strategy": "{backup: [one, two]}",
        "applications": there,
        "disruption": gone,
    }
    assert losses_h(struck(world(**apart), [250])) == [10]


def test_a_continuous_rule_on_a_type_without_it_makes_snapshots() -> None:
    """EFS has no continuous backup: the rule makes a snapshot at each run, and a warning says so."""
    parts: Parts = {
        "resources": f"{{db: {EFS}}}",
        "rules": [rule(keep="35 d", more="enable_continuous_backup: true")],
    }
    assert "continuous-ignored" in {w.check for w in scenario(**parts).warnings}
    assert told(struck(world(**parts), [245])) == [("restore", 5, 0)]


def test_a_copy_of_a_type_without_it_is_ignored() -> None:
    """AWS Backup copies no Redshift: its Region lost, nothing is left, and a warning says so."""
    parts: Parts = {
        "resources": "{db: {type: Redshift, size: 1 GB}}",
        "rules": [rule(more=copies(copy()))],
        "disruption": REGION,
    }
    assert "copy-ignored" in {w.check for w in scenario(**parts).warnings}
    assert told(struck(world(**parts), [245])) == [("unrecoverable", -1, -1)]
    parts["disruption"] = "{kind: resource-loss}"
    assert told(struck(world(**parts), [245])) == [("restore", 5, 0)]


def test_a_cold_move_of_a_type_without_it_is_ignored() -> None:
    """RDS has no cold storage: its points stay warm, can be copied late and need no retrieval."""
    lifecycle = "lifecycle: {cold_storage_after: 1 d, delete_after: 100 d}"
    late = copies("{destination_vault: dr, delay: 2 d}")
    parts: Parts = {
        "rules": [f"{{rule_name: rule, target_vault: local, every: 24 h, {lifecycle}, {late}}}"],
        "overrides": {"cold_retrieval": "12 h"},
        "disruption": REGION,
    }
    assert "cold-ignored" in {w.check for w in scenario(**parts).warnings}
    assert told(struck(world(**parts), [240])) == [("restore", 48, 0)]


@pytest.mark.parametrize(("keep", "how"), [("6 d", "unrecoverable"), ("7 d", "restore"), ("31 d", "unrecoverable")])
def test_a_locked_vault_refuses_a_retention_outside_its_range(keep: str, how: str) -> None:
    """Jobs whose retention the lock of 7 to 30 days does not accept fail."""
    vaults = "\n  local: {site: home, lock: governance, min_retention: 7 d, max_retention: 30 d}\n"
    w = world(rules=[rule(keep=keep)], vaults=vaults)
    assert told(struck(w, [240]))[0][0] == how
