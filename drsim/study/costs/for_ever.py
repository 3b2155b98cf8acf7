"""What it comes to that a rule keeps its points for ever."""

from __future__ import annotations

import math
from dataclasses import dataclass

from drsim.scenario import Scenario
from drsim.study.costs.amounts import LATER_YEARS
from drsim.study.costs.estate import Estate
from drsim.study.costs.steady import steady_bill
from drsim.world import World


@dataclass(frozen=True)
class ForEver:
    """One line of a bill that grows without end.

    Attributes:
        subject: `app.resource`.
        line: of the bill, such as `storage-warm`.
        place: where the points lie.
        gib: what is stored after so many years, by years [GiB].
        usd_per_month: what a month of it costs then, before free allowances, by years [USD]; NaN where the price is
            unknown.
    """

    subject: str
    line: str
    place: str
    gib: dict[int, float]
    usd_per_month: dict[int, float]


def kept_for_ever(scenario: Scenario, world: World) -> list[ForEver]:
    """Return what is kept for ever under a strategy, and what it costs after `LATER_YEARS`.

    What shares a vault and a tier with it counts, too.

    Args:
        scenario: what the user wrote.
        world: the world of the strategy.
    """
    growing = []
    for amount in steady_bill(Estate.of(scenario, world)):
        if amount.later:
            gib = dict(zip(LATER_YEARS, amount.later, strict=True))
            price = amount.usd_per_unit
            usd = {years: math.nan if math.isnan(price) else q * price for years, q in gib.items()}
            growing.append(ForEver(amount.subject, amount.line, amount.place, gib, usd))
    return growing
