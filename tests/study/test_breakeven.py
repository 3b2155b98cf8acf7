"""Break-even and the tables and charts of cost: closed forms, and words where there is no number."""

from __future__ import annotations

import json
import math
import re
from functools import cache

import pandas as pd
import pytest

from drsim.report.bills import application_bills, bill_overview, bill_table, resource_bills
from drsim.report.breakeven import break_even_table, cheapest_finding, pays_off
from drsim.report.losses import recovery_table, year_table, yearly_losses
from drsim.report.money import usd
from drsim.report.vega.cost import bill_chart, bill_parts, break_even_chart, crossing_rows, reach_usd_per_h, year_chart
from drsim.report.vega.style import to_svg
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped
from drsim.study import drills
from drsim.study.costs.breakeven import BreakEven, ShortRebuild, Yearly, YearlyCosts, break_even, yearly_costs
from drsim.study.costs.totals import costs_by_application
from drsim.study.results import Result

pytestmark = pytest.mark.xdist_group("breakeven")  # what one test has worked out serves the others


@cache
def result(name: str = "web-shop") -> Result:
    """Return some drills of a shipped scenario."""
    scenario = load_scenario(shipped(f"scenarios/{name}.yaml"))
    return drills.run(scenario, drills=40 if name == "web-shop" else 5, workers=1, keep_incidents=False)


def year(name: str, steady: float, hours: float, losses: float = 0.0) -> Yearly:
    """Return a straight line."""
    return Yearly(name, steady, losses, hours, 0.0)


@pytest.mark.parametrize(
    ("steady", "hours", "losses", "pays", "price"),
    [
        (3000.0, 2.0, 0.0, "above", 250.0),  # 2000 USD more save 8 h
        (3000.0, 2.0, -1000.0, "above", 125.0),  # half of them are saved in losses
        (3000.0, 2.0, -2000.0, "always", math.nan),
        (3000.0, 12.0, 0.0, "never", math.nan),
        (3000.0, 10.0, 0.0, "never", math.nan),
        (500.0, 12.0, 0.0, "below", 250.0),
        (500.0, 10.0, 0.0, "always", math.nan),
        (1000.0, 10.0, 0.0, "equal", math.nan),
        (3000.0, 2.0, math.nan, "unpriced", math.nan),
    ],
)
def test_break_even_is_a_quotient_or_a_word(
    steady: float, hours: float, losses: float, pays: str, price: float
) -> None:
    """Against 1000 USD and 10 h a year: more a year over fewer hours, or the word for why there is no such price."""
    found = break_even(year("dear", steady, hours, losses), year("cheap", 1000.0, 10.0))
    assert found.pays == pays
    assert found.usd_per_h == pytest.approx(price, nan_ok=True)
    assert found.strategy == "dear"
    assert pays_off(found)


def test_both_cost_the_same_at_the_break_even() -> None:
    """On either side of it the other one is cheaper."""
    dear, cheap = year("dear", 9000.0, 1.5, 200.0), year("cheap", 700.0, 21.0, 1800.0)
    price = break_even(dear, cheap).usd_per_h
    assert dear.usd(price) == pytest.approx(cheap.usd(price))
    assert dear.usd(1.1 * price) < cheap.usd(1.1 * price)
    assert dear.usd(0.9 * price) > cheap.usd(0.9 * price)


