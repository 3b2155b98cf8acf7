"""Work that takes longer than drawing a page: done by worker processes, kept while it is likely to be asked for again.

A page asks and waits. Streamlit ends the script of a page at its next sign of life when the visitor changes something,
presses Stop, or leaves; then nobody waits for the work any more, and it is ended, too, unless somebody asks for the
same within a moment, as a page does that is loaded again. Equal questions are answered once: the key of an answer is
all that went into it, the text of the scenario included, so that nobody gets what they could not have asked for.
"""

from __future__ import annotations

import atexit
import hashlib
import math
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drsim.app import workers
from drsim.app.pool import Pool, Work, WorkerEndedError
from drsim.errors import DrsimError
from drsim.version import __version__

T = TypeVar("T")

AT_ONCE = max(1, min(4, os.cpu_count() or 1))
"""Questions of one page that are worked on at a time: as many as there are processors."""

WORKERS = AT_ONCE + 1
"""Worker processes; one more than a page may keep busy, so that a long study leaves one for everybody else."""

LONGEST_S = 180.0
"""Work that takes longer is ended: whoever wants it has the command line, which goes on for longer."""

FULL_S = 100.0
"""After so long [s] work that can do with fewer drills begins no more of them."""

FIRST_S = 2.0
"""How long [s] a first answer may take; where it can be had at all only later, it has few drills."""

MEMORY_BYTES = 3 * 2**30
"""Memory of a worker process, at most: whoever asks for more is told so, and all others go on."""

_ANSWERS = 96
"""Answers that are kept, of all visitors together."""

_GRACE_S = 3.0
"""How long work goes on though nobody waits for it: a page that is loaded again asks for the same."""

_QUIET_S = 0.8
"""How long a visitor waits without being told."""

_LOOK_S = 0.05

_SLOTS = 512
"""Jobs whose progress is shown at a time."""


@dataclass(frozen=True)
class Limits:
    """What a piece of work may take, at most.

    Attributes:
        longest_s: time [s].
        memory_bytes: memory of the worker process.
    """

    longest_s: float = math.inf
    memory_bytes: int = MEMORY_BYTES


