"""What an application achieved in one incident, against what is wanted, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drsim.report.tables import Column, Table
from drsim.study.achievements import Achievement
from drsim.study.measures import OBJECTIVES


def achieved_rows(achievements: Sequence[Achievement]) -> Iterator[tuple[str, str, str, str]]:
    """Yield a measure, its value, its objective, and whether that is met; none where all is told already.

    Data loss and downtime are told with every incident: a list beside them is for objectives of further measures.
    """
    if all(achievement.measure.is_always_shown for achievement in achievements):
        return
    texts = _texts(achievements)
    for achievement in achievements:
        measure, limit = achievement.measure, achievement.limit
        value = texts[measure.unit, achievement.value]
        if limit is None:
            yield measure.words, value, "–", "no objective"
        else:
            objective = f"{OBJECTIVES[measure.objective]} {texts[measure.unit, limit]}"
            yield measure.words, value, objective, "met" if achievement.is_met else "missed"


def _texts(achievements: Sequence[Achievement]) -> dict[tuple[str, float], str]:
    """Return values and limits in words, by unit and figure: times in units that compare."""
    texts: dict[tuple[str, float], str] = {}
    for unit, measure in {achievement.measure.unit: achievement.measure for achievement in achievements}.items():
        alike = [achievement for achievement in achievements if achievement.measure.unit == unit]
        figures = [x for achievement in alike for x in (achievement.value, achievement.limit) if x is not None]
        texts |= {(unit, figure): text for figure, text in zip(figures, measure.texts(figures), strict=True)}
    return texts


def further_words(achievements: Sequence[Achievement]) -> Iterator[str]:
    """Yield the measures beside data loss and downtime in words, as `data loss in bytes 6 GB`."""
    for achievement in achievements:
        if not achievement.measure.is_always_shown:
            yield f"{achievement.measure.words} {achievement.measure.text(achievement.value)}"


def achieved_lines(achievements: Sequence[Achievement]) -> Iterator[str]:
    """Yield the same as lines of a story."""
    rows = [*achieved_rows(achievements)]
    if rows:
        widths = [max(len(row[k]) for row in rows) for k in range(3)]
        yield "  Against the objectives:"
        for words, value, objective, met in rows:
            yield f"    {value:>{widths[1]}}  {words:<{widths[0]}}  {objective:<{widths[2]}}  {met}"


def achieved_table(achievements: Sequence[Achievement]) -> Table | None:
    """Return the same as a table; None where there is nothing to add."""
    rows = tuple(achieved_rows(achievements))
    figures = (Column("achieved", numeric=True), Column("objective", numeric=True))
    columns = (Column("measure"), *figures, Column("is it met"))
    return Table("Against the objectives", columns, rows) if rows else None
