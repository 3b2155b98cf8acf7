"""The page of what-if questions, without a browser."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from drsim.scenario import read_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.within import FEWEST
from tests.app.visits import DRILLS, button, charts, opened, shown

PLAN = "rule/nightly-with-copies/0"
COPIES = {"scenario": "web-shop", "strategy": "copies", "disruption": "region-loss", "drills": str(DRILLS)}


def metrics(app: AppTest) -> dict[str, tuple[str, str]]:
    """Return value and change of the figures."""
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.thorough] if name == "every-type" else [])
        for name in shipped_scenarios()
        if name != "region-evacuation"
    ],
)
def test_page_draws_every_shipped_scenario(name: str) -> None:
    """Figures, curves and knobs of the first strategy; nothing is changed."""
    scenario = read_scenario(shipped_scenarios()[name].read_text(encoding="utf-8"))
    app = opened("what-if", scenario=name, drills=str(DRILLS), strategy=next(iter(scenario.strategies)))
    assert not app.exception
    assert len(app.metric) == 12
    assert {change for _, change in metrics(app).values()} == {"as before"}
    assert len(charts(app)) == 2
    text = shown(app)
    assert all(f">{disruption}</td>" in text for disruption in scenario.disruptions)
    assert f"drsim run {name} --strategy {next(iter(scenario.strategies))}" in text
    assert button(app, "Back to the baseline").disabled


def test_empty_session_shows_the_first_scenario() -> None:
    """Nothing has to be chosen first."""
    app = opened("what-if", drills="10")
    assert not app.exception
    # what breaches an objective and costs most, which a link overrides
    assert app.selectbox(key="strategy").value == "continuous"
    assert app.selectbox(key="disruption").value in ("ransomware", "account-taken")
    other = opened("what-if", drills="10", strategy="copies")
    assert other.selectbox(key="strategy").value == "copies"
    assert "costs most" in shown(other)


def test_large_estate_draws() -> None:
    """Hundreds of knobs are shown by their owners."""
    app = opened("what-if", scenario="region-evacuation", drills="3")
    assert not app.exception
    assert len(app.metric) == 12


def test_change_is_answered_and_stands_in_the_link() -> None:
    """A knob moves, the figures follow, and the way back leads to the baseline."""
    app = opened("what-if", **COPIES)
    before = metrics(app)
    app.select_slider(key="whatif/response/declare").set_value("1 d").run()
    assert not app.exception
    assert json.loads(app.query_params["changes"]) == {"response/declare": "1 d"}
    after = metrics(app)
    assert after["Data loss, p95"] == before["Data loss, p95"]
    assert "h longer" in after["Downtime, p50"][1]
    assert "Changed: declare, median 1 d (was 30 min)" in shown(app)
    again = opened("what-if", **COPIES, changes=app.query_params["changes"])
    assert metrics(again) == after
    button(app, "Back to the baseline").click().run()
    assert metrics(app) == before
    assert "changes" not in app.query_params


def test_what_aws_refuses_is_said_and_the_last_answer_stays() -> None:
    """The problem with its repair stands beside the knobs, the last good answer at its place."""
    app = opened("what-if", **COPIES)
    app.select_slider(key="whatif/response/declare").set_value("1 d").run()
    good = metrics(app)
    app.select_slider(key=f"whatif/{PLAN}/cold_storage_after").set_value("30 d").run()
    assert not app.exception
    assert metrics(app) == good
    reason, answered = (str(each.value).replace("\\", "") for each in app.warning[:2])
    assert reason.startswith("AWS does not take this: ")
    assert "keeps what is cold for at least 90 d" in reason
    # in the words of the page, not of the file
    assert "“To cold storage after”" in reason
    assert "`" not in reason
    assert answered == "Below is the answer to the last change that it takes: declare, median 1 d (was 30 min)."
    # a colleague sees the same
    both = {name: app.query_params[name] for name in ("changes", "answered")}
    other = opened("what-if", **COPIES, **both)
    assert metrics(other) == good
    assert [each.value for each in other.warning] == [each.value for each in app.warning]
    app.select_slider(key=f"whatif/{PLAN}/delete_after").set_value("120 d").run()
    assert not any("does not take" in str(each.value) for each in app.warning)
    assert metrics(app) != good


def test_few_drills_are_called_rough_and_all_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each drill takes long the page warns, its command names the drills done, and a button asks for all."""
    monkeypatch.setattr("drsim.app.answers._FULL_S", 0.0)
    drills = FEWEST + 2
    app = opened("what-if", **COPIES | {"drills": str(drills)})
    app.selectbox(key="whatif/limits/backup_jobs").set_value("1").run()
    assert not app.exception
    said = app.warning[0].value.replace("\\", "")
    assert said.startswith(f"Only {FEWEST} of {drills} drills: there was no time for more in the 0 s")
    assert f"--drills {FEWEST} " in str(app.code[-1].value)
    button(app, f"Take the time for all {drills} drills").click().run()
    assert not app.exception
    assert not any("drills: there was no time" in str(each.value) for each in app.warning)
    assert f"--drills {drills} " in str(app.code[-1].value)


def test_change_is_kept_as_a_new_strategy() -> None:
    """The scenario of the visit has one more; world changes are announced before."""
    app = opened("what-if", **COPIES)
    app.select_slider(key="whatif/response/declare").set_value("1 h").run()
    app.select_slider(key=f"whatif/{PLAN}/copy/dr").set_value("60 d").run()
    assert any("hold for every strategy" in str(each.value) for each in app.warning)
    app.text_input(key="whatif-name").set_value("copies").run()
    assert button(app, "Keep as a new strategy").disabled
    app.text_input(key="whatif-name").set_value("longer").run()
    button(app, "Keep as a new strategy").click().run()
    assert not app.exception
    found = read_scenario(app.session_state["own-text"].text)
    assert list(found.strategies)[-1] == "longer"
    assert found.response.declare.quantile(0.5) == pytest.approx(3600)
    assert found.backup_plans["longer"].rules[0].copy_actions[0].lifecycle is not None
    assert "changes" not in app.query_params
    # the page goes on with it
    assert app.selectbox(key="strategy").value == "longer"
    assert app.query_params["strategy"] == "longer"


UNREADABLE = "{", "[1]", '{"a": 1}', "[" * 3000


@pytest.mark.parametrize("text", [*UNREADABLE, '{"rule/x": "1 d"}', json.dumps({f"{PLAN}/every": "1 y"})])
def test_link_may_hold_anything(text: str) -> None:
    """What is no change of a knob is left out; that nothing can be read is said until something is changed."""
    app = opened("what-if", **COPIES, changes=text)
    for _ in range(2):
        assert not app.exception
        assert {change for _, change in metrics(app).values()} == {"as before"}
        assert ("cannot be read" in shown(app)) is (text in UNREADABLE)
        app.run()
    app.select_slider(key="whatif/response/declare").set_value("1 d").run()
    assert "cannot be read" not in shown(app)
