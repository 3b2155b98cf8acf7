"""The bank: an estate whose copies can never keep up, so that each drill has to go through all jobs there ever were."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.measure import Promise, figure, table

SCENARIO = Path(__file__).with_suffix(".yaml")

_LONGEST_S, _SILENT_S = 60.0, 2.0
"""What is promised of two processors: the whole study, and the longest time without a line of progress."""

_MARGIN_S = 0.25
"""Added to what is promised of a line, since it takes a moment until it is read here."""


def bank(drills: int = 1000, workers: int = 2) -> tuple[str, list[Promise]]:
    """Return the table of what a run of the bank at the command line takes, and what is promised of it.

    Args:
        drills: per strategy and disruption.
        workers: processes.
    """
    words = ("-m", "drsim", "run", str(SCENARIO), "--drills", str(drills), "--workers", str(workers), "--format", "csv")
    begun = said = perf_counter()
    silent_s = 0.0
    with subprocess.Popen(  # noqa: S603  # our own
        [sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        for _ in process.stderr or ():
            now = perf_counter()
            silent_s, said = max(silent_s, now - said), now
    if process.returncode:
        raise RuntimeError(f"the bank ended with status {process.returncode}")
    whole_s = perf_counter() - begun
    silent_s = max(silent_s, begun + whole_s - said)
    promises = [
        Promise("the bank, whole [s]", whole_s, _LONGEST_S, at_least=False),
        Promise("the bank, longest silence [s]", silent_s, _SILENT_S + _MARGIN_S, at_least=False),
    ]
    rows = [[f"{drills:,} drills, {workers} workers", figure(whole_s), figure(silent_s)]]
    return table(["the bank", "whole s", "longest silence s"], rows), promises
