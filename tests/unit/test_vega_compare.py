"""Charts that put strategies side by side."""

from __future__ import annotations

import functools
import itertools
import json
import math

import altair as alt
import pandas as pd
import pytest

from drsim.report.vega import style
from drsim.report.vega.compare import (
    MEASURES,
    OBJECTIVES,
    Measure,
    Objective,
    attainment_chart,
    attainment_rows,
    cost_rows,
    cost_scatter,
    exceedance_chart,
    objective_chart,
    overview_chart,
    overview_rows,
    pareto,
)
from drsim.scenario import ObjectiveSet, Scenario, load_scenario, read_scenario
from drsim.scenario.shipped import shipped, shipped_scenarios
from drsim.study.drills import run
from drsim.study.results import Result

NAME = 'nasty.[0]"\\<b>'
"""A strategy's name that would break a field of a chart, were it one."""


@functools.cache
def studied() -> tuple[Scenario, Result]:
    """Return a scenario with a strategy of a strange name, and 60 drills of it."""
    text = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")
    text = text.replace("  nightly:      {backup: nightly}", f"  {json.dumps(NAME)}: {{backup: nightly}}")
    scenario = read_scenario(text)
    return scenario, run(scenario, drills=60, workers=1, keep_incidents=False)


def wanted(scenario: Scenario, application: str = "shop") -> dict[str, ObjectiveSet]:
    """Return the objectives of an application by disruption."""
    return {name: scenario.applications[application].objectives.under(name) for name in scenario.disruptions}


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_cells_say_share_and_verdict_in_words(objective: Objective) -> None:
    """Each strategy under each disruption has a cell with a sign, a share and a word; nothing rests on colour alone."""
    scenario, result = studied()
    rows = attainment_rows(result, "shop", wanted(scenario), objective)
    assert len(rows) == len(scenario.strategies) * len(scenario.disruptions)
    assert set(rows["verdict"]) <= set(style.VERDICT_COLOURS)
    for verdict, text in zip(rows["verdict"], rows["text"], strict=True):
        assert verdict.replace("-", " ") in text
    svg = style.to_svg(objective_chart(result, "shop", wanted(scenario), objective))
    assert "unrecoverable" in svg
    assert "region-loss" in svg
    assert "nasty.[0]" in svg


def test_both_objectives_stand_side_by_side() -> None:
    """The chart for paper has both."""
    scenario, result = studied()
    svg = style.to_svg(attainment_chart(result, "shop", wanted(scenario)))
    assert "RPO: share" in svg
    assert "RTO: share" in svg


def test_overview_says_the_worst_of_each_application() -> None:
    """A cell for each application and strategy: the worst verdict, under how many disruptions objectives are missed."""
    _, result = studied()
    rows = overview_rows(result)
    summary = result.summary[result.summary["level"] == "application"]
    assert len(rows) == summary["subject"].nunique() * summary["strategy"].nunique()
    own = rows[(rows["application"] == "shop") & (rows["strategy"] == NAME)].iloc[0]
    verdicts = summary[(summary["subject"] == "shop") & (summary["strategy"] == NAME)].set_index("disruption")[
        "verdict"
    ]
    missed = verdicts[verdicts != "met"]
    assert own["verdict"] == "unrecoverable"
    assert own["text"] == f"✗ unrecoverable in {len(missed)} of {len(verdicts)}"
    assert own["not met under"] == ", ".join(f"{name} ({verdict})" for name, verdict in missed.items())
    assert "unrecoverable" in style.to_svg(overview_chart(result))


def test_no_share_claims_more_than_the_drills_tell() -> None:
    """What all or none of 60 drills did is above or below what 60 drills can tell: 3/60."""
    scenario, result = studied()
    rows = attainment_rows(result, "shop", wanted(scenario), "rto")
    loss = rows[(rows["disruption"] == "region-loss") & (rows["strategy"] == NAME)]
    assert loss["text"].tolist() == ["✗ < 5.0 %\nunrecoverable"]
    assert "100" not in "".join(rows["text"])


