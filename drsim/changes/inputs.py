"""Which inputs of a scenario are uncertain, and over which range: what a sensitivity study varies, one at a time.

A distribution is replaced by its own 5th and 95th percentile; a probability, a size, an interval, a retention and a
quota, of which nobody states a distribution, by half and double.
"""

from __future__ import annotations

from drsim.changes import disruption, estate, limits, parameters, plans, replication, response
from drsim.changes.reach import Studied
from drsim.changes.uncertain import Input
from drsim.scenario import Scenario
from drsim.world import World

_SOURCES = (
    *(response.inputs, disruption.inputs, parameters.inputs, replication.timing_inputs),
    *(plans.inputs, replication.window_inputs, estate.inputs, limits.inputs),
)


def uncertain_inputs(scenario: Scenario, world: World, disruption: str, subject: str) -> list[Input]:
    """Return the inputs that can make a difference to a subject under a strategy and a disruption, or to the cost.

    Args:
        scenario: what the user wrote.
        world: the world of the strategy.
        disruption: its name.
        subject: `app` or `app.resource`.
    """
    inputs = read_inputs(Studied(scenario, world, disruption, subject))
    return [i for i in inputs if (i.low or i.high) and (i.in_drills or i.in_costs or i.factors != (1.0, 1.0))]


def read_inputs(of: Studied) -> list[Input]:
    """Return all inputs, constants too, those that make no difference among them.

    Args:
        of: what is studied.
    """
    return [varied for source in _SOURCES for varied in source(of)]
