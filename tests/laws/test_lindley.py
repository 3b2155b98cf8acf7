"""One slot for copies that are mostly short and rarely very long: the exact steady state, by Lindley's recursion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from drsim.engine import run_drills, run_vectorised
from drsim.engine.luck import left_to_do, times
from drsim.scenario import read_scenario
from drsim.world import build_world
from drsim.world.model import World
from tests.scenarios import HOUR, REGION, copies, copy, first_difference, rule, scenario_text

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pool:
    """A slot for copies of one resource.

    Attributes:
        every_h: interval of the backups [h].
        short_h, long_h: lengths of the copies [h].
        short: how many are short for each long one.
        over_h: a loss that few drills exceed [h].
        mean_h: the mean loss [h].
        p_over: probability of a loss above `over_h`.
    """

    every_h: int
    short_h: int
    short: int
    long_h: int
    over_h: int
    mean_h: float
    p_over: float

    def world(self, runs: int = 240) -> World:
        """Return a world in which a Region is lost, after as many runs as the horizon holds."""
        copy_h = [*(f"{self.short_h} h" for _ in range(self.short)), f"{self.long_h} h"]
        text = scenario_text(
            rules=[rule(f"{self.every_h} h", keep="2 y", more=copies(copy(keep="2 y")))],
            overrides={"copy_duration": f"{{empirical: [{', '.join(copy_h)}]}}"},
            limits="{backup_jobs: unlimited, copy_jobs: 1, restore_jobs: unlimited, jobs_per_resource: unlimited}",
            disruption=REGION,
            more=f"warm_up: {runs * self.every_h} h\nhorizon: {runs * self.every_h} h",
        )
        return build_world(read_scenario(text), "only")


DRILLS = 1200
POOLS = [
    pytest.param(Pool(6, 1, 9, 32, 100, 28.357, 0.0350), id="68 %"),
    pytest.param(Pool(6, 1, 19, 55, 150, 35.48, 0.0279), id="62 %", marks=pytest.mark.thorough),
    pytest.param(Pool(24, 5, 29, 280, 500, 145.55, 0.0611), id="59 %", marks=pytest.mark.long),
]


def steady(pool: Pool) -> Floats:
    """Return the distribution of the time from a copy's queueing to its end, in whole hours, in the steady state.

    A copy waits for what the one before it waited and took, less the interval: Lindley's recursion.
    """
    n = 8000
    length = np.zeros(pool.long_h + 1)
    length[pool.short_h], length[pool.long_h] = pool.short / (pool.short + 1), 1 / (pool.short + 1)
    wait = np.zeros(n)
    wait[0] = 1.0
    while True:
        whole = np.convolve(wait, length)[: n + pool.every_h]
        later = whole[pool.every_h :].copy()
        later[0] += whole[: pool.every_h].sum()
        later = np.pad(later, (0, n - len(later)))
        if np.abs(later - wait).sum() < 1e-12:
            return whole
        wait = later


def exact(pool: Pool) -> tuple[float, float]:
    """Return the mean loss [h] and the probability of a loss above `over_h`.

    The newest copy at a moment is as old as it took, and as the time since; in order of their ends.
    """
    whole = steady(pool)
    longer = 1 - np.cumsum(whole)
    mean = pool.every_h / 2 + float(whole @ np.arange(len(whole)))
    return mean, float(np.mean(longer[pool.over_h - pool.every_h : pool.over_h]))


@pytest.mark.parametrize("pool", POOLS)
def test_the_recursion_gives_the_values_that_are_written(pool: Pool) -> None:
    """Mean loss and the probability of a long one are those of the steady state."""
    mean, p_over = exact(pool)
    assert mean == pytest.approx(pool.mean_h, abs=0.01)
    assert p_over == pytest.approx(pool.p_over, abs=1e-4)


@pytest.mark.parametrize("reaches", [1, pytest.param(3, marks=pytest.mark.long)])
@pytest.mark.parametrize("pool", POOLS)
def test_losses_are_those_of_the_steady_state(pool: Pool, reaches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long after the plans began, drills lose what the recursion says, within four standard errors."""
    monkeypatch.setattr("drsim.world.drain._REACHES", reaches)
    log = run_vectorised(pool.world(), "it", 0, DRILLS)
    loss = log.loc[log["subject"] == "app.db", "data_loss_s"].to_numpy(dtype=np.float64) / HOUR
    assert len(loss) == DRILLS
    assert abs(loss.mean() - pool.mean_h) <= 4 * loss.std() / math.sqrt(DRILLS)
    assert abs((loss > pool.over_h).mean() - pool.p_over) <= 4 * math.sqrt(pool.p_over / DRILLS)


@pytest.mark.parametrize("pool", POOLS)
def test_every_way_to_look_back_gives_the_same_incidents(pool: Pool) -> None:
    """Both clocks and a run from the start agree in every drill, whichever drills run with it."""
    w = pool.world()
    log = run_vectorised(w, "it", 0, 120)
    for first, last in ((0, 12), (45, 46), (110, 120)):
        part = log[log["drill"].between(first, last - 1)]
        assert not first_difference(run_vectorised(w, "it", first, last), part)
        assert not first_difference(run_drills(w, "it", first, last), part)
        assert not first_difference(run_drills(w, "it", first, last, from_start=True), part)


@pytest.mark.parametrize("pool", POOLS)
def test_the_longest_job_and_some_average_drains_do_not_prove_a_pool_idle(pool: Pool) -> None:
    """Every so often work is left for longer than that; it never is for longer than the bound says."""
    w = pool.world(300)
    (component,) = w.components
    (stream,) = (w.streams[s] for s in component.streams)
    assert component.past is not None
    drawn = times(stream, np.arange(400)[:, None], np.arange(300)[None, :])
    chain, share = left_to_do(stream, drawn, component.past.shares[0])
    assert (chain == share).all()
    left = np.zeros(400)
    most = np.zeros(300)
    beyond = 0
    guess = (pool.long_h + 3 * (pool.short * pool.short_h + pool.long_h) / (pool.short + 1)) * HOUR
    for k in range(300):
        left = np.maximum(left - pool.every_h * HOUR, 0.0) + share[:, k]
        most[k] = left.max()
        beyond += int((left > guess).sum())
    assert beyond / (400 * 300) > 0.01
    drain = component.past.drain
    assert (most <= drain.done_s[:300] - drain.moments_s[:300]).all()
