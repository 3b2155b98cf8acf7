"""Points that arrive late, or go with their copies unless one fails: what their chain holds, against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from drsim.distributions import Constant, Distribution, Exponential
from drsim.laws.cost import copied_by_stream, mean_points, stored_by_stream
from drsim.laws.failures import Failure, failed_all
from drsim.laws.staying import EarlyDeletion, Stream
from drsim.units import DAY_S, HOUR_S
from tests.amounts import mean_stored

Floats = NDArray[np.float64]

WINDOW = (0.0, 28 * DAY_S)
BEGIN = -80 * DAY_S


def alone(p: float) -> Failure:
    """A law by which each job fails on its own."""
    return Failure(p, None, 7)


def spells(p: float, lasts: Distribution, key: int = 7) -> Failure:
    """A law by which jobs fail in spells."""
    return Failure(p, lasts, key)


def early_deletion(p: float, after_h: float = 6, made: float = 1.0) -> EarlyDeletion:
    """Points that go after some hours unless their copy fails, which it does on its own."""
    return EarlyDeletion(after_h * HOUR_S, (alone(p),) if p else (), made=made)


def every(period_s: float, keep_s: float, more: EarlyDeletion | None = None, **others: float) -> Stream:
    """The points of a rule that runs at intervals."""
    return Stream(np.arange(BEGIN, WINDOW[1], period_s), keep_s, deletion=more, **others)


def simulated(streams: list[Stream], change: float, runs: int, seed: int = 1) -> tuple[Floats, Floats]:
    """Return the mean storage of each stream in parts of the size, before and after its move to cold, and its errors.

    Every history has its own failures; at a moment of the window the points that are there are listed and summed.
    """
    rng = np.random.default_rng(seed)
    numbers = np.arange(runs)[:, None]
    there_from, until, captured, whose = [], [], [], []
    for k, stream in enumerate(streams):
        n, end = len(stream.captured_s), np.tile(stream.captured_s + stream.retention_s, (runs, 1))
        if stream.deletion is not None:
            law = stream.deletion
            fails = rng.random((runs, n)) < law.late
            for failure in law.failures:
                fails |= failed_all([failure], numbers, np.arange(n)[None, :], stream.captured_s)[0]
            end = np.where(fails, end, np.minimum(end, stream.captured_s + law.after_s))
            end[rng.random((runs, n)) >= law.made] = -np.inf
        until.append(end)
        there_from.append(np.tile(stream.captured_s + stream.arrives_s, (runs, 1)))
        captured.append(stream.captured_s)
        whose.append(np.full(n, k))
    line = np.concatenate(captured)
    order = np.lexsort((np.concatenate(whose), line))
    line, owner = line[order], np.concatenate(whose)[order]
    begin, end = np.concatenate(there_from, axis=1)[:, order], np.concatenate(until, axis=1)[:, order]
    held = np.zeros((runs, 2 * len(streams)))
    moments = rng.uniform(*WINDOW, runs)
    for run in range(runs):
        there = np.flatnonzero((begin[run] <= moments[run]) & (moments[run] < end[run]))
        gaps = np.diff(line[there], prepend=-np.inf)
        parts = 1 - (1 - change) ** (gaps / DAY_S)
        cold = [moments[run] - line[i] >= streams[owner[i]].cold_after_s for i in there]
        np.add.at(held[run], 2 * owner[there] + np.array(cold, dtype=int), parts)
    return held.mean(axis=0), held.std(axis=0) / math.sqrt(runs)


@pytest.mark.parametrize(("f", "gib"), [(0.0, 232.8), (0.01, 455.1), (0.02, 620.8), (0.3, 1204.3), (0.999, 1247.9)])
def test_temporary_points_whose_copies_fail(f: float, gib: float) -> None:
    """931.3 GiB, 1 %/day, gone after 6 h or, of a share f, after 35 d: the sum over which two follow on each other.

    For a quarter of the time the newest point is there and 34 older ones may be; for the rest 35 may be.
    """
    size, days = 1000e9 / 2**30, np.arange(1, 36)
    changed = size * (1 - 0.99**days)
    follows = f * (1 - f) ** (days - 1)

    def stayed(n: int) -> float:
        return size * (1 - (1 - f) ** n) + float(((n - days[: n - 1]) * f * follows[: n - 1] * changed[: n - 1]).sum())

    newest = size * (1 - f) ** 34 + float((follows[:34] * changed[:34]).sum())
    exact = (stayed(34) + newest) / 4 + 3 * stayed(35) / 4
    stored = mean_stored([every(DAY_S, 35 * DAY_S, early_deletion(f))], WINDOW, size, 0.01, incremental=True)
    assert stored.total == pytest.approx(exact, rel=1e-12)
    assert exact == pytest.approx(gib, abs=0.06)
    assert stored.cold == 0


CHAINS = {
    "alone": [every(DAY_S, 35 * DAY_S, early_deletion(0.05))],
    "half made": [every(DAY_S, 20 * DAY_S, early_deletion(0.2, made=0.5))],
    "too late": [every(DAY_S, 20 * DAY_S, EarlyDeletion(HOUR_S, (alone(0.1),), late=0.3))],
    "spells": [every(DAY_S, 35 * DAY_S, EarlyDeletion(6 * HOUR_S, (spells(0.1, Exponential(3 * DAY_S)),)))],
    "long spells": [every(DAY_S, 9 * DAY_S, EarlyDeletion(6 * HOUR_S, (spells(0.3, Constant(8 * DAY_S)),)))],
    "several copies": [
        every(
            DAY_S, 20 * DAY_S, EarlyDeletion(6 * HOUR_S, (alone(0.1), spells(0.2, Exponential(2 * DAY_S), 8)), late=0.1)
        )
    ],
    "beside points that stay": [
        every(DAY_S, 20 * DAY_S, EarlyDeletion(6 * HOUR_S, (spells(0.2, Exponential(3 * DAY_S)),))),
        every(7 * DAY_S, 35 * DAY_S),
    ],
    "two in common": [
        every(DAY_S, 20 * DAY_S, EarlyDeletion(6 * HOUR_S, (spells(0.2, Exponential(3 * DAY_S)),))),
        Stream(np.arange(BEGIN + HOUR_S, WINDOW[1], 2 * DAY_S), 9 * DAY_S, deletion=early_deletion(0.4)),
    ],
    "longer than the interval": [every(DAY_S, 20 * DAY_S, early_deletion(0.2, after_h=60))],
    "late": [every(DAY_S, 30 * DAY_S, arrives_s=12.5 * DAY_S)],
    "late beside others": [every(DAY_S, 30 * DAY_S, arrives_s=12.5 * DAY_S), every(2 * DAY_S, 9 * DAY_S)],
    "late and leaving": [every(DAY_S, 30 * DAY_S, early_deletion(0.3, after_h=150), arrives_s=5 * DAY_S)],
}


@pytest.mark.parametrize("name", list(CHAINS))
def test_what_a_chain_holds_agrees_with_simulation(name: str) -> None:
    """Each stream's mean storage is within four standard errors of that of simulated histories."""
    streams, size = CHAINS[name], 1000.0
    parts = stored_by_stream(streams, WINDOW, size, 0.03, incremental=True)
    means, errors = simulated(streams, 0.03, 4000)
    for part, mean, error in zip(parts, means[::2], errors[::2], strict=True):
        assert abs(part.warm / size - mean) <= 4 * error + 1e-9
        assert part.cold == 0


