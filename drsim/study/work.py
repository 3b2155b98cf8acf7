"""Drills and lives are run piece by piece, in this process or in several: their logs do not depend on which."""

from __future__ import annotations

import os
import shlex
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import pandas as pd

from drsim.engine import run_all_vectorised, run_drills, run_lives
from drsim.errors import DrsimError
from drsim.study.affected import FIGURES, LOSSES
from drsim.study.losses import RestoreKind, count_restores
from drsim.study.pieces import Lives, Piece
from drsim.study.workers import Answer, Job, by_workers, may_start, start_context
from drsim.world import World

READS = ("drill", "level", "subject", "struck", "state", *FIGURES, *LOSSES)
"""The columns of incidents that are read, whether or not all are wanted."""

_WORTH_S = {"fork": 0.8, "spawn": 3.0}
"""Work left that makes up for starting worker processes and for sending logs, by how they start [s]."""


_LONG_S = 5.0
"""What is expected to take longer is given to workers at once [s]."""


class DrillLog(NamedTuple):
    """The log of drills under one disruption: their incidents, and the restores among these, counted."""

    incidents: pd.DataFrame
    restores: Counter[RestoreKind]


def work(worlds: Mapping[str, World], piece: Piece, *, whole: bool) -> list[DrillLog]:
    """Return the logs of the drills of a piece, one for each of its disruptions.

    Args:
        worlds: by strategy.
        piece: what to run.
        whole: whether all columns are wanted, or only `READS`.
    """
    world = worlds[piece.strategy]
    try:
        logs = _logs(world, piece)
    except (DrsimError, MemoryError):
        raise
    except Exception as error:
        error.add_note(_repeat(world, _where_it_fails(world, piece)))
        raise
    in_order = (logs[name] for name in piece.disruptions)
    return [DrillLog(log if whole else log[list(READS)], count_restores(log)) for log in in_order]


def _logs(world: World, piece: Piece) -> dict[str, pd.DataFrame]:
    """Return the logs of the drills of a piece, by disruption."""
    if piece.is_vectorised:
        return run_all_vectorised(world, piece.disruptions, piece.first, piece.last, at_once=piece.at_once)
    return {name: run_drills(world, name, piece.first, piece.last) for name in piece.disruptions}


def _where_it_fails(world: World, piece: Piece) -> Piece:
    """Return the smallest part of a piece that fails as the piece did: one disruption, one drill, as a rule."""
    while True:
        for part in piece.parts():
            try:
                _logs(world, part)
            except Exception:  # noqa: BLE001  # whatever it is
                piece = part
                break
        else:
            return piece


def _repeat(world: World, piece: Piece) -> str:
    """Return where an error arose, and the command that has it arise again."""
    names = ", ".join(piece.disruptions)
    drills = f"drill {piece.first}" if piece.drills == 1 else f"drills {piece.first} to {piece.last - 1}"
    words = ["--strategy", piece.strategy, *(word for name in piece.disruptions for word in ("--disruption", name))]
    command = shlex.join(("drsim", "run", "SCENARIO", *words, "--drills", str(piece.last), "--seed", str(world.seed)))
    return f"It arose with the strategy {piece.strategy} under {names} in {drills}; once more:\n  {command}"


def work_through(
    worlds: Mapping[str, World], pieces: Sequence[Piece], workers: int | None, expected_s: float = 0.0, *, whole: bool
) -> Generator[list[DrillLog]]:
    """Yield the logs of each piece, in the order of the pieces; closing it ends the workers.

    Args:
        worlds: by strategy.
        pieces: what to run.
        workers: processes; where None, other processes than this one only if there is enough to do for them.
        expected_s: how long all of it takes one processor, roughly [s].
        whole: as for `work`.
    """
    rest = deque(pieces)
    if workers is None:
        # the process clock is slow enough to need no trial, and so is what takes long by any guess
        if expected_s < _LONG_S and all(piece.is_vectorised for piece in pieces):
            yield from _while_short(worlds, rest, whole=whole)
        workers = usual_workers()
    yield from each_of(partial(work, worlds, whole=whole), rest, workers)


def live_through(worlds: Mapping[str, World], pieces: Sequence[Lives], workers: int) -> Generator[pd.DataFrame]:
    """Yield the incidents of each piece of lives, in the order of the pieces; closing it ends the workers.

    Args:
        worlds: by strategy.
        pieces: what to run.
        workers: processes.
    """
    yield from each_of(partial(_live, worlds), pieces, workers)


def _live(worlds: Mapping[str, World], piece: Lives) -> pd.DataFrame:
    return run_lives(worlds[piece.strategy], piece.first, piece.last, piece.years)


def each_of(do: Callable[[Job], Answer], jobs: Collection[Job], workers: int) -> Generator[Answer]:
    """Yield what comes of jobs, in their order, in this process or in several."""
    workers = min(workers, len(jobs))
    yield from by_workers(do, jobs, workers) if workers > 1 and may_start() else map(do, jobs)


def usual_workers() -> int:
    """Return how many processes work where nobody says: two, or one on a machine with one processor."""
    return min(2, os.cpu_count() or 1)


def _while_short(worlds: Mapping[str, World], rest: deque[Piece], *, whole: bool) -> Generator[list[DrillLog]]:
    """Take pieces from the front and run them in this process, until what is left is seen to be worth workers."""
    spent, done, worth_s = 0.0, 0, _WORTH_S[start_context().get_start_method()]
    while rest and (not done or spent / done * sum(piece.drills for piece in rest) < worth_s):
        piece = rest.popleft()
        begun = time.process_time()
        logs = work(worlds, piece, whole=whole)
        spent += time.process_time() - begun
        done += piece.drills
        yield logs


class Stopwatch:
    """How long the drills take, apart from writing their incidents down."""

    def __init__(self) -> None:
        self._begun = _now()
        self._writing = (0.0, 0.0)

    def apart(self, write: Callable[[pd.DataFrame], object]) -> Callable[[pd.DataFrame], None]:
        """Return `write` with its time taken apart."""

        def timed(block: pd.DataFrame) -> None:
            begun = _now()
            write(block)
            self._writing = _plus(self._writing, _minus(_now(), begun))

        return timed

    def seconds(self) -> dict[str, float]:
        """Return what has passed since the beginning [s], on the wall and of processors, in all processes that ended.

        Where workers go on while this process writes, that time counts as writing.
        """
        simulated = _minus(_minus(_now(), self._begun), self._writing)
        named = {"simulation": simulated, "writing": self._writing}
        return {
            f"{what}_{of}_s": round(seconds, 3)
            for what, pair in named.items()
            for of, seconds in zip(("wall", "cpu"), pair, strict=True)
        }


def _now() -> tuple[float, float]:
    """Return the time on the wall and the time that processors spent on this process and on children that ended [s]."""
    spent = os.times()
    return time.perf_counter(), time.process_time() + spent.children_user + spent.children_system


def _plus(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return a[0] + b[0], a[1] + b[1]


def _minus(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return a[0] - b[0], a[1] - b[1]
