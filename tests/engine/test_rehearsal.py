"""What worlds that are nearly alike share on the vectorised clock: the incidents are those without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from drsim.distributions import Constant
from drsim.engine import Rehearsal, frame_of_all, run_all_vectorised
from drsim.scenario import Scenario, load_scenario, read_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.bench import Bench
from drsim.units import DAY_S
from drsim.world import World, build_world
from drsim.world.sharing import alike, shared
from tests.scenarios import first_difference

DRILLS = 60
DISRUPTIONS = ("region-loss", "region-outage", "ransomware", "zone-outage")


def quicker(world: World) -> World:
    """Return the world with restores that take half as long."""
    members = [
        replace(m, restoration=replace(m.restoration, work=replace(m.restoration.work, fixed=Constant(60.0))))
        for m in world.members
    ]
    return replace(world, members=tuple(members))


def later(world: World) -> World:
    """Return the world in which one stream's jobs start later, not those of the first one."""
    streams = [replace(s, start_delay=Constant(3000.0)) if i == 2 else s for i, s in enumerate(world.streams)]
    return replace(world, streams=tuple(streams))


def kept_for(days: float) -> Callable[[Scenario], Scenario]:
    """Return the change after which each plan's first rule keeps its points for so many days."""

    def change(scenario: Scenario) -> Scenario:
        plans = {}
        for name, plan in scenario.backup_plans.items():
            first, *others = plan.rules
            life = first.lifecycle.model_copy(update={"delete_after": days * DAY_S})
            rules = first.model_copy(update={"lifecycle": life}), *others
            plans[name] = plan.model_copy(update={"rules": rules})
        return scenario.model_copy(update={"backup_plans": plans})

    return change


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Return the web shop."""
    return load_scenario(shipped_scenarios()["web-shop"])


@pytest.fixture(scope="module", params=["copies", "continuous"])
def before(request: pytest.FixtureRequest, scenario: Scenario) -> Rehearsal:
    """Return the drills of a strategy as it is."""
    return Rehearsal(build_world(scenario, request.param), DISRUPTIONS, np.arange(DRILLS), keeps=True)


def check(world: World, before: Rehearsal) -> Rehearsal:
    """Check that the incidents in a world are, to the last bit, those that it has alone; return its drills."""
    after = Rehearsal(shared(world, before.world), DISRUPTIONS, before.run, before)
    alone = run_all_vectorised(world, DISRUPTIONS, 0, DRILLS)
    for name in DISRUPTIONS:
        assert first_difference(frame_of_all([after.logs[name]], after.places), alone[name]) == "", name
    return after


@pytest.mark.parametrize("change", [quicker, later])
def test_a_changed_world_has_its_own_incidents(before: Rehearsal, change: Callable[[World], World]) -> None:
    """Whatever the worlds share shows in no incident."""
    after = check(change(before.world), before)
    assert any(log is not was for log, was in zip(after.written, before.written, strict=True))


@pytest.mark.parametrize("days", [3, *(pytest.param(days, marks=pytest.mark.long) for days in (30, 90)), 400])
def test_a_retention_moves_the_begin_of_a_plan(scenario: Scenario, before: Rehearsal, days: float) -> None:
    """Shorter and longer than before, and as short as copies take: the past is shared as far as it is the same."""
    check(build_world(kept_for(days)(scenario), before.world.strategy), before)


def test_what_nothing_changes_is_not_worked_out_again(scenario: Scenario, before: Rehearsal) -> None:
    """A world that is equal part by part has the very logs of the former one, and the very fates."""
    again = build_world(scenario, before.world.strategy)
    assert not any(one is other for one, other in zip(again.streams, before.world.streams, strict=True))
    after = check(again, before)
    assert all(log is was for log, was in zip(after.written, before.written, strict=True))
    assert all(after.fates[m] is fate for m, fate in before.fates.items())


def test_a_longer_retention_of_one_rule_touches_few(before: Rehearsal) -> None:
    """Where nobody fares otherwise the log is the former one."""
    streams = [
        replace(s, delete_after_s=s.delete_after_s + DAY_S) if i == 0 else s for i, s in enumerate(before.world.streams)
    ]
    after = check(replace(before.world, streams=tuple(streams)), before)
    same = [m for m in before.fates if after.fates[m] is before.fates[m]]
    assert len(same) == len(before.fates) - 1
    assert any(log is was for log, was in zip(after.written, before.written, strict=True))


def test_equal_things_are_alike_and_no_others() -> None:
    """Arrays, too, and what has them; what a thing has cached does not count."""
    one, other = Constant(2.0), Constant(2.0)
    assert alike(one, other)
    assert not alike(one, Constant(3.0))
    assert alike((np.arange(3), "a"), (np.arange(3), "a"))
    assert not alike(np.arange(3), np.arange(3.0))
    assert not alike((1, (2, 3)), (1, (2, 3), 4))
    assert alike(np.array([np.nan]), np.array([np.nan]))
    assert not alike({"a": 1}, {"b": 1})


CLUSTERS = """
name: clusters whose restores fail and wait for a slot
start: 2026-01-05
drills: 20
sites: {home: {region: us-east-1, account: a}}
vaults: {vault: {site: home}}
applications:
  shop:
    site: home
    resources: {db: {type: RDS, size: 500 GB, count: 4, overrides: {restore_failure: 50 %}}}
backup_plans: {p: {rules: [{rule_name: r, target_vault: vault, every: 12 h, lifecycle: {delete_after: 9 d}}]}}
strategies: {s: {backup: p}}
limits: {restore_jobs: 1}
disruptions: {ransom: {kind: ransomware, backups_attacked: 0}}
"""


def test_waits_of_failed_restores_stay_in_the_bench_that_has_them() -> None:
    """With more slots the failed attempts wait no longer, whatever they waited for before the change."""
    wide = read_scenario(CLUSTERS.replace("restore_jobs: 1", "restore_jobs: 100"))
    narrow = Bench(read_scenario(CLUSTERS))
    assert narrow.incidents("s", "ransom")["failed_s"].max() > 0
    changed = narrow.changed(lambda _: wide).incidents("s", "ransom")
    assert first_difference(changed, Bench(wide).incidents("s", "ransom")) == ""
