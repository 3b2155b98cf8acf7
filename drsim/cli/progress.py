"""Progress of long work, on standard error: how much is done, for how long, and what is worked on."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # it takes long to import, and quick work needs none
    from rich.progress import Progress

_FIRST_S, _LINE_S, _BEAT_S = 1.5, 1.25, 0.25
"""How long to wait for the first line, and from one to the next; how often to look whether it is time [s].
With room for a busy machine this is two seconds: nobody waits longer for a word."""

_begun: list[float] = []
"""When this process began a command [s], where it has a process to itself."""


def begin() -> None:
    """Count from now on what a visitor waits: what has to be imported before there is work takes a second, too."""
    _begun[:] = [time.monotonic()]


@contextmanager
def progress(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a callback (done, total) that shows progress: a bar on a terminal, else a line every two seconds.

    Both go on where one piece of the work takes long; work of less than two seconds has neither.

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
    bar = _Bar(what)
    try:
        with Heartbeat(lambda: bar.beat(worked_on()), 2 * _BEAT_S):
            yield lambda done, total: bar.advance(done, total, worked_on())
    finally:
        bar.end()


class _Bar:
    """Progress as a bar, which comes where there is something to wait for, and goes away at the end.

    Args:
        what: what goes on.
    """

    def __init__(self, what: str) -> None:
        self._what, self._begun = what, next(iter(_begun), time.monotonic())
        self._done: tuple[int, int | None] = (0, None)
        self._bar: Progress | None = None
        # the work and the heartbeat both come here
        self._lock = threading.Lock()

    def advance(self, done: int, total: int, work: str) -> None:
        """Keep how much is done of how much, and show it."""
        self._done = done, total
        self.beat(work)

    def beat(self, work: str) -> None:
        """Show what is worked on, where it is time."""
        with self._lock:
            if self._bar is None:
                if time.monotonic() - self._begun < _FIRST_S:
                    return
                self._bar = self._drawn()
            done, total = self._done
            self._bar.update(self._bar.task_ids[0], completed=done, total=total, work=work)
            self._bar.refresh()

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _drawn(self) -> Progress:
        """Return the bar, begun when the work was."""
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
        bar = Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True, expand=True)
        task = bar.add_task(self._what, total=None, work="")
        bar.tasks[task].start_time = bar.get_time() - (time.monotonic() - self._begun)
        bar.start()
        return bar


class Lines:
    """Progress in plain lines, none sooner after another than it should be.

    Args:
        what: what goes on.
        unit: of the numbers.
        clock: the time [s].
    """

    def __init__(self, what: str, unit: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._unit, self._clock = what, unit, clock
        # as if a line had come when it would make the first one due in time
        self._begun = next(iter(_begun), clock())
        self._printed = self._begun + _FIRST_S - _LINE_S
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
