"""From the logs of drills, piece by piece, to the tables of a study; incidents are written down as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import pandas as pd

from drsim.engine.exposure import Exposure
from drsim.study.affected import Affected
from drsim.study.bench import Bench
from drsim.study.curves import exceedance_curves
from drsim.study.dealing import Rows, dealt, dependent
from drsim.study.guard import check_incidents
from drsim.study.incidents import block, stacked
from drsim.study.losses import Losses, RestoreKind, losses_of
from drsim.study.measures import wanted
from drsim.study.pieces import Pair, most_drills
from drsim.study.summary import summarise
from drsim.study.work import READS, DrillLog


class PairLog(NamedTuple):
    """The log of drills of a pair up to number `last - 1`, from those of the one before on."""

    pair: Pair
    last: int
    log: DrillLog


class Reduced(NamedTuple):
    """Summary, dependents and curves of all pairs, and what their incidents cost in time."""

    summary: pd.DataFrame
    dependencies: pd.DataFrame
    curves: pd.DataFrame
    losses: dict[Pair, Losses]


def in_blocks(logs: Iterable[PairLog], drills: int, rows: Mapping[Pair, int]) -> Iterator[PairLog]:
    """Yield logs in blocks of a pair, the last one of a pair shorter, in whatever pieces they come.

    Pairs that are run together have one block each, which is whole only with their last drills.

    Args:
        logs: in the order of the log, but for parts of the drills of pairs that are run together.
        drills: per pair.
        rows: of incidents that a drill of each pair has, about.
    """
    gathered: dict[Pair, list[DrillLog]] = {}
    for pair, last, log in logs:
        parts = gathered.setdefault(pair, [])
        parts.append(log)
        if last % most_drills(rows[pair]) == 0 or last == drills:
            restores = sum((part.restores for part in parts), Counter())
            yield PairLog(pair, last, DrillLog(_together([part.incidents for part in parts]), restores))
            del gathered[pair]


def reduced(bench: Bench, logs: Iterable[PairLog], write: Callable[[pd.DataFrame], object] | None = None) -> Reduced:
    """Return summary, curves and losses of all pairs, writing the incidents down as they come.

    Of an application only its own drills are written, so that strategy, disruption, drill and subject are a key.

    Args:
        bench: of the drills.
        logs: those of a pair one after the other.
        write: what appends a block of incidents to their file; None where they are not kept.
    """
    scenario = bench.scenario
    summaries, dependents, curves, losses = [], [], [], {}
    objectives = [app.objectives.under(d) for app in scenario.applications.values() for d in scenario.disruptions]
    measures = wanted(objectives)
    for (strategy, disruption), blocks in groupby(logs, lambda log: log.pair):
        columns_read, restores = [], Counter[RestoreKind]()
        exposure = bench.exposure(strategy, disruption)
        for _, _, log in blocks:
            check_incidents(strategy, disruption, log.incidents)
            columns_read.append(log.incidents[list(READS)])
            restores += log.restores
            if write is not None:
                write(block(strategy, disruption, _counted(log.incidents, exposure)))
        incidents = _together(columns_read)
        affected = Affected.of(incidents, exposure)
        summary, dependencies = summarise(strategy, disruption, affected, scenario.applications, scenario.drills)
        summaries.append(summary)
        dependents.append(dependencies)
        counted = incidents[dealt(Rows.of(incidents), exposure)]
        curves.append(exceedance_curves(strategy, disruption, counted, measures))
        losses[strategy, disruption] = losses_of(affected, restores)
    return Reduced(below(summaries), below(dependents), stacked(curves), losses)


def _counted(incidents: pd.DataFrame, exposure: Exposure) -> pd.DataFrame:
    """Return the incidents that count in a summary, of dependents, too."""
    rows = Rows.of(incidents)
    is_kept = dealt(rows, exposure) | dependent(rows, exposure)
    return incidents if is_kept.all() else incidents[is_kept].reset_index(drop=True)


def _together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames one below the other."""
    return frames[0] if len(frames) == 1 else stacked(frames)


def below(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return tables of the same columns one below the other."""
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
