"""Checks of data that is not a text: to try repairs, and to say where something stands that is found later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from drsim.catalogue import Catalogue
from drsim.errors import Edit, Problem, Weight
from drsim.scenario.document_words import in_own_words
from drsim.scenario.dump import scenario_data
from drsim.scenario.edit import as_changes, changed
from drsim.scenario.model import Scenario
from drsim.scenario.nodes import Loc, Node, Plain, place
from drsim.scenario.registry import ERRORS, WARNINGS, WEIGHTS, Case, Check, Finding, Repair
from drsim.scenario.repairs import Repairs, State
from drsim.scenario.shape import validate, with_lookalikes


class Checking:
    """The data of a scenario, with which repairs are tried.

    Args:
        root: nodes, which know the lines.
        data: what they say, plan documents in place.
        catalogue: types and kinds to check against.
    """

    def __init__(self, root: Node, data: Mapping[str, Plain], catalogue: Catalogue) -> None:
        self._root, self._data, self._catalogue = root, data, catalogue

    def problems(self, found: Sequence[tuple[str, Finding]], before: Callable[[], State]) -> list[Problem]:
        """Return findings at their lines, each with a repair that was tried."""
        chosen = self.repairs(found, before)
        return [self._problem(name, finding, repair) for (name, finding), repair in zip(found, chosen, strict=True)]

    def _problem(self, name: str, finding: Finding, repair: Repair) -> Problem:
        """Return a finding at its line; characters that only look right are named."""
        said = problem_of(name, finding, repair, place(self._root, finding.loc))
        stands, text = with_lookalikes(self._root, finding.loc, said.found, said.repair)
        return replace(said, found=stands, repair=text)

    def repairs(self, found: Sequence[tuple[str, Finding]], before: Callable[[], State]) -> list[Repair]:
        """Return a repair for each finding that helps and does no harm."""
        return Repairs(found, before, self._trial).chosen()

    def _trial(self, edits: Sequence[Edit]) -> State | None:
        data = changed(self._data, as_changes(edits))
        scenario, refused, _ = validate(data, self._root, self._catalogue)
        return None if scenario is None else state_of(Case(scenario, self._catalogue), refused)


def told(scenario: Scenario, findings: Sequence[tuple[str, Finding]]) -> list[Problem]:
    """Return what is found about a scenario that was read, at the lines of its files, with repairs that were tried.

    Args:
        scenario: a right one.
        findings: with their identifiers, not of the scenario's own checks.
    """
    catalogue = scenario.catalogue
    case = Case(scenario, catalogue)
    data = scenario.written if scenario.written is not None else scenario_data(scenario) if findings else {}
    checking = Checking(Node("", 0, entries={}), data, catalogue)
    repairs = checking.repairs(findings, lambda: state_of(case, (), found_by(WARNINGS, case, [])))
    file, _ = scenario.place(())
    said = [
        problem_of(name, finding, repair, scenario.place(finding.loc))
        for (name, finding), repair in zip(findings, repairs, strict=True)
    ]
    return [problem if problem.file == file else in_own_words(problem) for problem in said]


def problem_of(name: str, finding: Finding, repair: Repair, at: tuple[str, int]) -> Problem:
    """Return a finding as a problem.

    Args:
        name: identifier of its check.
        finding: what was found.
        repair: what to say of it.
        at: file and line.
    """
    weight = WEIGHTS.get(name, Weight.MISLEADS) if finding.weight is None else finding.weight
    usd, alike = finding.usd_per_month, finding.alike
    return Problem(*at, name, finding.found, finding.rule, repair.text, repair.edits, weight, usd, alike=alike)


def found_by(
    table: Mapping[str, Check], case: Case, replaced: list[Loc], most: int | None = None
) -> list[tuple[str, Finding]]:
    """Return what checks find, each so much at most, but for what was found already and replaced."""
    findings: list[tuple[str, Finding]] = []
    for name, function in table.items():
        new = (f for f in function(case) if not any(is_below(loc, replaced) for loc in (f.loc, *f.rests_on)))
        findings += ((name, finding) for finding in islice(new, most))
    return findings


def state_of(case: Case, refused: Iterable[Problem], warned: Sequence[tuple[str, Finding]] | None = None) -> State:
    """Return how often the checks find something.

    Args:
        case: under check.
        refused: what the schema has refused of it.
        warned: what the checks warn of, if that is known; it has then no errors.
    """
    errors = Counter(problem.check for problem in refused)
    if warned is None:
        errors += Counter(name for name, function in ERRORS.items() for _ in function(case))
        warned = [] if errors else found_by(WARNINGS, case, [])
    heavy = frozenset(f.loc for name, f in warned if (f.weight or WEIGHTS[name]) >= Weight.LOSES_MORE)
    return State(errors, Counter(name for name, _ in warned), heavy)


def is_below(loc: Loc, places: Iterable[Loc]) -> bool:
    """Tell whether a place is one of several, or in one of them."""
    return any(loc[: len(above)] == above for above in places)
