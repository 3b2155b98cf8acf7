"""Lifetimes as tables."""

from __future__ import annotations

import math

import pandas as pd
import pytest

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


def compared(strategy: str, application: str, figure: str, apart: float, **others: float) -> dict[str, object]:
    """Return a row of the comparison with drills and rates."""
    means = {"lifetimes_mean": 6 * HOUR, "lifetimes_se": 1800.0, "drills_mean": 5 * HOUR, "drills_se": 360.0}
    row = {"strategy": strategy, "application": application, "figure": figure, **means, "standard_errors_apart": apart}
    return row | {"lifetimes_expected_se": 900.0} | others


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


def test_years_that_end_in_a_loss_for_good_are_lost() -> None:
    """A percentile that rests on a year with a loss for good has no time, and says so."""
    rows = RESULT.summary.assign(downtime_s_per_year_p95=math.nan, downtime_s_per_year_p99=math.nan)
    years, _, _ = lifetime_tables(LifetimeResult(pd.DataFrame(), rows, RESULT.comparison), "t")
    assert years.rows[0][3:] == ("6 h", "0.5 h", "0 s", "1 h", "lost", "lost")


def test_how_often_says_what_is_lost_for_good() -> None:
    """Incidents a year, and the share of years with a loss for good."""
    _, often, _ = lifetime_tables(RESULT, "t")
    assert often.title == "How often, over 1,000 years of each strategy"
    assert often.rows[0] == ("shop", "nightly", "0.986", "1", "0.003", "0.25 %")


def test_the_comparison_counts_what_does_not_agree() -> None:
    """Means stand with their standard errors in one unit; what is further apart than three of them is counted."""
    _, _, drills = lifetime_tables(RESULT, "t")
    assert drills.rows[0] == ("shop", "downtime", "nightly", "6.00 ± 0.50 h", "5.00 ± 0.10 h", "+0.4")
    assert [line[-1] for line in drills.rows] == ["+0.4", "-4.2", "few"]
    assert "1 of 3 agree, 1 of 3 do not, 1 of 3 rest on too little to tell." in drills.notes[1]


def comparison_of(*rows: dict[str, object]) -> tuple[list[tuple[str, ...]], str]:
    """Return the rows of the comparison and what is said of their agreement."""
    table = lifetime_tables(LifetimeResult(pd.DataFrame(), RESULT.summary, pd.DataFrame(rows)), "t")[2]
    return list(table.rows), table.notes[1]


@pytest.mark.parametrize(
    ("years", "few", "said"), [(10, True, "1 of 1 rest on too little to tell"), (1000, False, "All agree.")]
)
def test_what_would_agree_with_nothing_is_too_little_to_tell(years: int, few: bool, said: str) -> None:  # noqa: FBT001
    """Yearly losses of 79 h that scatter by 149 h over ten years: 0 would be within three of that, and 79 h too."""
    expected = 149 * HOUR * (10 / years) ** 0.5
    means = {"lifetimes_mean": 70 * HOUR, "lifetimes_se": 58.0, "drills_mean": 79 * HOUR, "drills_se": 1.1 * HOUR}
    apart = -9 * HOUR / math.hypot(expected, 1.1 * HOUR)
    row = compared("nightly", "shop", "data_loss_s_per_year", apart, **means, lifetimes_expected_se=expected)
    [cells], note = comparison_of(row)
    assert (cells[-1] == "few") is few
    assert said in note
    assert ("All agree" in note) is not few


def test_what_is_apart_can_be_worked_out_from_what_is_printed() -> None:
    """The distance is the difference of both means over the root of the sum of the squares of both ±."""
    cases = ((58.0, 58.0, 700.0, 5 * HOUR, 200.0), (6e5, 3e4, 9e3, 4e5, 2e4), (0.0, 0.0, 900.0, 4e3, 10.0))
    for mean, se, expected, drilled, drilled_se in cases:
        apart = (mean - drilled) / math.hypot(max(se, expected), drilled_se)
        row = compared("a", "b", "data_loss_s_per_year", apart)
        row |= {"lifetimes_mean": mean, "lifetimes_se": se, "lifetimes_expected_se": expected}
        [cells], _ = comparison_of(row | {"drills_mean": drilled, "drills_se": drilled_se})
        assert cells[3].split()[-1] == cells[4].split()[-1]
        lived, by_drills = ([float(text) for text in cell.split()[:3:2]] for cell in cells[3:5])
        printed = (lived[0] - by_drills[0]) / math.hypot(lived[1], by_drills[1])
        assert float(cells[-1]) == pytest.approx(printed, rel=0.05)


def test_what_both_say_never_happens_agrees() -> None:
    """Two means of 0 without any scatter have no distance, and nothing speaks against them."""
    nothing = {"lifetimes_mean": 0.0, "lifetimes_se": 0.0, "drills_mean": 0.0, "drills_se": 0.0}
    row = compared("a", "b", "data_loss_s_per_year", math.nan, **nothing, lifetimes_expected_se=0.0)
    [cells], note = comparison_of(row)
    assert cells[-1] == "–"
    assert "All agree." in note


@pytest.mark.parametrize("width", [60, 80])
def test_the_comparison_is_a_table_where_few_years_are_compared(width: int) -> None:
    """Costs in millions and long names of strategies leave it a table, and no time has six digits."""
    usd = {"lifetimes_mean": 104067.0, "lifetimes_se": 50840.0, "drills_mean": 1150693.0, "drills_se": 8801.0}
    loss = {"lifetimes_mean": 58.0, "lifetimes_se": 58.0, "drills_mean": 284224.0, "drills_se": 3989.0}
    rows = (
        compared("warm-standby", "shop", "usd_per_year", -0.7, **usd, lifetimes_expected_se=1555559.0),
        compared("warm-standby", "shop", "data_loss_s_per_year", -0.5, **loss, lifetimes_expected_se=149 * HOUR),
    )
    table = lifetime_tables(LifetimeResult(pd.DataFrame(), RESULT.summary, pd.DataFrame(rows)), "t")[2]
    layout = laid_out(table, width)
    assert layout.form != "listed"
    assert layout.left_out == ()
    assert [line[3:5] for line in table.rows if line[1] == "data loss"] == [("0.0 ± 6.2 d", "3.290 ± 0.046 d")]


def test_lifetimes_are_readable_at_80_columns() -> None:
    """At 80 columns all three tables are tables, with mean and 95th percentile."""
    for table in lifetime_tables(RESULT, "t"):
        layout = laid_out(table, 80)
        assert layout.form != "listed"
        assert not {"mean", "p95", "incidents a year", "apart"} & set(layout.left_out)
