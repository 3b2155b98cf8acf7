"""From incidents to the summary: one row per strategy, disruption and subject.

Every share and every percentile is of the drills that reached the subject, and those without recovery rank last: so no
figure depends on what else the scenario holds.
Times are rounded to 1e-6 s, sizes to 1e-6 bytes and probabilities to 1e-9, so that the table reads well and is the same
as its file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.exposure import Exposure
from drsim.engine.incidents import AFFECTED_STATES
from drsim.errors import InputError, Problem
from drsim.scenario import Application, ObjectiveSet
from drsim.scenario.model import Resource
from drsim.scenario.subjects import application_of
from drsim.study.affected import SKEW, Affected, Incidents
from drsim.study.dealing import Rows, dependent
from drsim.study.measures import DOWNTIME, FULL_PERFORMANCE, LOSS, MEASURES, OBJECTIVES, Measure, judged_by
from drsim.study.numbers import in_range
from drsim.study.statistics import neighbours, percentiles, quantile_interval
from drsim.study.verdicts import drills_to_decide, interval, verdict, worst

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Row = dict[str, Any]

QUANTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}

_STATISTICS = ("mean", *QUANTILES, "max")
_FIRST = (LOSS.column, DOWNTIME.column)
_JUDGED = {**{f"_{objective}": judged_by(objective) for objective in OBJECTIVES}, "": MEASURES}
"""The measures whose objectives are to be met at once, by the end of the columns' names."""

_DIGITS = 6
_PROBABILITY_DIGITS = 9


def _statistics_of(*columns: str) -> tuple[str, ...]:
    return tuple(f"{column}_{statistic}" for column in columns for statistic in _STATISTICS)


def _ends_of(*columns: str) -> tuple[str, ...]:
    return tuple(f"{column}_{name}_{end}" for column in columns for name in QUANTILES for end in ("lo", "hi"))


def _columns_of(m: Measure) -> tuple[str, ...]:
    judged = (f"p_meets_{m.objective}{end}" for end in ("", "_lo", "_hi"))
    return (*_statistics_of(m.column), *judged, m.limit, f"verdict_{m.objective}", *_ends_of(m.column))


_BEFORE: tuple[str, ...] = (
    *("strategy", "disruption", "level", "subject", "drills", *AFFECTED_STATES, "unaffected"),
    *_statistics_of(*_FIRST),
    *(f"{name}{end}" for name in ("p_meets_rpo", "p_meets_rto", "p_unrecoverable") for end in ("", "_lo", "_hi")),
    "verdict",
    *_statistics_of(FULL_PERFORMANCE.column, SKEW),
    *_ends_of(*_FIRST),
    *("verdict_rpo", "verdict_rto", "drills_to_decide"),
    *("affected", "p_meets", "p_meets_lo", "p_meets_hi", "rpo_s", "rto_s", "attainment"),
    *("struck_per_year", "breaches_per_year", "verdict_of"),
)

COLUMNS: tuple[str, ...] = tuple(dict.fromkeys((*_BEFORE, *(name for m in MEASURES for name in _columns_of(m)))))
"""The columns of the summary, in order; what is new comes last."""

DEPENDENCY_COLUMNS: tuple[str, ...] = (*COLUMNS[:4], "struck", *COLUMNS[4:])
"""The columns of the table of dependents, in order."""


