"""Quantities as people write them, read into floats of one canonical unit each.

A number without a unit is refused: `35` may be days or hours, `35 d` may not.

    kind          canonical          examples
    duration      seconds            15 min, 8 h, 35 d, 2 w, 1 y (365 d)
    size          bytes              500 GB (10^9), 2 TiB (2^40)
    rate          bytes per second   120 MB/s, 30 GiB/h; of a line 500 Mbit/s
    object rate   objects per second 1000 /s
    change rate   fraction per day   4 %/day
    yearly rate   events per year    0.3 /year
    money         US dollars         15000000 USD
    money rate    US dollars/second  20000 USD/h
    fraction      of one             95 %, 0.95 (the only kind that may be bare)
    count         of one             40e6 (a bare number)

Each kind has its range, see `drsim.ranges`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from drsim.errors import UnitError
from drsim.ranges import QUANTITIES
from drsim.text import lookalikes, shown

MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 86400.0
YEAR_S = 365 * DAY_S
MONTH_S = YEAR_S / 12
"""A month of a bill: 730 h."""
KIB = 2.0**10
GIB = 2.0**30
"""What AWS's price lists and bills call a GB."""

TIME_S = {
    "ms": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0,
    "min": MINUTE_S, "minute": MINUTE_S, "minutes": MINUTE_S,
    "h": HOUR_S, "hour": HOUR_S, "hours": HOUR_S,
    "d": DAY_S, "day": DAY_S, "days": DAY_S,
    "w": 7 * DAY_S, "week": 7 * DAY_S, "weeks": 7 * DAY_S,
    "y": YEAR_S, "year": YEAR_S, "years": YEAR_S,
}  # fmt: skip
SIZE_BYTES = {
    "B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15,
    "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40, "PiB": 2.0**50,
}  # fmt: skip

_NUMBER = re.compile(r"\s*([+-]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(.*?)\s*", re.DOTALL)
_DASH = re.compile(r"(?<=[0-9])-+(?=[A-Za-z%])")
_MOST_CHARACTERS = 200
"""Characters of a quantity at most: far more than any has, and few enough to look at."""


