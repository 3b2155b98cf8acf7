"""The families of distributions that a file can name."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drsim.distributions.model import Distribution, Floats, Tailed

Z95 = 1.6448536269514722
"""The standard normal's 95th percentile."""


@dataclass(frozen=True)
class Lognormal(Tailed):
    """Lognormal, by its median and the standard deviation of its logarithm, cut off at `floor` and `cap`."""

    median: float
    sigma: float
    cap: float = math.inf
    floor: float = 0.0

    def tail(self, u: Floats) -> Floats:
        """Return median exp(sigma z(u)), between floor and cap."""
        from scipy.special import ndtri  # a slow import, needed only where something is drawn

        drawn = np.atleast_1d(ndtri(u))
        # in place: there are millions of these
        drawn *= self.sigma
        np.exp(drawn, out=drawn)
        drawn *= self.median
        if self.floor > 0:
            np.maximum(drawn, self.floor, out=drawn)
        if self.cap < math.inf:
            np.minimum(drawn, self.cap, out=drawn)
        return drawn.reshape(np.shape(u))

    @property
    def mean(self) -> float:
        """E[X] within floor and cap, by the lognormal's partial expectation."""
        return self._mean_below(self.cap) - (self._mean_below(self.floor) - self.floor if self.floor else 0.0)

    def _mean_below(self, cap: float) -> float:
        """Return E[min(X, cap)]."""
        whole = self.median * math.exp(self.sigma**2 / 2)
        if not math.isfinite(cap):
            return whole
        z = math.log(cap / self.median) / self.sigma
        return whole * _phi(z - self.sigma) + cap * (1 - _phi(z))

    @property
    def sup(self) -> float:
        """The cap."""
        return self.cap


@dataclass(frozen=True)
class Uniform(Distribution):
    """Equally likely between `low` and `high`."""

    low: float
    high: float

    def ppf(self, u: Floats) -> Floats:
        """Return low + (high - low) u."""
        return self.low + (self.high - self.low) * u

    @property
    def mean(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    @property
    def sup(self) -> float:
        """The upper end."""
        return self.high


@dataclass(frozen=True)
class Exponential(Tailed):
    """Exponential, by its mean."""

    scale: float

    def tail(self, u: Floats) -> Floats:
        """Return -mean log(1 - u)."""
        return -self.scale * np.log1p(-u)

    @property
    def mean(self) -> float:
        """The mean."""
        return self.scale

    @property
    def sup(self) -> float:
        """Unbounded, unless the mean is zero."""
        return math.inf if self.scale else 0.0


@dataclass(frozen=True)
class Triangular(Distribution):
    """Triangular, by smallest, most likely and largest value."""

    low: float
    mode: float
    high: float

    def ppf(self, u: Floats) -> Floats:
        """Return the quantile on the rising or the falling side."""
        width = self.high - self.low
        if width == 0:
            return np.full(np.shape(u), self.low)
        turn = (self.mode - self.low) / width
        rising = self.low + np.sqrt(u * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1 - u) * width * (self.high - self.mode))
        return np.where(u < turn, rising, falling)

    @property
    def mean(self) -> float:
        """The mean of the three."""
        return (self.low + self.mode + self.high) / 3

    @property
    def sup(self) -> float:
        """The largest."""
        return self.high


@dataclass(frozen=True)
class Weibull(Tailed):
    """Weibull, by scale and shape."""

    scale: float
    shape: float

    def tail(self, u: Floats) -> Floats:
        """Return scale (-log(1 - u))^(1/shape)."""
        return self.scale * (-np.log1p(-u)) ** (1 / self.shape)

    @property
    def mean(self) -> float:
        """Scale times gamma(1 + 1/shape)."""
        return self.scale * math.gamma(1 + 1 / self.shape)

    @property
    def sup(self) -> float:
        """Unbounded, unless the scale is zero."""
        return math.inf if self.scale else 0.0


@dataclass(frozen=True)
class Empirical(Distribution):
    """Observations, equally likely, in ascending order."""

    values: tuple[float, ...]

    def ppf(self, u: Floats) -> Floats:
        """Return the observation of rank floor(u n)."""
        n = len(self.values)
        ranks = np.minimum((np.asarray(u) * n).astype(np.int64), n - 1)
        return np.array(self.values)[ranks]

    @property
    def mean(self) -> float:
        """The mean of the observations."""
        return math.fsum(self.values) / len(self.values)

    @property
    def sup(self) -> float:
        """The largest observation."""
        return self.values[-1]


def _phi(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
