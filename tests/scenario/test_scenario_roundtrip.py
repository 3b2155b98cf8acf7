"""What is saved loads to the same, and the schema fits what is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drsim.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Triangular,
    Uniform,
    Weibull,
    parse,
)
from drsim.ranges import QUANTITIES
from drsim.scenario import Rule, check_text, dump_scenario, load_scenario, read_scenario, scenario_data, scenario_schema
from drsim.scenario.nodes import Plain, plain
from drsim.scenario.quantities import READERS
from drsim.scenario.writing import UNITS, write_distribution, write_quantity
from drsim.scenario.yaml_text import read_yaml
from drsim.text import unprintable
from tests.examples import examples

DATA = Path(__file__).parents[1] / "data"
SCENARIOS = sorted((DATA / "scenarios").glob("*.yaml")) + sorted((DATA / "warned").glob("*.yaml"))
WEB_SHOP = DATA / "scenarios" / "web-shop.yaml"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_dumped_scenario_loads_to_the_same(path: Path) -> None:
    """Save and load give an equal scenario, with the text kept and without, in any folder."""
    scenario = load_scenario(path)
    assert read_scenario(dump_scenario(scenario)) == scenario
    assert read_scenario(dump_scenario(scenario.read_from(None, ()))) == scenario


EVERY_KEY = """
sites: {home: {region: us-east-1, account: production}, far: {region: us-west-2, account: production}}
vaults: {local: {site: home}, gap: {site: home, lock: air-gapped}, dr: {site: far}}
applications:
  base: {site: home, rebuild: {median: 10 d, p95: 40 d}, resources: {db: {type: RDS, size: 1 GB}}}
  shop:
    site: home
    requires: [base]
    rebuild: 36 h
    loss_tolerance: 90 s
    resources:
      files: {type: EFS, size: 1 GB}
      web: {type: EC2, size: 1 GB, stateless: true, count: 12, needs: 8}
backup_plans:
  plan:
    rules:
      - rule_name: monthly
        target_vault: local
        target_air_gapped_vault: gap
        schedule: cron(0 5 1 * ? *)
        age: 3 y
        lifecycle: {cold_storage_after: 30 d, opt_in_to_archive: true, delete_after_event: copy}
        copy_actions: [{destination_vault: dr, age: 7 y, lifecycle: {opt_in_to_archive: false}}]
strategies:
  only:
    backup: plan
    replication: {base.db: {feature: automated backups, retained_on_delete: true}}
disruptions:
  slip: {kind: accidental-deletion, deletes: resource, total_rate: 2 /year}
  shift: {kind: service-outage}
overrides:
  RDS: {log_replay_rate: "{median: 30 MB/s, p5: 10 MB/s}", log_factor: 3, log_failure: {p: 1 %, lasts: 2 d}}
  "*": {backup_failure: {p: 1 %, lasts: {exponential: 2 d}, shared: account}}
