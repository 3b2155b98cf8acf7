"""The search for a clean point in one incident: how many infected ones people look at before they come to it."""

from __future__ import annotations

import numpy as np

from drsim.engine.options import places_of
from drsim.engine.process.history import History
from drsim.engine.process.luck import Luck
from drsim.engine.process.options import Option
from drsim.engine.search import are_tried, suspect_runs
from drsim.engine.strike import Strikes
from drsim.world.model import World


def tried_in_vain(world: World, strikes: Strikes, e: int, option: Option, history: History, luck: Luck) -> int:
    """Return how many infected points people inspect before they restore a clean one.

    Args:
        world: the strategy's world.
        strikes: the disruption.
        e: which of its incidents.
        option: the clean point.
        history: what the jobs before the incident left behind.
        luck: of the incident.
    """
    assert option.run is not None  # noqa: S101  it is a point
    s, stream = option.run[0], world.streams[option.run[0]]
    place = next(place for place in places_of(stream) if place.copy == option.copy)
    occurred, contaminated = float(strikes.occurred_s[e]), float(strikes.contaminated_s[e])
    first, stop = suspect_runs(world, stream, place, occurred, contaminated)
    positions = np.arange(int(first), int(stop))
    if not positions.size:
        return 0
    outcomes = [history.outcome(e, (s, position)) for position in positions.tolist()]
    left = (
        np.array([outcome.captured_s for outcome in outcomes]),
        np.array([outcome.available_s for outcome in outcomes]),
        np.array([outcome.expiry_s for outcome in outcomes]),
    )
    n = len(positions)
    is_missed = stream.scan is None or luck.is_missed(stream.scan)
    runs, moments = (np.full(n, strikes.run[e]), positions), (np.full(n, occurred), np.full(n, contaminated))
    return int(are_tried(stream, place, left, runs, moments, np.full(n, is_missed)).sum())
