"""Amounts of several streams together, as the bills add them up."""

from __future__ import annotations

import math
from collections.abc import Sequence

from drsim.laws.cost import Stored, copied_by_stream, stored_by_stream
from drsim.laws.staying import Stream


def mean_stored(
    streams: Sequence[Stream],
    window_s: tuple[float, float],
    size_bytes: float,
    change_rate: float,
    *,
    incremental: bool,
    cold_full: bool = False,
) -> Stored:
    """Return the storage of one lineage averaged over a window of time [bytes]; arguments of `stored_by_stream`."""
    parts = stored_by_stream(streams, window_s, size_bytes, change_rate, incremental=incremental, cold_full=cold_full)
    return Stored(math.fsum(part.warm for part in parts), math.fsum(part.cold for part in parts))


def moved_per_month(
    streams: Sequence[Stream],
    window_s: tuple[float, float],
    size_bytes: float,
    change_rate: float,
    *,
    incremental: bool,
) -> float:
    """Return what copies move into one lineage in a month [bytes/month]; arguments of `copied_by_stream`."""
    return math.fsum(copied_by_stream(streams, window_s, size_bytes, change_rate, incremental=incremental))
