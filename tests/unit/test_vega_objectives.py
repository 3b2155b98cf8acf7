"""Charts that put strategies side by side."""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
from dataclasses import replace
from html import unescape

import altair as alt
import pandas as pd
import pytest
import vl_convert

from drsim.report.vega import places, style
from drsim.report.vega.exceedance import exceedance_chart, hover_rows
from drsim.report.vega.frontier import cost_rows, cost_scatter, pareto
from drsim.report.vega.objectives import (
    attainment_chart,
    attainment_rows,
    objective_chart,
    overview_chart,
    overview_rows,
)
from drsim.scenario import ObjectiveSet, Scenario, load_scenario, read_scenario
from drsim.scenario.shipped import shipped, shipped_scenarios
from drsim.study.drills import run
from drsim.study.measures import MEASURES, measure_of
from drsim.study.results import Result

NAME = 'nasty.[0]"\\<b>'
"""A strategy's name that would break a field of a chart, were it one."""

SHOWN = [measure.column for measure in MEASURES if measure.is_always_shown]
"""What tables and pages have where no objective asks for more."""


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


@pytest.mark.parametrize("objective", ["rpo", "rto", "all"])
def test_cells_say_share_and_verdict_in_words(objective: str) -> None:
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
    assert "RPO met, share of affected drills" in svg
    assert "RTO met, share of affected drills" in svg
    assert {"RPO 1 h", "RTO 4 h", "RPO 60 d", "RTO 2 d"} <= set(re.findall(r">([^<>]+)<", svg))


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
    """What all or none of 60 drills did is above or below what 60 drills can tell: 1 - 0.025^(1/60)."""
    scenario, result = studied()
    rows = attainment_rows(result, "shop", wanted(scenario), "rto")
    loss = rows[(rows["disruption"] == "region-loss") & (rows["strategy"] == NAME)]
    assert loss["text"].tolist() == ["✗ < 6.0 %\nunrecoverable"]
    assert "100" not in "".join(rows["text"])


def test_what_no_drill_reaches_is_said() -> None:
    """Where no drill of any strategy reaches a subject there is a sentence in place of curves."""
    scenario, result = studied()
    apart = replace(result, curves=result.curves[result.curves["subject"] != "shop"])
    chart = exceedance_chart(apart, "deletion", "shop", wanted(scenario)["deletion"], "downtime_s")
    assert "No drill of deletion reaches shop" in style.to_svg(chart)


@pytest.mark.parametrize("measure", SHOWN)
def test_strategies_without_a_figure_are_named(measure: str) -> None:
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


@pytest.mark.parametrize("measure", SHOWN)
def test_exceedance_curves_end_at_the_probability_of_no_recovery(measure: str) -> None:
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
        assert own["value"].tolist() == sorted(own["value"])
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
        for measure in SHOWN:
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


def drawn(chart: style.Chart, width: int) -> str:
    """Return the letters of a chart as a page draws it in a width, without spaces and line breaks."""
    spec = {"autosize": {"type": "fit", "contains": "padding"}, **chart.to_dict(), "width": width}
    svg = vl_convert.vegalite_to_svg(spec)
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]*>", "", svg)))


@pytest.mark.parametrize("width", [330, 500, 1000])
@pytest.mark.parametrize("number", [2, 8])
def test_every_column_and_row_has_its_name_whatever_the_width(width: int, number: int) -> None:
    """Long names of strategies and of disruptions are broken or turned, never left out and never cut."""
    scenario, result = studied()
    (first, *_), cells = result.run["strategies"], result.summary.astype({"strategy": str})
    names = [f"compliance-locked_{k} and-copied" for k in range(number)]
    summary = pd.concat([cells[cells["strategy"] == first].assign(strategy=name) for name in names], ignore_index=True)
    bills = result.costs.astype({"strategy": str})
    costs = pd.concat([bills[bills["strategy"] == first].assign(strategy=name) for name in names], ignore_index=True)
    many = replace(result, summary=summary, costs=costs, run={**result.run, "strategies": names})
    text = drawn(objective_chart(many, "shop", wanted(scenario), "rto"), width)
    for name in (*names, *scenario.disruptions):
        assert name.replace(" ", "") in text
    assert "…" not in text
    assert all(name.replace(" ", "") in drawn(overview_chart(many), width) for name in names)


