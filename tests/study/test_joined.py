"""Strategies that were studied one by one are as if they had been studied together."""

from __future__ import annotations

import pandas as pd
import pytest

from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.drills import joined, run, with_settings
from drsim.study.results import to_csv


@pytest.mark.parametrize("name", ["web-shop", "periodic-vs-continuous", "ransomware"])
def test_joined_results_are_those_of_one_study(name: str) -> None:
    """Tables, warnings and the record are equal, but for the time it took."""
    scenario = with_settings(load_scenario(shipped_scenarios()[name]), drills=40)
    whole = run(scenario, workers=1, keep_incidents=False)
    parts = [run(scenario, strategies=[each], workers=1, keep_incidents=False) for each in scenario.strategies]
    found = joined(scenario, parts)
    for table in ("summary", "costs", "events"):
        assert to_csv(getattr(found, table)) == to_csv(getattr(whole, table))
    pd.testing.assert_frame_equal(found.curves, whole.curves)
    assert found.warnings == whole.warnings
    assert {k: v for k, v in found.run.items() if k != "timing"} == {
        k: v for k, v in whole.run.items() if k != "timing"
    }
    with pytest.raises(LookupError):
        _ = found.incidents
