"""The last look at a result: what cannot be is refused with where it came from, what can be is let through."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from drsim.errors import InputError
from drsim.ranges import MOMENT_S
from drsim.scenario import read_scenario
from drsim.study.drills import run
from drsim.study.guard import check_incidents, check_tables

ROW = {
    "subject": "app",
    "level": "application",
    "drill": 7,
    "state": "recovered",
    "occurred_s": 5.0,
    "captured_s": -3600.0,
    "data_loss_s": 3605.0,
    "downtime_s": 60.0,
    "detect_s": 20.0,
    "restore_s": 40.0,
}


def incidents(**changed: object) -> pd.DataFrame:
    """Return two incidents, the second with values changed."""
    return pd.DataFrame([ROW, {**ROW, **changed}])


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"captured_s": math.nan},
        {"state": "unrecoverable", "data_loss_s": math.nan, "downtime_s": math.nan},
        {"level": "resource", "data_loss_s": math.nan},
        {"downtime_s": MOMENT_S},
        {"captured_s": -MOMENT_S},
        {"downtime_s": 0.0},
    ],
)
def test_what_can_be_is_let_through(changed: dict[str, object]) -> None:
    """Moments before the horizon, cells without a value, the ends of the range."""
    check_incidents("s", "d", incidents(**changed))


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"downtime_s": -1.0, "restore_s": 50.0}, "restore_duration"),
        ({"downtime_s": math.inf, "detect_s": math.inf}, "response.detect"),
        ({"downtime_s": math.nan}, "restore_duration"),
        ({"data_loss_s": math.nan}, ""),
        ({"restore_s": 2 * MOMENT_S}, "restore_rate"),
        ({"captured_s": -math.inf}, ""),
        ({"occurred_s": math.inf}, ""),
        ({"detect_s": -1e-9}, "response.detect"),
    ],
)
def test_what_cannot_be_is_refused_with_its_cause(changed: dict[str, object], cause: str) -> None:
    """Infinite, negative or missing times, or beyond the grid: the message names all there is to find the input."""
    with pytest.raises(InputError) as refused:
        check_incidents("nightly", "fire", incidents(**changed))
    (problem,) = refused.value.problems
    assert problem.check == "impossible-result"
    assert all(
        word in problem.found
        for word in ("app", "nightly", "fire", "drill 7", *changed.keys() - {"restore_s", "detect_s"})
    )
    assert cause in problem.repair


def test_figures_of_tables_are_finite_and_not_negative() -> None:
    """One problem for each table with such a figure; cells without a value are none."""
    right = pd.DataFrame({"strategy": ["a", "b"], "usd_per_month": [1.0, math.nan], "note": ["inf", "-1"]})
    check_tables({"costs": right})
    for wrong in (math.inf, -math.inf, -0.01):
        table = right.assign(usd_per_month=[1.0, wrong])
        with pytest.raises(InputError, match="costs: usd_per_month of b") as refused:
            check_tables({"costs": table, "summary": right, "events": table})
        assert len(refused.value.problems) == 2
    spared = right.assign(subject=["estate", ""], usd_per_month=[-1.0, 1.0])
    check_tables({"costs": spared})
    with pytest.raises(InputError):
        check_tables({"costs": spared.assign(subject=["app", ""])})


SCENARIO = """
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications: {app: {site: home, resources: {db: {type: EBS, size: 1 GB}}}}
backup_plans: {plan: {rules: [{rule_name: daily, target_vault: local, every: 1 d, lifecycle: {delete_after: 9 d}}]}}
strategies: {s: {backup: plan}}
disruptions: {lost: {kind: resource-loss}}
response: {detect: 100 y, declare: 100 y, validate: 100 y}
"""


@pytest.mark.parametrize("clock", ["vectorised", "process"])
def test_a_study_whose_times_add_up_to_too_much_names_the_input(clock: str, tmp_path: Path) -> None:
    """Values within their ranges may add up to more than the grid holds: no result, on either clock, and no files."""
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"response\.(detect|declare|validate)"):
        run(read_scenario(SCENARIO), drills=5, clock=clock, workers=1, out=out)
    assert not out.exists()
