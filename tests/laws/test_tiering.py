"""What is old of the data that a lineage keeps: against each version of each block, day by day."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drsim.laws.cost import stored_by_stream
from drsim.laws.staying import Stream
from drsim.laws.tiering import aging_by_stream, old_by_stream
from drsim.units import DAY_S, MONTH_S

WINDOW = (0.0, 360 * DAY_S)


def points(every_days: int, kept_days: float) -> Stream:
    """Points of a rule that has always run, kept for so long."""
    first = -int(kept_days // every_days) * every_days
    captured = np.arange(first, 360, every_days, dtype=np.float64) * DAY_S
    return Stream(captured[captured > -kept_days * DAY_S], kept_days * DAY_S)


def old_by_versions(every: int, kept: int, after: int, change: float) -> tuple[float, float]:
    """Return what is old, of a size of 1, and what becomes old in a day, from every version of a block there ever was.

    A version is captured first by the point k after its change, of (1 - r^every) of the blocks, and is still the same
    at a later point with r per day. It is kept while one of the points that hold it is there.
    """
    ratio = 1 - change
    old, entering = [], []
    for now in range(360):
        alive = [t for t in range(-every * 2000, now + 1, every) if now - kept < t <= now]
        oldest = alive[0]
        first = np.arange(-every * 2000, now + 1, every)
        stored = (1 - ratio**every) * np.where(first >= oldest, 1.0, ratio ** np.maximum(oldest - first, 0))
        old.append(stored[now - first >= after].sum())
        entering.append(stored[(now - first >= after) & (now - first < after + 1)].sum())
    return float(np.mean(old)), float(np.mean(entering))


@pytest.mark.parametrize("change", [0.005, 0.03, 0.2])
@pytest.mark.parametrize(("every", "kept"), [(1, 365), (1, 90), (1, 60), (1, 35), (1, 7), (30, 365), (7, 90)])
def test_what_is_old_is_what_its_versions_say(every: int, kept: int, change: float) -> None:
    """Daily, weekly and monthly points, kept for longer and for less: every version of a block is followed."""
    streams, after_s = [points(every, kept)], 60 * DAY_S
    expected, entering = old_by_versions(every, kept, 60, change)
    (old,) = old_by_stream(streams, WINDOW, 1.0, change, after_s)
    assert old == pytest.approx(expected, rel=0.02, abs=2e-3)
    (stored,) = stored_by_stream(streams, WINDOW, 1.0, change, incremental=True)
    assert old <= stored.warm + 1e-9
    (aging,) = aging_by_stream(streams, WINDOW, 1.0, change, after_s)
    assert aging * DAY_S / MONTH_S == pytest.approx(entering, rel=0.05, abs=2e-4)


def test_daily_points_of_a_year_by_hand() -> None:
    """Of 1,000 GiB at 1 %/day, kept 365 d: all and 304.5 days' changes are 60 days old, 10 GiB become so each day."""
    streams = [points(1, 365)]
    (old,) = old_by_stream(streams, WINDOW, 1000.0, 0.01, 60 * DAY_S)
    assert old == pytest.approx(1000 + 304 * 10, rel=1e-3)
    (aging,) = aging_by_stream(streams, WINDOW, 1e6, 0.01, 60 * DAY_S)
    assert aging == pytest.approx(1e6 * 0.01 * MONTH_S / DAY_S, rel=1e-3)


def test_what_never_changes_is_old_and_moves_no_more() -> None:
    """Without changes all of it is old, though no point ever is; nothing new becomes so."""
    streams = [points(1, 35)]
    assert old_by_stream(streams, WINDOW, 1000.0, 0.0, 60 * DAY_S)[0] == pytest.approx(1000)
    assert aging_by_stream(streams, WINDOW, 1e6, 0.0, 60 * DAY_S)[0] == 0
    assert old_by_stream(streams, WINDOW, 1000.0, 1.0, 60 * DAY_S)[0] == 0


def test_what_is_kept_for_ever_has_nothing_before_it() -> None:
    """A first point that is kept for ever becomes old at its age, and no earlier; all of its objects move then."""
    stream = Stream(np.array([0.0]), np.inf)
    assert old_by_stream([stream], WINDOW, 1000.0, 0.01, 60 * DAY_S)[0] == pytest.approx(1000 * 300 / 360)
    assert aging_by_stream([stream], WINDOW, 1e6, 0.01, 60 * DAY_S)[0] == pytest.approx(1e6 * MONTH_S / (360 * DAY_S))


def test_rules_share_what_is_old() -> None:
    """Daily points of 35 d and monthly ones of a year: what is old is held by the monthly ones."""
    streams = [points(1, 35), points(30, 365)]
    daily, monthly = old_by_stream(streams, WINDOW, 1000.0, 0.01, 60 * DAY_S)
    (alone,) = old_by_stream([points(30, 365)], WINDOW, 1000.0, 0.01, 60 * DAY_S)
    assert daily == 0
    assert monthly == pytest.approx(alone, rel=1e-9)


def test_points_kept_for_ever_from_a_first_one_on() -> None:
    """Ten-daily points for ever from the start on, of which half changes: nothing is old that was not there."""
    stream = Stream(np.arange(0.0, 360.0, 10.0, dtype=np.float64) * DAY_S, math.inf)
    changed = 1 - (1 - 0.07) ** 10
    by_hand = sum((1.0 if k == 0 else changed) * max(0, 300 - 10 * k) / 360 for k in range(36))
    assert old_by_stream([stream], WINDOW, 1.0, 0.07, 60 * DAY_S)[0] == pytest.approx(by_hand)


def test_objects_become_old_once_whichever_rules_hold_them() -> None:
    """Weekly points of a year beside daily ones of 90 days bring no object twice: as many as the daily ones alone."""
    together = aging_by_stream([points(1, 90), points(7, 365)], WINDOW, 1e6, 0.01, 60 * DAY_S)
    (alone,) = aging_by_stream([points(1, 90)], WINDOW, 1e6, 0.01, 60 * DAY_S)
    assert sum(together) == pytest.approx(alone, rel=1e-2)
