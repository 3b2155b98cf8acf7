"""Checks of copies that are to be completed within a time.

Sources: the EBS user guide, "Time-based copies"; the API reference of AWS Backup (CopyAction).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from drsim.catalogue.timed_copies import TimedCopies
from drsim.errors import Edit, Weight
from drsim.laws.increments import fraction_changed
from drsim.scenario.capabilities import can_copy
from drsim.scenario.nodes import Loc
from drsim.scenario.plan_checks import runs_in_first_year
from drsim.scenario.registry import Case, Finding, PlacedCopy, Repair, by_type, check, listed
from drsim.units import GIB, HOUR_S, KIB, MINUTE_S, format_duration

KEY = "completion_duration"
"""The key of a copy action that asks for a time."""
_LAW = ("copy_duration", "copy_fixed", "copy_rate", "copy_object_rate")
"""Parameters that say otherwise how long a copy takes."""


class _Paced(NamedTuple):
    """A copy that is paced, of one resource: what it is to take, and what it moves.

    Attributes:
        copy: the copy action.
        name: of the resource.
        members: how many there are of it.
        timed: how its type makes such copies.
        completion_s: the time that is asked for [s].
        full_bytes: what the first copy of a member moves.
        usual_bytes: what a later one moves, changed since the run before.
    """

    copy: PlacedCopy
    name: str
    members: int
    timed: TimedCopies
    completion_s: float
    full_bytes: float
    usual_bytes: float

    def fits(self, moved_bytes: float) -> bool:
        """Return whether so much passes in the time that is asked for."""
        return moved_bytes <= self.completion_s * self.timed.rate.value


@check("completion-duration")
def completion_duration(case: Case) -> Iterator[Finding]:
    """A time that copies are to complete within is one that AWS takes, and nothing else says how long they take."""
    timed = next((kind.timed_copies for kind in case.types.values() if kind.timed_copies is not None), None)
    for copy, asked_s in _asked(case):
        loc = (*copy.loc, KEY)
        if timed is not None and not timed.takes(asked_s):
            right = _written(timed.nearest_s(asked_s))
            rule = f"AWS takes {timed.shortest.written} to {timed.longest.written}, in steps of {timed.step.written}"
            found = f"the copy into `{copy.action.destination_vault}` is to complete within {format_duration(asked_s)}"
            instead = Repair(f"leave `{KEY}` out", (Edit(loc),))
            yield Finding(loc, found, rule, f"write `{KEY}: {right}`", (Edit(loc, right),), (instead,))
        for name in (name for name in _LAW if name in copy.action.overrides):
            found = f"the copy into `{copy.action.destination_vault}` has `{KEY}` and `overrides: {{{name}: …}}`"
            own = (*copy.loc, "overrides", name)
            instead = Repair(f"leave `{KEY}` out", (Edit(loc),))
            rule = "a copy that is to complete within a time takes that time"
            yield Finding(own, found, rule, f"leave `{name}` out", (Edit(own),), (instead,))


@check("completion-duration-unsupported")
def completion_duration_unsupported(case: Case) -> Iterator[Finding]:
    """A time to complete within is asked for where AWS makes such copies: of EBS volumes, into usual vaults."""
    on = case.scenario.as_of
    for copy, _ in _asked(case):
        loc = (*copy.loc, KEY)
        without = f"leave `{KEY}` out"
        vault = copy.action.destination_vault
        if case.scenario.vaults[vault].lock == "air-gapped":
            found = f"the copy into `{vault}`, an air-gapped vault, has `{KEY}`"
            yield Finding(
                loc, found, "only AWS Backup copies into such a vault, in its own time", without, (Edit(loc),)
            )
        for kind, names in by_type(case, case.subjects_of[copy.placed.plan_name]):
            if not any(_is_made(case, copy, name) for name in names):
                continue
            timed = kind.timed_copies
            if timed is None:
                found = f"the copy into `{vault}` has `{KEY}`, and copies {listed(names)}, of type {kind.label}"
                able = ", ".join(name for name, other in case.catalogue.types.items() if other.timed_copies)
                rule = f"copies complete within a time of {able} alone"
                repair = f"{without}, or give what else there is a plan of its own"
                yield Finding(loc, found, rule, repair, (Edit(loc),))
            elif on is not None and on < timed.since:
                found = f"the copy into `{vault}` has `{KEY}`, and `as_of` is {on}"
                instead = Repair(f"write `as_of: {timed.since}`", (Edit(("as_of",), str(timed.since)),))
                yield Finding(
                    loc, found, f"there were no such copies before {timed.since}", without, (Edit(loc),), (instead,)
                )


@check("completion-duration-missed", warning=Weight.LOSES_MORE)
def completion_duration_missed(case: Case) -> Iterator[Finding]:
    """What has changed since the run before passes in the time that is asked for."""
    for paced in _paced(case):
        if not paced.fits(paced.usual_bytes):
            yield _late(paced, paced.usual_bytes, "a usual copy", "it comes later than it is counted on")


@check("completion-duration-first-copy", warning=Weight.MISLEADS)
def completion_duration_first_copy(case: Case) -> Iterator[Finding]:
    """A first copy, which is full, passes in the time that is asked for."""
    for paced in _paced(case):
        if not paced.fits(paced.full_bytes):
            yield _late(paced, paced.full_bytes, "its first copy, which is full,", "later ones hold what has changed")


def _late(paced: _Paced, moved_bytes: float, which: str, besides: str) -> Finding:
    """Return what is found of a copy that takes longer than it is asked to."""
    loc, timed = (*paced.copy.loc, KEY), paced.timed
    needed_s = moved_bytes / timed.rate.value
    into, asked = paced.copy.action.destination_vault, format_duration(paced.completion_s)
    found = f"{paced.name}: {which} takes {format_duration(needed_s)} into `{into}`, for {moved_bytes / GIB:,.0f} GiB"
    rule = f"{asked} were asked for, and one copy moves {timed.rate.written} at most; {besides}"
    leave = Repair(f"leave `{KEY}` out", (Edit(loc),))
    longer_s = timed.nearest_s(needed_s)
    if longer_s < needed_s:
        return Finding(loc, found, rule, *leave)
    right = _written(longer_s)
    return Finding(loc, found, rule, f"write `{KEY}: {right}`", (Edit(loc, right),), (leave,))


@check("completion-duration-quota", warning=Weight.LOSES_MORE)
def completion_duration_quota(case: Case) -> Iterator[Finding]:
    """The copies of a rule's points, made at once, ask for no more than goes from one Region to another."""
    together: dict[tuple[Loc, str, str], list[_Paced]] = {}
    for paced in _paced(case):
        source, target, _ = case.ends_of(paced.copy, case.home_of(paced.name))
        together.setdefault((paced.copy.loc, source.region, target.region), []).append(paced)
    for (loc, source_region, target_region), copies in together.items():
        asked = sum(p.members * min(p.usual_bytes / p.completion_s, p.timed.rate.value) for p in copies)
        limit = copies[0].timed.rate_of_pair
        if asked <= limit.value:
            continue
        names = listed([paced.name for paced in copies])
        found = (
            f"copies of {names} ask for {asked / KIB / KIB:,.0f} MiB/s from {source_region} to {target_region}, "
            "all at once"
        )
        rule = f"an account has {limit.written} there: copies take longer or fail, which is left out of the results"
        enough_s = copies[0].timed.nearest_s(sum(p.members * p.usual_bytes for p in copies) / limit.value)
        place = (*loc, KEY)
        right = _written(enough_s)
        leave = Repair(f"leave `{KEY}` out", (Edit(place),))
        repair = f"write `{KEY}: {right}`, or ask AWS for more"
        yield Finding(place, found, rule, repair, (Edit(place, right),), (leave,))


