"""Drills: every strategy against every disruption, as often as asked.

A drill is a pure function of the scenario, its seed and the drill's number. The work is cut into the same
chunks however many workers there are, so that results do not depend on them.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import CancelledError, ProcessPoolExecutor
from contextlib import closing
from importlib.metadata import version
from itertools import product
from multiprocessing.context import BaseContext
from platform import python_version
from typing import Any, NamedTuple, Protocol

import pandas as pd
from pandas.api.types import union_categoricals

from drsim.catalogue import load_catalogue
from drsim.engine import World, build_world, run_drills
from drsim.errors import ClockError, InputError, Problem
from drsim.scenario import Scenario, dump_scenario
from drsim.study.results import SCENARIO_FILE, Result
from drsim.study.summary import summarise
from drsim.version import __version__

CLOCKS = ("auto", "vectorised", "process")

CHUNK = 250
"""Drills that a worker runs at a time: short enough to show progress and to stop soon."""

_KEYS = (
    *("strategy", "disruption", "level", "subject", "drill", "occurred_s", "contaminated_s", "captured_s"),
    *("state", "recovered_by", "place", "data_loss_s", "downtime_s"),
)
_PACKAGES = ("numpy", "pandas", "scipy", "simpy", "pyarrow")


class Stop(Protocol):
    """Whatever can be asked to stop, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether the study should stop."""


class _Chunk(NamedTuple):
    strategy: str
    disruption: str
    first: int
    last: int


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
) -> Result:
    """Return what drills of strategies against disruptions find out.

    Args:
        scenario: what to study.
        strategies: names of strategies; all where None or empty.
        disruptions: names of disruptions; all where None or empty.
        drills: drills per strategy and disruption, in place of the scenario's.
        seed: seed of all draws, in place of the scenario's.
        clock: `auto` or `process`.
        workers: processes to use; where None two, or one on a machine with one processor.
        progress: called with the drills done and the drills to do.
        stop: asked between chunks of drills whether to stop.

    Raises:
        InputError: a strategy or disruption that is not in the scenario, a number below one.
        ClockError: a clock that this version does not have.
        CancelledError: `stop` was set.
    """
    why = _clock_reason(clock)
    studied = with_settings(scenario, drills=drills, seed=seed)
    chosen = choose(scenario, strategies, disruptions)
    _at_least_one("workers", workers)
    worlds = {name: build_world(studied, name) for name in chosen["strategy"]}
    pairs = list(product(chosen["strategy"], chosen["disruption"]))
    starts = range(0, studied.drills, CHUNK)
    chunks = [_Chunk(*pair, first, min(first + CHUNK, studied.drills)) for pair in pairs for first in starts]
    used = min(workers or min(2, os.cpu_count() or 1), len(chunks))
    frames = _incidents(worlds, chunks, workers=used, progress=progress, stop=stop)
    incidents, summaries = [], []
    for k, (strategy, disruption) in enumerate(pairs):
        found = _stack(frames[k * len(starts) : (k + 1) * len(starts)])
        summaries.append(summarise(strategy, disruption, found, studied.applications))
        for place, (column, name) in enumerate((("strategy", strategy), ("disruption", disruption))):
            found.insert(place, column, pd.Series(pd.Categorical([name] * len(found))))
        incidents.append(found)
    summary = pd.concat(summaries, ignore_index=True)
    whole = _stack(incidents)
    costs, events = _costs(studied, worlds, summary, whole)
    return Result(
        incidents=whole[[*_KEYS, *(c for c in whole.columns if c not in _KEYS)]],
        summary=summary,
        costs=costs,
        events=events,
        warnings=tuple(dict.fromkeys((*studied.warnings, *(p for w in worlds.values() for p in w.warnings)))),
        run=_record(studied, chosen, {"asked": clock, "used": "process", "why": why}),
    )


def with_settings(scenario: Scenario, *, drills: int | None = None, seed: int | None = None) -> Scenario:
    """Return the scenario with other drills or another seed, where given.

    Raises:
        InputError: fewer than one drill.
    """
    _at_least_one("drills", drills)
    given = {name: value for name, value in (("drills", drills), ("seed", seed)) if value is not None}
    return scenario.model_copy(update=given)


def _clock_reason(clock: str) -> str:
    """Return why the process clock runs.

    Raises:
        ClockError: the clock does not exist in this version.
    """
    if clock == "auto":
        return "the process clock is the only one of this version"
    if clock == "process":
        return "asked for"
    if clock == "vectorised":
        raise ClockError("this version has only the process clock; run with --clock process or --clock auto")
    raise ClockError(f"there is no clock {clock!r}; it is one of {', '.join(CLOCKS)}")


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
        rule, repair = f"the scenario has no such {what}", f"choose from: {', '.join(names)}"
        problems += [Problem("", 0, f"no-such-{what}", f"{n!r}", rule, repair) for n in asked if n not in names]
        chosen[what] = tuple(name for name in names if name in asked)
    if problems:
        raise InputError(tuple(problems))
    return chosen


def _at_least_one(what: str, number: int | None) -> None:
    """Refuse a number below one.

    Raises:
        InputError: it is.
    """
    if number is not None and number < 1:
        raise InputError((Problem("", 0, f"too-few-{what}", f"{what}: {number}", "it is at least 1"),))


def _incidents(
    worlds: Mapping[str, World],
    chunks: Sequence[_Chunk],
    *,
    workers: int,
    progress: Callable[[int, int], None] | None,
    stop: Stop | None,
) -> list[pd.DataFrame]:
    """Return the incidents of every chunk, in the order of the chunks.

    Raises:
        CancelledError: `stop` was set.
    """
    total = sum(chunk.last - chunk.first for chunk in chunks)
    done = 0
    found = []
    with closing(_frames(worlds, chunks, workers)) as frames:
        for chunk in chunks:
            if stop is not None and stop.is_set():
                raise CancelledError("the study was stopped")
            found.append(next(frames))
            done += chunk.last - chunk.first
            if progress is not None:
                progress(done, total)
    return found


_worlds: Mapping[str, World] = {}
"""The worlds of a worker process, handed over once when it starts."""


def _start_worker(worlds: Mapping[str, World]) -> None:
    """Keep the worlds, and let Ctrl-C end the worker without a traceback."""
    global _worlds  # noqa: PLW0603  # what a pool's workers share has no other home
    _worlds = worlds
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _run_chunk(chunk: _Chunk) -> pd.DataFrame:
    """Return the incidents of a chunk, in a worker."""
    return run_drills(_worlds[chunk.strategy], chunk.disruption, chunk.first, chunk.last)


def _frames(worlds: Mapping[str, World], chunks: Sequence[_Chunk], workers: int) -> Generator[pd.DataFrame]:
    """Yield the incidents of each chunk, in the order of the chunks; closing it ends the workers."""
    if workers == 1:
        for c in chunks:
            yield run_drills(worlds[c.strategy], c.disruption, c.first, c.last)
        return
    pool = ProcessPoolExecutor(workers, _context(), _start_worker, (worlds,))
    try:
        yield from pool.map(_run_chunk, chunks)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _context() -> BaseContext:
    """Return how to start workers: a fork is fastest, and safe only where no other thread runs."""
    forks = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if forks else "spawn")


def _stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames one below the other, text columns as categories."""
    columns = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = pd.Series(union_categoricals(parts))
        else:
            columns[name] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)


