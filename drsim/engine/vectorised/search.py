"""The search for a clean point in many drills at once: how many infected ones people look at before they come to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drsim.engine.courses import ATTEMPTS
from drsim.engine.options import place_written, places_of
from drsim.engine.search import are_tried, suspect_runs
from drsim.engine.vectorised.batch import Lanes
from drsim.engine.vectorised.candidates import POINT, Options
from drsim.engine.vectorised.history import Inquiry, Question
from drsim.world.model import World

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_MOST = 1_000_000
"""Runs that are asked about together, at most, of several drills."""


def tried_in_vain(world: World, recovered: Lanes, lanes: Ints, option: Options) -> Inquiry[Ints]:
    """Return how many infected points people inspect before they restore what was chosen, (m,); 0 if that is no point.

    Args:
        world: the strategy's world.
        recovered: the drills.
        lanes: (m,) which of them.
        option: what was chosen in each.
    """
    tried = np.zeros(len(lanes), dtype=np.int64)
    for m in recovered.members:
        is_mine = recovered.where(lambda s, m=m: s.member == m)[lanes] & (option.kind == POINT)  # type: ignore[misc]
        mine = np.flatnonzero(is_mine)
        if not mine.size:
            continue
        stream, copy = place_written(world.members[m], option.written[mine])
        for s, c in sorted(set(zip(stream.tolist(), copy.tolist(), strict=True))):
            here = mine[(stream == s) & (copy == c)]
            tried[here] = yield from _of_place(world, recovered, lanes[here], s, c)
    return tried


def _of_place(world: World, recovered: Lanes, lanes: Ints, s: int, copy: int) -> Inquiry[Ints]:
    """Return how many infected points of one stream and place people inspect in some lanes, (m,)."""
    stream, batch = world.streams[s], recovered.batch
    place = next(place for place in places_of(stream) if place.copy == copy)
    occurred, contaminated = recovered.occurred_s[lanes], recovered.contaminated_s[lanes]
    first, stop = suspect_runs(world, stream, place, occurred, contaminated)
    drills, tried = recovered.drills[lanes], np.zeros(len(lanes), dtype=np.int64)
    is_missed = np.ones(len(lanes), dtype=bool)
    if stream.scan is not None:
        index = batch.incident[drills] * ATTEMPTS
        is_missed = stream.scan.missed.failed(batch.run[drills], index, occurred)
    for some in _in_parts(stop - first):
        number = (stop - first)[some]
        asked = np.repeat(some, number)
        at = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number) + first[asked]
        if not at.size:
            continue
        left = yield Question(np.full(len(at), s), drills[asked], at)
        infected = are_tried(
            stream,
            place,
            (left.captured_s, left.available_s, left.expiry_s),
            (batch.run[drills[asked]], at),
            (occurred[asked], contaminated[asked]),
            is_missed[asked],
        )
        tried += np.bincount(asked[infected], minlength=len(lanes))
    return tried


def _in_parts(number: Ints) -> list[Ints]:
    """Return places in parts whose numbers add up to no more than is asked about together, or of one place."""
    part = (np.cumsum(number) - 1) // _MOST
    return np.split(np.arange(len(number)), np.flatnonzero(np.diff(part)) + 1)
