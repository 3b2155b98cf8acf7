"""The page of sensitivities, without a browser."""

from __future__ import annotations

import re
import shlex

import pytest

from drsim.cli import main
from drsim.scenario.shipped import shipped_scenarios
from tests.app.visits import charts, opened, shown

DRILLS = "20"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.thorough] if name == "web-shop" else [])
        for name in shipped_scenarios()
        if name not in ("region-evacuation", "every-type")
    ],
)
def test_page_draws_shipped_scenarios(name: str) -> None:
    """Each scenario has a finding, a chart, a table with basis, a file and the command."""
    app = opened("sensitivity", scenario=name, drills=DRILLS)
    assert not app.exception
    text = shown(app)
    assert "What moves the" in app.info[0].value or "Nothing that was varied" in app.info[0].value
    assert len(charts(app)) == 1
    assert "What moves the downtime" in app.info[0].value.replace("\\", "") or "Nothing" in app.info[0].value
    assert " inputs do not move the downtime" in text
    assert ">as it is</td>" in text
    assert re.search(r">(estimated|derived|scenario)</td>", text)
    assert f"{DRILLS} drills with the same luck" in text
    assert f"drsim sensitivity {name} --strategy" in text
    labels = {button.proto.label for button in app.get("download_button")}
    assert {"All figures", "PNG", "SVG"} <= labels


@pytest.mark.slow
@pytest.mark.parametrize("name", ["region-evacuation", "every-type"])
def test_page_draws_large_scenarios(name: str) -> None:
    """Estates of hundreds of resources are shared out in parts."""
    app = opened("sensitivity", scenario=name, drills="2")
    assert not app.exception
    assert len(charts(app)) == 1


def test_choices_stand_in_the_link_and_change_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    """A link to another strategy, disruption, subject and order shows these, and the command repeats the figures."""
    address = {"strategy": "copies", "disruption": "region-loss", "subject": "shop.images"}
    app = opened("sensitivity", scenario="web-shop", drills=DRILLS, **{"sensitivity-order": "steady cost"}, **address)
    assert not app.exception
    text = shown(app)
    assert "copies under region-loss, shop.images" in text
    first = re.findall(r'<tr style="border-top:[^"]*"><td[^>]*>([^<]*)</td>', text)[:2]
    assert first == ["as it is", "interval of rule nightly"]
    assert "moves the steady cost most is interval of rule nightly" in app.info[0].value.replace("\\", "")
    assert "steady cost" in str(charts(app)[0].proto.spec)
    command = next(str(code.value) for code in app.code if str(code.value).startswith("drsim sensitivity"))
    assert main(shlex.split(command)[1:]) == 0
    assert "What moves the downtime, p95, most is " in capsys.readouterr().out.replace("\n", " ")


def test_one_choice_moves_chart_table_and_sentence() -> None:
    """What is asked for is drawn, orders the table and comes first in the sentence."""
    app = opened("sensitivity", scenario="web-shop", drills=DRILLS, strategy="copies", disruption="region-loss")
    assert ">downtime p95</th>" in shown(app)
    app.segmented_control(key="sensitivity-order").set_value("data loss").run()
    assert not app.exception
    assert app.info[0].value.replace("\\", "").startswith("What moves the data loss, p95, most is ")
    assert "data loss, p95, shop" in str(charts(app)[0].proto.spec)
    text = shown(app)
    assert text.index(">data loss p95</th>") < text.index(">downtime p95</th>")
