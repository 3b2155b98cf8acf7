"""What strategies cost, as tables: the steady bill, one recovery, a year, and break-even."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drsim.catalogue import load_catalogue
from drsim.report.tables import Column, Table, plain_number, records
from drsim.scenario.subjects import application_of
from drsim.study.costs.amounts import LATER_YEARS
from drsim.study.costs.breakeven import (
    ALWAYS,
    EQUAL,
    MONTHS,
    NEVER,
    PAYS_ABOVE,
    PAYS_BELOW,
    TOO_SHORT,
    UNPRICED,
    BreakEven,
    Cheapest,
    ShortRebuild,
    YearlyCosts,
    short_rebuild,
)
from drsim.study.costs.for_ever import ForEver
from drsim.study.costs.totals import Total, comparison_note, totals
from drsim.study.results import Result
from drsim.units import format_number

UNKNOWN = "unknown"
MOST_RESOURCES = 200
"""Rows of a table by resource, or by application and disruption."""
_WITHOUT = "without:"

_LINES = {
    "storage-warm": "warm storage",
    "storage-cold": "cold storage",
    "continuous": "continuous backup",
    "tests": "restore tests",
    "data-loss": "data loss",
    "unrecoverable": "losing everything",
    "rebuild": "downtime of what is lost",
}
"""Lines that have other words where people read them than in files."""

_KEYS = {
    "downtime_cost": "cost of downtime",
    "data_loss_cost": "cost of data loss",
    "unrecoverable_cost": "cost of losing all",
    "data-loss": "data loss",
    "storage-warm": "warm storage",
    "storage-cold": "cold storage",
    "without: ": "without ",
}
"""Keys of scenarios and lines in words."""

_MARK = " †"
"""After a sum that leaves out what has no price."""

_FORMULA = (
    "Break-even: the difference of steady bill and other expected losses, divided by the difference of expected hours "
    "of downtime, per year. Losses: of data, of incidents without recovery, and of other applications."
)
_ASSUMED = (
    "Disruptions come at their yearly rates and do not overlap. Incidents without recovery count with their cost of "
    "losing all (unrecoverable_cost), and are down until the business is rebuilt. Fees of restores and transfers are "
    "left out."
)

_BILL = (
    Column("line"),
    Column("for"),
    Column("place"),
    Column("type", rank=1),
    Column("quantity", numeric=True),
    Column("USD/unit", numeric=True, rank=2),
    Column("USD/month", numeric=True),
    Column("USD/year", numeric=True, rank=2),
    Column("Region", rank=2),
    Column("basis of the price", rank=2),
)


def line_words(line: str) -> str:
    """Return a line of a bill or of an incident in words."""
    return _LINES.get(line, line)


def _in_words(basis: str) -> str:
    """Return a basis with words in the place of keys."""
    for key, words in _KEYS.items():
        basis = basis.replace(key, words)
    return basis


def usd(value: float | None) -> str:
    """Return money for people [USD]: thousands marked, cents below 100; `unknown` where there is no price."""
    if value is None or math.isnan(value):
        return UNKNOWN
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def _said(total: Total) -> str:
    return total.said(usd(total.usd))


def bill_table(result: Result, strategy: str) -> Table:
    """Return the steady bill of a strategy line by line, each with its price, Region, basis and source."""
    own, rows = result.costs[result.costs["strategy"] == strategy], []
    total = totals(own)[strategy]
    for row in records(own):
        is_total = row["line"] == "total"
        month = row["usd_per_month"]
        if not is_total and not row["quantity"] and not month:
            continue  # there is none of it
        rows.append(
            (
                line_words(row["line"]),
                row["subject"] or "",
                row["place"] or "",
                row["type"] or "",
                "" if is_total else _amount(row["quantity"], row["unit"]),
                "" if is_total else _unit_price(row["usd_per_unit"]),
                _said(total) if is_total else usd(month),
                _said(total.times(MONTHS)) if is_total else usd(None if month is None else MONTHS * month),
                row["region"] or "",
                _basis(row),
            )
        )
    return Table(f"Steady bill of {strategy}", _BILL, tuple(rows), price_notes(result))


def _amount(quantity: float, unit: str) -> str:
    """Return a quantity with its unit; `2 × 1000 evaluations` where the unit is a number of them."""
    between = " × " if unit[:1].isdigit() else " "
    return f"{quantity:,.6g}{between}{unit}"


def _unit_price(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.6g}"


def _basis(row: Mapping[str, Any]) -> str:
    """Return how a price is known, and from which sources."""
    basis, source = _in_words(row["basis"] or ""), row["source"] or ""
    return f"{basis}; source: {source}" if source else basis


def price_notes(result: Result) -> tuple[str, ...]:
    """Return which price list the bills of a study are made from, and what its sources are."""
    listed = load_catalogue().prices(result.run["prices"]["list"])
    cells = result.costs["source"]
    keys = dict.fromkeys(key for cell in cells if isinstance(cell, str) for key in cell.split(", ") if key)
    named = [
        f"{key}: {listed.sources[key].title} ({listed.sources[key].publisher}, {listed.sources[key].edition})"
        for key in keys
        if key in listed.sources
    ]
    head = f"List prices of AWS in USD before discounts and tax; newest price of {listed.as_of}."
    return (f"{head} GiB is 2^30 bytes, which AWS calls a GB.", *named)


def bill_overview(result: Result) -> Table:
    """Return the steady bills of all strategies side by side [USD/month], line by line and place by place."""
    names = list(result.run["strategies"])
    cells: dict[tuple[str, ...], dict[str, list[float | None]]] = {}
    for row in records(result.costs[result.costs["line"] != "total"]):
        own = cells.setdefault((line_words(row["line"]), row["place"] or ""), {})
        own.setdefault(row["strategy"], []).append(row["usd_per_month"])
    columns = (Column("line"), Column("place"), *(Column(name, numeric=True) for name in names))
    rows = (*_side_by_side(cells, names), *_total_rows(result, ("",)))
    return Table("Steady cost by line and place [USD/month]", columns, rows, _unpriced_notes(result))


def application_bills(result: Result) -> Table:
    """Return the steady bills of all strategies by application [USD/month]."""
    names = list(result.run["strategies"])
    cells: dict[tuple[str, ...], dict[str, list[float | None]]] = {}
    for row in records(result.costs[result.costs["line"] != "total"]):
        own = cells.setdefault((application_of(row["subject"]),), {})
        own.setdefault(row["strategy"], []).append(row["usd_per_month"])
    columns = (Column("application"), *(Column(name, numeric=True) for name in names))
    rows = (*_side_by_side(cells, names), *_total_rows(result, ()))
    return Table("Steady cost by application [USD/month]", columns, rows, _unpriced_notes(result))


def resource_bills(result: Result) -> Table:
    """Return the steady bills of all strategies by application and resource [USD/month], of many the first."""
    names = list(result.run["strategies"])
    cells: dict[tuple[str, ...], dict[str, list[float | None]]] = {}
    for row in records(result.costs[result.costs["line"] != "total"]):
        application, _, resource = row["subject"].partition(".")
        own = cells.setdefault((application, resource), {})
        own.setdefault(row["strategy"], []).append(row["usd_per_month"])
    # the resources of an application stand together, whichever line names them first
    order = {name: k for k, name in enumerate(dict.fromkeys(application for application, _ in cells))}
    found = sorted(_side_by_side(cells, names), key=lambda each: order[each[0]])
    rows: list[tuple[str, ...]] = []
    for k, each in enumerate(found[:MOST_RESOURCES]):
        heading = "" if k and found[k - 1][0] == each[0] else each[0]
        rows.append((heading, *each[1:]))
    rest = len(found) - len(rows)
    notes = (f"{rest:,} more resources are left out here; costs.csv has them.",) if rest else ()
    columns = (Column("application"), Column("resource"), *(Column(name, numeric=True) for name in names))
    return Table("Steady cost by resource [USD/month]", columns, tuple(rows), notes)


def _side_by_side(
    cells: Mapping[tuple[str, ...], Mapping[str, Sequence[float | None]]], names: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each thing that costs something under some strategy.

    Args:
        cells: the costs of its lines, by strategy.
        names: of the strategies.
    """
    for heading, own in cells.items():
        if any(value != 0 for values in own.values() for value in values):
            yield (*heading, *(_sum(own.get(name, [])) for name in names))