def frames(**more: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return costs and events of two strategies under one disruption with rate 0.5 a year."""
    costs = pd.DataFrame(
        [
            ("a", "total", 100.0, "the sum of the lines above", math.nan),
            ("b", "x", math.nan, "", 1.0),
            ("b", "total", 300.0, "without: x of y", math.nan),
        ],
        columns=["strategy", "line", "usd_per_month", "basis", "quantity"],
    ).assign(subject="shop", place="", unit="GiB")
    rows: list[tuple[object, ...]] = []
    for strategy, hours, lost in (("a", 10.0, 0.2), ("b", 2.0, 0.0)):
        for line, quantity, price in (
            ("downtime", hours, 50.0),
            ("data-loss", 3.0, 10.0),
            ("unrecoverable", lost, 1e4),
            ("rebuild", 80 * lost, 50.0),
        ):
            price_now = more.get(line, price)
            usd = 0.5 * quantity * float(str(price_now))
            rows.append(("shop", strategy, line, quantity, price_now, usd, math.nan, math.nan))
        means = (hours, more.get("rebuild_h", 80.0))
        rows.append(("shop", strategy, "total", math.nan, math.nan, 0.0, *means))
        rows.append(("other", strategy, "total", math.nan, math.nan, more.get("other", 7.0), 1.0, 80.0))
        rows.append(("", strategy, "total", math.nan, math.nan, 0.0, math.nan, math.nan))
    names = ["application", "strategy", "line", "quantity", "usd_per_unit", "expected_yearly_loss_usd"]
    events = pd.DataFrame(rows, columns=[*names, "mean_recovery_h", "mean_rebuild_h"])
    return costs, events.assign(rate_per_year=0.5, disruption="fire")


def test_lines_of_a_study_by_hand() -> None:
    """Twelve months, half an incident a year, of which one in five is lost and down for 80 h: 5 + 8 h and 1 h of it.

    15 USD of data, 1000 USD of incidents, 7 USD of others.
    """
    found = yearly_costs(*frames(), "shop")
    a, b = found.strategies
    assert (a.steady_usd, a.downtime_h, a.lost) == (1200.0, 13.0, 0.1)
    assert b.downtime_h == 1.0
    assert a.losses_usd == pytest.approx(15 + 1000 + 7)
    assert b.losses_usd == pytest.approx(15 + 7)
    assert found.declared_usd_per_h == 50.0
    assert found.base is a
    assert b.unknown == "without: x of y"
    # 2400 more for the bill, 1000 less for incidents, 12 h less
    assert found.break_evens()[0].usd_per_h == pytest.approx(1400 / 12)
    assert [(a, b, round(price, 6)) for a, b, price in found.crossings()] == [("a", "b", round(1400 / 12, 6))]


def test_a_rebuild_that_is_too_short_has_no_break_even() -> None:
    """Where recoveries take 10 h and the rebuild 4 h, what loses all would look the quicker: no price is given."""
    found = yearly_costs(*frames(rebuild_h=4.0), "shop")
    assert found.short_rebuild == ShortRebuild("shop", "a", "fire", 10.0, 4.0)
    (even,) = found.break_evens()
    assert (even.pays, math.isnan(even.usd_per_h)) == ("too-short", True)
    assert not found.cheapest()
    assert not found.crossings()
    why = "the rebuild of shop is too short to compare by money: 4 h on average, while recoveries under fire with a"
    assert why in cheapest_finding(found)
    table = break_even_table(found)
    assert [row[5:] for row in table.rows] == [
        ("not known", "–"),
        ("not known", "not known: the rebuild is too short to compare by money"),
    ]
    assert why[1:] in table.notes[0]
    assert "too short" in to_svg(break_even_chart(found))
    assert yearly_costs(*frames(rebuild_h=10.0), "shop").short_rebuild is None


def test_losing_everything_without_a_price_has_no_break_even() -> None:
    """A strategy that loses everything would look the quickest; one that never does needs no price."""
    found = yearly_costs(*frames(unrecoverable=math.nan), "shop")
    assert math.isnan(found.strategies[0].losses_usd)
    assert not math.isnan(found.strategies[1].losses_usd)
    assert found.break_evens()[0].pays == "unpriced"
    assert "no cost of losing all" in break_even_table(found).rows[1][-1]
    assert "not drawn" in json.dumps(break_even_chart(found).to_dict())


def test_cheapest_is_the_lower_envelope() -> None:
    """At every price the strategy that is named costs no more than any other, and the ranges leave no gap."""
    lines = (
        year("small bill", 1000.0, 100.0),
        year("middle", 3000.0, 40.0, 500.0),
        year("never", 9000.0, 60.0),
        year("dear", 20_000.0, 1.0),
        year("no price", 1.0, 0.0, math.nan),
    )
    ranges = YearlyCosts("shop", lines, math.nan, ()).cheapest()
    assert [each.strategy for each in ranges] == ["small bill", "middle", "dear"]
    assert [each.from_usd_per_h for each in ranges] == [0.0, *(each.to_usd_per_h for each in ranges[:-1])]
    assert ranges[0].to_usd_per_h == pytest.approx(2500 / 60)
    assert math.isinf(ranges[-1].to_usd_per_h)
    by_name = {one.strategy: one for one in lines[:-1]}
    for each in ranges:
        for price in (each.from_usd_per_h, min(each.to_usd_per_h, 1e6), each.from_usd_per_h + 1.0):
            assert by_name[each.strategy].usd(price) == pytest.approx(
                min(x.usd(price) for x in by_name.values()), rel=0.01
            )


def test_of_equal_bills_the_one_with_less_downtime_is_cheapest() -> None:
    """A tie at a price of 0 is decided by the downtime, so that no range is empty."""
    (only,) = YearlyCosts("shop", (year("a", 1.0, 5.0), year("b", 1.0, 2.0)), math.nan, ()).cheapest()
    assert (only.strategy, only.from_usd_per_h, only.to_usd_per_h) == ("b", 0.0, math.inf)


def test_finding_names_the_cheapest_now_and_at_other_prices() -> None:
    """The sentence says who is cheapest at the scenario's price, who at others, and what is left out."""
    lines = (year("a", 1000.0, 100.0), year("b", 3000.0, 40.0), year("none", 1.0, 0.0, math.nan))
    now = cheapest_finding(YearlyCosts("shop", lines, 50.0, ("other",)))
    assert "At the scenario's 50.00 USD for an hour of downtime of shop, b costs least in a year" in now
    assert "together: 5,000 USD" in now
    assert "It would be a below 33.33 USD/h." in now
    many = YearlyCosts("shop", (*lines[:2], year("c", 9000.0, 30.0), year("d", 90_000.0, 1.0)), 100.0, ())
    assert "It would be a below 33.33 USD/h and c above 600 USD/h (the table" in cheapest_finding(many)
    only = YearlyCosts("shop", (lines[0], year("worse", 2000.0, 200.0)), 50.0, ())
    assert "So it does at any other cost of downtime." in cheapest_finding(only)
    by_range = cheapest_finding(YearlyCosts("shop", lines, math.nan, ()))
    assert "with a below 33.33 USD/h and b above 33.33 USD/h." in by_range
    assert "leaves out none, under which losing all has no price; and what other loses, which has no price" in now
    assert "The scenario gives no such cost" in cheapest_finding(YearlyCosts("shop", lines, math.nan, ()))
    assert "is not known" in cheapest_finding(YearlyCosts("shop", lines[2:] * 2, 50.0, ()))
    assert not cheapest_finding(YearlyCosts("shop", lines[:1], 50.0, ()))
    rows = break_even_table(YearlyCosts("shop", lines, 50.0, ())).rows
    assert [row[5] for row in rows] == ["below 33.33 USD/h", "above 33.33 USD/h", "not known"]
    alone = break_even_table(YearlyCosts("shop", lines[1:], 50.0, ()))
    assert [row[5] for row in alone.rows] == ["not known", "not known"]
    assert alone.columns[5].title == "cheapest of those priced"


def test_tables_have_words_in_the_place_of_keys() -> None:
    """No cell or note has a key of scenarios or of files, but in brackets."""
    found = result()
    tables = [bill_table(found, "nightly"), recovery_table(found, "nightly", "deletion"), year_table(found)]
    tables += [break_even_table(yearly_costs(found.costs, found.events, name)) for name in ("shop", "analytics")]
    for table in tables:
        for text in (*table.notes, *(cell for row in table.rows for cell in row)):
            assert not re.search(r"[a-z]_cost|data-loss|^0 1000", text.replace("(unrecoverable_cost)", ""))


def test_other_applications_without_a_price_are_left_out_and_named() -> None:
    """What cannot be counted under each strategy is counted under none."""
    found = yearly_costs(*frames(other=math.nan), "shop")
    assert found.left_out == ("other",)
    assert found.strategies[1].losses_usd == pytest.approx(15.0)
    assert any("other" in note for note in break_even_table(found).notes)


def test_words_compare_with_the_price_of_the_scenario() -> None:
    """Above or below, the sentence says which side the scenario is on."""
    above = BreakEven("b", "a", "above", 250.0, 2000.0, 8.0)
    assert pays_off(above, 300.0).endswith("at the scenario's 300 USD/h it does")
    assert pays_off(above, 200.0).endswith("at the scenario's 200 USD/h it does not")
    below = BreakEven("b", "a", "below", 250.0, -2000.0, -8.0)
    assert pays_off(below, 200.0).endswith("it does")


def test_study_agrees_with_the_summary() -> None:
    """Expected downtime of kinds that strike all at once is the rate times the mean over the affected drills."""
    events, summary = result().events, result().summary
    for disruption in ("ransomware", "region-loss", "region-outage", "zone-outage"):
        both = [frame[frame["disruption"] == disruption] for frame in (events, summary)]
        of_disruption, rows = both
        found = yearly_costs(result().costs, of_disruption, "shop")
        for one in found.strategies:
            own = rows[(rows["strategy"] == one.strategy) & (rows["subject"] == "shop")].iloc[0]
            lines = of_disruption[
                (of_disruption["strategy"] == one.strategy) & (of_disruption["application"] == "shop")
            ]
            lost = lines.loc[lines["line"] == "rebuild", "quantity"].sum()
            mean = 0.0 if own["recovered"] == 0 else own["downtime_s_mean"] / 3600 * own["recovered"] / own["affected"]
            assert one.downtime_h == pytest.approx(own["struck_per_year"] * (mean + lost))
            assert one.lost == pytest.approx(own["struck_per_year"] * own["p_unrecoverable"])


def test_tables_add_up_to_the_bill() -> None:
    """Every line is in the tables; months times twelve are years; parts of the chart sum to the total."""
    costs = result().costs
    for name in result().run["strategies"]:
        own = costs[costs["strategy"] == name]
        rows = bill_table(result(), name).rows
        assert len(rows) == ((own["line"] == "total") | (own["quantity"] != 0) | (own["usd_per_month"] != 0)).sum()
        total = float(own.loc[own["line"] == "total", "usd_per_month"].iloc[0])
        month, year = (cell.partition(" (of which ~") for cell in rows[-1][6:8])
        assert (month[0], year[0]) == (usd(total), usd(12 * total))
        estimated = own[own["basis"].str.startswith("estimated")]["usd_per_month"].sum()
        assert month[2] == (f"{usd(estimated)} estimated)" if estimated else "")
        assert all(row[8] and row[9] for row in rows[:-1])  # Region and basis of each price
        for by in ("line", "place"):
            parts, unknown = bill_parts(result(), by)
            assert float(parts.loc[parts["strategy"] == name, "usd"].sum()) == pytest.approx(total)
            assert not unknown
    assert any("price of 2026" in row[9] for row in rows)
    assert bill_table(result(), name).notes[0].startswith("List prices of AWS")


@pytest.mark.long
def test_unknown_prices_are_visible() -> None:
    """A line without a price is shown, the total says what it is without, and so do bars."""
    found = result("every-type")
    name = found.run["strategies"][0]
    rows = bill_table(found, name).rows
    assert any(row[6] == "unknown" for row in rows)
    overview = bill_overview(found)
    assert any("lines priced)" in row[2] for row in overview.rows[:-2])
    assert re.fullmatch(r"from [0-9,]+ \(\d+ of \d+ lines priced, ~[0-9,]+ estimated\)", overview.rows[-1][2])
    assert "without warm storage of" in overview.notes[0]
    assert re.search(r">from [0-9,]+, ~[0-9,]+ estimated<", chart := to_svg(bill_chart(found)))
    assert "lines priced, without warm storage of" in chart


def test_applications_and_resources_add_up_to_the_bill() -> None:
    """The tables by application and by resource hold what the totals are made of, each resource once."""
    parts = costs_by_application(result().costs)
    table = application_bills(result())
    names = list(result().run["strategies"])
    assert [row[0] for row in table.rows] == ["shop", "analytics", "total per month", "total per year"]
    for k, name in enumerate(names, start=1):
        own = parts[parts["strategy"] == name]
        sums = own.groupby("application")[["usd_per_month", "estimated_usd_per_month"]].sum()
        for row in table.rows[:2]:
            usd_per_month, estimated = sums.loc[row[0]]
            assert row[k] == f"{'~' if estimated else ''}{usd(usd_per_month)}"
        assert table.rows[2][k].split(" (")[0] == usd(own["usd_per_month"].sum())
        estimated = own["estimated_usd_per_month"].sum()
        assert (f"~{usd(estimated)} estimated" in table.rows[2][k]) == bool(estimated)
    rows = resource_bills(result()).rows
    assert [row[0] for row in rows if row[0]] == ["shop", "analytics"]
    assert len({row[1] for row in rows}) == len(rows)


def test_year_says_what_is_unpriced() -> None:
    """Losses with a price are counted; the applications without one are named in table and chart."""
    table = year_table(result())
    assert [row[0] for row in table.rows] == ["steady bill", *result().run["disruptions"], "total"]
    assert all(cell.endswith(" †") for cell in table.rows[-1][2:])
    assert not any("unpriced" in cell or "†" in cell for row in table.rows[:-1] for cell in row)
    assert len([note for note in table.notes if "†" in note]) == 1
    assert any("analytics" in note for note in table.notes)
    assert "+ unpriced: analytics" in to_svg(year_chart(result()))
    events = result().events
    for each in yearly_losses(result()):
        own = events[(events["strategy"] == each.strategy) & (events["disruption"] == each.disruption)]
        priced = own[(own["line"] == "total") & (own["application"] == "shop")]["expected_yearly_loss_usd"]
        assert each.usd == pytest.approx(float(priced.sum()))
        assert each.unpriced in ((), ("analytics",))


def test_one_recovery_has_all_its_lines() -> None:
    """The table of one incident has each row of the events."""
    events = result().events
    own = events[(events["strategy"] == "copies") & (events["disruption"] == "region-loss")]
    rows = recovery_table(result(), "copies", "region-loss").rows
    assert len(rows) == len(own)
    assert {"restore", "downtime", "data loss", "losing everything", "total"} <= {row[1] for row in rows}


def test_crossings_are_marked_within_reach() -> None:
    """Each crossing that the chart reaches is a point on both lines."""
    found = yearly_costs(result().costs, result().events, "shop")
    reach = reach_usd_per_h(found)
    assert reach > found.declared_usd_per_h
    rows = crossing_rows(found, reach)
    inside = [price for *_, price in found.crossings() if price <= reach]
    assert sorted(rows["price"]) == pytest.approx(sorted(inside))
    spec = json.dumps(break_even_chart(found).to_dict())
    assert "cost of downtime of shop [USD/h]" in spec
    assert "cost of a year [USD]" in spec


def test_nothing_priced_is_said() -> None:
    """Without any price for losing everything there is a sentence in place of lines."""
    bare = YearlyCosts("shop", (year("a", 1.0, 2.0, math.nan),), math.nan, ())
    assert "unrecoverable_cost" in to_svg(break_even_chart(bare))
