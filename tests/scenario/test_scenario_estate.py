"""An estate in tables, and what edits of them make of the scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drsim.scenario import Scenario, check_text, read_scenario
from drsim.scenario.by_resource import findings_by_resource
from drsim.scenario.estate import (
    APPLICATION,
    RESOURCE,
    application_rows,
    dropped_keys,
    hidden_keys,
    is_edited,
    resource_rows,
    row_problems,
    with_estate,
)
from drsim.scenario.rows import WAS
from drsim.scenario.shipped import shipped_scenarios

HEADINGS = {name: name.upper() for name in (*APPLICATION, *RESOURCE)}
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
    assert row_problems(*tables(text), HEADINGS) == ()
    assert not is_edited(read_scenario(text), *tables(text))


def test_cells_are_set_and_emptied() -> None:
    """A cell becomes a value, an empty one goes."""
    apps, resources = tables()
    apps[0] |= {"rpo": "2 h", "priority": "1", "unrecoverable_cost": ""}
    resources[0] |= {"size": "1 TB", "tested": True, "deployment": None, "count": 3.0, "instance": "db.r6g.xlarge"}
    found = made(apps, resources).applications["shop"]
    assert (found.objectives.rpo, found.priority, found.unrecoverable_cost) == (7200, 1, None)
    orders = found.resources["orders"]
    assert (orders.size, orders.tested, orders.deployment, orders.count) == (1e12, True, None, 3)
    assert orders.instance == "db.r6g.xlarge"


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


def test_what_applications_require_and_members_are_needed() -> None:
    """Both are columns of their own; a required application keeps its new name, as one that comes before does."""
    text = TEXT.replace("    after: [shop]", "    requires: [shop]", 1)
    assert text != TEXT
    apps, resources = tables(text)
    assert [row["requires"] for row in apps] == ["", "shop"]
    apps[0] |= {"application": "store"}
    for row in resources:
        row["application"] = {"shop": "store"}.get(row["application"], row["application"])
        row.update({"count": "6", "needs": "4"} if row["resource"] == "web" else {})
    found, errors, _ = check_text(with_estate(text, read_scenario(text), apps, resources))
    assert errors == ()
    assert found is not None
    assert found.applications["analytics"].requires == ("store",)
    assert found.applications["store"].resources["web"].needs == 4
    apps[1]["requires"] = ""
    found, errors, _ = check_text(with_estate(text, read_scenario(text), apps, resources))
    assert found is not None
    assert found.applications["analytics"].requires == ()


def test_resource_moves_with_all_it_has() -> None:
    """A resource of another application keeps what no table shows."""
    apps, resources = tables()
    resources[0] |= {"application": "analytics", "after": ""}
    resources[4]["after"] = "catalog, shared"
    found = made(apps, resources)
    assert found.applications["analytics"].resources["orders"].instance == "db.r6g.large"
    assert "orders" not in found.applications["shop"].resources
    assert "analytics.orders" in found.strategies["warm-standby"].replication


def test_resource_of_another_type_keeps_nothing_hidden() -> None:
    """What no column shows was said of the resource before: it goes with another type, stays with another name."""
    text = TEXT.replace("orders:  {type: Aurora,", "orders: {type: Aurora, overrides: {backup_fixed: 9 min},", 1)
    scenario = read_scenario(text)
    assert hidden_keys(scenario)["shop.orders"] == ("overrides",)
    apps, resources = tables(text)
    resources[0]["resource"] = "sales"
    assert not dropped_keys(scenario, resources)
    kept = read_scenario(with_estate(text, scenario, apps, resources))
    assert kept.applications["shop"].resources["sales"].overrides
    for name, application in (("sales", "shop"), ("orders", "shop"), ("orders", "analytics")):
        resources[0] |= {"resource": name, "application": application, "after": ""}
        resources[0] |= {"type": "EFS", "instance": "", "deployment": "", "objects": "1e6"}
        assert dropped_keys(scenario, resources) == {f"{application}.{name}": ("overrides",)}
        changed = with_estate(text, scenario, apps, resources)
        assert "backup_fixed" not in changed


def test_rows_that_cannot_be_written_are_told() -> None:
    """No name, a name twice, an application that is not there, cells that are still empty."""
    apps, resources = tables()
    apps[1]["site"] = None
    resources[0]["resource"] = " "
    resources[1]["resource"] = "images"
    resources[3]["application"] = "moon"
    resources.append({**dict.fromkeys((WAS, *RESOURCE)), "application": "shop", "resource": "new"})
    assert row_problems(apps, resources, HEADINGS) == (
        "Applications, row 2 (analytics): SITE is empty. Fill in, or delete the row.",
        "Resources, row 1: RESOURCE is empty. Fill in, or delete the row.",
        "Two resources are called shop.images: rename one.",
        "Resources, row 4: there is no application moon in the table above for shared.",
        "Resources, row 7 (shop.new): TYPE, SIZE are empty. Fill in, or delete the row.",
    )


def test_a_row_without_content_is_an_edit() -> None:
    """It can be seen, so it can be undone; an editor's way of leaving cells empty is none."""
    apps, resources = tables()
    apps[0]["recover_at"] = None
    scenario = read_scenario(TEXT)
    assert not is_edited(scenario, apps, resources)
    assert is_edited(scenario, apps, [*resources, dict.fromkeys((WAS, *RESOURCE))])


