"""From incidents to the summary: one row per strategy, disruption and subject.

Times are rounded to 1e-6 s and probabilities to 1e-9, so that the table reads well and is the same as its file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.scenario import Application, ObjectiveSet
from drsim.study.statistics import percentiles, probability_interval, quantile_interval
from drsim.study.verdicts import verdict

Floats = NDArray[np.float64]

STATES = ("recovered", "unrecoverable", "unprotected", "unaffected")
"""What may become of a subject in a drill."""

QUANTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}

_STATISTICS = ("mean", *QUANTILES, "max")
_PROBABILITIES = ("p_meets_rpo", "p_meets_rto", "p_unrecoverable")
_MEASURES = ("data_loss_s", "downtime_s")
_FURTHER = ("full_performance_s", "skew_s")
_TIME_DIGITS = 6
_PROBABILITY_DIGITS = 9

READS = ("level", "subject", "state", *_MEASURES, *_FURTHER)
"""The columns of incidents that `summarise` reads."""

COLUMNS: tuple[str, ...] = (
    *("strategy", "disruption", "level", "subject", "drills", *STATES),
    *(f"{measure}_{statistic}" for measure in _MEASURES for statistic in _STATISTICS),
    *(f"{name}{end}" for name in _PROBABILITIES for end in ("", "_lo", "_hi")),
    "verdict",
    *(f"{measure}_{statistic}" for measure in _FURTHER for statistic in _STATISTICS),
    *(f"{measure}_{name}_{end}" for measure in _MEASURES for name in QUANTILES for end in ("lo", "hi")),
)
"""The columns of the summary, in order."""


def summarise(
    strategy: str, disruption: str, incidents: pd.DataFrame, applications: Mapping[str, Application]
) -> pd.DataFrame:
    """Return the summary of one strategy under one disruption.

    Args:
        strategy: name of the strategy.
        disruption: name of the disruption.
        incidents: its incidents, one row per drill and subject; of their columns `READS`.
        applications: the scenario's applications, whose objectives judge them and their resources.

    Returns:
        One row per subject, in the order in which the incidents name them, with `COLUMNS`.
    """
    rows = []
    subjects, of = codes(incidents["subject"])
    levels, level = codes(incidents["level"])
    states, state = codes(incidents["state"])
    # by subject, its drills in their order: a stable sort, which is by digits where numbers are short
    order = np.argsort(of.astype(np.uint16) if len(subjects) < 2**16 else of, kind="stable")
    starts = np.append(0, np.cumsum(np.bincount(of, minlength=len(subjects))))
    values = {name: incidents[name].to_numpy(dtype=np.float64)[order] for name in (*_MEASURES, *_FURTHER)}
    state = state[order]
    shown = [k for k in range(len(subjects)) if starts[k] < starts[k + 1]]
    for k in sorted(shown, key=lambda k: order[starts[k]]):
        own = slice(starts[k], starts[k + 1])
        wanted = applications[subjects[k].split(".", maxsplit=1)[0]].objectives.under(disruption)
        keys = {
            "strategy": strategy,
            "disruption": disruption,
            "level": levels[level[order[starts[k]]]],
            "subject": subjects[k],
        }
        is_state = {name: state[own] == states.index(name) for name in STATES if name in states}
        rows.append(keys | _row(is_state, {name: column[own] for name, column in values.items()}, wanted))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def codes(texts: pd.Series) -> tuple[list[str], NDArray[np.intp]]:
    """Return the words of a text column, and the place of each cell's word among them."""
    found = texts if isinstance(texts.dtype, pd.CategoricalDtype) else texts.astype("category")
    return [str(word) for word in found.cat.categories], found.cat.codes.to_numpy().astype(np.intp)


def _row(
    is_state: Mapping[str, NDArray[np.bool_]], values: Mapping[str, Floats], wanted: ObjectiveSet
) -> dict[str, object]:
    """Return counts, statistics, probabilities and verdict of one subject.

    Args:
        is_state: (drills,) which drills ended so, by state; none where a state is left out.
        values: (drills,) by measure [s].
        wanted: the objectives in force.
    """
    drills = len(values["downtime_s"])
    none = np.zeros(drills, dtype=np.bool_)
    recovered, unaffected = is_state.get("recovered", none), is_state.get("unaffected", none)
    counts = {name: int(np.count_nonzero(is_state.get(name, none))) for name in STATES}
    row: dict[str, object] = {"drills": drills, **counts}
    for name, column in values.items():
        sample = np.sort(column[recovered & ~np.isnan(column)])
        row |= _statistics(name, sample)
        if name in _MEASURES:
            row |= _quantile_intervals(name, sample)

    intervals = []
    for name, limit, column in (
        ("p_meets_rpo", wanted.rpo, values["data_loss_s"]),
        ("p_meets_rto", wanted.rto, values["downtime_s"]),
    ):
        if limit is None:
            row |= dict.fromkeys((name, f"{name}_lo", f"{name}_hi"), math.nan)
        else:
            # a recovered subject without a loss figure has no data to lose
            hits = int((unaffected | (recovered & ~(column > limit))).sum())
            intervals.append(_interval(hits, drills))
            row |= _probability(name, hits, drills)
    row |= _probability("p_unrecoverable", counts["unrecoverable"], drills)
    row["verdict"] = verdict(
        1.0 if wanted.attainment is None else wanted.attainment,
        drills=drills,
        unaffected=counts["unaffected"],
        unprotected=counts["unprotected"],
        unrecoverable=counts["unrecoverable"],
        intervals=intervals,
    )
    return row


