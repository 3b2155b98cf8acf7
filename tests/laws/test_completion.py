"""How probable it is that a job completes in time, against closed forms and draws."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drsim.distributions import Constant, Distribution, Empirical, Exponential, Lognormal, Uniform
from drsim.laws.jobs import Work
from drsim.laws.sampling import p_at_most

NO_KEYS = (0, 1, 2)
ZERO = Constant(0.0)


def of_rate(rate: Distribution, fixed: Distribution = ZERO, objects: Distribution | None = None) -> Work:
    """A job of a fixed part and one or two data phases."""
    return Work(None, fixed, rate, objects, NO_KEYS)


@pytest.mark.parametrize(("window", "p"), [(0.5, 0.0), (1.0, 0.25), (2.5, 0.5), (3.9, 0.75), (4.0, 1.0), (9.0, 1.0)])
def test_a_whole_duration_has_its_own_distribution(window: float, p: float) -> None:
    """Of four durations, equally likely, those no longer than the window complete, at its end too."""
    assert Work(Empirical((1.0, 2.0, 3.0, 4.0)), ZERO, None, None, NO_KEYS).p_within(window) == pytest.approx(p)


def test_constants_complete_or_do_not() -> None:
    """100 GB at 100 MB/s after a minute take 1060 s: no window below holds them, that one and all above do."""
    job = of_rate(Constant(1e8), Constant(60.0))
    assert [job.p_within(window, 1e11) for window in (30.0, 1059.9, 1060.0, math.inf)] == [0, 0, 1, 1]


def test_a_rate_and_a_fixed_part() -> None:
    """A fixed part uniform to 100 s and 1000 bytes at 10 to 30 B/s: integrated by hand."""
    job = of_rate(Uniform(10.0, 30.0), Uniform(0.0, 100.0))
    # P(rate >= 1000 / (100 - f)) over f: where 100 - f exceeds 1000 / 30
    t = np.linspace(1000 / 30, 100, 200_001)
    exact = np.trapezoid((30 - 1000 / t) / 20, t) / 100
    assert job.p_within(100.0, 1000.0) == pytest.approx(float(exact), abs=1e-4)


def test_two_phases_are_independent() -> None:
    """Both phases end in time with the product of their probabilities."""
    job = of_rate(Uniform(10.0, 30.0), ZERO, Uniform(1.0, 5.0))
    assert job.p_within(50.0, 1000.0, 100.0) == pytest.approx(0.5 * 0.75)
    assert job.p_within(50.0, 1000.0) == pytest.approx(0.5)


def test_draws_agree() -> None:
    """Of drawn jobs as many complete as the law says."""
    job = of_rate(Lognormal(3e8, 0.67, 1e12, 38e6), Lognormal(300.0, 1.0, 9000.0), Lognormal(3000.0, 0.5))
    quantiles = np.random.default_rng(3).random((3, 200_000))
    parts = [d.ppf(u) for d, u in zip((job.fixed, job.rate, job.object_rate), quantiles, strict=True) if d]
    for size, objects, window in ((1e13, 1e6, 28_800.0), (1e12, 1e8, 30_000.0)):
        drawn = float((job.lasting(parts, size, objects) <= window).mean())
        assert job.p_within(window, size, objects) == pytest.approx(drawn, abs=0.004)


def test_a_draw_is_at_most_a_value() -> None:
    """The distribution function is that of the quantiles."""
    assert p_at_most(Exponential(10.0), 5.0) == pytest.approx(1 - math.exp(-0.5))
    assert p_at_most(Constant(2.0), 2.0) == 1
    assert p_at_most(Constant(2.0), 1.0) == 0
