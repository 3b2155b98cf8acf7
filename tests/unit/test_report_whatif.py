"""A strategy before and after a change, in words."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from drsim.changes.variants import applied
from drsim.report.whatif import AFTER, BEFORE, Figure, change_chart, change_table, figures
from drsim.scenario import read_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study import drills
from drsim.study.results import Result

SCENARIO = read_scenario(shipped_scenarios()["web-shop"].read_text(encoding="utf-8"))
EVERY = "rule/nightly-with-copies/0/every"


@cache
def result(**changes: str) -> Result:
    """Return drills of the strategy `copies` with changes, by keys with `_` for `/`."""
    named = {key.replace("__", "/").replace("_0_", "/0/"): value for key, value in changes.items()}
    text = applied(SCENARIO, "copies", "region-loss", named)
    return drills.run(read_scenario(text), strategies=("copies",), drills=100, workers=1, keep_incidents=False)


def by_label(
    before: Result, after: Result, disruption: str = "region-loss", subject: str = "shop"
) -> dict[str, Figure]:
    """Return the figures by their labels."""
    return {figure.label: figure for figure in figures(before, after, disruption, subject)}


def test_no_change_is_said() -> None:
    """Everything is as before."""
    same = figures(result(), result(), "region-loss", "shop")
    assert {(each.change, each.sense) for each in same} == {("as before", "same")}
    table = change_table(result(), result(), "shop")
    assert [row[0] for row in table.rows] == list(SCENARIO.disruptions)
    assert not any("→" in cell for row in table.rows for cell in row)


def test_slower_response_is_longer_downtime_and_no_more_loss() -> None:
    """Declaring a day later adds a day to downtime, and costs."""
    found = by_label(result(), result(response__declare="1 d"))
    assert found["Data loss, p50"].sense == "same"
    down = found["Downtime, p50"]
    assert (down.sense, down.up) == ("worse", True)
    assert down.change.endswith(" h longer")
    assert 20 < float(down.change.split()[0]) < 36  # the spread grows, too
    assert " to " in down.interval
    units = {part.rpartition(" ")[2] for part in (down.value, *down.interval.split(" to "))}
    assert len(units) == 1
    assert found["Steady cost [USD/month]"].change == "as before"
    loss = found["Expected loss [USD/year]"]
    assert (loss.sense, loss.up) == ("worse", True)
    # the warehouse has no price of losing it
    changed = result(response__declare="1 d")
    assert by_label(result(), changed, subject="analytics")["Expected loss [USD/year]"].value == "unpriced"


def test_no_copies_are_unrecoverable_and_cheaper() -> None:
    """Words stand where there is no time any more."""
    gone = result(
        **{"rule__nightly-with-copies_0_copy__dr": "no copy", "rule__nightly-with-copies_0_copy__isolated": "no copy"}
    )
    found = by_label(result(), gone)
    assert found["Downtime, p50"].value == "unrecoverable"
    assert found["Downtime, p50"].change.startswith("was ")
    assert found["Downtime, p50"].sense == "worse"
    assert (found["Verdict"].value, found["Verdict"].change, found["Verdict"].sense) == (
        "unrecoverable",
        "was breached",
        "worse",
    )
    assert (found["Steady cost [USD/month]"].sense, found["Steady cost [USD/month]"].up) == ("better", False)
    back = by_label(gone, result())
    assert (back["Verdict"].sense, back["Downtime, p50"].sense) == ("better", "better")
    row = next(row for row in change_table(result(), gone, "shop").rows if row[0] == "region-loss")
    assert row[1] == "breached → unrecoverable"


def test_share_of_objectives_met_has_its_interval() -> None:
    """More often is better."""
    found = by_label(result(response__declare="1 d"), result(), "deletion")["Meets RTO"]
    assert (found.sense, found.up) == ("better", True)
    assert "points more" in found.change
    assert found.interval.endswith(" %")


@pytest.mark.parametrize("measure", ["data_loss_s", "downtime_s"])
def test_chart_has_both_curves(measure: str) -> None:
    """One line as it is, one changed."""
    objectives = SCENARIO.applications["shop"].objectives.under("region-loss")
    later = result(response__declare="1 d")
    chart = change_chart(result(), later, "region-loss", "shop", objectives, measure)
    rows = pd.concat([pd.DataFrame(values) for values in chart.to_dict()["datasets"].values()])
    assert {BEFORE, AFTER} <= set(rows["strategy"].dropna())
