"""What is said to bring back what a lost key took: is it out of its reach, and does it work when it is followed?"""

from __future__ import annotations

import pytest

from drsim.scenario import read_scenario
from drsim.study.bench import Bench
from drsim.study.explain import Incident, Rescue, investigate

ESTATE = """
name: keys
sites: {home: {region: us-east-1, account: a}}
vaults: {local: {site: home, key: shared}}
applications: {shop: {site: home, resources: {db: {type: EFS, size: 60 GB}}}}
backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local, every: 12 h, lifecycle: {delete_after: 9 d}}]}
strategies: {only: {backup: daily}}
disruptions: {lost: {kind: key-loss, key: shared}}
overrides: {"*": {backup_failure: 0, copy_failure: 0, restore_failure: 0}}
"""

BESIDE = "a copy of every recovery point in a vault under another key at home (us-east-1)"
COPIED = "lifecycle: {delete_after: 9 d}, copy_actions: [{destination_vault: vault-at-home}]"
REPLICATED = 'only: {backup: daily, replication: {shop.db: {feature: "EFS replication", to: away}}}'


def incident(*changes: tuple[str, str], drill: int = 0) -> Incident:
    """Return what happens in a drill of the lost key, with some words of the scenario replaced."""
    text = ESTATE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return investigate(Bench(read_scenario(text)), "lost", drill, "shop")


def rescued(seen: Incident) -> dict[str, Rescue]:
    """Return what would have brought the shop back, by its words."""
    return {" + ".join(rescue.what): rescue for rescue in seen.rescues(0).changes}


def fared(seen: Incident) -> tuple[float, float]:
    """Return data loss and downtime of the shop, which is back [s]."""
    shop, db = seen.recovery.applications[0], seen.recovery.members[0]
    assert shop.state == "recovered"
    return seen.recovery.occurred_s - db.captured_s, shop.usable_s - seen.recovery.occurred_s


@pytest.mark.parametrize("drill", [0, 1, 2])
def test_copy_under_another_key_does_what_it_does_in_a_scenario_that_has_it(drill: int) -> None:
    """A copy beside the original, under a key of its own, leaves the loss and the downtime that are foretold."""
    rescue = rescued(incident(drill=drill))[BESIDE]
    followed = incident(
        ("vaults: {", "vaults: {vault-at-home: {site: home, key: another}, "),
        ("lifecycle: {delete_after: 9 d}", COPIED),
        drill=drill,
    )
    assert (rescue.data_loss_s, rescue.downtime_s) == pytest.approx(fared(followed), abs=1e-5)


def test_replication_leaves_the_place_where_the_data_already_is() -> None:
    """A service replicates its data elsewhere, and what it keeps there comes back when the scenario says so."""
    away = ("account: a}}", "account: a}, away: {region: us-west-2, account: a}}")
    words = "native replication to away (us-west-2): EFS replication for shop.db"
    rescue = rescued(incident(away))[words]
    followed = incident(away, ("only: {backup: daily}", REPLICATED))
    assert (rescue.data_loss_s, rescue.downtime_s) == pytest.approx(fared(followed), abs=1e-5)
    assert "native replication to another Region: EFS replication for shop.db" in rescued(incident())
    assert not any("replication to home" in tried for tried in incident(away).rescues(0).tried)


def test_copy_under_the_same_key_is_no_copy_that_is_there_already() -> None:
    """A second vault beside the first and under its key is lost with it, so that a copy under another is offered."""
    seen = incident(
        ("vaults: {", "vaults: {vault-at-home: {site: home, key: shared}, "),
        ("lifecycle: {delete_after: 9 d}", COPIED),
    )
    assert BESIDE in rescued(seen)


def test_plan_saves_what_lies_under_the_key_of_its_vault() -> None:
    """Backups of what AWS Backup does not manage fully are lost with the key of the resource; their copies are not."""
    plan = "a backup plan into a vault under another key: daily backups, kept for 35 d, for shop.db"
    bare = (("size: 60 GB", "size: 60 GB, key: shared"), ("backup: daily", "backup: {}"))
    assert plan in rescued(incident(*bare))
    assert list(rescued(incident(*bare, ("type: EFS", "type: FSx for Lustre")))) == [f"{plan} + {BESIDE}"]


def test_obstacles_name_what_cannot_be_copied_into_another_vault() -> None:
    """A type that AWS copies nowhere has no copy under another key either, and that is said."""
    seen = incident(("type: EFS", "type: RDS Multi-AZ cluster"), ("size: 60 GB", "size: 60 GB, key: shared"))
    rescues = seen.rescues(0)
    assert not rescues.changes
    assert rescues.obstacles[0] == "AWS Backup cannot copy RDS Multi-AZ cluster into another vault"
