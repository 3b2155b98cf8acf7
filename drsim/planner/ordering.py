"""The restore order of a plan: the one that saves most, where all that holds without it goes on to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from drsim.planner.answer import Confirmation
from drsim.planner.judge import Judge, Outcome
from drsim.planner.priorities import RestoreOrder, better_priorities, measured
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
    holding = _holding(judge.outcomes(chosen))
    better = better_priorities(judge.bench(chosen), PLANNED) if confirmed else []
    keeping = (p for p in better if holding <= _holding(judge.prioritised(p).outcomes(chosen)))
    priorities = next(keeping, None)
    if priorities is None:
        return None
    judges = [told.prioritised(priorities) for told, _ in confirmed]
    confirmations = tuple(
        replace(confirmation, outcomes=tuple(after.outcomes(chosen)))
        for after, (_, confirmation) in zip(judges, confirmed, strict=True)
    )
    pairs = zip(confirmed, confirmations, strict=True)
    if not all(_holding(before.outcomes) <= _holding(after.outcomes) for (_, before), after in pairs):
        return None
    order = measured(confirmed[0][0].bench(chosen), judges[0].bench(chosen), PLANNED)
    return Ordered(order, confirmations) if order.is_better else None


def _holding(outcomes: Sequence[Outcome]) -> set[tuple[str, str]]:
    """Return the applications with the disruptions under which they reach what is asked."""
    return {(outcome.application, outcome.disruption) for outcome in outcomes if outcome.holds}
