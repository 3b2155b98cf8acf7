"""AWS cron expressions: what is accepted, what it means, what is refused and how."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drsim.cron import CronError, check_backup_cron, occurrences, parse_cron, time_zone
from tests.examples import examples

YEAR = (int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()))


def runs(text: str, tz: str = "UTC", span: tuple[int, int] = YEAR) -> list[datetime]:
    """Return the runs of a schedule, in UTC."""
    return [datetime.fromtimestamp(int(t), UTC) for t in occurrences(parse_cron(text), tz, *span)]


def days(text: str) -> list[str]:
    """Return the days of 2026 on which a schedule runs, without the year."""
    return [f"{t:%m-%d}" for t in runs(text)]


@pytest.mark.parametrize(
    ("days_of", "expected"),
    [
        ("1 1-3 ?", ["01-01", "02-01", "03-01"]),
        ("1,15 FEB ?", ["02-01", "02-15"]),
        ("28/2 1 ?", ["01-28", "01-30"]),
        ("29-31 2-4 ?", ["03-29", "03-30", "03-31", "04-29", "04-30"]),
        ("30-2 JAN ?", ["01-01", "01-02", "01-30", "01-31"]),
        ("1-10/3 6 ?", ["06-01", "06-04", "06-07", "06-10"]),
        ("L 1-4 ?", ["01-31", "02-28", "03-31", "04-30"]),
        ("1,L JAN ?", ["01-01", "01-31"]),
        ("LW 1-5 ?", ["01-30", "02-27", "03-31", "04-30", "05-29"]),  # 31 Jan is a Saturday, 31 May a Sunday
        ("15W 1-3 ?", ["01-15", "02-16", "03-16"]),  # 15 Feb and 15 March are Sundays
        ("1W 2,8 ?", ["02-02", "08-03"]),  # 1 Feb is a Sunday, 1 August a Saturday
        ("31W 5 ?", ["05-29"]),
        ("31W 4 ?", []),
        ("1W,15W 8 ?", ["08-03", "08-14"]),
        ("? 1 1", ["01-04", "01-11", "01-18", "01-25"]),
        ("? 1 7", ["01-03", "01-10", "01-17", "01-24", "01-31"]),
        ("? 1 L", ["01-03", "01-10", "01-17", "01-24", "01-31"]),
        ("? 1 SAT", ["01-03", "01-10", "01-17", "01-24", "01-31"]),
        ("? 2 6L", ["02-27"]),
        ("? 5 SUNL", ["05-31"]),
        ("? 2 FRIL,2L", ["02-23", "02-27"]),
        ("? 1-3 3#2", ["01-13", "02-10", "03-10"]),
        ("? 1 FRI#1", ["01-02"]),
        ("? 1-5 FRI#5", ["01-30", "05-29"]),
        ("? 2 MON,WED", ["02-02", "02-04", "02-09", "02-11", "02-16", "02-18", "02-23", "02-25"]),
        ("? 2 fri-sun", [f"02-{d:02}" for d in (1, 6, 7, 8, 13, 14, 15, 20, 21, 22, 27, 28)]),
        ("? NOV-JAN/2 2#1", ["01-05", "11-02"]),
    ],
)
def test_day_fields(days_of: str, expected: list[str]) -> None:
    """The days on which a schedule runs are those that a calendar shows."""
    assert days(f"cron(0 5 {days_of} *)") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cron(0 5 ? * * *)", ["05:00"]),
        ("cron(0 0/12 ? * * *)", ["00:00", "12:00"]),
        ("cron(30 13/12 ? * * *)", ["13:30"]),
        ("cron(0 */6 ? * * *)", ["00:00", "06:00", "12:00", "18:00"]),
        ("cron(15 22-1 ? * * *)", ["00:15", "01:15", "22:15", "23:15"]),
        ("cron(0/20 3,4 ? * * *)", ["03:00", "03:20", "03:40", "04:00", "04:20", "04:40"]),
        ("  cron( 59   23 * * ? 2026 ) ", ["23:59"]),
        ("cron(0 5 * * ? 2027-2030)", []),
        ("cron(0 5 * * ? 2024/2)", ["05:00"]),
    ],
)
def test_times_of_day(text: str, expected: list[str]) -> None:
    """Every day has the same times, and a step begins anew with the field: every 12 h from 13:30 is once a day."""
    times = runs(text)
    assert len(times) == 365 * len(expected)
    assert [f"{t:%H:%M}" for t in times[: len(expected)]] == expected


def test_leap_day() -> None:
    """29 February runs in leap years alone, which 2000 is and 2100 is not."""
    span = (0, int(datetime(2199, 12, 31, tzinfo=UTC).timestamp()))
    years = [t.year for t in runs("cron(0 0 29 2 ? *)", span=span)]
    assert years == [y for y in range(1970, 2200) if calendar.isleap(y)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0 5 ? * * *", "six fields within cron"),
        ("cron(0 5 * * ?)", "has 5 fields"),
        ("cron(0 5 * * * *)", "neither of"),
        ("cron(0 5 ? * ? *)", "both of"),
        ("rate(1 day)", "every"),
        ("cron(60 5 ? * * *)", "'60' in minutes: its values are 0-59"),
        ("cron(*/60 * ? * * *)", "a step is a whole number from 1 to 59"),
        ("cron(0/0 5 ? * * *)", "a step is a whole number"),
        ("cron(0 24 ? * * *)", "'24' in hours"),
        ("cron(? 5 ? * * *)", "'?' in minutes"),
        ("cron(0 5 0 * ? *)", "'0' in day of month"),
        ("cron(0 5 32W * ? *)", "'32' in day of month"),
        ("cron(0 5 L-3 * ? *)", "'L' in day of month"),
        ("cron(0 5 ? * 0 *)", "'0' in day of week: its values are 1-7 or SUN-SAT"),
        ("cron(0 5 ? * 2/2 *)", "takes no steps"),
        ("cron(0 5 ? * 3#6 *)", "a number 1 to 5"),
        ("cron(0 5 ? * 3#1,6#3 *)", "'#' stands once"),
        ("cron(0 5 ? * 15W *)", "'15W' in day of week"),
        ("cron(0 5 ? 13 * *)", "1-12 or JAN-DEC"),
        ("cron(0 5 ? MAI * *)", "'MAI' in month"),
        ("cron(0 5 ? * * 1969)", "1970-2199"),
        ("cron(0 5 ? * * 2030-2026)", "a range goes upwards; write 2026-2030"),
        ("cron(0 5,,6 ? * * *)", "'5,,6' in hours"),
        ("cron(0 ٣ ? * * *)", "'٣' in hours"),
        ("cron(0 -5 ? * * *)", "'-5' in hours"),
    ],
)
def test_refused(text: str, says: str) -> None:
    """What is no AWS cron expression is refused with what was found, the rule and what to write."""
    with pytest.raises(CronError) as caught:
        parse_cron(text)
    assert says in str(caught.value)


@pytest.mark.parametrize("minutes", ["0,30", "0/20", "*", "10-11"])
def test_more_often_than_hourly(minutes: str) -> None:
    """AWS Backup refuses what runs twice within an hour, however rarely the hour comes."""
    problem = check_backup_cron(parse_cron(f"cron({minutes} 5 1 1 ? *)"))
    assert problem is not None
    assert "once an hour" in problem


@pytest.mark.parametrize("text", ["cron(0 * ? * * *)", "cron(59 5 ? * * *)", "cron(50/20 * ? * * *)"])
def test_hourly_and_rarer(text: str) -> None:
    """AWS Backup takes one minute of every hour, or of fewer hours."""
    assert check_backup_cron(parse_cron(text)) is None


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../etc/passwd", "Europe", "/etc/localtime"])
def test_no_such_time_zone(name: str) -> None:
    """A time zone that does not exist is refused with its name."""
    with pytest.raises(CronError, match="IANA"):
        time_zone(name)


def test_skipped_and_doubled_hours() -> None:
    """In Berlin 02:30 is skipped when the clocks go forward, and runs once, the first time, when they go back."""
    times = runs("cron(30 2 ? * * *)", "Europe/Berlin")
    march = [t for t in times if t.month == 3 and 27 <= t.day <= 30]
    assert [f"{t:%d %H:%M}" for t in march] == ["27 01:30", "28 01:30", "30 00:30"]
    october = [t for t in times if t.month == 10 and 24 <= t.day <= 26]
    assert [f"{t:%d %H:%M}" for t in october] == ["24 00:30", "25 00:30", "26 01:30"]
    assert len(times) == 364


def test_half_hour_zone() -> None:
    """At Lord Howe the clocks go forward by half an hour: 02:15 is skipped that day and 02:30 is not."""
    assert len(runs("cron(15 2 ? * * *)", "Australia/Lord_Howe")) == 364
    assert len(runs("cron(30 2 ? * * *)", "Australia/Lord_Howe")) == 365


def test_day_that_a_zone_left_out() -> None:
    """Samoa had no 30 December 2011, so a daily rule skipped it."""
    span = (int(datetime(2011, 12, 28, tzinfo=UTC).timestamp()), int(datetime(2012, 1, 2, tzinfo=UTC).timestamp()))
    local = [f"{t.astimezone(ZoneInfo('Pacific/Apia')):%d}" for t in runs("cron(0 12 ? * * *)", "Pacific/Apia", span)]
    assert local == ["28", "29", "31", "01", "02"]


@pytest.mark.parametrize("tz", ["UTC", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_span_is_half_open(tz: str) -> None:
    """A run at the begin of the span belongs to it, one at its end does not, and an empty span has none."""
    fields = parse_cron("cron(0 5 ? * * *)")
    first, second = (int(t) for t in occurrences(fields, tz, *YEAR)[:2])
    assert occurrences(fields, tz, first, second).tolist() == [first]
    assert occurrences(fields, tz, first + 1, second + 1).tolist() == [second]
    assert occurrences(fields, tz, first, first).size == 0
    assert occurrences(fields, tz, second, first).size == 0


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]


@examples(40)
@given(
    tz=st.sampled_from(ZONES),
    day=st.integers(2, 366 * 40),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=4),
    minute=st.sampled_from([0, 15, 30, 45]),
)
def test_wall_clock(tz: str, day: int, hours: set[int], minute: int) -> None:
    """A rule runs exactly when a clock on the wall first shows its time."""
    lo = day * 86400
    hi = lo + 5 * 86400
    zone, seen, expected = ZoneInfo(tz), set(), []
    for moment in range(lo - 2 * 86400, hi, 900):  # every offset of these zones since 1970 is whole quarters
        wall = datetime.fromtimestamp(moment, zone).replace(tzinfo=None, fold=0)
        if wall not in seen and wall.hour in hours and wall.minute == minute and moment >= lo:
            expected.append(moment)
        seen.add(wall)
    text = f"cron({minute} {','.join(map(str, hours))} * * ? *)"
    assert occurrences(parse_cron(text), tz, lo, hi).tolist() == expected


@examples(60)
@given(
    month=st.integers(0, 12 * 80),
    wanted=st.integers(1, 31),
    weekday=st.integers(1, 7),
    number=st.integers(1, 5),
)
@example(month=20 * 12 + 3, wanted=31, weekday=7, number=5)  # a 31 April 2010 would be a Saturday
def test_calendar(month: int, wanted: int, weekday: int, number: int) -> None:
    """Nearest weekday, last and n-th day of the week are what searching the month day by day finds."""
    first = date(1990 + month // 12, month % 12 + 1, 1)
    size = calendar.monthrange(first.year, first.month)[1]
    dates = [first + timedelta(days=k) for k in range(size)]
    workdays = [d for d in dates if d.weekday() < 5]
    alike = [d for d in dates if d.isoweekday() % 7 + 1 == weekday]
    lo = calendar.timegm(first.timetuple())

    def found(entry: str) -> list[date]:
        times = occurrences(parse_cron(f"cron(0 5 {entry} *)"), "UTC", lo, lo + size * 86400)
        return [datetime.fromtimestamp(int(t), UTC).date() for t in times]

    near = [min(workdays, key=lambda d: abs(d.day - wanted))] if wanted <= size else []
    assert found(f"{wanted}W * ?") == near
    assert found("LW * ?") == workdays[-1:]
    assert found("L * ?") == dates[-1:]
    assert found(f"? * {weekday}L") == alike[-1:]
    assert found(f"? * {weekday}#{number}") == alike[number - 1 : number]
    assert found(f"? * {weekday}") == alike


@examples(30)
@given(lo=st.integers(0, 10**9), mid=st.integers(0, 10**8), more=st.integers(0, 10**8), tz=st.sampled_from(ZONES))
def test_spans_join(lo: int, mid: int, more: int, tz: str) -> None:
    """The runs of two spans that meet are the runs of the whole, ascending and never twice."""
    fields = parse_cron("cron(30 1/3 ? * * *)")
    parts = [occurrences(fields, tz, lo, lo + mid), occurrences(fields, tz, lo + mid, lo + mid + more)]
    whole = occurrences(fields, tz, lo, lo + mid + more)
    assert np.concatenate(parts).tolist() == whole.tolist()
    assert (np.diff(whole) > 0).all()


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [("-1", "'-1'"), ("5-", "'5-'"), ("/2", "'/2'"), (",", "','"), ("1,", "'1,'"), ("1,-2", "'-2'"), ("-", "'-'")],
)
def test_what_is_missing_is_shown_with_what_is_there(minutes: str, shown: str) -> None:
    """No message quotes nothing."""
    with pytest.raises(CronError, match=re.escape(f"{shown} in minutes")):
        parse_cron(f"cron({minutes} 5 * * ? *)")