""".replace('"{', "{").replace('}"', "}")


def test_every_key_of_what_aws_obeys_comes_back() -> None:
    """Keys of rebuilds, members, archives, air-gapped targets, ages, logs and shared spells are saved and loaded."""
    scenario = read_scenario(EVERY_KEY)
    bare = scenario.read_from(None, ())
    assert read_scenario(dump_scenario(scenario)) == scenario == read_scenario(dump_scenario(bare))
    shop, (rule,) = scenario.applications["shop"], scenario.backup_plans["plan"].rules
    assert (shop.requires, shop.loss_tolerance, shop.resources["web"].needs) == (("base",), 90.0, 8)
    assert (rule.age, rule.copy_actions[0].age) == (3 * 365 * 86400.0, 7 * 365 * 86400.0)
    assert scenario.strategies["only"].features["base.db"].retained_on_delete is True
    assert scenario.disruptions["slip"].total_rate == 2
    law = scenario.overrides["*"]["backup_failure"]
    assert (law.p, law.shared) == (0.01, "account")  # type: ignore[union-attr]  # it is a failure law


def test_keys_that_are_left_out_have_the_contract_s_defaults() -> None:
    """Nothing new changes a scenario that does not use it."""
    scenario = load_scenario(WEB_SHOP)
    for application in scenario.applications.values():
        assert (application.requires, application.rebuild, application.loss_tolerance) == ((), None, 300.0)
        assert {resource.needs for resource in application.resources.values()} == {None}
    for plan in scenario.backup_plans.values():
        for rule in plan.rules:
            assert (rule.age, rule.target_air_gapped_vault) == (None, None)
            assert (rule.lifecycle.opt_in_to_archive, rule.lifecycle.delete_after_event) == (False, None)
    assert {(each.total_rate, each.deletes) for each in scenario.disruptions.values()} == {(None, "data")}


def test_what_was_written_is_kept() -> None:
    """A scenario that nobody changed is saved as the user wrote it, quantity by quantity."""
    scenario = load_scenario(WEB_SHOP)
    node, _ = read_yaml(WEB_SHOP.read_text(), "f")
    assert scenario_data(scenario) == plain(node)


def test_a_change_touches_what_changed() -> None:
    """A changed rule is written anew, and the text around it stays."""
    scenario = load_scenario(WEB_SHOP)
    plans = dict(scenario.backup_plans)
    rule = plans["nightly"].rules[0].model_copy(update={"start_window": 5400.0})
    plans["nightly"] = plans["nightly"].model_copy(update={"rules": (rule,)})
    changed = scenario.model_copy(update={"backup_plans": plans})
    text = dump_scenario(changed)
    assert read_scenario(text) == changed != scenario
    assert "start_window: 90 min" in text or "start_window: 1.5 h" in text
    assert "p95: 60 min" in text


@given(st.sampled_from(sorted(UNITS)), st.floats(0, 1, exclude_min=True), st.integers(-6, 15))
def test_quantities_are_written_exactly(kind: str, digits: float, exponent: int) -> None:
    """A written quantity reads as the same float; a share a day or a year may be one step off."""
    value = min(digits * 10.0**exponent, digits * QUANTITIES[kind].most)
    read = READERS[kind](write_quantity(kind, value, READERS[kind]))
    assert read == pytest.approx(value, rel=1e-15, abs=0)
    if kind not in ("change-rate", "growth"):
        assert read == value


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("duration", 86400.0, "1 d"),
        ("duration", 5400.0, "90 min"),
        ("duration", 43200.0, "12 h"),
        ("size", 500e9, "500 GB"),
        ("change-rate", 0.04, "4 %/day"),
        ("fraction", 0.8, "80 %"),
        ("money-rate", 20000 / 3600, "20000 USD/h"),
        ("count", 40e6, 40_000_000),
    ],
)
def test_quantities_are_written_as_people_do(kind: str, value: float, text: str) -> None:
    """The shortest number without exponent is chosen."""
    assert write_quantity(kind, value, READERS[kind]) == text


SECONDS = st.floats(1e-3, 1e9)
SPREADS = st.tuples(SECONDS, SECONDS, SECONDS).map(sorted)
DISTRIBUTIONS: st.SearchStrategy[Distribution] = st.one_of(
    SECONDS.map(Constant),
    SECONDS.map(Exponential),
    SPREADS.map(lambda t: Uniform(t[0], t[2])),
    SPREADS.map(lambda t: Triangular(*t)),
    st.builds(Weibull, SECONDS, st.floats(0.1, 10)),
    st.lists(SECONDS, min_size=1, max_size=5).map(lambda v: Empirical(tuple(sorted(v)))),
)


@given(DISTRIBUTIONS)
def test_distributions_are_written_exactly(value: Distribution) -> None:
    """A written distribution reads as the same one."""
    read = READERS["duration"]
    assert parse(write_distribution("duration", value, read), read) == value


@given(st.integers(1, 500), st.integers(1, 99), st.sampled_from(["min", "h", "d"]), st.sampled_from(["p5", "p95"]))
def test_lognormals_that_people_write_come_back(median: int, factor: int, unit: str, quantile: str) -> None:
    """A lognormal given by median and p5 or p95 in whole units is written so that it reads as the same one."""
    other = median + factor if quantile == "p95" else median / (1 + factor)
    read = READERS["duration"]
    value = parse({"median": f"{median} {unit}", quantile: f"{other!r} {unit}", "max": f"{2 * median} {unit}"}, read)
    again = parse(write_distribution("duration", value, read), read)
    assert isinstance(again, Lognormal)
    assert isinstance(value, Lognormal)
    assert (again.median, again.cap) == (value.median, value.cap)
    assert again.sigma == pytest.approx(value.sigma, rel=1e-14)


_PERIODIC = load_scenario(DATA / "scenarios" / "periodic.yaml")


@examples(60)
@given(st.text(max_size=40).filter(lambda text: unprintable(text, "\n\t") is None))
def test_any_description_comes_back(text: str) -> None:
    """Whatever can be seen in a description, it is saved and loaded as it is."""
    named = _PERIODIC.model_copy(update={"description": text})
    assert read_scenario(dump_scenario(named)).description == text


def places(data: Plain, loc: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return all places of plain data."""
    pairs: list[tuple[str | int, Plain]] = []
    if isinstance(data, dict):
        pairs = list(data.items())
    elif isinstance(data, list):
        pairs = list(enumerate(data))
    return [p for key, value in pairs for p in ((*loc, key), *places(value, (*loc, key)))]


