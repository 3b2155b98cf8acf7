"""One resource under many protections at once: each fares as the process clock makes it fare, to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from drsim.engine import Alone, run_drills
from drsim.engine.exposure import name_of_unit
from drsim.engine.incidents import STATES
from drsim.scenario import Scenario, load_scenario, read_scenario, subjects
from drsim.scenario.part import part_of
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.bench import Bench
from drsim.world import build_world
from drsim.world.unlimited import unlimited

DRILLS = 24
FIGURES = {
    "loss_s": "data_loss_s",
    "loss_bytes": "data_loss_bytes",
    "downtime_s": "downtime_s",
    "full_s": "full_performance_s",
}

FARM = """
name: a farm of databases
horizon: 1 y
drills: 24
seed: 3
sites:
  home: {region: us-east-1, account: production}
  near: {region: us-east-1, account: backup}
  far: {region: us-west-2, account: production}
vaults: {home: {site: home}, near: {site: near, lock: compliance}, far: {site: far}}
applications:
  shop:
    site: home
    recover_at: far
    act_after: 1 h
    rebuild: 30 d
    objectives: {rpo: 12 h, rto: 8 h, attainment: 90 %}
    resources:
      orders: {type: RDS, size: 500 GB, count: 3, needs: 2}
      stock: {type: RDS, size: 90 GB, count: 3}
      files: {type: EFS, size: 2 TB, after: [orders]}
    steps: {switch: {duration: 1 h, after: [files]}}
backup_plans:
  plain: {rules: [{rule_name: rule, target_vault: home, every: 1 d, lifecycle: {delete_after: 35 d}}]}
  copied:
    rules:
      - rule_name: rule
        target_vault: home
        every: 6 h
        lifecycle: {delete_after: 7 d}
        copy_actions: [{destination_vault: far}, {destination_vault: near, lifecycle: {delete_after: 90 d}}]
  cold:
    rules:
      - rule_name: rule
        target_vault: home
        every: 12 h
        lifecycle: {delete_after: 200 d, cold_storage_after: 30 d}
  continuous:
    rules:
      - rule_name: rule
        target_vault: home
        every: 1 d
        enable_continuous_backup: true
        lifecycle: {delete_after: 35 d}
  waits:
    rules:
      - rule_name: late
        target_vault: home
        every: 1 d
        lifecycle: {delete_after: 9 d}
        copy_actions: [{destination_vault: far, delay: 3 d, lifecycle: {delete_after: 30 d}}]
  waits-for-too-long:
    rules:
      - rule_name: late
        target_vault: home
        every: 1 d
        lifecycle: {delete_after: 2 d}
        copy_actions: [{destination_vault: far, delay: 3 d, lifecycle: {delete_after: 30 d}}]
strategies:
  waits: {backup: {"*": waits}}
  waits-for-too-long: {backup: {"*": waits-for-too-long}}
  replica:
    backup: {"*": copied}
    replication:
      shop.orders: {feature: cross-Region read replica, to: far}
      shop.stock: {feature: cross-Region read replica, to: far}
      shop.files: {feature: EFS replication, to: far}
    standby: {shop: {site: far, mode: warm-standby}}
  plain: {backup: {"*": plain}}
  copied: {backup: {"*": copied}}
  cold: {backup: {"shop.orders": plain, "shop.files": cold}}
  continuous: {backup: {"shop.orders": continuous, "shop.files": plain}}
  standby: {backup: {"*": copied}, standby: {shop: {site: far, mode: pilot-light}}}
  nothing: {backup: {}}
disruptions:
  lost: {kind: resource-loss}
  ransom: {kind: ransomware}
  zone: {kind: zone-outage, site: home}
  region: {kind: region-loss, site: home}
  outage: {kind: region-outage, site: home}
