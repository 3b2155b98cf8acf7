"""The log that the vectorised clock writes: incidents as columns, drill by drill and subject by subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.exposure import dependents, name_of_unit
from drsim.engine.incidents import (
    BY,
    DEPENDENCY,
    DOWNTIME_PARTS,
    FIGURES,
    LOSS_PARTS,
    RECOVERED,
    REDUNDANCY,
    RIDE_OUT,
    STATES,
    UNAFFECTED,
    UNRECOVERABLE,
    added,
    lost_bytes,
)
from drsim.engine.strike import Strikes
from drsim.engine.vectorised.recovery import Parts, Recoveries, Struck, nth_smallest
from drsim.world.model import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
_Number = TypeVar("_Number", bound=np.generic)


def places_of(world: World) -> list[str]:
    """Return the names of all places that a log may hold, each once."""
    return list(dict.fromkeys(["", "elsewhere", *(s.name for s in world.sites), *(v.name for v in world.vaults)]))


class Log:
    """The log's columns of drills of one unit, each (drills, subjects): applications, each before what is struck of it.

    Attributes:
        run: (drills,) their numbers.
        subjects, levels, names: (subjects,) name, level (0 for an application) and what the log calls struck.
        state, by, at: (drills, subjects) codes.
        figures: by name, (drills, subjects).
    """

    def __init__(self, world: World, strikes: Strikes, struck: Struck, places: Sequence[str]) -> None:
        self._world, self._strikes, self._struck = world, strikes, struck
        self._place_code = {name: i for i, name in enumerate(places)}
        self.run = strikes.run
        self.subjects: list[str] = []
        self.levels: list[int] = []
        self.names: list[str] = []
        self._column: dict[tuple[str, int], int] = {}
        needed_by = dependents(world)
        self._dependents = sorted({b for a in struck.applications for b in needed_by[a]})
        for a, app in enumerate(world.applications):
            if a not in struck.is_struck and a not in self._dependents:
                continue
            self._add_column("application", a, app.name, name_of_unit(world, strikes.disruption, strikes.unit, a))
            for r in app.resources:
                if r in struck.members:
                    self._add_column("resource", r, world.resources[r].name, strikes.struck)
        shape = (len(self.run), len(self.subjects))
        self.state = np.full(shape, UNAFFECTED, dtype=np.int8)
        self.by = np.zeros(shape, dtype=np.int8)
        self.at = np.zeros(shape, dtype=np.int16)
        self.figures = {name: np.full(shape, np.nan) for name in FIGURES}
        self.figures["occurred_s"][:] = strikes.occurred_s[:, None]
        self.figures["contaminated_s"][:] = strikes.contaminated_s[:, None]

    def _add_column(self, level: str, index: int, subject: str, struck: str) -> None:
        self._column[level, index] = len(self.subjects)
        self.subjects.append(subject)
        self.levels.append(0 if level == "application" else 1)
        self.names.append(struck)

    def place(self, name: str) -> int:
        """Return the code of a place's name."""
        return self._place_code[name]

    def write(self, done: Recoveries) -> None:
        """Write the incidents."""
        paths = done.paths()
        ends_s = self._strikes.ends_s
        final: dict[int, tuple[Ints, Floats]] = {}
        for a in self._struck.applications:
            app = self._world.applications[a]
            rides = (done.usable_of[a] > ends_s) | (done.state[a] != RECOVERED)
            rides &= ends_s < np.inf
            home = self.place(self._world.sites[app.site].name)
            fared = {
                r: [_Fared(done, m, rides, home) for m in self._struck.going(r)]
                for r in app.resources
                if self._struck.going(r)
            }
            for r, members in fared.items():
                if r in self._struck.members:
                    self._write_resource(done, a, r, members, home)
            final[a] = self._write_application(done, a, fared, rides, home, paths[a])
        for a in self._dependents:
            taken = [b for b in self._world.applications[a].requires if b in final]
            self._write_dependent(done, a, {b: final[b] for b in taken})

    def _write_resource(self, done: Recoveries, a: int, r: int, members: list[_Fared], home: int) -> None:
        column = self._column["resource", r]
        occurred = self._strikes.occurred_s
        struck = [member for member in members if member.is_struck.any()]
        there = np.array([member.is_struck for member in struck])
        state = np.max([np.where(member.is_struck, member.state, UNAFFECTED) for member in struck], axis=0)
        poorest = _first_largest([np.where(member.is_struck, member.loss_s, -np.inf) for member in struck])
        deciding, usable = self._deciding(r, members)
        missed = self._struck.required[r] > 0
        full = np.max([np.where(member.is_going, member.full_s, -np.inf) for member in members], axis=0)
        lost = np.where(there, [member.lost_s for member in struck], np.nan)
        figures: Parts = {
            "captured_s": _pick([member.captured_s for member in struck], poorest),
            "data_loss_s": _pick([member.loss_s for member in struck], poorest),
            "data_loss_bytes": self._lost_bytes(r, members),
            "downtime_s": np.where(missed, usable - occurred, 0.0),
            "full_performance_s": np.where(missed, full - occurred, 0.0),
            "lost_after_s": _largest(lost) - occurred,
        }
        parts = _pick_parts([member.parts_of_downtime(done, a) for member in members], deciding)
        figures |= {part: np.where(missed, seconds, 0.0) for part, seconds in parts.items()}
        figures |= _pick_parts([member.parts_of_loss(done) for member in struck], poorest)
        by = np.where(missed, _pick([member.by for member in members], deciding), REDUNDANCY)
        at = np.where(missed, _pick([member.place for member in members], deciding), home)
        self._put(column, np.asarray(there.any(axis=0)), state, by, at, figures)

    def _lost_bytes(self, r: int, members: list[_Fared]) -> Floats:
        """Return the data that the struck members of a resource have lost together, (n,) [bytes]."""
        losses = np.array([np.where(member.is_struck, member.loss_s, 0.0) for member in members])
        return lost_bytes(self._world.resources[r], losses, self._strikes.occurred_s)

    def _deciding(self, r: int, members: list[_Fared]) -> tuple[Ints, Floats]:
        """Return with which member a resource became usable, the first of equals, and when, (n,) each."""
        usable = np.array([np.where(m.is_going & (m.state == RECOVERED), m.usable_s, np.inf) for m in members])
        moment = nth_smallest(usable, self._struck.required[r])
        found: Ints = (usable == moment).argmax(axis=0)
        return found, moment

    def _write_application(
        self, done: Recoveries, a: int, fared: dict[int, list[_Fared]], rides: Bools, home: int, path: Parts
    ) -> tuple[Ints, Floats]:
        """Write an application; return its state in the end, and when those that require it are there again."""
        app, occurred, ends_s = self._world.applications[a], self._strikes.occurred_s, self._strikes.ends_s
        column, down = self._column["application", a], self._struck.is_down[a]
        members = [m for own in fared.values() for m in own if m.is_struck.any()]
        there = np.array([m.is_struck for m in members])
        worst = np.max([np.where(m.is_struck, m.state, RECOVERED) for m in members], axis=0)
        state = np.where(rides, RECOVERED, np.maximum(done.state[a], worst))
        poorest = _first_largest([np.where(m.is_struck, m.loss_s, -np.inf) for m in members])
        captured = np.where(there, [m.captured_s for m in members], np.nan)
        with_data = ~np.isnan(captured)
        oldest = np.where(with_data, captured, np.inf).min(axis=0)
        newest = np.where(with_data, captured, -np.inf).max(axis=0)
        some = with_data.any(axis=0)
        usable = np.where(rides, ends_s, done.usable_of[a])
        with np.errstate(invalid="ignore"):
            skew = newest - oldest
        lost = done.lost_s(a)
        rebuild = done.rebuild_s(a)
        figures: Parts = {
            "captured_s": np.where(some, oldest, np.nan),
            "data_loss_s": _pick([m.loss_s for m in members], poorest),
            "data_loss_bytes": added(self._lost_bytes(r, own) for r, own in fared.items()),
            "downtime_s": usable - occurred,
            "full_performance_s": self._full_s(fared, usable) - occurred,
            "skew_s": np.where(some, skew, np.nan),
            "lost_after_s": lost - occurred,
            "rebuild_s": rebuild,
        }
        figures |= {part: np.where(rides | ~down, 0.0, seconds) for part, seconds in path.items()}
        figures["outage_s"] = np.where(rides & down, ends_s - occurred, 0.0)
        waits = figures.get("dependency_s", np.zeros(len(usable)))
        figures["dependency_s"] = np.where(down, waits, usable - occurred)
        figures |= _pick_parts([m.parts_of_loss(done) for m in members], poorest)
        by, at = self._came_back(fared)
        alone = np.where(rides | (usable > occurred), DEPENDENCY, REDUNDANCY)
        by, at = np.where(down, by, alone), np.where(down, at, home)
        self._put(column, self._struck.is_struck[a], state, by, at, figures)
        free = np.where(state == RECOVERED, usable, lost + rebuild if app.rebuild_is_given else np.inf)
        return np.where(self._struck.is_struck[a], state, UNAFFECTED), free

    def _full_s(self, fared: dict[int, list[_Fared]], usable_s: Floats) -> Floats:
        """Return when an application has its full performance, (n,) [s since start]."""
        full = usable_s
        for r, members in fared.items():
            missed = self._struck.required[r] > 0
            for member in members:
                full = np.maximum(full, np.where(missed & member.is_going, member.full_s, -np.inf))
        return full

    def _came_back(self, fared: dict[int, list[_Fared]]) -> tuple[Ints, Ints]:
        """Return how and where what was usable last came back, (n,) each."""
        found: tuple[Ints, Ints, Floats] | None = None
        for r, members in fared.items():
            if r not in self._struck.members:
                continue
            deciding, moment = self._deciding(r, members)
            struck = np.any([member.is_struck for member in members], axis=0)
            moment = np.where(struck & (self._struck.required[r] > 0), moment, -np.inf)
            by, at = (_pick([getattr(m, what) for m in members], deciding) for what in ("by", "place"))
            if found is None:
                found = by, at, moment
            else:
                later = moment > found[2]
                found = np.where(later, by, found[0]), np.where(later, at, found[1]), np.maximum(moment, found[2])
        assert found is not None  # noqa: S101  something of it is struck
        return found[0], found[1]

    def _write_dependent(self, done: Recoveries, a: int, taken: Mapping[int, tuple[Ints, Floats]]) -> None:
        """Write an application that is down in drills in which others are that it requires."""
        app, occurred = self._world.applications[a], self._strikes.occurred_s
        some: Bools = np.any([state != UNAFFECTED for state, _ in taken.values()], axis=0)
        if a in self._struck.is_struck:
            some &= ~self._struck.is_struck[a]
        if not some.any():
            return
        free = np.full(len(occurred), -np.inf)
        lost = np.full(len(occurred), -np.inf)
        for b, (state, free_of) in taken.items():
            here = state != UNAFFECTED
            free = np.where(here, np.maximum(free, free_of), free)
            lost = np.where(here & (state != RECOVERED), np.maximum(lost, done.lost_s(b)), lost)
        gone = np.isinf(free)
        down = free - occurred
        figures: Parts = {
            **dict.fromkeys(("data_loss_s", "data_loss_bytes"), np.zeros(len(occurred))),
            **dict.fromkeys(("downtime_s", "full_performance_s", "dependency_s"), down),
            "lost_after_s": lost - occurred,
            "rebuild_s": done.rebuild_s(a),
        }
        state = np.where(gone, UNRECOVERABLE, RECOVERED)
        by = np.where(down > 0, DEPENDENCY, REDUNDANCY)
        home = np.full(len(occurred), self.place(self._world.sites[app.site].name))
        self._put(self._column["application", a], some, state, by, home, figures)

    def _put(self, column: int, some: Bools, state: Ints, by: Ints, at: Ints, figures: Mapping[str, Floats]) -> None:
        """Write one subject's cells in some drills; what is not recovered has no figures but when it was lost."""
        recovered = state[some] == RECOVERED
        self.state[some, column] = state[some]
        self.by[some, column] = np.where(recovered, by[some], 0)
        self.at[some, column] = np.where(recovered, at[some], 0)
        for name, values in figures.items():
            wanted = recovered if name not in _OF_LOST else ~recovered
            self.figures[name][some, column] = np.where(wanted, values[some], np.nan)
        for name in (*DOWNTIME_PARTS, *LOSS_PARTS):
            if name not in figures:
                self.figures[name][some, column] = np.where(recovered, 0.0, np.nan)


