"""`drsim catalogue`: the data that drsim comes with, each value with its basis and source."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from drsim.cli.show import show_table
from drsim.errors import InputError, Problem

if TYPE_CHECKING:  # the catalogue takes long to import, and help must not wait for it
    from drsim.catalogue import ResourceType
    from drsim.report.tables import Table

OLD_TABLE = (date(2023, 1, 23), date(2023, 4, 17))
"""The days of AWS's table of early 2023: from Timestream's incremental backups to the coming of SAP HANA."""

_MARKS = {"yes": "✓", "no": "–", "unknown": "?"}


@click.command(epilog="\b\nExample:\n  drsim catalogue --as-of 2023-03-01\n  drsim catalogue EFS --format json")
@click.argument("kind", metavar="[TYPE]", required=False)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="What AWS supported on that day, YYYY-MM-DD.  [default: today]",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def catalogue(kind: str | None, *, as_of: datetime | None, form: str) -> None:
    """Print what AWS Backup supports by resource type, or all that is known of one TYPE with its sources."""
    on = (as_of or datetime.now(tz=UTC)).date()
    if kind is None:
        _print_types(on, form)
    else:
        _print_type(kind, on, form)


def _print_types(on: date, form: str) -> None:
    """Print the capabilities of all types on a day."""
    from drsim.catalogue import SEED_ERRORS, TABLE_COLUMNS, capability_table, load_catalogue
    from drsim.report.tables import Column, Table

    found = capability_table(on)
    errors = SEED_ERRORS if OLD_TABLE[0] <= on < OLD_TABLE[1] else ()
    if form == "json":
        types = [{"type": name, **cells} for name, cells in found]
        wrong = [vars(error) for error in errors]
        _print_json({"as_of": on.isoformat(), "types": types, "errors_of_the_table_of_2023": wrong})
        return
    notes = [f"{_MARKS['unknown']} unknown.  All that is known of a type:  drsim catalogue EFS"]
    if errors:
        notes.append("AWS's own table of these days is wrong here, and drsim differs from it:")
    notes += [f"  {e.type}, {e.capability}: it says {e.seed}, right is {e.right}: {e.why}" for e in errors]
    columns = (Column("type"), *(Column(name) for name in TABLE_COLUMNS))
    rows = tuple((name, *(_MARKS[cells[column]] for column in TABLE_COLUMNS)) for name, cells in found)
    title = f"AWS Backup by resource type on {on}; catalogue of {load_catalogue().version}"
    show_table(Table(title, columns, rows, tuple(notes)))


def _print_type(text: str, on: date, form: str) -> None:
    """Print capabilities, values and notes of one type.

    Raises:
        InputError: there is no such type.
    """
    from drsim.catalogue import CAPABILITIES, load_catalogue

    known = load_catalogue()
    found = known.find_type(text)
    if found is None:
        repair = f"choose from: {', '.join(known.types)}"
        raise InputError((Problem("", 0, "unknown-type", f"{text!r}", "the catalogue has no such type", repair),))
    answers = {True: "yes", False: "no", None: "unknown"}
    able = {capability: answers[found.can(capability, on)] for capability in CAPABILITIES}
    values = _values(found)
    if form == "json":
        sources = {key for value in values for key in value["source"]}
        _print_json(
            {
                "type": found.name,
                "title": found.title,
                "aws_type": found.aws_type,
                "aliases": list(found.aliases),
                "as_of": on.isoformat(),
                "capabilities": able,
                "values": values,
                "sources": {key: vars(known.sources[key]) for key in sorted(sources)},
            }
        )
        return
    show_table(_type_table(found, values))
    click.echo(f"On {on}: " + ", ".join(f"{capability} {answer}" for capability, answer in able.items()))
    click.echo("Sources:")
    for key in sorted({key for value in values for key in value["source"]}):
        source = known.sources[key]
        click.echo(f"  {key}: {source.title} ({source.publisher}, {source.edition})")


def _values(found: ResourceType) -> list[dict[str, Any]]:
    """Return all values of a type but its capabilities, as plain data."""
    return [
        {"name": name, "value": leaf.written, "basis": leaf.basis, "source": list(leaf.source), "note": leaf.note}
        for name, leaf in found.leaves()
        if " since " not in name
    ]


def _type_table(found: ResourceType, values: list[dict[str, Any]]) -> Table:
    """Return the values of a type as a table."""
    from drsim.report.tables import Column, Table

    columns = (Column("value of"), Column("value"), Column("basis"), Column("source"), Column("note", rank=1))
    rows = tuple((v["name"], v["value"], v["basis"], ", ".join(v["source"]), v["note"]) for v in values)
    return Table(f"{found.name}: {found.title} ({found.aws_type})", columns, rows)


def _print_json(data: dict[str, Any]) -> None:
    """Print plain data as JSON."""
    click.echo(json.dumps(data, indent=1, ensure_ascii=False))
