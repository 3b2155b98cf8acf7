"""What all measurements share: the process time and the memory of some work, tables, and promises."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@dataclass(frozen=True)
class Promise:
    """A bound on something measured.

    Attributes:
        what: what is bounded.
        measured, bound: both in the same unit.
        at_least: whether the bound is the least allowed; the largest if not.
    """

    what: str
    measured: float
    bound: float
    at_least: bool

    @property
    def is_held(self) -> bool:
        """Whether the bound is kept; what could not be measured keeps none."""
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    def __str__(self) -> str:
        side = "at least" if self.at_least else "at most"
        return f"{'held' if self.is_held else 'BROKEN':<7}{self.what}: {figure(self.measured)}, {side} {self.bound:,g}"


def account_for(promises: Sequence[Promise]) -> int:
    """Print promises and whether they are held; return the exit status: 1 if one is broken."""
    print("Promises\n")
    for promise in promises:
        print(promise)
    return 0 if all(promise.is_held for promise in promises) else 1


def best_s(work: Callable[[], object], repeats: int = 1) -> float:
    """Return the shortest process time of several runs [s]."""
    times = []
    for _ in range(repeats):
        began = process_time()
        work()
        times.append(process_time() - began)
    return min(times)


def peak_bytes(work: Callable[[], object]) -> int:
    """Return how much memory some work takes at its peak [bytes]; in a run of its own, since counting slows it."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def figure(value: float) -> str:
    """Return a figure with three significant digits."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text: the first column to the left, figures to the right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = []
    for row in (head, ["─" * w for w in widths], *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
