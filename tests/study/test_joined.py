"""Strategies that were studied one by one are as if they had been studied together."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from drsim.errors import InputError
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.drills import run
from drsim.study.joining import joined
from drsim.study.results import to_csv
from drsim.study.settings import with_settings


@pytest.mark.parametrize(
    "name", ["periodic-vs-continuous", *(pytest.param(n, marks=pytest.mark.long) for n in ("web-shop", "ransomware"))]
)
def test_joined_results_are_those_of_one_study(name: str) -> None:
    """Tables, warnings and the record are equal, but for the time it took."""
    scenario = with_settings(load_scenario(shipped_scenarios()[name]), drills=12)
    whole = run(scenario, workers=1, keep_incidents=False)
    parts = [run(scenario, strategies=[strategy], workers=1, keep_incidents=False) for strategy in scenario.strategies]
    together = joined(scenario, parts)
    for table in ("summary", "dependencies", "costs", "events"):
        assert to_csv(getattr(together, table)) == to_csv(getattr(whole, table))
    pd.testing.assert_frame_equal(together.curves, whole.curves)
    assert together.warnings == whole.warnings
    assert {k: v for k, v in together.run.items() if k != "timing"} == {
        k: v for k, v in whole.run.items() if k != "timing"
    }
    with pytest.raises(LookupError):
        _ = together.incidents


def test_results_of_other_definitions_are_not_joined() -> None:
    """A result whose figures mean something else is refused with the reason."""
    scenario = with_settings(load_scenario(shipped_scenarios()["periodic"]), drills=5)
    part = run(scenario, workers=1, keep_incidents=False)
    older = replace(part, run={key: value for key, value in part.run.items() if key != "definitions"})
    with pytest.raises(InputError, match="a result of definitions 1"):
        joined(scenario, [part, older])
