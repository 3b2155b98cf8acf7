"""Schedules in words."""

from __future__ import annotations

import locale

import pytest

from drsim.report.schedules import schedule_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cron(0 5 ? * * *)", "daily at 05:00"),
        ("cron(0 5,17 * * ? *)", "daily at 05:00 and 17:00"),
        ("cron(0 0/12 ? * * *)", "every 12 hours"),
        ("cron(0 13/12 ? * * *)", "daily at 13:00"),
        ("cron(30 * ? * * *)", "at 30 minutes past the hour"),
        ("cron(0 5 ? * MON-FRI *)", "at 05:00, Monday through Friday"),
        ("cron(0 5 ? * 1 *)", "at 05:00, only on Sunday"),
        ("cron(0 3 1 * ? *)", "at 03:00, on day 1 of the month"),
        ("cron(0 5 L * ? *)", "at 05:00, on the last day of the month"),
        ("cron(0 5 ? * 6L *)", "at 05:00, on the last Friday of the month"),
        ("cron(0 5 ? * 3#2 *)", "at 05:00, on the second Tuesday of the month"),
        ("12 h", "every 12 h"),
        ("cron(61 * ? * * *)", "cron(61 * ? * * *)"),
    ],
)
def test_words_say_when_it_runs(text: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A schedule reads like a sentence, in English on every machine; what is no cron stays as it is."""
    monkeypatch.setattr(locale, "getlocale", lambda *_: ("de_DE", "UTF-8"))
    schedule_words.cache_clear()
    found = schedule_words(text)
    assert found == words
