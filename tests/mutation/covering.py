"""Which tests run which line: measured once, by coverage.py, with the test as context."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from coverage import CoverageData

FOLDERS = ("laws", "engine", "scenario", "study", "property", "unit", "cli")
"""Folders of tests that are asked; those of the app and the documents see figures through these packages only."""

MOST_S = 60.0
"""Time of the tests that one mutation is held against [s]."""


def measure(root: Path, to: Path) -> None:
    """Run the tests and write which lines each has run, and how long it took, into a folder.

    Those that fail without any mutation are told by pytest, and are not asked later.

    Args:
        root: of a copy of the project.
        to: folder for `coverage` and `durations.json`.

    Raises:
        RuntimeError: the tests cannot be run.
    """
    to.mkdir(parents=True, exist_ok=True)
    words = ("-n", "2", "--dist", "loadgroup", "-q", "-m", "not slow and not thorough")
    measured = ("--cov", "--cov-context=test", "--cov-report=", "-p", "tests.mutation.durations")
    folders = [f"tests/{folder}" for folder in FOLDERS]
    place = {"COVERAGE_FILE": str(to / "coverage"), "DURATIONS": str(to / "durations.json"), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *measured, *folders], cwd=root, env=os.environ | place, check=False
    )
    if done.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest ended with {done.returncode}")


class Covering:
    """Tests by the lines that they run."""

    def __init__(self, folder: Path) -> None:
        """Read what `measure` has written into a folder."""
        self._data = CoverageData(str(folder / "coverage"))
        self._data.read()
        self._seconds: dict[str, float] = json.loads((folder / "durations.json").read_text(encoding="utf-8"))
        self._files = {Path(path).as_posix(): path for path in self._data.measured_files()}
        self._contexts = cache(self._data.contexts_by_lineno)

    def tests(self, path: str, lines: Iterable[int] | None) -> tuple[list[str], int]:
        """Return the tests that run any of these lines, and how many more there would be.

        Short ones come first, and the more of a file have been named, the later its next comes.

        Args:
            path: of a module, from the root of the project.
            lines: of it; None for all.
        """
        file = next((full for posix, full in self._files.items() if posix.endswith(f"/{path}")), None)
        if file is None:
            return [], 0
        by_line = self._contexts(file)
        contexts = {c for line in (by_line if lines is None else lines) for c in by_line.get(line, ())}
        names = {context.rpartition("|")[0] for context in contexts} & self._seconds.keys()
        return _affordable(_in_turn(names, self._seconds), self._seconds)

    def seconds(self, tests: Iterable[str]) -> float:
        """Return how long tests took when they were measured [s]."""
        return sum(self._seconds[test] for test in tests)


def _in_turn(tests: Iterable[str], seconds: Mapping[str, float]) -> list[str]:
    """Return tests in the order of their time, that of the nth of a file counted n times."""
    ranks: Counter[str] = Counter()
    turns = []
    for test in sorted(tests, key=lambda name: (seconds[name], name)):
        file = test.partition("::")[0]
        ranks[file] += 1
        turns.append((ranks[file] * seconds[test], test))
    return [test for *_, test in sorted(turns)]


def _affordable(tests: Sequence[str], seconds: dict[str, float]) -> tuple[list[str], int]:
    """Return as many of the tests, from the first on, as take `MOST_S`, and the number of the others."""
    left = MOST_S
    kept: list[str] = []
    for test in tests:
        left -= seconds[test]
        if left < 0 and kept:
            break
        kept.append(test)
    return kept, len(tests) - len(kept)
