"""Time zones: their offsets from UTC, and what moments their clocks skip or repeat."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from drsim.cron.fields import CronError
from drsim.text import shown

Ints = NDArray[np.int64]

DAY = 86400
"""Seconds of a day, a whole number as moments are here."""


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        CronError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a key; a directory of zones
        raise CronError(f"{shown(name)} is no time zone: it takes an IANA name; write Europe/Berlin or UTC") from None


def local_days(epochs: Ints, tz: str) -> Ints:
    """Return the calendar day of moments [s since 1970-01-01 UTC] in a time zone, as days since 1970-01-01."""
    if tz == "UTC" or not epochs.size:
        return epochs // DAY
    offsets = offsets_of(tz, int(epochs.min()) // DAY - 1, int(epochs.max()) // DAY + 2)
    since, shift = (np.array(figures) for figures in zip(*offsets, strict=True))
    days: Ints = (epochs + shift[np.searchsorted(since, epochs, side="right") - 1]) // DAY
    return days


@lru_cache(maxsize=256)
def offsets_of(tz: str, first_day: int, last_day: int) -> tuple[tuple[int, int], ...]:
    """Return the zone's offsets from UTC between two days as pairs: valid from [s since 1970 UTC], offset [s].

    The first pair holds from `first_day` on. Clocks are taken to shift at most once a day.
    """
    zone = time_zone(tz)

    def offset_at(moment: int) -> int:
        shift = datetime.fromtimestamp(moment, zone).utcoffset() or timedelta(0)
        return int(shift.total_seconds())

    pairs = [(first_day * DAY, offset_at(first_day * DAY))]
    for day in range(first_day, last_day):
        lo, hi = day * DAY, (day + 1) * DAY
        after = offset_at(hi)
        if after == pairs[-1][1]:
            continue
        while hi - lo > 1:
            middle = (lo + hi) // 2
            lo, hi = (lo, middle) if offset_at(middle) == after else (middle, hi)
        pairs.append((hi, after))
    return tuple(pairs)


def to_utc(local: Ints, offsets: tuple[tuple[int, int], ...]) -> Ints:
    """Return the UTC moments [s] of local ones [s], both ascending: skipped ones dropped, doubled ones at the first."""
    parts = []
    passed = -(2**62)  # local times before this have been on the clock already
    for k, (since, offset) in enumerate(offsets):
        until = offsets[k + 1][0] + offset if k + 1 < len(offsets) else 2**62
        first, end = np.searchsorted(local, (max(since + offset, passed), until))
        parts.append(local[first : max(first, end)] - offset)
        passed = max(passed, until)
    return np.concatenate(parts)
