"""The jobs of a component's streams, as arrays: what the laws say of each, and when its runs are scheduled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drsim.draws import Key
from drsim.engine.luck import first_full
from drsim.world.groups import shares
from drsim.world.model import Component, World
from drsim.world.streams import Stream

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Calendar:
    """The streams of a component, numbered from 0, and the runs of all of them in the order of their schedules.

    Arrays are by stream (S), by job of a run (J: the backup, then its copies) and by run of the calendar (R).

    Attributes:
        streams: the streams.
        number: index of a stream in the world -> its number.
        jobs: J.
        plan_start_s: of the world.
        drain: by when the component's jobs are done.
        once_full: likewise, in drills that have the fulls that increments need; None where that is of no use.
        kind: (S,) which kind of stream each is: those of a kind differ in their draws only.
        times_s, stream, position: (R,) scheduled moment of each run, ascending [s since start], number of its stream,
            and its position in the stream's times.
        place: per stream, (runs,) where its runs stand in the calendar.
        rank: (S,) which of its resource's streams each is; None where all are of one resource.
        shares: per stream, for each job of a run, how long it keeps the shared pools full for each second it takes.
        slots: slots of the limits that can bind.
        limits: (S, J, most) numbers of the limits on each job; `len(slots)` stands for none.
        is_limited: (S, J) whether there are any.
        crowds: per stream, slots and jobs for every limit that one run alone can fill.
        takes_turns: per stream, whether the jobs of a run that is alone share one slot, each copying the backup.
        parent: (S, J) job that is copied from, -1 for the backup.
        followers: (S, J) copies that are made from what a job makes.
        cold_after_s, delete_after_s: (S, J) life of what each job makes [s]; inf for never.
        order, start_window_s, completion_window_s: (S,) of each stream.
    """

    def __init__(self, world: World, component: Component) -> None:
        self.streams = streams = [world.streams[s] for s in component.streams]
        self.number = {s: i for i, s in enumerate(component.streams)}
        assert component.past is not None  # noqa: S101  without limits there is nothing to look up
        self.plan_start_s, self.drain = world.plan_start_s, component.past.drain
        self.once_full = component.past.once_full if component.settles else None
        self._bases = {id(st.base): st.base for st in streams if st.base is not None}
        self._merge()
        ranks = [world.members[world.streams[s].member].streams.index(s) for s in component.streams]
        self.rank = np.array(ranks) if len(component.members) > 1 else None
        self.jobs = 1 + max((len(st.copies) for st in streams), default=0)
        binding = sorted(component.limits)
        self.slots = [world.limits[i].slots for i in binding]
        needs = [[[binding.index(i) for i in job.limits if i in binding] for job in st.jobs] for st in streams]
        self.shares = [shares(world, component, st) for st in streams]
        self._tabulate(needs)
        self.is_limited = (self.limits != len(binding)).any(axis=2)
        self.crowds = [_crowds(need, self.slots) for need in needs]
        self.takes_turns = [_takes_turns(st, crowds) for st, crowds in zip(streams, self.crowds, strict=True)]
        self._tell_kinds()
        self.order = np.array([st.order for st in streams])
        self.start_window_s = np.array([st.start_window_s for st in streams])
        self.completion_window_s = np.array([st.completion_window_s for st in streams])

    def done_at_s(self, last_s: Floats, run: Ints) -> Floats:
        """Return by when the runs scheduled up to moments are done in drills, (n,); -inf where there are none."""
        done = self.drain.done_at_s(last_s)
        if self.once_full is None:
            return done
        is_usual = self.once_full.holds(last_s, self._full_s(run))
        return np.where(is_usual, np.minimum(self.once_full.done_at_s(last_s), done), done)

    def look_from_s(self, moment_s: Floats, run: Ints) -> tuple[Floats, Bools]:
        """Return from when on runs have to be looked at for bursts to be known, and where fulls spared a longer look.

        Args:
            moment_s: (n,) moments of the bursts [s since start].
            run: (n,) numbers of the drills.
        """
        from_s = self.drain.look_from_s(moment_s)
        if self.once_full is None:
            return from_s, np.zeros(len(run), dtype=bool)
        near_s = self.once_full.look_from_s(moment_s)
        is_near = self.once_full.holds(np.nextafter(near_s, -np.inf), self._full_s(run))
        return np.where(is_near, near_s, from_s), is_near

    def _full_s(self, run: Ints) -> Floats:
        """Return since when all increments have the fulls that they need, in drills (n,); inf for never."""
        moments_s = [first_full(base, run)[0] for base in self._bases.values()]
        latest: Floats = np.max(moments_s, axis=0)
        return latest

    def _merge(self) -> None:
        counts = [len(st.times_s) for st in self.streams]
        times = np.concatenate([st.times_s for st in self.streams])
        order = np.argsort(times, kind="stable")
        self.times_s = times[order]
        # numbers of 16 bits are sorted much faster
        small = np.int16 if len(counts) < 1 << 15 else np.int64
        self.stream: NDArray[Any] = np.repeat(np.arange(len(counts), dtype=small), counts)[order]
        self.position = np.concatenate([np.arange(count) for count in counts])[order]
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        self.place: list[Ints] = np.split(place, np.cumsum(counts)[:-1])

    def _tabulate(self, needs: list[list[list[int]]]) -> None:
        shape = (len(self.streams), self.jobs)
        most = max((len(need) for jobs in needs for need in jobs), default=0)
        self.limits = np.full((*shape, max(most, 1)), len(self.slots))
        self.parent = np.full(shape, -1)
        self.followers = np.zeros(shape, dtype=np.int64)
        self.cold_after_s, self.delete_after_s = np.full(shape, np.inf), np.full(shape, np.inf)
        for i, st in enumerate(self.streams):
            for j, need in enumerate(needs[i]):
                self.limits[i, j, : len(need)] = need
            self.cold_after_s[i, 0], self.delete_after_s[i, 0] = st.cold_after_s, st.delete_after_s
            for j, c in enumerate(st.copies, start=1):
                self.parent[i, j] = 1 + c.parent
                self.followers[i, 1 + c.parent] += 1
                self.cold_after_s[i, j], self.delete_after_s[i, j] = c.cold_after_s, c.delete_after_s

    def _tell_kinds(self) -> None:
        likes: dict[tuple[object, ...], list[int]] = {}
        for i, st in enumerate(self.streams):
            like = (*_likeness(st), tuple(self.shares[i]), str(self.crowds[i]))
            likes.setdefault(like, []).append(i)
        self.kind = np.zeros(len(self.streams), dtype=self.stream.dtype)
        self._nth = np.zeros(len(self.streams), dtype=np.int64)
        for kind, alike in enumerate(likes.values()):
            self.kind[alike], self._nth[alike] = kind, np.arange(len(alike))
        self._alike = [[self.streams[i] for i in alike] for alike in likes.values()]
        self._keys = [_keys(alike) for alike in self._alike]

    def by_kind(self, runs: Ints) -> list[tuple[Stream, Ints]]:
        """Return runs of the calendar, (m,), by kind: a stream that has their draws, and which of `runs` they are."""
        if not runs.size:
            return []
        stream: Ints = self.stream[runs]
        if len(self._alike) == 1:
            return [(self._stream_of(0, stream), np.arange(len(runs)))]
        kind = self.kind[stream]
        order = np.argsort(kind, kind="stable")
        numbers, first = np.unique(kind[order], return_index=True)
        groups = np.split(order, first[1:])
        return [(self._stream_of(k, stream[these]), these) for k, these in zip(numbers.tolist(), groups, strict=True)]

    def _stream_of(self, kind: int, streams: Ints) -> Stream:
        """Return a stream of a kind whose keys are arrays: those of the streams given, (m,)."""
        first, *others = self._alike[kind]
        if not others:
            return first
        return _with_keys(first, [key[self._nth[streams]] for key in self._keys[kind]])


def _likeness(stream: Stream) -> tuple[object, ...]:
    """Return all that decides the jobs of a stream, apart from its draws."""
    jobs: list[object] = []
    for job in stream.jobs:
        work, failure = job.work, job.failure
        jobs += [work.whole, work.fixed, work.rate, work.object_rate, work.least_s]
        jobs += [failure.p, failure.lasts, job.expiry_delay]
        jobs += [job.size_bytes.tobytes(), job.objects.tobytes(), job.cold_after_s, job.delete_after_s]
    jobs += [x for c in stream.copies for x in (c.parent, c.delay)]
    # which jobs share their spells; and who waits for a full of its own lineage has no like
    keys = [job.failure.key for job in stream.jobs]
    jobs += [str([keys.index(key) for key in keys]), None if stream.base is None else stream.name]
    moments = (stream.times_s.tobytes(), stream.indices.tobytes())
    return (*moments, stream.start_window_s, stream.completion_window_s, stream.start_delay, *jobs)


def _keys(alike: Sequence[Stream]) -> list[NDArray[np.uint64]]:
    """Return the keys of streams of one kind, an array (streams,) for each purpose, in the order of `_with_keys`."""
    rows = []
    for st in alike:
        row: list[Key] = [st.start_key, *(c.delay_key for c in st.copies)]
        for job in st.jobs:
            row += [*job.work.keys, job.failure.key, job.expiry_key]
        rows.append(row)
    return list(np.array(rows, dtype=np.uint64).T)


def _with_keys(stream: Stream, keys: Sequence[NDArray[np.uint64]]) -> Stream:
    given = iter(keys)
    start_key, delays = next(given), [next(given) for _ in stream.copies]
    jobs = []
    for job in stream.jobs:
        work = replace(job.work, keys=(next(given), next(given), next(given)))
        jobs.append((work, replace(job.failure, key=next(given)), next(given)))
    copies = tuple(
        replace(c, delay_key=delay, work=work, failure=failure, expiry_key=expiry)
        for c, delay, (work, failure, expiry) in zip(stream.copies, delays, jobs[1:], strict=True)
    )
    work, failure, expiry = jobs[0]
    return replace(stream, start_key=start_key, work=work, failure=failure, expiry_key=expiry, copies=copies)


def _crowds(needs: list[list[int]], slots: list[int]) -> list[tuple[int, list[int]]]:
    users = [[j for j, need in enumerate(needs) if i in need] for i in range(len(slots))]
    return [(slots[i], jobs) for i, jobs in enumerate(users) if len(jobs) > slots[i]]


def _takes_turns(stream: Stream, crowds: list[tuple[int, list[int]]]) -> bool:
    jobs = list(range(1 + len(stream.copies)))
    return crowds == [(1, jobs)] and all(copy.parent < 0 for copy in stream.copies)
