"""Bursts of jobs begin only where nothing waits and nothing runs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from drsim.laws.queue import burst_begins, resource_burst_begins
from tests.examples import examples

Run = tuple[int, int, int, int]
"""Scheduled moment, seconds until it is ready, duration, resource."""


def ends(runs: list[Run], slots: int) -> list[int]:
    """Return when each run is done, second by second: first come, first served, one job a resource at a time."""
    done: dict[int, int] = {}
    running: dict[int, int] = {}
    now = 0
    while len(done) < len(runs):
        for i in [i for i, end in running.items() if end == now]:
            done[i] = running.pop(i)
        waiting = [i for i, r in enumerate(runs) if r[0] + r[1] <= now and i not in done and i not in running]
        for i in sorted(waiting, key=lambda i: (runs[i][0] + runs[i][1], i)):
            if len(running) < slots and runs[i][3] not in {runs[j][3] for j in running}:
                running[i] = now + runs[i][2]
        now += 1
    return [done[i] for i in range(len(runs))]


def begins(runs: list[Run], slots: int, busy_until: float = -np.inf) -> list[int]:
    """Return what the law says, each run of a resource being of a stream of its own."""
    resources = [r[3] for r in runs]
    rank = [resources[:i].count(resource) for i, resource in enumerate(resources)]
    columns = [
        [float(r[0]) for r in runs],
        [float(r[0] + r[1]) for r in runs],
        [float(r[2]) for r in runs],
        [r[2] / slots for r in runs],
    ]
    scheduled, ready, chain, share = (np.array([c]) for c in columns)
    found = burst_begins(scheduled, ready, chain, share, np.array([rank]), np.array([busy_until]))
    return [int(b) for b in found[0]]


many = st.lists(
    st.tuples(st.integers(0, 4).map(lambda k: 8 * k), st.integers(0, 2), st.integers(3, 7), st.integers(0, 3)),
    min_size=1,
    max_size=10,
)


@examples(400)
@given(many, st.integers(1, 3))
def test_before_a_burst_everything_is_done(drawn: list[Run], slots: int) -> None:
    """When a burst begins every earlier run is done, by a simulation second by second."""
    runs = sorted(drawn)
    done = ends(runs, slots)
    for j, begin in enumerate(begins(runs, slots)):
        assert 0 <= begin <= j
        assert all(end <= runs[begin][0] for end in done[:begin])


def test_runs_far_apart_are_bursts_of_their_own() -> None:
    """A run due as the one before ends begins a burst, and one due a second earlier belongs to it."""
    assert begins([(0, 0, 5, 0), (10, 0, 5, 0)], 1) == [0, 1]
    assert begins([(0, 0, 5, 0), (9, 0, 5, 0)], 1) == [0, 0]


def test_nothing_begins_while_older_runs_may_be_busy() -> None:
    """Until the moment up to which older runs may be busy, and what they delay, no beginning is known."""
    runs = [(0, 0, 5, 0), (20, 0, 5, 0), (60, 0, 5, 0)]
    assert begins(runs, 1, busy_until=15.0) == [-1, -1, 2]
    assert begins(runs, 1, busy_until=10.0) == [-1, 1, 2]


one_resource = st.lists(
    st.tuples(st.integers(0, 8).map(lambda k: 4 * k), st.integers(0, 2), st.integers(1, 7), st.just(0)),
    min_size=1,
    max_size=10,
)


@examples(400)
@given(one_resource, st.sampled_from([-np.inf, 6.0, 15.0]))
def test_the_closed_form_for_one_resource(drawn: list[Run], busy_until: float) -> None:
    """It finds every begin that the recursion finds, no others where moments differ, and none before all is done."""
    runs = sorted(drawn)
    scheduled = np.array([[float(r[0]) for r in runs]])
    ready = scheduled + [r[1] for r in runs]
    chain = np.array([[float(r[2]) for r in runs]])
    busy = np.array([busy_until])
    done = ends(runs, 1)
    for j, begin in enumerate(resource_burst_begins(scheduled, ready, chain, 0 * chain, busy)[0].tolist()):
        assert -1 <= begin <= j
        assert begin < 0 or scheduled[0, begin] >= busy_until
        assert all(end <= runs[begin][0] for end in done[: max(begin, 0)])
    found, slow = resource_burst_begins(scheduled, ready, chain, chain, busy)[0], begins(runs, 1, busy_until)
    assert (found >= slow).all()
    if len({r[0] for r in runs}) == len(runs):
        assert found.tolist() == slow
