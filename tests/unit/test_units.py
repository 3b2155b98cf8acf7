"""Quantities as people write them."""

from __future__ import annotations

import math

import pytest

from drsim.units import format_duration, format_durations, format_within


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (12.34, "12.3 s"),
        (60.0, "1 min"),
        (90.0, "90 s"),
        (150.0, "2.5 min"),
        (3600.0, "1 h"),
        (5400.0, "90 min"),
        (4 * 3600.0, "4 h"),
        (86400.0, "24 h"),
        (3 * 86400.0, "3 d"),
        (-3600.0, "-1 h"),
        (math.inf, "unknown"),
    ],
)
def test_durations_read_well(seconds: float, words: str) -> None:
    """Three digits in the unit that reads best; a minute and an hour are called so."""
    assert format_duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        ([154_440.0, 179_712.0], ("42.9 h", "49.9 h")),
        ([179_712.0, 900.0, 154_440.0], ("49.9 h", "15 min", "42.9 h")),
        ([237 * 86_400.0, 154_440.0], ("237 d", "42.9 h")),  # 5,688 h would say nothing
        ([0.0, 8_748.0], ("0 s", "2.43 h")),  # nothing has no unit to compare with
        ([3_600.0], ("1 h",)),
        ([], ()),
        ([math.inf, 60.0], ("unknown", "1 min")),
    ],
)
def test_durations_side_by_side_compare(seconds: list[float], words: tuple[str, ...]) -> None:
    """A duration takes the unit of the next smaller one beside it, below a hundred of it."""
    assert format_durations(seconds) == words


def test_an_interval_has_one_unit() -> None:
    """The ends of an interval are in the unit of what it is of, and a missing one is a dash."""
    assert format_within(2 * 86_400.0 + 8_640, 86_400.0, None) == ("2.1 d", "1 d", "–")
    assert format_within(math.inf, 60.0) == ("unknown", "1 min")
