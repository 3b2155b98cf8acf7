"""What a cron expression means."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_YEAR, LAST_YEAR = 1970, 2199
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

EXAMPLE = "cron(0 5 ? * * *)"
"""Every day at 05:00: the schedule of a rule that names none."""


class CronError(ValueError):
    """A schedule or its time zone is wrong; the text says what is written, the rule and the repair."""


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
