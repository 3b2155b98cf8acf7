"""What a study is asked for: names of strategies and disruptions, drills and seed, checked against the scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from drsim.errors import InputError, Problem
from drsim.scenario import Scenario
from drsim.scenario.suggest import suggestion
from drsim.study.numbers import in_range


class Stop(Protocol):
    """Whatever can be asked to stop, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether the study should stop."""


def with_settings(scenario: Scenario, *, drills: int | None = None, seed: int | None = None) -> Scenario:
    """Return the scenario with other drills or another seed, where given.

    Raises:
        InputError: out of range.
    """
    in_range(drills=drills, seed=seed)
    given = {name: value for name, value in (("drills", drills), ("seed", seed)) if value is not None}
    return scenario.model_copy(update=given)


def choose(
    scenario: Scenario, strategies: Sequence[str] | None, disruptions: Sequence[str] | None
) -> dict[str, tuple[str, ...]]:
    """Return the names of `strategy` and `disruption` asked for, in the scenario's order; all where none is.

    Raises:
        InputError: names that are not there; all of them.
    """
    chosen, problems = {}, []
    for what, names, given in (
        ("strategy", scenario.strategies, strategies),
        ("disruption", scenario.disruptions, disruptions),
    ):
        asked = tuple(given or names)
        rule = f"the scenario has no such {what}"
        problems += [
            Problem("", 0, f"no-such-{what}", f"{n!r}", rule, suggestion(n, names)) for n in asked if n not in names
        ]
        chosen[what] = tuple(name for name in names if name in asked)
    if problems:
        raise InputError(tuple(problems))
    return chosen
