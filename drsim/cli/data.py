"""`drsim catalogue`: the data that drsim comes with, each value with its basis and source."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from drsim.cli.show import show_table
from drsim.errors import CatalogueError, InputError, Problem

LISTS = ("values", "disruptions", "quotas", "prices", "regions", "measurements", "events", "sureness")
"""What can be listed beside the types."""

_OF_ALL_BASES = {"measurements": "they are all published", "sureness": "it counts every basis"}
"""Lists of which no part is known in one way, and why."""


@click.command(
    epilog="\b\nExample:\n  drsim catalogue --as-of 2023-03-01\n  drsim catalogue EFS --format json\n"
    "  drsim catalogue --list values --basis estimated\n  drsim catalogue --fit events --events ours.yaml"
)
@click.argument("kind", metavar="[TYPE]", required=False)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="What AWS supported on that day, YYYY-MM-DD.  [default: today]",
)
@click.option("--list", "what", type=click.Choice(LISTS), help="List these instead of the types.")
@click.option(
    "--fit", "fitted", type=click.Choice(["events"]), help="What the events say of outages, and what is held."
)
@click.option(
    "--events",
    "more",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="More events for --fit, in the grammar of the catalogue's own.",
)
@click.option("--basis", "bases", multiple=True, metavar="BASIS", help="Only values known so; may be repeated.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def catalogue(
    kind: str | None,
    *,
    as_of: datetime | None,
    what: str | None,
    fitted: str | None,
    more: Path | None,
    bases: tuple[str, ...],
    form: str,
) -> None:
    """Print what AWS Backup supports by resource type, or all that is known of one TYPE with its sources."""
    if fitted is not None and (kind is not None or as_of is not None or what is not None or bases):
        raise click.UsageError("--fit takes no TYPE, --as-of, --list or --basis.")
    if more is not None and fitted is None:
        raise click.UsageError("--events takes --fit.")
    if what is not None and (kind is not None or as_of is not None):
        raise click.UsageError("--list takes neither a TYPE nor --as-of.")
    if bases and kind is None and what is None:
        raise click.UsageError("--basis takes a TYPE or --list.")
    if bases and what in _OF_ALL_BASES:
        raise click.UsageError(f"--basis does not go with {what}: {_OF_ALL_BASES[what]}.")
    on = (as_of or datetime.now(tz=UTC)).date()
    _check_bases(bases)
    if fitted is not None:
        _print_fit(more, form)
    elif what == "measurements":
        _print_measurements(form)
    elif what is not None:
        _print_list(what, bases, form)
    elif kind is None:
        _print_types(on, form)
    else:
        _print_type(kind, on, bases, form)


def _check_bases(bases: tuple[str, ...]) -> None:
    """Refuse words that are no basis.

    Raises:
        InputError: there are some.
    """
    from drsim.catalogue import BASES
    from drsim.scenario.suggest import suggestion

    known, rule = (*BASES, "unknown"), "nothing in the catalogue is known so"
    problems = tuple(
        Problem("", 0, "unknown-basis", f"{basis!r}", rule, suggestion(basis, known))
        for basis in bases
        if basis not in known
    )
    if problems:
        raise InputError(problems)


def _print_list(what: str, bases: tuple[str, ...], form: str) -> None:
    """Print all values, the kinds of disruption, the quotas, the prices, the Regions, the events or how sure all is."""
    from drsim.catalogue import load_catalogue
    from drsim.report import catalogue_tables as tables
    from drsim.report import price_tables
    from drsim.report.event_tables import events_table
    from drsim.report.sureness import sureness_table
    from drsim.report.tables import frame_table, records

    frames = {"values": tables.all_values, "prices": price_tables.prices, "regions": tables.regions}
    if what in frames:
        frame = frames[what](bases)
        rows, table = records(frame), frame_table(frame, f"{len(frame):,} {what}")
    else:
        lists = {
            "disruptions": lambda: tables.disruptions_table(bases).printed(),
            "quotas": lambda: tables.quotas_table(bases).printed(),
            "events": lambda: events_table(load_catalogue().events.events, bases),
            "sureness": sureness_table,
        }
        table = lists[what]()
        rows = tables.rows_of(table)
    if form == "json":
        _print_json({what: rows})
    else:
        show_table(table, "json")


def _print_fit(more: Path | None, form: str) -> None:
    """Print the events, what they say of outages, and what the catalogue holds.

    Raises:
        InputError: the file of more events breaks their grammar.
    """
    from drsim.catalogue import load_catalogue
    from drsim.catalogue.check import located
    from drsim.catalogue.events import repair_of
    from drsim.catalogue.fits import fit
    from drsim.report.catalogue_tables import rows_of
    from drsim.report.event_tables import events_table, lengths_table, rates_table

    known = load_catalogue()
    try:
        found = fit(known, None if more is None else known.read_events(more, known.events))
    except CatalogueError as error:
        rule = "events have the grammar that the head of the catalogue's own list explains"
        flaws = [located(flaw, more) if more else flaw for flaw in error.flaws]
        raise InputError(
            tuple(
                Problem(
                    str(more or flaw.file),
                    flaw.line,
                    "wrong-events",
                    " ".join(str(flaw._replace(file="", line=0)).split()),
                    rule,
                    repair_of(flaw),
                )
                for flaw in flaws
            )
        ) from error
    shown = {
        "events": events_table(found.events.events),
        "rates": rates_table(found),
        "lengths": lengths_table(found),
    }
    if form == "json":
        _print_json({name: rows_of(table) for name, table in shown.items()})
        return
    for table in shown.values():
        show_table(table, "json")


def _print_measurements(form: str) -> None:
    """Print all published measurements against the distributions of the catalogue."""
    from drsim.catalogue import load_catalogue
    from drsim.report import measurements
    from drsim.study.bands import bands

    rows = bands(load_catalogue().measurements.all)
    if form == "json":
        _print_json({"measurements": measurements.records(rows)})
    else:
        show_table(measurements.table(rows, f"{len(rows)} published measurements", of=True), "json")


def _print_types(on: date, form: str) -> None:
    """Print the capabilities of all types on a day."""
    from drsim.catalogue import capability_table
    from drsim.report.capability_tables import capabilities, old_errors

    if form == "json":
        types = [{"type": name, **cells} for name, cells in capability_table(on)]
        wrong = [vars(error) for error in old_errors(on)]
        _print_json({"as_of": on.isoformat(), "types": types, "errors_of_the_table_of_2023": wrong})
    else:
        show_table(capabilities(on), "json")


def _print_type(text: str, on: date, bases: tuple[str, ...], form: str) -> None:
    """Print capabilities, values and notes of one type.

    Raises:
        InputError: there is no such type.
    """
    from drsim.catalogue import load_catalogue
    from drsim.report import measurements
    from drsim.report.capability_tables import able
    from drsim.report.catalogue_tables import type_table, type_values
    from drsim.scenario.suggest import suggestion

    known = load_catalogue()
    resource_type = known.find_type(text)
    if resource_type is None:
        other_name, meant = known.find_other(text), known.nearest_type(text)
        repair = f"did you mean {meant}?" if meant in known.types else suggestion(text, known.types)
        rule = f"it {other_name.says}" if other_name else "the catalogue has no such type"
        raise InputError((Problem("", 0, "unknown-type", f"{text!r}", rule, repair),))
    values = type_values(resource_type, bases)
    keys = sorted({key for value in values for key in value["source"]})
    bands = measurements.measured(resource_type.name)
    if form == "json":
        _print_json(
            {
                "type": resource_type.name,
                "title": resource_type.title,
                "aws_type": resource_type.aws_type,
                "aliases": list(resource_type.aliases),
                "as_of": on.isoformat(),
                "capabilities": able(resource_type, on),
                "values": values,
                "measurements": measurements.records(bands),
                "sources": {key: vars(known.sources[key]) for key in keys},
            }
        )
        return
    show_table(type_table(resource_type, bases).printed(), "json")
    if bands:
        show_table(measurements.table(bands, f"{resource_type.name}: published measurements"), "json")
    click.echo(
        f"On {on}: " + ", ".join(f"{capability} {answer}" for capability, answer in able(resource_type, on).items())
    )
    click.echo("Sources:")
    for key in keys:
        click.echo(f"  {key}: {known.sources[key].cited}")


def _print_json(data: dict[str, Any]) -> None:
    """Print plain data as JSON."""
    click.echo(json.dumps(data, indent=1, ensure_ascii=False))
