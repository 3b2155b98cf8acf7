"""Work for worker processes to do in tests."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from drsim.errors import InputError, Problem


def slow(folder: str, seconds: float, *, progress: Callable[[int, int], None]) -> str:
    """Note that it began, take a while, note that it ended."""
    Path(folder, "begun").touch()
    for k in range(int(seconds * 20)):
        progress(k, int(seconds * 20))
        time.sleep(0.05)
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


def refuse(word: str, *, progress: Callable[[int, int], None]) -> None:
    """Refuse what is asked."""
    del progress
    raise InputError((Problem("", 0, "no", word, "it is not", "ask for something else"),))


def fill(size: int, *, progress: Callable[[int, int], None]) -> int:
    """Take memory."""
    progress(0, 1)
    return len(bytearray(size))
