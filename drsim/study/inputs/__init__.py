"""Which inputs of a scenario are uncertain, and over which range: what a sensitivity study varies, one at a time.

A distribution is replaced by its own 5th and 95th percentile; a probability, a size, an interval, a retention and a
quota, of which nobody states a distribution, by half and double.
"""

from drsim.scenario import Scenario
from drsim.study.inputs.incident import disruption as of_disruption
from drsim.study.inputs.incident import people
from drsim.study.inputs.model import GROUPS, SCENARIO, End, Input
from drsim.study.inputs.parameters import parameters
from drsim.study.inputs.plans import estate, plans
from drsim.study.inputs.reach import Studied, reach
from drsim.study.inputs.services import quotas, replication
from drsim.world import World

__all__ = ["GROUPS", "SCENARIO", "End", "Input", "reach", "read_inputs", "uncertain_inputs"]


def uncertain_inputs(scenario: Scenario, world: World, disruption: str, subject: str) -> list[Input]:
    """Return the inputs that can make a difference to a subject under a strategy and a disruption, or to the cost.

    Args:
        scenario: what the user wrote.
        world: the world of the strategy.
        disruption: its name.
        subject: `app` or `app.resource`.
    """
    every = read_inputs(Studied(scenario, world, disruption, subject))
    return [i for i in every if (i.low or i.high) and (i.in_drills or i.in_costs or i.factors != (1.0, 1.0))]


def read_inputs(of: Studied) -> list[Input]:
    """Return all inputs, constants too, those that make no difference among them.

    Args:
        of: what is studied.
    """
    sources = (people, of_disruption, parameters, replication, plans, estate, quotas)
    return [each for source in sources for each in source(of)]
