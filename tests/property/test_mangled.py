"""Mangled scenarios and plan documents: answered or refused, never with a traceback or an absurd figure."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.mangled.faults import Limits, faults_of, run_one
from tests.mangled.files import mangling, sources

CORPUS = sources()
_WAIT = Limits(seconds=5.0)
"""What takes longer is not judged here: work is estimated elsewhere, and a machine may be slow."""
_SLOW = "over the time"

BATCH = 20


@pytest.mark.long
@pytest.mark.parametrize("batch", [*range(5), *(pytest.param(k, marks=pytest.mark.thorough) for k in range(5, 15))])
def test_mangled_files_are_answered_or_refused(batch: int) -> None:
    """Exit status 0, 2 or 3; no traceback, no warning of Python, no infinite, missing or negative figure."""
    for number in range(batch * BATCH, (batch + 1) * BATCH):
        example = mangling(number, CORPUS)
        faults = [fault for fault in run_one(example, _WAIT) if fault != _SLOW]
        assert faults == [], f"python -m tests.mangled --only {number}"


def test_a_mangled_file_is_made_again_by_its_number() -> None:
    """The same number makes the same file, another one another."""
    assert mangling(11, CORPUS) == mangling(11, CORPUS)
    assert len({(m.source, m.files["scenario.yaml"]) for m in (mangling(k, CORPUS) for k in range(50))}) > 40


@pytest.mark.parametrize(
    ("status", "output", "errors", "cells", "fault"),
    [
        (0, "fine", "", "a,1", None),
        (2, "", "error", None, None),
        (1, "", "This is a bug in drsim 0.1.0: ValueError: no", None, "exit 1: ValueError"),
        (0, "", "Traceback (most recent call last)", None, "traceback"),
        (0, "loss p95  nan d", "", None, "inf or nan"),
        (0, "", "x.py:3: RuntimeWarning: overflow", None, "RuntimeWarning at x.py:3"),
        (0, "", "", f"a,{math.inf}", "downtime_s is inf"),
        (3, "", "", "a,nan", "downtime_s is nan"),
        (0, "", "", "a,-1", "downtime_s is negative"),
        (2, "", "", "a,1", "files in spite of exit 2"),
    ],
)
def test_faults_are_seen(
    status: int, output: str, errors: str, cells: str | None, fault: str | None, tmp_path: Path
) -> None:
    """Each kind of fault is found, and nothing where there is none."""
    if cells is not None:
        (tmp_path / "summary.csv").write_text(f"subject,downtime_s\n{cells}\n", encoding="utf-8")
    faults = faults_of(status, output, errors, tmp_path)
    assert (faults == []) if fault is None else any(fault in line for line in faults)