def test_points_that_stay_may_turn_cold() -> None:
    """Of points that outlive their copies' failure, cold after 8 d, whole chains are split between the tiers."""
    stream = every(DAY_S, 30 * DAY_S, early_deletion(0.3), cold_after_s=8 * DAY_S)
    means, errors = simulated([stream], 0.03, 6000)
    whole = mean_stored([stream], WINDOW, 1.0, 0.03, incremental=True)
    assert abs(whole.total - means.sum()) <= 4 * math.hypot(*errors)
    warm = every(DAY_S, 8 * DAY_S, early_deletion(0.3))
    assert whole.warm == pytest.approx(mean_stored([warm], WINDOW, 1.0, 0.03, incremental=True).total)
    archived = mean_stored([stream], WINDOW, 1.0, 0.03, incremental=True, cold_full=True)
    assert archived.cold == pytest.approx(0.3 * 22)


def test_full_points_are_counted() -> None:
    """A quarter of a point, and of those whose copy fails 35, cold for 22; late ones from when they are there."""
    daily = every(DAY_S, 30 * DAY_S, early_deletion(0.2, made=0.5), cold_after_s=8 * DAY_S)
    points = mean_points([daily], WINDOW)
    assert points.warm == pytest.approx(0.5 * (0.8 * 0.25 + 0.2 * 8))
    assert points.cold == pytest.approx(0.5 * 0.2 * 22)
    assert mean_points([every(DAY_S, 30 * DAY_S, arrives_s=12.5 * DAY_S)], WINDOW).total == pytest.approx(17.5)
    stored = mean_stored([daily], WINDOW, 100, 0.1, incremental=False)
    assert (stored.warm, stored.cold) == pytest.approx((100 * points.warm, 100 * points.cold))


