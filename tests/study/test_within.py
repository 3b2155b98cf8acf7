"""As many drills as a time allows."""

from __future__ import annotations

import math
from itertools import count
from types import SimpleNamespace

import pytest

from drsim.engine.exposure import exposure
from drsim.scenario import Scenario, read_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.bench import Bench
from drsim.study.drills import run
from drsim.study.results import Result, to_csv
from drsim.study.summary import ranking
from drsim.study.within import FEWEST, MOST_JOBS, _Pace, ranking_within, run_within
from drsim.world import build_world


def scenario(every: str) -> Scenario:
    """Return a scenario of one database whose backup takes hours and is due at this interval."""
    text = shipped_scenarios()["periodic"].read_text(encoding="utf-8")
    read = read_scenario(text)
    (plan,) = read.backup_plans.values()
    rule = plan.rules[0].model_copy(update={"schedule": None, "every": {"1 d": 86_400.0, "1 h": 3_600.0}[every]})
    plans = dict.fromkeys(read.backup_plans, plan.model_copy(update={"rules": (rule,)}))
    return read.model_copy(update={"backup_plans": plans, "overrides": {}})


def daily() -> Bench:
    """Return the bench of the strategy whose backups are due every day."""
    return Bench(scenario("1 d"), strategies=("daily",))


def test_quick_drills_are_all_done() -> None:
    """Where pools fall idle soon all drills are done in one go, whatever the time: those of a study."""
    result = run_within(daily(), 400, 0.0)
    assert result.run["drills"] == 400
    assert alike(result, run(scenario("1 d"), drills=400, workers=1))


def test_no_more_incidents_are_held_than_a_block_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an estate with many rows a drill the pieces have fewer drills, and the result is that of a study."""
    told: list[int] = []
    monkeypatch.setattr("drsim.study.pieces._BLOCK_ROWS", 2_000)
    result = run_within(daily(), 700, 60.0, progress=lambda done, _: told.append(done))
    assert told == [500, 700]
    assert alike(result, run(scenario("1 d"), drills=700, workers=1))


def alike(result: Result, study: Result) -> bool:
    """Whether a result says what a study says: every table, and all of the record but the time that it took."""
    tables = all(
        to_csv(getattr(result, t)) == to_csv(getattr(study, t)) for t in ("summary", "curves", "costs", "events")
    )
    return tables and result.warnings == study.warnings and result.run | {"timing": 0} == study.run | {"timing": 0}


@pytest.mark.parametrize(("seconds", "number"), [(0.0, FEWEST), (0.45, 7 * FEWEST // 2), (0.65, 21 * FEWEST)])
def test_slow_drills_are_as_many_as_there_is_time_for(
    seconds: float, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each drill takes long, some are done, and the result says how many; they are the first ones of a study.

    The clock goes on by 0.1 s at each look, so that a piece takes 0.1 s however many drills it has: after the first
    piece half as many more are thought to last 0.05 s; after the second, any number more to last no longer than it did.
    """
    monkeypatch.setattr("drsim.study.within._jobs_of_a_drill", lambda *_: 1e4)
    monkeypatch.setattr("drsim.study.within.time", SimpleNamespace(monotonic=count(0.0, 0.1).__next__))
    result = run_within(daily(), 1_000_000, seconds)
    assert result.run["drills"] == number
    assert alike(result, run(scenario("1 d"), drills=number, workers=1))


def test_enough_time_is_enough_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pieces end with the number that was asked for; progress tells of each."""
    monkeypatch.setattr("drsim.study.within._jobs_of_a_drill", lambda *_: 1e4)
    told: list[tuple[int, int]] = []
    result = run_within(daily(), 150, math.inf, progress=lambda *at: told.append(at))
    assert result.run["drills"] == 150
    assert told == [(FEWEST, 150), (5 * FEWEST, 150), (150, 150)]
    assert run_within(daily(), 3, 60.0).run["drills"] == 3


def test_pace_knows_a_while_for_each_piece_and_more_for_each_drill() -> None:
    """Two pieces tell both; where more drills took no longer, any number is taken to be done in the time."""
    pace = _Pace()
    pace.took(20, 0.5)
    assert pace.drills_in(1.0) == pytest.approx(40)
    pace.took(80, 0.8)
    assert pace.drills_in(1.4) == pytest.approx(200)
    assert pace.drills_in(0.3) == 0.0
    pace.took(320, 0.7)
    assert pace.drills_in(1.0) == math.inf


def test_jobs_of_a_drill_tell_quick_plans_from_slow_ones() -> None:
    """A plan whose pools fall idle soon is quick; few slots and jobs that are due faster than they are done are not."""
    from drsim.study.within import _FEW_JOBS, _jobs_of_a_drill

    def jobs(text: str) -> float:
        return _jobs_of_a_drill(build_world(read_scenario(text), "copies"))

    web_shop = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")
    assert jobs(web_shop) < _FEW_JOBS
    assert jobs(web_shop + "\nlimits: {backup_jobs: 1}\n") > _FEW_JOBS
    assert jobs(web_shop.replace("schedule: cron(0 5 ? * * *)", "every: 6 h")) > 1000


def test_fewer_drills_are_done_where_jobs_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each drill goes through very many jobs there are fewer, one at least, and they are those of a study."""
    for jobs, number in ((4.0 * MOST_JOBS, FEWEST // 4), (1e3 * MOST_JOBS, 1)):
        monkeypatch.setattr("drsim.study.within._jobs_of_a_drill", lambda *_, jobs=jobs: jobs)
        result = run_within(daily(), 500, 0.0)
        assert result.run["drills"] == number
        assert alike(result, run(scenario("1 d"), drills=number, workers=1))


@pytest.mark.parametrize("measure", ["downtime_s", "data_loss_s"])
def test_ranking_within_a_time_is_that_of_as_many_drills(measure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The drills are ranked as a study of as many ranks them."""
    studied = scenario("1 d")
    (strategy, *_), (disruption, *_) = studied.strategies, studied.disruptions
    monkeypatch.setattr("drsim.study.within._jobs_of_a_drill", lambda *_: 1e4)
    bench = Bench(studied, (disruption,), strategies=(strategy,))
    ranked, drills = ranking_within(bench, 500, 0.0, measure, "orders")
    assert drills == FEWEST
    exposed = exposure(bench.world(strategy), disruption, drills)
    incidents = run(studied, disruptions=(disruption,), drills=drills, workers=1).incidents
    assert ranked == ranking(incidents, exposed, measure, "orders")
