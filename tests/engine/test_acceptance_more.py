"""Incidents worked out by hand from the contract, where several of its sentences meet."""

from __future__ import annotations

import numpy as np
import pytest

from tests.scenarios import (
    DB,
    EFS,
    EVERYTHING,
    HOUR,
    REGION,
    copies,
    copy,
    downtimes_h,
    losses_h,
    rule,
    struck,
    told,
    world,
)

HOURS = [2401.0 + 7.3 * k for k in range(30)]
"""Moments of 30 drills, spread over the phases of a day [h]."""


def limits(**slots: str | int) -> str:
    """Return limits that are unlimited but for those given."""
    kinds = ("backup_jobs", "copy_jobs", "restore_jobs", "jobs_per_resource")
    return "{" + ", ".join(f"{kind}: {slots.get(kind, 'unlimited')}" for kind in kinds) + "}"


def periodic(every: float, late: float, *, since: float = 0.0) -> list[float]:
    """Return the loss in each drill where a point is captured at `since` + k x `every` and usable `late` later [h]."""
    hours = np.array(HOURS)
    loss: list[float] = (hours - since - every * np.floor((hours - since - late) / every)).tolist()
    return loss


# copies


def test_a_chain_of_copies_adds_durations_and_delays() -> None:
    """A chained copy is usable after backup, first copy, delay and itself; the first's overrides do not reach it."""
    far = copy("far", more="delay: 3 h, overrides: {copy_duration: 2 h}")
    chain = copy("other-account", more=f"overrides: {{copy_duration: 1.5 h}}, then: [{far}]")
    w = world(rules=[rule(more=copies(chain))], overrides={"backup_duration": "1 h"}, disruption=REGION)
    assert losses_h(struck(w, HOURS)) == pytest.approx(periodic(24, 7.5))
    inherits = copy("other-account", more=f"overrides: {{copy_duration: 5 h}}, then: [{copy('far')}]")
    w = world(rules=[rule(more=copies(inherits))], overrides={"copy_duration": "2 h"}, disruption=REGION)
    assert losses_h(struck(w, HOURS)) == pytest.approx(periodic(24, 7))


def test_copies_queue_from_the_moment_their_delay_ends() -> None:
    """Of two copies for one slot the undelayed goes first, though its resource is written second."""
    w = world(
        resources=f"{{a: {EFS}, b: {EFS}}}",
        plans={"slow": [rule(more=copies(copy(more="delay: 1 h")))], "quick": [rule(more=copies(copy()))]},
        strategy="{backup: {app.a: slow, app.b: quick}}",
        overrides={"copy_duration": "2 h"},
        limits=limits(copy_jobs=1),
        disruption=REGION,
    )
    log = struck(w, HOURS)
    assert losses_h(log, "app.b") == pytest.approx(periodic(24, 2))
    assert losses_h(log, "app.a") == pytest.approx(periodic(24, 4))


def test_members_queue_each_for_itself() -> None:
    """Three alike members share one copy slot, and the row shows the one that came last."""
    w = world(
        resources="{a: {type: EFS, size: 1 GB, count: 3}}",
        rules=[rule(more=copies(copy()))],
        overrides={"copy_duration": "1 h"},
        limits=limits(copy_jobs=1, jobs_per_resource=1),
        disruption=REGION,
    )
    assert losses_h(struck(w, HOURS), "app.a") == pytest.approx(periodic(24, 3))


def test_a_copy_longer_than_the_interval_starves_the_backups() -> None:
    """With one job per resource a copy of 7 h lets every second run of a 6 h rule expire in its 1 h start window."""
    w = world(
        rules=[rule("6 h", more=f"start_window: 1 h, {copies(copy())}")],
        overrides={"backup_duration": "1 h", "copy_duration": "7 h"},
        limits=limits(jobs_per_resource=1),
        disruption=REGION,
    )
    assert losses_h(struck(w, HOURS[::3], from_start=True)) == pytest.approx(periodic(12, 8)[::3])


def test_the_copy_of_a_recovery_is_full() -> None:
    """A weekly copy moves what changed in a week; one made for a recovery elsewhere moves the whole size."""
    w = world(
        resources="{db: {type: EFS, size: 3600 GB, change_rate: 10 %/day, overrides: {copy_rate: 100 MB/s}}}",
        rules=[rule("7 d", more=copies(copy()))],
        app="recover_at: third",
        overrides={"copy_fixed": "30 min", "restore_duration": "1 h"},
        disruption=REGION,
    )
    log = struck(w, HOURS)
    assert losses_h(log) == pytest.approx(periodic(168, 0.5 + 10 * (1 - 0.9**7)))
    assert downtimes_h(log) == pytest.approx([0.5 + 10 + 1] * len(HOURS))


