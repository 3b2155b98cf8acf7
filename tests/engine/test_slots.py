"""Queues for slots in many drills at once: who is first, who gives up, who has to wait for the next look."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from drsim.engine.vectorised.slots import Slots, serve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def served(
    queued: list[float],
    lasting: list[float],
    slots: int,
    *,
    order: list[int] | None = None,
    priority: list[int] | None = None,
    deadline: list[float] | None = None,
    stop: float = np.inf,
    rows: int = 1,
) -> list[float]:
    """Return when jobs of one limit start, nan for those that never do; every row is the same drill."""
    jobs = len(queued)
    starts = np.full((rows, jobs), np.nan)

    def begin(drill: Ints, job: Ints, at_s: Floats) -> Floats:
        starts[drill, job] = at_s
        return np.asarray(at_s + np.array(lasting)[job])

    serve(
        np.tile(np.array(queued, dtype=float), (rows, 1)),
        np.zeros((rows, jobs, 1), dtype=np.int64),
        [slots],
        np.tile(np.arange(jobs) if order is None else np.array(order), (rows, 1)),
        begin,
        priority=None if priority is None else np.array(priority),
        deadline_s=None if deadline is None else np.tile(np.array(deadline), (rows, 1)),
        stop_s=np.full(rows, stop),
    )
    assert (np.isnan(starts) == np.isnan(starts[0])).all()
    np.testing.assert_array_equal(starts, np.tile(starts[0], (rows, 1)))
    return [float(s) for s in starts[0]]


@pytest.mark.parametrize("rows", [1, 3])
def test_first_come_first_served(rows: int) -> None:
    """Two slots and three jobs: the third starts when the first slot falls free."""
    assert served([0, 1, 2], [10, 3, 1], 2, rows=rows) == [0, 1, 4]


def test_order_written_settles_equal_moments() -> None:
    """Of jobs queued at one moment the one written first starts first, whatever its column."""
    assert served([5, 5, 5], [2, 2, 2], 1, order=[2, 0, 1]) == [9, 5, 7]


def test_priority_goes_before_the_moment_of_queueing() -> None:
    """At a moment at which both could start, the job of the more urgent application does."""
    assert served([0, 1, 2], [10, 1, 1], 1, priority=[1, 2, 1]) == [0, 11, 10]


def test_a_job_gives_up_at_its_deadline() -> None:
    """A start exactly at the deadline is too late; the slot goes to the next."""
    started = served([0, 1, 2], [10, 1, 1], 1, deadline=[np.inf, 10, np.inf])
    assert started[0] == 0
    assert np.isnan(started[1])
    assert started[2] == 10


def test_nothing_starts_at_the_stop() -> None:
    """What could start at the stop or after it stays queued, and the slots remember who holds them."""
    assert np.isnan(served([0, 4, 5], [1, 1, 1], 1, stop=4)[1:]).all()
    pool = Slots(1, [1], 2)
    queued = np.array([[0.0, 3.0]])
    begun: list[float] = []

    def begin(drill: Ints, job: Ints, at_s: Floats) -> Floats:
        del drill, job
        begun.extend(at_s.tolist())
        return np.asarray(at_s + 10.0)

    limits, order = np.zeros((1, 2, 1), dtype=np.int64), np.array([[0, 1]])
    serve(queued, limits, [1], order, begin, stop_s=np.array([3.0]), pool=pool)
    assert begun == [0.0]
    serve(queued, limits, [1], order, begin, pool=pool)
    assert begun == [0.0, 10.0]


def test_a_later_job_passes_one_that_waits_for_another_limit() -> None:
    """A job holds no slot while it waits for a second one."""
    starts: dict[int, float] = {}

    def begin(drill: Ints, job: Ints, at_s: Floats) -> Floats:
        del drill
        starts.update(zip(job.tolist(), at_s.tolist(), strict=True))
        return np.asarray(at_s + 10.0)

    limits = np.array([[[0, 2], [0, 1], [1, 2]]])  # the first limit, both, the second; 2 is none
    serve(np.array([[0.0, 1.0, 2.0]]), limits, [1, 1], np.array([[0, 1, 2]]), begin)
    assert starts == {0: 0.0, 2: 2.0, 1: 12.0}
