"""The workshop: worker processes, the work under way, and the answers that are kept, of all visitors together.

Equal questions are answered once: the key of an answer is all that went into it, the text of the scenario included, so
that nobody gets what they could not have asked for. Work that nobody waits for any more is ended, unless somebody asks
for the same within a moment, as a page does that is loaded again.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from drsim.app import workers
from drsim.app.pool import Pool, Work
from drsim.app.questions import MEMORY_BYTES, Question
from drsim.app.reports import SLOTS, JobReporter, Reports

AT_ONCE = max(1, min(4, os.cpu_count() or 1))
"""Questions of one page that are worked on at a time: as many as there are processors."""

WORKERS = AT_ONCE + 1
"""Worker processes; one more than a page may keep busy, so that a long study leaves one for everybody else."""

_ANSWERS = 96
"""Answers that are kept, of all visitors together."""

_GRACE_S = 3.0
"""How long work goes on though nobody waits for it: a page that is loaded again asks for the same."""


@dataclass
class Job:
    """Work under way.

    Attributes:
        key: of the question.
        future: of the answer.
        slot: where its progress is reported.
        work: of a worker process; none where the answer was known.
        waiting: pages that wait for it.
        left_at: when the last of them went.
    """

    key: str
    future: Future[Any]
    slot: int
    work: Work | None = None
    waiting: int = 0
    left_at: float = 0.0


@dataclass
class Workshop:
    """The worker processes, the work under way, and the answers that are kept."""

    pool: Pool
    reports: Reports
    jobs: dict[str, Job] = field(default_factory=dict)
    answers: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    begun: int = 0

    def join(self, question: Question) -> Job:
        """Return the work on a question, begun where nobody did before; the caller waits for it until `leave`."""
        key = question.key
        with self.lock:
            job = self.jobs.get(key)
            if job is None and (known := self.answer(key)):
                job = Job(key, Future(), 0)
                job.future.set_result(known[0])
            elif job is None:
                # nobody waits for these, and somebody does for this
                self._end_abandoned(grace_s=0.0)
                job = self._begin(key, question)
            job.waiting += 1
            return job

    def leave(self, job: Job) -> None:
        """Wait no more."""
        with self.lock:
            job.waiting -= 1
            job.left_at = time.monotonic()
        if not job.waiting and not job.future.done():
            late = threading.Timer(_GRACE_S, self._end_abandoned, (_GRACE_S,))
            late.daemon = True
            late.start()

    def foresee(self, question: Question) -> None:
        """Have a question answered that somebody is going to ask."""
        job = self.join(question)
        job.future.add_done_callback(lambda _: self.leave(job))

    def end_with_best(self, question: Question) -> None:
        """Have the work on a question end soon, and answer with the best so far."""
        with self.lock:
            job = self.jobs.get(question.key)
            if job is not None:
                self.reports.ask_to_end(job.slot)

    def forget(self, question: Question) -> None:
        """Keep an answer no longer: whoever asks again has it worked out anew."""
        with self.lock:
            self.answers.pop(question.key, None)

    def answer(self, key: str) -> tuple[Any, ...]:
        """Return the answer that is kept, alone in a tuple; none if there is none."""
        with self.lock:
            if key not in self.answers:
                return ()
            self.answers.move_to_end(key)
            return (self.answers[key],)

    def _begin(self, key: str, question: Question) -> Job:
        self.begun += 1
        slot = self.begun % SLOTS
        self.reports.clear(slot)
        call = (question.function, question.arguments, slot, question.limits.memory_bytes)
        work = self.pool.schedule(_work, call, question.longest_s)
        job = self.jobs[key] = Job(key, work.future, slot, work)
        # it may have ended already, and is forgotten then
        work.future.add_done_callback(lambda _: self._ended(job))
        return job

    def _ended(self, job: Job) -> None:
        """Keep an answer; forget what failed, so that it can be asked again."""
        with self.lock:
            if self.jobs.get(job.key) is job:
                del self.jobs[job.key]
            if job.future.cancelled() or job.future.exception() is not None:
                return
            self.answers[job.key] = job.future.result()
            while len(self.answers) > _ANSWERS:
                self.answers.popitem(last=False)

    def _end_abandoned(self, grace_s: float) -> None:
        """End the work that nobody has waited for of late."""
        with self.lock:
            since = time.monotonic() - 0.99 * grace_s
            # what is about to end is not cut short: its visitor is about to ask for the best so far
            left = [job for job in self.jobs.values() if not job.waiting and not self.reports.is_to_end(job.slot)]
            abandoned = [job for job in left if job.left_at <= since]
            for job in abandoned:
                del self.jobs[job.key]
        for job in abandoned:
            if job.work is not None:
                job.work.end()

    def done(self, job: Job) -> tuple[int, int]:
        """Return how much of a job is done, and how much there is to do; zeros before it begins."""
        return self.reports.told(job.slot)

    def said(self, job: Job) -> str:
        """Return what a job says of itself in words; empty where it says nothing."""
        return self.reports.said(job.slot)


_reports: Reports | None = None
"""In a worker process: where all report their progress."""


def _prepare(reports: Reports) -> None:
    """Begin a worker process: read what all work reads, unless it is a copy of a process that has."""
    global _reports  # noqa: PLW0603  # what a process is given once has no other home
    _reports = reports
    _allow(MEMORY_BYTES)
    import drsim.app.ready  # noqa: F401


def _held_bytes() -> int:
    """Return the memory for data that this process holds, as Linux counts it against its limit."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * os.sysconf("SC_PAGE_SIZE")


def _allow(memory_bytes: int) -> None:
    """Let this process have so much more memory, and no more than a worker has in all."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        # what earlier work has left behind, which is not given back at once, is not this one's
        most = min(_held_bytes() + memory_bytes, MEMORY_BYTES)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _work(function: Callable[..., Any], arguments: tuple[Any, ...], slot: int, memory_bytes: int) -> Any:  # noqa: ANN401
    """Answer a question, in a worker process."""
    if _reports is None:
        raise RuntimeError("a worker process that was not prepared")
    _allow(memory_bytes)
    try:
        return function(*arguments, progress=JobReporter(_reports, slot))
    finally:
        _allow(MEMORY_BYTES)


_workshop: Workshop | None = None

_opening = threading.Lock()


def workshop() -> Workshop:
    """Return the worker processes of this server, started when first asked for."""
    global _workshop  # noqa: PLW0603  # one for all sessions of the server
    with _opening:
        if _workshop is None:
            context = workers.context()
            reports = Reports(context)
            _workshop = Workshop(Pool(WORKERS, context, partial(_prepare, reports)), reports)
            atexit.register(_workshop.pool.close)
        return _workshop
