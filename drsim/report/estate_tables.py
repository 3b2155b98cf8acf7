"""What AWS can do for the resources of an estate, and what it ignores of what is asked for, as tables of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from drsim.errors import Problem
from drsim.report.tables import Column, Table
from drsim.scenario import Scenario, subjects
from drsim.scenario.by_resource import OF_RESOURCES, findings_by_resource
from drsim.scenario.nodes import Loc

_ASKED = {
    "continuous": "continuous backup",
    "cross-region": "copies to other Regions",
    "cross-account": "copies to other accounts",
    "cold-storage": "cold storage",
    "incremental": "incremental",
    "item-level-restore": "item-level restore",
    "air-gapped-vault": "air-gapped vault",
}
_RANKS = {"incremental": 3, "item-level-restore": 3, "air-gapped-vault": 2}
"""Which columns go first where there is no room: those that no plan asks for."""

_KEYS = {"unrecoverable_cost": "cost of losing all"}
"""Keys of scenarios in words, where a check names one that the page's tables show."""

_WORDS = {True: "yes", False: "no", None: "unknown"}


def capabilities(scenario: Scenario) -> Table:
    """Return what the cloud's backup service can do for each resource, as of the scenario's date.

    Args:
        scenario: a right one.
    """
    catalogue = scenario.catalogue
    rows = []
    for name, subject in subjects(scenario).items():
        kind = catalogue.type_of(subject.resource)
        answers = (_WORDS[kind.can(capability, scenario.as_of)] for capability in _ASKED)
        features = ", ".join(kind.replication) or "none"
        rows.append((name, kind.label, *answers, features))
    columns = (
        Column("resource"),
        Column("type"),
        *(Column(title, rank=_RANKS.get(capability, 0)) for capability, title in _ASKED.items()),
        Column("replication features", rank=2),
    )
    on = f"as of {scenario.as_of}" if scenario.as_of else f"newest knowledge, catalogue of {catalogue.version}"
    service = catalogue.service
    note = f"A feature that a type lacks is ignored by {service}, or refused; the page Catalogue has the sources."
    return Table(f"What {service} can do for each resource ({on})", columns, tuple(rows), (note,))


def ignored(scenario: Scenario, warnings: Iterable[Problem]) -> Table:
    """Return what AWS ignores of a scenario or does otherwise, by resource, and what else its check warns of.

    Args:
        scenario: a right one.
        warnings: of its check.
    """
    rows: list[tuple[str, ...]] = []
    for name, findings in findings_by_resource(scenario).items():
        plans: dict[tuple[str, str], list[str]] = {}
        for problem in findings:
            words = _sentence(problem.found.replace(f" ({name})", "")), _sentence(problem.rule)
            plans.setdefault(words, []).extend(_plan(problem.loc))
        rows += [(name, *words, ", ".join(dict.fromkeys(where))) for words, where in plans.items()]
    others = [problem for problem in warnings if problem.check not in OF_RESOURCES]
    rows += [("the scenario", _sentence(problem.found), _sentence(problem.rule), "") for problem in others]
    columns = (Column("resource"), Column("warning"), Column("what follows"), Column("plan", rank=2))
    first = [name if k == 0 or rows[k - 1][0] != name else "" for k, (name, *_) in enumerate(rows)]
    cells = tuple((head, *row[1:]) for head, row in zip(first, rows, strict=True))
    return Table(f"What {scenario.catalogue.cloud} ignores or does otherwise, and what else to know", columns, cells)


def _sentence(text: str) -> str:
    """Return what a check says for readers of pages: keys and names in quotation marks."""
    return re.sub("`([^`]*)`", lambda mark: _KEYS.get(mark[1], f"“{mark[1]}”"), text)


def _plan(loc: Loc) -> Iterator[str]:
    """Yield the plan that a place in a scenario is of; none where it is of no plan."""
    if loc[0] == "backup_plans":
        yield str(loc[1])


def places(scenario: Scenario) -> Table:
    """Return where each resource stands, and which zones of its Region an outage of one may find it in.

    Args:
        scenario: a right one.
    """
    catalogue = scenario.catalogue
    zones = int(catalogue.zones_per_region.value)
    rows = []
    for name, subject in subjects(scenario).items():
        resource, site = subject.resource, scenario.sites[scenario.applications[subject.application].site]
        kind = catalogue.type_of(resource)
        deployment = resource.deployment or kind.deployment
        needs = resource.count if resource.needs is None else resource.needs
        members = f"{needs} of {resource.count}" if resource.count > 1 else ""
        zone = _zone(deployment, site.zone, resource.count, zones)
        rows.append((name, site.region, site.account, deployment, zone, members))
    columns = (
        *(Column(title) for title in ("resource", "Region")),
        Column("account", rank=2),
        Column("deployment", rank=1),
        Column("zone"),
        Column("members needed", numeric=True),
    )
    note = f"A Region is taken to have {zones} zones. A resource that is spread over zones outlives the loss of one."
    return Table("Where the resources stand", columns, tuple(rows), (note,))


def _zone(deployment: str, zone: str | None, count: int, zones: int) -> str:
    """Return in which zone a resource stands, in words."""
    if deployment == "regional":
        return "all zones"
    where = zone if zone is not None else f"unknown: one of {zones}, drawn in each drill"
    if deployment == "multi-az":
        return f"{where}; a standby in another"
    if count > 1 and zone is None:
        return f"{count} members in turn over {zones} zones, the first drawn in each drill"
    return where
