"""Events of a cloud as tables, and what they say of outages: rates with their intervals, lengths, what is held."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from drsim.catalogue.events import Event
from drsim.catalogue.fits import ALL, COVERAGE, OTHERS, Fit, LengthFit, RateFit
from drsim.report.tables import Column, Table
from drsim.units import HOUR_S

_UNITS = {"region": "Region-years", "zone": "zone-years"}


def events_table(events: Iterable[Event], bases: Collection[str] = ()) -> Table:
    """Return events, one a row.

    Args:
        events: in their order.
        bases: which bases alone to show; all where there are none.
    """
    columns = (
        *(Column(name) for name in ("date", "Region")),
        Column("zone", rank=2),
        Column("counts as"),
        Column("lasted", numeric=True),
        Column("basis", rank=2),
        Column("what failed"),
        Column("why it counts so", rank=3),
        Column("link", rank=1, link=True),
    )
    rows = [
        (
            *(event.date.isoformat(), event.region, event.zone, event.counts),
            "" if event.lasted_s is None else f"{event.lasted_s / HOUR_S:.3g} h",
            *(event.basis, event.failed, event.why, event.url),
        )
        for event in events
        if not bases or event.basis in bases
    ]
    return Table(f"{len(rows)} events, with where to read of each", columns, tuple(rows))


def rates_table(found: Fit) -> Table:
    """Return how often outages happen, where so many events were seen, and what the catalogue holds."""
    columns = (
        Column("kind"),
        Column("where"),
        *(Column(name, numeric=True) for name in ("events", "in", "a year", f"{100 * COVERAGE:.0f} % interval")),
        Column("told apart", rank=1),
        Column("catalogue", numeric=True),
    )
    rows = [_rate_row(rate) for rate in found.rates]
    span = f"From {found.events.since} until {found.events.until}"
    notes = (
        f"{span}; a Region counts from the day on which it opened, a zone as often as its Region has zones.",
        "Told apart: a Region to which so many of the events would hardly fall by chance.",
        "A scenario says otherwise by the key rate of a disruption.",
    )
    return Table("How often outages happen: events a year of one Region or one zone", columns, tuple(rows), notes, 1)


def _rate_row(rate: RateFit) -> tuple[str, ...]:
    """Return the cells of a rate."""
    where = {OTHERS: "Regions without a rate of their own", ALL: "all Regions"}.get(rate.where, rate.where)
    held = "" if rate.held is None else f"{rate.held:.2g}{' (upper end)' if rate.figure == 'upper' else ''}"
    return (
        *(rate.kind, where, str(rate.events), f"{rate.exposure:.1f} {_UNITS[rate.unit]}"),
        *(f"{rate.rate:.2g}", f"{rate.low:.2g} to {rate.high:.2g}"),
        "yes" if rate.apart else "",
        held,
    )


def lengths_table(found: Fit) -> Table:
    """Return how long outages last, and what the catalogue holds."""
    columns = (
        Column("kind"),
        *(Column(name, numeric=True) for name in ("events", "95 % above", "median", "95 % below", "catalogue")),
    )
    title = "How long outages last: a lognormal fitted to the events of known length"
    return Table(title, columns, tuple(_length_row(length) for length in found.lengths))


def _length_row(length: LengthFit) -> tuple[str, ...]:
    """Return the cells of a length."""
    fitted = (f"{seconds / HOUR_S:.2g} h" for seconds in (length.p5_s, length.median_s, length.p95_s))
    held = " to ".join(f"{length.held.quantile(q) / HOUR_S:.2g} h" for q in (0.5, 0.95))
    return (length.kind, str(length.events), *fitted, held)
