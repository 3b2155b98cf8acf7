"""As many drills as a time allows."""

from __future__ import annotations

import time

import pytest

from drsim.errors import ClockError
from drsim.scenario import Scenario, read_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.drills import run
from drsim.study.results import to_csv
from drsim.study.within import FEWEST, run_within


def scenario(every: str) -> Scenario:
    """Return a scenario of one database whose backup takes hours and is due at this interval."""
    text = shipped_scenarios()["periodic"].read_text(encoding="utf-8")
    found = read_scenario(text)
    (plan,) = found.backup_plans.values()
    rule = plan.rules[0].model_copy(update={"schedule": None, "every": {"1 d": 86_400.0, "1 h": 3_600.0}[every]})
    plans = dict.fromkeys(found.backup_plans, plan.model_copy(update={"rules": (rule,)}))
    return found.model_copy(update={"backup_plans": plans, "overrides": {}})


def test_quick_drills_are_all_done() -> None:
    """Where pools fall idle there is no trial: all drills that were asked for, and those of a study."""
    found = run_within(scenario("1 d"), "daily", (), 400, 0.0)
    assert found.run["drills"] == 400
    assert to_csv(found.summary) == to_csv(run(scenario("1 d"), drills=400, workers=1).summary)


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_slow_drills_are_as_many_as_there_is_time_for(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each drill takes long, some are done, and the result says how many; they are the first ones of a study."""
    monkeypatch.setattr("drsim.study.within._piled_up_jobs", lambda *_: 1)
    begun = time.monotonic()
    found = run_within(scenario("1 d"), "daily", (), 1_000_000, seconds)
    number = found.run["drills"]
    assert FEWEST <= number < 1_000_000
    assert time.monotonic() - begun < seconds + 5
    assert to_csv(found.summary) == to_csv(run(scenario("1 d"), drills=number, workers=1).summary)


def test_enough_time_is_enough_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials end with the number that was asked for."""
    monkeypatch.setattr("drsim.study.within._piled_up_jobs", lambda *_: 1)
    assert run_within(scenario("1 d"), "daily", (), 50, 60.0).run["drills"] == 50
    assert run_within(scenario("1 d"), "daily", (), 3, 60.0).run["drills"] == 3


def test_piled_up_jobs_are_told_from_others() -> None:
    """A plan whose pools fall idle is quick; one whose jobs are due faster than they can be done is not."""
    from drsim.study.within import _piled_up_jobs

    web_shop = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")
    assert _piled_up_jobs(read_scenario(web_shop), "copies") == 0
    often = web_shop.replace("schedule: cron(0 5 ? * * *)", "every: 6 h")
    assert _piled_up_jobs(read_scenario(often), "copies") > 1000


def test_too_many_jobs_are_refused_with_the_reason() -> None:
    """What would take minutes for a few drills is refused at once, and says whose jobs pile up."""
    text = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")
    hourly = read_scenario(text.replace("schedule: cron(0 5 ? * * *)", "every: 1 h"))
    with pytest.raises(ClockError, match=r"jobs of .*shop\.orders.* pile up: .* all [0-9,]+ since the plan's start"):
        run_within(hourly, "copies", (), 500, 1.0)