@check("completion-duration-outside-plans", warning=Weight.MISLEADS)
def completion_duration_outside_plans(case: Case) -> Iterator[Finding]:
    """A plan of AWS Backup cannot ask for a time; something else makes such copies."""
    copies = [copy for copy, _ in _asked(case)]
    if copies:
        first = copies[0]
        found = f"the copy into `{first.action.destination_vault}` has `{KEY}`" + (
            f", and {len(copies) - 1} more" if len(copies) > 1 else ""
        )
        rule = "copy actions of AWS Backup have no such field: EC2 makes these copies, by `copy-snapshot`"
        repair = f"leave `{KEY}` out, or have a function call `copy-snapshot` once the backup is completed"
        yield Finding((*first.loc, KEY), found, rule, repair, tuple(Edit((*copy.loc, KEY)) for copy in copies))


def _written(completion_s: float) -> str:
    """Return a time as a scenario has it, to the minute."""
    return f"{completion_s / HOUR_S:g} h" if completion_s % HOUR_S == 0 else f"{completion_s / MINUTE_S:g} min"


def _asked(case: Case) -> Iterator[tuple[PlacedCopy, float]]:
    """Yield the copy actions that ask for a time, with the time [s]; those between vaults that there are."""
    vaults = case.scenario.vaults
    for copy in case.copies:
        between = {copy.source_vault, copy.action.destination_vault}
        if copy.action.completion_duration is not None and between <= vaults.keys():
            yield copy, copy.action.completion_duration


def _is_made(case: Case, copy: PlacedCopy, name: str) -> bool:
    """Return whether AWS makes a copy of a resource at all; of one whose sites nobody knows nothing is said."""
    vaults, home = case.scenario.vaults, case.home_of(name)
    between = {vaults[vault].site or home for vault in (copy.source_vault, copy.action.destination_vault)}
    if not between <= case.scenario.sites.keys():
        return False
    source, target, lock = case.ends_of(copy, case.home_of(name))
    return can_copy(case.types[name], source, target, lock, case.scenario.as_of) is True


def _paced(case: Case) -> Iterator[_Paced]:
    """Yield the copies that are paced, resource by resource."""
    for copy, asked_s in _asked(case):
        runs = runs_in_first_year(copy.placed.rule, case.scenario)
        gap_s = float(np.median(np.diff(runs))) if len(runs) > 1 else math.inf
        for name in case.subjects_of[copy.placed.plan_name]:
            kind = case.types.get(name)
            if kind is None or kind.timed_copies is None or not _is_made(case, copy, name):
                continue
            resource = case.subjects[name].resource
            changed = 1.0
            if kind.snapshots_incremental:
                changed = float(fraction_changed(kind.changed_per_day(resource.change_rate), gap_s))
            usual = resource.size * changed
            yield _Paced(copy, name, resource.count, kind.timed_copies, asked_s, resource.size, usual)
