"""The page of the planner, without a browser."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from drsim.app import drafts, editors, planning, tasks
from drsim.app.link import packed
from drsim.app.questions import Question
from drsim.app.workshop import Workshop, workshop
from drsim.cli import main
from drsim.planner.answer import Plan
from drsim.planner.menu import menu
from drsim.planner.reasons import Reasons
from drsim.report.plans import headline
from drsim.scenario import read_scenario
from drsim.scenario.nodes import Plain
from drsim.scenario.planning import Planning
from drsim.scenario.shipped import shipped_scenarios
from tests.app.visits import button, opened, shown
from tests.patience import PATIENCE_S, until

QUICK: dict[str, Plain] = {
    "drills": 100,
    "confirm_drills": 100,
    "intervals": ["8 h"],
    "retentions": ["7 d"],
    "replication": [],
}
"""Choices with which a search is soon done."""

ADDRESS = {"scenario": "periodic", "drills": "100", "planning": json.dumps(QUICK)}


def told(app: AppTest) -> str:
    """Return the text of a page as it stands, without what keeps Markdown from it."""
    return shown(app).replace("\\", "")


def test_every_key_of_planning_has_an_editor() -> None:
    """Whatever a scenario may say of planning can be chosen on the page, once, and has a name and a help."""
    groups = (editors.REACH, editors.CHOOSE, editors.LIMITS, editors.MORE, editors.PROOF)
    keys = [key for group in groups for key in group]
    assert sorted(keys) == sorted(Planning.model_fields) == sorted(editors.LABELS)
    assert all(field.description for field in Planning.model_fields.values())


def test_nothing_is_searched_for_before_the_button() -> None:
    """The page opens at once, says what is asked, and has the button; nothing is chosen otherwise."""
    app = opened("plan", scenario="periodic")
    assert not app.exception
    assert "orders: RPO 24 h, RTO 24 h in 95 % of drills under database-lost and region-lost" in told(app)
    assert not button(app, "Find the cheapest plan").disabled
    assert button(app, "Back to what the scenario says").disabled
    assert not {"planning", "find"} & set(app.query_params)
    assert not app.info


def test_compare_leads_to_the_plan() -> None:
    """The way from what is missed to what would do is one click."""
    app = opened(scenario="periodic", drills="30")
    assert "no strategy meets" in app.info[0].value
    assert [link.proto.page for link in app.get("page_link")] == ["plan"]


def test_plan_is_found_shown_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer is that of the command; its link shows it again; kept, it stands beside today's on Compare."""
    app = opened("plan", **ADDRESS)
    button(app, "Find the cheapest plan").click().run()
    assert not app.exception
    text = told(app)
    assert "The plan costs " in app.info[0].value
    assert "every objective" in app.info[0].value
    for title in ("What to change", "What the plan reaches, in drills that the search never saw"):
        assert title in text
    assert "protections of single resources were weighed" in text
    assert "What less and more would cost" in text
    assert {"plan.yaml", "plan.json", "front.csv"} <= {download.proto.label for download in app.get("download_button")}
    # the command, of the scenario with these choices
    draft = drafts.Draft("periodic", (whole := drafts.shipped_text("periodic")), read_scenario(whole), ())
    file = tmp_path / "periodic-planning.yaml"
    file.write_text(planning.with_choices(draft, QUICK), encoding="utf-8")
    assert "# periodic: one database" in file.read_text(encoding="utf-8")
    command = next(str(code.value) for code in app.code if str(code.value).startswith("drsim plan"))
    assert command == f"drsim plan {file.name} --out out/plan"
    assert main(["plan", str(file), "--format", "table"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert app.info[0].value.replace("\\", "") in said
    # the link
    assert app.query_params["find"] == "plan"
    again = opened("plan", **ADDRESS, find="plan")
    assert again.info[0].value == app.info[0].value
    # kept
    button(again, "Keep as a strategy").click().run()
    assert not again.exception
    assert again.title[0].value == "Compare strategies"
    assert ">planned</" in shown(again)
    mine = read_scenario(again.session_state["own-text"].text)
    assert list(mine.strategies) == ["daily", "planned"]
    assert mine.planning.drills == 100
    assert any("planned is the only strategy that meets" in str(sentence.value) for sentence in again.info)


def test_choices_stand_in_the_link_and_go_back() -> None:
    """What is chosen otherwise than in the scenario is in the link; what is chosen back is not."""
    app = opened("plan", scenario="periodic")
    app.multiselect(key="plan/intervals").set_value(["1 h", "6 h"]).run()
    app.checkbox(key="plan/new_vaults").uncheck().run()
    app.selectbox(key="plan/attainment").set_value("90 %").run()
    assert not app.exception
    chosen = json.loads(app.query_params["planning"])
    assert chosen == {"intervals": ["1 h", "6 h"], "new_vaults": False, "attainment": "90 %"}
    assert "in 90 % of drills" in told(app)
    other = opened("plan", scenario="periodic", planning=app.query_params["planning"])
    assert other.multiselect(key="plan/intervals").value == ["1 h", "6 h"]
    app.selectbox(key="plan/attainment").set_value("as each application asks").run()
    assert "attainment" not in json.loads(app.query_params["planning"])
    button(app, "Back to what the scenario says").click().run()
    assert "planning" not in app.query_params
    assert app.multiselect(key="plan/intervals").value == ["1 h", "4 h", "12 h", "1 d", "7 d"]


def test_what_a_scenario_says_is_shown_and_another_scenario_forgets_choices() -> None:
    """Editors begin with what the file says; choices for one scenario are none for the next."""
    app = opened("plan", scenario="periodic", planning='{"regions":["us-east-1"]}')
    app.selectbox(key="scenario").select("web-shop").run()
    assert not app.exception
    assert "planning" not in app.query_params
    text = drafts.shipped_text("periodic") + "planning: {retentions: [3 d], plan_price: 2 USD/h, keep: ['orders.*']}\n"
    own = opened("plan", scenario="mine", file="own.yaml", text=packed(text) or "")
    assert not own.exception
    assert own.multiselect(key="plan/retentions").value == ["3 d"]
    assert own.selectbox(key="plan/plan_price").value == "2 USD/h"
    assert own.multiselect(key="plan/keep").value == ["orders.*"]
    assert own.multiselect(key="plan/intervals").value == ["1 h", "4 h", "12 h", "1 d", "7 d"]


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ('{"attainment":"often"}', "This cannot be planned with: “How often objectives are to be met”"),
        ('{"intervals":[]}', "This cannot be planned with: “Times between backups”"),
        ('{"baseline":"nobody"}', "no such strategy"),
        ('{"disruptions":[]}', "This cannot be planned with: “Disruptions to be met”"),
        ('{"intervals":{"a":1},"drills":"x","locks":7,"seeds":[{}]}', "This cannot be planned with: "),
        ("[1]", "orders: RPO 24 h"),
        ("{" * 9000, "orders: RPO 24 h"),
    ],
)
def test_choices_that_are_not_right_are_told(choices: str, said: str) -> None:
    """Whatever a link holds, the page opens; what is wrong is said in the page's words."""
    app = opened("plan", scenario="periodic", planning=choices)
    assert not app.exception
    assert said in told(app)


