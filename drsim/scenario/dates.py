"""The kinds of dates in a scenario."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar

from pydantic import (
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from drsim.errors import RangeError
from drsim.ranges import DATES, FIRST_DAY, LAST_DAY
from drsim.scenario.quantities import schema_error
from drsim.text import lookalikes, shown

DateT = TypeVar("DateT", bound=date)


def _start(value: object) -> datetime:
    """Return the moment in UTC that a date, a moment or its text means; one without a zone is taken to be in UTC."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
    else:
        moment = _read_date(value, datetime.fromisoformat, "2026-01-01 or 2026-01-01T06:00Z")
    _check_year(moment, value)
    in_utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    _check_year(in_utc, value)  # at the turn of a year it may be another one there
    return in_utc


def _day(value: object) -> date:
    """Return the date that a date or its text means."""
    if isinstance(value, datetime) or not isinstance(value, date):
        value = _read_date(value, date.fromisoformat, "2026-01-01")
    _check_year(value, value)
    return value


def _read_date(value: object, read: Callable[[str], DateT], example: str) -> DateT:
    """Return the date or moment that a text says."""
    slip = lookalikes(value) if isinstance(value, str) else None
    rule = f"{slip.found}: {slip.repair}" if slip else f"write it like {example}"
    problem = schema_error("wrong-date", f"{shown(value)} is no date: {rule}")
    if slip or not isinstance(value, str):
        raise problem
    try:
        return read(value)
    except ValueError as error:
        raise problem from error


def _check_year(moment: date, written: object) -> None:
    """Refuse dates out of range."""
    if not FIRST_DAY.year <= moment.year <= LAST_DAY.year:
        text = f"{shown(str(written))} is out of range: a date is {DATES}"
        raise schema_error("wrong-date", RangeError(text, "write a date within it"))


def _write_start(moment: datetime) -> str:
    """Return a moment as a text that reads as the same: a date at midnight, the offset of UTC as `Z`."""
    text = moment.isoformat()
    return text.removesuffix("T00:00:00+00:00").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainValidator(_start),
    PlainSerializer(_write_start, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["2026-01-01", "2026-01-01T06:00Z"], "$comment": DATES}),
]
"""A moment in UTC; a date means its midnight."""


Day = Annotated[
    date,
    PlainValidator(_day),
    PlainSerializer(date.isoformat, return_type=str, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "format": "date", "$comment": DATES}),
]
