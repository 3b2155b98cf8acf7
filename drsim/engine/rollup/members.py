"""The members of a resource: who rode the outage out, which of them decides, which lost most, and the parts of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from drsim.engine.incidents import RECOVERED, RIDE_OUT
from drsim.engine.strike import Events

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Parts = dict[str, Floats]
_Value = TypeVar("_Value", bound=np.generic)
_Seconds = TypeVar("_Seconds", float, Floats)


@dataclass(frozen=True)
class Members:
    """How members fared in n drills; all arrays (members, n), or (n,) for one picked in each drill.

    Attributes:
        is_struck: whether the disruption struck it.
        is_going: whether it had to be recovered: it was struck, or its application moved to a standby.
        state, by, place: codes: places in `STATES`, in `BY` and in the names of the log's places.
        captured_s: the moment whose data are back; nan where there are none [s since start].
        begun_s, usable_s, full_s: when its recovery began, it was usable, and at full performance [s since start].
        lost_s: when nothing was left to try; nan for what is not lost, or only with what it comes after.
        is_automatic: whether it failed over by itself.
        has_source: whether its data came from somewhere, so that a loss has parts.
        due_s: scheduled moment of the newest run before the damage; nan unless a point was restored.
        parts: parts of the downtime since its recovery began [s].
    """

    is_struck: Bools
    is_going: Bools
    state: Ints
    by: Ints
    place: Ints
    captured_s: Floats
    begun_s: Floats
    usable_s: Floats
    full_s: Floats
    lost_s: Floats
    is_automatic: Bools
    has_source: Bools
    due_s: Floats
    parts: Parts

    @property
    def is_there(self) -> Bools:
        """Whether it had to be recovered, and was."""
        return np.asarray(self.is_going & (self.state == RECOVERED))

    @property
    def rode_out(self) -> Bools:
        """Whether the outage ended before its recovery was complete."""
        return np.asarray(self.by == RIDE_OUT)

    def loss_s(self, occurred_s: Floats) -> Floats:
        """Return the data loss [s]; 0 for what has no data."""
        return np.where(np.isnan(self.captured_s), 0.0, occurred_s - self.captured_s)

    def poorest(self, occurred_s: Floats) -> Ints:
        """Return which struck member lost most, the first of equals, (n,)."""
        which: Ints = np.where(self.is_struck, self.loss_s(occurred_s), -np.inf).argmax(axis=0)
        return which

    def pick(self, which: Ints) -> Members:
        """Return in each drill the member named, (n,)."""
        values = {name: _picked(getattr(self, name), which) for name in _ARRAYS}
        return Members(**values, parts={part: _picked(seconds, which) for part, seconds in self.parts.items()})


_ARRAYS = tuple(f.name for f in fields(Members) if f.name != "parts")


def joined(several: Sequence[Members]) -> Members:
    """Return the members of several resources as those of one, without the parts of their downtime."""
    if len(several) == 1:
        return replace(several[0], parts={})
    return Members(**{name: np.concatenate([getattr(m, name) for m in several]) for name in _ARRAYS}, parts={})


def ride_out(members: Members, rides: Bools, strikes: Events, home: int, *, stateless: bool) -> Members:
    """Return how members fared once it is known which applications rode the outage out.

    What failed over by itself in time stays so, and so does what came back before an application that came back; every
    other recovery is abandoned, and its member is as it was.

    Args:
        members: of one resource.
        rides: whether its application rode the outage out, (n,).
        strikes: the disruption.
        home: code of the place where the application runs.
        stateless: whether the resource has no data.
    """
    ends_s, occurred_s = strikes.ends_s, strikes.occurred_s
    in_time = (members.state == RECOVERED) & (members.usable_s <= ends_s)
    over = np.where(rides, ~(members.is_automatic & in_time), ~in_time) & (ends_s < np.inf)
    if not over.any():
        return members
    parts = {part: np.where(over, 0.0, seconds) for part, seconds in members.parts.items()}
    return replace(
        members,
        state=np.where(over, RECOVERED, members.state),
        by=np.where(over, RIDE_OUT, members.by),
        place=np.where(over, home, members.place),
        captured_s=np.where(over, np.nan if stateless else occurred_s, members.captured_s),
        begun_s=np.where(over, occurred_s, members.begun_s),
        usable_s=np.where(over, ends_s, members.usable_s),
        full_s=np.where(over, ends_s, members.full_s),
        has_source=members.has_source & ~over,
        parts=parts | {"outage_s": np.where(over, ends_s - occurred_s, 0.0)},
    )


def decide(usable_s: Floats, begun_s: Floats, is_there: Bools, required: Ints) -> tuple[Ints, Floats]:
    """Return with which member a resource became usable, and when, (n,) each.

    Of those usable at the moment at which enough were there the one that began first, the first written of equals.

    Args:
        usable_s: when they were usable, (members, n) [s since start].
        begun_s: when their recoveries began, (members, n) [s since start].
        is_there: whether they had to be recovered, and were, (members, n).
        required: how many have to be there, (n,); none is as one.
    """
    usable = np.where(is_there, usable_s, np.inf)
    moment = nth_smallest(usable, required)
    begun = np.where(is_there & (usable == moment), begun_s, np.inf)
    which: Ints = begun.argmin(axis=0)
    return which, moment


def parts_before(waits_s: _Seconds, detect_s: _Seconds, declare_s: _Seconds, since_s: _Seconds) -> dict[str, _Seconds]:
    """Return the parts of a downtime that passed before the recovery of something began [s].

    Args:
        waits_s: how long people wait for the outage to end first.
        detect_s: how long they take to detect.
        declare_s: how long they take to declare.
        since_s: how long after the declaration it began: it waited for what comes first.
    """
    return {"wait_s": waits_s, "detect_s": detect_s, "declare_s": declare_s, "dependency_s": since_s}


def loss_parts(
    captured_s: Floats, due_s: Floats, has_source: Bools, occurred_s: Floats, contaminated_s: Floats
) -> Parts:
    """Return the parts of a data loss [s], (n,) each; they add up to it.

    Args:
        captured_s: the moment whose data are back, nan where there are none [s since start].
        due_s: scheduled moment of the newest run before the damage; nan unless a point was restored.
        has_source: whether the data came from somewhere.
        occurred_s: when the service stopped [s since start].
        contaminated_s: data captured after this moment are no good [s since start].
    """
    has_parts = has_source & ~np.isnan(captured_s)
    of_point = has_parts & ~np.isnan(due_s)
    direct = has_parts & ~of_point
    behind = np.minimum(contaminated_s, occurred_s) - captured_s
    newest = np.maximum(due_s, captured_s)
    dwell = np.where(of_point, occurred_s - contaminated_s, np.where(direct, occurred_s - captured_s - behind, 0.0))
    return {
        "loss_dwell_s": dwell,
        "loss_interval_s": np.where(of_point, contaminated_s - newest, 0.0),
        "loss_unready_s": np.where(of_point, newest - captured_s, 0.0),
        "loss_lag_s": np.where(direct, behind, 0.0),
    }


def stacked(rows: Sequence[NDArray[_Value]]) -> NDArray[_Value]:
    """Return rows of n as one array, (rows, n); a single row without a copy."""
    return rows[0][None] if len(rows) == 1 else np.array(rows)


def nth_smallest(values: Floats, nth: Ints) -> Floats:
    """Return in each drill the nth smallest of several values, (several, n); `nth` (n,) counts from 1."""
    if len(values) == 1:
        (only,) = values
        return np.asarray(only)
    place = np.clip(nth, 1, len(values)) - 1
    smallest: Floats = np.take_along_axis(np.sort(values, axis=0), place[None, :], axis=0)[0]
    return smallest


def _picked(values: NDArray[_Value], which: Ints) -> NDArray[_Value]:
    """Return in each drill the value of the member named, (n,)."""
    picked: NDArray[_Value] = values[0] if len(values) == 1 else values[which, np.arange(len(which))]
    return picked
