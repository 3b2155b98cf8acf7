"""Scenario files and texts to scenarios, with all problems at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from drsim.catalogue import Catalogue, load_catalogue
from drsim.errors import Edit, Problem, ScenarioError, Weight, by_weight
from drsim.scenario import (  # noqa: F401  registers the checks
    archive,
    notices,
    overlaps,
    plan_checks,
    recovery_checks,
    references,
    retention_checks,
    vault_checks,
)
from drsim.scenario.document_words import advice_in_document_words, in_document_words
from drsim.scenario.documents import Documents
from drsim.scenario.edit import as_changes, changed
from drsim.scenario.model import Scenario
from drsim.scenario.places import places_of
from drsim.scenario.registry import ERRORS, WARNINGS, WEIGHTS, Case, Check, Finding, Repair
from drsim.scenario.repairs import Repairs, State
from drsim.scenario.shape import validate
from drsim.scenario.source import Loc, Node, Plain, Refused, decode, place, plain, read_bytes, read_yaml

Checked = tuple[Scenario | None, tuple[Problem, ...], tuple[Problem, ...]]
"""The scenario, None where it has errors; the errors; the warnings."""


def load_scenario(
    path: Path | str, *, drills: int | None = None, seed: int | None = None, catalogue: Catalogue | None = None
) -> Scenario:
    """Return the scenario that a file holds.

    Args:
        path: a YAML file; paths of plan documents in it start at its folder.
        drills: replaces the file's.
        seed: replaces the file's.
        catalogue: types and kinds to check against, the shipped ones where left out.

    Raises:
        ScenarioError: with every problem found.
    """
    return _or_raise(check_scenario(path, drills=drills, seed=seed, catalogue=catalogue))


def read_scenario(
    text: str | bytes,
    file: str = "scenario",
    base: Path | None = None,
    *,
    drills: int | None = None,
    seed: int | None = None,
    catalogue: Catalogue | None = None,
) -> Scenario:
    """Return the scenario that a text holds.

    Args:
        text: YAML.
        file: name of the text in messages.
        base: folder of plan documents; None where the text may name no files.
        drills: replaces the text's.
        seed: replaces the text's.
        catalogue: as for `load_scenario`.

    Raises:
        ScenarioError: with every problem found.
    """
    return _or_raise(check_text(text, file, base, drills=drills, seed=seed, catalogue=catalogue))


def check_scenario(
    path: Path | str, *, drills: int | None = None, seed: int | None = None, catalogue: Catalogue | None = None
) -> Checked:
    """Return the scenario of a file, its errors and its warnings; arguments as for `load_scenario`."""
    path = Path(path)
    try:
        content = read_bytes(path, str(path))
    except Refused as refused:
        return None, (refused.problem,), ()
    return check_text(content, str(path), path.parent, drills=drills, seed=seed, catalogue=catalogue)


def check_text(
    text: str | bytes,
    file: str = "scenario",
    base: Path | None = None,
    *,
    drills: int | None = None,
    seed: int | None = None,
    catalogue: Catalogue | None = None,
) -> Checked:
    """Return the scenario of a text, its errors and its warnings; arguments as for `read_scenario`."""
    try:
        content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        root, problems = read_yaml(decode(content, file), file)
    except Refused as refused:
        return None, (refused.problem,), ()
    documents = Documents(root, base)
    root, unread = documents.put_in_place()
    problems += documents.problems
    given = {"drills": drills, "seed": seed}
    data: dict[str, Plain] = {"name": Path(file).stem}
    data |= {key: plain(value) for key, (_, value) in (root.entries or {}).items()}
    data |= {key: value for key, value in given.items() if value is not None}
    catalogue = catalogue or load_catalogue()
    checking = _Checking(root, data, catalogue)
    scenario, refused_values, replaced = validate(data, root, catalogue)
    # a plan that could not be read has no rules to be missed
    problems += [p for p, loc in zip(refused_values, replaced, strict=True) if not _below(loc, unread)]
    if scenario is None:
        return None, _in_order(problems, root.file), ()
    case = Case(scenario, catalogue)
    problems += checking.problems(_found(ERRORS, case, replaced), _state(case, refused_values))
    if problems:
        return None, _in_order(problems, root.file), by_weight(documents.notes)
    found = _found(WARNINGS, case, [])
    warned = checking.problems(found, _state(case, (), found))
    notes = by_weight(_in_order([*documents.notes, *warned], root.file))
    return scenario.read_from(_self_contained(data), notes, places_of(root)), (), notes


class _Checking:
    """The data of a text, with which repairs are tried.

    Args:
        root: nodes, which know the lines.
        data: what they say, plan documents in place.
        catalogue: types and kinds to check against.
    """

    def __init__(self, root: Node, data: dict[str, Plain], catalogue: Catalogue) -> None:
        self._root, self._data, self._catalogue = root, data, catalogue

    def problems(self, found: Sequence[tuple[str, Finding]], before: State) -> list[Problem]:
        """Return findings at their lines, each with a repair that was tried."""
        chosen = Repairs(found, before, self._trial).chosen()
        return [
            problem_of(name, finding, repair, place(self._root, finding.loc))
            for (name, finding), repair in zip(found, chosen, strict=True)
        ]

    def _trial(self, edits: Sequence[Edit]) -> State | None:
        data = changed(self._data, as_changes(edits))
        scenario, refused, _ = validate(data, self._root, self._catalogue)
        return None if scenario is None else _state(Case(scenario, self._catalogue), refused)


def problem_of(name: str, finding: Finding, repair: Repair, at: tuple[str, int]) -> Problem:
    """Return a finding as a problem.

    Args:
        name: identifier of its check.
        finding: what was found.
        repair: what to say of it.
        at: file and line.
    """
    weight = WEIGHTS.get(name, Weight.MISLEADS) if finding.weight is None else finding.weight
    return Problem(*at, name, finding.found, finding.rule, repair.text, repair.edits, weight, finding.usd_per_month)


def _found(table: Mapping[str, Check], case: Case, replaced: list[Loc]) -> list[tuple[str, Finding]]:
    """Return what the checks find, but for what was found already and replaced."""
    found = [(name, finding) for name, function in table.items() for finding in function(case)]
    return [(name, finding) for name, finding in found if not _below(finding.loc, replaced)]


def _state(case: Case, refused: Iterable[Problem], warned: Sequence[tuple[str, Finding]] | None = None) -> State:
    """Return how often the checks find something.

    Args:
        case: under check.
        refused: what the schema has refused of it.
        warned: what the checks warn of, if that is known; it has then no errors.
    """
    errors = Counter(problem.check for problem in refused)
    if warned is None:
        errors += Counter(name for name, function in ERRORS.items() for _ in function(case))
        warned = [] if errors else _found(WARNINGS, case, [])
    heavy = frozenset(f.loc for name, f in warned if (f.weight or WEIGHTS[name]) >= Weight.LOSES_MORE)
    return State(errors, Counter(name for name, _ in warned), heavy)


def _self_contained(data: dict[str, Plain]) -> dict[str, Plain]:
    """Return the data without the paths of plan documents, whose rules stand in it."""
    plans = data.get("backup_plans")
    if not isinstance(plans, dict):
        return data
    inlined: dict[str, Plain] = {}
    for name, plan in plans.items():
        inlined[name] = {k: v for k, v in plan.items() if k != "file"} if isinstance(plan, dict) else plan
    return {**data, "backup_plans": inlined}


def _below(loc: Loc, places: list[Loc]) -> bool:
    return any(loc[: len(above)] == above for above in places)


def _in_order(problems: Iterable[Problem], file: str) -> tuple[Problem, ...]:
    """Return problems, each once, by file and line; of plan documents in their words.

    Args:
        problems: any.
        file: the scenario's.
    """
    return tuple(sorted(dict.fromkeys(each if each.file == file else _of_document(each) for each in problems)))


def _of_document(problem: Problem) -> Problem:
    return replace(
        problem,
        found=in_document_words(problem.found),
        rule=in_document_words(problem.rule),
        repair=advice_in_document_words(problem.repair),
    )


def _or_raise(checked: Checked) -> Scenario:
    scenario, errors, _ = checked
    if scenario is None:
        raise ScenarioError(errors)
    return scenario
