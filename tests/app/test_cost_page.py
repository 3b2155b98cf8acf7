"""The page of costs, without a browser."""

from __future__ import annotations

import re

import pytest

from drsim.app.link import packed
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped_scenarios
from tests.app.visits import DRILLS, charts, opened, shown


@pytest.mark.parametrize("name", list(shipped_scenarios()))
def test_page_draws_every_shipped_scenario(name: str) -> None:
    """Bills, a year, break-even and the lines of a strategy are shown, with files and the command."""
    scenario = load_scenario(shipped_scenarios()[name])
    first = next(iter(scenario.strategies))
    chosen = {"strategy": first, "disruption": next(iter(scenario.disruptions))}
    app = opened("cost", scenario=name, drills="5" if name == "region-evacuation" else str(DRILLS), **chosen)
    assert not app.exception
    text = shown(app)
    assert len(charts(app)) == 3
    assert all(f">{strategy}</" in text for strategy in scenario.strategies)
    assert f"Steady bill of {first}" in text
    assert "total per year" in text
    assert f"Break-even of downtime of {next(iter(scenario.applications))}" in text
    assert f"One incident of {next(iter(scenario.disruptions))} under {first}" in text
    assert f"drsim run {name}" in text
    labels = {button.proto.label for button in app.get("download_button")}
    assert {"PNG", "SVG", "Costs", "Costs by application", "Cost of disruptions"} <= labels


def test_choices_change_what_is_shown() -> None:
    """Parts by place, another application, another strategy."""
    app = opened("cost", scenario="web-shop", drills=str(DRILLS))
    before = [str(chart.proto.spec) for chart in charts(app)]
    app.selectbox(key="application").select("analytics").run()
    app.selectbox(key="strategy").select("warm-standby").run()
    assert not app.exception
    text = shown(app)
    assert "Break-even of downtime of analytics" in text
    assert "Steady bill of warm-standby" in text
    assert "unpriced" in text
    assert "is not known: of analytics" in app.info[0].value.replace("\\", "")
    after = [str(chart.proto.spec) for chart in charts(app)]
    assert after[:2] == before[:2]
    assert after[2] != before[2]


def test_link_keeps_the_choice_of_parts() -> None:
    """What the bars are made of is in the address."""
    app = opened("cost", scenario="web-shop", drills=str(DRILLS), **{"cost-by": "place"})
    assert not app.exception
    assert "isolated" in str(charts(app)[0].proto.spec)


def test_answer_comes_first_and_what_is_long_is_folded() -> None:
    """The first thing said is which strategy is cheapest; lines with their sources are in expanders that are closed."""
    app = opened("cost", scenario="web-shop", drills=str(DRILLS), strategy="nightly", disruption="deletion")
    assert "costs least in a year" in app.info[0].value
    folded = app.expander
    assert len(folded) == 5
    assert not any(each.proto.expanded for each in folded)
    inside = "".join(str(html.proto.body) for each in folded for html in each.get("html"))
    assert "Steady cost by line and place" in inside
    assert "Steady cost by resource" in inside
    assert "Expected loss by application" in inside
    assert "Steady cost by application" in shown(app)
    assert "Steady bill of nightly" in inside
    assert "One incident of deletion under nightly" in inside


FOR_EVER = """
name: for ever
start: 2026-01-01
drills: 20
sites: {home: {region: us-east-1, account: a}}
vaults: {local: {site: home}}
applications:
  app:
    site: home
    downtime_cost: 1000 USD/h
    unrecoverable_cost: 100000 USD
    rebuild: 1 min
    resources: {volume: {type: EBS, size: 100 GiB, change_rate: 1 %/day}, odd: {type: Neptune, size: 10 GB}}
backup_plans:
  kept: {rules: [{rule_name: d, target_vault: local, schedule: cron(0 5 * * ? *)}]}
  month: {rules: [{rule_name: m, target_vault: local, schedule: cron(0 5 * * ? *), lifecycle: {delete_after: 30 d}}]}
strategies: {month: {backup: {app.volume: month}}, ever: {backup: {app.volume: kept, app.odd: kept}}}
disruptions: {deletion: {kind: accidental-deletion, rate: 0.5 /year}}
response: {detect: 1 h, declare: 0 min, validate: 0 min, redirect: 0 min}
"""


def test_what_is_kept_for_ever_and_a_short_rebuild_are_said() -> None:
    """After 1, 3 and 7 years; and no break-even where losing everything is over sooner than a recovery.

    The volume of 100 GiB changes by 1 % a day: a year holds its first backup and 364 increments, 464 GiB at 0.05 USD.
    """
    app = opened("cost", scenario="mine", file="ever.yaml", text=packed(FOR_EVER) or "", drills="20")
    assert not app.exception
    found = shown(app)
    assert "Kept for ever: what it comes to, since nothing expires" in found
    assert ">USD/month after 7 y</th>" in found
    after = found[found.index("Kept for ever") :]
    assert re.search(r">app.volume</td>.*?>464</td>.*?>23.20</td>", after)
    assert "too short to compare by money" in found.replace("\\", "")
    assert "struck [1/year]" in found
    assert "These sums do not rank the strategies: the rebuild of app is too short" in found
    assert "where downtime costs" not in found
