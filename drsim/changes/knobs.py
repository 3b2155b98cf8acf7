"""All that can be chosen of a strategy and its world: the knobs of What if, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drsim.changes import disruption as disruptions
from drsim.changes import limits, replication, response, rules, standby, vaults
from drsim.changes.knob import Knob
from drsim.changes.model import Group
from drsim.scenario import Scenario

WORLD: tuple[Group, ...] = ("response", "limits", "disruption")
"""Groups whose choices hold for every strategy."""


def knobs(scenario: Scenario, strategy: str, disruption: str) -> tuple[Knob, ...]:
    """Return all that can be chosen.

    Args:
        scenario: a right one.
        strategy: the name of the one to change.
        disruption: the name of the one whose length and dwell can be chosen.
    """
    return (
        *rules.knobs(scenario, strategy),
        *vaults.knobs(scenario, strategy),
        *standby.knobs(scenario, strategy),
        *replication.knobs(scenario, strategy),
        *response.knobs(scenario),
        *limits.knobs(scenario),
        *disruptions.knobs(scenario, disruption),
    )


def legal(known: Iterable[Knob], choices: Mapping[str, object]) -> dict[str, str]:
    """Return those choices that are of these knobs, of values that they may take, and change something.

    Args:
        known: the knobs.
        choices: values by the keys of knobs, of which others may be of nothing.
    """
    return {
        knob.key: str(value)
        for knob in known
        if (value := choices.get(knob.key)) in knob.options and value != knob.present
    }
