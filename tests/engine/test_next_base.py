"""When the base after each is due: the next scheduled run, and past the last one as far as it is past its own."""

from __future__ import annotations

from drsim.engine.continuous import _next_due_s
from drsim.scenario import read_scenario
from drsim.units import DAY_S
from drsim.world import build_world

SCENARIO = """
name: logs after the last base
horizon: 30 d
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications: {app: {site: home, resources: {db: {type: RDS, size: 100 GB}}}}
backup_plans:
  plan:
    rules:
      - {rule_name: l, target_vault: local, every: 1 d, enable_continuous_backup: true, lifecycle: {delete_after: 9 d}}
strategies: {plan: {backup: plan}}
disruptions: {lost: {kind: resource-loss}}
"""


def test_the_base_after_the_last_one_is_as_far_away_as_the_one_before() -> None:
    """Bases come once a day, so that each is due a day after the one before, the one after the last, too."""
    world = build_world(read_scenario(SCENARIO), "plan")
    (continuous,) = world.members[0].continuous
    times = world.streams[continuous.bases[0]].all_times_s
    assert len(times) > 2
    assert (_next_due_s(world, continuous, times) == times + DAY_S).all()
