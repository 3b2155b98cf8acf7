"""The catalogue as tables: what AWS supports on a day, and every value with its basis and its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from drsim.catalogue import (
    CAPABILITIES,
    SEED_ERRORS,
    TABLE_COLUMNS,
    DisruptionKind,
    ResourceType,
    SeedError,
    capability_table,
    load_catalogue,
)
from drsim.catalogue.price_file import PriceLeaf
from drsim.catalogue.prices import PriceList
from drsim.report import catalogue_words as in_words
from drsim.report.tables import Column, Table

OLD_TABLE = (date(2023, 1, 23), date(2023, 4, 17))
"""The days of AWS's table of early 2023: from Timestream's incremental backups to the coming of SAP HANA."""

FIRST_DAY = date(2022, 1, 1)
"""The catalogue knows no day before it apart."""

MARKS = {"yes": "✓", "no": "–", "unknown": "?"}

VALUES = ("of", "value of", "value", "basis", "source", "where from", "note")
"""The columns of values."""

_WORDS = {True: "yes", False: "no", None: "unknown"}


def old_errors(on: date) -> tuple[SeedError, ...]:
    """Return where AWS's own table was wrong, on the days on which it stood."""
    return SEED_ERRORS if OLD_TABLE[0] <= on < OLD_TABLE[1] else ()


_RANKS = {"full-management": 2, "item-level-restore": 2, "audit": 2}
"""Which columns go first where there is no room."""


def capabilities(on: date, *, words: bool = False) -> Table:
    """Return what AWS Backup supports by resource type on a day.

    Args:
        on: the day.
        words: whether it is for a page, with marks beside words, instead of a command, with the names of files.
    """
    columns = (
        Column("type"),
        *(Column(in_words.CAPABILITIES[name] if words else name, rank=_RANKS.get(name, 0)) for name in TABLE_COLUMNS),
    )
    rows = tuple(
        (name, *(f"{MARKS[cells[c]]} {cells[c]}" if words else MARKS[cells[c]] for c in TABLE_COLUMNS))
        for name, cells in capability_table(on)
    )
    title = f"AWS Backup by resource type on {on}; catalogue of {load_catalogue().version}"
    more = "the section One type" if words else " drsim catalogue EFS"
    notes = [f"{MARKS['unknown']} unknown.  All that is known of a type: {more}"]
    errors = old_errors(on)
    if errors:
        notes.append("AWS's own table of these days is wrong here, and drsim differs from it:")
    names = in_words.CAPABILITIES if words else dict(zip(CAPABILITIES, CAPABILITIES, strict=True))
    notes += [f"  {e.type}, {names[e.capability]}: it says {e.seed}, right is {e.right}: {e.why}" for e in errors]
    return Table(title, columns, rows, tuple(notes))


def known_table(on: date) -> Table:
    """Return how the answers of `capabilities` are known: most by one document, the others by type.

    Args:
        on: the day.
    """
    groups: dict[tuple[str, str, tuple[str, ...], str], list[str]] = {}
    for kind in load_catalogue().types.values():
        for name in TABLE_COLUMNS if kind.supported <= on else ():
            leaf = next(span.leaf for span in reversed(kind.capabilities[name]) if span.since <= on)
            groups.setdefault((kind.name, leaf.basis, leaf.source, leaf.note), []).append(in_words.CAPABILITIES[name])
    times = Counter({(basis, source): 0 for _, basis, source, _ in groups})
    for (_, basis, source, _), names in groups.items():
        times[basis, source] += len(names)
    ((most, _),) = times.most_common(1)
    rows = [
        (kind, ", ".join(names), f"{basis}. {in_words.said(note, source)}")
        for (kind, basis, source, note), names in groups.items()
        if (basis, source) != most
    ]
    columns = (Column("type"), Column("capabilities"), Column("basis, note and source"))
    first = ("all but those below", "", f"{most[0]}. {in_words.said('', most[1])}")
    return Table("How these answers are known", columns, (first, *rows))


def errors_table() -> Table:
    """Return the cells in which AWS's table of early 2023 was wrong on its own day."""
    columns = (Column("type"), Column("capability"), Column("table of 2023"), Column("right"), Column("why"))
    rows = tuple((e.type, in_words.CAPABILITIES[e.capability], e.seed, e.right, e.why) for e in SEED_ERRORS)
    return Table(f"Errors of AWS's table of {OLD_TABLE[0]} to {OLD_TABLE[1]}", columns, rows)


def able(found: ResourceType, on: date) -> dict[str, str]:
    """Return `yes`, `no` or `unknown` for each capability of a type on a day."""
    return {capability: _WORDS[found.can(capability, on)] for capability in CAPABILITIES}


def able_table(found: ResourceType, on: date) -> Table:
    """Return what a type is capable of on a day, since when, and who says so."""
    rows = []
    for capability, answer in able(found, on).items():
        spans = [s for s in found.capabilities[capability] if s.since <= on]
        since = spans[-1].since if spans else None
        leaf = spans[-1].leaf if spans else None
        rows.append(
            (
                in_words.CAPABILITIES[capability],
                f"{MARKS[answer]} {answer}",
                "before 2023" if since in (None, date.min) else str(since),
                leaf.basis if leaf else "",
                ", ".join(leaf.source) if leaf else "",
                leaf.note if leaf else "",
            )
        )
    columns = (*(Column(name) for name in ("capability", "supported", "since", "basis", "source")), Column("note"))
    return Table(f"{found.name} on {on}", columns, tuple(rows))


