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

from drsim.cron.calendar import closest_starts_days, first_and_last, occurrences
from drsim.cron.fields import EXAMPLE, FIRST_YEAR, LAST_YEAR, MONTHS, WEEKDAYS, CronError, CronFields
from drsim.cron.grammar import check_backup_cron, parse_cron
from drsim.cron.zones import local_days, time_zone

__all__ = [
    "EXAMPLE",
    "FIRST_YEAR",
    "LAST_YEAR",
    "MONTHS",
    "WEEKDAYS",
    "CronError",
    "CronFields",
    "check_backup_cron",
    "closest_starts_days",
    "first_and_last",
    "local_days",
    "occurrences",
    "parse_cron",
    "time_zone",
]
