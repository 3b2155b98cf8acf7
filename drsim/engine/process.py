"""The process clock: one SimPy process per job and per recovery, every event in order, every queue real.

The only module that knows SimPy. It simulates bursts of backup and copy jobs for `drsim.engine.history`, and the
recoveries after an incident for `drsim.engine.drill`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, cast

import simpy

from drsim.engine.history import History, Job, JobRecord, Outcome, Run, went_s
from drsim.engine.recovery import Recovery
from drsim.engine.strike import Strikes
from drsim.engine.world import Component, Limit, Stream, World
from drsim.laws.points import is_beyond_copying

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
class _Waiting:
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
        self._queues: dict[tuple[int, ...], list[_Waiting]] = {}
        # heaps of first jobs; some are first no more, since they have gone or another came before them
        self._new: list[_Waiting] = []
        self._aside: dict[int, list[_Waiting]] = {}
        # limits at which jobs stand aside and that may have a slot
        self._open: set[int] = set()
        self._arrived: list[_Waiting] = []
        self._looking = False

    def request(
        self, limits: tuple[int, ...], order: tuple[int, ...], *, priority: int = 0, deadline_s: float = math.inf
    ) -> Request:
        """Queue for a slot of every limit."""
        request = Request(self._env)
        job = _Waiting(priority, self._env.now, order, limits, deadline_s, request)
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

    def _next(self) -> _Waiting | None:
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

    def _first_heap(self) -> list[_Waiting] | None:
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
    job = cast("_Waiting", timeout.value)
    if not job.request.triggered:
        job.request.succeed(value=False)


def simulate_jobs(world: World, component: Component, jobs: list[tuple[Run, Job]]) -> dict[Run, Outcome]:
    """Return what the runs of one burst left behind.

    Args:
        world: the strategy's world.
        component: whose limits can make the jobs wait.
        jobs: the runs of the burst, ascending by scheduled moment; before the first, the component's pools are idle.
    """
    env = simpy.Environment(initial_time=jobs[0][1].scheduled_s)
    slots = Slots(env, world.limits)
    outcomes: dict[Run, Outcome] = {}
    clock = _Jobs(world, component, env, slots, outcomes)
    for run, job in jobs:
        env.process(clock.backup(run, job))
    env.run()
    return outcomes


class _Jobs:
    """The processes of backup and copy jobs."""

    def __init__(
        self,
        world: World,
        component: Component,
        env: simpy.Environment,
        slots: Slots,
        outcomes: dict[Run, Outcome],
    ) -> None:
        self._world = world
        self._binding = component.limits
        self._env = env
        self._slots = slots
        self._outcomes = outcomes

    def backup(self, run: Run, job: Job) -> Process:
        """Wait for the start, back up, and set the copies going."""
        env, stream = self._env, self._world.streams[run[0]]
        available = [math.inf] * (1 + len(stream.copies))
        records: list[JobRecord] = []
        captured = math.nan
        try:
            if job.ready_s >= job.deadline_s:
                records.append(_record("backup", run, -1, job.ready_s, math.nan, job.deadline_s, "EXPIRED"))
                return
            yield env.timeout(job.ready_s - env.now)
            limits, full = self._needed(stream.limits), -1
            if limits:
                request = self._slots.request(limits, (stream.order, -1, run[1]), deadline_s=job.deadline_s)
                granted = yield request
                full = request.waited_for
                if not granted:
                    records.append(_record("backup", run, -1, job.ready_s, math.nan, env.now, "EXPIRED", full))
                    return
            captured = env.now
            yield env.timeout(min(job.duration_s, stream.completion_window_s))
            self._slots.release(limits)
            late = job.duration_s > stream.completion_window_s
            result = "ABORTED" if late else "FAILED" if job.fails else "COMPLETED"
            records.append(_record("backup", run, -1, job.ready_s, captured, env.now, result, full))
            if result != "COMPLETED":
                return
            available[0] = env.now
            copies = [env.process(p) for p in self._copies(run, job, stream, -1, captured, available, records)]
            yield from copies
        finally:
            expiry = (job.expiry_s, *(c[3] for c in job.copies))
            gone = tuple(went_s(part.goes, available[1:]) for part in stream.jobs)
            self._outcomes[run] = Outcome(captured, tuple(available), expiry, tuple(records), gone)

    def _copies(
        self,
        run: Run,
        job: Job,
        stream: Stream,
        parent: int,
        captured: float,
        available: list[float],
        records: list[JobRecord],
    ) -> list[Process]:
        return [
            self._copy(run, job, stream, i, captured, available, records)
            for i, action in enumerate(stream.copies)
            if action.parent == parent
        ]

    def _copy(
        self,
        run: Run,
        job: Job,
        stream: Stream,
        i: int,
        captured: float,
        available: list[float],
        records: list[JobRecord],
    ) -> Process:
        """Wait for the delay and for slots, copy, and set the chained copies going."""
        env, action = self._env, stream.copies[i]
        delay, duration, fails, _ = job.copies[i]
        if delay:
            yield env.timeout(delay)
        queued = env.now
        limits, full = self._needed(action.limits), -1
        if limits:
            request = self._slots.request(limits, (stream.order, i, run[1]))
            yield request
            full = request.waited_for
        started = env.now
        if is_beyond_copying(captured, *_lifetime(stream, action.parent, job), started):
            self._slots.release(limits)
            records.append(_record("copy", run, i, queued, started, started, "FAILED", full))
            return
        yield env.timeout(duration)
        self._slots.release(limits)
        result = "FAILED" if fails else "COMPLETED"
        records.append(_record("copy", run, i, queued, started, env.now, result, full))
        if fails:
            return
        available[1 + i] = env.now
        yield from [env.process(p) for p in self._copies(run, job, stream, i, captured, available, records)]

    def _needed(self, limits: tuple[int, ...]) -> tuple[int, ...]:
        """Return the limits that can bind here; the others never make anybody wait."""
        return tuple(i for i in limits if i in self._binding)


def _lifetime(stream: Stream, parent: int, job: Job) -> tuple[float, float, float]:
    """Return when the source of a copy turns cold and expires, by its age, and the delay of its expiry [s]."""
    if parent < 0:
        return stream.cold_after_s, stream.delete_after_s, job.expiry_s
    source = stream.copies[parent]
    return source.cold_after_s, source.delete_after_s, job.copies[parent][3]


def _record(
    kind: str, run: Run, copy: int, queued_s: float, started_s: float, ended_s: float, result: str, waited_for: int = -1
) -> JobRecord:
    return JobRecord(kind, run[0], copy, queued_s, started_s, ended_s, result, waited_for)


def simulate_recovery(world: World, strikes: Strikes, e: int, history: History) -> Recovery:
    """Return how everything that incident `e` struck was recovered, up to the moment at which the disruption ends."""
    env = simpy.Environment(initial_time=float(strikes.occurred_s[e]))
    recovery = Recovery(world, strikes, e, history, env, Slots(env, world.limits))
    if recovery.ends_s == math.inf:
        env.run()
    else:
        while env.peek() <= recovery.ends_s:
            env.step()
    return recovery
