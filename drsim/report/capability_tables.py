"""What AWS Backup supports on a day, by resource type, as tables."""

from __future__ import annotations

from collections import Counter
from datetime import date

from drsim.catalogue import (
    CAPABILITIES,
    SEED_ERRORS,
    TABLE_COLUMNS,
    ResourceType,
    SeedError,
    capability_table,
    load_catalogue,
)
from drsim.report import catalogue_words as in_words
from drsim.report.catalogue_tables import ValueRow, ValueTable
from drsim.report.tables import Column, Table

OLD_TABLE = (date(2023, 1, 23), date(2023, 4, 17))
"""The days of AWS's table of early 2023: from Timestream's incremental backups to the coming of SAP HANA."""

FIRST_DAY = date(2022, 1, 1)
"""The catalogue knows no day before it apart."""

MARKS = {"yes": "✓", "no": "–", "unknown": "?"}

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


def able(resource_type: ResourceType, on: date) -> dict[str, str]:
    """Return `yes`, `no` or `unknown` for each capability of a type on a day."""
    return {capability: _WORDS[resource_type.can(capability, on)] for capability in CAPABILITIES}


def able_table(resource_type: ResourceType, on: date) -> ValueTable:
    """Return what a type is capable of on a day, since when, and who says so."""
    rows = []
    for capability, answer in able(resource_type, on).items():
        spans = [s for s in resource_type.capabilities[capability] if s.since <= on]
        since = spans[-1].since if spans else None
        leaf = spans[-1].leaf if spans else None
        first = "before 2023" if since in (None, date.min) else str(since)
        cells = in_words.CAPABILITIES[capability], f"{MARKS[answer]} {answer}", first, leaf.basis if leaf else ""
        rows.append(ValueRow(cells, leaf.source if leaf else (), leaf.note if leaf else ""))
    columns = tuple(Column(name) for name in ("capability", "supported", "since", "basis"))
    return ValueTable(f"{resource_type.name} on {on}", columns, tuple(rows))
