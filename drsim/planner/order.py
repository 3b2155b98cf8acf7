"""The order of restores: which ones take the slots first, so that what is dearest is back soonest.

An order ranks restores. A slot that is free is taken at once by the first of the order among those whose predecessors
are done, as both clocks do it. An application is back with its last restore, and costs by the hour until then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Order = tuple[int, ...]

MOST_EXACT = 8
"""What is ordered, restores or applications, up to which every order is tried."""

_MOST_EXCHANGED = 200
"""Rounds of exchanges, at most; each finds a better order than all before."""

_CELLS = 2_000_000
"""Orders times restores that are worked out at once."""


@dataclass(frozen=True)
class Restore:
    """A restore that takes a slot.

    Attributes:
        application: whose; it is back with the last of its restores.
        duration_s: how long it holds the slot [s].
        after: places of the restores that it waits for, holding no slot.
    """

    application: str
    duration_s: float
    after: tuple[int, ...] = ()


@dataclass(frozen=True)
class Queue:
    """Restores that are all asked for at once, and wait for slots.

    Attributes:
        restores: in the order written.
        weights: what each application costs a second until it is back; those that are left out cost nothing.
        slots: how many restores may run at once.
    """

    restores: Sequence[Restore]
    weights: Mapping[str, float]
    slots: int

    def completions(self, ranks: Places) -> Floats:
        """Return when restores end under orders, (orders, restores) [s].

        Args:
            ranks: (orders, restores) the place of each in the order, 0 first; no two are alike.

        Raises:
            ValueError: restores wait for each other.
        """
        orders, number = ranks.shape
        everyone = np.arange(orders)
        durations_s = np.array([restore.duration_s for restore in self.restores])
        before = [sorted(set(restore.after)) for restore in self.restores]
        followers = [[k for k, places in enumerate(before) if j in places] for j in range(number)]
        waiting = np.tile(list(map(len, before)), (orders, 1))
        ready_s = np.where(waiting == 0, 0.0, np.inf)
        free_s, ends_s = np.zeros((orders, self.slots)), np.zeros((orders, number))
        is_left = np.ones((orders, number), dtype=bool)
        for _ in range(number):
            slot = free_s.argmin(axis=1)
            now_s = np.maximum(free_s[everyone, slot], np.where(is_left, ready_s, np.inf).min(axis=1))
            if np.isinf(now_s).any():
                raise ValueError(_CIRCLE)
            chosen = np.where(is_left & (ready_s <= now_s[:, None]), ranks, number).argmin(axis=1)
            is_left[everyone, chosen] = False
            free_s[everyone, slot] = ends_s[everyone, chosen] = now_s + durations_s[chosen]
            for j in np.unique(chosen).tolist():
                mine = chosen == j
                for k in followers[j]:
                    waiting[mine, k] -= 1
                    ready_s[mine, k] = np.where(waiting[mine, k] == 0, ends_s[mine][:, before[k]].max(axis=1), np.inf)
        return ends_s

    def costs(self, ranks: Places) -> Floats:
        """Return what orders cost, (orders,): the weight of each application times when it is back.

        Args:
            ranks: as for `completions`.
        """
        totals = np.zeros(len(ranks))
        step = max(1, _CELLS // max(len(self.restores), 1))
        for first in range(0, len(ranks), step):
            ends_s = self.completions(ranks[first : first + step])
            for application, places in self._of_applications.items():
                back_s = ends_s[:, places].max(axis=1)
                totals[first : first + step] += self.weights.get(application, 0.0) * back_s
        return totals

    @cached_property
    def _of_applications(self) -> dict[str, list[int]]:
        """The places of the restores of each application."""
        of: dict[str, list[int]] = {}
        for k, restore in enumerate(self.restores):
            of.setdefault(restore.application, []).append(k)
        return of

    def first_come(self) -> Order:
        """Return restores in the order in which they start where those that came first are served first.

        They come when their predecessors are done, those that come at once as written.

        Raises:
            ValueError: restores wait for each other.
        """
        ends_s: dict[int, float] = {}
        free_s = [0.0] * self.slots
        while len(ends_s) < len(self.restores):
            came = [
                (max((ends_s[j] for j in restore.after), default=0.0), k)
                for k, restore in enumerate(self.restores)
                if k not in ends_s and all(j in ends_s for j in restore.after)
            ]
            if not came:
                raise ValueError(_CIRCLE)
            (came_s, k), slot = min(came), free_s.index(min(free_s))
            ends_s[k] = free_s[slot] = max(came_s, free_s[slot]) + self.restores[k].duration_s
        return tuple(ends_s)

    def smith(self) -> tuple[str, ...]:
        """Return applications by Smith's rule: weight by time in slots, largest first, as written among equals.

        With one slot and no predecessors nothing costs less.
        """

        def urgency(application: str) -> float:
            work_s = sum(self.restores[k].duration_s for k in self._of_applications[application])
            return self.weights.get(application, 0.0) / max(work_s, _SHORTEST_S)

        return tuple(sorted(self._of_applications, key=urgency, reverse=True))

    def best(self) -> Order:
        """Return an order of restores that costs least; of no more than `MOST_EXACT` there is none cheaper.

        It never costs more than first come, first served.
        """
        return self._best([[k] for k in range(len(self.restores))], self.first_come())

    def best_applications(self) -> tuple[str, ...]:
        """Return applications in an order that costs least, each with its restores as written.

        It never costs more than the order in which they are written.
        """
        names, groups = list(self._of_applications), list(self._of_applications.values())
        return tuple(names[g] for g in self._best(groups, tuple(range(len(groups)))))

    def _best(self, groups: Sequence[Sequence[int]], first: Order) -> Order:
        """Return groups of restores, by number, in an order that costs least, as far as is looked.

        Args:
            groups: places of restores.
            first: an order that it is not to be worse than.
        """
        if len(groups) <= MOST_EXACT:
            return self._cheapest(list(permutations(range(len(groups)))), groups)[0]
        order, cost = self._cheapest([first, *self._starts(groups)], groups)
        for _ in range(_MOST_EXCHANGED):
            better, less = self._cheapest(_neighbours(order), groups)
            if less >= cost:
                break
            order, cost = better, less
        return order

    def _cheapest(self, orders: Sequence[Order], groups: Sequence[Sequence[int]]) -> tuple[Order, float]:
        """Return the cheapest of orders of groups, the first among equals, with its cost."""
        sequence = np.array(orders, dtype=np.intp)
        sizes = np.array([len(group) for group in groups])[sequence]
        begins = np.empty_like(sequence)
        np.put_along_axis(begins, sequence, np.cumsum(sizes, axis=1) - sizes, axis=1)
        ranks = np.empty((len(orders), len(self.restores)), dtype=np.intp)
        for g, group in enumerate(groups):
            ranks[:, group] = begins[:, [g]] + np.arange(len(group))
        totals = self.costs(ranks)
        place = int(totals.argmin())
        return orders[place], float(totals[place])

    def _starts(self, groups: Sequence[Sequence[int]]) -> list[Order]:
        """Return orders of groups to begin with: as written, by Smith's rule, the heaviest first, the longest first."""
        urgency = {name: k for k, name in enumerate(self.smith())}
        names = [self.restores[group[0]].application for group in groups]
        work_s = [sum(self.restores[k].duration_s for k in group) for group in groups]
        written = range(len(groups))
        return [
            tuple(written),
            tuple(sorted(written, key=lambda g: urgency[names[g]])),
            tuple(sorted(written, key=lambda g: (urgency[names[g]], -work_s[g]))),
            tuple(sorted(written, key=lambda g: -self.weights.get(names[g], 0.0))),
            tuple(sorted(written, key=lambda g: -work_s[g])),
        ]


_SHORTEST_S = 1e-9
"""What stands for no time at all."""

_CIRCLE = "restores wait for each other"


def _neighbours(order: Order) -> list[Order]:
    """Return the orders with two exchanged, and with one moved to another place."""
    orders = []
    for i, j in combinations(range(len(order)), 2):
        exchanged = list(order)
        exchanged[i], exchanged[j] = order[j], order[i]
        orders.append(tuple(exchanged))
    for i in range(len(order)):
        rest = order[:i] + order[i + 1 :]
        orders += [(*rest[:j], order[i], *rest[j:]) for j in range(len(order)) if abs(j - i) > 1]
    return orders
