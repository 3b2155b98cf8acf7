"""How far a result rests on estimates: how many of the catalogue's values that it reads, and which move it most.

A value counts once, however many strategies and disruptions read it. What the scenario writes itself, overrides too, is
the user's own and does not count; nor do list prices, which say their date beside every amount.

What moves the result most is found as `drsim.study.sensitivity` finds it, but for few values and in few drills, so that
a run takes hardly a tenth longer for it, unless jobs pile up: few drills then take nearly as long as many. Those
estimates are put to either end of their range that feed the longest parts of the downtime or of the data loss. The ends
are compared with each other: a value as it is may be drawn anew for every job, which no constant between them is. What
moves a figure by no more than the luck of these drills (`drsim.study.noise`) is not said to move it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from drsim.catalogue import PARAMETERS
from drsim.changes.inputs import read_inputs
from drsim.changes.reach import Reach, Studied, reach
from drsim.changes.uncertain import SCENARIO, Input
from drsim.engine import why_not_vectorised
from drsim.engine.exposure import exposure
from drsim.scenario import Scenario
from drsim.study.effort import of_drills
from drsim.study.feeding import weighed
from drsim.study.measures import DOWNTIME, LOSS, measure_of
from drsim.study.sensitivity import Trials
from drsim.study.summary import state_at
from drsim.study.swings import swings
from drsim.world import World

ESTIMATED = "estimated"
"""The basis of what nobody states."""

MOST_TRIED = 10
"""Values that are moved at most."""

MOST_SAID = 5
"""Values that are said to move a result, at most."""

MOST_DRILLS, FEWEST_DRILLS, FEWEST_TRIED = 400, 40, 2
"""Drills of each of their runs, at most and at least; values that are worth a comparison.

In fewer drills a 95th percentile is hardly more than the worst drill.
"""

_SHARE = 0.1
"""Drills that this may take, as a share of those of the result."""

_FIRST_TRIED = 6
"""Of these, values that feed the measure that is asked about, before any that feeds the other one."""

_AT_ONCE = (2 * _FIRST_TRIED + 1) * MOST_DRILLS
"""Drills that it may take in any case, unless the estate is large or its jobs queue with each other."""

_LARGE = 60
"""Resources, members counted, above which an estate is large."""

_MANY_RUNS = 100_000
"""Scheduled runs of all rules, in all the time that is looked at, above which it is large, too."""

_AT_ONCE_S = 7.0
"""Time that it may take in any case, by the estimate of its work [s]."""

_RANKED = ("breached", "undecided", "met", "no-objective", "unrecoverable")
"""Verdicts in the order in which one asks what moves them."""


@dataclass(frozen=True)
class Mover:
    """An estimated value that moves a figure.

    Attributes:
        strategy, disruption, subject: whose figure.
        measure: `downtime_s` or `data_loss_s`, its 95th percentile.
        value: what it is called in a list.
        parameter: of `overrides`, or empty where the scenario says it elsewhere.
        type: the parameter is of; empty where it is of all types.
        lasts: whether it is not that value of the parameter itself, but how long its spells last.
        low, high: the ends of its range, in words; empty where it reaches no farther than the value as it is.
        low_s, base_s, high_s: the figure at the low end, as it is, and at the high end [s]; None without recovery. What
            is drawn anew for every job as it is is a constant at its ends, so that they compare with each other only.
        is_tied: whether the drills do not tell it apart from the first that moves the figure, which may move it less.
        doubtful: estimated values that seem to move the first figure more than any that is said to, but by no more than
            the luck of the drills.
        tried: estimated values that were moved.
        candidates: estimated values that could move it.
        drills: of each run.
        words: what it is called in a sentence.
    """

    strategy: str
    disruption: str
    subject: str
    measure: str
    value: str
    parameter: str
    type: str
    lasts: bool
    low: str
    high: str
    low_s: float | None
    base_s: float | None
    high_s: float | None
    is_tied: bool
    doubtful: int
    tried: int
    candidates: int
    drills: int
    words: str


@dataclass(frozen=True)
class _Whole(Studied):
    """All applications that a disruption strikes at once."""

    applications: tuple[str, ...] = ()

    @cached_property
    def reach(self) -> Reach:
        """What can make a difference to any of them."""
        return reach(self.world, self.disruption, *self.applications)

    @cached_property
    def before(self) -> frozenset[str]:
        """They and those that they wait for."""
        return self.reach.applications


def estimates(scenario: Scenario, worlds: Mapping[str, World], summary: pd.DataFrame) -> dict[str, Any]:
    """Return on how many catalogue values a result rests, how these are known, and which estimates move it most.

    Args:
        scenario: with the drills of the result.
        worlds: by strategy.
        summary: of the result.

    Returns:
        What `rests_on` returns, `movers` (at most `MOST_SAID` of `Mover` as plain data, what moves most first), `most`
        (the first of these, or None), and `why` there is none, in words.
    """
    rows = [row for row in _records(summary) if row["level"] == "application"]
    pairs = tuple(dict.fromkeys((str(row["strategy"]), str(row["disruption"])) for row in rows))
    moving = _movers(scenario, worlds, rows, _allowed(scenario, worlds, len(pairs)))
    movers, why = ([], moving) if isinstance(moving, str) else ([asdict(mover) for mover in moving[:MOST_SAID]], "")
    most = movers[0] if movers else None
    return rests_on(scenario, worlds, pairs) | {"most": most, "movers": movers, "why": why}


def _records(summary: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a summary as plain data."""
    return [{str(k): v for k, v in row.items()} for row in summary.astype(object).to_dict("records")]


