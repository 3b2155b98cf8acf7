"""An estate in tables, and what edits of them make of the scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drsim.scenario import Scenario, check_text, read_scenario
from drsim.scenario.estate import APPLICATION, RESOURCE, WAS, application_rows, resource_rows, row_problems, with_estate
from drsim.scenario.shipped import shipped_scenarios

TEXT = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")


def tables(text: str = TEXT) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the tables of a scenario."""
    scenario = read_scenario(text)
    return application_rows(scenario), resource_rows(scenario)


def made(apps: list[dict[str, Any]], resources: list[dict[str, Any]]) -> Scenario:
    """Return the scenario of edited tables."""
    text = with_estate(TEXT, read_scenario(TEXT), apps, resources)
    scenario, errors, _ = check_text(text)
    assert not errors
    assert scenario is not None
    return scenario


@pytest.mark.parametrize("path", shipped_scenarios().values(), ids=lambda path: path.stem)
def test_tables_as_they_are_change_nothing(path: Path) -> None:
    """Every shipped scenario stays, to the character."""
    text = path.read_text(encoding="utf-8")
    assert with_estate(text, read_scenario(text), *tables(text)) == text
    assert row_problems(*tables(text)) == ()


def test_cells_are_set_and_emptied() -> None:
    """A cell becomes a value, an empty one goes."""
    apps, resources = tables()
    apps[0] |= {"rpo": "2 h", "priority": "1", "unrecoverable_cost": ""}
    resources[0] |= {"size": "1 TB", "tested": True, "deployment": None, "count": 3.0}
    found = made(apps, resources).applications["shop"]
    assert (found.objectives.rpo, found.priority, found.unrecoverable_cost) == (7200, 1, None)
    orders = found.resources["orders"]
    assert (orders.size, orders.tested, orders.deployment, orders.count) == (1e12, True, None, 3)
    assert orders.instance == "db.r6g.large"  # which no table shows


def test_new_rows_and_deleted_ones() -> None:
    """Rows come and go, and with them what strategies say of them."""
    apps, resources = tables()
    empty: dict[str, Any] = dict.fromkeys((WAS, *APPLICATION, *RESOURCE))
    apps.append({**empty, "application": "blog", "site": "home", "rpo": "1 d", "after": "shop"})
    resources = [row for row in resources if row["resource"] != "warehouse"]
    resources.append({**empty, "application": "blog", "resource": "disk", "type": "EBS", "size": "8 GB"})
    found = made([row for row in apps if row["application"] != "analytics"], resources)
    assert list(found.applications) == ["shop", "blog"]
    assert found.applications["blog"].after == ("shop",)
    assert found.applications["blog"].resources["disk"].type == "EBS"
    assert "analytics.warehouse" not in found.strategies["warm-standby"].replication


def test_renaming_goes_through_the_whole_scenario() -> None:
    """Strategies, steps and dependencies follow a new name; names may be exchanged."""
    apps, resources = tables()
    apps[0]["application"] = "store"
    for row in resources:
        row["application"] = {"shop": "store"}.get(row["application"], row["application"])
        row["resource"] = {"orders": "shared", "shared": "orders"}.get(row["resource"], row["resource"])
    found, before = made(apps, resources), read_scenario(TEXT)
    assert list(found.applications) == ["store", "analytics"]
    store, shop = found.applications["store"], before.applications["shop"]
    assert list(store.resources) == ["shared", "catalog", "images", "orders", "web"]
    assert store.resources["orders"] == shop.resources["shared"]
    assert store.resources["web"].after == ("shared", "catalog", "orders")
    assert found.applications["analytics"].after == ("store",)
    strategy = found.strategies["warm-standby"]
    assert strategy.replication["store.orders"] == before.strategies["warm-standby"].replication["shop.shared"]
    assert list(strategy.standby) == ["store"]


def test_resource_moves_with_all_it_has() -> None:
    """A resource of another application keeps what no table shows."""
    apps, resources = tables()
    resources[0] |= {"application": "analytics", "after": ""}
    resources[4]["after"] = "catalog, shared"
    found = made(apps, resources)
    assert found.applications["analytics"].resources["orders"].instance == "db.r6g.large"
    assert "orders" not in found.applications["shop"].resources
    assert "analytics.orders" in found.strategies["warm-standby"].replication


def test_rows_that_cannot_be_written_are_told() -> None:
    """No name, a name twice, an application that is not there."""
    apps, resources = tables()
    resources[0]["resource"] = " "
    resources[1]["resource"] = "images"
    resources[3]["application"] = "moon"
    problems = row_problems(apps, resources)
    assert [next(word for word in ("no name", "two", "is of") if word in problem) for problem in problems] == [
        "no name",
        "two",
        "is of",
    ]
