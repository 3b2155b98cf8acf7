"""From what a cron expression means to the moments at which it runs."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drsim.cron.fields import FIRST_YEAR, LAST_YEAR, CronFields
from drsim.cron.zones import DAY, offsets_of, to_utc

Ints = NDArray[np.int64]


@lru_cache(maxsize=256)
def closest_starts_days(fields: CronFields) -> float:
    """Return the time between the closest two starts of a schedule, by the calendar of its time zone [days].

    It is infinite where the schedule starts once or never. A shift of the clocks changes nothing in it.

    Args:
        fields: from `parse_cron`.
    """
    days, moments = _all_days(fields), _moments_of_day(fields)
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
    days = _all_days(fields)

    def runs(day: int) -> Ints:
        # a local time that the clocks leave out is no run
        return occurrences(fields, tz, (day - 1) * DAY, (day + 2) * DAY)

    first = next((moments for day in days if (moments := runs(int(day))).size), None)
    if first is None:
        return None
    last = next(moments for day in days[::-1] if (moments := runs(int(day))).size)
    return int(first[0]), int(last[-1])


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
    local = np.add.outer(days * DAY, _moments_of_day(fields)).ravel()
    times = local if tz == "UTC" else to_utc(local, offsets_of(tz, lo // DAY - 2, hi // DAY + 3))
    first, end = np.searchsorted(times, (lo, hi))
    return times[first:end]


def _all_days(fields: CronFields) -> Ints:
    """Return every day on which a schedule runs [days since 1970-01-01]."""
    first, end = (np.datetime64(str(year), "D").astype(np.int64) for year in (FIRST_YEAR, LAST_YEAR + 1))
    days = np.arange(first, end, dtype=np.int64)
    return days[_runs_on(fields, days)]


def _moments_of_day(fields: CronFields) -> Ints:
    """Return the moments of a day at which a schedule runs, ascending [s since midnight]."""
    moments: Ints = np.add.outer(np.array(fields.hours) * 3600, np.array(fields.minutes) * 60).ravel()
    return moments


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
    for middle in fields.nearest_workdays:
        fits |= (day == _nearest_workday(np.full_like(length, middle), first, length)) & (middle <= length)
    fits |= np.isin(weekday, fields.last_weekdays) & (day + 7 > length)
    for day_of_week, number in fields.nth_weekdays:
        fits |= (weekday == day_of_week) & ((day - 1) // 7 + 1 == number)
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
