"""What disruptions are expected to cost, as tables: an incident, an application, a year."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drsim.report.money import (
    MOST_RESOURCES,
    NO_PRICE,
    about,
    line_words,
    listed,
    price_basis,
    short_rebuild_words,
    total_words,
    unit_price,
    unpriced_notes,
    usd,
)
from drsim.report.summary_words import plain_number
from drsim.report.tables import Column, Table, records
from drsim.study.costs.breakeven import (
    MONTHS,
    UNPRICED,
    short_rebuild,
)
from drsim.study.costs.totals import totals
from drsim.study.results import Result

_MARK = " †"
"""After a sum that leaves out what has no price."""


def recovery_table(result: Result, strategy: str, disruption: str) -> Table:
    """Return what one incident costs by line: restores and transfers, downtime, lost data, losing everything."""
    events = result.events
    lines = events[(events["strategy"] == strategy) & (events["disruption"] == disruption)]
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
    for row in records(lines):
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
                "" if is_total else about(unit_price(row["usd_per_unit"]), row["basis"]),
                about(usd(row["usd_per_event"]), row["basis"]),
                plain_number(row["rate_per_year"]) if is_total else "",
                usd(row["expected_yearly_loss_usd"]) if is_total else "",
                price_basis(row),
            )
        )
        before = application
    title = f"One incident of {disruption} under {strategy}, on average"
    note = (
        "Quantities are means over the drills that reach the application, its resources weighted by how often each is "
        "struck: hours of recovered ones, the share that lost everything, and the hours until that is rebuilt. A year "
        "costs as many incidents as it is struck. The total of all is the mean of an incident of any."
    )
    notes = ("It reaches no application.",) if lines["application"].eq("").all() else (note,)
    return Table(title, columns, tuple(rows), notes)


def year_table(result: Result) -> Table:
    """Return what a year costs: the steady bill, and the expected loss by disruption, of each strategy."""
    names = list(result.run["strategies"])
    steady = {name: total.times(MONTHS) for name, total in totals(result.costs).items()}
    losses = {(loss.strategy, loss.disruption): loss for loss in yearly_losses(result)}
    bare = tuple(dict.fromkeys(name for loss in losses.values() for name in loss.unpriced))
    rows = [("steady bill", "", *(total_words(steady[n]) for n in names))]
    for disruption in result.run["disruptions"]:
        side_by_side = [losses[name, disruption] for name in names]
        rows.append((disruption, plain_number(side_by_side[0].rate_per_year), *map(_loss, side_by_side)))
    sums = []
    for name in names:
        of_strategy = [loss for loss in losses.values() if loss.strategy == name]
        known = steady[name].plus(math.fsum(loss.usd for loss in of_strategy))
        sums.append(f"{total_words(known)}{_MARK if any(loss.unpriced for loss in of_strategy) else ''}")
    rows.append(("total", "", *sums))
    columns = (Column("part"), Column("rate [1/year]", numeric=True), *(Column(n, numeric=True) for n in names))
    notes = ["Rate: how often the disruption strikes anything that it may strike.", *unpriced_notes(result)]
    if bare:
        what = "Without" if any(loss.priced for loss in losses.values()) else "The bill alone, without"
        notes.append(f"{_MARK.strip()} {what} what disruptions cost {listed(bare)}: {NO_PRICE}.")
    slow = short_rebuild(result.events[~result.events["application"].isin(bare)])
    if slow is not None:
        notes.append(f"These sums do not rank the strategies: {short_rebuild_words(slow)}.")
    return Table("A year: steady bill and expected loss [USD/year]", columns, tuple(rows), tuple(notes))


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
    for (disruption, application, struck), by_strategy in [*groups.items()][:MOST_RESOURCES]:
        rate = next(iter(by_strategy.values()))["rate_per_year"]
        cells = (_of_event(by_strategy.get(name)) for name in names)
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


def _loss(loss: YearlyLoss) -> str:
    """Return a loss as far as it has a price; the mark beside the total says what has none."""
    return UNPRICED if loss.unpriced and not loss.priced else usd(loss.usd)


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
    losses = []
    sums = records(events[events["line"] == "total"])
    for total in (row for row in sums if not row["application"]):
        key = total["strategy"], total["disruption"]
        applications = [r for r in sums if r["application"] and (r["strategy"], r["disruption"]) == key]
        known = [r for r in applications if r["expected_yearly_loss_usd"] is not None]
        losses.append(
            YearlyLoss(
                *key,
                rate_per_year=total["rate_per_year"],
                usd=math.fsum(r["expected_yearly_loss_usd"] for r in known),
                priced=tuple(dict.fromkeys(r["application"] for r in known)),
                unpriced=tuple(
                    dict.fromkeys(r["application"] for r in applications if r["expected_yearly_loss_usd"] is None)
                ),
            )
        )
    return losses
