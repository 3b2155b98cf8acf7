"""Failing and warned examples: each check has one, and finds it at the line marked `# here`."""

from __future__ import annotations

from pathlib import Path

import pytest

from drsim.errors import Problem
from drsim.scenario import check_scenario
from drsim.scenario.registry import ERRORS, WARNINGS
from drsim.scenario.source import MAX_BYTES

TESTS = Path(__file__).parents[1]
BAD = sorted((TESTS / "cli" / "bad").glob("*.yaml"))
WARNED = sorted((TESTS / "data" / "warned").glob("*.yaml"))

READING = {
    "binary-file",
    "not-utf-8",
    "empty-file",
    "not-a-mapping",
    "yaml-syntax",
    "duplicate-key",
    "yaml-tag",
    "merge-key",
    "unprintable",
    "too-many-values",
    "too-deep",
    "several-documents",
    "unknown-key",
    "missing-key",
    "missing-unit",
    "wrong-quantity",
    "wrong-distribution",
    "wrong-kind",
    "wrong-choice",
    "wrong-name",
    "wrong-date",
    "out-of-range",
    "unknown-parameter",
    "plan-file-unreadable",
    "plan-file-invalid",
    "plan-file-and-rules",
}
"""Identifiers of what reading a file finds, before the registered checks; two more are tested below."""

NOTES = {"plan-vault-assumed", "plan-field-ignored", "plan-from-elsewhere"}
"""Identifiers of what reading a plan document assumes or leaves unread."""


def marked(path: Path) -> int | None:
    """Return the line marked in an example, or None."""
    lines = path.read_bytes().split(b"\n")
    return next((number for number, line in enumerate(lines, 1) if b"# here" in line), None)


def found_at(problems: tuple[Problem, ...], check: str) -> list[int]:
    """Return the lines at which a check found something."""
    return [problem.line for problem in problems if problem.check == check]


def test_every_check_of_errors_has_an_example() -> None:
    """There is one failing example for each identifier, and none for others."""
    assert {path.stem for path in BAD} == set(ERRORS) | READING


def test_every_warning_has_an_example() -> None:
    """There is one warned example for each identifier, and none for others."""
    assert {path.stem for path in WARNED} == set(WARNINGS) | NOTES


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_example_fails_for_its_reason_alone(path: Path) -> None:
    """A failing example is refused by its check, at the marked line, and by no other."""
    scenario, errors, _ = check_scenario(path)
    assert scenario is None
    assert {problem.check for problem in errors} == {path.stem}
    assert marked(path) in (None, found_at(errors, path.stem)[0])
    assert all(problem.rule and problem.found and problem.file for problem in errors)


@pytest.mark.parametrize("path", WARNED, ids=lambda path: path.stem)
def test_a_warned_example_loads_with_its_warning(path: Path) -> None:
    """A warned example loads, and its warning stands at the marked line."""
    scenario, errors, warnings = check_scenario(path)
    assert errors == ()
    assert scenario is not None
    assert scenario.warnings == warnings
    lines = found_at(warnings, path.stem)
    assert lines
    assert marked(path) in (None, lines[0])


@pytest.mark.parametrize("check", ["unreadable-file", "file-too-large"])
def test_files_that_are_not_read(check: str, tmp_path: Path) -> None:
    """A file that is missing or too large is refused unread."""
    path = tmp_path / "scenario.yaml"
    if check == "file-too-large":
        with path.open("wb") as file:
            file.truncate(MAX_BYTES + 1)
    _, errors, _ = check_scenario(path)
    assert [problem.check for problem in errors] == [check]


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    """A folder is refused with a message, not with a traceback."""
    _, errors, _ = check_scenario(tmp_path)
    assert "folder" in errors[0].found
