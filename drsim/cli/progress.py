"""Progress of long work, on standard error: how much is done, for how long, and what is worked on."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_LINE_S, _BEAT_S = 1.75, 0.25
"""How long to wait for the first line, and from one to the next; how often to look whether it is time [s].
Together two seconds: nobody waits longer for a word."""


@contextmanager
def progress(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a callback (done, total) that shows progress: a bar on a terminal, else a line every two seconds.

    Both go on where one piece of the work takes long; work of less than two seconds has no line.

    Args:
        what: what goes on, such as `drills`.
        unit: of the numbers.
    """
    from drsim.study.heartbeat import Heartbeat, worked_on, working_on

    working_on("reading the scenario")
    if sys.stderr is None or not sys.stderr.isatty():
        lines = Lines(what, unit)
        with Heartbeat(lambda: lines.beat(worked_on()), _BEAT_S):
            yield lambda done, total: lines.advance(done, total, worked_on())
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    rest = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    columns = (
        *(TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn()),
        *(TimeRemainingColumn(), TextColumn("{task.fields[work]}", markup=False, table_column=rest)),
    )
    # without a thread of rich's own for refreshing, so that workers may be forked
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True, expand=True) as bar:
        task = bar.add_task(what, total=None, work="")

        def show() -> None:
            bar.update(task, work=worked_on())
            bar.refresh()

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            show()

        with Heartbeat(show, 2 * _BEAT_S):
            yield advance


class Lines:
    """Progress in plain lines, none sooner after another than it should be.

    Args:
        what: what goes on.
        unit: of the numbers.
        clock: the time [s].
    """

    def __init__(self, what: str, unit: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._unit, self._clock = what, unit, clock
        self._begun = self._printed = clock()
        self._done: tuple[int, int] | None = None
        # the work and the heartbeat both come here
        self._lock = threading.Lock()

    def advance(self, done: int, total: int, work: str) -> None:
        """Keep how much is done of how much, and print a line where it is time."""
        self._done = done, total
        self.beat(work)

    def beat(self, work: str) -> None:
        """Print a line where it is time.

        Args:
            work: what is worked on.
        """
        with self._lock:
            now = self._clock()
            if now - self._printed < _LINE_S:
                return
            self._printed = now
            done = "" if self._done is None else f"{self._done[0]:,} of {self._done[1]:,} {self._unit}, "
            click.echo(f"{self._what}: {done}{now - self._begun:.0f} s, now {work}", err=True)
