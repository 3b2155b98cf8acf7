"""Recovery points of a lineage that are not simply there from their capture until they expire.

Copies may arrive late, and a temporary point goes with its copies, unless one of these fails: it then stays until it
expires. Which points are there is thus a matter of luck, and with it what each builds on: of points captured at
t_1 < t_2 < ... point k holds S (1 - r^(t_k - t_j)), r = (1 - change rate) per day, where j is the newest before it that
is there, and S where none is. On average that is

    S (P(k is there) - E[r^(t_k - t_j); k is there])

which is found by going through the points in the order of their capture. Of failures that come in spells it is
remembered whether there was one at the last point. That is enough, since only points that stayed with none that stayed
between them are looked at: a spell that does not reach a moment leaves nothing behind it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from drsim.laws.failures import Failure
from drsim.laws.increments import fraction_unchanged
from drsim.laws.schedule import is_within
from drsim.units import MONTH_S

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST = 4096
"""Moments of a window at which it is looked, at most: the average is exact where no more make a difference."""


@dataclass(frozen=True)
class EarlyDeletion:
    """How temporary points go.

    Attributes:
        after_s: age at which they go if their copies are made [s].
        failures: laws of the copies that all have to be made, each on its own.
        late: probability that one of these cannot be made any more, in each run on its own.
        made: probability that there is such a point at all, in each run on its own.
    """

    after_s: float
    failures: tuple[Failure, ...] = ()
    late: float = 0.0
    made: float = 1.0

    @property
    def p_stays(self) -> float:
        """The probability that a point stays until it expires, since a copy is not made."""
        return 1 - (1 - self.late) * math.prod(1 - failure.p for failure in self.failures)

    @property
    def remembers(self) -> bool:
        """Whether it depends on the runs before."""
        return 0 < self.p_stays < 1 and any(failure.comes_in_spells for failure in self.failures)

    def p_goes_again(self, gap_s: Floats) -> Floats:
        """Return the probability that a point goes, given that one captured a gap before it goes, of any shape [s]."""
        goes = np.full(np.shape(gap_s), 1 - self.late)
        for failure in self.failures:
            goes = goes * failure.p_spared_again(gap_s)
        return goes


@dataclass(frozen=True, eq=False)
class Stream:
    """Recovery points of one rule, or of one copy action, in one vault.

    Attributes:
        captured_s: moments whose data the points hold, ascending, shape (points,) [s]. They begin early enough that all
            that is alive in the window of interest is among them.
        retention_s: age at which they expire, an expected expiry delay included; infinite for ever [s].
        cold_after_s: age at which they move to cold storage; infinite for never [s].
        free_until_s: age up to which a full point is not billed, as Aurora's inside its continuous window [s].
        arrives_s: age from which on they are there [s].
        deletion: how they go before they expire; None where they do not.
    """

    captured_s: Floats
    retention_s: float
    cold_after_s: float = math.inf
    free_until_s: float = 0.0
    arrives_s: float = 0.0
    deletion: EarlyDeletion | None = None

    @property
    def is_certain(self) -> bool:
        """Whether every point is there from its capture until it expires."""
        return self.arrives_s == 0 and self.deletion is None

    @property
    def lifetimes(self) -> tuple[tuple[float, float], ...]:
        """Parts of the runs, and to which age their points are there [s]; of what is left there are none."""
        deletion = self.deletion
        if deletion is None:
            return ((1.0, self.retention_s),)
        stay = deletion.made * deletion.p_stays
        return (deletion.made - stay, min(deletion.after_s, self.retention_s)), (stay, self.retention_s)


def expected_chain(
    streams: Sequence[Stream], window_s: tuple[float, float], size_bytes: float, change_rate: float
) -> list[tuple[float, float]]:
    """Return what the points of each stream of one chain hold before and after their move to cold, on average [bytes].

    Args:
        streams: that share the lineage.
        window_s: begin and end of the window over which it is averaged, whole periods of the rules [s].
        size_bytes: stored bytes of the resource.
        change_rate: fraction of distinct bytes changed within one day.
    """
    line = _Lineage(streams, change_rate)
    moments, weights = _moments(streams, window_s)
    held = np.zeros(2 * len(streams))

    def add(at: Ints, age: Floats, part: Floats) -> None:
        tier = 2 * line.stream_of[at] + (age >= line.cold_after[at])
        held[:] += np.bincount(tier, part * weights, 2 * len(streams))

    line.walk(moments, np.searchsorted(line.captured, moments, side="right"), add)
    return [(size_bytes * float(w), size_bytes * float(c)) for w, c in held.reshape(-1, 2)]


def expected_moved(
    streams: Sequence[Stream], window_s: tuple[float, float], size_bytes: float, change_rate: float
) -> tuple[float, ...]:
    """Return what each stream moves into one lineage in a month, its points building on what is there [bytes/month].

    Args:
        streams: the points that one destination keeps, by copy action.
        window_s: begin and end of the window; copies captured in it count [s].
        size_bytes: stored bytes of the resource.
        change_rate: fraction of distinct bytes changed within one day.
    """
    lo, hi = window_s[0], min(window_s[1], window_s[0] + _period_s(streams))
    line = _Lineage(streams, change_rate)
    moved = []
    for position, stream in enumerate(streams):
        places = np.flatnonzero((line.stream_of == position) & is_within(line.captured, lo, hi))
        builds_on = line.walk(line.captured[places] + stream.arrives_s, places)
        made = 1.0 if stream.deletion is None else stream.deletion.made
        moved.append(made * size_bytes * float((1 - builds_on).sum()) * MONTH_S / (hi - lo))
    return tuple(moved)


class _Lineage:
    """The points of a lineage in the order of their capture; of simultaneous ones the earlier stream's first.

    Args:
        streams: that share the lineage.
        change_rate: fraction of distinct bytes changed within one day.
    """

    def __init__(self, streams: Sequence[Stream], change_rate: float) -> None:
        captured = np.concatenate([s.captured_s for s in streams])
        stream_of = np.repeat(np.arange(len(streams)), [len(s.captured_s) for s in streams])
        order = np.lexsort((stream_of, captured))
        self.captured, self.stream_of = captured[order], stream_of[order]
        self.cold_after = self._of_points([s.cold_after_s for s in streams])
        self._arrives = self._of_points([s.arrives_s for s in streams])
        self._expires = self._of_points([s.retention_s for s in streams])
        self._certain_until = self._of_points([math.inf if s.deletion is None else s.deletion.after_s for s in streams])
        self._made = self._of_points([1.0 if s.deletion is None else s.deletion.made for s in streams])
        self._stays = self._of_points([1.0 if s.deletion is None else s.deletion.p_stays for s in streams])
        self._unchanged = fraction_unchanged(change_rate, np.diff(self.captured, prepend=self.captured[:1]))
        self._longest_s = max(s.retention_s for s in streams)
        remembered = [s.deletion for s in streams if s.deletion is not None and s.deletion.remembers]
        self._laws = list(dict.fromkeys((law.failures, law.late) for law in remembered))
        """What decides in spells whether points stay: rules whose copies fail together have it in common."""
        law_of = [self._law(s.deletion) for s in streams]
        self._law_of = np.array(law_of, dtype=np.int64)[self.stream_of]
        self._again = np.ones(len(self.captured))
        for law in range(len(self._laws)):
            places = np.flatnonzero(self._law_of == law)
            deletion = next(s.deletion for s, index in zip(streams, law_of, strict=True) if index == law)
            assert deletion is not None  # noqa: S101  has the law
            gaps, back = np.unique(np.diff(self.captured[places]), return_inverse=True)
            self._again[places] = np.concatenate(([1 - deletion.p_stays], deletion.p_goes_again(gaps)[back]))

    def _of_points(self, of_streams: list[float]) -> Floats:
        return np.array(of_streams, dtype=np.float64)[self.stream_of]

    def _law(self, deletion: EarlyDeletion | None) -> int:
        if deletion is None or not deletion.remembers:
            return -1
        return self._laws.index((deletion.failures, deletion.late))

    @cached_property
    def _states(self) -> NDArray[np.bool_]:
        """Which laws have failed at their last point in each state, shape (states, laws)."""
        n = len(self._laws)
        return np.asarray((np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1)

    def walk(self, moments: Floats, until: Ints, add: Callable[[Ints, Floats, Floats], None] | None = None) -> Floats:
        """Return what part of the last points is on the newest there before them, on average, shape (moments,).

        Args:
            moments: at which it is looked [s].
            until: (moments,) position of the point that is asked about, before which the walk ends.
            add: is given the positions, ages [s] and expected parts of the size that the points before that hold.
        """
        begin = np.searchsorted(self.captured, moments - self._longest_s, side="right")
        stays = {law: self._stays[np.argmax(self._law_of == law)] for law in range(len(self._laws))}
        first = [np.prod([stays[b] if bit else 1 - stays[b] for b, bit in enumerate(s)]) for s in self._states]
        chance = np.repeat(np.array(first, dtype=np.float64)[:, None], len(moments), axis=1)
        newest = np.zeros_like(chance)
        for back in range(int((until - begin).max(initial=0)), 0, -1):
            at = until - back
            here = at >= begin
            at = np.where(here, at, 0)
            age = moments - self.captured[at]
            newest *= np.where(here, self._unchanged[at], 1.0)
            for law in range(len(self._laws)):
                self._turn(law, stays[law], np.where(here & (self._law_of[at] == law), self._again[at], 1.0), chance)
                self._turn(law, stays[law], np.where(here & (self._law_of[at] == law), self._again[at], 1.0), newest)
            there = here & (self._arrives[at] <= age) & (age < self._expires[at])
            alive = self._alive(at, age) * there
            if add is not None:
                add(at, age, (alive * (chance - newest)).sum(axis=0))
            newest += alive * (chance - newest)
        last = np.minimum(until, len(self.captured) - 1)
        if not len(self.captured):
            return np.zeros(len(moments))
        return np.asarray(newest.sum(axis=0) * self._unchanged[last])

    def _alive(self, at: Ints, age: Floats) -> Floats:
        """Return the probability that points are there that have arrived and not expired, shape (states, moments)."""
        is_certain, law = age < self._certain_until[at], self._law_of[at]
        states = np.ones((len(self._states), 1)) * self._stays[at]
        for b in range(len(self._laws)):
            states = np.where(law == b, self._states[:, b : b + 1], states)
        return np.where(is_certain, 1.0, states) * self._made[at]

    def _turn(self, law: int, stays: float, again: Floats, values: Floats) -> None:
        """Let a law decide on its next point.

        Args:
            law: which one.
            stays: the probability that a point stays.
            again: (moments,) that the next one goes if the last one goes; 1 where it is not the law's turn.
            values: (states, moments) of which each state hands on its part.
        """
        failed = self._states[:, law]
        goes, fails = values[~failed], values[failed]
        ends = (1 - stays) * (1 - again) / stays
        values[~failed], values[failed] = goes * again + fails * ends, goes * (1 - again) + fails * (1 - ends)


def _moments(streams: Sequence[Stream], window_s: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return moments of a window between which nothing comes or goes, and which part of it each stands for [s]."""
    lo, hi = window_s[0], min(window_s[1], window_s[0] + _period_s(streams))
    changes = [np.array([lo, hi])]
    for s in streams:
        ages = {s.arrives_s, s.retention_s, s.cold_after_s, s.deletion.after_s if s.deletion else 0.0}
        changes += [s.captured_s + age for age in ages if math.isfinite(age)]
    edges = np.unique(np.concatenate(changes))
    edges = edges[(edges >= lo) & (edges <= hi)]
    if len(edges) > _MOST:
        edges = np.linspace(lo, hi, _MOST)
    return (edges[1:] + edges[:-1]) / 2, np.diff(edges) / (hi - lo)


def _period_s(streams: Sequence[Stream]) -> float:
    """Return after which time all that streams capture repeats [s]; infinite where one is not at equal intervals."""
    period = 1
    for s in streams:
        gaps = np.unique(np.diff(s.captured_s))
        if len(gaps) != 1 or not float(gaps[0]).is_integer():
            return math.inf
        period = math.lcm(period, int(gaps[0]))
    return float(period)
