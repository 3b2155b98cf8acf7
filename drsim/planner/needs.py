"""What a choice of options has to reach: enough drills in which all that they concern is good at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class Need:
    """At least so many of some drills are good for every one of some members.

    Attributes:
        name: what needs it, for people: an application under a disruption.
        good: member -> (options, drills) whether the option meets the objectives in the drill, as packed bits along the
            drills; true where the drill does not strike the member.
        least: in how many drills all are to be good.
    """

    name: str
    good: Mapping[int, Bits]
    least: int

    @classmethod
    def of(cls, name: str, good: Mapping[int, NDArray[np.bool_]], least: int) -> Need:
        """Return the need of members whose options are good in drills, (options, drills)."""
        return cls(name, {member: np.packbits(is_good, axis=1) for member, is_good in good.items()}, least)

    def reached(self, options: Sequence[int]) -> int:
        """Return in how many drills a choice is good."""
        return self._count([(m, options[m]) for m in self.good])

    def _count(self, chosen: Sequence[tuple[int, int]]) -> int:
        bits = np.bitwise_and.reduce([self.good[m][o] for m, o in chosen])
        return int(np.bitwise_count(bits).sum())

    def alone(self, member: int) -> NDArray[np.bool_]:
        """Return which options of a member reach the need if all others are always good, (options,)."""
        return np.asarray(np.bitwise_count(self.good[member]).sum(axis=1) >= self.least)

    def cut(self, options: Sequence[int]) -> dict[int, list[int]]:
        """Return options of few members of which every combination misses the need, those of a choice among them.

        Of each member they are those that are good only where its present one is; of one member all that miss it beside
        the others as they are.

        Args:
            options: of each member, the number of its option; they miss the need.
        """
        members = list(self.good)
        for m in tuple(members):  # a deletion filter: who is left is needed for the miss
            others = [k for k in members if k != m]
            if others and self._count([(k, options[k]) for k in others]) < self.least:
                members = others
        sets = {m: np.flatnonzero(self._is_within(m, options[m])).tolist() for m in members}
        lifted = {m: self._missing_beside(m, [(k, options[k]) for k in members if k != m]) for m in members}
        widest = max(members, key=lambda m: (len(lifted[m]) - len(sets[m]), -m))
        return {**sets, widest: lifted[widest]}

    def _is_within(self, member: int, option: int) -> NDArray[np.bool_]:
        """Return which options of a member are good in no drill in which one of them is not, (options,)."""
        good = self.good[member]
        return np.asarray(~(good & ~good[option]).any(axis=1))

    def _missing_beside(self, member: int, others: Sequence[tuple[int, int]]) -> list[int]:
        """Return the options of a member that miss the need beside options of others."""
        good = self.good[member]
        if others:
            good = good & np.bitwise_and.reduce([self.good[m][o] for m, o in others])
        return np.flatnonzero(np.bitwise_count(good).sum(axis=1) < self.least).tolist()
