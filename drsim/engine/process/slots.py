"""The clock, and the queues for slots: one SimPy event per grant, every queue real."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, cast

import simpy

from drsim.world.limits import Limit

Process = Generator[simpy.Event, Any, Any]

_LATE = 2
"""Slots are granted after everything else of the same instant, so that ties are settled by order, not by luck."""
_LAST = 3
"""Disruptions of a life strike, and outages end, after all that: what is done in the same instant is done."""


class Clock(simpy.Environment):
    """The clock of a life, in which processes can be given up by interrupting them."""

    def process(self, generator: Process) -> simpy.Process:
        """Begin a process; an interrupt ends it."""
        return simpy.Process(self, _unless_interrupted(generator))

    def at_last(self, moment_s: float) -> simpy.Event:
        """Return an event at a moment [s since start], after everything else of that instant."""
        return _Last(self, moment_s - self.now)


class _Last(simpy.Event):
    """An event that is already decided: the end of an instant."""

    def __init__(self, env: simpy.Environment, delay_s: float) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, priority=_LAST, delay=delay_s)  # type: ignore[arg-type]  # SimPy knows no such late one


def _unless_interrupted(generator: Process) -> Process:
    try:
        yield from generator
    except simpy.Interrupt:
        return


class _Grant(simpy.Event):
    """An event that is already decided: the moment at which waiting jobs are looked at."""

    def __init__(self, env: simpy.Environment, look: Callable[[simpy.Event], None]) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        self.callbacks.append(look)
        env.schedule(self, priority=_LATE)  # type: ignore[arg-type]  # SimPy knows no later one


class Request(simpy.Event):
    """Succeeds with True once a slot of every limit is held, or with False at the deadline.

    Attributes:
        waited_for: the limit that was full when the job had to wait, -1 if it never did.
    """

    waited_for = -1


@dataclass(order=True, slots=True)
class _WaitingJob:
    """A job that waits."""

    priority: int
    queued_s: float
    order: tuple[int, ...]
    limits: tuple[int, ...] = field(compare=False)
    deadline_s: float = field(compare=False)
    request: Request = field(compare=False)


class Slots:
    """The slots of all limits, and the jobs that wait for them.

    A waiting job holds no slot; it starts when every limit on it has a free one, so that a later job may pass one that
    waits for another limit. Order: priority, moment queued, order written. Jobs on the same limits never pass each
    other, so that only the first of them has to be looked at: it is new, or stands aside at a limit that was full when
    it was looked at, until that has a slot again.
    """

    def __init__(self, env: simpy.Environment, limits: Iterable[Limit]) -> None:
        self._env = env
        self._free = [limit.slots for limit in limits]
        self._queues: dict[tuple[int, ...], list[_WaitingJob]] = {}
        # heaps of first jobs; some are first no more, since they have gone or another came before them
        self._new: list[_WaitingJob] = []
        self._aside: dict[int, list[_WaitingJob]] = {}
        # limits at which jobs stand aside and that may have a slot
        self._open: set[int] = set()
        self._arrived: list[_WaitingJob] = []
        self._looking = False

    def request(
        self, limits: tuple[int, ...], order: tuple[int, ...], *, priority: int = 0, deadline_s: float = math.inf
    ) -> Request:
        """Queue for a slot of every limit."""
        request = Request(self._env)
        job = _WaitingJob(priority, self._env.now, order, limits, deadline_s, request)
        queue = self._queues.setdefault(limits, [])
        heappush(queue, job)
        if queue[0] is job:
            heappush(self._new, job)
        self._arrived.append(job)
        self._look_later()
        return request

    @contextmanager
    def held(self, limits: tuple[int, ...], order: tuple[int, ...], *, priority: int = 0) -> Iterator[Request | None]:
        """Queue for a slot of every limit, and give back in the end what came of it: slots, or the place in the queue.

        Yields:
            The request; None where there is no limit.
        """
        if not limits:
            yield None
            return
        request = self.request(limits, order, priority=priority)
        try:
            yield request
        finally:
            if request.triggered:
                self.release(limits)
            else:
                request.succeed(value=False)

    def release(self, limits: tuple[int, ...]) -> None:
        """Give one slot of every limit back."""
        for i in limits:
            self._free[i] += 1
            if i in self._aside:
                self._open.add(i)
        if self._queues:
            self._look_later()

    def _look_later(self) -> None:
        if not self._looking:
            self._looking = True
            _Grant(self._env, self._look)

    def _look(self, _: simpy.Event) -> None:
        """Grant the slots of the first job in order that can have all of its limits, and look again.

        One at a time, so that what takes no time is over before the next job in order is looked at.
        """
        self._looking = False
        job = self._next()
        if job is not None:
            for i in job.limits:
                self._free[i] -= 1
            job.request.succeed(value=True)
            self._pass_on(job.limits)
            self._look_later()
            return
        for job in self._arrived:
            if not job.request.triggered:
                job.request.waited_for = next(i for i in job.limits if self._free[i] <= 0)
                if job.deadline_s < math.inf:
                    self._env.timeout(job.deadline_s - self._env.now, job).callbacks.append(_expire)
        self._arrived.clear()

    def _next(self) -> _WaitingJob | None:
        """Return the first job in order that can have all of its limits; those that cannot stand aside."""
        while (heap := self._first_heap()) is not None:
            job = heappop(heap)
            queue = self._queues.get(job.limits)
            if not queue or queue[0] is not job:
                continue
            if job.request.triggered:
                self._pass_on(job.limits)
                continue
            full = next((i for i in job.limits if self._free[i] <= 0), None)
            if full is None:
                return job
            heappush(self._aside.setdefault(full, []), job)
        return None

    def _first_heap(self) -> list[_WaitingJob] | None:
        """Return the heap with the first job in order of those that are new or stand aside where there is a slot."""
        heaps = [self._new] if self._new else []
        for i in [*self._open]:
            if not self._aside[i]:
                del self._aside[i]
                self._open.remove(i)
            elif self._free[i] <= 0:
                self._open.remove(i)
            else:
                heaps.append(self._aside[i])
        return min(heaps, key=lambda heap: heap[0], default=None)

    def _pass_on(self, limits: tuple[int, ...]) -> None:
        """Let the first job for some limits make room for the next."""
        queue = self._queues[limits]
        heappop(queue)
        if queue:
            heappush(self._new, queue[0])
        else:
            del self._queues[limits]


def _expire(timeout: simpy.Event) -> None:
    """Let a job that has not started within its window give up."""
    job = cast("_WaitingJob", timeout.value)
    if not job.request.triggered:
        job.request.succeed(value=False)
