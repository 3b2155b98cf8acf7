"""Lifetimes as tables."""

from __future__ import annotations

import math

import pandas as pd

from drsim.cli.layout import laid_out
from drsim.report.lifetimes import lifetime_tables
from drsim.study.lifetimes import PERCENTILES, LifetimeResult

HOUR = 3600.0


def row(strategy: str, application: str, usd: float) -> dict[str, object]:
    """Return a row of the summary of lifetimes."""
    found: dict[str, object] = {
        "strategy": strategy,
        "application": application,
        "run_years": 1000,
        "incidents_per_year": 0.986,
        "restarts": 1,
        "unrecoverable_per_year": 0.003,
        "p_unrecoverable_in_a_year": 0.0025,
    }
    for what, scale in (("downtime_s_per_year", HOUR), ("data_loss_s_per_year", 30 * HOUR), ("usd_per_year", usd)):
        found |= {f"{what}_mean": 6 * scale, f"{what}_se": 0.5 * scale}
        found |= {f"{what}_p{q}": k * scale for k, q in enumerate(PERCENTILES)}
    return found


def compared(strategy: str, application: str, figure: str, apart: float) -> dict[str, object]:
    """Return a row of the comparison with drills and rates."""
    means = {"lifetimes_mean": 6 * HOUR, "lifetimes_se": 1800.0, "drills_mean": 5 * HOUR, "drills_se": 360.0}
    return {"strategy": strategy, "application": application, "figure": figure, **means, "standard_errors_apart": apart}


RESULT = LifetimeResult(
    pd.DataFrame(),
    pd.DataFrame([row("nightly", "shop", 1e6), row("copies", "shop", 1e5), row("nightly", "analytics", math.nan)]),
    pd.DataFrame(
        [
            compared("nightly", "shop", "downtime_s_per_year", 0.4),
            compared("copies", "shop", "downtime_s_per_year", -4.2),
            compared("nightly", "analytics", "downtime_s_per_year", math.nan),
        ]
    ),
)


def test_figures_of_a_year_stand_with_their_units() -> None:
    """A line of a figure is in one unit as far as that reads well; what has no price is unpriced, not left out."""
    years, _, _ = lifetime_tables(RESULT, "t")
    cells = {}
    named = ("", "")
    for line in years.rows:
        named = (line[0] or named[0], line[1] or named[1])
        cells[*named, line[2]] = line[3:]
    assert cells["shop", "downtime", "nightly"] == ("6 h", "0.5 h", "0 s", "1 h", "2 h", "3 h")
    assert cells["shop", "cost [USD]", "copies"] == ("600,000", "50,000", "0", "100,000", "200,000", "300,000")
    assert cells["analytics", "cost [USD]", "nightly"] == ("unpriced", "–", "–", "–", "–", "–")
    assert ("analytics", "data loss", "nightly") in cells


def test_how_often_says_what_is_lost_for_good() -> None:
    """Incidents a year, and the share of years with a loss for good."""
    _, often, _ = lifetime_tables(RESULT, "t")
    assert often.title == "How often, over 1,000 years of each strategy"
    assert often.rows[0] == ("shop", "nightly", "0.986", "1", "0.003", "0.25 %")


def test_the_comparison_counts_what_does_not_agree() -> None:
    """Means stand with their standard errors in one unit; what is further apart than three of them is counted."""
    _, _, drills = lifetime_tables(RESULT, "t")
    assert drills.rows[0] == ("shop", "downtime", "nightly", "6 h ± 0.5 h", "5 h ± 0.1 h", "+0.4")
    assert [line[-1] for line in drills.rows] == ["+0.4", "-4.2", "–"]
    assert "1 of 3 do not." in drills.notes[0]


def test_lifetimes_are_readable_at_80_columns() -> None:
    """At 80 columns all three tables are tables, with mean and 95th percentile."""
    for table in lifetime_tables(RESULT, "t"):
        layout = laid_out(table, 80)
        assert layout.form != "listed"
        assert not {"mean", "p95", "incidents a year", "apart"} & set(layout.left_out)
