"""Schedules in words."""

from __future__ import annotations

from functools import lru_cache

from cron_descriptor import ExpressionDescriptor, FormatError, Options

from drsim.cron import CronError, parse_cron


@lru_cache(maxsize=256)
def schedule_words(text: str) -> str:
    """Return a schedule in words, such as `daily at 05:00` or `every 12 h`.

    Args:
        text: an AWS cron expression, such as `cron(0 5 ? * * *)`, or an interval, such as `12 h`.
    """
    try:
        fields = parse_cron(text)
    except CronError:
        return text if text.startswith("cron(") else f"every {text}"
    _, _, day, month, weekday, year = fields.text.removeprefix("cron(").removesuffix(")").split()
    # as lists: a step that starts late, such as 13/12, ends with the day
    minutes, hours = (_listed(values, end) for values, end in ((fields.minutes, 60), (fields.hours, 24)))
    options = Options()
    options.use_24hour_time_format = True
    options.day_of_week_start_index_zero = False  # AWS counts from Sunday = 1
    options.locale_code = "en_US"
    try:
        words = ExpressionDescriptor(f"0 {minutes} {hours} {day} {month} {weekday} {year}", options).get_description()
    except FormatError:
        return text
    words = words[0].lower() + words[1:]
    is_daily = {day, weekday} <= {"*", "?"} and len(fields.hours) < 24 and words.startswith("at ")
    return f"daily {words}" if is_daily else words


def _listed(values: tuple[int, ...], end: int) -> str:
    """Return the values of a field as cron writes them: all, every so many, or a list."""
    step = values[1] - values[0] if len(values) > 1 else end
    if values == tuple(range(0, end, step)) and end % step == 0 and step < end:
        return "*" if step == 1 else f"0/{step}"
    return ",".join(map(str, values))
