"""The page of the catalogue: what AWS supports, how long things take, what strikes, what it costs, and who says so."""

from __future__ import annotations

import shlex
from datetime import UTC, date, datetime

import streamlit as st

from drsim.app import show
from drsim.catalogue import BASES, ResourceType, load_catalogue
from drsim.report import catalogue_tables as tables
from drsim.report.vega.distributions import distribution_chart

_SECTIONS = ("Capabilities", "One type", "Disruptions", "Quotas", "Prices", "All values")


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
    if section == "Capabilities":
        _capabilities()
    elif section == "One type":
        _one_type()
    elif section == "Disruptions":
        _listed("disruptions")
    elif section == "Quotas":
        _listed("quotas")
    elif section == "Prices":
        _prices()
    else:
        _values()


def _day() -> date:
    """Ask for a day."""
    today = datetime.now(tz=UTC).date()
    found = st.date_input(
        "As of",
        value=today,
        min_value=tables.FIRST_DAY,
        max_value=today,
        key="catalogue-date",
        bind="query-params",
        help="AWS adds capabilities by and by: a scenario's `as_of` takes them as of a day.",
    )
    return found if isinstance(found, date) else today


def _bases() -> list[str]:
    """Ask which values to show."""
    return st.multiselect(
        "Only values that are",
        [*BASES, "unknown"],
        key="catalogue-basis",
        bind="query-params",
        placeholder="all, however they are known",
        help="documented: read in the owner's document; second-hand: in somebody's quotation of it; reported: claimed "
        "by users; measured here; derived: computed from these; estimated: with the reasoning in the note.",
    )


def _command(*words: str, bases: list[str] | None = None) -> None:
    show.command(shlex.join(["drsim", "catalogue", *words, *(w for b in bases or () for w in ("--basis", b))]))


def _capabilities() -> None:
    """Show what AWS Backup supports by type on a day."""
    on = _day()
    show.table(tables.capabilities(on, words=True))
    _command("--as-of", on.isoformat())
    with st.expander(f"AWS's own table of early 2023 was wrong in {len(tables.errors_table().rows)} cells"):
        show.table(tables.errors_table())


def _one_type() -> None:
    """Show all that is known of one type."""
    types = load_catalogue().types
    left, middle, right = st.columns(3)
    with left:
        name = st.selectbox("Resource type", list(types), key="catalogue-type", bind="query-params")
    with middle:
        on = _day()
    with right:
        bases = _bases()
    found = types[name]
    show.table(tables.compact(tables.able_table(found, on)))
    _distributions(found, bases)
    show.table(tables.compact(tables.type_table(found, bases)))
    with st.expander("Sources"):
        show.table(tables.sources_of(key for value in tables.type_values(found, bases) for key in value["source"]))
    _command(name, "--as-of", on.isoformat(), bases=bases)


def _distributions(found: ResourceType, bases: list[str]) -> None:
    """Show the uncertain values of a type as curves."""
    for kind, values in tables.distributions_of(found, bases).items():
        with st.container(border=True):
            st.subheader(f"Uncertain {tables.KINDS[kind]}", anchor=False)
            show.chart(
                distribution_chart(values, kind),
                f"{found.aws_type}-{kind}",
                alt=f"How probable which {tables.KINDS[kind]} are, by parameter. The table below says the same.",
            )


def _listed(what: str) -> None:
    """Show the kinds of disruption, or the quotas."""
    bases = _bases()
    table = tables.disruptions_table(bases) if what == "disruptions" else tables.quotas_table(bases)
    show.table(tables.compact(table))
    with st.expander("Sources"):
        keys = [key for row in tables.rows_of(table) for key in row["source"].split(", ") if key]
        show.table(tables.sources_of(keys))
    _command("--list", what, bases=bases)


def _prices() -> None:
    """Show the price list."""
    bases = _bases()
    found = tables.prices(bases)
    st.dataframe(
        found,
        hide_index=True,
        height=560,
        column_config={"USD": st.column_config.NumberColumn("USD", format="%.5g", help="empty: unknown, never zero")},
    )
    st.caption(
        "Public list prices, before discounts, free tiers and tax. To search: the magnifying glass of the table."
    )
    show.text("\n".join(tables.mirrors()))
    show.download("Prices", "prices.csv", lambda: show.csv(found))
    _command("--list", "prices", bases=bases)


def _values() -> None:
    """Show every value but the prices."""
    bases = _bases()
    found = tables.all_values(bases)
    st.caption(f"{len(found):,} values.")
    st.dataframe(found, hide_index=True, height=620)
    show.download("Values", "catalogue.csv", lambda: show.csv(found))
    _command("--list", "values", bases=bases)
