"""Lifetimes as tables: what a year brings, how often, and how that agrees with drills and rates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drsim.report.summary_words import plain_number
from drsim.report.tables import Column, Table, records
from drsim.study.lifetimes import PERCENTILES, LifetimeResult
from drsim.units import common_unit, format_durations, format_uncertain, format_within

_FIGURES = {"downtime_s_per_year": "downtime", "data_loss_s_per_year": "data loss", "usd_per_year": "cost [USD]"}
"""What is told of a year, in words."""

_FAR = 3
"""Standard errors beyond which two figures that should agree do not."""

_RANKS = {50: 1, 90: 2, 95: 0, 99: 1}


def lifetime_tables(result: LifetimeResult, title: str) -> tuple[Table, ...]:
    """Return the tables of lifetimes: a year, how often, and the comparison with drills and rates.

    Args:
        result: of `run_lifetimes`.
        title: of the first table, with what they are of.
    """
    rows = records(result.summary)
    return _years(rows, title), _often(rows), _compared(records(result.comparison))


def _by_application(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield each application with its rows, one a strategy."""
    for name in dict.fromkeys(row["application"] for row in rows):
        yield name, [row for row in rows if row["application"] == name]


def _years(rows: Sequence[Mapping[str, Any]], title: str) -> Table:
    """Return what a year brings, by application, figure and strategy."""
    columns = (
        Column("application"),
        Column("in a year"),
        Column("strategy"),
        Column("mean", numeric=True),
        Column("standard error", numeric=True, rank=2),
        *(Column(f"p{q}", numeric=True, rank=_RANKS[q]) for q in PERCENTILES),
    )
    cells: list[tuple[str, ...]] = []
    for name, by_strategy in _by_application(rows):
        for figure, words in _FIGURES.items():
            for k, row in enumerate(by_strategy):
                heading = (name, words) if k == 0 else ("", "")
                cells.append((*heading, row["strategy"], *_distribution(row, figure)))
    notes = (
        "pN: N of 100 years stay below it; a year without an incident counts as 0, one with a loss for good is last.",
        "A year's figures are sums over its incidents; a loss for good has no downtime and no data loss, but a cost.",
    )
    return Table(title, columns, tuple(cells), notes, 2)


def _distribution(row: Mapping[str, Any], figure: str) -> tuple[str, ...]:
    """Return mean, standard error and percentiles of a figure in a year, all in units that compare."""
    mean, se = row[f"{figure}_mean"], row[f"{figure}_se"]
    percentiles = [row[f"{figure}_p{q}"] for q in PERCENTILES]
    if mean is None:
        return ("unpriced", *("–" for _ in (se, *percentiles)))
    if figure.startswith("usd"):
        return tuple("–" if value is None else f"{value:,.0f}" for value in (mean, se, *percentiles))
    known = iter(format_durations([value for value in percentiles if value is not None]))
    return (*format_within(mean, se), *("lost" if value is None else next(known) for value in percentiles))


def _often(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return how often applications are struck and lose their data for good."""
    columns = (
        Column("application"),
        Column("strategy"),
        Column("incidents a year", numeric=True),
        Column("struck again while down", numeric=True, rank=1),
        Column("lost for good a year", numeric=True, rank=1),
        Column("years with such a loss", numeric=True),
    )
    cells = [
        (
            name if k == 0 else "",
            row["strategy"],
            plain_number(row["incidents_per_year"]),
            f"{row['restarts']:,.0f}",
            plain_number(row["unrecoverable_per_year"]),
            f"{plain_number(100 * row['p_unrecoverable_in_a_year'])} %",
        )
        for name, by_strategy in _by_application(rows)
        for k, row in enumerate(by_strategy)
    ]
    years = f"{int(rows[0]['run_years']):,} years" if rows else "no years"
    return Table(f"How often, over {years} of each strategy", columns, tuple(cells), grouped=1)


def _compared(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return yearly means by lifetimes beside those by drills and rates."""
    columns = (
        Column("application"),
        Column("in a year"),
        Column("strategy"),
        Column("mean of lifetimes", numeric=True),
        Column("by drills and rates", numeric=True),
        Column("apart", numeric=True),
    )
    cells: list[tuple[str, ...]] = []
    for name, by_strategy in _by_application(rows):
        for figure, words in _FIGURES.items():
            of_figure = [row for row in by_strategy if row["figure"] == figure]
            for k, row in enumerate(of_figure):
                heading = (name, words) if k == 0 else ("", "")
                cells.append((*heading, row["strategy"], *_both(row), _apart(row)))
    error = "±: standard error; of lifetimes the larger of what their years show and what drills expect of so many."
    apart = f"apart: by how many standard errors, both together; what agrees is hardly ever beyond {_FAR}."
    notes = (
        error,
        f"{apart} {_agreement(rows)}",
        "Drills strike what is whole; lifetimes strike again what is still down.",
    )
    return Table("The same by drills and rates", columns, tuple(cells), notes, 2)


_TOO_FEW = "few"
"""What stands instead of a distance that tells nothing."""


def _is_far(row: Mapping[str, Any]) -> bool:
    """Return whether lifetimes and drills do not agree."""
    return bool(abs(row["standard_errors_apart"] or 0.0) > _FAR)


def _is_too_few(row: Mapping[str, Any]) -> bool:
    """Return whether the years are too few to compare: nothing at all would not be far from what drills say, either."""
    if _is_far(row):
        return False
    if row["standard_errors_apart"] is None:
        # both are the same without any scatter, or the scatter is unknown
        return bool(row["lifetimes_mean"] != row["drills_mean"])
    return bool(_FAR * math.hypot(_error(row), row["drills_se"] or 0.0) >= row["drills_mean"])


def _error(row: Mapping[str, Any]) -> float:
    """Return the standard error of the mean of lifetimes that counts; not a number where it is unknown."""
    return max(
        (row[name] for name in ("lifetimes_se", "lifetimes_expected_se") if row[name] is not None), default=math.nan
    )


def _apart(row: Mapping[str, Any]) -> str:
    """Return how far lifetimes and drills are apart."""
    if _is_too_few(row):
        return _TOO_FEW
    apart = row["standard_errors_apart"]
    return "–" if apart is None else f"{round(apart, 1) + 0.0:+.1f}"


def _agreement(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many of the means agree, in words."""
    far, few = sum(map(_is_far, rows)), sum(map(_is_too_few, rows))
    agree = len(rows) - far - few
    if agree == len(rows):
        return "All agree."
    clauses = [f"{agree} of {len(rows)} agree"] if agree else []
    clauses += [f"{far} of {len(rows)} do not"] if far else []
    clauses += [f"{few} of {len(rows)} rest on too little to tell"] if few else []
    why = f" few: too few years (--runs) or drills to compare; a mean of 0 would be within {_FAR}, too." if few else ""
    return f"{', '.join(clauses)}.{why}"


def _both(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the means of lifetimes and of drills, each with its standard error, in one unit."""
    mean, drilled = row["lifetimes_mean"], row["drills_mean"]
    if mean is None or drilled is None:
        return "–", "–"
    error, drilled_error = _error(row), row["drills_se"]
    if row["figure"].startswith("usd"):
        return format_uncertain(mean, error), format_uncertain(drilled, drilled_error)
    unit = common_unit(drilled, mean, error, drilled_error or 0.0)
    return format_uncertain(mean, error, unit), format_uncertain(drilled, drilled_error, unit)
