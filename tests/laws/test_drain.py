"""By when pools have drained: bounds that hold, and that are not much larger than what they bound."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from drsim.distributions import Constant, Distribution, Empirical, Exponential, Lognormal, Triangular, Uniform
from drsim.engine.luck import left_to_do, times
from drsim.laws.drain import (
    Drain,
    Theta,
    done_by,
    log_mgf,
    log_of_largest,
    look_from,
    not_above_larger,
    useful_thetas,
)
from drsim.laws.jobs import Work
from drsim.laws.longest import Grid, Job, log_mgf_of_longest, log_shorter
from drsim.world.drain import Past, _log_mgfs
from tests.scenarios import HOUR, REGION, Parts, copies, copy, rule, world

Floats = NDArray[np.float64]

THETA = Theta.between(0.02, 1.0)


def midpoints(distribution: Distribution) -> Floats:
    """Return values that are as likely as each other, and many."""
    return distribution.ppf((np.arange(1 << 20) + 0.5) / (1 << 20))


@pytest.mark.parametrize(
    "distribution",
    [
        Constant(3.0),
        Uniform(1.0, 5.0),
        Triangular(1.0, 2.0, 6.0),
        Empirical((1.0, 1.0, 1.0, 9.0)),
        Lognormal(1.0, 0.8, cap=12.0),
        Lognormal(2.0, 1.0, cap=30.0, floor=0.5),
    ],
)
def test_moment_generating_functions_are_bounded_from_above_and_closely(distribution: Distribution) -> None:
    """Of durations, of durations that are cut off, and of amounts worked off at a rate."""
    values = midpoints(distribution)
    for bound, drawn in (
        (log_mgf(distribution, THETA), values),
        (log_mgf(distribution, THETA, 4.0), np.minimum(values, 4.0)),
        (log_mgf(distribution, THETA, 9.0, 6.0), np.minimum(6.0 / values, 9.0)),
    ):
        exact = np.array([np.log(np.mean(np.exp(theta * drawn))) for theta in THETA.values])
        assert (bound >= exact * (1 - 1e-6)).all()
        assert (bound <= exact * 1.06).all()


def test_an_exponential_without_end_has_the_moments_that_can_be_drawn() -> None:
    """At small theta as in the books; at large ones no more than the largest draw allows."""
    bound = log_mgf(Exponential(1.0), Theta.between(0.05, 4.0))
    thetas = Theta.between(0.05, 4.0).values
    small = thetas < 0.7
    exact = -np.log1p(-thetas[small])
    assert (bound[small] >= exact).all()
    assert (bound[small] <= 1.06 * exact).all()
    assert (bound <= thetas * Exponential(1.0).quantile(1 - 2.0**-33)).all()


def test_what_bounds_at_a_larger_theta_bounds_at_a_smaller() -> None:
    """What is known for theta divided by theta never falls."""
    theta = Theta(0, 8)
    logs = theta.values * np.array([5.0, 4, 6, 3, 3, 8, 9, 7, 9])
    assert not_above_larger(logs, theta) / theta.values == pytest.approx([3, 3, 3, 3, 3, 7, 7, 7, 9])


def test_the_longest_of_many_chains() -> None:
    """Both bounds hold, weighted by shares or not; the fine one is close, and much closer where there are many."""
    laws = [Lognormal(1.0, 0.8, cap=12.0), Exponential(0.5), Uniform(0.0, 2.0)]
    generator = np.random.default_rng(5)
    theta = Theta(-16, -4)
    for share in (0.0, 0.3):
        chains = [
            (
                Job(Work(first, Constant(0.0), None, None, (0, 0, 0)), 0.0, 0.0, None, math.inf, share),
                Job(Work(second, Constant(0.0), None, None, (0, 0, 0)), 0.0, 0.0, Uniform(0.0, 0.5), math.inf, 0.0),
            )
            for first, second in zip(laws * 5, laws[::-1] * 5, strict=True)
        ]
        grid = Grid.holding(chains)
        shares, shorter = (sum(parts) for parts in zip(*(log_shorter(c, theta, grid) for c in chains), strict=True))
        fine = shares + log_mgf_of_longest(np.asarray(shorter), theta.values, grid)
        first, second, delay = (
            np.array([law.ppf(generator.random(100_000)) for law in those])
            for those in (laws * 5, laws[::-1] * 5, [Uniform(0.0, 0.5)] * 15)
        )
        drawn = share * first.sum(axis=0) + (first + delay + second).max(axis=0)
        exact = np.array([np.log(np.mean(np.exp(t * drawn))) for t in theta.values])
        assert (fine >= 0.999 * exact).all()
        assert (fine <= 1.1 * exact).all()
        if not share:
            coarse = log_of_largest(
                [np.log(np.mean(np.exp(np.outer(theta.values, c)), axis=1)) for c in (first + delay + second)]
            )
            assert (coarse >= 0.999 * exact).all()
            assert coarse[0] > 1.5 * fine[0]


def test_alike_moments_are_done_by_lundbergs_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of alike moments the excess is the least (b + margin) / theta; constant work is done when it is."""
    monkeypatch.setattr("drsim.laws.drain._MARGIN", 20.0)
    moments = 10.0 * np.arange(50, dtype=np.float64)
    kind = np.zeros(50, dtype=np.int64)
    law = Empirical((2.0, 2.0, 2.0, 20.0))
    theta = Theta.between(0.01, 10.0)
    logs = log_mgf(law, theta)
    falls = logs < 10.0 * theta.values
    least = ((logs + 20.0) / theta.values)[falls].min()
    assert done_by(moments, kind, logs[None], 0.0, theta)[-1] - moments[-1] == pytest.approx(least)
    constant = log_mgf(Constant(9.0), theta)
    assert done_by(moments, kind, constant[None], 1.0, theta) - moments == pytest.approx(
        10.0, abs=20 / theta.values[-1] + 1e-9
    )


