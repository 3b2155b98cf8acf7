"""To which moments continuous protection restores, in many drills: the array form of `drsim.engine.continuous`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drsim.engine.continuous import base_streams, gaps_s, latest_start_s, wanted_s
from drsim.engine.strike import Occurrences
from drsim.engine.vectorised.history import Inquiry, Question
from drsim.laws.points import is_usable, restored_moment
from drsim.world.model import Continuous, World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FEW, _DEEPEST = 512, 16
"""So many questions are asked at once, if up to so many runs back in each drill are enough for that."""


def depth(world: World, s: int, lanes: int) -> int:
    """Return how many runs back of a stream are worth asking about at once, in a number of drills."""
    # where many queue together, what one run left behind is dear
    deepest = _DEEPEST // len(world.components[world.component_of[world.streams[s].member]].members)
    return max(1, min(_FEW // max(lanes, 1), deepest))


class _Bases:
    """The newest base known in each of m drills: when its job began, -inf for none, and which run it is."""

    def __init__(self, m: int) -> None:
        self.begun_s = np.full(m, -np.inf)
        self.scheduled_s = np.full(m, -np.inf)
        self.index = np.zeros(m, dtype=np.int64)

    def improve(self, lanes: Ints, begun_s: Floats, scheduled_s: Floats, index: Ints) -> None:
        """Take over newer ones; of those that began together the one scheduled last. Drills may be named twice."""
        better = (begun_s > self.begun_s[lanes]) | (
            (begun_s == self.begun_s[lanes]) & (scheduled_s > self.scheduled_s[lanes])
        )
        these = np.flatnonzero(better)
        these = these[np.lexsort((scheduled_s[these], begun_s[these]))]  # the best of a drill is written last
        lanes = lanes[these]
        self.begun_s[lanes], self.scheduled_s[lanes] = begun_s[these], scheduled_s[these]
        self.index[lanes] = index[these]


def restorable(
    world: World, incidents: Occurrences, continuous: Continuous, drills: Ints
) -> Inquiry[tuple[Ints, Floats, Floats]]:
    """Return the newest good moments that continuous protection restores in some drills.

    Args:
        world: the strategy's world.
        incidents: the incidents of the drills.
        continuous: the protection.
        drills: (m,) in which drills.

    Returns:
        Which of the m have one, (k,); the moments and when their bases began, (k,) each [s since start].
    """
    wanted, occurred = wanted_s(incidents, continuous)[drills], incidents.occurred_s[drills]
    lanes = np.flatnonzero(wanted >= occurred - continuous.window_s)
    bases = _Bases(len(drills))
    for s in base_streams(world, continuous):
        yield from _look_back(world, s, drills, lanes, wanted, occurred, bases)
    lanes = lanes[bases.begun_s[lanes] > -np.inf]
    begun = bases.begun_s[lanes]
    run = incidents.run[drills[lanes]]
    gap = gaps_s(world, continuous, run, bases.index[lanes], bases.scheduled_s[lanes], begun)
    captured, reached = restored_moment(wanted[lanes], gap, occurred[lanes], continuous.window_s)
    return lanes[reached], captured[reached], begun[reached]


def _look_back(
    world: World, s: int, drills: Ints, lanes: Ints, wanted: Floats, occurred: Floats, bases: _Bases
) -> Inquiry[None]:
    """Look for newer bases in one stream, latest run first, for as long as an earlier one could be newer."""
    stream = world.streams[s]
    if not stream.times_s.size:
        return
    position = np.searchsorted(stream.times_s, wanted, side="right") - 1
    jitter = latest_start_s(world, stream)
    back = 0
    while True:
        due = stream.times_s[np.maximum(position[lanes] - back, 0)]
        lanes = lanes[(position[lanes] >= back) & (due + jitter >= bases.begun_s[lanes])]
        if not lanes.size:
            return
        deep = depth(world, s, len(lanes))
        asked = np.repeat(lanes, deep)
        at = np.repeat(position[lanes] - back, deep) - np.tile(np.arange(deep), len(lanes))
        asked, at = asked[at >= 0], at[at >= 0]
        left = yield Question(np.full(len(at), s), drills[asked], at)
        good = np.flatnonzero(
            is_usable(left.captured_s, left.available_s[:, 0], np.inf, occurred[asked], wanted[asked])
        )
        of = at[good]
        bases.improve(asked[good], left.captured_s[good], stream.times_s[of], stream.indices[of])
        back += deep
