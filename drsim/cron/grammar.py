"""From the text of a cron expression to what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from drsim.cron.fields import EXAMPLE, FIRST_YEAR, LAST_YEAR, MONTHS, WEEKDAYS, CronError, CronFields
from drsim.text import shown

_NUMBER = re.compile("[0-9]{1,4}")


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
    expression = text.strip()
    if expression.startswith("rate("):
        raise CronError(
            f"{shown(expression)} is a rate: AWS Backup takes cron expressions only; write one like {EXAMPLE}, "
            "or `every: 12 h` instead of `schedule`"
        )
    # a blank that only looks like one is none to AWS
    match = (
        re.fullmatch(r"cron\((.*)\)", expression, re.ASCII) if not re.search(r"[^\S\x00-\x7f]", expression) else None
    )
    if not match:
        raise CronError(
            f"{shown(expression)} is no cron expression: it is six fields within cron( and ); write {EXAMPLE}"
        )
    parts = match[1].upper().split()
    if len(parts) != 6:
        raise CronError(
            f"{shown(expression)} has {len(parts)} fields: it takes six, "
            f"minutes hours day-of-month month day-of-week year; write {EXAMPLE}"
        )
    minutes, hours, days, months, weekdays, years = parts
    if (days == "?") == (weekdays == "?"):
        which = "both" if days == "?" else "neither"
        raise CronError(
            f"{shown(expression)} has '?' in {which} of day-of-month and day-of-week: exactly one of them is '?'; "
            f"for every day write {EXAMPLE}"
        )
    fields = CronFields(
        text=expression,
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
