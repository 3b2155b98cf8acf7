"""The cheapest choice where most were not looked at: those promise everything for the least that they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from drsim.planner.look import Bits, Look
from drsim.planner.master import Candidate, Master, NoChoiceError
from drsim.planner.needs import Need
from drsim.planner.protection import Protection, Readiness


@dataclass(frozen=True)
class Joint:
    """What several resources have to reach together.

    Attributes:
        application, disruption: whose, and under which.
        members: numbers of the resources.
        drills: which drills count, packed bits.
        least: in how many of them all are to be good.
    """

    application: str
    disruption: str
    members: tuple[int, ...]
    drills: Bits
    least: int


@dataclass(frozen=True)
class Planned:
    """What a search came to.

    Attributes:
        protections: of each resource; None where none passes, or none was found.
        cost: of it all [whole units]; None likewise.
        bound: what anything that passes costs at least [whole units]; None where nothing passes.
        rounds: how many choices were tried.
        evaluated: how many protections were looked at.
    """

    protections: tuple[Protection, ...] | None
    cost: int | None
    bound: int | None
    rounds: int
    evaluated: int


class Lazy:
    """The choices that are left.

    Args:
        looks: of each resource what is known of its protections.
        applications: numbers of the resources of each application, which have one standby.
        joints: what several have to reach together.
        plan_price: what each backup plan costs that is used at all [whole units].
    """

    def __init__(
        self,
        looks: Sequence[Look],
        applications: Sequence[Sequence[int]],
        joints: Sequence[Joint],
        plan_price: int = 0,
    ) -> None:
        self._looks, self._applications, self._joints, self._plan_price = looks, applications, joints, plan_price
        self._cuts: list[dict[int, frozenset[Protection]]] = []
        self._forbidden: list[Mapping[int, Callable[[Protection], bool]]] = []

    def forbid(self, those: Mapping[int, Callable[[Protection], bool]]) -> None:
        """Forbid that every one of some resources has one of some of its protections.

        Args:
            those: number of a resource -> what tells which protections.
        """
        self._forbidden.append(those)

    def cheapest(self, *, most_rounds: int = 500, progress: Callable[[int, int], None] | None = None) -> Planned:
        """Return the cheapest protections that reach what they have to reach together.

        Args:
            most_rounds: after how many choices the search ends without an answer.
            progress: called with the rounds and the bound.
        """
        bound, tried = 0, 0

        def planned(protections: tuple[Protection, ...] | None, cost: int | None, bound: int | None) -> Planned:
            return Planned(protections, cost, bound, tried, sum(look.evaluated for look in self._looks))

        for tried in range(1, most_rounds + 1):
            try:
                choice = self._master().solve()
            except NoChoiceError:
                return planned(None, None, None)
            bound = max(bound, choice.bound)
            if progress is not None:
                progress(tried, bound)
            if self._look_further(choice.options):
                continue
            protections = tuple(self._looks[m].protections[o] for m, o in enumerate(choice.options))
            missed = [cut for joint in self._joints if (cut := self._cut(joint, choice.options))]
            if not missed:
                return planned(protections, choice.cost, bound)
            self._cuts += missed
        return planned(None, None, bound)

    def _look_further(self, options: Sequence[int]) -> bool:
        """Look at what a choice has that was not looked at; return whether there was any."""
        is_unknown = False
        for m, o in enumerate(options):
            look = self._looks[m]
            if o >= len(look.protections):
                look.further(look.rests[o - len(look.protections)][0])
                is_unknown = True
        return is_unknown

    def _master(self) -> Master:
        """Return the choices that are left, of each resource what was not looked at last."""
        plans: dict[str, int] = {}
        candidates = []
        for look in self._looks:
            options = [Candidate(c, _plan_of(p, plans)) for p, c in zip(look.protections, look.costs, strict=True)]
            options += [Candidate(at_least) for _, at_least in look.rests]
            if not options:
                raise NoChoiceError
            candidates.append(options)
        master = Master(candidates, [self._plan_price] * len(plans))
        for those in self._forbidden:
            master.cut(
                {
                    m: [o for o, p in enumerate(self._looks[m].protections) if is_meant(p)]
                    for m, is_meant in those.items()
                }
            )
        for apart in self._apart():
            master.cut(apart)
        for cut in self._cuts:
            numbers = {m: [o for o, p in enumerate(self._looks[m].protections) if p in of] for m, of in cut.items()}
            if all(numbers.values()):
                master.cut(numbers)
        return master

    def _apart(self) -> Iterator[dict[int, list[int]]]:
        """Yield what cannot be together: resources of an application with different standbys."""
        for members in self._applications:
            for m, other in pairwise(members):
                mine, theirs = self._standbys(m), self._standbys(other)
                for standby in dict.fromkeys(mine):
                    here = [o for o, s in enumerate(mine) if s == standby]
                    elsewhere = [o for o, s in enumerate(theirs) if s != standby]
                    if elsewhere:
                        yield {m: here, other: elsewhere}

    def _standbys(self, m: int) -> list[Readiness | None]:
        look = self._looks[m]
        return [*(p.standby for p in look.protections), *(standby for standby, _ in look.rests)]

    def _cut(self, joint: Joint, options: Sequence[int]) -> dict[int, frozenset[Protection]]:
        """Return a cut of a choice that misses what is to be reached together; empty where it does not."""
        good = {m: self._looks[m].bits | ~joint.drills for m in joint.members}
        spare = 8 * len(joint.drills) - int(np.bitwise_count(joint.drills).sum())
        need = Need(f"{joint.application} under {joint.disruption}", good, joint.least + spare)
        if need.reached(options) >= need.least:
            return {}
        cut = need.cut(options)
        return {m: frozenset(self._looks[m].protections[o] for o in numbers) for m, numbers in cut.items()}


def _plan_of(protection: Protection, plans: dict[str, int]) -> tuple[int, ...]:
    return (plans.setdefault(repr(protection.rules), len(plans)),) if protection.rules else ()
