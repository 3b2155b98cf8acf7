"""Bills that were worked out by hand from AWS's published prices, to half a per cent of the hand's figure.

What the hand leaves out is that points expire some hours late, which a bill counts.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from drsim.engine import build_world, run_drills
from drsim.scenario import load_scenario
from drsim.study.costs import steady_costs

BILLS = Path(__file__).parent.parent / "data" / "bills"


@pytest.mark.parametrize(
    ("name", "strategy", "usd_per_month"),
    [
        # without the opt-in points of EBS stay warm: 500 x (1 + 119 x 2 %) GiB at 0.05
        pytest.param("ebs-cold-without-opt-in", "s", 84.50, id="no opt-in"),
        # what a warm point refers to stays warm: 400 + 29 x 4 GiB at 0.05, and 90 x 4 at 0.01
        pytest.param("efs-cold-billing", "s", 516 * 0.05 + 360 * 0.01, id="cold EFS"),
        # an object below 128 KiB counts as 128 KiB: 1e7 of them at 0.05
        pytest.param("s3-small-objects", "s", 1e7 * 128 / 2**20 * 0.05, id="small objects"),
        # the first full never fits its window, so that nothing is ever stored
        pytest.param("first-full-never-completes", "short", 0.0, id="never completes"),
    ],
)
def test_bills_are_those_of_a_calculation_by_hand(name: str, strategy: str, usd_per_month: float) -> None:
    """The total of a strategy's bill is within half a per cent of the hand's, and zero where that is."""
    scenario = load_scenario(BILLS / f"{name}.yaml")
    costs = steady_costs(scenario, build_world(scenario, strategy))
    total = costs.loc[costs["line"] == "total", "usd_per_month"].item()
    assert total == pytest.approx(usd_per_month, rel=5e-3)


def test_what_never_completes_recovers_nothing() -> None:
    """Where no full backup fits its window, all is lost in every drill; where the window is long enough, nothing is."""
    scenario = load_scenario(BILLS / "first-full-never-completes.yaml")
    disruption = next(iter(scenario.disruptions))
    states = {s: set(run_drills(build_world(scenario, s), disruption, 0, 12)["state"]) for s in ("short", "long")}
    assert states == {"short": {"unrecoverable"}, "long": {"recovered"}}
