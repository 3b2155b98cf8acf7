"""The page of one incident, without a browser."""

from __future__ import annotations

import re
import shlex

import pytest
from streamlit.testing.v1 import AppTest

from drsim.app.link import packed
from drsim.cli import main
from drsim.engine import run_vectorised
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.world import build_world
from tests.app.visits import charts, opened, shown
from tests.study.test_achievements import BOTH, TEXT, USUAL

DRILLS = "40"


def command(app: AppTest) -> str:
    """Return the command that the page shows."""
    return next(line for line in (str(code.value) for code in app.code) if line.startswith("drsim explain"))


def story(app: AppTest) -> str:
    """Return the story in the expander."""
    return next(text for text in (str(code.value) for code in app.code) if text.startswith("Strategy "))


@pytest.mark.parametrize("name", list(shipped_scenarios()))
def test_page_draws_every_shipped_scenario(name: str) -> None:
    """The first strategy, disruption and application are shown with sentence, chart, story, command and files."""
    scenario = load_scenario(shipped_scenarios()[name])
    chosen = {"strategy": next(iter(scenario.strategies)), "disruption": next(iter(scenario.disruptions))}
    app = opened("incident", scenario=name, drills="5" if name == "region-evacuation" else DRILLS, **chosen)
    assert not app.exception
    first = next(iter(scenario.applications))
    assert first in app.info[0].value.replace("\\", "")
    assert charts(app)
    words = shlex.split(command(app))
    assert words[:3] == ["drsim", "explain", name]
    assert {next(iter(scenario.strategies)), next(iter(scenario.disruptions)), first} <= set(words)
    assert f"Application {first}" in story(app)
    labels = {button.proto.label for button in app.get("download_button")}
    assert {"PNG", "SVG", "Story", "What went on", "Recovery points"} <= labels


@pytest.mark.parametrize("by", ["percentile of downtime", "percentile of data loss", "drill number"])
def test_command_tells_the_same_story(by: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever way the drill was chosen, the command that the page shows prints the story of the page."""
    app = opened(
        "incident",
        scenario="web-shop",
        drills=DRILLS,
        strategy="copies",
        disruption="ransomware",
        **{"incident-by": by},
    )
    assert not app.exception
    assert main(shlex.split(command(app))[1:]) == 0
    # the command says below it on what the story rests
    assert capsys.readouterr().out.startswith(story(app).strip())


def test_choices_lead_to_other_drills() -> None:
    """A low percentile is a milder incident than a high one; the highest is one without recovery."""
    app = opened("incident", scenario="web-shop", drills=DRILLS, strategy="nightly", disruption="ransomware")
    assert "could not be recovered" in app.info[0].value.replace("\\", "")
    app.slider(key="incident-percentile").set_value(5).run()
    assert not app.exception
    assert "was down for" in app.info[0].value.replace("\\", "")
    app.selectbox(key="strategy").select("warm-standby").run()
    assert not app.exception
    assert "Strategy warm-standby" in story(app)


def test_parts_points_and_changes_are_shown() -> None:
    """The page says what the downtime is made of, what there was to recover from and what would have helped."""
    app = opened("incident", scenario="web-shop", drills=DRILLS, strategy="copies", disruption="region-loss")
    text = shown(app)
    assert len(charts(app)) == 2
    assert re.search(r"Downtime: [\d.]+ (min|h|d)", text)
    assert "What would have shortened this downtime" in text
    assert "lost or out of reach with its vault" in text
    app.selectbox(key="incident-resource").select("shop.images").run()
    assert not app.exception
    assert "What there was to recover shop.images from" in shown(app)


def test_application_that_is_not_reached_is_said() -> None:
    """A drill that leaves the application alone shows a sentence in place of a recovery."""
    world = build_world(load_scenario(shipped_scenarios()["web-shop"]), "continuous")
    log = run_vectorised(world, "zone-outage", 0, 20)
    spared = set(range(20)) - set(log.loc[log["subject"] == "analytics", "drill"])
    by = {"incident-by": "drill number", "incident-drill": str(min(spared)), "application": "analytics"}
    app = opened("incident", scenario="web-shop", strategy="continuous", disruption="zone-outage", **by)
    assert not app.exception
    assert "did not reach analytics" in app.info[0].value.replace("\\", "")
    assert len(charts(app)) == 1


def test_lost_application_is_told_what_would_have_saved_it() -> None:
    """Sentence, table and story name changes that would have recovered what was lost, tried on the same drill."""
    app = opened("incident", scenario="web-shop", drills=DRILLS, strategy="nightly", disruption="region-loss")
    assert "Each of these alone would have recovered it" in app.info[0].value.replace("\\", "")
    assert "What would have recovered it, each change alone" in shown(app)
    assert "What would have recovered it, each change alone" in story(app)


def test_drill_has_a_number_that_leads_back_to_it() -> None:
    """The number that a percentile's drill is shown with brings the same drill; one beyond the drills is said to be."""
    address = {"scenario": "web-shop", "drills": DRILLS, "strategy": "copies", "disruption": "region-loss"}
    app = opened("incident", **address)
    number = re.search(r"This is drill (\d+) of 40", shown(app))
    assert number
    told = story(app)
    app = opened("incident", **address, **{"incident-by": "drill number", "incident-drill": number[1]})
    assert story(app) == told
    app = opened("incident", **address, **{"incident-by": "drill number", "incident-drill": "41"})
    assert not app.exception
    assert "it is not among them" in shown(app)


def test_resource_stands_in_the_link() -> None:
    """A link to a resource's recovery points shows these; one that another application has is forgotten."""
    address = {"scenario": "web-shop", "drills": DRILLS, "strategy": "copies", "disruption": "region-loss"}
    app = opened("incident", **address, **{"incident-resource": "shop.images"})
    assert not app.exception
    assert "What there was to recover shop.images from" in shown(app)
    app.selectbox(key="application").select("analytics").run()
    assert not app.exception
    assert "What there was to recover analytics.warehouse from" in shown(app)


@pytest.mark.parametrize(("objectives", "is_added"), [(BOTH, True), (USUAL, False)])
def test_bytes_and_full_performance_are_shown_where_they_are_asked_for(objectives: str, *, is_added: bool) -> None:
    """Each measure stands beside its objective where one asks for bytes or full performance, and only there."""
    link = packed(TEXT.replace("OBJECTIVES", objectives).replace("rto_full: 1 h", "rto: 1 h")) or ""
    chosen = {"strategy": "daily", "disruption": "lost", "application": "shop", "incident-by": "drill number"}
    app = opened("incident", scenario="mine", file="x.yaml", text=link, drills="20", **chosen)
    assert not app.exception
    assert ("Against the objectives" in story(app)) == is_added
    text = shown(app).replace(story(app), "")
    for words in ("Against the objectives", "data loss in bytes", "RPO 5 GB", "RTO (full) 14 h"):
        assert (words in text) == is_added
