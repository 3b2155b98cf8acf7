"""Strategies side by side, as tables: by application, by dependent, and percentile by percentile."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from drsim.report.summary_words import misses, percentile_within, percentiles, share, verdict_words
from drsim.report.tables import Column, Table, records
from drsim.study.costs.totals import comparison_note, totals
from drsim.study.measures import OBJECTIVES, asked, objectives_asked
from drsim.study.results import Result
from drsim.study.verdicts import UNMET, rounded_up

_SELDOM = 0.1
"""The share of drills that is taken to reach a subject where none did."""

_SUBJECTS = (Column("disruption"), Column("application"), Column("strategy"))

_MONEY = Column("USD/month", numeric=True, rank=1)


def _measured_columns(rows: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Return the columns of what `_measured` yields of rows of the summary."""
    return (
        *(Column(f"{m.title} {p}", numeric=True, rank=rank) for m in asked(rows) for p, rank in _SHOWN.items()),
        *(Column(f"meets {OBJECTIVES[o]}", numeric=True, rank=2) for o in objectives_asked(rows)),
        Column("not recovered", numeric=True, rank=3),
        Column("misses/year", numeric=True, rank=4),
        Column("verdict"),
    )


_SHOWN = {"p50": 4, "p95": 0}
"""The percentiles of a comparison, with the ranks of their columns."""


def comparison(result: Result, source: str, applications: Sequence[str] = ()) -> Table:
    """Return the strategies side by side, for each disruption and application.

    Args:
        result: of a study.
        source: the scenario as the user names it, for the commands of the notes.
        applications: which ones; all where empty.
    """
    rows = records(result.summary[result.summary["level"] == "application"])
    rows = [row for row in rows if not applications or row["subject"] in applications]
    monthly = monthly_usd(result.costs)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["disruption"], row["subject"]), []).append(row)
    cells = [
        (*(key if k == 0 else ("", "")), row["strategy"], *measured, monthly[row["strategy"]])
        for key, group in groups.items()
        for k, (row, measured) in enumerate(zip(group, _measured(group, rows), strict=True))
    ]
    run = result.run
    title = f"{run['name']}: {run['drills']} drills per strategy and disruption, seed {run['seed']}, 95 % intervals"
    columns = (*_SUBJECTS, *_measured_columns(rows), _MONEY)
    return Table(title, columns, tuple(cells), (*_legend(result), *_next_steps(rows, source)), 2)


def dependency_table(result: Result, applications: Sequence[str] = ()) -> Table | None:
    """Return what happens to applications that go down with what they require; None where none does.

    Args:
        result: of a study.
        applications: which ones; all where empty.
    """
    dependents = records(result.dependencies)
    dependents = [row for row in dependents if not applications or row["subject"] in applications]
    if not dependents:
        return None
    columns = (*_SUBJECTS[:-1], Column("struck"), _SUBJECTS[-1], *_measured_columns(dependents))
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    order = list(dict.fromkeys(row["disruption"] for row in dependents))
    for row in sorted(dependents, key=lambda row: order.index(row["disruption"])):
        groups.setdefault((row["disruption"], row["subject"], row["struck"]), []).append(row)
    rows = [
        (*(key if k == 0 else ("", "", "")), row["strategy"], *measured)
        for key, group in groups.items()
        for k, (row, measured) in enumerate(zip(group, _measured(group, dependents), strict=True))
    ]
    return Table("Applications that go down with what they require", columns, tuple(rows), grouped=3)


