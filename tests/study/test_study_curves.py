"""Exceedance curves."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from drsim.study.curves import COLUMNS, exceedance_curves
from drsim.study.measures import MEASURES


def incidents(lost: int, drills: int = 10) -> pd.DataFrame:
    """Return drills of which the last ones were lost, the others down for 1, 2, 3 ... hours."""
    kept = drills - lost
    down = [3600.0 * (k + 1) if k < kept else math.nan for k in range(drills)]
    state = ["recovered" if k < kept else "unrecoverable" for k in range(drills)]
    return pd.DataFrame({"subject": "shop", "state": state, **{measure.column: down for measure in MEASURES}})


def curve(rows: pd.DataFrame, measure: str = "downtime_s") -> pd.DataFrame:
    """Return the curve of one measure."""
    curves = exceedance_curves("plan", "fire", rows)
    assert list(curves.columns) == list(COLUMNS)
    return curves[curves["measure"] == measure]


def test_curve_ends_at_the_probability_of_no_recovery() -> None:
    """The share of drills beyond a time falls by one drill at each time, down to the share that is lost."""
    points = curve(incidents(3))
    assert np.allclose(points["value"] / 3600, np.arange(8))
    assert np.allclose(points["probability"], [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])


def test_curve_without_recovery_is_flat() -> None:
    """Where nothing recovers, every drill exceeds every time."""
    points = curve(incidents(10))
    assert (list(points["value"]), list(points["probability"])) == ([0.0], [1.0])


def test_a_drill_without_data_to_lose_exceeds_nothing() -> None:
    """A recovered drill that had no data to lose exceeds no time."""
    rows = incidents(0)
    rows.loc[8:, "data_loss_s"] = math.nan
    assert curve(rows, "data_loss_s")["probability"].iloc[0] == 0.8


def test_shares_are_of_the_drills_that_reach_a_subject() -> None:
    """However many drills reach others, a curve begins where all that reach the subject exceed it."""
    both = pd.concat([incidents(2), incidents(0, 500).assign(subject="crm")], ignore_index=True)
    curves = exceedance_curves("plan", "fire", both)
    shop = curves[(curves["subject"] == "shop") & (curves["measure"] == "downtime_s")]
    pd.testing.assert_frame_equal(
        shop.reset_index(drop=True)[["value", "probability"]],
        curve(incidents(2)).reset_index(drop=True)[["value", "probability"]],
    )
    assert shop["probability"].iloc[-1] == 0.2


def test_what_no_drill_reaches_has_no_curve() -> None:
    """Without a drill there is no point, and columns stay as they are."""
    curves = exceedance_curves("plan", "fire", incidents(0).iloc[:0])
    assert (list(curves.columns), len(curves)) == (list(COLUMNS), 0)


@pytest.mark.parametrize("drills", [219, 220, 221, 222, 1000, 5000])
def test_long_curves_keep_exact_points_and_their_ends(drills: int) -> None:
    """Of many points some are left out; those that stay are exact, and the last ten are among them."""
    points = curve(incidents(0, drills))
    hours = np.round(points["value"].to_numpy() / 3600).astype(int)
    assert np.allclose(points["probability"], 1 - hours / drills)
    assert len(points) <= 220 or drills < 220
    assert set(range(drills - 9, drills + 1)) <= set(hours.tolist())
    assert hours[0] == 0
    assert np.diff(hours).max() <= max(2, drills / 150 + 1)


def test_subjects_have_curves_of_their_own() -> None:
    """Each subject's drills are counted apart."""
    both = pd.concat([incidents(0).assign(subject="b"), incidents(10).assign(subject="a")], ignore_index=True)
    curves = exceedance_curves("plan", "fire", both)
    assert curves[curves["subject"] == "a"]["probability"].tolist() == [1.0] * len(MEASURES)
    assert len(curves[curves["subject"] == "b"]) == 11 * len(MEASURES)
