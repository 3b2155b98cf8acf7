"""The jobs of a burst: one SimPy process per backup and copy job, for `drsim.engine.process.history`."""

from __future__ import annotations

import math

import simpy

from drsim.engine.process.history import Job, JobRecord, Outcome, Run, went_s
from drsim.engine.process.slots import Process, Slots
from drsim.laws.points import is_beyond_copying
from drsim.world.model import Component, World
from drsim.world.streams import Stream


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
