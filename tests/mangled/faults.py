"""What is wrong with how a command answers a mangled file.

It passes if it ends with 0, 2 or 3, without a traceback or a warning of Python, without infinite, missing or negative
figures in what it writes, within the time and the memory of `LIMITS`.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
import resource
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from tests.mangled.files import Mangling


class Limits(NamedTuple):
    """What the answer to a mangled file may take."""

    seconds: float = 30.0
    bytes: int = 1 << 30


LIMITS = Limits()


STATUSES = frozenset({0, 2, 3})
"""Exit statuses of a command that does what it should."""


_NO_NUMBERS = re.compile(r"(?<![\w.])-?(?:inf|nan)(?![\w.])", re.IGNORECASE)


def faults_of(status: int, output: str, errors: str, folder: Path) -> list[str]:
    """Return what is wrong with how a command ended and with what it wrote, by kind.

    Args:
        status: its exit status.
        output: what it printed.
        errors: what it printed to standard error.
        folder: it wrote to.
    """
    faults = []
    if status not in STATUSES:
        bug = re.search(r"This is a bug in drsim \S+ (\w+:.{0,60})", errors)
        faults.append(f"exit {status}: {bug[1] if bug else errors[-80:]}")
    if "Traceback" in errors:
        faults.append("traceback")
    if warned := re.search(r"(\w+\.py):(\d+): (\w*Warning)", errors):
        faults.append(f"{warned[3]} at {warned[1]}:{warned[2]}")
    if status in (0, 3) and _NO_NUMBERS.search(" ".join(word for word in output.split() if "/" not in word)):
        faults.append("inf or nan is printed")
    for path in sorted(folder.glob("*.csv")):
        faults += sorted({f"{path.name}: {fault}" for fault in _faults_in(path)})
    if status == 2 and any(folder.iterdir()):
        faults.append("files in spite of exit 2")
    return faults


_SIGNED = frozenset({"contaminated_s", "captured_s"})


_CREDITED = "estate"
"""Whose lines of a bill may be credits: free allowances that the lines of resources have not used up."""


def _faults_in(path: Path) -> Iterator[str]:
    """Yield the figures of a table that cannot be, by column."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            is_credited = _CREDITED in (row.get("subject"), row.get("application"))
            for column, cell in row.items():
                try:
                    number = float(cell)
                except ValueError:
                    continue
                if not math.isfinite(number):
                    # a name may be `inf`
                    yield from (
                        () if column in ("strategy", "disruption", "subject", "place") else (f"{column} is {cell}",)
                    )
                elif (
                    number < 0
                    and column not in _SIGNED
                    and not (is_credited and column == "usd_per_month")
                    and (column.endswith("_s") or "usd" in column or "_s_" in column)
                ):
                    yield f"{column} is negative"


def run_one(one: Mangling, limits: Limits = LIMITS) -> list[str]:
    """Return what is wrong with how a mangled file is answered, in this process.

    Args:
        one: the mangled file.
        limits: the time is kept by a signal, the memory by whoever starts this process.
    """
    from drsim.cli import group, main

    with tempfile.TemporaryDirectory(prefix="mangled-") as name:
        folder = Path(name)
        (out := folder / "out").mkdir()
        for file, content in one.files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
        words = [word.format(out=out) for word in one.words]
        words[1] = str(folder / words[1])
        if any(option.name == "max_seconds" for option in group.commands[words[0]].params):
            words += ["--max-seconds", "20"]
        output, errors = io.StringIO(), io.StringIO()
        signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
        try:
            with redirect_stdout(output), redirect_stderr(errors), warnings.catch_warnings():
                warnings.simplefilter("always")
                status = main(words)
        except TooLong:
            return ["over the time"]
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        # what the scenario itself says is no figure
        says_so = any(_NO_NUMBERS.search(content.decode("utf-8", "replace")) for content in one.files.values())
        printed = _NO_NUMBERS.sub("", output.getvalue()) if says_so else output.getvalue()
        faults = faults_of(status, printed, errors.getvalue(), out)
        return ["over the memory"] if any("MemoryError" in fault for fault in faults) else faults


class TooLong(BaseException):
    """The time is over; nothing but the runner catches it."""


def _too_long(*_: object) -> None:
    raise TooLong


def limited(limits: Limits = LIMITS) -> None:
    """Let this process take no more memory than it has now and what a mangled file may."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + limits.bytes, now + limits.bytes))
