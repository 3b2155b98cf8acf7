"""The log of a disruption's drills as both clocks write it: columns of codes and figures, and the table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.exposure import dependents, name_of_unit
from drsim.engine.incidents import BY, DOWNTIME_PARTS, FIGURES, LOSS_PARTS, RECOVERED, STATES, UNAFFECTED
from drsim.engine.strike import Strikes
from drsim.world.model import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
_Number = TypeVar("_Number", bound=np.generic)

LEVELS = ("application", "resource")
_OF_LOST = ("lost_after_s", "rebuild_s")
"""Figures of what is not recovered, which has no others."""


def places_of(world: World) -> list[str]:
    """Return the names of all places that a log may hold, each once."""
    return list(dict.fromkeys(["", "elsewhere", *(s.name for s in world.sites), *(v.name for v in world.vaults)]))


class Log:
    """The log's columns of drills of one unit, each (drills, subjects): applications, each before what is struck of it.

    Args:
        world: the strategy's world.
        strikes: the disruption of the unit in these drills.
        places: names of the places.

    Attributes:
        run: (drills,) their numbers.
        dependents: applications that require one of which something is struck, ascending.
        subjects, levels, units: (subjects,) name, place of the level in `LEVELS`, and what the log calls struck.
        state, by, place: (drills, subjects) codes.
        figures: by name, (drills, subjects).
    """

    def __init__(self, world: World, strikes: Strikes, places: Sequence[str]) -> None:
        self._world = world
        self._place_code = {name: i for i, name in enumerate(places)}
        self.run = strikes.run
        self.subjects: list[str] = []
        self.levels: list[int] = []
        self.units: list[str] = []
        self._column: dict[tuple[str, int], int] = {}
        struck = {world.members[m].resource for m in np.flatnonzero(strikes.affected.any(axis=0)).tolist()}
        applications = {world.resources[r].app for r in struck}
        needed_by = dependents(world)
        self.dependents = sorted({b for a in applications for b in needed_by[a]})
        for a, app in enumerate(world.applications):
            if a not in applications and a not in self.dependents:
                continue
            unit = name_of_unit(world, strikes.disruption, strikes.unit, a)
            self._add_column("application", a, app.name, unit)
            for r in app.resources:
                if r in struck:
                    self._add_column("resource", r, world.resources[r].name, strikes.struck)
        shape = (len(self.run), len(self.subjects))
        self.state = np.full(shape, UNAFFECTED, dtype=np.int8)
        self.by = np.zeros(shape, dtype=np.int8)
        self.place = np.zeros(shape, dtype=np.int16)
        self.figures = {name: np.full(shape, np.nan) for name in FIGURES}
        self.figures["occurred_s"][:] = strikes.occurred_s[:, None]
        self.figures["contaminated_s"][:] = strikes.contaminated_s[:, None]

    def _add_column(self, level: str, index: int, subject: str, unit: str) -> None:
        self._column[level, index] = len(self.subjects)
        self.subjects.append(subject)
        self.levels.append(LEVELS.index(level))
        self.units.append(unit)

    def code(self, place: str) -> int:
        """Return the code of a place's name."""
        return self._place_code[place]

    def home(self, a: int) -> int:
        """Return the code of the place where an application runs."""
        return self.code(self._world.sites[self._world.applications[a].site].name)

    def write(
        self,
        subject: tuple[str, int],
        is_affected: Bools,
        state: Ints,
        by: Ints,
        place: Ints,
        figures: Mapping[str, Floats],
    ) -> None:
        """Write a subject's cells; what is not recovered has no figures but when it was lost.

        Args:
            subject: level, and index of the application or resource.
            is_affected: in which drills, (n,).
            state: place in `STATES`, (n,).
            by: place in `BY`, (n,).
            place: code of a place, (n,).
            figures: by name, (n,) each [s or bytes]; parts that are left out are 0.
        """
        column, rows = self._column[subject], is_affected
        is_recovered = state[rows] == RECOVERED
        self.state[rows, column] = state[rows]
        self.by[rows, column] = np.where(is_recovered, by[rows], 0)
        self.place[rows, column] = np.where(is_recovered, place[rows], 0)
        for name, values in figures.items():
            has_it = ~is_recovered if name in _OF_LOST else is_recovered
            self.figures[name][rows, column] = np.where(has_it, values[rows], np.nan)
        for name in (*DOWNTIME_PARTS, *LOSS_PARTS):
            if name not in figures:
                self.figures[name][rows, column] = np.where(is_recovered, 0.0, np.nan)


def frame_of(logs: Sequence[Log], places: Sequence[str]) -> pd.DataFrame:
    """Return logs of a disruption as a table of affected subjects, by drill, then unit, then subject.

    Args:
        logs: unit by unit, in order; several of a unit where they are of different drills.
        places: names of the places.
    """
    subjects = list(dict.fromkeys(name for log in logs for name in log.subjects))
    units = list(dict.fromkeys(name for log in logs for name in log.units)) or [""]
    subject_code, unit_code = ({name: i for i, name in enumerate(names)} for names in (subjects, units))
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
        ("level", by_subject([log.levels for log in logs]), LEVELS),
        ("subject", by_subject([[subject_code[s] for s in log.subjects] for log in logs]), subjects),
        ("state", by_cell("state"), STATES),
        ("recovered_by", by_cell("by"), BY),
        ("place", by_cell("place"), places),
        ("struck", by_subject([[unit_code[s] for s in log.units] for log in logs]), units),
    )
    for name, codes, words in texts:
        columns[name] = pd.Categorical.from_codes(codes.astype(np.int32), list(words))  # type: ignore[call-overload]
    for name in FIGURES:
        columns[name] = gathered([log.figures[name][cell] for log, cell in zip(logs, cells, strict=True)])
    return pd.DataFrame(columns, copy=False)
