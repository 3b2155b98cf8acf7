"""Copies that are to be completed within a time: which times may be asked for, and how quickly data pass at most."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from drsim.catalogue.leaf import Leaf
from drsim.catalogue.reading import Entry
from drsim.units import duration_s, rate_bytes_s


@dataclass(frozen=True)
class TimedCopies:
    """How a type makes copies that are to be completed within a time.

    Attributes:
        since: the day from which on it does.
        shortest, longest: times that may be asked for [s].
        step: what they are whole multiples of [s].
        rate: what one copy moves at most [bytes/s].
        rate_of_pair: what all such copies of an account from one Region to another move together [bytes/s].
    """

    since: date
    shortest: Leaf[float]
    longest: Leaf[float]
    step: Leaf[float]
    rate: Leaf[float]
    rate_of_pair: Leaf[float]

    def takes(self, completion_s: float) -> bool:
        """Return whether a time may be asked for."""
        return self.nearest_s(completion_s) == completion_s

    def nearest_s(self, completion_s: float) -> float:
        """Return the next longer time that may be asked for [s]; the longest for what exceeds it."""
        steps = math.ceil(completion_s / self.step.value) * self.step.value
        return min(max(steps, self.shortest.value), self.longest.value)

    def leaves(self) -> Iterator[tuple[str, Leaf[Any]]]:
        """Yield every value with its place."""
        for name in ("shortest", "longest", "step", "rate", "rate_of_pair"):
            yield f"timed_copies.{name}", getattr(self, name)


def build_timed_copies(entry: Entry) -> TimedCopies:
    """Return how a type makes copies within a time, as its file says.

    Raises:
        CatalogueError: the entry breaks its grammar.
    """
    since = entry.take("since")
    if not isinstance(since, date):
        raise entry.error("since", f"found {since!r}, a date such as 2024-11-26 belongs here")
    times = {name: entry.leaf(name, duration_s) for name in ("shortest", "longest", "step")}
    rates = {name: entry.leaf(name, rate_bytes_s) for name in ("rate", "rate_of_pair")}
    entry.close()
    timed = TimedCopies(since, **times, **rates)
    if not timed.takes(timed.shortest.value) or not timed.takes(timed.longest.value):
        raise entry.error("step", "shortest and longest are whole multiples of it, the shortest first")
    return timed
