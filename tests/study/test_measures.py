"""The measures, and what objectives ask of them, from the scenario to the answer."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path

import pytest

from drsim.cli import main
from drsim.report.charts import exceedance_chart as figure_of_curves
from drsim.report.comparison import comparison, percentile_table
from drsim.report.findings import findings, objectives_in_words
from drsim.report.html import html_report
from drsim.report.vega import style
from drsim.report.vega.exceedance import exceedance_chart
from drsim.report.vega.frontier import cost_scatter
from drsim.report.vega.objectives import ALL, attainment_rows, objective_chart
from drsim.report.whatif import change_table, figures
from drsim.scenario import Scenario, read_scenario
from drsim.study.drills import run
from drsim.study.measures import (
    DOWNTIME,
    FULL_PERFORMANCE,
    LOSS,
    LOSS_BYTES,
    MEASURES,
    OBJECTIVES,
    Measure,
    asked,
    judged_by,
    limits_in_words,
    measure_named,
    measure_of,
    wanted,
)
from drsim.study.results import Result
from drsim.study.summary import COLUMNS
from tests.scenarios import QUIET, flow

GB = 1e9
TEXT = f"""
name: one database
start: 2026-01-01
drills: 80
seed: 5
sites: {{home: {{region: us-east-1, account: production}}}}
vaults: {{local: {{site: home}}}}
applications:
  shop:
    site: home
    objectives: OBJECTIVES
    resources: {{db: {{type: RDS, size: 100 GB, change_rate: 75 %/day}}}}
backup_plans:
  daily: {{rules: [{{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {{delete_after: 35 d}}}}]}}
strategies: {{daily: {{backup: daily}}}}
disruptions: {{lost: {{kind: resource-loss}}, attack: {{kind: ransomware, dwell: 0 min, backups_attacked: 0}}}}
overrides:
  "*": {flow({**QUIET, "restore_duration": "2 h"})}
