"""The incidents of a strategy under a disruption by subject, as arrays: what every share and percentile rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine import Log
from drsim.engine.exposure import Exposure
from drsim.engine.incidents import AFFECTED_STATES, STATES
from drsim.scenario import ObjectiveSet
from drsim.study.dealing import Rows, codes, dealt, grouped
from drsim.study.measures import MEASURES, Measure

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

SKEW = "skew_s"
FIGURES = (*(m.column for m in MEASURES), SKEW)
"""The columns of incidents that are measured."""
LOSSES = ("lost_after_s", "rebuild_s")
"""Those that money needs besides."""


@dataclass(frozen=True)
class Incidents:
    """The drills that reached a subject.

    Attributes:
        state: (n,) places in `AFFECTED_STATES`.
        figures: (n,) by column of the log [s or bytes].
    """

    state: Places
    figures: Mapping[str, Floats]

    def hits(self, wanted: ObjectiveSet, measures: Sequence[Measure] = MEASURES) -> int | None:
        """Return how many drills meet the objectives of some measures, all at once; None where there is none.

        Args:
            wanted: the objectives in force.
            measures: those to judge by.
        """
        met = self.met(wanted, measures)
        return None if met is None else int(np.count_nonzero(met))

    def met(self, wanted: ObjectiveSet, measures: Sequence[Measure] = MEASURES) -> NDArray[np.bool_] | None:
        """Return in which drills the objectives of some measures are met, all at once, (n,); None where there is none.

        Args:
            wanted: the objectives in force.
            measures: those to judge by.
        """
        limits = [(getattr(wanted, measure.limit), self.figures[measure.column]) for measure in measures]
        # a recovered subject without a loss figure has no data to lose
        met = [~(column > limit) for limit, column in limits if limit is not None]
        return np.asarray(np.logical_and.reduce([self.state == 0, *met])) if met else None


class Affected:
    """The incidents of one strategy under one disruption, by subject and by what was struck.

    Args:
        rows: which subject in which drill each incident is of; n rows.
        state: (n,) places in `AFFECTED_STATES`.
        figures: (n,) by column of the log [s or bytes].
        exposure: to the disruption.

    Attributes:
        exposure: as given.
    """

    def __init__(self, rows: Rows, state: Places, figures: Mapping[str, Floats], exposure: Exposure) -> None:
        self.exposure = exposure
        self._rows, self._state, self._figures = rows, state, figures
        self._dealt = grouped(rows.subject, np.flatnonzero(dealt(rows, exposure)))
        self._pairs = grouped(rows.subject * len(rows.units) + rows.unit, np.arange(len(rows)))
        self._number = {name: k for k, name in enumerate(rows.subjects)}
        self._unit_number = {name: k for k, name in enumerate(rows.units)}

    @classmethod
    def of(cls, incidents: pd.DataFrame, exposure: Exposure) -> Affected:
        """Return the incidents of a table; what it has no column of is not measured."""
        words, state = codes(incidents["state"])
        # the log's words may hold one that does not occur
        place = {word: k for k, word in enumerate(AFFECTED_STATES)}
        places = np.array([place.get(word, -1) for word in words], dtype=np.intp)[state]
        names = [name for name in (*FIGURES, *LOSSES) if name in incidents]
        figures = {name: incidents[name].to_numpy(dtype=np.float64) for name in names}
        return cls(Rows.of(incidents), places, figures, exposure)

    @classmethod
    def of_logs(cls, logs: Sequence[Log], exposure: Exposure) -> Affected:
        """Return the incidents of the logs of a disruption's units, drills together; no table is made of them."""
        subjects = list(dict.fromkeys(name for log in logs for name in log.subjects))
        units = list(dict.fromkeys(name for log in logs for name in log.units))
        subject_number, unit_number = ({name: k for k, name in enumerate(names)} for names in (subjects, units))
        cells = [np.nonzero(log.state != STATES.index("unaffected")) for log in logs]

        def numbers(names: Sequence[Sequence[str]], number: Mapping[str, int]) -> Places:
            columns = [np.array([number[name] for name in of], dtype=np.intp) for of in names]
            return _joined([of[column] for of, (_, column) in zip(columns, cells, strict=True)], np.intp)

        rows = Rows(
            subjects,
            numbers([log.subjects for log in logs], subject_number),
            units,
            numbers([log.units for log in logs], unit_number),
            _joined([log.run[row] for log, (row, _) in zip(logs, cells, strict=True)], np.int64),
        )
        first = STATES.index(AFFECTED_STATES[0])
        state = _joined([log.state[cell] for log, cell in zip(logs, cells, strict=True)], np.intp) - first
        figures = {
            name: _joined([log.figures[name][cell] for log, cell in zip(logs, cells, strict=True)], np.float64)
            for name in (*FIGURES, *LOSSES)
        }
        return cls(rows, state, figures, exposure)

    def of_subject(self, subject: str) -> Incidents:
        """Return the drills that count for a subject of the summary."""
        return self._at(self._dealt.get(self._number.get(subject, -1)))

    def missing(self, subject: str, wanted: ObjectiveSet) -> NDArray[np.int64]:
        """Return the numbers of the drills that count for a subject and miss its objectives, ascending.

        Args:
            subject: of the summary.
            wanted: the objectives in force, at least one.
        """
        places = self._dealt.get(self._number.get(subject, -1), np.zeros(0, dtype=np.intp))
        met = self._at(places).met(wanted)
        return np.sort(self._rows.drill[places[~met]] if met is not None else places[:0])

    def by_drill(self, subject: str, column: str, drills: int) -> Floats:
        """Return a measure of a subject drill for drill, (drills,): infinite without recovery, NaN where not reached.

        What had nothing to lose lost nothing, but where that is all there is, there is no figure.

        Args:
            subject: of the summary.
            column: of the measure.
            drills: of each unit.
        """
        places = self._dealt.get(self._number.get(subject, -1), np.zeros(0, dtype=np.intp))
        is_recovered, figures = self._state[places] == 0, self._figures[column][places]
        by_drill = np.full(drills, np.nan)
        if is_recovered.any() and not np.isnan(figures[is_recovered]).all():
            by_drill[self._rows.drill[places]] = np.where(is_recovered, np.nan_to_num(figures, nan=0.0), np.inf)
        return by_drill

    def pairs(self) -> list[tuple[str, str]]:
        """Return the subjects that any drill reached, each with what was struck."""
        subjects, units = self._rows.subjects, self._rows.units
        return [(subjects[key // len(units)], units[key % len(units)]) for key in self._pairs]

    def of_unit(self, subject: str, struck: str) -> Incidents:
        """Return all drills in which something was struck, dealt to the subject or not."""
        if subject not in self._number or struck not in self._unit_number:
            return self._at(None)
        return self._at(self._pairs.get(self._number[subject] * len(self._rows.units) + self._unit_number[struck]))

    def _at(self, places: Places | None) -> Incidents:
        at = np.zeros(0, dtype=np.intp) if places is None else places
        return Incidents(self._state[at], {name: column[at] for name, column in self._figures.items()})


def _joined(arrays: Sequence[NDArray[Any]], dtype: type) -> NDArray[Any]:
    return np.concatenate(arrays).astype(dtype, copy=False) if arrays else np.zeros(0, dtype=dtype)
