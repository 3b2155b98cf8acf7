"""What a distribution is: quantiles, a mean, a bound."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Distribution(ABC):
    """A distribution of one non-negative quantity in its canonical unit."""

    @abstractmethod
    def ppf(self, u: Floats) -> Floats:
        """Return the quantiles at `u`, of any shape, each in (0, 1)."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """The mean, in the quantity's unit."""

    @property
    @abstractmethod
    def sup(self) -> float:
        """The least upper bound of what can be drawn; infinite where there is none but the range of its kind."""

    @cached_property
    def is_constant(self) -> bool:
        """Whether every draw is the same."""
        return isinstance(self, Constant)

    def quantile(self, q: float) -> float:
        """Return one quantile, in the quantity's unit."""
        return float(self.ppf(np.array([q]))[0])


@dataclass(frozen=True)
class Constant(Distribution):
    """Always the same value."""

    value: float

    def ppf(self, u: Floats) -> Floats:
        """Return the value, in the shape of `u`."""
        return np.full(np.shape(u), self.value)

    @property
    def mean(self) -> float:
        """The value."""
        return self.value

    @property
    def sup(self) -> float:
        """The value."""
        return self.value


@dataclass(frozen=True)
class Tailed(Distribution):
    """A distribution with a tail, drawn from within a range.

    Attributes:
        within: the least and the most that is drawn, in the quantity's unit; None for anything. It is no part of what
            was written, and neither `mean` nor `sup` knows of it.
    """

    within: tuple[float, float] | None = field(default=None, compare=False, kw_only=True)

    @abstractmethod
    def tail(self, u: Floats) -> Floats:
        """Return the quantiles at `u` of the whole distribution."""

    def ppf(self, u: Floats) -> Floats:
        """Return the quantiles at `u`, none beyond the range."""
        drawn = self.tail(u)
        return drawn if self._is_within else np.clip(drawn, *self.within)  # type: ignore[misc]  # it has a range then

    @cached_property
    def _is_within(self) -> bool:
        """Whether no draw of drsim leaves the range; most never do, and there are millions of draws."""
        if self.within is None:
            return True
        with np.errstate(over="ignore"):
            low, high = self.tail(np.array([_SMALLEST, _LARGEST]))
        return bool(self.within[0] <= low and high <= self.within[1])


_SMALLEST, _LARGEST = 2.0**-33, 1 - 2.0**-33
"""The quantiles that can be drawn (`drsim.draws.LARGEST`)."""


@dataclass(frozen=True)
class Capped(Distribution):
    """Another distribution, cut off at a largest value."""

    base: Distribution
    most: float

    def ppf(self, u: Floats) -> Floats:
        """Return the base's quantiles, none above the largest value."""
        return np.minimum(self.base.ppf(u), self.most)

    @cached_property
    def mean(self) -> float:
        """E[min(X, most)], by quadrature."""
        return float(self.ppf((np.arange(4096) + 0.5) / 4096).mean())

    @property
    def sup(self) -> float:
        """The base's bound, or the largest value."""
        return min(self.base.sup, self.most)


@dataclass(frozen=True)
class InStep(Distribution):
    """The sum of two distributions of which both have the same luck: a draw that is long in one is long in both."""

    first: Distribution
    second: Distribution

    def ppf(self, u: Floats) -> Floats:
        """Return the sum of both quantiles."""
        return self.first.ppf(u) + self.second.ppf(u)

    @property
    def mean(self) -> float:
        """The sum of the means."""
        return self.first.mean + self.second.mean

    @property
    def sup(self) -> float:
        """The sum of the bounds."""
        return self.first.sup + self.second.sup


@dataclass(frozen=True)
class Scaled(Distribution):
    """Another distribution, times a factor."""

    base: Distribution
    factor: float

    def ppf(self, u: Floats) -> Floats:
        """Return the base's quantiles times the factor."""
        return self.base.ppf(u) * self.factor

    @property
    def mean(self) -> float:
        """The base's mean times the factor."""
        return self.base.mean * self.factor

    @property
    def sup(self) -> float:
        """The base's bound times the factor."""
        return self.base.sup * self.factor
