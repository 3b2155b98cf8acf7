"""Windows onto the past: the runs of a component around one moment of each of some drills, and their bursts."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drsim.engine.luck import CopyTimes, Ends, Times, ends, left_to_do, times
from drsim.engine.vectorised.calendar import Calendar
from drsim.engine.vectorised.jobs import Bursts, Left, has_waits, in_turn, schedule, work_through
from drsim.laws.queue import burst_begins, resource_burst_begins
from drsim.world.streams import Stream

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_PIECE = 16384
"""Runs that are drawn at a time: what is worked on then stays in the processor's cache."""

_FEW = 1024
"""Where no more bursts than these are asked about, one more each costs little."""
_USUAL = 0.8
"""Share of the runs of one stream from which on the others are the exception."""


class Lasting(NamedTuple):
    """How long runs take, in the order of the calendar: (n, runs), durations and delays (n, runs, jobs)."""

    ready_s: Floats
    chain_s: Floats
    share_s: Floats
    duration_s: Floats
    delay_s: Floats


_NO_RUN = Lasting(*(np.array(v) for v in (-np.inf, 0.0, 0.0, 0.0, 0.0)))
"""What is before the calendar: ready long ago, and taking no time."""


class Window:
    """Consecutive runs of the calendar in each of n rows, as many in all; what is before the calendar is no run.

    Args:
        calendar: of the component.
        run: (n,) whose draws each row has.
        span_s: (n,) each; all runs scheduled from here to there are held, perhaps some before [s since start].
        closed: (n,) whether no run after the span matters.
        known: a window whose spans end where these do, and its rows that have been drawn already.
        since_s: since when what is known holds [s since start].
    """

    def __init__(
        self,
        calendar: Calendar,
        run: Ints,
        span_s: tuple[Floats, Floats],
        closed: Bools,
        known: tuple[Window, Ints] | None = None,
        since_s: float = -np.inf,
    ) -> None:
        self._calendar, self._run, self._span_s, self._closed = calendar, run, span_s, closed
        start = np.searchsorted(calendar.times_s, span_s[0], side="left")
        self._stop = np.searchsorted(calendar.times_s, span_s[1], side="right")
        width: int = int((self._stop - start).max(initial=0))
        if known is not None:
            width = max(width, known[0].width)
        self.width: int = width
        self._first = self._stop - width
        shape, deep = (len(run), width), (len(run), width, calendar.jobs)
        self.lasting = Lasting(
            np.full(shape, -np.inf), np.zeros(shape), np.zeros(shape), np.zeros(deep), np.zeros(deep)
        )
        new = width
        if known is not None:
            window, rows = known
            new -= window.width
            for mine, theirs in zip(self.lasting, window.lasting, strict=True):
                mine[:, new:] = theirs[rows]
        self._draw(new)
        if since_s > -np.inf:
            self._draw_before(int(np.searchsorted(calendar.times_s, since_s)))
        self._begins = self._find_bursts()
        # of no meaning where they are not drawn
        self._fails, self._expiry_s = np.empty(deep, dtype=bool), np.empty(deep)
        self._has_ends = np.zeros(shape, dtype=bool)
        self._know_nothing()

    def _know_nothing(self) -> None:
        """Make room for what runs leave behind, of which nothing is known yet."""
        shape = self.lasting.ready_s.shape
        # of no meaning where nothing is known
        self._captured_s, self._available_s = np.empty(shape), np.empty(self.lasting.duration_s.shape)
        self._is_known = np.zeros(shape, dtype=bool)

    @property
    def cells(self) -> int:
        """How many runs it holds."""
        return len(self._run) * self.width

    def adopted(self, calendar: Calendar, since_s: float) -> Window:
        """Return the window onto another calendar, whose jobs take as long since a moment [s since start]."""
        if since_s > -np.inf:
            spans = np.maximum(self._span_s[0], calendar.plan_start_s), self._span_s[1]
            return Window(calendar, self._run, spans, self._closed, (self, np.arange(len(self._run))), since_s)
        # how runs end is drawn alike, and may be for both; what they leave behind lives otherwise
        window = copy(self)
        window.turn_to(calendar)
        return window

    def turn_to(self, calendar: Calendar) -> None:
        """Look at another calendar, with the same runs, of which nothing is known to be left behind yet."""
        self._calendar = calendar
        self._know_nothing()

    def further_back(self, rows: Ints, back_s: float) -> Window:
        """Return a window of some of the rows that begins earlier."""
        lo_s, hi_s = (a[rows] for a in self._span_s)
        lo_s = np.maximum(lo_s - back_s, self._calendar.plan_start_s)
        return Window(self._calendar, self._run[rows], (lo_s, hi_s), self._closed[rows], known=(self, rows))

    def _draw(self, columns: int) -> None:
        """Draw how long the runs of the first columns take, piece by piece."""
        if not columns:
            return
        calendar = self._calendar
        step = max(1, _PIECE // columns)
        for lo in range(0, len(self._run), step):
            rows = slice(lo, lo + step)
            at = self._first[rows, None] + np.arange(columns)
            runs, is_run = np.maximum(at, 0), at >= 0
            number = calendar.stream[runs]
            usual = int(np.bincount(number.ravel()).argmax())
            mine = is_run & (number == usual)
            if np.count_nonzero(mine) > _USUAL * mine.size:
                # drawing a whole piece, some of it in vain, is quicker than picking what is needed
                position = np.where(mine, calendar.position[runs], 0)
                here = rows, slice(columns)
                self._put(calendar.streams[usual], calendar.shares[usual], here, self._run[rows, None], position)
                for lasting, none in zip(self.lasting, _NO_RUN, strict=True):
                    lasting[rows, :columns][~is_run] = none
                is_run &= ~mine
            row, column = np.nonzero(is_run)
            self._pick(row + lo, column)

    def _draw_before(self, first: int) -> None:
        """Draw how long the runs take that stand before a place in the calendar."""
        at = self._first[:, None] + np.arange(self.width)
        for lasting, none in zip(self.lasting, _NO_RUN, strict=True):
            lasting[at < 0] = none
        self._pick(*np.nonzero((at >= 0) & (at < first)))

    def _pick(self, row: Ints, column: Ints) -> None:
        """Draw how long some of the runs take, (m,) each."""
        calendar = self._calendar
        runs = self._first[row] + column
        for stream, these in calendar.by_kind(runs):
            r, first = row[these], runs[these[0]]
            shares = calendar.shares[calendar.stream[first]]
            self._put(stream, shares, (r, column[these]), self._run[r], calendar.position[runs[these]])

    def _put(
        self,
        stream: Stream,
        shares: Sequence[float],
        cells: tuple[slice, slice] | tuple[Ints, Ints],
        run: Ints,
        position: Ints,
    ) -> None:
        """Draw runs of a stream, or of a kind of streams, into some cells."""
        lasting = self.lasting
        drawn = times(stream, run, position)
        chain, share = left_to_do(stream, drawn, shares)
        lasting.duration_s[(*cells, 0)] = drawn.duration_s
        for j, times_of_copy in enumerate(drawn.copies, start=1):
            lasting.duration_s[(*cells, j)] = times_of_copy.duration_s
            lasting.delay_s[(*cells, j)] = times_of_copy.delay_s
        lasting.ready_s[cells], lasting.chain_s[cells], lasting.share_s[cells] = drawn.ready_s, chain, share

    def _find_bursts(self) -> Ints:
        """Return for each run the column in which its burst begins, -1 where that is not known."""
        calendar, lasting = self._calendar, self.lasting
        at = self._first[:, None] + np.arange(self.width)
        scheduled = np.where(at >= 0, calendar.times_s[np.maximum(at, 0)], -np.inf)
        # by when the runs before those held are done, whatever their luck
        last = np.where(self._first > 0, calendar.times_s[np.maximum(self._first, 1) - 1], -np.inf)
        before = calendar.done_at_s(last, self._run)
        if calendar.rank is None:
            return resource_burst_begins(scheduled, lasting.ready_s, lasting.chain_s, lasting.share_s, before)
        rank = calendar.rank[calendar.stream[np.maximum(at, 0)]]
        return burst_begins(scheduled, lasting.ready_s, lasting.chain_s, lasting.share_s, rank, before)

    def _begin_of(self, row: Ints, at: Ints) -> tuple[Bools, Ints]:
        column = at - self._first[row]
        inside = (row >= 0) & (column >= 0) & (column < self.width)
        return inside, np.where(inside, self._begins[row, np.where(inside, column, 0)], -1)

    def is_blind(self, row: Ints, at: Ints) -> Bools:
        """Return of which runs a window that begins earlier would know more; arguments as for `covers`."""
        inside, begin = self._begin_of(row, at)
        return inside & (begin < 0)

    def covers(self, row: Ints, at: Ints) -> Bools:
        """Return of which runs the whole burst is known.

        Args:
            row: (m,) row of each, -1 for none.
            at: (m,) its place in the calendar.
        """
        begin = self._begin_of(row, at)[1]
        # the last burst may go on beyond a window that ends before the incident
        known: Bools = (begin >= 0) & (self._closed[row] | (begin != self._begins[row, -1]))
        return known

    def look(self, row: Ints, at: Ints) -> Left:
        """Return what runs left behind, in the rows and at the places in the calendar given; they are covered."""
        column = at - self._first[row]
        missing = np.flatnonzero(~self._is_known[row, column])
        if missing.size:
            self._work_through(row[missing], column[missing])
        return Left(self._captured_s[row, column], self._available_s[row, column], self._expiry_s[row, column])

    def _work_through(self, row: Ints, column: Ints) -> None:
        """Work through the bursts that the given runs belong to."""
        row, begin = self._with_earlier(row, self._begins[row, column])
        mine = self._begins[row] == begin[:, None]
        length = mine.sum(axis=1)
        of, columns = np.nonzero(mine)
        alone = self._end(row[of], columns, length[of] == 1)
        waits = np.ones(len(row), dtype=bool)
        waits[of] = ~alone
        self._queue(row[waits], begin[waits], length[waits])

    def _with_earlier(self, row: Ints, begin: Ints) -> tuple[Ints, Ints]:
        """Return bursts, each once, with those before them where there are few: they are asked about next."""
        if len(row) <= _FEW:
            before = np.where(begin > 0, self._begins[row, begin - 1], -1)
            earlier = (before >= 0) & ~self._is_known[row, before]
            row, begin = np.append(row, row[earlier]), np.append(begin, before[earlier])
        _, first = np.unique(row * self.width + begin, return_index=True)
        return row[first], begin[first]

    def _end(self, row: Ints, column: Ints, alone: Bools) -> Bools:
        """Draw how the jobs of runs end; return which of those that are alone are done, nothing having to wait."""
        self._draw_ends(row, column)
        done = np.zeros(len(row), dtype=bool)
        alone_at = np.flatnonzero(alone)
        row, column = row[alone_at], column[alone_at]
        at = self._first[row] + column
        calendar = self._calendar
        for stream, these in calendar.by_kind(at):
            r, c = row[these], column[these]
            jobs = range(1 + len(stream.copies))
            after = [Ends(self._fails[r, c, j], self._expiry_s[r, c, j]) for j in jobs]
            drawn = self._times_of(stream, r, c, calendar.position[at[these]])
            number = calendar.stream[at[these[0]]]
            if calendar.takes_turns[number]:
                left, free = in_turn(stream, drawn, after), np.ones(len(these), dtype=bool)
            else:
                left, held = schedule(stream, drawn, after)
                free = ~has_waits(calendar.crowds[number], held)
            r, c = r[free], c[free]
            self._captured_s[r, c] = left.captured_s[free]
            self._available_s[r, c] = np.inf
            self._available_s[r, c, : len(jobs)] = left.available_s[free]
            self._is_known[r, c] = True
            done[alone_at[these[free]]] = True
        return done

    def _draw_ends(self, row: Ints, column: Ints) -> None:
        """Draw how the jobs of runs end, where that is not known yet."""
        new = ~self._has_ends[row, column]
        row, column = row[new], column[new]
        at = self._first[row] + column
        for stream, these in self._calendar.by_kind(at):
            r, c = row[these], column[these]
            self._fails[r, c], self._expiry_s[r, c] = False, 0.0
            for j, end in enumerate(ends(stream, self._run[r], self._calendar.position[at[these]])):
                self._fails[r, c, j], self._expiry_s[r, c, j] = end.fails, end.expiry_s
        self._has_ends[row, column] = True

    def _times_of(self, stream: Stream, row: Ints, column: Ints, position: Ints) -> Times:
        lasting = self.lasting
        copies = range(1, 1 + len(stream.copies))
        return Times(
            stream.times_s[position],
            lasting.ready_s[row, column],
            lasting.duration_s[row, column, 0],
            tuple(CopyTimes(lasting.delay_s[row, column, j], lasting.duration_s[row, column, j]) for j in copies),
        )

    def _queue(self, row: Ints, begin: Ints, length: Ints) -> None:
        """Work through bursts by their queues, those of about one length together."""
        calendar, lasting = self._calendar, self.lasting
        size = 1 << np.ceil(np.log2(length)).astype(np.int64)
        for width in np.unique(size).tolist():
            alike = np.flatnonzero(size == width)
            there = np.arange(width) < length[alike, None]
            r, c = row[alike, None], np.where(there, begin[alike, None] + np.arange(width), 0)
            at = np.maximum(self._first[r] + c, 0)
            bursts = Bursts(
                stream=np.where(there, calendar.stream[at], -1),
                scheduled_s=calendar.times_s[at],
                ready_s=lasting.ready_s[r, c],
                duration_s=lasting.duration_s[r, c],
                delay_s=lasting.delay_s[r, c],
                fails=self._fails[r, c],
                expiry_s=self._expiry_s[r, c],
            )
            captured, available = work_through(calendar, bursts)
            rows, columns = np.broadcast_to(r, c.shape)[there], c[there]
            self._captured_s[rows, columns] = captured[there]
            self._available_s[rows, columns] = available[there]
            self._is_known[rows, columns] = True
