"""What a scenario's warnings say of each resource."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from drsim.scenario import archive, notices, recovery_checks  # noqa: F401  registers the checks
from drsim.scenario.model import Scenario
from drsim.scenario.registry import WARNINGS, Case, Finding
from drsim.scenario.subjects import Subject, subjects

OF_RESOURCES = (
    *("copy-ignored", "single-action-copy", "target-vault-elsewhere", "air-gapped-ignored", "cold-ignored"),
    *("archive-ignored", "continuous-ignored", "two-continuous-rules", "daily-snapshots", "needs-with-data"),
    *("unprotected", "cloudformation"),
)
"""Checks that find something about single resources; the others are about applications, rules or the whole."""


@dataclass(frozen=True)
class _Alone(Case):
    """A scenario under check with the eyes on one resource: a check then names no other, and leaves none out."""

    only: Subject

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """The resource by name."""
        return {self.only.name: self.only}


def findings_by_resource(scenario: Scenario) -> dict[str, tuple[Finding, ...]]:
    """Return what checks warn of by resource; resources without a warning are left out.

    Args:
        scenario: a right one.
    """
    by_name = {
        name: tuple(_of(_Alone(scenario, scenario.catalogue, subject))) for name, subject in subjects(scenario).items()
    }
    return {name: findings for name, findings in by_name.items() if findings}


def _of(case: _Alone) -> Iterator[Finding]:
    for name in OF_RESOURCES:
        yield from WARNINGS[name](case)
