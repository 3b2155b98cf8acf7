"""Charts of costs: what they name, at any width."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from drsim.report.vega import style
from drsim.report.vega.cost import bill_chart, break_even_chart, year_chart
from drsim.study.costs.breakeven import yearly_costs
from drsim.study.results import Result
from tests.unit.test_vega_objectives import drawn, studied


@pytest.mark.parametrize("width", [330, 640])
def test_bars_and_legends_are_named_whatever_the_width(width: int) -> None:
    """All strategies, all parts and what has no price are named in full."""
    scenario, result = studied()
    for chart in (bill_chart(result), year_chart(result)):
        text = drawn(chart, width)
        assert "…" not in text
        for name in (*scenario.strategies, *chart.to_dict()["layer"][0]["encoding"]["color"]["scale"]["domain"]):
            assert name.replace(" ", "") in text
    assert drawn(year_chart(result), width).count("+unpriced:analytics") == len(scenario.strategies)


def test_words_on_bars_need_room() -> None:
    """A part bears its name where the chart is wide, and not where it is narrow."""
    _, result = studied()
    counts = [drawn(bill_chart(result), width).count("warmstorage") for width in (200, 1200)]
    assert counts[0] < counts[1]


def test_long_words_below_bars_take_two_lines() -> None:
    """What has no price is named in two lines before anything is cut."""
    _, result = studied()
    names = [f"application-{k}" for k in range(6)]
    events = pd.concat(
        [result.events[result.events["application"] == "analytics"].assign(application=name) for name in names],
        ignore_index=True,
    )
    many: Result = replace(result, events=pd.concat([result.events, events], ignore_index=True))
    spec = year_chart(many).to_dict()
    texts = [row["text"] for rows in spec["datasets"].values() for row in rows if "unpriced" in row.get("text", "")]
    assert texts
    assert all(text.count("\n") <= 1 and max(map(len, text.split("\n"))) <= 70 for text in texts)


def test_a_strategy_that_costs_nothing_has_no_bar() -> None:
    """To do nothing is the commonest thing to compare with: its year of 0 USD is no division by zero."""
    _, found = studied()
    first = str(found.costs["strategy"].iloc[0])
    for names in ([first], list(found.costs["strategy"].unique())):
        free = found.costs["strategy"].isin(names)
        costs = found.costs.assign(usd_per_month=found.costs["usd_per_month"].mask(free, 0.0))
        lost = found.events["strategy"].isin(names)
        events = found.events.assign(expected_yearly_loss_usd=found.events["expected_yearly_loss_usd"].mask(lost, 0.0))
        spec = json.dumps(year_chart(replace(found, costs=costs, events=events)).to_dict())
        assert ("Nothing costs anything here" in spec) is (len(names) > 1)


def test_break_even_says_the_price_of_the_scenario_above_the_lines() -> None:
    """The words stand above the plot, in which lines run, and all strategies are in the legend."""
    scenario, result = studied()
    chart = break_even_chart(yearly_costs(result.costs, result.events, "shop"))
    words = chart.to_dict()["layer"][-1]
    assert words["encoding"]["y"]["value"] < 0
    assert all(name.replace(" ", "") in drawn(chart, 330) for name in scenario.strategies)
    assert "[USD/h]" in json.dumps(chart.to_dict())
    assert "[USD]" in style.to_svg(chart)
