"""Mangled scenarios and plan documents, each a pure function of its number, so that a failure is made again."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drsim.scenario.nodes import Refusal
from tests.mangled.changes import CHANGES, flip

ROOT = Path(__file__).parents[2]


_SCENARIOS = ("scenarios", "tests/data/scenarios", "tests/data/by_hand", "tests/data/warned")


@dataclass(frozen=True)
class Mangling:
    """A scenario that was changed, its plan documents, and the command that reads it.

    Attributes:
        number: it is made of.
        source: path of what was changed, from the root of the project.
        changes: what was done.
        files: contents by name; the scenario is `scenario.yaml`.
        words: of the command, after `drsim`; `{out}` stands for a folder to write to.
    """

    number: int
    source: str
    changes: tuple[str, ...]
    files: Mapping[str, bytes]
    words: tuple[str, ...]


def sources() -> list[Path]:
    """Return what is mutated: scenarios, shipped and of the tests, and plan documents."""
    right = [path for folder in _SCENARIOS for path in sorted((ROOT / folder).rglob("*.yaml"))]
    right += sorted((ROOT / "tests/data/plans").glob("*.json"))
    # what is right goes further
    return right * 3 + sorted((ROOT / "tests/cli/bad").glob("*.yaml"))


_HOST = """
sites: {home: {region: us-east-1, account: production, account_id: "111122223333"}}
applications: {app: {site: home, objectives: {rpo: 1 d, rto: 1 d}, resources: {db: {type: EBS, size: 500 GB}}}}
backup_plans: {plan: {file: plan.json}}
strategies: {s: {backup: plan}}
disruptions: {deleted: {kind: accidental-deletion}, region: {kind: region-loss}}
"""
"""A scenario around a plan document."""


def mangling(number: int, corpus: Sequence[Path]) -> Mangling:
    """Return a mangled file, the same for the same number and corpus."""
    luck = random.Random(f"mutant {number}")  # noqa: S311  # it has to be repeatable
    path = corpus[number % len(corpus)]
    content = path.read_bytes()
    changes: list[str] = []
    for _ in range(luck.choice((1, 1, 1, 2, 3, 5))):
        change = luck.choice(CHANGES)
        try:
            content = change(luck, content)
        except (Refusal, ValueError, IndexError, RecursionError):  # nothing there to change so
            change, content = flip, flip(luck, content)
        changes.append(change.__name__.strip("_"))
    is_plan = path.suffix == ".json"
    files = {"plan.json": content, "scenario.yaml": _HOST.encode()} if is_plan else {"scenario.yaml": content}
    for beside in () if is_plan else sorted(path.parent.rglob("*.json")):
        files[str(beside.relative_to(path.parent))] = beside.read_bytes()
    command = luck.choice(_COMMANDS)
    return Mangling(number, str(path.relative_to(ROOT)), tuple(changes), files, command)


_COMMANDS: tuple[tuple[str, ...], ...] = (
    *(("run", "scenario.yaml", "--drills", "20", "--workers", "1", "--out", "{out}"),) * 7,
    ("run", "scenario.yaml", "--drills", "5", "--workers", "1", "--clock", "process", "--out", "{out}"),
    ("run", "scenario.yaml", "--drills", "20", "--workers", "1", "--format", "json", "--fail-on", "undecided"),
    ("check", "scenario.yaml"),
    ("lifetime", "scenario.yaml", "--years", "2", "--runs", "2", "--workers", "1"),
)
