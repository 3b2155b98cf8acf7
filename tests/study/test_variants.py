"""Variants of a scenario: what can be changed, and what a change leaves alone."""

from __future__ import annotations

import pandas as pd
import pytest

from drsim.changes.knob import Knob
from drsim.changes.knobs import WORLD, knobs, legal
from drsim.changes.variants import applied, kept, with_changes
from drsim.scenario import Scenario, check_text, read_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study import drills

SHIPPED = {name: path.read_text(encoding="utf-8") for name, path in shipped_scenarios().items()}
SMALL = [name for name in SHIPPED if name != "region-evacuation"]

EVERY = "rule/nightly-with-copies/0/every"
SHOP = ("copies", "region-loss")


def scenario(name: str = "web-shop") -> Scenario:
    """Return a shipped scenario."""
    return read_scenario(SHIPPED[name])


def summary(text: str, strategy: str) -> pd.DataFrame:
    """Return the summary of some drills of a strategy, without its name."""
    found = drills.run(read_scenario(text), strategies=(strategy,), drills=12, workers=1, keep_incidents=False).summary
    return found.drop(columns="strategy")


@pytest.mark.parametrize("name", SHIPPED)
def test_no_changes_are_the_same_scenario(name: str) -> None:
    """Without changes each strategy's variant is the scenario, and so is one with its present values."""
    found = scenario(name)
    disruption = next(iter(found.disruptions))
    for strategy in found.strategies:
        present = {knob.key: knob.present for knob in knobs(found, strategy, disruption)}
        assert read_scenario(applied(found, strategy, disruption, present)) == found
        assert with_changes(SHIPPED[name], found, strategy, disruption, present) == SHIPPED[name]


def _cases() -> list[tuple[str, str, Knob, str]]:
    """Return each knob of the small scenarios with the values next to its present one."""
    cases = []
    for name in SMALL:
        found = scenario(name)
        strategy, disruption = list(found.strategies)[-1], list(found.disruptions)[-1]
        owners = set()
        for knob in knobs(found, strategy, disruption):
            if (knob.group, knob.label) not in owners:  # one of a kind: every type has a resource of its own
                owners.add((knob.group, knob.label))
                k = knob.options.index(knob.present)
                cases += [(name, strategy, knob, v) for v in knob.options[max(k - 1, 0) : k + 2] if v != knob.present]
    return cases


@pytest.mark.parametrize(("name", "strategy", "knob", "value"), _cases(), ids=lambda x: getattr(x, "key", str(x)))
def test_each_knob_changes_its_value_and_nothing_else(name: str, strategy: str, knob: Knob, value: str) -> None:
    """After a change the knob stands at its new value, the other strategies are what they were."""
    found = scenario(name)
    disruption = list(found.disruptions)[-1]
    changed, errors, _ = check_text(applied(found, strategy, disruption, {knob.key: value}))
    if errors:
        # what AWS refuses, with what to do instead
        assert all(problem.repair for problem in errors)
        return
    assert changed is not None
    if knob.key.endswith(("/site", "/capacity")) and knob.owner[0] not in found.strategies[strategy].standby:
        assert changed == found  # there is no standby to be elsewhere
        return
    assert changed != found
    for other in found.strategies:
        if other != strategy:
            assert changed.strategies[other] == found.strategies[other]
    assert all(changed.backup_plans[plan] == found.backup_plans[plan] for plan in found.backup_plans)
    assert all(changed.vaults[vault] == found.vaults[vault] for vault in found.vaults)
    if knob.group == "vault":
        return  # it is another vault now
    values = [
        k.present
        for k in knobs(changed, strategy, disruption)
        if (k.group, k.owner[1:], k.label) == (knob.group, knob.owner[1:], knob.label)
        and (knob.group == "rule" or k.key == knob.key)
    ]
    assert value in values
    if knob.group not in WORLD:
        assert (changed.response, changed.limits, changed.disruptions) == (
            found.response,
            found.limits,
            found.disruptions,
        )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({EVERY: "1 d"}, marks=pytest.mark.long),
        pytest.param({"rule/nightly-with-copies/0/copy/dr": "no copy"}, marks=pytest.mark.long),
        pytest.param({"vault/isolated/lock": "governance"}, marks=pytest.mark.long),
        pytest.param(
            {"standby/shop/mode": "pilot-light", "replication/shop.orders": "Aurora Global Database → recovery"},
            marks=pytest.mark.long,
        ),
        {"response/detect": "1 h", EVERY: "12 h"},
    ],
    ids=str,
)
def test_kept_strategy_gives_the_same_as_the_changed_one(changes: dict[str, str]) -> None:
    """What is kept under another name meets the same drills with the same luck."""
    found = scenario()
    text = kept(SHIPPED["web-shop"], found, *SHOP, changes, "other")
    assert set(read_scenario(text).strategies) == {*found.strategies, "other"}
    assert "# web-shop: a three-tier shop" in text
    live = summary(applied(found, *SHOP, changes), "copies")
    pd.testing.assert_frame_equal(live, summary(text, "other"))
    pd.testing.assert_frame_equal(live, summary(with_changes(SHIPPED["web-shop"], found, *SHOP, changes), "copies"))
    assert not live.equals(summary(SHIPPED["web-shop"], "copies"))


