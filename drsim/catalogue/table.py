"""AWS's table of what each type supports, as of a day, and where the table of 2023 was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from drsim.catalogue.model import TABLE_COLUMNS
from drsim.catalogue.store import Catalogue, load_catalogue

_WORDS = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True)
class SeedError:
    """A cell in which the table of early 2023 and the catalogue differ for the same day.

    Attributes:
        type: name of the resource type.
        capability: the column.
        seed: what the table of 2023 says, `yes` or `no`.
        right: what the catalogue says instead.
        why: the evidence.
    """

    type: str
    capability: str
    seed: str
    right: str
    why: str


_NO_RULE = (
    "AWS Config had no rule for this type in June 2023, and Audit Manager builds on these rules; "
    "AWS's own table of 2026 leaves the cell empty too"
)

SEED_ERRORS = (
    SeedError("DocumentDB", "audit", "yes", "no", _NO_RULE),
    SeedError("Neptune", "audit", "yes", "no", _NO_RULE),
    SeedError("Timestream", "audit", "yes", "no", _NO_RULE),
    SeedError(
        "Timestream",
        "full-management",
        "no",
        "yes",
        "its backups are encrypted independently, which only fully managed types are; "
        "the end of the row stands one cell too far to the right",
    ),
    SeedError(
        "Timestream",
        "item-level-restore",
        "yes",
        "no",
        "a restore makes a whole new table; the end of the row stands one cell too far to the right",
    ),
)
"""The cells of the table of early 2023 that were wrong on their own day."""


def capability_table(on: date, catalogue: Catalogue | None = None) -> list[tuple[str, dict[str, str]]]:
    """Return AWS's table as of a day: rows of type name and `yes`, `no` or `unknown` by column.

    Args:
        on: the day; types that AWS Backup did not support then have no row.
        catalogue: the one to read; the shipped one where left out.
    """
    types = (catalogue or load_catalogue()).types
    return [
        (name, {column: _WORDS[kind.can(column, on)] for column in TABLE_COLUMNS})
        for name, kind in types.items()
        if kind.supported <= on
    ]
