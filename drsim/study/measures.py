"""The measures: what of an incident is summed up, judged by an objective, shown, and chosen by name.

Each is a row of `MEASURES`, declared here and nowhere else. What holds for all of them is a loop over the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from drsim.units import format_duration, format_durations, format_size, format_within

Unit = Literal["s", "bytes"]


@dataclass(frozen=True)
class Measure:
    """A measure of an incident; less is better.

    Attributes:
        name: by which it is chosen, and what it is called above a column: `loss`.
        unit: in which it is counted.
        column: of the log of incidents; those of the summary begin with it.
        objective: key of the scenario's objectives that judges it; several measures may share one.
        words: what it is, in a sentence.
        more, less: how a greater and a smaller one are called.
        is_always_shown: whether tables and pages have it even where no objective asks for it.
    """

    name: str
    unit: Unit
    column: str
    objective: str
    words: str
    more: str = "more"
    less: str = "less"
    is_always_shown: bool = False

    @property
    def title(self) -> str:
        """What it is called above a column of a table: `full performance`."""
        return self.name.replace("-", " ")

    @property
    def limit(self) -> str:
        """What its objective is called in the summary, and as an attribute of objectives: `rpo_s`, `rpo_bytes`."""
        return f"{self.objective}_{self.unit}"

    def text(self, value: float) -> str:
        """Return a value in the unit that reads best: `2.5 h`, `10 GB`."""
        return format_size(value) if self.unit == "bytes" else format_duration(value)

    def texts(self, values: Iterable[float]) -> tuple[str, ...]:
        """Return values that stand beside each other, times in units that compare."""
        listed = list(values)
        return tuple(map(format_size, listed)) if self.unit == "bytes" else format_durations(listed)

    def within(self, value: float, *ends: float | None) -> tuple[str, ...]:
        """Return a value and the ends of its interval, times in one unit; an end that is None is a dash."""
        if self.unit == "s":
            return format_within(value, *ends)
        return (format_size(value), *("–" if end is None else format_size(end) for end in ends))


LOSS = Measure("loss", "s", "data_loss_s", "rpo", "data loss", is_always_shown=True)
DOWNTIME = Measure("downtime", "s", "downtime_s", "rto", "downtime", "longer", "shorter", is_always_shown=True)
LOSS_BYTES = Measure("loss-bytes", "bytes", "data_loss_bytes", "rpo", "data loss in bytes")
FULL_PERFORMANCE = Measure(
    "full-performance", "s", "full_performance_s", "rto_full", "time to full performance", "longer", "shorter"
)

MEASURES = (LOSS, DOWNTIME, LOSS_BYTES, FULL_PERFORMANCE)
"""All measures, in the order in which they are shown."""

OBJECTIVES = {"rpo": "RPO", "rto": "RTO", "rto_full": "RTO (full)"}
"""What is judged apart, with its name: keys of the scenario's objectives."""


def measure_of(column: str) -> Measure:
    """Return the measure that has a column of the log.

    Raises:
        KeyError: none has.
    """
    return _BY_COLUMN[column]


def ranked_by() -> tuple[Measure, ...]:
    """Return the measures that drills can be ranked by, the usual one first."""
    return DOWNTIME, *(measure for measure in MEASURES if measure is not DOWNTIME)


def measure_named(name: str) -> Measure:
    """Return the measure of a name.

    Raises:
        KeyError: none has it.
    """
    return _BY_NAME[name]


_BY_COLUMN = {measure.column: measure for measure in MEASURES}
_BY_NAME = {measure.name: measure for measure in MEASURES}


def judged_by(objective: str) -> tuple[Measure, ...]:
    """Return the measures that an objective judges, all at once.

    Args:
        objective: a key of `OBJECTIVES`.
    """
    return tuple(measure for measure in MEASURES if measure.objective == objective)


def asked(rows: Iterable[Mapping[str, Any]]) -> tuple[Measure, ...]:
    """Return the measures that rows of the summary are to be shown with: those of old, and those that are judged.

    Args:
        rows: of the summary, as mappings; a limit is None or NaN where there is no objective.
    """
    summary = [*rows]
    return tuple(m for m in MEASURES if m.is_always_shown or any(_is_given(row.get(m.limit)) for row in summary))


def objectives_asked(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the objectives that judge what `asked` returns, each once."""
    return tuple(dict.fromkeys(measure.objective for measure in asked(rows)))


def wanted(objectives: Iterable[object]) -> tuple[Measure, ...]:
    """Return the measures that objectives are to be shown with, as `asked` does.

    Args:
        objectives: as of `drsim.scenario.Objectives` or `ObjectiveSet`.
    """
    return asked({m.limit: getattr(objective, m.limit) for m in MEASURES} for objective in objectives)


def objectives_wanted(objectives: Iterable[object]) -> tuple[str, ...]:
    """Return the objectives that judge what `wanted` returns, each once."""
    return tuple(dict.fromkeys(measure.objective for measure in wanted(objectives)))


def limits_in_words(objectives: object, objective: str) -> str:
    """Return what an objective limits: `4 h`, `4 h and 10 GB`; empty where it is not given.

    Args:
        objectives: as of `drsim.scenario.ObjectiveSet`.
        objective: a key of `OBJECTIVES`.
    """
    return row_limits({measure.limit: getattr(objectives, measure.limit) for measure in MEASURES}, objective)


def row_limits(row: Mapping[str, Any], objective: str) -> str:
    """Return what an objective limits in a row of the summary, as `limits_in_words` does."""
    limits = [(measure, row.get(measure.limit)) for measure in judged_by(objective)]
    return " and ".join(measure.text(limit) for measure, limit in limits if limit is not None and _is_given(limit))


def _is_given(limit: float | None) -> bool:
    return limit is not None and limit == limit  # noqa: PLR0124  not a number
