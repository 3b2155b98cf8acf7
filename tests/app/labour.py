"""Work for worker processes to do in tests."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from drsim.errors import InputError, Problem


def held(folder: str, number: int = 0, *, progress: Callable[[int, int], None]) -> str:
    """Note that it began, go on until somebody lets it end, note that it ended.

    Args:
        folder: for the notes; it ends when there is a file `end` in it.
        number: tells one such work from another.
        progress: called again and again.
    """
    del number
    Path(folder, "begun").touch()
    while not Path(folder, "end").exists():
        progress(0, 1)
        time.sleep(0.02)
    Path(folder, "ended").touch()
    return "done"


def count(folder: str, *, progress: Callable[[int, int], None]) -> int:
    """Note each call, and return how many there were."""
    del progress
    file = Path(folder, "calls")
    calls = int(file.read_text()) + 1 if file.exists() else 1
    file.write_text(str(calls))
    return calls


def process(folder: str, *, progress: Callable[[int, int], None]) -> int:
    """Return the number of the worker process."""
    del folder, progress
    return os.getpid()


def modules(folder: str, *, progress: Callable[[int, int], None]) -> set[str]:
    """Return what the worker process has read."""
    del folder, progress
    return set(sys.modules)


def spin(seconds: float, number: object = 0, *, progress: Callable[[int, int], None]) -> object:
    """Be busy for a moment, and return what tells one such work from another."""
    del progress
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
    return number


def die(*, progress: Callable[[int, int], None]) -> None:
    """End the worker process."""
    del progress
    os.kill(os.getpid(), signal.SIGKILL)


def unsendable(*, progress: Callable[[int, int], None]) -> object:
    """Return what cannot be sent."""
    return progress


class UnsendableError(Exception):
    """Cannot be sent."""

    def __reduce__(self) -> str:
        """Refuse."""
        raise TypeError("no")


def fail_unsendably(*, progress: Callable[[int, int], None]) -> None:
    """Raise what cannot be sent."""
    del progress
    raise UnsendableError("what went wrong")


def refuse(word: str, *, progress: Callable[[int, int], None]) -> None:
    """Refuse what is asked."""
    del progress
    raise InputError((Problem("", 0, "no", word, "it is not", "ask for something else"),))


def fill(size: int, *, progress: Callable[[int, int], None]) -> int:
    """Take memory."""
    progress(0, 1)
    return len(bytearray(size))
