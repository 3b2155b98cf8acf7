"""Distributions stretched: another median, the spread with it."""

from __future__ import annotations

from dataclasses import replace

from drsim.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Scaled,
    Triangular,
    Uniform,
    Weibull,
)


def with_median(given: Distribution, median: float) -> Distribution:
    """Return a distribution stretched to another median; what is nothing becomes constant.

    Args:
        given: any.
        median: the new one, in the same unit.
    """
    present = given.quantile(0.5)
    if present == 0 or median == 0:
        return Constant(median)
    stretched = _stretched(given, median / present)
    # exactly what was asked for: a quotient may miss it by its last digit
    return replace(stretched, median=median) if isinstance(stretched, Lognormal) else stretched


def _stretched(given: Distribution, factor: float) -> Distribution:
    """Return a distribution of values that are longer by a factor, in a form that a file can hold."""
    stretched: Distribution = Constant(given.quantile(0.5) * factor)
    match given:
        case Lognormal():
            cap, floor = given.cap * factor, given.floor * factor
            stretched = replace(given, median=given.median * factor, cap=cap, floor=floor)
        case Uniform():
            stretched = Uniform(given.low * factor, given.high * factor)
        case Triangular():
            stretched = Triangular(given.low * factor, given.mode * factor, given.high * factor)
        case Exponential() | Weibull():
            stretched = replace(given, scale=given.scale * factor)
        case Empirical():
            stretched = Empirical(tuple(value * factor for value in given.values))
        case Scaled():
            stretched = _stretched(given.base, factor * given.factor)
    return stretched
