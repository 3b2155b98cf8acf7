"""How far a result rests on estimates: how many of the catalogue's values that it reads, and which move it most.

A value counts once, however many strategies and disruptions read it. What the scenario writes itself, overrides too, is
the user's own and does not count; nor do list prices, which say their date beside every amount.

What moves the result most is found as `drsim.study.sensitivity` finds it, but for few values and in few drills, so that
a run takes hardly a tenth longer for it, unless jobs pile up: few drills then take nearly as long as many. Those
estimates are put to either end of their range that feed the longest parts of the downtime or of the data loss.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from drsim.catalogue import PARAMETERS, WORK
from drsim.changes.inputs import read_inputs
from drsim.changes.reach import Reach, Studied, reach
from drsim.changes.uncertain import SCENARIO, Input
from drsim.engine import LOSS_PARTS, why_not_vectorised
from drsim.engine.exposure import exposure
from drsim.scenario import Scenario
from drsim.study.effort import of_drills
from drsim.study.measures import DOWNTIME, LOSS, measure_of
from drsim.study.sensitivity import Trials
from drsim.study.summary import state_at
from drsim.world import World

ESTIMATED = "estimated"
"""The basis of what nobody states."""

MOST_TRIED = 10
"""Values that are moved at most."""

MOST_SAID = 5
"""Values that are said to move a result, at most."""

MOST_DRILLS, FEWEST_DRILLS, FEWEST_TRIED = 60, 10, 2
"""Drills of each of their runs, at most and at least; values that are worth a comparison."""

_SHARE = 0.1
"""Drills that this may take, as a share of those of the result."""

_FIRST_TRIED = 6
"""Of these, values that feed the measure that is asked about, before any that feeds the other one."""

_AT_ONCE = (2 * _FIRST_TRIED + 1) * FEWEST_DRILLS
"""Drills that it may take in any case, unless the estate is large or its jobs queue with each other."""

_LARGE = 60
"""Resources, members counted, above which an estate is large."""

_MANY_RUNS = 100_000
"""Scheduled runs of all rules, in all the time that is looked at, above which it is large, too."""

_AT_ONCE_S = 2.0
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
        low, high: the ends of its range, in words.
        low_s, base_s, high_s: the figure at the low end, as it is, and at the high end [s]; None without recovery.
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
    low: str
    high: str
    low_s: float | None
    base_s: float | None
    high_s: float | None
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
    # rather more values than more drills: all have the same luck, so that few drills tell them apart
    of_run = min(drills, MOST_DRILLS, max(FEWEST_DRILLS, allowed // (2 * MOST_TRIED + 1)))
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
    if _takes_long(scenario, worlds, {str(row["disruption"]) for row in rows}, (strategy, disruption), tried, drills):
        return "each drill takes so long here that which of them moves the result most is not looked for"
    asked = _measure(row)
    other = LOSS.column if asked == DOWNTIME.column else DOWNTIME.column
    bench = Trials(scenario.model_copy(update={"drills": drills}), strategy, disruption, subject)
    log, base = bench.log(), bench.measure(None)
    inputs = [
        varied
        for varied in _from_catalogue(read_inputs(Studied(scenario, bench.world, disruption, subject)))
        if varied.basis == ESTIMATED and varied.in_drills and (varied.low or varied.high)
    ]
    candidates = _in_order(*(_weighed(inputs, measure, log, subject) for measure in (asked, other)))
    moving: list[tuple[tuple[bool, bool, float], Mover]] = []
    for varied in candidates[:tried]:
        low, high = (base if end is None else bench.measure(end) for end in (varied.low, varied.high))
        for measure in (asked, other):
            low_s, base_s, high_s = (float(measured[measure]) for measured in (low, base, high))
            moved = _moved(low_s, base_s, high_s)
            if moved > (False, 0.0):
                mover = Mover(
                    strategy,
                    disruption,
                    subject,
                    measure,
                    value=varied.name,
                    parameter=varied.parameter if varied.parameter in PARAMETERS else "",
                    type=varied.label.of,
                    low=varied.low.text if varied.low else "",
                    high=varied.high.text if varied.high else "",
                    low_s=_seconds(low_s),
                    base_s=_seconds(base_s),
                    high_s=_seconds(high_s),
                    tried=min(tried, len(candidates)),
                    candidates=len(candidates),
                    drills=drills,
                    words=varied.label.words,
                )
                moving.append(((measure == asked, *moved), mover))
                break
    # of those that move it alike the first tried, which feeds more of it
    ranked = [mover for _, mover in sorted(moving, key=lambda pair: pair[0], reverse=True)]
    if not ranked or ranked[0].measure != asked:
        return (
            f"none that was tried moves the {measure_of(asked).words} of {subject} under {disruption} with {strategy}"
        )
    return ranked


def _weighed(inputs: Sequence[Input], measure: str, log: pd.DataFrame, subject: str) -> list[Input]:
    """Return the inputs that feed a measure, those that feed its longest parts first."""
    weights = [(_weight(varied, measure, log, subject), varied) for varied in inputs]
    return [varied for _, varied in sorted((w for w in weights if w[0] > 0), key=lambda w: w[0], reverse=True)]


def _in_order(asked: Sequence[Input], other: Sequence[Input]) -> list[Input]:
    """Return inputs in the order in which they are tried: most of what is asked about, some of the other measure."""
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


def _moved(*seconds: float) -> tuple[bool, float]:
    """Return whether only some of the figures are of a recovery, and how far apart those are [s]."""
    known = [s for s in seconds if not math.isnan(s)]
    return len(known) not in (0, len(seconds)), max(known, default=0.0) - min(known, default=0.0)


def _seconds(value: float) -> float | None:
    """Return a figure [s], None where there is no recovery."""
    return None if math.isnan(value) else value


def _asked_about(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the row that fares worst of those whose 95th percentiles are times; None where none is."""
    timed = [row for row in rows if row["verdict"] in _RANKED and state_at(row, "p95") == "recovered"]

    def badness(row: Mapping[str, Any]) -> tuple[int, float]:
        share = row["p_meets"]
        return _RANKED.index(row["verdict"]), 1.0 if pd.isna(share) else float(share)

    return min(timed, key=badness, default=None)


