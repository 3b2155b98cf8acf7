"""Where the parts of a scenario stand in its files, for what is found once these have been read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from drsim.scenario.nodes import Loc, Node, place

Places = Mapping[Loc, tuple[str, int]]
"""File and line by the keys that lead to a part."""

_PARTS = ("backup_plans", "applications", "strategies", "disruptions", "limits", "drills", "prices", "planning")
"""Keys whose parts something may be found about later."""


def places_of(root: Node) -> Places:
    """Return file and line of the parts of a scenario.

    Args:
        root: its nodes, plan documents in place.
    """
    locs = [(), *(loc for key in _PARTS if (node := root.get(key)) is not None for loc in _below((key,), node))]
    return {loc: place(root, loc) for loc in locs}


def nearest_place(places: Places, loc: Loc) -> tuple[str, int]:
    """Return file and line of a part, or of the nearest above it that has any; none where nothing was read."""
    return next((places[loc[:n]] for n in range(len(loc), -1, -1) if loc[:n] in places), ("", 0))


def _below(loc: Loc, node: Node) -> Iterator[Loc]:
    yield loc
    for key, (_, value) in (node.entries or {}).items():
        yield from _below((*loc, key), value)
    for i, value in enumerate(node.items or []):
        yield from _below((*loc, i), value)
