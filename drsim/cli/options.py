"""Options and arguments that several commands share, and how they become a scenario."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from drsim.cli.numbers import Real, Whole
from drsim.errors import InputError, Problem, ScenarioError
from drsim.text import cut, printable

if TYPE_CHECKING:  # a scenario takes long to import, and help must not wait for it
    from drsim.scenario import Scenario

Command = TypeVar("Command", bound=Callable[..., Any])

STDIN = "-"

scenario_argument = click.argument("scenario", metavar="SCENARIO")
drills_option = click.option("--drills", metavar="N", type=Whole("drills"), help="Drills per strategy and disruption.")
seed_option = click.option("--seed", metavar="N", type=Whole("seed"), help="Seed of all draws.")
workers_option = click.option(
    "--workers", metavar="N", type=Whole("workers"), help="Processes to use; results do not depend on it."
)
DATA_FORMS = ("csv", "json")
"""What `--format` takes beside `table`: forms for other programs."""

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", *DATA_FORMS]),
    default="table",
    show_default=True,
    help="Form of the output.",
)


def effort_options(command: Command) -> Command:
    """Add the options `--max-seconds` and `--force`: how much work is begun."""
    command = click.option("--force", is_flag=True, help="Begin whatever it takes, memory too.")(command)
    return click.option(
        "--max-seconds",
        metavar="N",
        type=Real("max_seconds"),
        default=3600.0,
        show_default=True,
        help="Refuse what would take one processor longer, about, and say what to change.",
    )(command)


def strategy_option(*, multiple: bool) -> Callable[[Command], Command]:
    """Return the option `--strategy`, once or as often as the user likes."""
    text = "A strategy; may be repeated. Default: all." if multiple else "The strategy."
    return click.option("--strategy", metavar="X", multiple=multiple, help=text)


def disruption_option(*, multiple: bool) -> Callable[[Command], Command]:
    """Return the option `--disruption`, once or as often as the user likes."""
    text = "A disruption; may be repeated. Default: all." if multiple else "The disruption."
    return click.option("--disruption", metavar="Y", multiple=multiple, help=text)


def check(source: str) -> tuple[Scenario | None, tuple[Problem, ...], tuple[Problem, ...]]:
    """Return the scenario that the user names (None if it has errors), its errors and its warnings.

    Args:
        source: a file, the bare name of a shipped scenario, or `-` for standard input.
    """
    from drsim.scenario import check_scenario, check_text
    from drsim.scenario.source import MAX_BYTES
    from drsim.study.heartbeat import working_on

    working_on(f"reading and checking {'standard input' if source == STDIN else printable(cut(source))}")
    if source == STDIN:
        # one byte more than is read tells that there is too much, even where there is no end
        return check_text(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>")
    return check_scenario(place(source))


def read(source: str) -> Scenario:
    """Return the scenario that the user names, as `check` does.

    Raises:
        ScenarioError: it has errors.
    """
    scenario, errors, _ = check(source)
    if scenario is None:
        raise ScenarioError(errors)
    return scenario


def place(source: str) -> Path:
    """Return the file of a scenario that the user names by path, or by the bare name of a shipped one.

    Raises:
        InputError: there is none.
    """
    path = Path(source)
    if path.exists():
        return path
    from drsim.scenario.shipped import shipped_scenarios

    known = shipped_scenarios()
    if source in known:
        return known[source]
    raise InputError((Problem(source, 0, "no-such-file", "no such file", "a scenario is a YAML file", _meant(path)),))


def _meant(path: Path) -> str:
    """Return the repair of a file that is not there: a file or a shipped scenario that is named much the same."""
    from drsim.scenario.shipped import shipped_scenarios
    from drsim.scenario.suggest import closest

    known = list(shipped_scenarios())
    beside = [str(path.parent / name) for name in _scenarios_in(path.parent)]
    name = path.stem if path.suffix in _ENDINGS else path.name
    files = () if name in known else (closest(str(path), beside),)
    meant = [f"`{candidate}`" for candidate in (*files, closest(name, known)) if candidate is not None]
    shipped = f"shipped with drsim: {', '.join(known)}"
    if meant:
        return f"did you mean {' or '.join(meant)}? Others are {shipped}"
    return f"`drsim new NAME` writes one; {shipped}"


_ENDINGS = (".yaml", ".yml")


def _scenarios_in(folder: Path) -> list[str]:
    """Return the names of the YAML files in a folder; none where it cannot be read."""
    try:
        return sorted(path.name for path in folder.iterdir() if path.suffix in _ENDINGS)
    except OSError:
        return []


def only(names: Iterable[str], given: str | None, what: str) -> str:
    """Return the name that is given, or the only one there is.

    Raises:
        click.UsageError: several to choose from.
    """
    known = list(names)
    if given is not None:
        return given
    if len(known) == 1:
        return known[0]
    raise click.UsageError(f"Name the {what} with --{what}; there are: {', '.join(known)}")
