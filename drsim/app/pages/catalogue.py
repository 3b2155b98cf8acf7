"""The page of the catalogue: what AWS supports, how long things take, what strikes, what it costs, and who says so."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import streamlit as st

from drsim.app import show
from drsim.catalogue import BASES, ResourceType, load_catalogue
from drsim.catalogue.fits import fit
from drsim.distributions import Distribution
from drsim.report import capability_tables, measurements, price_tables
from drsim.report import catalogue_curves as curves
from drsim.report import catalogue_tables as tables
from drsim.report.catalogue_tables import ValueTable
from drsim.report.event_tables import events_table, lengths_table, rates_table
from drsim.report.sureness import sureness_table
from drsim.report.vega.distributions import distribution_chart, measured_chart
from drsim.report.vega.events import events_chart

_SECTIONS = ("Capabilities", "One type", "Disruptions", "Quotas", "Prices", "Events", "How sure", "All values")


def page() -> None:
    """Show the page."""
    st.title("Catalogue")
    st.caption(
        "All that drsim takes for granted about AWS, with how it is known and who says so. "
        f"Edition of {load_catalogue().version}. A scenario can replace every value by your own."
    )
    section = st.segmented_control(
        "Section", _SECTIONS, default=_SECTIONS[0], key="catalogue-section", bind="query-params", required=True
    )
    kind, on, bases = _choices(section)
    if section == "Capabilities":
        _capabilities(on)
    elif section == "One type":
        _one_type(load_catalogue().types[kind], on, bases)
    elif section == "Disruptions":
        _disruptions(bases)
    elif section == "Quotas":
        _quotas(bases)
    elif section == "Prices":
        _prices(bases)
    elif section == "Events":
        _events()
    elif section == "How sure":
        _sureness()
    else:
        _values(bases)


def _choices(section: str) -> tuple[str, date, list[str]]:
    """Ask for a type, a day, and which values to show.

    All are asked in every section, at the same place, though not all matter there: what is not shown is no longer in
    the link.
    """
    today = datetime.now(tz=UTC).date()
    left, middle, right = st.columns(3)
    kind = left.selectbox(
        "Resource type",
        list(load_catalogue().types),
        key="catalogue-type",
        bind="query-params",
        disabled=section != "One type",
        help="Of the section One type.",
    )
    on = middle.date_input(
        "As of",
        value=today,
        min_value=capability_tables.FIRST_DAY,
        max_value=today,
        key="catalogue-date",
        bind="query-params",
        disabled=section not in ("Capabilities", "One type"),
        help="AWS adds capabilities by and by: a scenario's `as_of` takes them as of a day. Of the sections "
        "Capabilities and One type.",
    )
    bases = right.multiselect(
        "Only values that are",
        [*BASES, "unknown"],
        key="catalogue-basis",
        bind="query-params",
        disabled=section in ("Capabilities", "Events", "How sure"),
        placeholder="all, however they are known",
        help="documented: read in the owner's document; second-hand: in somebody's quotation of it; reported: claimed "
        "by users; measured here; derived: computed from these; estimated: with the reasoning in the note.",
    )
    return kind, on if isinstance(on, date) else today, bases


def _command(*words: str, bases: list[str] | None = None) -> None:
    show.command(shlex.join(["drsim", "catalogue", *words, *(w for b in bases or () for w in ("--basis", b))]))


def _capabilities(on: date) -> None:
    """Show what AWS Backup supports by type on a day."""
    show.table(capability_tables.capabilities(on, words=True))
    show.table(capability_tables.known_table(on))
    _command("--as-of", on.isoformat())
    with st.expander(f"AWS's own table of early 2023 was wrong in {len(capability_tables.errors_table().rows)} cells"):
        show.table(capability_tables.errors_table())


def _one_type(resource_type: ResourceType, on: date, bases: list[str]) -> None:
    """Show all that is known of one type."""
    show.table(capability_tables.able_table(resource_type, on).compact())
    for kind, distributions in curves.distributions_of(resource_type, bases).items():
        name = f"{resource_type.aws_type}-{kind}"
        _curves(f"Uncertain {curves.KINDS[kind]}", distributions, kind, name, "parameter")
    _measurements(resource_type)
    values = tables.type_table(resource_type, bases, words=True)
    show.table(values.compact())
    _keys()
    _sources(values.sources)
    _command(resource_type.name, "--as-of", on.isoformat(), bases=bases)


def _measurements(resource_type: ResourceType) -> None:
    """Show what was measured of a type over what is drawn for it, where anything was."""
    rows = measurements.measured(resource_type.name)
    for kind in dict.fromkeys(band.measurement.kind for band in rows):
        mine = [band for band in rows if band.measurement.kind == kind]
        title = f"Published measurements of {curves.KINDS[kind]}"
        with st.container(border=True):
            st.subheader(title, anchor=False)
            alt = f"{title}, over how probable each value is. The table below says the same."
            show.chart(measured_chart(mine), f"{resource_type.aws_type}-measured-{kind}", alt=alt)
    if rows:
        show.table(measurements.table(rows, f"{resource_type.name}: published measurements"))


def _curves(title: str, values: Mapping[str, Distribution], kind: str, name: str, of_each: str) -> None:
    """Show uncertain values as curves, one for each of them."""
    with st.container(border=True):
        st.subheader(title, anchor=False)
        alt = f"{title}: how probable each value is, by {of_each}. The table below says the same."
        show.chart(distribution_chart(values, kind), name, alt=alt)


def _keys() -> None:
    """Say what the words in brackets are."""
    st.caption(
        "In brackets: the key by which a scenario replaces the value, such as backup_fixed under overrides, rate under "
        "a disruption, or copy_jobs under limits."
    )


def _sources(keys: Iterable[str]) -> None:
    with st.expander("Sources in full"):
        show.table(tables.sources_of(keys))


def _disruptions(bases: list[str]) -> None:
    """Show the kinds of disruption."""
    for name, values in curves.disruption_times(bases).items():
        _curves(curves.DRAWN[name], values, "duration", f"disruptions-{name}", "kind of disruption")
    _values_table("disruptions", tables.disruptions_table(bases, words=True), bases)


def _quotas(bases: list[str]) -> None:
    """Show the quotas."""
    _values_table("quotas", tables.quotas_table(bases, words=True), bases)


def _values_table(what: str, values: ValueTable, bases: list[str]) -> None:
    """Show a table of values with their sources, and the command that lists them."""
    show.table(values.compact())
    _keys()
    _sources(values.sources)
    _command("--list", what, bases=bases)


def _prices(bases: list[str]) -> None:
    """Show the price list; widths in pixels."""
    column = st.column_config
    st.dataframe(
        price_tables.prices_in_words(bases),
        hide_index=True,
        height=560,
        column_config={
            "item": column.TextColumn("item", width=150),
            "for": column.TextColumn("for", width=236),
            "Region": column.TextColumn("Region", width=190),
            "USD": column.NumberColumn("USD", format="%.5g", width=70, help="empty: unknown, never zero"),
            "per": column.TextColumn("per", width=110),
            "as of": column.TextColumn("as of", width=94),
            "basis": column.TextColumn("basis", width=104),
            "note": column.TextColumn("note", width=420),
            "source": column.TextColumn("source", width=600),
        },
    )
    st.caption(
        "Public list prices, before discounts, free tiers and tax. Note and source stand at the right: scroll the "
        "table sideways. To search: the magnifying glass of the table."
    )
    show.text("\n".join((*price_tables.mirrors(), price_tables.estimates())))
    show.download("Prices (CSV)", "prices.csv", lambda: show.csv(price_tables.prices(bases)))
    _command("--list", "prices", bases=bases)


def _events() -> None:
    """Show what has happened, and what follows for how often outages happen and how long they last."""
    found = fit(load_catalogue())
    with st.container(border=True):
        alt = "Events by Region on a time line, and what each counts as. The table below says the same."
        show.chart(events_chart(found.events.events), "events", alt=alt)
    for table in (rates_table(found), lengths_table(found), events_table(found.events.events)):
        show.table(table)
    _command("--fit", "events")


def _sureness() -> None:
    """Show which share of each kind of value is known how."""
    show.table(sureness_table())
    _command("--list", "sureness")


def _values(bases: list[str]) -> None:
    """Show every value but the prices; widths in pixels."""
    values = tables.values_in_words(bases)
    st.caption(f"{len(values):,} values. Note and source stand at the right: scroll the table sideways.")
    column = st.column_config
    st.dataframe(
        values,
        hide_index=True,
        height=620,
        column_config={
            "of": column.TextColumn("of", width=236),
            "what": column.TextColumn("what", width=340),
            "value": column.TextColumn("value", width=390),
            "basis": column.TextColumn("basis", width=104),
            "note": column.TextColumn("note", width=600),
            "source": column.TextColumn("source", width=600),
        },
    )
    _keys()
    show.download("Values (CSV)", "catalogue.csv", lambda: show.csv(tables.all_values(bases)))
    _command("--list", "values", bases=bases)
