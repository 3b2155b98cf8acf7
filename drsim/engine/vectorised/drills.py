"""Drills on the vectorised clock: what is struck, what it finds, how it recovers, and the log of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from drsim.engine.strike import Strikes, may_strike, strike
from drsim.engine.vectorised.batch import Batch
from drsim.engine.vectorised.fate import Fate
from drsim.engine.vectorised.fates import Fates
from drsim.engine.vectorised.history import Inquiry, Outcomes
from drsim.engine.vectorised.incidents import Log, frame_of, places_of
from drsim.engine.vectorised.recovery import Recoveries, Struck
from drsim.errors import ClockError
from drsim.world.groups import stands_in_line
from drsim.world.model import World

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_CELLS = 2_000_000
"""About how many runs of streams are looked at together, at most: what bounds the memory."""
_LINE_CELLS = 7_500_000
"""The same beside a line: worked through job by job in all drills at once, it is quicker the more there are."""
_PROCESSES = 8
"""Processes among which the memory is shared where nobody says how many there are."""
_KEPT_CELLS = 28_000_000
"""Moments that are kept of the whole past of a line, at most: 224 MB."""
_WINDOWS = 3
"""How many times its reach is about what is held of the past of a component whose pools fall idle: windows onto
neighbouring moments overlap, and some have to begin earlier."""
_KEPT = 4_000_000
"""Runs of streams that are held of the past, at most, for others to take over: about 300 MB."""
_MOST = 32_768
"""Drills worked out together, at most."""
_MOST_JOBS = 100_000
"""Jobs of one drill that are queued through at once, at most: each grant looks at all that wait by then."""


def why_not_vectorised(world: World, name: str) -> str | None:
    """Return why the vectorised clock does not take a disruption; None where it does.

    Args:
        world: the strategy's world.
        name: name of the disruption in the scenario.
    """
    for component in world.components:
        if component.settles or not component.limits or stands_in_line(world, component):
            continue
        streams = [world.streams[s] for s in component.streams]
        jobs = sum(len(st.times_s) * (1 + len(st.copies)) for st in streams)
        if jobs > _MOST_JOBS and may_strike(world, name)[list(component.members)].any():
            limits = " and ".join(sorted(world.limits[i].name for i in component.limits)[:3])
            return (
                f"{limits} may never fall idle, so that all {jobs:,} jobs since the plan's start have to be queued "
                f"through in one piece; the vectorised clock takes {_MOST_JOBS:,}"
            )
    return None


def run_vectorised(world: World, name: str, first: int, last: int) -> pd.DataFrame:
    """Return the log of drills `first` to `last - 1` of a disruption, the same as `drsim.engine.run_drills` returns.

    Args:
        world: the strategy's world.
        name: name of the disruption in the scenario.
        first: number of the first drill.
        last: number after the last drill.

    Raises:
        ClockError: the clock does not take it, and why.
    """
    return run_all_vectorised(world, [name], first, last)[name]


def run_all_vectorised(
    world: World, names: Sequence[str], first: int, last: int, at_once: int | None = None
) -> dict[str, pd.DataFrame]:
    """Return the logs of drills `first` to `last - 1` of several disruptions, which are quicker done together.

    Args, Raises: as for `run_vectorised`; and `at_once`, of how many drills the past is looked at together at most, by
    default `drills_together`.
    """
    reasons = [why for name in names if (why := why_not_vectorised(world, name)) is not None]
    if reasons:
        raise ClockError("\n".join(reasons))
    parts = [Drills(world, names, run) for run in runs_together(world, names, first, last, at_once)]
    return {name: frame_of_all([part.logs[name] for part in parts], parts[0].places) for name in names}


def runs_together(
    world: World, names: Sequence[str], first: int, last: int, at_once: int | None = None
) -> list[Ints]:
    """Return the numbers of drills in parts that are worked out together; arguments as for `run_all_vectorised`."""
    units = sum(len(world.disruptions[name].units) for name in names)
    step = max(1, min(at_once or drills_together(world, len(names)), _MOST // max(units, 1)))
    parts = max(1, math.ceil((last - first) / step))
    step = math.ceil((last - first) / parts) or 1
    return [np.arange(lo, min(lo + step, last)) for lo in range(first, max(last, first + 1), step)]


def frame_of_all(logs: Sequence[Sequence[Log]], places: Sequence[str]) -> pd.DataFrame:
    """Return the logs of one disruption as a table.

    Args:
        logs: part by part, in the order of the drills, unit by unit.
        places: names of the places.
    """
    return _joined([frame_of(part, places) for part in logs])


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if len(frames) == 1:
        return frames[0]
    columns: dict[str, object] = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = union_categoricals(parts)
        else:
            columns[name] = np.concatenate([part.to_numpy() for part in parts])
    return pd.DataFrame(columns, copy=False)


def has_line(world: World) -> bool:
    """Tell whether somewhere jobs stand in line that may never be empty: all of its past has to be worked through."""
    return any(c.limits and not c.settles and stands_in_line(world, c) for c in world.components)


def drills_together(world: World, disruptions: int, processes: int = _PROCESSES) -> int:
    """Return of how many drills of so many disruptions the past is looked at together in each of some processes."""
    span_s = world.horizon_s - world.plan_start_s
    runs, kept = 1.0, 1.0
    for component in world.components:
        if not component.limits:
            continue
        streams = [world.streams[s] for s in component.streams]
        number = sum(len(st.times_s) for st in streams)
        if component.settles:
            # windows are of one moment each, the whole past is that of all disruptions
            runs = max(runs, disruptions * min(1.0, _WINDOWS * component.reach_s / span_s) * number)
        elif stands_in_line(world, component):
            kept = max(kept, number * (2 + max(len(st.copies) for st in streams)))
        else:
            runs = max(runs, number)
    cells = max(_CELLS, min(_LINE_CELLS, _CELLS * _PROCESSES / processes)) if has_line(world) else _CELLS
    return max(1, min(_MOST, int(cells // runs), int(_KEPT_CELLS // kept)))


@dataclass(frozen=True)
class _Group:
    """Drills of one unit of a disruption.

    Attributes:
        name: of the disruption.
        strikes: what is struck in them.
        struck: who has to be recovered, and how.
        drills: their places among the histories.
    """

    name: str
    strikes: Strikes
    struck: Struck
    drills: Ints


class Drills:
    """The same drills of several disruptions in one world.

    What they have in common with drills in a former world that is nearly alike is not worked out again. Worlds are
    compared by their parts: those that are the same object (`drsim.world.sharing.shared`) are the same.

    Args:
        world: the strategy's world.
        names: names of the disruptions, all of which the clock takes.
        run: (n,) numbers of the drills of each unit.
        former: the same drills in the former world; none if left out.
        keeps: whether others will take over from these: what they look up is held, as far as there is room for it.

    Attributes:
        world: the strategy's world.
        logs: the logs of each disruption's units.
    """

    def __init__(
        self, world: World, names: Sequence[str], run: Ints, former: Drills | None = None, *, keeps: bool = False
    ) -> None:
        self.world, self._names, self._keeps = world, tuple(names), keeps
        self.places = places_of(world)
        self._place = {name: i for i, name in enumerate(self.places)}
        is_alike = former is not None and former._names == self._names and _strikes_alike(world, former.world)
        self._former = former if is_alike else None
        self._groups = self._struck(run)
        self._fates: dict[int, Fate] = {}
        self._going: dict[int, tuple[int, ...]] = {}
        self._outcomes: Outcomes | None = None
        self._logs: list[Log] = []
        if self._groups:
            self._recover(None if former is None else former._outcomes)
        self._former = None
        self.logs = {
            name: [log for group, log in zip(self._groups, self._logs, strict=True) if group.name == name]
            for name in names
        }

    def _struck(self, run: Ints) -> list[_Group]:
        """Return whom each disruption strikes in each of its units."""
        world, groups, reached = self.world, [], 0
        if self._former is not None:
            return [replace(group, struck=Struck(world, group.strikes)) for group in self._former._groups]
        for name in self._names:
            for unit in range(len(world.disruptions[name].units)):
                strikes = strike(world, name, run, unit=unit)
                struck = Struck(world, strikes)
                if struck.applications:
                    groups.append(_Group(name, strikes, struck, np.arange(reached, reached + len(run))))
                    reached += len(run)
        return groups

    def _recover(self, former: Outcomes | None) -> None:
        """Work out how everybody fares, and write the logs."""
        groups = self._groups
        run, occurred = (np.concatenate([getattr(g.strikes, f) for g in groups]) for f in ("run", "occurred_s"))
        self._outcomes = Outcomes(self.world, run, occurred, former)
        _decide(self._outcomes, groups)
        self._going = _going(self.world, groups)
        batches = {those: Batch.of([groups[g].strikes for g in those]) for those in set(self._going.values())}
        self._fates = {m: self._former._fates[m] for m in self._going if self._fares_alike(m)} if self._former else {}
        work: dict[int, tuple[Ints, Inquiry[Fate]]] = {}
        for m, those in self._going.items():
            if m not in self._fates:
                struck, r = [groups[g].struck for g in those], self.world.members[m].resource
                ways, spares = [s.ways(self.world.resources[r].app) for s in struck], [s.spare(r) for s in struck]
                fates = Fates(self.world, batches[those], self._place.__getitem__)
                work[m] = np.concatenate([groups[g].drills for g in those]), fates.of(m, ways, spares)
        self._fates |= self._consulted(work)
        self._outcomes.settle()
        by_group: list[dict[int, tuple[int, int]]] = [{} for _ in groups]
        for m in sorted(self._going):
            for g, part in zip(self._going[m], pairwise(batches[self._going[m]].first), strict=True):
                by_group[g][m] = part
        self._differs = {} if self._former is None else {m: self._differing(m) for m in self._going}
        self._logs = [self._log(g, parts) for g, parts in enumerate(by_group)]

    def _fares_alike(self, m: int) -> bool:
        """Return whether a member fares as it did in the former world, whatever happens to others."""
        former, world = self._former, self.world
        assert former is not None and self._outcomes is not None  # noqa: PT018, S101  only asked then
        was, r = former.world, world.members[m].resource
        if former._going.get(m) != self._going[m]:
            return False
        # servers are launched, whatever backups they have
        if not world.resources[r].stateless and not self._outcomes.is_as_before(world.component_of[m]):
            return False
        same = [(world.members[m], was.members[m]), (world.resources[r], was.resources[r])]
        app = world.resources[r].app
        same += [(world.applications[app], was.applications[app])]
        if any(one is not other for one, other in same):
            return False
        return all(
            np.array_equal(self._groups[g].struck.takes_over[app], former._groups[g].struck.takes_over[app])
            for g in self._going[m]
        )

    def _consulted(self, work: Mapping[int, tuple[Ints, Inquiry[Fate]]]) -> dict[int, Fate]:
        """Return the results of inquiries about members, component by component: the past of few is held at a time."""
        world, outcomes = self.world, self._outcomes
        assert outcomes is not None  # noqa: S101  there are groups
        apart: dict[int | None, list[int]] = {}
        for m in work:
            c = world.component_of[m]
            apart.setdefault(c if world.components[c].past else None, []).append(m)
        results: dict[int, Fate] = {}
        for held, members in apart.items():
            results |= zip(members, outcomes.consult([work[m] for m in members]), strict=True)
            if held is not None and not (self._keeps and outcomes.cells < _KEPT):
                outcomes.forget(held)
        return results

    def _log(self, g: int, parts: Mapping[int, tuple[int, int]]) -> Log:
        """Return the log of a group.

        Args:
            g: number of the group.
            parts: its members, and which drills of their fates are of the group.
        """
        group = self._groups[g]
        if self._former is not None and self._goes_alike(g, parts):
            return self._former._logs[g]
        fates = {m: self._fates[m].part(first, last) for m, (first, last) in parts.items()}
        log = Log(self.world, group.strikes, group.struck, self.places)
        log.write(Recoveries(self.world, group.strikes, group.struck, fates))
        return log

    def _goes_alike(self, g: int, parts: Mapping[int, tuple[int, int]]) -> bool:
        """Return whether the recoveries of a group go as they did in the former world; arguments as for `_log`."""
        former = self._former
        assert former is not None  # noqa: S101  only asked then
        world, was = self.world, former.world
        names = ("applications", "resources", "steps", "limits", "validation", "redirection")
        if any(getattr(world, name) is not getattr(was, name) for name in names):
            return False
        struck, before = self._groups[g].struck, former._groups[g].struck
        if any(not np.array_equal(over, before.takes_over[a]) for a, over in struck.takes_over.items()):
            return False
        for m, (first, last) in parts.items():
            if self._differs[m][first:last].any() or not self._fates[m].has_jobs_of(former._fates[m], first, last):
                return False
        return len(parts) == sum(g in those for those in former._going.values())

    def _differing(self, m: int) -> Bools:
        """Return in which drills of its groups a member fares otherwise than in the former world, (drills,)."""
        former = self._former
        assert former is not None  # noqa: S101  only asked then
        fate = self._fates[m]
        if former._going.get(m) != self._going[m]:
            return np.ones(len(fate.state), dtype=bool)
        return fate.differs(former._fates[m])


def _strikes_alike(world: World, former: World) -> bool:
    """Return whether disruptions strike two worlds alike: the same, in the same moments."""
    parts = ("sites", "vaults", "resources", "disruptions", "detect", "declare")
    numbers = ("seed", "horizon_s", "response_keys")
    if any(getattr(world, name) is not getattr(former, name) for name in parts):
        return False
    if any(getattr(world, name) != getattr(former, name) for name in numbers):
        return False
    zones = [[app.zone_key for app in w.applications] for w in (world, former)]
    places = [[m.place for m in w.members] for w in (world, former)]
    return zones[0] == zones[1] and places[0] == places[1]


def _going(world: World, groups: Sequence[_Group]) -> dict[int, tuple[int, ...]]:
    """Return the members that have to be recovered, in an order of recovery, and in which of the groups."""
    going: dict[int, list[int]] = {}
    for g, group in enumerate(groups):
        for a in group.struck.applications:
            for r in world.applications[a].resources:
                for m in group.struck.going(r):
                    going.setdefault(m, []).append(g)
    return {m: tuple(of) for m, of in going.items()}


def _decide(outcomes: Outcomes, groups: Sequence[_Group]) -> None:
    """Find out which applications their standbys take over though their own sites are usable."""
    asked = [(group, a) for group in groups for a in group.struck.undecided()]
    answers = outcomes.consult([(group.drills, group.struck.prefer_standby(a)) for group, a in asked])
    for (group, a), takes_over in zip(asked, answers, strict=True):
        group.struck.decide(a, takes_over)
