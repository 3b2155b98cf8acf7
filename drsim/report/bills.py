"""The steady bill as tables: line by line, by application and by resource, and what is kept for ever."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drsim.report.money import (
    ABOUT,
    MOST_RESOURCES,
    about,
    line_words,
    price_basis,
    total_words,
    unit_price,
    unpriced_notes,
    usd,
)
from drsim.report.tables import Column, Table, records
from drsim.scenario.subjects import application_of
from drsim.study.costs.amounts import LATER_YEARS, is_estimated
from drsim.study.costs.breakeven import (
    MONTHS,
)
from drsim.study.costs.for_ever import ForEver
from drsim.study.costs.totals import Total, totals
from drsim.study.results import Result

Row = Mapping[str, Any]

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


def bill_table(result: Result, strategy: str) -> Table:
    """Return the steady bill of a strategy line by line, each with its price, Region, basis and source."""
    bill, rows = result.costs[result.costs["strategy"] == strategy], []
    total = totals(bill)[strategy]
    for row in records(bill):
        is_total = row["line"] == "total"
        month, basis = row["usd_per_month"], row["basis"]
        year = None if month is None else MONTHS * month
        if not is_total and not row["quantity"] and not month:
            continue  # there is none of it
        rows.append(
            (
                line_words(row["line"]),
                row["subject"] or "",
                row["place"] or "",
                row["type"] or "",
                "" if is_total else _amount(row["quantity"], row["unit"]),
                "" if is_total else about(unit_price(row["usd_per_unit"]), basis),
                total_words(total) if is_total else about(usd(month), basis),
                total_words(total.times(MONTHS)) if is_total else about(usd(year), basis),
                row["region"] or "",
                price_basis(row),
            )
        )
    return Table(f"Steady bill of {strategy}", _BILL, tuple(rows), price_notes(result))


def _amount(quantity: float, unit: str) -> str:
    """Return a quantity with its unit; `2 × 1000 evaluations` where the unit is a number of them."""
    between = " × " if unit[:1].isdigit() else " "
    return f"{quantity:,.6g}{between}{unit}"


def price_notes(result: Result) -> tuple[str, ...]:
    """Return which price list the bills of a study are made from, and what its sources are."""
    listed = result.catalogue.prices(result.run["prices"]["list"])
    cells = result.costs["source"]
    keys = dict.fromkeys(key for cell in cells if isinstance(cell, str) for key in cell.split(", ") if key)
    named = [f"{key}: {listed.sources[key].cited}" for key in keys if key in listed.sources]
    cloud = result.catalogue.cloud
    head = f"List prices of {cloud} in USD before discounts and tax; newest price of {listed.as_of}."
    has_estimates = any(is_estimated(basis) for basis in result.costs["basis"])
    mark = f" {ABOUT} stands before what rests on an estimate." if has_estimates else ""
    return (f"{head} GiB is 2^30 bytes, which {cloud} calls a GB.{mark}", *named)


def bill_overview(result: Result) -> Table:
    """Return the steady bills of all strategies side by side [USD/month], line by line and place by place."""
    names = list(result.run["strategies"])
    cells: dict[tuple[str, ...], dict[str, list[Row]]] = {}
    for row in records(result.costs[result.costs["line"] != "total"]):
        by_strategy = cells.setdefault((line_words(row["line"]), row["place"] or ""), {})
        by_strategy.setdefault(row["strategy"], []).append(row)
    columns = (Column("line"), Column("place"), *(Column(name, numeric=True) for name in names))
    rows = (*_side_by_side(cells, names), *_total_rows(result, ("",)))
    return Table("Steady cost by line and place [USD/month]", columns, rows, unpriced_notes(result))


def application_bills(result: Result) -> Table:
    """Return the steady bills of all strategies by application [USD/month]."""
    names = list(result.run["strategies"])
    cells: dict[tuple[str, ...], dict[str, list[Row]]] = {}
    for row in records(result.costs[result.costs["line"] != "total"]):
        by_strategy = cells.setdefault((application_of(row["subject"]),), {})
        by_strategy.setdefault(row["strategy"], []).append(row)
    columns = (Column("application"), *(Column(name, numeric=True) for name in names))
    rows = (*_side_by_side(cells, names), *_total_rows(result, ()))
    return Table("Steady cost by application [USD/month]", columns, rows, unpriced_notes(result))


def resource_bills(result: Result) -> Table:
    """Return the steady bills of all strategies by application and resource [USD/month], of many the first."""
    names = list(result.run["strategies"])
    cells: dict[tuple[str, ...], dict[str, list[Row]]] = {}
    for row in records(result.costs[result.costs["line"] != "total"]):
        application, _, resource = row["subject"].partition(".")
        by_strategy = cells.setdefault((application, resource), {})
        by_strategy.setdefault(row["strategy"], []).append(row)
    # the resources of an application stand together, whichever line names them first
    order = {name: k for k, name in enumerate(dict.fromkeys(application for application, _ in cells))}
    bills = sorted(_side_by_side(cells, names), key=lambda bill: order[bill[0]])
    rows: list[tuple[str, ...]] = []
    for k, bill in enumerate(bills[:MOST_RESOURCES]):
        heading = "" if k and bills[k - 1][0] == bill[0] else bill[0]
        rows.append((heading, *bill[1:]))
    left_out = len(bills) - len(rows)
    notes = (f"{left_out:,} more resources are left out here; costs.csv has them.",) if left_out else ()
    columns = (Column("application"), Column("resource"), *(Column(name, numeric=True) for name in names))
    return Table("Steady cost by resource [USD/month]", columns, tuple(rows), notes)


def _side_by_side(
    cells: Mapping[tuple[str, ...], Mapping[str, Sequence[Row]]], names: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each thing that costs something under some strategy.

    Args:
        cells: its lines of the bills, by strategy.
        names: of the strategies.
    """
    for heading, by_strategy in cells.items():
        if any(row["usd_per_month"] != 0 for rows in by_strategy.values() for row in rows):
            yield (*heading, *(_sum(by_strategy.get(name, [])) for name in names))


