"""One resource: what its protections cost and in which drills they are good, looked at from the cheapest on.

Nobody can look at every protection. Each is made of parts, and whatever it recovers from in a drill one of its parts
recovers from, so that it is good in no drill in which none of them is: what is promised so is never too little. From
the cheapest on protections are then looked at themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drsim.planner.protection import Backups, Protection, Readiness
from drsim.planner.space import Choices

Bools = NDArray[np.bool_]
Bits = NDArray[np.uint8]
Ints = NDArray[np.int64]

AT_ONCE = 40
"""Protections that are looked at together."""

Fates = Callable[[Sequence[Protection], bool], Bits]
"""Protections to the drills in which they are good, packed, (protections, bytes), all that do not strike among them;
with true, where they would be good if so much more might be lost as the policy lets an option lose for being quicker.
"""

Bill = Callable[[Protection], int]
"""A protection to what it costs, whole units of money."""


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

    Attributes:
        protections: those that were looked at and are good enough by themselves, cheapest first.
        costs: of each [whole units].
        bits: of each, the drills in which it is good, packed.
        evaluated: how many were looked at, parts included.
        possible: how many there are, as far as standbys were looked at.
    """

    def __init__(self, choices: Choices, fates: Fates, bill: Bill, groups: Sequence[Group]) -> None:
        self._choices, self._fates, self._bill, self.groups = choices, fates, bill, groups
        self.evaluated, self.possible = 0, 0
        self.protections: list[Protection] = []
        self.costs: list[int] = []
        self.bits: Bits = np.empty((0, 0), dtype=np.uint8)
        self._shelves = [_Shelf(self, standby) for standby in choices.standbys]

    def _is_hopeless(self, most: Ints, bits: Bits) -> bool:
        """Return whether nothing under a standby reaches a group for which standbys make no difference.

        Args:
            most: (groups,) what is promised of what was not looked at.
            bits: of what was.
        """
        return any(
            group.is_at_home
            and promised < group.least
            and not (bits.size and (group.reached(bits) >= group.least).any())
            for group, promised in zip(self.groups, most.tolist(), strict=True)
        )

    @property
    def rests(self) -> list[tuple[Readiness | None, int]]:
        """Return the standbys under which something was not looked at, and what that costs at least [whole units]."""
        return [(shelf.standby, shelf.at_least) for shelf in self._shelves if shelf.at_least is not None]

    def further(self, standby: Readiness | None) -> None:
        """Look at the cheapest under a standby that were not looked at yet, and forget what then promises nothing."""
        (shelf,) = (shelf for shelf in self._shelves if shelf.standby == standby)
        is_new = not shelf.is_open
        chosen = shelf.take()
        bits = self.looked(chosen) if chosen else self.bits[:0]
        if is_new and self._is_hopeless(shelf.most, bits):
            # nor is anything under another standby, which makes no difference there
            self._shelves = []
        for protection, row in zip(chosen, bits, strict=True):
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
            alike = [j for j in kept if self.protections[j].standby == standby]
            if not any(_is_within(self.bits[k : k + 1], self.bits[j])[0] for j in alike):
                kept.append(k)
        self.protections = [self.protections[k] for k in kept]
        self.costs, self.bits = [self.costs[k] for k in kept], self.bits[kept]
        for shelf in self._shelves:
            shelf.forget(
                (cost, bits)
                for protection, cost, bits in zip(self.protections, self.costs, self.bits, strict=True)
                if protection.standby == shelf.standby
            )

    def parts(self, standby: Readiness | None) -> _Parts:
        """Return what the protections under a standby are made of, and what of each is promised."""
        return _Parts(self, self._choices, standby)

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


