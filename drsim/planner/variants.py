"""The cheapest protection under other objectives than a plan was made for, by the drills that its search remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drsim.planner.problem import Estate, Problem, Wanted
from drsim.planner.protection import Protection
from drsim.scenario import ObjectiveSet

Under = Mapping[str, ObjectiveSet]
"""Disruption -> what is asked under it."""


@dataclass(frozen=True)
class Variant:
    """The cheapest protection of some applications that meets what is asked of them.

    Attributes:
        protections: by resource.
        cost: of them, and of their backup plans where these have a price of their own [whole units].
    """

    protections: Mapping[str, Protection]
    cost: int


class Variants:
    """The cheapest of the protections that a search drilled, whatever is asked; what was asked once is remembered.

    What it did not drill may be cheaper where less is asked: costs are of something that does, and nothing is drilled.

    Args:
        estate: of a search.
        plan_price: of each backup plan [whole units].
    """

    def __init__(self, estate: Estate, plan_price: int = 0) -> None:
        self._estate, self._plan_price = estate, plan_price
        self._known: dict[tuple[object, ...], Variant | None] = {}

    def drilled(self, k: int) -> list[Protection]:
        """Return the protections of a resource, by its number, that were drilled and may be chosen."""
        protections, is_fixed = self._estate.drills[k].known, self._estate.choices[k].is_fixed
        return [p for p in protections if (p.kept is not None if is_fixed else not (p.rules and p.rules[0].is_second))]

    def of_application(self, app: str, under: Under) -> Variant | None:
        """Return the cheapest for one application by itself; None where nothing meets what is asked.

        Args:
            app: its name.
            under: what is asked of it.
        """
        return self._cheapest({app: under})

    def of_all(self, wanted: Wanted) -> Variant | None:
        """Return the cheapest for all applications of which something is asked; None where nothing meets it."""
        if self._plan_price:
            return self._cheapest(wanted)
        variants = [self.of_application(app, under) for app, under in wanted.items()]
        protections: dict[str, Protection] = {}
        for variant in variants:
            if variant is None:
                return None
            protections |= variant.protections
        return Variant(protections, sum(variant.cost for variant in variants if variant is not None))

    def _cheapest(self, wanted: Wanted) -> Variant | None:
        key = tuple((app, *sorted(under.items(), key=lambda item: item[0])) for app, under in wanted.items())
        if key not in self._known:
            problem = Problem(self._estate, wanted, self._plan_price)
            for k, look in zip(problem.resources, problem.looks, strict=True):
                look.only(self.drilled(k))
            planned = problem.lazy().cheapest()
            if planned.protections is None or planned.cost is None:
                self._known[key] = None
            else:
                names = [self._estate.resources[k] for k in problem.resources]
                self._known[key] = Variant(dict(zip(names, planned.protections, strict=True)), planned.cost)
        return self._known[key]
