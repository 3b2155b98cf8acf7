"""Scenario files and texts to scenarios, with all problems at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from drsim.catalogue import Catalogue, load_catalogue
from drsim.errors import Problem, ScenarioError, by_weight
from drsim.scenario import (  # noqa: F401  registers the checks
    archive,
    completion_checks,
    notices,
    option_checks,
    overlaps,
    plan_checks,
    planning_checks,
    premises_checks,
    recovery_checks,
    references,
    regions,
    retention_checks,
    scan_checks,
    selector_checks,
    tiering_checks,
    vault_checks,
)
from drsim.scenario.document_words import in_own_words
from drsim.scenario.documents import Documents
from drsim.scenario.fields import keys_at
from drsim.scenario.model import Scenario
from drsim.scenario.no_scenario import no_scenario
from drsim.scenario.nodes import Plain, Refusal, plain
from drsim.scenario.places import places_of
from drsim.scenario.printing import cleared
from drsim.scenario.registry import ERRORS, WARNINGS, Case
from drsim.scenario.shape import MOST_ALIKE, MOST_UNKNOWN, more_alike, validate
from drsim.scenario.source import decode, read_bytes
from drsim.scenario.trial import Checking, found_by, is_below, state_of
from drsim.scenario.yaml_text import read_yaml
from drsim.text import cut, printable

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
    except Refusal as refused:
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
        decoded = decode(content, file)
    except Refusal as refused:
        return None, (refused.problem,), ()
    try:
        _refuse_other_keys(decoded, file)
        root, problems = read_yaml(decoded, file)
    except Refusal as refused:
        return None, (no_scenario(decoded, file) or refused.problem,), ()
    if (other := no_scenario(decoded, file, root)) is not None:
        return None, (other,), ()
    catalogue = catalogue or load_catalogue()
    documents = Documents(root, base, catalogue)
    root, unread = documents.put_in_place()
    root, unprintable = cleared(root)
    problems += documents.problems + unprintable
    given = {"drills": drills, "seed": seed}
    data: dict[str, Plain] = {"name": printable(Path(file).stem)}
    data |= {key: plain(value) for key, (_, value) in (root.entries or {}).items()}
    data |= {key: value for key, value in given.items() if value is not None}
    checking = Checking(root, data, catalogue)
    scenario, refused_values, replaced = validate(data, root, catalogue)
    # a plan that could not be read has no rules to be missed
    problems += [p for p, loc in zip(refused_values, replaced, strict=True) if not is_below(loc, unread)]
    if scenario is None:
        return None, _in_order(problems, root.file), ()
    case = Case(scenario, catalogue)
    findings = found_by(ERRORS, case, replaced, MOST_ALIKE + 1)
    problems += _summed_up(checking.problems(findings, lambda: state_of(case, refused_values)))
    if problems:
        return None, _in_order(problems, root.file), by_weight(documents.notes)
    findings = found_by(WARNINGS, case, [])
    warned = checking.problems(findings, lambda: state_of(case, (), findings))
    notes = by_weight(_in_order([*documents.notes, *warned], root.file))
    return scenario.read_from(_self_contained(data), notes, places_of(root)), (), notes


_TOP_KEY = re.compile(r"^([A-Za-z0-9_][^\s:#]{0,200}):(?=\s|$)", re.MULTILINE)
_MOST_TOP_KEYS = 1000


def _refuse_other_keys(text: str, file: str) -> None:
    """Refuse a text that has very many keys of its own, all the others being a wait for the same answer.

    Raises:
        Refusal: the first of them, and how many there are.
    """
    if text.count("\n") <= _MOST_TOP_KEYS:
        return
    known = keys_at(())
    unknown = [match for match in _TOP_KEY.finditer(text) if match[1] not in known]
    if len(unknown) > _MOST_TOP_KEYS:
        names = ", ".join(f"`{printable(cut(match[1]))}`" for match in unknown[:MOST_UNKNOWN])
        line = text.count("\n", 0, unknown[0].start()) + 1
        what = f"{len(unknown):,} keys are not read here, the first {MOST_UNKNOWN}: {names}"
        repair = f"keys that may stand here: {', '.join(known)}"
        raise Refusal(Problem(file, line, "unknown-key", what, "unknown keys are refused", repair))


def _self_contained(data: dict[str, Plain]) -> dict[str, Plain]:
    """Return the data without the paths of plan documents, whose rules stand in it."""
    plans = data.get("backup_plans")
    if not isinstance(plans, dict):
        return data
    inlined: dict[str, Plain] = {}
    for name, plan in plans.items():
        inlined[name] = {k: v for k, v in plan.items() if k != "file"} if isinstance(plan, dict) else plan
    return {**data, "backup_plans": inlined}


def _summed_up(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems, one in place of all beyond the most that are told of a check."""
    told = Counter[str]()
    listed = []
    for problem in problems:
        told[problem.check] += 1
        listed.append(more_alike(problem) if told[problem.check] > MOST_ALIKE else problem)
    return listed


def _in_order(problems: Iterable[Problem], file: str) -> tuple[Problem, ...]:
    """Return problems, each once, by file and line; of plan documents in their words.

    Args:
        problems: any.
        file: the scenario's.
    """
    return tuple(
        sorted(dict.fromkeys(problem if problem.file == file else in_own_words(problem) for problem in problems))
    )


def _or_raise(checked: Checked) -> Scenario:
    scenario, errors, _ = checked
    if scenario is None:
        raise ScenarioError(errors)
    return scenario
