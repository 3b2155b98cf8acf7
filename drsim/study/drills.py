"""Drills: every strategy against every disruption, as often as asked.

A drill is a pure function of the scenario, its seed and the drill's number, on either clock. So results depend neither
on the pieces that the work is cut into nor on the number of workers.
"""

from __future__ import annotations

import hashlib
import math
import shlex
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import closing, nullcontext
from dataclasses import replace
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from platform import python_version
from typing import Any, NamedTuple, Protocol

import pandas as pd

from drsim.engine import drills_together, has_line, why_not_vectorised
from drsim.engine.exposure import Exposure, exposure
from drsim.errors import ClockError, InputError, Problem, by_weight
from drsim.scenario import Scenario, dump_scenario
from drsim.scenario.suggest import suggestion
from drsim.study.affected import Affected
from drsim.study.curves import exceedance_curves
from drsim.study.dealing import Rows, dealt, dependent
from drsim.study.effort import MOST_S, of_drills, of_plans, refuse
from drsim.study.guard import check_incidents, check_tables
from drsim.study.heartbeat import working_on
from drsim.study.incidents import INCIDENTS_FILE, Incidents, NotKept, block, keeping, stacked
from drsim.study.losses import Losses, Restored, losses_of
from drsim.study.measures import wanted
from drsim.study.numbers import in_range
from drsim.study.results import DEFINITIONS, SCENARIO_FILE, OutputDirectory, Result, check_definitions
from drsim.study.summary import summarise
from drsim.study.work import CHUNK, READS, Found, Piece, Stopwatch, usual_workers, work_through
from drsim.version import __version__
from drsim.world import World, build_world

CLOCKS = ("auto", "vectorised", "process")

_BLOCK_ROWS = 90_000
"""Rows of incidents that are worked out and held together, about: 25 MB, and what the clock needs for them."""

_TOGETHER_ROWS = 300_000
"""Rows of incidents, about, of several disruptions that the vectorised clock is given at once: quicker than singly."""

_PACKAGES = ("numpy", "pandas", "scipy", "simpy", "pyarrow")

Pair = tuple[str, str]
"""A strategy and a disruption."""


class Stop(Protocol):
    """Whatever can be asked to stop, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether the study should stop."""


def run(
    scenario: Scenario,
    *,
    strategies: Sequence[str] | None = None,
    disruptions: Sequence[str] | None = None,
    drills: int | None = None,
    seed: int | None = None,
    clock: str = "auto",
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    stop: Stop | None = None,
    out: Path | str | None = None,
    keep_incidents: bool = True,
    max_seconds: float = MOST_S,
    force: bool = False,
    estimates: bool = False,
) -> Result:
    """Return what drills of strategies against disruptions find out.

    Args:
        scenario: what to study.
        strategies: names of strategies; all where None or empty.
        disruptions: names of disruptions; all where None or empty.
        drills: drills per strategy and disruption, in place of the scenario's.
        seed: seed of all draws, in place of the scenario's.
        clock: `vectorised`, `process`, or `auto`: for each strategy under each disruption the vectorised clock, unless
            it does not take it.
        workers: processes to use; where None two (or one on a machine with one processor) for what takes long, else
            this one.
        progress: called with the drills done and the drills to do.
        stop: asked between pieces of the work whether to stop.
        out: a directory to write the files of the result to, as `Result.save` does. The incidents go there while they
            are found, and take no memory; a study that does not come to its end leaves nothing there.
        keep_incidents: whether `Result.incidents` will be wanted, where `out` is None. Very many are kept in a
            temporary file.
        max_seconds: what would take one processor longer, about, is refused [s].
        force: begin whatever it takes, memory too.
        estimates: whether the record is to say how far the result rests on estimates, see `drsim.study.estimates`;
            takes about a tenth longer, and more where jobs pile up.

    Raises:
        InputError: a strategy or disruption that is not in the scenario, a number out of range, files in the way; more
            work than is begun unasked, with what to change.
        ClockError: there is no such clock, or `vectorised` does not take all; it names what, and why.
        WriteError: no room or no permission for the files, or for the temporary one.
        WorkerError: a worker process could not be started, or was ended from outside.
        CancelledError: `stop` was set.
    """
    studied = with_settings(scenario, drills=drills, seed=seed)
    chosen = choose(scenario, strategies, disruptions)
    in_range(workers=workers, max_seconds=max_seconds)
    if clock not in CLOCKS:
        raise ClockError(f"there is no clock {clock!r}; it is one of {', '.join(CLOCKS)}")
    refuse(of_plans(studied, chosen["strategy"]), max_seconds, force=force)
    working_on("building what is protected")
    worlds = {name: build_world(studied, name) for name in chosen["strategy"]}
    work = of_drills(studied, worlds, chosen["disruption"], studied.drills, workers or usual_workers(), clock)
    refuse(work, max_seconds, force=force)
    pairs = [(strategy, disruption) for strategy in worlds for disruption in chosen["disruption"]]
    reasons = {} if clock == "process" else _not_vectorised(worlds, pairs)
    if clock == "vectorised" and reasons:
        listed = "\n".join(f"    {s} under {d}: {why}" for (s, d), why in reasons.items())
        raise ClockError(f"the vectorised clock does not take all; run with --clock auto, or leave out:\n{listed}")
    on_process_clock = set(pairs) if clock == "process" else set(reasons)
    exposures = {(s, d): exposure(worlds[s], d, studied.drills) for s, d in pairs}
    rows = {pair: rows_of_a_drill(exposed) for pair, exposed in exposures.items()}
    pieces = list(_pieces(worlds, rows, on_process_clock, studied.drills, workers or usual_workers()))
    with nullcontext() if out is None else OutputDirectory(out) as output:
        file = None if output is None else (output.draft / INCIDENTS_FILE, output.folder / INCIDENTS_FILE)
        watch = Stopwatch()
        with keeping(studied.drills * sum(rows.values()), file, keep=keep_incidents) as (log, write):
            pieces_done = work_through(worlds, pieces, workers, work.seconds, whole=write is not None)
            found = _in_order(pieces_done, pieces, progress, stop)
            with closing(found):
                blocks = _blocks(found, studied.drills, rows)
                reduced = _reduced(studied, exposures, blocks, None if write is None else watch.apart(write))
        working_on("adding up costs")
        record = {"clock": _clock_record(clock, pairs, reasons), "timing": watch.seconds()}
        result = _concluded(studied, worlds, chosen, reduced, record, log)
        if estimates:
            working_on("how far this rests on estimates")
            result = _weighed(studied, worlds, result)
        if output is not None:
            working_on(f"writing {out}")
            output.publish(result)
    return result


