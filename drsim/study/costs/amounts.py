"""Amounts to be paid for: how much of what, where, at which price."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from drsim.catalogue.price import Price

ESTATE = "estate"
"""The subject of what no application has for itself."""

_ESTIMATED = "estimated "
"""How the basis begins of what is estimated, the price or how much it is."""

LATER_YEARS = (1, 3, 7)
"""After how many years it is said what points cost that are kept for ever."""


@dataclass(frozen=True)
class Amount:
    """A quantity with its price.

    Attributes:
        line: the line of the bill, such as `storage-warm`.
        place: vault or site.
        type: resource type.
        quantity: how much, in the price's unit.
        price: of one unit.
        notes: assumptions behind the quantity.
        pool: Region and account whose free allowance the quantity draws on; None where there is none.
        subject: what it is for: `app.resource`, or `ESTATE`.
        guess: what of the quantity is estimated, such as `number of namespaces, 10`; empty where nothing is.
        later: the quantities once what is kept for ever has been made for `LATER_YEARS`, before free allowances; empty
            where nothing is kept for ever.
    """

    line: str
    place: str
    type: str
    quantity: float
    price: Price
    notes: tuple[str, ...] = ()
    pool: tuple[str, str] | None = None
    subject: str = ESTATE
    guess: str = ""
    later: tuple[float, ...] = ()

    @property
    def unit(self) -> str:
        """What one is: `GiB-month`, `GiB`, `hour`."""
        return self.price.unit.removeprefix("USD/")

    @property
    def usd_per_unit(self) -> float:
        """Price of one, on average of so many [USD]; NaN where it is unknown."""
        price = self.price.of(self.quantity)
        return math.nan if price is None else price

    @property
    def usd(self) -> float:
        """What it costs [USD]; NaN where the price is unknown, unless there is nothing to pay for."""
        return 0.0 if self.quantity == 0 else self.quantity * self.usd_per_unit

    @property
    def is_estimated(self) -> bool:
        """Whether its price is estimated, or how much it is."""
        return self.price.is_estimated or bool(self.guess)

    @property
    def basis(self) -> str:
        """How the price is known, and the assumptions."""
        known = self.price.basis
        if self.price.is_of_user:
            text = "the scenario's price"
        elif known == "unknown":
            text = f"unknown price: {self.price.note}"
        else:
            text = f"{known} price of {self.price.as_of}" + (f" ({self.price.note})" if self.price.note else "")
        guess = f"{_ESTIMATED}{self.guess}" if self.guess else ""
        return "; ".join(part for part in (guess, text, self._tier_words, *self.notes, self._later_words) if part)

    @property
    def _tier_words(self) -> str:
        """That a part of it is cheaper; empty where all of it costs the same."""
        if not self.price.tiers or self.quantity <= self.price.tiers[0][0]:
            return ""
        return "what is beyond a tier is cheaper, as if there were nothing else of it in the Region and account"

    @property
    def _later_words(self) -> str:
        """What it costs in later years, or how much there is where it has no price of its own; empty if the same."""
        if not self.later:
            return ""
        if math.isnan(self.usd_per_unit) or self.pool is not None:
            words = [f"{quantity:,.6g} {self.unit}" for quantity in self.later]
            words[-1] += " before what is free" * (self.pool is not None)
        else:
            prices = [self.price.of(quantity) or 0.0 for quantity in self.later]
            words = [f"{quantity * price:,.2f} USD" for quantity, price in zip(self.later, prices, strict=True)]
        said = [f"{text} after {years} y" for text, years in zip(words, LATER_YEARS, strict=True)]
        return f"a month of it, once it has been kept for so long: {', '.join(said)}"

    def times(self, number: float) -> Amount:
        """Return so many times as much of it, as for a number of alike members."""
        return replace(self, quantity=self.quantity * number, later=tuple(q * number for q in self.later))

    def plus(self, other: Amount) -> Amount:
        """Return both of the same thing at the same price as one."""
        notes = tuple(dict.fromkeys((*self.notes, *other.notes)))
        later: tuple[float, ...] = ()
        if self.later or other.later:
            pairs = (amount.later or (amount.quantity,) * len(LATER_YEARS) for amount in (self, other))
            later = tuple(a + b for a, b in zip(*pairs, strict=True))
        return replace(self, quantity=self.quantity + other.quantity, notes=notes, later=later)


def is_estimated(basis: object) -> bool:
    """Return whether something is paid at an estimated price, or how much of it there is is estimated.

    Args:
        basis: of an `Amount`, as a table of costs has it.
    """
    return isinstance(basis, str) and basis.startswith(_ESTIMATED)


def merged(amounts: Iterable[Amount]) -> list[Amount]:
    """Return amounts of the same thing at the same price as one, in the order of first appearance."""
    by_kind: dict[tuple[object, ...], Amount] = {}
    for amount in amounts:
        price = amount.price
        of_what = (amount.line, amount.subject, amount.place, amount.type)
        key = (*of_what, amount.unit, price.item, price.value, amount.pool)
        by_kind[key] = by_kind[key].plus(amount) if key in by_kind else amount
    return list(by_kind.values())


def missing(amounts: Iterable[Amount]) -> str:
    """Return which amounts have no price, as `without: storage-warm of EKS (why)`; empty where all have one."""
    unpriced = [a for a in amounts if math.isnan(a.usd)]
    lines = list(dict.fromkeys(a.line for a in unpriced))
    # whatever the order of the resources
    reasons = sorted({(lines.index(a.line), a.type, a.price.note) for a in unpriced})
    texts = [f"{lines[k]} of {kind} ({why})" for k, kind, why in reasons]
    return f"without: {', '.join(texts)}" if texts else ""
