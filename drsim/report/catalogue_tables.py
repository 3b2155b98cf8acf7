"""The catalogue as tables: what AWS supports on a day, and every value with its basis and its source."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pandas as pd

from drsim.catalogue import (
    DisruptionKind,
    ResourceType,
    load_catalogue,
)
from drsim.report import catalogue_words as in_words
from drsim.report.tables import Column, Table

VALUES = ("of", "value of", "value", "basis", "source", "where from", "note")
"""The columns of values."""


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


def type_table(resource_type: ResourceType, bases: Collection[str] = (), *, words: bool = False) -> Table:
    """Return the values of a type.

    Args:
        resource_type: the type.
        bases: which bases alone to show; all where there are none.
        words: whether it is for a page, in words, instead of a command, with the names of files.
    """
    values = type_values(resource_type, bases)
    columns = (Column("value of"), Column("value"), Column("basis"), Column("source"), Column("note", rank=1))
    rows = tuple(
        (
            in_words.of_type(v["name"]) if words else _named(v["name"]),
            in_words.value(v["value"], v["name"]) if words else v["value"],
            v["basis"],
            ", ".join(v["source"]),
            v["note"],
        )
        for v in values
    )
    return Table(f"{resource_type.name}: {resource_type.title} ({resource_type.aws_type})", columns, rows)


def _named(name: str) -> str:
    """Return what a value of a type is; parameters keep the names by which scenarios override them."""
    group, _, rest = name.partition(".")
    if group == "replication":
        feature, _, field = rest.rpartition(".")
        return f"{feature}: {field}"
    return {"failovers": f"failover, {rest}", "notes": "note"}.get(group, name)


def compact(table: Table) -> Table:
    """Return a table with note and sources in one column and in words, for pages, which break long texts into lines."""
    titles = [column.title for column in table.columns]
    source, note = titles.index("source"), titles.index("note")
    keep = [k for k in range(len(titles)) if k not in (source, note)]
    rows = tuple(
        (*(row[k] for k in keep), in_words.said(row[note], filter(None, row[source].split(", ")))) for row in table.rows
    )
    columns = (*(table.columns[k] for k in keep), Column("note and source", rank=2))
    return Table(table.title, columns, rows, table.notes)


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
    catalogue = load_catalogue()
    rows = []
    for place, leaf in catalogue.leaves():
        if bases and leaf.basis not in bases:
            continue
        group, _, name = place.partition(".")
        whose = (
            next((kind for kind in catalogue.types if name.startswith(f"{kind}.")), "") if group == "types" else group
        )
        rows.append(
            {
                "of": "all types" if whose == "defaults" else whose,
                "value of": name.removeprefix(f"{whose}."),
                "value": leaf.written,
                "basis": leaf.basis,
                "source": ", ".join(leaf.source),
                "where from": "; ".join(catalogue.sources[key].cited for key in leaf.source),
                "note": leaf.note,
            }
        )
    return pd.DataFrame(rows, columns=list(VALUES))


VALUES_IN_WORDS = ("of", "what", "value", "basis", "note", "source")
"""The columns of values for pages."""


def values_in_words(bases: Collection[str] = ()) -> pd.DataFrame:
    """Return every value of the catalogue but its prices, with `VALUES_IN_WORDS`.

    Args:
        bases: which bases alone to show; all where there are none.
    """
    rows = []
    for row in all_values(bases).to_dict("records"):
        group = {"all types": "defaults"}.get(row["of"], row["of"])
        what = in_words.place(
            group if group in ("rules", "disruptions", "quotas", "regions", "others") else "types", row["value of"]
        )
        where = in_words.sources(filter(None, row["source"].split(", ")))
        value = in_words.value(row["value"], row["value of"])
        rows.append((row["of"], what, value, row["basis"], in_words.plain(row["note"]), where))
    return pd.DataFrame(rows, columns=list(VALUES_IN_WORDS))


def disruptions_table(bases: Collection[str] = (), *, words: bool = False) -> Table:
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
        Column("source"),
        Column("note", rank=1),
    )
    rows = []
    for kind in load_catalogue().disruptions.values():
        mine = [(name, leaf) for name, leaf in kind.leaves() if not bases or leaf.basis in bases]
        for i, (name, leaf) in enumerate(mine):
            head = (kind.name, in_words.region(kind.strikes) if words else kind.strikes) if i == 0 else ("", "")
            what = in_words.of_kind(name, kind.rate_per) if words else _said(kind, name)
            value = in_words.value(leaf.written, name) if words else leaf.written
            rows.append((*head, what, value, leaf.basis, ", ".join(leaf.source), leaf.note))
    return Table("Kinds of disruption; a rate counts the events a year of one unit", columns, tuple(rows))


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


def quotas_table(bases: Collection[str] = (), *, words: bool = False) -> Table:
    """Return how many jobs AWS runs at once, which are the limits of a scenario that says nothing.

    Args:
        bases: which bases alone to show; all where there are none.
        words: whether it is for a page, in words, instead of a command, with the names of files.
    """
    columns = (
        *(Column(name) for name in ("jobs", "type")),
        Column("at once", numeric=True),
        *(Column(name) for name in ("basis", "source")),
        Column("note", rank=1),
    )
    rows = []
    for queue, quotas in load_catalogue().quotas.items():
        for kind, leaf in quotas.items():
            if not bases or leaf.basis in bases:
                whose = "all types" if kind == "*" else kind
                jobs = in_words.of_quota(queue) if words else queue.replace("_", " ")
                rows.append((jobs, whose, leaf.written, leaf.basis, ", ".join(leaf.source), leaf.note))
    return Table("Jobs that run at once by default", columns, tuple(rows))


REGIONS = ("Region", "place", "partition", "zones", "opened", "source")
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
            place, zones, opened = (known[key].written if key in known else "" for key in ("place", "zones", "opened"))
            sources = dict.fromkeys(key for leaf in known.values() for key in leaf.source)
            rows.append((region.name, place, region.partition, zones, opened, ", ".join(sources)))
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
