"""What is promised of protections that nobody looked at: never too few good drills, never too much money."""

from __future__ import annotations

import numpy as np
import pytest

from drsim.planner.look import _Promises  # promises are seen nowhere else
from drsim.planner.plan import Search
from drsim.planner.problem import Problem
from drsim.planner.settings import settings
from drsim.scenario import read_scenario

SCENARIO = """
start: 2026-01-01
seed: 1
horizon: 1 y
sites:
  home: {region: us-east-1, account: production}
  recovery: {region: us-west-2, account: production}
vaults:
  local: {site: home}
  dr: {site: recovery}
  safe: {site: home, lock: compliance}
applications:
  app:
    site: home
    objectives: {rpo: 20 d, rto: 24 h, attainment: 0.8}
    resources: {data: {type: TYPE, size: 400 GB, change_rate: 4 %/day}}
backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {delete_after: 14 d}}]}
strategies: {daily: {backup: daily}}
disruptions:
  corruption: {kind: corruption, dwell: {uniform: [1 h, 60 d]}}
  ransomware: {kind: ransomware, dwell: {uniform: [1 h, 60 d]}}
  region-lost: {kind: region-loss, site: home}
  account-taken: {kind: account-compromise}
planning:
  intervals: [4 h, 24 h]
  retentions: [7 d, 35 d, 90 d]
  vaults: [local, dr, safe]
  new_vaults: false
  standby: false
  cold: true
  drills: 150
"""


@pytest.mark.parametrize("kind", ["RDS", pytest.param("Aurora", marks=pytest.mark.long)])
def test_promises_are_kept(kind: str) -> None:
    """A protection is good in no drill in which its parts are not promised to be, and costs no less than they promise.

    In some drills the first restore fails whatever it is made from, so that no part by itself recovers what the whole
    does; and points of one rule make increments of another smaller.
    """
    search = Search(settings(read_scenario(SCENARIO.replace("TYPE", kind))))
    (look,) = Problem(search.estate, search.settings.wanted).looks
    offer = look.offer(None)
    chosen = np.random.default_rng(1).permutation(len(offer.places))[:80]
    promised, row = _Promises(look, offer, None).promised(offer.places[chosen])
    protections = [offer.protection(places) for places in offer.places[chosen].tolist()]
    good = look.looked(protections)
    assert good.any()
    broken = [p.words for p, of, r in zip(protections, good, row, strict=True) if (of & ~promised[r]).any()]
    dearer = [p.words for p, cost in zip(protections, offer.costs[chosen].tolist(), strict=True) if cost > look.bill(p)]
    assert (broken, dearer) == ([], [])