_OF_LOST = ("lost_after_s", "rebuild_s")


def frame_of(logs: Sequence[Log], places: Sequence[str]) -> pd.DataFrame:
    """Return the logs of a disruption's units as a table of affected subjects, by drill, then unit, then subject.

    Args:
        logs: unit by unit, in order.
        places: names of the places.
    """
    subjects = list(dict.fromkeys(name for log in logs for name in log.subjects))
    struck = list(dict.fromkeys(name for log in logs for name in log.names)) or [""]
    subject_code, struck_code = ({name: i for i, name in enumerate(names)} for names in (subjects, struck))
    cells = [np.nonzero(log.state != UNAFFECTED) for log in logs]
    drill = np.concatenate([log.run[row] for log, (row, _) in zip(logs, cells, strict=True)] or [np.zeros(0, np.int64)])
    order = np.argsort(drill, kind="stable")

    def gathered(values: Sequence[NDArray[_Number]]) -> NDArray[_Number]:
        return np.concatenate(values)[order] if values else np.zeros(0)  # type: ignore[return-value]

    def by_subject(codes: Sequence[Sequence[int]]) -> NDArray[Any]:
        return gathered([np.array(c, dtype=np.int32)[column] for c, (_, column) in zip(codes, cells, strict=True)])

    def by_cell(name: str) -> NDArray[Any]:
        return gathered([getattr(log, name)[cell] for log, cell in zip(logs, cells, strict=True)])

    columns: dict[str, object] = {"drill": drill[order]}
    texts: tuple[tuple[str, NDArray[Any], Sequence[str]], ...] = (
        ("level", by_subject([log.levels for log in logs]), ["application", "resource"]),
        ("subject", by_subject([[subject_code[s] for s in log.subjects] for log in logs]), subjects),
        ("state", by_cell("state"), list(STATES)),
        ("recovered_by", by_cell("by"), list(BY)),
        ("place", by_cell("at"), places),
        ("struck", by_subject([[struck_code[s] for s in log.names] for log in logs]), struck),
    )
    for name, codes, words in texts:
        columns[name] = pd.Categorical.from_codes(codes.astype(np.int32), list(words))  # type: ignore[call-overload]
    for name in FIGURES:
        columns[name] = gathered([log.figures[name][cell] for log, cell in zip(logs, cells, strict=True)])
    return pd.DataFrame(columns, copy=False)


