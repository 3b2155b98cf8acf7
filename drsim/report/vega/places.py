"""Places for names beside points, clear of other names, points, lines and the edge of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SPACE = (250.0, 190.0)
"""The least space that a chart has for its points [pixels], across and down, about."""

_LETTER, _HALF = 6.2, 7.0
"""Width of a letter and half the height of a name [pixels], about."""

_NEAR = 34.0
"""Below which distance [pixels] a name above or below a point is taken for that point's."""

Place = tuple[str, int, int]
"""Where a name stands beside its point: alignment, and distances across and down [pixels]."""


def _beside(*rows: int) -> tuple[Place, ...]:
    return tuple((align, dx, dy) for dy in rows for align, dx in (("left", 9), ("right", -9)))


PLACES = _beside(-13, 14, -27, 28)
"""Where a name may stand, the best first."""

_FARTHER = _beside(-41, 42, -55, 56)
"""Where it may stand, too, where lines run through the points."""

_Box = tuple[float, float, float, float]
"""Left, right, top and bottom [pixels]."""

Line = tuple[float, float, float, float]
"""Ends of a straight line: across and down, across and down [pixels], from left to right."""


@dataclass(frozen=True)
class Point:
    """A point with a name and a vertical line through it.

    Attributes:
        name: it.
        x, y: where it is drawn [pixels from the left and from the top].
        top, bottom: ends of its line [pixels from the top].
    """

    name: str
    x: float
    y: float
    top: float
    bottom: float


def width(name: str) -> float:
    """Return how wide a name is [pixels], about."""
    return _LETTER * len(name)


def places(points: Sequence[Point], lines: Sequence[Line] = ()) -> list[Place]:
    """Return a place for the name of each point, chosen one after the other, within `SPACE`.

    Args:
        points: with their names.
        lines: that names are to stay clear of.
    """
    allowed = (*PLACES, *_FARTHER) if lines else PLACES
    chosen: list[Place] = []
    boxes: list[_Box] = []
    for point in points:
        others = [neighbour for neighbour in points if neighbour is not point]
        filled = [*boxes, *((o.x - 8, o.x + 8, min(o.y - 8, o.top), max(o.y + 8, o.bottom)) for o in others)]
        costs = [_cost(_box(place, point), others, filled, lines) for place in allowed]
        best = allowed[costs.index(min(costs))]
        chosen.append(best)
        boxes.append(_box(best, point))
    return chosen


def _cost(box: _Box, others: Sequence[Point], filled: Sequence[_Box], lines: Sequence[Line]) -> float:
    """Return how bad it is for a name to cover a box: outside, at another's point, or over something."""
    left, right, top, bottom = box
    outside = max(0.0, -left) + max(0.0, right - SPACE[0]) + max(0.0, -top) + max(0.0, bottom - SPACE[1])
    strange = sum(left - 6 < o.x < right + 6 and abs(o.y - (top + bottom) / 2) < _NEAR for o in others)
    crossed = sum(_crosses(line, box) for line in lines)
    return 20 * outside + 300 * (strange + crossed) + sum(_overlap(box, other) for other in filled)


def _box(place: Place, point: Point) -> _Box:
    """Return what a name covers at a place."""
    align, dx, dy = place
    left = point.x + dx - (0.0 if align == "left" else width(point.name))
    return left, left + width(point.name), point.y + dy - _HALF, point.y + dy + _HALF


def _overlap(a: _Box, b: _Box) -> float:
    """Return the area that two boxes share."""
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[2], b[2]))


def _crosses(line: Line, box: _Box) -> bool:
    """Return whether a straight line runs through a box."""
    x1, y1, x2, y2 = line
    left, right, top, bottom = box
    begin, end = max(left, x1), min(right, x2)
    if begin > end:
        return False
    slope = (y2 - y1) / (x2 - x1) if x2 > x1 else 0.0
    heights = (y1 + slope * (begin - x1), y1 + slope * (end - x1)) if x2 > x1 else (y1, y2)
    return min(heights) < bottom and max(heights) > top
