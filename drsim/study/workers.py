"""Worker processes that end with whoever started them, whatever ends it.

Each has a pipe of its own, so that one that is gone in the middle of an answer is seen to be gone. None reads the
script that started it: all that a worker needs is drsim's, so that a script without a `__main__` guard is not run once
more.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.context import BaseContext
from types import ModuleType
from typing import Any, Generic, TypeVar

from drsim.errors import WorkerError
from drsim.study.heartbeat import rests_at_forks

Job = TypeVar("Job")
Answer = TypeVar("Answer")

_SOON_S = 2.0
"""Time in which a process that was asked to end does so [s]; else it is ended."""


def may_start() -> bool:
    """Whether this process may start others: those of a pool, such as `multiprocessing.Pool`'s, may not."""
    return not multiprocessing.current_process().daemon


def by_workers(do: Callable[[Job], Answer], jobs: Iterable[Job], workers: int) -> Generator[Answer]:
    """Yield the answer to each job, in their order; closing it ends the workers, busy or not.

    Args:
        do: what a worker does with a job; it is sent once to each worker, with all that it holds.
        jobs: what to do.
        workers: processes.

    Raises:
        WorkerError: a worker could not be started, or was ended from outside.
    """
    crew: list[_Worker[Job, Answer]] = []
    threads = ThreadPoolExecutor(workers)
    waiting: deque[Future[Answer]] = deque()
    idle: deque[_Worker[Job, Answer]] = deque()
    is_done = False

    def ask(job: Job) -> Answer:
        # there are as many threads as workers
        worker = idle.popleft()
        try:
            return worker.ask(job)
        finally:
            idle.append(worker)

    try:
        context = start_context()
        # all of them before there is any thread, which a fork must not copy
        for _ in range(workers):
            crew.append(_Worker(context, do))  # noqa: PERF401  # where one cannot begin, those before are ended
        idle.extend(crew)
        for job in jobs:
            # no more than this ahead of whoever takes them, or answers would pile up
            if len(waiting) > workers:
                yield waiting.popleft().result()
            waiting.append(threads.submit(ask, job))
        while waiting:
            yield waiting.popleft().result()
        is_done = True
    finally:
        for worker in crew:
            worker.dismiss(at_once=not is_done)
        threads.shutdown(wait=True, cancel_futures=True)
        # now nobody listens to them any more
        for worker in crew:
            worker.close()


def start_context() -> BaseContext:
    """Return how to start workers: a fork is fastest, and safe only where no other thread runs."""
    threads = [thread for thread in threading.enumerate() if not rests_at_forks(thread)]
    return multiprocessing.get_context("fork" if sys.platform == "linux" and len(threads) == 1 else "spawn")


def may_fork() -> bool:
    """Whether a process begun now would be a copy of this one, which needs nothing sent to it."""
    return may_start() and start_context().get_start_method() == "fork"


class _Worker(Generic[Job, Answer]):
    """A process, seen from the one that started it."""

    def __init__(self, context: BaseContext, do: Callable[[Job], Answer]) -> None:
        try:
            self._pipe, theirs = context.Pipe()
            # contexts have this class, but its declaration does not say so
            self._process = context.Process(target=_serve, args=(theirs, do), daemon=True)  # type: ignore[attr-defined]
            with _without_script():
                self._process.start()
        except OSError as error:
            raise WorkerError(f"no worker process can be started: {error.strerror}; --workers 1 needs none") from error
        # else its end would not be seen
        theirs.close()

    def ask(self, job: Job) -> Answer:
        """Return its answer to a job, or raise what that raised there.

        Raises:
            WorkerError: it was ended from outside.
        """
        try:
            self._pipe.send(job)
            is_done, answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            self._process.join(_SOON_S)
            raise WorkerError(_end(self._process.exitcode)) from error
        if not is_done:
            raise answer
        result: Answer = answer
        return result

    def dismiss(self, *, at_once: bool) -> None:
        """End it: between jobs, or at once whatever it does."""
        if not at_once:
            try:
                self._pipe.send(None)
            except OSError:  # it is gone already
                at_once = True
        if at_once:
            self._process.kill()
        self._process.join(_SOON_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def close(self) -> None:
        """Close the pipe to it."""
        self._pipe.close()


def _end(status: int | None) -> str:
    """Return how a worker ended, in words, and what helps."""
    how = f"ended by signal {-status}" if status is not None and status < 0 else f"ended with status {status}"
    why = "; the machine may have too little memory: fewer --workers need less" if status == -9 else ""
    return f"a worker process was {how}, before it had answered{why}"


@contextmanager
def _without_script() -> Iterator[None]:
    """Hide the script that this process runs, which a spawned process would read and run again."""
    with _hiding:
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = script


_hiding = threading.Lock()


def _serve(pipe: connection.Connection[Any, Any], do: Callable[[Any], Any]) -> None:
    """Do what comes through a pipe until there is no more; what runs in a worker process."""
    # Ctrl-C reaches every process at the terminal: whoever started this one ends it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while (job := _received(pipe)) is not None:
        try:
            answer = True, do(job)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is raised where the answer is awaited
            error.add_note(f"in a worker process:\n{''.join(traceback.format_exception(error))}")
            answer = False, error
        pipe.send(answer)


def _received(pipe: connection.Connection[Any, Any]) -> Any:  # noqa: ANN401  # a job, of any kind
    """Return what comes next through a pipe; None where nobody is at its other end."""
    try:
        return pipe.recv()
    except EOFError:
        return None


def _end_with_parent() -> None:
    """Wait for the end of the process that started this one, and end then, whatever goes on."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
