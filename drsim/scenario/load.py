"""Scenario files and texts to scenarios, with all problems at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from drsim.catalogue import Catalogue, load_catalogue
from drsim.errors import Problem, ScenarioError, by_weight
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
from drsim.scenario.document_words import in_own_words
from drsim.scenario.documents import Documents
from drsim.scenario.model import Scenario
from drsim.scenario.places import places_of
from drsim.scenario.registry import ERRORS, WARNINGS, Case
from drsim.scenario.shape import validate
from drsim.scenario.source import Plain, Refused, decode, plain, read_bytes, read_yaml
from drsim.scenario.trial import Checking, found_by, is_below, state_of

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
    checking = Checking(root, data, catalogue)
    scenario, refused_values, replaced = validate(data, root, catalogue)
    # a plan that could not be read has no rules to be missed
    problems += [p for p, loc in zip(refused_values, replaced, strict=True) if not is_below(loc, unread)]
    if scenario is None:
        return None, _in_order(problems, root.file), ()
    case = Case(scenario, catalogue)
    problems += checking.problems(found_by(ERRORS, case, replaced), lambda: state_of(case, refused_values))
    if problems:
        return None, _in_order(problems, root.file), by_weight(documents.notes)
    found = found_by(WARNINGS, case, [])
    warned = checking.problems(found, lambda: state_of(case, (), found))
    notes = by_weight(_in_order([*documents.notes, *warned], root.file))
    return scenario.read_from(_self_contained(data), notes, places_of(root)), (), notes


def _self_contained(data: dict[str, Plain]) -> dict[str, Plain]:
    """Return the data without the paths of plan documents, whose rules stand in it."""
    plans = data.get("backup_plans")
    if not isinstance(plans, dict):
        return data
    inlined: dict[str, Plain] = {}
    for name, plan in plans.items():
        inlined[name] = {k: v for k, v in plan.items() if k != "file"} if isinstance(plan, dict) else plan
    return {**data, "backup_plans": inlined}


def _in_order(problems: Iterable[Problem], file: str) -> tuple[Problem, ...]:
    """Return problems, each once, by file and line; of plan documents in their words.

    Args:
        problems: any.
        file: the scenario's.
    """
    return tuple(sorted(dict.fromkeys(each if each.file == file else in_own_words(each) for each in problems)))


def _or_raise(checked: Checked) -> Scenario:
    scenario, errors, _ = checked
    if scenario is None:
        raise ScenarioError(errors)
    return scenario
