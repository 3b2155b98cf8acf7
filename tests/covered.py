"""A table of what the tests run of each package, with limits: a plugin of pytest, `-p tests.covered`.

It goes with pytest-cov. Coverage is measured by `make coverage` only.
The table stands above pytest's last line, and says where a package is below a limit.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from coverage import Coverage
from coverage.exceptions import NoDataError

LIMITS = {"lines": 0.95, "branches": 0.90}
"""Least shares of what stands in a package that the tests have to run."""

_TABLE = pytest.StashKey["dict[str, Count]"]()


class Count(NamedTuple):
    """Lines and branches that there are, and those that ran."""

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_run: int = 0

    def plus(self, other: Count) -> Count:
        """Return the sum of two counts."""
        return Count(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def shares(self) -> dict[str, float]:
        """Return which share of lines and of branches ran; of none all."""
        lines = self.lines_run / self.lines if self.lines else 1.0
        branches = self.branches_run / self.branches if self.branches else 1.0
        return {"lines": lines, "branches": branches}


def by_package(files: Mapping[str, Mapping[str, int]]) -> dict[str, Count]:
    """Return counts by package of drsim, then their total.

    Args:
        files: summaries by path, as coverage.py writes them to JSON.
    """
    counts: dict[str, Count] = defaultdict(Count)
    for path, summary in files.items():
        package = "/".join(Path(path).parts[:2])
        counts[package] = counts[package].plus(
            Count(
                lines=summary["num_statements"],
                lines_run=summary["covered_lines"],
                branches=summary["num_branches"],
                branches_run=summary["covered_branches"],
            )
        )
    total = Count()
    for count in counts.values():
        total = total.plus(count)
    return {**dict(sorted(counts.items())), "total": total}


def table(counts: Mapping[str, Count]) -> list[str]:
    """Return the lines of a table: a row per package, and what is below a limit named so."""
    rows = [f"{'package':24}{'lines':>8}{'missed':>8}{'run':>8}{'branches':>10}{'missed':>8}{'run':>8}"]
    for package, count in counts.items():
        shares = count.shares()
        below = [what for what, least in LIMITS.items() if shares[what] < least]
        rows.append(
            f"{package:24}{count.lines:8,}{count.lines - count.lines_run:8,}{shares['lines']:8.1%}"
            f"{count.branches:10,}{count.branches - count.branches_run:8,}{shares['branches']:8.1%}"
            + "".join(f"  below {LIMITS[what]:.0%} of {what}" for what in below)
        )
    return rows


def _measured() -> dict[str, Count]:
    """Return what was measured, read from coverage.py's file; nothing where no test ran."""
    coverage = Coverage()
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.json"
        try:
            coverage.json_report(outfile=str(path))
        except NoDataError:
            return {}
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
    return by_package({path: entry["summary"] for path, entry in files.items()})


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Count when pytest-cov has brought together what all processes have run."""
    done = yield
    if session.config.pluginmanager.hasplugin("_cov") and not hasattr(session.config, "workerinput"):
        session.config.stash[_TABLE] = _measured()
    return done


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table above pytest's last line."""
    if counts := config.stash.get(_TABLE, None):
        terminalreporter.section("coverage")
        for line in table(counts):
            terminalreporter.write_line(line)
