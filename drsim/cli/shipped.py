"""`drsim list`: the scenarios that come with drsim."""

from __future__ import annotations

import json

import click

from drsim.cli.show import show_table


@click.command("list", epilog="\b\nExample:\n  drsim list && drsim run web-shop")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def list_scenarios(form: str) -> None:
    """List the scenarios that come with drsim: what each shows, how large it is, how many drills a run takes."""
    from drsim.report.shipped import shipped_records, shipped_table

    if form == "json":
        click.echo(json.dumps({"scenarios": shipped_records()}, indent=1, ensure_ascii=False))
    else:
        show_table(shipped_table(), "json")