def test_late_points_build_on_each_other_from_when_they_are_there() -> None:
    """Of daily points from 40 to 100 days old 60 are there: all and 59 days' changes, and each day's are moved."""
    times = np.arange(-120 * DAY_S, WINDOW[1], DAY_S)
    late = Stream(times, 100 * DAY_S, arrives_s=40 * DAY_S)
    assert mean_stored([late], WINDOW, 1000, 0.01, incremental=True).warm == pytest.approx(1590)
    (moved,) = copied_by_stream([late], (0.0, 28 * DAY_S), 1000, 0.01, incremental=True)
    assert moved == pytest.approx(10 * 365 / 12)
    (whole,) = copied_by_stream(
        [Stream(times, 40.5 * DAY_S, arrives_s=40 * DAY_S)], WINDOW, 1000, 0.01, incremental=True
    )
    assert whole == pytest.approx(1000 * 365 / 12)


def test_what_is_moved_builds_on_what_has_stayed() -> None:
    """A temporary point moves what changed since the newest before it that stayed, if one has."""
    f, keep = 0.3, 10
    (moved,) = copied_by_stream([every(DAY_S, keep * DAY_S, early_deletion(f))], WINDOW, 1000, 0.03, incremental=True)
    # the tenth day before it is gone
    stayed = [(f * (1 - f) ** (n - 1), 1 - 0.97**n) for n in range(1, keep)]
    part = sum(p * changed for p, changed in stayed) + (1 - f) ** (keep - 1)
    assert moved == pytest.approx(1000 * part * 365 / 12)


@pytest.mark.parametrize("lasts", [Exponential(2 * DAY_S), Constant(36 * HOUR_S)])
@pytest.mark.parametrize("gap_h", [0, 5, 24, 96])
def test_jobs_between_spells_are_spared_again(lasts: Distribution, gap_h: float) -> None:
    """Of jobs that spells spare so many are spared a gap later as in drawn histories."""
    law = spells(0.3, lasts)
    runs = np.arange(40_000)[:, None]
    one, other = failed_all([law], runs, np.arange(2)[None, :], np.array([50 * DAY_S, 50 * DAY_S + gap_h * HOUR_S]))[
        0
    ].T
    spared = ~one
    share = float((~other[spared]).mean())
    expected = float(law.p_spared_again(gap_h * HOUR_S))
    assert abs(share - expected) <= 4 * math.sqrt(expected * (1 - expected) / spared.sum()) + 1e-9


def test_what_others_share_is_no_news() -> None:
    """Where a law has the spells of another that did not fail, only what it has beyond them is left."""
    lasts = Exponential(DAY_S)
    assert spells(0.2, lasts).beyond([spells(0.3, lasts)]).p == 0
    assert spells(0.3, lasts).beyond([spells(0.2, lasts)]).p == pytest.approx(1 - 0.7 / 0.8)
    assert spells(0.3, lasts).beyond([spells(0.2, lasts, key=9), alone(0.5)]).p == 0.3
