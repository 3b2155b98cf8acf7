"""Backup access points: a bucket is read in its recovery point within minutes, and restored meanwhile."""

from __future__ import annotations

import pytest

from drsim.scenario import check_text, read_scenario
from drsim.units import HOUR_S, MINUTE_S
from drsim.world import build_world
from tests.engine.test_two_clocks import agree

BUCKET = """
start: 2026-01-01
{more}
sites: {{home: {{region: us-east-1, account: prod}}, away: {{region: us-west-2, account: prod}}}}
vaults: {{local: {{site: home, lock: compliance}}, dr: {{site: away}}}}
applications:
  app:
    site: home
    objectives: {{rto: 1 h, rto_full: 12 h}}
    resources: {{bucket: {{type: S3, size: 10 TB, objects: 36e6{option}}}}}
backup_plans:
  daily:
    rules:
      - rule_name: daily
        target_vault: local
        every: 24 h
        {rule}
        lifecycle: {{delete_after: 30 d}}
        copy_actions: [{{destination_vault: dr, lifecycle: {{delete_after: 30 d}}}}]
strategies: {{only: {{backup: daily}}}}
disruptions:
  lost: {{kind: ransomware, dwell: 0 h, backups_attacked: 0}}
  gone: {{kind: region-loss, site: home}}
response: {{detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}}
overrides:
  S3: {{restore_fixed: 30 min, restore_rate: 500 MB/s, restore_object_rate: 1000 /s, restore_failure: 0{law}}}
"""
OPTION = ", options: [backup access points]"


def text_of(option: str = OPTION, law: str = ", reads_after: 3 min", rule: str = "", more: str = "") -> str:
    """A bucket of 10 TB and 36 million objects: 10 h to restore by its objects, and half an hour before."""
    return BUCKET.format(option=option, law=law if option else "", rule=rule, more=more)


@pytest.mark.parametrize("rule", ["", "enable_continuous_backup: true"])
@pytest.mark.parametrize("disruption", ["lost", "gone"])
def test_reads_are_there_in_minutes_and_the_bucket_in_hours(rule: str, disruption: str) -> None:
    """Usable after 3 min instead of 10.5 h, at full performance after 10.5 h more, on both clocks."""
    with_points, without = (
        agree(build_world(read_scenario(text_of(option, rule=rule)), "only"), [disruption], 30)[0]
        for option in (OPTION, "")
    )
    restored, plain = (log[log["level"] == "resource"] for log in (with_points, without))
    assert (restored["recovered_by"].astype(str) == "restore").any() or rule
    assert restored["downtime_s"].to_numpy() == pytest.approx(3 * MINUTE_S, abs=1e-3)
    assert restored["full_performance_s"].to_numpy() == pytest.approx(10.5 * HOUR_S + 3 * MINUTE_S, abs=1e-3)
    assert plain["downtime_s"].to_numpy() == pytest.approx(10.5 * HOUR_S, abs=1e-3)
    assert restored["data_loss_s"].tolist() == plain["data_loss_s"].tolist()


def test_a_measured_restore_is_what_full_performance_waits_for() -> None:
    """With `restore_duration` the reads wait for their access point alone."""
    text = text_of(law=", reads_after: 3 min, restore_duration: 5 h")
    (log,) = agree(build_world(read_scenario(text), "only"), ["lost"], 10)
    rows = log[log["level"] == "resource"]
    assert rows["downtime_s"].to_numpy() == pytest.approx(3 * MINUTE_S, abs=1e-3)
    assert rows["full_performance_s"].to_numpy() == pytest.approx(5 * HOUR_S + 3 * MINUTE_S, abs=1e-3)


def test_the_whole_restore_has_the_luck_that_it_has_without() -> None:
    """The restore behind the reads is drawn as the one without the option, drill by drill."""
    law = ", reads_after: 3 min, restore_duration: {uniform: [1 h, 9 h]}"
    text, plain = text_of(law=law), text_of(law=law).replace(OPTION, "").replace("reads_after: 3 min, ", "")
    read, restored = (
        agree(build_world(read_scenario(t), "only"), ["lost"], 50)[0].query("level == 'resource'")
        for t in (text, plain)
    )
    full = read["full_performance_s"].to_numpy() - 3 * MINUTE_S
    assert full == pytest.approx(restored["downtime_s"].to_numpy(), abs=1e-3)
    assert full.std() > HOUR_S


def test_there_were_none_before_august_2026() -> None:
    """As of a day before them the option is refused, with the day from which on it is there."""
    _, errors, _ = check_text(text_of(more="as_of: 2026-08-05"))
    assert [(e.check, e.repair) for e in errors] == [("option-too-early", "write `as_of: 2026-08-06`")]
    assert check_text(text_of(more="as_of: 2026-08-06"))[1] == ()


def test_the_shipped_estimate_is_minutes() -> None:
    """With the catalogue's values reads come back within minutes, whatever the size of the bucket."""
    world = build_world(read_scenario(text_of(law="")), "only")
    work = world.members[0].restoration.work
    assert work.p_within(HOUR_S, 10e12, 36e6) == 1
    assert 1 * MINUTE_S < work.expected_s(10e12, 36e6) < 10 * MINUTE_S
