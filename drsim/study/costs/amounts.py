"""Amounts to be paid for: how much of what, where, at which price."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from drsim.catalogue.prices import Price, PriceList, load_prices
from drsim.scenario import Scenario


@dataclass(frozen=True)
class Amount:
    """A quantity with its price.

    Attributes:
        line: the line of the bill, such as `storage-warm`.
        place: vault or site.
        subject: resource type.
        quantity: how much, in the price's unit.
        price: of one unit.
        note: assumptions behind the quantity.
        pool: Region and account whose free allowance the quantity draws on; None where there is none.
    """

    line: str
    place: str
    subject: str
    quantity: float
    price: Price
    note: str = ""
    pool: tuple[str, str] | None = None

    @property
    def unit(self) -> str:
        """What one is: `GB-month`, `GB`, `hour`."""
        return self.price.unit.removeprefix("USD/")

    @property
    def usd_per_unit(self) -> float:
        """Price of one [USD]; NaN where it is unknown."""
        return math.nan if self.price.value is None else self.price.value

    @property
    def usd(self) -> float:
        """What it costs [USD]; NaN where the price is unknown, unless there is nothing to pay for."""
        return 0.0 if self.quantity == 0 else self.quantity * self.usd_per_unit

    @property
    def basis(self) -> str:
        """How the price is known, and the assumptions."""
        known = self.price.basis
        if known == "user":
            text = "the scenario's price"
        elif known == "unknown":
            text = f"unknown price: {self.price.note}"
        else:
            text = f"{known} price of {self.price.as_of}" + (f" ({self.price.note})" if self.price.note else "")
        return "; ".join(part for part in (text, self.note) if part)


def price_list(scenario: Scenario) -> PriceList:
    """Return the price list of a scenario, with its own prices on top."""
    prices = scenario.prices
    return load_prices(prices.catalogue).with_overrides(prices.regions, prices.per_backup)


def merged(amounts: Iterable[Amount]) -> list[Amount]:
    """Return amounts of the same thing at the same price as one, in the order of first appearance."""
    found: dict[tuple[object, ...], Amount] = {}
    for amount in amounts:
        key = (
            amount.line,
            amount.place,
            amount.subject,
            amount.unit,
            amount.price.item,
            amount.price.value,
            amount.pool,
        )
        if key in found:
            known = found[key]
            notes = dict.fromkeys(n for n in (*known.note.split("; "), *amount.note.split("; ")) if n)
            found[key] = replace(known, quantity=known.quantity + amount.quantity, note="; ".join(notes))
        else:
            found[key] = amount
    return list(found.values())


def missing(amounts: Iterable[Amount]) -> str:
    """Return which amounts have no price, as `without: storage-warm of EKS (why)`; empty where all have one."""
    texts = dict.fromkeys(f"{a.line} of {a.subject} ({a.price.note})" for a in amounts if math.isnan(a.usd))
    return f"without: {', '.join(texts)}" if texts else ""
