"""A sign of life while work goes on: what is worked on, and something that looks at it now and then."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Self

_work = ""


def working_on(what: str) -> None:
    """Say what this process works on from now on, in words for whoever shows progress."""
    global _work  # noqa: PLW0603  # there is one process, and it does one thing at a time
    _work = what


def worked_on() -> str:
    """Return what this process works on; empty where nobody has said."""
    return _work


class Heartbeat:
    """Calls something every so often, from a thread of its own that rests while the process forks.

    A fork copies only the thread that forks, and whatever others hold stays held for ever: so there is no other.

    Args:
        beat: what to call; where nothing can be written any more it is called no more.
        every_s: how often [s].
    """

    def __init__(self, beat: Callable[[], object], every_s: float) -> None:
        self._beat, self._every_s = beat, every_s
        self._rest = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Begin."""
        _rest_at_forks()
        _beating.append(self)
        self.resume()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        if self in _beating:
            _beating.remove(self)
        self.rest()

    def rest(self) -> None:
        """Let the thread come to its end."""
        self._rest.set()
        thread, self._thread = self._thread, None
        # a signal may have cut its start short: it ends at its first look, then
        if thread is not None and thread.is_alive():
            thread.join()

    def resume(self) -> None:
        """Begin a thread."""
        self._rest.clear()
        self._thread = _Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def _go_on(self) -> None:
        # a stream that is full or closed is found out by whoever writes to it next
        with suppress(OSError, ValueError):
            while not self._rest.wait(self._every_s):
                self._beat()


class _Thread(threading.Thread):
    """The thread of a heartbeat."""


_beating: list[Heartbeat] = []


def rests_at_forks(thread: threading.Thread) -> bool:
    """Whether a thread is that of a heartbeat, which does not run while the process forks."""
    return isinstance(thread, _Thread)


@cache
def _rest_at_forks() -> None:
    """Have heartbeats rest while the process forks; in the new process they stay at rest."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_rest_all, after_in_parent=_resume_all, after_in_child=_beating.clear)


def _rest_all() -> None:
    for heartbeat in _beating:
        heartbeat.rest()


def _resume_all() -> None:
    for heartbeat in _beating:
        heartbeat.resume()
