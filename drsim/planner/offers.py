"""What may protect a resource under one standby, cheapest first: of each protection the least that it may cost.

A bill for each of millions would take hours. Each protection is made of parts, and what a part adds to a bill is worked
out once, beside what makes it cheapest; their sum is hardly too much, and that little is taken off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drsim.planner.protection import Backups, Protection, Readiness
from drsim.planner.space import Choices

Ints = NDArray[np.int64]

_ROUNDED = 16
"""By how much bills that are rounded to whole units may add up to too much: two for each of at most eight parts."""

Bill = Callable[[Protection], int]
"""A protection to what it costs, whole units of money."""


_KEPT = 0.995
"""The share of what parts add that a protection costs at least: two rules whose runs coincide, or whose points lie in
the same vaults, were seen to cost up to 0.15 % less than the sum."""


class Offer:
    """The protections of a resource where its application has no standby, or under one.

    Args:
        choices: what it may be protected by.
        bill: what it costs.

    Attributes:
        rules, longs, features: first rules, second ones and features, None first in each.
        ways: the parts that rules are made of, then the features, as protections by themselves.
        places: (protections, 3) of each protection the places of its rule, long rule and feature, cheapest first.
        costs: (protections,) what each costs at least [units].
    """

    def __init__(self, choices: Choices, bill: Bill) -> None:
        self._choices, self._bill = choices, bill
        self._standby: Readiness | None = None
        self.rules: list[Backups | None] = [None, *choices.first_rules]
        self.longs: list[Backups | None] = [None, *choices.long_rules]
        self.features: list[tuple[str, str] | None] = [None, *choices.features]
        self._parts, self.parts_of = choices.parts
        self._least_cost = bill(Protection())
        self.ways = [Protection((part,)) for part in self._parts]
        self.ways += [Protection(feature=feature) for feature in self.features if feature]
        places = self._combined()
        costs = self._costs(places)
        order = np.lexsort((np.arange(len(costs)), costs))
        self.places, self.costs = places[order], costs[order]

    def under(self, standby: Readiness) -> Offer:
        """Return the offer under a standby, of one under none: what parts add to a bill is the same there."""
        offer = copy(self)
        offer._standby = standby  # noqa: SLF001  its own
        offer.ways = [replace(way, standby=standby) for way in self.ways]
        offer.costs = self.costs + (self._bill(Protection(standby=standby)) - self._least_cost)
        return offer

    def protection(self, places: Sequence[int]) -> Protection:
        """Return a protection, by the places of its rule, long rule and feature."""
        rule, long = self.rules[places[0]], self.longs[places[1]]
        rules = tuple(r for r in (rule, long) if r is not None)
        return Protection(rules, self.features[places[2]], standby=self._standby)

    def _costs(self, places: Ints) -> Ints:
        """Return what protections cost at least, by their places [units].

        In different places parts add up. In one whose points build on each other they cost at least what the dearest of
        them does, and beside what makes points free no less than beside the one that makes this cheapest.
        """
        shelters: list[Protection | None] = [None, *self._choices.shelters]
        added = np.array([[self._added(way, beside) for beside in shelters] for way in self.ways], dtype=np.int64)
        tables = self._by_place(added.reshape(len(self.ways), len(shelters)))
        of_rule = self._in_shelters(self.rules)[places[:, 0]]
        of_feature = self._in_shelters(self.features)[places[:, 2]]
        join = np.maximum if self._choices.shares_storage else np.add

        def beside(shelter: Ints) -> Ints:
            return np.asarray(join.reduce([table[places[:, k], shelter] for k, table in enumerate(tables)]))

        beside_rule, beside_feature = (
            beside(shelter)
            for shelter in (np.where(of_rule > 0, of_rule, of_feature), np.where(of_feature > 0, of_feature, of_rule))
        )
        added_by_all = np.minimum(beside_rule, beside_feature).sum(axis=1)
        return np.asarray(self._least_cost + np.floor(_KEPT * np.maximum(added_by_all - _ROUNDED, 0)).astype(np.int64))

    def _by_place(self, added: Ints) -> list[Ints]:
        """Return what rules, long rules and features add in each place, (rules or features, shelters, places).

        Args:
            added: (ways, shelters) what each part adds beside each of what makes points free.
        """
        numbers: dict[tuple[str, ...], int] = {}
        place = [numbers.setdefault(self._place_of(way), len(numbers)) for way in self.ways]
        features = [[len(self._parts) + k] for k in range(len(self.features) - 1)]
        tables = []
        for parts_of in (*self.parts_of, features):
            table = np.zeros((len(parts_of) + 1, added.shape[1], len(numbers)), dtype=np.int64)
            for k, parts in enumerate(parts_of, start=1):
                for part in parts:
                    here = table[k, :, place[part]]
                    here[:] = np.maximum(here, added[part]) if self._choices.shares_storage else here + added[part]
            tables.append(table)
        return tables

    def _place_of(self, way: Protection) -> tuple[str, ...]:
        """Return where a part stores; what makes points free at home stands apart from them."""
        if self._choices.shelters and any(rule.is_continuous and not rule.copies for rule in way.rules):
            return "feature", "", ""
        return self._choices.place_of(way)

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
            return self._bill(way) - self._least_cost
        feature = None if beside is None else beside.feature
        (shelter,) = (beside.rules if beside is not None else ()) or (None,)

        def bill(*rules: Backups) -> int:
            return self._bill(Protection(rules, feature))

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

    def _combined(self) -> Ints:
        """Return the protections, (protections, 3): of each the places of its rule, long rule and feature."""
        first, second = (self._kept(rules) for rules in (self.rules, self.longs))
        # a second rule is there to keep for longer, wherever it keeps
        is_wanted = ((second[None] == 0) | (second[None] > first[:, None])).all(axis=2)
        is_wanted[0, 1:] = False
        rule, long = np.nonzero(is_wanted)
        features = np.arange(len(self.features))
        pairs = np.repeat(np.stack([rule, long], axis=1), len(features), axis=0)
        return np.concatenate([pairs, np.tile(features, len(rule))[:, None]], axis=1)

    def _kept(self, rules: Sequence[Backups | None]) -> NDArray[np.float64]:
        """Return for how long rules keep points in each vault [s], (rules, vaults); 0 where they keep none."""
        kept = [{k.vault: k.kept_s for k in (r.points, *r.copies)} if r else {} for r in rules]
        vaults = sorted({k.vault for r in (*self.rules, *self.longs) if r for k in (r.points, *r.copies)})
        return np.array([[of.get(vault, 0.0) for vault in vaults] for of in kept]).reshape(len(rules), len(vaults))
