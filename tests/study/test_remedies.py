"""What would have saved a lost application: is it what the same change of the scenario does, and what AWS can do?"""

from __future__ import annotations

import numpy as np
import pytest

from drsim.changes.variants import applied
from drsim.engine.strike import strike
from drsim.report.story import tell
from drsim.scenario import Scenario, load_scenario, read_scenario
from drsim.scenario.shipped import shipped
from drsim.study.bench import Bench
from drsim.study.explain import Incident, Rescue, investigate
from drsim.units import DAY_S
from drsim.world import build_world

BARE = """
name: bare
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications:
  shop: {site: home, resources: {db: {type: RDS, size: 10 GB}}}
  plain: {site: home, resources: {cluster: {type: RDS Multi-AZ cluster, size: 10 GB}}}
backup_plans: {daily: {rules: [{rule_name: daily, target_vault: local, lifecycle: {delete_after: 35 d}}]}}
strategies:
  none: {backup: {}}
  native: {replication: {shop.db: {feature: automated backups, retention: 7 d}}}
  daily: {backup: daily}
disruptions:
  deleted: {kind: accidental-deletion}
  gone: {kind: accidental-deletion, deletes: resource}
  region: {kind: region-loss, site: home}
  attack: {kind: ransomware, dwell: 40 d, backups_attacked: 1}
"""


def shop() -> Scenario:
    """Return the web shop."""
    return load_scenario(shipped("scenarios/web-shop.yaml"))


def rescued(incident: Incident, application: str = "shop") -> dict[str, Rescue]:
    """Return what would have recovered an application, by its words."""
    a = [app.name for app in incident.world.applications].index(application)
    return {" + ".join(rescue.what): rescue for rescue in incident.rescues(a).changes}


def drills_of(strategy: str, *, attacked: bool, days: float) -> list[int]:
    """Return drills of ransomware that the web shop does not survive, its vaults attacked or not.

    Args:
        strategy: of the web shop.
        attacked: whether the vaults were in the attack.
        days: the attack lay hidden for longer [d], up to ten times, where they were not, and for less where they were.
    """
    w = build_world(shop(), strategy)
    strikes = strike(w, "ransomware", np.arange(200))
    dwell = (strikes.occurred_s - strikes.contaminated_s) / DAY_S
    local = [vault.name for vault in w.vaults].index("local")
    fits = dwell < days if attacked else (dwell > days) & (dwell < 10 * days)
    is_meant = (strikes.vault_ok[:, local] != attacked) & fits
    return [int(drill) for drill in np.flatnonzero(is_meant)]


def fared(bench: Bench, disruption: str, drill: int) -> tuple[float, float]:
    """Return data loss and downtime of the web shop [s]."""
    incident = investigate(bench, disruption, drill, "shop")
    world, recovery = incident.world, incident.recovery
    assert recovery.applications[0].state == "recovered"
    captured = [
        recovery.members[m].captured_s
        for r in world.applications[0].resources
        for m in recovery.resources[r]
        if not world.resources[r].stateless
    ]
    return recovery.occurred_s - min(captured), recovery.applications[0].usable_s - recovery.occurred_s


@pytest.mark.parametrize("drill", [1, 2, 3])
def test_copy_does_what_it_does_in_a_scenario_that_has_it(drill: int) -> None:
    """The loss and the downtime that a copy is said to leave are those of a scenario with that copy action."""
    rescues = rescued(investigate(Bench(shop(), strategies=["nightly"]), "region-loss", drill))
    rescue = rescues["a copy of every recovery point in a vault at recovery (us-west-2)"]
    written = shipped("scenarios/web-shop.yaml").read_text(encoding="utf-8")
    written = written.replace(
        "  dr:       {site: recovery}", "  dr: {site: recovery}\n  vault-at-recovery: {site: recovery}"
    )
    nightly = "lifecycle: {delete_after: 35 d}\n  nightly-with-copies"
    assert nightly in written
    action = "lifecycle: {delete_after: 35 d}\n        copy_actions: [{destination_vault: vault-at-recovery}]\n"
    edited = read_scenario(written.replace(nightly, f"{action}  nightly-with-copies"))
    assert (rescue.data_loss_s, rescue.downtime_s) == pytest.approx(
        fared(Bench(edited, strategies=["nightly"]), "region-loss", drill), abs=1e-5
    )


