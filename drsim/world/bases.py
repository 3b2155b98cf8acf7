"""Whether the backups of a lineage can fit their completion windows, and what its increments wait for.

An increment needs a point to build on. Where a full always fits its window the schedule says which point that is. Where
it may not, every run is a full until one has left a point (`drsim.engine.luck.first_full`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from drsim.laws.increments import grown
from drsim.laws.sampling import least
from drsim.world.streams import Base, Stream


def base_of(streams: Sequence[Stream], size_bytes: float, objects: float, growth: float) -> Base | None:
    """Return the full that the increments of a lineage need; None where it is sure to fit its window.

    Args:
        streams: those whose own points are of the lineage.
        size_bytes: of the resource, at the start.
        objects: likewise.
        growth: of both, a yearly fraction.
    """
    trials = tuple(_full(stream, size_bytes, objects, growth) for stream in streams if stream.times_s.size)
    if all(_surely_fits(trial) for trial in trials):
        return None
    return Base(trials, size_bytes, objects, growth, never=not any(_can_complete(trial) for trial in trials))


def _full(stream: Stream, size_bytes: float, objects: float, growth: float) -> Stream:
    factor = grown(growth, stream.times_s)
    return replace(stream, size_bytes=size_bytes * factor, objects=objects * factor, copies=(), goes=None, base=None)


def _surely_fits(trial: Stream) -> bool:
    longest = trial.work.longest_s(float(trial.size_bytes.max()), float(trial.objects.max()))
    return longest <= trial.completion_window_s


def _can_complete(stream: Stream) -> bool:
    shortest = stream.work.shortest_s(float(stream.size_bytes.min()), float(stream.objects.min()))
    starts = least(stream.start_delay) < stream.start_window_s
    return starts and shortest <= stream.completion_window_s and stream.failure.p < 1
