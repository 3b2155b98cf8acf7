"""The cheapest choice of one option for each member, where options share plans that have a price of their own.

It knows nothing of what options are: whoever asks says which choices are not good enough by cuts, and asks again. Each
cut removes the present choice, so that this ends; no cut that follows the rule of `Master.cut` removes a choice that is
good enough, so that what is found in the end is the cheapest. Money is whole units, so that equal costs are equal.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

_SLACK = 1e-6
"""By how much the solver's figures may be off, of one unit of money."""


@dataclass(frozen=True)
class Candidate:
    """What an option costs a member.

    Attributes:
        cost: of its own, whole units of money.
        shared: numbers of the shared plans that it needs.
    """

    cost: int
    shared: tuple[int, ...] = ()


@dataclass(frozen=True)
class Cheapest:
    """The cheapest choice that no cut forbids.

    Attributes:
        options: of each member, the number of its option.
        cost: of all of them and of the plans that they need, whole units.
        bound: a cost that no choice which no cut forbids is below, whole units.
    """

    options: tuple[int, ...]
    cost: int
    bound: int


class NoChoiceError(Exception):
    """Cuts leave no choice."""


class Master:
    """The choices that are left.

    Args:
        candidates: of each member its options, at least one.
        prices: of each shared plan, whole units.
    """

    def __init__(self, candidates: Sequence[Sequence[Candidate]], prices: Sequence[int] = ()) -> None:
        self._candidates, self._prices = candidates, prices
        first = np.cumsum([0, *(len(options) for options in candidates)])
        self._first: list[int] = first.tolist()
        self._cuts: list[dict[int, frozenset[int]]] = []

    def cost_of(self, options: Sequence[int]) -> int:
        """Return what a choice costs: its options, and each plan that any of them needs once [whole units]."""
        chosen = [self._candidates[m][o] for m, o in enumerate(options)]
        plans = {plan for candidate in chosen for plan in candidate.shared}
        return sum(candidate.cost for candidate in chosen) + sum(self._prices[plan] for plan in plans)

    def cut(self, options: Mapping[int, Collection[int]]) -> None:
        """Forbid that every one of some members has one of some of its options.

        For this to forbid nothing that is good enough, no choice may be good enough in which each of these members has
        one of these, whatever the others have.

        Args:
            options: member -> numbers of its options, at least one member.
        """
        self._cuts.append({member: frozenset(numbers) for member, numbers in options.items()})

    def allows(self, options: Sequence[int]) -> bool:
        """Return whether no cut forbids a choice."""
        return not any(all(options[m] in numbers for m, numbers in cut.items()) for cut in self._cuts)

    def solve(self) -> Cheapest:
        """Return the cheapest choice that no cut forbids.

        Raises:
            NoChoiceError: there is none.
        """
        if not self._cuts and not any(self._prices):
            options = tuple(min(range(len(c)), key=lambda o, c=c: (c[o].cost, o)) for c in self._candidates)  # type: ignore[misc]
            cost = self.cost_of(options)
            return Cheapest(options, cost, cost)
        found = milp(
            self._objective(),
            constraints=self._constraints(),
            integrality=np.ones(self._first[-1] + len(self._prices), dtype=np.int64),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0},
        )
        if found.x is None:
            raise NoChoiceError
        options = tuple(int(np.argmax(found.x[a:b])) for a, b in zip(self._first, self._first[1:], strict=False))
        cost = self.cost_of(options)
        if not self.allows(options):  # a solver's tolerances are no proof
            raise ArithmeticError("the solver's choice is a forbidden one")
        return Cheapest(options, cost, min(cost, math.ceil(found.mip_dual_bound - _SLACK)))

    def _objective(self) -> np.ndarray:
        return np.array([c.cost for options in self._candidates for c in options] + list(self._prices), dtype=float)

    def _constraints(self) -> list[LinearConstraint]:
        """Return one option for each member, no option without its plans, and the cuts."""
        rows: list[tuple[list[int], list[float], float, float]] = []
        for first, after in zip(self._first, self._first[1:], strict=False):
            rows.append((list(range(first, after)), [1.0] * (after - first), 1.0, 1.0))
        users: dict[tuple[int, int], list[int]] = {}
        for m, options in enumerate(self._candidates):
            for o, candidate in enumerate(options):
                for plan in candidate.shared:
                    users.setdefault((m, plan), []).append(self._first[m] + o)
        for (_, plan), columns in users.items():
            rows.append(([*columns, self._first[-1] + plan], [1.0] * len(columns) + [-1.0], -math.inf, 0.0))
        for cut in self._cuts:
            columns = [self._first[m] + o for m, numbers in sorted(cut.items()) for o in sorted(numbers)]
            rows.append((columns, [1.0] * len(columns), -math.inf, len(cut) - 1.0))
        where = np.repeat(np.arange(len(rows)), [len(columns) for columns, *_ in rows])
        column = np.concatenate([np.array(columns, dtype=np.int64) for columns, *_ in rows])
        weights = np.concatenate([np.array(weights) for _, weights, *_ in rows])
        matrix = coo_array((weights, (where, column)), shape=(len(rows), self._first[-1] + len(self._prices)))
        return [LinearConstraint(matrix.tocsr(), [row[2] for row in rows], [row[3] for row in rows])]
