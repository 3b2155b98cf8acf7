"""Quantities as people write them, read into floats of one canonical unit each.

A number without a unit is refused: `35` may be days or hours, `35 d` may not.

    kind          canonical          examples
    duration      seconds            15 min, 8 h, 35 d, 2 w, 1 y (365 d)
    size          bytes              500 GB (10^9), 2 TiB (2^40)
    rate          bytes per second   120 MB/s, 30 GiB/h
    object rate   objects per second 1000 /s
    change rate   fraction per day   4 %/day
    yearly rate   events per year    0.3 /year
    money         US dollars         15000000 USD
    money rate    US dollars/second  20000 USD/h
    fraction      of one             95 %, 0.95 (the only kind that may be bare)
    count         of one             40e6 (a bare number)
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from drsim.errors import UnitError

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

_NUMBER = re.compile(r"^\s*([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*$")


def _split(value: object, right: str) -> tuple[float, str]:
    """Return number and unit of a written quantity; `right` is an example of the right form."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnitError(f"{value!r} is not a quantity; write it like {right}")
    if isinstance(value, int | float):
        number, unit = float(value), ""
    else:
        match = _NUMBER.match(value)
        if not match:
            raise UnitError(f"{value!r} is not a quantity; write it like {right}")
        number, unit = float(match[1].replace("_", "")), match[2]
    if not math.isfinite(number):
        raise UnitError(f"{value!r} is not a finite number; write it like {right}")
    return number, unit


def _scaled(value: object, units: dict[str, float], kind: str, right: str) -> float:
    """Return the quantity in its canonical unit.

    Raises:
        UnitError: no unit, a unit of another kind, a negative or a non-finite number.
    """
    number, unit = _split(value, right)
    if not unit:
        raise UnitError(f"{value!r} has no unit: {_a(kind)} carries one, for instance {right}")
    if unit not in units:
        raise UnitError(f"{unit!r} in {value!r} is no unit of {_a(kind)}: write it like {right}")
    if number < 0:
        raise UnitError(f"{value!r} is negative: {_a(kind)} is zero or more")
    return number * units[unit]


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _per(tops: dict[str, float], bottoms: dict[str, float], separator: str = "/") -> dict[str, float]:
    return {f"{t}{separator}{b}": tv / bv for t, tv in tops.items() for b, bv in bottoms.items()}


_RATES = _per(SIZE_BYTES, TIME_S)
_OBJECT_RATES = {f"{top}/{t}": 1 / s for top in ("", "objects", "files") for t, s in TIME_S.items()}
_CHANGE_RATES = {f"%/{t}": 0.01 * DAY_S / s for t, s in TIME_S.items() if s == DAY_S}
_YEARLY_RATES = {f"/{t}": YEAR_S / s for t, s in TIME_S.items()}
_MONEY_RATES = {f"USD/{t}": 1 / s for t, s in TIME_S.items()}


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
    return _scaled(value, _OBJECT_RATES, "object rate", "'1000 /s'")


def change_per_day(value: object) -> float:
    """Return the fraction of distinct bytes changed within one day, from text such as `4 %/day`."""
    fraction = _scaled(value, _CHANGE_RATES, "change rate", "'4 %/day'")
    if fraction > 1:
        raise UnitError(f"{value!r} is more than all: distinct bytes changed in a day are 0 to 100 %/day")
    return fraction


def per_year(value: object) -> float:
    """Return a rate of events [1/year], from text such as `0.3 /year`."""
    return _scaled(value, _YEARLY_RATES, "yearly rate", "'0.3 /year'")


def usd(value: object) -> float:
    """Return an amount [USD], from text such as `15000000 USD`."""
    return _scaled(value, {"USD": 1.0}, "amount of money", "'15000000 USD'")


def usd_per_s(value: object) -> float:
    """Return a cost rate [USD/s], from text such as `20000 USD/h`."""
    return _scaled(value, _MONEY_RATES, "cost per time", "'20000 USD/h'")


def fraction(value: object) -> float:
    """Return a fraction of one, from `95 %` or `0.95`."""
    number, unit = _split(value, "'95 %' or 0.95")
    if unit not in ("", "%"):
        raise UnitError(f"{unit!r} in {value!r} is no unit of a fraction: write it like '95 %' or 0.95")
    result = number / 100 if unit == "%" else number
    if not 0 <= result <= 1:
        raise UnitError(f"{value!r} is no fraction: it lies between 0 and 1 (0 % and 100 %)")
    return result


def count(value: object) -> float:
    """Return a number of things, from `40e6`; a bare number is right here."""
    number, unit = _split(value, "40e6")
    if unit:
        raise UnitError(f"{value!r} carries a unit: a count is a bare number such as 40e6")
    if number < 0:
        raise UnitError(f"{value!r} is negative: a count is zero or more")
    return number


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


def format_within(seconds: float, *ends: float | None) -> tuple[str, ...]:
    """Return a duration and the ends of its interval, all in the unit that the duration reads best in.

    An end that is None is a dash.
    """
    text = format_duration(seconds)
    unit = text.rpartition(" ")[2]
    length = _UNITS_S.get(unit)
    if length is None:
        return (text, *("–" if end is None else format_duration(end) for end in ends))
    return (text, *("–" if end is None else f"{_three(end / length)} {unit}" for end in ends))


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
