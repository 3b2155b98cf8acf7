"""Mutations of the code: where they are made, and which tests they are held against."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from coverage import CoverageData

from tests.mutation.covering import MOST_S, Covering
from tests.mutation.sites import Mutation, drawn, lines_run, mutated, mutations
from tests.mutation.trial import copied, tried

MODULE = dedent(
    '''\
    """A module."""

    from __future__ import annotations

    from functools import cache

    LEAST = 3


    @cache
    def doubled(number: int | None = None) -> int | None:
        """Return twice a number."""
        if number is None:
            return None
        total = (
            number
            * 2
        )
        return total
    '''
)
PATH = "drsim/laws/doubled.py"


def at(line: int, operator: str) -> Mutation:
    """Return the mutation of a kind on a line of the module."""
    return next(m for m in mutations(PATH, MODULE) if (m.start[0], m.operator) == (line, operator))


def test_only_what_changes_an_answer_is_mutated() -> None:
    """Numbers, conditions and operations are mutated, annotations and decorators are not."""
    assert {m.start[0] for m in mutations(PATH, MODULE)} == {7, 13, 17}


def test_a_mutation_changes_one_place() -> None:
    """A mutated module differs in the line that the mutation names."""
    changed = mutated(MODULE, at(17, "core/ReplaceBinaryOperator_Mul_Add")).splitlines()
    assert [line for line in changed if line not in MODULE.splitlines()] == ["        + 2"]


def test_a_place_that_is_not_there_is_refused() -> None:
    """A mutation of another text is not passed over."""
    with pytest.raises(ValueError, match="no core/NumberReplacer number 99"):
        mutated(MODULE, Mutation(PATH, (7, 8), (7, 9), "core/NumberReplacer", 99))


def test_a_draw_is_repeated_by_its_seed(tmp_path: Path) -> None:
    """The same seed draws the same places, each once; another draws others."""
    for package in ("laws", "world", "engine", "study"):
        module = tmp_path / "drsim" / package / "module.py"
        module.parent.mkdir(parents=True)
        module.write_text(MODULE, encoding="utf-8")
    first = drawn(tmp_path, 8, seed=1)
    assert first == drawn(tmp_path, 8, seed=1)
    assert first != drawn(tmp_path, 8, seed=2)
    assert len({(m.path, m.start) for m in first}) == 8


@pytest.mark.parametrize(
    ("line", "operator", "lines"),
    [
        (7, "core/NumberReplacer", None),
        (13, "core/AddNot", [13]),
        (17, "core/NumberReplacer", [15, 16, 17, 18]),
    ],
)
def test_lines_are_those_of_the_statement(line: int, operator: str, lines: list[int] | None) -> None:
    """A statement of several lines counts as one, of one that holds others the head alone; on import there is none."""
    run = lines_run(MODULE, at(line, operator))
    assert (None if run is None else list(run)) == lines


TESTS = """
from drsim.laws.doubled import doubled

def test_two():
    assert doubled(2) == 4

def test_nothing():
    assert doubled() is None
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project of one module and two tests, of which only the first runs its sum."""
    for folder in ("drsim/laws", "tests"):
        (tmp_path / "project" / folder).mkdir(parents=True)
    for path, text in (("drsim/__init__.py", ""), (PATH, MODULE), ("tests/test_doubled.py", TESTS)):
        (tmp_path / "project" / path).write_text(text, encoding="utf-8")
    return copied(tmp_path / "project", tmp_path / "copy")


def measured(project: Path, seconds: dict[str, float]) -> Covering:
    """Return what a measurement of the project's tests would have told."""
    data = CoverageData(str(project / "coverage"))
    for test, lines in (("test_two", [13, 15]), ("test_nothing", [13, 14])):
        data.set_context(f"tests/test_doubled.py::{test}|run")
        data.add_lines({str(project / PATH): lines})
    data.write()
    named = {f"tests/test_doubled.py::{test}": duration for test, duration in seconds.items()}
    (project / "durations.json").write_text(json.dumps(named), encoding="utf-8")
    return Covering(project)


def test_tests_of_a_line_come_shortest_first(project: Path) -> None:
    """Tests that run a line are found, the quickest first, and as many as can be waited for."""
    covering = measured(project, {"test_two": 2.0, "test_nothing": 1.0})
    two, nothing = "tests/test_doubled.py::test_two", "tests/test_doubled.py::test_nothing"
    assert covering.tests(PATH, [13]) == ([nothing, two], 0)
    assert covering.tests(PATH, [15]) == ([two], 0)
    assert covering.tests(PATH, [99]) == ([], 0)
    assert covering.tests(PATH, None) == ([nothing, two], 0)
    assert covering.tests("drsim/laws/other.py", None) == ([], 0)
    covering = measured(project, {"test_two": MOST_S, "test_nothing": 1.0})
    assert covering.tests(PATH, [13]) == ([nothing], 1)


def test_tests_of_all_files_are_asked_early(project: Path) -> None:
    """A quick test of another file comes before the second of this one, which comes before a long one of any."""
    data = CoverageData(str(project / "coverage"))
    seconds = {"tests/a.py::one": 0.1, "tests/a.py::two": 0.2, "tests/b.py::three": 0.3, "tests/c.py::four": 9.0}
    for test in seconds:
        data.set_context(f"{test}|run")
        data.add_lines({str(project / PATH): [13]})
    data.write()
    (project / "durations.json").write_text(json.dumps(seconds), encoding="utf-8")
    in_order = ["tests/a.py::one", "tests/b.py::three", "tests/a.py::two", "tests/c.py::four"]
    assert Covering(project).tests(PATH, [13])[0] == in_order


def test_what_tests_notice_is_killed_and_the_rest_survives(project: Path) -> None:
    """A sum that comes out otherwise is noticed by its test; one that comes out the same, 2 + 2, is not."""
    covering = measured(project, {"test_two": 0.1, "test_nothing": 0.1})
    killed = tried(at(17, "core/ReplaceBinaryOperator_Mul_Sub"), project, covering)
    assert (killed.killed_by, killed.tests) == ("tests/test_doubled.py::test_two", 1)
    survivor = tried(at(17, "core/ReplaceBinaryOperator_Mul_Add"), project, covering)
    assert (survivor.killed_by, survivor.tests) == ("", 1)
    assert "-        * 2" in survivor.diff
    assert "+        + 2" in survivor.diff
    assert (project / PATH).read_text(encoding="utf-8") == MODULE


def test_what_never_ends_is_noticed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that take far longer than without the mutation are a way to notice it."""
    monkeypatch.setattr("tests.mutation.trial.MORE_S", 2.0)
    endless = TESTS + "\n\ndef test_endless() -> None:\n    while doubled(3) != 6:\n        pass\n"
    (project / "tests" / "test_doubled.py").write_text(endless, encoding="utf-8")
    data = CoverageData(str(project / "coverage"))
    data.set_context("tests/test_doubled.py::test_endless|run")
    data.add_lines({str(project / PATH): [17]})
    data.write()
    (project / "durations.json").write_text('{"tests/test_doubled.py::test_endless": 0.1}', encoding="utf-8")
    verdict = tried(at(17, "core/ReplaceBinaryOperator_Mul_Sub"), project, Covering(project))
    assert verdict.killed_by == "no end within 3 s"
