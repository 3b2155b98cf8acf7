"""The catalogue as tables: what AWS supports on a day, and every value with its basis and its source."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from drsim.catalogue import (
    DisruptionKind,
    Leaf,
    ResourceType,
    load_catalogue,
)
from drsim.report import catalogue_words as in_words
from drsim.report.tables import Column, Table

VALUES = ("of", "value of", "value", "basis", "source", "where from", "note")
"""The columns of values."""


class ValueRow(NamedTuple):
    """A value of the catalogue as a row.

    Attributes:
        cells: what it is, the value and its basis.
        source: keys of its sources.
        note: its note.
    """

    cells: tuple[str, ...]
    source: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class ValueTable:
    """Values of the catalogue with their sources.

    Attributes:
        title: what it shows.
        columns: of the cells of its rows.
        rows: the values.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[ValueRow, ...]

    @property
    def sources(self) -> dict[str, None]:
        """Keys of the sources of all rows, each once."""
        return dict.fromkeys(key for row in self.rows for key in row.source)

    def printed(self) -> Table:
        """Return the values for commands, with the keys of their sources."""
        columns = (*self.columns, Column("source"), Column("note", rank=1))
        rows = tuple((*row.cells, ", ".join(row.source), row.note) for row in self.rows)
        return Table(self.title, columns, rows)

    def compact(self) -> Table:
        """Return the values for pages, which break long texts into lines: note and sources in words, in one column."""
        columns = (*self.columns, Column("note and source", rank=2))
        return Table(self.title, columns, tuple((*row.cells, in_words.said(row.note, row.source)) for row in self.rows))


