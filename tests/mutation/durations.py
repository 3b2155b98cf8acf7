"""A plugin of pytest that writes how long each test takes [s], as JSON, to the file that `DURATIONS` names.

Tests that fail are left out: they would fail under any mutation.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

_seconds: Counter[str] = Counter()
_failed: set[str] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add what a part of a test has taken."""
    _seconds[report.nodeid] += report.duration  # type: ignore[assignment]  # a counter adds fractions, too
    if report.failed:
        _failed.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the file, where all reports have come together."""
    if not hasattr(session.config, "workerinput"):
        seconds = {test: duration for test, duration in _seconds.items() if test not in _failed}
        Path(os.environ["DURATIONS"]).write_text(json.dumps(seconds), encoding="utf-8")
