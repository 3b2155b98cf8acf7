"""Worker processes, each with a thread of this process that hands it one piece of work after the other.

A piece of work has one thread that answers for it from its begin to its end, and a pipe that no other process reads or
writes: whether the process comes to an end with it, is killed, or is ended since nobody waits any more, that thread
sees it, says so, and begins another process. Pools whose processes share their pipes were seen to lose answers where
somebody cancelled a piece of work in the moment in which it was done.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess, parent_process
from queue import SimpleQueue
from typing import Any, NamedTuple

WORKER = "app-worker"
"""Name of the processes."""

_ENDS_S = 5.0
"""For so long a process is waited for that was told to end."""


_NOT_BEGUN = (OSError, EOFError)
"""What is raised where no process can be begun: no room for it, or what it would be a copy of is gone."""


class WorkerEndedError(Exception):
    """A worker process ended before its work, killed for want of memory, say; or could not be begun."""


class _Worker(NamedTuple):
    """A process, and this end of its pipe."""

    process: BaseProcess
    pipe: Connection

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.join(_ENDS_S)
        self.pipe.close()


class Work:
    """A piece of work.

    Attributes:
        future: of the answer.
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], longest_s: float) -> None:
        """Describe it; a pool has it done."""
        self.future: Future[Any] = Future()
        self._call = function, arguments
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._is_unwanted = False

    def end(self) -> None:
        """End it: nobody waits for it any more. What is done already stays so."""
        with self._lock:
            self._is_unwanted = True
            if self._worker is not None:
                self._worker.process.kill()
        # cancels only what has not begun: whatever has is told by its thread
        self.future.cancel()

    def fail(self, error: BaseException) -> None:
        """Tell that it cannot be done."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)

    def do(self, worker: _Worker) -> bool:
        """Have a worker do it, and return whether the worker can do more."""
        with self._lock:
            if not self.future.set_running_or_notify_cancel():
                return True
            self._worker = worker
        answer, error, is_usable = self._asked(worker.pipe)
        with self._lock:
            # from here on the worker is not this work's any more, and nobody ends it in its name
            self._worker = None
            if self._is_unwanted:
                answer, error, is_usable = None, CancelledError(), False
        if error is None:
            self.future.set_result(answer)
        else:
            self.future.set_exception(error)
        return is_usable

    def _asked(self, pipe: Connection) -> tuple[Any, BaseException | None, bool]:
        """Return a worker's answer, or why there is none; and whether the worker can do more."""
        try:
            pipe.send(self._call)
            if not pipe.poll(self._longest_s):
                return None, TimeoutError(f"longer than {self._longest_s:.0f} s"), False
            return (*pipe.recv(), True)
        except (EOFError, ConnectionError):
            return None, WorkerEndedError("a worker process ended before its time"), False
        except Exception as error:  # noqa: BLE001  # what cannot be sent, or not be understood, is told, too
            return None, error, False


class Pool:
    """Worker processes, begun at once, which do what they are given in its order."""

    def __init__(self, number: int, context: Any, prepare: Callable[[], None]) -> None:  # noqa: ANN401
        """Begin the processes.

        Args:
            number: of processes.
            context: of multiprocessing: how they begin.
            prepare: what each calls before it does anything else; it can be pickled.
        """
        self._context, self._prepare = context, prepare
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()
        self._workers: dict[int, _Worker] = {}
        self._is_open = True
        self._threads = [threading.Thread(target=self._serve, args=(k,), daemon=True) for k in range(number)]
        for thread in self._threads:
            thread.start()

    def schedule(self, function: Callable[..., Any], arguments: tuple[Any, ...], longest_s: float) -> Work:
        """Return work that a process does when one is free.

        Args:
            function: of a module.
            arguments: plain data.
            longest_s: how long it may take [s]; its future has a `TimeoutError` where it takes longer.
        """
        work = Work(function, arguments, longest_s)
        self._waiting.put(work)
        return work

    def close(self) -> None:
        """End all processes, and what they do."""
        self._is_open = False
        for worker in list(self._workers.values()):
            worker.process.kill()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(_ENDS_S)

    def _serve(self, number: int) -> None:
        """Hand one piece of work after the other to a process, and begin another where it has ended."""
        self._begin_ahead(number)
        while (work := self._waiting.get()) is not None and self._is_open:
            try:
                worker = self._workers.pop(number, None)
                if worker is None or not worker.process.is_alive():
                    worker = self._begun()
                self._workers[number] = worker
            except _NOT_BEGUN as error:
                work.fail(WorkerEndedError(f"no worker process can be begun: {error}"))
                continue
            if not work.do(worker):
                self._workers.pop(number).end()
                self._begin_ahead(number)
        if number in self._workers:
            self._workers.pop(number).end()

    def _begin_ahead(self, number: int) -> None:
        """Begin a process before there is anything to do; where that fails it is tried again when there is."""
        with contextlib.suppress(*_NOT_BEGUN):
            self._workers[number] = self._begun()

    def _begun(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process: BaseProcess = self._context.Process(
            target=_process, args=(theirs, self._prepare), name=WORKER, daemon=True
        )
        process.start()
        theirs.close()  # or its end would not be seen
        return _Worker(process, ours)


def _process(pipe: Connection, prepare: Callable[[], None]) -> None:
    """Answer one question after the other, in a worker process, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends them
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    prepare()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            pipe.send_bytes(_answer(*pipe.recv()))


def _end_with_the_server() -> None:
    """End this process when the one that began it has ended, however it has."""
    server = parent_process()
    if server is not None:
        wait([server.sentinel])
        os._exit(1)


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """Return an answer, or the error in its place, as it is sent."""
    try:
        return _packed(function(*arguments), None)
    except Exception as error:  # noqa: BLE001  # whoever asked is told
        error.__traceback__ = None  # its frames hold what took the memory
        try:
            return _packed(None, error)
        except Exception:  # noqa: BLE001  # an error that cannot be sent is told in words
            return _packed(None, RuntimeError(f"{type(error).__name__}: {error}"))


def _packed(answer: Any, error: Exception | None) -> bytes:  # noqa: ANN401  # whatever was asked for
    return pickle.dumps((answer, error), pickle.HIGHEST_PROTOCOL)
