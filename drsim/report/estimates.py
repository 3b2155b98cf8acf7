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
    tried = "" if most["tried"] == most["candidates"] else f" of the {most['tried']} that were tried"
    text = f"{_name(most)} moves {whose} most{tried} (p95 {_from_to(most, as_it_is=True)})"
    alike = [f"{_name(mover)} ({_from_to(mover)})" for mover in others if mover["measure"] == most["measure"]]
    apart = [mover for mover in others if mover["measure"] != most["measure"]]
    if alike:
        text += f", after it {_listed(alike)}"
    if apart:
        moved = measure_of(apart[0]["measure"]).words
        text += f"; the {moved} is moved by {_listed([f'{_name(mover)} ({_from_to(mover)})' for mover in apart])}"
    repair = "replace them with `overrides`" if others else "replace it with `overrides`"
    return text + (f": {repair}" if any(mover["parameter"] for mover in movers) else "")


def movers_table(movers: Sequence[Mapping[str, Any]]) -> Table:
    """Return which estimates move a result, what moves it most first.

    Args:
        movers: of `drsim.study.estimates.Mover`, all of one subject.
    """
    columns = (
        *(Column(name) for name in ("estimate", "key", "of", "moves")),
        *(Column(name, numeric=True) for name in ("at its low end", "as it is", "at its high end")),
        Column("its range", rank=1),
    )
    rows = tuple(
        (
            *(str(mover.get("words", mover["value"])), mover["parameter"], mover["type"] or "all types"),
            f"{measure_of(mover['measure']).words} p95",
            *(_figures(mover)[end] if end == "base" or mover[end] else "" for end in ("low", "base", "high")),
            " to ".join(mover[end] for end in ("low", "high") if mover[end]),
        )
        for mover in movers
    )
    return Table("Estimates that move it most", columns, rows)


def _listed(texts: Sequence[str]) -> str:
    """Return texts in one: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if texts[1:] else texts)


def _name(mover: Mapping[str, Any]) -> str:
    """Return what an estimate is called, with the key that replaces it."""
    if mover["parameter"]:
        return f"`{mover['parameter']}` of {mover['type'] or 'all types'}"
    return str(mover.get("words", mover["value"]))


def _from_to(mover: Mapping[str, Any], *, as_it_is: bool = False) -> str:
    """Return the figure at either end of an estimate, and as it is where that is asked and is neither."""
    ends = [end for end in ("low", "high") if mover[end]]
    texts = _figures(mover)
    moved = ", ".join(f"{texts[end]} at {mover[end]}" for end in ends)
    if as_it_is and (len(ends) == 1 or texts["base"] not in {texts[end] for end in ends}):
        moved += f", {texts['base']} as it is"
    return moved


def _figures(most: Mapping[str, Any]) -> dict[str, str]:
    """Return the figure at both ends and as it is: times in one unit, or that there is no recovery."""
    known = [most[f"{end}_s"] for end in ("base", "low", "high") if most[f"{end}_s"] is not None]
    if not known:
        return dict.fromkeys(("low", "base", "high"), "no recovery")
    texts = dict(zip(known, format_durations(known), strict=True))
    return {end: texts.get(most[f"{end}_s"], "no recovery") for end in ("low", "base", "high")}
