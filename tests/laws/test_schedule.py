"""Runs of backup rules: their times, their numbers, and which AWS Backup makes."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drsim import draws
from drsim.cron import local_days, parse_cron
from drsim.laws.schedule import (
    Bools,
    Floats,
    cron_runs,
    every_runs,
    first_of_days,
    kept_runs,
    standing_gap,
    suppression_reach_s,
)
from tests.examples import examples

H = 3600.0
DAY = 24 * H
WEEK = 7 * DAY
START = 1767225600
"""2026-01-01 [s since 1970-01-01 UTC]."""


def epoch(year: int, month: int, day: int) -> int:
    """Return a midnight [s since 1970-01-01 UTC]."""
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def test_every_counts_backwards() -> None:
    """A periodic rule runs at every multiple of its period, before the start too; the end is not in the span."""
    times, index = every_runs(6 * H, -12 * H, 12 * H)
    assert times.tolist() == [-12 * H, -6 * H, 0, 6 * H]
    assert index.tolist() == [-2, -1, 0, 1]


@examples(100)
@given(
    period=st.floats(60, 1e7),
    lo=st.floats(-1e8, 1e8),
    length=st.floats(0, 1e6),
    more=st.floats(0, 1e6),
)
def test_every_spans_join(period: float, lo: float, length: float, more: float) -> None:
    """Runs lie on the grid, within half a tick of index x period, and two spans that meet make the whole."""
    middle, hi = lo + length, lo + length + more
    parts = [every_runs(period, lo, middle), every_runs(period, middle, hi)]
    times, index = every_runs(period, lo, hi)
    assert np.concatenate([p[0] for p in parts]).tolist() == times.tolist()
    assert np.concatenate([p[1] for p in parts]).tolist() == index.tolist()
    assert (times * draws.GRID % 1 == 0).all()
    assert np.allclose(times, index * period, rtol=0, atol=0.5 / draws.GRID)
    assert ((times >= lo) & (times < hi)).all()


def test_cron_runs_are_relative_to_the_start() -> None:
    """Times count from the start, indices are minutes of the epoch: the start moves the ones and not the others."""
    fields = parse_cron("cron(0 5 ? * * *)")
    start = epoch(2026, 1, 1)
    times, index = cron_runs(fields, "UTC", start, -2 * DAY, 2 * DAY)
    assert times.tolist() == [-43 * H, -19 * H, 5 * H, 29 * H]
    assert index.tolist() == [(start + t) // 60 for t in times]
    later, same = cron_runs(fields, "UTC", start + 86400, -3 * DAY, DAY)
    assert (later + DAY).tolist() == times.tolist()
    assert same.tolist() == index.tolist()


def test_cron_span_is_half_open_in_fractions() -> None:
    """A run belongs to a span that begins at its very moment, and to none that begins or ends a tick off."""
    fields = parse_cron("cron(0 0 ? * * *)")
    tick = 1 / draws.GRID
    assert cron_runs(fields, "UTC", 0, DAY, DAY + tick)[0].tolist() == [DAY]
    assert cron_runs(fields, "UTC", 0, DAY + tick, 2 * DAY)[0].size == 0
    assert cron_runs(fields, "UTC", 0, DAY - tick, DAY)[0].size == 0


def test_worked_example_of_aws() -> None:
    """Hourly with a 1 h window and every 12 h with an 8 h window and longer retention: 8 + 2 backups a day."""
    hourly, _ = cron_runs(parse_cron("cron(0 * ? * * *)"), "UTC", 0, 0, 30 * DAY)
    twice, _ = cron_runs(parse_cron("cron(0 0/12 ? * * *)"), "UTC", 0, 0, 30 * DAY)
    kept = kept_runs([hourly, twice], [H, 8 * H], [DAY, WEEK])
    assert [int(k.sum()) for k in kept] == [8 * 30, 2 * 30]
    assert (hourly[kept[0]][:8] / H).tolist() == [8, 9, 10, 11, 20, 21, 22, 23]


def test_equal_retention_keeps_the_rule_written_first() -> None:
    """Of two rules with one retention, for ever too, the one written first is made."""
    times = [np.array([0.0, DAY]), np.array([0.0, H])]
    for retention in (DAY, math.inf):
        assert [k.tolist() for k in kept_runs(times, [H, H], [retention, retention])] == [[True, True], [False, True]]


def test_for_ever_is_longest() -> None:
    """A rule that keeps its points for ever suppresses one that keeps them for a century."""
    kept = kept_runs([np.array([0.0]), np.array([0.0])], [H, H], [36500 * DAY, math.inf])
    assert [k.tolist() for k in kept] == [[False], [True]]


@pytest.mark.parametrize(("begin", "made"), [(-H, True), (-H + 1, False), (8 * H - 1, False), (8 * H, True)])
def test_windows_are_half_open(begin: float, made: bool) -> None:  # noqa: FBT001
    """A window that begins as another ends does not overlap it; one second earlier it does."""
    kept = kept_runs([np.array([begin]), np.array([0.0])], [H, 8 * H], [DAY, WEEK])
    assert kept[0].tolist() == [made]


def test_suppressed_runs_suppress_nothing() -> None:
    """A monthly run that suppresses the weekly one frees the daily one that only the weekly one overlaps."""
    daily, weekly, monthly = np.array([0.0]), np.array([2 * H]), np.array([4 * H])
    windows, retentions = [3 * H, 3 * H, 3 * H], [DAY, WEEK, math.inf]
    assert [k.tolist() for k in kept_runs([daily, weekly, monthly], windows, retentions)] == [[True], [False], [True]]
    assert [k.tolist() for k in kept_runs([daily, weekly, monthly[:0]], windows, retentions)] == [[False], [True], []]


def test_a_rule_never_suppresses_itself() -> None:
    """An hourly rule with the default window of 8 h makes every run."""
    hourly, _ = every_runs(H, 0, WEEK)
    assert kept_runs([hourly], [8 * H], [DAY])[0].all()


def brute_force(times: list[Floats], windows: list[float], retentions: list[float]) -> list[list[bool]]:
    """Return which runs are made, by comparing every window with every better one that was made."""
    made: list[tuple[int, float, float]] = []
    result: list[list[bool]] = [[] for _ in times]
    for rule in sorted(range(len(times)), key=lambda k: (-retentions[k], k)):
        for begin in times[rule].tolist():
            end = begin + windows[rule]
            free = all(r == rule or max(begin, b) >= min(end, e) for r, b, e in made)
            result[rule].append(free)
            if free:
                made.append((rule, begin, end))
    return result


RULE = st.tuples(
    st.lists(st.integers(0, 60), unique=True, max_size=12).map(sorted), st.integers(1, 12), st.integers(1, 3)
)


@examples(300)
@given(rules=st.lists(RULE, min_size=1, max_size=4))
def test_kept_runs_by_brute_force(rules: list[tuple[list[int], int, int]]) -> None:
    """The runs made are those that comparing all pairs of windows leaves."""
    times = [np.array(r[0], dtype=np.float64) for r in rules]
    windows, retentions = [float(r[1]) for r in rules], [float(r[2]) for r in rules]
    assert [k.tolist() for k in kept_runs(times, windows, retentions)] == brute_force(times, windows, retentions)


@examples(200)
@given(rules=st.lists(RULE, min_size=1, max_size=4), lo=st.integers(0, 30), length=st.integers(0, 60))
@example(rules=[([0], 10, 1), ([9], 10, 2), ([18], 10, 3)], lo=0, length=1)
def test_suppression_reach(rules: list[tuple[list[int], int, int]], lo: int, length: int) -> None:
    """Away from the ends by the reach, a run is judged as in any longer span."""
    times = [np.array(r[0], dtype=np.float64) for r in rules]
    windows, retentions = [float(r[1]) for r in rules], [float(r[2]) for r in rules]
    reach, hi = suppression_reach_s(windows), lo + length

    def judged(begin: float, end: float) -> list[list[tuple[float, bool]]]:
        cut = [t[(t >= begin) & (t < end)] for t in times]
        kept: list[Bools] = kept_runs(cut, windows, retentions)
        return [
            [(t, k) for t, k in zip(c.tolist(), m.tolist(), strict=True) if lo <= t < hi]
            for c, m in zip(cut, kept, strict=True)
        ]

    assert judged(lo - reach, hi + reach) == judged(-math.inf, math.inf)


def test_an_increment_builds_on_the_newest_point_that_is_still_there() -> None:
    """The gap reaches back to the latest earlier run of any rule whose own retention has not ended."""
    mine, other = np.array([0.0, DAY, 2 * DAY]), np.array([DAY - H, 2 * DAY, 3 * DAY])
    lineage = [(mine, math.inf), (other, math.inf)]
    assert standing_gap(mine, lineage).tolist() == [math.inf, H, DAY]
    assert standing_gap(other, lineage).tolist() == [DAY - H, DAY, DAY]
    assert standing_gap(mine, [(mine, math.inf)]).tolist() == [math.inf, DAY, DAY]
    assert standing_gap(mine[:1], [(mine[:0], math.inf)]).tolist() == [math.inf]
    # a point kept a day is gone when it is a day old; one kept a second longer is not; the other rule's go after 2 h
    assert standing_gap(mine, [(mine, DAY)]).tolist() == [math.inf] * 3
    assert standing_gap(mine, [(mine, DAY + 1)]).tolist() == [math.inf, DAY, DAY]
    assert standing_gap(mine, [(mine, DAY + 1), (other, 2 * H)]).tolist() == [math.inf, H, DAY]
    assert standing_gap(other, [(mine, 30 * DAY), (other, 2 * H)]).tolist() == [DAY - H, DAY, DAY]


@given(
    st.lists(st.tuples(st.lists(st.integers(0, 60), max_size=12), st.integers(1, 40)), min_size=1, max_size=4),
    st.lists(st.integers(0, 60), min_size=1, max_size=5),
)
def test_the_standing_gap_is_that_of_the_definition(rules: list[tuple[list[int], int]], mine: list[int]) -> None:
    """Of all earlier points whose age is below their retention the newest counts."""
    lineage = [(np.array(sorted(runs), dtype=float), float(kept)) for runs, kept in rules]
    expected = [
        min((float(t - a) for runs, kept in rules for a in runs if a < t < a + kept), default=math.inf) for t in mine
    ]
    assert standing_gap(np.array(mine, dtype=float), lineage).tolist() == expected


def test_the_first_run_of_each_day_counts_by_the_calendar_of_its_zone() -> None:
    """Every hour from midnight UTC: a day begins at 00:00 in UTC and at 23:00 UTC in Berlin's winter."""
    hours = np.arange(0, 72, 1, dtype=np.int64) * 3600
    for tz, first in (("UTC", [0, 24, 48]), ("Europe/Berlin", [0, 23, 47, 71])):
        kept = first_of_days(local_days(hours, tz))
        assert (hours[kept] // 3600).tolist() == first
    # the clocks go forward on 29 March 2026: the day is an hour shorter
    march = 1774656000 + np.arange(0, 72, 1, dtype=np.int64) * 3600  # 28 March, 00:00 UTC
    kept = first_of_days(local_days(march, "Europe/Berlin"))
    assert ((march[kept] - march[0]) // 3600).tolist() == [0, 23, 46, 70]


def test_retained_points_are_retention_over_period() -> None:
    """Every 4 h kept 10 h: 2.5 points on average, two half of the time and three the other half (Little's law)."""
    times, _ = every_runs(4 * H, -DAY, 101 * DAY)
    minutes = np.arange(0, 100 * DAY, 60.0) + 30.0
    counts = np.searchsorted(times, minutes) - np.searchsorted(times, minutes - 10 * H)
    assert counts.mean() == 2.5
    assert (counts == 3).mean() == 0.5
    assert set(counts.tolist()) == {2, 3}


def test_retained_points_of_three_rules_add() -> None:
    """Daily/35 d, weekly/90 d and monthly/365 d keep 59.848929 points on average over 28 years of the calendar."""
    start = epoch(2001, 1, 1)
    length = (epoch(2029, 1, 1) - start) // 86400  # weekdays and leap years repeat after 28 years
    noons = (np.arange(length) + 0.5) * DAY
    total = np.zeros(len(noons))
    for text, kept_days in (("cron(0 5 ? * * *)", 35), ("cron(0 5 ? * SUN *)", 90), ("cron(0 5 1 * ? *)", 365)):
        times, _ = cron_runs(parse_cron(text), "UTC", start, -366 * DAY, length * DAY)
        total += np.searchsorted(times, noons) - np.searchsorted(times, noons - kept_days * DAY)
    assert total.mean() == pytest.approx(35 + 90 / 7 + 365 * 48 / 1461, abs=1e-9)
    assert total.mean() == pytest.approx(59.848929, abs=5e-7)
