"""Tornado charts and the words of sensitivities."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from drsim.changes.uncertain import Label
from drsim.cli import main
from drsim.report.sensitivity import (
    MEASURES,
    command,
    figures,
    finding,
    findings,
    moving_table,
    others_table,
    sensitivity_table,
    to_json,
)
from drsim.report.tables import records
from drsim.report.vega.sensitivity import MOST, tornado, tornado_rows
from drsim.report.vega.style import to_svg
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.sensitivity import Sensitivity, ranked, sensitivity
from tests.scenarios import scenario


@pytest.fixture(scope="module")
def shop() -> Sensitivity:
    """Return the sensitivities of the web shop's databases under ransomware."""
    base = load_scenario(shipped_scenarios()["periodic-vs-continuous"])
    return sensitivity(base, "periodic", "region-loss", drills=40)


def still() -> Sensitivity:
    """Return those of a scenario in which nothing is uncertain that moves the downtime."""
    return sensitivity(scenario(), "only", "it", drills=5)


def lost() -> Sensitivity:
    """Return those of a scenario with ends at which nothing is recovered."""
    made = scenario(
        disruption="{kind: ransomware, dwell: 0 min, backups_attacked: 0.04}",
        response="{detect: {uniform: [1 h, 3 h]}, declare: 0 min, validate: 0 min, redirect: 0 min}",
    )
    return sensitivity(made, "only", "it", drills=400)


def test_bars_are_in_the_order_of_their_swing(shop: Sensitivity) -> None:
    """Two bars per input, the largest swing first, at most a dozen inputs, from the value as it is."""
    rows = tornado_rows(shop, "data_loss_s")
    names = list(dict.fromkeys(rows["input"]))
    assert names == list(ranked(shop, "data_loss_s")["input"])[:MOST]
    assert (rows.groupby("input")["end"].agg(list).map(lambda ends: ends == ["low", "high"])).all()
    assert (rows["base"] == shop.base["data_loss_s"]).all()
    first = shop.inputs[shop.inputs["input"] == names[0]].iloc[0]
    assert rows["value"].iloc[0] == first["data_loss_s_low"]
    assert rows["label"].iloc[0] == first["low"]


@pytest.mark.parametrize("measure", list(MEASURES))
def test_every_measure_draws(shop: Sensitivity, measure: str) -> None:
    """Each measure makes a chart with a title for its axis, or a sentence that nothing moves it."""
    svg = to_svg(tornado(shop, measure), 400)
    if tornado_rows(shop, measure).empty:
        assert "Nothing that was varied moves" in svg
    else:
        assert MEASURES[measure] in svg


def test_low_and_high_are_told_apart_without_colour(shop: Sensitivity) -> None:
    """Beside each bar stands the value of the input, and the tooltip names the end."""
    rows = tornado_rows(shop, "downtime_s")
    assert (rows["label"] == rows["value of the input"]).all()
    spec = json.dumps(tornado(shop, "downtime_s").to_dict())
    assert '"field": "label"' in spec
    assert '"field": "end"' in spec


def test_what_is_not_recovered_runs_out_of_the_chart_and_says_so() -> None:
    """An end without recovery has a bar to the border, its state in words, and no invented figure."""
    found = lost()
    rows = tornado_rows(found, "downtime_s").to_dict("records")
    row = next(r for r in rows if (r["input"], r["end"]) == ("it: backups in reach are destroyed", "high"))
    assert row["label"] == "8 % (double): unrecoverable"
    assert row["value"] == row["to"] > row["base"]
    assert row["ink"] == "#111111"  # the words stand on the bar
    assert "unrecoverable at 8 % (double)" in finding(found, "downtime_s")


def test_nothing_moves_is_said() -> None:
    """Where nothing moves a measure, chart and sentence say so."""
    found = still()
    assert tornado_rows(found, "downtime_s").empty
    assert finding(found, "downtime_s") == "Nothing that was varied moves the downtime, p95."
    assert "Nothing that was varied" in to_svg(tornado(found, "downtime_s"))


def test_sentence_names_input_ends_and_figures(shop: Sensitivity) -> None:
    """The sentence has the input that moves a measure most, what is measured at both ends, and as it is."""
    row = records(ranked(shop, "data_loss_s"))[0]
    sentence = finding(shop, "data_loss_s")
    for text in (
        shop.labels[row["input"]].words,
        row["low"],
        row["high"],
        *figures(row, "data_loss_s"),
    ):
        assert text in sentence


def test_tables_hold_every_input_once(shop: Sensitivity) -> None:
    """The first row is as it is; those that move the measure follow by swing; the others have a table of their own."""
    tables = moving_table(shop, "data_loss_s"), others_table(shop, "data_loss_s")
    moving, others = ([row[0] for row in table.rows] for table in tables)
    assert moving[0] == others[0] == "as it is"
    assert sorted([*moving[1:], *others[1:]]) == sorted(shop.labels[name].words for name in shop.inputs["input"])
    assert moving[1] == shop.labels[ranked(shop, "data_loss_s")["input"].iloc[0]].words
    assert all(row[4] != "–" for row in tables[0].rows)
    assert all(row[4] == "–" for row in tables[1].rows[1:])
    assert tables[1].title == f"{len(others) - 1} inputs do not move the data loss"