def test_verdicts_can_be_read_and_told_apart() -> None:
    """Words on every colour have a contrast of at least 4.5, and reds differ in lightness."""

    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for verdict, colour in style.VERDICT_COLOURS.items():
        pair = sorted((light(colour), light(style.VERDICT_INKS[verdict])))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5
    breached, lost = (light(style.VERDICT_COLOURS[name]) for name in ("breached", "unrecoverable"))
    assert (breached + 0.05) / (lost + 0.05) > 2


@pytest.mark.parametrize("measure", SHOWN)
def test_pointer_tells_every_strategy_at_its_time(measure: str) -> None:
    """For times along the axis there is each strategy's probability, below names that may be anything."""
    scenario, result = studied()
    curves = result.curves
    own = curves[
        (curves["disruption"] == "ransomware") & (curves["subject"] == "shop") & (curves["measure"] == measure)
    ]
    names = list(scenario.strategies)
    rows = hover_rows(own, names, (60.0, 1e6))
    assert (rows["from"].iloc[0], rows["to"].iloc[-1]) == (60.0, pytest.approx(1e6))
    assert rows["from"].tolist()[1:] == rows["to"].tolist()[:-1]
    for k, name in enumerate(names):
        curve = own[own["strategy"] == name]
        for begins, ends, said in zip(rows["from"], rows["to"], rows[f"p{k}"], strict=True):
            at = curve[curve["value"] <= math.sqrt(begins * ends)]["probability"].iloc[-1]
            assert said == f"{100 * at:.1f} %"
    spec = exceedance_chart(result, "ransomware", "shop", None, measure).to_dict()
    tooltip = spec["layer"][-1]["encoding"]["tooltip"]
    assert [each["title"] for each in tooltip] == [f"{measure_of(measure).words} above", *names]
    assert [each["field"] for each in tooltip] == ["time", *(f"p{k}" for k in range(len(names)))]
    assert any(each.get("bind") == "scales" for each in spec["params"])


def test_words_of_an_objective_stand_above_the_curves() -> None:
    """They are not within the plot, and they stand at the left of a line in its right part."""
    _, result = studied()
    for rpo, align in (("2 min", "left"), ("3000 d", "right")):
        limit = ObjectiveSet.model_validate({"rpo": rpo})
        spec = exceedance_chart(result, "ransomware", "shop", limit, "data_loss_s").to_dict()
        (words,) = [each for each in spec["layer"] if each["mark"]["type"] == "text"]
        assert words["encoding"]["y"]["value"] < 0
        assert words["mark"]["clip"] is False
        assert words["mark"]["align"] == align


def test_front_is_ringed_even_if_it_is_one_point() -> None:
    """Each strategy on the Pareto front has a ring, which the subtitle explains."""
    scenario, result = studied()
    sizes = set()
    for disruption in scenario.disruptions:
        for measure in SHOWN:
            rows, _ = cost_rows(result, disruption, "shop", measure, "p95")
            chart = cost_scatter(result, disruption, "shop", measure)
            if rows.empty:
                continue
            assert isinstance(chart, alt.LayerChart)
            (rings,) = [layer for layer in chart.layer if layer.mark.to_dict().get("filled") is False]
            assert isinstance(rings.data, pd.DataFrame)
            assert sorted(rings.data["strategy"]) == sorted(rows[rows["front"]]["strategy"])
            assert "ringed: not beaten in both (Pareto front)" in chart.to_dict()["title"]["subtitle"]
            sizes.add(len(rings.data))
    assert 1 in sizes


