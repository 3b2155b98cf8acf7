"""The cheapest choice where most options were not looked at: what was not promises everything for the least it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from drsim.planner.look import Bits, Look
from drsim.planner.master import Candidate, Master, NoChoiceError
from drsim.planner.needs import Need
from drsim.planner.space import Protection


@dataclass(frozen=True)
class Joint:
    """What several resources have to reach together.

    Attributes:
        name: for people: an application under a disruption.
        members: numbers of the resources.
        drills: which drills count, packed bits.
        least: in how many of them all are to be good.
    """

    name: str
    members: tuple[int, ...]
    drills: Bits
    least: int


Judge = Callable[[Sequence[Protection]], Sequence[int]]
"""A protection of each resource to the resources that have to be protected otherwise; none where it passes."""


@dataclass(frozen=True)
class Planned:
    """What a search came to.

    Attributes:
        protections: of each resource; None where none passes, or none was found.
        cost: of it all [whole units]; None likewise.
        bound: what anything that passes costs at least [whole units]; None where nothing passes.
        rounds: how many choices were tried.
        judged: how many were judged.
        evaluated: how many protections were looked at.
    """

    protections: tuple[Protection, ...] | None
    cost: int | None
    bound: int | None
    rounds: int
    judged: int
    evaluated: int


def cheapest(
    looks: Sequence[Look],
    joints: Sequence[Joint],
    judge: Judge | None = None,
    *,
    plan_price: int = 0,
    most_rounds: int = 500,
    progress: Callable[[int, int], None] | None = None,
) -> Planned:
    """Return the cheapest protections of several resources that reach what they have to reach together.

    Args:
        looks: of each resource what is known of its protections.
        joints: what several have to reach together.
        judge: what a choice has to pass besides.
        plan_price: what each backup plan costs that is used at all [whole units].
        most_rounds: after how many choices the search ends without an answer.
        progress: called with the rounds and the bound.
    """
    cuts: list[dict[int, frozenset[Protection]]] = []
    bound, judged = 0, 0
    for look in looks:
        look.further()

    def planned(protections: tuple[Protection, ...] | None, cost: int | None, bound: int | None) -> Planned:
        return Planned(protections, cost, bound, tried, judged, sum(look.evaluated for look in looks))

    for tried in range(1, most_rounds + 1):
        master = _master(looks, plan_price, cuts)
        if master is None:
            return planned(None, None, None)
        try:
            choice = master.solve()
        except NoChoiceError:
            return planned(None, None, None)
        bound = max(bound, choice.bound)
        if progress is not None:
            progress(tried, bound)
        unknown = [m for m, o in enumerate(choice.options) if o == len(looks[m].protections)]
        if unknown:
            for m in unknown:
                looks[m].further()
            continue
        protections = tuple(looks[m].protections[o] for m, o in enumerate(choice.options))
        missed = [cut for joint in joints if (cut := _cut(joint, looks, choice.options))]
        if not missed and judge is not None:
            judged += 1
            failing = judge(protections)
            missed = [{m: frozenset({protections[m]}) for m in failing}] if failing else []
        if not missed:
            return planned(protections, choice.cost, bound)
        cuts += missed
    return planned(None, None, bound)


def _master(looks: Sequence[Look], plan_price: int, cuts: Sequence[dict[int, frozenset[Protection]]]) -> Master | None:
    """Return the choices that are left, of each resource what was not looked at last; None where one has none."""
    plans: dict[str, int] = {}
    candidates = []
    for look in looks:
        options = [Candidate(cost, _plan_of(p, plans)) for p, cost in zip(look.protections, look.costs, strict=True)]
        if look.rest_costs is not None:
            options.append(Candidate(look.rest_costs))
        if not options:
            return None
        candidates.append(options)
    master = Master(candidates, [plan_price] * len(plans))
    for cut in cuts:
        numbers = {m: [o for o, p in enumerate(looks[m].protections) if p in of] for m, of in cut.items()}
        if all(numbers.values()):
            master.cut(numbers)
    return master


def _plan_of(protection: Protection, plans: dict[str, int]) -> tuple[int, ...]:
    return (plans.setdefault(repr(protection.rules), len(plans)),) if protection.rules else ()


def _cut(joint: Joint, looks: Sequence[Look], options: Sequence[int]) -> dict[int, frozenset[Protection]]:
    """Return a cut of a choice that misses what is to be reached together; empty where it does not."""
    good = {m: looks[m].bits | ~joint.drills for m in joint.members}
    spare = 8 * len(joint.drills) - int(np.bitwise_count(joint.drills).sum())
    need = Need(joint.name, good, joint.least + spare)
    if need.reached(options) >= need.least:
        return {}
    return {m: frozenset(looks[m].protections[o] for o in numbers) for m, numbers in need.cut(options).items()}
