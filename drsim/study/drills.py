"""Drills: every strategy against every disruption, as often as asked.

A drill is a pure function of the scenario, its seed and the drill's number, on either clock. So results depend neither
on the pieces that the work is cut into nor on the number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import CancelledError
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

from drsim.errors import ClockError
from drsim.scenario import Scenario
from drsim.study.bench import Bench
from drsim.study.conclusion import concluded
from drsim.study.effort import MOST_S, of_drills, of_plans, refuse
from drsim.study.heartbeat import working_on
from drsim.study.incidents import INCIDENTS_FILE, keeping
from drsim.study.numbers import in_range
from drsim.study.pieces import Piece, cut, rows_of_a_drill
from drsim.study.record import clock_record
from drsim.study.reduction import PairLog, in_blocks, reduced
from drsim.study.results import OutputDirectory, Result
from drsim.study.settings import Stop
from drsim.study.work import DrillLog, Stopwatch, usual_workers

CLOCKS = ("auto", "vectorised", "process")


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
    """Return the result of drills of strategies against disruptions.

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
        out: a directory to write the files of the result to, as `Result.save` does. The incidents go there as they
            come, and take no memory; a study that does not come to its end leaves nothing there.
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
    bench = Bench(scenario, disruptions, strategies=strategies, drills=drills, seed=seed)
    return run_bench(
        bench,
        clock=clock,
        workers=workers,
        progress=progress,
        stop=stop,
        out=out,
        keep_incidents=keep_incidents,
        max_seconds=max_seconds,
        force=force,
        estimates=estimates,
    )


def run_bench(
    bench: Bench,
    *,
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
    """Return the result of all drills of a bench; arguments and errors as for `run`."""
    number, processes = bench.scenario.drills, workers or usual_workers()
    in_range(workers=workers, max_seconds=max_seconds)
    if clock not in CLOCKS:
        raise ClockError(f"there is no clock {clock!r}; it is one of {', '.join(CLOCKS)}")
    refuse(of_plans(bench.scenario, bench.strategies), max_seconds, force=force)
    working_on("building what is protected")
    effort = of_drills(bench.scenario, bench.worlds, bench.disruptions, number, processes, clock)
    refuse(effort, max_seconds, force=force)
    reasons = {} if clock == "process" else bench.refused
    if clock == "vectorised" and reasons:
        listed = "\n".join(f"    {s} under {d}: {why}" for (s, d), why in reasons.items())
        raise ClockError(f"the vectorised clock does not take all; run with --clock auto, or leave out:\n{listed}")
    rows = {pair: rows_of_a_drill(bench.exposure(*pair)) for pair in bench.pairs}
    on_process_clock = set(bench.pairs) if clock == "process" else set(reasons)
    pieces = list(cut(bench.worlds, rows, on_process_clock, number, processes))
    with nullcontext() if out is None else OutputDirectory(out) as output:
        file = None if output is None else (output.draft / INCIDENTS_FILE, output.folder / INCIDENTS_FILE)
        watch = Stopwatch()
        with keeping(number * sum(rows.values()), file, keep=keep_incidents) as (log, write):
            logs_of_pieces = bench.logs(pieces, workers, effort.seconds, whole=write is not None)
            with closing(_in_order(logs_of_pieces, pieces, progress, stop)) as logs:
                tables = reduced(bench, in_blocks(logs, number, rows), None if write is None else watch.apart(write))
        working_on("adding up costs")
        result = concluded(bench, clock_record(clock, bench.pairs, reasons), watch.seconds(), tables, log)
        if estimates:
            working_on("how far this rests on estimates")
            result = _weighed(bench, result)
        if output is not None:
            working_on(f"writing {out}")
            output.publish(result)
    return result


def _weighed(bench: Bench, result: Result) -> Result:
    """Return the result with a record that says how far it rests on estimates."""
    from drsim.study.estimates import estimates  # which is made of the study of sensitivity, and that of drills

    return replace(result, run={**result.run, "estimates": estimates(bench.scenario, bench.worlds, result.summary)})


def _in_order(
    logs: Generator[list[DrillLog]],
    pieces: Sequence[Piece],
    progress: Callable[[int, int], None] | None,
    stop: Stop | None,
) -> Generator[PairLog]:
    """Yield the logs of pieces by pair, in the order of the log; closing it ends the work.

    Raises:
        CancelledError: `stop` was set.
    """
    total, done = sum(piece.drills for piece in pieces), 0
    with closing(logs):
        for piece in pieces:
            if stop is not None and stop.is_set():
                raise CancelledError("the study was stopped")
            working_on(str(piece))
            for disruption, log in zip(piece.disruptions, next(logs), strict=True):
                yield PairLog((piece.strategy, disruption), piece.last, log)
            done += piece.drills
            if progress is not None:
                progress(done, total)
