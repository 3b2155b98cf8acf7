"""What protection costs: bytes stored, bytes moved, the cheapest interval and the expected yearly loss.

Prices come from above; here are only amounts. A price per GiB-month multiplies bytes / 2^30.

The incremental model: the recovery points alive at a moment form a chain. The oldest holds everything, each later one
what changed since the one before it that is still alive. When a point expires, its successor takes over what it needs.
Cold is only what no warm point refers to: the warm points form a chain of their own, and what the whole chain holds
beyond it is cold. Points that arrive late, or go with their copies, are there by chance (`drsim.laws.staying`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim.laws.increments import changed_bytes
from drsim.laws.schedule import is_within
from drsim.laws.staying import Stream, expected_chain, expected_moved
from drsim.units import DAY_S, MONTH_S, YEAR_S

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stored:
    """Time-averaged storage, warm and cold: bytes, or points where points were counted."""

    warm: float
    cold: float

    @property
    def total(self) -> float:
        """Warm and cold together."""
        return self.warm + self.cold


def stored_bytes(captured_s: Floats, size_bytes: float, change_rate: float, *, incremental: bool) -> float:
    """Return what a set of recovery points of one lineage stores at one moment [bytes].

    Args:
        captured_s: moments of capture of the points alive, ascending, shape (points,) [s].
        size_bytes: stored bytes of the resource.
        change_rate: fraction of distinct bytes changed within one day.
        incremental: whether points build on each other; otherwise each holds everything.
    """
    n = len(captured_s)
    if n == 0 or not incremental:
        return n * size_bytes
    return size_bytes + float(changed_bytes(size_bytes, change_rate, np.diff(captured_s)).sum())


def stored_by_stream(
    streams: Sequence[Stream],
    window_s: tuple[float, float],
    size_bytes: float,
    change_rate: float,
    *,
    incremental: bool,
    cold_full: bool = False,
) -> tuple[Stored, ...]:
    """Return what the points of each stream of one lineage hold, averaged over a window of time, exactly [bytes].

    Args:
        streams: all rules that share the lineage; their points build on each other whichever rule made them.
        window_s: begin and end of the window, whole periods of the rules for a steady state [s].
        size_bytes: stored bytes of the resource.
        change_rate: fraction of distinct bytes changed within one day.
        incremental: whether points build on each other; otherwise each holds everything.
        cold_full: whether a point that moves to cold becomes a full one and leaves the chain, as an archived EBS
            snapshot does; otherwise what a warm point refers to stays warm, and the rest of the chain is cold.

    Returns:
        One for each stream. What is cold is split in proportion to what the cold points of the streams would hold were
        nothing of it warm.
    """
    if not incremental:
        points = [mean_points([s], window_s) for s in streams]
        return tuple(Stored(p.warm * size_bytes, p.cold * size_bytes) for p in points)
    while_warm = [
        replace(s, retention_s=min(s.retention_s, s.cold_after_s), cold_after_s=math.inf, free_until_s=0.0)
        for s in streams
    ]
    warm = [w for w, _ in _chain(while_warm, window_s, size_bytes, change_rate)]
    if all(math.isinf(s.cold_after_s) for s in streams):
        cold = [0.0 for _ in streams]
    elif cold_full:
        cold = [mean_points([s], window_s).cold * size_bytes for s in streams]
    else:
        whole = _chain(streams, window_s, size_bytes, change_rate)
        held = [after for _, after in whole]
        total = math.fsum(held)
        beyond = math.fsum([*(x for pair in whole for x in pair), *(-w for w in warm)])
        cold = [max(0.0, beyond) * h / total if total else 0.0 for h in held]
    return tuple(Stored(w, c) for w, c in zip(warm, cold, strict=True))


def _chain(
    streams: Sequence[Stream], window_s: tuple[float, float], size_bytes: float, change_rate: float
) -> list[tuple[float, float]]:
    """Return what the points of each stream of one chain hold before and after their move to cold [bytes].

    Each point holds what changed since its predecessor, whichever tier that is in.
    """
    if not all(stream.is_certain for stream in streams):
        return expected_chain(streams, window_s, size_bytes, change_rate)
    holdings = []
    for position, stream in enumerate(streams):
        captured, moved = stream.captured_s, stream.captured_s + stream.cold_after_s
        before_move, after_move = [], []
        for before, begin, end in predecessors(streams, position):
            held = changed_bytes(size_bytes, change_rate, captured - before)
            # summed by the element: a product of vectors may round otherwise from one machine to the next
            before_move.append(float((held * overlap(begin, np.minimum(end, moved), window_s)).sum()))
            after_move.append(float((held * overlap(np.maximum(begin, moved), end, window_s)).sum()))
        holdings.append((math.fsum(before_move), math.fsum(after_move)))
    return holdings


def mean_points(streams: Sequence[Stream], window_s: tuple[float, float]) -> Stored:
    """Return the number of billed points, warm and cold, averaged over a window of time [points].

    Args:
        streams: the rules; their points add.
        window_s: begin and end of the window [s].
    """
    warm = cold = 0.0
    for s in streams:
        begin, moved = s.captured_s + max(s.free_until_s, s.arrives_s), s.captured_s + s.cold_after_s
        for part, age_s in s.lifetimes:
            end = s.captured_s + age_s
            warm += part * float(overlap(begin, np.minimum(end, moved), window_s).sum())
            cold += part * float(overlap(np.maximum(begin, moved), end, window_s).sum())
    return Stored(warm, cold)


def copied_by_stream(
    streams: Sequence[Stream],
    window_s: tuple[float, float],
    size_bytes: float,
    change_rate: float,
    *,
    incremental: bool,
) -> tuple[float, ...]:
    """Return what each stream moves into one lineage in a month, were its points copied there [bytes/month].

    A copy moves what changed since the newest earlier point that is still alive at the destination when this one is
    captured, and everything where there is none: the first copy, or a retention no longer than the gap.

    Args:
        streams: the points that one destination keeps, by copy action.
        window_s: begin and end of the window; copies captured in it count [s].
        size_bytes: stored bytes of the resource.
        change_rate: fraction of distinct bytes changed within one day.
        incremental: whether copies build on each other; otherwise each moves everything.
    """
    if incremental and not all(stream.is_certain for stream in streams):
        return expected_moved(streams, window_s, size_bytes, change_rate)
    lo, hi = window_s
    moved = []
    for position, stream in enumerate(streams):
        captured = stream.captured_s
        base = np.full(len(captured), -np.inf)
        if incremental:
            before, until = _latest_before(streams, position)
            base = np.where(until > captured, before, -np.inf).max(axis=0)
        bytes_each = changed_bytes(size_bytes, change_rate, captured - base)
        in_window = bytes_each[is_within(captured, lo, hi)]
        made = 1.0 if stream.deletion is None else stream.deletion.made
        moved.append(made * float(in_window.sum()) * MONTH_S / (hi - lo))
    return tuple(moved)


def continuous_bytes(size_bytes: ArrayLike, change_rate: ArrayLike, window_s: ArrayLike, *, capped: bool) -> Floats:
    """Return what continuous protection stores [bytes]: everything once, and each day's changes over its window.

    Args:
        size_bytes: stored bytes, any shape.
        change_rate: fraction of distinct bytes changed within one day, any shape.
        window_s: how far back one can restore, any shape [s].
        capped: whether a day of the window never bills more than the size, as for Aurora.
    """
    size, days = np.asarray(size_bytes, dtype=np.float64), np.asarray(window_s, dtype=np.float64) / DAY_S
    stored: Floats = size * (1 + np.asarray(change_rate, dtype=np.float64) * days)
    return np.minimum(stored, size * np.maximum(days, 1.0)) if capped else stored


def billed_bytes(stored: ArrayLike, free: ArrayLike) -> Floats:
    """Return what is billed beyond a free allowance [bytes].

    The allowance is the storage provisioned in the Region for RDS, hence nothing in a Region without databases, and the
    volume's size for Aurora's continuous protection.

    Args:
        stored: bytes stored, any shape.
        free: bytes free of charge, any shape.
    """
    return np.maximum(0.0, np.asarray(stored, dtype=np.float64) - np.asarray(free, dtype=np.float64))


def yearly_cost(
    interval_s: ArrayLike,
    *,
    usd_per_backup: float,
    rate_per_year: float,
    data_loss_usd_per_s: float,
    delay_s: float,
    p_success: float = 1.0,
) -> Floats:
    """Return the cost of backups and of the data lost between them [USD/year]: c/T + r v (T/2 + d + T(1 - p)/p).

    Args:
        interval_s: time between backups T, any shape [s].
        usd_per_backup: what one backup costs c [USD].
        rate_per_year: disruptions r [1/year].
        data_loss_usd_per_s: what a second of lost data costs v [USD/s].
        delay_s: time from capture to usable d [s].
        p_success: probability p that a backup succeeds, independently of the others.
    """
    interval = np.asarray(interval_s, dtype=np.float64)
    loss_s = interval * (1 / p_success - 0.5) + delay_s
    cost: Floats = usd_per_backup * YEAR_S / interval + rate_per_year * data_loss_usd_per_s * loss_s
    return cost


def cheapest_interval(
    *, usd_per_backup: float, rate_per_year: float, data_loss_usd_per_s: float, p_success: float = 1.0
) -> float:
    """Return the interval at which `yearly_cost` is least [s]; infinite where lost data costs nothing.

    Args:
        usd_per_backup: what one backup costs [USD].
        rate_per_year: disruptions [1/year].
        data_loss_usd_per_s: what a second of lost data costs [USD/s].
        p_success: probability that a backup succeeds.
    """
    slope = rate_per_year * data_loss_usd_per_s * (1 / p_success - 0.5)
    return math.sqrt(usd_per_backup * YEAR_S / slope) if slope else math.inf


def expected_yearly_loss(
    rate_per_year: ArrayLike,
    downtime_s: ArrayLike,
    data_loss_s: ArrayLike,
    p_unrecoverable: ArrayLike,
    lost_after_s: ArrayLike,
    rebuild_s: ArrayLike,
    *,
    downtime_usd_per_s: float,
    data_loss_usd_per_s: float,
    unrecoverable_usd: float | None,
) -> Floats | None:
    """Return what disruptions cost in a year [USD/year], or None where losing everything has no price.

    Without that price the loss could not be compared: losing everything would be the cheapest plan.

    Args:
        rate_per_year: how often each disruption strikes, any shape [1/year].
        downtime_s: mean downtime of the incidents that are recovered from, same shape [s].
        data_loss_s: their mean data loss, same shape [s].
        p_unrecoverable: probability that an incident is not, same shape.
        lost_after_s: mean time until nothing is left to try, of these, same shape [s].
        rebuild_s: mean time of the rebuild that follows, same shape [s].
        downtime_usd_per_s: cost of downtime [USD/s].
        data_loss_usd_per_s: cost of lost data [USD/s].
        unrecoverable_usd: cost of losing everything [USD], or None where the user gave none.
    """
    if unrecoverable_usd is None:
        return None
    rate, down, loss, lost, lost_after, rebuild = (
        np.asarray(a, dtype=np.float64)
        for a in (rate_per_year, downtime_s, data_loss_s, p_unrecoverable, lost_after_s, rebuild_s)
    )
    recovered = down * downtime_usd_per_s + loss * data_loss_usd_per_s
    gone = unrecoverable_usd + (lost_after + rebuild) * downtime_usd_per_s
    cost: Floats = rate * ((1 - lost) * recovered + lost * gone)
    return cost


def overlap(begin: Floats, end: Floats, window_s: tuple[float, float]) -> Floats:
    """Return the part of a window that lies between `begin` and `end`, as a fraction of it."""
    lo, hi = window_s
    part: Floats = np.maximum(0.0, np.minimum(end, hi) - np.maximum(begin, lo)) / (hi - lo)
    return part


def _latest_before(streams: Sequence[Stream], position: int) -> tuple[Floats, Floats]:
    """Return the newest point of each stream before each point of the stream at a position: captures and expiries [s].

    Of points captured at the same moment the one of the earlier stream comes first. Where there is none, both are minus
    infinity.

    Returns:
        Two arrays of shape (streams, points).
    """
    before = []
    for other, stream in enumerate(streams):
        rank = np.searchsorted(
            stream.captured_s, streams[position].captured_s, side="right" if other < position else "left"
        )
        before.append(np.concatenate(([-np.inf], stream.captured_s))[rank])
    captured = np.array(before)
    # minus infinity plus a retention for ever would be no number
    retention = np.array([[s.retention_s] for s in streams])
    return captured, np.add(captured, retention, out=captured.copy(), where=np.isfinite(captured))


def predecessors(streams: Sequence[Stream], position: int) -> list[tuple[Floats, Floats, Floats]]:
    """Return, for each point of a stream, which point it builds on and from when to when.

    Points of one stream expire in the order of their capture, so that only the newest earlier point of each stream can
    be the predecessor: it is the newest of these that is still alive. The last entry is the time without any, in which
    the point holds everything.

    Returns:
        Triples of (predecessor's capture, begin, end), each of shape (points,) [s].
    """
    captured = streams[position].captured_s
    expires = captured + streams[position].retention_s
    before, until = _latest_before(streams, position)
    # newest first; of simultaneous captures the longest kept, since nothing changed between them
    order = np.lexsort((-until, -before), axis=0)
    before, until = np.take_along_axis(before, order, 0), np.take_along_axis(until, order, 0)
    pieces, begin = [], captured
    for candidate, alive_until in zip(before, until, strict=True):
        end = np.minimum(np.maximum(begin, alive_until), expires)
        # where there is no predecessor the piece is empty, whatever gap stands beside it
        pieces.append((np.where(np.isneginf(candidate), captured, candidate), begin, end))
        begin = end
    pieces.append((np.full(len(captured), -np.inf), begin, expires))
    return pieces
