"""Break-even in words and as a table: at which price of downtime which strategy is the cheapest."""

from __future__ import annotations

import math
from collections.abc import Sequence

from drsim.report.money import (
    NO_PRICE,
    basis_words,
    listed,
    short_rebuild_words,
    usd,
)
from drsim.report.summary_words import plain_number
from drsim.report.tables import Column, Table
from drsim.study.costs.breakeven import (
    ALWAYS,
    EQUAL,
    NEVER,
    PAYS_ABOVE,
    PAYS_BELOW,
    TOO_SHORT,
    UNPRICED,
    BreakEven,
    Cheapest,
    YearlyCosts,
)

_FORMULA = (
    "Break-even: the difference of steady bill and other expected losses, divided by the difference of expected hours "
    "of downtime, per year. Losses: of data, of incidents without recovery, and of other applications."
)
_ASSUMED = (
    "Disruptions come at their yearly rates and do not overlap. Incidents without recovery count with their cost of "
    "losing all (unrecoverable_cost), and are down until the business is rebuilt. Fees of restores and transfers are "
    "left out."
)


def cheapest_finding(yearly: YearlyCosts) -> str:
    """Return the sentence on which strategy costs least in a year, at the present price of downtime and at others.

    Empty where there is one strategy only.
    """
    if len(yearly.strategies) < 2:
        return ""
    name, ranges = yearly.application, yearly.cheapest()
    if yearly.short_rebuild is not None:
        return f"Which strategy costs least in a year is not known: {short_rebuild_words(yearly.short_rebuild)}."
    if not ranges:
        return f"Which strategy costs least in a year is not known: of {name}, {NO_PRICE}."
    bare = [year.strategy for year in yearly.strategies if math.isnan(year.losses_usd)]
    omissions = [f"{listed(bare)}, under which losing all has no price"] if bare else []
    omissions += [f"what {listed(yearly.left_out)} lose{'s' * (len(yearly.left_out) == 1)}, which has no price"] * bool(
        yearly.left_out
    )
    without = f" This leaves out {'; and '.join(omissions)}." if omissions else ""
    without += f" {UNSURE}." if not yearly.is_sure else ""
    now = yearly.declared_usd_per_h
    if math.isnan(now):
        head = (
            f"Bill and expected losses of a year together are lowest, by what an hour of downtime of {name} costs, with"
        )
        return f"{head} {_ranges(ranges)}. The scenario gives no such cost.{without}"
    k = next(k for k, span in enumerate(ranges) if now <= span.to_usd_per_h)
    cheapest = ranges[k]
    cost_usd = next(year for year in yearly.strategies if year.strategy == cheapest.strategy).usd(now)
    head = (
        f"At the scenario's {usd(now)} USD for an hour of downtime of {name}, {cheapest.strategy} costs least in a "
        f"year, bill and expected losses together: {usd(cost_usd)} USD."
    )
    others = [f"{ranges[k - 1].strategy} below {usd(cheapest.from_usd_per_h)} USD/h"] if k else []
    others += [f"{ranges[k + 1].strategy} above {usd(cheapest.to_usd_per_h)} USD/h"] if k + 1 < len(ranges) else []
    if not others:
        return f"{head} So it does at any other cost of downtime.{without}"
    more = " (the table of break-even has all ranges)" if len(ranges) > len(others) + 1 else ""
    return f"{head} It would be {' and '.join(others)}{more}.{without}"


def _ranges(ranges: Sequence[Cheapest]) -> str:
    """Return strategies with the prices of downtime at which each is the cheapest: `a below 50 USD/h, b above`."""
    if len(ranges) == 1:
        return f"{ranges[0].strategy}, whatever it is"
    words = [f"{span.strategy} {_range(span)}" for span in ranges]
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _range(span: Cheapest) -> str:
    low, high = usd(span.from_usd_per_h), usd(span.to_usd_per_h)
    if span.from_usd_per_h <= 0:
        return "at any cost of downtime" if math.isinf(span.to_usd_per_h) else f"below {high} USD/h"
    return f"above {low} USD/h" if math.isinf(span.to_usd_per_h) else f"from {low} to {high} USD/h"


