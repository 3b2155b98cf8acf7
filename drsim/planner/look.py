"""One resource: what its protections cost and in which drills they are good, looked at from the cheapest on.

Nobody can look at every protection. Each is made of parts, and whatever it recovers from in a drill one of its parts
recovers from, so that it is good in no drill in which none of them is: what is promised so is never too little. From
the cheapest on protections are then looked at themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.planner.offers import Bill, Offer
from drsim.planner.protection import Protection, Readiness
from drsim.planner.space import Choices

Bools = NDArray[np.bool_]
Bits = NDArray[np.uint8]
Ints = NDArray[np.int64]

AT_ONCE = 40
"""Protections that are looked at together, at most."""

FIRST = 4
"""Those that are looked at first: often one of the cheapest that are promised to be good is."""

Fates = Callable[[Sequence[Protection], bool], Bits]
"""Protections to the drills in which they are good, packed, (protections, bytes), all that do not strike among them;
with true, where they would be good if so much more might be lost as the policy lets an option lose for being quicker.
"""

Offers = Callable[[Readiness | None], Offer]
"""A standby to what may protect a resource under it."""


@dataclass(frozen=True)
class Group:
    """Drills of which a resource has to be good in enough.

    Attributes:
        name: for people: the disruption.
        drills: which ones, packed bits.
        number: how many they are.
        least: in how many it has to be good; more than there are where none will do.
        is_at_home: whether the standby of its application makes no difference in them.
    """

    name: str
    drills: Bits
    number: int
    least: int
    is_at_home: bool = False

    @classmethod
    def of(cls, name: str, drills: Bools, least: int, *, is_at_home: bool = False) -> Group:
        """Return the group of some of the drills, (drills,)."""
        return cls(name, np.packbits(drills), int(drills.sum()), least, is_at_home)

    def reached(self, bits: Bits) -> Ints:
        """Return in how many of them rows of packed bits are good, (rows,)."""
        return np.asarray(np.bitwise_count(bits & self.drills).sum(axis=-1), dtype=np.int64)


class Look:
    """What is known of the protections of a resource.

    Args:
        choices: what it may be protected by.
        fates: in which drills it is good.
        bill: what it costs.
        groups: what it has to reach by itself.
        offer: what may protect it under a standby.
        plan_price: of a backup plan, which others may share [whole units].

    Attributes:
        protections: those that were looked at and are good enough by themselves, cheapest first.
        costs: of each [whole units].
        bits: of each, the drills in which it is good, packed.
        evaluated: how many were looked at, parts included.
        possible: how many there are, as far as standbys were looked at.
    """

    def __init__(
        self, choices: Choices, fates: Fates, bill: Bill, groups: Sequence[Group], offer: Offers, plan_price: int = 0
    ) -> None:
        self._plan_price = plan_price
        self._choices, self._fates, self._bill, self.groups = choices, fates, bill, groups
        self._offer = offer
        self.evaluated, self.possible = 0, 0
        self._is_reached = [False] * len(groups)
        self.protections: list[Protection] = []
        self.costs: list[int] = []
        self.bits: Bits = np.empty((0, 0), dtype=np.uint8)
        self._shelves = [_Shelf(self, standby) for standby in choices.standbys]

    def _is_hopeless(self, most: Ints) -> bool:
        """Return whether nothing under a standby reaches a group for which standbys make no difference.

        Args:
            most: (groups,) what is promised of what was not looked at.
        """
        return any(
            group.is_at_home and promised < group.least and not is_reached
            for group, promised, is_reached in zip(self.groups, most.tolist(), self._is_reached, strict=True)
        )

    @property
    def rests(self) -> list[tuple[Readiness | None, int]]:
        """Return the standbys under which something was not looked at, and what that costs at least [whole units]."""
        return [(shelf.standby, shelf.at_least) for shelf in self._shelves if shelf.at_least is not None]

    def further(self, standby: Readiness | None) -> None:
        """Look at the cheapest under a standby that were not looked at yet, and forget what then promises nothing."""
        (shelf,) = (shelf for shelf in self._shelves if shelf.standby == standby)
        was_open = shelf.is_open
        chosen = shelf.take()
        bits = self.looked(chosen) if chosen else self.bits[:0]
        for g, group in enumerate(self.groups):
            self._is_reached[g] |= bool(bits.size and (group.reached(bits) >= group.least).any())
        if shelf.is_open and not was_open and self._is_hopeless(shelf.most):
            # nor is anything under another standby, which makes no difference there
            self._shelves = []
        self._add(chosen, bits)

    def only(self, protections: Sequence[Protection]) -> None:
        """Look at some protections, and at nothing else."""
        self._shelves = []
        self._add(protections, self.looked(protections) if protections else self.bits[:0])

    def _add(self, protections: Sequence[Protection], bits: Bits) -> None:
        for protection, row in zip(protections, bits, strict=True):
            if self.is_enough(row):
                self.protections.append(protection)
                self.costs.append(self.bill(protection))
                self.bits = np.concatenate([self.bits, row[None]]) if self.bits.size else row[None]
        self._forget_dominated()

    def _forget_dominated(self) -> None:
        """Forget what is good in no drill in which something that is not dearer, under the same standby, is not."""
        order = np.lexsort((np.arange(len(self.costs)), np.array(self.costs, dtype=np.int64)))
        kept: list[int] = []
        for k in order.tolist():
            standby = self.protections[k].standby
            alike = [
                j
                for j in kept
                if self.protections[j].standby == standby and self.costs[j] + self._price_beyond(j, k) <= self.costs[k]
            ]
            if not any(_is_within(self.bits[k : k + 1], self.bits[j])[0] for j in alike):
                kept.append(k)
        self.protections = [self.protections[k] for k in kept]
        self.costs, self.bits = [self.costs[k] for k in kept], self.bits[kept]
        for shelf in self._shelves:
            shelf.forget(
                (cost + (self._plan_price if protection.rules else 0), bits)
                for protection, cost, bits in zip(self.protections, self.costs, self.bits, strict=True)
                if protection.standby == shelf.standby
            )

    def _price_beyond(self, j: int, k: int) -> int:
        """Return what the plan of a protection may cost that another does not need, by their places [whole units]."""
        rules = self.protections[j].rules
        return self._plan_price if rules and rules != self.protections[k].rules else 0

    def offer(self, standby: Readiness | None) -> Offer:
        """Return what may protect the resource under a standby, whatever it has to reach: worked out once."""
        return self._offer(standby)

    @property
    def is_fixed(self) -> bool:
        """Whether it stays as it is in a strategy."""
        return self._choices.is_fixed

    def kept(self, standby: Readiness | None) -> list[Protection]:
        """Return the protections of the scenario's strategies under a standby."""
        return self._choices.kept(standby)

    def looked(self, protections: Sequence[Protection], *, is_lenient: bool = False) -> Bits:
        """Return in which drills protections are good, packed, (protections, bytes)."""
        self.evaluated += len(protections)
        rows = [self._fates(protections[k : k + AT_ONCE], is_lenient) for k in range(0, len(protections), AT_ONCE)]
        return np.concatenate(rows) if len(rows) > 1 else rows[0]

    def bill(self, protection: Protection) -> int:
        """Return what a protection costs [whole units]."""
        return self._bill(protection)

    def is_enough(self, bits: Bits) -> Bools:
        """Return which rows of packed bits are good enough for the resource by itself."""
        enough = [group.reached(bits) >= group.least for group in self.groups]
        return np.asarray(np.logical_and.reduce([np.ones(bits.shape[:-1], dtype=bool), *enough]))


