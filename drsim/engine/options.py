"""What both clocks know of the ways to recover a member: routes from vaults, replicas, expected times."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim.engine.continuous import is_gone, lags_s
from drsim.engine.strike import Occurrences, Strikes
from drsim.laws.jobs import Replay
from drsim.laws.sampling import ceiling
from drsim.units import YEAR_S
from drsim.world.model import Member, Replica, Resource, Restoration, World
from drsim.world.streams import DeletionEvent, Stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def growth(resource: Resource, moment_s: ArrayLike) -> Floats:
    """Return by what factor size and objects of a resource have grown at moments [s since start]."""
    return np.asarray((1 + resource.growth) ** (np.asarray(moment_s, dtype=np.float64) / YEAR_S))


def size_at(resource: Resource, moment_s: float) -> tuple[float, float]:
    """Return size [bytes] and objects of one member at a moment, growth included."""
    grown = float(growth(resource, moment_s)) if resource.growth else 1.0
    return resource.size_bytes * grown, resource.objects * grown


def replica_captured_s(incidents: Occurrences, replica: Replica) -> Floats:
    """Return the moments whose data a replica holds when the service stops, (n,) [s since start]."""
    return incidents.occurred_s - lags_s(incidents, replica.lag, replica.lag_key)


def replica_survives(strikes: Strikes, replica: Replica) -> bool:
    """Return whether a replica survives: where the resource is deleted, if it was said to; else where its site does."""
    if strikes.disruption.deletes_resource:
        return not is_gone(strikes, replica)
    return bool(strikes.replica_ok[replica.site])


def replay_expected_s(
    law: Restoration, replay: Replay, size: ArrayLike, objects: ArrayLike, replay_s: ArrayLike
) -> Floats:
    """Return how long a restore to a moment takes on average [s]; one that is given as a whole replays no logs."""
    expected = law.work.expected_s(size, objects)
    if replay.is_waited_for and law.work.whole is None:
        expected = expected + replay.expected_s(size, replay_s)
    return expected


def restore_expected_s(
    law: Restoration, site: int, size: ArrayLike, objects: ArrayLike, cold: ArrayLike, moves: ArrayLike
) -> Floats:
    """Return how long a restore at a site takes on average, of what differs between points [s]."""
    expected = np.asarray(cold) * law.cold_retrieval.mean
    for work in law.works_at(site):
        expected = expected + work.expected_s(size, objects)
    if np.any(moves):
        expected = np.where(moves, expected + law.copy_work.expected_s(size, objects), expected)
    return np.asarray(expected)


@dataclass(frozen=True, slots=True)
class Route:
    """How what lies in a vault gets to where it is needed.

    Attributes:
        site: where the resource will run.
        moves: whether the point has to be copied there first.
    """

    site: int
    moves: bool


def route(world: World, law: Restoration, vault: int, where: int | None) -> Route | None:
    """Return how a point gets from its vault to the application's place; None where AWS cannot copy it there."""
    site = world.vaults[vault].site
    if where is None:
        return Route(site, moves=False)
    here, there = world.sites[site], world.sites[where]
    if there.is_on_premises:
        # over the uplink a gateway reads what lies in its account, in any Region, or is shared with it
        moves = here.account != there.account and world.vaults[vault].lock != "air-gapped"
        return None if moves and not law.can_copy_account else Route(where, moves)
    if world.vaults[vault].lock == "air-gapped":
        moves = here.region != there.region  # such a vault is shared with the account that restores
    else:
        moves = (here.region, here.account) != (there.region, there.account)
    if moves and here.region != there.region and not law.can_copy_region:
        return None
    if moves and here.account != there.account and not law.can_copy_account:
        return None
    return Route(where, moves)


def last_resorts(world: World, member: Member, where: int | None) -> frozenset[int]:
    """Return the streams whose points are looked at only when restoring to a moment was in vain.

    They are the snapshots that a service's own continuous protection restores from. Where the member is needed
    elsewhere no moment can be restored, and they are points like others, which can be copied there.

    Args:
        world: the strategy's world.
        member: who is to be recovered.
        where: the site at which it is needed; None for any.
    """
    streams: set[int] = set()
    for continuous in member.continuous:
        way = route(world, member.restoration, continuous.vault, where)
        if continuous.are_points and way is not None and not way.moves:
            streams.update(continuous.bases)
    return frozenset(streams)


@dataclass(frozen=True, slots=True)
class Place:
    """One vault of a stream: -1 for the backup itself, else the copy action; and the life of the points there."""

    copy: int
    vault: int
    delete_after_s: float
    cold_after_s: float
    since_s: float
    goes: DeletionEvent | None


def places_of(stream: Stream) -> list[Place]:
    """Return where the points of a stream lie."""
    return [
        Place(i, job.vault, job.delete_after_s, job.cold_after_s, job.since_s, job.goes)
        for i, job in enumerate(stream.jobs, start=-1)
        if i >= 0 or stream.is_point
    ]


def order_written(member: Member, stream: int, place: int) -> int:
    """Return the order written of a stream's places, by which equal options are told apart."""
    return member.streams.index(stream) * 64 + place


def place_written(member: Member, written: ArrayLike) -> tuple[Ints, Ints]:
    """Return stream and copy of options by their order written: the inverse of `order_written`."""
    nth = (np.asarray(written) + 1) // 64
    return np.asarray(member.streams, dtype=np.int64)[nth], np.asarray(written) - nth * 64


def kept_s(stream: Stream, place: Place) -> float:
    """Return after what age a point is surely gone [s]."""
    delay = stream.expiry_delay if place.copy < 0 else stream.copies[place.copy].expiry_delay
    return place.delete_after_s + ceiling(delay)


def newest_scheduled_s(stream: Stream, moment_s: ArrayLike) -> Floats:
    """Return the scheduled moment of a stream's newest run at or before moments [s since start]; -inf for none."""
    earlier = np.concatenate(([-math.inf], stream.all_times_s))
    return np.asarray(earlier[np.searchsorted(earlier, moment_s, side="right") - 1])
