"""The registry of changes: each is there once, does something, and is what knobs, inputs and remedies choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import get_args

import numpy as np
import pytest

from drsim.changes import registry
from drsim.changes.inputs import read_inputs
from drsim.changes.knob import NONE, Knob, Target
from drsim.changes.knobs import knobs
from drsim.changes.limits import NO_LIMIT, SLOTS
from drsim.changes.model import Change, Group, ScenarioChange, WorldChange
from drsim.changes.reach import Studied
from drsim.changes.registry import CHANGES
from drsim.changes.reliefs import RELIEFS
from drsim.changes.remedies import remedies
from drsim.changes.replication import LAG
from drsim.changes.variants import applied, varied
from drsim.distributions import Constant
from drsim.scenario import Scenario, load_scenario, read_scenario
from drsim.scenario.nodes import plain
from drsim.scenario.shipped import shipped_scenarios
from drsim.scenario.yaml_text import read_yaml
from drsim.study.bench import Bench
from drsim.study.explain import investigate
from drsim.world import World, build_world

pytestmark = pytest.mark.xdist_group("changes")  # what one test has worked out serves the others

SMALL = ("web-shop", "ransomware", "periodic-vs-continuous", "every-type")

UNPROTECTED = """
name: unprotected
sites: {home: {region: us-east-1, account: production}, away: {region: us-west-2, account: other}}
vaults: {local: {site: home}, there: {site: away}}
applications:
  shop:
    site: home
    resources: {db: {type: RDS, size: 10 GB, change_rate: 5 %/day, overrides: {restore_fixed: 1 h}}}
    steps: {network: {duration: {median: 1 h, p95: 2 h}}}
  bare: {site: home, resources: {db: {type: RDS, size: 10 GB}}}
backup_plans:
  daily:
    rules:
      - rule_name: daily
        target_vault: local
        lifecycle: {delete_after: 35 d}
        overrides: {backup_fixed: {median: 1 h, p95: 2 h}}
        copy_actions:
          - destination_vault: there
            lifecycle: {delete_after: 35 d}
            delay: {median: 1 h, p95: 2 h}
            overrides: {copy_fixed: {median: 1 h, p95: 2 h}}
strategies:
  none: {backup: {}}
  daily: {backup: {shop.db: daily}, replication: {shop.db: {feature: automated backups, retention: 7 d}}}
limits: {restore_jobs: 2}
disruptions:
  attack: {kind: ransomware, dwell: 40 d, backups_attacked: 1}
  region: {kind: region-loss, site: home}
  outage: {kind: region-outage, site: home}
