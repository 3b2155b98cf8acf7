"""Results as charts."""

from __future__ import annotations

import math
from io import BytesIO

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from drsim.report.charts import COLOURS, LINES, MARKERS, attainment_chart, cost_chart, exceedance, exceedance_chart
from drsim.scenario import ObjectiveSet
from drsim.study.incidents import InMemory
from drsim.study.results import Result


def incidents(strategy: str, lost: int) -> pd.DataFrame:
    """Return ten drills of which the last ones were lost, the others down for 1, 2, 3 ... hours."""
    down = [3600.0 * (k + 1) if k < 10 - lost else math.nan for k in range(10)]
    state = ["recovered" if k < 10 - lost else "unrecoverable" for k in range(10)]
    return pd.DataFrame(
        {
            "strategy": strategy,
            "disruption": "fire",
            "subject": "shop",
            "state": state,
            "data_loss_s": down,
            "downtime_s": down,
        }
    )


def result() -> Result:
    """Return a result of a strategy that recovers and one that never does."""
    rows = [
        {
            "strategy": name,
            "disruption": "fire",
            "subject": "shop",
            "verdict": verdict,
            "p_meets_rpo": share,
            "p_meets_rto": math.nan,
            "downtime_s_p95": p95,
            "downtime_s_p95_lo": p95,
            "downtime_s_p95_hi": math.nan,
        }
        for name, verdict, share, p95 in (("a", "met", 1.0, 7200.0), ("b", "no-objective", math.nan, math.nan))
    ]
    costs = pd.DataFrame({"strategy": ["a", "b"], "line": "total", "usd_per_month": [5.0, 6.0]})
    run = {"name": "Shop", "drills": 10, "seed": 1, "strategies": ["a", "b"], "disruptions": ["fire"]}
    log = InMemory([incidents("a", 3), incidents("b", 10)])
    return Result(log, pd.DataFrame(rows), costs, pd.DataFrame(), (), run)


def words(figure: Figure) -> str:
    """Draw a figure and return all its text."""
    figure.savefig(BytesIO(), format="png")
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in figure.findobj(Text) if isinstance(text, Text))


def test_exceedance_ends_at_the_probability_of_no_recovery() -> None:
    """The share of drills beyond a time falls by one drill at each time, down to the share that is lost."""
    x, p = exceedance(incidents("a", 3), "downtime_s")
    assert np.allclose(x / 3600, np.arange(8))
    assert np.allclose(p, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])


def test_exceedance_without_recovery_is_flat() -> None:
    """Where nothing recovers, every drill exceeds every time."""
    x, p = exceedance(incidents("b", 10), "downtime_s")
    assert (list(x), list(p)) == ([0.0], [1.0])


def test_exceedance_counts_unaffected_drills_as_not_exceeding() -> None:
    """A drill that was not affected exceeds no time."""
    rows = incidents("a", 0)
    rows.loc[5:, "state"] = "unaffected"
    assert exceedance(rows, "downtime_s")[1][0] == 0.5


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
