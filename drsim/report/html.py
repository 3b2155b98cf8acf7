"""The report: one HTML file that opens without a server, holds its charts, and prints well.

First what decides, for those who decide; then what it rests on, for those who ask. No scripts, nothing remote; whatever
a scenario says is escaped.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from drsim.catalogue import ResourceType
from drsim.errors import InputError, Problem
from drsim.report.bills import application_bills, bill_overview, bill_table, for_ever_table, price_notes, resource_bills
from drsim.report.breakeven import break_even_table
from drsim.report.comparison import clock_notes, dependency_table, percentile_table
from drsim.report.definitions import DEFINITIONS
from drsim.report.estimates import estimates_line, movers_table
from drsim.report.findings import estate_finding, findings, objectives_in_words, year_finding
from drsim.report.losses import loss_table, year_table
from drsim.report.summary_words import misses, plain_number, plain_verdict, reach_words, share
from drsim.report.tables import Column, Table, records, verdict_of
from drsim.report.vega.cells import SIGNS
from drsim.report.vega.cost import bill_chart, break_even_chart, year_chart
from drsim.report.vega.exceedance import exceedance_chart
from drsim.report.vega.objectives import overview_rows
from drsim.report.vega.style import Chart, to_svg
from drsim.scenario import Scenario, read_scenario, subjects
from drsim.study.bench import Bench
from drsim.study.costs.breakeven import yearly_costs
from drsim.study.costs.totals import comparison_note, totals
from drsim.study.drafts import File
from drsim.study.measures import OBJECTIVES, wanted
from drsim.study.results import Result
from drsim.study.summary import QUANTILES

FEW_APPLICATIONS = 3
"""Applications that are told one by one; where there are more, the report begins with all of them together."""

MOST_GROUPS = 12
"""Applications under disruptions whose distributions are drawn; the tables have all."""

MOST_BREAK_EVENS = 4
"""Applications whose break-even is shown."""

_GENERATOR = "drsim"
_HEAD = 1000
"""Characters in which a report says who has written it."""
_CHART_WIDTH = 470
_ID = re.compile(r' id="([^"]+)"')
_USE = re.compile(r"""(url\(|href=")#([^)"]+)([)"])""")


@dataclass(frozen=True)
class _Figure:
    """A chart as it stands in the page, and the sentence for those who cannot see it."""

    svg: Markup
    alt: str


