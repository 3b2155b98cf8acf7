"""The restore order of a plan: the one that saves most, where all that holds without it goes on to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from drsim.planner.answer import Confirmation
from drsim.planner.judge import Judge
from drsim.planner.priorities import RestoreOrder, best_priorities, measured
from drsim.planner.protection import Protection
from drsim.planner.strategy import PLANNED


class Ordered(NamedTuple):
    """A restore order, with the drills that confirm the plan under it.

    Attributes:
        order: what it is, and what it saves.
        confirmations: of the plan under it.
    """

    order: RestoreOrder
    confirmations: tuple[Confirmation, ...]


def ordered(
    chosen: Sequence[Protection], judge: Judge, confirmed: Sequence[tuple[Judge, Confirmation]]
) -> Ordered | None:
    """Return the restore order of a choice; None where none saves anything, or where an objective would be missed.

    Orders are compared in the drills of the search; what the best saves, and what holds under it, is of drills that
    the search never saw.

    Args:
        chosen: the protection of each resource.
        judge: of the search.
        confirmed: judges of the drills that confirm the choice, each with what it told.
    """
    priorities = best_priorities(judge.bench(chosen), PLANNED)
    if priorities is None or not confirmed:
        return None
    judges = [told.prioritised(priorities) for told, _ in confirmed]
    confirmations = tuple(
        replace(confirmation, outcomes=tuple(after.outcomes(chosen)))
        for after, (_, confirmation) in zip(judges, confirmed, strict=True)
    )
    if any(_lost(before, after) for (_, before), after in zip(confirmed, confirmations, strict=True)):
        return None
    order = measured(confirmed[0][0].bench(chosen), judges[0].bench(chosen), PLANNED)
    return Ordered(order, confirmations) if order.is_better else None


def _lost(before: Confirmation, after: Confirmation) -> set[tuple[str, str]]:
    """Return the applications with the disruptions under which what they hold before they miss after."""
    held, holding = ({(o.application, o.disruption) for o in c.outcomes if o.holds} for c in (before, after))
    return held - holding
