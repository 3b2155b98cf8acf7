"""Break-even: at what price of an hour of downtime a dearer strategy pays off.

A year under a strategy costs its steady bill, what lost data and unrecoverable incidents are expected to cost, and the
expected hours of downtime times their price x. That is a straight line in x, and two lines cross at
x = (difference of the rest per year) / (difference of the hours of downtime per year).

Incidents without recovery count with the application's `unrecoverable_cost`, and with the hours until nothing was left
to try and the rebuild has ended. Without such a cost a strategy that loses everything would look the cheapest, and
where a rebuild is quicker than recoveries it would look the quickest: then there is no break-even, and that is said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from drsim.study.costs.totals import are_comparable, totals

MONTHS = 12

PAYS_ABOVE, PAYS_BELOW, ALWAYS, NEVER, EQUAL = "above", "below", "always", "never", "equal"
UNPRICED, TOO_SHORT = "unpriced", "too-short"


@dataclass(frozen=True)
class Yearly:
    """What a year under a strategy costs, as a straight line in the price of an hour of downtime.

    Attributes:
        strategy: its name.
        steady_usd: the bill of ordinary times [USD/year], of what has a price.
        losses_usd: expected cost of lost data and of incidents without recovery, and all losses of other applications
            [USD/year]; NaN where incidents without recovery have no price.
        downtime_h: expected downtime of the application [h/year], that of what is lost until it is rebuilt included.
        lost: expected incidents without recovery [1/year].
        unknown: what has no price in the steady bill; empty where all has.
    """

    strategy: str
    steady_usd: float
    losses_usd: float
    downtime_h: float
    lost: float
    unknown: str = ""

    def usd(self, usd_per_h: float) -> float:
        """Return what a year costs at a price of downtime [USD/h]; NaN where it is unpriced [USD/year]."""
        return self.steady_usd + self.losses_usd + usd_per_h * self.downtime_h


@dataclass(frozen=True)
class BreakEven:
    """When one strategy is cheaper over a year than another.

    Attributes:
        strategy: the one that is asked about.
        base: the one that it is compared with.
        pays: `above` or `below` the price; `always` or `never` whatever the price is; `equal`; `unpriced`; `too-short`
            where the rebuild is.
        usd_per_h: price of downtime at which both cost the same [USD/h]; NaN where there is none above 0.
        steady_usd: how much more its steady bill is [USD/year].
        saved_h: how much less downtime it has [h/year].
    """

    strategy: str
    base: str
    pays: str
    usd_per_h: float
    steady_usd: float
    saved_h: float


@dataclass(frozen=True)
class Cheapest:
    """Over which prices of downtime a strategy costs least in a year.

    Attributes:
        strategy: its name.
        from_usd_per_h, to_usd_per_h: the range of prices [USD/h]; inf for no end.
    """

    strategy: str
    from_usd_per_h: float
    to_usd_per_h: float


@dataclass(frozen=True)
class ShortRebuild:
    """A rebuild of an application that is quicker than its recoveries are.

    Attributes:
        application: whose.
        strategy, disruption: under which recoveries take longest, compared with the rebuild.
        recovery_h: their mean downtime [h].
        rebuild_h: mean of the rebuild [h].
    """

    application: str
    strategy: str
    disruption: str
    recovery_h: float
    rebuild_h: float


@dataclass(frozen=True)
class YearlyCosts:
    """The yearly cost of all strategies by the price of one application's downtime.

    Attributes:
        application: whose downtime.
        strategies: in the scenario's order.
        declared_usd_per_h: the price that the scenario gives [USD/h]; NaN where it gives none.
        left_out: other applications whose losses have no price under some strategy, and therefore count nowhere.
        short_rebuild: why strategies cannot be compared by money; None where they can.
        is_sure: whether those whose losses have a price lack the same prices in their bills, if any.
    """

    application: str
    strategies: tuple[Yearly, ...]
    declared_usd_per_h: float
    left_out: tuple[str, ...]
    short_rebuild: ShortRebuild | None = None
    is_sure: bool = True

    @property
    def base(self) -> Yearly:
        """The strategy with the smallest steady bill."""
        return min(self.strategies, key=lambda one: one.steady_usd)

    def break_evens(self) -> tuple[BreakEven, ...]:
        """Return when each other strategy pays off against the one with the smallest steady bill."""
        points = (break_even(one, self.base) for one in self.strategies if one is not self.base)
        if self.short_rebuild is None:
            return tuple(points)
        return tuple(replace(point, pays=TOO_SHORT, usd_per_h=math.nan) for point in points)

    def cheapest(self) -> tuple[Cheapest, ...]:
        """Return which strategy costs least at which prices, from 0 upwards; those without a price are left out.

        Of strategies that cost the same at a price of 0, the one with less downtime counts. Where the rebuild is too
        short to compare by money, none is named.
        """
        known = [one for one in self.strategies if not math.isnan(one.usd(0.0)) and self.short_rebuild is None]
        cheapest: list[Cheapest] = []
        price, best = 0.0, min(known, key=lambda one: (one.usd(0.0), one.downtime_h), default=None)
        while best is not None:
            # only less downtime makes a strategy cheaper from some price on
            later = [
                ((one.usd(0.0) - best.usd(0.0)) / (best.downtime_h - one.downtime_h), one.downtime_h, one)
                for one in known
                if one.downtime_h < best.downtime_h
            ]
            crossing, _, after = min(later, key=lambda x: x[:2], default=(math.inf, 0.0, None))
            cheapest.append(Cheapest(best.strategy, price, crossing))
            price, best = crossing, after
        return tuple(cheapest)

    def crossings(self) -> tuple[tuple[str, str, float], ...]:
        """Return each pair of strategies that cost the same at some price above 0, and the price [USD/h]."""
        pairs = [(a, b) for k, a in enumerate(self.strategies) for b in self.strategies[k + 1 :]]
        crossings = [
            (a.strategy, b.strategy, break_even(a, b).usd_per_h) for a, b in pairs if self.short_rebuild is None
        ]
        return tuple(crossing for crossing in crossings if not math.isnan(crossing[2]))


def break_even(one: Yearly, base: Yearly) -> BreakEven:
    """Return at what price of downtime one strategy costs less a year than another.

    Args:
        one: the strategy that is asked about.
        base: the one that it is compared with.
    """
    more = (one.steady_usd + one.losses_usd) - (base.steady_usd + base.losses_usd)
    saved = base.downtime_h - one.downtime_h
    price = math.nan
    if math.isnan(more):
        pays = UNPRICED
    elif more == 0 and saved == 0:
        pays = EQUAL
    elif more <= 0 and saved >= 0:
        pays = ALWAYS
    elif more >= 0 and saved <= 0:
        pays = NEVER
    else:
        pays, price = PAYS_ABOVE if saved > 0 else PAYS_BELOW, more / saved
    return BreakEven(one.strategy, base.strategy, pays, price, one.steady_usd - base.steady_usd, saved)


def yearly_costs(costs: pd.DataFrame, events: pd.DataFrame, application: str) -> YearlyCosts:
    """Return what years under the strategies cost, by the price of an application's downtime.

    Args:
        costs: steady costs of a study, with `drsim.study.costs.STEADY_COLUMNS`.
        events: costs of disruptions of the same study, with `drsim.study.costs.EVENT_COLUMNS`.
        application: its name.
    """
    bills = totals(costs)
    of_application = events[events["application"] == application]
    others = events[(events["line"] == "total") & ~events["application"].isin(["", application])]
    unpriced = others[others["expected_yearly_loss_usd"].isna()]
    left_out = tuple(dict.fromkeys(str(name) for name in unpriced["application"]))
    others = others[~others["application"].isin(left_out)]
    years = []
    for name, bill in bills.items():
        here = of_application[of_application["strategy"] == name]
        elsewhere = others.loc[others["strategy"] == name, "expected_yearly_loss_usd"]
        down, lost = here[here["line"].isin(["downtime", "rebuild"])], here[here["line"] == "unrecoverable"]
        incidents = _yearly(lost)
        losses = [*here.loc[here["line"] == "data-loss", "expected_yearly_loss_usd"].dropna(), *elsewhere]
        # what never happens needs no price
        losses += [
            0.0 if q == 0 else usd for q, usd in zip(lost["quantity"], lost["expected_yearly_loss_usd"], strict=True)
        ]
        years.append(
            Yearly(name, MONTHS * bill.usd, math.fsum(float(x) for x in losses), _yearly(down), incidents, bill.missing)
        )
    is_sure = are_comparable(costs, [one.strategy for one in years if not math.isnan(one.losses_usd)])
    return YearlyCosts(
        application, tuple(years), _declared(of_application), left_out, short_rebuild(of_application), is_sure
    )


def short_rebuild(events: pd.DataFrame) -> ShortRebuild | None:
    """Return under what recoveries take longest, compared with the rebuild; None where no rebuild is quicker.

    Args:
        events: costs of disruptions, with `drsim.study.costs.EVENT_COLUMNS`.
    """
    slow = events[(events["mean_recovery_h"] > events["mean_rebuild_h"]).to_numpy(dtype=bool)]
    if slow.empty:
        return None
    number = int((slow["mean_recovery_h"] / slow["mean_rebuild_h"]).to_numpy(dtype=float).argmax())
    worst = slow.iloc[number]
    return ShortRebuild(
        str(worst["application"]),
        str(worst["strategy"]),
        str(worst["disruption"]),
        float(worst["mean_recovery_h"]),
        float(worst["mean_rebuild_h"]),
    )


def _yearly(rows: pd.DataFrame) -> float:
    """Return a quantity per incident as one per year."""
    return math.fsum(float(x) for x in rows["quantity"] * rows["rate_per_year"])


def _declared(lines: pd.DataFrame) -> float:
    prices: Sequence[float] = lines.loc[lines["line"] == "downtime", "usd_per_unit"].dropna().tolist()
    return float(prices[0]) if prices else math.nan