@pytest.mark.parametrize("measure", list(MEASURES))
def test_strategies_without_a_figure_are_named(measure: Measure) -> None:
    """Of all strategies each is a point or is named with the reason."""
    scenario, result = studied()
    for disruption in scenario.disruptions:
        rows, without = cost_rows(result, disruption, "shop", measure, "p95")
        assert len(rows) + len(without) == len(scenario.strategies)
        svg = style.to_svg(cost_scatter(result, disruption, "shop", measure))
        assert "steady cost [USD/month]" in svg or len(rows) == 0
        for name in without:
            assert name.split(" (")[0].split("<")[0].replace('"', "&quot;") in svg.replace("\\", "\\")
    lost = cost_rows(result, "region-loss", "shop", measure, "p95")[1]
    assert lost == [f"{NAME} (unrecoverable)"]


def test_pareto_front_is_what_no_other_beats() -> None:
    """A point is on the front unless another is as good in both and better in one; equal points both are."""
    points = [(1.0, 5.0), (2.0, 5.0), (2.0, 3.0), (3.0, 4.0), (2.0, 3.0), (9.0, 1.0)]
    assert pareto(points) == [True, False, True, False, True, True]
    assert pareto([]) == []
    for some in itertools.permutations(points, 3):
        beaten = [any(o != p and o[0] <= p[0] and o[1] <= p[1] for o in some) for p in some]
        assert pareto(some) == [not each for each in beaten]


@pytest.mark.parametrize("measure", list(MEASURES))
def test_exceedance_curves_end_at_the_probability_of_no_recovery(measure: Measure) -> None:
    """A curve reaches the right end at the share of drills without recovery; the objective is a line with words."""
    scenario, result = studied()
    chart = exceedance_chart(result, "ransomware", "shop", wanted(scenario)["ransomware"], measure)
    assert isinstance(chart, alt.LayerChart)
    rows = chart.layer[0].data
    assert isinstance(rows, pd.DataFrame)
    for name in scenario.strategies:
        own = rows[rows["strategy"] == name]
        summary = result.summary
        row = summary[(summary["strategy"] == name) & (summary["subject"] == "shop")]
        row = row[row["disruption"] == "ransomware"]
        assert math.isclose(own["probability"].tolist()[-1], row["unrecoverable"].sum() / 60)
        assert own["seconds"].tolist() == sorted(own["seconds"])
    svg = style.to_svg(chart)
    assert ("RPO 60 d" if measure == "data_loss_s" else "RTO 2 d") in svg
    assert "probability to exceed it" in svg
    assert "(logarithmic)" in svg


def test_charts_of_a_scenario_without_objectives_and_losses() -> None:
    """Nothing to compare with is no error."""
    scenario = load_scenario(shipped("scenarios") / "periodic.yaml")
    result = run(scenario, drills=20, workers=1, keep_incidents=False)
    application = next(iter(scenario.applications))
    for disruption in scenario.disruptions:
        none = ObjectiveSet(rpo=None, rto=None)
        for measure in MEASURES:
            assert "<svg" in style.to_svg(exceedance_chart(result, disruption, application, none, measure))
            assert "<svg" in style.to_svg(cost_scatter(result, disruption, application, measure))
    assert style.to_png(attainment_chart(result, application, wanted(scenario, application)))[:4] == b"\x89PNG"


@pytest.mark.parametrize(("low", "high"), [(1.0, 3e9), (60.0, 90.0), (3600.0, 7200.0), (5.0, 5.0), (86400.0, 1e6)])
def test_time_axes_have_ticks_that_people_use(low: float, high: float) -> None:
    """Whatever the range, there are three to twelve ticks within it."""
    scale, axis = style.log_time([low, high])
    ticks = axis.to_dict()["values"]
    reach = scale.to_dict()["domain"]
    assert 3 <= len(ticks) <= 12
    assert all(reach[0] <= tick <= reach[1] * 1.0001 for tick in ticks)


def test_strategies_differ_by_more_than_colour() -> None:
    """As many strategies as there are colours have a shape and a dash of their own."""
    assert len(style.COLOURS) == len(set(style.COLOURS)) == len(set(style.SHAPES)) == len(style.DASHES)
    assert len({tuple(dash) for dash in style.DASHES}) == len(style.DASHES)
