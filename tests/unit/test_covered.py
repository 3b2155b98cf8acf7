"""What the tests run is counted by package, and held against limits."""

from __future__ import annotations

import pytest

from tests.covered import Count, by_package, table


def _summary(lines: int, lines_run: int, branches: int, branches_run: int) -> dict[str, int]:
    """Return what coverage.py says of a file."""
    return {
        "num_statements": lines,
        "covered_lines": lines_run,
        "num_branches": branches,
        "covered_branches": branches_run,
    }


def test_files_are_counted_by_package() -> None:
    """Files of a package and of packages within it are added, and all packages make the total."""
    files = {
        "drsim/laws/cost.py": _summary(10, 9, 4, 3),
        "drsim/laws/queue.py": _summary(20, 20, 0, 0),
        "drsim/engine/process/jobs.py": _summary(5, 1, 2, 2),
    }
    assert by_package(files) == {
        "drsim/engine": Count(5, 1, 2, 2),
        "drsim/laws": Count(30, 29, 4, 3),
        "total": Count(35, 30, 6, 5),
    }


@pytest.mark.parametrize(
    ("count", "below"),
    [
        (Count(100, 95, 100, 90), []),
        (Count(100, 94, 100, 90), ["below 95% of lines"]),
        (Count(100, 95, 100, 89), ["below 90% of branches"]),
        (Count(100, 0, 100, 0), ["below 95% of lines", "below 90% of branches"]),
        (Count(), []),
    ],
)
def test_what_is_below_a_limit_is_named(count: Count, below: list[str]) -> None:
    """The row of a package below 95 % of lines or 90 % of branches says so."""
    heading, row = table({"drsim/laws": count})
    assert heading.split() == ["package", "lines", "missed", "run", "branches", "missed", "run"]
    assert [words.strip() for words in row.split("  ") if words.strip().startswith("below")] == below
