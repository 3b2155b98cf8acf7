"""Objectives as they may be written: an RPO of a time, a size or both, and full performance."""

from __future__ import annotations

from typing import Any

import pytest

from drsim.errors import InputError
from drsim.scenario import LossLimits, check_text, dump_scenario, read_scenario, scenario_schema
from drsim.scenario.estate import application_rows, resource_rows, with_estate
from tests.scenarios import scenario_text

HOUR, GB = 3600.0, 1e9
FORMS = {
    "4 h": (4 * HOUR, None),
    "{time: 4 h}": (4 * HOUR, None),
    "{size: 10 GB}": (None, 10 * GB),
    "{time: 4 h, size: 10 GB}": (4 * HOUR, 10 * GB),
}


def text(objectives: str) -> str:
    """Return a scenario whose application has these objectives."""
    return scenario_text(app=f"objectives: {objectives}")


@pytest.mark.parametrize("rpo", FORMS)
def test_an_rpo_is_a_time_a_size_or_both(rpo: str) -> None:
    """Each form says what it limits; the scenario is saved and loaded as the same, as written and as plain data."""
    scenario = read_scenario(text(f"{{rpo: {rpo}, rto_full: 1 d}}"))
    objectives = scenario.applications["app"].objectives
    assert (objectives.rpo_s, objectives.rpo_bytes) == FORMS[rpo]
    assert (objectives.rto_s, objectives.rto_full_s) == (None, 24 * HOUR)
    saved = dump_scenario(scenario.read_from(None, ()))
    assert read_scenario(saved) == scenario == read_scenario(dump_scenario(scenario))
    assert isinstance(objectives.rpo, LossLimits) == rpo.startswith("{")


def test_the_nearest_rpo_wins_as_a_whole() -> None:
    """Under a disruption an RPO takes the place of the application's, its time and its size; other keys stay."""
    scenario = read_scenario(text("{rpo: {time: 4 h, size: 1 GB}, rto_full: 1 d, for: {it: {rpo: {size: 2 GB}}}}"))
    objectives = scenario.applications["app"].objectives
    own, other = objectives.under("it"), objectives.under("another")
    assert (own.rpo_s, own.rpo_bytes, own.rto_full_s, own.attainment) == (None, 2 * GB, 24 * HOUR, 0.95)
    assert (other.rpo_s, other.rpo_bytes) == (4 * HOUR, GB)


@pytest.mark.parametrize(
    ("rpo", "check", "place", "repair"),
    [
        ("5", "missing-unit", "`applications.app.objectives.rpo` is 5", ""),
        ("{time: 4}", "missing-unit", "`applications.app.objectives.rpo.time` is 4", ""),
        ("{size: 4 h}", "wrong-quantity", "`applications.app.objectives.rpo.size` is '4 h'", ""),
        ("{sise: 4 GB}", "unknown-key", "`applications.app.objectives.rpo.sise`", "time, size"),
        ("{}", "empty-rpo", "`applications.app.objectives.rpo` gives neither", "{time: 4 h, size: 10 GB}"),
        ("[1 h]", "wrong-quantity", "`applications.app.objectives.rpo`", ""),
    ],
)
def test_what_is_no_rpo_is_refused_in_its_place(rpo: str, check: str, place: str, repair: str) -> None:
    """What is wrong has its line, what was found, and what to write."""
    with pytest.raises(InputError) as refused:
        read_scenario(text(f"{{rto: 1 h, rpo: {rpo}}}"))
    found = {each.check: each for each in refused.value.problems}
    # without the unknown key nothing is left
    assert set(found) == {check, "empty-rpo"} if check == "unknown-key" else {check}
    problem = found[check]
    assert (problem.check, problem.line > 0) == (check, True)
    assert problem.found.startswith(place)
    assert repair in problem.repair


def test_an_empty_rpo_under_a_disruption_is_refused() -> None:
    """Objectives of a disruption are looked at, too."""
    _, errors, _ = check_text(text("{rpo: 1 h, for: {it: {rpo: {}}}}"))
    assert [(error.check, "objectives.for.it.rpo" in error.found) for error in errors] == [("empty-rpo", True)]


def test_the_schema_has_both_forms_and_full_performance() -> None:
    """The JSON schema takes a duration or time and size, for the application and under a disruption."""
    definitions: Any = scenario_schema()["$defs"]
    for name in ("Objectives", "ObjectiveSet"):
        own = definitions[name]["properties"]
        assert {"$ref": "#/$defs/duration"} in own["rpo"]["anyOf"]
        assert {"$ref": "#/$defs/LossLimits"} in own["rpo"]["anyOf"]
        assert {"$ref": "#/$defs/duration"} in own["rto_full"]["anyOf"]
    assert set(definitions["LossLimits"]["properties"]) == {"time", "size"}


def test_the_table_of_applications_holds_both() -> None:
    """A cell shows an RPO of a time and a size as a file has it, and takes one."""
    written = text("{rpo: {time: 4 h, size: 10 GB}, rto_full: 1 d}")
    scenario = read_scenario(written)
    rows, resources = application_rows(scenario), resource_rows(scenario)
    assert (rows[0]["rpo"], rows[0]["rto_full"]) == ("{time: 4 h, size: 10 GB}", "1 d")
    assert with_estate(written, scenario, rows, resources) == written
    rows[0] |= {"rpo": "{size: 3 GB}", "rto_full": "2 d"}
    objectives = read_scenario(with_estate(written, scenario, rows, resources)).applications["app"].objectives
    assert (objectives.rpo_s, objectives.rpo_bytes, objectives.rto_full_s) == (None, 3 * GB, 48 * HOUR)