def test_a_quiet_beginning_does_not_loosen_the_bound_of_busy_times() -> None:
    """Of a year of monthly runs before those of every 12 h, busy for half of the time, these need not know."""
    busy = 12.0 * np.arange(400, dtype=np.float64)
    quiet = -720.0 * np.arange(12.0, 0.0, -1.0)
    law = Empirical((4.0, 4.0, 4.0, 14.0))

    def busy_for(moments: Floats) -> Floats:
        theta = useful_thetas(moments[-1] - moments[0], 12.0)
        kind = np.zeros(len(moments), dtype=np.int64)
        return (done_by(moments, kind, log_mgf(law, theta)[None], 0.0, theta) - moments)[-200:]

    assert (busy_for(np.concatenate([quiet, busy])) <= 1.01 * busy_for(busy)).all()


def test_where_to_look_from() -> None:
    """From the latest moment on from which what was left before, and what is expected since, is done in time."""
    moments = np.array([0.0, 10, 20, 30, 40])
    done = np.array([8.0, 18, 39, 47, 57])
    # before 0: nothing; by 8 all of 0 is done; from 20 on there is too much for 30, and with what follows for 40
    assert look_from(moments, done, np.cumsum([5.0, 5, 5, 5, 5])).tolist() == [0, 10, 20, 20, 20]
    # backups give up, so that what is left never grows; but whenever one looks from, more is due than can be done
    assert look_from(moments, moments + 15, np.cumsum([20.0, 20, 20, 20, 20])).tolist() == [0, 0, 0, 0, 0]
    # and from 40 on there is time again
    assert look_from(moments, moments + 9, np.cumsum([20.0, 20, 20, 0, 0])).tolist() == [0, 10, 20, 30, 40]
    drain = Drain(moments, done, moments)
    assert drain.done_at_s(np.array([-1.0, 0, 15, 40])).tolist() == [-math.inf, 8, 18, 57]


def test_the_longer_of_two_phases_decides() -> None:
    """Of 60 MB at 1 to 10 MB/s and 30 objects at 1 to 4 a second the slower counts."""
    size, objects = Uniform(1.0, 10.0), Uniform(1.0, 4.0)
    job = Job(Work(None, Constant(0.0), size, objects, (0, 0, 0)), 60.0, 30.0, None, math.inf, 0.0)
    grid = Grid.holding([(job,)])
    _, log_p = log_shorter((job,), THETA, grid)
    shorter = np.exp(log_p[0])
    exact = np.clip((10 - 60 / grid.lengths_s[1:]) / 9, 0, 1) * np.clip((4 - 30 / grid.lengths_s[1:]) / 3, 0, 1)
    assert shorter[1:] == pytest.approx(exact, abs=0.02)


def test_what_fills_the_pools_is_bounded_apart_from_what_a_chain_takes() -> None:
    """A copy of 2 h keeps half of the pools busy, the backup of 1 h before it none; the chain takes 3 h of its own."""
    backup, copied = (Work(Constant(hours * HOUR), Constant(0.0), None, None, (0, 0, 0)) for hours in (1, 2))
    chain = (Job(backup, 1.0, 1.0, None, math.inf, 0.0), Job(copied, 1.0, 1.0, Constant(0.0), math.inf, 0.5))
    fills, takes = _log_mgfs(chain, THETA)
    assert fills == pytest.approx(THETA.values * 0.5 * 2 * HOUR, rel=1e-5)
    assert takes == pytest.approx(THETA.values * 3 * HOUR, rel=1e-5)


