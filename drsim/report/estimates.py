"""How far a result rests on estimates, in a few sentences."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from drsim.report.tables import Column, Table
from drsim.study.measures import measure_of
from drsim.units import format_durations


def estimates_line(run: Mapping[str, Any], source: str = "") -> str:
    """Return on how many catalogue values a result rests, how many are estimated, and which of them move it most.

    Args:
        run: the record of the result, as in `run.json`; without `estimates` there is nothing to say.
        source: the scenario as the user names it, for the command that tells more; empty for none.
    """
    estimates = run.get("estimates")
    if not estimates or not estimates["values"]:
        return ""
    counted = f"Rests on {estimates['values']} catalogue value{'s' * (estimates['values'] > 1)}"
    if not estimates["estimated"]:
        return f"{counted}, none of them estimated."
    if estimates.get("most") is not None:
        movers = estimates.get("movers", [estimates["most"]])  # results of before say no more
        return f"{counted}, {estimates['estimated']} of them estimated; {movers_words(movers)}."
    why = f"; {estimates['why']}" if estimates.get("why") else ""
    text = f"{counted}, {estimates['estimated']} of them estimated{why}."
    if not source:
        return text
    words = ("--strategy", run["strategies"][0], "--disruption", run["disruptions"][0])
    return f"{text} See which inputs move it:  {shlex.join(('drsim', 'sensitivity', source, *words))}"


def movers_words(movers: Sequence[Mapping[str, Any]]) -> str:
    """Return which estimates move which figure, from where to where, and what to do about it.

    Args:
        movers: of `drsim.study.estimates.Mover`, one at least, what moves the figure most first.
    """
    most, *others = movers
    measured = f"{measure_of(most['measure']).words} of {most['subject']}"
    whose = f"the {measured} under {most['disruption']} with {most['strategy']}"
    doubtful = most.get("doubtful", 0)
    best = "" if doubtful else " most"
    tried = "" if doubtful or most["tried"] == most["candidates"] else f" of the {most['tried']} that were tried"
    alike = [mover for mover in others if mover["measure"] == most["measure"]]
    tied = [mover for mover in alike if mover.get("is_tied")]
    behind = [mover for mover in alike if mover not in tied]
    apart = [mover for mover in others if mover["measure"] != most["measure"]]
    drills = f"p95 of {most['drills']} drills"
    if tied:
        leading = _listed([_with_figures(mover) for mover in (most, *tied)])
        text = f"{leading} move {whose}{best}{tried} ({drills}, which do not tell which of them more)"
    else:
        text = f"{_name(most)} moves {whose}{best}{tried} ({drills}: {_from_to(most)})"
    if doubtful:
        text += f", {doubtful} more of the {most['tried']} that were tried perhaps as much"
    if behind:
        text += f", after {'them' if tied else 'it'} {_listed([_with_figures(mover) for mover in behind])}"
    if apart:
        moved = measure_of(apart[0]["measure"]).words
        text += f"; the {moved} is moved by {_listed([_with_figures(mover) for mover in apart])}"
    repair = "replace them with `overrides`" if others else "replace it with `overrides`"
    return text + (f": {repair}" if any(mover["parameter"] for mover in movers) else "")


def movers_table(movers: Sequence[Mapping[str, Any]]) -> Table:
    """Return which estimates move a result, what moves it most first.

    Args:
        movers: of `drsim.study.estimates.Mover`, one at least, all of one subject.
    """
    columns = (
        *(Column(name) for name in ("estimate", "key", "of", "moves")),
        *(Column(name, numeric=True) for name in ("at its low end", "at its high end")),
        Column("its range", rank=1),
    )
    rows = tuple(
        (
            *(str(mover.get("words", mover["value"])), _key(mover), mover["type"] or "all types"),
            f"{measure_of(mover['measure']).words} p95",
            *(_figures(mover)[end] for end in ("low", "high")),
            " to ".join(_end(mover, end) for end in ("low", "high")),
        )
        for mover in movers
    )
    notes = [f"Percentiles are of {movers[0]['drills']} drills, the same at both ends."]
    if any(mover.get("is_tied") for mover in movers):
        notes.append("Of some the drills do not tell which moves it more; they stand in the order of what was seen.")
    return Table("Estimates that move it most", columns, rows, tuple(notes))


def _listed(texts: Sequence[str]) -> str:
    """Return texts in one: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if texts[1:] else texts)


def _name(mover: Mapping[str, Any]) -> str:
    """Return what an estimate is called, with the key that replaces it."""
    if not mover["parameter"]:
        return str(mover.get("words", mover["value"]))
    key = f"`{mover['parameter']}` of {mover['type'] or 'all types'}"
    return f"`lasts` of {key}" if mover.get("lasts") else key


def _key(mover: Mapping[str, Any]) -> str:
    """Return the key that replaces an estimate; with `lasts` where it is how long its spells last."""
    return f"{mover['parameter']}: lasts" if mover.get("lasts") else str(mover["parameter"])


def _with_figures(mover: Mapping[str, Any]) -> str:
    """Return what an estimate is called, and the figure at either end of it."""
    return f"{_name(mover)} ({_from_to(mover)})"


def _from_to(mover: Mapping[str, Any]) -> str:
    """Return the figure at either end of an estimate."""
    texts = _figures(mover)
    return ", ".join(f"{texts[end]} {_at(mover, end)}" for end in ("low", "high"))


def _at(mover: Mapping[str, Any], end: str) -> str:
    return f"at {mover[end]}" if mover[end] else "as it is"


def _end(mover: Mapping[str, Any], end: str) -> str:
    return mover[end] or "as it is"


def _figures(mover: Mapping[str, Any]) -> dict[str, str]:
    """Return the figure at both ends: times in one unit, or that there is no recovery."""
    figures = {end: mover[f"{end}_s"] for end in ("low", "high")}
    known = [seconds for seconds in figures.values() if seconds is not None]
    texts = dict(zip(known, format_durations(known), strict=True))
    return {end: texts.get(seconds, "no recovery") for end, seconds in figures.items()}
