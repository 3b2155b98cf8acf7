"""Drills per second of the vectorised clock, the process clock, and plain SimPy by hand; and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import floor, plain_estate, plain_simpy
from benchmarks.measure import SCENARIOS, Promise, best_s, figure, table
from drsim.engine import run_all_vectorised, run_drills
from drsim.scenario import load_scenario
from drsim.world import World, build_world

Floats = NDArray[np.float64]

_TOLERATED = 4.0
"""Standard errors by which two simulations of the same thing may differ before it is called a disagreement."""


@dataclass(frozen=True)
class Sizes:
    """Drills of each unit of each pair of strategy and disruption, for each clock; how often the quick ones are timed.

    Attributes:
        gain: how many times as fast as plain SimPy the vectorised clock has to be.
        from_start: drills of the process clock from the plan's start; none where it is not asked about.
        floor: whether the time of the draws alone is measured.
    """

    vectorised: int
    process: int
    plain: int
    repeats: int
    gain: float
    from_start: int = 0
    floor: bool = False

    def scaled(self, scale: float) -> Sizes:
        """Return smaller or larger sizes, of one drill at least."""
        some = {n: max(1, round(getattr(self, n) * scale)) for n in ("vectorised", "process", "plain")}
        from_start = max(1, round(self.from_start * scale)) if self.from_start else 0
        repeats = self.repeats if scale >= 1 else 1
        return Sizes(**some, repeats=repeats, gain=self.gain, from_start=from_start, floor=self.floor)


SIZES = {
    "periodic": Sizes(vectorised=100_000, process=500, plain=200, repeats=3, gain=1000, from_start=50),
    "web-shop": Sizes(vectorised=5000, process=8, plain=2, repeats=2, gain=3000, floor=True),
    "region-evacuation": Sizes(vectorised=200, process=2, plain=2, repeats=1, gain=100),
}


class _Contest:
    """The clocks on one scenario: every strategy against every unit of every disruption, all equally often."""

    def __init__(self, name: str) -> None:
        scenario = load_scenario(SCENARIOS / f"{name}.yaml")
        self.disruptions = list(scenario.disruptions)
        self.worlds = [build_world(scenario, strategy) for strategy in scenario.strategies]
        self.pairs = [(world, disruption) for world in self.worlds for disruption in self.disruptions]
        self.units = sum(len(world.disruptions[d].units) for world, d in self.pairs)
        self.logs: dict[tuple[str, str], pd.DataFrame] = {}
        self.played: dict[tuple[str, str], list[list[plain_estate.Incident]]] = {}
        self.rows: list[tuple[str, int, float]] = []

    def vectorised(self, n: int) -> None:
        """Drill each pair n times."""
        for world in self.worlds:
            logs = run_all_vectorised(world, self.disruptions, 0, n)
            self.logs.update({(world.strategy, d): log for d, log in logs.items()})

    def process(self, n: int, *, from_start: bool = False) -> None:
        """Drill each pair n times."""
        for world, d in self.pairs:
            run_drills(world, d, 0, n, from_start=from_start)

    def plain(self, n: int) -> None:
        """Drill each pair n times, with luck of its own."""
        for seed, (world, d) in enumerate(self.pairs):
            self.played[world.strategy, d] = plain_estate.drills(world, d, n, seed=1 + seed)

    def plain_periodic(self, n: int) -> None:
        """Drill both disruptions of `periodic` n times."""
        for region in (False, True):
            plain_simpy.drills(n, -self.worlds[0].plan_start_s, region=region)

    def time(self, what: str, work: Callable[[int], None], n: int, repeats: int) -> float:
        """Return how long a drill takes [s], and put it into the table."""
        drills = n * self.units
        seconds = best_s(partial(work, n), repeats) / drills
        self.rows.append((what, drills, seconds))
        return seconds

    def table(self, plain_s: float) -> str:
        """Return the table of what was timed."""
        head = ["clock", "drills", "ms per drill", "drills/s", "times plain SimPy"]
        return table(
            head, [[what, f"{n:,}", figure(1000 * s), figure(1 / s), figure(plain_s / s)] for what, n, s in self.rows]
        )


def clocks(name: str, sizes: Sizes) -> tuple[str, list[Promise]]:
    """Return the table of one scenario, and what it promises."""
    contest = _Contest(name)
    contest.vectorised(1)  # imports and caches are not what is measured
    contest.process(1)
    fast = contest.time("vectorised clock", contest.vectorised, sizes.vectorised, sizes.repeats)
    contest.time("process clock", contest.process, sizes.process, sizes.repeats)
    slow = contest.time("plain SimPy, any estate", contest.plain, sizes.plain, 1)
    if name == "periodic":  # so small that plain SimPy is written out for it, which is quicker still
        slow = contest.time("plain SimPy, this one only", contest.plain_periodic, sizes.plain, sizes.repeats)
    promises = [Promise(f"{name}, times plain SimPy", slow / fast, sizes.gain, at_least=True)]
    if sizes.from_start:
        from_start = partial(contest.process, from_start=True)
        whole = contest.time("process clock from the start", from_start, sizes.from_start, sizes.repeats)
        promises.append(Promise(f"{name}, process clock from the start / plain SimPy", whole / slow, 5, at_least=False))
    lines = [f"{name}: strategies {len(contest.worlds)}, disruptions {len(contest.disruptions)}", contest.table(slow)]
    if sizes.floor:
        text, promise = _floor(contest, sizes.vectorised, fast * sizes.vectorised * contest.units, name)
        lines.append(text)
        promises.append(promise)
    for what, theirs, ours, apart in agreement(contest.worlds, contest.disruptions, contest.logs, contest.played):
        lines.append(f"  {what}: plain SimPy {theirs}, drsim {ours}, apart by {apart:+.2f} standard errors")
        promises.append(Promise(f"{name}, {what}, standard errors apart", abs(apart), _TOLERATED, at_least=False))
    return "\n".join(lines), promises


def _floor(contest: _Contest, n: int, seconds: float, name: str) -> tuple[str, Promise]:
    """Return what the draws of n drills a pair take alone, the clock having taken some time [s]."""
    with floor.counted() as count:
        contest.vectorised(n)
    single, blocks = floor.one_by_one_s(count.quantiles), floor.by_blocks_s(count)
    text = (
        f"  floor: {count.quantiles:,} draws take {figure(single)} s alone, and {figure(blocks)} s made in blocks of "
        f"four, as the clock makes them; it takes {figure(seconds)} s, {figure(seconds / single)} times the one and "
        f"{figure(seconds / blocks)} times the other"
    )
    return text, Promise(f"{name}, times the floor of its draws", seconds / single, 10, at_least=False)


Figure = tuple[str, str, str, float]
"""What is compared, its mean in plain SimPy and in drsim, and how far they lie apart [standard errors]."""


def agreement(
    worlds: Sequence[World],
    disruptions: Sequence[str],
    logs: dict[tuple[str, str], pd.DataFrame],
    played: dict[tuple[str, str], list[list[plain_estate.Incident]]],
) -> list[Figure]:
    """Return how far plain SimPy and drsim lie apart in loss, downtime and the share that recovered.

    Each drill of a unit counts with the mean over its applications, since these share their luck. Every pair of
    strategy and disruption is compared in its own standard errors, and their sum over all pairs is one standard error
    wide again.

    Args:
        worlds: of the strategies.
        disruptions: names.
        logs: drsim's, by strategy and disruption.
        played: plain SimPy's incidents of each drill, likewise.
    """
    figures = []
    for what, unit in (("loss", "h"), ("downtime", "h"), ("recovered", "%")):
        gaps, means = [], []
        for world in worlds:
            for d in disruptions:
                ours = _of_log(logs[world.strategy, d], what)
                theirs = _of_incidents(played[world.strategy, d], what)
                if len(ours) and len(theirs):
                    gaps.append(_gap(theirs, ours))
                    means.append((float(theirs.mean()), float(ours.mean())))
        scale = 3600 if unit == "h" else 0.01
        plain, drsim = (f"{figure(mean / scale)} {unit}" for mean in np.mean(means, axis=0)) if means else ("-", "-")
        figures.append((what, plain, drsim, math.fsum(gaps) / math.sqrt(len(gaps)) if gaps else 0.0))
    return figures


def _gap(theirs: Floats, ours: Floats) -> float:
    """Return how far the mean of few drills lies from that of many [standard errors]."""
    apart = float(theirs.mean() - ours.mean())
    spread = float(ours.std())
    if spread <= 1e-9 * max(1.0, abs(float(ours.mean()))):
        return 0.0 if abs(apart) <= 1e-6 * max(1.0, abs(float(ours.mean()))) else math.copysign(math.inf, apart)
    return apart / (spread * math.sqrt(1 / len(theirs) + 1 / len(ours)))


def _of_log(log: pd.DataFrame, what: str) -> Floats:
    """Return the mean over the struck (and recovered) applications of each drill of each unit."""
    rows = log[(log["level"] == "application") & (log["recovered_by"] != "dependency")]
    event = np.asarray(rows.groupby(["drill", "struck"], observed=True, sort=False).ngroup(), dtype=np.int64)
    if what == "recovered":
        values: Floats = np.asarray(rows["state"] == "recovered", dtype=np.float64)
    else:
        values = rows["data_loss_s" if what == "loss" else "downtime_s"].to_numpy(dtype=np.float64)
    return _means(event, values)


def _of_incidents(incidents: list[list[plain_estate.Incident]], what: str) -> Floats:
    """Return the same of plain SimPy."""

    def value(i: plain_estate.Incident) -> float:
        if what == "recovered":
            return float(i.state == "recovered")
        return i.loss_s if what == "loss" else i.downtime_s

    values = [(e, value(i)) for e, event in enumerate(incidents) for i in event]
    return _means(np.array([e for e, _ in values], dtype=np.int64), np.array([x for _, x in values], dtype=np.float64))


def _means(event: NDArray[np.int64], values: Floats) -> Floats:
    """Return the mean of each event, of what is not nan in it; events without anything are left out."""
    some = ~np.isnan(values)
    number = np.bincount(event[some])
    sums = np.bincount(event[some], weights=values[some])
    means: Floats = sums[number > 0] / number[number > 0]
    return means
