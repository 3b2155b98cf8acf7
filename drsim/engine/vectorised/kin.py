"""Streams whose backup jobs are the same, whatever is copied: what happened to them is worked out together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drsim.engine.vectorised.jobs import Left, unhindered
from drsim.world.streams import Copy, Stream

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Kin:
    """Streams without limits of which the backup jobs are the same.

    Attributes:
        stream: a stream with the copies of all of them.
        columns: for each of the streams the columns of what it leaves, among those of what `stream` leaves.
    """

    stream: Stream
    columns: tuple[Ints, ...]

    @classmethod
    def of(cls, streams: Sequence[Stream]) -> Kin:
        """Return streams of which the backup jobs are the same."""
        copies: list[Copy] = []
        known: dict[tuple[object, ...], int] = {}
        columns = []
        for stream in streams:
            mine: list[int] = []
            for copy in stream.copies:
                source = copy.parent if copy.parent < 0 else mine[copy.parent]
                key = (source, *_job(copy), copy.delay, copy.delay_key)
                if key not in known:
                    known[key] = len(copies)
                    copies.append(replace(copy, parent=source))
                mine.append(known[key])
            columns.append(np.array([0, *(1 + k for k in mine)]))
        return cls(replace(streams[0], copies=tuple(copies)), tuple(columns))

    def left(self, of: Ints, run: Ints, position: Ints, places: int) -> Left:
        """Return what runs left behind.

        Args:
            of: (n,) which of the streams each run is of.
            run: (n,) numbers of the drills.
            position: (n,) positions of the runs.
            places: how many columns are wanted: backup and copies, those that a stream has not being left empty.
        """
        # protections that differ little ask about the same runs
        asked, answer = np.unique(run * len(self.stream.times_s) + position, return_inverse=True)
        once = unhindered(self.stream, *np.divmod(asked, len(self.stream.times_s)))
        left = Left.nothing(len(run), places)
        left.captured_s[:] = once.captured_s[answer]
        for k in np.unique(of).tolist():
            rows, columns = np.flatnonzero(of == k), self.columns[k]
            cells = answer[rows][:, None], columns[None, :]
            left.available_s[rows, : len(columns)] = once.available_s[cells]
            left.expiry_s[rows, : len(columns)] = once.expiry_s[cells]
        return left


def kin_of(streams: Sequence[Stream]) -> tuple[list[Kin], Ints, Ints]:
    """Return streams in groups whose backup jobs are the same, and in which group, and where there, each of them is."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for s, stream in enumerate(streams):
        moments = stream.times_s.tobytes(), stream.indices.tobytes()
        windows = stream.start_window_s, stream.completion_window_s, stream.start_delay, stream.start_key
        base = None if stream.base is None else s
        groups.setdefault((*moments, *windows, *_job(stream), base), []).append(s)
    group, place = np.empty(len(streams), dtype=np.int64), np.empty(len(streams), dtype=np.int64)
    for g, members in enumerate(groups.values()):
        group[members], place[members] = g, np.arange(len(members))
    return [Kin.of([streams[s] for s in members]) for members in groups.values()], group, place


def _job(job: Stream | Copy) -> tuple[object, ...]:
    """Return all that decides what becomes of the jobs of a stream or a copy action, and when."""
    amounts = job.size_bytes.tobytes(), job.objects.tobytes()
    return (job.work, job.failure, *amounts, job.expiry_delay, job.expiry_key, job.delete_after_s, job.cold_after_s)
