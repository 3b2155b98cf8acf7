"""Canonical values to the text that a user would write, exact: reading it gives the same value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from drsim import units
from drsim.catalogue import PARAMETERS, FailureLaw
from drsim.distributions import (
    Z95,
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Triangular,
    Uniform,
    Weibull,
    parse,
)
from drsim.errors import UnitError

Written = str | float | dict[str, "Written"] | list["Written"]
"""A quantity or a distribution as it stands in a file."""

_SIZES = {unit: units.SIZE_BYTES[unit] for unit in ("B", "MB", "GB", "TB", "GiB", "TiB")}
_TIMES = {unit: units.TIME_S[unit] for unit in ("d", "h", "min", "s")}

UNITS: dict[str, dict[str, float]] = {
    "duration": _TIMES,
    "size": _SIZES,
    "rate": {f"{unit}/s": size for unit, size in _SIZES.items()},
    "object-rate": {"/s": 1.0},
    "change-rate": {"%/day": 0.01},
    "yearly-rate": {"/year": 1.0},
    "growth": {"%/year": 0.01},
    "money": {"USD": 1.0},
    "money-rate": {"USD/h": 1 / units.HOUR_S, "USD/s": 1.0, "USD/month": 1 / units.MONTH_S},
    "fraction": {"%": 0.01, "": 1.0},
    "count": {"": 1.0},
}
"""Units to write each kind of quantity in, and their size in the canonical unit."""

_BARE = frozenset({"count"})


def _spellings(kind: str, value: float) -> Iterator[str]:
    """Yield texts for a value, the exact ones among others."""
    for unit, scale in UNITS[kind].items():
        number = value / scale
        nearby = (number, math.nextafter(number, math.inf), math.nextafter(number, -math.inf), value * (1 / scale))
        for text in (*(f"{number:.{digits}g}" for digits in (3, 6, 12, 15, 16)), *map(repr, nearby)):
            yield f"{text.removesuffix('.0')} {unit}".strip()


@lru_cache(maxsize=4096)  # the same values are written again and again: options of knobs, resolved scenarios
def write_quantity(kind: str, value: float, read: Callable[[object], float]) -> str | float:
    """Return the shortest text that `read` reads as exactly this value; the nearest one if none is exact."""
    exact = [text for text in _spellings(kind, value) if _same(read, text, value)]
    text = (
        min(exact, key=_awkwardness)
        if exact
        else f"{value / next(iter(UNITS[kind].values()))!r} {next(iter(UNITS[kind]))}"
    )
    return _number(text) if kind in _BARE else text


def _awkwardness(text: str) -> tuple[bool, int]:
    """Return what makes a text harder to read: an exponent, then the length of its number."""
    number = text.partition(" ")[0]
    return "e" in number, len(number)


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _same(read: Callable[[object], float], text: str, value: float) -> bool:
    try:
        return read(text) == value
    except UnitError:
        return False


def write_distribution(kind: str, value: Distribution, read: Callable[[object], float]) -> Written:
    """Return the form of a distribution that reads as exactly this one.

    Raises:
        TypeError: a distribution that has no form in files.
    """

    def one(number: float) -> str | float:
        return write_quantity(kind, number, read)

    form: Written | None = None
    match value:
        case Constant():
            form = one(value.value)
        case Lognormal():
            form = _lognormal(kind, value, read)
        case Uniform():
            form = {"uniform": [one(value.low), one(value.high)]}
        case Exponential():
            form = {"exponential": one(value.scale)}
        case Triangular():
            form = {"triangular": [one(value.low), one(value.mode), one(value.high)]}
        case Weibull():
            form = {"weibull": {"scale": one(value.scale), "shape": value.shape}}
        case Empirical():
            form = {"empirical": [one(number) for number in value.values]}
    if form is None:
        raise TypeError(f"{type(value).__name__} has no form in a file")
    return form


def _lognormal(kind: str, value: Lognormal, read: Callable[[object], float]) -> Written:
    """Return median and p95, or p5 where only that is exact."""
    form: dict[str, Written] = {"median": write_quantity(kind, value.median, read)}
    if math.isfinite(value.cap):
        form["max"] = write_quantity(kind, value.cap, read)
    spread = math.exp(value.sigma * Z95)
    forms = [
        {**form, quantile: text}
        for quantile, number in (("p95", value.median * spread), ("p5", value.median / spread))
        for text in sorted(dict.fromkeys(_spellings(kind, number)), key=_awkwardness)
    ]
    for candidate in forms:
        try:
            if parse(candidate, read) == value:
                return candidate
        except UnitError:
            continue
    return {**form, "p95": write_quantity(kind, value.median * spread, read)}


def write_parameters(
    values: Mapping[str, Distribution | FailureLaw], readers: Mapping[str, Callable[[object], float]]
) -> dict[str, Written]:
    """Return overrides, each in the form of its parameter's kind."""
    written: dict[str, Written] = {}
    for name, value in values.items():
        if isinstance(value, FailureLaw):
            p = write_quantity("fraction", value.p, readers["fraction"])
            lasts = value.lasts
            spell = None if lasts is None else write_distribution("duration", lasts, readers["duration"])
            shared: dict[str, Written] = {} if value.shared is None else {"shared": value.shared}
            written[name] = p if spell is None else {"p": p, "lasts": spell, **shared}
        else:
            kind = PARAMETERS[name]
            written[name] = write_distribution(kind, value, readers[kind])
    return written