def _split(value: object, right: str) -> tuple[float, str]:
    """Return number and unit of a written quantity; `right` is an example of the right form."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnitError(f"{shown(value)} is not a quantity; write it like {right}")
    if isinstance(value, str):
        if odd := lookalikes(value):
            # a dash between number and unit is a blank that somebody made look better
            raise UnitError(f"{shown(value)} has {odd.found}: write {shown(_DASH.sub(' ', odd.plain))}")
        match = _NUMBER.fullmatch(value) if len(value) <= _MOST_CHARACTERS else None
        if not match:
            raise UnitError(f"{shown(value)} is not a quantity; write it like {right}")
        return float(match[1].replace("_", "")), match[2]
    if isinstance(value, float) and not math.isfinite(value):
        raise UnitError(f"{shown(value)} is not a finite number; write it like {right}")
    return _as_float(value), ""


def _as_float(number: float) -> float:
    """Return a number as a float; infinite where it has more digits than any float, for its range to refuse."""
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number)


def _scaled(value: object, units: dict[str, float], kind: str, right: str) -> float:
    """Return the quantity in its canonical unit.

    Raises:
        UnitError: no unit, a unit of another kind, a negative or a non-finite number.
        RangeError: too large or too small.
    """
    limits = QUANTITIES[kind]
    number, unit = _split(value, right)
    if not unit:
        raise UnitError(f"{shown(value)} has no unit: {limits.what} carries one, for instance {right}")
    if unit not in units:
        raise UnitError(f"{shown(unit)} in {shown(value)} is no unit of {limits.what}: write it like {right}")
    if number < 0:
        raise UnitError(f"{shown(value)} is negative: {limits.what} is zero or more")
    return limits.checked(number * units[unit], shown(value))


def _per(tops: dict[str, float], bottoms: dict[str, float], separator: str = "/") -> dict[str, float]:
    return {f"{t}{separator}{b}": tv / bv for t, tv in tops.items() for b, bv in bottoms.items()}


_BITS = {"bit": 0.125, "kbit": 125.0, "Mbit": 125e3, "Gbit": 125e6}
_RATES = _per(SIZE_BYTES | _BITS, TIME_S)
_OBJECT_RATES = {f"{top}/{t}": 1 / s for top in ("", "objects", "files") for t, s in TIME_S.items()}
_CHANGE_RATES = {f"%/{t}": 0.01 * DAY_S / s for t, s in TIME_S.items() if s == DAY_S}
_YEARLY_RATES = {f"/{t}": YEAR_S / s for t, s in TIME_S.items()}
_MONEY_RATES = {f"USD/{t}": 1 / s for t, s in {**TIME_S, "month": MONTH_S}.items()}


def duration_s(value: object) -> float:
    """Return a duration [s], from text such as `35 d`."""
    return _scaled(value, TIME_S, "duration", "'35 d' or '15 min'")


def size_bytes(value: object) -> float:
    """Return a size [bytes], from text such as `500 GB`."""
    return _scaled(value, SIZE_BYTES, "size", "'500 GB' or '2 TiB'")


def rate_bytes_s(value: object) -> float:
    """Return a throughput [bytes/s], from text such as `120 MB/s`."""
    return _scaled(value, _RATES, "rate", "'120 MB/s'")


def rate_objects_s(value: object) -> float:
    """Return an object rate [objects/s], from text such as `1000 /s`."""
    return _scaled(value, _OBJECT_RATES, "object-rate", "'1000 /s'")


def change_per_day(value: object) -> float:
    """Return the fraction of distinct bytes changed within one day, from text such as `4 %/day`."""
    return _scaled(value, _CHANGE_RATES, "change-rate", "'4 %/day'")


def per_year(value: object) -> float:
    """Return a rate of events [1/year], from text such as `0.3 /year`."""
    return _scaled(value, _YEARLY_RATES, "yearly-rate", "'0.3 /year'")


def usd(value: object) -> float:
    """Return an amount [USD], from text such as `15000000 USD`."""
    return _scaled(value, {"USD": 1.0}, "money", "'15000000 USD'")


def usd_per_s(value: object) -> float:
    """Return a cost rate [USD/s], from text such as `20000 USD/h`."""
    return _scaled(value, _MONEY_RATES, "money-rate", "'20000 USD/h'")


def fraction(value: object) -> float:
    """Return a fraction of one, from `95 %` or `0.95`."""
    number, unit = _split(value, "'95 %' or 0.95")
    if unit not in ("", "%"):
        raise UnitError(f"{shown(unit)} in {shown(value)} is no unit of a fraction: write it like '95 %' or 0.95")
    result = number / 100 if unit == "%" else number
    if not 0 <= result <= 1:
        raise UnitError(f"{shown(value)} is no fraction: it lies between 0 and 1 (0 % and 100 %)")
    return result


def count(value: object) -> float:
    """Return a number of things, from `40e6`; a bare number is right here."""
    number, unit = _split(value, "40e6")
    if unit:
        raise UnitError(f"{shown(value)} carries a unit: a count is a bare number such as 40e6")
    if number < 0:
        raise UnitError(f"{shown(value)} is negative: a count is zero or more")
    return QUANTITIES["count"].checked(number, shown(value))


READERS: dict[str, Callable[[object], float]] = {
    "duration": duration_s,
    "size": size_bytes,
    "rate": rate_bytes_s,
    "object-rate": rate_objects_s,
    "change-rate": change_per_day,
    "yearly-rate": per_year,
    "money": usd,
    "money-rate": usd_per_s,
    "fraction": fraction,
    "count": count,
}
"""The reader of each kind of quantity, by the name that catalogue files use."""


def format_duration(seconds: float) -> str:
    """Return a duration in the unit that reads best: `40 s`, `2.5 h`, `12 d`."""
    if not math.isfinite(seconds):
        return "unknown"
    size = abs(seconds)
    if size in (MINUTE_S, HOUR_S):  # as people write them, in objectives above all
        return f"{_three(seconds / size)} {'h' if size == HOUR_S else 'min'}"
    for unit, length, upto in (("s", 1.0, 120.0), ("min", MINUTE_S, 7200.0), ("h", HOUR_S, 2 * DAY_S)):
        if size < upto:
            return f"{_three(seconds / length)} {unit}"
    return f"{_three(seconds / DAY_S)} d"


_UNITS_S = {"s": 1.0, "min": MINUTE_S, "h": HOUR_S, "d": DAY_S}
"""The units in which durations are printed [s]."""

_COMPARABLE = 100
"""Figure up to which a duration is given in the smaller unit of the one beside it."""


def format_durations(seconds: Sequence[float]) -> tuple[str, ...]:
    """Return durations that stand beside each other, each in the unit that reads best there: `42.9 h`, `49.9 h`.

    A duration takes the unit of the next smaller one as long as it stays below 100 of it: nobody compares `2.08 d` with
    `42.9 h`. So the units are the same wherever one serves all.
    """
    texts = {}
    before = ""
    for value in sorted({abs(s) for s in seconds if math.isfinite(s)}):
        text = format_duration(value)
        if value and before and value / _UNITS_S[before] < _COMPARABLE:
            text = f"{_three(value / _UNITS_S[before])} {before}"
        before = text.rpartition(" ")[2] if value else before
        texts[value] = text
    return tuple(format_duration(s) if s < 0 else texts.get(s, format_duration(s)) for s in seconds)


_READABLE = 1000
"""Figure below which every duration of a cell stays, except in days."""


def common_unit(seconds: float, *others: float) -> str:
    """Return the unit for durations of one cell: the first one's, or a longer one where another reads badly in it."""
    unit = format_duration(seconds).rpartition(" ")[2]
    largest = max((abs(s) for s in (seconds, *others) if math.isfinite(s)), default=0.0)
    longer = [name for name, length in _UNITS_S.items() if length >= _UNITS_S.get(unit, 0.0)]
    return next((name for name in longer if largest / _UNITS_S[name] < _READABLE), "d")


