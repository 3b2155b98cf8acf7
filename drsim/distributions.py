"""Distributions of uncertain quantities, each a quantile function of the unit interval.

A draw is `distribution.ppf(u)` with a quantile `u` from `drsim.draws`: the same `u` gives the same luck
to every strategy, whatever the distribution is.
As written in files (values of the quantity's own kind):

    3 h                                  constant
    {median: 5 d, p95: 187 d}            lognormal; `p5` instead of `p95`; `min` and `max` cut it off
    {uniform: [1 h, 5 h]}                equally likely between two values
    {exponential: 6 h}                   its mean
    {triangular: [3 h, 4 h, 5 h]}        smallest, most likely, largest
    {weibull: {scale: 2 h, shape: 1.5}}
    {empirical: [1 h, 2 h, 2.5 h]}       observations, equally likely

What is written lies in the range of its kind (`drsim.ranges`). Tails without an end are cut off at that range's ends,
which no more than one draw in very many reaches: a tail so heavy that its mean lies beyond is refused.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drsim.errors import RangeError, UnitError
from drsim.ranges import SHAPE, SPREAD, Range
from drsim.text import shown

Floats = NDArray[np.float64]

Z95 = 1.6448536269514722
"""The standard normal's 95th percentile."""


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


def _phi(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


_FORMS = (
    "a plain value, {median: .., p95: ..}, {uniform: [.., ..]}, {exponential: ..}, "
    "{triangular: [.., .., ..]}, {weibull: {scale: .., shape: ..}} or {empirical: [..]}"
)


def parse(value: object, read: Callable[[object], float], within: Range | None = None) -> Distribution:
    """Return the distribution that a file's value describes.

    Args:
        value: a plain quantity or one of the mappings of the module's docstring.
        read: reader of one quantity, for instance `units.duration_s`.
        within: the range of what is written, of the mean and of what is drawn; None for any.

    Raises:
        UnitError: no such form, parameters that contradict each other, or a quantity that `read` refuses.
        RangeError: something out of range, or a tail so heavy that its mean is.
    """
    if isinstance(value, Distribution):
        return value
    each = read if within is None else _in_range(read, within)
    if not isinstance(value, Mapping):
        return Constant(each(value))
    keys = set(value)
    if "median" in keys:
        found = _parse_lognormal(value, each)
    else:
        kind = next(iter(keys)) if len(keys) == 1 else None
        reader = _READERS.get(str(kind))
        if reader is None:
            raise UnitError(f"{shown(dict(value))} is no distribution: write {_FORMS}")
        found = reader(value[kind], each)
    return found if within is None or not isinstance(found, Tailed) else _with_bounded_tail(found, value, within)


def _in_range(read: Callable[[object], float], within: Range) -> Callable[[object], float]:
    """Return a reader that refuses what is out of range."""
    return lambda value: within.checked(read(value), shown(value))


def _with_bounded_tail(found: Tailed, value: Mapping[Any, Any], within: Range) -> Distribution:
    """Return a distribution that draws from within a range.

    Raises:
        RangeError: its mean lies beyond it.
    """
    if found.mean > within.most:
        way = "give it a `max`, or bring" if isinstance(found, Lognormal) else "bring"
        why = f"its tail is so heavy that its mean lies beyond the range, and {within.what} is {within.words}"
        raise RangeError(f"{shown(dict(value))} is out of range: {why}", f"{way} its tail nearer to its middle")
    return replace(found, within=(within.least, within.most))


def _parse_list(
    kind: str, body: object, read: Callable[[object], float], length: int | None, *, ascending: bool = True
) -> list[float]:
    if not isinstance(body, Sequence) or isinstance(body, str | bytes) or (length and len(body) != length) or not body:
        raise UnitError(f"{kind} takes a list of {length or 'one or more'} values, found {shown(body)}")
    values = [read(v) for v in body]
    if values != sorted(values):
        if ascending:
            raise UnitError(f"{kind} takes values in ascending order, found {shown(body)}")
        values.sort()
    return values


def _parse_weibull(body: object, read: Callable[[object], float]) -> Distribution:
    if not isinstance(body, Mapping) or set(body) != {"scale", "shape"}:
        raise UnitError(f"weibull takes a scale and a shape, found {shown(body)}")
    shape = body["shape"]
    if isinstance(shape, bool) or not isinstance(shape, int | float):
        raise UnitError(f"weibull shape {shown(shape)} is no number: write one such as 1.5")
    SHAPE.checked(shape, f"weibull shape {shown(shape)}")
    return Weibull(read(body["scale"]), float(shape))


_READERS: dict[str, Callable[[object, Callable[[object], float]], Distribution]] = {
    "uniform": lambda body, read: Uniform(*_parse_list("uniform", body, read, 2)),
    "exponential": lambda body, read: Exponential(read(body)),
    "triangular": lambda body, read: Triangular(*_parse_list("triangular", body, read, 3)),
    "empirical": lambda body, read: Empirical(tuple(_parse_list("empirical", body, read, None, ascending=False))),
    "weibull": _parse_weibull,
}


def _parse_lognormal(value: Mapping[Any, Any], read: Callable[[object], float]) -> Distribution:
    keys = set(value)
    quantiles = keys & {"p5", "p95"}
    if keys - {"median", "p5", "p95", "min", "max"} or len(quantiles) != 1:
        raise UnitError(
            f"{shown(dict(value))} is no lognormal: it takes median, one of p95 or p5, and may take min and max"
        )
    (q,) = quantiles
    median, other = read(value["median"]), read(value[q])
    cap = read(value["max"]) if "max" in keys else math.inf
    floor = read(value["min"]) if "min" in keys else 0.0
    if median == other == 0:
        return Constant(0.0)
    if median <= 0 or other <= 0:
        raise UnitError(f"{shown(dict(value))}: the median and {q} of a lognormal are above 0")
    ratio = other / median if q == "p95" else median / other
    if ratio < 1:
        raise UnitError(f"{shown(dict(value))}: p95 lies at or above the median, p5 at or below it")
    if ratio > SPREAD:
        what = (
            f"{shown(dict(value))} is out of range: the median of a lognormal and {q} are no more than {SPREAD:g} times"
        )
        raise RangeError(f"{what} apart", "bring them nearer to each other")
    if not floor <= median <= cap:
        raise UnitError(f"{shown(dict(value))}: the median lies between min and max")
    if ratio == 1:
        return Constant(median)
    return Lognormal(median, math.log(ratio) / Z95, cap, floor)