def found_out(
    scenario: Scenario,
    world: World,
    disruptions: Sequence[str],
    founds: Sequence[Sequence[Found]],
    watch: Stopwatch,
    *,
    is_part: bool = False,
) -> Result:
    """Return the result of drills of one strategy that were run already, without the incidents.

    Args:
        scenario: with the number of drills that were run.
        world: the strategy's.
        disruptions: their names.
        founds: what each piece of drills brought to light under each of the disruptions, in order.
        watch: started before the drills.
        is_part: whether it is to be joined with others, so that what is said of the scenario is left out: its text, and
            what laws and prices tell of it.
    """
    strategy, worlds = world.strategy, {world.strategy: world}
    pairs = [(strategy, disruption) for disruption in disruptions]
    found = ((pair, each) for pair, own in zip(pairs, zip(*founds, strict=True), strict=True) for each in own)
    exposures = {pair: exposure(world, pair[1], scenario.drills) for pair in pairs}
    reduced = _reduced(scenario, exposures, (_Drills(pair, scenario.drills, each) for pair, each in found), None)
    clock = _clock_record("auto", pairs, _not_vectorised(worlds, pairs))
    record = {"clock": clock, "timing": watch.seconds()}
    chosen = {"strategy": (strategy,), "disruption": tuple(disruptions)}
    return _concluded(scenario, worlds, chosen, reduced, record, NotKept(), is_part=is_part)


def _concluded(
    scenario: Scenario,
    worlds: Mapping[str, World],
    chosen: Mapping[str, tuple[str, ...]],
    reduced: _Reduced,
    record: Mapping[str, Any],
    log: Incidents,
    *,
    is_part: bool = False,
) -> Result:
    """Return the result of drills whose incidents have been summed up: with the costs and the record of the study."""
    costs, events, notices = _costs(scenario, worlds, reduced.losses, is_part=is_part)
    run = _record(scenario, chosen, record["clock"], dump_scenario(scenario) if not is_part else "")
    run |= {"timing": record["timing"]}
    check_tables({"summary": reduced.summary, "dependencies": reduced.dependencies, "costs": costs, "events": events})
    warnings = by_weight((*scenario.warnings, *notices))
    return Result(log, reduced.summary, reduced.curves, costs, events, warnings, run, dependencies=reduced.dependencies)


def _weighed(scenario: Scenario, worlds: Mapping[str, World], result: Result) -> Result:
    """Return the result with a record that says how far it rests on estimates."""
    from drsim.study.estimates import estimates  # which is made of the study of sensitivity, and that of drills

    found = estimates(scenario, worlds, result.summary)
    return replace(result, run={**result.run, "estimates": found})


