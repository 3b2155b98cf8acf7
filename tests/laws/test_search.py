"""The search for a clean point against what is worked out by hand: tries, their time, and what scans spare."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pytest

from drsim.engine import run_drills, run_vectorised
from drsim.laws.search import is_flagged, is_infected
from drsim.world import World
from tests.scenarios import HOUR, Parts, copies, copy, downtimes_h, first_difference, rule, struck, world

SECOND = 1 / 3600
EBS = "{type: EBS, size: 90 GB, change_rate: 10 %/day}"
INSPECT = "{detect: 0 min, declare: 0 min, inspect: 2 h, validate: 0 min, redirect: 0 min}"
SURE = {"scan_fixed": "1 h", "scan_rate": "1 PB/s", "scan_misses": "0"}
DAILY: Parts = {"resources": f"{{db: {EBS}}}", "response": INSPECT, "overrides": SURE}
SCANNED = rule(more="scan: true")


def searched(**parts: Unpack[Parts]) -> World:
    """Return the world of daily points, each inspection of which takes 2 h, but for what is said."""
    said: Parts = {**DAILY, **parts}
    return world(**said)


def attack(dwell: str) -> str:
    """Return ransomware that spares the backups and shows itself a dwell time after it got in."""
    return f"{{kind: ransomware, dwell: {dwell}, backups_attacked: 0}}"


def test_a_point_is_infected_that_is_there_and_captured_after_the_damage() -> None:
    """Of points captured at, before and after the damage, not yet usable and expired, one is infected."""
    captured, available, expires = [5.0, 4.0, 6.0, 6.0, 6.0, np.nan], [6.0, 5.0, 10.0, 10.5, 7.0, 7.0], [99.0] * 6
    expires[4] = 10.0
    infected = is_infected(np.array(captured), np.array(available), np.array(expires), 10.0, 5.0)
    assert infected.tolist() == [False, False, True, False, False, False]


def test_a_scan_tells_of_what_it_knows_once_it_is_done() -> None:
    """A scan of 2 h of a point made at 8 h tells at 10 h and no second earlier, never of what it does not know."""
    occurred = np.array([10.0, 10.0 - 1 / 3600, 10.0])
    assert is_flagged(8.0, 2.0, np.array([False, False, True]), occurred).tolist() == [True, False, False]


def test_nobody_searches_unless_it_takes_time() -> None:
    """Without `inspect` people know which point is clean, whatever is scanned."""
    for one in (rule(), SCANNED):
        w = searched(rules=[one], response="{detect: 0 min}", disruption=attack("100 h"))
        assert downtimes_h(struck(w, [250])) == [0]


def test_each_infected_point_is_inspected_in_vain() -> None:
    """Daily points, damage 100 h old at 250 h: those of 168, 192, 216 and 240 h are infected, 2 h each."""
    w = searched(disruption=attack("100 h"))
    assert downtimes_h(struck(w, [250])) == [8]
    # damage at 144 h, the moment at which a point was captured, leaves that one clean; a minute earlier it is infected
    assert downtimes_h(struck(w, [244, 244 - 1 / 60])) == [8, 10]


def test_a_scanned_point_need_not_be_looked_at() -> None:
    """Where scans know all, the only try is that that of the point of 240 h while its scan of an hour is not done."""
    w = searched(rules=[SCANNED], disruption=attack("100 h"))
    assert downtimes_h(struck(w, [241 + SECOND, 241 - SECOND])) == [0, 2]


def test_scans_that_know_nothing_spare_nothing() -> None:
    """With scans that miss everything the log is that of a search without scans, to the last bit."""
    blind = {**SURE, "scan_misses": "1"}
    logs = [
        run_vectorised(searched(rules=[one], overrides=blind, disruption=attack("100 h")), "it", 0, 50)
        for one in (rule(), SCANNED)
    ]
    assert {8.0, 10.0} <= set(logs[0]["search_s"] / HOUR)
    assert not first_difference(*logs)


def test_scans_spare_the_tries_that_they_do_not_miss() -> None:
    """Of 4000 drills a fifth misses all points, whose number is 4 or 5 by the moment: the mean is a fifth of 100/24."""
    n, p = 4000, 0.2
    some = {**SURE, "scan_fixed": "0 h", "scan_misses": "20 %"}
    w = searched(rules=[SCANNED], overrides=some, disruption=attack("100 h"))
    tries = run_vectorised(w, "it", 0, n).query("subject == 'app.db'")["search_s"].to_numpy() / (2 * HOUR)
    assert set(tries) == {0.0, 4.0, 5.0}
    assert tries.mean() == pytest.approx(p * 100 / 24, abs=4 * np.sqrt(p * (1 - p) / n) * 100 / 24)


@pytest.mark.parametrize(("mode", "hours"), [("incremental", 1.0), ("full", 10.0)])
def test_a_scan_reads_what_changed_or_everything(mode: str, hours: float) -> None:
    """90 GB of which a tenth changes a day take 1 h at 9 GB/h where the change is read, 10 h where all of it is."""
    slow = {**SURE, "scan_fixed": "0 h", "scan_rate": "2.5 MB/s"}
    w = searched(rules=[rule(more=f"scan: {{mode: {mode}}}")], overrides=slow, disruption=attack("100 h"))
    done = 240 + hours
    assert downtimes_h(struck(w, [done, done - 0.01])) == [0, 2]


def test_the_search_goes_along_the_vault_that_is_restored_from() -> None:
    """Copies made a day after their backups: of five infected points four have come to the other Region by then."""
    late = copies(copy(more="delay: 24 h"))
    w = searched(rules=[rule(more=late)], disruption="{kind: region-loss, site: home, dwell: 100 h}")
    assert downtimes_h(struck(w, [250])) == [6]


def test_a_search_in_vain_ends_with_the_restore_that_fails() -> None:
    """A restore that proves useless at its end takes the search with it; the next point is known to be clean."""
    half = {**SURE, "restore_duration": "1 h", "restore_failure": "50 %"}
    log = run_drills(searched(overrides=half, disruption=attack("100 h")), "it", 0, 40)
    log = log[log["subject"] == "app.db"]
    useless = log[log["failed_s"] > 0]
    assert len(useless)
    assert (useless["search_s"] == 0).all()
    assert (useless["failed_s"] >= 9 * HOUR).all()
    assert ((useless["failed_s"] / HOUR - 8).mod(2).isin([0, 1])).all()


def test_both_clocks_search_alike() -> None:
    """Scans of uncertain length, queues, failures, copies, continuous protection, expiry: the same to the last bit."""
    rules = [
        rule("6 h", keep="20 d", more=f"scan: true, {copies(copy(more='delay: 3 h'))}"),
        rule("24 h", name="weekly", keep="40 d", vault="other-account", more="scan: {mode: full}"),
    ]
    uncertain = {
        "start_delay": "{uniform: [0 h, 5 h]}",
        "backup_duration": "{uniform: [1 h, 4 h]}",
        "copy_duration": "{uniform: [1 h, 9 h]}",
        "restore_duration": "{uniform: [1 h, 4 h]}",
        "backup_failure": "10 %",
        "copy_failure": "10 %",
        "restore_failure": "30 %",
        "expiry_delay": "{uniform: [0 h, 8 h]}",
        "scan_fixed": "{uniform: [1 h, 20 h]}",
        "scan_rate": "{uniform: [10 MB/s, 90 MB/s]}",
        "scan_misses": "40 %",
    }
    resources = (
        "{disk: {type: EBS, size: 200 GB, change_rate: 5 %/day, count: 3},"
        " files: {type: S3, size: 2 TB, objects: 40000}, db: {type: RDS, size: 50 GB}}"
    )
    response = "{detect: 1 h, declare: 1 h, inspect: {uniform: [1 h, 3 h]}, validate: 0 min, redirect: 0 min}"
    for limits in ("{}", "{backup_jobs: 3, copy_jobs: 2, restore_jobs: 2}"):
        w = world(
            rules=rules,
            resources=resources,
            overrides=uncertain,
            response=response,
            limits=limits,
            disruption="{kind: ransomware, dwell: {uniform: [0 h, 500 h]}, backups_attacked: 50 %}",
        )
        log = run_vectorised(w, "it", 0, 30)
        assert not first_difference(run_drills(w, "it", 0, 30), log)
        assert (log["search_s"] > 0).any()
        assert ((log["failed_s"] > 0) & (log["search_s"] == 0)).any()


def test_adding_scans_changes_nobody_elses_luck() -> None:
    """A rule that scans leaves every other column of the log as it was."""
    plain, scanned = (
        run_vectorised(searched(rules=[one], response="{detect: 1 h}"), "it", 0, 200) for one in (rule(), SCANNED)
    )
    assert not first_difference(plain, scanned)