def test_where_nothing_is_asked_the_page_leads_to_the_estate() -> None:
    """A plan is for objectives: where there are none the page says where to give some."""
    text = drafts.shipped_text("periodic").replace("objectives: {rpo: 24 h, rto: 24 h}", "priority: 1")
    app = opened("plan", scenario="mine", file="none.yaml", text=packed(text) or "")
    assert not app.exception
    assert "There is nothing to plan for: no application has an objective" in told(app)
    assert [link.proto.page for link in app.get("page_link")] == ["estate"]
    assert "Find the cheapest plan" not in [element.label for element in app.button]


def _searching(shop: Workshop, question: Question) -> bool:
    job = shop.jobs.get(question.key)
    return job is not None and "now what orders could have" in shop.said(job).lower()


def test_a_search_says_how_far_it_is_and_stop_keeps_the_best() -> None:
    """Work says in words what it does; asked to end it answers with the best so far, which is kept for nobody else."""
    shop = workshop()
    question = Question(tasks.plan, (drafts.shipped_text("periodic"), 600.0), keeps_best=True)
    shop.forget(question)
    job = shop.join(question)
    assert until(lambda: _searching(shop, question))
    shop.end_with_best(question)
    # the page is drawn anew in between: the work goes on, though nobody waits, and somebody else begins other work
    shop.leave(job)
    other = shop.join(Question(tasks.check, (drafts.shipped_text("periodic"), "another.yaml")))
    assert other.future.result(timeout=PATIENCE_S)
    shop.leave(other)
    answer: tuple[Plan, Reasons | None] = job.future.result(timeout=PATIENCE_S)
    plan, why = answer
    assert why is None
    assert plan.effort.stopped == "by hand"
    assert "misses" in headline(plan)
    assert plan.cost == plan.baseline_cost


def test_the_menu_is_what_a_scenario_has() -> None:
    """What there is to choose from is of the scenario's own types, sites, vaults and disruptions."""
    scenario = read_scenario(shipped_scenarios()["web-shop"].read_text(encoding="utf-8"))
    named = menu(scenario)
    assert named["vaults"] == ("local", "dr", "isolated")
    assert named["continuous"] == ("Aurora", "S3")
    assert "Aurora Global Database" in named["replication"]
    assert named["locks"] == ("governance", "compliance", "air-gapped")
    assert {"shop.*", "shop.images", "type:S3"} <= set(named["keep"])
    assert shlex.join(named["regions"]) == "us-east-1 us-west-2"
    assert re.fullmatch(r"\d+ [hd]", named["intervals"][0])
