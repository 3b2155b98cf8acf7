"""What worlds that are nearly alike have in common, made the same object: to compare them nobody looks inside."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

from drsim.world.model import World
from drsim.world.streams import Stream

T = TypeVar("T")

_OF_WORLD = (
    *("sites", "vaults", "limits", "applications", "resources", "steps", "members", "streams", "disruptions"),
    *("detect", "declare", "inspection", "validation", "redirection"),
)
"""What of a world may be shared; the rest is of no size, or is told by its streams."""


def alike(one: Any, other: Any) -> bool:  # noqa: ANN401  # whatever a world is made of
    """Return whether two things are equal, arrays in them too; what they have cached does not count."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if is_dataclass(one):
        return all(alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.init)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(value, other[key]) for key, value in one.items())
    return bool(one == other)


def shared(world: World, former: World) -> World:
    """Return a world whose parts that are equal to those of a former one are these."""
    return replace(world, **{name: _shared(getattr(world, name), getattr(former, name)) for name in _OF_WORLD})


def _shared(part: T, former: T) -> T:
    """Return a part of a world with the former one's items where they are equal, or the former one where all are."""
    if isinstance(part, tuple) and isinstance(former, tuple):
        items = tuple(was if alike(item, was) else item for item, was in zip(part, former, strict=False))
        items += part[len(former) :]
        is_same = len(items) == len(former) and all(map(_is, items, former))
        return former if is_same else items  # type: ignore[return-value]
    if isinstance(part, dict) and isinstance(former, dict):
        values = {key: former[key] if key in former and alike(v, former[key]) else v for key, v in part.items()}
        is_same = list(values) == list(former) and all(map(_is, values.values(), former.values()))
        return former if is_same else values  # type: ignore[return-value]
    return former if alike(part, former) else part


def _is(one: object, other: object) -> bool:
    return one is other


def with_life_of(stream: Stream, other: Stream) -> Stream:
    """Return a stream whose points and copies live as long as those of another with as many copies."""
    copies = tuple(
        replace(copy, delete_after_s=to.delete_after_s, cold_after_s=to.cold_after_s, since_s=to.since_s)
        for copy, to in zip(stream.copies, other.copies, strict=True)
    )
    life = {name: getattr(other, name) for name in ("delete_after_s", "cold_after_s", "since_s")}
    return replace(stream, copies=copies, **life)


def since(stream: Stream, moment_s: float) -> Stream:
    """Return a stream without the runs scheduled before a moment [s since start]."""
    n = int(np.searchsorted(stream.times_s, moment_s))
    every = int(np.searchsorted(stream.all_times_s, moment_s))
    return replace(
        stream,
        times_s=stream.times_s[n:],
        indices=stream.indices[n:],
        all_times_s=stream.all_times_s[every:],
        size_bytes=stream.size_bytes[n:],
        objects=stream.objects[n:],
        copies=tuple(replace(c, size_bytes=c.size_bytes[n:], objects=c.objects[n:]) for c in stream.copies),
        begin_s=moment_s,
    )


def jobs_alike_since_s(stream: Stream, former: Stream) -> float:
    """Return since when the jobs of two streams are alike, however long what they make lives [s since start].

    Infinite where they never are. Only the begin of a plan may differ, with the first runs, which move everything, and
    with that the first run that leaves a full.
    """
    if stream is former:
        return -np.inf
    if len(stream.copies) != len(former.copies) or not (len(stream.times_s) and len(former.times_s)):
        return np.inf
    later = max(float(stream.times_s[0]), float(former.times_s[0]))
    begins = -np.inf if stream.begin_s == former.begin_s else np.nextafter(later, np.inf)
    one, other = (since(s, begins) if np.isfinite(begins) else s for s in (stream, former))
    alive = replace(with_life_of(one, other), base=None, scan=None)
    return begins if alike(alive, replace(other, base=None, scan=None)) and _are_fulls_alike(one, other) else np.inf


def _are_fulls_alike(stream: Stream, former: Stream) -> bool:
    """Return whether the increments of two streams need a full of the same size, if they need one."""
    one, other = stream.base, former.base
    if one is None or other is None:
        return one is other
    return (one.size_bytes, one.objects, one.growth) == (other.size_bytes, other.objects, other.growth)


def are_bases_alike(stream: Stream, former: Stream) -> bool:
    """Return whether the increments of two streams, whose fulls are alike, have them since the same run, if any."""
    one, other = stream.base, former.base
    if one is None or other is None:
        return one is other
    trials = zip(one.trials, other.trials, strict=False)
    same = one.never == other.never and len(one.trials) == len(other.trials)
    return same and all(jobs_alike_since_s(trial, was) == -np.inf for trial, was in trials)
