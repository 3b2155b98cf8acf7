"""Along the recovery points of streams, latest run first, in many drills at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.engine.continuous import is_gone, latest_start_s
from drsim.engine.options import (
    Place,
    Route,
    kept_s,
    newest_scheduled_s,
    order_written,
    places_of,
    restore_expected_s,
    route,
)
from drsim.engine.vectorised.candidates import POINT, Candidates, Options
from drsim.engine.vectorised.continuous import depth
from drsim.engine.vectorised.history import Inquiry, Question
from drsim.engine.vectorised.jobs import Left
from drsim.laws.points import gone_s, is_cold, is_usable
from drsim.world.streams import DeletionEvent, Stream

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Way:
    """One place of the points of streams, and how they get from there to where they are needed; by situation.

    Attributes:
        copy: -1 for the backup itself, else the copy action.
        exists: whether there is a way.
        written: its place in the order written.
        vault: where the points lie.
        delete_after_s, cold_after_s, since_s: their life there [s].
        kept_s: after what age they are surely gone [s].
        site: where the resource will run.
        moves: whether the point has to be copied there first.
        goes: with which copies they go.
    """

    copy: int
    exists: Bools
    written: Ints
    vault: Ints
    delete_after_s: Floats
    cold_after_s: Floats
    since_s: Floats
    kept_s: Floats
    site: Ints
    moves: Bools
    goes: tuple[DeletionEvent | None, ...]


_NOWHERE = Place(-1, 0, 0.0, 0.0, 0.0, None)
"""What stands for a place that a stream has not; nothing of it counts, since no way leads from there."""


class Walk:
    """The recovery points of one stream in each lane, latest run first, and only as far back as needed.

    Args:
        candidates: to which they are added.
        streams: index of the stream in each of the lanes' situations, -1 for none.
        lanes: (m,) in which lanes; there is a stream in all of them.
    """

    def __init__(self, candidates: Candidates, streams: Sequence[int], lanes: Ints) -> None:
        self._candidates, self._lanes, world = candidates, candidates.lanes, candidates.world
        numbers = [s for s in dict.fromkeys(streams) if s >= 0]
        self._numbers, self._streams = np.array(numbers), [world.streams[s] for s in numbers]
        place = {s: k for k, s in enumerate(numbers)}
        n, of = len(self._lanes), self._lanes.of
        self._place = np.array([place.get(s, -1) for s in streams])[of]
        """Which of the streams is that of a lane, -1 for none."""
        self._first = np.cumsum([0, *(len(stream.times_s) for stream in self._streams[:-1])])
        self._times_s = np.concatenate([stream.times_s for stream in self._streams])
        self._ways = _ways(candidates, streams)
        kept, survives = np.zeros(n), np.zeros(n, dtype=bool)
        for way in self._ways:
            exists = way.exists[of]
            kept = np.where(exists, np.maximum(kept, way.kept_s[of]), kept)
            survives |= exists & self._lanes.vault_ok[np.arange(n), way.vault[of]]
        situations = list(zip(self._lanes.situations, streams, strict=True))
        survives &= np.array([s >= 0 and not is_gone(at.strikes, world.streams[s]) for at, s in situations])[of]
        window = np.array([stream.start_window_s for stream in self._streams])
        jitter = np.array([latest_start_s(world, stream) for stream in self._streams])
        self._oldest = self._lanes.occurred_s - window[self._place] - kept
        self._jitter = jitter[self._place]
        self._position = np.full(n, -1)
        """The run that is looked at next in each lane, -1 for none."""
        lanes = lanes[survives[lanes]]
        for stream, some in self._by_stream(lanes):
            until_s = self._lanes.contaminated_s[lanes[some]]
            self._position[lanes[some]] = np.searchsorted(stream.times_s, until_s, side="right") - 1

    def _by_stream(self, lanes: Ints) -> Iterator[tuple[Stream, Ints | slice]]:
        """Yield the streams of some lanes, each with which of these are its own."""
        if len(self._streams) == 1:
            yield self._streams[0], slice(None)
            return
        place = self._place[lanes]
        for k in np.unique(place).tolist():
            yield self._streams[k], np.flatnonzero(place == k)

    def _due_s(self, lanes: Ints, position: Ints) -> Floats:
        """Return the scheduled moments of runs by their positions, (m,) each [s since start]."""
        return np.asarray(self._times_s[self._first[self._place[lanes]] + position])

    def go(self, lanes: Ints) -> Inquiry[None]:
        """Add options in some lanes until no earlier run can be within the tolerance of the newest."""
        candidates, position = self._candidates, self._position
        while True:
            lanes = lanes[position[lanes] >= 0]
            due = self._due_s(lanes, position[lanes])
            last = candidates.newest_s[lanes] - candidates.tolerance_s
            lanes = lanes[(due >= self._oldest[lanes]) & (due + self._jitter[lanes] >= last)]
            if not lanes.size:
                return
            deep = depth(candidates.world, int(self._numbers[0]), len(lanes) // len(self._numbers))
            asked = np.repeat(lanes, deep)
            at = np.repeat(position[lanes], deep) - np.tile(np.arange(deep), len(lanes))
            asked, at = asked[at >= 0], at[at >= 0]
            left = yield Question(self._numbers[self._place[asked]], self._lanes.drills[asked], at)
            for way in self._ways:
                self._add(asked, at, left, way)
            position[lanes] = np.maximum(position[lanes] - deep, -1)

    def _add(self, asked: Ints, at: Ints, left: Left, way: _Way) -> None:
        """Add what runs left in one place."""
        if way.copy + 1 >= left.available_s.shape[-1]:
            return  # none of those asked about has such copies
        lanes, candidates, of = self._lanes, self._candidates, self._lanes.of[asked]
        occurred, contaminated = lanes.occurred_s[asked], lanes.contaminated_s[asked]
        available, vault, moves = left.available_s[:, 1 + way.copy], way.vault[of], way.moves[of]
        expires = left.captured_s + way.delete_after_s[of] + left.expiry_s[:, 1 + way.copy]
        for goes in dict.fromkeys(goes for goes in way.goes if goes is not None):
            mine = np.array([other == goes for other in way.goes])[of]
            if not mine.any():
                continue
            gone = gone_s(left.available_s[:, 1:], goes.completed, goes.over)
            expires = np.where(mine, np.minimum(expires, gone), expires)
        good = is_usable(left.captured_s, available, expires, occurred, contaminated)
        due = self._due_s(asked, at)
        good &= lanes.vault_ok[asked, vault] & way.exists[of] & (due >= way.since_s[of])
        cold = is_cold(left.captured_s, way.cold_after_s[of], occurred)
        good &= ~(cold & moves)
        here = np.flatnonzero(good)
        points, cold, moves = asked[here], cold[here], moves[here]
        option = Options.none(len(here))
        size, objects = candidates.sizes(points)
        option.kind[:], option.captured_s, option.cold = POINT, left.captured_s[here], cold
        site = way.site[of][here]
        option.expected_s = np.zeros(len(here))
        for place in np.unique(site).tolist():
            there = site == place
            option.expected_s[there] = restore_expected_s(
                candidates.law, place, size[there], objects[there], cold[there], moves[there]
            )
        option.older, option.written = -due[here], way.written[of][here]
        option.site, option.vault, option.moves = site, vault[here], moves
        for stream, some in self._by_stream(points):
            option.due_s[some] = newest_scheduled_s(stream, contaminated[here][some])
        candidates.add(points, option)


def _ways(candidates: Candidates, streams: Sequence[int]) -> list[_Way]:
    """Return the places of streams from which there is a way in some situation; `streams` as for `Walk`."""
    places = {
        s: {place.copy: place for place in places_of(candidates.world.streams[s])} for s in set(streams) if s >= 0
    }
    copies = sorted({copy for places_of_stream in places.values() for copy in places_of_stream})
    ways = [
        _way(candidates, copy, streams, [places[s].get(copy) if s >= 0 else None for s in streams]) for copy in copies
    ]
    return [way for way in ways if way.exists.any()]


def _way(candidates: Candidates, copy: int, streams: Sequence[int], places: Sequence[Place | None]) -> _Way:
    """Return one place of the points of streams; `streams` and their `places`, None for none, by situation."""
    world, situations = candidates.world, candidates.lanes.situations
    known: dict[tuple[int, int | None], Route | None] = {}

    def way_from(place: Place | None, where: int | None) -> Route | None:
        if place is None:
            return None
        if (place.vault, where) not in known:
            known[place.vault, where] = route(world, candidates.law, place.vault, where)
        return known[place.vault, where]

    routes = [way_from(place, at.course.where) for place, at in zip(places, situations, strict=True)]
    there = [_NOWHERE if place is None else place for place in places]
    of_streams = list(zip(streams, places, strict=True))
    return _Way(
        copy=copy,
        exists=np.array([way is not None for way in routes]),
        written=np.array(
            [
                order_written(world.members[at.member], s, copy) if s >= 0 else 0
                for s, at in zip(streams, situations, strict=True)
            ]
        ),
        vault=np.array([place.vault for place in there]),
        delete_after_s=np.array([place.delete_after_s for place in there]),
        cold_after_s=np.array([place.cold_after_s for place in there]),
        since_s=np.array([place.since_s for place in there]),
        kept_s=np.array([kept_s(world.streams[s], place) if place else 0.0 for s, place in of_streams]),
        site=np.array([-1 if way is None else way.site for way in routes]),
        moves=np.array([way is not None and way.moves for way in routes]),
        goes=tuple(place.goes for place in there),
    )