"""


@cache
def shipped(name: str) -> Scenario:
    """Return a shipped scenario, or the one above."""
    return read_scenario(UNPROTECTED) if name == "unprotected" else load_scenario(shipped_scenarios()[name])


@cache
def world(name: str, strategy: str) -> World:
    """Return the world of a strategy."""
    return build_world(shipped(name), strategy)


def pairs(name: str) -> Iterator[tuple[str, str]]:
    """Yield the first and the last strategy of a scenario with each disruption."""
    scenario = shipped(name)
    for strategy in dict.fromkeys((next(iter(scenario.strategies)), list(scenario.strategies)[-1])):
        for disruption in scenario.disruptions:
            yield strategy, disruption


def uses() -> Iterator[tuple[Change | None, str]]:
    """Yield what chooses a value for a change: `knob`, `input`, `relief`, `remedy`."""
    for name in (*SMALL, "unprotected"):
        for strategy, disruption in pairs(name):
            scenario = shipped(name)
            yield from ((knob.change, "knob") for knob in knobs(scenario, strategy, disruption))
            for application in list(scenario.applications)[:2]:
                studied = Studied(scenario, world(name, strategy), disruption, application)
                yield from ((varied_input.change, "input") for varied_input in read_inputs(studied))
    yield from ((relief.change, "relief") for relief in RELIEFS)
    for strategy in ("none", "daily"):
        for disruption in ("attack", "region"):
            incident = investigate(Bench(shipped("unprotected"), strategies=[strategy]), disruption, 0)
            yield from ((remedy.change, "remedy") for remedy in remedies(incident.world, incident.recovery))


@cache
def chosen() -> dict[str, set[str]]:
    """Return who chooses a value for each change, by its id."""
    users: dict[str, set[str]] = {}
    for change, user in uses():
        if change is not None:
            assert CHANGES[change.id] is change, f"{change.id} of a {user} is not the registry's"
            users.setdefault(change.id, set()).add(user)
    return users


def test_each_change_is_registered_once() -> None:
    """No two changes have one id, each is called after its group, and each says what it changes."""
    listed = [change for room in registry._ROOMS for change in room]
    assert len(listed) == len(CHANGES) == len({id(change) for change in listed})
    for change in listed:
        assert change.group in get_args(Group)
        assert change.id.split(".")[0] == change.group
        assert change.words
        assert isinstance(change, ScenarioChange | WorldChange)


def test_every_input_of_drills_names_what_it_changes() -> None:
    """Whatever a sensitivity study varies is a change of the registry."""
    for strategy, disruption in pairs("web-shop"):
        scenario = shipped("web-shop")
        inputs = read_inputs(Studied(scenario, world("web-shop", strategy), disruption, "shop"))
        assert all(varied_input.change is not None for varied_input in inputs)


def test_each_change_is_chosen_by_somebody() -> None:
    """Nothing is registered that no knob, input, relief or remedy chooses, but for what makes room for a remedy."""
    assert set(CHANGES) - set(chosen()) <= {"plan.running", "recovery.tested"}


def test_what_is_chosen_in_several_ways_is_one_change() -> None:
    """A knob and an input of the same thing choose a value for the same change."""
    users = chosen()
    for change in ("rule.schedule", "response.detect", "disruption.dwell", "disruption.duration"):
        assert users[change] >= {"knob", "input"}, change
    assert users["limits.slots"] >= {"input", "relief"}


def _touching(name: str) -> Iterator[tuple[str, str, Knob]]:
    for strategy, disruption in pairs(name):
        for knob in knobs(shipped(name), strategy, disruption):
            yield strategy, disruption, knob


@pytest.mark.parametrize("name", SMALL)
def test_each_knob_changes_the_scenario_that_its_text_says(name: str) -> None:
    """A value chosen makes the same scenario as its text read: the text is derived, and nothing is lost on the way."""
    scenario, labels = shipped(name), set[tuple[str, str]]()
    for strategy, disruption, knob in _touching(name):
        if (knob.group, knob.label) in labels:
            continue
        labels.add((knob.group, knob.label))
        value = knob.options[0] if knob.present != knob.options[0] else knob.options[-1]
        variant = varied(scenario, strategy, disruption, {knob.key: value}).scenario
        is_moot = knob.group == "standby" and not scenario.strategies[strategy].standby and knob.label != "Standby"
        assert (variant == scenario) is (is_moot or value == NONE == knob.present)
        assert variant == _read(applied(scenario, strategy, disruption, {knob.key: value}))
        assert is_moot or value in {k.present for k in knobs(variant, strategy, disruption) if _is_same(k, knob)}


def _is_same(knob: Knob, other: Knob) -> bool:
    """Return whether two knobs are of the same thing, be it of a plan or vault of another name."""
    return knob.change is other.change and (knob.owner[1:] == other.owner[1:] or knob.group == "vault")


def _read(text: str) -> Scenario:
    """Return the scenario of a text, whatever AWS says of it."""
    return Scenario.model_validate(plain(read_yaml(text, "scenario")[0]))


def test_each_end_of_an_input_changes_its_scenario_or_world() -> None:
    """No end of a range leaves everything as it is, but where a rate multiplies what is known already."""
    for name in ("web-shop", "unprotected"):
        for strategy, disruption in pairs(name):
            scenario, compiled = shipped(name), world(name, strategy)
            for varied_input in read_inputs(Studied(scenario, compiled, disruption, "shop")):
                for end in filter(None, (varied_input.low, varied_input.high)):
                    is_same = end.edit(scenario) == scenario and end.on_world(compiled) is compiled
                    assert is_same == (varied_input.factors != (1.0, 1.0)), (name, varied_input.name)


def test_each_relief_changes_a_world() -> None:
    """Each is something else than what is, in a world that has people, a search, steps, limits, order, impairments."""
    compiled = replace(world("web-shop", "warm-standby"), inspection=Constant(3600.0))
    before = _told(compiled)
    for relief in RELIEFS:
        assert _told(relief.edit(compiled)) != before or relief.words.startswith("not waiting"), relief


def test_no_limit_is_that_of_all_resources() -> None:
    """Without limits on jobs at the same time each resource still has its own."""
    compiled = world("web-shop", "copies")
    unlimited = NO_LIMIT.edit(compiled)
    for before, after in zip(compiled.limits, unlimited.limits, strict=True):
        assert (after.slots > 10**6) is not before.is_of_resource
        assert before.is_of_resource is (before.slots == after.slots)


def _told(compiled: World) -> tuple[object, ...]:
    """Return what reliefs may change of a world."""
    return (
        *(
            compiled.detect,
            compiled.declare,
            compiled.inspection,
            compiled.validation,
            compiled.redirection,
            compiled.limits,
        ),
        *(compiled.members, compiled.steps, compiled.resources, compiled.applications, compiled.disruptions),
    )


def test_edits_share_what_they_leave_alone() -> None:
    """What a change does not touch is the same object afterwards."""
    scenario = shipped("web-shop")
    variant = varied(scenario, "copies", "region-loss", {"response/detect": "1 h"}).scenario
    assert variant.applications is scenario.applications
    assert variant.vaults is scenario.vaults
    knob = next(k for k in knobs(scenario, "copies", "region-loss") if k.change.id == "rule.retention")
    edited = knob.edit(Target("copies", knob.plan), "60 d")(scenario)
    others = [plan for plan in scenario.backup_plans if plan != knob.plan]
    assert others
    assert all(edited.backup_plans[plan] is scenario.backup_plans[plan] for plan in others)


def test_slots_of_limits_are_found_by_name() -> None:
    """A world in which nobody asks for the limit stays the very same; with it, members are grouped anew."""
    compiled = world("ransomware", next(iter(shipped("ransomware").strategies)))
    assert SLOTS.edit({"nobody's": 1})(compiled) is compiled
    shared = next(limit for limit in compiled.limits if not limit.is_of_resource)
    changed = SLOTS.edit({shared.name: 1})(compiled)
    slots = [limit.slots for limit in changed.limits]
    assert slots[compiled.limits.index(shared)] == 1
    assert [limit.slots for limit in compiled.limits if limit is not shared] == [
        limit.slots for limit in changed.limits if limit.name != shared.name
    ]
    assert np.unique(changed.component_of).size == len(changed.components)


def test_a_lag_reaches_the_snapshots_of_its_feature_whatever_their_streams_are_called() -> None:
    """What a service takes by itself is known by where it lies, not by the name of a stream."""
    scenario = load_scenario(shipped_scenarios()["web-shop"])
    world = build_world(scenario, "warm-standby")
    renamed = replace(world, streams=tuple(replace(stream, name="any") for stream in world.streams))
    lag, lagging = Constant(77.0), 0
    for s, stream in enumerate(world.streams):
        kind = scenario.catalogue.types[world.resources[world.members[stream.member].resource].type]
        storage = world.vaults[stream.vault]
        feature = kind.replication.get(storage.name) if storage.native else None
        if feature is not None and feature.kind == "snapshots":
            changed = LAG.edit(kind.name, feature, lag)(renamed).streams
            assert changed[s].work.whole == lag
            others = [o for o, other in enumerate(world.streams) if world.vaults[other.vault] != storage]
            assert all(changed[o].work == world.streams[o].work for o in others)
            lagging += 1
    assert lagging
