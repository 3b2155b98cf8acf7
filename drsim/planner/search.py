"""The cheapest choice that reaches every need and passes a judge, with a bound that no choice is below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from drsim.planner.master import Cheapest, Master, NoChoiceError
from drsim.planner.needs import Need

Cut = Mapping[int, Sequence[int]]
"""Member -> options; no choice is good enough in which every one of these members has one of these."""

Judge = Callable[[Sequence[int]], Sequence[Cut]]
"""A choice to what it fails by, as cuts that forbid this choice and others as bad; nothing where it passes."""


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        best: the cheapest choice that passes, of each member the number of its option; None where none was found.
        cost: of it, whole units; None likewise.
        bound: a cost that no choice that passes is below, whole units; None where no choice passes at all.
        rounds: how many choices were tried.
        judged: how many of these were judged.
    """

    best: tuple[int, ...] | None
    cost: int | None
    bound: int | None
    rounds: int
    judged: int

    @property
    def is_impossible(self) -> bool:
        """Whether it is proven that no choice passes."""
        return self.bound is None

    @property
    def is_proven(self) -> bool:
        """Whether it is proven that nothing cheaper passes."""
        return self.best is not None and self.cost == self.bound

    @property
    def gap(self) -> float | None:
        """By how much the best may be dearer than what is possible, as a share of the bound; None where unknown."""
        if self.cost is None or self.bound is None:
            return None
        return 0.0 if self.cost == self.bound else (self.cost - self.bound) / self.bound if self.bound else None


def search(
    master: Master,
    needs: Sequence[Need],
    judge: Judge | None = None,
    *,
    most_rounds: int,
    progress: Callable[[Cheapest], None] | None = None,
) -> Found:
    """Return the cheapest choice that reaches every need and passes the judge.

    It asks for the cheapest choice that nothing forbids yet, forbids what this one misses, and asks again: the first
    that passes is the cheapest of all, and what was asked for before is a bound.

    Args:
        master: the choices; what is found not to be good enough is cut from it.
        needs: what a choice has to reach.
        judge: what a choice has to pass besides, asked only where all needs are reached.
        most_rounds: after how many choices the search ends without an answer.
        progress: called with each choice that is tried.
    """
    bound, judged = 0, 0
    for tried in range(1, most_rounds + 1):
        try:
            cheapest = master.solve()
        except NoChoiceError:
            return Found(None, None, None, tried, judged)
        bound = max(bound, cheapest.bound)
        if progress is not None:
            progress(cheapest)
        cuts: list[Cut] = [need.cut(cheapest.options) for need in needs if need.reached(cheapest.options) < need.least]
        if not cuts and judge is not None:
            judged += 1
            cuts = list(judge(cheapest.options))
        if not cuts:
            return Found(cheapest.options, cheapest.cost, bound, tried, judged)
        for cut in cuts:
            master.cut(cut)
    return Found(None, None, bound, most_rounds, judged)
