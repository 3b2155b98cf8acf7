"""Of two ways to recover the one that is taken, by loss and time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drsim.engine.courses import prefers
from drsim.engine.options import replay_expected_s
from tests.scenarios import DAY, HOUR, rule, world

Way = tuple[float, float]
"""Loss and expected time [h]."""


@pytest.mark.parametrize(
    ("here", "there", "is_taken"),
    [
        ((1, 2), (1, 1), True),
        ((1, 1), (1, 1), False),
        ((2, 1), (1, 1), True),
        ((1, 1), (2, 1), False),
        ((2, 1), (1, 3), False),
        ((1, 3), (2, 1), True),
        ((4, 1), (1, 3), True),
        ((1, 3), (4, 1), False),
        ((math.inf, math.inf), (9, 9), True),
    ],
)
def test_of_ways_that_lose_about_the_same_the_quickest_is_taken(here: Way, there: Way, is_taken: bool) -> None:  # noqa: FBT001  of a table
    """Within two hours of loss time decides, then loss, then the order; beyond them loss alone does."""
    ways = [(np.array([loss]), np.array([time])) for loss, time in (here, there)]
    assert prefers(ways[0], ways[1], 2.0, math.inf).tolist() == [is_taken]


@pytest.mark.parametrize(("here", "there", "is_taken"), [((1, 3), (2.5, 1), False), ((1, 3), (2, 1), True)])
def test_a_way_beyond_the_rpo_displaces_none_within_it(here: Way, there: Way, is_taken: bool) -> None:  # noqa: FBT001  of a table
    """Two hours of loss are wanted at most: a quicker way is taken within them, and none that loses more."""
    ways = [(np.array([loss]), np.array([time])) for loss, time in (here, there)]
    assert prefers(ways[0], ways[1], 2.0, 2.0).tolist() == [is_taken]


def test_logs_are_replayed_within_a_duration_that_is_given_as_a_whole() -> None:
    """A restore that is said to take 5 h is expected to take 5 h, however much log there is to replay."""
    w = world(rules=[rule(keep="30 d", more="enable_continuous_backup: true")], overrides={"restore_duration": "5 h"})
    law, replay = w.members[0].restoration, w.members[0].continuous[0].replay
    assert replay.is_waited_for
    assert replay.expected_s(1e9, DAY) > 0
    assert replay_expected_s(law, replay, 1e9, 0.0, DAY) == 5 * HOUR
