"""What AWS can do for the resources of an estate, as a table of text."""

from __future__ import annotations

from drsim.catalogue import Catalogue, load_catalogue
from drsim.report.tables import Column, Table
from drsim.scenario import Scenario, subjects

_ASKED = {
    "continuous": "continuous backup",
    "cross-region": "copies to other Regions",
    "cross-account": "copies to other accounts",
    "cold-storage": "cold storage",
    "incremental": "incremental",
    "item-level-restore": "item-level restore",
    "air-gapped-vault": "air-gapped vault",
}
_WORDS = {True: "yes", False: "no", None: "unknown"}


def capabilities(scenario: Scenario, catalogue: Catalogue | None = None) -> Table:
    """Return what AWS Backup can do for each resource, as of the scenario's date.

    Args:
        scenario: a right one.
        catalogue: of the types, the shipped one where left out.
    """
    catalogue = catalogue or load_catalogue()
    rows = []
    for name, subject in subjects(scenario).items():
        kind = catalogue.types[subject.resource.type]
        answers = (_WORDS[kind.can(asked, scenario.as_of)] for asked in _ASKED)
        features = ", ".join(kind.replication) or "none"
        rows.append((name, kind.name, *answers, features))
    columns = (
        Column("resource"),
        Column("type"),
        *(
            Column(title, rank=2 if asked in ("incremental", "item-level-restore", "air-gapped-vault") else 0)
            for asked, title in _ASKED.items()
        ),
        Column("replication features", rank=2),
    )
    on = f"as of {scenario.as_of}" if scenario.as_of else f"newest knowledge, catalogue of {catalogue.version}"
    note = "A feature that a type lacks is ignored by AWS Backup, or refused; the page Catalogue has the sources."
    return Table(f"What AWS Backup can do for each resource ({on})", columns, tuple(rows), (note,))