# jobs


def test_a_completion_window_counts_from_the_start_of_the_job() -> None:
    """A job that starts 3 h late has the whole of its window; one that takes longer leaves no point."""
    late = {"start_delay": "3 h", "backup_duration": "5 h"}
    w = world(rules=[rule(more="completion_window: 5 h, start_window: 4 h")], overrides=late)
    assert losses_h(struck(w, HOURS)) == pytest.approx(periodic(24, 5, since=3))
    w = world(rules=[rule(more="completion_window: 4.9 h, start_window: 4 h")], overrides=late)
    assert {state for state, _, _ in told(struck(w, HOURS))} == {"unrecoverable"}


def test_a_point_may_become_usable_after_the_contamination() -> None:
    """What counts is that the data was captured before the contamination and that the job ended before the strike."""
    w = world(overrides={"backup_duration": "8 h"}, disruption="{kind: ransomware, dwell: 2 h, backups_attacked: 0}")
    assert losses_h(struck(w, HOURS)) == pytest.approx(periodic(24, 8))
    w = world(overrides={"backup_duration": "2 h"}, disruption="{kind: ransomware, dwell: 8 h, backups_attacked: 0}")
    assert losses_h(struck(w, HOURS)) == pytest.approx(periodic(24, 8))


def test_a_suppressed_run_suppresses_nothing() -> None:
    """Of three windows of which neighbours overlap, the middle one is suppressed and both outer ones run."""
    rules = [
        f"{{rule_name: {name}, target_vault: local, schedule: cron(0 {hour} ? * * *), start_window: 2 h, "
        f"lifecycle: {{delete_after: {keep}}}}}"
        for name, hour, keep in (("first", 0, "2 d"), ("middle", 1, "3 d"), ("last", 2, "4 d"))
    ]
    phase = np.array(HOURS) % 24
    assert losses_h(struck(world(rules=rules), HOURS)) == pytest.approx(np.where(phase < 2, phase, phase - 2))


def test_windows_that_only_touch_do_not_overlap() -> None:
    """Rules an hour apart with windows of an hour both run, whichever is kept longer."""
    rules = [
        f"{{rule_name: {name}, target_vault: local, schedule: cron(0 {hours} ? * * *), start_window: 1 h, "
        f"lifecycle: {{delete_after: {keep}}}}}"
        for name, hours, keep in (("even", "0/2", "7 d"), ("odd", "1/2", "9 d"))
    ]
    assert losses_h(struck(world(rules=rules), HOURS)) == pytest.approx(periodic(1, 0))


# recovery


def test_an_urgent_restore_passes_those_that_wait() -> None:
    """The application of priority 1 that asks last gets the slot before what has waited longer."""
    w = world(
        applications=f"""{{
          a: {{site: home, priority: 2, resources: {{one: {DB}, two: {DB}}}}},
          b: {{site: home, priority: 1, steps: {{s: {{duration: 1 h, when: always}}}},
              resources: {{db: {{type: RDS, size: 1 GB, after: [s]}}}}}}}}""",
        overrides={"restore_duration": "2 h"},
        limits=limits(restore_jobs=1),
        disruption=EVERYTHING,
    )
    log = struck(w, HOURS[:3])
    assert {s: set(downtimes_h(log, s)) for s in ("a.one", "b.db", "a.two")} == {
        "a.one": {2},
        "b.db": {4},
        "a.two": {6},
    }


def test_after_a_useless_restore_comes_the_copy() -> None:
    """A useless restore, the copy back and its restore add up; after the last option nothing is left."""
    w = world(
        rules=[rule("7 d", keep="7 d", more=copies(copy("far", keep="7 d")))],
        overrides={"copy_duration": "1 h", "restore_duration": "2 h", "restore_failure": "0.5"},
    )
    fared = {(state, down) for state, _, down in told(struck(w, HOURS * 3))}
    assert fared == {("restore", 2.0), ("restore", 5.0), ("unrecoverable", -1.0)}


def test_skew_is_the_spread_of_what_was_captured() -> None:
    """A resource backed up 5 h after another is 5 h newer, or 19 h older until its run of the day."""
    w = world(
        resources=f"{{a: {DB}, b: {{type: EFS, size: 1 GB, overrides: {{start_delay: 5 h}}}}}}", disruption=EVERYTHING
    )
    log = struck(w, HOURS)
    skew = log.loc[log["subject"] == "app", "skew_s"] / HOUR
    assert skew.to_list() == pytest.approx(np.where(np.array(HOURS) % 24 < 5, 19, 5))
