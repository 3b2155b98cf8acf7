"""One price: what it is, how well it is known, and what more of it costs; an unknown price is `None`, never zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

ESTIMATED = "estimated"
"""The basis of a price that nobody gives."""

USER = "user"
"""The basis of a price that the scenario gives."""


@dataclass(frozen=True)
class Price:
    """One price, or the statement that it is unknown.

    Attributes:
        value: amount per unit; None where unknown.
        unit: such as `USD/GiB-month`; `1` for a factor.
        basis: how well it is known; `USER` where the scenario set it, `unknown` where there is none.
        source: keys of the price list's sources.
        note: conditions, and the reasoning of an estimate.
        region: the Region asked for, or `from>to`.
        as_of: date of the price list.
        item: `item/subject` as asked for, such as `warm-storage/EFS`.
        tiers: what a unit costs beyond so many of them: quantity and price, ascending.
    """

    value: float | None
    unit: str
    basis: str
    source: tuple[str, ...]
    note: str
    region: str
    as_of: date
    item: str
    tiers: tuple[tuple[float, float], ...] = ()

    def of(self, quantity: float) -> float | None:
        """Return what one unit costs on average of so many; None where the price is unknown."""
        if self.value is None or not self.tiers or quantity <= self.tiers[0][0]:
            return self.value
        paid, counted, rate = 0.0, 0.0, self.value
        for above, beyond in self.tiers:
            if quantity > above:
                paid, counted, rate = paid + (above - counted) * rate, above, beyond
        return (paid + (quantity - counted) * rate) / quantity

    def times(self, factor: float) -> Price:
        """Return so many times the price, tier by tier; an unknown one stays unknown."""
        value = None if self.value is None else factor * self.value
        return replace(self, value=value, tiers=tuple((above, factor * beyond) for above, beyond in self.tiers))

    @property
    def is_of_user(self) -> bool:
        """Whether the scenario gives it."""
        return self.basis == USER

    @property
    def is_estimated(self) -> bool:
        """Whether nobody gives it, so that it is taken from others."""
        return self.basis == ESTIMATED


@dataclass(frozen=True)
class ReplicationPrices:
    """What a replication feature costs at its destination.

    Attributes:
        lines: prices, told apart by unit: `USD/GiB-month` of bytes stored there, `USD/GiB` of bytes changed, `USD/hour`
            of the servers replicated, `USD/1000 objects` of the objects changed.
        runs_instance: whether an instance runs there all the time, at its own price.
    """

    lines: tuple[Price, ...]
    runs_instance: bool