def test_change_of_retention_keeps_the_luck() -> None:
    """Rules keep their names on the plan of their own: what the change does not touch comes out the same."""
    found = scenario()
    longer = applied(found, *SHOP, {"rule/nightly-with-copies/0/delete_after": "60 d"})
    before, after = (summary(text, "copies") for text in (SHIPPED["web-shop"], longer))
    own = before["disruption"].isin(["zone-outage", "region-outage", "region-loss"])
    pd.testing.assert_frame_equal(before[own], after[own])


def test_name_of_a_strategy_cannot_be_taken() -> None:
    """A new strategy does not replace one."""
    for name in ("copies", " "):
        with pytest.raises(ValueError, match="name"):
            kept(SHIPPED["web-shop"], scenario(), *SHOP, {EVERY: "1 d"}, name)


def test_what_no_knob_takes_is_left_out() -> None:
    """Links may hold anything."""
    found = knobs(scenario(), *SHOP)
    asked: dict[str, object] = {EVERY: "1 fortnight", "rule/x": "1 d", "response/detect": 5, "limits/copy_jobs": "5"}
    assert legal(found, asked) == {"limits/copy_jobs": "5"}


def test_refusals_of_aws_are_the_normal_problems() -> None:
    """Cold storage for 90 d, continuous for 35 d at most."""
    found = scenario()
    plan = "rule/nightly-with-copies/0"
    for changes, check in (
        ({f"{plan}/cold_storage_after": "30 d"}, "lifecycle-too-short"),
        ({f"{plan}/continuous": "on", f"{plan}/delete_after": "60 d"}, "continuous-retention"),
    ):
        _, errors, _ = check_text(applied(found, *SHOP, changes))
        assert [problem.check for problem in errors] == [check]
        assert all(problem.repair for problem in errors)


def test_spread_goes_with_the_median() -> None:
    """A slower response is slower in its tail, too."""
    found = read_scenario(applied(scenario(), *SHOP, {"response/detect": "30 min", "response/declare": "0 d"}))
    assert found.response.detect.quantile(0.5) == pytest.approx(1800)
    assert found.response.detect.quantile(0.95) == pytest.approx(4 * 1800)
    assert found.response.declare.quantile(0.95) == 0


def test_feature_for_all_of_a_type_is_taken_from_one() -> None:
    """A selector for many becomes entries of their own, so that one can do without."""
    text = SHIPPED["web-shop"].replace(
        "shop.catalog: {feature: global", '"type:DynamoDB with advanced features": {feature: global'
    )
    found = read_scenario(text)
    changed = read_scenario(applied(found, "warm-standby", "region-loss", {"replication/shop.catalog": "none"}))
    assert set(found.strategies["warm-standby"].replication) - set(changed.strategies["warm-standby"].replication) == {
        "type:DynamoDB with advanced features"
    }
    assert "shop.orders" in changed.strategies["warm-standby"].replication


def test_an_air_gapped_primary_target_stays_one() -> None:
    """Its lock is no knob and no copy goes there; a changed strategy with vaults of its own still writes into it."""
    text = SHIPPED["web-shop"].replace("vaults:\n", "vaults:\n  gap: {site: home, lock: air-gapped}\n", 1)
    target = "        target_vault: local\n"
    text = text.replace(target, f"{target}        target_air_gapped_vault: gap\n")
    found = read_scenario(text)
    keys = {knob.key for knob in knobs(found, *SHOP)}
    assert "vault/local/lock" in keys
    assert not {key for key in keys if "gap" in key}
    changed = read_scenario(applied(found, *SHOP, {"vault/local/lock": "governance"}))
    targets = {rule.target_air_gapped_vault for plan in changed.backup_plans.values() for rule in plan.rules}
    assert targets <= {"gap", None}
    assert "gap" in targets
