"""`drsim plan`: the cheapest plan that meets the objectives."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drsim.cli import options
from drsim.cli.drills import EXIT_BREACH
from drsim.cli.ending import Ended
from drsim.cli.numbers import Real, Whole
from drsim.cli.progress import progress
from drsim.cli.show import show_note, show_table, show_warnings

if TYPE_CHECKING:  # help must not wait for it
    from drsim.planner.answer import Plan
    from drsim.planner.reasons import Reasons


@click.command(epilog="\b\nExample:\n  drsim plan ransomware --out out/plan && drsim run out/plan/plan.yaml")
@options.scenario_argument
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write plan.yaml, which runs, plan.json, front.csv and alternatives.yaml there.",
)
@click.option(
    "--drills", metavar="N", type=Whole("drills"), help="Drills by which plans are compared.  [default: 500, or more]"
)
@options.seed_option
@options.workers_option
@click.option("--baseline", metavar="X", help="Strategy to compare with.  [default: the scenario's first]")
@click.option(
    "--max-time",
    metavar="SECONDS",
    type=Real("max_seconds"),
    help="End after so long with the best so far, which then is not repeatable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Form of the output.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["breach", "undecided"]),
    help="Exit with status 3 where no plan meets all objectives; undecided: or drills do not bear it out.",
)
def plan(
    scenario: str,
    *,
    out: Path | None,
    drills: int | None,
    seed: int | None,
    workers: int | None,
    baseline: str | None,
    max_time: float | None,
    form: str,
    fail_on: str | None,
) -> int:
    """Find the cheapest plan that meets the objectives, and say what to change.

    What it may choose and must reach is said under `planning` of the scenario; all of it may be left out. The plan is
    a strategy named planned. SCENARIO is a YAML file, the bare name of a shipped scenario, or - for standard input.
    """
    from drsim.planner.plan import OutOfTimeError, Search
    from drsim.planner.reasons import reasons
    from drsim.planner.settings import settings
    from drsim.report.plan_files import PlanFolder
    from drsim.report.plans import to_json

    folder = None if out is None else PlanFolder(out)
    end_s = None if max_time is None else time.monotonic() + max_time
    stopped = ""

    def look_at_clock() -> None:
        if end_s is not None and time.monotonic() > end_s:
            raise OutOfTimeError

    with progress("plan", "steps") as show:
        read = options.read(scenario)
        search = Search(settings(read, drills=drills, seed=seed, baseline=baseline, workers=workers), look_at_clock)
        try:
            for step in search.steps():
                show(step.done, step.total)
        except OutOfTimeError:
            stopped = f"after {max_time:g} s, which makes it not repeatable"
        except Ended:
            if folder is not None:
                folder.write(search.plan("by a signal", is_confirmed=False))
                click.echo(f"the best plan so far is in {out}", err=True)
            raise
        answer = search.plan(stopped)
        if folder is not None:
            folder.write(answer)  # what explains it may be stopped
        why = None if stopped else reasons(search)
    if folder is not None:
        folder.write(answer, why)
        click.echo(f"written to {out}", err=True)
    if form == "json":
        click.echo(to_json(answer, why))
    else:
        _show(answer, why)
    show_warnings(read.warnings, scenario, beside=form == "table")
    return EXIT_BREACH if _is_failing(answer, fail_on) else 0


def _is_failing(answer: Plan, fail_on: str | None) -> bool:
    """Return whether the answer is what somebody wants to be told of by the exit status."""
    return bool((fail_on and answer.unmet) or (fail_on == "undecided" and answer.missed))


def _show(answer: Plan, why: Reasons | None) -> None:
    from drsim.report.plan_reasons import cheaper_table, front_table, prices_table
    from drsim.report.plans import changes_table, headline, objectives_table, order_table, proof, relaxations_table

    show_note(f"{headline(answer)} {proof(answer)}")
    tables = [changes_table(answer), objectives_table(answer), order_table(answer), relaxations_table(answer)]
    if why is not None:
        tables += [cheaper_table(why), front_table(why), prices_table(why)]
    for table in tables:
        if table is not None:
            show_table(table, "json")
