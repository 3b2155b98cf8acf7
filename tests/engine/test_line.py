"""A line for one slot: worked through in one go, it leaves behind what the process clock finds job by job."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from drsim.engine import run_drills, run_vectorised, why_not_vectorised
from drsim.engine.vectorised import line
from drsim.scenario import read_scenario
from drsim.world import build_world
from drsim.world.groups import stands_in_line
from tests.scenarios import copies, copy, first_difference, rule, world

DRILLS = 12

SCENARIO = """
name: a line that is rarely empty
start: 2026-01-01
horizon: 30 d
warm_up: 40 d
seed: {seed}
sites:
  home: {{region: us-east-1, account: production}}
  recovery: {{region: us-west-2, account: production}}
vaults:
  local: {{site: home}}
  dr: {{site: recovery}}
  third: {{site: recovery, lock: compliance}}
applications:
  app:
    site: home
    resources:
      db: {{type: EFS, size: 1 TB, change_rate: 5 %/day}}
backup_plans:
  plan:
    rules:
      - rule_name: often
        target_vault: local
        every: {every}
        start_window: {window}
        lifecycle: {{delete_after: {kept}}}
        copy_actions:
          - destination_vault: dr
            lifecycle: {{delete_after: 20 d}}
            delay: {delay}
            then: [{{destination_vault: third, lifecycle: {{delete_after: 30 d}}}}]
          - {{destination_vault: third, lifecycle: {{delete_after: 10 d}}}}
      - {{rule_name: other, target_vault: local, every: {other}, start_window: 4 h, lifecycle: {{delete_after: 35 d}}}}
strategies:
  plan: {{backup: plan}}
disruptions:
  deletion: {{kind: accidental-deletion}}
  loss: {{kind: region-loss, site: home}}
limits: {{jobs_per_resource: 1, backup_jobs: unlimited, copy_jobs: unlimited}}
overrides:
  EFS:
    start_delay: {start}
    backup_duration: {backup}
    copy_duration: {copy}
    backup_failure: 0.1
    copy_failure: {fails}
    expiry_delay: {expiry}
"""

CASES = {
    "never-empty": {"every": "2 h", "backup": "{uniform: [1 h, 4 h]}", "copy": "{exponential: 2 h}"},
    "all-at-round-hours": {"every": "2 h", "backup": "1 h", "copy": "2 h", "start": "0 h", "delay": "0 h"},
    "no-time-at-all": {"every": "1 h", "backup": "{empirical: [0 h, 1 h, 3 h]}", "copy": "{empirical: [0 h, 2 h]}"},
    "long-windows": {"every": "1 h", "window": "12 h", "backup": "{uniform: [0 h, 2 h]}", "copy": "1 h"},
    "gone-before-it-is-copied": {"every": "6 h", "backup": "1 h", "copy": "{exponential: 9 h}", "kept": "1 d"},
    "written-order": {
        "every": "1 h",
        "other": "6 h",
        "start": "0 h",
        "delay": "0 h",
        "backup": "{empirical: [0 h, 1 h, 2 h]}",
        "copy": "{empirical: [0 h, 1 h, 2 h]}",
    },
    "spells": {"every": "3 h", "backup": "2 h", "copy": "1 h", "fails": "{p: 0.3, lasts: {exponential: 1 d}}"},
    "points-stay-longer": {
        "every": "3 d",
        "other": "5 d",
        "kept": "1 d",
        "backup": "{uniform: [1 d, 4 d]}",
        "copy": "{uniform: [1 h, 2 d]}",
        "expiry": "{uniform: [0 d, 6 d]}",
    },
    "delays": {"every": "3 h", "backup": "2 h", "copy": "1 h", "delay": "{uniform: [0 h, 30 h]}"},
}
USUAL = {
    "other": "1 d",
    "window": "1 h",
    "kept": "15 d",
    "delay": "{uniform: [0 h, 3 h]}",
    "start": "{uniform: [0 min, 50 min]}",
    "fails": "0.1",
    "expiry": "0 h",
}


@pytest.mark.long
@pytest.mark.parametrize(("case", "seed"), list(itertools.product(CASES, (1, 2))))
def test_a_line_is_what_the_process_clock_plays(case: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ties, delays, chains, windows that pass, points that are gone: all as if every job had been played."""
    # so small that jobs wait from one block to the next, and so few places that they have to become more
    monkeypatch.setattr(line, "_BLOCK", 7)
    monkeypatch.setattr(line, "_PLACES", 1)
    w = build_world(read_scenario(SCENARIO.format(**USUAL | CASES[case], seed=seed)), "plan")
    (component,) = (c for c in w.components if c.limits)
    assert stands_in_line(w, component)
    assert not component.settles
    for name in w.disruptions:
        assert why_not_vectorised(w, name) is None
        log = run_vectorised(w, name, 0, DRILLS)
        assert not first_difference(run_drills(w, name, 0, DRILLS, from_start=True), log), name
        assert np.isfinite(log["data_loss_s"]).any()


@pytest.mark.parametrize(("limits", "is_line"), [("1", True), ("2", False)])
def test_only_a_single_slot_makes_a_line(limits: str, is_line: bool) -> None:  # noqa: FBT001  of a table
    """Jobs that share two slots do not stand in one line."""
    w = world(
        rules=[rule(more=copies(copy()))],
        limits=f"{{backup_jobs: unlimited, copy_jobs: unlimited, jobs_per_resource: {limits}}}",
        overrides={"copy_duration": "30 h"},
    )
    (component,) = (c for c in w.components if c.limits)
    assert stands_in_line(w, component) is is_line
