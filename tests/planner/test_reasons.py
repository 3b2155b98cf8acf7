"""What explains a plan: nothing betters the front, what is cheaper fails where it is said to, figures can be rerun."""

from __future__ import annotations

import csv
import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from drsim.cli import main
from drsim.planner.front import Ask, Point, marked
from drsim.planner.plan import Search
from drsim.planner.prices import steps_around
from drsim.planner.protection import Protection
from drsim.planner.reasons import Reasons, reasons
from drsim.planner.settings import settings
from drsim.report.plan_files import PlanFolder
from drsim.report.plan_reasons import FRONT_COLUMNS, explain_command
from drsim.scenario import load_scenario
from drsim.study.drills import run
from tests.scenarios import DAY, copy, rule, scenario

PLANNING = (
    "drills: 120\n"
    "planning: {drills: 120, confirm_drills: 200, intervals: [12 h, 24 h, 7 d], retentions: [35 d],\n"
    "  standby: false, replication: false, continuous: false, cold: false, new_vaults: false, locks: false,\n"
    "  vaults: [local, dr]}"
)


@pytest.fixture(scope="module")
def search() -> Search:
    """Return a search that has come to its end: a database that must not lose more than 30 h."""
    told = scenario(
        app="objectives: {rpo: 30 h, rto: 30 h, attainment: 90 %}",
        rules=[rule("12 h", more=f"copy_actions: [{copy()}]")],
        resources="{db: {type: RDS, size: 100 GB, change_rate: 5 %/day}}",
        overrides={"backup_duration": "1 h", "restore_duration": "3 h"},
        more=PLANNING,
    )
    search = Search(settings(told))
    for _ in search.steps():
        pass
    return search


@pytest.fixture(scope="module")
def why(search: Search) -> Reasons:
    """Return what explains its plan."""
    return reasons(search)


def point(cost: int, share: float, loss_s: float, downtime_s: float) -> Point:
    """Return a point."""
    return Point("", None, {}, cost, share, ("app", "it", "app"), loss_s, downtime_s)


def test_front_is_what_nothing_betters() -> None:
    """A point is on the front unless another is as good in all four figures and better in one; of equals the first."""
    points = [
        point(10, 0.9, 5, 5),
        point(10, 0.9, 5, 5),
        point(20, 0.9, 4, 5),
        point(20, 0.9, 5, 5),
        point(30, 0.95, float("inf"), float("inf")),
        point(9, 0.1, 9, 9),
    ]
    shown = marked(points)
    assert [p.cost for p in shown] == sorted(p.cost for p in points)
    assert [(p.cost, p.loss_s) for p in shown if p.is_on_front] == [(9, 9), (10, 5), (20, 4), (30, float("inf"))]


def test_nothing_here_betters_what_is_on_the_front(why: Reasons) -> None:
    """No point of the front is dominated, and what is not on it is."""
    for p in why.front:
        assert p.is_on_front != any(other.dominates(p) for other in why.front), p.name


def test_front_has_the_plan_and_every_strategy(why: Reasons) -> None:
    """The plan and the scenario's strategies are beside the points, cheapest first, and points are numbered."""
    names = [p.name for p in why.front]
    assert {"planned", "only"} <= set(names)
    assert [p.cost for p in why.front] == sorted(p.cost for p in why.front)
    asked = [p.name for p in why.front if p.ask is not None]
    assert asked == [f"front-{k + 1}" for k in range(len(asked))]
    assert asked


def test_less_is_cheaper_by_hand(search: Search, why: Reasons) -> None:
    """A weekly backup is on the front below the plan, which is a daily one."""
    rules = {p.name: p.protections["app.db"].rules for p in why.front if p.protections["app.db"].rules}
    assert rules["planned"][0].every_s == DAY
    assert rules["front-1"][0].every_s == 7 * DAY
    assert why.front[0].name == "front-1"
    assert search.cost_of(why.front[0].protections) == why.front[0].cost


def test_ask_changes_every_limit() -> None:
    """Every limit is multiplied, and the attainment replaced."""
    objectives = (
        scenario(app="objectives: {rpo: {time: 4 h, size: 1 GB}, rto: 2 h, rto_full: 8 h}")
        .applications["app"]
        .objectives.under("it")
    )
    changed = Ask(0.5, 2.0).of({"app": {"it": objectives}})["app"]["it"]
    assert (changed.rpo_s, changed.rpo_bytes, changed.rto_s, changed.rto_full_s) == (8 * 3600, 2e9, 4 * 3600, 16 * 3600)
    assert changed.attainment == 0.5
    assert Ask(None, 1.0).of({"app": {"it": objectives}})["app"]["it"] == objectives


