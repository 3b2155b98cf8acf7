"""A plan proposes priorities where restores queue, downtime costs money, and nothing that is met is given up for it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from drsim.planner.answer import Plan
from drsim.planner.plan import plan
from drsim.report.plans import order_table, to_json
from drsim.scenario import dump_scenario, read_scenario
from drsim.study.bench import Bench
from tests.planner.test_priorities import ONE_SLOT
from tests.scenarios import EVERYTHING, scenario_text

SHOPS = ((6, 100), (1, 1000), (2, 1000))
"""Hours and cost of an hour of three applications, of which the first is long and cheap."""


def planned(first_rto: str, shops: Sequence[tuple[int, int]] = SHOPS) -> Plan:
    """Return the plan of applications on one restore slot.

    Args:
        first_rto: how long the first may be down; the others may for 20 hours.
        shops: how long each restore takes, and what an hour costs.
    """
    applications = ", ".join(
        f"a{k}: {{site: home, downtime_cost: {usd} USD/h, objectives: {{rto: {rto}}},"
        f" resources: {{data: {{type: EFS, size: 1 GB, overrides: {{restore_duration: {hours} h}}}}}}}}"
        for k, (hours, usd) in enumerate(shops)
        for rto in (first_rto if k == 0 else "20 h",)
    )
    text = scenario_text(
        applications=f"{{{applications}}}",
        disruption=EVERYTHING,
        limits=ONE_SLOT,
        more='planning: {keep: ["*"], drills: 40, confirm_drills: 150}',
    )
    return plan(read_scenario(text, drills=40))


def test_the_plan_restores_the_dearest_first() -> None:
    """The plan has priorities, says what they save, and its scenario runs with them as it was told."""
    answer = planned("20 h")
    assert answer.order is not None
    assert answer.order.after == {"a1": 1, "a2": 2, "a0": 3}
    assert answer.missed == ()
    again = read_scenario(dump_scenario(answer.scenario), drills=40)
    assert {name: app.priority for name, app in again.applications.items()} == answer.order.after
    log = Bench(again, strategies=["planned"]).incidents("planned", "it")
    downtime_h = (
        log[log["level"] == "application"].groupby("subject", observed=True)["downtime_s"].max() / 3600
    ).to_dict()
    assert downtime_h == {"a0": 9.0, "a1": 1.0, "a2": 3.0}


def test_the_order_is_told_with_what_it_saves() -> None:
    """The table has the first application first, and what an event costs before and after; so has the JSON."""
    answer = planned("20 h")
    table = order_table(answer)
    assert table is not None
    assert [row[:3] for row in table.rows] == [("a1", "100", "1"), ("a2", "100", "2"), ("a0", "100", "3")]
    assert "in place of 16,600, 11,700 less" in table.notes[0]
    (saving,) = json.loads(to_json(answer))["restore_order"]["savings"]
    assert (round(saving["before_usd_per_event"]), round(saving["after_usd_per_event"])) == (16600, 4900)


def test_no_objective_is_given_up_for_an_order() -> None:
    """Where the cheap one is to be back in 6 hours, it stays first, and nothing is told of an order."""
    answer = planned("6 h")
    assert answer.order is None
    assert order_table(answer) is None
    assert json.loads(to_json(answer))["restore_order"] is None
    assert {app.priority for app in answer.scenario.applications.values()} == {100}


def test_what_an_objective_leaves_is_still_ordered() -> None:
    """Where the first is to be back in 7 hours, a dear one may go before it for one hour, and nothing else."""
    answer = planned("7 h", ((6, 100), (4, 10), (1, 1000)))
    assert answer.order is not None
    assert answer.order.after["a2"] < answer.order.after["a0"] < answer.order.after["a1"]
    assert answer.missed == ()
