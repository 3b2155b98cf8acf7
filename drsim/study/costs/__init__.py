"""What a strategy costs: month by month, and in a recovery."""

from drsim.study.costs.events import EVENT_COLUMNS, event_costs, short_rebuilds
from drsim.study.costs.for_ever import ForEver, kept_for_ever
from drsim.study.costs.steady import STEADY_COLUMNS, steady_bill, steady_costs, steady_table
from drsim.study.costs.totals import (
    APPLICATION_COLUMNS,
    Total,
    comparable,
    comparison_note,
    costs_by_application,
    totals,
)

__all__ = [
    "APPLICATION_COLUMNS",
    "EVENT_COLUMNS",
    "STEADY_COLUMNS",
    "ForEver",
    "Total",
    "comparable",
    "comparison_note",
    "costs_by_application",
    "event_costs",
    "kept_for_ever",
    "short_rebuilds",
    "steady_bill",
    "steady_costs",
    "steady_table",
    "totals",
]
