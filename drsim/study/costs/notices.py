"""What `drsim check` says of a scenario beside its own checks."""

from __future__ import annotations

from drsim.errors import Problem
from drsim.scenario import Scenario
from drsim.study.notices import notices


def money_notices(scenario: Scenario) -> tuple[Problem, ...]:
    """Return what laws, prices and probabilities tell before anything is drilled, as `drsim.study.notices` does."""
    return notices(scenario)
