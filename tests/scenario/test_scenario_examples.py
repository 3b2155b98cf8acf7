"""Failing, warned and nearly failing examples of each check; findings stand at the line marked `# here`.

A check that is registered without its examples fails here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from drsim.errors import Edit, Problem
from drsim.scenario import check_scenario, check_text
from drsim.scenario.edit import as_changes, edited
from drsim.scenario.nodes import Plain, plain
from drsim.scenario.registry import ERRORS, WARNINGS
from drsim.scenario.source import MAX_BYTES
from drsim.scenario.yaml_text import read_yaml
from drsim.study.notices import NOTICES, notices

TESTS = Path(__file__).parents[1]
BAD = sorted((TESTS / "cli" / "bad").glob("*.yaml"))
WARNED = sorted((TESTS / "data" / "warned").glob("*.yaml"))

CHECKS = {*ERRORS, *WARNINGS, *NOTICES}
"""All that is registered."""

NEARLY = read_yaml((TESTS / "data" / "nearly.yaml").read_text(encoding="utf-8"), "nearly.yaml")[0]

READING = {
    "binary-file",
    "not-utf-8",
    "empty-file",
    "not-a-mapping",
    "no-scenario",
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
    assert {path.stem for path in WARNED} == {*WARNINGS, *NOTES, *NOTICES}


def test_every_check_has_a_nearly_failing_example() -> None:
    """There is one nearly failing example for each identifier, and none for others."""
    assert set(NEARLY.entries or {}) == CHECKS


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
    lines = found_at((*warnings, *notices(scenario)), path.stem)
    assert lines
    assert marked(path) in (None, lines[0])


def example(check: str) -> Path:
    """Return the failing example of a check."""
    return next(path for path in (*BAD, *WARNED) if path.stem == check)


def problems_of(text: str, path: Path) -> tuple[Problem, ...]:
    """Return everything that is found about a text in the place of an example."""
    scenario, errors, warnings = check_text(text, str(path), path.parent)
    return errors if scenario is None else (*warnings, *notices(scenario))


def changed(path: Path, edits: tuple[Edit, ...]) -> str:
    """Return the text of an example with edits."""
    return edited(path.read_text(encoding="utf-8"), as_changes(edits))


def nearly(check: str) -> tuple[Edit, ...]:
    """Return what makes the failing example of a check a nearly failing one."""
    changes = NEARLY.get(check)
    assert changes is not None
    data: Plain = plain(changes)
    assert isinstance(data, dict)
    return tuple(
        Edit(tuple(int(part) if part.isdigit() else part for part in place.split("/")), value)
        for place, value in data.items()
    )


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_a_nearly_failing_example_passes(check: str) -> None:
    """What stands just on the right side is not found, and nothing is wrong with it."""
    path = example(check)
    found = {problem.check for problem in problems_of(changed(path, nearly(check)), path)}
    assert found.isdisjoint({check, *ERRORS, *READING})


WORDS = {
    *("ambiguous-name", "nested-resources", "too-many-copy-actions", "too-many-rules"),
    *("unknown-application", "unknown-disruption", "unknown-kind", "unknown-plan", "unknown-type"),
    *("unknown-dependency", "unknown-feature", "unmatched-selector", "wrong-price"),
    *("air-gapped-ignored", "cloudformation", "cold-ignored", "continuous-ignored", "copy-ignored"),
    *("daily-snapshots", "needs-with-data", "single-action-copy", "target-vault-elsewhere"),
    *("unpriced-loss", "unprotected", "copy-never-completes"),
    "region-taken-as",  # that an estimate decides is told, not repaired
}
"""Checks whose repair takes more knowledge than the scenario holds, of their examples at least: they advise in words,
or there is no repair."""


@pytest.mark.parametrize("check", sorted(CHECKS - WORDS))
def test_advice_never_leads_into_the_next_error(check: str) -> None:
    """A repair is told with what it changes; once it is made its finding is gone, and nothing is wrong."""
    path = example(check)
    before = problems_of(path.read_text(encoding="utf-8"), path)
    own = [problem for problem in before if problem.check == check]
    assert own
    for problem in own:
        assert problem.repair
        assert problem.edits
        after = problems_of(changed(path, problem.edits), path)
        assert {each.check for each in after}.isdisjoint({check, *ERRORS, *READING})


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
