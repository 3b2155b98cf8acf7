"""How sure the facts of the catalogue are: by kind of value, how many are known how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from drsim.catalogue import BASES, Catalogue, Leaf, load_catalogue
from drsim.distributions import Distribution
from drsim.report.tables import Column, Table

UNKNOWN = "unknown"
"""How a price is known that nobody states."""

KINDS = (
    "capabilities",
    "notes",
    "quotas",
    "rules",
    "replication and failover",
    "timings, rates, change",
    "disruptions",
    "defaults of all types",
    "Regions and names",
    "prices",
)
"""Kinds of values, in the order in which they are shown."""

RANGES = "of these, with a range"
"""The row of values of any kind that are distributions."""

_FACTS = ("deployment", "lineage", "snapshots_incremental", "heeds_completion_window")


def kind_of(place: str) -> str:
    """Return the kind of a value, one of `KINDS`.

    Args:
        place: in the catalogue, such as `types.EBS.backup_rate`.
    """
    group, _, rest = place.partition(".")
    if group == "types":
        return _of_type(rest)
    whole = {"disruptions": "disruptions", "quotas": "quotas", "rules": "rules", "defaults": "defaults of all types"}
    return whole.get(group, "Regions and names")


def _of_type(place: str) -> str:
    """Return the kind of a value of a type."""
    if " since " in place:
        return "capabilities"
    if ".notes." in place:
        return "notes"
    if ".replication." in place or ".failovers." in place:
        return "replication and failover"
    return "rules" if place.rpartition(".")[2] in _FACTS else "timings, rates, change"


def sureness(catalogue: Catalogue | None = None) -> dict[str, Counter[str]]:
    """Return how many values of each kind are known how, by kind and basis.

    Args:
        catalogue: the one to count; the shipped one where left out.
    """
    catalogue = catalogue or load_catalogue()
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in (*KINDS, RANGES)}
    for place, leaf in catalogue.leaves():
        counts[kind_of(place)][leaf.basis] += 1
        if _is_range(leaf):
            counts[RANGES][leaf.basis] += 1
    counts["prices"].update(_of_prices(catalogue))
    return counts


def _is_range(leaf: Leaf[object]) -> bool:
    """Return whether a value is a distribution that is no constant."""
    return isinstance(leaf.value, Distribution) and not leaf.value.is_constant


def _of_prices(catalogue: Catalogue) -> Iterator[str]:
    """Yield how each price of the list is known."""
    for item in catalogue.prices().data.items.values():
        for row in item.rows.values():
            yield from (leaf.basis or UNKNOWN for leaf in row.values()) if isinstance(row, dict) else ()


def sureness_table() -> Table:
    """Return which share of each kind of value is known how."""
    columns = (
        Column("kind"),
        Column("values", numeric=True),
        *(Column(basis, numeric=True) for basis in (*BASES, UNKNOWN)),
    )
    counts = sureness()
    whole = sum((counts[kind] for kind in KINDS), Counter[str]())
    rows = [_row(kind, counts[kind]) for kind in KINDS]
    rows += [_row("all", whole), _row(RANGES, counts[RANGES])]
    note = (
        "Documented: read in the owner's document; second-hand: in somebody's quotation of it; reported: claimed by "
        "users; measured here; derived: computed from these; estimated: with the reasoning in the note; unknown: said "
        "to be, and left out of totals."
    )
    return Table(
        "How sure the facts are: shares of each kind of value by how it is known", columns, tuple(rows), (note,)
    )


def _row(kind: str, counts: Counter[str]) -> tuple[str, ...]:
    """Return the cells of a kind."""
    values = counts.total()
    shares = (f"{100 * counts[basis] / values:.0f} %" if counts[basis] else "" for basis in (*BASES, UNKNOWN))
    return (kind, f"{values:,}", *shares)
