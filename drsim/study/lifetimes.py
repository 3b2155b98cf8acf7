"""Lifetimes: yearly downtime, data loss and cost, and how they agree with what drills and rates say."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine import run_lives, why_not_vectorised
from drsim.engine.exposure import Exposure, exposure
from drsim.scenario import Application, Scenario
from drsim.study.effort import MOST_S, of_drills, of_lives, of_plans, refuse
from drsim.study.guard import MOMENTS, check_tables
from drsim.study.heartbeat import working_on
from drsim.study.numbers import in_range
from drsim.study.pieces import CHUNK, Piece
from drsim.study.settings import choose
from drsim.study.work import usual_workers, work_through
from drsim.study.workers import by_workers, may_start
from drsim.units import YEAR_S
from drsim.world import World, build_world

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_LIVES = 25
"""Lives that a worker runs at a time."""
_DRILLS = 2000
"""Drills that the vectorised clock runs at a time."""

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True)
class LifetimeResult:
    """What lifetimes found.

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
    chosen = choose(scenario, strategies, None)["strategy"]
    refuse(of_plans(scenario, chosen, years * YEAR_S), max_seconds, force=force)
    worlds = {name: build_world(scenario, name, horizon_s=years * YEAR_S) for name in chosen}
    drilled = {name: build_world(scenario, name) for name in chosen}
    number = workers or usual_workers()
    lives = of_lives(scenario, worlds, years, runs, number)
    drills = of_drills(scenario, drilled, tuple(scenario.disruptions), scenario.drills, number)
    refuse(lives.then(drills), max_seconds, force=force)
    chunks = [(w, lo, min(lo + _LIVES, runs), years) for w in worlds.values() for lo in range(0, runs, _LIVES)]
    frames: list[pd.DataFrame] = []
    done = 0
    used = min(number, len(chunks))
    found = by_workers(_lives, chunks, used) if used > 1 and may_start() else (_lives(chunk) for chunk in chunks)
    with closing(found):
        for world, first, last, _ in chunks:
            working_on(f"{world.strategy}, lives {first} to {last - 1}")
            frames.append(next(found).assign(strategy=world.strategy))
            done += last - first
            if progress:
                progress(done, runs * len(worlds))
    some = [f for f in frames if len(f)] or frames[:1]
    incidents = pd.concat(some, ignore_index=True)
    incidents.insert(0, "strategy", incidents.pop("strategy"))
    summary = _summary(scenario, chosen, incidents, years, runs)
    check_tables({"summary": summary, "incidents": incidents.drop(columns=list(MOMENTS), errors="ignore")})
    return LifetimeResult(incidents, summary, _comparison(scenario, drilled, summary, workers))


def _lives(chunk: tuple[World, int, int, float]) -> pd.DataFrame:
    return run_lives(*chunk)


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
            own = incidents[(incidents["strategy"] == strategy) & (incidents["application"] == name)]
            own = own.assign(gone=(own["state"] != "recovered").astype(float), usd=_usd(application, own))
            lost_for_good = _yearly(own, "gone", years, runs)
            row: dict[str, object] = {
                "strategy": strategy,
                "application": name,
                "run_years": runs * years,
                "incidents_per_year": len(own) / (runs * years),
                "restarts": int(own["restarts"].sum()),
            }
            for what in ("downtime_s", "data_loss_s"):
                row |= _distribution(f"{what}_per_year", _yearly(own, what, years, runs), lost_for_good > 0)
            row["unrecoverable_per_year"] = lost_for_good.mean()
            row["p_unrecoverable_in_a_year"] = (lost_for_good > 0).mean()
            usd = _yearly(own, "usd", years, runs)
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


def _comparison(
    scenario: Scenario, worlds: Mapping[str, World], summary: pd.DataFrame, workers: int | None
) -> pd.DataFrame:
    """Return yearly means by lifetimes, and by drills of every unit and how often it strikes."""
    rows = []
    for (strategy, name, figure), drilled in _by_drills(scenario, worlds, workers).items():
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


def _by_drills(
    scenario: Scenario, worlds: Mapping[str, World], workers: int | None
) -> dict[tuple[str, str, str], _Drilled]:
    """Return what drills and rates say, by strategy, application and figure."""
    found = {
        (strategy, name, figure): _Drilled()
        for strategy in worlds
        for name, application in scenario.applications.items()
        for figure in (_FIGURES if application.unrecoverable_cost is not None else _FIGURES[:2])
    }
    for (strategy, disruption), log in _logs(scenario, worlds, workers).items():
        exposed = exposure(worlds[strategy], disruption, scenario.drills)
        for (name, struck), own in log.groupby(["subject", "struck"], observed=True):
            rate = _struck_per_year(exposed, str(name), str(struck))
            application = scenario.applications[str(name)]
            figures = (own["downtime_s"].fillna(0.0), own["data_loss_s"].fillna(0.0), _usd(application, own))
            for figure, values in zip(_FIGURES, figures, strict=True):
                if (drilled := found.get((strategy, str(name), figure))) is not None:
                    drilled.add(rate, np.asarray(values, dtype=np.float64))
    return found


def _struck_per_year(exposed: Exposure, application: str, struck: str) -> float:
    """Return how often an application meets what its rows with a struck unit tell of [1/year]."""
    if (application, struck) in exposed.dependents:
        return exposed.dependents[application, struck]
    return exposed.units[application][struck]


def _logs(scenario: Scenario, worlds: Mapping[str, World], workers: int | None) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the incidents of applications in all drills, by strategy and disruption."""
    pieces = []
    for strategy, world in worlds.items():
        for disruption in scenario.disruptions:
            is_vectorised = why_not_vectorised(world, disruption) is None
            step = _DRILLS if is_vectorised else CHUNK
            pieces += [
                Piece(strategy, (disruption,), first, min(first + step, scenario.drills), is_vectorised)
                for first in range(0, scenario.drills, step)
            ]
    read = ["subject", "struck", "state", "downtime_s", "data_loss_s", "lost_after_s", "rebuild_s"]
    frames: dict[tuple[str, str], list[pd.DataFrame]] = {}
    with closing(work_through(worlds, pieces, workers, whole=True)) as founds:
        for piece in pieces:
            working_on(f"the same by drills: {piece}")
            (found,) = next(founds)
            log = found.incidents
            own = log.loc[(log["level"] == "application").to_numpy(), read]
            texts = {name: own[name].astype(str) for name in ("subject", "struck", "state")}
            frames.setdefault((piece.strategy, piece.disruptions[0]), []).append(own.assign(**texts))
    return {pair: pd.concat(some, ignore_index=True) for pair, some in frames.items()}