@dataclass(frozen=True)
class Ask:
    """A question for the worker processes.

    Attributes:
        function: of `drsim.app.tasks`, or like those.
        arguments: plain data.
        content: what the answer depends on, where that is less than the arguments.
        limits: what it may take, where that is less than what all work may.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    content: tuple[Any, ...] | None = None
    limits: Limits = Limits()

    @property
    def key(self) -> str:
        """A digest of all that goes into the answer."""
        content = self.arguments if self.content is None else self.content
        name = f"{self.function.__module__}.{self.function.__qualname__}"
        return hashlib.sha256(repr((__version__, name, content)).encode()).hexdigest()


@dataclass
class _Job:
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
class _Workshop:
    """The worker processes, the work under way, and the answers that are kept."""

    pool: Pool
    reports: Any
    jobs: dict[str, _Job] = field(default_factory=dict)
    answers: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    begun: int = 0

    def join(self, ask: Ask) -> _Job:
        """Return the work on a question, begun where nobody did before; the caller waits for it until `leave`."""
        key = ask.key
        with self.lock:
            job = self.jobs.get(key)
            if job is None and (known := self.answer(key)):
                job = _Job(key, Future(), 0)
                job.future.set_result(known[0])
            elif job is None:
                # nobody waits for these, and somebody does for this
                self._end_abandoned(grace_s=0.0)
                job = self._begin(key, ask)
            job.waiting += 1
            return job

    def leave(self, job: _Job) -> None:
        """Wait no more."""
        with self.lock:
            job.waiting -= 1
            job.left_at = time.monotonic()
        if not job.waiting and not job.future.done():
            late = threading.Timer(_GRACE_S, self._end_abandoned, (_GRACE_S,))
            late.daemon = True
            late.start()

    def foresee(self, ask: Ask) -> None:
        """Have a question answered that somebody is going to ask."""
        job = self.join(ask)
        job.future.add_done_callback(lambda _: self.leave(job))

    def answer(self, key: str) -> tuple[Any, ...]:
        """Return the answer that is kept, alone in a tuple; none if there is none."""
        with self.lock:
            if key not in self.answers:
                return ()
            self.answers.move_to_end(key)
            return (self.answers[key],)

    def _begin(self, key: str, ask: Ask) -> _Job:
        self.begun += 1
        slot = self.begun % _SLOTS
        self.reports[2 * slot] = self.reports[2 * slot + 1] = 0
        longest_s, memory_bytes = min(ask.limits.longest_s, LONGEST_S), ask.limits.memory_bytes
        work = self.pool.schedule(_work, (ask.function, ask.arguments, slot, memory_bytes), longest_s)
        job = self.jobs[key] = _Job(key, work.future, slot, work)
        # it may have ended already, and is forgotten then
        work.future.add_done_callback(lambda _: self._ended(job))
        return job

    def _ended(self, job: _Job) -> None:
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
            left = [job for job in self.jobs.values() if not job.waiting and job.left_at <= since]
            for job in left:
                del self.jobs[job.key]
        for job in left:
            if job.work is not None:
                job.work.end()

    def done(self, job: _Job) -> tuple[int, int]:
        """Return how much of a job is done, and how much there is to do; zeros before it begins."""
        return self.reports[2 * job.slot], self.reports[2 * job.slot + 1]


_reports: Any = None
"""In a worker process: where all report their progress."""


def _prepare(reports: Any) -> None:  # noqa: ANN401  # a shared array has no type of its own
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

    def progress(done: int, total: int) -> None:
        _reports[2 * slot], _reports[2 * slot + 1] = done, total

    _allow(memory_bytes)
    try:
        return function(*arguments, progress=progress)
    finally:
        _allow(MEMORY_BYTES)


_workshop: _Workshop | None = None
_opening = threading.Lock()


def workshop() -> _Workshop:
    """Return the worker processes of this server, started when first asked for."""
    global _workshop  # noqa: PLW0603  # one for all sessions of the server
    with _opening:
        if _workshop is None:
            context = workers.context()
            reports = context.RawArray("q", 2 * _SLOTS)
            _workshop = _Workshop(Pool(WORKERS, context, partial(_prepare, reports)), reports)
            atexit.register(_workshop.pool.close)
        return _workshop


class UnansweredError(Exception):
    """There is no answer; its words say why, to the visitor."""


def result_of(
    function: Callable[..., T],
    *arguments: Any,  # noqa: ANN401
    saying: str,
    limits: Limits = Limits(),  # it cannot be changed
    otherwise: Callable[[str], T] | None = None,
) -> T:
    """Return what a worker process answers; the page waits, and ends here where it is stopped.

    Args:
        function: of `drsim.app.tasks`.
        arguments: plain data, without `progress`.
        saying: what is being worked out, for the progress bar.
        limits: what it may take.
        otherwise: makes an answer of the words that say why there is none; left out, the page shows them and ends here.
    """
    ask = Ask(function, arguments, limits=limits)
    try:
        found: T = _results_of([ask], saying)[0]
    except UnansweredError as error:
        if otherwise is None:
            _explain(str(error))
            raise
        return otherwise(str(error))
    return found


def results_of(asks: Sequence[Ask], *, saying: str) -> list[Any]:
    """Return what worker processes answer to several questions, in their order; the page waits, as for `result_of`."""
    try:
        return _results_of(asks, saying)
    except UnansweredError as error:
        _explain(str(error))
        raise


def _results_of(asks: Sequence[Ask], saying: str) -> list[Any]:
    # always there, so that what stands below never moves: Streamlit forgets what belongs into the link where it does
    place = st.empty()
    shop = workshop()
    known = [shop.answer(ask.key) for ask in asks]
    missing = [ask for ask, found in zip(asks, known, strict=True) if not found]
    fresh = iter(_waited_for(shop, missing, saying, place) if missing else ())
    return [found[0] if found else next(fresh) for found in known]


@contextmanager
def under_way(asks: Sequence[Ask]) -> Iterator[None]:
    """Have questions answered while a page asks others first; it asks these themselves before it comes to its end."""
    shop = workshop()
    missing = [ask for ask in asks if not shop.answer(ask.key)]
    # what its visitor has stopped is not begun again
    jobs = [] if st.session_state.get(_STOPPED) == digest(missing) else [shop.join(ask) for ask in missing]
    try:
        yield
    finally:
        for job in jobs:
            shop.leave(job)


def staged(
    full: Sequence[Ask], finish: Callable[[], T], first: Callable[[], T], is_enough: Callable[[T], bool], *, saying: str
) -> tuple[T, bool]:
    """Return the full answer where it is known, else a first one; and whether it is as full as it gets.

    The page is drawn with the first answer. At its end it waits for the full one (`wait_for_the_rest`), and is drawn
    again with that. Where there is no full answer the first one stays, and the page says why.

    Args:
        full: questions of the full answer.
        finish: makes it of their answers, which are known by then.
        first: asks for and makes the first answer.
        is_enough: whether a first answer is as full as it gets.
        saying: what is being worked out, for the progress bar.
    """
    shop, name = workshop(), digest(full)
    # there even where it is empty, so that nothing below moves
    with st.container():
        if all(shop.answer(ask.key) for ask in full):
            return finish(), True
        found = first()
        if is_enough(found):
            return found, True
        why = st.session_state.get(_GIVEN_UP, {}).get(name)
        place = st.empty()
        if why is not None:
            with place.container():
                st.info(why)
                st.button("Start again", key=f"again-{name}", on_click=_restart, args=(name,), type="primary")
        else:
            st.session_state.setdefault(_PENDING, []).append((full, saying, name, place))
    return found, False


def forget_the_rest() -> None:
    """Wait for nothing that a script asked for which has come to no end."""
    st.session_state.pop(_PENDING, None)


def wait_for_the_rest() -> None:
    """Wait for the full answers of a page that is drawn with first ones, and draw it again."""
    pending = st.session_state.pop(_PENDING, ())
    for full, saying, name, place in pending:
        if st.session_state.get(_STOPPED) == name:
            st.session_state.pop(_STOPPED)
            _give_up(name, f"Stopped: {saying}. What is shown rests on a first answer.")
            continue
        try:
            _waited_for(workshop(), full, saying, place)
        except UnansweredError as error:
            _give_up(name, f"{error} What is shown rests on a first answer.")
    if pending:
        st.rerun()


def _give_up(name: str, why: str) -> None:
    st.session_state[_GIVEN_UP] = {**st.session_state.get(_GIVEN_UP, {}), name: why}


def answered(ask: Ask) -> Any:  # noqa: ANN401
    """Return the answer to a question that no page waits for: that of a button which saves a file."""
    shop = workshop()
    job = shop.join(ask)
    try:
        return job.future.result()
    finally:
        shop.leave(job)


_STOPPED, _PENDING, _GIVEN_UP = "work-stopped", "work-pending", "work-given-up"
"""Keys of the session: digests of questions that its visitor stopped; questions whose full answers the page still waits
for; and why it does not, by digest."""


def _waited_for(shop: _Workshop, asks: Sequence[Ask], saying: str, place: DeltaGenerator) -> list[Any]:
    """Return the answers to questions that are not known yet; what is shown meanwhile goes to a place of its own."""
    name = digest(asks)
    if st.session_state.get(_STOPPED) == name:
        with place.container():
            st.info(f"Stopped: {saying}. Nothing of it was kept; fewer drills take less time.")
            st.button("Start again", key=f"again-{name}", on_click=_restart, type="primary")
        st.stop()
    jobs: list[_Job] = []
    try:
        _watch(shop, asks, jobs, saying, name, place)
    finally:
        for job in jobs:
            shop.leave(job)
    place.empty()
    return [_answer(job, ask, saying) for job, ask in zip(jobs, asks, strict=True)]


def digest(asks: Sequence[Ask]) -> str:
    """Return a digest of questions."""
    return digest_of("".join(ask.key for ask in asks))


def digest_of(text: str) -> str:
    """Return a digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _watch(shop: _Workshop, asks: Sequence[Ask], jobs: list[_Job], saying: str, name: str, place: Any) -> None:  # noqa: ANN401
    """Have questions answered, a few at a time, and add their jobs to `jobs` as they begin.

    After a moment there is a progress bar and a Stop; each look lets Streamlit end this script.
    """
    begun, bar = time.monotonic(), None
    while True:
        under_way = [job.future for job in jobs if not job.future.done()]
        while len(jobs) < len(asks) and len(under_way) < AT_ONCE:
            jobs.append(shop.join(asks[len(jobs)]))
            under_way.append(jobs[-1].future)
        if not under_way:
            return
        wait_for(under_way, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
        if bar is None and time.monotonic() - begun < _QUIET_S:
            place.empty()
            continue
        if bar is None:
            with place.container(horizontal=True, vertical_alignment="center"):
                bar = st.progress(0.0, saying)
                st.button("Stop", key=f"stop-{name}", on_click=_stop, args=(name,))
        bar.progress(*_progress(shop, jobs, len(asks), saying, time.monotonic() - begun))


def _progress(shop: _Workshop, jobs: Sequence[_Job], number: int, saying: str, seconds: float) -> tuple[float, str]:
    """Return the share of a number of jobs that is done, and the words for it; some may not have begun."""
    reports = [shop.done(job) for job in jobs]
    shares = [1.0 if job.future.done() else d / t if t else 0.0 for job, (d, t) in zip(jobs, reports, strict=True)]
    share = sum(shares) / number
    # long queues are worked through in one piece, which has no share to tell
    return min(share, 1.0), f"{saying} … {share:.0%} after {seconds:.0f} s"


def _answer(job: _Job, ask: Ask, saying: str) -> Any:  # noqa: ANN401
    """Return the answer of a job that is done.

    Raises:
        UnansweredError: there is none.
    """
    less = "Ask for fewer drills" if ask.limits == Limits() else "Make it smaller"
    try:
        return job.future.result()
    except DrsimError as error:
        why = f"This cannot be worked out ({saying}): {error}"
    except TimeoutError:
        longest_s = min(ask.limits.longest_s, LONGEST_S)
        why = f"This takes longer than {longest_s:g} s ({saying}). {less}, or use the command line, which goes on."
    except MemoryError:
        why = f"This takes more memory than the app has for it ({saying}). {less}, or use the command line."
    except (WorkerEndedError, CancelledError, OSError):
        why = f"A worker process ended before its time ({saying}). Change something, or load the page again."
    raise UnansweredError(why)


def _explain(text: str) -> None:
    from drsim.app.show import message

    message(text)
    st.stop()


def _stop(name: str) -> None:
    st.session_state[_STOPPED] = name


def _restart(name: str = "") -> None:
    st.session_state.pop(_STOPPED, None)
    st.session_state.get(_GIVEN_UP, {}).pop(name, None)