WRITTEN = scenario_data(load_scenario(WEB_SHOP))
JUNK: st.SearchStrategy[Plain] = st.sampled_from(
    [None, True, 0, -1, 1.5, "", "?", "1 h", "*", [], ["x"], [[]], {}, {"x": 1}, {"median": 1}, {"*": None}]
)


@examples(80)
@given(st.sampled_from(places(WRITTEN)), JUNK)
def test_junk_anywhere_is_a_problem_or_a_scenario(loc: tuple[str | int, ...], junk: Plain) -> None:
    """Whatever stands in one place of a scenario, the answer is a scenario or problems, never another exception."""
    data: Any = json.loads(json.dumps(WRITTEN))
    inner = data
    for part in loc[:-1]:
        inner = inner[part]
    inner[loc[-1]] = junk
    scenario, errors, _ = check_text(json.dumps(data, indent=1))
    assert (scenario is None) == bool(errors)
    assert all(error.found and error.rule for error in errors)
    if scenario is not None:
        assert read_scenario(dump_scenario(scenario)) == scenario


def test_the_schema_describes_every_key() -> None:
    """Every key of the JSON schema has a description, and every reference leads somewhere."""
    schema: Any = scenario_schema()
    models = [schema, *(body for body in schema["$defs"].values() if "properties" in body and "title" in body)]
    assert len(models) > 15
    undescribed = [
        (m["title"], key) for m in models for key, value in m["properties"].items() if "description" not in value
    ]
    assert undescribed == []
    text = json.dumps(schema)
    references = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert references <= set(schema["$defs"])
    assert {"validate", "redirect"} <= set(schema["$defs"]["Response"]["properties"])


def test_the_schema_knows_how_failures_are_written() -> None:
    """Backups, copies and logs fail in spells, of one job or of an account; a restore and a scan by themselves."""
    overrides: Any = scenario_schema()["$defs"]["Overrides"]  # type: ignore[index, call-overload]  # plain data
    forms = {name: body["anyOf"][1]["properties"] for name, body in overrides["properties"].items() if "anyOf" in body}
    failing = {name: set(form) for name, form in forms.items() if "p" in form}
    spells = {"p", "lasts", "shared"}
    assert failing == {
        "backup_failure": spells,
        "copy_failure": spells,
        "log_failure": spells,
        "restore_failure": {"p"},
        "restore_failure_tested": {"p"},
        "scan_misses": {"p"},
    }
    assert {"log_replay_rate", "log_replay_speed", "log_factor"} <= set(overrides["properties"])


def test_the_schema_shows_defaults_as_they_are_written() -> None:
    """A default in the schema is a text that a scenario may hold."""
    schema: Any = scenario_schema()
    assert schema["$defs"]["Rule"]["properties"]["start_window"]["default"] == "8 h"
    assert schema["$defs"]["Response"]["properties"]["detect"]["default"] in ("0 s", "0 d")
    assert Rule(rule_name="r", target_vault="v").start_window == READERS["duration"]("8 h")