def summarise(
    strategy: str,
    disruption: str,
    affected: Affected,
    applications: Mapping[str, Application],
    drills: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the summary of one strategy under one disruption, and that of what goes down with what it requires.

    Args:
        strategy: name of the strategy.
        disruption: name of the disruption.
        affected: its incidents.
        applications: those to sum up, whose objectives judge them and their resources.
        drills: of each unit that the disruption strikes.

    Returns:
        One row per application and resource, in the scenario's order, with `COLUMNS`; and one row per dependent
        application and struck unit in which it does not stand, with `DEPENDENCY_COLUMNS`.
    """
    exposure = affected.exposure
    common: Row = {"strategy": strategy, "disruption": disruption}
    rows: list[Row] = []
    for name, application in applications.items():
        wanted = application.objectives.under(disruption)
        subjects = (name, *_names(name, application.resources))
        rows_of_it = [
            _row(subject, affected.of_subject(subject), wanted, drills, exposure.struck_per_year.get(subject))
            for subject in subjects
        ]
        if exposure.by_resource:
            rows_of_it[0] |= _over_resources(affected, rows_of_it[0], rows_of_it[1:], wanted)
        rows += [common | row for row in rows_of_it]
    dependents = [
        common
        | {"struck": unit}
        | _row(name, affected.of_unit(name, unit), applications[name].objectives.under(disruption), drills, rate)
        for (name, unit), rate in exposure.dependents.items()
        if name in applications
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)), pd.DataFrame(dependents, columns=list(DEPENDENCY_COLUMNS))


def _names(prefix: str, resources: Mapping[str, Resource]) -> Iterator[str]:
    """Yield the names of resources in the order written, stacks before what is nested in them."""
    for key, resource in resources.items():
        yield f"{prefix}.{key}"
        yield from _names(f"{prefix}.{key}", resource.nested)


def _row(subject: str, affected: Incidents, wanted: ObjectiveSet, drills: int, per_year: float | None) -> Row:
    """Return counts, statistics, probabilities and verdict of one subject.

    Args:
        subject: `app` or `app.resource`.
        affected: the drills that reached it.
        wanted: the objectives in force.
        drills: how many could have.
        per_year: how often it is struck [1/year]; None where by structure nothing reaches it.
    """
    n = len(affected.state)
    counts = np.bincount(affected.state, minlength=len(AFFECTED_STATES)).tolist()
    lost = n - counts[0]
    row: Row = {"level": "application" if subject == application_of(subject) else "resource", "subject": subject}
    row |= {
        "drills": drills,
        **dict(zip(AFFECTED_STATES, counts, strict=True)),
        "unaffected": drills - n,
        "affected": n,
    }
    for name, column in affected.figures.items():
        row |= _statistics(name, column[affected.state == 0], lost)
    row |= _probability("p_unrecoverable", lost, n)
    attainment = 1.0 if wanted.attainment is None else wanted.attainment
    for end, measures in _JUDGED.items():
        met = affected.hits(wanted, measures)
        row |= _probability(f"p_meets{end}", met, n)
        row[f"verdict{end}"] = (
            "unaffected"
            if per_year is None
            else verdict(attainment, affected=n, unprotected=counts[2], lost=lost, hits=met)
        )
    struck = 0.0 if per_year is None else per_year
    hits = affected.hits(wanted)
    undecided = row["verdict"] == "undecided"
    needed = drills_to_decide(attainment, n, hits or 0) if undecided else None
    return row | {
        "drills_to_decide": math.nan if needed is None else needed,
        **{m.limit: math.nan if (limit := getattr(wanted, m.limit)) is None else limit for m in MEASURES},
        "attainment": math.nan if hits is None else attainment,
        "struck_per_year": struck,
        "breaches_per_year": _breaches(struck, hits, n),
        "verdict_of": subject,
    }


def _breaches(per_year: float, hits: int | None, affected: int) -> float:
    """Return how often objectives are missed [1/year]; NaN where there is none, or no drill tells."""
    if hits is None or (per_year and not affected):
        return math.nan
    return per_year * (affected - hits) / affected if per_year else 0.0


def _over_resources(log: Affected, application: Row, resources: Sequence[Row], wanted: ObjectiveSet) -> Row:
    """Return the cells of an application that follow from all drills of its resources, of which it has some only.

    Args:
        log: the incidents.
        application: the application's row.
        resources: the rows of its resources.
        wanted: the objectives in force.
    """
    cells: Row = {}
    struck = [(row, log.of_unit(application["subject"], row["subject"])) for row in resources if row["struck_per_year"]]
    breaches = [
        _breaches(row["struck_per_year"], affected.hits(wanted), len(affected.state)) for row, affected in struck
    ]
    if breaches:
        cells["breaches_per_year"] = math.fsum(breaches)
    # of equals the first by name, so that none's place in the file matters
    by_name = sorted(resources, key=lambda row: str(row["subject"]))
    for end in _JUDGED:
        column = f"verdict{end}"
        cells[column], decisive = worst((row[column], row["subject"]) for row in (application, *by_name))
        if not end:
            cells["verdict_of"] = decisive
            cells["drills_to_decide"] = next(
                row["drills_to_decide"] for row in (application, *resources) if row["subject"] == decisive
            )
    return cells


def _statistics(name: str, figures: Floats, lost: int) -> dict[str, float]:
    """Return mean and maximum of a measure where it recovered, and percentiles of all drills with their intervals.

    Args:
        name: of the measure.
        figures: (n,) of the drills that recovered [s or bytes]; NaN where nothing was there to measure.
        lost: how many did not recover.
    """
    # what had nothing to lose lost nothing, but where that is all there is, there is no figure
    sample = np.sort(np.nan_to_num(figures, nan=0.0)) if not np.isnan(figures).all() else np.zeros(0)
    cells = {f"{name}_{statistic}": math.nan for statistic in _STATISTICS}
    intervals = {f"{name}_{label}_{end}": math.nan for label in QUANTILES for end in ("lo", "hi")}
    if sample.size:
        values = [sample.mean(), *percentiles(sample, list(QUANTILES.values()), lost), sample[-1]]
        cells = dict(zip(cells, (float(value) for value in values), strict=True))
        ends = [end for q in QUANTILES.values() for end in quantile_interval(sample, q, beyond=lost)]
        intervals = {key: math.nan if end is None else end for key, end in zip(intervals, ends, strict=True)}
    return {key: round(value, _DIGITS) for key, value in (cells | intervals).items()}


def _probability(name: str, hits: int | None, affected: int) -> dict[str, float]:
    """Return an estimated probability with its interval; NaN where nothing is asked, or no drill tells."""
    figures = (math.nan,) * 3 if hits is None or not affected else (hits / affected, *interval(hits, affected))
    cells = zip(("", "_lo", "_hi"), figures, strict=True)
    return {f"{name}{end}": round(value, _PROBABILITY_DIGITS) for end, value in cells}


def state_at(row: Mapping[str, Any], quantile: str) -> str:
    """Return the state of the drill at a percentile: of two neighbours of its rank, that of the upper one.

    Args:
        row: of the summary.
        quantile: `p50`, `p90`, `p95` or `p99`.

    Returns:
        `recovered`, `unrecoverable`, `unprotected`, or `unaffected` where no drill reached the subject.
    """
    counts = np.cumsum([int(row[state]) for state in AFFECTED_STATES])
    if not counts[-1]:
        return "unaffected"
    _, upper, _ = neighbours(int(counts[-1]), QUANTILES[quantile])
    return AFFECTED_STATES[int(np.searchsorted(counts, upper, side="right"))]


def drill_at(
    incidents: pd.DataFrame,
    exposure: Exposure,
    quantile: float,
    *,
    measure: str = DOWNTIME.column,
    subject: str | None = None,
) -> int:
    """Return the number of the drill whose downtime or data loss has rank `quantile` among those that reach a subject.

    Where none is chosen a drill counts with its application that is down longest. Drills that end without recovery rank
    last, equals by drill number.

    Args:
        incidents: those of one strategy under one disruption.
        exposure: to that.
        quantile: 0 (least) to 1 (most).
        measure: a column of the log, of one of `drsim.study.measures`.
        subject: `app` or `app.resource`; None for the worst of all applications.

    Raises:
        InputError: no drill reaches it, or the quantile is out of range.
    """
    ranked = ranking(incidents, exposure, measure, subject)
    if not ranked:
        asked, rule = subject or "all applications", "no drill reaches it"
        raise InputError((Problem("", 0, "not-reached", asked, rule, "choose another subject, or more drills"),))
    return drill_of_rank(ranked, quantile)


def drill_of_rank(ranked: Sequence[int], quantile: float) -> int:
    """Return the drill at a percentile of those in order, which reaches for the next one between two ranks.

    Raises:
        InputError: the quantile is out of range.
    """
    in_range(quantile=quantile)
    return ranked[neighbours(len(ranked), quantile)[1]]


def ranking(
    incidents: pd.DataFrame, exposure: Exposure, measure: str = DOWNTIME.column, subject: str | None = None
) -> tuple[int, ...]:
    """Return the numbers of drills, least downtime or data loss first; arguments and order as for `drill_at`.

    Drills in which only what a chosen application requires was struck are left out, as they are from its percentiles.
    """
    if subject is None:
        rows = incidents[(incidents["level"] == "application").to_numpy()]
    else:
        rows = incidents[(incidents["subject"] == subject).to_numpy() & ~dependent(Rows.of(incidents), exposure)]
    worst_of = pd.Series(_ranks(rows, measure)).groupby(rows["drill"].to_numpy()).max().sort_values(kind="stable")
    return tuple(int(drill) for drill in worst_of.index)


def worst_application(incidents: pd.DataFrame, drill: int, measure: str = DOWNTIME.column) -> tuple[str, str]:
    """Return the application that fares worst in the drills of a number, and what was struck; the first of equals.

    Args:
        incidents: those of one strategy under one disruption, some of that drill among them.
        drill: its number.
        measure: as for `drill_at`.
    """
    rows = incidents[((incidents["level"] == "application") & (incidents["drill"] == drill)).to_numpy()]
    worst_row = rows.iloc[int(np.argmax(_ranks(rows, measure)))]
    return str(worst_row["subject"]), str(worst_row["struck"])


def _ranks(rows: pd.DataFrame, measure: str) -> Floats:
    """Return by what rows are ranked, (n,): those without recovery last."""
    state = rows["state"].to_numpy(dtype=object)
    # a recovered subject without a loss figure has no data to lose
    value: Floats = np.nan_to_num(rows[measure].to_numpy(dtype=np.float64), nan=0.0)
    value[state == "unrecoverable"] = np.finfo(np.float64).max
    value[state == "unprotected"] = np.inf
    return value