LONG = "{empirical: [1 h, 1 h, 1 h, 1 h, 1 h, 1 h, 1 h, 1 h, 1 h, 20 h]}"
TAILED = "{median: 1 h, p95: 5 h, max: 40 h}"
LATE = "{median: 10 min, p95: 1 h, max: 5 h}"
ESTATES: dict[str, Parts] = {
    "one resource": {"rules": [rule("8 h", more=copies(copy()))], "overrides": {"copy_duration": LONG}},
    "a few, late": {
        "resources": "{a: {type: EBS, size: 1 GB, count: 5}, b: {type: RDS, size: 1 GB}}",
        "rules": [rule("24 h", more=f"start_window: 2 h, {copies(copy(), copy('isolated', more='delay: 1 h'))}")],
        "overrides": {"backup_duration": LONG, "copy_duration": TAILED, "start_delay": LATE},
    },
    "many": {
        "resources": "{a: {type: EBS, size: 1 GB, count: 40}}",
        "rules": [rule("24 h", more=copies(copy()))],
        "overrides": {"backup_duration": "{exponential: 20 min}", "copy_duration": "{median: 20 min, p95: 2 h}"},
    },
    "rules of different rhythm": {
        "resources": "{a: {type: EFS, size: 200 GB, change_rate: 5 %/day, count: 3}}",
        "rules": [rule("12 h", more=copies(copy())), rule("36 h", name="other", more="completion_window: 4 h")],
        "overrides": {"copy_rate": "{median: 9 MB/s, p5: 3 MB/s}", "backup_duration": TAILED, "start_delay": "2 h"},
    },
}


@pytest.mark.parametrize("finely", [False, True], ids=["coarsely", "finely"])
@pytest.mark.parametrize("estate", ESTATES)
def test_pools_are_rarely_busy_for_longer_than_the_bound(
    estate: str,
    finely: bool,  # noqa: FBT001  a case of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a margin of one in fifty, no more of the runs up to any moment take longer than the bound says."""
    monkeypatch.setattr("drsim.laws.drain._MARGIN", math.log(50))
    slots = "3" if estate == "many" else "1"
    parts: Parts = {
        **ESTATES[estate],
        "disruption": REGION,
        "limits": f"{{backup_jobs: unlimited, copy_jobs: {slots}, restore_jobs: unlimited, jobs_per_resource: 1}}",
        "more": "warm_up: 40 d\nhorizon: 40 d",
    }
    w = world(**parts)
    (component,) = (c for c in w.components if c.limits)
    assert component.past is not None
    known = component.past._drain(finely=finely)
    lives = 600
    left = work_left(component.past, known.moments_s, lives)
    over = (left > known.done_s).mean(axis=0)
    assert over.max() <= 0.02 + 4 * math.sqrt(0.02 / lives)


def work_left(past: Past, moments_s: Floats, lives: int) -> Floats:
    """Return when the runs up to each moment are done in each of some lives, (lives, moments), by Graham's bound."""
    ready = np.full((lives, len(moments_s)), -np.inf)
    work = np.zeros(ready.shape)
    chains = np.zeros((max(past.ranks) + 1, *ready.shape))
    for stream, rank, shares in zip(past.streams, past.ranks, past.shares, strict=True):
        drawn = times(stream, np.arange(lives)[:, None], np.arange(len(stream.times_s))[None, :])
        chain, share = left_to_do(stream, drawn, shares)
        starts = drawn.ready_s < drawn.scheduled_s + stream.start_window_s
        place = np.searchsorted(moments_s, stream.times_s)
        ready[:, place] = np.maximum(ready[:, place], np.where(starts, drawn.ready_s, -np.inf))
        work[:, place] += np.where(starts, share, 0.0)
        chains[rank][:, place] = np.maximum(chains[rank][:, place], np.where(starts, chain, 0.0))
    work += chains.sum(axis=0)
    done = np.full(ready.shape, -np.inf)
    last = np.full(lives, -np.inf)
    for k in range(len(moments_s)):
        last = np.maximum(last, ready[:, k]) + work[:, k]
        done[:, k] = last
    assert (np.diff(done, axis=1) >= 0).all()
    assert done[:, -1].min() > moments_s[-1] - HOUR
    return done
