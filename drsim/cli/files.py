"""`drsim check`, `drsim schema`, `drsim new`: scenario files before they are run."""

from __future__ import annotations

import json
from pathlib import Path

import click

from drsim.cli import options
from drsim.errors import InputError, Problem, by_weight

EXIT_INPUT = 2


@click.command(epilog="\b\nExample:\n  drsim check shop.yaml")
@options.scenario_argument
def check(scenario: str) -> int:
    """Say what AWS would refuse, ignore or suppress, without simulating.

    SCENARIO is a YAML file, the bare name of a shipped scenario, or - for standard input.
    The exit status is 2 if there are errors; warnings alone leave it 0.
    """
    found, errors, warnings = options.check(scenario)
    if found is not None and not errors:
        from drsim.study.notices import notices  # prices are read only where they are asked for

        warnings = by_weight((*warnings, *notices(found)))
    for word, problems in (("error", errors), ("warning", warnings)):
        for problem in problems:
            click.echo(f"{word}: {problem}")
    click.echo(
        f"{scenario if found is None else found.name}: {_number(errors, 'error')}, {_number(warnings, 'warning')}"
    )
    return EXIT_INPUT if errors else 0


def _number(problems: tuple[Problem, ...], what: str) -> str:
    """Return how many problems there are, in words."""
    return f"{len(problems) or 'no'} {what}{'' if len(problems) == 1 else 's'}"


@click.command(epilog="\b\nExample:\n  drsim schema > scenario.schema.json")
def schema() -> None:
    """Print the JSON schema of scenario files, for editors that complete and check them."""
    from drsim.scenario import scenario_schema

    click.echo(json.dumps(scenario_schema(), indent=1, ensure_ascii=False))


@click.command(epilog="\b\nExample:\n  drsim new shop && drsim run shop.yaml")
@click.argument("name")
def new(name: str) -> None:
    """Write NAME.yaml, a small commented scenario to start from; never over a file that is there."""
    from drsim.scenario.starter import starter_text

    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    text = starter_text()
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        rule, repair = "drsim new never overwrites", "choose another name, or move the file away"
        raise InputError((Problem(str(path), 0, "file-exists", "the file exists", rule, repair),)) from None
    click.echo(f"{path} is written; next:  drsim run {path}")
