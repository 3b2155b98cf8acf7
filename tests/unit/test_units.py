"""Quantities as people write them."""

from __future__ import annotations

import math

import pytest

from drsim.units import format_duration, format_durations, format_uncertain, format_within


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
    assert format_within(58.0, 20.0, 284_224.0) == ("0.0161 h", "0.00556 h", "79 h")
    assert format_within(58.0, 20.0, 900.0) == ("58 s", "20 s", "900 s")


@pytest.mark.parametrize(
    ("value", "error", "unit", "text"),
    [
        (4.4182 * 3600, 2.0109 * 3600, "h", "4.4 ± 2.0 h"),
        (58.0, 149 * 3600.0, "h", "0 ± 149 h"),
        (284_224.0, 3989.0, "d", "3.290 ± 0.046 d"),
        (104_067.4, 50_840.2, "", "104,067 ± 50,840"),
        (3600.0, 0.0, "h", "1 ± 0 h"),
        (3600.0, None, "h", "1 h ± –"),
        (12_345.6, math.nan, "", "12,346 ± –"),
        (5 * 3600.0, 0.01, "h", "5 ± 0.000003 h"),
    ],
)
def test_a_mean_has_as_many_decimals_as_its_error(value: float, error: float | None, unit: str, text: str) -> None:
    """The error has two digits that count, the mean stands in the same unit and to the same place."""
    assert format_uncertain(value, error, unit) == text
