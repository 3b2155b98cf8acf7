"""What of a lineage is old: data that were backed up a time ago and are still kept, which a cheaper tier takes.

A tier goes by the age of data, not of points: what was backed up at t_k is old from t_k + A on, whichever later points
hold it, too, and is kept as long as one of these is. Let o be the oldest point that is there. Where o is A old or older
the points of that age hold what is old, as a chain of their own. Where it is younger, what o holds has not changed
since A ago with probability r^(A - age of o), r = (1 - change rate) per day:

    old = S r^max(0, A - age of o) + the sum over later points k of age A or more of S (1 - r^(t_k - t_j))

with j as in `drsim.laws.cost`. Points before those that are there are taken to have come as these do. What a point
holds beyond the one before counts from that point on, though another one, gone by now, may have held it earlier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drsim.laws.cost import overlap, predecessors
from drsim.laws.increments import changed_bytes, fraction_changed, fraction_unchanged
from drsim.laws.schedule import is_within
from drsim.laws.staying import Stream
from drsim.units import DAY_S, MONTH_S

Floats = NDArray[np.float64]


def old_by_stream(
    streams: Sequence[Stream], window_s: tuple[float, float], size_bytes: float, change_rate: float, after_s: float
) -> tuple[float, ...]:
    """Return what the points of each stream of one lineage hold that is old, averaged over a window [bytes].

    Args:
        streams: all rules that share the lineage, whose points build on each other.
        window_s: begin and end of the window [s].
        size_bytes: stored bytes of the resource.
        change_rate: fraction of distinct bytes changed within one day.
        after_s: the age from which on data are old [s].
    """
    old = []
    for position, stream in enumerate(streams):
        old_from = stream.captured_s + after_s
        *pieces, (_, begin, end) = predecessors(streams, position)
        held = [
            changed_bytes(size_bytes, change_rate, stream.captured_s - before)
            * overlap(np.maximum(piece_begin, old_from), piece_end, window_s)
            for before, piece_begin, piece_end in pieces
        ]
        held.append(size_bytes * overlap(np.maximum(begin, old_from), end, window_s))
        if math.isfinite(stream.retention_s):  # what is kept for ever has nothing before it
            ages = _unchanged(begin, np.minimum(end, old_from), old_from, change_rate, window_s)
            held.append(size_bytes * _at_points(stream, change_rate) * ages)
        old.append(math.fsum(float(part.sum()) for part in held))
    return tuple(old)


def _unchanged(begin: Floats, end: Floats, until: Floats, change_rate: float, window_s: tuple[float, float]) -> Floats:
    """Return the integral of r^(until - t) over a span within a window, over the length of the window."""
    lo, hi = window_s
    first, last = np.maximum(begin, lo), np.minimum(end, hi)
    last = np.maximum(first, last)
    if change_rate >= 1:
        return np.zeros(len(first))
    if change_rate == 0:
        return (last - first) / (hi - lo)
    decay = -math.log1p(-change_rate) / DAY_S
    integral: Floats = (np.exp(-decay * (until - last)) - np.exp(-decay * (until - first))) / decay
    return integral / (hi - lo)


def _at_points(stream: Stream, change_rate: float) -> float:
    """Return the mean of r^(time, rounded up to whole gaps) over that of r^time: data come with points alone."""
    decay = -math.log1p(-change_rate) * _usual_gap_s(stream) / DAY_S if change_rate < 1 else math.inf
    return decay / math.expm1(decay) if 0 < decay < 700 else float(decay == 0)


def _usual_gap_s(stream: Stream) -> float:
    """Return the median time between the points of a stream [s]; infinite where there is one at most."""
    gaps = np.diff(stream.captured_s)
    return float(np.median(gaps)) if len(gaps) else math.inf


def aging_by_stream(
    streams: Sequence[Stream], window_s: tuple[float, float], objects: float, change_rate: float, after_s: float
) -> tuple[float, ...]:
    """Return how many objects of each stream of one lineage become old in a month, each once [objects/month].

    Where all points go before they are so old, it is what the longest kept ones hold unchanged for so long.

    Args:
        streams: as for `old_by_stream`.
        window_s: likewise.
        objects: of the resource, of which as many change as of its bytes.
        change_rate: likewise.
        after_s: likewise.
    """
    lo, hi = window_s
    longest = max(range(len(streams)), key=lambda k: streams[k].retention_s, default=0)
    aging = []
    for position, stream in enumerate(streams):
        old_from = stream.captured_s + after_s
        # the first that is there follows one that is not there any more, unless nothing was ever before
        first = math.inf if math.isinf(stream.retention_s) else _usual_gap_s(stream)
        gap = np.concatenate(([first], np.diff(stream.captured_s)))[: len(stream.captured_s)]
        counts = old_from
        if stream.retention_s > after_s:
            *pieces, _ = predecessors(streams, position)
            for before, begin, end in pieces:
                gap = np.where((begin <= old_from) & (old_from < end), stream.captured_s - before, gap)
            kept = 1.0
        else:
            # unchanged until the oldest point that is there: whole gaps after it
            gone_s = (
                (math.floor((after_s - stream.retention_s) / first) + 1) * first if math.isfinite(first) else math.inf
            )
            kept = float(fraction_unchanged(change_rate, gone_s)) if position == longest else 0.0
            counts = stream.captured_s
        in_window = fraction_changed(change_rate, gap)[is_within(counts, lo, hi)]
        aging.append(objects * kept * float(in_window.sum()) * MONTH_S / (hi - lo))
    return tuple(aging)