"""
"""Losses lie evenly between none and a day: after 12 h half of the data have changed, 1 - 0.25^0.5."""

BOTH = "{rpo: {time: 18 h, size: 50 GB}, rto: 4 h, rto_full: 1 h, attainment: 40 %}"


@functools.cache
def studied(objectives: str = BOTH) -> tuple[Scenario, Result]:
    """Return the scenario with objectives, and its drills."""
    scenario = read_scenario(TEXT.replace("OBJECTIVES", objectives))
    return scenario, run(scenario, workers=1)


def test_rows_are_told_apart_and_have_their_columns() -> None:
    """No two measures share a name, a column or a limit; the summary has the columns of each."""
    for what in ("name", "column", "limit"):
        assert len({getattr(measure, what) for measure in MEASURES}) == len(MEASURES)
    for measure in MEASURES:
        assert measure_of(measure.column) is measure is measure_named(measure.name)
        names = (f"{measure.column}_mean", f"{measure.column}_p95_hi", measure.limit, f"p_meets_{measure.objective}")
        assert set(names) <= set(COLUMNS)
        assert measure.column.endswith(measure.unit)
    assert judged_by("rpo") == (LOSS, LOSS_BYTES)
    assert {measure.objective for measure in MEASURES} == set(OBJECTIVES)


def test_what_is_shown_is_what_is_asked() -> None:
    """Loss and downtime are always shown, bytes and full performance where an objective asks for them."""
    assert asked([]) == asked([{"rpo_s": 1.0, "rpo_bytes": math.nan, "rto_full_s": None}]) == (LOSS, DOWNTIME)
    assert asked([{"rpo_bytes": None}, {"rpo_bytes": 1.0}]) == (LOSS, DOWNTIME, LOSS_BYTES)
    objectives = read_scenario(TEXT.replace("OBJECTIVES", BOTH)).applications["shop"].objectives
    assert wanted([objectives]) == (LOSS, DOWNTIME, LOSS_BYTES, FULL_PERFORMANCE)
    assert limits_in_words(objectives, "rpo") == "18 h and 50 GB"
    told = objectives_in_words(objectives.under("lost"))
    assert told == "RPO 18 h and 50 GB, RTO 4 h, RTO (full) 1 h in 40 % of drills"


def test_a_size_counts_like_the_time_in_which_so_much_changes() -> None:
    """Of 100 GB 50 have changed after 12 h: 50 GB are met where 12 h are; of a time and a size the nearer counts."""
    shares = {}
    for rpo in ("12 h", "{size: 50 GB}", "{time: 18 h, size: 50 GB}", "6 h", "{time: 6 h, size: 50 GB}", "18 h"):
        _, result = studied(f"{{rpo: {rpo}}}")
        shares[rpo] = result.summary["p_meets_rpo"].tolist()
    assert shares["12 h"] == shares["{size: 50 GB}"] == shares["{time: 18 h, size: 50 GB}"]
    assert shares["6 h"] == shares["{time: 6 h, size: 50 GB}"] != shares["12 h"] != shares["18 h"]
    log = studied("{rpo: 12 h}")[1].incidents
    exact = (100 * GB * (1 - 0.25 ** (log["data_loss_s"] / 86400))).round()
    assert (log["data_loss_bytes"] - exact).abs().max() <= 1


def test_full_performance_counts_in_the_verdict() -> None:
    """A database that is back after two hours meets an RTO of four and not an hour for full performance."""
    _, result = studied()
    row = result.summary[(result.summary["subject"] == "shop") & (result.summary["disruption"] == "attack")].iloc[0]
    assert (row["p_meets_rto"], row["p_meets_rto_full"], row["p_meets"]) == (1, 0, 0)
    assert (row["verdict_rto"], row["verdict_rto_full"], row["verdict"]) == ("met", "breached", "breached")
    assert (row["rto_full_s"], row["rpo_bytes"]) == (3600, 50 * GB)


@pytest.mark.long
def test_tables_have_what_is_asked_and_no_more() -> None:
    """Columns for bytes and full performance come with an objective of that kind."""
    more = ["loss-bytes p50", "loss-bytes p95", "full performance p95", "meets RTO (full)"]
    for objectives, shown in ((BOTH, True), ("{rpo: 24 h, rto: 4 h}", False)):
        _, result = studied(objectives)
        titles = [column.title for column in comparison(result, "x.yaml").columns]
        for title in more:
            assert (title.replace("-", " ") in titles) == shown
        tables = (
            comparison(result, "x"),
            percentile_table(result, "shop", "lost"),
            change_table(result, result, "shop"),
        )
        text = json.dumps([table.rows for table in tables])
        assert (" GB" in text) == shown
        page = html_report(result, "x.yaml")
        assert ("RTO (full)" in page) == ("loss in bytes" in page) == shown
        labels = [figure.label for figure in figures(result, result, "lost", "shop")]
        assert ("Data loss in bytes, p95" in labels) == ("Meets RTO (full)" in labels) == shown


@pytest.mark.parametrize("row", MEASURES, ids=lambda measure: measure.name)
def test_every_measure_is_drawn_with_its_limit(row: Measure) -> None:
    """Curves and costs have an axis in the unit of the measure, and the objective as a line with words."""
    scenario, result = studied()
    objectives = scenario.applications["shop"].objectives.under("lost")
    curves = style.to_svg(exceedance_chart(result, "lost", "shop", objectives, row.column))
    assert f"{OBJECTIVES[row.objective]} {row.text(getattr(objectives, row.limit))}" in curves
    assert f"{row.words} (logarithmic)" in curves
    costs = style.to_svg(cost_scatter(result, "lost", "shop", row.column))
    assert f"{row.words}, p95" in costs
    if row.unit == "bytes":
        assert " GB" in curves
        assert " GB" in costs
    assert len(figure_of_curves(result, "lost", "shop", objectives).axes) == len(MEASURES)


@pytest.mark.parametrize("objective", [*OBJECTIVES, ALL])
def test_every_objective_is_judged(objective: str) -> None:
    """Each objective has cells with its limits, share and verdict."""
    scenario, result = studied()
    objectives = {name: scenario.applications["shop"].objectives.under(name) for name in scenario.disruptions}
    cells = attainment_rows(result, "shop", objectives, objective)
    limits = ["RPO 18 h and 50 GB", "RTO 4 h", "RTO (full) 1 h"]
    named = ", ".join(limits) if objective == ALL else limits[list(OBJECTIVES).index(objective)]
    assert cells["objective"].tolist() == [f"{named} in 40 %"] * 2
    assert "<svg" in style.to_svg(objective_chart(result, "shop", objectives, objective))


def test_what_is_missed_is_named() -> None:
    """The sentence that says what is missing names full performance with its limit."""
    scenario, result = studied()
    (text,) = findings(result, {"shop": scenario.applications["shop"].objectives})
    assert "RTO (full) 1 h in below" in text


def test_the_command_line_ranks_by_any_measure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`drsim run` prints bytes, and `drsim explain` takes every measure by its name."""
    path = tmp_path / "x.yaml"
    path.write_text(TEXT.replace("OBJECTIVES", BOTH), encoding="utf-8")
    assert main(["run", str(path), "--drills", "20"]) == 0
    assert " GB" in capsys.readouterr().out
    asked_for = ["explain", str(path), "--strategy", "daily", "--disruption", "attack", "--drills", "20"]
    told = {}
    for measure in MEASURES:
        assert main([*asked_for, "--measure", measure.name, "--quantile", "0"]) == 0
        told[measure.name] = capsys.readouterr().out
    # what changed grows with the time, so that the least of both is the same drill
    assert told["loss"] == told["loss-bytes"]