def break_even_table(yearly: YearlyCosts) -> Table:
    """Return where each strategy is the cheapest, when it pays off against the smallest bill, and what was assumed."""
    base = yearly.base.strategy
    priced = [year for year in yearly.strategies if not math.isnan(year.losses_usd)]
    columns = (
        Column("strategy"),
        Column("steady [USD/year]", numeric=True),
        Column("losses [USD/year]", numeric=True, rank=2),
        Column("downtime [h/year]", numeric=True, rank=2),
        Column("not recovered [1/year]", numeric=True, rank=3),
        Column("cheapest of all" if len(priced) == len(yearly.strategies) else "cheapest of those priced"),
        Column(f"against {base}, the smallest bill, it pays off", rank=1),
    )
    evens = {span.strategy: span for span in yearly.break_evens()}
    # one that alone has a price is compared with nothing
    cheapest = (
        {span.strategy: span for span in yearly.cheapest()} if len(priced) > 1 or len(yearly.strategies) == 1 else {}
    )
    rows = []
    for year in yearly.strategies:
        even = evens.get(year.strategy)
        is_known = len(priced) > 1 and not math.isnan(year.losses_usd) and yearly.short_rebuild is None
        nowhere = "nowhere" if is_known else "not known"
        rows.append(
            (
                year.strategy,
                f"from {usd(year.steady_usd)}*" if year.unknown else usd(year.steady_usd),
                UNPRICED if math.isnan(year.losses_usd) else usd(year.losses_usd),
                plain_number(year.downtime_h),
                plain_number(year.lost),
                _range(cheapest[year.strategy]) if year.strategy in cheapest else nowhere,
                "–" if even is None else pays_off(even, yearly.declared_usd_per_h),
            )
        )
    title = f"Break-even of downtime of {yearly.application}"
    if len(rows) == 1:  # with nothing to compare it to
        return Table(title, columns[:-2], tuple(row[:-2] for row in rows), assumptions(yearly))
    return Table(title, columns, tuple(rows), assumptions(yearly))


def pays_off(even: BreakEven, declared_usd_per_h: float = math.nan) -> str:
    """Return in words when a strategy pays off.

    Args:
        even: against which, and when.
        declared_usd_per_h: the scenario's price of downtime [USD/h]; NaN where it gives none.
    """
    base = even.base
    words = {
        ALWAYS: f"always: it costs less a year than {base} whatever downtime costs",
        NEVER: f"never: it costs more a year than {base} and has no less downtime",
        EQUAL: f"it costs the same as {base}",
        UNPRICED: "not known: incidents without recovery have no cost of losing all",
        TOO_SHORT: "not known: the rebuild is too short to compare by money",
        PAYS_ABOVE: f"where downtime costs more than {usd(even.usd_per_h)} USD/h",
        PAYS_BELOW: f"where downtime costs less than {usd(even.usd_per_h)} USD/h",
    }[even.pays]
    if math.isnan(even.usd_per_h) or math.isnan(declared_usd_per_h):
        return words
    does = (declared_usd_per_h > even.usd_per_h) == (even.pays == PAYS_ABOVE)
    return f"{words}; at the scenario's {usd(declared_usd_per_h)} USD/h it {'does' if does else 'does not'}"


def assumptions(yearly: YearlyCosts) -> tuple[str, ...]:
    """Return what a break-even rests on."""
    lines = [_FORMULA, _ASSUMED]
    if yearly.short_rebuild is not None:
        why = short_rebuild_words(yearly.short_rebuild)
        lines.insert(0, f"{why[0].upper()}{why[1:]}. No break-even is given.")
    if yearly.left_out:
        lines.append(f"Left out, since what they lose has no price: {listed(yearly.left_out)}.")
    lines += [f"* {year.strategy}: {basis_words(year.unknown)}" for year in yearly.strategies if year.unknown]
    lines += [f"{UNSURE}."] if not yearly.is_sure else []
    return tuple(lines)


UNSURE = "Which is cheapest is not certain, since the bills leave out different prices"
