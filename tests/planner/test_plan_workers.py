"""The plan does not depend on how many processes drill."""

from __future__ import annotations

import pytest

from drsim.planner import drills
from drsim.planner.plan import plan
from drsim.report.plans import plan_data
from drsim.scenario import read_scenario
from drsim.study.work import each_of
from drsim.study.workers import may_fork

ESTATE = """
start: 2026-01-01
sites:
  home: {region: us-east-1, account: production}
  recovery: {region: us-west-2, account: production}
vaults: {local: {site: home}, dr: {site: recovery}}
applications:
  shop:
    site: home
    objectives: {rpo: 13 h, rto: 48 h, attainment: 80 %}
    resources:
      files: {type: EFS, size: 200 GB, change_rate: 2 %/day}
backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local, lifecycle: {delete_after: 35 d}}]}
strategies: {daily: {backup: daily}}
disruptions: {region-lost: {kind: region-loss, site: home}, deletion: {kind: accidental-deletion}}
planning: {intervals: [4 h, 12 h, 1 d], retentions: [7 d, 35 d], standby: false, drills: 60, confirm_drills: 60}
"""


def test_two_processes_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is enough to share, two drill it, and the answer is the same to the last digit."""
    forks: list[int] = []

    def counted(do: object, jobs: list[object], workers: int) -> object:
        forks.append(workers)
        return each_of(do, jobs, workers)  # type: ignore[arg-type]  # as it is given

    monkeypatch.setattr(drills, "each_of", counted)
    monkeypatch.setattr(drills, "_SHARED", 4)
    scenario = read_scenario(ESTATE)
    alone = plan_data(plan(scenario, workers=1))
    assert set(forks) == {1}
    assert plan_data(plan(scenario, workers=2)) == alone
    # where other threads run no process is begun: an earlier test of the same process may have left some
    assert (2 in forks) == may_fork()