def test_cheaper_fails_where_it_is_said_to(search: Search, why: Reasons) -> None:
    """What is cheaper costs less by what is said, misses its objective, and does so in the drill that is named."""
    (other,) = why.cheaper
    assert search.cost_of(search.best) - search.cost_of(other.protections) == other.saved > 0
    assert not other.outcome.is_met
    again = run(why.scenario, strategies=[other.name], drills=120)
    (row,) = again.summary[again.summary["subject"] == other.outcome.subject].to_dict("records")
    assert row["p_meets"] == pytest.approx(other.outcome.p_meets)
    incidents = again.incidents.query("subject == @other.outcome.subject and drill == @other.drill")
    (figures,) = incidents.to_dict("records")
    assert figures["state"] != "recovered" or figures["data_loss_s"] > 30 * 3600 or figures["downtime_s"] > 30 * 3600


def test_files_hold_what_explains(
    tmp_path: Path, search: Search, why: Reasons, capsys: pytest.CaptureFixture[str]
) -> None:
    """`front.csv` is as documented, `alternatives.yaml` gives its figures, the command tells the drill."""
    PlanFolder(tmp_path / "out").write(search.plan(), why)
    with (tmp_path / "out" / "front.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(FRONT_COLUMNS)
    assert [row["strategy"] for row in rows] == [p.name for p in why.front]
    written = load_scenario(str(tmp_path / "out" / "alternatives.yaml"))
    summary = run(written, strategies=[row["strategy"] for row in rows], drills=120).summary
    shares = summary[summary["subject"] == "app"].groupby("strategy")["p_meets"].min()
    assert {row["strategy"]: float(row["p_meets"]) for row in rows} == pytest.approx(shares.to_dict())
    data = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    assert [entry["strategy"] for entry in data["front"]] == [p.name for p in why.front]
    (other,) = data["cheaper"]
    command = explain_command(why.cheaper[0], why.seed, str(tmp_path / "out"))
    assert command == other["explain"].replace("DIR/", f"{tmp_path}/out/")
    assert main(shlex.split(command)[1:]) == 0
    assert f"drill {other['drill']}" in capsys.readouterr().out


def test_what_does_not_explain_this_plan_goes(tmp_path: Path, search: Search, why: Reasons) -> None:
    """A plan written without reasons leaves no front of an earlier one."""
    folder = PlanFolder(tmp_path)
    folder.write(search.plan(), why)
    folder.write(search.plan())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.json", "plan.yaml"]


@pytest.mark.parametrize("at", range(7))
def test_steps_are_those_of_the_staircase(at: int) -> None:
    """Steps begin where the cost changes: two to the tighter side, two to the looser, by hand."""
    costs = [None, 9, 9, 5, 5, 5, 2]
    starts = [0, 1, 3, 6]
    mine = max(k for k, start in enumerate(starts) if start <= at)
    assert steps_around(costs.__getitem__, at, len(costs)) == starts[max(0, mine - 2) : mine + 3]


def test_objectives_cost_what_looser_ones_save(search: Search, why: Reasons) -> None:
    """A loss of days may be a weekly backup's: the price of the RPO is what a daily one costs more."""
    by_limit = {price.limit: price for price in why.prices}
    assert list(by_limit) == ["attainment", "rpo_s", "rto_s"]
    price = by_limit["rpo_s"]
    weekly = why.front[0]
    assert price.cost == search.cost_of(search.best)
    assert price.saved == price.cost - search.cost_of(weekly.protections) > 0
    assert price.looser is not None
    assert 90 / 100 * 7 * DAY < price.looser.value <= 10 * DAY
    costs = [step.cost for step in price.steps if step.cost is not None]
    assert costs == sorted(set(costs), reverse=True)
    assert by_limit["rto_s"].looser is None


def test_nothing_cheaper_is_no_reason(search: Search) -> None:
    """Where the plan is the cheapest there is, nothing is said to be cheaper."""
    bare = Search(replace(search.settings))
    bare.best = {"app.db": Protection()}
    assert reasons(bare).cheaper == ()