class _Parts:
    """What the protections of a resource under a standby are made of.

    Attributes:
        nothing: bits of no protection, packed.
        rules, longs, features: first rules, second ones and features, None first in each.
        least_cost: what no protection costs [units].
        bits: of the rules, longs and features, the drills in which they are promised to be good, packed.
    """

    def __init__(self, look: Look, choices: Choices, standby: Readiness | None) -> None:
        self._look, self._choices, self._standby = look, choices, standby
        self.rules: list[Backups | None] = [None, *choices.first_rules]
        self.longs: list[Backups | None] = [None, *choices.long_rules]
        self.features: list[tuple[str, str] | None] = [None, *choices.features]
        nothing = Protection(standby=standby)
        self.nothing = look.looked([nothing], is_lenient=True)[0]
        self.least_cost = look.bill(nothing)
        parts, parts_of = choices.parts
        ways = [Protection((part,), standby=standby) for part in parts]
        ways += [Protection(feature=feature, standby=standby) for feature in self.features if feature]
        bits = look.looked(ways, is_lenient=True) if ways else np.empty((0, len(self.nothing)), dtype=np.uint8)
        shelters: list[Protection | None] = [None, *choices.shelters]
        added = np.array([[self._added(way, beside) for beside in shelters] for way in ways], dtype=np.int64)
        added = added.reshape(len(ways), len(shelters))
        self._sheltered = [self._in_shelters(rules) for rules in (self.rules, self.longs)]
        self._of_feature = self._in_shelters(self.features)
        self.bits: list[Bits] = []
        self._costs: list[Ints] = []
        for of_rules in parts_of:
            rows = [[], *of_rules]
            self._costs.append(np.stack([added[row].sum(axis=0) for row in rows]))
            self.bits.append(np.stack([np.bitwise_or.reduce(bits[row], axis=0, initial=0) for row in rows]))
        self._costs.append(np.concatenate([np.zeros((1, len(shelters)), dtype=np.int64), added[len(parts) :]]))
        self.bits.append(np.concatenate([np.zeros_like(self.nothing)[None], bits[len(parts) :]]))

    def _in_shelters(self, of: Sequence[Backups | tuple[str, str] | None]) -> Ints:
        """Return beside which shelter each rule or feature puts the others, 0 for none."""
        ways = [Protection((x,)) if isinstance(x, Backups) else Protection(feature=x) for x in of]
        places = (self._choices.shelter_of(way) for way in ways)
        return np.array([0 if place is None else place + 1 for place in places], dtype=np.int64)

    def _added(self, way: Protection, beside: Protection | None) -> int:
        """Return what a part adds to a bill: of a copy, what its rule costs with it less what without [units].

        Args:
            way: the part.
            beside: what makes its points free; None for nothing. A part that does so itself is not made cheaper.
        """
        (rule,) = way.rules or (None,)
        if rule is None or (rule.is_continuous and not rule.copies):
            return self._look.bill(way) - self.least_cost

        def bill(*rules: Backups) -> int:
            return self._look.bill(Protection(rules, feature, standby=self._standby))

        feature = None if beside is None else beside.feature
        (shelter,) = (beside.rules if beside is not None else ()) or (None,)
        if rule.copies and not rule.is_second:
            # a continuous rule whose points are free makes the copies itself
            points = rule.points if shelter is None else shelter.points
            rule = replace(rule, points=points, is_continuous=rule.is_continuous or shelter is not None)
            shelter = None
        without = (replace(rule, copies=()),) if rule.copies else ()
        if shelter is not None:
            return bill(shelter, rule) - bill(shelter, *without)
        # beside a rule that leaves more points in the same vault, most of what it would keep is there already
        others = [(), *((companion,) for companion in self._choices.companions(rule))]
        return min(bill(*other, rule) - bill(*other, *without) for other in others)

    def costs(self, places: Ints) -> Ints:
        """Return what protections cost at least, by the places that `combined` returns [units]."""
        of_rule = self._sheltered[0][places[:, 0]]
        of_feature = self._of_feature[places[:, 2]]
        beside_rule, beside_feature = (
            np.sum([cost[places[:, k], shelter] for k, cost in enumerate(self._costs)], axis=0)
            for shelter in (of_rule, np.where(of_feature > 0, of_feature, of_rule))
        )
        return np.asarray(self.least_cost + np.minimum(beside_rule, beside_feature))

    def combined(self) -> Ints:
        """Return the protections, (protections, 3): of each the places of its rule, long rule and feature."""
        first, second = (self._kept(rules) for rules in (self.rules, self.longs))
        # a second rule is there to keep for longer, wherever it keeps
        is_wanted = ((second[None] == 0) | (second[None] > first[:, None])).all(axis=2)
        is_wanted[0, 1:] = False
        rule, long = np.nonzero(is_wanted)
        features = np.arange(len(self.features))
        pairs = np.repeat(np.stack([rule, long], axis=1), len(features), axis=0)
        return np.concatenate([pairs, np.tile(features, len(rule))[:, None]], axis=1)

    def promised(self, places: Ints) -> tuple[Bits, Ints]:
        """Return in which drills protections are promised to be good: rows of packed bits, and which each has.

        Args:
            places: (protections, 3) as `combined` returns them.
        """
        kinds = [_unique(bits) for bits in self.bits]
        shape = [len(rows) for rows, _ in kinds]
        of = np.ravel_multi_index([number[places[:, k]] for k, (_, number) in enumerate(kinds)], shape)
        numbers, row = np.unique(of, return_inverse=True)
        at = np.unravel_index(numbers, shape)
        promised = np.repeat(self.nothing[None], len(numbers), axis=0)
        for (rows, _), k in zip(kinds, at, strict=True):
            promised |= rows[k]
        return promised, row

    def _kept(self, rules: Sequence[Backups | None]) -> NDArray[np.float64]:
        """Return for how long rules keep points in each vault [s], (rules, vaults); 0 where they keep none."""
        kept = [{k.vault: k.kept_s for k in (r.points, *r.copies)} if r else {} for r in rules]
        vaults = sorted({k.vault for r in (*self.rules, *self.longs) if r for k in (r.points, *r.copies)})
        return np.array([[of.get(vault, 0.0) for vault in vaults] for of in kept]).reshape(len(rules), len(vaults))

    def protection(self, places: Sequence[int]) -> Protection:
        """Return a protection, by the places of its rule, long rule and feature."""
        rule, long = self.rules[places[0]], self.longs[places[1]]
        rules = tuple(r for r in (rule, long) if r is not None)
        return Protection(rules, self.features[places[2]], standby=self._standby)


