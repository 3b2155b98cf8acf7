"""What a protection costs: whole units of money, so that equal costs are equal and sums are exact."""

from __future__ import annotations

import math

from drsim.planner.offers import Bill
from drsim.planner.protection import Protection
from drsim.planner.strategy import PLANNED, protected
from drsim.scenario import Scenario
from drsim.scenario.part import part_of
from drsim.study.costs import steady_bill
from drsim.study.costs.estate import Estate
from drsim.world import build_world

UNITS = 10_000
"""Whole units of a dollar."""


def bill_of(scenario: Scenario, resource: str) -> Bill:
    """Return what tells what the bill of a resource is under a protection: an average month of it, in whole units.

    What has no price is left out, as in every total.

    Args:
        scenario: with the vaults and strategies that protections name.
        resource: its name.
    """
    known: dict[Protection, int] = {}

    def bill(protection: Protection) -> int:
        if protection not in known:
            part = part_of(protected(scenario, resource, protection), resource)
            amounts = steady_bill(Estate.of(part, build_world(part, PLANNED)))
            known[protection] = units(math.fsum(amount.usd for amount in amounts if not math.isnan(amount.usd)))
        return known[protection]

    return bill


def units(usd: float) -> int:
    """Return dollars in whole units."""
    return round(usd * UNITS)


def dollars(amount: int) -> float:
    """Return whole units in dollars."""
    return amount / UNITS