"""


def as_in(strategy: str, name: str) -> Callable[[Scenario], Scenario]:
    """Return the change after which a strategy of some name is another one."""

    def change(scenario: Scenario) -> Scenario:
        return scenario.model_copy(update={"strategies": {name: scenario.strategies[strategy]}})

    return change


def column_of(fates: Alone, place: int, scenario: Scenario, strategy: str, disruption: str) -> pd.DataFrame:
    """Return the rows of the log of an application under one protection, as the arrays have them."""
    world = build_world(scenario, strategy)
    rows = []
    number = list(scenario.disruptions).index(disruption)
    for unit, struck in enumerate(world.disruptions[disruption].units):
        here = np.flatnonzero((fates.disruption == number) & (fates.unit == unit))
        here = here[fates.state[place, here] != STATES.index("unaffected")]
        row = {"drill": fates.run[here], "state": [STATES[state] for state in fates.state[place, here]]}
        row["struck"] = [name_of_unit(world, world.disruptions[disruption], struck, 0)] * len(here)
        row |= {column: getattr(fates, name)[place, here] for name, column in FIGURES.items()}
        rows.append(pd.DataFrame(row))
    return pd.concat(rows).sort_values(["drill", "struck"], ignore_index=True)


def check(scenario: Scenario, resource: str, strategies: Sequence[str]) -> Alone:
    """Check that a resource fares under each of some strategies as the process clock says; return how it fares."""
    bench = Bench(scenario, drills=DRILLS)
    fates = bench.fates(resource, "it", [as_in(strategy, "it") for strategy in strategies])
    for place, strategy in enumerate(strategies):
        part = part_of(bench.scenario, resource)
        world = unlimited(build_world(part, strategy))
        for disruption in scenario.disruptions:
            log = run_drills(world, disruption, 0, DRILLS)
            log = log[log["level"] == "application"].sort_values(["drill", "struck"], ignore_index=True)
            mine = column_of(fates, place, part, strategy, disruption)
            assert list(mine["state"]) == list(log["state"]), (resource, strategy, disruption)
            assert list(mine["drill"]) == list(log["drill"]), (resource, strategy, disruption)
            for column in FIGURES.values():
                same = np.array_equal(mine[column].to_numpy(), log[column].to_numpy(dtype=float), equal_nan=True)
                assert same, (resource, strategy, disruption, column)
    return fates


@pytest.mark.parametrize("resource", ["shop.orders", "shop.stock", "shop.files"])
def test_every_protection_is_as_the_process_clock_has_it(resource: str) -> None:
    """Copies, the cold tier, logs, a standby and nothing at all; one member, two needed of three, and all of them."""
    scenario = read_scenario(FARM)
    fates = check(scenario, resource, list(scenario.strategies))
    assert fates.is_recovered.any()
    assert (fates.state == STATES.index("unprotected")).any()
    assert (fates.state == STATES.index("unrecoverable")).any()
    assert len(np.unique(fates.loss_s[~np.isnan(fates.loss_s)])) > 100


@pytest.mark.long
def test_each_resource_of_the_web_shop_under_each_strategy() -> None:
    """Replicas and servers without data, too."""
    scenario = load_scenario(shipped_scenarios()["web-shop"])
    for resource in subjects(scenario):
        check(scenario, resource, list(scenario.strategies))


def test_the_luck_is_that_of_the_whole_scenario() -> None:
    """Alone, with slots for all, an application of one resource fares as it does on the bench."""
    scenario = part_of(read_scenario(FARM), "shop.files")
    bench = Bench(scenario, drills=DRILLS)
    fates = bench.fates("shop.files", "copied", [lambda same: same])
    for number, disruption in enumerate(bench.disruptions):
        incidents = bench.affected("copied", disruption).of_subject("shop")
        mine = fates.disruption == number
        mine &= fates.state[0] != STATES.index("unaffected")
        assert np.array_equal(incidents.figures["data_loss_s"], fates.loss_s[0, mine], equal_nan=True)


def test_an_unknown_resource_is_an_error() -> None:
    """Nothing is made up."""
    with pytest.raises(KeyError):
        Bench(read_scenario(FARM)).fates("shop.orders2", "plain", [lambda same: same])
