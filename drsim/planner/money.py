"""What a protection costs: whole units of money, so that equal costs are equal and sums are exact."""

from __future__ import annotations

import math

from drsim.planner.protection import Protection
from drsim.planner.strategy import PLANNED, protected
from drsim.scenario import Scenario
from drsim.scenario.part import part_of
from drsim.study.costs import steady_bill
from drsim.study.costs.estate import Estate
from drsim.world import build_world

UNITS = 10_000
"""Whole units of a dollar."""


class ResourceBill:
    """What the bill of a resource is under a protection: an average month of it, in whole units.

    What has no price is left out, as in every total; `unpriced` tells of it.

    Args:
        scenario: with the vaults and strategies that protections name.
        resource: its name.
    """

    def __init__(self, scenario: Scenario, resource: str) -> None:
        self._scenario, self._resource = scenario, resource
        self._known: dict[Protection, tuple[int, frozenset[str]]] = {}

    def __call__(self, protection: Protection) -> int:
        """Return what it costs [whole units]."""
        return self._of(protection)[0]

    def unpriced(self, protection: Protection) -> frozenset[str]:
        """Return the items of its bill that have no price, why in words where that is known."""
        return self._of(protection)[1]

    def _of(self, protection: Protection) -> tuple[int, frozenset[str]]:
        if protection not in self._known:
            part = part_of(protected(self._scenario, self._resource, protection), self._resource)
            amounts = steady_bill(Estate.of(part, build_world(part, PLANNED)))
            usd = math.fsum(amount.usd for amount in amounts if not math.isnan(amount.usd))
            without = (a.price.note or a.price.item for a in amounts if a.quantity and a.price.value is None)
            self._known[protection] = units(usd), frozenset(without)
        return self._known[protection]


def units(usd: float) -> int:
    """Return dollars in whole units."""
    return round(usd * UNITS)


def dollars(amount: int) -> float:
    """Return whole units in dollars."""
    return amount / UNITS
