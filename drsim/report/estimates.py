"""How far a result rests on estimates, in a sentence or two."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from drsim.study.measures import measure_of
from drsim.units import format_durations


def estimates_line(run: Mapping[str, Any], source: str = "") -> str:
    """Return on how many catalogue values a result rests, how many are estimated, and which of them moves it most.

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
        return f"{counted}, {estimates['estimated']} of them estimated; {mover_words(estimates['most'])}."
    why = f"; {estimates['why']}" if estimates.get("why") else ""
    text = f"{counted}, {estimates['estimated']} of them estimated{why}."
    if not source:
        return text
    words = ("--strategy", run["strategies"][0], "--disruption", run["disruptions"][0])
    return f"{text} See which inputs move it:  {shlex.join(('drsim', 'sensitivity', source, *words))}"


def mover_words(most: Mapping[str, Any]) -> str:
    """Return which estimate moves which figure, from where to where, and what to do about it.

    Args:
        most: of `drsim.study.estimates.Mover`.
    """
    name = most.get("words", most["value"])  # results of before say no more
    if most["parameter"]:
        name = f"`{most['parameter']}` of {most['type'] or 'all types'}"
    measured = f"{measure_of(most['measure']).words} of {most['subject']}"
    whose = f"the {measured} under {most['disruption']} with {most['strategy']}"
    ends = [end for end in ("low", "high") if most[end]]
    texts = _figures(most)
    moved = ", ".join(f"{texts[end]} at {most[end]}" for end in ends)
    if len(ends) == 1 or texts["base"] not in {texts[end] for end in ends}:
        moved += f", {texts['base']} as it is"
    tried = "" if most["tried"] == most["candidates"] else f" of the {most['tried']} that were tried"
    repair = ": replace it with `overrides`" if most["parameter"] else ""
    return f"{name} moves {whose} most{tried} (p95 {moved}){repair}"


def _figures(most: Mapping[str, Any]) -> dict[str, str]:
    """Return the figure at both ends and as it is: times in one unit, or that there is no recovery."""
    known = [most[f"{end}_s"] for end in ("base", "low", "high") if most[f"{end}_s"] is not None]
    if not known:
        return dict.fromkeys(("low", "base", "high"), "no recovery")
    texts = dict(zip(known, format_durations(known), strict=True))
    return {end: texts.get(most[f"{end}_s"], "no recovery") for end in ("low", "base", "high")}
