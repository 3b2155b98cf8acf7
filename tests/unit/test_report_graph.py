"""The estate as text in DOT."""

from __future__ import annotations

import re

import pytest

from drsim.report.estate_tables import capabilities, ignored, places
from drsim.report.graph import estate_dot
from drsim.scenario import check_text, read_scenario
from drsim.scenario.shipped import shipped_scenarios

SHOP = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")


def test_arrows_lead_to_what_recovers_first() -> None:
    """Every dependency is an arrow, applications are clusters."""
    dot = estate_dot(read_scenario(SHOP))
    assert dot.count("subgraph cluster_") == 2
    for arrow in (
        '"shop.web" -> "shop.orders";',
        '"shop.orders" -> "shop.network";',
        '"shop.shared" -> "shop.network";',
    ):
        assert arrow in dot
    assert '"analytics.warehouse" -> "shop.orders" [ltail=cluster_1, lhead=cluster_0' in dot
    assert "12 alike" in dot


def test_one_application_alone() -> None:
    """The others are left out, with their arrows."""
    dot = estate_dot(read_scenario(SHOP), "analytics")
    assert "warehouse" in dot
    assert "shop" not in dot


def test_many_resources_are_drawn_as_applications() -> None:
    """A graph of hundreds of nodes says nothing."""
    scenario = read_scenario(shipped_scenarios()["region-evacuation"].read_text(encoding="utf-8"))
    dot = estate_dot(scenario)
    assert "subgraph" not in dot
    arrows = sum(len(app.after) for app in scenario.applications.values())
    assert dot.count("->") == arrows > 0


@pytest.mark.parametrize("name", ['a"b', "a\\", 'x"];evil[label="', "a[b]", "<b>"])
def test_names_cannot_break_out(name: str) -> None:
    """Whatever a name holds, it stays within its quotes."""
    written = name.replace("\\", "\\\\").replace('"', '\\"')
    dot = estate_dot(
        read_scenario(
            SHOP.replace("      images:", f'      "{written}":').replace("shop.images:", f'"shop.{written}":')
        )
    )
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", dot)
    assert '"' not in outside
    assert "evil" not in outside


def test_capabilities_hold_on_the_scenario_s_date() -> None:
    """A type learns to copy some day."""
    old = read_scenario(SHOP.replace("seed: 7", "seed: 7\nas_of: 2020-06-01", 1))
    table, newest = capabilities(old), capabilities(read_scenario(SHOP))
    titles = [column.title for column in table.columns]
    k = titles.index("continuous backup")
    aurora = [next(row for row in each.rows if row[0] == "shop.orders")[k] for each in (table, newest)]
    assert aurora == ["no", "yes"]
    assert len(newest.rows) == 6


def test_what_is_ignored_is_told_by_resource() -> None:
    """A sentence of several rules is told once for a resource, with their plans; the rest is the scenario's."""
    scenario, _, warnings = check_text(SHOP)
    assert scenario is not None
    table = ignored(scenario, warnings)
    rows, name = [], ""
    for row in table.rows:
        name = row[0] or name
        rows.append((name, *row[1:]))
    assert len(rows) == len({row[:3] for row in rows})
    assert rows[0][:2] == ("shop.orders", "the move to cold storage is not supported for Aurora")
    copies = next(row for row in rows if "“dr”" in row[1])
    assert (copies[0], copies[3]) == ("analytics.warehouse", "nightly-with-copies, continuous")
    assert rows[-1] == (
        "the scenario",
        "analytics has no cost of losing all",
        "its expected yearly loss is unpriced",
        "",
    )
    assert not any("`" in cell for row in rows for cell in row)


def test_what_is_required_has_a_solid_arrow_and_members_needed_are_said() -> None:
    """An application is down while what it requires is; what merely recovers first has a dashed arrow."""
    assert "lhead=cluster_0, style=dashed" in estate_dot(read_scenario(SHOP))
    text = SHOP.replace("after: [shop]", "requires: [shop]").replace("count: 12, needs: 8,", "count: 12, needs: 9,")
    dot = estate_dot(read_scenario(text))
    assert "lhead=cluster_0, style=solid" in dot
    assert "12 alike, needs 9" in dot


def test_places_say_in_which_zones_resources_stand() -> None:
    """As written, drawn, spread in turn, or in all: what an outage of a zone may find."""
    text = SHOP.replace("count: 12, needs: 8,", "count: 12, needs: 9,")
    rows = {row[0]: row for row in places(read_scenario(text)).rows}
    assert rows["shop.orders"][3:5] == ("multi-az", "unknown: one of 3, drawn in each drill; a standby in another")
    assert rows["shop.images"][3:5] == ("regional", "all zones")
    assert rows["shop.web"][4:] == ("12 members in turn over 3 zones, the first drawn in each drill", "9 of 12")
    assert rows["analytics.warehouse"][1:5] == (
        "us-east-1",
        "production",
        "single-az",
        "unknown: one of 3, drawn in each drill",
    )
    named = text.replace("account: production}\n  recovery", "account: production, zone: us-east-1b}\n  recovery")
    rows = {row[0]: row for row in places(read_scenario(named)).rows}
    assert rows["shop.web"][4] == "us-east-1b"
    assert rows["shop.orders"][4] == "us-east-1b; a standby in another"
