"""`drsim report`: a study as one HTML file."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from drsim.cli import options
from drsim.cli.progress import progress
from drsim.cli.show import show_warnings
from drsim.errors import InputError, Problem


@click.command(epilog="\b\nExample:\n  drsim report web-shop --out web-shop.html --drills 2000")
@options.scenario_argument
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), required=True, help="The HTML file to write.")
@options.drills_option
@options.seed_option
@options.strategy_option(multiple=True)
@options.disruption_option(multiple=True)
@options.workers_option
@options.effort_options
def report(
    scenario: str,
    *,
    out: Path,
    drills: int | None,
    seed: int | None,
    strategy: tuple[str, ...],
    disruption: tuple[str, ...],
    workers: int | None,
    max_seconds: float,
    force: bool,
) -> None:
    """Drill every strategy against every disruption and write a report to read and to print.

    The file holds its charts and opens without a network. SCENARIO is a YAML file, the bare name of a shipped scenario,
    or - for standard input.
    """
    missing = [name for name in ("jinja2", "altair", "vl_convert") if find_spec(name) is None]
    if missing:
        problem, rule, repair = f"not installed: {', '.join(missing)}", "reports need it", "pip install 'drsim[report]'"
        raise InputError((Problem("", 0, "missing-extra", problem, rule, repair),))
    from drsim.report.html import html_report, report_command, report_file
    from drsim.study import drills as study
    from drsim.study.heartbeat import working_on

    # begun before the work, so that what is in its way shows at once
    with report_file(out) as file, progress("drills", "drills") as show:
        result = study.run(
            options.read(scenario),
            strategies=strategy,
            disruptions=disruption,
            drills=drills,
            seed=seed,
            workers=workers,
            progress=show,
            keep_incidents=False,
            max_seconds=max_seconds,
            force=force,
            estimates=True,
        )
        working_on("the report")
        file.write(html_report(result, scenario, command=report_command(result, scenario, str(out))))
    show_warnings(result.warnings, scenario)
    click.echo(f"written to {out}", err=True)
