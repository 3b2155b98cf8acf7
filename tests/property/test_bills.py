"""What an application costs depends on nothing that it does not share with others."""

from __future__ import annotations

import math

import pandas as pd
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from drsim.scenario import Scenario, matches, read_scenario, subjects
from drsim.study.costs import STEADY_COLUMNS, costs_by_application, steady_costs
from drsim.world import build_world
from tests.property.strategies import STRATEGY, Data, as_text, scenarios

modest = settings(
    max_examples=12, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def bill(scenario: Scenario) -> pd.DataFrame:
    """Return the steady bill of the one strategy."""
    return steady_costs(scenario, build_world(scenario, STRATEGY))


def beside(data: Data) -> Data:
    """Return a scenario with one more application, whose plan keeps a point of each year for ten."""
    archive = {
        "rule_name": "yearly",
        "target_vault": "local",
        "schedule": "cron(0 5 1 1 ? *)",
        "lifecycle": {"delete_after": "3650 d"},
    }
    strategy = data["strategies"][STRATEGY]
    written = strategy.get("backup", {})
    backup = ({"*": written} if isinstance(written, str) else written) | {"neighbour.*": "archive"}
    app = {"site": "home", "resources": {"disk": {"type": "EBS", "size": "10 GB"}}}
    return data | {
        "applications": {"neighbour": app} | data["applications"],
        "backup_plans": {"archive": {"rules": [archive]}} | data["backup_plans"],
        "strategies": {STRATEGY: strategy | {"backup": backup}},
    }


def alone(scenario: Scenario, name: str) -> Scenario:
    """Return a scenario with one of its applications, and the plans that back it up."""
    app = scenario.applications[name].model_copy(update={"after": (), "requires": ()})
    strategy = scenario.strategies[STRATEGY]
    resources = subjects(scenario).items()
    own = [(subject, written.resource.type) for subject, written in resources if written.application == name]
    backup = tuple(
        (selector, plans) for selector, plans in strategy.backup if any(matches(selector, *each) for each in own)
    )
    used = {plan for _, plans in backup for plan in plans}
    return scenario.model_copy(
        update={
            "applications": {name: app},
            "backup_plans": {plan: rules for plan, rules in scenario.backup_plans.items() if plan in used},
            "strategies": {STRATEGY: strategy.model_copy(update={"backup": backup})},
        }
    )


def figures(costs: pd.DataFrame, name: str) -> list[tuple[object, ...]]:
    """Return the rows of an application, but for the names of places.

    A vault that is wherever its resource is bears the name of its site only where there are two.
    """
    own = costs["subject"].str.startswith(f"{name}.")
    columns = [column for column in STEADY_COLUMNS if column != "place"]
    rows = costs.loc[own, columns].astype(object).itertuples(index=False)
    return [tuple("" if isinstance(cell, float) and math.isnan(cell) else cell for cell in row) for row in rows]


@modest
@given(scenarios(), st.sampled_from([None, "20 d", "500 d"]))
def test_an_application_costs_what_it_costs_alone(data: Data, warm_up: str | None) -> None:
    """Every row of an application's bill is the same to the last bit, whatever else the scenario holds."""
    data = {key: value for key, value in data.items() if key != "warm_up"} | ({"warm_up": warm_up} if warm_up else {})
    text = as_text(beside(data))
    note(text)
    scenario = read_scenario(text)
    whole = bill(scenario)
    for name in scenario.applications:
        assert figures(whole, name) == figures(bill(alone(scenario, name)), name)


@modest
@given(scenarios())
def test_applications_add_up_to_the_total(data: Data) -> None:
    """The costs by application are the total, and every line counts in one of them."""
    costs = bill(read_scenario(as_text(data)))
    parts, total = costs_by_application(costs), costs[costs["line"] == "total"]
    assert math.isclose(parts["usd_per_month"].sum(), total["usd_per_month"].iloc[0], rel_tol=1e-12)
    lines = costs[(costs["line"] != "total") & ((costs["quantity"] != 0) | costs["usd_per_month"].isna())]
    assert parts[["priced", "unpriced"]].to_numpy().sum() == len(lines)
    assert total["subject"].tolist() == [""]
