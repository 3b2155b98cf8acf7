"""Quantities as people write them."""

from __future__ import annotations

import math

import pytest

from drsim.units import format_duration


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