class _Shelf:
    """The protections of a resource under one standby that were not looked at, cheapest first.

    Attributes:
        standby: of its application.
        most: (groups,) in how many drills of each group any of them is promised to be good; zeros until that is known.
    """

    def __init__(self, look: Look, standby: Readiness | None) -> None:
        self._look, self.standby = look, standby
        self._parts: _Parts | None = None
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
        """Return the cheapest, which are no longer there; at first those of the scenario's strategies."""
        if self._unopened is not None:
            self._open()
            return self._look.kept(self.standby)
        if self._parts is None:
            return []
        taken, self._places = self._places[:AT_ONCE].tolist(), self._places[AT_ONCE:]
        self._costs, self._row = self._costs[AT_ONCE:], self._row[AT_ONCE:]
        return [self._parts.protection(places) for places in taken]

    def _open(self) -> None:
        """Find out what is promised of which protections, and keep what is promised enough."""
        look, self._unopened = self._look, None
        if look.is_fixed:
            look.possible += len(look.kept(self.standby))
            return
        parts = self._parts = look.parts(self.standby)
        places = parts.combined()
        look.possible += len(places) + len(look.kept(self.standby))
        self._promised, row = parts.promised(places)
        reached = np.array([group.reached(self._promised) for group in look.groups], dtype=np.int64)
        reached = reached.reshape(len(look.groups), len(self._promised))
        self.most = reached.max(axis=1, initial=0)
        enough = (reached >= np.array([group.least for group in look.groups])[:, None]).all(axis=0)
        kept = np.flatnonzero(np.take(enough, row))
        costs = parts.costs(places[kept])
        order = np.lexsort((kept, costs))
        self._places, self._costs, self._row = places[kept[order]], costs[order], row[kept[order]]

    def forget(self, known: Iterable[tuple[int, Bits]]) -> None:
        """Forget what promises nothing that something known does not give for no more.

        Args:
            known: what each costs and its bits.
        """
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