def type_values(found: ResourceType, bases: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return all values of a type but its capabilities, as plain data.

    Args:
        found: the type.
        bases: which bases alone to show; all where there are none.
    """
    return [
        {"name": name, "value": leaf.written, "basis": leaf.basis, "source": list(leaf.source), "note": leaf.note}
        for name, leaf in found.leaves()
        if " since " not in name and (not bases or leaf.basis in bases)
    ]


def type_table(found: ResourceType, bases: Collection[str] = (), *, words: bool = False) -> Table:
    """Return the values of a type.

    Args:
        found: the type.
        bases: which bases alone to show; all where there are none.
        words: whether it is for a page, in words, instead of a command, with the names of files.
    """
    values = type_values(found, bases)
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
    return Table(f"{found.name}: {found.title} ({found.aws_type})", columns, rows)


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
    """Return where values come from: title, publisher, edition, and what is used of it.

    Args:
        keys: of the sources.
    """
    known = load_catalogue().sources
    found = sorted((known[key] for key in set(keys)), key=lambda source: (source.title, source.key))
    columns = (
        *(Column(name) for name in ("title", "publisher", "edition", "what is used of it")),
        Column("key", rank=2),
    )
    rows = tuple((each.title, in_words.publisher(each.publisher), each.edition, each.says, each.key) for each in found)
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
        of = next((kind for kind in catalogue.types if name.startswith(f"{kind}.")), "") if group == "types" else group
        rows.append(
            {
                "of": "all types" if of == "defaults" else of,
                "value of": name.removeprefix(f"{of}."),
                "value": leaf.written,
                "basis": leaf.basis,
                "source": ", ".join(leaf.source),
                "where from": "; ".join(_cited(key) for key in leaf.source),
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
        found = in_words.value(row["value"], row["value of"])
        rows.append((row["of"], what, found, row["basis"], in_words.plain(row["note"]), where))
    return pd.DataFrame(rows, columns=list(VALUES_IN_WORDS))


def _cited(key: str) -> str:
    source = load_catalogue().sources[key]
    return f"{source.title} ({source.publisher}, {source.edition})"


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
                of = "all types" if kind == "*" else kind
                jobs = in_words.of_quota(queue) if words else queue.replace("_", " ")
                rows.append((jobs, of, leaf.written, leaf.basis, ", ".join(leaf.source), leaf.note))
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


PRICES = ("item", "for", "Region", "USD", "per", "as of", "basis", "note", "source")
"""The columns of prices."""


def prices(bases: Collection[str] = (), name: str = "aws") -> pd.DataFrame:
    """Return a price list, one row per item, resource type or instance, and Region, with `PRICES`.

    A price that is unknown has no number. Where a row takes the prices of another one, its note says so.

    Args:
        bases: which bases alone to show; all where there are none.
        name: of the price list.
    """
    found = load_catalogue().prices(name)
    rows: list[dict[str, object]] = []
    for item, each in found.data.items.items():
        for subject, row in each.rows.items():
            leaves, note = _prices_of(found, row)
            for place, leaf in leaves.items():
                basis = leaf.basis or "unknown"
                if not bases or basis in bases:
                    rows.append(
                        {
                            "item": item,
                            "for": subject,
                            "Region": "all" if place == "*" else place,
                            "USD": leaf.value,
                            "per": each.unit,
                            "basis": basis,
                            "source": "; ".join(_price_source(found, key) for key in leaf.source),
                            "note": "; ".join(part for part in (note, leaf.note) if part),
                            "as of": found.as_of.isoformat(),
                        }
                    )
    return pd.DataFrame(rows, columns=list(PRICES)).astype({"USD": float})


def prices_in_words(bases: Collection[str] = (), name: str = "aws") -> pd.DataFrame:
    """Return a price list as `prices` does, items and ways between Regions in words."""
    found = prices(bases, name)
    items, places = found["item"].str.replace("-", " "), found["Region"].str.replace(">", " to ")
    return found.assign(item=items, Region=places, note=found["note"].map(in_words.plain))


def _prices_of(found: PriceList, row: Mapping[str, PriceLeaf] | str) -> tuple[Mapping[str, PriceLeaf], str]:
    """Return the prices of a row, and whose they are where they are those of another one."""
    if not isinstance(row, str):
        return row, ""
    item, subject = row.split("/", 1)
    other = found.data.items[item].rows[subject]
    return ({} if isinstance(other, str) else other), f"as {subject}"


def _price_source(found: PriceList, key: str) -> str:
    source = found.sources[key]
    return f"{source.title} ({source.publisher}, {source.edition})"


def mirrors(name: str = "aws") -> tuple[str, ...]:
    """Return which Regions take the prices of another one, where they have none of their own, and why."""
    return tuple(
        f"{place} takes the prices of {mirror.of} where it has none of its own ({mirror.basis}: {mirror.note})"
        for place, mirror in load_catalogue().prices(name).data.mirrors.items()
    )


def rows_of(table: Table) -> list[dict[str, str]]:
    """Return the rows of a table as plain data; a cell that stands empty since the row above holds for it is filled."""
    rows: list[dict[str, str]] = []
    for cells in table.rows:
        row = dict(zip((column.title for column in table.columns), cells, strict=True))
        if not cells[0] and rows:
            row |= {title: rows[-1][title] for title in [c.title for c in table.columns][:2]}
        rows.append(row)
    return rows
