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


def cheapest_finding(found: YearlyCosts) -> str:
    """Return the sentence on which strategy costs least in a year, at the present price of downtime and at others.

    Empty where there is one strategy only.
    """
    if len(found.strategies) < 2:
        return ""
    name, ranges = found.application, found.cheapest()
    if found.short_rebuild is not None:
        return f"Which strategy costs least in a year is not known: {short_rebuild_words(found.short_rebuild)}."
    if not ranges:
        return f"Which strategy costs least in a year is not known: of {name}, {NO_PRICE}."
    bare = [one.strategy for one in found.strategies if math.isnan(one.losses_usd)]
    left = [f"{listed(bare)}, under which losing all has no price"] if bare else []
    left += [f"what {listed(found.left_out)} lose{'s' * (len(found.left_out) == 1)}, which has no price"] * bool(
        found.left_out
    )
    without = f" This leaves out {'; and '.join(left)}." if left else ""
    without += f" {UNSURE}." if not found.is_sure else ""
    now = found.declared_usd_per_h
    if math.isnan(now):
        head = (
            f"Bill and expected losses of a year together are lowest, by what an hour of downtime of {name} costs, with"
        )
        return f"{head} {_ranges(ranges)}. The scenario gives no such cost.{without}"
    k = next(k for k, each in enumerate(ranges) if now <= each.to_usd_per_h)
    best = ranges[k]
    year = next(one for one in found.strategies if one.strategy == best.strategy).usd(now)
    head = (
        f"At the scenario's {usd(now)} USD for an hour of downtime of {name}, {best.strategy} costs least in a year, "
        f"bill and expected losses together: {usd(year)} USD."
    )
    others = [f"{ranges[k - 1].strategy} below {usd(best.from_usd_per_h)} USD/h"] if k else []
    others += [f"{ranges[k + 1].strategy} above {usd(best.to_usd_per_h)} USD/h"] if k + 1 < len(ranges) else []
    if not others:
        return f"{head} So it does at any other cost of downtime.{without}"
    more = " (the table of break-even has all ranges)" if len(ranges) > len(others) + 1 else ""
    return f"{head} It would be {' and '.join(others)}{more}.{without}"


def _ranges(ranges: Sequence[Cheapest]) -> str:
    """Return strategies with the prices of downtime at which each is the cheapest: `a below 50 USD/h, b above`."""
    if len(ranges) == 1:
        return f"{ranges[0].strategy}, whatever it is"
    words = [f"{each.strategy} {_range(each)}" for each in ranges]
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _range(each: Cheapest) -> str:
    low, high = usd(each.from_usd_per_h), usd(each.to_usd_per_h)
    if each.from_usd_per_h <= 0:
        return "at any cost of downtime" if math.isinf(each.to_usd_per_h) else f"below {high} USD/h"
    return f"above {low} USD/h" if math.isinf(each.to_usd_per_h) else f"from {low} to {high} USD/h"


def break_even_table(found: YearlyCosts) -> Table:
    """Return where each strategy is the cheapest, when it pays off against the smallest bill, and what was assumed."""
    base = found.base.strategy
    priced = [one for one in found.strategies if not math.isnan(one.losses_usd)]
    columns = (
        Column("strategy"),
        Column("steady [USD/year]", numeric=True),
        Column("losses [USD/year]", numeric=True, rank=2),
        Column("downtime [h/year]", numeric=True, rank=2),
        Column("not recovered [1/year]", numeric=True, rank=3),
        Column("cheapest of all" if len(priced) == len(found.strategies) else "cheapest of those priced"),
        Column(f"against {base}, the smallest bill, it pays off", rank=1),
    )
    evens = {each.strategy: each for each in found.break_evens()}
    # one that alone has a price is compared with nothing
    cheapest = (
        {each.strategy: each for each in found.cheapest()} if len(priced) > 1 or len(found.strategies) == 1 else {}
    )
    rows = []
    for one in found.strategies:
        even = evens.get(one.strategy)
        is_known = len(priced) > 1 and not math.isnan(one.losses_usd) and found.short_rebuild is None
        nowhere = "nowhere" if is_known else "not known"
        rows.append(
            (
                one.strategy,
                f"from {usd(one.steady_usd)}*" if one.unknown else usd(one.steady_usd),
                UNPRICED if math.isnan(one.losses_usd) else usd(one.losses_usd),
                plain_number(one.downtime_h),
                plain_number(one.lost),
                _range(cheapest[one.strategy]) if one.strategy in cheapest else nowhere,
                "–" if even is None else pays_off(even, found.declared_usd_per_h),
            )
        )
    title = f"Break-even of downtime of {found.application}"
    if len(rows) == 1:  # with nothing to compare it to
        return Table(title, columns[:-2], tuple(row[:-2] for row in rows), assumptions(found))
    return Table(title, columns, tuple(rows), assumptions(found))


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


def assumptions(found: YearlyCosts) -> tuple[str, ...]:
    """Return what a break-even rests on."""
    lines = [_FORMULA, _ASSUMED]
    if found.short_rebuild is not None:
        why = short_rebuild_words(found.short_rebuild)
        lines.insert(0, f"{why[0].upper()}{why[1:]}. No break-even is given.")
    if found.left_out:
        lines.append(f"Left out, since what they lose has no price: {listed(found.left_out)}.")
    lines += [f"* {one.strategy}: {basis_words(one.unknown)}" for one in found.strategies if one.unknown]
    lines += [f"{UNSURE}."] if not found.is_sure else []
    return tuple(lines)


UNSURE = "Which is cheapest is not certain, since the bills leave out different prices"