def rests_on(scenario: Scenario, worlds: Mapping[str, World], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return on how many catalogue values strategies under disruptions rest, and how these are known.

    Args:
        scenario: it.
        worlds: by strategy.
        pairs: strategies and disruptions.

    Returns:
        `values` (how many), `estimated` (how many of that basis), `by_basis` (how many of each) and `estimated_values`
        (the names of those that are estimated, in words).
    """
    bases: dict[tuple[str, str], str] = {}
    for strategy, disruption in pairs:
        bases |= _values(scenario, worlds[strategy], disruption)
    counts = Counter(bases.values())
    names = [f"{kind}: {name}" if kind else name for (kind, name), basis in bases.items() if basis == ESTIMATED]
    return {
        "values": len(bases),
        "estimated": counts[ESTIMATED],
        "by_basis": dict(counts.most_common()),
        "estimated_values": sorted(names),
    }


def _values(scenario: Scenario, world: World, disruption: str) -> dict[tuple[str, str], str]:
    """Return the catalogue values that are read, by kind of disruption (if any) and name, with how each is known."""
    exposed = exposure(world, disruption, 1)
    struck = [name for name in exposed.struck_per_year if name in scenario.applications]
    if not struck:
        return {}
    bases = {}
    for varied in _from_catalogue(read_inputs(_Whole(scenario, world, disruption, struck[0], tuple(struck)))):
        # two disruptions of a kind read one value, and so do two applications that are rebuilt
        if varied.parameter == "rebuild":
            bases["", varied.parameter] = varied.basis
        elif varied.group == "disruption":
            bases[scenario.disruptions[disruption].kind, varied.label.what] = varied.basis
        else:
            bases["", varied.name] = varied.basis
    return bases


def _from_catalogue(inputs: Sequence[Input]) -> Iterator[Input]:
    """Yield those inputs that the catalogue gives and that can change what drills find, or how often they strike."""
    for varied in inputs:
        if varied.basis != SCENARIO and (varied.in_drills or varied.factors != (1.0, 1.0)):
            yield varied


def _allowed(scenario: Scenario, worlds: Mapping[str, World], pairs: int) -> int:
    """Return how many drills may be spent on what moves the result most, of so many pairs that were drilled."""
    at_once = 0 if any(_is_large(world) for world in worlds.values()) else _AT_ONCE
    return max(int(_SHARE * pairs * scenario.drills), at_once)


def _is_large(world: World) -> bool:
    """Return whether few drills of a world may take long already."""
    queue = any(len(component.members) > 1 for component in world.components)
    runs = sum(len(stream.times_s) for stream in world.streams)
    return queue or len(world.members) > _LARGE or runs > _MANY_RUNS


def _plan(allowed: int, drills: int) -> tuple[int, int]:
    """Return how many values to move and in how many drills; none where the drills do not go round.

    Args:
        allowed: drills in all.
        drills: that a run can have.
    """
    of_run = min(drills, MOST_DRILLS, max(FEWEST_DRILLS, allowed // (2 * _FIRST_TRIED + 1)))
    tried = (allowed // of_run - 1) // 2
    return (min(tried, MOST_TRIED), of_run) if tried >= FEWEST_TRIED else (0, 0)


def _movers(
    scenario: Scenario, worlds: Mapping[str, World], rows: Sequence[Mapping[str, Any]], allowed: int
) -> Sequence[Mover] | str:
    """Return the estimates that move what fares worst and is recovered even so, what moves it most first.

    What is missed more often comes first; then come those that move only its other measure. Where there is none: why,
    in words.
    """
    tried, drills = _plan(allowed, scenario.drills)
    row = _asked_about(rows)
    if row is None:
        return "nothing here has a 95th percentile that they could move"
    if not tried:
        return "the drills are too few to tell which of them moves the result most"
    strategy, disruption, subject = str(row["strategy"]), str(row["disruption"]), str(row["subject"])
    if why_not_vectorised(worlds[strategy], disruption) is not None:
        return "which of them moves the result most is looked for on the vectorised clock only"
    disruptions = {str(row["disruption"]) for row in rows}
    while _takes_long(scenario, worlds, disruptions, (strategy, disruption), tried, drills):
        if drills <= FEWEST_DRILLS:
            return "each drill takes so long here that which of them moves the result most is not looked for"
        drills = max(drills // 2, FEWEST_DRILLS)
    measures = _measures(row)
    trials = Trials(scenario.model_copy(update={"drills": drills}), strategy, disruption, subject)
    candidates = _candidates(scenario, trials, row, measures)
    seen = swings(trials, candidates[:tried], measures, drills)
    swinging = [swing for swing in seen if swing.is_sure]
    if not any(swing.measure == measures[0] for swing in swinging):
        whose = f"the {measure_of(measures[0]).words} of {subject} under {disruption} with {strategy}"
        if not candidates:
            return f"none of them moves {whose}"
        return f"of {min(tried, len(candidates))} tried none moves {whose} by more than its noise at {drills} drills"
    # what seems to move it more than all that surely do
    doubtful = next(k for k, swing in enumerate(seen) if swing.is_sure)
    first = {measure: next((s for s in swinging if s.measure == measure), None) for measure in measures}
    return [
        Mover(
            strategy,
            disruption,
            subject,
            swing.measure,
            value=swing.varied.name,
            parameter=swing.varied.parameter if swing.varied.parameter in PARAMETERS else "",
            type=swing.varied.label.of,
            lasts=swing.varied.is_of_spells,
            low=swing.varied.low.text if swing.varied.low else "",
            high=swing.varied.high.text if swing.varied.high else "",
            low_s=_seconds(swing.low_s),
            base_s=_seconds(swing.base_s),
            high_s=_seconds(swing.high_s),
            is_tied=swing.is_tied(first[swing.measure]),
            doubtful=doubtful,
            tried=min(tried, len(candidates)),
            candidates=len(candidates),
            drills=drills,
            words=swing.varied.label.words,
        )
        for swing in swinging
    ]


def _candidates(scenario: Scenario, trials: Trials, row: Mapping[str, Any], measures: Sequence[str]) -> list[Input]:
    """Return the estimates that feed a measure, as they are tried: most of the first, then some of the other.

    Args:
        scenario: it.
        trials: of the drills.
        row: of the summary, whose figures are asked about.
        measures: the first and the other.
    """
    subject = str(row["subject"])
    log, studied = trials.log(), Studied(scenario, trials.world, str(row["disruption"]), subject)
    inputs = [
        varied
        for varied in _from_catalogue(read_inputs(studied))
        if varied.basis == ESTIMATED and varied.in_drills and (varied.low or varied.high)
    ]
    asked, other = (weighed(inputs, measure, log, subject) for measure in measures)
    tried = [*asked[:_FIRST_TRIED], *other[: MOST_TRIED - _FIRST_TRIED], *asked[_FIRST_TRIED:], *other]
    return list({varied.name: varied for varied in tried}.values())


def _takes_long(
    scenario: Scenario,
    worlds: Mapping[str, World],
    disruptions: Iterable[str],
    pair: tuple[str, str],
    tried: int,
    drills: int,
) -> bool:
    """Return whether moving so many values takes longer than it may: few drills may take as long as many."""
    strategy, disruption = pair
    once = of_drills(scenario, {strategy: worlds[strategy]}, [disruption], drills).seconds
    whole = of_drills(scenario, worlds, sorted(disruptions), scenario.drills).seconds
    return (2 * tried + 1) * once > max(_SHARE * whole, _AT_ONCE_S)


def _seconds(value: float) -> float | None:
    """Return a figure [s], None where there is no recovery."""
    return value if math.isfinite(value) else None


def _asked_about(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the row that fares worst of those whose 95th percentiles are times; None where none is."""
    timed = [row for row in rows if row["verdict"] in _RANKED and state_at(row, "p95") == "recovered"]

    def badness(row: Mapping[str, Any]) -> tuple[int, float]:
        share = row["p_meets"]
        return _RANKED.index(row["verdict"]), 1.0 if pd.isna(share) else float(share)

    return min(timed, key=badness, default=None)


def _measures(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is missed more often and the other: the downtime first where the drills do not tell."""
    shares = (row[name] for name in ("p_meets_rpo_hi", "p_meets_rto_lo"))
    rpo, rto = (1.0 if pd.isna(share) else float(share) for share in shares)
    return (LOSS.column, DOWNTIME.column) if rpo < rto else (DOWNTIME.column, LOSS.column)