def _total_rows(result: Result, blank: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the totals of a month and of a year."""
    found = totals(result.costs)
    for words, factor in (("total per month", 1), ("total per year", MONTHS)):
        yield (words, *blank, *(_said(found[name].times(factor)) for name in result.run["strategies"]))


def _unpriced_notes(result: Result) -> tuple[str, ...]:
    """Return what the bills leave out, and whether they can be compared."""
    found = records(result.costs[result.costs["line"] == "total"])
    notes = [f"{row['strategy']}: {_in_words(row['basis'])}" for row in found if _leaves_out(row)]
    notes += [note] if (note := comparison_note(result.costs)) else []
    return tuple(notes)


def _leaves_out(total: Mapping[str, Any]) -> bool:
    return str(total["basis"] or "").startswith(_WITHOUT)


def _sum(values: Sequence[float | None]) -> str:
    """Return a sum of lines, and how many of them have a price; a dash where there are none."""
    if not values:
        return "–"
    known = [value for value in values if value]
    return _said(Total(math.fsum(known), len(known), sum(value is None for value in values)))


def recovery_table(result: Result, strategy: str, disruption: str) -> Table:
    """Return what one incident costs by line: restores and transfers, downtime, lost data, losing everything."""
    events = result.events
    own = events[(events["strategy"] == strategy) & (events["disruption"] == disruption)]
    columns = (
        Column("application"),
        Column("line"),
        Column("place"),
        Column("type"),
        Column("quantity", numeric=True),
        Column("unit"),
        Column("USD/unit", numeric=True, rank=2),
        Column("USD/incident", numeric=True),
        Column("struck [1/year]", numeric=True, rank=1),
        Column("USD/year", numeric=True, rank=1),
        Column("basis", rank=2),
    )
    rows, before = [], None
    for row in records(own):
        is_total = row["line"] == "total"
        application = row["application"] or "all applications"
        if row["struck"]:
            application += f" (down with {row['struck']})"
        rows.append(
            (
                "" if application == before else application,
                line_words(row["line"]),
                row["place"] or "",
                row["subject"] or "",
                "" if is_total else f"{row['quantity']:,.4g}",
                row["unit"] or "",
                "" if is_total else _unit_price(row["usd_per_unit"]),
                usd(row["usd_per_event"]),
                plain_number(row["rate_per_year"]) if is_total else "",
                usd(row["expected_yearly_loss_usd"]) if is_total else "",
                _basis(row),
            )
        )
        before = application
    title = f"One incident of {disruption} under {strategy}, on average"
    note = (
        "Quantities are means over the drills that reach the application, its resources weighted by how often each is "
        "struck: hours of recovered ones, the share that lost everything, and the hours until that is rebuilt. A year "
        "costs as many incidents as it is struck. The total of all is the mean of an incident of any."
    )
    notes = ("It reaches no application.",) if own["application"].eq("").all() else (note,)
    return Table(title, columns, tuple(rows), notes)


def year_table(result: Result) -> Table:
    """Return what a year costs: the steady bill, and the expected loss by disruption, of each strategy."""
    names = list(result.run["strategies"])
    steady = {name: total.times(MONTHS) for name, total in totals(result.costs).items()}
    losses = {(each.strategy, each.disruption): each for each in yearly_losses(result)}
    bare = tuple(dict.fromkeys(name for each in losses.values() for name in each.unpriced))
    rows = [("steady bill", "", *(_said(steady[n]) for n in names))]
    for disruption in result.run["disruptions"]:
        own = [losses[name, disruption] for name in names]
        rows.append((disruption, plain_number(own[0].rate_per_year), *(_loss(each) for each in own)))
    sums = []
    for name in names:
        own = [each for each in losses.values() if each.strategy == name]
        known = steady[name].plus(math.fsum(each.usd for each in own))
        sums.append(f"{_said(known)}{_MARK if any(each.unpriced for each in own) else ''}")
    rows.append(("total", "", *sums))
    columns = (Column("part"), Column("rate [1/year]", numeric=True), *(Column(n, numeric=True) for n in names))
    notes = ["Rate: how often the disruption strikes anything that it may strike.", *_unpriced_notes(result)]
    if bare:
        what = "Without" if any(each.priced for each in losses.values()) else "The bill alone, without"
        notes.append(f"{_MARK.strip()} {what} what disruptions cost {listed(bare)}: {_NO_PRICE}.")
    slow = short_rebuild(result.events[~result.events["application"].isin(bare)])
    if slow is not None:
        notes.append(f"These sums do not rank the strategies: {too_short(slow)}.")
    return Table("A year: steady bill and expected loss [USD/year]", columns, tuple(rows), tuple(notes))


_NO_PRICE = "no cost of losing all (unrecoverable_cost) is given"


def loss_table(result: Result) -> Table:
    """Return what each disruption is expected to cost each application in a year, and one event of it on average.

    Of many rows the first.
    """
    names = list(result.run["strategies"])
    events = result.events
    groups: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}
    for row in records(events[(events["line"] == "total") & (events["application"] != "")]):
        key = row["disruption"], row["application"], row["struck"] or ""
        groups.setdefault(key, {})[row["strategy"]] = row
    rows, before = [], ""
    for (disruption, application, struck), own in [*groups.items()][:MOST_RESOURCES]:
        rate = next(iter(own.values()))["rate_per_year"]
        cells = (_of_event(own.get(name)) for name in names)
        what = f"{application} (down with {struck})" if struck else application
        rows.append(("" if disruption == before else disruption, what, plain_number(rate), *cells))
        before = disruption
    columns = (
        Column("disruption"),
        Column("application"),
        Column("struck [1/year]", numeric=True),
        *(Column(name, numeric=True) for name in names),
    )
    notes = ["Times struck a year × what an event costs on average, over the drills that reach the application."]
    notes += [f"{len(groups) - MOST_RESOURCES:,} more rows are left out here; events.csv has them."] * (
        len(groups) > MOST_RESOURCES
    )
    return Table(
        "Expected loss by application [USD/year]; in brackets one event [USD]", columns, tuple(rows), tuple(notes)
    )


def _of_event(row: Mapping[str, Any] | None) -> str:
    """Return the expected loss of a year, and what one event costs."""
    if row is None:
        return "–"
    if row["expected_yearly_loss_usd"] is None:
        return UNPRICED
    return f"{usd(row['expected_yearly_loss_usd'])} ({usd(row['usd_per_event'])})"


def for_ever_table(found: Mapping[str, Sequence[ForEver]]) -> Table | None:
    """Return what rules without `delete_after` come to in years; None where no strategy has one, of many the first.

    Args:
        found: what is kept for ever, by strategy.
    """
    every = [(name, each) for name, own in found.items() for each in own]
    if not every:
        return None
    columns = (
        *(Column(title) for title in ("strategy", "resource", "line", "place")),
        *(
            Column(f"{unit} after {years} y", numeric=True, rank=rank)
            for years in LATER_YEARS
            for unit, rank in (("GiB", 2), ("USD/month", 0))
        ),
    )
    rows, before = [], ""
    for name, each in every[:MOST_RESOURCES]:
        cells = (text for years in LATER_YEARS for text in (f"{each.gib[years]:,.0f}", usd(each.usd_per_month[years])))
        rows.append(("" if name == before else name, each.subject, line_words(each.line), each.place, *cells))
        before = name
    notes = [
        "The bills above are of what has been kept up to the start of the study. Free allowances are left out here."
    ]
    rest = len(every) - MOST_RESOURCES
    notes += [f"{rest:,} more rows are left out here."] if rest > 0 else []
    return Table("Kept for ever: what it comes to, since nothing expires", columns, tuple(rows), tuple(notes))


def _loss(each: YearlyLoss) -> str:
    """Return a loss as far as it has a price; the mark beside the total says what has none."""
    return UNPRICED if each.unpriced and not each.priced else usd(each.usd)


@dataclass(frozen=True)
class YearlyLoss:
    """What a disruption is expected to cost in a year under a strategy.

    Attributes:
        strategy, disruption: which.
        rate_per_year: of the disruption, all its units together [1/year].
        usd: expected loss of the applications that have a price [USD/year].
        priced, unpriced: applications that it reached, with and without a price.
    """

    strategy: str
    disruption: str
    rate_per_year: float
    usd: float
    priced: tuple[str, ...]
    unpriced: tuple[str, ...]


def yearly_losses(result: Result) -> list[YearlyLoss]:
    """Return what each disruption is expected to cost in a year under each strategy."""
    events = result.events
    found = []
    sums = records(events[events["line"] == "total"])
    for whole in (row for row in sums if not row["application"]):
        key = whole["strategy"], whole["disruption"]
        own = [r for r in sums if r["application"] and (r["strategy"], r["disruption"]) == key]
        known = [r for r in own if r["expected_yearly_loss_usd"] is not None]
        found.append(
            YearlyLoss(
                *key,
                rate_per_year=whole["rate_per_year"],
                usd=math.fsum(r["expected_yearly_loss_usd"] for r in known),
                priced=tuple(dict.fromkeys(r["application"] for r in known)),
                unpriced=tuple(dict.fromkeys(r["application"] for r in own if r["expected_yearly_loss_usd"] is None)),
            )
        )
    return found


def listed(words: Sequence[str]) -> str:
    """Return words in a row, of many the first eight."""
    return ", ".join(words) if len(words) <= 8 else f"{', '.join(words[:8])} and {len(words) - 8} more"


def cheapest_finding(found: YearlyCosts) -> str:
    """Return the sentence on which strategy costs least in a year, at the present price of downtime and at others.

    Empty where there is one strategy only.
    """
    if len(found.strategies) < 2:
        return ""
    name, ranges = found.application, found.cheapest()
    if found.short_rebuild is not None:
        return f"Which strategy costs least in a year is not known: {too_short(found.short_rebuild)}."
    if not ranges:
        return f"Which strategy costs least in a year is not known: of {name}, {_NO_PRICE}."
    bare = [one.strategy for one in found.strategies if math.isnan(one.losses_usd)]
    left = [f"{listed(bare)}, under which losing all has no price"] if bare else []
    left += [f"what {listed(found.left_out)} lose{'s' * (len(found.left_out) == 1)}, which has no price"] * bool(
        found.left_out
    )
    without = f" This leaves out {'; and '.join(left)}." if left else ""
    without += f" {_UNSURE}." if not found.is_sure else ""
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


def too_short(found: ShortRebuild) -> str:
    """Return why a rebuild forbids to compare by money, in words."""
    rebuild, recovery = format_number(found.rebuild_h), format_number(found.recovery_h)
    return (
        f"the rebuild of {found.application} is too short to compare by money: {rebuild} h on average, "
        f"while recoveries under {found.disruption} with {found.strategy} take {recovery} h, so that "
        "losing everything would come out cheaper"
    )


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
        why = too_short(found.short_rebuild)
        lines.insert(0, f"{why[0].upper()}{why[1:]}. No break-even is given.")
    if found.left_out:
        lines.append(f"Left out, since what they lose has no price: {listed(found.left_out)}.")
    lines += [f"* {one.strategy}: {_in_words(one.unknown)}" for one in found.strategies if one.unknown]
    lines += [f"{_UNSURE}."] if not found.is_sure else []
    return tuple(lines)


_UNSURE = "Which is cheapest is not certain, since the bills leave out different prices"
