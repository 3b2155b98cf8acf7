"""AWS cron expressions: six fields in `cron(...)`, and the moments at which they run.

    field           values             wildcards
    minutes         0-59               , - * /
    hours           0-23               , - * /
    day of month    1-31               , - * ? / L W
    month           1-12 or JAN-DEC    , - * /
    day of week     1-7 or SUN-SAT     , - * ? L #
    year            1970-2199          , - * /

Exactly one of the two day fields is `?`. Sunday is 1, unlike in most other crons.
`L` is the last day of the month, or of the week (Saturday); `6L` the last Friday of the month; `15W` the weekday
nearest to the 15th, never in another month; `LW` the last weekday of the month; `3#2` the second Tuesday.
A step counts from its start to the end of the field and begins anew each time: `0/12` in hours is 0 and 12, `13/12`
is 13 alone.
Source: the EventBridge User Guide, "Cron expressions reference". Where it is silent (names in small letters, steps
beyond the field, ranges across its end, `1W` on a Saturday) the rules of Quartz hold, whose syntax it is.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from drsim.text import shown

Ints = NDArray[np.int64]

DAY = 86400
FIRST_YEAR, LAST_YEAR = 1970, 2199
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

EXAMPLE = "cron(0 5 ? * * *)"
"""Every day at 05:00: the schedule of a rule that names none."""

_NUMBER = re.compile("[0-9]{1,4}")


class CronError(ValueError):
    """A schedule or its time zone is wrong; the text says what was found, the rule and the repair."""


@dataclass(frozen=True)
class CronFields:
    """What a cron expression means. A day runs if its year and month are listed and any of the day entries fits.

    Attributes:
        text: the expression as written.
        minutes: minutes of the hour, ascending.
        hours: hours of the day, ascending.
        months: 1 to 12, ascending.
        years: ascending.
        days: days of the month.
        last_day: whether the last day of the month runs (`L`).
        last_workday: whether the last weekday, Monday to Friday, of the month runs (`LW`).
        nearest_workdays: days of the month whose nearest weekday runs (`15W`).
        weekdays: days of the week, 1 = Sunday.
        last_weekdays: days of the week that run on their last date of the month (`6L`).
        nth_weekdays: pairs of a day of the week and its number in the month (`3#2`).
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]
    days: tuple[int, ...] = ()
    last_day: bool = False
    last_workday: bool = False
    nearest_workdays: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    last_weekdays: tuple[int, ...] = ()
    nth_weekdays: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class _Field:
    """The grammar of one field: its bounds, the names of its values, and whether it takes steps and ranges round."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    steps: bool = True
    cyclic: bool = True

    @property
    def values(self) -> str:
        """The values in words, for messages."""
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"{self.low}-{self.high}{names}"


_MINUTES = _Field("minutes", 0, 59)
_HOURS = _Field("hours", 0, 23)
_DAYS = _Field("day of month", 1, 31)
_MONTHS = _Field("month", 1, 12, MONTHS)
_WEEKDAYS = _Field("day of week", 1, 7, WEEKDAYS, steps=False)
_YEARS = _Field("year", FIRST_YEAR, LAST_YEAR, cyclic=False)


def parse_cron(text: str) -> CronFields:
    """Return what a cron expression means.

    Args:
        text: such as `cron(0 5 ? * * *)`.

    Raises:
        CronError: it is not an AWS cron expression.
    """
    found = text.strip()
    if found.startswith("rate("):
        raise CronError(
            f"{shown(found)} is a rate: AWS Backup takes cron expressions only; write one like {EXAMPLE}, "
            "or `every: 12 h` instead of `schedule`"
        )
    # a blank that only looks like one is none to AWS
    match = re.fullmatch(r"cron\((.*)\)", found, re.ASCII) if not re.search(r"[^\S\x00-\x7f]", found) else None
    if not match:
        raise CronError(f"{shown(found)} is no cron expression: it is six fields within cron( and ); write {EXAMPLE}")
    parts = match[1].upper().split()
    if len(parts) != 6:
        raise CronError(
            f"{shown(found)} has {len(parts)} fields: it takes six, minutes hours day-of-month month day-of-week year; "
            f"write {EXAMPLE}"
        )
    minutes, hours, days, months, weekdays, years = parts
    if (days == "?") == (weekdays == "?"):
        which = "both" if days == "?" else "neither"
        raise CronError(
            f"{shown(found)} has '?' in {which} of day-of-month and day-of-week: exactly one of them is '?'; "
            f"for every day write {EXAMPLE}"
        )
    fields = CronFields(
        text=found,
        minutes=_values(minutes, _MINUTES),
        hours=_values(hours, _HOURS),
        months=_values(months, _MONTHS),
        years=_values(years, _YEARS),
    )
    return _with_weekdays(fields, weekdays) if days == "?" else _with_days(fields, days)


def _with_days(fields: CronFields, text: str) -> CronFields:
    """Return the fields with what a day-of-month field adds."""
    plain, nearest, last_day, last_workday = [], [], False, False
    for item in text.split(","):
        if item == "L":
            last_day = True
        elif item in ("LW", "WL"):
            last_workday = True
        elif item.endswith("W"):
            nearest.append(_value(item[:-1], _DAYS, item))
        else:
            plain.append(item)
    return replace(
        fields,
        days=_values(",".join(plain), _DAYS) if plain else (),
        last_day=last_day,
        last_workday=last_workday,
        nearest_workdays=tuple(sorted(set(nearest))),
    )


def _with_weekdays(fields: CronFields, text: str) -> CronFields:
    """Return the fields with what a day-of-week field adds."""
    if "#" in text:
        day, _, number = text.partition("#")
        if "," in text or number not in ("1", "2", "3", "4", "5"):
            raise CronError(
                f"{shown(text)} in day of week: '#' stands once, between one day and a number 1 to 5; "
                "write 3#2 for the second Tuesday, and a rule for each further one"
            )
        return replace(fields, nth_weekdays=((_value(day, _WEEKDAYS, text), int(number)),))
    plain, last = [], []
    for item in text.split(","):
        if item == "L":
            plain.append("SAT")
        elif item.endswith("L"):
            last.append(_value(item[:-1], _WEEKDAYS, item))
        else:
            plain.append(item)
    return replace(
        fields,
        weekdays=_values(",".join(plain), _WEEKDAYS) if plain else (),
        last_weekdays=tuple(sorted(set(last))),
    )


def _values(text: str, field: _Field) -> tuple[int, ...]:
    """Return the values, ascending, of a list of values, ranges and steps."""
    return tuple(sorted({value for item in text.split(",") for value in _item(item, field, text)}))


def _item(text: str, field: _Field, whole: str) -> range | tuple[int, ...]:
    """Return the values of one item of a list, the `whole`: `*`, `5`, `1-5`, `0/12`, `*/2` or `1-10/3`."""
    body, slash, step_text = text.partition("/")
    step = 1
    if slash:
        if not field.steps:
            raise CronError(f"{shown(text)} in {field.name}: it takes no steps; write the values as a list")
        if not _NUMBER.fullmatch(step_text) or not 1 <= int(step_text) <= field.high:
            raise CronError(
                f"{shown(text)} in {field.name}: a step is a whole number from 1 to {field.high}; "
                f"write it like {field.low}/2"
            )
        step = int(step_text)
    if body == "*":
        return range(field.low, field.high + 1, step)
    first_text, dash, last_text = body.partition("-")
    # of what is missing from an item the item is shown, of an item that is missing the list
    first = _value(first_text, field, text or whole)
    last = _value(last_text, field, text or whole) if dash else field.high if slash else first
    if first <= last:
        return range(first, last + 1, step)
    if not field.cyclic:
        raise CronError(f"{shown(text)} in {field.name}: a range goes upwards; write {last}-{first}")
    size = field.high - field.low + 1
    return tuple(field.low + (v - field.low) % size for v in range(first, last + size + 1, step))


def _value(text: str, field: _Field, item: str) -> int:
    """Return one value, written as a number or by its name; a message shows its `item` where it is empty."""
    if text in field.names:
        return field.low + field.names.index(text)
    if not _NUMBER.fullmatch(text) or not field.low <= int(text) <= field.high:
        raise CronError(f"{shown(text or item)} in {field.name}: its values are {field.values}; write one of them")
    return int(text)


def check_backup_cron(fields: CronFields) -> str | None:
    """Return what AWS Backup refuses about a schedule, or None: no rule runs more often than once an hour."""
    if len(fields.minutes) == 1:
        return None
    return (
        f"{shown(fields.text)} runs at {len(fields.minutes)} minutes of an hour: AWS Backup takes schedules of once an "
        f"hour at most; write one minute, such as {fields.minutes[0]}, and use continuous backup for less loss"
    )


@lru_cache(maxsize=256)
def closest_starts_days(fields: CronFields) -> float:
    """Return the time between the closest two starts of a schedule, by the calendar of its time zone [days].

    It is infinite where the schedule starts once or never. A shift of the clocks changes nothing in it.

    Args:
        fields: from `parse_cron`.
    """
    first, end = (
        int((np.datetime64(str(year), "D") - np.datetime64(0, "D")).astype(np.int64))
        for year in (FIRST_YEAR, LAST_YEAR + 1)
    )
    days = np.arange(first, end, dtype=np.int64)
    days = days[_runs_on(fields, days)]
    moments = np.add.outer(np.array(fields.hours) * 3600, np.array(fields.minutes) * 60).ravel()
    if not len(days):
        return math.inf
    # within a day, and from the last moment of one day to the first of the next one that runs
    gaps = [*np.diff(moments), *([] if len(days) < 2 else [np.diff(days).min() * DAY - (moments[-1] - moments[0])])]
    return float(min(gaps, default=math.inf)) / DAY


@lru_cache(maxsize=8192)
def first_and_last(fields: CronFields, tz: str) -> tuple[int, int] | None:
    """Return the first and the last moment of a schedule [s since 1970-01-01 UTC]; None if it never runs.

    Args:
        fields: from `parse_cron`.
        tz: IANA name of the time zone in which the fields count.
    """
    first_day, end = (
        int((np.datetime64(str(year), "D") - np.datetime64(0, "D")).astype(np.int64))
        for year in (FIRST_YEAR, LAST_YEAR + 1)
    )
    days = np.arange(first_day, end, dtype=np.int64)
    days = days[_runs_on(fields, days)]

    def runs(day: int) -> Ints:
        # a local time that the clocks leave out is no run
        return occurrences(fields, tz, (day - 1) * DAY, (day + 2) * DAY)

    first = next((found for day in days if (found := runs(int(day))).size), None)
    if first is None:
        return None
    last = next(found for day in days[::-1] if (found := runs(int(day))).size)
    return int(first[0]), int(last[-1])


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        CronError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a key; a directory of zones
        raise CronError(f"{shown(name)} is no time zone: it takes an IANA name; write Europe/Berlin or UTC") from None


def occurrences(fields: CronFields, tz: str, lo: int, hi: int) -> Ints:
    """Return the moments [s since 1970-01-01 UTC] of the runs in [lo, hi), ascending.

    A local time that a shift of the clocks leaves out is skipped; one that occurs twice runs once, the first time
    (source: AWS re:Post, "How can I adjust my EventBridge schedule for daylight saving").

    Args:
        fields: from `parse_cron`.
        tz: IANA name of the time zone in which the fields count.
        lo: first moment [s].
        hi: end, exclusive [s].
    """
    if hi <= lo:
        return np.empty(0, dtype=np.int64)
    # a zone is at most a day away from UTC, so a day more on either side holds every local date of the span
    days = np.arange(lo // DAY - 1, hi // DAY + 2, dtype=np.int64)
    days = days[_runs_on(fields, days)]
    moments = np.add.outer(np.array(fields.hours) * 3600, np.array(fields.minutes) * 60).ravel()
    local = np.add.outer(days * DAY, moments).ravel()
    times = local if tz == "UTC" else _to_utc(local, _offsets(tz, lo // DAY - 2, hi // DAY + 3))
    first, end = np.searchsorted(times, (lo, hi))
    return times[first:end]


def local_days(epochs: Ints, tz: str) -> Ints:
    """Return the calendar day of moments [s since 1970-01-01 UTC] in a time zone, as days since 1970-01-01."""
    if tz == "UTC" or not epochs.size:
        return epochs // DAY
    offsets = _offsets(tz, int(epochs.min()) // DAY - 1, int(epochs.max()) // DAY + 2)
    since, shift = (np.array(figures) for figures in zip(*offsets, strict=True))
    days: Ints = (epochs + shift[np.searchsorted(since, epochs, side="right") - 1]) // DAY
    return days


def _runs_on(fields: CronFields, days: Ints) -> NDArray[np.bool_]:
    """Return whether each day (days since 1970-01-01) runs."""
    date = days.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    month_number = month.astype(np.int64)  # since January 1970
    first = month.astype("datetime64[D]").astype(np.int64)
    length = (month + 1).astype("datetime64[D]").astype(np.int64) - first
    day = days - first + 1
    weekday = (days + 4) % 7 + 1  # 1970-01-01 was a Thursday, 5

    fits = np.isin(day, fields.days) | np.isin(weekday, fields.weekdays)
    if fields.last_day:
        fits |= day == length
    if fields.last_workday:
        fits |= day == _nearest_workday(length, first, length)
    for wanted in fields.nearest_workdays:
        fits |= (day == _nearest_workday(np.full_like(length, wanted), first, length)) & (wanted <= length)
    fits |= np.isin(weekday, fields.last_weekdays) & (day + 7 > length)
    for wanted, number in fields.nth_weekdays:
        fits |= (weekday == wanted) & ((day - 1) // 7 + 1 == number)
    in_month = np.isin(month_number % 12 + 1, fields.months)
    in_year = np.isin(month_number // 12 + FIRST_YEAR, fields.years)
    return np.asarray(fits & in_month & in_year)


def _nearest_workday(day: Ints, first: Ints, length: Ints) -> Ints:
    """Return the day of the month, Monday to Friday, nearest to `day` in the same month.

    Args:
        day: wanted days of the month, 1 to 31.
        first: first days of the months, in days since 1970-01-01.
        length: days of the months.
    """
    weekday = (first + day - 1 + 4) % 7 + 1
    saturday = np.where(day == 1, 3, day - 1)
    sunday = np.where(day == length, day - 2, day + 1)
    return np.where(weekday == 7, saturday, np.where(weekday == 1, sunday, day))


@lru_cache(maxsize=256)
def _offsets(tz: str, first_day: int, last_day: int) -> tuple[tuple[int, int], ...]:
    """Return the zone's offsets from UTC between two days as pairs: valid from [s since 1970 UTC], offset [s].

    The first pair holds from `first_day` on. Clocks are taken to shift at most once a day.
    """
    zone = time_zone(tz)

    def offset(moment: int) -> int:
        shift = datetime.fromtimestamp(moment, zone).utcoffset() or timedelta(0)
        return int(shift.total_seconds())

    pairs = [(first_day * DAY, offset(first_day * DAY))]
    for day in range(first_day, last_day):
        lo, hi = day * DAY, (day + 1) * DAY
        after = offset(hi)
        if after == pairs[-1][1]:
            continue
        while hi - lo > 1:
            middle = (lo + hi) // 2
            lo, hi = (lo, middle) if offset(middle) == after else (middle, hi)
        pairs.append((hi, after))
    return tuple(pairs)


def _to_utc(local: Ints, offsets: tuple[tuple[int, int], ...]) -> Ints:
    """Return the UTC moments [s] of local ones [s], both ascending: skipped ones dropped, doubled ones at the first."""
    parts = []
    shown = -(2**62)  # local times before this have been on the clock already
    for k, (since, offset) in enumerate(offsets):
        until = offsets[k + 1][0] + offset if k + 1 < len(offsets) else 2**62
        first, end = np.searchsorted(local, (max(since + offset, shown), until))
        parts.append(local[first : max(first, end)] - offset)
        shown = max(shown, until)
    return np.concatenate(parts)
