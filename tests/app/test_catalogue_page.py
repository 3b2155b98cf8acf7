"""The page of the catalogue, without a browser: it needs no scenario."""

from __future__ import annotations

import json
import shlex

import pytest

from drsim.catalogue import load_catalogue
from drsim.cli import main
from drsim.report import catalogue_curves as curves
from drsim.report import catalogue_tables as tables
from drsim.report import measurements, price_tables
from tests.app.visits import charts, opened, shown


def command(text: str) -> list[str]:
    """Return the words of the command that the page shows."""
    return shlex.split(next(line for line in text.splitlines() if line.startswith("drsim catalogue")))[1:]


@pytest.mark.parametrize(
    "section", ["Capabilities", "One type", "Disruptions", "Quotas", "Prices", "Events", "How sure", "All values"]
)
def test_every_section_draws_with_its_command(section: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each section shows itself in a new session, without any scenario, and its command works."""
    app = opened("catalogue", scenario="mine", **{"catalogue-section": section})
    assert not app.exception
    assert app.title[0].value == "Catalogue"
    assert load_catalogue().version in shown(app)
    assert main(command(shown(app))) == 0
    assert len(capsys.readouterr().out) > 500


def test_capabilities_are_those_of_the_day_in_the_link() -> None:
    """A link to a day of early 2023 shows that day's table and where AWS's own was wrong."""
    app = opened("catalogue", **{"catalogue-date": "2023-03-01"})
    assert not app.exception
    text = shown(app)
    assert "AWS Backup by resource type on 2023-03-01" in text
    assert "it says yes, right is no" in text
    assert ">✓ yes</td>" in text
    assert ">– no</td>" in text
    assert "AWS Backup Developer Guide: Feature availability by resource (AWS)" in text
    assert "drsim catalogue --as-of 2023-03-01" in text


def test_a_type_has_values_curves_and_sources() -> None:
    """A type shows all its values with basis and source, curves of each kind, and the sources in full."""
    app = opened("catalogue", **{"catalogue-section": "One type", "catalogue-type": "EFS"})
    assert not app.exception
    found, text = load_catalogue().types["EFS"], shown(app)
    rows = measurements.measured("EFS")
    assert len(charts(app)) == len(curves.distributions_of(found)) + len({row.measurement.kind for row in rows})
    assert "EFS: published measurements" in text
    assert all(measurements.value(row.measurement) in text for row in rows)
    assert text.count(">estimated</td>") >= len(tables.type_values(found, ["estimated"]))
    keys = {key for value in tables.type_values(found) for key in value["source"]}
    assert all(f">{key}</td>" in text for key in keys)


def test_only_estimates_can_be_shown() -> None:
    """The filter by basis leaves only such values, in every section, and stands in the command."""
    app = opened("catalogue", **{"catalogue-section": "One type", "catalogue-type": "RDS"})
    app.multiselect(key="catalogue-basis").select("estimated").run()
    assert not app.exception
    text = shown(app)
    assert "drsim catalogue RDS --as-of" in text
    assert "--basis estimated" in text
    title = text.index("RDS: Amazon RDS DB instance")
    assert ">documented</td>" not in text[title : text.index("</table>", title)]
    app.segmented_control(key="catalogue-section").set_value("All values").run()
    assert not app.exception
    assert len(app.dataframe[0].value) == len(tables.all_values(["estimated"]))


def test_prices_can_be_searched_and_taken_along() -> None:
    """The prices are a table that sorts and searches, with Region, date and source."""
    app = opened("catalogue", **{"catalogue-section": "Prices"})
    assert not app.exception
    frame = app.dataframe[0].value
    assert list(frame.columns) == list(price_tables.PRICES)
    assert len(frame) == len(price_tables.prices())
    assert "us-west-2 takes the prices of us-east-1" in shown(app)
    assert "Prices (CSV)" in {button.proto.label for button in app.get("download_button")}


def test_disruptions_are_drawn_and_told_in_words() -> None:
    """Uncertain times are curves; values, sources and probabilities are in words, keys in brackets."""
    app = opened("catalogue", **{"catalogue-section": "Disruptions"})
    assert not app.exception
    assert len(charts(app)) == 2
    text = shown(app)
    assert "median 5 d; 95 % below 187 d; never above 730 d" in text
    assert "from contamination to the stop of service (dwell)" in text
    assert ">60 %</td>" in text
    table = text[text.index("Kinds of disruption") :]
    assert "{median" not in table
    assert "`" not in table[: table.index("</table>")]


@pytest.mark.parametrize(
    "section", ["Capabilities", "One type", "Disruptions", "Quotas", "Prices", "Events", "How sure", "All values"]
)
def test_what_is_asked_is_asked_in_every_section(section: str) -> None:
    """A picker that a section leaves out would take its value out of the link."""
    asked = {"catalogue-type": "EFS", "catalogue-date": "2024-03-01", "catalogue-basis": "estimated"}
    app = opened("catalogue", **{"catalogue-section": section, **asked})
    assert not app.exception
    assert app.selectbox(key="catalogue-type").value == "EFS"
    assert str(app.date_input(key="catalogue-date").value) == "2024-03-01"
    assert app.multiselect(key="catalogue-basis").value == ["estimated"]


def test_legends_of_events_stand_apart() -> None:
    """What sizes mean stands on another side than what colours mean: side by side a wide font runs them together."""
    app = opened("catalogue", **{"catalogue-section": "Events"})
    encoding = json.loads(charts(app)[0].proto.spec)["encoding"]
    assert encoding["size"]["legend"]["orient"] != encoding["stroke"]["legend"]["orient"]
