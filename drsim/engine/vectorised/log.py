"""The log that the vectorised clock writes: incidents as columns, drill by drill and subject by subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.log import DOWNTIME_PARTS, FIGURES, LOSS_PARTS, STATES
from drsim.engine.strike import Strikes
from drsim.engine.vectorised.courses import Parts, Recoveries
from drsim.engine.vectorised.fates import BY, RECOVERED, RIDE_OUT, UNAFFECTED
from drsim.engine.world import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
_Number = TypeVar("_Number", bound=np.generic)


class Log:
    """The log's columns, each (drills, subjects): every application, then its resources."""

    def __init__(self, world: World, strikes: Strikes) -> None:
        self._world = world
        self.strikes = strikes
        self.run = strikes.run
        self._subjects: list[str] = []
        self._levels: list[int] = []
        self._column: dict[tuple[str, int], int] = {}
        for a, app in enumerate(world.applications):
            self._column["application", a] = len(self._subjects)
            self._subjects.append(app.name)
            self._levels.append(0)
            for r in app.resources:
                self._column["resource", r] = len(self._subjects)
                self._subjects.append(world.resources[r].name)
                self._levels.append(1)
        names = ["", "elsewhere", *(s.name for s in world.sites), *(v.name for v in world.vaults)]
        self._places = list(dict.fromkeys(names))
        self._place_code = {name: i for i, name in enumerate(self._places)}
        shape = (len(self.run), len(self._subjects))
        self.state = np.full(shape, UNAFFECTED, dtype=np.int8)
        self.by = np.zeros(shape, dtype=np.int8)
        self.at = np.zeros(shape, dtype=np.int16)
        self.figures = {name: np.full(shape, np.nan) for name in FIGURES}
        self.figures["occurred_s"][:] = strikes.occurred_s[:, None]
        self.figures["contaminated_s"][:] = strikes.contaminated_s[:, None]

    def place(self, name: str) -> int:
        """Return the code of a place's name."""
        return self._place_code[name]

    def write(self, lanes: Ints, done: Recoveries) -> None:
        """Write the incidents of some drills."""
        paths = done.paths()
        for a, app in enumerate(self._world.applications):
            if a not in done.courses:
                continue
            rides = (done.usable_of[a] > done.strikes.ends_s) | (done.state[a] != RECOVERED)
            rides &= done.strikes.ends_s < np.inf
            home = self.place(self._world.sites[app.site].name)
            struck = [_Fared(done, m, rides, home) for r in app.resources for m in done.struck.members.get(r, ())]
            by_resource: dict[int, list[_Fared]] = {}
            for member in struck:
                by_resource.setdefault(done.world.members[member.m].resource, []).append(member)
            for r, members in by_resource.items():
                self._write_resource(lanes, done, a, r, members)
            self._write_application(lanes, done, a, struck, rides, paths[a])

    def _write_resource(self, lanes: Ints, done: Recoveries, a: int, r: int, members: list[_Fared]) -> None:
        column = self._column["resource", r]
        state = np.max([m.state for m in members], axis=0)
        occurred = done.strikes.occurred_s
        slowest = _first_largest([m.usable_s for m in members])
        poorest = _first_largest([m.loss_s for m in members])
        figures: Parts = {
            "captured_s": _pick([m.captured_s for m in members], poorest),
            "data_loss_s": _pick([m.loss_s for m in members], poorest),
            "downtime_s": _pick([m.usable_s for m in members], slowest) - occurred,
            "full_performance_s": np.max([m.full_s for m in members], axis=0) - occurred,
        }
        figures |= _pick_parts([m.parts_of_downtime(done, a) for m in members], slowest)
        figures |= _pick_parts([m.parts_of_loss(done) for m in members], poorest)
        by = _pick([m.by for m in members], slowest)
        at = _pick([m.place for m in members], slowest)
        self._put(lanes, column, state, by, at, figures)

    def _write_application(
        self, lanes: Ints, done: Recoveries, a: int, members: list[_Fared], rides: Bools, path: Parts
    ) -> None:
        column = self._column["application", a]
        state = np.where(rides, RECOVERED, done.state[a])
        strikes = done.strikes
        slowest = _first_largest([m.usable_s for m in members])
        poorest = _first_largest([m.loss_s for m in members])
        captured = np.array([m.captured_s for m in members])
        with_data = ~np.isnan(captured)
        oldest = np.where(with_data, captured, np.inf).min(axis=0)
        newest = np.where(with_data, captured, -np.inf).max(axis=0)
        some = with_data.any(axis=0)
        usable = np.where(rides, strikes.ends_s, done.usable_of[a])
        full = np.max([usable, *(m.full_s for m in members)], axis=0)
        with np.errstate(invalid="ignore"):
            skew = newest - oldest
        figures: Parts = {
            "captured_s": np.where(some, oldest, np.nan),
            "data_loss_s": _pick([m.loss_s for m in members], poorest),
            "downtime_s": usable - strikes.occurred_s,
            "full_performance_s": np.where(rides, strikes.ends_s, full) - strikes.occurred_s,
            "skew_s": np.where(some, skew, np.nan),
        }
        figures |= {part: np.where(rides, 0.0, seconds) for part, seconds in path.items()}
        figures["outage_s"] = np.where(rides, strikes.ends_s - strikes.occurred_s, 0.0)
        figures |= _pick_parts([m.parts_of_loss(done) for m in members], poorest)
        by = _pick([m.by for m in members], slowest)
        at = _pick([m.place for m in members], slowest)
        self._put(lanes, column, state, by, at, figures)

    def _put(self, lanes: Ints, column: int, state: Ints, by: Ints, at: Ints, figures: Mapping[str, Floats]) -> None:
        """Write one subject's cells; what is not recovered has no figures."""
        recovered = state == RECOVERED
        self.state[lanes, column] = state
        self.by[lanes, column] = np.where(recovered, by, 0)
        self.at[lanes, column] = np.where(recovered, at, 0)
        for name, values in figures.items():
            self.figures[name][lanes, column] = np.where(recovered, values, np.nan)
        for name in (*DOWNTIME_PARTS, *LOSS_PARTS):
            if name not in figures:
                self.figures[name][lanes, column] = np.where(recovered, 0.0, np.nan)

    @classmethod
    def joined(cls, logs: list[Log]) -> Log:
        """Return the logs of consecutive drills as one."""
        if len(logs) == 1:
            return logs[0]
        whole = logs[0]
        whole.run = np.concatenate([log.run for log in logs])
        for name in ("state", "by", "at"):
            setattr(whole, name, np.concatenate([getattr(log, name) for log in logs]))
        for name in whole.figures:
            whole.figures[name] = np.concatenate([log.figures[name] for log in logs])
        return whole

    def frame(self) -> pd.DataFrame:
        """Return the log as a table, rows ordered by drill, then subject."""
        n, subjects = self.state.shape
        columns: dict[str, object] = {"drill": np.repeat(self.run, subjects)}
        texts: tuple[tuple[str, NDArray[np.signedinteger[Any]], Sequence[str]], ...] = (
            ("level", np.tile(np.array(self._levels, dtype=np.int8), n), ["application", "resource"]),
            ("subject", np.tile(np.arange(subjects, dtype=np.int32), n), self._subjects),
            ("state", self.state.ravel(), list(STATES)),
            ("recovered_by", self.by.ravel(), list(BY)),
            ("place", self.at.ravel(), self._places),
        )
        for name, codes, words in texts:
            columns[name] = pd.Categorical.from_codes(codes, list(words))  # type: ignore[call-overload]
        columns |= {name: values.ravel() for name, values in self.figures.items()}
        return pd.DataFrame(columns, copy=False)


class _Fared:
    """How one member fared in the end, those who rode the outage out included; all arrays (n,)."""

    def __init__(self, done: Recoveries, m: int, rides: Bools, home: int) -> None:
        self.m, fate, strikes = m, done.fates[m], done.strikes
        resource = done.world.resources[done.world.members[m].resource]
        self._fate = fate
        usable = done.usable_s[m]
        # what failed over by itself in time stays so
        self._rides = rides & ~(fate.automatic & (usable <= strikes.ends_s))
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