class _Promises:
    """In which drills the protections of an offer are promised to be good.

    Args:
        look: at the resource.
        offer: what may protect it.
        standby: of its application.
    """

    def __init__(self, look: Look, offer: Offer, standby: Readiness | None) -> None:
        self._nothing = look.looked([Protection(standby=standby)], is_lenient=True)[0]
        ways = offer.ways
        bits = look.looked(ways, is_lenient=True) if ways else np.empty((0, len(self._nothing)), dtype=np.uint8)
        parts = len(ways) - len(offer.features) + 1
        none = np.zeros_like(self._nothing)[None]
        self._bits = [
            *(
                np.stack([np.bitwise_or.reduce(bits[row], axis=0, initial=0) for row in [[], *of_rules]])
                for of_rules in offer.parts_of
            ),
            np.concatenate([none, bits[parts:]]),
        ]

    def promised(self, places: Ints) -> tuple[Bits, Ints]:
        """Return in which drills protections are promised to be good: rows of packed bits, and which each has.

        Args:
            places: (protections, 3) as of the offer.
        """
        kinds = [_unique(bits) for bits in self._bits]
        shape = [len(rows) for rows, _ in kinds]
        of = np.ravel_multi_index([number[places[:, k]] for k, (_, number) in enumerate(kinds)], shape)
        numbers, row = np.unique(of, return_inverse=True)
        at = np.unravel_index(numbers, shape)
        promised = np.repeat(self._nothing[None], len(numbers), axis=0)
        for (rows, _), k in zip(kinds, at, strict=True):
            promised |= rows[k]
        return promised, row


