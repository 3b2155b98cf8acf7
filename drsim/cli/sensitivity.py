"""`drsim sensitivity`: which inputs move data loss, downtime and cost most."""

from __future__ import annotations

import click

from drsim.cli import options
from drsim.cli.numbers import Whole
from drsim.cli.progress import progress
from drsim.cli.show import show_table, show_warnings


@click.command(epilog="\b\nExample:\n  drsim sensitivity web-shop --strategy copies --disruption region-loss")
@options.scenario_argument
@options.strategy_option(multiple=False)
@options.disruption_option(multiple=False)
@click.option("--subject", metavar="NAME", help="Application or app.resource.  [default: the first application]")
@click.option(
    "--drills", metavar="N", type=Whole("drills"), help="Drills of each run.  [default: 500, or the scenario's]"
)
@options.seed_option
@options.format_option
@options.effort_options
def sensitivity(
    scenario: str,
    *,
    strategy: str | None,
    disruption: str | None,
    subject: str | None,
    drills: int | None,
    seed: int | None,
    form: str,
    max_seconds: float,
    force: bool,
) -> None:
    """Vary the uncertain inputs one at a time; print how far each moves data loss, downtime and cost.

    SCENARIO is a YAML file, the bare name of a shipped scenario, or - for standard input.
    """
    from drsim.report.sensitivity import finding, sensitivity_table, to_json
    from drsim.scenario.subjects import application_of
    from drsim.study import sensitivity as study
    from drsim.study.measures import wanted
    from drsim.study.results import to_csv

    with progress("sensitivities", "runs") as show:
        read = options.read(scenario)
        name = options.only(read.strategies, strategy, "strategy")
        against = options.only(read.disruptions, disruption, "disruption")
        result = study.sensitivity(
            read, name, against, subject, drills=drills, seed=seed, progress=show, max_seconds=max_seconds, force=force
        )
    show_warnings(read.warnings, scenario)
    if form == "json":
        click.echo(to_json(result))
    elif form == "csv":
        click.echo(to_csv(result.inputs), nl=False)
    else:
        show_table(sensitivity_table(result, source=scenario), *options.DATA_FORMS)
        in_force = read.applications[application_of(result.subject)].objectives.under(against)
        for measure in (*(measured.column for measured in wanted([in_force])), "usd_per_month"):
            click.echo(finding(result, measure))