def test_printed_table_leaves_out_what_moves_nothing_in_it(shop: Sensitivity) -> None:
    """A row has something in a column that is always there; the others are counted, and some of them named."""
    table = sensitivity_table(shop, "data_loss_s", source="periodic-vs-continuous")
    always = [k for k, column in enumerate(table.columns) if column.rank == 0 and k > 0]
    assert all(any(row[k] != "–" for k in always) for row in table.rows)
    left_out = len(shop.inputs) + 1 - len(table.rows)
    assert left_out
    assert table.notes[0].startswith(f"{left_out} more inputs move none of these: ")
    assert any(note.startswith("See one incident:  drsim explain periodic-vs-continuous") for note in table.notes)
    assert any("20 %" in note for note in table.notes)


def test_what_is_never_recovered_is_said_to_be_so() -> None:
    """Where nothing moves a time because there is none, the sentence says what there is instead."""
    made = scenario(disruption="{kind: ransomware, dwell: 400 d}")
    found = sensitivity(made, "only", "it", drills=20)
    assert finding(found, "downtime_s").endswith("moves the downtime, p95. As it is: unrecoverable.")
    assert "probability of no recovery" in findings(found, "downtime_s")[-1]
    assert len(findings(found, "p_unrecoverable")) == 3


def test_ends_of_a_row_have_one_unit() -> None:
    """Two times that are compared are in the same unit, a state stays a word, and what is asked for stays in view."""

    def row(low: float | None, base: float, high: float) -> dict[str, object]:
        ends = {"low": low, "base": base, "high": high}
        found: dict[str, object] = {f"downtime_s_{end}": value for end, value in ends.items()}
        return found | {f"downtime_s_{end}_state": "unrecoverable" if v is None else "" for end, v in ends.items()}

    assert figures(row(14.4 * 3600, 86_400.0, 2.16 * 86_400), "downtime_s") == ("14.4 h", "24 h", "51.8 h")
    assert figures(row(0.0, 100.0, 3600.0), "downtime_s") == ("0 min", "1.67 min", "60 min")
    assert figures(row(None, 7200.0, 3600.0), "downtime_s") == ("unrecoverable", "2 h", "1 h")
    assert figures(row(1.0, 5.0, 86_400.0), "downtime_s")[2] == "24 h"


def test_inputs_are_told_in_words() -> None:
    """What an input is comes before whose it is; what is no noun follows."""
    assert Label("size", "shop.images").words == "size of shop.images"
    assert Label("time to detect").words == "time to detect"
    assert Label("how often it strikes", "it", is_clause=True).words == "it, how often it strikes"
    # nothing is read out of the words
    assert Label("how: are", "a: b").words == "how: are of a: b"
    assert Label("size", "it", is_clause=True).words == "it, size"


def test_labels_of_the_chart_have_a_line_for_whose_and_what(shop: Sensitivity) -> None:
    """An input stands in two lines, wherever its words have a colon."""
    name = ranked(shop, "data_loss_s")["input"].iloc[0]
    renamed = replace(shop, labels={**shop.labels, name: Label("what: so", "whose: it")})
    assert tornado_rows(renamed, "data_loss_s")["lines"].iloc[0] == "whose: it\nwhat: so"
    assert tornado(renamed, "data_loss_s").to_dict()["layer"][0]["encoding"]["y"]["field"] == "lines"


def test_measure_that_is_asked_for_has_the_first_column(shop: Sensitivity) -> None:
    """The column of the chosen measure comes first and never gives way."""
    columns = sensitivity_table(shop, "usd_per_year").columns
    assert (columns[4].title, columns[4].rank) == ("USD/year lost", 0)
    assert len({column.title for column in columns}) == len(columns)


def test_command_repeats_the_study(shop: Sensitivity, capsys: pytest.CaptureFixture[str]) -> None:
    """The command under the result gives the same figures, as CSV and as JSON."""
    words = command(shop, "periodic-vs-continuous").split()[1:]
    assert main([*words, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(to_json(shop))
    assert main([*words, "--format", "csv"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == len(shop.inputs) + 1
    assert out.startswith("group,input,low,high,basis,source,data_loss_s_low")


def test_command_prints_the_table_and_refuses_strangers(capsys: pytest.CaptureFixture[str]) -> None:
    """The printed table ends with the findings; a subject that is not there is named."""
    words = ["sensitivity", "periodic", "--strategy", "daily", "--disruption", "region-lost", "--drills", "20"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "as it is" in out
    assert "What moves the data loss, p95, most is " in out
    assert main([*words, "--subject", "nobody"]) == 2
    assert "no such application or resource" in capsys.readouterr().err


def test_names_of_users_are_data() -> None:
    """Brackets, dots and quotes in a name break no chart."""
    made = scenario(
        applications='{"a\'[0]": {site: home, resources: {db: {type: RDS, size: 1 GB}}}}',
        response="{detect: {uniform: [1 h, 3 h]}, declare: 0 min, validate: 0 min, redirect: 0 min}",
    )
    found = sensitivity(made, "only", "it", drills=20)
    svg = to_svg(tornado(found, "downtime_s"), 400)
    assert "a'[0]" in svg.replace("&#39;", "'")
    assert isinstance(tornado_rows(found, "downtime_s"), pd.DataFrame)
