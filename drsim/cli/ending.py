"""How a command ends before its time: signals from outside, and streams that nobody reads or that are full."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TextIO, cast

_WORDS = {"SIGINT": "stopped", "SIGTERM": "terminated", "SIGHUP": "hung up"}
"""What is said of the signals that ask for an end."""

_AGAIN_S, _LAST_S = 0.1, 3.0
"""Time after such a signal until it is seen whether the end is under way, and time to clear up: then the process ends
whatever it does, and a later run clears up [s]."""


class Ended(BaseException):
    """A signal asked for the end.

    Attributes:
        status: the exit status that shells have for it.
    """

    def __init__(self, number: int) -> None:
        self.status = 128 + number
        super().__init__(_words(number))


def _words(number: int) -> str:
    """Return the one line about a signal, below the ^C of a terminal."""
    return f"{_new_line()}{_WORDS[signal.Signals(number).name]}"


def _new_line() -> str:
    return "\n" if sys.stderr is not None and sys.stderr.isatty() else ""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise `Ended` in this process, and end those forked from it, when a signal asks for it.

    A signal that this process is to ignore, as `nohup` has it, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    process = os.getpid()
    signals: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        if os.getpid() != process:
            os._exit(128 + number)
        if signals:  # it is on its way
            return
        signals.append(number)
        _see_to(number)
        raise Ended(number)

    numbers = [signal.Signals[name] for name in _WORDS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    changed = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    for number in changed:
        signal.signal(number, end)
    try:
        with _told_once():
            yield
    finally:
        for number in changed:
            signal.signal(number, before[number])
        if signals and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if signals:  # too late to stop anything, and yet whoever asked is told
        raise Ended(signals[0])


@contextmanager
def _told_once() -> Iterator[None]:
    """Have Python say nothing of an `Ended` that it ignores, since that is raised once more."""
    tell = sys.unraisablehook
    sys.unraisablehook = lambda lost: None if isinstance(lost.exc_value, Ended) else tell(lost)
    try:
        yield
    finally:
        sys.unraisablehook = tell


def _see_to(number: int) -> None:
    """Look every now and then whether the end that a signal asked for is under way; where that takes long, end.

    An exception is lost where none is expected, as in what a weak reference or a fork calls.
    """
    if not hasattr(signal, "setitimer"):
        return
    last = time.monotonic() + _LAST_S

    def look(*_: object) -> None:
        if time.monotonic() > last:
            _give_up(number)
        if not _is_under_way(sys.exc_info()[1]):
            raise Ended(number)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _AGAIN_S, _AGAIN_S)


def _is_under_way(error: BaseException | None) -> bool:
    """Whether what is being handled, or what that came upon, is the end: what clears up is left to do so."""
    while error is not None and not isinstance(error, Ended):
        error = error.__context__
    return error is not None


def _give_up(number: int) -> None:
    """End this process at once; its workers end with it."""
    with suppress(OSError):
        os.write(2, f"{_words(number)}\n".encode())
    os._exit(128 + number)


def closed_stream() -> str | None:
    """Return which of the standard streams for writing is closed, None where neither is.

    The number of a closed one would go to the next file that is opened, and messages into that.
    """
    _open_input()
    for name, stream in (("standard output", sys.stdout), ("standard error", sys.stderr)):
        if stream is None or stream.closed:
            return name
    return None


def _open_input() -> None:
    """Let standard input, where it is closed, be empty."""
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  # as long as the process


class StreamError(OSError):
    """A standard stream cannot be written to; the message names it."""


class _Stream:
    """A standard stream that names itself where it fails; else as it is.

    A stream that nobody reads any more fails as always: whoever writes to it ends quietly.
    """

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream, self._name = stream, name

    def write(self, text: str) -> int:
        """Write a text and return its length."""
        with self._named():
            return self._stream.write(text)

    def flush(self) -> None:
        """Write what has been kept back."""
        with self._named():
            self._stream.flush()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StreamError(error.errno, f"{self._name} cannot be written: {error.strerror}") from error

    def __getattr__(self, name: str) -> object:
        """Return what the stream has."""
        return getattr(self._stream, name)


@contextmanager
def named_streams() -> Iterator[None]:
    """Have the standard streams for writing name themselves where they fail."""
    before = sys.stdout, sys.stderr
    sys.stdout = cast("TextIO", _Stream(before[0], "standard output"))
    sys.stderr = cast("TextIO", _Stream(before[1], "standard error"))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream in before:
            try:
                stream.flush()
            except OSError:
                _silence(stream.fileno())


def _silence(number: int) -> None:
    """Let what is left in a stream go nowhere: Python would try once more at its end, and have a status of its own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
