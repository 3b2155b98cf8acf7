"""What a strategy costs: month by month, and in a recovery."""

from drsim.study.costs.events import EVENT_COLUMNS, event_costs, short_rebuilds
from drsim.study.costs.steady import STEADY_COLUMNS, steady_costs

__all__ = ["EVENT_COLUMNS", "STEADY_COLUMNS", "event_costs", "short_rebuilds", "steady_costs"]
