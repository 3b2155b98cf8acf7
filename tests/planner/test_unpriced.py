"""What has no price is not taken for the cheapest."""

from __future__ import annotations

from drsim.planner.plan import plan
from drsim.scenario import Scenario, read_scenario

DATABASE = """
start: 2026-01-01
sites:
  home: {region: us-east-1, account: production}
  recovery: {region: us-west-2, account: production}
vaults: {local: {site: home}, dr: {site: recovery}}
applications:
  orders:
    site: home
    objectives: {rpo: 26 h, rto: 24 h, attainment: 90 %}
    resources:
      db: {type: RDS, size: 100 GB, change_rate: 3 %/day INSTANCE}
backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local, lifecycle: {delete_after: 35 d}}]}
strategies: {daily: {backup: daily}}
disruptions: {region-lost: {kind: region-loss, site: home}}
planning: {intervals: [1 d], retentions: [7 d], standby: false, drills: 60, confirm_drills: 60}
"""


def scenario(instance: str) -> Scenario:
    """Return a scenario with one database, whose instance is named or not."""
    named = f", instance: {instance}" if instance else ""
    return read_scenario(DATABASE.replace("INSTANCE", named))


def test_a_replica_of_unknown_price_is_not_chosen_from() -> None:
    """Nobody names the instance, so that nobody knows what a replica costs: it is left out, and that is said."""
    answer = plan(scenario(""))
    features = [p.feature[0] for p in answer.protections.values() if p.feature is not None]
    assert "cross-Region read replica" not in features
    assert any("names no instance" in words for words in answer.unpriced["orders.db"])


def test_where_the_instance_is_named_nothing_is_left_out() -> None:
    """Then a replica has a price, and is one of the choices."""
    assert not plan(scenario("db.r6g.large")).unpriced
