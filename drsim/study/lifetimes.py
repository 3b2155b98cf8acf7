"""Lifetimes: yearly downtime, data loss and cost, and how they agree with what drills and rates say."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine import World, build_world, run_lives
from drsim.scenario import Scenario
from drsim.study.drills import choose, run
from drsim.units import YEAR_S

Floats = NDArray[np.float64]

_CHUNK = 25
"""Lives that a worker runs at a time."""

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True)
class LifetimeResult:
    """What lifetimes found.

    Attributes:
        incidents: one row an incident and struck application.
        summary: per strategy and application, the distribution over run-years of downtime [s] and data loss [s], and
            the incidents and the years in which data were lost for good.
        comparison: yearly means beside those that drills and rates give, with standard errors and the distance of both
            in standard errors; where few lives have missed what is rare, in those that drills and rates let expect.
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
) -> LifetimeResult:
    """Return what happens over `runs` lives of `years` years under each strategy.

    Args:
        scenario: what to study; its `drills` are those of the comparison.
        years: length of a life.
        runs: lives per strategy.
        strategies: names; all if left out.
        workers: processes; two, or one on a machine with one core, if left out.
        progress: called with the lives done and the lives to do.
    """
    chosen = choose(scenario, strategies, None)["strategy"]
    worlds = [build_world(scenario, name, horizon_s=years * YEAR_S) for name in chosen]
    chunks = [(w, lo, min(lo + _CHUNK, runs), years) for w in worlds for lo in range(0, runs, _CHUNK)]
    frames: list[pd.DataFrame] = []
    done = 0
    used = min(workers or min(2, os.cpu_count() or 1), len(chunks))
    pool = ProcessPoolExecutor(used) if used > 1 else None
    try:
        for chunk, frame in zip(chunks, pool.map(_lives, chunks) if pool else map(_lives, chunks), strict=True):
            frames.append(frame.assign(strategy=chunk[0].strategy))
            done += chunk[2] - chunk[1]
            if progress:
                progress(done, runs * len(worlds))
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)
    some = [f for f in frames if len(f)] or frames[:1]
    incidents = pd.concat(some, ignore_index=True)
    incidents.insert(0, "strategy", incidents.pop("strategy"))
    summary = _summary(scenario, chosen, incidents, years, runs)
    return LifetimeResult(incidents, summary, _comparison(scenario, chosen, worlds, summary, workers))


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
            gone = own.assign(gone=own["state"].isin(["unrecoverable", "unprotected"]).astype(float))
            downtime, loss = _yearly(own, "downtime_s", years, runs), _yearly(own, "data_loss_s", years, runs)
            lost_for_good = _yearly(gone, "gone", years, runs)
            row: dict[str, object] = {
                "strategy": strategy,
                "application": name,
                "run_years": runs * years,
                "incidents_per_year": len(own) / (runs * years),
                "restarts": int(own["restarts"].sum()),
            }
            for what, values in (("downtime_s", downtime), ("data_loss_s", loss)):
                row[f"{what}_per_year_mean"] = values.mean()
                row[f"{what}_per_year_se"] = (
                    values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else math.nan
                )
                row |= {f"{what}_per_year_p{q}": np.percentile(values, q) for q in PERCENTILES}
            row["unrecoverable_per_year"] = lost_for_good.mean()
            row["p_unrecoverable_in_a_year"] = (lost_for_good > 0).mean()
            row["usd_per_year_mean"] = _usd(application, downtime, loss, lost_for_good)
            rows.append(row)
    return pd.DataFrame(rows)


def _usd(application: object, downtime: Floats, loss: Floats, lost_for_good: Floats) -> float:
    """Return the mean yearly cost of incidents [USD]; nan where losing everything has no price."""
    unrecoverable = getattr(application, "unrecoverable_cost", None)
    if unrecoverable is None:
        return math.nan
    per_downtime = getattr(application, "downtime_cost", None) or 0.0
    per_loss = getattr(application, "data_loss_cost", None) or 0.0
    return float(np.mean(downtime * per_downtime + loss * per_loss + lost_for_good * unrecoverable))


def _comparison(
    scenario: Scenario, chosen: Sequence[str], worlds: Sequence[World], summary: pd.DataFrame, workers: int | None
) -> pd.DataFrame:
    """Return yearly means by lifetimes and by drills: rate × mean over all drills, the unaffected counted as 0."""
    drills = run(scenario, strategies=chosen, workers=workers).incidents
    applications = drills[drills["level"] == "application"]
    rows = []
    for world in worlds:
        for name in scenario.applications:
            lived = summary[(summary["strategy"] == world.strategy) & (summary["application"] == name)].iloc[0]
            own = applications[(applications["strategy"] == world.strategy) & (applications["subject"] == name)]
            for what in ("downtime_s", "data_loss_s"):
                mean, variance, yearly_variance = 0.0, 0.0, 0.0
                for disruption, some in own.groupby("disruption", observed=True):
                    rate = world.disruptions[str(disruption)].rate_per_year
                    values = some[what].fillna(0.0).to_numpy(dtype=np.float64)
                    mean += rate * values.mean()
                    yearly_variance += rate * np.mean(values**2)  # of a compound Poisson sum
                    variance += rate**2 * values.var(ddof=1) / len(values) if len(values) > 1 else math.nan
                # few lives may have missed what is rare, and their own scatter then says too little
                expected_se = math.sqrt(yearly_variance / lived["run_years"])
                se = math.hypot(max(lived[f"{what}_per_year_se"], expected_se), math.sqrt(variance))
                rows.append(
                    {
                        "strategy": world.strategy,
                        "application": name,
                        "figure": f"{what}_per_year",
                        "lifetimes_mean": lived[f"{what}_per_year_mean"],
                        "lifetimes_se": lived[f"{what}_per_year_se"],
                        "drills_mean": mean,
                        "drills_se": math.sqrt(variance),
                        "standard_errors_apart": (lived[f"{what}_per_year_mean"] - mean) / se if se > 0 else math.nan,
                    }
                )
    return pd.DataFrame(rows)