def test_no_loss_is_drawn_at_a_tick_that_says_so() -> None:
    """What is below a second stands at `0`, left of all other times; there are no ticks between."""
    _, result = studied()
    rows, _ = cost_rows(result, "region-outage", "shop", "data_loss_s", "p95")
    assert rows["value"].min() < 1
    text = drawn(cost_scatter(result, "region-outage", "shop", "data_loss_s"), 500)
    assert "1s" not in text
    scale, axis = style.log_time([3600.0, 86400.0], zero_s=360.0)
    ticks = axis.to_dict()["values"]
    assert ticks[0] == 360.0 > scale.to_dict()["domain"][0]
    assert ticks[1] >= 1080
    assert axis.to_dict()["labelExpr"].startswith("datum.value <= 360")


@pytest.mark.parametrize(("low", "high"), [(234 * 86400, 341 * 86400), (1.04 * 86400, 1.62 * 86400), (50, 70)])
def test_narrow_time_axes_have_round_ticks(low: float, high: float) -> None:
    """Where few times that people use lie within, ticks are whole multiples of a step of one unit."""
    _, axis = style.log_time([low, high])
    ticks = axis.to_dict()["values"]
    assert len(ticks) >= 3
    assert all(any(tick % step == 0 for step in (86400, 3600, 60, 5)) for tick in ticks)


def test_names_beside_points_keep_clear() -> None:
    """Names cover neither each other nor the lines of others, and none stands at another's point."""
    points = [
        places.Point("nightly", 30, 100, 20, 150),
        places.Point("copies", 120, 100, 20, 150),
        places.Point("continuous", 165, 100, 20, 150),
        places.Point("warm-standby", 180, 100, 20, 150),
    ]
    boxes = []
    for point, (align, dx, dy) in zip(points, places.places(points), strict=True):
        left = point.x + dx - (places.width(point.name) if align == "right" else 0)
        boxes.append((left, left + places.width(point.name), point.y + dy - 6, point.y + dy + 6))
    for a, b in itertools.combinations(boxes, 2):
        assert a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2]
    for k in (0, 1, 3):
        assert not any(boxes[k][0] < other.x < boxes[k][1] for j, other in enumerate(points) if j != k)


def test_names_beside_crossings_keep_clear_of_lines() -> None:
    """Where three lines run close together the name of a crossing stands above or below all of them, or between."""
    lines = [(0.0, 60.0, 250.0, 40.0), (0.0, 66.0, 250.0, 36.0), (0.0, 80.0, 250.0, 70.0), (125.0, 0.0, 125.0, 190.0)]
    point = places.Point("39,068 USD/h", 166.0, 46.0, 46.0, 46.0)
    ((align, dx, dy),) = places.places([point], lines)
    left = point.x + dx - (places.width(point.name) if align == "right" else 0)
    right, top, bottom = left + places.width(point.name), point.y + dy - 7, point.y + dy + 7
    for x1, y1, x2, y2 in lines:
        for k in range(101):
            x, y = x1 + k / 100 * (x2 - x1), y1 + k / 100 * (y2 - y1)
            assert not (left < x < right and top < y < bottom)


@pytest.mark.parametrize("text", ["air-gapped-90d", NAME, "two words here", "a" * 40, "x", "a - b"])
def test_broken_names_lose_no_letter(text: str) -> None:
    """All letters stay in their order, and no line is longer than it may be."""
    for letters in (4, 8, 20):
        lines = style.broken(text, letters)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(0 < len(line) <= letters for line in lines)


def test_legends_and_titles_cut_nothing() -> None:
    """However narrow the chart, all strategies are in the legend, and those not drawn are named in full."""
    scenario, result = studied()
    for measure in SHOWN:
        text = drawn(exceedance_chart(result, "ransomware", "shop", wanted(scenario)["ransomware"], measure), 330)
        assert all(name.replace(" ", "") in text for name in scenario.strategies)
        assert "…" not in text
        assert "…" not in drawn(cost_scatter(result, "region-loss", "shop", measure), 330)