def format_within(seconds: float, *ends: float | None) -> tuple[str, ...]:
    """Return a duration and the ends of its interval, all in the unit that the duration reads best in, or a longer one.

    An end that is None is a dash.
    """
    if not math.isfinite(seconds):
        return (format_duration(seconds), *("–" if end is None else format_duration(end) for end in ends))
    unit = common_unit(seconds, *(end for end in ends if end is not None))
    texts = ("–" if end is None else f"{_three(end / _UNITS_S[unit])} {unit}" for end in (seconds, *ends))
    return tuple(texts)


def format_uncertain(value: float, error: float | None, unit: str = "") -> str:
    """Return a mean and its standard error with as many decimals: `4.4 ± 2.0 h`.

    Args:
        value: the mean, of a duration in seconds.
        error: its standard error; None or not a number where it is unknown.
        unit: that of durations; none for anything else.
    """
    after, length = (f" {unit}", _UNITS_S[unit]) if unit else ("", 1.0)
    mean, spread = value / length, (math.nan if error is None else error / length)
    if not math.isfinite(spread):
        return f"{_plain(mean)}{after} ± –"
    decimals = 1 - math.floor(math.log10(spread)) if spread > 0 else _MOST_DECIMALS + 1
    if decimals > _MOST_DECIMALS:
        return f"{_plain(mean)} ± {_plain(spread)}{after}"
    digits = max(0, decimals)
    return f"{mean:,.{digits}f} ± {spread:,.{digits}f}{after}"


_MOST_DECIMALS = 3


def _plain(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= _READABLE else _three(number)


def format_number(value: float) -> str:
    """Return a number with three significant digits, and all of them before the point."""
    return f"{value:,.0f}" if value >= 999.5 else f"{value:.3g}"


def format_size(size: float) -> str:
    """Return a size in the decimal unit that reads best: `500 GB`."""
    for unit in ("PB", "TB", "GB", "MB", "kB"):
        if abs(size) >= SIZE_BYTES[unit]:
            return f"{_three(size / SIZE_BYTES[unit])} {unit}"
    return f"{_three(size)} B"


def _three(number: float) -> str:
    """Return a number with three significant digits and no exponent."""
    if number == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    text = f"{number:.{min(digits, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
