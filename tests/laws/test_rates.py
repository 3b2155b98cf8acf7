"""Rates of rare events agree with the Poisson, binomial and lognormal laws."""

from __future__ import annotations

import math

import pytest

from drsim.laws.rates import lognormal, rate_interval, share_p


def poisson_below(events: int, expected: float) -> float:
    """Return the probability of fewer events than these."""
    return sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(events))


@pytest.mark.parametrize("events", [1, 2, 8, 19])
def test_an_interval_leaves_its_share_out_on_either_side(events: int) -> None:
    """At the low end so many events or more are as improbable as so many or fewer at the high end."""
    low, high = rate_interval(events, 1.0, 0.9)
    assert 1 - poisson_below(events, low) == pytest.approx(0.05)
    assert poisson_below(events + 1, high) == pytest.approx(0.05)


def test_no_events_have_an_upper_end() -> None:
    """Where nothing was seen the rate may be zero, and is below -ln(0.05) over the exposure."""
    assert rate_interval(0, 10.0, 0.9) == pytest.approx((0.0, -math.log(0.05) / 10))


def test_twice_the_exposure_is_half_the_rate() -> None:
    """An interval is one of events, divided by the exposure."""
    one, two = rate_interval(5, 100.0, 0.9), rate_interval(5, 200.0, 0.9)
    assert two == pytest.approx([end / 2 for end in one])


def test_the_chance_of_a_part_is_binomial() -> None:
    """Two of three events in a part of a quarter: 3 * 1/16 * 3/4 + 1/64."""
    assert share_p(2, 3, 0.25) == pytest.approx(3 / 16 * 3 / 4 + 1 / 64)
    assert share_p(0, 3, 0.25) == pytest.approx(1.0)


def test_a_lognormal_has_the_mean_and_spread_of_the_logarithms() -> None:
    """One, e and e squared have the median e and the spread of -1, 0 and 1, which is 1."""
    assert lognormal([1.0, math.e, math.e**2]) == pytest.approx((math.e, 1.0))