@pytest.mark.parametrize("path", shipped_scenarios().values(), ids=lambda path: path.stem)
def test_findings_by_resource_are_the_warnings(path: Path) -> None:
    """Each resource that a warning names has it for itself, and nothing else is found."""
    scenario, _, warnings = check_text(path.read_bytes(), path.name, path.parent)
    assert scenario is not None
    found = findings_by_resource(scenario)
    by_name = {each.found for each in warnings}
    for name, findings in found.items():
        for each in findings:
            assert each.found in by_name or any(each.found.split(" (")[0] == some.split(" (")[0] for some in by_name)
            assert name in each.found
    for text in by_name:
        named = [name for name in found if f"({name})" in text]
        assert all(text in {each.found for each in found[name]} for name in named)


def test_keys_of_recovery_as_a_whole_are_cells() -> None:
    """A rebuild, which may be uncertain, a tolerance, what is required and how many are needed can be edited."""
    apps, resources = tables()
    apps[0] |= {"rebuild": "{median: 5 d, p95: 20 d}", "loss_tolerance": "10 min"}
    apps[1] |= {"requires": "shop", "rebuild": "3 d"}
    web = next(row for row in resources if row["resource"] == "web")
    web["needs"] = "8"
    found = made(apps, resources).applications
    shop, analytics = found["shop"], found["analytics"]
    assert shop.rebuild is not None
    assert shop.rebuild.quantile(0.5) == pytest.approx(5 * 86400)
    assert (shop.loss_tolerance, shop.resources["web"].needs) == (600, 8)
    assert analytics.requires == ("shop",)
    assert analytics.rebuild is not None
    assert analytics.rebuild.mean == 3 * 86400
    text = with_estate(TEXT, read_scenario(TEXT), apps, resources)
    again = application_rows(read_scenario(text))
    assert [row["rebuild"] for row in again] == ["{median: 5 d, p95: 20 d}", "3 d"]
    assert with_estate(text, read_scenario(text), again, resource_rows(read_scenario(text))) == text


def test_distribution_that_is_none_is_refused() -> None:
    """A cell that looks like a distribution and is none is a problem, not an error of the page."""
    apps, resources = tables()
    for cell in ("{median: 5 d", "{median: [}", "{often: 3}"):
        apps[0]["rebuild"] = cell
        _, errors, _ = check_text(with_estate(TEXT, read_scenario(TEXT), apps, resources))
        assert errors