def _measure(row: Mapping[str, Any]) -> str:
    """Return what is missed more often: the downtime where both are alike, or nothing is asked."""
    rpo, rto = (1.0 if pd.isna(row[name]) else float(row[name]) for name in ("p_meets_rpo", "p_meets_rto"))
    return LOSS.column if rpo < rto else DOWNTIME.column


_RESTORE_FAILURES = ("restore_failure", "restore_failure_tested")

_DOWNTIME: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(WORK["restore"], ("restore_s",)),
    **dict.fromkeys(_RESTORE_FAILURES, ("failed_s",)),
    **dict.fromkeys(WORK["launch"], ("launch_s",)),
    **dict.fromkeys((*WORK["failover"], "promote", "detection"), ("failover_s",)),
    **dict.fromkeys(WORK["retrieval"], ("retrieve_s",)),
    **dict.fromkeys(WORK["copy"], ("copy_s",)),
    **dict.fromkeys(WORK["log"], ("replay_s",)),
    "change_rate": ("restore_s", "replay_s", "copy_s"),
    **dict.fromkeys((*WORK["scan"], "dwell"), ("search_s",)),
    "slots": ("queue_s",),
    "duration": ("wait_s", "outage_s"),
    "rebuild": ("dependency_s",),
}
"""The parts of the downtime that an input feeds, by its parameter."""

_LOSS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("log_lag", "lag"), ("loss_lag_s",)),
    "dwell": ("loss_dwell_s",),
    **dict.fromkeys((*WORK["backup"], *WORK["copy"], "change_rate", "slots"), ("loss_unready_s",)),
    "expiry_delay": (),
    "log_failure": ("loss_lag_s", "loss_unready_s"),
    **dict.fromkeys(_RESTORE_FAILURES, ("loss_interval_s", "loss_unready_s")),
    "backups_attacked": LOSS_PARTS,
}
"""The parts of the data loss that an input feeds, by its parameter; how long points stay feeds none."""


def _weight(varied: Input, measure: str, log: pd.DataFrame, subject: str) -> float:
    """Return how long the parts are that an input feeds, in the mean of the resources that it is of [s]; 0 for none.

    What feeds no part of the subject's own figure cannot move it by much.
    """
    fed = _LOSS if measure == LOSS.column else _DOWNTIME
    parts = fed.get(varied.parameter, ())
    of_subject = log[log["subject"] == subject]
    if not parts or not float(of_subject[list(parts)].fillna(0.0).to_numpy(dtype=float).sum()):
        return 0.0
    of_resources = log[log["subject"].isin(varied.resources or [subject])]
    if not len(of_resources):
        return 0.0
    return float(of_resources[list(parts)].fillna(0.0).to_numpy(dtype=float).sum(axis=1).mean())