class _Fared:
    """How one member fared in the end, those who rode the outage out included; all arrays (n,)."""

    def __init__(self, done: Recoveries, m: int, rides: Bools, home: int) -> None:
        self.m, fate, strikes = m, done.fates[m], done.strikes
        resource = done.world.resources[done.world.members[m].resource]
        self._fate = fate
        self.is_struck = strikes.affected[:, m]
        self.is_going = done.struck.is_going(m)
        usable = done.usable_s[m]
        spare = done.struck.spare(done.world.members[m].resource)
        if spare is not None:
            usable = np.where(spare, strikes.occurred_s, usable)
        # what failed over by itself in time stays so, and so does what came back before the application did
        in_time = (fate.state == RECOVERED) & (usable <= strikes.ends_s)
        self._rides = np.where(rides, ~(fate.automatic & in_time), ~in_time) & (strikes.ends_s < np.inf)
        rides = self._rides
        self.state = np.where(rides, RECOVERED, fate.state)
        self.by = np.where(rides, RIDE_OUT, fate.by)
        self.place = np.where(rides, home, fate.place)
        untouched = np.nan if resource.stateless else strikes.occurred_s
        self.captured_s = np.where(rides, untouched, fate.captured_s)
        self.usable_s = np.where(rides, strikes.ends_s, usable)
        full = usable + fate.full_after_s
        if fate.held_up.any():
            full = np.where(fate.held_up, full + np.maximum(0.0, strikes.ends_s - usable), full)
        self.full_s = np.where(rides, strikes.ends_s, full)
        self.loss_s = np.where(np.isnan(self.captured_s), 0.0, strikes.occurred_s - self.captured_s)
        self.lost_s = np.where(done.is_lost(m), done.lost_of(m), np.nan)

    def parts_of_downtime(self, done: Recoveries, a: int) -> Parts:
        """Return the parts of the member's downtime [s]."""
        fate, rides = self._fate, self._rides
        parts = {part: np.where(rides, 0.0, seconds) for part, seconds in fate.parts.items()}
        people = ~(rides | fate.automatic)
        for part, seconds in done.before(a, done.begun_s[self.m]).items():
            parts[part] = np.where(people, seconds, 0.0)
        parts["outage_s"] = np.where(rides, done.strikes.ends_s - done.strikes.occurred_s, 0.0)
        return parts

    def parts_of_loss(self, done: Recoveries) -> Parts:
        """Return the parts of the member's data loss [s]."""
        fate, occurred, contaminated = self._fate, done.strikes.occurred_s, done.strikes.contaminated_s
        some = fate.has_option & ~self._rides & ~np.isnan(self.captured_s)
        pointed = some & ~np.isnan(fate.due_s)
        direct = some & ~pointed
        captured = self.captured_s
        behind = np.minimum(contaminated, occurred) - captured
        newest = np.maximum(fate.due_s, captured)
        dwell = np.where(pointed, occurred - contaminated, np.where(direct, occurred - captured - behind, 0.0))
        return {
            "loss_dwell_s": dwell,
            "loss_interval_s": np.where(pointed, contaminated - newest, 0.0),
            "loss_unready_s": np.where(pointed, newest - captured, 0.0),
            "loss_lag_s": np.where(direct, behind, 0.0),
        }


def _largest(values: Floats) -> Floats:
    """Return the largest of several values in each drill, (several, n), those that are none left aside."""
    found: Floats = np.where(np.isnan(values), -np.inf, values).max(axis=0)
    return np.where(np.isneginf(found), np.nan, found)


def _first_largest(values: list[Floats]) -> Ints:
    """Return in each drill which of several is largest, the first of equals."""
    stacked = np.array(values)
    found: Ints = np.where(np.isnan(stacked), -np.inf, stacked).argmax(axis=0)
    return found


def _pick(values: Sequence[NDArray[_Number]], which: Ints) -> NDArray[_Number]:
    """Return in each drill the value of the one named."""
    return values[0] if len(values) == 1 else np.array(values)[which, np.arange(len(which))]


def _pick_parts(parts: list[Parts], which: Ints) -> Parts:
    """Return in each drill the parts of the one named."""
    if len(parts) == 1:
        return dict(parts[0])
    zeros = np.zeros(len(which))
    names = dict.fromkeys(name for each in parts for name in each)
    return {name: _pick([each.get(name, zeros) for each in parts], which) for name in names}