def _costs(
    scenario: Scenario, worlds: Mapping[str, World], summary: pd.DataFrame, incidents: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the steady cost per month and the cost of recoveries, over all strategies."""
    from drsim.study.costs import event_costs, steady_costs  # prices are read only where a study ends

    steady = [steady_costs(scenario, world) for world in worlds.values()]
    events = []
    for name, world in worlds.items():
        own, logged = ((frame["strategy"] == name).to_numpy() for frame in (summary, incidents))
        events.append(event_costs(scenario, world, summary[own], incidents[logged]))
    return pd.concat(steady, ignore_index=True), pd.concat(events, ignore_index=True)


def _record(scenario: Scenario, chosen: Mapping[str, tuple[str, ...]], clock: Mapping[str, str]) -> dict[str, Any]:
    """Return what is needed to repeat the study, as plain data."""
    text = dump_scenario(scenario)
    command = ["drsim", "run", SCENARIO_FILE, "--drills", str(scenario.drills), "--seed", str(scenario.seed)]
    for what, all_names in (("strategy", scenario.strategies), ("disruption", scenario.disruptions)):
        if len(chosen[what]) < len(all_names):
            command += [word for name in chosen[what] for word in (f"--{what}", name)]
    return {
        "name": scenario.name,
        "command": shlex.join(command),
        "seed": scenario.seed,
        "drills": scenario.drills,
        "strategies": list(chosen["strategy"]),
        "disruptions": list(chosen["disruption"]),
        "clock": dict(clock),
        "catalogue": load_catalogue().version,
        "versions": {"drsim": __version__, "python": python_version()} | {name: version(name) for name in _PACKAGES},
        "scenario_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "scenario": text,
    }
