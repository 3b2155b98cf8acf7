"""Priorities: in drilled scenarios the dearest applications come first where that saves money, and only there."""

from __future__ import annotations

from itertools import permutations

import pytest

from drsim.planner.priorities import better_priorities, downtime_usd, measured, with_priorities
from drsim.scenario import Scenario, read_scenario
from drsim.study.bench import Bench
from drsim.units import HOUR_S
from tests.scenarios import EVERYTHING, scenario_text

ONE_SLOT = "{backup_jobs: unlimited, copy_jobs: unlimited, restore_jobs: 1, jobs_per_resource: unlimited}"


def shops(hours: tuple[float, ...], usd: tuple[int | None, ...], *, limits: str = ONE_SLOT, more: str = "") -> Scenario:
    """Return a scenario of applications with one resource each, which wait for slots in the order written.

    Args:
        hours: that the restore of each takes.
        usd: what an hour of downtime of each costs.
        limits: on jobs.
        more: keys of the last.
    """
    applications = []
    for k, (lasting, cost) in enumerate(zip(hours, usd, strict=True)):
        costs = "" if cost is None else f"downtime_cost: {cost} USD/h, "
        resource = f"{{type: EFS, size: 1 GB, overrides: {{restore_duration: {lasting} h}}}}"
        last = more if k == len(hours) - 1 else ""
        applications.append(f"a{k}: {{site: home, {costs}{last} resources: {{data: {resource}}}}}")
    text = scenario_text(applications=f"{{{', '.join(applications)}}}", disruption=EVERYTHING, limits=limits)
    return read_scenario(text, drills=40)


def test_the_dearest_come_first() -> None:
    """Of 6, 1 and 2 hours on one slot the first waits: 100 x 6 + 1,000 x 7 + 1,000 x 9 becomes 1,000 + 3,000 + 900."""
    bench = Bench(shops((6, 1, 2), (100, 1000, 1000)))
    priorities = better_priorities(bench, "only")[0]
    assert priorities == {"a1": 1, "a2": 2, "a0": 3}
    after = bench.changed(lambda scenario: with_priorities(scenario, priorities))
    order = measured(bench, after, "only")
    (saving,) = order.savings
    assert saving.disruption == "it"
    assert (saving.before_usd, saving.after_usd) == pytest.approx((16600, 4900))
    assert order.is_better
    assert order.before == {"a0": 100, "a1": 100, "a2": 100}
    assert order.hourly_usd == {name: pytest.approx(usd) for name, usd in (("a0", 100), ("a1", 1000), ("a2", 1000))}


@pytest.mark.parametrize(
    ("hours", "usd"),
    [((5, 3, 2, 4), (10, 70, 20, 90)), ((1, 8, 2, 3), (5, 5, 50, 1)), ((2, 2, 7, 1), (30, 10, 90, 90))],
)
def test_no_order_of_them_is_cheaper(hours: tuple[float, ...], usd: tuple[int, ...]) -> None:
    """Of four applications on one slot, no order that is drilled costs less than the one that is told."""
    bench = Bench(shops(hours, usd))
    names = list(bench.scenario.applications)

    def cost(priorities: dict[str, int]) -> float:
        return downtime_usd(bench.changed(lambda s: with_priorities(s, priorities)), "only", "it")[1]

    told = next(iter(better_priorities(bench, "only")), dict.fromkeys(names, 100))
    assert cost(told) == pytest.approx(min(cost({n: k for k, n in enumerate(o, 1)}) for o in permutations(names)))


def test_what_is_waited_for_is_hurried() -> None:
    """An application that costs nothing goes first where a dear one comes after it."""
    applications = (
        "{cheap: {site: home, downtime_cost: 50 USD/h, resources: {data: {type: EFS, size: 1 GB,"
        " overrides: {restore_duration: 4 h}}}},"
        " base: {site: home, resources: {data: {type: EFS, size: 1 GB, overrides: {restore_duration: 3 h}}}},"
        " dear: {site: home, downtime_cost: 900 USD/h, after: [base], resources: {data: {type: EFS, size: 1 GB,"
        " overrides: {restore_duration: 1 h}}}}}"
    )
    text = scenario_text(applications=applications, disruption=EVERYTHING, limits=ONE_SLOT)
    priorities = better_priorities(Bench(read_scenario(text, drills=40)), "only")[0]
    assert sorted(priorities, key=lambda name: priorities[name]) == ["base", "dear", "cheap"]


@pytest.mark.parametrize(
    "scenario",
    [
        shops((1, 2, 6), (1000, 1000, 100)),
        shops((6, 1, 2), (None, None, None)),
        shops((6, 1, 2), (100, 1000, 1000), limits=ONE_SLOT.replace("restore_jobs: 1", "restore_jobs: 3")),
        shops((6,), (100,)),
    ],
    ids=["in order", "no costs", "no queue", "alone"],
)
def test_where_nothing_is_saved_nothing_is_proposed(scenario: Scenario) -> None:
    """The dearest are first already, nothing costs anything, nothing waits, or there is only one."""
    assert better_priorities(Bench(scenario), "only") == []


def test_who_costs_nothing_keeps_the_place_after_the_others() -> None:
    """Applications without a cost come after those that have one, in the order that they had among themselves."""
    scenario = shops((6, 1, 2, 1), (None, 10, 1000, None), more="priority: 2,")
    assert better_priorities(Bench(scenario), "only")[0] == {"a2": 1, "a1": 2, "a3": 3, "a0": 4}


def test_downtime_of_an_event_is_priced_by_the_hour() -> None:
    """One application that is back after 6 hours at 100 USD an hour costs 600 USD an event."""
    _, usd = downtime_usd(Bench(shops((6,), (100,))), "only", "it")
    assert usd == pytest.approx(6 * HOUR_S * 100 / HOUR_S)