def _total_rows(result: Result, blank: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the totals of a month and of a year."""
    sums = totals(result.costs)
    for words, factor in (("total per month", 1), ("total per year", MONTHS)):
        yield (words, *blank, *(total_words(sums[name].times(factor)) for name in result.run["strategies"]))


def _sum(rows: Sequence[Row]) -> str:
    """Return a sum of lines, about where a price is estimated, and how many have one; a dash where there are none."""
    if not rows:
        return "–"
    known = [row for row in rows if row["usd_per_month"]]
    unpriced = sum(row["usd_per_month"] is None for row in rows)
    words = total_words(Total(math.fsum(row["usd_per_month"] for row in known), len(known), unpriced))
    is_about = any(is_estimated(row["basis"]) for row in known)
    return f"{ABOUT}{words}" if is_about else words


def for_ever_table(kept: Mapping[str, Sequence[ForEver]]) -> Table | None:
    """Return what rules without `delete_after` come to in years; None where no strategy has one, of many the first.

    Args:
        kept: what is kept for ever, by strategy.
    """
    items = [(name, item) for name, of_strategy in kept.items() for item in of_strategy]
    if not items:
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
    for name, item in items[:MOST_RESOURCES]:
        cells = (text for years in LATER_YEARS for text in (f"{item.gib[years]:,.0f}", usd(item.usd_per_month[years])))
        rows.append(("" if name == before else name, item.subject, line_words(item.line), item.place, *cells))
        before = name
    notes = [
        "The bills above are of what has been kept up to the start of the study. Free allowances are left out here."
    ]
    left_out = len(items) - MOST_RESOURCES
    notes += [f"{left_out:,} more rows are left out here."] if left_out > 0 else []
    return Table("Kept for ever: what it comes to, since nothing expires", columns, tuple(rows), tuple(notes))