class _Shelf:
    """The protections of a resource under one standby that were not looked at, cheapest first.

    Attributes:
        standby: of its application.
        most: (groups,) in how many drills of each group any of them is promised to be good; zeros until that is known.
    """

    def __init__(self, look: Look, standby: Readiness | None) -> None:
        self._look, self.standby = look, standby
        self._offer: Offer | None = None
        self._next, self._is_new = FIRST, True
        self._places: Ints = np.empty((0, 3), dtype=np.int64)
        self._costs: Ints = np.empty(0, dtype=np.int64)
        # many protections promise the same: the rows of packed bits that there are, and which each has
        self._promised: Bits = np.empty((0, 0), dtype=np.uint8)
        self._row: Ints = np.empty(0, dtype=np.int64)
        self.most: Ints = np.zeros(len(look.groups), dtype=np.int64)
        self._unopened: int | None = look.bill(Protection(standby=standby))

    @property
    def is_open(self) -> bool:
        """Whether it is known what is promised."""
        return self._unopened is None

    @property
    def at_least(self) -> int | None:
        """What anything costs at least that was not looked at [whole units]; None where nothing is left."""
        if self._unopened is not None:
            return self._unopened
        return int(self._costs[0]) if len(self._costs) else None

    def take(self) -> list[Protection]:
        """Return the cheapest, which are no longer there; at first those of the scenario's strategies, and none."""
        if self._is_new:
            self._is_new = False
            if not self._look.is_fixed:
                # often nothing is needed, and then nobody asks what more there is
                return [*self._look.kept(self.standby), Protection(standby=self.standby)]
            self._open()
            return self._look.kept(self.standby)
        if self._unopened is not None:
            self._open()
        if self._offer is None:
            return []
        number, self._next = self._next, min(2 * self._next, AT_ONCE)
        taken, self._places = self._places[:number].tolist(), self._places[number:]
        self._costs, self._row = self._costs[number:], self._row[number:]
        return [self._offer.protection(places) for places in taken]

    def _open(self) -> None:
        """Find out what is promised of which protections, and keep what is promised enough."""
        look, self._unopened = self._look, None
        if look.is_fixed:
            look.possible += len(look.kept(self.standby))
            return
        offer = self._offer = look.offer(self.standby)
        look.possible += len(offer.places) + len(look.kept(self.standby))
        self._promised, row = _Promises(look, offer, self.standby).promised(offer.places)
        reached = np.array([group.reached(self._promised) for group in look.groups], dtype=np.int64)
        reached = reached.reshape(len(look.groups), len(self._promised))
        self.most = reached.max(axis=1, initial=0)
        enough = (reached >= np.array([group.least for group in look.groups])[:, None]).all(axis=0)
        kept = np.flatnonzero(np.take(enough, row))
        self._places, self._costs, self._row = offer.places[kept], offer.costs[kept], row[kept]

    def forget(self, known: Iterable[tuple[int, Bits]]) -> None:
        """Forget what promises nothing that something known does not give for no more.

        Args:
            known: what each costs and its bits.
        """
        if not len(self._costs):
            return  # nothing is left, or nothing was to be chosen
        stays = np.ones(len(self._costs), dtype=bool)
        for cost, bits in known:
            first = int(np.searchsorted(self._costs, cost))
            stays[first:] &= ~_is_within(self._promised, bits)[self._row[first:]]
        if not stays.all():
            self._places, self._costs, self._row = self._places[stays], self._costs[stays], self._row[stays]


def _unique(bits: Bits) -> tuple[Bits, Ints]:
    """Return the rows of packed bits that there are, each once, and which each is, (rows,)."""
    number: dict[bytes, int] = {}
    which = np.array([number.setdefault(row.tobytes(), len(number)) for row in bits], dtype=np.int64)
    rows = np.frombuffer(b"".join(number), dtype=np.uint8).reshape(len(number), bits.shape[1])
    return rows, which


def _is_within(bits: Bits, of: Bits) -> Bools:
    """Return which rows of packed bits have no bit that others have not, (rows,)."""
    return np.asarray((bits & ~of == 0).all(axis=1))
