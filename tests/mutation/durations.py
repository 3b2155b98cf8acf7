"""A plugin of pytest that writes how long each test takes [s], as JSON, to the file that `DURATIONS` names."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

_seconds: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add what a part of a test has taken."""
    _seconds[report.nodeid] += report.duration  # type: ignore[assignment]  # a counter adds fractions, too


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the file, where all reports have come together."""
    if not hasattr(session.config, "workerinput"):
        Path(os.environ["DURATIONS"]).write_text(json.dumps(_seconds), encoding="utf-8")
