"""Results as charts."""

from __future__ import annotations

import math
from dataclasses import replace
from io import BytesIO

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from drsim.report.charts import COLOURS, LINES, MARKERS, attainment_chart, cost_chart, exceedance_chart
from drsim.scenario import ObjectiveSet
from drsim.study.incidents import NotKept
from drsim.study.results import Result


def curves(strategy: str, lost: int) -> pd.DataFrame:
    """Return the curves of ten drills of which the last ones were lost, the others down for 1, 2, 3 ... hours."""
    hours = np.arange(11 - lost)
    points = {"value": 3600.0 * hours, "probability": 1 - hours / 10}
    keys = {"strategy": strategy, "disruption": "fire", "subject": "shop"}
    return pd.concat([pd.DataFrame({**keys, "measure": m, **points}) for m in ("data_loss_s", "downtime_s")])


def result() -> Result:
    """Return a result of a strategy that recovers and one that never does."""
    rows = [
        {
            "strategy": name,
            "disruption": "fire",
            "subject": "shop",
            "verdict": verdict,
            "p_meets": share,
            "downtime_s_p95": p95,
            "downtime_s_p95_lo": p95,
            "downtime_s_p95_hi": math.nan,
        }
        for name, verdict, share, p95 in (("a", "met", 1.0, 7200.0), ("b", "no-objective", math.nan, math.nan))
    ]
    costs = pd.DataFrame({"strategy": ["a", "b"], "line": "total", "usd_per_month": [5.0, 6.0]})
    run = {"name": "Shop", "drills": 10, "seed": 1, "strategies": ["a", "b"], "disruptions": ["fire"]}
    both = pd.concat([curves("a", 3), curves("b", 10)], ignore_index=True)
    return Result(NotKept(), pd.DataFrame(rows), both, costs, pd.DataFrame(), (), run)


def words(figure: Figure) -> str:
    """Draw a figure and return all its text."""
    figure.savefig(BytesIO(), format="png")
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in figure.findobj(Text) if isinstance(text, Text))


def test_exceedance_chart_names_measures_units_and_objectives() -> None:
    """The chart has an axis for each measure, times with units, and the objectives."""
    text = words(exceedance_chart(result(), "fire", "shop", ObjectiveSet(rpo="2 h", rto=None)))
    assert "data loss" in text
    assert "RPO 2 h" in text
    assert "RTO" not in text


def test_attainment_chart_says_the_verdict_in_words() -> None:
    """Each cell shows its share and verdict, so that nothing rests on colour alone."""
    text = words(attainment_chart(result(), "shop"))
    assert "100.0 %\nmet" in text
    assert "–\nno-objective" in text


def test_cost_chart_names_strategies_without_a_downtime() -> None:
    """A strategy that never recovers has no point, and is named."""
    text = words(cost_chart(result(), "fire", "shop"))
    assert "USD/month" in text
    assert "without a figure: b" in text


def test_strategies_differ_by_more_than_colour() -> None:
    """As many strategies as there are colours have a marker and a line of their own."""
    assert len(COLOURS) == len(set(COLOURS)) == len(set(MARKERS)) == len(set(LINES))


def test_a_strategy_that_no_drill_reached_has_no_curve() -> None:
    """It is left out, and the others are drawn."""
    found = result()
    found = replace(found, curves=found.curves[found.curves["strategy"] == "a"])
    text = words(exceedance_chart(found, "fire", "shop"))
    assert "a" in text.split("\n")
    assert "b" not in text.split("\n")
