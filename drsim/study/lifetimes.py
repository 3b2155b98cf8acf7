"""Lifetimes: yearly downtime, data loss and cost, and how they agree with what drills and rates say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.exposure import Exposure
from drsim.scenario import Application, Scenario
from drsim.study.bench import Bench
from drsim.study.effort import MOST_S, of_drills, of_lives, of_plans, refuse
from drsim.study.guard import MOMENTS, check_tables
from drsim.study.heartbeat import working_on
from drsim.study.numbers import in_range
from drsim.study.pieces import CHUNK, Lives, Pair, Piece
from drsim.study.work import usual_workers
from drsim.units import YEAR_S

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_LIVES = 25
"""Lives that a worker runs at a time."""
_DRILLS = 2000
"""Drills that the vectorised clock runs at a time."""

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True)
class LifetimeResult:
    """What lifetimes tell.

    Attributes:
        incidents: one row an incident and affected application.
        summary: per strategy and application, the distribution over run-years of downtime [s], data loss [s] and cost
            [USD], and the incidents and the years in which data were lost for good.
        comparison: yearly means beside those that drills and rates give, with standard errors, that of lifetimes which
            drills and rates let expect of so many years (few lives may have missed what is rare), and the distance of
            both in standard errors, for which the larger one of lifetimes counts.
    """

    incidents: pd.DataFrame
    summary: pd.DataFrame
    comparison: pd.DataFrame


def run_lifetimes(
    scenario: Scenario,
    years: int,
    runs: int,
    strategies: Sequence[str] | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    max_seconds: float = MOST_S,
    force: bool = False,
) -> LifetimeResult:
    """Return what happens over `runs` lives of `years` years under each strategy.

    Args:
        scenario: what to study; its `drills` are those of the comparison.
        years: length of a life.
        runs: lives per strategy.
        strategies: names; all if left out.
        workers: processes; two, or one on a machine with one core, if left out.
        progress: called with the lives done and the lives to do.
        max_seconds: what would take one processor longer, about, is refused [s].
        force: begin whatever it takes, memory too.

    Raises:
        InputError: a strategy that is not in the scenario, a number out of range, figures that cannot be; more work
            than is begun unasked, with what to change.
    """
    in_range(years=years, runs=runs, workers=workers, max_seconds=max_seconds)
    bench = Bench(scenario, strategies=strategies)
    lived = Bench(scenario, strategies=strategies, horizon_s=years * YEAR_S)
    refuse(of_plans(scenario, bench.strategies, years * YEAR_S), max_seconds, force=force)
    number = workers or usual_workers()
    effort = of_lives(scenario, lived.worlds, years, runs, number)
    drills = of_drills(scenario, bench.worlds, bench.disruptions, scenario.drills, number)
    refuse(effort.then(drills), max_seconds, force=force)
    pieces = [
        Lives(strategy, first, min(first + _LIVES, runs), years)
        for strategy in lived.strategies
        for first in range(0, runs, _LIVES)
    ]
    incidents = _incidents(lived, pieces, number, progress)
    summary = _summary(scenario, bench.strategies, incidents, years, runs)
    check_tables({"summary": summary, "incidents": incidents.drop(columns=list(MOMENTS), errors="ignore")})
    return LifetimeResult(incidents, summary, _comparison(bench, summary, workers))


def _incidents(
    bench: Bench, pieces: Sequence[Lives], workers: int, progress: Callable[[int, int], None] | None
) -> pd.DataFrame:
    """Return the incidents of pieces of lives, each with the name of its strategy."""
    frames: list[pd.DataFrame] = []
    done, total = 0, sum(piece.last - piece.first for piece in pieces)
    with closing(bench.lives(pieces, workers)) as logs:
        for piece in pieces:
            working_on(str(piece))
            frames.append(next(logs).assign(strategy=piece.strategy))
            done += piece.last - piece.first
            if progress:
                progress(done, total)
    incidents = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    incidents.insert(0, "strategy", incidents.pop("strategy"))
    return incidents


def _yearly(incidents: pd.DataFrame, column: str, years: int, runs: int) -> Floats:
    """Return the sum of a column in each run-year, shape (runs × years,)."""
    totals = np.zeros(runs * years)
    at = incidents["run"].to_numpy(dtype=np.int64) * years + incidents["year"].to_numpy(dtype=np.int64)
    np.add.at(totals, at, incidents[column].fillna(0.0).to_numpy(dtype=np.float64))
    return totals


def _summary(scenario: Scenario, chosen: Sequence[str], incidents: pd.DataFrame, years: int, runs: int) -> pd.DataFrame:
    rows = []
    for strategy in chosen:
        for name, application in scenario.applications.items():
            of_both = incidents[(incidents["strategy"] == strategy) & (incidents["application"] == name)]
            is_lost = (of_both["state"] != "recovered").astype(float)
            log = of_both.assign(gone=is_lost, usd=_usd(application, of_both))
            lost_for_good = _yearly(log, "gone", years, runs)
            row: dict[str, object] = {
                "strategy": strategy,
                "application": name,
                "run_years": runs * years,
                "incidents_per_year": len(log) / (runs * years),
                "restarts": int(log["restarts"].sum()),
            }
            for what in ("downtime_s", "data_loss_s"):
                row |= _distribution(f"{what}_per_year", _yearly(log, what, years, runs), lost_for_good > 0)
            row["unrecoverable_per_year"] = lost_for_good.mean()
            row["p_unrecoverable_in_a_year"] = (lost_for_good > 0).mean()
            usd = _yearly(log, "usd", years, runs)
            is_priced = application.unrecoverable_cost is not None
            no_year = np.zeros(len(usd), dtype=bool)
            row |= _distribution("usd_per_year", usd if is_priced else np.full_like(usd, math.nan), no_year)
            rows.append(row)
    return pd.DataFrame(rows)


def _distribution(what: str, values: Floats, is_lost: Bools) -> dict[str, float]:
    """Return mean, standard error and percentiles of a figure over run-years.

    Args:
        what: its name.
        values: (n,) of each year.
        is_lost: (n,) whether there is none, something being lost for good: such years rank last, and a percentile that
            rests on one is nan. The mean is of what there is.
    """
    ranked = np.where(is_lost, np.inf, values)
    with np.errstate(invalid="ignore"):  # between two of them
        percentiles = {q: float(np.percentile(ranked, q)) for q in PERCENTILES}
    se = values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    row = {f"{what}_mean": float(values.mean()), f"{what}_se": float(se)}
    return row | {f"{what}_p{q}": p if math.isfinite(p) else math.nan for q, p in percentiles.items()}


def _usd(application: Application, incidents: pd.DataFrame) -> Floats:
    """Return what each incident costs [USD], (n,); nan where losing everything has no price."""
    cost = application.unrecoverable_cost
    down, loss, lost_after, rebuild = (
        incidents[name].fillna(0.0).to_numpy(dtype=np.float64)
        for name in ("downtime_s", "data_loss_s", "lost_after_s", "rebuild_s")
    )
    is_lost = (incidents["state"] != "recovered").to_numpy()
    # an incident without recovery has no downtime, and one with recovery no rebuild
    hours = (np.where(is_lost, lost_after + rebuild, down)) * (application.downtime_cost or 0.0)
    return np.asarray(
        hours + loss * (application.data_loss_cost or 0.0) + np.where(is_lost, math.nan if cost is None else cost, 0.0)
    )


@dataclass
class _Drilled:
    """What drills and rates say of an application's years.

    Attributes:
        mean: rate times mean over the drills of each unit, summed [per year].
        variance: of that estimate.
        yearly_variance: of the figure of a year: that of a compound Poisson sum.
    """

    mean: float = 0.0
    variance: float = 0.0
    yearly_variance: float = 0.0

    def add(self, rate: float, values: Floats) -> None:
        """Add what the drills of a unit say that strikes so often [1/year]."""
        self.mean += rate * float(values.mean())
        self.yearly_variance += rate * float(np.mean(values**2))
        self.variance += rate**2 * float(values.var(ddof=1)) / len(values) if len(values) > 1 else math.nan


_FIGURES = ("downtime_s_per_year", "data_loss_s_per_year", "usd_per_year")


def _comparison(bench: Bench, summary: pd.DataFrame, workers: int | None) -> pd.DataFrame:
    """Return yearly means by lifetimes, and by drills of every unit and how often it strikes."""
    rows = []
    for (strategy, name, figure), drilled in _by_drills(bench, workers).items():
        lived = summary[(summary["strategy"] == strategy) & (summary["application"] == name)].iloc[0]
        # few lives may have missed what is rare, and their own scatter then says too little, that of one year nothing
        expected_se = math.sqrt(drilled.yearly_variance / lived["run_years"])
        se = math.hypot(np.fmax(lived[f"{figure}_se"], expected_se), math.sqrt(drilled.variance))
        apart = lived[f"{figure}_mean"] - drilled.mean
        rows.append(
            {
                "strategy": strategy,
                "application": name,
                "figure": figure,
                "lifetimes_mean": lived[f"{figure}_mean"],
                "lifetimes_se": lived[f"{figure}_se"],
                "drills_mean": drilled.mean,
                "drills_se": math.sqrt(drilled.variance),
                "standard_errors_apart": apart / se if se > 0 else math.nan,
                "lifetimes_expected_se": expected_se,
            }
        )
    return pd.DataFrame(rows)


def _by_drills(bench: Bench, workers: int | None) -> dict[tuple[str, str, str], _Drilled]:
    """Return what drills and rates say, by strategy, application and figure."""
    applications = bench.scenario.applications
    figures = {
        (strategy, name, figure): _Drilled()
        for strategy in bench.strategies
        for name, application in applications.items()
        for figure in (_FIGURES if application.unrecoverable_cost is not None else _FIGURES[:2])
    }
    for (strategy, disruption), log in _logs(bench, workers).items():
        exposure = bench.exposure(strategy, disruption)
        for (subject, struck), drills in log.groupby(["subject", "struck"], observed=True):
            name = str(subject)
            rate = _struck_per_year(exposure, name, str(struck))
            usd = _usd(applications[name], drills)
            columns = (drills["downtime_s"].fillna(0.0), drills["data_loss_s"].fillna(0.0), usd)
            for figure, values in zip(_FIGURES, columns, strict=True):
                if (drilled := figures.get((strategy, name, figure))) is not None:
                    drilled.add(rate, np.asarray(values, dtype=np.float64))
    return figures


def _struck_per_year(exposure: Exposure, application: str, struck: str) -> float:
    """Return how often an application meets what its rows with a struck unit tell of [1/year]."""
    if (application, struck) in exposure.dependents:
        return exposure.dependents[application, struck]
    return exposure.units[application][struck]


def _logs(bench: Bench, workers: int | None) -> dict[Pair, pd.DataFrame]:
    """Return the incidents of applications in all drills, by strategy and disruption."""
    pieces, drills, refused = [], bench.scenario.drills, bench.refused
    for strategy, disruption in bench.pairs:
        is_vectorised = (strategy, disruption) not in refused
        step = _DRILLS if is_vectorised else CHUNK
        pieces += [
            Piece(strategy, (disruption,), first, min(first + step, drills), is_vectorised)
            for first in range(0, drills, step)
        ]
    columns = ["subject", "struck", "state", "downtime_s", "data_loss_s", "lost_after_s", "rebuild_s"]
    frames: dict[Pair, list[pd.DataFrame]] = {}
    with closing(bench.logs(pieces, workers, whole=True)) as logs:
        for piece in pieces:
            working_on(f"the same by drills: {piece}")
            (log,) = next(logs)
            rows = log.incidents.loc[(log.incidents["level"] == "application").to_numpy(), columns]
            texts = {name: rows[name].astype(str) for name in ("subject", "struck", "state")}
            frames.setdefault((piece.strategy, piece.disruptions[0]), []).append(rows.assign(**texts))
    return {pair: pd.concat(parts, ignore_index=True) for pair, parts in frames.items()}
