"""One resource: what its protections cost and in which drills they are good, looked at from the cheapest on.

Nobody can look at every protection. Each is made of parts, and whatever it recovers from in a drill one of its parts
recovers from, so that it is good in no drill in which none of them is: what is promised so is never too little. From
the cheapest on protections are then looked at themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.planner.space import Choices, Protection

Bools = NDArray[np.bool_]
Bits = NDArray[np.uint8]
Ints = NDArray[np.int64]

AT_ONCE = 40
"""Protections that are looked at together."""

Fates = Callable[[Sequence[Protection], bool], Bools]
"""Protections to the drills in which they are good, (protections, drills), true where a drill does not strike; with
true, where they would be good if so much more might be lost as the policy lets an option lose for being quicker."""

Bill = Callable[[Protection], int]
"""A protection to what it costs, whole units of money."""


@dataclass(frozen=True)
class Group:
    """Drills of which a resource has to be good in enough.

    Attributes:
        name: for people: the disruption.
        drills: (drills,) which ones.
        least: in how many.
    """

    name: str
    drills: Bools
    least: int

    def is_reached(self, bits: Bits) -> Bools:
        """Return which rows of packed bits reach it, (rows,)."""
        return np.asarray(np.bitwise_count(bits & np.packbits(self.drills)).sum(axis=1) >= self.least)


class Look:
    """What is known of the protections of a resource.

    Args:
        choices: what it may be protected by.
        fates: in which drills it is good.
        bill: what it costs.
        groups: what it has to reach by itself.

    Attributes:
        protections: those that were looked at and are good enough by themselves, cheapest first.
        costs: of each [whole units].
        bits: of each, the drills in which it is good, packed.
        evaluated: how many were looked at, parts included.
    """

    def __init__(self, choices: Choices, fates: Fates, bill: Bill, groups: Sequence[Group]) -> None:
        self._fates, self._bill, self._groups = fates, bill, groups
        self.evaluated = 0
        self.protections: list[Protection] = []
        self.costs: list[int] = []
        nothing = np.packbits(self._looked([Protection()], is_lenient=False), axis=1)
        self.bits = nothing[:0]
        self._unlooked, self._at_least, self._promised = self._promises(choices, nothing)

    @property
    def rest_costs(self) -> int | None:
        """What anything costs at least that was not looked at [whole units]; None where nothing is left."""
        return int(self._at_least[0]) if len(self._at_least) else None

    def further(self) -> None:
        """Look at the cheapest that were not looked at yet, and forget what then promises nothing."""
        if not self._unlooked:
            return
        chosen, self._unlooked = self._unlooked[:AT_ONCE], self._unlooked[AT_ONCE:]
        self._at_least, self._promised = self._at_least[AT_ONCE:], self._promised[AT_ONCE:]
        bits = np.packbits(self._looked(chosen, is_lenient=False), axis=1)
        is_enough = self._enough(bits)
        self.protections += [p for p, enough in zip(chosen, is_enough, strict=True) if enough]
        self.costs += [self._bill(p) for p, enough in zip(chosen, is_enough, strict=True) if enough]
        self.bits = np.concatenate([self.bits, bits[is_enough]])
        self._forget_dominated()

    def _forget_dominated(self) -> None:
        """Forget what is good in no drill in which something that is not dearer is not."""
        order = np.lexsort((np.arange(len(self.costs)), np.array(self.costs, dtype=np.int64)))
        kept: list[int] = []
        for k in order.tolist():
            if not any(_is_within(self.bits[k : k + 1], self.bits[j])[0] for j in kept):
                kept.append(k)
        self.protections = [self.protections[k] for k in kept]
        self.costs, self.bits = [self.costs[k] for k in kept], self.bits[kept]
        stays = np.ones(len(self._unlooked), dtype=bool)
        for cost, bits in zip(self.costs, self.bits, strict=True):
            stays &= ~(_is_within(self._promised, bits) & (self._at_least >= cost))
        self._unlooked = [p for p, is_left in zip(self._unlooked, stays, strict=True) if is_left]
        self._at_least, self._promised = self._at_least[stays], self._promised[stays]

    def _promises(self, choices: Choices, nothing: Bits) -> tuple[list[Protection], Ints, Bits]:
        """Return the protections that may be good enough, by what they cost at least, with that and their bits."""
        protections = list(choices.all())
        number: dict[Protection, int] = {}
        of = [[number.setdefault(part, len(number)) for part in choices.parts_of(p)] for p in protections]
        parts, absent = list(number), len(number)
        good = [self._looked(parts[k : k + AT_ONCE], is_lenient=True) for k in range(0, absent, AT_ONCE)]
        bits = np.concatenate([*(np.packbits(rows, axis=1) for rows in good), nothing])
        nothing_costs = self._bill(Protection())
        added = np.array([*(self._added(part, choices, nothing_costs) for part in parts), 0], dtype=np.int64)
        at = np.full((len(protections), max(map(len, of), default=0)), absent, dtype=np.int64)
        for k, row in enumerate(of):
            at[k, : len(row)] = row
        promised = np.repeat(nothing, len(protections), axis=0)
        for column in at.T:
            promised |= bits[column]
        at_least = nothing_costs + added[at].sum(axis=1)
        order = np.lexsort((np.arange(len(protections)), at_least))
        order = order[self._enough(promised[order])]
        return [protections[k] for k in order], at_least[order], promised[order]

    def _added(self, part: Protection, choices: Choices, nothing_costs: int) -> int:
        """Return what a part adds to a bill at least: of a copy, what its rule costs with it less what without."""
        without = choices.without_copies(part)
        return self._bill(part) - (nothing_costs if without is None else self._bill(without))

    def _looked(self, protections: Sequence[Protection], *, is_lenient: bool) -> Bools:
        self.evaluated += len(protections)
        return self._fates(protections, is_lenient)

    def _enough(self, bits: Bits) -> Bools:
        return np.logical_and.reduce([np.ones(len(bits), dtype=bool), *(g.is_reached(bits) for g in self._groups)])


def _is_within(bits: Bits, of: Bits) -> Bools:
    """Return which rows of packed bits have no bit that others have not, (rows,)."""
    return np.asarray(~(bits & ~of).any(axis=1))
