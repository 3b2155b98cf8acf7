"""The drills of a study cut into pieces, each a job for the process that studies or for one of its workers.

What the drills tell does not depend on how they are cut, but for the blocks in which incidents are written down: these
are the same on both clocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from drsim.engine import drills_together, has_line
from drsim.engine.exposure import Exposure
from drsim.world import World

CHUNK = 250
"""Drills that the process clock runs at a time: short enough to show progress and to stop soon."""

_BLOCK_ROWS = 90_000
"""Rows of incidents that are worked out and held together, about: 25 MB, and what the clock needs for them."""

_TOGETHER_ROWS = 300_000
"""Rows of incidents, about, of several disruptions that the vectorised clock is given at once: quicker than singly."""

Pair = tuple[str, str]
"""A strategy and a disruption."""


class Piece(NamedTuple):
    """Consecutive drills, `first` to `last - 1`, of a strategy under each of some disruptions.

    Attributes:
        is_vectorised: whether the vectorised clock takes them.
        at_once: of how many of them that clock looks at the past together at most; None for as many as it likes.
    """

    strategy: str
    disruptions: tuple[str, ...]
    first: int
    last: int
    is_vectorised: bool
    at_once: int | None = None

    @property
    def drills(self) -> int:
        """How many drills it has."""
        return (self.last - self.first) * len(self.disruptions)

    def parts(self) -> tuple[Piece, ...]:
        """Return it by disruptions, else in halves; nothing where it is of one drill."""
        if len(self.disruptions) > 1:
            return tuple(self._replace(disruptions=(name,)) for name in self.disruptions)
        middle = (self.first + self.last) // 2
        return () if self.drills < 2 else (self._replace(last=middle), self._replace(first=middle))

    def __str__(self) -> str:
        """Return it in words."""
        first, *others = self.disruptions
        more = f" and {len(others)} more" if others else ""
        return f"{self.strategy} under {first}{more}, drills {self.first:,} to {self.last - 1:,}"


class Lives(NamedTuple):
    """Consecutive lives, `first` to `last - 1`, of a strategy, each so long [years]."""

    strategy: str
    first: int
    last: int
    years: int

    def __str__(self) -> str:
        """Return them in words."""
        return f"{self.strategy}, lives {self.first} to {self.last - 1}"


def rows_of_a_drill(exposure: Exposure) -> int:
    """Return how many rows the drills of one number have in the log, those of all units together, about."""
    subjects = len(exposure.struck_per_year)
    if exposure.by_resource:
        # each resource is struck alone, and its application with it
        subjects += sum("." in name for name in exposure.struck_per_year) - len(exposure.dealt)
    return max(1, subjects + len(exposure.dependents))


def most_drills(rows: int) -> int:
    """Return how many drills make a block: a multiple of the process clock's pieces or less than one.

    Args:
        rows: of incidents that a drill has, about.
    """
    most = max(1, _BLOCK_ROWS // rows)
    return most // CHUNK * CHUNK or most


def cut(
    worlds: Mapping[str, World], rows: Mapping[Pair, int], on_process_clock: set[Pair], drills: int, workers: int
) -> Iterator[Piece]:
    """Yield the work in pieces, in the order of the log.

    Args:
        worlds: by strategy.
        rows: strategies and disruptions, by strategy, and how many rows of incidents a drill of them has, about.
        on_process_clock: those of them that the process clock takes.
        drills: per pair.
        workers: processes.
    """
    for (strategy, is_slow), pairs in groupby(rows, lambda pair: (pair[0], pair in on_process_clock)):
        for batch in _batches(list(pairs), rows, 0 if is_slow else _TOGETHER_ROWS // drills):
            most = min(most_drills(rows[pair]) for pair in batch)
            # several only where all of their drills are done at once
            for together in [batch] if most >= drills else [[pair] for pair in batch]:
                names = tuple(disruption for _, disruption in together)
                step = most_drills(rows[together[0]]) if len(together) == 1 else drills
                step = min(step, CHUNK) if is_slow else step
                # what the clock would look at in parts is shared among workers
                world = worlds[strategy]
                at_once = step if is_slow else drills_together(world, len(names), workers)
                shares = workers if not is_slow and has_line(world) else 1
                for begin in range(0, drills, step):
                    for first, last in _ranges(begin, min(begin + step, drills), at_once, shares):
                        yield Piece(strategy, names, first, last, not is_slow, None if is_slow else at_once)


def _batches(pairs: Sequence[Pair], rows: Mapping[Pair, int], most: int) -> Iterator[list[Pair]]:
    """Yield pairs one after the other, several together as long as they have no more rows than `most`."""
    batch: list[Pair] = []
    for pair in pairs:
        if batch and sum(rows[other] for other in (*batch, pair)) > most:
            yield batch
            batch = []
        batch.append(pair)
    yield batch


def _ranges(first: int, last: int, most: int, shares: int) -> Iterator[tuple[int, int]]:
    """Yield the ends of as few equal parts of a range as have at most so many numbers each, a multiple of `shares`."""
    number = shares * max(1, math.ceil((last - first) / most / shares))
    step = max(1, math.ceil((last - first) / number))
    for begin in range(first, last, step):
        yield begin, min(begin + step, last)
