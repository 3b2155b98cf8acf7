"""`drsim check`, `drsim schema`, `drsim new`: scenario files before they are run."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drsim.cli import options
from drsim.cli.progress import progress
from drsim.errors import InputError, Problem, by_weight
from drsim.text import cut, printable

if TYPE_CHECKING:  # help must not wait for it
    from drsim.report.checked import CheckedFile

EXIT_INPUT = 2
EXIT_STRICT = 3


@click.command(epilog="\b\nExample:\n  drsim check shop.yaml\n  drsim check --strict --format github scenarios/*.yaml")
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Exit with status 3 where there are warnings.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "github"]),
    default="table",
    show_default=True,
    help="Form of the output; github: annotations of GitHub Actions.",
)
def check(scenarios: tuple[str, ...], *, strict: bool, form: str) -> int:
    """Say what AWS would refuse, ignore or suppress, without simulating.

    Each SCENARIO is a YAML file, the bare name of a shipped scenario, or - for standard input. All are checked, even
    if one of them cannot be read. The exit status is 2 if there are errors; warnings alone leave it 0, or make it 3
    with --strict.
    """
    from drsim.report.checked import check_github, check_json, check_text, count_line

    if scenarios.count(options.STDIN) > 1:
        raise click.UsageError("Standard input can be read only once: give - once.")
    files: list[CheckedFile] = []
    sources = dict.fromkeys(scenarios)
    with progress("check", "files") as report:
        for source in sources:
            files.append(_checked(source))
            if len(sources) > 1:
                report(len(files), len(sources))
    show = {"table": check_text, "json": check_json, "github": check_github}[form]
    if text := show(files):
        click.echo(text)
    if form == "github":
        click.echo(count_line(files), err=True)
    if any(file.errors for file in files):
        return EXIT_INPUT
    return EXIT_STRICT if strict and any(file.warnings for file in files) else 0


def _checked(source: str) -> CheckedFile:
    """Return what there is to say about a scenario; that there is none, too."""
    from drsim.report.checked import CheckedFile

    try:
        scenario, errors, warnings = options.check(source)
    except InputError as error:
        return CheckedFile(source, source, error.problems, ())
    if scenario is None or errors:
        return CheckedFile(source, source, errors, warnings)
    from drsim.study.heartbeat import working_on
    from drsim.study.notices import notices  # prices are read only where they are asked for

    working_on(f"what laws and prices tell of {printable(cut(scenario.name))}")
    return CheckedFile(source, scenario.name, errors, by_weight((*warnings, *notices(scenario))))


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
    from drsim.study.drafts import new_file

    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    bare = name.removesuffix(".yaml").removesuffix(".yml")
    if not Path(bare).name.strip(". ") or bare.endswith(("/", "\\")):
        rule, repair = "a scenario needs a name", "write one, such as:  drsim new shop"
        raise InputError((Problem("", 0, "no-name", f"{name!r} names no file", rule, repair),))
    if not path.parent.is_dir():
        rule, repair = "drsim new makes no folders", f"make it first:  {shlex.join(('mkdir', '-p', str(path.parent)))}"
        problem = f"the folder {path.parent} is not there"
        raise InputError((Problem(str(path), 0, "no-such-folder", problem, rule, repair),))
    text = starter_text()
    try:
        new_file(path, text)
    except FileExistsError:
        rule, repair = "drsim new never overwrites", "choose another name, or move the file away"
        raise InputError((Problem(str(path), 0, "file-exists", "the file exists", rule, repair),)) from None
    click.echo(f"{path} is written; next:  {shlex.join(('drsim', 'run', str(path)))}")
