"""`drsim run`, `drsim explain`, `drsim lifetime`: the commands that simulate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from drsim.cli import options
from drsim.cli.numbers import Share, Whole
from drsim.cli.progress import progress
from drsim.cli.show import show_note, show_table, show_warnings
from drsim.study.measures import measure_named, ranked_by

EXIT_BREACH = 3


@click.command(epilog="\b\nExample:\n  drsim run web-shop --drills 1000 --out out/web-shop --fail-on breach")
@options.scenario_argument
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), help="Write tables, incidents and run.json there."
)
@options.drills_option
@options.seed_option
@options.strategy_option(multiple=True)
@options.disruption_option(multiple=True)
@click.option(
    "--clock",
    type=click.Choice(["auto", "vectorised", "process"]),
    default="auto",
    show_default=True,
    help="How to simulate: vectorised is fast, process plays every event; auto is vectorised where possible.",
)
@options.workers_option
@options.format_option
@click.option(
    "--fail-on",
    type=click.Choice(["breach", "undecided"]),
    help="Exit with status 3 where a verdict is breached, unrecoverable or unprotected; undecided: on undecided, too.",
)
@options.effort_options
def run(
    scenario: str,
    *,
    out: Path | None,
    drills: int | None,
    seed: int | None,
    strategy: tuple[str, ...],
    disruption: tuple[str, ...],
    clock: str,
    workers: int | None,
    form: str,
    fail_on: str | None,
    max_seconds: float,
    force: bool,
) -> int:
    """Drill every strategy against every disruption and print the comparison.

    SCENARIO is a YAML file, the bare name of a shipped scenario, or - for standard input.
    """
    from drsim.report.comparison import clock_notes, comparison, dependency_table
    from drsim.report.estimates import estimates_line
    from drsim.report.tables import to_json
    from drsim.study import drills as study
    from drsim.study.results import to_csv
    from drsim.study.verdicts import FAIL_ON

    with progress("drills", "drills") as show:
        result = study.run(
            options.read(scenario),
            strategies=strategy,
            disruptions=disruption,
            drills=drills,
            seed=seed,
            clock=clock,
            workers=workers,
            progress=show,
            out=out,
            keep_incidents=False,  # nothing printed needs them
            max_seconds=max_seconds,
            force=force,
            estimates=True,
        )
    if form != "table":
        show_warnings(result.warnings, scenario)
    for note in clock_notes(result):
        click.echo(note, err=True)
    if out is not None:
        click.echo(f"written to {out}", err=True)
    if form == "json":
        click.echo(to_json(result))
    elif form == "csv":
        click.echo(to_csv(result.summary), nl=False)
    else:
        show_table(comparison(result, scenario), *options.DATA_FORMS)
        if (dependents := dependency_table(result)) is not None:
            show_table(dependents, *options.DATA_FORMS)
        show_note(estimates_line(result.run, scenario))
        show_warnings(result.warnings, scenario, beside=True)
    verdicts = {*result.summary["verdict"], *result.dependencies["verdict"]}
    failed = fail_on is not None and not verdicts.isdisjoint(FAIL_ON[fail_on])
    return EXIT_BREACH if failed else 0


@click.command(
    epilog="\b\nExample:\n  drsim explain web-shop --strategy nightly --disruption region-loss --quantile 0.95"
)
@options.scenario_argument
@options.strategy_option(multiple=False)
@options.disruption_option(multiple=False)
@click.option("--drill", metavar="N", type=Whole("drill"), help="The drill with this number.")
@click.option(
    "--quantile",
    metavar="Q",
    type=Share(),
    help="The drill whose measure has this rank among all.  [default: 0.95]",
)
@click.option(
    "--measure",
    type=click.Choice([measure.name for measure in ranked_by()]),
    default=ranked_by()[0].name,
    show_default=True,
    help="What --quantile ranks drills by.",
)
@click.option(
    "--subject",
    metavar="Z",
    help="Whose drill: APP or APP.RESOURCE, each of which has its own.  [default: the application that fares worst]",
)
@options.drills_option
@options.seed_option
@options.workers_option
@options.effort_options
def explain(
    scenario: str,
    *,
    strategy: str | None,
    disruption: str | None,
    drill: int | None,
    quantile: float | None,
    measure: str,
    subject: str | None,
    drills: int | None,
    seed: int | None,
    workers: int | None,
    max_seconds: float,
    force: bool,
) -> None:
    """Tell the story of one incident, and what would shorten it.

    SCENARIO is a YAML file, the bare name of a shipped scenario, or - for standard input.
    """
    from drsim.study import drills as study
    from drsim.study.bench import Bench
    from drsim.study.heartbeat import working_on
    from drsim.study.sensitivity import check_subject
    from drsim.study.summary import drill_at

    if drill is not None and quantile is not None:
        raise click.UsageError("Give --drill or --quantile, not both.")
    with progress("drills", "drills"):
        written = options.read(scenario)
    name = options.only(written.strategies, strategy, "strategy")
    against = options.only(written.disruptions, disruption, "disruption")
    bench = Bench(written, (against,), strategies=(name,), drills=drills, seed=seed)
    studied = bench.scenario
    if subject is not None:
        check_subject(studied, subject)

    from drsim.report.estimates import estimates_line
    from drsim.report.story import tell
    from drsim.study.effort import of_plans, refuse
    from drsim.study.estimates import rests_on

    column = measure_named(measure).column
    refuse(of_plans(studied, (name,)), max_seconds, force=force)
    rests: dict[str, Any] = {}
    with progress("drills", "drills") as show:
        working_on("building what is protected")
        world = bench.world(name)
        if drill is None:
            result = study.run_bench(
                bench,
                workers=workers,
                progress=show,
                max_seconds=max_seconds,
                force=force,
                estimates=True,
            )
            rests = result.run["estimates"]
            rank = 0.95 if quantile is None else quantile
            drill = drill_at(result.incidents, bench.exposure(name, against), rank, measure=column, subject=subject)
        else:
            rests |= rests_on(studied, {name: world}, [(name, against)])
        working_on("what would have helped")
        story = tell(bench, against, drill, subject, drills=studied.drills, measure=column)
    click.echo(story)
    click.echo()
    show_note(estimates_line({"estimates": rests, "strategies": [name], "disruptions": [against]}, scenario))


@click.command(epilog="\b\nExample:\n  drsim lifetime web-shop --years 20 --runs 200 --strategy copies")
@options.scenario_argument
@click.option("--years", metavar="N", type=Whole("years"), default=10, show_default=True, help="Years of a run.")
@click.option("--runs", metavar="N", type=Whole("runs"), default=100, show_default=True, help="Runs per strategy.")
@options.strategy_option(multiple=True)
@options.seed_option
@options.workers_option
@options.format_option
@options.effort_options
def lifetime(
    scenario: str,
    *,
    years: int,
    runs: int,
    strategy: tuple[str, ...],
    seed: int | None,
    workers: int | None,
    form: str,
    max_seconds: float,
    force: bool,
) -> None:
    """Let disruptions arrive at their rates over years; print yearly downtime, loss and cost.

    SCENARIO is a YAML file, the bare name of a shipped scenario, or - for standard input.
    """
    from drsim.report.lifetimes import lifetime_tables
    from drsim.report.tables import records_json
    from drsim.study.lifetimes import run_lifetimes
    from drsim.study.results import to_csv
    from drsim.study.settings import with_settings

    with progress("lifetimes", "runs") as show:
        studied = with_settings(options.read(scenario), seed=seed)
        result = run_lifetimes(
            studied, years, runs, strategy or None, workers, show, max_seconds=max_seconds, force=force
        )
    if form != "table":
        show_warnings(studied.warnings, scenario)
    if form == "json":
        click.echo(records_json({"summary": result.summary, "comparison": result.comparison}))
    elif form == "csv":
        click.echo(to_csv(result.summary), nl=False)
    else:
        title = f"{studied.name}: {runs} runs of {years} years per strategy, seed {studied.seed}"
        for number, table in enumerate(lifetime_tables(result, title)):
            if number:
                click.echo()
            show_table(table, *options.DATA_FORMS)
        show_warnings(studied.warnings, scenario, beside=True)
