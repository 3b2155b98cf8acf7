"""The page that compares strategies, without a browser."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from streamlit.testing.v1 import AppTest

from drsim.app import tasks, work
from drsim.app.link import packed
from drsim.app.questions import Question
from drsim.cli import main
from drsim.report.findings import year_finding
from drsim.report.summary_words import verdict_words
from drsim.report.tables import records
from drsim.report.vega.objectives import attainment_rows
from drsim.scenario import read_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.results import Result, to_csv
from tests.app.visits import DRILLS, charts, opened, shown


def result(app: AppTest) -> Result:
    """Return what the session has found out."""
    joined: Result = app.session_state["joined"][1]
    return joined


def data(app: AppTest, k: int) -> str:
    """Return the specification of a chart."""
    return str(charts(app)[k].proto.spec)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.thorough] if name == "every-type" else [])
        for name in shipped_scenarios()
        if name != "region-evacuation"
    ],
)
def test_page_draws_every_shipped_scenario(name: str) -> None:
    """Each disruption, application and strategy is in the table with its verdict; charts, files and command, too.

    Where there are many applications, all are in the overview, and the chosen one in the table.
    """
    app = opened(scenario=name, drills=str(DRILLS))
    assert not app.exception
    study, text = result(app), shown(app)
    summary = study.summary[study.summary["level"] == "application"]
    many = summary["subject"].nunique() > 3
    if many:
        assert all(f'"{subject}"' in data(app, 0) for subject in summary["subject"])
        summary = summary[summary["subject"] == app.session_state["application"]]
    words = [*summary["disruption"].unique(), *summary["subject"].unique(), *study.run["strategies"]]
    assert all(f">{word}</td>" in text for word in words)
    cells = {cell.replace("\u00a0", " ") for cell in re.findall(r">([^<]+)</td>", text)}
    assert {verdict_words(row) for row in records(summary)} <= cells
    applications = summary["subject"].nunique()
    # of each application the verdict, and RPO and RTO apart
    assert len(charts(app)) == many + 3 * applications + 4
    assert len(app.info) == many + applications + bool(year_finding(study, list(study.summary["subject"])))
    assert f"drsim run {name} --drills {DRILLS} --seed {study.run['seed']}" in text
    labels = {button.proto.label for button in app.get("download_button")}
    tables = {
        *("Summary (CSV)", "Dependencies (CSV)", "Costs (CSV)"),
        *("Costs by application (CSV)", "Cost of disruptions (CSV)"),
    }
    assert {"PNG", "SVG", "Scenario (YAML)", "Report (HTML)", *tables} <= labels


def test_two_minutes_of_region_evacuation_are_shown_with_few_drills() -> None:
    """The scenario with the longest queues draws, too."""
    app = opened(scenario="region-evacuation", drills="5")
    assert not app.exception
    text = shown(app)
    assert "5 drills per strategy and disruption" in text
    # forty applications: counted and shown together, and one of them in full
    assert len(charts(app)) == 1 + 3 + 4
    assert len(app.info) == 2 + bool(year_finding(result(app), ["payments"]))
    assert "Objectives of 40 applications" in app.info[0].value
    app.selectbox(key="application").select("payments").run()
    assert "payments" in app.info[1].value
    assert "payments</td>" in shown(app)
    assert "platform</td>" not in shown(app)


def test_result_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The command that the page shows finds out the same, byte for byte, though strategies ran by themselves."""
    app = opened(scenario="web-shop", drills=str(DRILLS))
    command = next(line for line in (str(code.value) for code in app.code) if line.startswith("drsim run"))
    assert main([*shlex.split(command)[1:], "--workers", "1", "--format", "csv"]) == 0
    assert capsys.readouterr().out == to_csv(result(app).summary)


def test_finding_names_the_cheapest_that_meets_all() -> None:
    """The page begins with the answer."""
    app = opened(scenario="web-shop", drills="100")
    assert "shop" in app.info[0].value
    assert "USD\\/month" in app.info[0].value


def test_choice_of_disruption_and_subject_redraws_the_charts() -> None:
    """Other choices give other charts; the first ones stay."""
    app = opened(scenario="web-shop", drills=str(DRILLS))
    before = [data(app, k) for k in range(10)]
    # the one under which strategies differ most comes first, and stands in the link for the other pages
    assert app.selectbox(key="disruption").value == app.query_params["disruption"] == "region-loss"
    app.selectbox(key="disruption").select("ransomware").run()
    app.selectbox(key="subject").select("shop.images").run()
    assert not app.exception
    after = [data(app, k) for k in range(10)]
    assert before[:6] == after[:6]
    assert all(one != other for one, other in zip(before[6:], after[6:], strict=True))