def _statistics(name: str, sample: Floats) -> dict[str, float]:
    """Return mean, percentiles (linear interpolation) and maximum of a sorted sample; NaN where it is empty."""
    if not sample.size:
        return {f"{name}_{statistic}": math.nan for statistic in _STATISTICS}
    found = [sample.mean(), *percentiles(sample, list(QUANTILES.values())), sample[-1]]
    return {f"{name}_{s}": round(float(v), _TIME_DIGITS) for s, v in zip(_STATISTICS, found, strict=True)}


def _quantile_intervals(name: str, sample: Floats) -> dict[str, float]:
    """Return the distribution-free 95 % interval of each percentile; NaN where the sample cannot bound it."""
    row = {}
    for label, q in QUANTILES.items():
        for end, value in zip(("lo", "hi"), quantile_interval(sample, q), strict=True):
            row[f"{name}_{label}_{end}"] = math.nan if value is None else round(value, _TIME_DIGITS)
    return row


@lru_cache(maxsize=4096)
def _interval(hits: int, drills: int) -> tuple[float, float]:
    """Return the 95 % interval of a probability seen in `hits` of `drills`, as plain floats."""
    low, high = probability_interval(hits, drills)
    return float(low), float(high)


def _probability(name: str, hits: int, drills: int) -> dict[str, float]:
    """Return an estimated probability with its interval."""
    found = (hits / drills, *_interval(hits, drills))
    return {
        f"{name}{end}": round(value, _PROBABILITY_DIGITS) for end, value in zip(("", "_lo", "_hi"), found, strict=True)
    }


def drill_at(
    incidents: pd.DataFrame, quantile: float, *, measure: str = "downtime_s", subject: str | None = None
) -> int:
    """Return the number of the drill whose downtime or data loss has rank `quantile` among all drills.

    A drill counts with its application that is down longest, or with a subject of choice; drills that end without
    recovery rank last. Equals rank by drill number. Unaffected drills rank first, but where a subject is chosen they
    are left out, as they are from its percentiles: only where none was affected they are ranked.

    Args:
        incidents: those of one strategy under one disruption.
        quantile: 0 (least) to 1 (most).
        measure: `downtime_s` or `data_loss_s`.
        subject: `app` or `app.resource`; None for the worst of all applications.
    """
    ranked = ranking(incidents, measure, subject)
    return ranked[round(quantile * (len(ranked) - 1))] if subject is None else drill_of_rank(ranked, quantile)


def drill_of_rank(ranked: Sequence[int], quantile: float) -> int:
    """Return the drill at a percentile of those in order, which reaches for the next one between two ranks."""
    return ranked[math.ceil(quantile * (len(ranked) - 1) - 1e-9)]


def ranking(incidents: pd.DataFrame, measure: str = "downtime_s", subject: str | None = None) -> tuple[int, ...]:
    """Return the numbers of drills, least downtime or data loss first; arguments and order as for `drill_at`."""
    wanted = incidents["level"] == "application" if subject is None else incidents["subject"] == subject
    rows = incidents[wanted.to_numpy()]
    state = rows["state"].to_numpy(dtype=object)
    if subject is not None and (state != "unaffected").any():
        rows, state = rows[state != "unaffected"], state[state != "unaffected"]
    # a recovered subject without a loss figure has no data to lose
    value = np.nan_to_num(rows[measure].to_numpy(dtype=np.float64), nan=0.0)
    value[state == "unrecoverable"] = np.finfo(np.float64).max
    value[state == "unprotected"] = np.inf
    value[state == "unaffected"] = -np.inf
    worst = pd.Series(value).groupby(rows["drill"].to_numpy()).max().sort_values(kind="stable")
    return tuple(int(drill) for drill in worst.index)