def rows_of_a_drill(exposed: Exposure) -> int:
    """Return how many rows the drills of one number have in the log, those of all units together, about."""
    subjects = len(exposed.struck_per_year)
    if exposed.by_resource:
        # each resource is struck alone, and its application with it
        subjects += sum("." in name for name in exposed.struck_per_year) - len(exposed.dealt)
    return max(1, subjects + len(exposed.dependents))


def _not_vectorised(worlds: Mapping[str, World], pairs: Sequence[Pair]) -> dict[Pair, str]:
    """Return which strategies under which disruptions the vectorised clock does not take, and why."""
    reasons = {(s, d): why_not_vectorised(worlds[s], d) for s, d in pairs}
    return {pair: why for pair, why in reasons.items() if why is not None}


def _pieces(
    worlds: Mapping[str, World], rows: Mapping[Pair, int], on_process_clock: set[Pair], drills: int, workers: int
) -> Iterator[Piece]:
    """Yield the work in pieces, in the order of the log.

    Args:
        worlds: by strategy.
        rows: strategies and disruptions, by strategy, and how many rows of incidents a drill of them has, about.
        on_process_clock: those of them that the process clock takes.
        drills: per pair.
        workers: processes.
    """
    for (strategy, is_slow), own in groupby(rows, lambda pair: (pair[0], pair in on_process_clock)):
        for some in _together_at_most(list(own), rows, 0 if is_slow else _TOGETHER_ROWS // drills):
            most = min(most_drills(rows[pair]) for pair in some)
            # several only where all of their drills are done at once
            each = [some] if most >= drills else [[pair] for pair in some]
            for pairs in each:
                names = tuple(disruption for _, disruption in pairs)
                step = most_drills(rows[pairs[0]]) if len(pairs) == 1 else drills
                step = min(step, CHUNK) if is_slow else step
                # what the clock would look at in parts is shared among workers
                world = worlds[strategy]
                at_once = step if is_slow else drills_together(world, len(names), workers)
                shares = workers if not is_slow and has_line(world) else 1
                for first in range(0, drills, step):
                    for lo, hi in _parts(first, min(first + step, drills), at_once, shares):
                        yield Piece(strategy, names, lo, hi, not is_slow, None if is_slow else at_once)


def _parts(first: int, last: int, most: int, shares: int) -> Iterator[tuple[int, int]]:
    """Yield the ends of as few equal parts of a range as have at most so many numbers each, a multiple of `shares`."""
    number = shares * max(1, math.ceil((last - first) / most / shares))
    step = max(1, math.ceil((last - first) / number))
    for lo in range(first, last, step):
        yield lo, min(lo + step, last)


def _together_at_most(pairs: Sequence[Pair], rows: Mapping[Pair, int], most: int) -> Iterator[list[Pair]]:
    """Yield pairs one after the other, several together as long as they have no more rows."""
    own: list[Pair] = []
    for pair in pairs:
        if own and sum(rows[each] for each in (*own, pair)) > most:
            yield own
            own = []
        own.append(pair)
    yield own


def most_drills(rows: int) -> int:
    """Return how many drills make a block: a multiple of the process clock's pieces or less than one.

    Blocks are the same on both clocks.

    Args:
        rows: of incidents that a drill has, about.
    """
    most = max(1, _BLOCK_ROWS // rows)
    return most // CHUNK * CHUNK or most


class _Drills(NamedTuple):
    """What drills up to number `last - 1` of a pair brought to light, from those of the one before on."""

    pair: Pair
    last: int
    found: Found


def _in_order(
    founds: Generator[list[Found]],
    pieces: Sequence[Piece],
    progress: Callable[[int, int], None] | None,
    stop: Stop | None,
) -> Generator[_Drills]:
    """Yield what the pieces bring to light by pair, in the order of the log; closing it ends the work.

    Raises:
        CancelledError: `stop` was set.
    """
    total, done = sum(piece.drills for piece in pieces), 0
    with closing(founds):
        for piece in pieces:
            if stop is not None and stop.is_set():
                raise CancelledError("the study was stopped")
            working_on(str(piece))
            for disruption, found in zip(piece.disruptions, next(founds), strict=True):
                yield _Drills((piece.strategy, disruption), piece.last, found)
            done += piece.drills
            if progress is not None:
                progress(done, total)


def _blocks(found: Iterable[_Drills], drills: int, rows: Mapping[Pair, int]) -> Iterator[_Drills]:
    """Yield what was found in blocks of a pair, the last one of a pair shorter, however it came.

    Pairs that are run together have one block each, which is whole only with their last drills.

    Args:
        found: in the order of the log, but for parts of the drills of pairs that are run together.
        drills: per pair.
        rows: of incidents that a drill of each pair has, about.
    """
    gathered: dict[Pair, list[_Drills]] = {}
    for each in found:
        own = gathered.setdefault(each.pair, [])
        own.append(each)
        if each.last % most_drills(rows[each.pair]) == 0 or each.last == drills:
            restores = sum((part.found.restores for part in own), Counter())
            yield _Drills(each.pair, each.last, Found(_together([part.found.incidents for part in own]), restores))
            del gathered[each.pair]


def _together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames one below the other."""
    return frames[0] if len(frames) == 1 else stacked(frames)


class _Reduced(NamedTuple):
    """Summary, dependents and curves of all pairs, and what their incidents cost in time."""

    summary: pd.DataFrame
    dependencies: pd.DataFrame
    curves: pd.DataFrame
    losses: dict[Pair, Losses]


def _reduced(
    scenario: Scenario,
    exposures: Mapping[Pair, Exposure],
    blocks: Iterable[_Drills],
    write: Callable[[pd.DataFrame], object] | None,
) -> _Reduced:
    """Return summary, curves and losses of all pairs, writing the incidents down as they come.

    Of an application only its own drills are written, so that strategy, disruption, drill and subject are a key.
    """
    summaries, dependents, curves, losses = [], [], [], {}
    every = [app.objectives.under(d) for app in scenario.applications.values() for d in scenario.disruptions]
    measures = wanted(every)
    for (strategy, disruption), own in groupby(blocks, lambda each: each.pair):
        read, counted = [], Counter[Restored]()
        exposed = exposures[strategy, disruption]
        for each in own:
            found = each.found.incidents
            check_incidents(strategy, disruption, found)
            read.append(found[list(READS)])
            counted += each.found.restores
            if write is not None:
                rows = Rows.of(found)
                kept = dealt(rows, exposed) | dependent(rows, exposed)
                write(block(strategy, disruption, found if kept.all() else found[kept].reset_index(drop=True)))
        together = _together(read)
        affected = Affected.of(together, exposed)
        summary, dependencies = summarise(strategy, disruption, affected, scenario.applications, scenario.drills)
        summaries.append(summary)
        dependents.append(dependencies)
        curves.append(exceedance_curves(strategy, disruption, together[dealt(Rows.of(together), exposed)], measures))
        losses[strategy, disruption] = losses_of(affected, counted)
    return _Reduced(_below(summaries), _below(dependents), stacked(curves), losses)


def _below(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return tables of the same columns one below the other."""
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def with_settings(scenario: Scenario, *, drills: int | None = None, seed: int | None = None) -> Scenario:
    """Return the scenario with other drills or another seed, where given.

    Raises:
        InputError: out of range.
    """
    in_range(drills=drills, seed=seed)
    given = {name: value for name, value in (("drills", drills), ("seed", seed)) if value is not None}
    return scenario.model_copy(update=given)


def choose(
    scenario: Scenario, strategies: Sequence[str] | None, disruptions: Sequence[str] | None
) -> dict[str, tuple[str, ...]]:
    """Return the names of `strategy` and `disruption` asked for, in the scenario's order; all where none is.

    Raises:
        InputError: names that are not there; all of them.
    """
    chosen, problems = {}, []
    for what, names, given in (
        ("strategy", scenario.strategies, strategies),
        ("disruption", scenario.disruptions, disruptions),
    ):
        asked = tuple(given or names)
        rule = f"the scenario has no such {what}"
        problems += [
            Problem("", 0, f"no-such-{what}", f"{n!r}", rule, suggestion(n, names)) for n in asked if n not in names
        ]
        chosen[what] = tuple(name for name in names if name in asked)
    if problems:
        raise InputError(tuple(problems))
    return chosen


def joined(scenario: Scenario, results: Sequence[Result], notices: Sequence[Problem] | None = None) -> Result:
    """Return the results of single strategies, all of the same drills, as the one of a study of them together.

    A strategy's result depends on no other strategy, so that it is the same as if they had been run in one study, but
    for the incidents, which are not kept.

    Args:
        scenario: with all strategies of the results and the drills and seed of the study.
        results: in the scenario's order, each of `run` with one of its strategies and all disruptions.
        notices: of the scenario, by `drsim.study.notices.notices`; None for those that the results have.

    Raises:
        InputError: they have other definitions than this version's.
    """
    records = [result.run for result in results]
    check_definitions(*records)
    chosen = {
        "strategy": tuple(name for record in records for name in record["strategies"]),
        "disruption": tuple(records[0]["disruptions"]),
    }
    pairs = [(s, d) for s in chosen["strategy"] for d in chosen["disruption"]]
    reasons = {
        (each["strategy"], each["disruption"]): each["why"]
        for record in records
        for each in record["clock"]["on_process_clock"]
    }
    clock = _clock_record(records[0]["clock"]["asked"], pairs, reasons)
    times = [record["timing"] for record in records]
    timing = {name: round(sum(each[name] for each in times), 3) for name in times[0]}
    # what was said about the scenario is said anew; what was found in a study names its strategy
    from drsim.study.notices import together  # prices are read only where a study ends

    found = [problem for result in results for problem in result.warnings]
    said, others = [each for each in found if each.under], [each for each in found if not (each.under or each.line)]
    return Result(
        NotKept(),
        pd.concat([result.summary for result in results], ignore_index=True),
        stacked([result.curves for result in results]),
        pd.concat([result.costs for result in results], ignore_index=True),
        pd.concat([result.events for result in results], ignore_index=True),
        by_weight((*scenario.warnings, *(together(said, chosen["strategy"]) if notices is None else notices), *others)),
        _record(scenario, chosen, clock, dump_scenario(scenario)) | {"timing": timing},
        dependencies=_below([result.dependencies for result in results]),
    )


def _costs(
    scenario: Scenario, worlds: Mapping[str, World], losses: Mapping[Pair, Losses], *, is_part: bool
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Problem, ...]]:
    """Return the steady cost per month and the cost of recoveries, over all strategies, and notices of each."""
    # prices are read only where a study ends
    from drsim.study.costs import event_costs, short_rebuilds, steady_table
    from drsim.study.costs.estate import Estate
    from drsim.study.notices import MEASURED, Outlook, foreseen

    outlooks = [Outlook(Estate.of(scenario, world), scenario.drills) for world in worlds.values()]
    steady = [steady_table(outlook.strategy, outlook.bill) for outlook in outlooks]
    events, rebuilds = [], list[Problem]()
    for outlook in outlooks:
        own = {disruption: each for (strategy, disruption), each in losses.items() if strategy == outlook.strategy}
        events.append(event_costs(scenario, worlds[outlook.strategy], own, outlook.estate))
        rebuilds += short_rebuilds(events[-1])
    notices = foreseen(scenario, outlooks, without=MEASURED) if not is_part else ()
    return pd.concat(steady, ignore_index=True), pd.concat(events, ignore_index=True), (*notices, *rebuilds)


def _clock_record(asked: str, pairs: Sequence[Pair], reasons: Mapping[Pair, str]) -> dict[str, Any]:
    """Return which clock was asked for, which was used, and why."""
    if asked == "process":
        used, why = "process", "asked for"
    elif not reasons:
        used, why = "vectorised", "asked for" if asked == "vectorised" else "it takes all"
    else:
        used = "process" if len(reasons) == len(pairs) else "vectorised and process"
        why = "the process clock takes what the vectorised clock does not"
    on_process = [{"strategy": s, "disruption": d, "why": reason} for (s, d), reason in reasons.items()]
    return {"asked": asked, "used": used, "why": why, "on_process_clock": on_process}


def _record(
    scenario: Scenario, chosen: Mapping[str, tuple[str, ...]], clock: Mapping[str, Any], text: str
) -> dict[str, Any]:
    """Return what is needed to repeat the study, as plain data; `text` is the scenario's."""
    listed = scenario.prices.catalogue or scenario.catalogue.default_prices
    command = ["drsim", "run", SCENARIO_FILE, "--drills", str(scenario.drills), "--seed", str(scenario.seed)]
    for what, all_names in (("strategy", scenario.strategies), ("disruption", scenario.disruptions)):
        if len(chosen[what]) < len(all_names):
            command += [word for name in chosen[what] for word in (f"--{what}", name)]
    return {
        "name": scenario.name,
        "definitions": DEFINITIONS,
        "command": shlex.join(command),
        "seed": scenario.seed,
        "drills": scenario.drills,
        "strategies": list(chosen["strategy"]),
        "disruptions": list(chosen["disruption"]),
        "clock": dict(clock),
        "catalogue": scenario.catalogue.version,
        "prices": {"list": listed, "as_of": str(scenario.catalogue.prices(listed).as_of)},
        "versions": {"drsim": __version__, "python": python_version()} | {name: version(name) for name in _PACKAGES},
        "scenario_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "scenario": text,
    }
