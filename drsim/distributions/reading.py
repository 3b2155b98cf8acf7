"""From what a file says to the distribution that it means."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from drsim.distributions.families import Z95, Empirical, Exponential, Lognormal, Triangular, Uniform, Weibull
from drsim.distributions.model import Constant, Distribution, Tailed
from drsim.errors import RangeError, UnitError
from drsim.ranges import SHAPE, SPREAD, Range
from drsim.text import shown

_FORMS = (
    "a plain value, {median: .., p95: ..}, {uniform: [.., ..]}, {exponential: ..}, "
    "{triangular: [.., .., ..]}, {weibull: {scale: .., shape: ..}} or {empirical: [..]}"
)


def parse(value: object, read: Callable[[object], float], within: Range | None = None) -> Distribution:
    """Return the distribution that a file's value describes.

    Args:
        value: a plain quantity or one of the mappings of the docstring of `drsim.distributions`.
        read: reader of one quantity, for instance `units.duration_s`.
        within: the range of what is written, of the mean and of what is drawn; None for any.

    Raises:
        UnitError: no such form, parameters that contradict each other, or a quantity that `read` refuses.
        RangeError: something out of range, or a tail so heavy that its mean is.
    """
    if isinstance(value, Distribution):
        return value
    read_checked = read if within is None else _in_range(read, within)
    if not isinstance(value, Mapping):
        return Constant(read_checked(value))
    keys = set(value)
    if "median" in keys:
        distribution = _parse_lognormal(value, read_checked)
    else:
        kind = next(iter(keys)) if len(keys) == 1 else None
        reader = _READERS.get(str(kind))
        if reader is None:
            raise UnitError(f"{shown(dict(value))} is no distribution: write {_FORMS}")
        distribution = reader(value[kind], read_checked)
    if within is None or not isinstance(distribution, Tailed):
        return distribution
    return _with_bounded_tail(distribution, value, within)


def _in_range(read: Callable[[object], float], within: Range) -> Callable[[object], float]:
    """Return a reader that refuses what is out of range."""
    return lambda value: within.checked(read(value), shown(value))


def _with_bounded_tail(distribution: Tailed, value: Mapping[Any, Any], within: Range) -> Distribution:
    """Return a distribution that draws from within a range.

    Raises:
        RangeError: its mean lies beyond it.
    """
    if distribution.mean > within.most:
        way = "give it a `max`, or bring" if isinstance(distribution, Lognormal) else "bring"
        why = f"its tail is so heavy that its mean lies beyond the range, and {within.what} is {within.words}"
        raise RangeError(f"{shown(dict(value))} is out of range: {why}", f"{way} its tail nearer to its middle")
    return replace(distribution, within=(within.least, within.most))


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