def html_report(result: Result, source: str, *, command: str | None = None) -> str:
    """Return a study as one self-contained HTML page.

    Args:
        result: of a study.
        source: the scenario as the user names it, for the command that repeats the report.
        command: that command; made of the source, drills and seed where left out.
    """
    scenario = _scenario(result)
    run = result.run
    figures = _Figures()
    environment = Environment(
        loader=PackageLoader("drsim.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["verdict_of"] = verdict_of
    exceedance, left_out = _exceedance(result, scenario, figures)
    in_force = {name: application.objectives for name, application in scenario.applications.items()}
    sentences, money = findings(result, in_force), year_finding(result, in_force)
    overview = _overview(result) if len(scenario.applications) > FEW_APPLICATIONS else []
    return environment.get_template("report.html.j2").render(
        generator=f"{_GENERATOR} {run['versions']['drsim']}",
        name=run["name"],
        description=scenario.description or "",
        drills=f"{run['drills']:,}",
        findings=[*([estate_finding(result)] if overview else sentences), *([money] if money else [])],
        strategies=run["strategies"],
        monthly={n: total.said(f"{total.usd:,.0f} USD/month") for n, total in totals(result.costs).items()},
        price_marks=_price_marks(result),
        overview=overview,
        matrices=[
            _matrix(result, scenario, name) | {"finding": sentence if overview else ""}
            for name, sentence in zip(scenario.applications, sentences, strict=True)
        ],
        dependencies=dependency_table(result),
        definitions=DEFINITIONS,
        cost_charts=list(_cost_charts(result, scenario, figures)),
        break_evens_left_out=max(0, len(scenario.applications) - MOST_BREAK_EVENS),
        cost_tables=list(_cost_tables(result, scenario)),
        percentiles=[percentile_table(result, name) for name in scenario.applications],
        exceedance=exceedance,
        charts_left_out=left_out,
        bills=[replace(bill_table(result, name), notes=()) for name in run["strategies"]],
        price_sources=price_notes(result),
        warnings=[*(_warning(problem) for problem in result.warnings), *clock_notes(result)],
        basis=basis_table(scenario, run["prices"]["as_of"]),
        movers=movers_table(movers) if (movers := run.get("estimates", {}).get("movers")) else None,
        estimates=estimates_line(run),
        command=command or report_command(result, source),
        record=_record(result),
        scenario=run["scenario"],
    )


def _scenario(result: Result) -> Scenario:
    """Return the scenario of a study, read with the catalogue that the study was made with."""
    return read_scenario(result.run["scenario"], catalogue=result.catalogue)


def report_command(result: Result, source: str, out: str = "report.html") -> str:
    """Return the command that writes the report of a study of all strategies and disruptions, or of some."""
    run = result.run
    words = ["drsim", "report", source, "--out", out, "--drills", str(run["drills"]), "--seed", str(run["seed"])]
    scenario = _scenario(result)
    for what, known in (("strategy", scenario.strategies), ("disruption", scenario.disruptions)):
        chosen = run["strategies" if what == "strategy" else "disruptions"]
        if len(chosen) < len(known):
            words += [word for name in chosen for word in (f"--{what}", name)]
    return shlex.join(words)


class _Figures:
    """Charts as SVG whose ids differ from those of all others of the page."""

    def __init__(self) -> None:
        self._number = 0

    def of(self, chart: Chart, alt: str, width: int | None = _CHART_WIDTH) -> _Figure:
        """Return a chart for the page."""
        self._number += 1
        svg = to_svg(chart, width)
        # the library counts on from chart to chart, also from one report to the next
        ids = {name: f"c{self._number}-{k}" for k, name in enumerate(dict.fromkeys(_ID.findall(svg)))}
        svg = _ID.sub(lambda match: f' id="{ids[match[1]]}"', svg)
        svg = _USE.sub(lambda match: f"{match[1]}#{ids.get(match[2], match[2])}{match[3]}", svg)
        # what the chart library has drawn has its texts escaped already
        return _Figure(Markup(svg), alt)  # noqa: S704


def _warning(problem: Problem) -> str:
    """Return a warning whose file is named without its folder, which is nobody else's business."""
    return str(replace(problem, file=Path(problem.file).name))


def _price_marks(result: Result) -> list[str]:
    """Return what the bills leave out, by strategy, and whether they can be compared."""
    marks = [f"{strategy}: {bill.missing}" for strategy, bill in totals(result.costs).items() if bill.missing]
    note = comparison_note(result.costs)
    return [*marks, note] if note else marks


def _overview(result: Result) -> list[dict[str, Any]]:
    """Return the worst verdict on each application under any disruption, a row each, by strategy."""
    cells = {(row["application"], row["strategy"]): row for row in records(overview_rows(result))}
    return [
        {"application": name, "cells": [cells[name, strategy] for strategy in result.run["strategies"]]}
        for name in dict.fromkeys(name for name, _ in cells)
    ]


def _matrix(result: Result, scenario: Scenario, application: str) -> dict[str, Any]:
    """Return the verdicts on an application, by disruption and strategy."""
    verdicts = records(result.summary[result.summary["subject"] == application])
    cells = {(row["disruption"], row["strategy"]): row for row in verdicts}
    rows = []
    for disruption in result.run["disruptions"]:
        wanted = scenario.applications[application].objectives.under(disruption)
        row = [_cell(cells[disruption, strategy]) for strategy in result.run["strategies"]]
        # who is reached, and how often, is the same under every strategy
        cell = cells[disruption, result.run["strategies"][0]]
        reached = (
            []
            if cell["verdict"] == "unaffected"
            else [f"struck {plain_number(cell['struck_per_year'])} a year", reach_words(cell)]
        )
        rows.append({"disruption": disruption, "wanted": objectives_in_words(wanted), "reached": reached, "cells": row})
    return {"application": application, "rows": rows}


_SHARES = {**{name: f"p_meets_{key}" for key, name in OBJECTIVES.items()}, "all at once": "p_meets"}


def _cell(row: dict[str, Any]) -> dict[str, Any]:
    lines = [f"{name} {share(row, p)}" for name, p in _SHARES.items() if row[p] is not None]
    if row["p_unrecoverable"]:
        lines.append(f"not recovered {share(row, 'p_unrecoverable')}")
    if row["breaches_per_year"] is not None and row["verdict"] != "unaffected":
        lines.append(f"misses {misses(row)} a year")
    lines = [_unbroken(line) for line in lines]
    return {"verdict": row["verdict"], "text": f"{SIGNS[row['verdict']]} {plain_verdict(row)}", "lines": lines}


def _unbroken(text: str) -> str:
    """Return figures that no line breaks within: an interval, or a number and its unit."""
    return text.replace("–", "–\u2060").replace(" %", "\u00a0%")


def _exceedance(result: Result, scenario: Scenario, figures: _Figures) -> tuple[list[dict[str, Any]], str]:
    """Return the charts of how measures are distributed, and what was left out."""
    pairs = [(a, d) for a in scenario.applications for d in result.run["disruptions"]]
    groups = []
    for application, disruption in pairs[:MOST_GROUPS]:
        objectives = scenario.applications[application].objectives.under(disruption)
        charts = [
            figures.of(
                exceedance_chart(result, disruption, application, objectives, measure.column).properties(height=200),
                f"Probability that {measure.words} of {application} under {disruption} exceeds a value, by strategy, "
                "of the drills that reach it",
            )
            for measure in wanted([objectives])
        ]
        groups.append({"title": f"{application} under {disruption}", "charts": charts})
    rest = len(pairs) - MOST_GROUPS
    left_out = (
        f"{rest} more pairs of application and disruption are not drawn; the tables above have them."
        if rest > 0
        else ""
    )
    return groups, left_out


def _cost_charts(result: Result, scenario: Scenario, figures: _Figures) -> Iterator[_Figure]:
    yield figures.of(bill_chart(result).properties(title="Steady cost"), "Steady cost per month by strategy and line")
    words = "Steady bill and expected loss of a year by strategy and disruption"
    yield figures.of(year_chart(result).properties(title="A year with its disruptions"), words)
    for name in list(scenario.applications)[:MOST_BREAK_EVENS]:
        yearly = yearly_costs(result.costs, result.events, name)
        if len(yearly.strategies) > 1 and not all(year.losses_usd != year.losses_usd for year in yearly.strategies):
            words = f"Cost of a year by the cost of downtime of {name}, by strategy"
            yield figures.of(break_even_chart(yearly).properties(height=240), words)


def _cost_tables(result: Result, scenario: Scenario) -> Iterator[Table]:
    yield bill_overview(result)
    yield application_bills(result)
    yield resource_bills(result)
    bench = Bench(scenario, strategies=result.run["strategies"])
    growing = for_ever_table({strategy: bench.kept_for_ever(strategy) for strategy in bench.strategies})
    if growing is not None:
        yield growing
    yield year_table(result)
    yield loss_table(result)
    if len(result.run["strategies"]) > 1:
        for name in list(scenario.applications)[:MOST_BREAK_EVENS]:
            yield break_even_table(yearly_costs(result.costs, result.events, name))


def basis_table(scenario: Scenario, prices_as_of: str) -> Table:
    """Return on what the catalogue's values for the types of a scenario rest, and which of them are estimated.

    Args:
        scenario: it.
        prices_as_of: date of the newest price of its list.
    """
    catalogue = scenario.catalogue
    by_label: dict[str, tuple[ResourceType, list[str]]] = {}
    for name, subject in subjects(scenario).items():
        kind = catalogue.type_of(subject.resource)
        by_label.setdefault(kind.label, (kind, []))[1].append(name)
    columns = (Column("type"), Column("resources"), Column("values by basis"), Column("estimated"))
    rows = []
    for label, (kind, names) in by_label.items():
        leaves = [(key, leaf) for key, leaf in kind.leaves() if not key.startswith("options.")]
        counted = Counter(leaf.basis for _, leaf in leaves)
        estimated = [key for key, leaf in leaves if leaf.basis == "estimated"]
        by_basis = ", ".join(f"{n} {basis}" for basis, n in counted.most_common())
        rows.append((label, _some(names), by_basis, ", ".join(estimated) or "–"))
    notes = (
        f"Catalogue {catalogue.version}; list prices of {prices_as_of}. Overrides of the scenario come on top.",
        "Estimated values have their reasoning in the catalogue:  drsim catalogue TYPE",
    )
    return Table("Basis of the catalogue's values", columns, tuple(rows), notes)


def _some(words: Sequence[str]) -> str:
    return ", ".join(words) if len(words) <= 6 else f"{', '.join(words[:6])} and {len(words) - 6} more"


def _record(result: Result) -> list[tuple[str, str]]:
    """Return what else is needed to repeat a study."""
    run = result.run
    versions = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    return [
        ("seed", str(run["seed"])),
        ("drills", f"{run['drills']:,} per strategy and disruption, of each unit that it may strike"),
        ("percentiles", f"{', '.join(QUANTILES)} are computed; p50, p95 and p99 shown"),
        ("definitions", f"{run['definitions']}: shares and percentiles are of the drills that reach a subject"),
        ("clock", f"{run['clock']['used']}: {run['clock']['why']}"),
        ("catalogue", str(run["catalogue"])),
        ("prices", f"list {run['prices']['list']}, newest of {run['prices']['as_of']}"),
        ("versions", versions),
        ("scenario (SHA-256)", run["scenario_sha256"]),
    ]


def report_file(path: Path) -> File:
    """Return the file for a report, which takes the place of an earlier one.

    Raises:
        InputError: there is something that drsim has not written.
    """
    check_report(path)
    return File(path)


def check_report(path: Path) -> None:
    """Refuse a path at which there is something that drsim has not written.

    Raises:
        InputError: there is.
    """
    if not path.exists():
        return
    obstacle = "a directory" if path.is_dir() else "a file of another origin"
    if path.is_file():
        with path.open(encoding="utf-8", errors="replace") as file:
            if f'<meta name="generator" content="{_GENERATOR} ' in file.read(_HEAD):
                return
    rule, repair = "drsim replaces only what it has written itself", "name another file with --out"
    raise InputError((Problem(str(path), 0, "output-in-the-way", obstacle, rule, repair),))