def _measured(rows: Sequence[Mapping[str, Any]], all_rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of rows of the summary that stand beside each other, from data loss to verdict.

    Args:
        rows: that are compared.
        all_rows: all rows of the table, which say what is shown.
    """
    figures = [percentiles(rows, m.column, p) for m in asked(all_rows) for p in _SHOWN]
    shares = (*(f"p_meets_{objective}" for objective in objectives_asked(all_rows)), "p_unrecoverable")
    for row, cells in zip(rows, zip(*figures, strict=True), strict=True):
        chances = [share(row, name) for name in shares]
        yield (*cells, *chances, misses(row), verdict_words(row))


def percentile_table(result: Result, subject: str, disruption: str | None = None) -> Table:
    """Return the percentiles of a subject's measures with their intervals, by disruption and strategy.

    They are of all drills that reach the subject; an end of an interval that falls on one without recovery is a dash.

    Args:
        result: of a study.
        subject: `app` or `app.resource`.
        disruption: its name; all disruptions where None.
    """
    summary = records(result.summary[result.summary["subject"] == subject])
    figures = [(m, q) for m in asked(summary) for q in ("p50", "p95", "p99")]
    columns = [Column("disruption")] if disruption is None else []
    columns += [Column("strategy")]
    columns += [Column(f"{m.title} {q}", numeric=True, rank={"p50": 2, "p95": 0, "p99": 4}[q]) for m, q in figures]
    columns += [Column("not recovered", numeric=True, rank=3), Column("verdict", rank=1)]
    rows: list[tuple[str, ...]] = []
    for name in result.run["disruptions"] if disruption is None else [disruption]:
        heading: tuple[str, ...] = (name,) if disruption is None else ()
        for row in summary:
            if row["disruption"] == name:
                cells = [percentile_within(row, m, q) for m, q in figures]
                rows.append((*heading, row["strategy"], *cells, share(row, "p_unrecoverable"), verdict_words(row)))
                heading = tuple("" for _ in heading)
    title = subject if disruption is None else f"{subject} under {disruption}: percentiles with their 95 % intervals"
    return Table(title, tuple(columns), tuple(rows), grouped=disruption is None)


def monthly_usd(costs: pd.DataFrame) -> dict[str, str]:
    """Return the total cost per month of each strategy [USD], briefly: `from` what is known where prices are not."""
    return {name: total.brief for name, total in totals(costs).items()}


def _legend(result: Result) -> list[str]:
    """Return the lines that say how to read the comparison."""
    lines = [
        "Times and shares are of the drills that reach the application.",
        "Where the drill at a percentile did not recover, its state stands instead. A verdict on a resource names it.",
    ]
    shown = result.summary[result.summary["level"] == "application"]
    if "undecided" in {*shown["verdict"], *result.dependencies.get("verdict", ())}:
        lines.append("undecided (takes n): about n drills that reach the application decide, or the resource.")
    missing: dict[str, list[str]] = {}
    if any(bill.estimated_text and not bill.unpriced for bill in totals(result.costs).values()):
        lines.append("In brackets after a bill: what of it rests on estimates.")
    for strategy, bill in totals(result.costs).items():
        if bill.missing:
            missing.setdefault(bill.missing, []).append(strategy)
    lines += [f"{', '.join(names)}: prices are unknown, {which}" for which, names in missing.items()]
    note = comparison_note(result.costs)
    return [*lines, note] if note else lines


def _next_steps(rows: Sequence[Mapping[str, Any]], source: str) -> list[str]:
    """Return the lines that say what to do next, from the summary's rows of applications."""
    row = min(rows, key=lambda row: UNMET.index(row["verdict"]) if row["verdict"] in UNMET else len(UNMET))
    why = f"why {row['subject']} is {row['verdict']}" if row["verdict"] in UNMET else "one incident"
    words = ("--strategy", row["strategy"], "--disruption", row["disruption"])
    lines = [f"See {why}:  {shlex.join(('drsim', 'explain', source, *words))}"]
    if open_ := [row for row in rows if row["verdict"] == "undecided"]:
        drills = max(map(_drills_to_decide, open_))
        more = shlex.join(("drsim", "run", source, "--drills", str(drills)))
        lines.append(f"Decide what is undecided:  {more}")
    return lines


def _drills_to_decide(row: Mapping[str, Any]) -> int:
    """Return with how many drills about enough of them reach a subject to decide its verdict."""
    needed = row["drills_to_decide"]
    if needed is None:
        return int(10 * row["drills"])
    # where no drill reached it nobody knows how many do
    reached = row["affected"] / row["drills"] or _SELDOM
    return rounded_up(math.ceil(needed / reached))


def clock_notes(result: Result) -> tuple[str, ...]:
    """Return a line for each strategy and disruption that the vectorised clock did not take, with the reason."""
    return tuple(
        f"on the process clock: {exception['strategy']} under {exception['disruption']}: {exception['why']}"
        for exception in result.run["clock"]["on_process_clock"]
    )