def test_axes_have_titles_with_units() -> None:
    """Each axis of the charts says what it shows."""
    app = opened(scenario="web-shop", drills=str(DRILLS))
    titles = [set(re.findall(r'"title": ?"([^"]*)"', data(app, k))) for k in range(6, 10)]
    assert all("steady cost [USD/month]" in words for words in (titles[0], titles[2]))
    assert "data loss, p95" in titles[0]
    assert "probability to exceed it" in titles[1]
    assert json.loads(data(app, 6))


TOGETHER = """
name: together
start: 2026-01-01
drills: 80
sites: {home: {region: us-east-1, account: a, zone: us-east-1a}, far: {region: us-west-2, account: a}}
vaults: {local: {site: home}}
applications:
  users: {site: home, rebuild: 10 d, resources: {db: {type: RDS, size: 10 GB}}}
  shop:
    site: home
    objectives: {rpo: 25 h, rto: 20 h}
    requires: [users]
    resources: {orders: {type: RDS, size: 10 GB}, cache: {type: EBS, size: 10 GB}}
backup_plans: {daily: {rules: [{rule_name: daily, target_vault: local, schedule: "cron(0 5 ? * * *)"}]}}
strategies: {some: {backup: {"users.*": daily, shop.orders: daily}}}
disruptions:
  disk: {kind: resource-loss}
  zone: {kind: zone-outage}
  west: {kind: region-loss, site: far}
response: {detect: 1 min, declare: 1 min, validate: 1 min, redirect: 1 min}
"""


def test_verdicts_name_their_resource_and_shares_say_of_which_drills() -> None:
    """One unprotected resource decides; a zone's outage reaches a third of the drills, the loss of another Region none.

    What goes down with others stands in a table of its own, which can be taken along.
    """
    app = opened(scenario="mine", file="together.yaml", text=packed(TOGETHER) or "", drills="80")
    assert not app.exception
    text = shown(app)
    assert ">unprotected (shop.cache)</td>" in text
    assert ">unaffected</td>" in text
    assert "Applications that go down with what they require" in text
    assert ">users.db</td>" in text
    assert "count in their yearly loss" in text
    asked = read_scenario(TOGETHER).applications["shop"].objectives
    rows = attainment_rows(result(app), "shop", {name: asked.under(name) for name in ("disk", "zone", "west")}, "all")
    disk, zone, west = rows.to_dict("records")
    assert disk["text"].split("\n")[1] == "unprotected (cache)"
    assert (disk["judged"], disk["of"]) == ("unprotected (shop.cache)", "the 80 drills that reach it")
    # drill i strikes zone i mod 3, and the site is in the first: 0, 3 and so on to 78
    assert zone["of"] == "the 27 of 80 drills that reach it"
    assert (west["sign"], west["of"], west["struck"]) == ("○", "none, since no drill reaches it", "0 a year")


def test_report_is_made_by_a_worker() -> None:
    """The report that the page offers is that of its own study."""
    app = opened(scenario="periodic", drills=str(DRILLS))
    study = result(app)
    text = work.answered(Question(tasks.report, (study, "periodic"), ("a test",)))
    assert text.startswith("<!DOCTYPE html>")
    assert f"drsim report periodic --out report.html --drills {DRILLS}" in text


def test_what_is_worth_knowing_stands_at_the_lines_of_this_text() -> None:
    """What drills found is kept where only lines have moved; what is told of the lines is not."""
    text = shipped_scenarios()["periodic"].read_text(encoding="utf-8")
    lines = []
    for moved in (0, 7):
        link = packed("# a remark\n" * moved + text)
        assert link is not None
        app = opened(scenario="mine", file="mine.yaml", text=link, drills=str(DRILLS))
        assert not app.exception
        told = re.findall(r"^(?:warning: )?\S+:(\d+): (.*)$", shown(app), re.MULTILINE)
        assert told
        assert len(told) == len({what for _, what in told})
        lines.append([int(line) for line, _ in told])
    assert lines[1] == [line + 7 for line in lines[0]]


def test_bytes_and_full_performance_are_shown_where_they_are_asked() -> None:
    """With objectives for both, Compare has a map of each objective, and curves and costs of each measure."""
    asked = "{rpo: {time: 1 d, size: 5 GB}, rto: 8 h, rto_full: 1 d}"
    text = re.sub(r"objectives: .*", f"objectives: {asked}", shipped_scenarios()["periodic"].read_text("utf-8"))
    app = opened(scenario="mine", file="mine.yaml", text=packed(text) or "", drills=str(DRILLS))
    assert not app.exception
    assert len(charts(app)) == 1 + 3 + 2 * 4
    specs = " ".join(data(app, k) for k in range(len(charts(app))))
    assert all(words in specs for words in ("RPO 24 h and 5 GB", "(full) 24 h", "data loss in bytes (logarithmic)"))
    assert " GB" in shown(app)