def test_lock_does_what_it_does_in_a_scenario_that_has_it() -> None:
    """The loss and the downtime that a lock is said to leave are those of a scenario with that lock."""
    drill = drills_of("nightly", attacked=True, days=20)[0]
    rescues = rescued(investigate(Bench(shop(), strategies=["nightly"]), "ransomware", drill))
    rescue = rescues["a compliance lock on the vault local"]
    edited = read_scenario(applied(shop(), "nightly", "ransomware", {"vault/local/lock": "compliance"}))
    assert (rescue.data_loss_s, rescue.downtime_s) == pytest.approx(
        fared(Bench(edited, strategies=["nightly"]), "ransomware", drill), abs=1e-5
    )


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_retention_does_what_it_does_in_a_scenario_that_has_it(nth: int) -> None:
    """Kept as long as is said, points bring back what they bring back in a scenario with that retention."""
    drill = drills_of("nightly", attacked=False, days=40)[nth]
    ((words, rescue),) = rescued(investigate(Bench(shop(), strategies=["nightly"]), "ransomware", drill)).items()
    kept = words.removeprefix("recovery points kept for ").removesuffix(" instead of 35 d")
    edited = read_scenario(applied(shop(), "nightly", "ransomware", {"rule/nightly/0/delete_after": kept}))
    loss, downtime = fared(Bench(edited, strategies=["nightly"]), "ransomware", drill)
    # runs before the first ones of the shorter plan have luck of their own
    assert rescue.data_loss_s == pytest.approx(loss, abs=DAY_S)
    assert rescue.downtime_s == pytest.approx(downtime, rel=0.05)


def test_what_aws_cannot_copy_is_not_said_to_be_copied() -> None:
    """AWS Backup copies no Redshift, so that only the service's own snapshots save a warehouse whose Region is lost."""
    for strategy in ("nightly", "copies", "continuous"):
        rescues = rescued(investigate(Bench(shop(), strategies=[strategy]), "region-loss", 0), "analytics")
        assert rescues
        assert all(words.startswith("native replication to recovery (us-west-2): cross-Region") for words in rescues)


def test_recovered_applications_have_no_rescues() -> None:
    """There is nothing to save where nothing was lost."""
    assert not rescued(investigate(Bench(shop(), strategies=["copies"]), "region-loss", 7))


def test_what_nothing_protects_is_saved_by_a_plan_that_selects_it() -> None:
    """A backup plan alone saves what was deleted; of a lost Region, a copy has to go with it, or a replica."""
    bench = Bench(read_scenario(BARE), strategies=["none"])
    assert list(rescued(investigate(bench, "deleted", 0, "shop"))) == [
        "a backup plan: daily backups, kept for 35 d, for shop.db"
    ]
    rescues = list(rescued(investigate(bench, "region", 0)))
    assert rescues
    assert all("another Region" in words for words in rescues)


def test_what_its_service_alone_keeps_is_saved_by_a_plan() -> None:
    """Backups that go with the instance, or that an attacker reaches, are no way back: a plan, locked or copied, is."""
    bench = Bench(read_scenario(BARE), strategies=["native"])
    plan = "a backup plan: daily backups, kept for 35 d, for shop.db"
    assert list(rescued(investigate(bench, "gone", 0, "shop"))) == [plan]
    rescues = list(rescued(investigate(bench, "attack", 0)))
    assert rescues
    assert all("a backup plan" in words and ("lock" in words or "copy" in words) for words in rescues)


def test_two_changes_are_tried_where_none_alone_is_enough() -> None:
    """An attack on the vault after a dwell longer than the retention takes a lock, or another account, and time."""
    rescues = rescued(investigate(Bench(read_scenario(BARE), strategies=["daily"]), "attack", 0))
    longer = "recovery points kept for 60 d instead of 35 d"
    assert set(rescues) == {
        f"{longer} + a compliance lock on the vault local",
        f"{longer} + a copy of every recovery point in a vault in another account",
    }
    assert all(40 * DAY_S <= rescue.data_loss_s <= 42 * DAY_S for rescue in rescues.values())


def test_what_nothing_saves_says_what_aws_cannot_do() -> None:
    """A cluster that AWS neither copies nor replicates is lost with its Region, and that is said."""
    bench = Bench(read_scenario(BARE), strategies=["daily"])
    incident = investigate(bench, "region", 0)
    rescues = incident.rescues(1)
    assert not rescues.changes
    assert rescues.obstacles[0] == "AWS Backup cannot copy RDS Multi-AZ cluster to another Region"
    assert "Nothing that was tried" in tell(bench, "region", 0) or "no change of the protection" in tell(
        bench, "region", 0
    )
    assert f"    {rescues.obstacles[0]}" in tell(bench, "region", 0)


def test_plans_that_are_missing_reach_back_before_the_attack() -> None:
    """Of what nothing protects, daily backups are kept for longer than the attack lay hidden, and locked."""
    rescues = investigate(Bench(read_scenario(BARE), strategies=["none"]), "attack", 0).rescues(0)
    assert rescues.tried[0] == "a backup plan: daily backups, kept for 60 d, for shop.db"
    assert rescues.changes
    assert all(rescue.what[0] == rescues.tried[0] and len(rescue.what) == 2 for rescue in rescues.changes)
