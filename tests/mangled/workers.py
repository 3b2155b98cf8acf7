"""Processes that run mangled files one after the other, within limits of time and memory."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait

from tests.mangled.faults import LIMITS, limited, run_one
from tests.mangled.files import mangling, sources


def _serve(link: Connection, numbers: Sequence[int]) -> None:
    """Run mangled files and send number and faults of each."""
    import drsim.report.tables
    import drsim.study.costs
    import drsim.study.drills
    import drsim.study.lifetimes  # noqa: F401  # what takes memory for good is loaded before it is limited

    corpus = sources()
    run_one(mangling(0, corpus))
    limited()
    for number in numbers:
        link.send((number, None))
        link.send((number, run_one(mangling(number, corpus))))
    link.close()


class Worker:
    """A process that runs mangled files in turn; one that does not answer is ended, and its successor goes on."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.rest = list(numbers)
        self.current: int | None = None
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.link, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=_serve, args=(theirs, self.rest), daemon=True)
        self.process.start()
        theirs.close()
        self.since = time.monotonic()

    def answers(self) -> Iterator[tuple[int, list[str]]]:
        """Yield what has been answered since it was asked last."""
        try:
            while self.link.poll():
                number, faults = self.link.recv()
                self.since = time.monotonic()
                self.current = number
                if faults is not None:
                    self.current = None
                    self.rest.remove(number)
                    yield number, faults
        except EOFError:
            self.process.join()
            if self.rest:
                yield from self._lost("the process died")

    def watch(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number that has not answered for long."""
        if self.rest and self.current is not None and time.monotonic() - self.since > 1.5 * LIMITS.seconds:
            self.process.kill()
            self.process.join()
            yield from self._lost("over the time, and not to be interrupted")

    def _lost(self, why: str) -> Iterator[tuple[int, list[str]]]:
        """Give up the current one, and go on with the next."""
        number = self.rest[0] if self.current is None else self.current
        self.rest.remove(number)
        self.current = None
        self.link.close()
        if self.rest:
            self._start()
        yield number, [why]


def run_all(numbers: Sequence[int], workers: int) -> Iterator[tuple[int, list[str]]]:
    """Yield number and faults of mangled files as they are answered."""
    pool = [Worker(numbers[k::workers]) for k in range(workers)]
    while any(worker.rest for worker in pool):
        wait([worker.link for worker in pool if worker.rest], timeout=1)
        for worker in pool:
            if worker.rest:
                yield from worker.answers()
            if worker.rest:
                yield from worker.watch()
