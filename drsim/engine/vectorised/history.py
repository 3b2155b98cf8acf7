"""What the jobs before incidents left behind, in many drills at once.

The array form of `drsim.engine.process.history`: asked about one run of a stream in each of some drills, it draws the
luck of the runs that matter, finds the burst of jobs that each belongs to (`drsim.laws.queue`), and works that burst
through from the idle instant before it.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from drsim.engine.vectorised.adopting import common_since_s, is_as_before
from drsim.engine.vectorised.calendar import Calendar
from drsim.engine.vectorised.jobs import Left
from drsim.engine.vectorised.kin import Kin, kin_of
from drsim.engine.vectorised.line import Line
from drsim.engine.vectorised.windows import Window
from drsim.world.groups import stands_in_line
from drsim.world.model import Component, World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_RUNS_BEYOND = 3.0
"""Runs of a stream that a window holds, in many drills, beyond those that may keep its pools busy."""
_MANY = 4096


class _Rows:
    """Which row of a window holds the runs around a moment of a drill.

    Args:
        drill: (rows,) of which drill each row is, ascending.
        lo_s: (rows,) its first moment [s since start], ascending in each drill.
    """

    def __init__(self, drill: Ints, lo_s: Floats) -> None:
        self._drill, self._lo_s = drill, lo_s
        self._names = self._name(drill, lo_s)

    def take(self, rows: Ints) -> _Rows:
        """Return the names of some of the rows."""
        return _Rows(self._drill[rows], self._lo_s[rows])

    def find(self, drill: Ints, at_s: Floats) -> Ints:
        """Return the row that begins last before a moment, -1 for none."""
        row = np.searchsorted(self._names, self._name(drill, at_s), side="right") - 1
        return np.where((row >= 0) & (self._drill[row] == drill), row, -1)

    @staticmethod
    def _name(drill: Ints, moment_s: Floats) -> Ints:
        # drill, then whole seconds: moments lie within some hundred years of the start
        return (drill << 34) + np.floor(np.maximum(moment_s, -(2.0**33))).astype(np.int64)


def _spans(drill: Ints, at_s: Floats, from_s: Floats, after_s: float) -> tuple[Ints, Floats, Floats]:
    """Return drill, begin and end [s] of the spans around moments that may be looked at together.

    Args:
        drill: (m,) drills.
        at_s: (m,) moments of them.
        from_s: (m,) where the span of each alone would begin; later moments of a drill have no earlier ones.
        after_s: how long after the last of its moments a span ends.
    """
    order = np.lexsort((at_s, drill))
    drill, at_s, from_s = drill[order], at_s[order], from_s[order]
    apart = np.ones(len(drill), dtype=bool)
    apart[1:] = (drill[1:] != drill[:-1]) | (from_s[1:] - at_s[:-1] > after_s)
    first = np.flatnonzero(apart)
    last = np.append(first[1:], len(drill)) - 1
    return drill[first], from_s[first], at_s[last] + after_s


@dataclass(frozen=True)
class Question:
    """What did runs of streams leave behind? The index of its stream, drill and position of each run, (m,) each.

    Where jobs of one of the streams have to wait for others, all are of members that share limits with each other.
    """

    stream: Ints
    drill: Ints
    position: Ints


class _Places(NamedTuple):
    """Where questions about one component look, (m,) each: drill, place in the calendar and its moment, and since when.

    Moments are in seconds since start.
    """

    drill: Ints
    at: Ints
    at_s: Floats
    from_s: Floats


T = TypeVar("T")
Inquiry = Generator[Question, Left, T]
"""Work that has questions on its way to a result."""


class Outcomes:
    """The histories of n drills.

    Args:
        world: the strategy's world.
        run: (n,) whose draws each history has.
        until_s: (n,) no run scheduled later is ever asked about or matters [s since start].
        former: the histories of the same drills in a world that is nearly alike: what they know of jobs that are the
            same there is taken over.

    Attributes:
        world, run, until_s: as given.
        calendars, windows: what is held of the past, by component.
    """

    def __init__(self, world: World, run: Ints, until_s: Floats, former: Outcomes | None = None) -> None:
        self.world = world
        self.run = run
        self.until_s = until_s
        is_of_these = former is not None and np.array_equal(former.run, run) and np.array_equal(former.until_s, until_s)
        self._former = former if is_of_these else None
        # drills of one luck have one past, whatever strikes them and when: the first of each, and how far all go
        numbers, first, of = np.unique(run, return_index=True, return_inverse=True)
        self._alike: Ints = first[of]
        # and up to one moment they have it job by job
        _, first_same, same = np.unique(np.stack([run, until_s]), axis=1, return_index=True, return_inverse=True)
        self._same: Ints = first_same[same.ravel()]
        latest = np.full(len(numbers), -np.inf)
        np.maximum.at(latest, of, until_s)
        self._until_alike: Floats = latest[of]
        self.windows: dict[int, list[tuple[_Rows, Window | Line]]] = {}
        self.calendars: dict[int, Calendar] = {}

    def consult(self, work: Sequence[tuple[Ints, Inquiry[T]]]) -> list[T]:
        """Return the results of inquiries, whose questions are answered together: that costs little more than one.

        Args:
            work: inquiries, each with the drills of these histories that it numbers from 0.
        """
        results: dict[int, T] = {}
        asked: dict[int, Question] = {}

        def go_on(i: int, answer: Left | None) -> None:
            asked.pop(i, None)
            try:
                asked[i] = work[i][1].send(answer)  # type: ignore[arg-type]
            except StopIteration as stop:
                results[i] = stop.value

        for i in range(len(work)):
            go_on(i, None)
        world = self.world
        while asked:
            by_component: dict[int, list[int]] = {}
            for i, q in asked.items():
                by_component.setdefault(world.component_of[world.streams[q.stream[0]].member], []).append(i)
            for inquiries in by_component.values():
                questions = [asked[i] for i in inquiries]
                left = self._look(
                    np.concatenate([q.stream for q in questions]),
                    np.concatenate([work[i][0][q.drill] for i, q in zip(inquiries, questions, strict=True)]),
                    np.concatenate([q.position for q in questions]),
                )
                until = np.cumsum([len(q.drill) for q in questions])
                for i, q, end in zip(inquiries, questions, until.tolist(), strict=True):
                    mine = slice(end - len(q.drill), end)
                    go_on(i, left.part(mine))
        return [results[i] for i in range(len(work))]

    def forget(self, c: int) -> None:
        """Let go of what is held of a component's past: it takes memory, and is found again if it is asked about."""
        self.windows.pop(c, None)
        self.calendars.pop(c, None)

    @property
    def cells(self) -> int:
        """How many runs of streams are held."""
        return sum(window.cells for windows in self.windows.values() for _, window in windows)

    def is_as_before(self, c: int) -> bool:
        """Return whether the jobs of a component are those that they were in the former world."""
        former = self._former
        return former is not None and is_as_before(self.world, former.world, c)

    def settle(self) -> None:
        """Let go of the histories that these took over from: nothing more is asked of them."""
        self._former = None

    def _begin(self, c: int) -> None:
        """Begin to look at a component's past, with what is known of it in the former world."""
        world, former = self.world, self._former
        if former is None or c not in former.calendars:
            self.calendars[c], self.windows[c] = Calendar(world, world.components[c]), []
            return
        if is_as_before(world, former.world, c):
            self.calendars[c], self.windows[c] = former.calendars[c], list(former.windows[c])
            return
        calendar = self.calendars[c] = Calendar(world, world.components[c])
        since_s = common_since_s(world, former.world, c, self.run)
        windows = [] if since_s == np.inf else former.windows[c]
        self.windows[c] = [(rows, w.adopted(calendar, since_s)) for rows, w in windows if isinstance(w, Window)]

    def _look(self, stream: Ints, drill: Ints, position: Ints) -> Left:
        """Return what one run each of streams of one component left behind in drills; all arguments (m,)."""
        world = self.world
        c = world.component_of[world.streams[stream[0]].member]
        component = world.components[c]
        if component.past is None:
            return self._unhindered(stream, drill, position)
        if c not in self.calendars:
            self._begin(c)
        calendar = self.calendars[c]
        answers = Left.nothing(len(drill), calendar.jobs)
        at = np.empty_like(position)
        for s in np.unique(stream).tolist():
            at[stream == s] = calendar.place[calendar.number[s]][position[stream == s]]
        at_s = calendar.times_s[at]
        # where all of the past has to be looked at, from the plan's start, once for all drills that share it
        drill = (self._same if component.settles else self._alike)[drill]
        rest = np.arange(len(drill))
        for rows, window in self.windows[c]:
            rest = _answer(answers, rows, window, drill, at, at_s, rest)
        # few drills can afford to look far, and are the ones that have to
        further = math.sqrt(max(1.0, min(_MANY / max(rest.size, 1), 256.0)))
        after = beyond = component.past.gap_s * _RUNS_BEYOND * further
        from_s, is_near = calendar.look_from_s(at_s - beyond, self.run[drill])
        if not component.settles:
            after, from_s = math.inf, np.full(len(at_s), -np.inf)
        for alike in (rest[is_near[rest]], rest[~is_near[rest]]):
            self._look_around(c, answers, _Places(drill, at, at_s, from_s), alike, after, beyond)
        return answers

    def _look_around(self, c: int, answers: Left, places: _Places, rest: Ints, after_s: float, beyond_s: float) -> None:
        """Fill in what the questions `rest` are answered by windows onto a component's past, and keep these.

        Args:
            c: index of the component.
            answers: to all questions.
            places: of all questions.
            rest: which questions are left.
            after_s: how long after the last of their moments windows end at first.
            beyond_s: by how much windows begin earlier that know too little, at first.
        """
        component, calendar, until_s = self.world.components[c], self.calendars[c], self.until_s
        if not component.settles:
            until_s = self._until_alike
        drill, at, at_s, from_s = places
        while rest.size:
            of, lo, hi = _spans(drill[rest], at_s[rest], from_s[rest], after_s)
            hi = np.minimum(hi, until_s[of])
            window = self._window(component, calendar, of, (lo, hi), hi >= until_s[of])
            rows, back_s = _Rows(of, lo), beyond_s
            while True:
                self.windows[c].append((rows, window))
                rest = _answer(answers, rows, window, drill, at, at_s, rest)
                row = rows.find(drill[rest], at_s[rest])
                blind = np.unique(row[window.is_blind(row, at[rest])])
                if not blind.size or isinstance(window, Line):
                    break
                window, rows = window.further_back(blind, back_s), rows.take(blind)
                back_s *= 2
            after_s = max(3 * after_s, component.reach_s)

    def _window(
        self, component: Component, calendar: Calendar, of: Ints, span_s: tuple[Floats, Floats], closed: Bools
    ) -> Window | Line:
        """Return what is known of the runs in spans of drills; of a line that may never be empty all of its past."""
        if not component.settles and stands_in_line(self.world, component):
            return Line(calendar, self.run[of], span_s[1])
        lo = np.maximum(span_s[0], self.world.plan_start_s)
        return Window(calendar, self.run[of], (lo, span_s[1]), closed)

    def _unhindered(self, stream: Ints, drill: Ints, position: Ints) -> Left:
        kin, group, place = self._kin
        places = 1 + max(len(self.world.streams[s].copies) for s in np.unique(stream).tolist())
        left = Left.nothing(len(drill), places)
        groups = group[stream]
        for g in np.unique(groups).tolist():
            runs = np.flatnonzero(groups == g)
            of_group = kin[g].left(place[stream[runs]], self.run[drill[runs]], position[runs], places)
            left.captured_s[runs], left.available_s[runs] = of_group.captured_s, of_group.available_s
            left.expiry_s[runs] = of_group.expiry_s
        return left

    @cached_property
    def _kin(self) -> tuple[list[Kin], Ints, Ints]:
        """The streams in groups that are worked out together, and in which group, and where there, each is."""
        return kin_of(self.world.streams)


def _answer(answers: Left, rows: _Rows, window: Window | Line, drill: Ints, at: Ints, at_s: Floats, rest: Ints) -> Ints:
    """Fill in what a window knows of the questions `rest`; return which of them are left."""
    if not rest.size:
        return rest
    row = rows.find(drill[rest], at_s[rest])
    known = window.covers(row, at[rest])
    these = rest[known]
    if these.size:
        left = window.look(row[known], at[these])
        answers.captured_s[these] = left.captured_s
        answers.available_s[these] = left.available_s
        answers.expiry_s[these] = left.expiry_s
    return rest[~known]