def type_values(resource_type: ResourceType, bases: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return all values of a type but its capabilities, as plain data.

    Args:
        resource_type: the type.
        bases: which bases alone to show; all where there are none.
    """
    return [
        {"name": name, "value": leaf.written, "basis": leaf.basis, "source": list(leaf.source), "note": leaf.note}
        for name, leaf in resource_type.leaves()
        if " since " not in name and (not bases or leaf.basis in bases)
    ]


def type_table(resource_type: ResourceType, bases: Collection[str] = (), *, words: bool = False) -> ValueTable:
    """Return the values of a type.

    Args:
        resource_type: the type.
        bases: which bases alone to show; all where there are none.
        words: whether it is for a page, in words, instead of a command, with the names of files.
    """
    values = type_values(resource_type, bases)
    rows = tuple(
        ValueRow(
            (
                in_words.of_type(v["name"]) if words else _named(v["name"]),
                in_words.value(v["value"], v["name"]) if words else v["value"],
                v["basis"],
            ),
            tuple(v["source"]),
            v["note"],
        )
        for v in values
    )
    title = f"{resource_type.name}: {resource_type.title} ({resource_type.aws_type})"
    return ValueTable(title, (Column("value of"), Column("value"), Column("basis")), rows)


def _named(name: str) -> str:
    """Return what a value of a type is; parameters keep the names by which scenarios override them."""
    group, _, rest = name.partition(".")
    if group == "replication":
        feature, _, field = rest.rpartition(".")
        return f"{feature}: {field}"
    if group == "options":
        option, _, field = rest.rpartition(".")
        return f"option {option}: {field}"
    return {"failovers": f"failover, {rest}", "notes": "note"}.get(group, name)


def sources_of(keys: Iterable[str]) -> Table:
    """Return where values come from: title, publisher, edition, address, and what is used of it.

    Args:
        keys: of the sources.
    """
    known = load_catalogue().sources
    sources = sorted((known[key] for key in set(keys)), key=lambda source: (source.title, source.key))
    columns = (
        *(Column(name) for name in ("title", "publisher", "edition", "what is used of it")),
        Column("where", link=True),
        Column("key", rank=2),
    )
    rows = tuple(
        (source.title, in_words.publisher(source.publisher), source.edition, source.says, source.where, source.key)
        for source in sources
    )
    return Table("Sources, with the keys that commands and files name them by", columns, rows)


def all_values(bases: Collection[str] = ()) -> pd.DataFrame:
    """Return every value of the catalogue but its prices, with `VALUES`.

    Args:
        bases: which bases alone to show; all where there are none.
    """
    rows = [
        {
            "of": _OWNERS.get(owner, owner),
            "value of": name,
            "value": leaf.written,
            "basis": leaf.basis,
            "source": ", ".join(leaf.source),
            "where from": "; ".join(load_catalogue().sources[key].cited for key in leaf.source),
            "note": leaf.note,
        }
        for _, owner, name, leaf in _leaves(bases)
    ]
    return pd.DataFrame(rows, columns=list(VALUES))


_OWNERS = {"defaults": "all types"}
"""Whose values are, where it is not the name of the group or of a type."""


def _leaves(bases: Collection[str]) -> Iterator[tuple[str, str, str, Leaf[Any]]]:
    """Yield the group of each value, whose it is (a type, else its group), its place there, and the value."""
    catalogue = load_catalogue()
    for place, leaf in catalogue.leaves():
        if bases and leaf.basis not in bases:
            continue
        group, _, name = place.partition(".")
        owner = (
            next((kind for kind in catalogue.types if name.startswith(f"{kind}.")), "") if group == "types" else group
        )
        yield group, owner, name.removeprefix(f"{owner}."), leaf


VALUES_IN_WORDS = ("of", "what", "value", "basis", "note", "source")
"""The columns of values for pages."""


def values_in_words(bases: Collection[str] = ()) -> pd.DataFrame:
    """Return every value of the catalogue but its prices, with `VALUES_IN_WORDS`.

    Args:
        bases: which bases alone to show; all where there are none.
    """
    rows = []
    for group, owner, name, leaf in _leaves(bases):
        what, value = in_words.place(group, name), in_words.value(leaf.written, name)
        note, where = in_words.plain(leaf.note), in_words.sources(leaf.source)
        rows.append((_OWNERS.get(owner, owner), what, value, leaf.basis, note, where))
    return pd.DataFrame(rows, columns=list(VALUES_IN_WORDS))


def disruptions_table(bases: Collection[str] = (), *, words: bool = False) -> ValueTable:
    """Return the kinds of disruption: what they strike, how often, for how long, and what then has to wait.

    Args:
        bases: which bases alone to show; all where there are none.
        words: whether it is for a page, in words, instead of a command, with the names of files.
    """
    columns = (
        Column("kind"),
        Column("strikes", rank=3 if words else 0),
        *(Column(name) for name in ("value of", "value")),
        Column("basis", rank=3 if words else 0),
    )
    rows = []
    for kind in load_catalogue().disruptions.values():
        mine = [(name, leaf) for name, leaf in kind.leaves() if not bases or leaf.basis in bases]
        for i, (name, leaf) in enumerate(mine):
            head = (kind.name, in_words.region(kind.strikes) if words else kind.strikes) if i == 0 else ("", "")
            what = in_words.of_kind(name, kind.rate_per) if words else _said(kind, name)
            value = in_words.value(leaf.written, name) if words else leaf.written
            rows.append(ValueRow((*head, what, value, leaf.basis), leaf.source, leaf.note))
    return ValueTable("Kinds of disruption; a rate counts the events a year of one unit", columns, tuple(rows))


def _said(kind: DisruptionKind, name: str) -> str:
    """Return what a value of a kind is, in words."""
    if name.startswith("rate."):
        return f"rate per {in_words.rate(kind.rate_per, name.removeprefix('rate.').removeprefix('default'))}"
    if name.startswith("impairs."):
        return f"{name.removeprefix('impairs.')} have to wait for the end"
    return {
        "about": "what happens",
        "takes": "what is of no use then",
        "backups_attacked": "backups in reach are destroyed",
    }.get(name, name)


def quotas_table(bases: Collection[str] = (), *, words: bool = False) -> ValueTable:
    """Return how many jobs AWS runs at once, which are the limits of a scenario that says nothing.

    Args:
        bases: which bases alone to show; all where there are none.
        words: whether it is for a page, in words, instead of a command, with the names of files.
    """
    columns = (
        *(Column(name) for name in ("jobs", "type")),
        Column("at once", numeric=True),
        Column("basis"),
    )
    rows = []
    for queue, quotas in load_catalogue().quotas.items():
        for kind, leaf in quotas.items():
            if not bases or leaf.basis in bases:
                whose = "all types" if kind == "*" else kind
                jobs = in_words.of_quota(queue) if words else queue.replace("_", " ")
                rows.append(ValueRow((jobs, whose, leaf.written, leaf.basis), leaf.source, leaf.note))
    return ValueTable("Jobs that run at once by default", columns, tuple(rows))


REGIONS = ("Region", "place", "partition", "zones", "opened", "announced", "source")
"""The columns of the Regions."""


def regions(bases: Collection[str] = ()) -> pd.DataFrame:
    """Return the Regions of AWS, one row each, with `REGIONS`; what no source gives is empty.

    Args:
        bases: which bases alone to show; all where there are none.
    """
    rows = []
    for region in load_catalogue().regions.values():
        known = {key: leaf for key, leaf in region.leaves() if not bases or leaf.basis in bases}
        if known:
            written = {key: leaf.written for key, leaf in known.items()}
            place, *more = (written.get(key, "") for key in ("place", "zones", "opened", "announced"))
            sources = dict.fromkeys(key for leaf in known.values() for key in leaf.source)
            rows.append((region.name, place, region.partition, *more, ", ".join(sources)))
    return pd.DataFrame(rows, columns=list(REGIONS))


def rows_of(table: Table) -> list[dict[str, str]]:
    """Return the rows of a table as plain data; a cell that stands empty since the row above holds for it is filled."""
    rows: list[dict[str, str]] = []
    for cells in table.rows:
        row = dict(zip((column.title for column in table.columns), cells, strict=True))
        if not cells[0] and rows:
            row |= {title: rows[-1][title] for title in [c.title for c in table.columns][:2]}
        rows.append(row)
    return rows
